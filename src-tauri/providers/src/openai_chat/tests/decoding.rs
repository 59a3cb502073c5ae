use proptest::prelude::*;
use roundtable_domain::{AnswerEnd, ErrorCategory, Part, WireApi};
use serde_json::json;

use super::*;
use crate::replay::sealed;

fn calls(answer: &Answer) -> Vec<(Option<&str>, &str, &str)> {
    answer.tool_calls.iter().map(|c| (c.id.as_deref(), c.name.as_str(), c.arguments.as_str())).collect()
}

#[test]
fn text_reasoning_usage_and_the_end() {
    let body = stream(&[
        r#"{"id":"r1","model":"m1","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}"#,
        &delta(r#"{"content":null,"reasoning_content":"hm"}"#),
        &delta(r#"{"content":"Grüße \"😀\"\n"}"#),
        r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}"#,
        r#"{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}"#,
        "[DONE]",
    ]);
    let answer = answer(&body);
    assert_eq!((answer.text.as_str(), answer.reasoning.as_str()), ("Grüße \"😀\"\n", "hm"));
    assert_eq!(answer.finish_reason.as_deref(), Some("stop"));
    assert_eq!((answer.response_id.as_deref(), answer.model_served.as_deref()), (Some("r1"), Some("m1")));
    assert_eq!(answer.usage_raw, Some(json!({"prompt_tokens":3,"completion_tokens":4})));
    assert_eq!(answer.end(), AnswerEnd::Complete);
}

#[test]
fn the_same_reasoning_under_two_names_counts_once() {
    let twice =
        r#"{"reasoning":"think","reasoning_details":[{"type":"reasoning.text","text":"think","index":0}]}"#;
    assert_eq!(finished(&[twice, r#"{"content":"x"}"#]).reasoning, "think");
    assert!(sealed(&finished(&[twice])).is_empty(), "readable details need no replay");
    let only_details =
        r#"{"reasoning":"","reasoning_details":[{"type":"reasoning.summary","summary":"sum","index":0}]}"#;
    assert_eq!(finished(&[only_details]).reasoning, "sum");
    assert_eq!(finished(&[r#"{"reasoning_content":"a","reasoning":"a"}"#]).reasoning, "a");
}

#[test]
fn signed_and_encrypted_reasoning_is_merged_for_replay() {
    let answer = finished(&[
        r#"{"reasoning_details":[{"type":"reasoning.text","text":"th","index":0,"format":"f"}]}"#,
        r#"{"reasoning_details":[{"type":"reasoning.text","text":"ink","signature":"sig","index":0}]}"#,
        r#"{"reasoning_details":[{"type":"reasoning.encrypted","data":"xyz","index":1}],"content":"x"}"#,
    ]);
    let text = json!({"type":"reasoning.text","text":"think","index":0,"format":"f","signature":"sig"});
    assert_eq!(sealed(&answer), [text, json!({"type":"reasoning.encrypted","data":"xyz","index":1})]);
    assert_eq!(answer.reasoning, "think");
}

#[test]
fn mistral_content_may_be_a_list() {
    let answer = finished(&[
        r#"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]}]}"#,
        r#"{"content":[{"type":"text","text":"yes"},{"type":"reference","reference_ids":[1]}]}"#,
        r#"{"content":"!"}"#,
    ]);
    assert_eq!((answer.reasoning.as_str(), answer.text.as_str()), ("hm", "yes!"));
    assert_eq!(answer.other_parts, ["reference"]);
}

#[test]
fn tool_calls_are_keyed_by_index_and_interleave() {
    let answer = finished(&[
        r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":""}}]}"#,
        r#"{"tool_calls":[{"index":1,"id":"b","function":{"name":"g","arguments":"{\"y\":"}}]}"#,
        r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":1}"}}]}"#,
        r#"{"tool_calls":[{"index":1,"id":"","function":{"name":null,"arguments":"2}"}},{"index":1,"function":{"arguments":""}}]}"#,
    ]);
    assert_eq!(
        calls(&answer),
        [(Some("a"), "f", r#"{"x":1}"#), (Some("b"), "g", r#"{"y":2}"#)],
        "ids and names that repeat are not appended"
    );
}

#[test]
fn tool_calls_without_an_index() {
    let answer = finished(&[
        r#"{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}},{"id":"b","function":{"name":"f","arguments":{"k":1}}}]}"#,
    ]);
    assert_eq!(calls(&answer), [(Some("a"), "f", "{}"), (Some("b"), "f", r#"{"k":1}"#)]);
    let answer = finished(&[
        r#"{"tool_calls":[{"id":"","function":{"name":"f","arguments":"{\"a\":1}"}}]}"#,
        r#"{"tool_calls":[{"id":"","function":{"name":"f","arguments":"{\"a\":2}"}}]}"#,
    ]);
    assert_eq!(
        calls(&answer),
        [(None, "f", r#"{"a":1}"#), (None, "f", r#"{"a":2}"#)],
        "the first call was whole already"
    );
    let answer = finished(&[
        r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]}"#,
        r#"{"tool_calls":[{"index":0,"id":"b","function":{"name":"f","arguments":"{}"}}]}"#,
    ]);
    assert_eq!(calls(&answer).len(), 2, "parallel calls that share an index");
}

#[test]
fn a_calls_signature_is_kept_for_replay() {
    let signed = r#"{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"},
        "extra_content":{"google":{"thought_signature":"sig"}}}]}"#;
    let answer = finished(&[&signed.replace('\n', "")]);
    assert_eq!(calls(&answer), [(Some("a"), "f", "{}")]);
    let message = answer.to_message("test", WireApi::OpenaiChat);
    assert!(
        matches!(&message.parts[..], [Part::ToolCall { signature: Some(signature), .. }] if signature == "sig"),
        "as Gemini's own wire gives it"
    );
}

#[test]
fn placeholders_are_no_calls_and_the_legacy_form_is_one() {
    let empty = r#"{"content":"4","function_call":{"name":"","arguments":""},"tool_calls":null}"#;
    assert!(finished(&[empty]).tool_calls.is_empty());
    assert!(
        finished(&[r#"{"tool_calls":[{"id":"","function":{"name":"","arguments":""}}]}"#])
            .tool_calls
            .is_empty()
    );
    let legacy = finished(&[
        r#"{"function_call":{"name":"f","arguments":"{\"a\""}}"#,
        r#"{"function_call":{"arguments":":1}"}}"#,
    ]);
    assert_eq!(calls(&legacy), [(None, "f", r#"{"a":1}"#)]);
}

#[test]
fn only_the_first_choice_is_the_answer() {
    let answer = answer(&stream(&[
        r#"{"choices":[{"index":1,"delta":{"content":"other"}},{"index":0,"delta":{"content":"mine"}}]}"#,
        r#"{"choices":[{"index":1,"delta":{},"finish_reason":"length"}]}"#,
        r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
        "[DONE]",
    ]));
    assert_eq!(
        (answer.text.as_str(), answer.choices, answer.finish_reason.as_deref()),
        ("mine", 2, Some("stop"))
    );
}

#[test]
fn usage_is_the_last_object_wherever_it_sits() {
    let at = |chunk: &str| {
        let finish = r#"{"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}]}"#;
        answer(&stream(&[finish, chunk, "[DONE]"])).usage_raw
    };
    let usage = Some(json!({"prompt_tokens":1}));
    assert_eq!(at(r#"{"choices":[],"usage":{"prompt_tokens":1}}"#), usage);
    assert_eq!(at(r#"{"choices":[],"x_groq":{"id":"r","usage":{"prompt_tokens":1}}}"#), usage);
    assert_eq!(at(r#"{"choices":[{"index":0,"delta":{},"usage":{"prompt_tokens":1}}]}"#), usage);
    assert_eq!(at(r#"{"choices":[],"usage":null}"#), None);
}

#[test]
fn an_end_without_the_terminal_signal_is_truncated() {
    let text = delta(r#"{"content":"half"}"#);
    assert_eq!(answer(&stream(&[&text])).end(), AnswerEnd::Truncated);
    assert_eq!(answer("").end(), AnswerEnd::Truncated, "an empty 200 is no answer");
    assert_eq!(answer(": OPENROUTER PROCESSING\n\n").end(), AnswerEnd::Truncated);
    assert_eq!(answer(&stream(&["[DONE]"])).end(), AnswerEnd::Truncated);
    assert_eq!(
        answer(&stream(&[&text, "[DONE]"])).end(),
        AnswerEnd::Complete,
        "Snowflake sets no finish reason"
    );
    let call = delta(r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]}"#);
    assert_eq!(
        answer(&stream(&[&call, "[DONE]"])).end(),
        AnswerEnd::Truncated,
        "a call must not run without a finish"
    );
    let no_done = stream(&[&text, r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#]);
    assert_eq!(answer(&no_done).end(), AnswerEnd::Complete, "Cerebras and Perplexity send no [DONE]");
    let cut = stream(&[&text]) + r#"data: {"choices":[{"index":0,"delta":{"content":"lost"#;
    assert_eq!((answer(&cut).text.as_str(), answer(&cut).end()), ("half", AnswerEnd::Truncated));
}

fn failure(body: &str) -> (ErrorCategory, String) {
    match answer(body).end() {
        AnswerEnd::Failed(error) => (error.category, error.message),
        other => panic!("{body}: expected a failure, got {other:?}"),
    }
}

#[test]
fn errors_inside_a_200_are_errors() {
    let text = delta(r#"{"content":"half"}"#);
    let nested = r#"{"error":{"message":"down","code":502},"choices":[{"index":0,"delta":{},"finish_reason":"error"}]}"#;
    assert_eq!(failure(&stream(&[&text, nested])), (ErrorCategory::Unavailable, "down".into()));
    let in_choice = r#"{"choices":[{"index":0,"error":{"code":429,"message":"slow"},"delta":{}}]}"#;
    assert_eq!(failure(&stream(&[in_choice])).0, ErrorCategory::RateLimited);
    let named = "event: error\ndata: {\"error\":{\"message\":\"no\",\"code\":\"tool_use_failed\",\"status_code\":400}}\n\n";
    assert_eq!(failure(named).0, ErrorCategory::InvalidRequest);
    let flat =
        r#"{"object":"error","message":"This model's maximum context length is 10 tokens","code":400}"#;
    assert_eq!(failure(&stream(&[flat])).0, ErrorCategory::ContextLength);
    assert_eq!(
        failure(r#"{"error":{"message":"bad key","code":"invalid_api_key"}}"#).0,
        ErrorCategory::Authentication
    );
    assert_eq!(failure(&stream(&[&text, "{not json"])).0, ErrorCategory::Unavailable);
    let gave_up = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"network_error"}]}"#;
    assert_eq!(failure(&stream(&[gave_up, "[DONE]"])).0, ErrorCategory::Unavailable);
}

#[test]
fn what_is_not_this_api_says_that_the_base_url_seems_wrong() {
    let (category, message) = failure("<html><head><title>Welcome</title></head></html>");
    assert_eq!(category, ErrorCategory::WrongAddress);
    assert!(message.contains("Welcome") && message.contains("base URL"), "{message}");
    assert_eq!(failure(r#"{"hello":"world"}"#).0, ErrorCategory::WrongAddress);
}

#[test]
fn a_whole_reply_is_read_like_one_chunk() {
    let body = r#" {"id":"r","model":"m","choices":[{"index":0,"message":{"content":"hi","reasoning":"hm","refusal":null,
        "tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls",
        "delta":{"content":""}}],"usage":{"prompt_tokens":1}}"#;
    for streaming in [true, false] {
        let mut answer = Answer::default();
        for event in decode(streaming, [body.as_bytes()]) {
            answer.apply(event);
        }
        assert_eq!((answer.text.as_str(), answer.reasoning.as_str()), ("hi", "hm"));
        assert_eq!((answer.tool_calls.len(), answer.completed), (1, true));
    }
}

#[test]
fn odd_types_lose_nothing_else() {
    let answer = finished(&[
        r#"{"content":"a","reasoning":7,"refusal":{},"tool_calls":"none","role":["x"]}"#,
        r#"{"content":{"x":1},"reasoning_content":"b"}"#,
    ]);
    assert_eq!((answer.text.as_str(), answer.reasoning.as_str(), answer.completed), ("a", "b", true));
    let odd = r#"{"id":5,"model":null,"choices":[{"index":"0","delta":{"content":"c"},"finish_reason":false}],"usage":[]}"#;
    assert_eq!(answer_text(odd), "c");
    assert_eq!(answer_text("\"ping\""), "");
}

fn answer_text(payload: &str) -> String {
    answer(&stream(&[payload])).text
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600), streaming: bool) {
        decode(streaming, [&bytes[..]]);
    }

    #[test]
    fn arbitrary_json_never_panics(text in r#"[\[\]{}:,"a-z0-9 ]{0,80}"#, cut in 0usize..400) {
        let body = stream(&[&delta(&text), &text, r#"{"choices":[{"delta":{"content":"ok"}}]}"#]);
        let (before, after) = body.as_bytes().split_at(cut.min(body.len()));
        prop_assert_eq!(decode(true, [before, after]), decode(true, [body.as_bytes()]));
    }
}
