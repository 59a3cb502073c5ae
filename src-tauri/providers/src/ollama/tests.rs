//! Small replies and requests of Ollama's own wire. Real ones are in the corpus (`tests/corpus`).

use proptest::prelude::*;
use reqwest::header::HeaderMap;
use roundtable_domain::{
    AnswerEnd, Blob, ErrorCategory, Message, Params, Part, ReasoningEffort, Role, ToolChoice, ToolDefinition,
    WireApi,
};
use serde_json::{Value, json};

use super::Ollama;
use crate::replay::{answer, endpoint, question, sent, survives};
use crate::wire::{Omission, Wire};

const BASE: &str = "http://127.0.0.1:11434";

fn lines(lines: &[Value]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect::<Vec<_>>().concat()
}

fn said(message: &Value) -> Value {
    json!({"model": "m", "message": message, "done": false})
}

fn last() -> Value {
    json!({"model": "m", "message": {"role": "assistant", "content": ""}, "done": true, "done_reason": "stop",
        "eval_count": 5, "total_duration": 7})
}

#[test]
fn the_line_that_is_done_ends_the_answer_and_holds_the_counts() {
    let body = lines(&[said(&json!({"thinking": "hm"})), said(&json!({"content": "Grüße"})), last()]);
    for streaming in [true, false] {
        let answer = answer(&Ollama, &body, streaming);
        assert_eq!((answer.text.as_str(), answer.reasoning.as_str()), ("Grüße", "hm"));
        assert_eq!((answer.finish_reason.as_deref(), answer.end()), (Some("stop"), AnswerEnd::Complete));
        let usage = answer.usage.unwrap();
        assert_eq!((usage.input, usage.output), (None, Some(5)), "an absent count is unknown, not 0");
        assert_eq!(answer.usage_raw, Some(json!({"eval_count": 5, "total_duration": 7})));
    }
    let unfinished = lines(&[said(&json!({"content": "half"}))]);
    assert_eq!(answer(&Ollama, &unfinished, true).end(), AnswerEnd::Truncated);
    assert_eq!(
        answer(&Ollama, unfinished.trim_end().trim_end_matches('}'), true).end(),
        AnswerEnd::Truncated
    );
}

#[test]
fn a_line_with_an_error_ends_the_answer_and_keeps_the_text() {
    let body = lines(&[said(&json!({"content": "a"})), json!({"error": "out of memory"})]);
    let answer = answer(&Ollama, &body, true);
    assert_eq!(answer.text, "a");
    let AnswerEnd::Failed(error) = answer.end() else { panic!("no error") };
    assert_eq!((error.message.as_str(), error.status), ("out of memory", Some(200)));
}

