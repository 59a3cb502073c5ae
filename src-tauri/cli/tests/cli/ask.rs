//! `ask`: the objects of every wire, what is sent, and the text for people.

use insta::assert_json_snapshot;
use roundtable_emulator::{Behaviour, RetryAfter};
use serde_json::Value;

use crate::support::{Cli, Server, settled};

/// All pieces of one kind, put together.
fn joined(pieces: &[Value]) -> String {
    pieces.iter().filter_map(|piece| piece["delta"].as_str()).collect()
}

fn check_kind(kind: &str) {
    let (cli, server) = (Cli::new(), Server::start());
    let streamed = server.ask(&cli, kind, &["-m", "poet", "--max-tokens", "12", "Hello"]);
    assert_eq!(streamed.code, Some(0), "{}", streamed.err);
    assert_eq!(streamed.err, "");
    let answer = streamed.answer();
    assert_eq!(answer["text"], joined(&streamed.of_type("text")), "pieces make the text");
    assert_json_snapshot!(format!("{kind}_streamed"), settled(answer));

    let whole = server.ask(&cli, kind, &["-m", "poet", "--max-tokens", "12", "--no-stream", "Hello"]);
    assert_eq!(whole.objects().len(), 1, "nothing but the answer");
    assert_json_snapshot!(format!("{kind}_whole"), settled(whole.answer()));
}

#[test]
fn an_openai_answer() {
    check_kind("openai");
}

#[test]
fn an_openai_responses_answer() {
    check_kind("openai-responses");
}

#[test]
fn a_text_completion() {
    check_kind("openai-completions");
}

#[test]
fn an_anthropic_answer() {
    check_kind("anthropic");
}

#[test]
fn a_gemini_answer() {
    check_kind("gemini");
}

#[test]
fn an_ollama_answer() {
    check_kind("ollama");
}

#[test]
fn reasoning_tools_and_refusals_have_their_own_places() {
    let (cli, server) = (Cli::new(), Server::start());
    for kind in ["openai", "openai-responses", "anthropic", "gemini", "ollama"] {
        let thought = server.ask(&cli, kind, &["-m", "scholar", "Hello"]);
        let answer = thought.answer();
        assert!(!joined(&thought.of_type("reasoning")).is_empty(), "{kind}");
        assert_eq!(answer["reasoning_text"], joined(&thought.of_type("reasoning")), "{kind}");

        let called = server.ask(&cli, kind, &["-m", "fault-tool", "Hello"]).answer();
        assert_eq!(called["tool_calls"][0]["name"], "get_weather", "{kind}");
        assert_eq!(
            called["tool_calls"][0]["arguments"],
            serde_json::json!({"city": "Lisbon", "days": 2}),
            "{kind}"
        );
        assert_eq!(called["finish_reason"], "tool_calls", "{kind}");
    }
    let refused = server.ask(&cli, "openai", &["-m", "fault-refusal", "Hello"]);
    assert_eq!(refused.code, Some(0));
    assert_json_snapshot!("refusal", settled(refused.answer()));
    let words = server.arguments("openai", &["-m", "fault-refusal", "Hello"]);
    let refused = cli.run(&words.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(refused.out, "[refused] I can't help with that. (Simulated refusal.)\n");
}

#[test]
fn lanes_stand_in_the_order_of_the_models_and_one_failure_is_told() {
    let (cli, server) = (Cli::new(), Server::start());
    let outcome = server.ask(&cli, "openai", &["-m", "fault-401", "-m", "swift", "Hello"]);
    assert_eq!(outcome.code, Some(1));
    let runs = outcome.of_type("run");
    let states: Vec<_> =
        runs.iter().map(|run| (run["target"].as_str().unwrap(), run["state"].as_str().unwrap())).collect();
    assert_eq!(states, [("custom/fault-401", "failed"), ("custom/swift", "complete")]);
    assert!(outcome.of_type("text").iter().all(|piece| piece["lane"] == 1));
    let failed = outcome.error()["failed"].as_array().unwrap().clone();
    assert_eq!(
        (failed.len(), &failed[0]["lane"], &failed[0]["charged"]),
        (1, &Value::from(0), &Value::from("no"))
    );
}

#[test]
fn a_retry_is_announced_and_both_attempts_are_kept() {
    let (cli, server) = (Cli::new(), Server::start());
    server.emulator.script("swift", vec![Behaviour::Status429(RetryAfter::Milliseconds(20))]);
    let outcome = server.ask(&cli, "openai", &["-m", "swift", "Hello"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.err);
    assert_eq!(outcome.of_type("retry")[0]["attempt"], 2);
    let attempts = outcome.answer()["attempts"].as_array().unwrap().clone();
    let states: Vec<_> = attempts.iter().map(|attempt| attempt["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["failed", "complete"]);
}

#[test]
fn prompt_system_image_and_file_are_sent() {
    let (cli, server) = (Cli::new(), Server::start());
    let (image, file) = (cli.folder.path().join("dot.png"), cli.folder.path().join("notes.txt"));
    std::fs::write(&image, b"\x89PNG\r\n\x1a\n").unwrap();
    std::fs::write(&file, "a line of notes").unwrap();
    let more = [
        "--json",
        "-m",
        "swift",
        "--system",
        "Be brief",
        "--image",
        image.to_str().unwrap(),
        "--file",
        file.to_str().unwrap(),
        "Compare",
        "-",
    ];
    let words = server.arguments("openai", &more);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = cli.run_with_input(&words, "from standard input\n");
    assert_eq!(outcome.code, Some(0), "{}", outcome.err);
    let requests = server.emulator.requests();
    let body = &requests.last().unwrap().body;
    assert_eq!(body["messages"][0], serde_json::json!({"role": "system", "content": "Be brief"}));
    let sent = body["messages"][1].to_string();
    for part in [
        "Compare\\n\\nfrom standard input\"",
        "data:image/png;base64,iVBORw0KGgo=",
        "notes.txt",
        "a line of notes",
    ] {
        assert!(sent.contains(part), "{part} is missing in {sent}");
    }
}

#[test]
fn people_get_the_text_on_standard_output_and_the_figures_beside_it() {
    let (cli, server) = (Cli::new(), Server::start());
    let words = server.arguments("openai", &["-m", "swift"]);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = cli.run_with_input(&words, "Hello");
    let answer = server.ask(&cli, "openai", &["-m", "swift", "Hello"]).answer();
    assert_eq!(outcome.out.trim_end(), answer["text"].as_str().unwrap());
    assert!(outcome.err.starts_with("custom/swift · first token after "), "{}", outcome.err);
    assert!(outcome.err.trim_end().ends_with(" out · unpriced"), "{}", outcome.err);
}

#[test]
fn demo_models_need_no_setup_and_are_marked_simulated() {
    let answer =
        Cli::new().run(&["ask", "--json", "-m", "demo/swift", "--max-tokens", "8", "Hello"]).answer();
    assert_eq!((&answer["state"], &answer["simulated"]), (&Value::from("complete"), &Value::from(true)));
    assert!(answer["cost"]["usd"].is_string(), "demo models have invented prices");
}
