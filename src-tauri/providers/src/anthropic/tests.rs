//! Small replies and requests of the Messages wire. Real ones are in the corpus (`tests/corpus`).

mod requests;
mod round_trip;

use proptest::prelude::*;
use reqwest::header::HeaderMap;
use roundtable_domain::{AnswerEnd, ErrorCategory, Message, Part, Role, StreamEvent, WireApi};
use serde_json::{Value, json};

use super::AnthropicMessages;
use crate::replay::{answer, endpoint, events, question, sealed, sent, survives};
use crate::wire::Wire;

const BASE: &str = "https://api.anthropic.com";

/// A stream of these events, as the API frames them.
fn stream(events: &[Value]) -> String {
    events
        .iter()
        .map(|event| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap()))
        .collect::<Vec<_>>()
        .concat()
}

fn start(id: &str) -> Value {
    json!({"type": "message_start", "message": {"id": id, "model": "claude-x", "content": [],
        "usage": {"input_tokens": 10, "cache_read_input_tokens": 4, "output_tokens": 1}}})
}

fn text(index: u64, text: &str) -> [Value; 3] {
    [
        json!({"type": "content_block_start", "index": index, "content_block": {"type": "text", "text": ""}}),
        json!({"type": "content_block_delta", "index": index, "delta": {"type": "text_delta", "text": text}}),
        json!({"type": "content_block_stop", "index": index}),
    ]
}

fn end(output: u64) -> [Value; 2] {
    let usage = json!({"output_tokens": output, "input_tokens": null});
    [
        json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": usage}),
        json!({"type": "message_stop"}),
    ]
}

#[test]
fn usage_is_overwritten_field_by_field_and_null_says_nothing() {
    let events = [&[start("m1")][..], &text(0, "Grüße"), &end(7)].concat();
    let answer = answer(&AnthropicMessages, &stream(&events), true);
    assert_eq!((answer.text.as_str(), answer.end()), ("Grüße", AnswerEnd::Complete));
    let usage = answer.usage.unwrap();
    assert_eq!((usage.input, usage.cached_input, usage.output), (Some(14), Some(4), Some(7)));
    let expected = json!({"input_tokens": 10, "cache_read_input_tokens": 4, "output_tokens": 7});
    assert_eq!(answer.usage_raw, Some(expected));
}

#[test]
fn what_is_not_known_is_passed_over() {
    let odd = [
        json!({"type": "tomorrow", "delta": "not even an object"}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "dance_delta", "text": {"step": 1}}}),
        json!({"type": "ping"}),
    ];
    let known = [&[start("m1")][..], &text(0, "a")].concat();
    let body = stream(&[&known[..], &odd, &text(1, "b"), &end(2)].concat());
    let answer = answer(&AnthropicMessages, &(body + "event: data\ndata: [DONE]\n\n"), true);
    assert_eq!((answer.text.as_str(), answer.end()), ("ab", AnswerEnd::Complete));
}

#[test]
fn a_known_event_that_cannot_be_read_ends_the_answer_with_an_error() {
    let broken =
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": 5}});
    let body = stream(&[&[start("m1")][..], &text(0, "kept"), &[broken], &end(2)].concat());
    let answer = answer(&AnthropicMessages, &body, true);
    assert_eq!(answer.text, "kept");
    assert!(matches!(answer.end(), AnswerEnd::Failed(error) if error.category == ErrorCategory::Unavailable));
}

#[test]
fn an_end_of_bytes_without_message_stop_is_truncated() {
    let body = stream(&[&[start("m1")][..], &text(0, "half")].concat());
    assert_eq!(answer(&AnthropicMessages, &body, true).end(), AnswerEnd::Truncated);
    let cut_in_an_event = body.trim_end().trim_end_matches('}');
    assert_eq!(answer(&AnthropicMessages, cut_in_an_event, true).end(), AnswerEnd::Truncated);
}

#[test]
fn a_second_message_is_never_spliced_to_the_first() {
    let repeated = [&[start("m1"), start("m1")][..], &text(0, "one"), &end(2)].concat();
    assert_eq!(answer(&AnthropicMessages, &stream(&repeated), true).end(), AnswerEnd::Complete);

    let replaced = [&[start("m1"), start("m2")][..], &text(0, "one"), &end(2)].concat();
    let answer_of_second = answer(&AnthropicMessages, &stream(&replaced), true);
    assert_eq!(answer_of_second.response_id.as_deref(), Some("m2"));
    assert_eq!(answer_of_second.end(), AnswerEnd::Complete);

    let spliced = [&[start("m1")][..], &text(0, "one"), &[start("m2")], &text(0, "two"), &end(2)].concat();
    let spliced = answer(&AnthropicMessages, &stream(&spliced), true);
    assert_eq!((spliced.text.as_str(), spliced.response_id.as_deref()), ("one", Some("m1")));
    assert!(matches!(spliced.end(), AnswerEnd::Failed(_)));
}

