//! What statistics keep of calls, and answers that are kept to be given again.

use roundtable_domain::{AttemptId, ErrorCategory, PicoUsd, RunId, RunState, UnixMs};
use roundtable_store::{
    Call, CallSource, CountedCall, Requested, ResponseCounts, ResponseTotals, Store, StoredResponse,
};
use serde_json::json;

use crate::support::{Room, begin, conversation, cost, ended, finished, id};

const PLENTY: u64 = 1_000_000;

fn call(at: i64) -> Call {
    Call {
        id: id(AttemptId::from_uuid),
        run_id: Some(id(RunId::from_uuid)),
        at: UnixMs(at),
        source: CallSource::Model,
        kind: "first".into(),
        provider: "openai".into(),
        model: "gpt-4o".into(),
        model_served: Some("gpt-4o-2024-08-06".into()),
        key: Some("env:OPENAI_API_KEY".into()),
        group: Some("daily".into()),
        echelon: Some("echelon1".into()),
        pool: None,
        state: RunState::Failed,
        category: Some(ErrorCategory::RateLimited),
        wait_ms: 7,
        ttft_ms: None,
        total_ms: Some(90),
        input_tokens: Some(12),
        output_tokens: None,
        cost: Some(PicoUsd::from_pico(5)),
        saved: None,
        response: Some([3; 32]),
        requested: Requested {
            key: Some([4; 32]),
            repeatable: true,
            asked: Some("auto".into()),
            complexity: Some("simple".into()),
        },
        simulated: false,
    }
}

async fn all(store: &Store) -> Vec<CountedCall> {
    let mut calls = Vec::new();
    store.calls().each(UnixMs(0), UnixMs(i64::MAX), None, |call| calls.push(call)).await.unwrap();
    calls
}

#[tokio::test]
async fn an_answer_is_usually_as_long_as_most_of_the_last_twenty() {
    let room = Room::new().await;
    let usual = async || room.store.calls().usual_output("demo", "swift").await.unwrap();
    assert_eq!(usual().await, None);
    let answer = |at, output| Call {
        provider: "demo".into(),
        model: "swift".into(),
        // Not every server says who served it.
        model_served: None,
        state: RunState::Complete,
        output_tokens: Some(output),
        ..call(at)
    };
    room.store.calls().add(&answer(1, 70)).await.unwrap();
    assert_eq!(usual().await, Some(70), "one is better than a rule of thumb");
    for at in 2..12 {
        room.store.calls().add(&answer(at, 9_000)).await.unwrap();
    }
    for at in 12..31 {
        room.store.calls().add(&answer(at, 10 + u64::try_from(at).unwrap() % 2)).await.unwrap();
    }
    // Nineteen answers of 10 or 11 tokens and one that was very long.
    room.store.calls().add(&answer(31, 1_000_000)).await.unwrap();
    assert_eq!(usual().await, Some(11), "one that is long moves nothing");
    for other in [
        Call { state: RunState::Truncated, ..answer(40, 5) },
        Call { source: CallSource::Cache, ..answer(41, 5) },
        Call { model: "other".into(), ..answer(42, 5) },
        Call { output_tokens: None, ..answer(43, 0) },
    ] {
        room.store.calls().add(&other).await.unwrap();
    }
    assert_eq!(usual().await, Some(11), "only what came to its end, was sent and was counted");
}

#[tokio::test]
async fn a_call_is_read_as_it_was_written_and_counted_once() {
    let room = Room::new().await;
    let (later, earlier) = (call(20), call(10));
    for written in [&later, &earlier, &later] {
        room.store.calls().add(written).await.unwrap();
    }
    assert_eq!(all(&room.store).await, [earlier.into(), later.clone().into()], "in order of time");
    let mut seen = Vec::new();
    room.store.calls().each(UnixMs(10), UnixMs(20), None, |call| seen.push(call.at)).await.unwrap();
    assert_eq!(seen, [UnixMs(10)], "the end is outside");
    let mut latest = Vec::new();
    room.store.calls().each(UnixMs(0), UnixMs(99), Some(1), |call| latest.push(call.at)).await.unwrap();
    assert_eq!(latest, [UnixMs(20)], "the latest of them");
    assert_eq!(room.store.calls().purge(UnixMs(20)).await.unwrap(), 1);
    assert_eq!(all(&room.store).await, [later.into()]);
}

