//! What a process that died has left behind.

use roundtable_domain::{Cost, Provenance, RunState, UnixMs};
use roundtable_store::{
    Admission, Lease, LeaseId, LedgerFilter, Recovered, RecoveredSettlement, Settle, Settlement, Store,
    StoreError,
};

use crate::support::{Begun, Room, begin, checkpoint, conversation, cost, entry, finished, lease};

/// Nobody lives but the one who asks.
async fn recover(store: &Store, alive: &[&str]) -> Recovered {
    store.recover(UnixMs(100), |lease| alive.contains(&lease.id.as_str())).await.unwrap()
}

async fn announce(store: &Store, id: &str) {
    let row = Lease {
        id: LeaseId::new(id),
        process: format!("window {id}"),
        started_at: UnixMs(1),
        heartbeat_at: UnixMs(1),
    };
    store.leases().acquire(&row).await.unwrap();
}

/// One run that streams and one that is done, both of `this-process`.
async fn crashed(room: &Room) -> (Begun, Begun) {
    announce(&room.store, lease().as_str()).await;
    let (conversation, lanes) = conversation(&room.store, &["a/1", "a/2"], 1).await;
    let mut begun = begin(&room.store, conversation, &lanes, "hi", 10).await;
    let (done, live) = (begun.remove(1), begun.remove(0));
    room.store.finish_run(&finished(&done, "all of it", cost(3))).await.unwrap();
    room.store.checkpoint_runs(&[checkpoint(live.run, (0, "half "), (0, "why"))]).await.unwrap();
    room.store.checkpoint_runs(&[checkpoint(live.run, (5, "an answer"), (3, ""))]).await.unwrap();
    (live, done)
}

fn estimate(begun: &Begun) -> RecoveredSettlement {
    let estimated = Cost { provenance: Some(Provenance::Estimated), ..cost(40) };
    RecoveredSettlement {
        run_id: Some(begun.run),
        cost: Some(estimated.clone()),
        entries: vec![entry(begun, estimated)],
        settle: vec![Settle {
            reservation_id: begun.reservation,
            settlement: Settlement::Recovered,
            at: UnixMs(101),
        }],
    }
}

#[tokio::test]
async fn an_interrupted_answer_keeps_its_text_and_is_settled_as_estimated() {
    let room = Room::new().await;
    let (live, done) = crashed(&room).await;
    announce(&room.store, "me").await;
    let recovered = recover(&room.store, &["me"]).await;

    assert_eq!(recovered.dead_leases.iter().map(|lease| lease.id.clone()).collect::<Vec<_>>(), [lease()]);
    assert!(recovered.stray_reservations.is_empty());
    let [found] = &recovered.runs[..] else { panic!("{recovered:?}") };
    assert_eq!((found.run.id, found.conversation_id), (live.run, live.conversation));
    assert_eq!((found.run.text.as_str(), found.run.reasoning.as_str()), ("half an answer", "why"));
    assert_eq!((found.run.state, found.run.finished_at), (RunState::Interrupted, Some(UnixMs(100))));
    assert_eq!((found.attempts[0].id, found.attempts[0].state), (live.attempt, RunState::Interrupted));
    assert_eq!(found.reservations[0].id, live.reservation);
    assert_eq!(
        room.store.runs().get(done.run).await.unwrap().state,
        RunState::Complete,
        "finished ones stay"
    );

    room.store.settle_recovered(&[estimate(&live)]).await.unwrap();
    let run = room.store.runs().get(live.run).await.unwrap();
    assert_eq!(run.cost.unwrap().provenance, Some(Provenance::Estimated));
    assert_eq!(run.text, "half an answer");
    let totals = room.store.ledger().totals(&LedgerFilter::default()).await.unwrap();
    assert_eq!((totals.real.as_pico(), totals.estimated), (43, true));
    let settled = room.store.reservations().list(live.run).await.unwrap();
    assert_eq!(settled[0].settlement, Some(Settlement::Recovered));
}

#[tokio::test]
async fn recovery_can_die_at_any_point_and_be_repeated() {
    let room = Room::new().await;
    let (live, _) = crashed(&room).await;
    let first = recover(&room.store, &[]).await;
    let second = recover(&room.store, &[]).await;
    assert_eq!(second.runs, first.runs, "not settled yet, so it is found again");
    assert!(second.dead_leases.is_empty());
    for _ in 0..2 {
        room.store.settle_recovered(&[estimate(&live)]).await.unwrap();
    }
    assert_eq!(room.store.ledger().totals(&LedgerFilter::default()).await.unwrap().calls, 2);
    assert_eq!(recover(&room.store, &[]).await, Recovered::default(), "nothing is left to do");
}

#[tokio::test]
async fn the_runs_of_living_processes_are_left_alone() {
    let room = Room::new().await;
    let (live, _) = crashed(&room).await;
    let recovered = recover(&room.store, &[lease().as_str()]).await;
    assert_eq!(recovered, Recovered::default());
    room.store.checkpoint_runs(&[checkpoint(live.run, (14, "."), (3, ""))]).await.unwrap();
    assert_eq!(room.store.runs().get(live.run).await.unwrap().text, "half an answer.");
}

