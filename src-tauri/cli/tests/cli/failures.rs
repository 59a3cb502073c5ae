//! What is said when something fails: one object on standard error, the exit code, and words for people.

use insta::{assert_json_snapshot, assert_snapshot};
use roundtable_emulator::Behaviour;
use serde_json::json;

use crate::support::{Cli, KEY, Server, settled};

#[test]
fn each_failure_is_told_verbatim_and_in_words() {
    let (cli, server) = (Cli::new(), Server::start());
    for fault in
        ["fault-401", "fault-429-seconds", "fault-eof", "fault-first-event", "fault-404", "fault-html"]
    {
        let outcome = server.ask(&cli, "openai", &["-m", fault, "--no-retry", "Hello"]);
        assert_eq!(outcome.code, Some(1), "{fault}");
        let answer = outcome.answer();
        assert_eq!(answer["attempts"].as_array().unwrap().len(), 1, "{fault}: --no-retry");
        let seen = json!({
            "state": answer["state"],
            "error": answer["error"],
            "usage": answer["usage"],
            "cost": answer["cost"],
            "stderr": outcome.error(),
        });
        assert_json_snapshot!(fault, settled(seen));
    }
    let words =
        server.arguments("openai", &["-m", "fault-401", "-m", "fault-429-seconds", "--no-retry", "Hello"]);
    let outcome = cli.run(&words.iter().map(String::as_str).collect::<Vec<_>>());
    assert_snapshot!("for_people", outcome.err);
}

#[test]
fn a_wrong_command_line_is_exit_code_2_and_names_the_word() {
    let cli = Cli::new();
    let unsaved = ["ask", "--json", "--kind", "openai", "-m", "x", "hi", "--base-url"];
    let local = "http://127.0.0.1:9/v1";
    for (arguments, part) in [
        (vec!["ask", "--json", "hi"], "--model"),
        (vec!["ask", "--json", "-m", "demo/swift", "--bogus", "hi"], "--bogus"),
        (vec!["ask", "--json", "-m", "demo/swift", "  "], "prompt"),
        (vec!["ask", "--json", "-m", "demo/swift", "--temperature", "NaN", "hi"], "--temperature"),
        (vec!["ask", "--json", "-m", "x", "--kind", "openai", "hi"], "required arguments"),
        ([&unsaved[..], &["nonsense"]].concat(), "nonsense"),
        ([&unsaved[..], &["http://example.invalid/v1"]].concat(), "https"),
        ([&unsaved[..], &[local, "--key-env", "ABSENT"]].concat(), "ABSENT"),
        (vec!["ask", "--json", "-m", "demo/swift", "--image", "Cargo.toml", "hi"], "Cargo.toml"),
        (vec!["--json"], "subcommand"),
        (vec!["ledger", "--format", "json", "--bogus"], "--bogus"),
        (vec!["stats", "--format=json", "--bogus"], "--bogus"),
        (
            vec!["cost", "--json", "--provider", "openai", "--api", "openai", "--model", "m", "--usage", "{"],
            "--usage",
        ),
    ] {
        let outcome = cli.run(&arguments);
        assert_eq!((outcome.code, outcome.out.as_str()), (Some(2), ""), "{arguments:?}: {}", outcome.err);
        let error = outcome.error();
        assert_eq!(error["type"], "error");
        assert!(error["message"].as_str().unwrap().contains(part), "{arguments:?}: {error}");
    }
    assert_eq!(cli.run(&["--help"]).code, Some(0));
}

#[test]
fn what_cannot_be_reached_or_is_not_there_is_exit_code_1() {
    let cli = Cli::new();
    let nobody = [
        "ask",
        "--json",
        "--no-retry",
        "--kind",
        "openai",
        "--base-url",
        "http://127.0.0.1:9/v1",
        "-m",
        "x",
        "hi",
    ];
    for (arguments, code) in [
        (&nobody[..], "network"),
        (&["ask", "--json", "-m", "nonsense", "hi"], "model_not_found"),
        (&["ask", "--json", "-m", "openai/gpt-5", "hi"], "model_not_found"),
        (&["ask", "--json", "-m", "demo/swift", "--file", "not-there.txt", "hi"], "file"),
        (&["models", "--json", "--provider", "openai"], "no_key"),
    ] {
        let outcome = cli.run(arguments);
        assert_eq!(outcome.code, Some(1), "{arguments:?}");
        assert_eq!(outcome.error()["code"], code, "{arguments:?}");
    }
    let blocked = Cli::new();
    std::fs::write(blocked.folder.path().join("logs"), "a file where a folder should be").unwrap();
    let outcome = blocked.run(&["ledger", "--json"]);
    assert_eq!((outcome.code, outcome.error()["code"].as_str()), (Some(1), Some("read_only")));
}

#[test]
fn no_key_is_written_anywhere() {
    let (cli, server) = (Cli::new(), Server::start());
    server.emulator.script("echo", vec![Behaviour::Unauthorized, Behaviour::HtmlOk, Behaviour::Normal]);
    for _ in 0..3 {
        server.ask(&cli, "openai", &["-m", "echo", "--no-retry", "Hello"]);
    }
    let sent = server.emulator.requests();
    assert!(
        sent.iter().all(|request| request.headers["authorization"] == format!("Bearer {KEY}")),
        "the key was used"
    );
    for file in files(cli.folder.path()) {
        let bytes = std::fs::read(&file).unwrap();
        assert!(!bytes.windows(KEY.len()).any(|window| window == KEY.as_bytes()), "{}", file.display());
    }
}

fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn whoever_asks_for_objects_is_told_of_failures_in_objects() {
    let cli = Cli::new();
    for words in [
        &["reconcile", "show", "nobody"][..],
        &["advice", "apply", "nobody"],
        &["ledger", "--range", "lunch"],
    ] {
        let outcome = cli.run(&[words, &["--format", "json"]].concat());
        assert_ne!(outcome.code, Some(0), "{words:?}");
        assert_eq!(outcome.error()["type"], "error", "{words:?}: {}", outcome.err);
    }
}
