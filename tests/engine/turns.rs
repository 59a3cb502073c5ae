use roundtable_domain::{Provenance, RunState};
use roundtable_emulator::Behaviour;
use roundtable_engine::view::MoneyChoice;
use roundtable_tests::{Room, Window};

#[tokio::test]
async fn three_lanes_answer_one_prompt_and_the_books_hold_each() {
    let room = Room::new().await;
    let conversation = room.conversation(&["demo/swift", "demo/scholar", "demo/poet"]).await;
    let window = Window::default();
    let turn = room
        .engine
        .start_turn(
            conversation.summary.id,
            "Compare B-trees and LSM-trees",
            &[],
            &[],
            MoneyChoice::default(),
            window.sink(),
        )
        .await
        .unwrap();
    let runs = window.runs(&turn.runs).await;
    assert_eq!(runs.len(), 3);
    for run in &runs {
        assert_eq!(run.state, RunState::Complete);
        assert!(run.text.len() > 100, "{}", run.text);
        assert!(run.simulated && run.ttft_ms.is_some() && run.total_ms.is_some());
        let cost = run.cost.as_ref().unwrap();
        assert_eq!(cost.provenance, Some(Provenance::Computed));
        assert!(cost.simulated && cost.usd.as_deref().is_some_and(|usd| usd != "0"));
    }
    assert!(!runs[1].reasoning.is_empty(), "the scholar reasons before it answers");
    let stored = room.engine.open_conversation(conversation.summary.id).await.unwrap();
    assert_eq!(stored.turns[0].runs, runs, "what is stored is what was shown");
    assert!(stored.live_turns.is_empty());
    assert_eq!(stored.summary.spend.simulated_calls, 3);
    assert_eq!(stored.summary.spend.calls, 0, "demo money never counts with real spend");
    assert_eq!(stored.summary.spend.usd, "0");
    assert_eq!(stored.summary.title, "Compare B-trees and LSM-trees");
}

#[tokio::test]
async fn eight_lanes_at_two_hundred_tokens_a_second_lose_nothing_within_sixty_batches_a_second() {
    let room = Room::new().await;
    let conversation = room.conversation(&["demo/swift"; 8]).await;
    let burst = Behaviour::Burst { tokens: 400, tokens_per_second: 200, token: "tök🙂".into() };
    room.engine.emulator().await.unwrap().script_always("swift", burst);
    let window = Window::default();
    let started = std::time::Instant::now();
    let turn = room
        .engine
        .start_turn(conversation.summary.id, "go", &[], &[], MoneyChoice::default(), window.sink())
        .await
        .unwrap();
    let runs = window.runs(&turn.runs).await;
    let seconds = started.elapsed().as_secs_f64();
    let expected = (0..400).map(|number| format!("tök🙂{number}")).collect::<Vec<_>>().join(" ");
    for run in &runs {
        assert_eq!(run.text.trim_end(), expected);
    }
    let batches = f64::from(window.seen(|seen| seen.batches));
    assert!(batches / seconds <= 62.0, "{batches} batches in {seconds} s");
}

#[tokio::test]
async fn each_lane_is_sent_its_own_history_only() {
    let room = Room::new().await;
    let conversation = room.conversation(&["demo/swift", "demo/poet"]).await;
    let emulator = room.engine.emulator().await.unwrap();
    for (model, word) in [("swift", "alpha"), ("poet", "beta")] {
        emulator.script(model, vec![Behaviour::Reply { text: word.into(), reasoning: None }]);
    }
    for prompt in ["first", "second"] {
        let window = Window::default();
        let turn = room
            .engine
            .start_turn(conversation.summary.id, prompt, &[], &[], MoneyChoice::default(), window.sink())
            .await
            .unwrap();
        window.runs(&turn.runs).await;
    }
    let second: Vec<_> = emulator.requests().into_iter().skip(2).collect();
    for request in second {
        let messages = request.body["messages"].to_string();
        let own = if request.body["model"] == "swift" { "alpha" } else { "beta" };
        let other = if own == "alpha" { "beta" } else { "alpha" };
        assert!(messages.contains(own) && !messages.contains(other), "{messages}");
        assert!(messages.contains("first") && messages.contains("second"));
    }
}

