use roundtable_domain::RunState;
use roundtable_engine::view::{KeyPlace, KeyState, MoneyChoice, NewProvider, ProviderView};
use roundtable_tests::{Room, Window};

const KEY: &str = "sk-live-Zx81aPq0-very-secret-f3a9";

async fn add(room: &Room, dialect: &str, path: &str) -> ProviderView {
    let base_url = format!("{}{path}", room.engine.emulator().await.unwrap().base_url());
    let provider = NewProvider {
        id: None,
        name: String::new(),
        dialect: dialect.into(),
        api: None,
        base_url,
        plain_http_confirmed: false,
    };
    room.engine.save_provider(provider).await.unwrap()
}

#[tokio::test]
async fn every_wire_answers_with_a_checked_key() {
    let room = Room::new().await;
    for (dialect, path) in [("openai", "/v1"), ("anthropic", "/v1"), ("gemini", "/v1beta"), ("ollama", "")] {
        let provider = add(&room, dialect, path).await;
        let check = room.engine.set_key(&provider.id, KEY.to_owned().into()).await.unwrap();
        assert!(check.fault.is_none(), "{dialect}: {}", check.message);
        let conversation = room.conversation(&[&format!("{}/swift", provider.id)]).await;
        let window = Window::default();
        let turn = room
            .engine
            .start_turn(
                conversation.summary.id,
                "Why is the sky blue?",
                &[],
                &[],
                MoneyChoice::default(),
                window.sink(),
            )
            .await
            .unwrap();
        let run = window.runs(&turn.runs).await.remove(0);
        assert_eq!(run.state, RunState::Complete, "{dialect}: {:?}", run.fault);
        assert!(run.text.len() > 50 && run.usage.is_some() && !run.simulated, "{dialect}");
    }
}

#[tokio::test]
async fn a_refused_key_says_so_and_stays_to_be_replaced() {
    let room = Room::new().await;
    let provider = add(&room, "openai", "/v1").await;
    let check =
        room.engine.set_key(&provider.id, "bad-key-0123456789abcdef".to_owned().into()).await.unwrap();
    let key = check.provider.key.unwrap();
    assert_eq!((key.state, key.place), (KeyState::Refused, KeyPlace::Session));
    assert!(check.message.contains("key"), "{}", check.message);
    let error = room.engine.set_key(&provider.id, "   ".to_owned().into()).await.unwrap_err();
    assert_eq!(error.code, "empty_key");
}

#[tokio::test]
async fn health_keeps_a_refused_key_refused_until_a_call_says_otherwise() {
    let room = Room::new().await;
    let provider = add(&room, "openai", "/v1").await;
    room.engine.set_key(&provider.id, "bad-key-0123456789abcdef".to_owned().into()).await.unwrap();
    let standing = async || {
        let state = room.engine.routing_state().await.unwrap();
        state.keys.into_iter().find(|key| key.provider == provider.id).unwrap().state
    };
    assert_eq!(standing().await, "failed", "its check refused it");
    // A preview makes the key known to the router, which has nothing against it yet.
    let conversation = room.conversation(&[&format!("{}/swift", provider.id)]).await.summary.id;
    room.engine.preview_turn(conversation, "Hello", &[], &[], false).await.unwrap();
    assert_eq!(standing().await, "failed", "nobody has called with it since");
    room.engine.set_key(&provider.id, KEY.to_owned().into()).await.unwrap();
    assert_eq!(standing().await, "ready", "another key was accepted");
}

#[tokio::test]
async fn a_changed_origin_asks_for_the_key_again() {
    let room = Room::new().await;
    let provider = add(&room, "openai", "/v1").await;
    room.engine.set_key(&provider.id, KEY.to_owned().into()).await.unwrap();
    let moved = NewProvider {
        id: Some(provider.id.clone()),
        name: provider.name,
        dialect: "openai".into(),
        api: None,
        base_url: "https://elsewhere.example/v1".into(),
        plain_http_confirmed: false,
    };
    let moved = room.engine.save_provider(moved).await.unwrap();
    assert!(moved.key.is_none(), "a key is bound to scheme, host and port");
    let conversation = room.conversation(&[&format!("{}/swift", provider.id)]).await;
    assert!(conversation.lanes[0].resolved.unavailable.is_some());
}

#[tokio::test]
async fn no_file_of_the_data_folder_ever_holds_a_key() {
    let room = Room::new().await;
    let provider = add(&room, "openai", "/v1").await;
    room.engine.set_key(&provider.id, KEY.to_owned().into()).await.unwrap();
    let conversation = room.conversation(&[&format!("{}/swift", provider.id)]).await;
    let window = Window::default();
    let turn = room
        .engine
        .start_turn(conversation.summary.id, "Hello", &[], &[], MoneyChoice::default(), window.sink())
        .await
        .unwrap();
    let run = window.runs(&turn.runs).await;
    let shown = serde_json::to_string(&(run, room.engine.list_providers().await.unwrap())).unwrap();
    assert!(!shown.contains("Zx81aPq0"));
    room.engine.shutdown().await;
    for entry in walk(room.path()) {
        let bytes = std::fs::read(&entry).unwrap();
        assert!(!bytes.windows(8).any(|window| window == b"Zx81aPq0"), "{}", entry.display());
    }
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    std::fs::read_dir(folder)
        .unwrap()
        .flat_map(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() { walk(&path) } else { vec![path] }
        })
        .collect()
}
