//! `budget`, and what `ask` says where one is in the way: the shapes other programs rely on, and the exit codes.

use insta::assert_json_snapshot;
use serde_json::{Value, json};

use crate::support::{Cli, Outcome, Server, settled};

fn set(cli: &Cli, more: &[&str]) -> Outcome {
    let words = ["budget", "set", "--json", "--period", "total", "--simulated", "--name", "Lunch"];
    cli.run(&[&words, more].concat())
}

/// Without what differs from one time to the next.
fn steady(mut value: Value) -> Value {
    if let Some(budgets) = value.as_array_mut() {
        for budget in budgets {
            for name in ["period_start", "period_end"] {
                if budget[name].is_string() {
                    budget[name] = "[time]".into();
                }
            }
        }
    }
    settled(value)
}

#[test]
fn a_budget_is_made_changed_shown_and_removed() {
    let cli = Cli::new();
    let made = set(&cli, &["--limit", "0.50", "--on-limit", "cheaper", "--cheaper-to", "demo/swift"]);
    assert_eq!(made.code, Some(0), "{}", made.err);
    assert_json_snapshot!("budget", steady(Value::Array(made.objects())));
    let changed = set(&cli, &["--limit", "2", "--alerts", "90"]).objects();
    assert_eq!(
        (changed.len(), &changed[0]["limit_usd"]),
        (1, &json!("2")),
        "repeating it makes nothing twice"
    );
    let csv = cli.run(&["budget", "--format", "csv"]).out;
    assert!(csv.lines().nth(1).unwrap().ends_with(",demo/swift,"), "as it is written: {csv}");
    assert_eq!(
        (&changed[0]["on_limit"], &changed[0]["cheaper_targets"], &changed[0]["simulated"]),
        (&json!("cheaper"), &json!(["demo/swift"]), &json!(true)),
        "what is not named stays as it was"
    );
    let by_name = cli.run(&["budget", "set", "--json", "--budget", "Lunch", "--limit", "3"]).objects();
    let kept =
        |budget: &Value| (budget["alert_percents"].clone(), budget["scope"].clone(), budget["id"].clone());
    assert_eq!((kept(&by_name[0]), &by_name[0]["limit_usd"]), (kept(&changed[0]), &json!("3")));
    let cleared =
        cli.run(&["budget", "set", "--json", "--name", "Lunch", "--cheaper-to", "none", "--alerts", "none"]);
    let cleared = &cleared.objects()[0];
    assert_eq!((&cleared["cheaper_targets"], &cleared["alert_percents"]), (&json!([]), &json!([])));
    let paused = cli.run(&["budget", "pause", "Lunch", "--json"]).objects();
    assert_eq!((&paused[0]["paused"], &paused[0]["limit_usd"]), (&json!(true), &json!("3")));
    assert_eq!(cli.run(&["budget", "resume", "Lunch", "--json"]).objects()[0]["paused"], false);
    let scoped = cli.run(&["budget", "set", "--limit", "9", "--period", "rolling:7", "--scope", "tag:work"]);
    assert!(scoped.out.contains("work in 7 days") && scoped.out.contains("AT THE END"), "{}", scoped.out);
    assert!(scoped.err.contains("No conversation has the tag “work” yet."), "{}", scoped.err);
    let csv = cli.run(&["budget", "list", "--format", "csv"]).out;
    assert!(csv.starts_with("id,name,scope,period,limit_usd,spent_usd"), "{csv}");
    assert!(csv.contains(",tag:work,rolling:7,9,0,"), "{csv}");
    assert!(csv.lines().next().unwrap().ends_with(",scope_label,cheaper_targets,unpriced_allowed"), "{csv}");
    let left = cli.run(&["budget", "remove", "Lunch", "--format", "json"]).objects();
    assert_eq!((left.len(), &left[0]["scope"]), (1, &json!("tag:work")));
    let check = cli.run(&["budget", "check", "--json"]);
    assert_eq!((check.code, &check.objects()[0]["sound"]), (Some(0), &json!(true)));
    let check = cli.run(&["budget", "check", "--format", "csv"]).out;
    assert_eq!(check, "sound,periods,wrong,under_way,orphans\ntrue,7,0,0,0\n");
}

#[test]
fn what_makes_no_budget_is_refused() {
    let cli = Cli::new();
    for wrong in [
        ["--limit", "0", "--scope", "everything"],
        ["--limit", "five", "--scope", "everything"],
        ["--limit", "1", "--scope", "lunch:today"],
        ["--limit", "1", "--scope", "model:gpt"],
        ["--limit", "1", "--scope", "source:chats"],
        ["--limit", "1", "--scope", "provider:opnai"],
    ] {
        assert_eq!(set(&cli, &wrong).code, Some(2), "{wrong:?}");
    }
    let new = cli.run(&["budget", "set", "--limit", "1"]);
    assert!(new.code == Some(2) && new.err.contains("--period"), "{}", new.err);
    let unknown = cli.run(&["budget", "remove", "Dinner", "--json"]);
    assert_eq!((unknown.code, &unknown.error()["code"]), (Some(2), &json!("bad_budget")));
}

