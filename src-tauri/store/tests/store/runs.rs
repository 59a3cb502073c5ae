//! A run's way: begun, checkpointed, finished, retried, picked.

use roundtable_domain::{
    ErrorCategory, Notice, ProviderError, RunId, RunState, TokenUsage, ToolCall, TurnId, UnixMs,
};
use roundtable_store::{
    Admission, FinishedRun, LedgerFilter, NewTurn, RunCheckpoint, Settlement, StoreError, Turn,
};
use sqlx::ConnectOptions as _;

use crate::support::{
    Room, begin, checkpoint, conversation, cost, ended, entry, finished, id, left_out, new_attempt,
    new_reservation, new_retry, new_run,
};

#[tokio::test]
async fn what_an_older_version_has_said_in_finished_sentences_is_kept_as_it_is() {
    let room = Room::new().await;
    let (conversation, lanes) = conversation(&room.store, &["demo/swift"], 1).await;
    let begun = begin(&room.store, conversation, &lanes, "hi", 10).await.remove(0);
    let mut sql = sqlx::sqlite::SqliteConnectOptions::new().filename(room.file()).connect().await.unwrap();
    let old = r#"UPDATE runs SET notices = '["Pictures are left out."]'"#;
    sqlx::query(old).execute(&mut sql).await.unwrap();
    let run = room.store.runs().get(begun.run).await.unwrap();
    assert_eq!(run.notices, [Notice::from("Pictures are left out.".to_owned())]);
}

