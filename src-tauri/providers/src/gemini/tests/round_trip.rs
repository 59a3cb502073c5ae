//! Messages to the wire and back, and back to the wire.

use proptest::prelude::*;
use roundtable_domain::{Blob, ChatRequest, Message, Part, Role, WireApi};
use serde_json::{Value, json};

use super::super::Gemini;
use super::BASE;
use crate::replay::{endpoint, sent};
use crate::wire::Wire;

fn wire(messages: Vec<Message>) -> Value {
    let request = ChatRequest { model: "gemini-3-flash".into(), messages, ..ChatRequest::default() };
    sent(&Gemini, &endpoint(WireApi::Gemini, BASE), &request).1
}

fn back(body: &Value) -> Vec<Message> {
    Gemini.messages_from_wire("test", body).unwrap()
}

fn user_part() -> impl Strategy<Value = Part> {
    let blob = |media_type: &'static str| Blob {
        media_type: media_type.to_owned(),
        base64: "aGk=".into(),
        name: None,
    };
    prop_oneof![
        "[a-zé ]{0,8}x".prop_map(|text| Part::Text { text }),
        prop_oneof![Just("image/png"), Just("image/heic")]
            .prop_map(move |media_type| Part::Image { blob: blob(media_type) }),
        "[a-z]{1,5}".prop_map(|name| Part::ImageUrl { url: format!("https://x.example/{name}.jpg") }),
        prop_oneof![Just("application/pdf"), Just("text/csv"), Just("audio/mp3")]
            .prop_map(move |media_type| Part::File { blob: blob(media_type) }),
        any::<u8>().prop_map(|start| Part::Other {
            api: WireApi::Gemini,
            content: json!({"fileData": {"mimeType": "video/mp4", "fileUri": "f"},
                "videoMetadata": {"startOffset": format!("{start}s")}}),
        }),
    ]
}

/// An exchange: a question, an answer with or without signed calls, and their results.
fn exchange() -> impl Strategy<Value = Vec<Message>> {
    let answer = ("[a-z]{1,8}", any::<bool>(), 0usize..3, any::<bool>());
    (prop::collection::vec(user_part(), 1..4), answer).prop_map(|(parts, (text, signed, calls, is_error))| {
        let mut asked = Vec::new();
        if signed {
            let opaque = Some(json!({"thoughtSignature": text}));
            asked.push(Part::Reasoning { text: String::new(), opaque, provider: "test".into() });
        }
        asked.push(Part::Text { text: text.clone() });
        let mut results = Vec::new();
        for call in 0..calls {
            let (id, name) = (format!("{text}-{call}"), format!("tool{call}"));
            let arguments = json!({"a": text, "b": [call, null]}).to_string();
            let signature = (call == 0).then(|| "s".to_owned());
            asked.push(Part::ToolCall { id: id.clone(), name: name.clone(), arguments, signature });
            let content = if call == 0 { text.clone() } else { json!({"sum": call}).to_string() };
            results.push(Part::ToolResult { call_id: id, name, content, is_error });
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
    fn nothing_a_body_may_hold_makes_the_reader_panic(
        text in "\\PC{0,40}",
        kind in "(text|inlineData|fileData|functionCall|functionResponse|thought)",
    ) {
        let part = |value: Value| Value::Object(serde_json::Map::from_iter([(kind.clone(), value)]));
        for part in [json!(text), json!(5), part(json!(text)), part(json!({})), part(json!({"name": text})), part(Value::Null)] {
            let _ = Gemini.messages_from_wire("test", &json!({"contents": [{"parts": [part]}]}));
        }
    }
}

#[test]
fn calls_without_ids_are_matched_to_their_responses_by_name_and_order() {
    let call = |name: &str| json!({"functionCall": {"name": name, "args": {}}});
    let answer = |name: &str, output: &str| json!({"functionResponse": {"name": name, "response": {"output": output}}});
    let messages = back(&json!({"contents": [
        {"role": "model", "parts": [call("add"), call("now"), call("add")]},
        {"role": "user", "parts": [answer("now", "n"), answer("add", "first"), answer("add", "second"), {"text": "So?"}]}]}));
    let results: Vec<(&str, &str)> = messages[1]
        .parts
        .iter()
        .map(|part| match part {
            Part::ToolResult { call_id, content, .. } => (call_id.as_str(), content.as_str()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(results, [("call-1", "n"), ("call-0", "first"), ("call-2", "second")]);
    assert_eq!(messages[2], Message::text(Role::User, "So?"));
}

#[test]
fn a_body_that_is_none_of_this_wire_is_told_where() {
    let error = |body: Value| Gemini.messages_from_wire("test", &body).unwrap_err();
    assert_eq!(error(json!({"messages": []})), "\"contents\" is not a list");
    assert_eq!(error(json!({"contents": [{"role": "robot"}]})), "content 0 has the role \"robot\"");
    assert!(error(json!({"contents": [{"parts": [5]}]})).starts_with("content 0: "));
}
