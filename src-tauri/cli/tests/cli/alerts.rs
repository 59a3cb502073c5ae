//! `alerts`, and what a call says on standard error about those it has brought about.

use serde_json::{Value, json};

use crate::support::{Cli, Server};

/// A budget that any answer of the demo uses up.
fn tight(cli: &Cli) {
    let words =
        ["budget", "set", "--period", "total", "--simulated", "--name", "Lunch", "--on-limit", "warn"];
    let set = cli.run(&[&words[..], &["--limit", "0.0000001"]].concat());
    assert_eq!(set.code, Some(0), "{}", set.err);
}

const ASK: [&str; 5] = ["ask", "--no-stream", "-m", "demo/swift", "Hello"];

#[test]
fn a_call_says_what_it_has_brought_about_and_says_it_once() {
    let cli = Cli::new();
    tight(&cli);
    let asked = cli.run(&ASK);
    assert_eq!(asked.code, Some(0), "{}", asked.err);
    let said: Vec<&str> = asked.err.lines().filter(|line| line.starts_with("warning: ")).collect();
    assert_eq!(said.len(), 1, "the highest step alone: {}", asked.err);
    assert!(
        said[0].starts_with("warning: The budget “Lunch” has reached 100 % of its limit. "),
        "{}",
        said[0]
    );
    assert!(!asked.out.contains("Lunch"), "the answer stands alone");
    assert!(!cli.run(&ASK).err.contains("Lunch"));
}

#[test]
fn vectors_cost_money_too_and_say_what_they_have_brought_about() {
    let (cli, server) = (Cli::new(), Server::start());
    let base_url = server.emulator.base_url();
    let add = ["providers", "add", "--id", "house", "--kind", "ollama", "--base-url", &base_url];
    let price = ["models", "price", "set", "house/vectors", "--input", "1000", "--output", "0"];
    let budget = [
        "budget",
        "set",
        "--limit",
        "0.0000001",
        "--period",
        "total",
        "--name",
        "Lunch",
        "--on-limit",
        "warn",
    ];
    for words in [&add[..], &price, &budget] {
        let done = cli.run(words);
        assert_eq!(done.code, Some(0), "{}", done.err);
    }
    let embedded = cli.run(&["embed", "-m", "house/vectors", "A text"]);
    assert_eq!(embedded.code, Some(0), "{}", embedded.err);
    assert!(embedded.err.contains("The budget “Lunch” has reached 100 %"), "{}", embedded.err);
    assert!(!embedded.out.contains("Lunch"), "vectors stand alone");
}

#[test]
fn json_output_has_no_word_beside_it_and_alerts_have_their_own() {
    let cli = Cli::new();
    tight(&cli);
    let asked = cli.run(&[&["--json"], &ASK[..]].concat());
    assert!(!asked.err.contains("Lunch"), "{}", asked.err);
    let alerts = cli.run(&["alerts", "--json"]).objects();
    assert_eq!(alerts.len(), 3);
    let news: Vec<&Value> = alerts.iter().filter(|alert| alert["seen"] == json!(false)).collect();
    assert_eq!(news.len(), 1);
    let alert = news[0].as_object().unwrap();
    let names: Vec<&String> = alert.keys().collect();
    assert_eq!(
        names,
        [
            "type",
            "id",
            "at",
            "kind",
            "level",
            "title",
            "title_saying",
            "body",
            "body_saying",
            "subject",
            "seen",
            "simulated"
        ]
    );
    assert_eq!(
        (&alert["kind"], &alert["level"], &alert["simulated"]),
        (&json!("budget_step"), &json!("warning"), &json!(true))
    );
    assert_eq!(
        alert["title_saying"],
        json!({"code": "alert_budget_step", "values": {"budget": "Lunch", "percent": "100"}})
    );

    let unseen = cli.run(&["alerts", "--unseen", "--mark-seen", "--format", "csv"]);
    let lines: Vec<&str> = unseen.out.lines().collect();
    assert_eq!(lines[0], "id,at,kind,level,title,body,subject,seen,simulated");
    assert!(lines.len() == 2 && lines[1].contains(",budget_step,warning,"), "{}", unseen.out);
    assert_eq!(cli.run(&["alerts", "--unseen"]).out, "There are no alerts.\n");
    let table = cli.run(&["alerts"]).out;
    assert!(
        table.contains("WHEN") && table.contains("simulated money") && !table.contains("new,"),
        "{table}"
    );
}