#[test]
fn an_error_in_the_stream_keeps_the_provider_s_words() {
    let error = json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"},
        "request_id": "req_1"});
    let body = stream(&[&[start("m1")][..], &text(0, "a"), &[error], &end(2)].concat());
    let AnswerEnd::Failed(error) = answer(&AnthropicMessages, &body, true).end() else { panic!("no error") };
    assert_eq!(error.category, ErrorCategory::Unavailable);
    assert_eq!((error.kind.as_deref(), error.message.as_str()), (Some("overloaded_error"), "Overloaded"));
    assert_eq!((error.request_id.as_deref(), error.status), (Some("req_1"), Some(200)));
}

#[test]
fn tool_arguments_come_in_pieces_at_the_start_or_not_at_all() {
    let call = |index: u64, input: Value| {
        json!({"type": "content_block_start", "index": index, "content_block":
            {"type": "tool_use", "id": format!("t{index}"), "name": "add", "input": input}})
    };
    let piece = |index: u64, json: &str| {
        json!({"type": "content_block_delta", "index": index,
            "delta": {"type": "input_json_delta", "partial_json": json}})
    };
    let stop = |index: u64| json!({"type": "content_block_stop", "index": index});
    let body = stream(&[
        start("m1"),
        call(0, json!({})),
        piece(0, ""),
        piece(0, "{\"a\":"),
        piece(0, "1}"),
        stop(0),
        call(1, json!({"a": 2})),
        stop(1),
        call(2, json!({})),
        stop(2),
    ]);
    let calls = answer(&AnthropicMessages, &body, true).tool_calls;
    let arguments: Vec<_> = calls.iter().map(|call| call.parsed_arguments().unwrap()).collect();
    assert_eq!(arguments, [json!({"a": 1}), json!({"a": 2}), json!({})]);
    assert_eq!(calls[1].id.as_deref(), Some("t1"));
}

#[test]
fn signed_thinking_goes_back_verbatim_but_only_to_who_signed_it() {
    let block = json!({"type": "content_block_start", "index": 0,
        "content_block": {"type": "thinking", "thinking": "", "signature": ""}});
    let delta = |delta: Value| json!({"type": "content_block_delta", "index": 0, "delta": delta});
    let body = stream(&[
        start("m1"),
        block,
        delta(json!({"type": "thinking_delta", "thinking": "hm"})),
        delta(json!({"type": "signature_delta", "signature": "sig=="})),
        json!({"type": "content_block_stop", "index": 0}),
    ]);
    let answer = answer(&AnthropicMessages, &body, true);
    let signed = json!({"type": "thinking", "thinking": "hm", "signature": "sig=="});
    assert_eq!((answer.reasoning.as_str(), sealed(&answer)), ("hm", vec![signed.clone()]));

    let turn = |provider: &str| {
        let opaque = Some(Value::Array(sealed(&answer)));
        let reasoning = Part::Reasoning { text: "hm".into(), opaque, provider: provider.into() };
        let parts = vec![reasoning, Part::Text { text: "because".into() }];
        let mut request = question("claude-x");
        request.messages.push(Message { role: Role::Assistant, parts });
        sent(&AnthropicMessages, &endpoint(WireApi::AnthropicMessages, BASE), &request).1
    };
    let said = json!({"type": "text", "text": "because"});
    assert_eq!(turn("test")["messages"][1]["content"], json!([signed, said]));
    assert_eq!(turn("another")["messages"][1]["content"], json!([said]));
}

