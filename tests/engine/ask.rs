use roundtable_domain::{Params, RunState, Timeouts, ToolDefinition, WireApi};
use roundtable_engine::view::MoneyChoice;
use roundtable_engine::{AskTarget, LedgerFilter, Question, Tools, UnsavedEndpoint};
use roundtable_tests::{Room, Window};

fn question(targets: Vec<AskTarget>) -> Question {
    Question {
        targets,
        text: "Why is the sky blue?".into(),
        attachments: Vec::new(),
        tools: Tools::default(),
        profile: None,
        system: Some("Answer briefly.".into()),
        params: Params::default(),
        stream: true,
        retry: true,
        fresh: false,
        timeouts: Timeouts::default(),
        money: MoneyChoice::default(),
        filing: roundtable_engine::Filing::default(),
    }
}

#[tokio::test]
async fn a_question_leaves_nothing_but_its_entry_in_the_books() {
    let room = Room::new().await;
    let window = Window::default();
    let targets = vec![AskTarget::Named("demo/swift".into()), AskTarget::Named("demo/poet".into())];
    let asking = room.engine.ask(question(targets), window.sink()).await.unwrap();
    window.until(|seen| seen.done).await;
    let answers = room.engine.answers(&asking).await.unwrap();
    assert_eq!(answers.len(), 2);
    assert!(
        answers.iter().all(|answer| answer.run.state == RunState::Complete && answer.attempts.len() == 1)
    );
    assert!(
        room.engine.list_conversations().await.unwrap().is_empty(),
        "it is not in the list while it runs"
    );
    room.engine.forget(asking).await.unwrap();
    let totals = room.engine.ledger_totals(&LedgerFilter::default()).await.unwrap();
    assert_eq!(totals.simulated_calls, 2);
}

#[tokio::test]
async fn an_unsaved_server_is_asked_without_any_setup() {
    let room = Room::new().await;
    let base = room.engine.emulator().await.unwrap().base_url();
    for (api, path) in [
        (WireApi::OpenaiChat, "/v1"),
        (WireApi::AnthropicMessages, "/v1"),
        (WireApi::AnthropicMessages, ""),
        (WireApi::Gemini, "/v1beta"),
        (WireApi::Ollama, ""),
    ] {
        for stream in [true, false] {
            let window = Window::default();
            let endpoint = UnsavedEndpoint {
                api,
                base_url: format!("{base}{path}"),
                model: "swift".into(),
                key: Some("sk-anything-at-all-0123".to_owned().into()),
                key_variable: Some("SOME_KEY".into()),
            };
            let ask = Question { stream, ..question(vec![AskTarget::Unsaved(endpoint)]) };
            let asking = room.engine.ask(ask, window.sink()).await.unwrap();
            window.until(|seen| seen.done).await;
            let answer = room.engine.answers(&asking).await.unwrap().remove(0);
            assert_eq!(
                answer.run.state,
                RunState::Complete,
                "{api:?} {path} {stream}: {:?}",
                answer.run.error
            );
            assert!(answer.run.usage.output.is_some(), "{api:?} {stream}");
            room.engine.forget(asking).await.unwrap();
        }
    }
    assert!(
        room.engine.list_providers().await.unwrap().iter().all(|provider| provider.simulated),
        "nothing was saved"
    );
}

#[tokio::test]
async fn what_tools_declare_stands_in_the_window_too() {
    let room = Room::new().await;
    let window = Window::default();
    // Poet reads 16,384 tokens; the question alone is a handful.
    let tool = ToolDefinition {
        name: "lookup".into(),
        description: Some("a rule to keep to, ".repeat(6_000)),
        parameters: serde_json::json!({"type": "object", "properties": {}}),
    };
    let tools = Tools { definitions: vec![tool], ..Tools::default() };
    let ask = Question { tools, ..question(vec![AskTarget::Named("demo/poet".into())]) };
    let asking = room.engine.ask(ask, window.sink()).await.unwrap();
    let notices = &asking.turn.runs[0].notices;
    assert!(notices.iter().any(|notice| notice.text.contains("reads 16384")), "{notices:?}");
    window.until(|seen| seen.done).await;
}
