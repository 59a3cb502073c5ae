//! Recorded exchanges of real providers through the binary: served by a small server, asked with `ask --json`, and compared
//! with what a reader should have understood. The corpus is not part of the repository (`ROUNDTABLE_CORPUS`, by default
//! beside the checkout); without it this says so and passes. Every exchange is read by the wires' own tests; here a part of
//! them shows that nothing is lost between the wire and the printed object.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Cli, Outcome};

/// One of so many is asked: the binary starts anew for each.
const EVERY: usize = 5;
/// The reply is written in pieces of this many bytes, which cuts events and characters.
const PIECE_BYTES: usize = 509;

#[test]
fn recorded_exchanges_come_out_as_they_were_meant() {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let folder = std::env::var_os("ROUNDTABLE_CORPUS").map_or(beside, PathBuf::from);
    let Ok(entries) = fs::read_dir(folder.join("exchanges")) else {
        println!("corpus: not found, skipped (set ROUNDTABLE_CORPUS to its folder)");
        return;
    };
    let mut names: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let chosen: Vec<&PathBuf> = names.iter().step_by(EVERY).collect();
    let cli = Cli::new();
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let halves: Vec<_> = chosen
            .chunks(chosen.len().div_ceil(2))
            .map(|half| {
                scope.spawn(|| half.iter().filter_map(|path| differences(&cli, path)).collect::<Vec<_>>())
            })
            .collect();
        halves.into_iter().flat_map(|half| half.join().unwrap()).collect()
    });
    println!("corpus: {} of {} come out right", chosen.len() - wrong.len(), chosen.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The fields that differ, or `None`.
fn differences(cli: &Cli, path: &Path) -> Option<String> {
    let exchange = read(path);
    let expected = read(&path.parent().unwrap().with_file_name("expected").join(path.file_name().unwrap()));
    let outcome = ask(cli, &exchange, &expected);
    let answer = outcome.answer();
    let mut differing = Vec::new();
    let mut check = |field: &str, ours: &Value, expected: &Value| {
        if ours != expected {
            differing.push(format!("    {field}: got {ours}, expected {expected}"));
        }
    };
    for (field, theirs) in [
        ("text", "text"),
        ("reasoning_text", "reasoning_text"),
        ("refusal_text", "refusal_text"),
        ("finish_reason_raw", "finish_reason"),
        ("usage_raw", "usage_raw"),
    ] {
        check(field, &answer[field], &expected[theirs]);
    }
    for count in ["input", "output", "cached_input", "cache_write", "reasoning"] {
        check(count, &answer["usage"][count], &expected["usage"][count]);
    }
    check("tool_calls", &calls(&answer), &expected_calls(&expected));
    for field in ["status", "type", "code", "message"] {
        if expected["error"].is_object() {
            check(field, &answer["error"][field], &expected["error"][field]);
        }
    }
    let complete = expected["error"].is_null() && expected["stream_complete"] != false;
    check("exit code", &outcome.code.into(), &i32::from(!complete).into());
    let id = exchange["id"].as_str().unwrap();
    (!differing.is_empty()).then(|| format!("{id}\n{}", differing.join("\n")))
}

fn ask(cli: &Cli, exchange: &Value, expected: &Value) -> Outcome {
    let (kind, path) = match exchange["api"].as_str().unwrap() {
        "openai-chat" => ("openai", "/v1"),
        "anthropic-messages" => ("anthropic", "/v1"),
        "gemini" => ("gemini", "/v1beta"),
        "ollama" => ("ollama", ""),
        other => (other, "/v1"),
    };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let base_url = format!("http://{address}{path}");
    let model = expected["model"].as_str().unwrap_or("some-model");
    let mut words = vec![
        "ask",
        "--json",
        "--no-retry",
        "--kind",
        kind,
        "--base-url",
        &base_url,
        "--key-env",
        "KEY",
        "-m",
        model,
    ];
    if expected["stream"] != true {
        words.push("--no-stream");
    }
    words.push("Hello");
    std::thread::scope(|scope| {
        scope.spawn(|| reply(&listener.accept().unwrap().0, exchange));
        let outcome = cli.run(&words);
        // Ends the server's wait should nothing have been sent.
        drop(TcpStream::connect(address));
        outcome
    })
}

/// Reads the request and writes the recorded reply, as a body that ends with the connection.
fn reply(mut stream: &TcpStream, exchange: &Value) {
    read_request(stream);
    let mut head = format!("HTTP/1.1 {} Recorded\r\nconnection: close\r\n", exchange["status"]);
    for (name, value) in exchange["response_headers"].as_object().unwrap() {
        let framing = ["content-length", "transfer-encoding", "content-encoding", "connection"];
        if let Some(value) = value.as_str().filter(|_| !framing.contains(&name.to_lowercase().as_str())) {
            head.extend([name, ": ", value, "\r\n"]);
        }
    }
    head.push_str("\r\n");
    let _ = stream.write_all(head.as_bytes());
    // An answer may be over for the reader before the last byte: a write that fails then is no error.
    let pieces = exchange["body"].as_str().unwrap().as_bytes().chunks(PIECE_BYTES);
    let _ = pieces.into_iter().try_for_each(|piece| stream.write_all(piece));
}

fn read_request(mut stream: &TcpStream) {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).unwrap();
        request.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&request).to_lowercase();
        let length =
            |head: &str| head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        let whole =
            text.split_once("\r\n\r\n").is_some_and(|(head, body)| body.len() >= length(head).unwrap_or(0));
        if count == 0 || whole {
            return;
        }
    }
}

fn calls(answer: &Value) -> Value {
    let calls = answer["tool_calls"].as_array().unwrap();
    calls.iter().map(|call| Value::from(vec![call["name"].clone(), call["arguments"].clone()])).collect()
}

/// Arguments that are JSON are compared as JSON, others as text.
fn expected_calls(expected: &Value) -> Value {
    let arguments = |call: &Value| {
        let text = call["arguments_json"].as_str().unwrap();
        if call["arguments_valid"] == true { serde_json::from_str(text).unwrap() } else { Value::from(text) }
    };
    let calls = expected["tool_calls"].as_array().unwrap();
    calls.iter().map(|call| Value::from(vec![call["name"].clone(), arguments(call)])).collect()
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}
