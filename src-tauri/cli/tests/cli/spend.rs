//! `ledger` with ranges, filters and sums: one number in every form.

use roundtable_domain::PicoUsd;
use serde_json::{Value, json};

use crate::support::Cli;

fn pico(usd: &str) -> i64 {
    usd.parse::<PicoUsd>().unwrap().as_pico()
}

fn of(value: &Value) -> i64 {
    value.as_str().map_or(0, pico)
}

/// Some calls to demo models, whose prices are invented.
fn asked() -> Cli {
    let cli = Cli::new();
    for (model, prompt) in [("demo/swift", "Hello"), ("demo/scholar", "Why?"), ("demo/swift", "And then?")] {
        let outcome = cli.run(&["ask", "--json", "-m", model, "--max-tokens", "9", "--tag", "boats", prompt]);
        assert_eq!(outcome.code, Some(0), "{}", outcome.err);
    }
    cli
}

/// The names of an object, in their order.
fn names(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
#[expect(clippy::too_many_lines, reason = "one total, followed through every form")]
fn sums_are_the_same_in_every_form() {
    let cli = asked();
    let total = {
        let plain = cli.run(&["ledger", "--json"]);
        of(&plain.of_type("totals")[0]["simulated_usd"])
    };
    assert!(total > 0);
    let ranks = cli.run(&["ledger", "--json", "--simulated", "--by", "model", "--range", "today"]);
    assert_eq!(ranks.code, Some(0), "{}", ranks.err);
    assert_eq!(
        names(&ranks.of_type("rank")[0]),
        [
            "type",
            "name",
            "label",
            "usd",
            "estimated_usd",
            "at_least",
            "requests",
            "unpriced",
            "input_tokens",
            "cached_tokens",
            "output_tokens",
            "share_percent",
            "success_percent",
            "average_ms"
        ]
    );
    assert_eq!(
        names(&ranks.of_type("sums")[0]),
        [
            "type",
            "from",
            "until",
            "zone",
            "simulated",
            "usd",
            "estimated_usd",
            "at_least",
            "requests",
            "unpriced",
            "input_tokens",
            "cached_tokens",
            "output_tokens",
            "corrections",
            "success_percent",
            "today",
            "before_usd",
            "before_from",
            "before_until",
            "forecast_usd",
            "forecast_until",
            "tightest",
            "saved_usd",
            "prompt_cache_saved_usd",
            "fallback_waste_usd"
        ]
    );
    assert_eq!(ranks.of_type("rank").iter().map(|rank| of(&rank["usd"])).sum::<i64>(), total);
    assert_eq!(of(&ranks.of_type("sums")[0]["usd"]), total);

    let columns = cli.run(&[
        "ledger",
        "--format",
        "json",
        "--simulated",
        "--by",
        "source",
        "--step",
        "day",
        "--range",
        "3d",
    ]);
    assert_eq!(
        columns.of_type("column").iter().map(|column| of(&column["total"])).sum::<i64>(),
        total,
        "{}",
        columns.out
    );
    assert_eq!(names(&columns.of_type("column")[0]), ["type", "from", "values", "total"]);

    let entries = cli.run(&["ledger", "--json", "--simulated", "--range", "all"]);
    assert_eq!(entries.of_type("entry").iter().map(|entry| of(&entry["usd"])).sum::<i64>(), total);
    for words in [&["--by", "model"][..], &["--range", "all"][..]] {
        let csv = cli.run(&[&["ledger", "--simulated", "--format", "csv"][..], words].concat()).out;
        let mut lines = csv.lines();
        let place = lines.next().unwrap().split(',').position(|name| name == "usd").unwrap();
        assert_eq!(lines.map(|line| pico(line.split(',').nth(place).unwrap())).sum::<i64>(), total, "{csv}");
    }
    assert!(cli.run(&["ledger", "--by", "model"]).out.contains("0 calls, $0"), "none of it is real");
}

/// All that the Spend room of the window shows: its figures, the hours of the week, and models beside each other.
#[test]
fn the_figures_hours_and_models_of_the_window_are_there_without_one() {
    let cli = asked();
    let limit = ["budget", "set", "--limit", "9", "--period", "day", "--simulated", "--name", "Lunch"];
    assert_eq!(cli.run(&limit).code, Some(0));
    let run = |words: &[&str]| {
        let outcome = cli.run(&[&["ledger", "--simulated", "--range", "today"][..], words].concat());
        assert_eq!(outcome.code, Some(0), "{words:?}: {}", outcome.err);
        outcome
    };
    let json = run(&["--json", "--table", "hours"]);
    let sums = json.of_type("sums").remove(0);
    let total = of(&sums["usd"]);
    assert!(total > 0);
    assert_eq!((of(&sums["today"]["usd"]), &sums["today"]["requests"]), (total, &json!(3)));
    assert_eq!((&sums["success_percent"], &sums["corrections"]), (&json!("100.00"), &json!(0)));
    assert_eq!(
        (&sums["before_usd"], &sums["forecast_usd"]),
        (&Value::Null, &Value::Null),
        "the books begin today"
    );
    assert_eq!(sums["tightest"]["name"], "Lunch");
    assert_eq!(
        pico("9") - of(&sums["tightest"]["left_usd"]),
        total,
        "what the budget counts is what was spent"
    );

    let hours = json.of_type("hour");
    assert_eq!(names(&hours[0]), ["type", "weekday", "hour", "usd", "requests", "unpriced"]);
    assert_eq!(hours.iter().map(|hour| of(&hour["usd"])).sum::<i64>(), total);
    let csv = run(&["--format", "csv", "--table", "hours"]).out;
    let cell = |line: &str, place: usize| line.split(',').nth(place).unwrap().to_owned();
    assert_eq!(csv.lines().skip(1).map(|line| pico(&cell(line, 2))).sum::<i64>(), total, "{csv}");

    let models = run(&["--json", "--table", "models"]).of_type("model");
    assert_eq!(
        names(&models[0]),
        ["type", "name", "label", "requests", "usd_per_request", "average_ms", "picks", "comparisons"]
    );
    assert_eq!((&models[0]["name"], &models[0]["requests"]), (&json!("demo/swift"), &json!(2)));
    let csv = run(&["--format", "csv", "--table", "models"]).out;
    let each: Vec<String> = csv.lines().skip(1).map(|line| cell(line, 3)).collect();
    assert_eq!(
        each,
        models.iter().map(|model| model["usd_per_request"].as_str().unwrap()).collect::<Vec<_>>()
    );

    let table = run(&["--table", "models"]).out;
    for part in ["COST A CALL", "demo/swift", "today: 3 calls, $", "good: 100.00 %", "of $9, “Lunch”"] {
        assert!(table.contains(part), "{part}: {table}");
    }
    assert!(run(&["--table", "hours"]).out.contains("HOUR"));
}

#[test]
fn a_misspelt_name_is_no_empty_bill() {
    let cli = asked();
    for words in [["--provider", "opnai"], ["--source", "chats"], ["--key", "nobody"]] {
        let outcome = cli.run(&[&["ledger", "--json"][..], &words].concat());
        let error = outcome.error();
        assert_eq!((outcome.code, &error["code"]), (Some(2), &json!("bad_filter")), "{words:?}: {error}");
        assert!(error["message"].as_str().unwrap().contains(words[1]), "{error}");
    }
    let near = cli.run(&["ledger", "--provider", "opnai", "--by", "model"]);
    assert!(near.err.contains("did you mean “openai”?"), "{}", near.err);
    for words in [["--provider", "openai"], ["--source", "judge"], ["--key", "env:OPENAI_API_KEY"]] {
        let outcome = cli.run(&[&["ledger"][..], &words].concat());
        assert_eq!(
            (outcome.code, outcome.err.as_str()),
            (Some(0), ""),
            "{words:?}: nothing was spent on it yet"
        );
    }
    for (words, near) in [(["--model", "demo/swfit"], "demo/swift"), (["--tag", "baots"], "boats")] {
        let outcome = cli.run(&[&["ledger"][..], &words].concat());
        assert_eq!(outcome.code, Some(0), "{words:?}: somebody may call it so one day");
        assert!(outcome.err.contains(&format!("did you mean “{near}”?")), "{words:?}: {}", outcome.err);
    }
}

#[test]
fn filters_narrow_and_what_is_no_range_is_said() {
    let cli = asked();
    let requests = |words: &[&str]| {
        let all = [&["ledger", "--json", "--simulated"][..], words].concat();
        let outcome = cli.run(&all);
        assert_eq!(outcome.code, Some(0), "{words:?}: {}", outcome.err);
        outcome.of_type("totals")[0]["simulated_calls"].as_u64().unwrap()
    };
    assert_eq!(requests(&["--range", "week"]), 3);
    assert_eq!(requests(&["--model", "swift", "--range", "all"]), 2, "a bare name");
    assert_eq!(requests(&["--model", "demo/scholar", "--range", "all"]), 1);
    assert_eq!(requests(&["--source", "cli"]), 3);
    assert_eq!(requests(&["--tag", "boats"]), 3);
    assert_eq!(requests(&["--tag", "ships"]), 0);
    assert_eq!(requests(&["--range", "2020-01-01..2020-01-31"]), 0);
    let wrong = cli.run(&["ledger", "--json", "--range", "lunch"]);
    assert_eq!((wrong.code, wrong.error()["code"].clone()), (Some(2), json!("bad_filter")), "{}", wrong.err);
}

#[test]
fn one_entry_has_its_formula_and_calls_their_price_elsewhere() {
    let cli = asked();
    let entries = cli.run(&["ledger", "--json"]).of_type("entry");
    let id = entries[0]["id"].as_str().unwrap();
    let entry = cli.run(&["ledger", "entry", id, "--json"]);
    assert_eq!(entry.code, Some(0), "{}", entry.err);
    let object = entry.objects().remove(0);
    assert_eq!(object, entries[0], "one shape for a list and for one");
    let lines: i64 = object["lines"].as_array().unwrap().iter().map(|line| of(&line["usd"])).sum();
    assert_eq!(lines, of(&object["usd"]));
    assert_eq!(object["tags"], json!(["boats"]));
    let table = cli.run(&["ledger", "entry", id]).out;
    assert!(table.contains("USD PER MILLION") && table.contains("simulated"), "{table}");
    assert_ne!(cli.run(&["ledger", "entry", "0193-nobody"]).code, Some(0));

    let replay = cli.run(&["ledger", "replay", "demo/scholar", "demo/swift", "--simulated", "--json"]);
    let replays = replay.of_type("replay");
    assert_eq!(replays.len(), 2, "{}{}", replay.out, replay.err);
    assert!(of(&replays[0]["usd"]) > of(&replays[0]["actual_usd"]), "{}", replay.out);
    assert_eq!((&replays[1]["at_least"], &replays[0]["requests"]), (&json!(false), &json!(3)));
    let misspelt = cli.run(&["ledger", "replay", "demo/scholar", "demo/swfit", "--simulated"]);
    assert_eq!((misspelt.code, misspelt.out.as_str()), (Some(2), ""), "what nobody knows has no price");
    assert!(misspelt.err.contains("demo/swfit"), "{}", misspelt.err);
}

/// A table, JSON and CSV of the same question hold the same entries.
#[test]
fn every_form_lists_the_same_entries() {
    let cli = asked();
    for words in [
        &[][..],
        &["--limit", "2"],
        &["--limit", "all"],
        &["--model", "demo/scholar"],
        &["--model", "swift", "--provider", "demo"],
        &["--real"],
        &["--simulated", "--range", "today"],
        &["--tag", "boats", "--limit", "1"],
    ] {
        let run = |more: &[&str]| {
            let outcome = cli.run(&[&["ledger"][..], words, more].concat());
            assert_eq!(outcome.code, Some(0), "{words:?} {more:?}: {}", outcome.err);
            outcome
        };
        let ids: Vec<String> = run(&["--json"])
            .of_type("entry")
            .iter()
            .map(|entry| entry["id"].as_str().unwrap().to_owned())
            .collect();
        let csv = run(&["--format", "csv"]).out;
        let first = |line: &str| line.split(',').next().unwrap().to_owned();
        assert_eq!(csv.lines().skip(1).map(first).collect::<Vec<_>>(), ids, "{words:?}");
        // A heading above, the sums below.
        assert_eq!(run(&[]).out.lines().count(), ids.len() + 2, "{words:?}");
    }
    let count = |words: &[&str]| cli.run(&[&["ledger", "--json"][..], words].concat()).of_type("entry").len();
    assert_eq!(count(&["--model", "demo/scholar"]), 1, "provider/model without any other option");
    assert_eq!((count(&["--model", "demo/swift"]), count(&["--model", "swift"])), (2, 2));
    assert_eq!((count(&["--limit", "2"]), count(&["--real"])), (2, 0));
}

#[test]
fn options_that_mean_nothing_together_are_refused() {
    let cli = Cli::new();
    for words in [
        &["--limit", "5", "--by", "model"][..],
        &["--limit", "5", "--step", "day"],
        &["--measure", "tokens"],
        &["--real", "--simulated"],
        &["--limit", "0"],
        &["--conversation", "lunch"],
        &["--table", "hours", "--by", "model"],
        &["--table", "models", "--limit", "5"],
        &["--table", "models", "--measure", "tokens"],
    ] {
        let outcome = cli.run(&[&["ledger"][..], words].concat());
        assert_eq!(outcome.code, Some(2), "{words:?}: {}", outcome.out);
    }
}

/// Columns begin with the user's days in a table as in a file.
#[test]
fn tables_tell_the_users_time() {
    let cli = asked();
    assert_eq!(cli.run(&["settings", "set", "time-zone", "Asia/Kathmandu"]).code, Some(0));
    let words = ["ledger", "--by", "model", "--step", "day", "--simulated", "--range", "2d"];
    let (table, csv) = (cli.run(&words).out, cli.run(&[&words[..], &["--format", "csv"]].concat()).out);
    let begin = csv.lines().nth(1).unwrap().split(',').next().unwrap().to_owned();
    assert!(begin.ends_with("T00:00:00+05:45") && table.contains(&begin), "{table}{csv}");
    assert!(cli.run(&["ledger"]).out.contains("+05:45"));
}
