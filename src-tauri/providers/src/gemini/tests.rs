//! Small replies and requests of the Gemini wire. Real ones are in the corpus (`tests/corpus`).

mod requests;
mod round_trip;

use proptest::prelude::*;
use reqwest::header::HeaderMap;
use roundtable_domain::{AnswerEnd, ErrorCategory, StreamEvent};
use serde_json::{Value, json};

use super::Gemini;
use crate::replay::{answer, events, survives};
use crate::wire::Wire;

const BASE: &str = "https://generativelanguage.googleapis.com/v1beta";

/// A stream of these chunks, with CRLF as Google sends it.
fn stream(chunks: &[Value]) -> String {
    chunks.iter().map(|chunk| format!("data: {chunk}\r\n\r\n")).collect::<Vec<_>>().concat()
}

fn parts(parts: &Value) -> Value {
    json!({"candidates": [{"content": {"role": "model", "parts": parts}, "index": 0}], "modelVersion": "gemini-x"})
}

fn finish(reason: &str) -> Value {
    json!({"candidates": [{"finishReason": reason}], "usageMetadata": {"candidatesTokenCount": 2}})
}

#[test]
fn a_finish_reason_and_the_end_of_the_bytes_are_the_end() {
    let chunks = [parts(&json!([{"text": "hm", "thought": true}])), parts(&json!([{"text": "Grüße"}]))];
    let open = answer(&Gemini, &stream(&chunks), true);
    assert_eq!((open.text.as_str(), open.reasoning.as_str()), ("Grüße", "hm"));
    assert_eq!(open.end(), AnswerEnd::Truncated);

    let closed = answer(&Gemini, &stream(&[&chunks[..], &[finish("STOP")]].concat()), true);
    assert_eq!((closed.finish_reason.as_deref(), closed.end()), (Some("STOP"), AnswerEnd::Complete));
    let unknown = answer(&Gemini, &stream(&[finish("INVENTED_TOMORROW")]), true);
    assert_eq!(unknown.finish_reason.as_deref(), Some("INVENTED_TOMORROW"));
}

#[test]
fn usage_is_merged_because_chunks_leave_fields_out() {
    let counts = json!({"usageMetadata": {"promptTokenCount": 9, "thoughtsTokenCount": 5}});
    let answer = answer(&Gemini, &stream(&[counts, finish("MAX_TOKENS")]), true);
    let usage = answer.usage.unwrap();
    assert_eq!((usage.input, usage.output, usage.reasoning), (Some(9), Some(7), Some(5)));
}

