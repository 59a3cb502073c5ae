use proptest::prelude::*;
use roundtable_domain::{
    Answer, AnswerEnd, ErrorCategory, Message, Network, Params, Part, Role, StreamEvent, WireApi,
};
use serde_json::{Value, json};

use super::*;
use crate::replay::sealed;

fn decode<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<StreamEvent> {
    let mut decoder = OpenaiResponses.decoder("test", true);
    let mut events = Vec::new();
    for piece in pieces {
        decoder.push(piece, &mut events);
    }
    decoder.finish(&mut events);
    events
}

/// The answer of a reply; every split of it gives the same events.
fn answer(body: &str) -> Answer {
    let whole = decode([body.as_bytes()]);
    for cut in 0..=body.len() {
        let (before, after) = body.as_bytes().split_at(cut);
        assert_eq!(decode([before, after]), whole, "cut at byte {cut}");
    }
    let mut answer = Answer::default();
    for event in whole {
        answer.apply(event);
    }
    answer
}

fn stream(events: &[Value]) -> String {
    events
        .iter()
        .map(|event| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap()))
        .collect::<Vec<_>>()
        .concat()
}

fn completed(output: &Value) -> Value {
    json!({"type":"response.completed","response":{"id":"r","model":"m","status":"completed","output":output,
        "usage":{"input_tokens":3,"output_tokens":4}}})
}

fn text_delta(text: &str) -> Value {
    json!({"type":"response.output_text.delta","output_index":1,"content_index":0,"delta":text})
}

#[test]
fn deltas_make_the_answer_and_the_final_object_does_not_repeat_it() {
    let message = json!({"type":"message","content":[{"type":"output_text","text":"hello"}]});
    let reasoning = json!({"type":"reasoning","summary":[{"text":"hm"}],"encrypted_content":"sealed"});
    let answer = answer(&stream(&[
        json!({"type":"response.created","response":{"id":"r","model":"m","status":"in_progress","output":[]}}),
        json!({"type":"response.reasoning_summary_text.delta","output_index":0,"delta":"hm"}),
        json!({"type":"response.output_item.done","output_index":0,"item":reasoning}),
        text_delta("hel"),
        text_delta("lo"),
        json!({"type":"response.output_item.done","output_index":1,"item":message}),
        completed(&json!([reasoning, message])),
    ]));
    assert_eq!((answer.text.as_str(), answer.reasoning.as_str()), ("hello", "hm"));
    assert_eq!(sealed(&answer), [reasoning], "sealed reasoning is kept whole, once");
    assert_eq!((answer.finish_reason.as_deref(), answer.end()), (Some("completed"), AnswerEnd::Complete));
    assert!(answer.usage_raw.is_some());
}

#[test]
fn what_was_not_streamed_comes_from_the_final_object() {
    let output = json!([
        {"type":"message","content":[{"type":"output_text","text":"hi"},{"type":"refusal","refusal":"no"}]},
        {"type":"function_call","call_id":"c","id":"fc","name":"f","arguments":"{}"},
        {"type":"web_search_call"}
    ]);
    let answer = answer(&stream(&[completed(&output)]));
    assert_eq!((answer.text.as_str(), answer.refusal.as_str()), ("hi", "no"));
    assert_eq!(answer.tool_calls.len(), 1);
    assert_eq!(
        (answer.tool_calls[0].id.as_deref(), answer.tool_calls[0].arguments.as_str()),
        (Some("c"), "{}")
    );
    assert_eq!(answer.other_parts, ["web_search_call"]);
    assert_eq!(sealed(&answer), [json!({"type":"web_search_call"})], "kept whole: the next step needs it");
    assert_eq!(answer_of_empty_output().text, "x", "ChatGPT's backend sends an empty output");
}

fn answer_of_empty_output() -> Answer {
    answer(&stream(&[text_delta("x"), completed(&json!([]))]))
}

#[test]
fn parallel_calls_are_keyed_by_output_index() {
    let added = |index: u32, call: &str| {
        json!({"type":"response.output_item.added","output_index":index,
            "item":{"type":"function_call","id":"rotates","call_id":call,"name":"f","arguments":""}})
    };
    let delta = |index: u32, delta: &str| json!({"type":"response.function_call_arguments.delta","output_index":index,"item_id":"other","delta":delta});
    let answer =
        answer(&stream(&[added(0, "a"), added(1, "b"), delta(1, "{\"y\""), delta(0, "{}"), delta(1, ":1}")]));
    let calls: Vec<_> = answer.tool_calls.iter().map(|c| (c.id.as_deref(), c.arguments.as_str())).collect();
    assert_eq!(calls, [(Some("a"), "{}"), (Some("b"), "{\"y\":1}")]);
    assert_eq!(answer.end(), AnswerEnd::Truncated, "no terminal event came");
}

