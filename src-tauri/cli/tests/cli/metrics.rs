//! The page of metrics while a command runs: where it is, and what happens to a port that is taken.

use std::net::TcpListener;

use crate::support::Cli;

const ASK: [&str; 5] = ["ask", "--no-stream", "-m", "demo/swift", "Hello"];

#[test]
fn a_free_port_is_named_and_the_answer_stands_alone() {
    let asked = Cli::new().run(&[&ASK[..], &["--metrics-port", "0"]].concat());
    assert_eq!(asked.code, Some(0), "{}", asked.err);
    assert!(asked.err.contains("Metrics: http://127.0.0.1:"), "{}", asked.err);
    assert!(!asked.out.contains("Metrics"), "{}", asked.out);
}

#[test]
fn a_port_that_was_asked_for_and_is_taken_ends_the_command_before_anything_is_asked() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let asked = Cli::new().run(&[&ASK[..], &["--metrics-port", &port]].concat());
    assert_eq!((asked.code, asked.out.as_str()), (Some(2), ""), "{}", asked.err);
    assert!(asked.err.contains(&format!("Port {port} is taken")), "{}", asked.err);
}

#[test]
fn a_port_of_the_environment_that_is_taken_is_told_and_the_command_goes_on() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let asked = Cli::new().with("ROUNDTABLE_METRICS_PORT", &port).run(&ASK);
    assert_eq!(asked.code, Some(0), "{}", asked.err);
    assert!(asked.err.contains(&format!("Port {port} is taken")), "{}", asked.err);
    assert!(!asked.out.is_empty());
}
