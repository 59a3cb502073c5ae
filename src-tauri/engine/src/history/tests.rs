use roundtable_domain::{ConversationId, Layout, RunId, Seals, TokenUsage, TurnId, UnixMs};
use uuid::Uuid;

use super::*;

fn turn(text: &str, parts: Vec<Part>) -> Turn {
    Turn {
        id: TurnId::from_uuid(Uuid::nil()),
        conversation_id: ConversationId::from_uuid(Uuid::nil()),
        parent_turn_id: None,
        text: text.to_owned(),
        parts,
        created_at: UnixMs(0),
    }
}

fn answered(provider: &str, model: &str, change: impl FnOnce(&mut PastAnswer)) -> LaneTurn {
    let mut answer = PastAnswer {
        id: RunId::from_uuid(Uuid::nil()),
        state: RunState::Complete,
        text: "answer".to_owned(),
        reasoning: String::new(),
        refusal: String::new(),
        tool_calls: Vec::new(),
        layout: Layout::default(),
        provider: Some(provider.to_owned()),
        model_requested: Some(model.to_owned()),
        source: "model".to_owned(),
        several_wrote: false,
        usage: TokenUsage::default(),
        finished_at: None,
    };
    change(&mut answer);
    LaneTurn { turn: turn("question", Vec::new()), answer: Some(answer) }
}

fn signed(answer: &mut PastAnswer) {
    answer.reasoning = "thought".to_owned();
    answer.layout.push_sealed(Seals::Reasoning, json!({ "signature": "a" }));
    answer.layout.push_sealed(Seals::Reasoning, json!({ "signature": "b" }));
}

fn calling(answer: &mut PastAnswer) {
    answer.tool_calls = vec![ToolCall {
        id: Some("c1".to_owned()),
        name: "look".to_owned(),
        arguments: "{\"a\":1}".to_owned(),
    }];
}

const API: WireApi = WireApi::AnthropicMessages;

const READER: Reader<'static> = Reader { provider: "p", model: "m", api: API };

#[test]
fn the_same_provider_gets_its_signed_reasoning_back_verbatim() {
    let lane = history_for(Some("Be brief."), &[answered("p", "m", signed)], READER);
    assert!(!lane.taken_over);
    let reasoning = |text: &str, signature: &str| Part::Reasoning {
        text: text.to_owned(),
        opaque: Some(json!({ "signature": signature })),
        provider: "p".to_owned(),
    };
    let answer = &lane.messages[2];
    assert_eq!(
        answer.parts,
        [reasoning("thought", "a"), reasoning("", "b"), Part::Text { text: "answer".to_owned() }]
    );
}

#[test]
fn another_provider_or_another_vendor_behind_a_router_gets_the_words_alone() {
    for (provider, model) in [("q", "m"), ("p", "other/m")] {
        let lane = history_for(None, &[answered("p", "m", signed)], Reader { provider, model, api: API });
        assert_eq!(lane.messages[1], Message::text(Role::Assistant, "answer"));
        assert!(lane.taken_over);
    }
}

#[test]
fn a_take_over_is_told_once_and_not_every_turn() {
    let history = [answered("p", "m", signed), answered("q", "m", |_| {})];
    let lane = history_for(None, &history, Reader { provider: "q", model: "m", api: API });
    assert!(!lane.taken_over, "the new provider has answered since");
    let plain =
        history_for(None, &[answered("p", "m", |_| {})], Reader { provider: "q", model: "m", api: API });
    assert!(!plain.taken_over, "nothing is lost where nothing was signed");
}

#[test]
fn a_call_goes_back_with_a_result_and_its_tool_is_named() {
    let lane = history_for(None, &[answered("p", "m", calling)], READER);
    assert!(matches!(&lane.messages[1].parts[1], Part::ToolCall { id, .. } if id == "c1"));
    assert_eq!(lane.messages[2].role, Role::Tool);
    assert!(
        matches!(&lane.messages[2].parts[0], Part::ToolResult { call_id, is_error: true, .. } if call_id == "c1")
    );
    assert_eq!(lane.tools.iter().map(|tool| tool.name.as_str()).collect::<Vec<_>>(), ["look"]);
}

#[test]
fn a_call_that_was_cut_off_is_not_sent_again() {
    let cut = |answer: &mut PastAnswer| {
        calling(answer);
        answer.tool_calls[0].arguments = "{\"a\":".to_owned();
    };
    let lane = history_for(None, &[answered("p", "m", cut)], READER);
    assert_eq!(lane.messages[1], Message::text(Role::Assistant, "answer"));
    assert!(lane.tools.is_empty());
}

#[test]
fn reasoning_alone_is_no_message_and_a_refusal_is_one() {
    let silent = |answer: &mut PastAnswer| {
        signed(answer);
        answer.text.clear();
    };
    assert_eq!(history_for(None, &[answered("p", "m", silent)], READER).messages.len(), 1);
    let refusing = |answer: &mut PastAnswer| {
        answer.text.clear();
        answer.refusal = "no".to_owned();
    };
    let lane = history_for(None, &[answered("q", "m", refusing)], READER);
    assert_eq!(lane.messages[1].parts, [Part::Refusal { text: "no".to_owned() }]);
}

#[test]
fn a_file_of_text_becomes_words_and_a_prompt_without_words_has_no_empty_part() {
    let blob = |media_type: &str| roundtable_domain::Blob {
        media_type: media_type.to_owned(),
        base64: "aGk=".into(),
        name: Some("a.txt".to_owned()),
    };
    let text = Part::File { blob: blob("text/plain") };
    let picture = Part::Image { blob: blob("image/png") };
    let message = user_message(&turn("  ", vec![text, picture.clone()]));
    assert_eq!(message.parts, [Part::Text { text: "File “a.txt”:\n```txt\nhi\n```".to_owned() }, picture]);
}