#[tokio::test]
async fn calls_are_written_with_the_end_of_their_attempt_and_outlive_their_conversation() {
    let room = Room::new().await;
    let (conversation, lanes) = conversation(&room.store, &["demo/swift"], 1).await;
    let begun = begin(&room.store, conversation, &lanes, "hi", 10).await.remove(0);
    let failed = call(20);
    room.store.end_attempt(&ended(&begun, RunState::Failed), None, Some(&failed), None).await.unwrap();
    let last = Call { id: begun.attempt, run_id: Some(begun.run), ..call(30) };
    let mut end = finished(&begun, "Hello", cost(9));
    end.call = Some(last.clone());
    room.store.conversations().delete(conversation).await.unwrap();
    for _ in 0..2 {
        room.store.finish_run(&end).await.unwrap();
    }
    assert_eq!(
        all(&room.store).await,
        [failed.into(), last.into()],
        "the answer is gone, what it took is not"
    );
}

#[tokio::test]
async fn the_model_that_served_last_is_known_by_its_name() {
    let room = Room::new().await;
    let served = |at, served: Option<&str>| Call { model_served: served.map(str::to_owned), ..call(at) };
    let from_cache = Call { source: CallSource::Cache, ..served(90, Some("from-the-cache")) };
    for one in [served(30, Some("new")), served(20, Some("old")), served(40, None), from_cache] {
        room.store.calls().add(&one).await.unwrap();
    }
    let calls = room.store.calls();
    assert_eq!(calls.last_served("openai", "gpt-4o").await.unwrap().as_deref(), Some("new"));
    assert_eq!(calls.last_served("openai", "gpt-4").await.unwrap(), None);
}

fn response(key: u8, used_at: i64, text: &str) -> StoredResponse {
    StoredResponse {
        key: [key; 32],
        run_id: None,
        provider: "openai".into(),
        model: "gpt-4o".into(),
        answer: json!({ "text": text }),
        cost: Some(PicoUsd::from_pico(400)),
        created_at: UnixMs(used_at),
        expires_at: UnixMs(used_at + 100),
    }
}

#[tokio::test]
async fn an_answer_is_given_until_it_expires_or_is_replaced() {
    let room = Room::new().await;
    let responses = room.store.responses();
    responses.put(&response(1, 10, "first"), PLENTY).await.unwrap();
    let find = |now, made_after| responses.find(&[1; 32], UnixMs(now), UnixMs(made_after));
    assert_eq!(find(109, 9).await.unwrap(), Some(response(1, 10, "first")));
    assert_eq!(find(110, 9).await.unwrap(), None, "it has expired");
    assert_eq!(find(109, 10).await.unwrap(), None, "it is older than is wanted now");
    responses.put(&response(1, 50, "second"), PLENTY).await.unwrap();
    assert_eq!(find(109, 9).await.unwrap().unwrap().answer, json!({ "text": "second" }));
    assert_eq!(responses.purge_expired(UnixMs(149)).await.unwrap(), 0);
    assert_eq!(responses.purge_expired(UnixMs(150)).await.unwrap(), 1);
}

