use roundtable_domain::{ErrorCategory, PicoUsd, RunState};
use roundtable_emulator::{Behaviour, RetryAfter};
use roundtable_engine::LedgerFilter;
use roundtable_engine::view::{Charged, MoneyChoice, NewProvider, OwnPrice, RunView};
use roundtable_tests::{Room, Window};

async fn ask(room: &Room, behaviours: Vec<Behaviour>) -> (RunView, Window) {
    let conversation = room.conversation(&["demo/swift"]).await;
    room.engine.emulator().await.unwrap().script("swift", behaviours);
    let window = Window::default();
    let turn = room
        .engine
        .start_turn(conversation.summary.id, "Hello", &[], &[], MoneyChoice::default(), window.sink())
        .await
        .unwrap();
    let run = window.runs(&turn.runs).await.remove(0);
    (run, window)
}

fn category(run: &RunView) -> ErrorCategory {
    run.fault.as_ref().expect("a fault").category
}

#[tokio::test]
async fn stopping_while_waiting_for_a_retry_charges_nothing_for_what_failed() {
    let room = Room::new().await;
    let conversation = room.conversation(&["demo/swift"]).await;
    room.engine.emulator().await.unwrap().script_always("swift", Behaviour::ErrorFirstEvent);
    let window = Window::default();
    let turn = room
        .engine
        .start_turn(conversation.summary.id, "Hello", &[], &[], MoneyChoice::default(), window.sink())
        .await
        .unwrap();
    window.until(|seen| !seen.retries.is_empty()).await;
    room.engine.stop_run(turn.runs[0].id);
    let run = window.runs(&turn.runs).await.remove(0);
    assert_eq!(
        (run.state, run.cost),
        (RunState::Cancelled, None),
        "the provider refused: nothing came, nothing is owed"
    );
}

#[tokio::test]
async fn before_the_first_word_a_retry_is_silent_and_waits_as_asked() {
    let room = Room::new().await;
    let started = std::time::Instant::now();
    let (run, window) =
        ask(&room, vec![Behaviour::Status429(RetryAfter::Milliseconds(350)), Behaviour::Status503]).await;
    assert_eq!(run.state, RunState::Complete);
    assert_eq!(run.attempts, 3);
    assert!(run.fault.is_none());
    assert!(started.elapsed().as_millis() >= 350, "never earlier than Retry-After");
    window.seen(|seen| {
        assert_eq!(seen.retries.len(), 2, "the window is told of both");
        assert!(seen.retries[0].2 >= 350);
    });
}

#[tokio::test]
async fn what_cannot_help_is_not_sent_again() {
    for (behaviour, expected) in [
        (Behaviour::Unauthorized, ErrorCategory::Authentication),
        (Behaviour::Forbidden, ErrorCategory::Permission),
        (Behaviour::QuotaExceeded, ErrorCategory::QuotaExceeded),
        (Behaviour::Status402, ErrorCategory::QuotaExceeded),
        (Behaviour::ModelNotFound, ErrorCategory::ModelNotFound),
        (Behaviour::ContextLength, ErrorCategory::ContextLength),
        (Behaviour::PromptBlocked, ErrorCategory::ContentFilter),
        (Behaviour::Redirect { location: "https://elsewhere.example/".into() }, ErrorCategory::WrongAddress),
    ] {
        let room = Room::new().await;
        let (run, _) = ask(&room, vec![behaviour.clone()]).await;
        assert_eq!(
            (run.state, category(&run), run.attempts),
            (RunState::Failed, expected, 1),
            "{behaviour:?}"
        );
        let fault = run.fault.unwrap();
        assert_eq!(fault.charged, Charged::No);
        assert!(!fault.next_steps.is_empty() && run.cost.is_none());
    }
}

#[tokio::test]
async fn after_the_first_word_the_partial_text_stays_and_nothing_is_spliced() {
    for (behaviour, state) in [
        (Behaviour::ErrorMidStream { after_tokens: 20 }, RunState::Failed),
        (Behaviour::CleanEof { after_tokens: 20 }, RunState::Truncated),
        (Behaviour::SocketCut { after_tokens: 20 }, RunState::Failed),
    ] {
        let room = Room::new().await;
        let (run, _) = ask(&room, vec![behaviour.clone()]).await;
        assert_eq!(run.attempts, 1, "{behaviour:?}");
        assert!(run.state == state || run.state == RunState::Truncated, "{behaviour:?}: {:?}", run.state);
        assert!(!run.text.is_empty(), "{behaviour:?}");
        assert!(
            run.cost.is_some_and(|cost| cost.usd.is_some()),
            "a cut answer is booked at an estimate: {behaviour:?}"
        );
    }
}

