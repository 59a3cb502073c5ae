//! `providers`, `models` with prices, `settings`, `profiles`, `embed` and `tokens`.

use std::fs;

use insta::assert_json_snapshot;
use serde_json::{Value, json};

use crate::support::{Cli, Server, settled};

fn add_house(cli: &Cli, server: &Server, more: &[&str]) -> Value {
    let base_url = format!("{}/v1", server.emulator.base_url());
    let words = ["providers", "add", "--json", "--id", "house", "--name", "House", "--kind", "openai"];
    let outcome = cli.run(&[&words[..], &["--base-url", &base_url], more].concat());
    assert_eq!(outcome.code, Some(0), "{}", outcome.err);
    outcome.objects().remove(0)
}

#[test]
fn a_server_is_added_changed_and_removed_with_its_way_through_the_network() {
    let (cli, server) = (Cli::new(), Server::start());
    let more = ["--proxy", "direct", "--total-timeout", "90", "--header", "X-Team: table", "--query", "v=1"];
    assert_json_snapshot!("provider", settled(add_house(&cli, &server, &more)));
    let changed = cli.run(&[
        "providers",
        "set",
        "house",
        "--json",
        "--proxy",
        "socks5://127.0.0.1:1080",
        "--query",
        "v=",
        "--at-once",
        "2",
    ]);
    let settings = &changed.objects()[0]["settings"];
    assert_eq!(
        settings["network"]["proxy"],
        json!({"type": "url", "url": "socks5://127.0.0.1:1080"}),
        "{}",
        changed.err
    );
    assert_eq!(
        (&settings["network"]["query"], &settings["network"]["timeouts"]["total_ms"]),
        (&json!([]), &json!(90_000))
    );
    assert_eq!(settings["calls_at_once"], 2);
    assert!(cli.run(&["providers", "show", "house"]).out.contains("calls at once: 2"));
    let usual = cli.run(&["providers", "set", "house", "--json", "--at-once", "0"]);
    assert!(usual.objects()[0]["settings"].get("calls_at_once").is_none(), "{}", usual.out);
    let refused =
        cli.run(&["providers", "set", "house", "--json", "--proxy", "socks5://me:secret@127.0.0.1:1080"]);
    assert_ne!(refused.code, Some(0), "a proxy's password is not kept: {}", refused.out);
    assert_eq!(
        cli.run(&["providers", "add", "--json", "--id", "house"]).code,
        Some(2),
        "it says what is missing"
    );
    assert_eq!(cli.run(&["providers", "remove", "house", "--json"]).out, "");
    assert!(cli.run(&["providers", "list", "--known", "--json"]).of_type("dialect").len() > 20);
}

#[test]
fn an_own_price_holds_until_it_is_forgotten() {
    let cli = Cli::new().with("OPENAI_API_KEY", "sk-not-a-real-key");
    let price =
        |words: &[&str]| cli.run(&[&["models", "price"], words, &["--json"]].concat()).objects().remove(0);
    let known = price(&["clear", "openai/gpt-4o"])["price"].clone();
    let own = price(&["set", "openai/gpt-4o", "--input", "1.25", "--output", "5"])["price"].clone();
    assert_eq!((&own["input"], &own["origin"]), (&json!("1.25"), &json!("own")));
    assert_eq!(price(&["clear", "openai/gpt-4o"])["price"], known);
    let bad =
        cli.run(&["models", "price", "set", "openai/gpt-4o", "--input", "cheap", "--output", "5", "--json"]);
    assert_eq!((bad.code, bad.error()["code"].as_str()), (Some(2), Some("bad_setting")));
}

#[test]
fn a_price_list_is_taken_over_from_a_file_and_what_looks_wrong_waits() {
    let cli = Cli::new();
    let list = cli.folder.path().join("list.json");
    let entry = |input: f64, output: f64| json!({"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": input, "output_cost_per_token": output});
    let prices = json!({"gpt-4o": entry(0.000_25, 0.001), "gpt-4o-mini": entry(0.000_000_15, 0.000_000_61)});
    fs::write(&list, prices.to_string()).unwrap();
    let updated = cli.run(&["models", "--update", "--from", list.to_str().unwrap(), "--json"]);
    assert_eq!(updated.code, Some(0), "{}", updated.err);
    assert_eq!(updated.of_type("catalogue")[0]["updated"], 1, "{}", updated.out);
    let held = cli.run(&["models", "--held", "--json"]).of_type("held");
    assert!(held.iter().all(|change| change["target"] == "openai/gpt-4o") && !held.is_empty(), "{held:?}");
    assert_eq!(cli.run(&["models", "--accept", "openai/nobody", "--json"]).code, Some(2));
    let accepted = cli.run(&["models", "--accept", "openai/gpt-4o", "--json"]);
    assert_eq!(accepted.of_type("catalogue")[0]["held_back"], json!([]), "{}", accepted.err);
}

