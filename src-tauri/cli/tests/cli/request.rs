//! What `ask` sends of files, tools, forms and values, and what it says was left out.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::{Cli, Server};

/// A PNG of one red point.
const POINT: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90wS\xde\0\0\0\x0cIDATx\x9cc\xf8\xcf\xc0\0\0\x03\x01\x01\0\xc9\xfe\x92\xef\0\0\0\0IEND\xaeB`\x82";

fn write(cli: &Cli, name: &str, content: impl AsRef<[u8]>) -> String {
    let path: PathBuf = cli.folder.path().join(name);
    fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The body of the last request.
fn sent(server: &Server) -> Value {
    server.emulator.requests().pop().unwrap().body
}

#[test]
fn images_and_files_go_along_and_the_model_sees_them() {
    let (cli, server) = (Cli::new(), Server::start());
    let (picture, notes) = (write(&cli, "point.png", POINT), write(&cli, "notes.md", "# Remember\n"));
    for kind in ["openai", "openai-responses", "anthropic", "gemini", "ollama"] {
        let words = ["-m", "swift", "--image", &picture, "--file", &notes, "What do you see?"];
        let outcome = server.ask(&cli, kind, &words);
        assert_eq!(outcome.code, Some(0), "{kind}: {}", outcome.err);
        let text = outcome.answer()["text"].as_str().unwrap().to_owned();
        assert!(text.starts_with("I see an image of 1x1 PNG"), "{kind}: {text}");
        let body = sent(&server).to_string();
        assert!(body.contains("# Remember") && body.contains("notes.md"), "{kind}: {body}");
    }
    let outcome = server.ask(&cli, "openai", &["-m", "swift", "--image", &notes, "?"]);
    assert_eq!((outcome.code, outcome.error()["code"].as_str()), (Some(2), Some("usage")));
}

#[test]
fn files_are_made_to_fit_in_their_order_and_it_is_said() {
    let (cli, server) = (Cli::new(), Server::start());
    let first = write(&cli, "first.txt", "alpha ".repeat(100));
    let second = write(&cli, "second.txt", "beta ".repeat(2_000));
    let third = write(&cli, "third.txt", "gamma ".repeat(2_000));
    let files = ["--file", &first, "--file", &second, "--file", &third, "--fit", "600"];
    let outcome = server.ask(&cli, "openai", &[&["-m", "swift"], &files[..], &["Sum up"]].concat());
    let notices = outcome.answer()["notices"].clone();
    assert_eq!(notices.as_array().map(Vec::len), Some(2), "{notices}");
    assert!(notices[0].as_str().unwrap().contains("“second.txt”"), "{notices}");
    assert_eq!(notices[1], "“third.txt” does not fit and is left out.");
    let body = sent(&server).to_string();
    assert!(body.matches("alpha").count() == 100 && body.contains("beta") && !body.contains("gamma"));
}

#[test]
fn tools_and_their_choice_are_sent_and_calls_come_out() {
    let (cli, server) = (Cli::new(), Server::start());
    let weather = json!([{"name": "get_weather", "description": "The weather of a city", "parameters": {
        "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}]);
    let tools = write(&cli, "tools.json", weather.to_string());
    for kind in ["openai", "openai-responses", "anthropic", "gemini", "ollama"] {
        let words = ["-m", "swift", "--tools", &tools, "How is the weather in Porto?"];
        let answer = server.ask(&cli, kind, &words).answer();
        assert_eq!(answer["tool_calls"][0]["name"], "get_weather", "{kind}: {answer}");
        assert_eq!(answer["tool_calls"][0]["arguments"], json!({"city": "Porto"}), "{kind}");
        assert_eq!(answer["finish_reason"], "tool_calls", "{kind}");
    }
    let words =
        ["-m", "swift", "--tools", &tools, "--tool-choice", "none", "--no-parallel-tools", "The weather?"];
    assert_eq!(server.ask(&cli, "openai", &words).answer()["tool_calls"], json!([]));
    let body = sent(&server);
    assert_eq!((&body["tool_choice"], &body["parallel_tool_calls"]), (&json!("none"), &json!(false)));
    let unknown = ["-m", "swift", "--tools", &tools, "--tool-choice", "send_mail", "Hello"];
    assert!(server.ask(&cli, "openai", &unknown).err.contains("get_weather"));
    let broken = write(&cli, "broken.json", "{}");
    assert_eq!(server.ask(&cli, "openai", &["-m", "swift", "--tools", &broken, "Hello"]).code, Some(2));
}

#[test]
fn a_schema_holds_the_answer_to_its_form() {
    let (cli, server) = (Cli::new(), Server::start());
    let schema = json!({"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
        "required": ["name", "age"], "additionalProperties": false});
    let file = write(&cli, "person.json", schema.to_string());
    for kind in ["openai", "openai-responses", "gemini", "ollama"] {
        let answer = server.ask(&cli, kind, &["-m", "swift", "--schema", &file, "Who is Ada?"]).answer();
        let said: Value = serde_json::from_str(answer["text"].as_str().unwrap()).unwrap_or_default();
        assert!(said["age"].is_i64(), "{kind}: {answer}");
    }
    let answer = server.ask(&cli, "anthropic", &["-m", "swift", "--schema", &file, "Who is Ada?"]).answer();
    let notice = answer["notices"][0].as_str().unwrap();
    assert!(notice.contains("cannot be held to a form"), "what is not sent is said: {answer}");
    server.ask(&cli, "openai", &["-m", "swift", "--json-object", "Hello"]);
    assert_eq!(sent(&server)["response_format"], json!({"type": "json_object"}));
}

#[test]
fn every_value_is_sent_and_what_is_out_of_range_is_refused_before_sending() {
    let (cli, server) = (Cli::new(), Server::start());
    let values =
        ["--temperature", "0.5", "--top-p", "0.9", "--max-tokens", "50", "--stop", "END", "--seed", "-7"];
    let more = ["--presence-penalty", "-0.5", "--frequency-penalty", "0.25", "Hello"];
    server.ask(&cli, "openai", &[&["-m", "swift"], &values[..], &more[..]].concat());
    let body = sent(&server);
    for (name, value) in [
        ("temperature", json!(0.5)),
        ("top_p", json!(0.9)),
        ("stop", json!(["END"])),
        ("seed", json!(-7)),
        ("presence_penalty", json!(-0.5)),
        ("frequency_penalty", json!(0.25)),
    ] {
        assert_eq!(body[name], value, "{body}");
    }
    server.ask(&cli, "gemini", &["-m", "swift", "--top-k", "40", "--effort", "high", "Hello"]);
    assert_eq!(sent(&server).pointer("/generationConfig/topK"), Some(&json!(40)));
    let outcome = server.ask(&cli, "openai", &["-m", "swift", "--top-p", "3", "Hello"]);
    assert_eq!(outcome.code, Some(1));
    let error = outcome.answer()["error"].clone();
    assert_eq!(
        (&error["message"], &error["status"]),
        (&Value::Null, &Value::Null),
        "the provider said nothing"
    );
    assert!(error["explanation"].as_str().unwrap().contains("top_p"), "{error}");
}

#[test]
fn another_profile_and_the_environments_model_hold_for_a_question_that_names_none() {
    let cli = Cli::new().with("LLM_DEFAULT_MODEL", "demo/swift").with("LLM_DEFAULT_TEMPERATURE", "0.25");
    let outcome = cli.run(&["ask", "--json", "--profile", "draft", "Hello"]);
    assert_eq!(outcome.answer()["target"], "demo/swift", "{}", outcome.err);
    let unknown = cli.run(&["ask", "--json", "--profile", "nobody", "Hello"]);
    assert_eq!((unknown.code, unknown.error()["code"].as_str()), (Some(2), Some("unknown_profile")));
    let unnamed = Cli::new().run(&["ask", "--json", "Hello"]);
    assert_eq!((unnamed.code, unnamed.error()["code"].as_str()), (Some(2), Some("usage")));
}