#[tokio::test]
async fn odd_replies_are_errors_in_words() {
    for behaviour in
        [Behaviour::HtmlOk, Behaviour::ErrorBodyOk, Behaviour::ErrorFirstEvent, Behaviour::EmptyBody]
    {
        let room = Room::new().await;
        let conversation = room.conversation(&["demo/swift"]).await;
        room.engine.emulator().await.unwrap().script_always("swift", behaviour.clone());
        let window = Window::default();
        let turn = room
            .engine
            .start_turn(conversation.summary.id, "Hello", &[], &[], MoneyChoice::default(), window.sink())
            .await
            .unwrap();
        let run = window.runs(&turn.runs).await.remove(0);
        assert!(
            matches!(run.state, RunState::Failed | RunState::Truncated),
            "{behaviour:?}: {:?}",
            run.state
        );
        assert!(run.fault.is_some_and(|fault| fault.message.len() > 20), "{behaviour:?}");
    }
}

#[tokio::test]
async fn odd_framing_changes_no_character() {
    let room = Room::new().await;
    let (plain, _) = ask(&room, vec![]).await;
    for behaviour in
        [Behaviour::CrlfLineEnds, Behaviour::SplitBytes { piece: 1 }, Behaviour::SplitBytes { piece: 7 }]
    {
        let (run, _) = ask(&room, vec![behaviour.clone()]).await;
        assert_eq!(run.text, plain.text, "{behaviour:?}");
    }
    let (scripts, _) = ask(&room, vec![Behaviour::SplitUtf8]).await;
    assert!(scripts.text.contains("👩‍🔬") && !scripts.text.contains('\u{FFFD}'));
    let (huge, _) = ask(&room, vec![Behaviour::HugeLine { mebibytes: 3 }]).await;
    assert!(huge.text.len() >= 3 * 1024 * 1024);
}

#[tokio::test]
async fn an_answer_is_never_labelled_with_a_model_that_did_not_serve_it() {
    let room = Room::new().await;
    let (run, _) = ask(&room, vec![Behaviour::WrongModel { served: "poet".into() }]).await;
    assert_eq!(run.model_requested, "swift");
    assert_eq!(run.model_served.as_deref(), Some("poet"));
}

#[tokio::test]
async fn an_answer_without_usage_is_booked_at_an_estimate() {
    let room = Room::new().await;
    let (run, _) = ask(&room, vec![Behaviour::UsageMissing]).await;
    assert_eq!(run.state, RunState::Complete);
    assert!(run.usage.is_none(), "unknown is not zero");
    assert_eq!(run.cost.unwrap().provenance, Some(roundtable_domain::Provenance::Estimated));
}

#[tokio::test]
async fn an_answer_costs_what_all_its_attempts_cost() {
    let room = Room::new().await;
    let emulator = room.engine.emulator().await.unwrap();
    let provider = NewProvider {
        id: None,
        name: "Afar".into(),
        dialect: "anthropic".into(),
        api: None,
        base_url: format!("{}/v1", emulator.base_url()),
        plain_http_confirmed: false,
    };
    let afar = room.engine.save_provider(provider).await.unwrap().id;
    room.engine.set_key(&afar, "sk-ant-0123456789abcdef".to_owned().into()).await.unwrap();
    let target = format!("{afar}/swift");
    let price = OwnPrice { input: "3".into(), output: "15".into(), cache_read: None, cache_write: None };
    room.engine.set_own_price(&target, Some(price)).await.unwrap();
    let conversation = room.conversation(&[&target]).await;
    // Anthropic says what the prompt is charged before it breaks off: that is owed, whatever comes of the next attempt.
    emulator.script("swift", vec![Behaviour::ErrorMidStream { after_tokens: 0 }]);
    let window = Window::default();
    let turn = room
        .engine
        .start_turn(conversation.summary.id, "Hello", &[], &[], MoneyChoice::default(), window.sink())
        .await
        .unwrap();
    let run = window.runs(&turn.runs).await.remove(0);
    assert_eq!((run.state, run.attempts), (RunState::Complete, 2));
    let booked = room.engine.ledger_entries(&LedgerFilter::default(), 10).await.unwrap();
    let amounts: Vec<PicoUsd> = booked.iter().filter_map(|entry| entry.cost.usd).collect();
    assert_eq!(amounts.len(), 2, "{booked:?}");
    let total: i64 = amounts.iter().map(|amount| amount.as_pico()).sum();
    let shown: PicoUsd = run.cost.unwrap().usd.unwrap().parse().unwrap();
    assert_eq!(shown.as_pico(), total, "the answer shows what the books hold");
}