#[tokio::test]
async fn what_was_not_used_for_longest_makes_room() {
    let room = Room::new().await;
    let responses = room.store.responses();
    let size = u64::try_from(json!({ "text": "x" }).to_string().len()).unwrap();
    for key in 1..=3 {
        responses.put(&response(key, i64::from(key), "x"), 3 * size).await.unwrap();
    }
    let hit = Call { source: CallSource::Cache, response: Some([1; 32]), ..call(8) };
    room.store.calls().add(&hit).await.unwrap();
    room.store.calls().add(&hit).await.unwrap();
    assert_eq!(responses.put(&response(4, 9, "x"), 3 * size).await.unwrap(), 1);
    let kept = async |key| responses.find(&[key; 32], UnixMs(10), UnixMs(0)).await.unwrap().is_some();
    assert!(kept(1).await && !kept(2).await && kept(3).await && kept(4).await, "the first was used at 8");
    assert_eq!(
        responses.totals(UnixMs(10), UnixMs(0)).await.unwrap(),
        ResponseTotals { entries: 3, bytes: 3 * size }
    );

    responses.put(&response(4, 10, &"x".repeat(100)), 3 * size).await.unwrap();
    assert!(!kept(4).await, "too large to be kept, and the older one is not given in its place");
    assert!(kept(1).await && kept(3).await, "nobody else had to go for it");
    assert_eq!(responses.clear().await.unwrap(), 2);
}

#[tokio::test]
async fn the_answer_behind_a_run_is_forgotten_by_who_made_it_and_by_who_was_given_it() {
    let room = Room::new().await;
    let responses = room.store.responses();
    let (maker, given) = (id(RunId::from_uuid), id(RunId::from_uuid));
    let made = StoredResponse { run_id: Some(maker), ..response(1, 10, "x") };
    let hit = Call { run_id: Some(given), source: CallSource::Cache, response: Some([1; 32]), ..call(20) };
    room.store.calls().add(&hit).await.unwrap();
    for run in [maker, given] {
        responses.put(&made, PLENTY).await.unwrap();
        responses.put(&response(2, 10, "another"), PLENTY).await.unwrap();
        assert_eq!(responses.forget_of_run(run).await.unwrap(), 1);
        assert!(responses.find(&[1; 32], UnixMs(11), UnixMs(0)).await.unwrap().is_none());
    }
    assert_eq!(responses.forget_of_run(id(RunId::from_uuid)).await.unwrap(), 0);
}

#[tokio::test]
async fn what_is_kept_of_a_conversation_can_be_forgotten_with_it() {
    let room = Room::new().await;
    let (one, lanes) = conversation(&room.store, &["demo/swift"], 1).await;
    let begun = begin(&room.store, one, &lanes, "hi", 10).await.remove(0);
    let (other, _) = conversation(&room.store, &["demo/swift"], 1).await;
    let responses = room.store.responses();
    let given =
        Call { run_id: Some(begun.run), source: CallSource::Cache, response: Some([2; 32]), ..call(20) };
    room.store.calls().add(&given).await.unwrap();
    for made in [
        StoredResponse { run_id: Some(begun.run), ..response(1, 10, "made") },
        response(2, 10, "given"),
        response(3, 10, "x"),
    ] {
        responses.put(&made, PLENTY).await.unwrap();
    }
    assert_eq!(responses.forget_of_conversation(other).await.unwrap(), 0);
    assert_eq!(responses.forget_of_conversation(one).await.unwrap(), 2);
    assert!(responses.find(&[3; 32], UnixMs(11), UnixMs(0)).await.unwrap().is_some());
}

#[tokio::test]
async fn hits_misses_and_savings_are_counted_from_calls() {
    let room = Room::new().await;
    let run = Some(id(RunId::from_uuid));
    let saved = Some(PicoUsd::from_pico(400));
    let calls = [
        Call { run_id: run, ..call(10) },
        Call { run_id: run, kind: "retry".into(), ..call(11) },
        Call { run_id: None, ..call(12) },
        Call { response: None, ..call(13) },
        Call { source: CallSource::Cache, saved, ..call(14) },
        Call { source: CallSource::Cache, saved, simulated: true, ..call(15) },
        Call { source: CallSource::Shared, saved, ..call(16) },
        Call { source: CallSource::Cache, saved, ..call(5) },
    ];
    for one in &calls {
        room.store.calls().add(one).await.unwrap();
    }
    assert_eq!(
        room.store.calls().response_counts(UnixMs(10)).await.unwrap(),
        ResponseCounts { hits: 2, misses: 2, shared: 1, saved: PicoUsd::from_pico(800) },
        "a run that was sent twice missed once; what is invented saves nothing"
    );
}
