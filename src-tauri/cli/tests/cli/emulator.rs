//! `emulator` as a process of its own.

use std::io::{BufRead, BufReader};
use std::process::Command;

use insta::assert_json_snapshot;
use serde_json::Value;

use crate::support::{Cli, Outcome, Server, settled};

#[cfg(unix)]
#[test]
fn it_says_where_it_listens_answers_and_ends_when_told() {
    let cli = Cli::new();
    let mut child = cli.start(&["emulator", "--json", "--instant", "--for", "60"]);
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    let told: Value = serde_json::from_str(&line).unwrap();
    let base_url = told["kinds"]["ollama"].as_str().unwrap();
    let answer =
        cli.run(&["ask", "--json", "--kind", "ollama", "--base-url", base_url, "-m", "poet", "Hello"]);
    assert_eq!(answer.code, Some(0), "{}", answer.err);
    assert_json_snapshot!("emulator", settled(told));
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(Outcome::of(child).code, Some(0));
    assert_eq!(cli.run(&["emulator", "--for", "0"]).code, Some(0), "it ends by itself, too");
}

#[test]
fn a_taken_port_is_a_failure_with_advice() {
    let server = Server::start();
    let port = server.emulator.base_url().rsplit(':').next().unwrap().to_owned();
    let outcome = Cli::new().run(&["emulator", "--json", "--port", &port]);
    assert_eq!((outcome.code, outcome.error()["code"].as_str()), (Some(1), Some("emulator")));
    assert!(outcome.err.contains("--port"), "{}", outcome.err);
}
