use roundtable_domain::RunState;
use roundtable_emulator::Behaviour;
use roundtable_engine::view::{MoneyChoice, RunView};
use roundtable_tests::{Room, Window};
use serde_json::json;

async fn answers(room: &Room, conversation: roundtable_domain::ConversationId, prompt: &str) -> Vec<RunView> {
    let window = Window::default();
    let turn = room
        .engine
        .start_turn(conversation, prompt, &[], &[], MoneyChoice::default(), window.sink())
        .await
        .unwrap();
    window.runs(&turn.runs).await
}

#[tokio::test]
async fn a_call_is_shown_and_kept_and_goes_back_with_a_result() {
    let room = Room::new().await;
    let conversation = room.conversation(&["demo/swift"]).await;
    let emulator = room.engine.emulator().await.unwrap();
    let call = Behaviour::ToolCall { name: "get_weather".into(), arguments: json!({ "city": "Oslo" }) };
    emulator.script("swift", vec![call]);
    let first = answers(&room, conversation.summary.id, "Weather?").await.remove(0);
    assert_eq!(first.state, RunState::Complete);
    assert_eq!(first.tool_calls[0].name, "get_weather");
    assert!(first.tool_calls[0].arguments.contains("Oslo"));
    let stored = room.engine.open_conversation(conversation.summary.id).await.unwrap();
    assert_eq!(stored.turns[0].runs[0].tool_calls, first.tool_calls);
    answers(&room, conversation.summary.id, "Never mind.").await;
    let second = &emulator.requests()[1].body;
    let roles: Vec<_> =
        second["messages"].as_array().unwrap().iter().map(|one| one["role"].clone()).collect();
    assert_eq!(roles, ["user", "assistant", "tool", "user"]);
    let (called, answered) = (&second["messages"][1]["tool_calls"][0], &second["messages"][2]);
    assert_eq!(called["id"], answered["tool_call_id"], "the result belongs to the call");
    assert_eq!(second["tools"][0]["function"]["name"], "get_weather");
}

#[tokio::test]
async fn a_swapped_model_is_not_sent_the_other_providers_calls() {
    let room = Room::new().await;
    let conversation = room.conversation(&["demo/swift"]).await;
    let emulator = room.engine.emulator().await.unwrap();
    emulator.script("swift", vec![Behaviour::ToolCall { name: "look".into(), arguments: json!({}) }]);
    answers(&room, conversation.summary.id, "Look").await;
    let provider = roundtable_engine::view::NewProvider {
        id: None,
        name: "Neighbour".to_owned(),
        dialect: "custom".to_owned(),
        api: Some(roundtable_domain::WireApi::OpenaiChat),
        base_url: format!("{}/v1", emulator.base_url()),
        plain_http_confirmed: false,
    };
    let neighbour = room.engine.save_provider(provider).await.unwrap().id;
    let target = format!("{neighbour}/poet");
    room.engine.set_lane_target(conversation.lanes[0].id, &target).await.unwrap();
    let taken_over = answers(&room, conversation.summary.id, "Go on").await.remove(0);
    assert!(taken_over.notices.iter().any(|one| one.text.contains("takes over")), "{:?}", taken_over.notices);
    assert!(!emulator.requests()[1].body.to_string().contains("tool_calls"));
    let settled = answers(&room, conversation.summary.id, "And on").await.remove(0);
    assert!(settled.notices.is_empty(), "it is said once: {:?}", settled.notices);
}

#[tokio::test]
async fn a_conversation_that_outgrows_its_model_loses_its_oldest_messages_and_says_so() {
    let room = Room::new().await;
    let conversation = room.conversation(&["demo/poet"]).await;
    let emulator = room.engine.emulator().await.unwrap();
    emulator.script_always("poet", Behaviour::Reply { text: "Noted.".into(), reasoning: None });
    let mut last = None;
    for number in 0..5 {
        let prompt = format!("marker-{number} {}", "word ".repeat(4_000));
        last = Some(answers(&room, conversation.summary.id, &prompt).await.remove(0));
    }
    let last = last.unwrap();
    assert_eq!(last.state, RunState::Complete);
    assert!(last.notices.iter().any(|one| one.text.contains("oldest")), "{:?}", last.notices);
    let sent = emulator.requests().pop().unwrap().body["messages"].to_string();
    assert!(!sent.contains("marker-0") && sent.contains("marker-4"), "the prompt stays, the oldest goes");
    let preview = room.engine.preview_turn(conversation.summary.id, "short", &[], &[], false).await.unwrap();
    assert!(preview.lanes[0].fits && preview.lanes[0].notices.iter().any(|one| one.text.contains("oldest")));
}
