use serde_json::json;

use super::*;
use crate::{Answer, Part, StreamEvent};

const API: WireApi = WireApi::AnthropicMessages;

fn answer(events: impl IntoIterator<Item = StreamEvent>) -> Answer {
    let mut answer = Answer::default();
    events.into_iter().for_each(|event| answer.apply(event));
    answer
}

fn text(text: &str) -> StreamEvent {
    StreamEvent::Text(text.to_owned())
}

fn thought(text: &str) -> StreamEvent {
    StreamEvent::Reasoning(text.to_owned())
}

fn call(index: usize) -> StreamEvent {
    StreamEvent::ToolCallStarted { index, id: Some(format!("c{index}")), name: "f".to_owned() }
}

fn sealed(of: Seals, content: &str) -> StreamEvent {
    StreamEvent::Opaque { of, content: json!({ "thoughtSignature": content }) }
}

fn interleaved() -> Answer {
    answer([
        thought("a"),
        thought("b"),
        sealed(Seals::Reasoning, "1"),
        text("ü"),
        call(0),
        thought("c"),
        sealed(Seals::Reasoning, "2"),
        sealed(Seals::Item(API), "3"),
        call(1),
        sealed(Seals::ToolCall(1), "4"),
        text("z"),
    ])
}

/// What the parts are, in a few letters.
fn order(answer: &Answer, api: WireApi) -> Vec<String> {
    let signature = |opaque: &Option<Value>| {
        opaque
            .as_ref()
            .map_or(String::new(), |opaque| opaque["thoughtSignature"].as_str().unwrap().to_owned())
    };
    let parts = answer.to_message("p", api).parts;
    let name = |part: &Part| match part {
        Part::Text { text } => format!("text {text}"),
        Part::Reasoning { text, opaque, .. } => format!("thought {text}{}", signature(opaque)),
        Part::ToolCall { id, signature, .. } => {
            format!("call {id}{}", signature.as_deref().unwrap_or_default())
        }
        Part::Refusal { text } => format!("refusal {text}"),
        Part::Other { content, .. } => format!("item {}", content["thoughtSignature"].as_str().unwrap()),
        other => format!("{other:?}"),
    };
    parts.iter().map(name).collect()
}

#[test]
fn an_answer_goes_back_in_the_order_it_came() {
    let expected = ["thought ab1", "text ü", "call c0", "thought c2", "item 3", "call c14", "text z"];
    assert_eq!(order(&interleaved(), API), expected);
}

#[test]
fn a_wire_with_one_field_for_each_kind_gets_its_text_in_one_piece() {
    let parts = order(&interleaved(), WireApi::OpenaiChat);
    assert_eq!(parts, ["thought abc1", "thought 2", "item 3", "text üz", "call c0", "call c14"]);
}

#[test]
fn the_order_survives_the_database_and_old_rows_are_read() {
    let mut kept = interleaved();
    let json = serde_json::to_string(&kept.layout).unwrap();
    assert!(
        json.starts_with(r#"{"order":[{"reasoning":2},{"sealed":{"of":"reasoning","content":"#),
        "{json}"
    );
    kept.layout = serde_json::from_str(&json).unwrap();
    assert_eq!(order(&kept, API), order(&interleaved(), API));

    kept.layout =
        serde_json::from_value(json!([{"thoughtSignature": "1"}, {"thoughtSignature": "s", "toolCall": 0}]))
            .unwrap();
    assert_eq!(order(&kept, API), ["thought abc1", "text üz", "call c0s", "call c1"]);
}

#[test]
fn an_answer_in_the_usual_order_takes_no_room() {
    let plain = answer([thought("a"), text("b"), text("c"), call(0), call(1)]);
    assert_eq!(serde_json::to_value(&plain.layout).unwrap(), json!([]));
    assert_eq!(order(&plain, API), ["thought a", "text bc", "call c0", "call c1"]);
    let turned = answer([call(0), text("b")]);
    assert_eq!(serde_json::to_value(&turned.layout).unwrap(), json!({"order": [{"call": 0}, {"text": 1}]}));
}

#[test]
fn a_record_that_does_not_fit_the_text_loses_the_order_and_nothing_else() {
    for cut in ["", "z", "ü", "üzz", "zü"] {
        let mut changed = interleaved();
        changed.text = cut.to_owned();
        let said: String =
            order(&changed, API).iter().filter_map(|part| part.strip_prefix("text ")).collect();
        // Where the lengths agree by chance the pieces do too.
        assert_eq!(said, cut);
    }
    let mut fewer = interleaved();
    fewer.tool_calls.pop();
    assert_eq!(order(&fewer, API).iter().filter(|part| part.starts_with("call")).count(), 1);
}

#[test]
fn items_stand_by_their_number_however_late_they_come() {
    let late = answer([
        StreamEvent::Item(1),
        text("b"),
        StreamEvent::Item(2),
        call(0),
        StreamEvent::Item(0),
        sealed(Seals::Reasoning, "1"),
    ]);
    assert_eq!(order(&late, API), ["thought 1", "text b", "call c0"]);
    let mut kept = late;
    kept.layout = serde_json::from_value(serde_json::to_value(&kept.layout).unwrap()).unwrap();
    assert_eq!(order(&kept, API), ["thought 1", "text b", "call c0"]);
}

#[test]
fn a_seal_of_a_text_stands_before_it_and_one_of_nothing_stays() {
    let signed = answer([text("a"), sealed(Seals::Text, "1"), text("b"), sealed(Seals::Nothing, "2")]);
    assert_eq!(order(&signed, WireApi::Gemini), ["thought 1", "text a", "text b", "thought 2"]);
}

#[test]
fn reasoning_that_leads_nowhere_is_left_out() {
    let cut = answer([text("a"), thought("b"), sealed(Seals::Reasoning, "1"), thought("c")]);
    assert_eq!(order(&cut, API), ["text a"]);
    assert!(order(&answer([thought("b"), sealed(Seals::Reasoning, "1")]), API).is_empty());
}