#[test]
fn calls_come_whole_with_and_without_ids() {
    let calls = json!({"tool_calls": [
        {"id": "c1", "function": {"index": 0, "name": "add", "arguments": {"a": 1}}},
        {"function": {"name": "now", "arguments": {}}},
        {"function": {"name": "old", "arguments": "{\"b\":2}"}}]});
    let calls = answer(&Ollama, &lines(&[said(&calls), last()]), true).tool_calls;
    let read: Vec<_> = calls.iter().map(|call| (call.id.as_deref(), call.arguments.as_str())).collect();
    assert_eq!(read, [(Some("c1"), r#"{"a":1}"#), (None, "{}"), (None, r#"{"b":2}"#)]);
}

#[test]
fn a_whole_reply_may_be_laid_out_over_lines() {
    let body = serde_json::to_string_pretty(&last()).unwrap();
    assert_eq!(answer(&Ollama, &body, false).end(), AnswerEnd::Complete);
    assert_eq!(answer(&Ollama, body.trim_end_matches('}'), false).end(), AnswerEnd::Truncated);
}

#[test]
fn a_reply_of_something_else_is_an_error_that_says_so() {
    for (body, streaming) in
        [("<html></html>", true), ("<html></html>", false), ("Not found", false), ("[]", true)]
    {
        assert!(matches!(answer(&Ollama, body, streaming).end(), AnswerEnd::Failed(_)), "{body}");
    }
}

#[test]
fn a_refused_reply_holds_a_bare_text() {
    let error = Ollama.error("test", 404, &HeaderMap::new(), br#"{"error":"model 'x' not found"}"#);
    assert_eq!(
        (error.category, error.message.as_str()),
        (ErrorCategory::ModelNotFound, "model 'x' not found")
    );
}

#[test]
fn a_request_carries_everything_in_ollamas_shape() {
    let mut request = question("qwen3:4b");
    let image = Blob { media_type: "image/png".into(), base64: "aW1n".into(), name: None };
    let file = Blob { media_type: "text/plain".into(), base64: "aGk=".into(), name: Some("a.txt".into()) };
    request.messages[0].parts.push(Part::Image { blob: image });
    request.messages[0].parts.push(Part::File { blob: file });
    request.messages.push(Message {
        role: Role::Assistant,
        parts: vec![
            Part::Reasoning { text: "hm".into(), opaque: None, provider: "test".into() },
            Part::ToolCall {
                id: "c".into(),
                name: "add".into(),
                arguments: r#"{"a":1}"#.into(),
                signature: None,
            },
        ],
    });
    request.messages.push(Message {
        role: Role::Tool,
        parts: vec![Part::ToolResult {
            call_id: "c".into(),
            name: "add".into(),
            content: "1".into(),
            is_error: false,
        }],
    });
    let parameters = json!({"type": "object"});
    request.tools.push(ToolDefinition { name: "add".into(), description: None, parameters });
    request.params = Params {
        temperature: Some(0.5),
        max_tokens: Some(9),
        reasoning_effort: Some(ReasoningEffort::Minimal),
        ..Params::default()
    };
    let (url, body) = sent(&Ollama, &endpoint(WireApi::Ollama, BASE), &request);
    assert_eq!(url, "http://127.0.0.1:11434/api/chat");
    assert_eq!(
        body,
        json!({
            "model": "qwen3:4b", "stream": true, "think": false,
            "options": {"temperature": 0.5, "num_predict": 9},
            "tools": [{"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}],
            "messages": [
                {"role": "user", "content": "Why?\n\na.txt:\n\nhi", "images": ["aW1n"]},
                {"role": "assistant", "content": "", "thinking": "hm",
                    "tool_calls": [{"id": "c", "function": {"name": "add", "arguments": {"a": 1}}}]},
                {"role": "tool", "content": "1", "tool_name": "add", "tool_call_id": "c"}
            ]
        })
    );
}

#[test]
fn what_is_not_asked_for_is_not_sent_and_what_cannot_be_carried_is_said() {
    let endpoint = endpoint(WireApi::Ollama, "http://127.0.0.1:11434/api/");
    let mut request = question("gpt-oss:20b");
    let (url, body) = sent(&Ollama, &endpoint, &request);
    assert_eq!(url, "http://127.0.0.1:11434/api/chat");
    let expected =
        json!({"model": "gpt-oss:20b", "stream": true, "messages": [{"role": "user", "content": "Why?"}]});
    assert_eq!(body, expected);

    request.params.reasoning_effort = Some(ReasoningEffort::High);
    assert_eq!(sent(&Ollama, &endpoint, &request).1["think"], json!("high"));

    let blob = Blob { media_type: "application/pdf".into(), base64: "aGk=".into(), name: None };
    request.messages[0].parts.push(Part::File { blob });
    request.messages[0].parts.push(Part::ImageUrl { url: "https://x.example/a.png".into() });
    request.tools.push(ToolDefinition { name: "f".into(), description: None, parameters: json!({}) });
    request.tool_choice = ToolChoice::Required;
    request.params.reasoning_tokens = Some(9);
    let said = [
        Omission::ImageUrls,
        Omission::Files("application/pdf".into()),
        Omission::ToolChoice,
        Omission::Parameter("reasoning_tokens".into()),
    ];
    assert_eq!(Ollama.omissions(&endpoint, &request), said);
    let (_, body) = sent(&Ollama, &endpoint, &request);
    assert_eq!(body["messages"], json!([{"role": "user", "content": "Why?"}]), "the rest is sent");

    request.messages[0].parts.remove(0);
    let error = Ollama.chat_request(&endpoint, &request).unwrap_err();
    assert_eq!(error.category, ErrorCategory::InvalidRequest, "nothing is left to say");
}

proptest! {
    #[test]
    fn no_bytes_make_the_decoder_panic(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..8)) {
        survives(&Ollama, &pieces);
    }

    #[test]
    fn no_mixture_of_lines_makes_the_decoder_panic(picks in prop::collection::vec(0usize..6, 0..12)) {
        let pool = |pick: usize| match pick {
            0 => said(&json!({"content": null, "tool_calls": null})),
            1 => said(&json!({"tool_calls": [{"function": {"name": "f", "arguments": null}}]})),
            2 => json!({"done": true, "eval_count": -1}),
            3 => json!({"error": {"message": "nested"}}),
            4 => json!([1, 2]),
            _ => json!({"message": 7}),
        };
        let all: Vec<Value> = picks.into_iter().map(pool).collect();
        survives(&Ollama, &[lines(&all).into_bytes()]);
    }
}
