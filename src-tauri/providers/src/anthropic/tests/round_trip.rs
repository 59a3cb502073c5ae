//! Messages to the wire and back, and back to the wire.

use proptest::prelude::*;
use roundtable_domain::{Blob, ChatRequest, Message, Part, Role, WireApi};
use serde_json::{Value, json};

use super::super::AnthropicMessages;
use super::BASE;
use crate::replay::{endpoint, sent};
use crate::wire::Wire;

fn wire(messages: Vec<Message>) -> Value {
    let request = ChatRequest { model: "claude-haiku-4-5".into(), messages, ..ChatRequest::default() };
    sent(&AnthropicMessages, &endpoint(WireApi::AnthropicMessages, BASE), &request).1
}

fn back(body: &Value) -> Vec<Message> {
    AnthropicMessages.messages_from_wire("test", body).unwrap()
}

/// Parts a person's message may have, in the form they keep: base64 of plain text, types the API has.
fn user_part() -> impl Strategy<Value = Part> {
    let blob = |media_type: &'static str, name: Option<String>| Blob {
        media_type: media_type.to_owned(),
        base64: "aGk=".into(),
        name,
    };
    prop_oneof![
        "[a-zé ]{0,8}x".prop_map(|text| Part::Text { text }),
        prop_oneof![Just("image/png"), Just("image/webp")]
            .prop_map(move |media_type| Part::Image { blob: blob(media_type, None) }),
        "[a-z]{1,5}".prop_map(|name| Part::ImageUrl { url: format!("https://x.example/{name}") }),
        (prop_oneof![Just("application/pdf"), Just("text/plain")], prop::option::of("[a-z]{1,5}"))
            .prop_map(move |(media_type, name)| Part::File { blob: blob(media_type, name) }),
        any::<u8>().prop_map(|id| Part::Other {
            api: WireApi::AnthropicMessages,
            content: json!({"type": "mcp_tool_result", "tool_use_id": id.to_string(), "content": []}),
        }),
    ]
}

/// An exchange: a question, an answer with or without calls, and their results.
fn exchange() -> impl Strategy<Value = Vec<Message>> {
    let answer = ("[a-z]{1,8}", any::<bool>(), 0usize..3, any::<bool>());
    (prop::collection::vec(user_part(), 1..4), answer).prop_map(|(parts, (text, thinks, calls, is_error))| {
        let mut answer = Vec::new();
        if thinks {
            let opaque = json!({"type": "thinking", "thinking": text, "signature": "s"});
            answer.push(Part::Reasoning {
                text: text.clone(),
                opaque: Some(opaque),
                provider: "test".into(),
            });
        }
        answer.push(Part::Text { text: text.clone() });
        let (mut asked, mut results) = (answer, Vec::new());
        for call in 0..calls {
            let (id, name) = (format!("{text}-{call}"), format!("tool{call}"));
            let arguments = json!({"a": text, "b": [call, null]}).to_string();
            asked.push(Part::ToolCall { id: id.clone(), name: name.clone(), arguments, signature: None });
            results.push(Part::ToolResult { call_id: id, name, content: text.clone(), is_error });
        }
        let mut messages =
            vec![Message { role: Role::User, parts }, Message { role: Role::Assistant, parts: asked }];
        if !results.is_empty() {
            messages.push(Message { role: Role::Tool, parts: results });
            messages.push(Message::text(Role::Assistant, "Done."));
        }
        messages
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back_the_same(
        system in prop::collection::vec("[a-z]{1,6}", 0..3),
        exchanges in prop::collection::vec(exchange(), 1..4),
        last in "[a-z]{1,6}",
    ) {
        let mut messages: Vec<Message> = exchanges.into_iter().flatten().collect();
        if !system.is_empty() {
            let parts = system.into_iter().map(|text| Part::Text { text }).collect();
            messages.insert(0, Message { role: Role::System, parts });
        }
        messages.push(Message::text(Role::User, last));
        let body = wire(messages.clone());
        let read = back(&body);
        prop_assert_eq!(&read, &messages);
        prop_assert_eq!(wire(read), body);
    }

    #[test]
    fn nothing_a_body_may_hold_makes_the_reader_panic(text in "\\PC{0,40}", kind in "(text|image|document|tool_use|tool_result|thinking)") {
        for content in [json!(text), json!([{"type": kind}]), json!([{"type": kind, "source": {}}]), json!([text]), json!(5)] {
            let _ = AnthropicMessages.messages_from_wire("test", &json!({"messages": [{"role": "user", "content": content}]}));
        }
    }
}

#[test]
fn what_we_have_no_words_for_is_kept_as_it_is() {
    let cited = json!({"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "aGk="},
        "citations": {"enabled": true}});
    let seen = json!({"type": "tool_result", "tool_use_id": "t", "content":
        [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGk="}}]});
    let messages = back(&json!({"messages": [{"role": "user", "content": [cited, seen]}]}));
    let other = |content: &Value| Part::Other { api: WireApi::AnthropicMessages, content: content.clone() };
    assert_eq!(messages[0].parts, [other(&cited), other(&seen)]);
    assert_eq!(wire(messages)["messages"][0]["content"], json!([cited, seen]));
}

#[test]
fn a_body_that_is_none_of_this_wire_is_told_where() {
    let error = |body: Value| AnthropicMessages.messages_from_wire("test", &body).unwrap_err();
    assert_eq!(error(json!({"contents": []})), "\"messages\" is not a list");
    assert_eq!(
        error(json!({"messages": [{"role": "robot", "content": "x"}]})),
        "message 0 has the role \"robot\""
    );
    assert!(error(json!({"messages": [{"role": "user"}]})).starts_with("message 0: "));
}
