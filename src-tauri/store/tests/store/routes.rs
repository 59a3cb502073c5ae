//! A run that falls back, one that goes on from another, and why.

use roundtable_domain::{Params, PicoUsd, RunId};
use roundtable_store::{
    Admission, Beginning, FinishedRun, NewAttempt, NewRun, RoutePlace, RunChange, Source,
};

use crate::support::{
    Room, begin, checkpoint, conversation, cost, finished, id, new_attempt, new_reservation, new_retry,
    new_run,
};

#[tokio::test]
async fn a_fallback_sets_money_aside_names_the_other_model_and_keeps_what_was_written() {
    let room = Room::new().await;
    let (conversation, lanes) = conversation(&room.store, &["coding"], 1).await;
    let begun = begin(&room.store, conversation, &lanes, "hi", 10).await.remove(0);
    let reservation = new_reservation(begun.run, Some(7));
    let route = RoutePlace { group: Some("coding".into()), echelon: Some(2), pool: Some("ring".into()) };
    let second = NewAttempt {
        provider: "afar".into(),
        model_requested: "m".into(),
        kind: "fallback".into(),
        route: route.clone(),
        ..new_attempt(begun.run, Some(reservation.id))
    };
    let change = RunChange {
        params: Params::default(),
        notices: vec!["said".to_owned().into()],
        simulated: true,
        segments: serde_json::json!([{"model": "swift"}]),
        route: Some(serde_json::json!({"asked": "coding"})),
    };
    room.store
        .begin_attempt(&second, Some(&reservation), Some(&change), &Admission::default())
        .await
        .unwrap();
    let run = room.store.runs().get(begun.run).await.unwrap();
    assert_eq!((run.provider.as_deref(), run.model_requested.as_deref()), (Some("afar"), Some("m")));
    assert_eq!((&run.notices, run.simulated), (&change.notices, true));
    assert_eq!((&run.segments, &run.route), (&change.segments, &change.route));
    let attempts = room.store.attempts().list(begun.run).await.unwrap();
    assert_eq!((attempts[0].kind.as_str(), &attempts[0].route), ("first", &RoutePlace::default()));
    assert_eq!((attempts[1].kind.as_str(), &attempts[1].route), ("fallback", &route));
    let open = room.store.reservations().open().await.unwrap();
    assert_eq!(
        open.iter().map(|one| one.attempt_id).collect::<Vec<_>>(),
        [Some(begun.attempt), Some(second.id)]
    );

    let gone = new_attempt(id(RunId::from_uuid), None);
    let stray = new_reservation(gone.run_id, Some(7));
    assert!(
        room.store.begin_attempt(&gone, Some(&stray), Some(&change), &Admission::default()).await.is_err()
    );
    assert_eq!(
        room.store.reservations().open().await.unwrap().len(),
        2,
        "nothing is set aside for a run that is gone"
    );
}

#[tokio::test]
async fn a_version_that_goes_on_begins_with_the_partial_and_checkpoints_follow_it() {
    let room = Room::new().await;
    let (conversation, lanes) = conversation(&room.store, &["demo/swift"], 1).await;
    let begun = begin(&room.store, conversation, &lanes, "hi", 10).await.remove(0);
    room.store.finish_run(&finished(&begun, "Half an", cost(1))).await.unwrap();
    let segments = serde_json::json!([{"model": "swift"}]);
    let beginning = Beginning {
        text: "Half an".into(),
        reasoning: "so".into(),
        segments: segments.clone(),
        cost: Some(serde_json::json!({"pico": 12})),
    };
    let cost = beginning.cost.clone();
    let next = NewRun {
        beginning: Some(beginning),
        spend_source: Source::Batch,
        ..new_run(begun.turn, begun.lane, 20)
    };
    let id = next.id;
    room.store.begin_retry(&new_retry(next, None), &Admission::default()).await.unwrap();
    room.store.checkpoint_runs(&[checkpoint(id, (7, " answer"), (2, " be it"))]).await.unwrap();
    let run = room.store.runs().get(id).await.unwrap();
    assert_eq!((run.text.as_str(), run.reasoning.as_str()), ("Half an answer", "so be it"));
    assert_eq!((run.segments, run.source.as_str()), (segments, "model"));
    assert_eq!((run.begun_cost, run.spend_source), (cost, Source::Batch), "what recovery needs");
}

#[tokio::test]
async fn a_trace_is_written_with_the_run_and_again_at_its_end_and_goes_with_it() {
    let room = Room::new().await;
    let (conversation, lanes) = conversation(&room.store, &["auto"], 1).await;
    let begun = begin(&room.store, conversation, &lanes, "hi", 10).await.remove(0);
    assert_eq!(room.store.traces().get(begun.run).await.unwrap(), None);
    let end = FinishedRun {
        source: "last_resort".into(),
        saved: Some(PicoUsd::from_pico(3)),
        offers: serde_json::json!([{"resume": "try_anyway"}]),
        trace: Some(r#"{"format":1}"#.into()),
        ..finished(&begun, "Call the desk.", cost(1))
    };
    room.store.finish_run(&end).await.unwrap();
    assert_eq!(room.store.traces().get(begun.run).await.unwrap().as_deref(), Some(r#"{"format":1}"#));
    let run = room.store.runs().get(begun.run).await.unwrap();
    assert_eq!((run.source.as_str(), run.saved, run.offers), ("last_resort", end.saved, end.offers));
    room.store.conversations().delete(conversation).await.unwrap();
    assert_eq!(room.store.traces().get(begun.run).await.unwrap(), None, "a trace is no part of the books");
}
