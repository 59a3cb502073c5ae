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
            "requests",
            "unpriced",
            "input_tokens",
            "cached_tokens",
            "output_tokens",
            "share_basis_points",
            "success_basis_points",
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
            "requests",
            "unpriced",
            "input_tokens",
            "cached_tokens",
            "output_tokens"
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

#[test]
fn filters_narrow_and_what_is_no_range_is_said() {
    let cli = asked();
    let requests = |words: &[&str]| {
        let all = [&["ledger", "--json", "--simulated"][..], words].concat();
        let outcome = cli.run(&all);
        assert_eq!(outcome.code, Some(0), "{words:?}: {}", outcome.err);
        outcome.of_type("sums")[0]["requests"].as_u64().unwrap()
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
    let lines: i64 = object["lines"].as_array().unwrap().iter().map(|line| of(&line["usd"])).sum();
    assert_eq!(lines, of(&object["row"]["usd"]));
    assert_eq!(object["tags"], json!(["boats"]));
    let table = cli.run(&["ledger", "entry", id]).out;
    assert!(table.contains("USD PER MILLION") && table.contains("simulated"), "{table}");
    assert_ne!(cli.run(&["ledger", "entry", "0193-nobody"]).code, Some(0));

    let replay = cli.run(&["ledger", "replay", "demo/scholar", "nowhere/m", "--simulated", "--json"]);
    let replays = replay.of_type("replay");
    assert_eq!(replays.len(), 2, "{}{}", replay.out, replay.err);
    assert!(of(&replays[0]["usd"]) > of(&replays[0]["actual_usd"]), "{}", replay.out);
    assert_eq!((&replays[1]["usd"], &replays[0]["requests"]), (&Value::Null, &json!(3)));
}
