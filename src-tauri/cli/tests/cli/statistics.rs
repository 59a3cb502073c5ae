//! `stats` and `cache`: what was asked is counted over processes, and the same question is paid once.

use insta::{assert_json_snapshot, assert_snapshot};
use serde_json::{Value, json};

use crate::support::{Cli, Server};

/// One question that is meant to have the same answer each time.
const FIXED: [&str; 5] = ["-m", "swift", "--temperature", "0", "What is a monad?"];

/// Times and speeds, and the port of the emulator, differ from one time to the next.
fn settled(mut row: Value) -> Value {
    let text = |value: &mut Value| {
        if let Some(name) = value.as_str().and_then(|name| name.split_once("127.0.0.1:")) {
            let path: String = name.1.chars().skip_while(char::is_ascii_digit).collect();
            *value = format!("{}127.0.0.1:[port]{path}", name.0).into();
        }
    };
    text(&mut row["name"]);
    text(&mut row["label"]);
    for spread in ["latency", "ttft"] {
        for (_, value) in row[spread].as_object_mut().into_iter().flatten() {
            *value = "[ms]".into();
        }
    }
    if !row["tokens_per_second"].is_null() {
        row["tokens_per_second"] = "[speed]".into();
    }
    let trend = row["trend"].as_array().unwrap();
    assert_eq!(trend.len(), 12);
    let asked: u64 = trend.iter().filter_map(|point| point["requests"].as_u64()).sum();
    row["trend"] = format!("twelve steps, {asked} requests").into();
    row
}

#[test]
fn what_was_asked_is_counted_and_the_same_question_is_paid_once() {
    let (cli, server) = (Cli::new(), Server::start());
    assert_eq!(cli.run(&["stats"]).out, "Nothing was asked in this time.\n");
    let first = server.ask(&cli, "openai", &FIXED).answer();
    let second = server.ask(&cli, "openai", &FIXED).answer();
    assert_eq!((&first["state"], &second["state"]), (&json!("complete"), &json!("complete")));
    assert_eq!(first["text"], second["text"]);
    assert_eq!(server.emulator.requests().len(), 1, "another process asks, and nothing is sent");

    let fresh = server.ask(&cli, "openai", &[&FIXED[..4], &["--fresh", "Another"]].concat()).answer();
    assert_eq!(fresh["state"], "complete");
    server.ask(&cli, "openai", &[&FIXED[..4], &["--fresh", "Another"]].concat()).answer();
    assert_eq!(server.emulator.requests().len(), 3, "what is wanted fresh is sent each time");

    let objects = cli.run(&["stats", "--json"]).objects();
    assert_eq!(objects[0]["type"], "statistics");
    let rows: Vec<Value> = objects.into_iter().skip(1).map(settled).collect();
    let csv = cli.run(&["stats", "--format", "csv"]).out;
    assert!(csv.starts_with("of,name,label,simulated,requests,"), "{csv}");
    assert_eq!(csv.lines().count(), rows.len() + 1, "{csv}");
    assert_json_snapshot!("stats", rows);

    let cache = cli.run(&["cache", "--json"]).objects().remove(0);
    assert!(cache["bytes"].as_u64().is_some_and(|bytes| bytes > 100), "{cache}");
    assert_eq!((&cache["hits"], &cache["misses"], &cache["entries"]), (&json!(1), &json!(3), &json!(2)));
    let cleared = cli.run(&["cache", "clear", "--json"]).objects().remove(0);
    assert_eq!((&cleared["hits"], &cleared["bytes"]), (&json!(1), &json!(0)), "what was saved stays counted");
    server.ask(&cli, "openai", &FIXED).answer();
    assert_eq!(server.emulator.requests().len(), 4, "what was forgotten is asked again");

    assert_eq!(cli.run(&["stats", "--reset"]).out, "Counting begins now.\n");
    assert_eq!(cli.run(&["stats", "--json"]).objects().len(), 1, "no rows");
}

#[test]
fn how_answers_are_kept_is_set_and_what_cannot_be_is_refused() {
    let cli = Cli::new();
    assert_json_snapshot!("cache", cli.run(&["cache", "set", "always", "--hours", "48", "--json"]).objects());
    assert_snapshot!("cache_for_people", cli.run(&["cache", "set", "off"]).out);
    let refused = cli.run(&["cache", "set", "sometimes", "--json"]);
    assert_eq!((refused.code, &refused.error()["code"]), (Some(2), &json!("bad_setting")));
    let refused = cli.run(&["stats", "--hours", "0"]);
    assert_eq!(refused.code, Some(2), "{}", refused.err);
}