#[tokio::test]
async fn a_run_without_a_lease_row_belongs_to_nobody() {
    let room = Room::new().await;
    let (live, _) = crashed(&room).await;
    room.store.leases().release(&lease()).await.unwrap();
    room.store.leases().release(&lease()).await.unwrap();
    assert_eq!(recover(&room.store, &["me"]).await.runs[0].run.id, live.run);
}

#[tokio::test]
async fn an_owner_taken_for_dead_still_delivers_its_answer() {
    let room = Room::new().await;
    let (live, _) = crashed(&room).await;
    recover(&room.store, &[]).await;
    room.store.settle_recovered(&[estimate(&live)]).await.unwrap();
    room.store.checkpoint_runs(&[checkpoint(live.run, (14, "."), (3, ""))]).await.unwrap();
    let outcome =
        room.store.finish_run(&finished(&live, "half an answer, and the rest", cost(50))).await.unwrap();
    assert!(outcome.run_written, "more text is better than less");
    assert!(!outcome.entry_written, "but the books keep the first entry");
    let run = room.store.runs().get(live.run).await.unwrap();
    assert_eq!((run.state, run.text.as_str()), (RunState::Complete, "half an answer, and the rest"));
    let beat = room.store.leases().heartbeat(&lease(), UnixMs(120)).await;
    assert!(matches!(beat, Err(StoreError::NotFound { what: "lease", .. })), "it learns of it");
}

#[tokio::test]
async fn money_set_aside_for_a_deleted_conversation_is_found() {
    let room = Room::new().await;
    let (live, _) = crashed(&room).await;
    room.store.conversations().delete(live.conversation).await.unwrap();
    let recovered = recover(&room.store, &[]).await;
    assert!(recovered.runs.is_empty());
    assert!(recovered.stray_reservations.is_empty());
    let [lost] = &recovered.lost_calls[..] else { panic!("{recovered:?}") };
    assert_eq!((lost.id, lost.attempt_id), (live.reservation, Some(live.attempt)));
    assert_eq!(lost.spent_on.as_ref().unwrap().model, "swift", "enough is known to book it");
    let settlement = RecoveredSettlement { run_id: None, cost: None, ..estimate(&live) };
    room.store.settle_recovered(&[settlement]).await.unwrap();
    assert!(room.store.reservations().open().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_call_whose_end_could_not_be_written_is_told_from_one_that_is_booked() {
    let room = Room::new().await;
    let (live, _) = crashed(&room).await;
    // The answer was finished by a further call; of the first one neither end nor entry could be written.
    let mut end = finished(&live, "text", cost(9));
    (end.attempt, end.entry, end.settle) = (None, None, vec![]);
    room.store.finish_run(&end).await.unwrap();
    let recovered = recover(&room.store, &[]).await;
    assert_eq!((recovered.lost_calls.len(), recovered.stray_reservations.len()), (1, 0));
    room.store.ledger().book(&entry(&live, cost(9))).await.unwrap();
    let recovered = recover(&room.store, &[]).await;
    assert_eq!((recovered.lost_calls.len(), recovered.stray_reservations.len()), (0, 1), "it is booked now");
}

#[tokio::test]
async fn leases_are_announced_renewed_and_released() {
    let room = Room::new().await;
    announce(&room.store, "me").await;
    let me = LeaseId::new("me");
    room.store.leases().heartbeat(&me, UnixMs(9)).await.unwrap();
    room.store.leases().heartbeat(&me, UnixMs(8)).await.unwrap();
    let rows = room.store.leases().list().await.unwrap();
    assert_eq!((rows[0].process.as_str(), rows[0].heartbeat_at), ("window me", UnixMs(9)));
    room.store.leases().release(&me).await.unwrap();
    assert!(room.store.leases().list().await.unwrap().is_empty());
}

#[tokio::test]
async fn reservations_are_made_and_settled_once() {
    let room = Room::new().await;
    let (live, _) = crashed(&room).await;
    let reservations = room.store.reservations();
    let further = crate::support::new_reservation(live.run, None);
    reservations.reserve(&further, None, &Admission::default()).await.unwrap();
    assert_eq!(reservations.open().await.unwrap().len(), 2);
    for (settlement, at) in [(Settlement::Released, 5), (Settlement::Settled, 6)] {
        reservations.settle(Settle { reservation_id: further.id, settlement, at: UnixMs(at) }).await.unwrap();
    }
    let rows = reservations.list(live.run).await.unwrap();
    let row = rows.iter().find(|row| row.id == further.id).unwrap();
    assert_eq!(
        (row.amount, row.settlement, row.settled_at),
        (None, Some(Settlement::Released), Some(UnixMs(5)))
    );
}
