//! Ctrl-C in the middle of an answer, and a reader that goes away.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use roundtable_emulator::Behaviour;

use crate::support::{Cli, Outcome, Server};

/// An answer that has begun and goes on, with its first line read.
fn begun(cli: &Cli, server: &Server) -> (Child, BufReader<std::process::ChildStdout>) {
    server.emulator.script_always("swift", Behaviour::SlowTokens { ms_per_token: 25 });
    let words = server.arguments("openai", &["--json", "-m", "swift", "Hello"]);
    let mut child = cli.start(&words.iter().map(String::as_str).collect::<Vec<_>>());
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    assert!(line.contains("\"text\""), "{line}");
    (child, lines)
}

#[cfg(unix)]
#[test]
fn a_stopped_answer_is_printed_as_far_as_it_came_and_booked() {
    let (cli, server) = (Cli::new(), Server::start());
    for signal in ["-INT", "-TERM"] {
        let (child, mut lines) = begun(&cli, &server);
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        let mut out = String::new();
        lines.read_to_string(&mut out).unwrap();
        let outcome = Outcome { out, ..Outcome::of(child) };
        assert_eq!(outcome.code, Some(1), "{signal}");
        let answer = outcome.answer();
        assert_eq!(answer["state"], "cancelled");
        assert!(!answer["text"].as_str().unwrap().is_empty());
        assert_eq!(outcome.error()["code"], "cancelled");
    }
    let books = cli.run(&["ledger", "--json"]);
    assert_eq!(books.of_type("entry").len(), 2, "what was stopped is in the books");
}

#[test]
fn a_reader_that_goes_away_stops_the_answer_without_a_word() {
    let (cli, server) = (Cli::new(), Server::start());
    let (child, lines) = begun(&cli, &server);
    drop(lines);
    let outcome = Outcome::of(child);
    assert_eq!((outcome.code, outcome.err.as_str()), (Some(1), ""), "the answer was not complete");
    // The server learns of it when it writes its next token.
    let asked = Instant::now();
    while server.emulator.open_streams() > 0 {
        assert!(
            asked.elapsed() < Duration::from_secs(10),
            "the connection stays open: more would be charged"
        );
        std::thread::yield_now();
    }
}
