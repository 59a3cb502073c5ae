//! `analysis` and `advice`: how models did, and advice that is followed and taken back from the command line.

use roundtable_emulator::Behaviour;
use serde_json::{Value, json};

use crate::support::{Cli, Server};

/// One question that is meant to have the same answer each time.
const FIXED: [&str; 5] = ["-m", "swift", "--temperature", "0", "What is a monad?"];

/// What each kind of line holds, as `docs/cli.md` says, in the order of the alphabet.
const MODEL: &str = "answers_per_usd cancelled errors label latency requests simulated steps succeeded success target tokens_per_second \
                     trend ttft type unpriced usd usd_per_1k_answer_tokens usd_per_request";
const RECOMMENDATION: &str = "change dismissed effect evidence id kind priority saves_usd subject title type";
const CHANGE: &str = "at automatic cannot_undo change id kind recommendation subject title type undone_at";
const COLUMNS: &str = "model,name,simulated,calls,succeeded,cancelled,success_rate,success_least,success_most,success_verdict,average_ms,\
                       p50_ms,p95_ms,p99_ms,first_token_p50_ms,trend,trend_percent,usd,unpriced_answers,usd_per_call,\
                       usd_per_1k_answer_tokens,answers_per_usd,tokens_per_second,errors";
const FAILED: &str = "at category code conversation_id entry_id id message status total_ms turn_id type";

/// What a line holds, by its names.
fn names(line: &Value) -> String {
    let mut names: Vec<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names.join(" ")
}

fn of_type<'l>(lines: &'l [Value], kind: &str) -> Vec<&'l Value> {
    lines.iter().filter(|line| line["type"] == kind).collect()
}

#[test]
fn what_repeats_is_recommended_followed_and_taken_back() {
    let (cli, server) = (Cli::new(), Server::start());
    assert_eq!(cli.run(&["analysis"]).out, "Nothing was asked in this time.\n");
    assert!(cli.run(&["advice"]).out.starts_with("Nothing to recommend"));
    cli.run(&["cache", "set", "off"]);
    for _ in 0..7 {
        assert_eq!(server.ask(&cli, "openai", &FIXED).answer()["state"], "complete");
    }

    let lines = cli.run(&["analysis", "--json"]).objects();
    assert_eq!((&lines[0]["type"], &lines[0]["automatic"]), (&json!("analysis"), &json!(false)));
    let model = of_type(&lines, "model")[0];
    assert_eq!((&model["requests"], &model["success"]["verdict"]), (&json!(7), &json!("met")));
    assert_eq!(names(model), MODEL);
    let told = of_type(&lines, "recommendation");
    let told = told.iter().find(|one| one["kind"] == "turn_on_cache").unwrap();
    assert_eq!(told["id"], "turn_on_cache:deterministic");
    assert_eq!(names(told), RECOMMENDATION);
    let csv = cli.run(&["analysis", "--format", "csv"]).out;
    assert_eq!(csv.lines().next(), Some(COLUMNS));
    assert_eq!(csv.lines().count(), 2);

    let csv = cli.run(&["advice", "--format", "csv"]).out;
    assert!(csv.contains("\nturn_on_cache:deterministic,turn_on_cache,,"), "{csv}");

    let lines = cli.run(&["advice", "apply", "turn_on_cache:deterministic", "--json"]).objects();
    let changes = of_type(&lines, "change");
    assert_eq!((changes.len(), &changes[0]["undone_at"]), (1, &json!(null)));
    assert_eq!(names(changes[0]), CHANGE);
    assert_eq!(cli.run(&["cache", "--json"]).objects()[0]["mode"], "deterministic");
    let id = changes[0]["id"].as_str().unwrap();
    assert!(cli.run(&["advice", "undo", id]).out.contains("[taken back]"));
    assert_eq!(cli.run(&["cache", "--json"]).objects()[0]["mode"], "off");
    assert_eq!(cli.run(&["advice", "undo", id]).code, Some(1), "once is enough");
}

#[test]
fn advice_is_turned_down_restored_and_followed_by_itself_on_demand() {
    let cli = Cli::new();
    assert!(
        cli.run(&["advice", "auto", "on"]).out.contains("Safe recommendations are followed without asking.")
    );
    assert_eq!(cli.run(&["advice", "--json"]).objects()[0]["automatic"], true, "for the next process too");
    assert!(cli.run(&["advice", "auto", "off"]).out.contains("Nothing is followed without asking."));
    assert_eq!(cli.run(&["advice", "dismiss", "set_budget:everything"]).code, Some(0));
    assert_eq!(cli.run(&["advice", "restore", "set_budget:everything"]).code, Some(0));
    let refused = cli.run(&["advice", "apply", "nothing:at-all", "--json"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("not_found"), "{}", refused.err);
}

#[test]
fn failed_calls_of_a_model_are_listed_with_what_the_provider_said() {
    let (cli, server) = (Cli::new(), Server::start());
    server.emulator.script("swift", vec![Behaviour::HtmlOk, Behaviour::Normal]);
    server.ask(&cli, "openai", &["-m", "swift", "no"]);
    server.ask(&cli, "openai", &["-m", "swift", "yes"]);
    let lines = cli.run(&["analysis", "--json"]).objects();
    let target = of_type(&lines, "model")[0]["target"].as_str().unwrap().to_owned();
    let lines = cli.run(&["analysis", "--errors", &target, "--json"]).objects();
    let failed = of_type(&lines, "failed_call");
    assert_eq!(failed.len(), 1, "one of two: {lines:?}");
    assert_eq!(names(failed[0]), FAILED);
    assert_eq!(failed[0]["category"], "wrong_address", "{failed:?}");
    let csv = cli.run(&["analysis", "--errors", &target, "--format", "csv"]).out;
    assert_eq!(csv.lines().count(), 2, "{csv}");
}
