use roundtable_domain::{ErrorCategory, RunState};
use roundtable_engine::view::{MoneyChoice, NewProvider, NextStep};
use roundtable_engine::{Engine, Pace};
use roundtable_tests::{Room, Window, options};

#[tokio::test]
async fn an_empty_prompt_is_refused_and_nothing_is_stored() {
    let room = Room::new().await;
    let conversation = room.conversation(&["demo/swift"]).await;
    for blank in ["", "   \n\t "] {
        let error = room
            .engine
            .start_turn(
                conversation.summary.id,
                blank,
                &[],
                &[],
                MoneyChoice::default(),
                Window::default().sink(),
            )
            .await
            .unwrap_err();
        assert_eq!(error.code, "empty_prompt");
    }
    assert!(room.engine.open_conversation(conversation.summary.id).await.unwrap().turns.is_empty());
}

#[tokio::test]
async fn markup_scripts_and_sql_are_legitimate_text() {
    let room = Room::new().await;
    let conversation = room.conversation(&["demo/swift"]).await;
    let prompt =
        "<script>alert('x')</script>'); DROP TABLE turns; -- \u{0} \u{202E} {{template}} <!-- ]]> &amp;";
    let window = Window::default();
    let turn = room
        .engine
        .start_turn(conversation.summary.id, prompt, &[], &[], MoneyChoice::default(), window.sink())
        .await
        .unwrap();
    assert_eq!(window.runs(&turn.runs).await[0].state, RunState::Complete);
    let stored = room.engine.open_conversation(conversation.summary.id).await.unwrap();
    assert_eq!(stored.turns[0].text, prompt);
    let sent = room.engine.emulator().await.unwrap().requests();
    assert_eq!(sent[0].body["messages"][0]["content"], prompt);
}

#[tokio::test]
async fn a_prompt_beyond_the_context_is_refused_before_it_is_sent_and_kept() {
    let room = Room::new().await;
    let conversation = room.conversation(&["demo/swift"]).await;
    let prompt = "word ".repeat(300_000);
    let window = Window::default();
    let turn = room
        .engine
        .start_turn(conversation.summary.id, &prompt, &[], &[], MoneyChoice::default(), window.sink())
        .await
        .unwrap();
    let run = window.runs(&turn.runs).await.remove(0);
    let fault = run.fault.unwrap();
    assert_eq!((run.state, fault.category), (RunState::Failed, ErrorCategory::ContextLength));
    assert_eq!(fault.next_steps[0], NextStep::ShortenPrompt);
    assert!(room.engine.emulator().await.unwrap().requests().is_empty(), "nothing was sent");
    let stored = room.engine.open_conversation(conversation.summary.id).await.unwrap();
    assert_eq!(stored.turns[0].text.len(), prompt.len(), "the prompt is not lost");
}

#[tokio::test]
async fn an_unknown_model_or_provider_fails_in_place_beside_the_others() {
    let room = Room::new().await;
    let conversation = room.conversation(&["demo/swift", "openai/gpt-5", "demo/no-such-model"]).await;
    assert!(conversation.lanes[1].resolved.unavailable.is_some(), "the lane says it before it is asked");
    let window = Window::default();
    let turn = room
        .engine
        .start_turn(conversation.summary.id, "Hello", &[], &[], MoneyChoice::default(), window.sink())
        .await
        .unwrap();
    let runs = window.runs(&turn.runs).await;
    assert_eq!(runs[0].state, RunState::Complete);
    for run in &runs[1..] {
        assert_eq!(run.state, RunState::Failed);
        assert_eq!(run.fault.as_ref().unwrap().category, ErrorCategory::ModelNotFound);
    }
    let error = room.engine.add_lane(conversation.summary.id, "no slash").await.unwrap_err();
    assert_eq!(error.code, "unknown_model");
}

fn provider(base_url: &str) -> NewProvider {
    NewProvider {
        id: None,
        name: "Mine".into(),
        dialect: "custom".into(),
        api: None,
        base_url: base_url.into(),
        plain_http_confirmed: false,
    }
}

#[tokio::test]
async fn base_urls_are_checked_when_typed_and_faults_of_the_network_are_told_apart() {
    let room = Room::new().await;
    for bad in ["", "nonsense", "ftp://x.example", "http://api.example.com/v1", "https://user:pass@x.example"]
    {
        assert_eq!(room.engine.save_provider(provider(bad)).await.unwrap_err().code, "bad_base_url", "{bad}");
    }
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (base_url, word) in [
        (format!("http://{closed}/v1"), "refus"),
        ("https://no-such-host.invalid/v1".to_owned(), "name"),
        (format!("{}/nowhere", room.engine.emulator().await.unwrap().base_url()), "address"),
    ] {
        let saved = room.engine.save_provider(provider(&base_url)).await.unwrap();
        room.engine.set_key(&saved.id, "sk-test-key-0123456789".to_owned().into()).await.unwrap();
        let conversation = room.conversation(&[&format!("{}/some-model", saved.id)]).await;
        let window = Window::default();
        let turn = room
            .engine
            .start_turn(conversation.summary.id, "Hello", &[], &[], MoneyChoice::default(), window.sink())
            .await
            .unwrap();
        let run = window.runs(&turn.runs).await.remove(0);
        assert_eq!(run.state, RunState::Failed, "{base_url}");
        let message = run.fault.unwrap().message;
        assert!(
            message.to_lowercase().contains(word) || message.to_lowercase().contains("url"),
            "{base_url}: {message}"
        );
        room.engine.remove_provider(&saved.id).await.unwrap();
    }
}

#[tokio::test]
async fn a_damaged_database_is_set_aside_not_deleted() {
    let room = Room::new().await;
    room.engine.shutdown().await;
    let file = room.path().join("roundtable.db");
    std::fs::write(&file, vec![b'x'; 8_192]).unwrap();
    let error = Engine::open(options(room.path(), Pace::Instant)).await.err().expect("refused");
    assert_eq!(error.code(), "corrupt_database");
    let aside = Engine::set_database_aside(room.engine.data_dir()).await.unwrap();
    assert_eq!(std::fs::read(aside).unwrap().len(), 8_192);
    assert!(Engine::open(options(room.path(), Pace::Instant)).await.is_ok());
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_named_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a-file");
    std::fs::write(&file, "not a folder").unwrap();
    let error = Engine::open(options(&file.join("data"), Pace::Instant)).await.err().expect("refused");
    assert_eq!(error.code(), "read_only");
    assert!(error.to_string().contains("--data-dir"), "{error}");
}