#[test]
fn blocks_of_the_server_s_own_making_are_put_together_and_go_back_as_they_were() {
    let block = |index: u64, block: Value| json!({"type": "content_block_start", "index": index, "content_block": block});
    let delta =
        |index: u64, delta: Value| json!({"type": "content_block_delta", "index": index, "delta": delta});
    let stop = |index: u64| json!({"type": "content_block_stop", "index": index});
    let search = json!({"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {}});
    let found = json!({"type": "web_search_tool_result", "tool_use_id": "s1", "content": [{"encrypted_content": "x"}]});
    let body = stream(&[
        start("m1"),
        block(0, search),
        delta(0, json!({"type": "input_json_delta", "partial_json": "{\"query\":"})),
        delta(0, json!({"type": "input_json_delta", "partial_json": "\"a\"}"})),
        stop(0),
        block(1, found.clone()),
        stop(1),
        block(2, json!({"type": "compaction", "content": null})),
        delta(2, json!({"type": "compaction_delta", "content": "So far: "})),
        delta(2, json!({"type": "compaction_delta", "content": "nothing."})),
        stop(2),
    ]);
    let answer = answer(&AnthropicMessages, &body, true);
    let asked = json!({"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {"query": "a"}});
    let compacted = json!({"type": "compaction", "content": "So far: nothing."});
    assert_eq!(sealed(&answer), [asked, found, compacted]);
    assert_eq!(answer.other_parts, ["server_tool_use", "web_search_tool_result", "compaction"]);
}

#[test]
fn a_whole_reply_gives_the_same_answer_as_its_stream_also_where_a_stream_was_asked_for() {
    let body = json!({"type": "message", "id": "m1", "model": "claude-x", "stop_reason": "stop_sequence",
        "stop_sequence": "END", "usage": {"input_tokens": 3, "output_tokens": 2}, "content": [
            {"type": "text", "text": "a"},
            {"type": "web_search_tool_result", "content": []},
            {"type": "tool_use", "id": "t", "name": "add", "input": {"a": 1}}]});
    for streaming in [false, true] {
        let answer = answer(&AnthropicMessages, &body.to_string(), streaming);
        assert_eq!((answer.text.as_str(), answer.end()), ("a", AnswerEnd::Complete));
        assert_eq!(answer.stop_sequence.as_deref(), Some("END"));
        assert_eq!(answer.other_parts, ["web_search_tool_result"]);
        assert_eq!(answer.tool_calls[0].arguments, r#"{"a":1}"#);
    }
}

#[test]
fn a_reply_of_something_else_is_an_error_that_says_so() {
    for body in ["<html><title>Welcome</title></html>", r#"{"ok":true}"#, r#"{"choices":[]}"#] {
        let AnswerEnd::Failed(error) = answer(&AnthropicMessages, body, true).end() else { panic!("{body}") };
        assert!(error.message.contains("base URL"), "{}", error.message);
    }
    let cut = r#"{"type":"message","id":"m1","content":[{"type":"te"#;
    assert_eq!(answer(&AnthropicMessages, cut, false).end(), AnswerEnd::Truncated);
}

#[test]
fn a_refused_reply_keeps_the_request_id_of_body_or_header() {
    let body = br#"{"type":"error","error":{"type":"not_found_error","message":"model: nope"},"request_id":"req_b"}"#;
    let error = AnthropicMessages.error("test", 404, &HeaderMap::new(), body);
    assert_eq!(error.category, ErrorCategory::ModelNotFound);
    assert_eq!(error.request_id.as_deref(), Some("req_b"));

    let headers =
        HeaderMap::from_iter([("request-id", "req_h"), ("retry-after", "46")].map(|(name, value)| {
            (name.parse::<reqwest::header::HeaderName>().unwrap(), value.parse().unwrap())
        }));
    let error = AnthropicMessages.error("test", 529, &headers, b"");
    assert_eq!((error.request_id.as_deref(), error.retry_after_ms), (Some("req_h"), Some(46_000)));
}

#[test]
fn pings_are_proof_of_life_but_no_progress() {
    let body = stream(&[start("m1"), json!({"type": "ping"})]);
    let events = events(&AnthropicMessages, &body, true);
    assert_eq!(events.last(), Some(&StreamEvent::KeepAlive));
    assert!(!events.iter().any(StreamEvent::is_semantic));
}

proptest! {
    #[test]
    fn no_bytes_make_the_decoder_panic(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..8)) {
        survives(&AnthropicMessages, &pieces);
    }

    #[test]
    fn no_mixture_of_events_makes_the_decoder_panic(
        picks in prop::collection::vec((0usize..9, 0u64..3), 0..12)
    ) {
        let pool = |pick: usize, index: u64| match pick {
            0 => start("m1"),
            1 => json!({"type": "content_block_start", "index": index, "content_block": {"type": "tool_use", "input": null}}),
            2 => json!({"type": "content_block_delta", "index": index, "delta": {"type": "input_json_delta", "partial_json": "{"}}),
            3 => json!({"type": "content_block_start", "index": index, "content_block": {"type": "thinking"}}),
            4 => json!({"type": "content_block_delta", "index": index, "delta": {"type": "signature_delta", "signature": "s"}}),
            5 => json!({"type": "content_block_stop", "index": index}),
            6 => json!({"type": "message_delta", "usage": {"output_tokens": index}}),
            7 => json!({"type": "message_stop"}),
            _ => json!({"type": "content_block_start", "index": index, "content_block": 7}),
        };
        let events: Vec<Value> = picks.into_iter().map(|(pick, index)| pool(pick, index)).collect();
        survives(&AnthropicMessages, &[stream(&events).into_bytes()]);
    }
}