#[test]
fn a_budget_in_the_way_has_its_own_exit_code_and_its_ways_out_work() {
    let cli = Cli::new();
    set(&cli, &["--limit", "0.05"]);
    let ask = |more: &[&str]| cli.run(&[&["ask", "--json", "-m", "demo/scholar", "Hello"], more].concat());
    let refused = ask(&[]);
    assert_eq!((refused.code, refused.out.as_str()), (Some(3), ""), "{}", refused.err);
    let error = refused.error();
    assert_eq!(error["code"], "over_budget");
    let stop = &error["over_budget"];
    assert_eq!(
        (&stop["budgets"][0]["name"], &stop["budgets"][0]["limit_usd"]),
        (&json!("Lunch"), &json!("0.05"))
    );
    assert!(stop["cap_that_fits"].as_u64().unwrap() >= 200 && stop["cheaper_fits"] == true, "{stop}");
    let cheaper = ask(&["--cheaper"]).answer();
    assert!(cheaper["model_requested"] != "scholar" && cheaper["state"] == "complete", "{cheaper}");
    let cap = ask(&[]).error()["over_budget"]["cap_that_fits"].to_string();
    let capped = ask(&["--cap-tokens", &cap]).answer();
    assert!(capped["usage"]["output"].as_u64().unwrap() <= cap.parse().unwrap(), "{capped}");
    assert_eq!(ask(&["--over-budget", "Lunch"]).answer()["model_requested"], "scholar");
    let budgets = cli.run(&["budget", "list", "--json"]).objects();
    assert!(budgets[0]["overridden_usd"] != "0", "{budgets:?}");
    let consents = cli.run(&["budget", "overrides", "Lunch", "--json"]).objects();
    assert_eq!(
        (&consents[0]["why"], &consents[0]["question"]),
        (&json!("limit"), &Value::Null),
        "what is asked here is not kept, what was let through is"
    );
    assert_eq!(consents[0]["over_usd"], budgets[0]["overridden_usd"]);
    let csv = cli.run(&["budget", "overrides", "Lunch", "--format", "csv"]).out;
    assert!(csv.starts_with("at,why,over_usd") && csv.contains(",limit,"), "{csv}");
    let table = cli.run(&["ask", "-m", "demo/scholar", "Hello"]);
    assert!(table.err.contains("“Lunch”") && table.err.contains("Nothing was sent"), "{}", table.err);
}

#[test]
fn a_key_of_the_environment_is_not_counted_twice() {
    let cli = Cli::new();
    let of_key = |limit: &str| {
        let scope = ["--period", "day", "--scope", "key:env:OPENAI_API_KEY"];
        cli.run(&[&["budget", "set", "--json", "--limit", limit], &scope[..]].concat()).objects()
    };
    let (first, again) = (of_key("1"), of_key("2"));
    assert_eq!((again.len(), &again[0]["id"]), (1, &first[0]["id"]), "{again:?}");
    let provider = |written: &str| {
        let scope = format!("provider:{written}");
        cli.run(&["budget", "set", "--json", "--limit", "3", "--period", "day", "--scope", &scope]).objects()
    };
    assert_eq!((provider("OpenAI").len(), provider("openai").len()), (2, 2));
    let warns = cli.run(&[
        "budget",
        "set",
        "--json",
        "--limit",
        "1",
        "--period",
        "week",
        "--on-limit",
        "warn",
        "--alerts",
        "50",
    ]);
    assert_eq!(
        warns.objects()[2]["alert_percents"],
        json!([50, 100]),
        "a warning comes at the limit at least"
    );
}

#[test]
fn vectors_that_a_budget_has_no_room_for_say_so_as_answers_do_and_can_be_let_through() {
    let (cli, server) = (Cli::new(), Server::start());
    let base_url = server.emulator.base_url();
    let add = ["providers", "add", "--id", "house", "--kind", "ollama", "--base-url", &base_url];
    let price = ["models", "price", "set", "house/vectors", "--input", "1000", "--output", "0"];
    let limit = ["budget", "set", "--limit", "0.0000001", "--period", "total", "--name", "Lunch"];
    for words in [&add[..], &price, &limit] {
        assert_eq!(cli.run(words).code, Some(0));
    }
    let embed =
        |more: &[&str]| cli.run(&[&["embed", "--json", "-m", "house/vectors", "A text"], more].concat());
    let refused = embed(&[]);
    assert_eq!((refused.code, refused.out.as_str()), (Some(3), ""), "{}", refused.err);
    let error = refused.error();
    let budget = &error["over_budget"]["budgets"][0];
    assert_eq!((&error["code"], &budget["name"]), (&json!("over_budget"), &json!("Lunch")), "{error}");
    assert_eq!((&budget["limit_usd"], &budget["spent_usd"]), (&json!("0.0000001"), &json!("0")));
    assert!(budget["needed_usd"] != "0" && budget["missing_usd"] != "0", "{error}");
    assert_eq!(embed(&["--over-budget", "Lunch"]).code, Some(0));
    assert_eq!(cli.run(&["budget", "overrides", "Lunch", "--json"]).objects().len(), 1);
    assert_eq!(cli.run(&["models", "price", "clear", "house/vectors"]).code, Some(0));
    assert_eq!(cli.run(&["budget", "set", "--budget", "Lunch", "--limit", "9"]).code, Some(0));
    let unpriced =
        |more: &[&str]| cli.run(&[&["embed", "-m", "house/vectors", "Another"], more].concat()).code;
    assert_eq!((unpriced(&[]), unpriced(&["--allow-unpriced"])), (Some(3), Some(0)));
}