#[tokio::test]
async fn stopping_one_lane_keeps_its_text_and_leaves_the_others_alone() {
    let room = Room::new().await;
    let conversation = room.conversation(&["demo/swift", "demo/poet"]).await;
    let emulator = room.engine.emulator().await.unwrap();
    emulator.script("swift", vec![Behaviour::Stall { after_tokens: 10 }]);
    let window = Window::default();
    let turn = room
        .engine
        .start_turn(
            conversation.summary.id,
            "Tell me something",
            &[],
            &[],
            MoneyChoice::default(),
            window.sink(),
        )
        .await
        .unwrap();
    let (stalled, other) = (turn.runs[0].id, turn.runs[1].id);
    window.until(|seen| seen.runs.get(&stalled).is_some_and(|run| run.text.len() > 10)).await;
    window.until(|seen| seen.runs.get(&other).is_some_and(|run| run.state == RunState::Complete)).await;
    room.engine.stop_run(stalled);
    let runs = window.runs(&turn.runs).await;
    assert_eq!(runs[0].state, RunState::Cancelled);
    assert!(!runs[0].text.is_empty(), "what came before the stop is kept");
    let cost = runs[0].cost.as_ref().expect("a stopped answer is booked");
    assert_eq!(cost.provenance, Some(Provenance::Estimated));
    assert_eq!(runs[1].state, RunState::Complete);
    assert_eq!(emulator.open_streams(), 0, "stopping closes the connection");
}

#[tokio::test]
async fn a_retry_is_a_new_version_and_the_old_one_stays() {
    let room = Room::new().await;
    let conversation = room.conversation(&["demo/swift", "demo/poet"]).await;
    let emulator = room.engine.emulator().await.unwrap();
    emulator.script("swift", vec![Behaviour::Unauthorized]);
    let window = Window::default();
    let turn = room
        .engine
        .start_turn(conversation.summary.id, "Hello", &[], &[], MoneyChoice::default(), window.sink())
        .await
        .unwrap();
    let runs = window.runs(&turn.runs).await;
    assert_eq!(runs[0].state, RunState::Failed);
    let window = Window::default();
    let again = room.engine.retry_turn(turn.id, true, MoneyChoice::default(), window.sink()).await.unwrap();
    assert_eq!(again.len(), 1, "only the failed answer is asked again");
    let retried = window.runs(&again).await;
    assert_eq!((retried[0].state, retried[0].version, retried[0].versions), (RunState::Complete, 2, 2));
    let first = room.engine.run_version(turn.id, runs[0].lane_id, 1).await.unwrap();
    assert_eq!(first.state, RunState::Failed);
    let picked = room.engine.pick_run(retried[0].id, true).await.unwrap();
    assert!(picked.picked);
}

#[tokio::test]
async fn a_window_that_comes_back_follows_the_same_turn() {
    let room = Room::new().await;
    let conversation = room.conversation(&["demo/swift"]).await;
    let burst = Behaviour::Burst { tokens: 120, tokens_per_second: 200, token: "t".into() };
    room.engine.emulator().await.unwrap().script("swift", vec![burst]);
    let first = Window::default();
    let turn = room
        .engine
        .start_turn(conversation.summary.id, "go", &[], &[], MoneyChoice::default(), first.sink())
        .await
        .unwrap();
    let id = turn.runs[0].id;
    first.until(|seen| seen.runs.get(&id).is_some_and(|run| run.text.len() > 20)).await;
    let reopened = room.engine.open_conversation(conversation.summary.id).await.unwrap();
    assert_eq!(reopened.live_turns, [turn.id]);
    let late = Window::default();
    room.engine.watch_turn(turn.id, late.sink()).await.unwrap();
    assert_eq!(first.runs(&turn.runs).await, late.runs(&turn.runs).await);
    // A turn that is over gives its answers at once.
    let after = Window::default();
    room.engine.watch_turn(turn.id, after.sink()).await.unwrap();
    assert_eq!(after.runs(&turn.runs).await[0].text, first.runs(&turn.runs).await[0].text);
}

#[tokio::test]
async fn deleting_a_conversation_never_deletes_spend() {
    let room = Room::new().await;
    let conversation = room.conversation(&["demo/swift"]).await;
    let window = Window::default();
    let turn = room
        .engine
        .start_turn(conversation.summary.id, "Hello", &[], &[], MoneyChoice::default(), window.sink())
        .await
        .unwrap();
    window.runs(&turn.runs).await;
    room.engine.delete_conversation(conversation.summary.id).await.unwrap();
    assert!(room.engine.list_conversations().await.unwrap().is_empty());
    let totals = room.engine.ledger_totals(&roundtable_engine::LedgerFilter::default()).await.unwrap();
    assert_eq!(totals.simulated_calls, 1);
}