#[test]
fn every_way_to_end() {
    let end = |event: Value| answer(&stream(&[event]));
    let cut = end(json!({"type":"response.incomplete","response":{"status":"incomplete",
        "incomplete_details":{"reason":"max_output_tokens"}}}));
    assert_eq!(
        (cut.finish_reason.as_deref(), cut.end()),
        (Some("incomplete:max_output_tokens"), AnswerEnd::Complete)
    );
    let category = |answer: Answer| match answer.end() {
        AnswerEnd::Failed(error) => (error.category, error.message),
        other => panic!("expected a failure, got {other:?}"),
    };
    let failed = json!({"type":"response.failed","response":{"status":"failed",
        "error":{"code":"server_error","message":"down"}}});
    assert_eq!(category(end(failed)), (ErrorCategory::Unavailable, "down".into()));
    let flat = json!({"type":"error","code":"rate_limit_exceeded","message":"slow","param":null});
    assert_eq!(category(end(flat)), (ErrorCategory::RateLimited, "slow".into()));
    let nested =
        json!({"type":"error","error":{"type":"x","code":"insufficient_quota","message":"no money"}});
    assert_eq!(category(end(nested)), (ErrorCategory::QuotaExceeded, "no money".into()));
    let first = json!({"type":"error","error":{"type":"tokens","code":"rate_limit_exceeded","message":"a"}});
    let then = json!({"type":"response.failed","response":{"status":"failed","error":{"code":"server_error","message":"b"}}});
    assert_eq!(category(answer(&stream(&[first, then]))).1, "b", "the failed response has the last word");
    assert_eq!(category(answer("<html>")).0, ErrorCategory::WrongAddress);
    assert_eq!(answer("").end(), AnswerEnd::Truncated);
}

#[test]
fn a_conversation_becomes_input_items() {
    let endpoint = Endpoint {
        provider: "openai".into(),
        api: WireApi::OpenaiResponses,
        dialect: "openai".into(),
        base_url: Url::parse("https://api.openai.com/v1").unwrap(),
        extra_headers: Vec::new(),
        network: Network::default(),
    };
    let sealed = json!({"type":"reasoning","encrypted_content":"x"});
    let call = Part::ToolCall { id: "c".into(), name: "f".into(), arguments: String::new(), signature: None };
    let result =
        Part::ToolResult { call_id: "c".into(), name: "f".into(), content: "42".into(), is_error: false };
    let reasoning =
        Part::Reasoning { text: String::new(), opaque: Some(sealed.clone()), provider: "openai".into() };
    let request = ChatRequest {
        model: "gpt-5".into(),
        messages: vec![
            Message::text(Role::System, "be kind"),
            Message::text(Role::User, "hi"),
            Message { role: Role::Assistant, parts: vec![reasoning, Part::Text { text: "ok".into() }, call] },
            Message { role: Role::Tool, parts: vec![result] },
        ],
        params: Params { max_tokens: Some(9), ..Params::default() },
        tools: Vec::new(),
        stream: true,
        ..ChatRequest::default()
    };
    let wire = OpenaiResponses.chat_request(&endpoint, &request).unwrap();
    assert_eq!(wire.url.as_str(), "https://api.openai.com/v1/responses");
    let body: Value = serde_json::from_slice(&wire.body).unwrap();
    assert_eq!(
        body["input"],
        json!([
            {"role":"system","content":[{"type":"input_text","text":"be kind"}]},
            {"role":"user","content":[{"type":"input_text","text":"hi"}]},
            sealed,
            {"role":"assistant","content":[{"type":"output_text","text":"ok"}]},
            {"type":"function_call","call_id":"c","name":"f","arguments":"{}"},
            {"type":"function_call_output","call_id":"c","output":"42"}
        ])
    );
    assert_eq!((&body["store"], &body["max_output_tokens"]), (&json!(false), &json!(9)));
    assert_eq!(
        body["include"],
        json!(["reasoning.encrypted_content"]),
        "or the next step lacks its thoughts"
    );
    let params = Params { stop: vec!["x".into()], ..Params::default() };
    let omissions = OpenaiResponses.omissions(&endpoint, &ChatRequest { params, ..request });
    assert_eq!(omissions, [Omission::Parameter("stop".into())], "the API has no stop sequences");
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        decode([&bytes[..]]);
    }
}

#[test]
fn the_tier_of_a_finished_response_is_told_and_not_the_one_that_was_wished_for() {
    let created = r#"{"type":"response.created","response":{"id":"r1","model":"m1","service_tier":"auto"}}"#;
    let of = |tier: &str| {
        let done = format!(
            r#"{{"type":"response.completed","response":{{"id":"r1","model":"m1","status":"completed","service_tier":{tier},"output":[]}}}}"#
        );
        answer(&format!("data: {created}\n\ndata: {done}\n\n")).service_tier
    };
    assert_eq!(of("\"priority\"").as_deref(), Some("priority"));
    assert_eq!((of("\"default\""), of("{}")), (None, None));
}
