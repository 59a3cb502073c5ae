//! `cost` and `ledger`: exact amounts as decimal strings, null where nothing is known.

use insta::assert_json_snapshot;
use serde_json::{Value, json};

use crate::support::{Cli, Outcome, Server, settled};

fn cost(provider: &str, api: &str, usage: &Value, more: &[&str]) -> Outcome {
    let usage = usage.to_string();
    let words = ["cost", "--json", "--provider", provider, "--api", api, "--model", "m-1", "--usage", &usage];
    Cli::new().run(&[&words, more].concat())
}

/// The whole object once; the amounts of the wires and kinds of price in a table.
#[test]
fn a_cost_is_exact_and_taken_apart() {
    let usage = json!({"prompt_tokens": 1000, "completion_tokens": 100, "prompt_tokens_details": {"cached_tokens": 800}});
    let prices = r#"{"input":"0.8","output":"3.2","cache_read":"0.2"}"#;
    let outcome = cost("house", "openai-chat", &usage, &["--prices", prices]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.err);
    assert_json_snapshot!("cost", outcome.objects().remove(0));

    let anthropic = json!({"input_tokens": 4, "cache_creation_input_tokens": 10, "cache_read_input_tokens": 1165, "output_tokens": 224});
    let gemini = json!({"promptTokenCount": 100, "candidatesTokenCount": 20, "thoughtsTokenCount": 30});
    let openai = json!({"prompt_tokens": 7, "completion_tokens": 3});
    let full = r#"{"input":"3","output":"15","cache_read":"0.3","cache_write_5m":"3.75"}"#;
    for (provider, api, usage, prices, usd) in [
        ("anthropic", "anthropic-messages", &anthropic, full, json!("0.003759")),
        ("gemini", "gemini", &gemini, full, json!("0.00105")),
        ("openai", "openai", &openai, full, json!("0.000066")),
        ("openai", "openai-chat", &openai, r#"{"input":"0.1","output":"0.333"}"#, json!("0.000001699")),
    ] {
        let outcome = cost(provider, api, usage, &["--prices", prices]);
        assert_eq!(outcome.objects()[0]["usd"], usd, "{api} {prices}: {}", outcome.out);
    }
    let unpriced = cost("house", "openai", &openai, &[]);
    assert_eq!(
        (unpriced.code, &unpriced.objects()[0]["usd"]),
        (Some(0), &Value::Null),
        "unpriced is not free"
    );
}

#[test]
fn special_prices_are_named() {
    let usage = json!({"prompt_tokens": 300, "completion_tokens": 10, "service_tier": "batch"});
    let prices = r#"{"input":"1","output":"2","tiers":[{"prompt_tokens_above":200,"input":"4","output":"8"}],
        "service_tiers":{"batch":{"input":"0.5","output":"1"}}}"#;
    let outcome = cost("house", "openai", &usage, &["--prices", prices]);
    let conditions = json!({"prompt_above": 200, "service_tier": "batch", "off_peak": false});
    assert_eq!(outcome.objects()[0]["conditions"], conditions, "{}{}", outcome.out, outcome.err);
    let short = json!({"prompt_tokens": 200, "completion_tokens": 10});
    let none = json!({"prompt_above": null, "service_tier": null, "off_peak": false});
    assert_eq!(cost("house", "openai", &short, &["--prices", prices]).objects()[0]["conditions"], none);
}

#[test]
fn what_is_no_json_and_what_is_unknown_is_named() {
    let usage = json!({"prompt_tokens": 1, "completion_tokens": 1});
    for (more, part) in [
        (["--prices", "[1]"], "--prices"),
        (["--prices", r#"{"input":"cheap"}"#], "--prices"),
        (["--prices", r#"{"input":"3"}"#], "output"),
        (["--flags", "{"], "--flags"),
        (["--at", "yesterday"], "--at"),
    ] {
        let outcome = cost("house", "openai", &usage, &more);
        assert_eq!(outcome.code, Some(2), "{more:?}: {}", outcome.out);
        assert!(outcome.error()["message"].as_str().unwrap().contains(part), "{more:?}: {}", outcome.err);
    }
    assert_eq!(cost("house", "smoke-signals", &usage, &[]).code, Some(2));
    let ignored = cost("house", "openai", &usage, &["--prices", r#"{"input":"1","output":"1","lunch":"9"}"#]);
    assert_eq!(ignored.objects()[0]["ignored"], json!(["lunch"]));
}

#[test]
fn every_call_is_in_the_ledger_and_simulated_money_apart() {
    let (cli, server) = (Cli::new(), Server::start());
    server.ask(&cli, "openai", &["-m", "swift", "--max-tokens", "5", "Hello"]);
    cli.run(&["ask", "--json", "-m", "demo/swift", "--max-tokens", "5", "Hello"]);
    let books = cli.run(&["ledger", "--json"]);
    assert_json_snapshot!("ledger", settled(Value::Array(books.objects())));
    let one = cli.run(&["ledger", "--json", "--provider", "demo"]);
    assert_eq!((one.of_type("entry").len(), &one.of_type("totals")[0]["calls"]), (1, &json!(0)));
    let table = cli.run(&["ledger"]).out;
    assert!(table.contains("unpriced") && table.contains("simulated"), "{table}");
}