#[test]
fn every_value_says_where_it_comes_from() {
    let cli = Cli::new().with("LLM_DEFAULT_TEMPERATURE", "0.25");
    assert_eq!(cli.run(&["profiles", "use", "careful", "--json"]).code, Some(0));
    let profiles = cli.run(&["profiles", "--json"]).of_type("profile");
    let active: Vec<_> = profiles.iter().filter(|profile| profile["active"] == true).collect();
    assert!(matches!(&active[..], [one] if one["id"] == "careful"));
    assert_eq!(cli.run(&["profiles", "use", "nobody", "--json"]).code, Some(2));
    let shown = cli.run(&["settings", "show", "-m", "demo/scholar", "--json"]);
    assert_json_snapshot!("settings", shown.of_type("value"));
    let table = cli.run(&["settings", "show", "-m", "demo/scholar"]).out;
    assert!(
        table.contains("environment LLM_DEFAULT_TEMPERATURE") && table.contains("profile Careful"),
        "{table}"
    );
}

#[test]
fn texts_become_vectors_once() {
    let (cli, server) = (Cli::new(), Server::start());
    let base_url = server.emulator.base_url();
    let words = ["providers", "add", "--id", "house", "--kind", "ollama", "--base-url", &base_url];
    assert_eq!(cli.run(&words).code, Some(0));
    let first = cli.run(&["embed", "-m", "house/vectors", "--dimensions", "4", "round table", "a poem"]);
    assert_eq!(first.code, Some(0), "{}", first.err);
    assert_json_snapshot!("vectors", first.objects());
    let asked = server.emulator.requests().len();
    let again = cli.run_with_input(
        &["embed", "-m", "house/vectors", "--dimensions", "4", "--stdin"],
        "a poem\nround table\n",
    );
    assert_eq!(again.objects()[1]["vector"], first.objects()[0]["vector"], "{}", again.err);
    assert_eq!(server.emulator.requests().len(), asked, "what is known is not asked again");
    assert_eq!(cli.run(&["embed", "--stats", "--json"]).objects()[0]["stored"], 2);
    assert_eq!(cli.run(&["embed", "--json", "-m", "house/vectors"]).code, Some(2));
    assert_eq!(cli.run(&["embed", "--json", "text"]).code, Some(2));
}

#[test]
fn tokens_are_counted_by_what_is_known_of_the_model() {
    let cli = Cli::new().with("OPENAI_API_KEY", "sk-not-a-real-key");
    let count = |words: &[&str]| cli.run(&[&["tokens", "--json"], words].concat()).objects().remove(0);
    let exact = count(&["-m", "openai/gpt-4o", "hello world"]);
    assert_eq!((&exact["tokens"], &exact["source"]), (&json!(2), &json!("tokenizer")), "{exact}");
    assert_eq!(count(&["-m", "demo/swift", "hello world"])["source"], "estimate");
    let file = cli.folder.path().join("text.txt");
    fs::write(&file, "hello world").unwrap();
    assert_eq!(count(&["-m", "openai/gpt-4o", "--file", file.to_str().unwrap()])["tokens"], 2);
    assert!(cli.run(&["tokens", "-m", "openai/gpt-4o", "hello"]).out.contains("tokenizer"));
}

#[test]
fn the_programs_settings_are_set_shown_and_refused_as_in_the_window() {
    let cli = Cli::new();
    let shown = |cli: &Cli| {
        let outcome = cli.run(&["settings", "show", "--json"]);
        assert_eq!(outcome.code, Some(0), "{}", outcome.err);
        outcome.of_type("setting")
    };
    let usual = shown(&cli);
    assert!(usual.iter().all(|setting| setting["layer"] == "default"), "{usual:?}");
    for (name, value) in [
        ("time-zone", "Europe/Berlin"),
        ("currency", "EUR:0.92"),
        ("alerts.desktop", "off"),
        ("alerts.spike-factor", "2.5"),
        ("telemetry.otlp-endpoint", "http://127.0.0.1:4318"),
    ] {
        let set = cli.run(&["settings", "set", name, value, "--json"]);
        assert_eq!(set.code, Some(0), "{name}: {}", set.err);
        let expected =
            json!({"type": "setting", "name": name, "value": value, "layer": "settings", "origin": ""});
        assert_eq!(set.objects(), std::slice::from_ref(&expected));
        assert!(shown(&cli).contains(&expected));
    }
    for (name, value) in [
        ("time-zone", "Mars/Olympus"),
        ("currency", "euro:1"),
        ("currency", "EUR:-1"),
        ("alerts.desktop", "perhaps"),
        ("alerts.spike-factor", "1"),
        ("telemetry.metrics-port", "70000"),
        ("telemetry.otlp-endpoint", "lunch"),
    ] {
        let refused = cli.run(&["settings", "set", name, value, "--json"]);
        assert_ne!(refused.code, Some(0), "{name} {value}: {}", refused.out);
        assert!(refused.out.is_empty(), "{name} {value}: {}", refused.out);
    }
    assert_eq!(cli.run(&["settings", "set", "lunch", "1"]).code, Some(2));
    for setting in shown(&cli) {
        assert_eq!(cli.run(&["settings", "unset", setting["name"].as_str().unwrap()]).code, Some(0));
    }
    assert_eq!(shown(&cli), usual);
    let endpoint = shown(&cli.with("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")).pop().unwrap();
    assert_eq!(
        (&endpoint["value"], &endpoint["layer"], &endpoint["origin"]),
        (&json!("http://127.0.0.1:9"), &json!("environment"), &json!("OTEL_EXPORTER_OTLP_ENDPOINT"))
    );
}
