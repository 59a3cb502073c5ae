//! Exact costs, to the last digit: a dozen cases of our own, and the recorded ones when they are there (`cost_cases.json`
//! beside the folder of `ROUNDTABLE_CORPUS`, default `../shared`).
#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper of a test may fail it")]

use std::path::PathBuf;

use roundtable_domain::UnixMs;
use roundtable_ledger::{Catalogue, CostQuestion, CostReport, cost_report};
use serde_json::Value;

const OWN_CASES: &str = include_str!("cases.json");

fn recorded_cases() -> Option<Value> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let corpus = std::env::var_os("ROUNDTABLE_CORPUS").map_or_else(beside, PathBuf::from);
    let text = std::fs::read(corpus.parent()?.join("cost_cases.json")).ok()?;
    serde_json::from_slice(&text).ok()
}

fn text<'a>(case: &'a Value, field: &str) -> &'a str {
    case[field].as_str().unwrap_or_default()
}

const ASKED: CostQuestion<'static> = CostQuestion {
    provider: "p",
    api: "openai",
    model: "m",
    usage: "{}",
    prices: None,
    flags: None,
    at: UnixMs(0),
};

fn report(case: &Value) -> CostReport {
    let question = CostQuestion {
        provider: text(case, "provider"),
        api: text(case, "api"),
        model: text(case, "model"),
        usage: &case["usage"].to_string(),
        prices: Some(&case["prices_usd_per_mtok"].to_string()),
        flags: Some(&case["flags"].to_string()),
        at: UnixMs(0),
    };
    cost_report(Catalogue::builtin(), &question).unwrap_or_else(|error| panic!("{}: {error}", case["id"]))
}

/// What differs between a report and its case; empty when nothing does.
///
/// Gemini's tool-use prompt tokens have two readings; ours is that they are billed (`expected_cost_usd`), because
/// promising too little would break a budget.
fn differences(case: &Value) -> Vec<String> {
    let found = report(case);
    let mut wrong = Vec::new();
    if found.usd.as_deref() != case["expected_cost_usd"].as_str() {
        wrong.push(format!("usd {:?}, expected {}", found.usd, case["expected_cost_usd"]));
    }
    let expected = case["breakdown"].as_array().map_or(&[][..], Vec::as_slice);
    // A stated charge needs no breakdown, so a case may leave it out; ours then shows counts and list prices.
    if expected.is_empty() && case["mode"] == "use_provider_reported" {
        return wrong;
    }
    if found.breakdown.len() != expected.len() {
        wrong.push(format!("lines {:?}, expected {expected:?}", found.breakdown));
    }
    for (line, expected) in found.breakdown.iter().zip(expected) {
        let line = serde_json::to_value(line).unwrap();
        for (name, value) in expected.as_object().unwrap() {
            if line[name] != *value {
                wrong.push(format!("{} {name} {}, expected {value}", line["component"], line[name]));
            }
        }
    }
    wrong
}

fn check_all(cases: &[Value]) {
    let wrong: Vec<String> = cases
        .iter()
        .map(|case| (case["id"].to_string(), differences(case)))
        .filter(|(_, wrong)| !wrong.is_empty())
        .map(|(id, wrong)| format!("{id}: {}", wrong.join("; ")))
        .collect();
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn every_recorded_case_is_exact() {
    let Some(cases) = recorded_cases() else {
        eprintln!("skipped: no recorded cost cases (ROUNDTABLE_CORPUS)");
        return;
    };
    let cases = cases["cases"].as_array().unwrap();
    assert!(cases.len() >= 100, "only {} recorded cases", cases.len());
    check_all(cases);
}

#[test]
fn every_own_case_is_exact() {
    let cases: Vec<Value> = serde_json::from_str(OWN_CASES).unwrap();
    assert!(cases.len() >= 12);
    check_all(&cases);
}

#[test]
fn an_unpriced_model_is_unknown_and_not_free() {
    let report = |model| {
        let usage = r#"{"prompt_tokens":5,"completion_tokens":5}"#;
        cost_report(Catalogue::builtin(), &CostQuestion { provider: "openai", model, usage, ..ASKED })
    };
    let unknown = report("no-such-model").unwrap();
    assert_eq!((unknown.usd, unknown.provenance, unknown.usage.input), (None, None, Some(5)));
    let known = report("gpt-4o").unwrap();
    assert_eq!(known.usd.as_deref(), Some("0.0000625"));
    assert!(known.price_date.is_some());
}

#[test]
fn bad_arguments_say_what_is_wrong() {
    let ask = |api: &str, usage: &str, prices: Option<&str>, flags: Option<&str>| {
        let question = CostQuestion { api, usage, prices, flags, ..ASKED };
        cost_report(Catalogue::builtin(), &question).unwrap_err().to_string()
    };
    assert!(ask("soap", "{}", None, None).contains("openai-responses"));
    assert!(ask("openai", "[1]", None, None).contains("not an object"));
    assert!(ask("openai", "{", None, None).contains("--usage"));
    assert!(
        ask("openai", "{}", Some(r#"{"input":"0.0000001","output":"1"}"#), None).contains("six decimals")
    );
    assert!(ask("openai", "{}", Some(r#"{"input":"-1","output":"1"}"#), None).contains("negative"));
    assert!(ask("openai", "{}", Some(r#"{"input":"1"}"#), None).contains("output"));
    assert!(ask("openai", "{}", None, Some(r#"{"service_tier":1}"#)).contains("--flags"));
}

#[test]
fn names_that_mean_nothing_are_listed() {
    let prices = Some(r#"{"input":"1","output":"1","cache_raed":"1","cache_read":null}"#);
    let question = CostQuestion { prices, flags: Some(r#"{"bulk":true}"#), ..ASKED };
    let report = cost_report(Catalogue::builtin(), &question).unwrap();
    assert_eq!(report.ignored, ["cache_raed", "bulk"]);
    assert_eq!(report.usd, None, "no usage, no cost");
}

#[test]
fn the_report_is_stable_json() {
    let usage =
        r#"{"prompt_tokens":1000,"completion_tokens":10,"prompt_tokens_details":{"cached_tokens":400}}"#;
    let prices = r#"{"input":"2","output":"8","cache_read":"0.5"}"#;
    let question = CostQuestion {
        provider: "openai",
        api: "openai-chat",
        model: "gpt-x",
        usage,
        prices: Some(prices),
        ..ASKED
    };
    let report = cost_report(Catalogue::builtin(), &question).unwrap();
    insta::assert_json_snapshot!(report);
}
