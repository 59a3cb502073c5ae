//! What a provider signed goes back to it in the order it came, and to nobody else.

use std::sync::{Arc, Mutex};

use roundtable_domain::{RunState, WireApi};
use roundtable_engine::view::{MoneyChoice, NewProvider};
use roundtable_tests::{Room, Window};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A server that answers every request with the same stream, and remembers the bodies.
struct Provider {
    address: String,
    bodies: Arc<Mutex<Vec<Value>>>,
}

impl Provider {
    async fn new(stream: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let bodies = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&bodies);
        tokio::spawn(async move {
            while let Ok((mut connection, _)) = listener.accept().await {
                let mut request = Vec::new();
                let body = loop {
                    let mut piece = [0_u8; 4096];
                    let length = connection.read(&mut piece).await.unwrap_or(0);
                    request.extend_from_slice(&piece[..length]);
                    if length == 0 {
                        break None;
                    }
                    if let Some(head) = request.windows(4).position(|four| four == b"\r\n\r\n")
                        && let Ok(body) = serde_json::from_slice::<Value>(&request[head + 4..])
                    {
                        break Some(body);
                    }
                };
                kept.lock().unwrap().extend(body);
                let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
                let _ = connection.write_all(format!("{head}{stream}").as_bytes()).await;
            }
        });
        Self { address, bodies }
    }

    fn last_body(&self) -> Value {
        self.bodies.lock().unwrap().last().unwrap().clone()
    }
}

fn frames(events: &[Value]) -> String {
    let frames: Vec<String> = events.iter().map(|event| format!("data: {event}\n\n")).collect();
    frames.concat()
}

/// Thinking, words, a call, more thinking and another call; without an end when it is cut.
fn thinks_twice(cut: bool) -> String {
    let block = |index: u32, block: Value| json!({"type": "content_block_start", "index": index, "content_block": block});
    let delta =
        |index: u32, delta: Value| json!({"type": "content_block_delta", "index": index, "delta": delta});
    let stop = |index: u32| json!({"type": "content_block_stop", "index": index});
    let thinking = |index: u32, signature: &str| {
        [
            block(index, json!({"type": "thinking", "thinking": "Hm.", "signature": ""})),
            delta(index, json!({"type": "signature_delta", "signature": signature})),
            stop(index),
        ]
    };
    let call = |index: u32| {
        let id = format!("call{index}");
        let call = json!({"type": "tool_use", "id": id, "name": "look", "input": {}});
        [
            block(index, call),
            delta(index, json!({"type": "input_json_delta", "partial_json": "{\"at\":1}"})),
            stop(index),
        ]
    };
    let start = json!({"type": "message_start", "message": {"id": "m", "model": "m", "content": [],
        "usage": {"input_tokens": 9, "output_tokens": 1}}});
    let words = [block(1, json!({"type": "text", "text": "Looking."})), stop(1)];
    let end = [
        json!({"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 9}}),
        json!({"type": "message_stop"}),
    ];
    let mut events = vec![start];
    events.extend(
        thinking(0, "signed-0").into_iter().chain(words).chain(call(2)).chain(thinking(3, "signed-3")),
    );
    events.extend(call(4));
    events.extend(end.into_iter().filter(|_| !cut));
    frames(&events)
}

async fn save(room: &Room, name: &str, provider: &Provider) -> String {
    let provider = NewProvider {
        id: None,
        name: name.to_owned(),
        dialect: "custom".to_owned(),
        api: Some(WireApi::AnthropicMessages),
        base_url: format!("http://{}", provider.address),
        plain_http_confirmed: false,
    };
    room.engine.save_provider(provider).await.unwrap().id
}

async fn ask(room: &Room, conversation: roundtable_domain::ConversationId) -> RunState {
    let window = Window::default();
    let turn = room
        .engine
        .start_turn(conversation, "Go on.", &[], &[], MoneyChoice::default(), window.sink())
        .await
        .unwrap();
    window.runs(&turn.runs).await.remove(0).state
}

#[tokio::test]
async fn signed_blocks_go_back_in_order_to_their_provider_and_to_nobody_else() {
    let room = Room::new().await;
    let (first, other) = (Provider::new(thinks_twice(false)).await, Provider::new(thinks_twice(false)).await);
    let (one, two) = (save(&room, "First", &first).await, save(&room, "Other", &other).await);
    let conversation = room.conversation(&[&format!("{one}/claude-3-7-sonnet")]).await;
    assert_eq!(ask(&room, conversation.summary.id).await, RunState::Complete);
    assert_eq!(ask(&room, conversation.summary.id).await, RunState::Complete);
    let body = first.last_body();
    let call = |id: &str| json!({"type": "tool_use", "id": id, "name": "look", "input": {"at": 1}});
    let thinking = |signature: &str| json!({"type": "thinking", "thinking": "Hm.", "signature": signature});
    assert_eq!(
        body["messages"][1]["content"],
        json!([thinking("signed-0"), {"type": "text", "text": "Looking."}, call("call2"), thinking("signed-3"), call("call4")])
    );
    let results: Vec<&Value> = body["messages"][2]["content"]
        .as_array()
        .unwrap()
        .iter()
        .map(|block| &block["tool_use_id"])
        .collect();
    assert_eq!(results[..2], [&json!("call2"), &json!("call4")], "every call has its result");
    assert_eq!(body["tools"].as_array().unwrap().len(), 1);

    let target = format!("{two}/claude-3-7-sonnet");
    room.engine.set_lane_target(conversation.lanes[0].id, &target).await.unwrap();
    assert_eq!(ask(&room, conversation.summary.id).await, RunState::Complete);
    let body = other.last_body();
    assert_eq!(body["messages"][1]["content"], json!([{"type": "text", "text": "Looking."}]));
    assert!(!body.to_string().contains("signed-"), "what one provider signed is no business of another");
}

#[tokio::test]
async fn a_cut_answer_goes_back_as_its_words() {
    let room = Room::new().await;
    let provider = Provider::new(thinks_twice(true)).await;
    let one = save(&room, "First", &provider).await;
    let conversation = room.conversation(&[&format!("{one}/claude-3-7-sonnet")]).await;
    assert_eq!(ask(&room, conversation.summary.id).await, RunState::Truncated);
    ask(&room, conversation.summary.id).await;
    let body = provider.last_body();
    assert_eq!(body["messages"][1]["content"], json!([{"type": "text", "text": "Looking."}]));
    assert_eq!(body["tools"], Value::Null, "no call goes back, so no tool is named");
}