#[tokio::test]
async fn everything_that_is_said_about_an_answer_comes_back() {
    let room = Room::new().await;
    let (conversation, lanes) = conversation(&room.store, &["demo/swift"], 1).await;
    let begun = begin(&room.store, conversation, &lanes, "hi", 10).await.remove(0);

    let started = room.store.runs().get(begun.run).await.unwrap();
    assert_eq!((started.state, started.version, started.cost.clone()), (RunState::Connecting, 1, None));
    assert_eq!(started.params.temperature, Some(0.5));
    assert_eq!(started.notices, [left_out()], "with its code");

    let mut end = finished(&begun, "hello", cost(42));
    end.tool_calls = vec![ToolCall { id: None, name: "look".into(), arguments: "{\"a\":1}".into() }];
    end.error = Some(ProviderError::local(ErrorCategory::Timeout, "demo", "too slow"));
    let outcome = room.store.finish_run(&end).await.unwrap();
    assert!(outcome.run_written && outcome.entry_written);

    let run = room.store.runs().get(begun.run).await.unwrap();
    assert_eq!((run.text.as_str(), run.reasoning.as_str()), ("hello", "because"));
    assert_eq!(run.tool_calls, end.tool_calls);
    assert_eq!(run.layout, end.layout);
    assert_eq!((run.usage, run.usage_raw), (end.usage, end.usage_raw));
    assert_eq!((run.cost, run.error), (end.cost, end.error));
    assert_eq!((run.ttft_ms, run.total_ms, run.finished_at), (Some(5), Some(19), Some(UnixMs(30))));
    assert_eq!(
        (run.model_served.as_deref(), run.finish_reason.as_deref()),
        (Some("swift-2026"), Some("stop"))
    );

    let attempts = room.store.attempts().list(begun.run).await.unwrap();
    assert_eq!((attempts[0].ordinal, attempts[0].state), (1, RunState::Complete));
    assert_eq!(attempts[0].request_id.as_deref(), Some("req_1"));
    let reservations = room.store.reservations().list(begun.run).await.unwrap();
    assert_eq!(reservations[0].settlement, Some(Settlement::Settled));
    assert_eq!(reservations[0].attempt_id, Some(begun.attempt));
    assert!(room.store.reservations().open().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_turn_is_written_whole_or_not_at_all() {
    let room = Room::new().await;
    let (conversation, lanes) = conversation(&room.store, &["demo/swift"], 1).await;
    room.store.conversations().set_draft(conversation, "hi", &[]).await.unwrap();
    let turn = Turn {
        id: id(TurnId::from_uuid),
        conversation_id: conversation,
        parent_turn_id: None,
        text: "hi".into(),
        parts: Vec::new(),
        created_at: UnixMs(2),
    };
    let good = new_run(turn.id, lanes[0], 2);
    let bad = new_run(turn.id, id(roundtable_domain::LaneId::from_uuid), 2);
    let reservations = vec![new_reservation(good.id, None)];
    let new = NewTurn { turn, runs: vec![good, bad], reservations, attempts: vec![], traces: vec![] };
    assert!(
        room.store.begin_turn(&new, &Admission::default()).await.is_err(),
        "the second run stands in no lane"
    );

    assert!(room.store.turns().list(conversation).await.unwrap().is_empty());
    assert!(room.store.reservations().open().await.unwrap().is_empty());
    assert_eq!(room.store.conversations().get(conversation).await.unwrap().draft, "hi");
}

#[tokio::test]
async fn beginning_a_turn_takes_the_draft_and_moves_the_conversation_up() {
    let room = Room::new().await;
    let (conversation, lanes) = conversation(&room.store, &["demo/swift"], 1).await;
    room.store.conversations().set_draft(conversation, "hi", &[]).await.unwrap();
    begin(&room.store, conversation, &lanes, "hi", 99).await;
    let after = room.store.conversations().get(conversation).await.unwrap();
    assert_eq!((after.draft.as_str(), after.updated_at), ("", UnixMs(99)));
}

#[tokio::test]
async fn checkpoints_append_and_can_be_read_on_the_way() {
    let room = Room::new().await;
    let (conversation, lanes) = conversation(&room.store, &["demo/swift", "demo/poet"], 1).await;
    let begun = begin(&room.store, conversation, &lanes, "hi", 10).await;
    let [one, two] = [begun[0].run, begun[1].run];
    room.store
        .checkpoint_runs(&[checkpoint(one, (0, "Grüß"), (0, "")), checkpoint(two, (0, ""), (0, "so"))])
        .await
        .unwrap();
    let more = RunCheckpoint {
        usage: Some(TokenUsage { input: Some(4), ..TokenUsage::default() }),
        model_served: Some("swift-2026".into()),
        ttft_ms: Some(7),
        tool_calls: Some(vec![ToolCall { id: Some("c".into()), name: "f".into(), arguments: "{".into() }]),
        refusal: Some("no".into()),
        ..checkpoint(one, (6, " dich\0 \u{1F600}"), (0, "x"))
    };
    room.store.checkpoint_runs(&[more]).await.unwrap();
    room.store.checkpoint_runs(&[checkpoint(one, (17, ""), (1, ""))]).await.unwrap();

    let run = room.store.runs().get(one).await.unwrap();
    assert_eq!((run.text.as_str(), run.reasoning.as_str()), ("Grüß dich\0 \u{1F600}", "x"));
    assert_eq!((run.state, run.checkpoint_at), (RunState::Committed, Some(UnixMs(20))));
    assert_eq!((run.usage.input, run.ttft_ms), (Some(4), Some(7)));
    assert_eq!(
        (run.refusal.as_str(), run.tool_calls.len()),
        ("no", 1),
        "kept by a checkpoint that says nothing of them"
    );
    assert_eq!(room.store.runs().get(two).await.unwrap().reasoning, "so");
}

#[tokio::test]
async fn a_checkpoint_that_does_not_fit_is_refused_whole() {
    let room = Room::new().await;
    let (conversation, lanes) = conversation(&room.store, &["demo/swift", "demo/poet"], 1).await;
    let begun = begin(&room.store, conversation, &lanes, "hi", 10).await;
    let [one, two] = [begun[0].run, begun[1].run];
    room.store.checkpoint_runs(&[checkpoint(one, (0, "abc"), (0, ""))]).await.unwrap();

    let tick = [checkpoint(two, (0, "x"), (0, "")), checkpoint(one, (0, "abc"), (0, ""))];
    let refused = room.store.checkpoint_runs(&tick).await;
    assert!(
        matches!(refused, Err(StoreError::CheckpointGap { run_id, stored: 3, offset: 0 }) if run_id == one),
        "a repeated checkpoint would double the text: {refused:?}"
    );
    assert_eq!(room.store.runs().get(two).await.unwrap().text, "", "the tick is one transaction");
    assert_eq!(room.store.runs().get(one).await.unwrap().text, "abc");
}

#[tokio::test]
async fn a_final_answer_is_not_touched_again() {
    let room = Room::new().await;
    let (conversation, lanes) = conversation(&room.store, &["demo/swift"], 1).await;
    let begun = begin(&room.store, conversation, &lanes, "hi", 10).await.remove(0);
    room.store.checkpoint_runs(&[checkpoint(begun.run, (0, "hel"), (0, ""))]).await.unwrap();
    room.store.finish_run(&finished(&begun, "hello", cost(42))).await.unwrap();

    room.store.checkpoint_runs(&[checkpoint(begun.run, (3, "lo"), (0, ""))]).await.unwrap();
    let again = room.store.finish_run(&finished(&begun, "other", cost(1))).await.unwrap();
    assert!(!again.run_written && !again.entry_written);
    assert_eq!(room.store.runs().get(begun.run).await.unwrap().text, "hello");
}

#[tokio::test]
async fn a_retry_is_the_next_version_and_keeps_the_first() {
    let room = Room::new().await;
    let (conversation, lanes) = conversation(&room.store, &["demo/swift", "demo/poet"], 1).await;
    let begun = begin(&room.store, conversation, &lanes, "hi", 10).await.remove(1);
    room.store.finish_run(&finished(&begun, "first", cost(1))).await.unwrap();

    let retry = new_run(begun.turn, begun.lane, 50);
    let version = room.store.begin_retry(&new_retry(retry, Some(1)), &Admission::default()).await.unwrap();
    assert_eq!(version, 2);
    let versions = room.store.runs().versions(begun.turn, begun.lane).await.unwrap();
    assert_eq!(versions.iter().map(|run| run.version).collect::<Vec<_>>(), [1, 2]);
    assert_eq!((versions[0].text.as_str(), versions[1].lane_position), ("first", 1));

    let stray = new_run(id(TurnId::from_uuid), begun.lane, 50);
    let refused = room.store.begin_retry(&new_retry(stray, None), &Admission::default()).await;
    assert!(matches!(refused, Err(StoreError::NotFound { what: "turn", .. })), "{refused:?}");
}

#[tokio::test]
async fn attempts_count_up_and_end_with_their_own_books() {
    let room = Room::new().await;
    let (conversation, lanes) = conversation(&room.store, &["demo/swift"], 1).await;
    let begun = begin(&room.store, conversation, &lanes, "hi", 10).await.remove(0);
    let mut end = ended(&begun, RunState::Failed);
    end.error = Some(ProviderError::local(ErrorCategory::RateLimited, "demo", "slow down"));
    room.store.end_attempt(&end, Some(&entry(&begun, cost(9))), None, None).await.unwrap();

    let second = new_attempt(begun.run, None);
    assert_eq!(room.store.begin_attempt(&second, None, None, &Admission::default()).await.unwrap(), 2);
    let attempts = room.store.attempts().list(begun.run).await.unwrap();
    assert_eq!(attempts[0].category, Some(ErrorCategory::RateLimited));
    assert_eq!((attempts[0].error.clone(), attempts[1].state), (end.error, RunState::Connecting));
    assert_eq!(room.store.ledger().totals(&LedgerFilter::default()).await.unwrap().real.as_pico(), 9);

    let nowhere = room
        .store
        .begin_attempt(&new_attempt(id(RunId::from_uuid), None), None, None, &Admission::default())
        .await;
    assert!(matches!(nowhere, Err(StoreError::NotFound { what: "answer", .. })));
}

#[tokio::test]
async fn picking_moves_and_deletes_nothing() {
    let room = Room::new().await;
    let (conversation, lanes) = conversation(&room.store, &["demo/swift", "demo/poet"], 1).await;
    let begun = begin(&room.store, conversation, &lanes, "hi", 10).await;
    for one in &begun {
        room.store.finish_run(&finished(one, "text", cost(1))).await.unwrap();
        room.store.runs().set_picked(one.run, Some(UnixMs(40))).await.unwrap();
    }
    let picked = async |at: usize| room.store.runs().get(begun[at].run).await.unwrap();
    assert_eq!((picked(0).await.picked_at, picked(1).await.picked_at), (None, Some(UnixMs(40))));
    assert_eq!(picked(0).await.text, "text");
    room.store.runs().set_picked(begun[1].run, None).await.unwrap();
    assert_eq!(picked(1).await.picked_at, None);
    let missing = room.store.runs().set_picked(id(RunId::from_uuid), Some(UnixMs(1))).await;
    assert!(matches!(missing, Err(StoreError::NotFound { .. })));
}

/// How often `swift` was picked over others, and others over it: `(the picked, the other, times)`.
async fn comparisons(room: &Room, since: i64) -> Vec<(String, String, u64)> {
    let all = room.store.runs().picked_over(UnixMs(since)).await.unwrap();
    all.into_iter().map(|one| (one.model, one.other_model, one.times)).collect()
}

#[tokio::test]
async fn a_pick_is_compared_with_every_other_lanes_whole_answer_as_it_stands() {
    let room = Room::new().await;
    let targets = ["demo/swift", "demo/poet", "demo/scholar", "demo/swift"];
    let (conversation, lanes) = conversation(&room.store, &targets, 1).await;
    let begun = begin(&room.store, conversation, &lanes, "hi", 10).await;
    for (one, target) in begun.iter().zip(targets) {
        let model = target.trim_start_matches("demo/").to_owned();
        let whole = FinishedRun { model_requested: Some(model), ..finished(one, "text", cost(1)) };
        let state = if target == "demo/scholar" { RunState::Truncated } else { RunState::Complete };
        room.store.finish_run(&FinishedRun { state, ..whole }).await.unwrap();
    }
    assert_eq!(comparisons(&room, 0).await, [], "nobody has picked");
    room.store.runs().set_picked(begun[0].run, Some(UnixMs(40))).await.unwrap();
    let over_poet = ("swift".to_owned(), "poet".to_owned(), 1);
    assert_eq!(
        comparisons(&room, 0).await,
        [over_poet],
        "one that broke off and the same model are no rivals"
    );
    assert_eq!(comparisons(&room, 41).await, [], "it was picked before");

    // The poet's next version is not whole: the lane no longer has an answer to compare.
    let retry = new_run(begun[1].turn, begun[1].lane, 50);
    room.store.begin_retry(&new_retry(retry, None), &Admission::default()).await.unwrap();
    assert_eq!(comparisons(&room, 0).await, []);
    // Another mind.
    room.store.runs().set_picked(begun[1].run, Some(UnixMs(60))).await.unwrap();
    assert_eq!(comparisons(&room, 0).await, [("poet".to_owned(), "swift".to_owned(), 2)]);
}
