//! Requests as others write them.

use roundtable_domain::{Message, Part, Role, WireApi};
use serde_json::{Value, json};

use super::*;

fn read(messages: &Value) -> Result<Vec<Message>, String> {
    OpenaiChat.messages_from_wire("p", &json!({ "messages": messages }))
}

fn text(text: &str) -> Part {
    Part::Text { text: text.to_owned() }
}

#[test]
fn the_legacy_form_of_functions_is_read() {
    let messages = read(&json!([
        {"role": "developer", "content": [{"type": "text", "text": "be kind"}]},
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": null, "function_call": {"name": "f", "arguments": "{}"}},
        {"role": "function", "name": "f", "content": "42"}
    ]));
    let call = Part::ToolCall {
        id: "function_call_0".into(),
        name: "f".into(),
        arguments: "{}".into(),
        signature: None,
    };
    let result = Part::ToolResult {
        call_id: "function_call_0".into(),
        name: "f".into(),
        content: "42".into(),
        is_error: false,
    };
    let expected = vec![
        Message::text(Role::System, "be kind"),
        Message::text(Role::User, "hi"),
        Message { role: Role::Assistant, parts: vec![call] },
        Message { role: Role::Tool, parts: vec![result] },
    ];
    assert_eq!(messages, Ok(expected));
}

#[test]
fn every_name_of_reasoning_and_every_kind_of_part_is_read() {
    let messages = read(&json!([
        {"role": "assistant", "reasoning": "a", "reasoning_content": "a", "content": "x"},
        {"role": "assistant", "reasoning": "b", "content": [
            {"type": "thinking", "thinking": [{"type": "text", "text": "c"}]},
            {"type": "refusal", "refusal": "no"}, "bare"]},
        {"role": "assistant", "content": "", "refusal": "never"}
    ]))
    .unwrap();
    let thought = |text: &str| Part::Reasoning { text: text.to_owned(), opaque: None, provider: "p".into() };
    assert_eq!(messages[0].parts, [thought("a"), text("x")], "the same text twice counts once");
    let refusal = |text: &str| Part::Refusal { text: text.to_owned() };
    assert_eq!(messages[1].parts, [thought("b"), thought("c"), refusal("no"), text("bare")]);
    assert_eq!(messages[2].parts, [refusal("never")]);
}

#[test]
fn what_has_no_word_is_kept_for_this_wire() {
    let body = json!([{"role": "user", "name": "ann", "content": [
        {"type": "text", "text": "look"}, {"type": "video_url", "video_url": {"url": "u"}}]}]);
    let messages = read(&body).unwrap();
    let other = |content| Part::Other { api: WireApi::OpenaiChat, content };
    let video = json!({"type": "video_url", "video_url": {"url": "u"}});
    assert_eq!(messages[0].parts, [text("look"), other(video), other(json!({"name": "ann"}))]);
}

#[test]
fn what_is_not_understood_is_said() {
    let error = |messages: Value| read(&messages).unwrap_err();
    assert_eq!(
        error(json!([{"role": "user", "content": "a"}, {"role": "robot"}])),
        "message 2: the role \"robot\" is not known"
    );
    assert_eq!(error(json!([{"content": "a"}])), "message 1: it has no role");
    assert!(error(json!([{"role": "user", "content": 7}])).contains("neither text nor a list"));
    assert!(OpenaiChat.messages_from_wire("p", &json!({"input": []})).is_err());
}