#[test]
fn counts_that_only_grow_with_the_text_come_at_the_end_however_it_ends() {
    let chunk = |candidates: u64, thoughts: u64| json!({"usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": candidates, "thoughtsTokenCount": thoughts}});
    let error = json!({"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}});
    let outputs = |last: Option<Value>| -> Vec<Option<u64>> {
        let chunks = [chunk(1, 0), chunk(2, 0), chunk(3, 5), chunk(4, 5)].into_iter().chain(last);
        let events = events(&Gemini, &stream(&chunks.collect::<Vec<_>>()), true);
        let output =
            |event| if let StreamEvent::Usage { tokens, .. } = event { Some(tokens.output) } else { None };
        events.into_iter().filter_map(output).collect()
    };
    let expected = [Some(1), Some(8), Some(9)];
    assert_eq!(outputs(None), expected);
    assert_eq!(outputs(Some(error)), expected);
    assert_eq!(outputs(Some(json!({"candidates": [{"finishReason": "STOP"}]}))), expected);
}

#[test]
fn a_blocked_prompt_is_a_complete_answer_that_says_why() {
    let body = json!({"promptFeedback": {"blockReason": "SAFETY"}});
    for (body, streaming) in [(stream(std::slice::from_ref(&body)), true), (body.to_string(), false)] {
        let answer = answer(&Gemini, &body, streaming);
        assert_eq!(answer.finish_reason.as_deref(), Some("blocked:SAFETY"));
        assert_eq!((answer.end(), answer.usage, answer.choices), (AnswerEnd::Complete, None, 0));
    }
}

#[test]
fn only_the_first_candidate_is_read_and_the_others_are_counted() {
    let body = json!({"candidates": [
        {"content": {"parts": [{"text": "second"}]}, "index": 1},
        {"content": {"parts": [{"text": "first"}]}, "finishReason": "STOP", "index": 0}]});
    let answer = answer(&Gemini, &body.to_string(), false);
    assert_eq!((answer.text.as_str(), answer.choices), ("first", 2));
}

#[test]
fn streamed_arguments_are_put_together_also_without_their_closing_piece() {
    let begin = json!([{"functionCall": {"name": "add", "willContinue": true}, "thoughtSignature": "s"}]);
    let piece = |path: &str, text: &str| {
        json!([{"functionCall": {"willContinue": true,
            "partialArgs": [{"jsonPath": path, "stringValue": text, "willContinue": true}]}}])
    };
    let pieces = [parts(&begin), parts(&piece("$.to", "Bos")), parts(&piece("$.to", "ton"))];
    for closing in [parts(&json!([{"functionCall": {}}])), parts(&json!([{"text": ""}]))] {
        let body = stream(&[&pieces[..], &[closing, finish("STOP")]].concat());
        let answer = answer(&Gemini, &body, true);
        assert_eq!(answer.tool_calls.len(), 1);
        assert_eq!(answer.tool_calls[0].parsed_arguments(), Some(json!({"to": "Boston"})));
    }
    let interrupted = answer(&Gemini, &stream(&pieces), true);
    assert_eq!(interrupted.end(), AnswerEnd::Truncated);
}

#[test]
fn the_array_form_is_read_as_far_as_it_came() {
    let body = format!("[{}\n,\r\n{}\n]\n", parts(&json!([{"text": "a"}])), finish("STOP"));
    let whole = answer(&Gemini, &body, true);
    assert_eq!((whole.text.as_str(), whole.end()), ("a", AnswerEnd::Complete));
    let cut = answer(&Gemini, body.split("finishReason").next().unwrap(), true);
    assert_eq!((cut.text.as_str(), cut.end()), ("a", AnswerEnd::Truncated));
    let error = r#"[{"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED"}}]"#;
    let AnswerEnd::Failed(error) = answer(&Gemini, error, true).end() else { panic!("no error") };
    assert_eq!((error.category, error.code), (ErrorCategory::RateLimited, Some(json!(429))));
}

#[test]
fn an_error_in_the_stream_keeps_the_text_before_it() {
    let error = json!({"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}});
    let body = stream(&[parts(&json!([{"text": "a"}])), error, finish("STOP")]);
    let answer = answer(&Gemini, &body, true);
    assert_eq!(answer.text, "a");
    let AnswerEnd::Failed(error) = answer.end() else { panic!("no error") };
    assert_eq!((error.category, error.kind.as_deref()), (ErrorCategory::Unavailable, Some("UNAVAILABLE")));
}

#[test]
fn a_refused_reply_is_classified_by_its_details() {
    let refused = |status: u16, body: Value| {
        Gemini.error("test", status, &HeaderMap::new(), body.to_string().as_bytes())
    };
    let key = refused(
        400,
        json!({"error": {"code": 400, "message": "Bad.", "status": "INVALID_ARGUMENT", "details":
            [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}]}}),
    );
    assert_eq!(
        (key.category, key.kind.as_deref()),
        (ErrorCategory::Authentication, Some("INVALID_ARGUMENT"))
    );
    let wait = refused(
        429,
        json!([{"error": {"code": 429, "message": "Quota.", "status": "RESOURCE_EXHAUSTED", "details":
            [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.4s"}]}}]),
    );
    assert_eq!((wait.category, wait.retry_after_ms), (ErrorCategory::RateLimited, Some(34_400)));
    let page = Gemini.error("test", 502, &HeaderMap::new(), b"<html><title>Bad Gateway</title></html>");
    assert_eq!(page.category, ErrorCategory::Unavailable);
}

#[test]
fn a_reply_of_something_else_is_an_error_that_says_so() {
    for body in ["<html></html>", r#"{"choices":[]}"#, "[1]"] {
        assert!(matches!(answer(&Gemini, body, true).end(), AnswerEnd::Failed(_)), "{body}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_the_decoder_panic(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..8)) {
        survives(&Gemini, &pieces);
    }

    #[test]
    fn no_mixture_of_parts_makes_the_decoder_panic(picks in prop::collection::vec((0usize..8, any::<usize>()), 0..12)) {
        let pool = |pick: usize, index: usize| match pick {
            0 => parts(&json!([{"functionCall": {"name": "f", "willContinue": true}}])),
            1 => parts(&json!([{"functionCall": {"partialArgs": [{"jsonPath": format!("$.a[{index}].b")}]}}])),
            2 => parts(&json!([{"functionCall": {}, "thoughtSignature": "s"}])),
            3 => json!({"candidates": [{"index": index, "finishReason": "STOP"}]}),
            4 => json!({"candidates": null, "usageMetadata": {"promptTokenCount": -1}}),
            5 => parts(&json!([{"inlineData": {}}, {"tomorrow": null}])),
            6 => json!({"candidates": [{"content": null}]}),
            _ => json!([index]),
        };
        let chunks: Vec<Value> = picks.into_iter().map(|(pick, index)| pool(pick, index)).collect();
        survives(&Gemini, &[stream(&chunks).into_bytes()]);
        survives(&Gemini, &[Value::Array(chunks).to_string().into_bytes()]);
    }
}
