//! Short words for money that is set aside and spent.

use roundtable_domain::budget::{OnLimit, Period, Scope, Window};
use roundtable_domain::{BudgetId, ConversationId, LaneId, PicoUsd, RunState, TurnId, UnixMs};
use roundtable_store::{
    Admission, Budget, BudgetRow, Lease, LeaseId, NewReservation, NewTurn, OverBudget, Settle, Settlement,
    Source, SpentOn, Store, StoreError, Turn,
};

use crate::support::{
    Begun, Room, cost, ended, entry, finished, id, lease, new_attempt, new_reservation, new_run,
};

pub const END: i64 = 1_000;

pub fn pico(amount: i64) -> PicoUsd {
    PicoUsd::from_pico(amount)
}

pub fn window(starts_at: i64, ends_at: i64) -> Window {
    Window { starts_at: UnixMs(starts_at), ends_at: Some(UnixMs(ends_at)), counts_from: UnixMs(starts_at) }
}

pub fn budget(scope: Scope, limit: i64) -> Budget {
    Budget {
        id: id(BudgetId::from_uuid),
        name: scope.name().unwrap_or_else(|| "all".to_owned()),
        scope,
        period: Period::Month,
        limit: pico(limit),
        alert_percents: vec![50, 80, 100],
        on_limit: OnLimit::Stop,
        cheaper_targets: vec![],
        unpriced_allowed: vec![],
        simulated: false,
        paused: false,
    }
}

/// A budget for everything in the window from 0 to [`END`].
pub async fn everything(store: &Store, limit: i64) -> BudgetId {
    save(store, &budget(Scope::Everything, limit)).await
}

pub async fn save(store: &Store, budget: &Budget) -> BudgetId {
    store.budgets().save(budget, &[window(0, END)], false, UnixMs(1)).await.unwrap();
    budget.id
}

pub async fn row(store: &Store, id: BudgetId) -> BudgetRow {
    store.budgets().list().await.unwrap().into_iter().find(|row| row.budget.id == id).unwrap()
}

/// Settled and reserved.
pub async fn balance(store: &Store, id: BudgetId) -> (i64, i64) {
    let row = row(store, id).await;
    (row.settled.as_pico(), row.reserved.as_pico())
}

/// A store whose process has a lease.
pub async fn room() -> Room {
    let room = Room::new().await;
    announce(&room.store, &lease()).await;
    room
}

pub async fn announce(store: &Store, lease: &LeaseId) {
    let lease =
        Lease { id: lease.clone(), process: "test".into(), started_at: UnixMs(1), heartbeat_at: UnixMs(1) };
    store.leases().acquire(&lease).await.unwrap();
}

pub fn spent_on(conversation: ConversationId) -> SpentOn {
    SpentOn {
        provider: "demo".into(),
        model: "swift".into(),
        key_id: None,
        conversation_id: Some(conversation),
        source: Source::Chat,
    }
}

pub fn set_aside(run: roundtable_domain::RunId, on: SpentOn, amount: Option<i64>) -> NewReservation {
    NewReservation { spent_on: on, ..new_reservation(run, amount) }
}

/// Begins a turn whose lanes set so much aside; `None` is a model without a price.
pub async fn ask(
    store: &Store,
    (conversation, lanes): &(ConversationId, Vec<LaneId>),
    amounts: &[Option<i64>],
    admission: &Admission,
) -> Result<Vec<Begun>, StoreError> {
    let turn = Turn {
        id: id(TurnId::from_uuid),
        conversation_id: *conversation,
        parent_turn_id: None,
        text: "hi".into(),
        parts: vec![],
        created_at: UnixMs(10),
    };
    let runs: Vec<_> = amounts.iter().zip(lanes).map(|(_, lane)| new_run(turn.id, *lane, 10)).collect();
    let reservations: Vec<_> = runs
        .iter()
        .zip(amounts)
        .map(|(run, amount)| set_aside(run.id, spent_on(*conversation), *amount))
        .collect();
    let attempts: Vec<_> =
        reservations.iter().map(|reserved| new_attempt(reserved.run_id, Some(reserved.id))).collect();
    let new = NewTurn { turn, runs, reservations, attempts, traces: vec![] };
    store.begin_turn(&new, admission).await?;
    let begun = new.runs.iter().zip(&new.attempts).map(|(run, attempt)| Begun {
        conversation: *conversation,
        turn: new.turn.id,
        lane: run.lane_id,
        run: run.id,
        attempt: attempt.id,
        reservation: attempt.reservation_id.unwrap(),
    });
    Ok(begun.collect())
}

/// Asks and expects to be let through.
pub async fn asked(store: &Store, place: &(ConversationId, Vec<LaneId>), amounts: &[i64]) -> Vec<Begun> {
    let amounts: Vec<_> = amounts.iter().copied().map(Some).collect();
    ask(store, place, &amounts, &Admission::default()).await.unwrap()
}

/// Asks and expects to be refused.
pub async fn refused(
    store: &Store,
    place: &(ConversationId, Vec<LaneId>),
    amounts: &[Option<i64>],
    admission: &Admission,
) -> OverBudget {
    over(ask(store, place, amounts, admission).await)
}

pub fn over<T: std::fmt::Debug>(outcome: Result<T, StoreError>) -> OverBudget {
    match outcome {
        Err(StoreError::OverBudget(over)) => *over,
        other => panic!("no budget stood in the way: {other:?}"),
    }
}

/// Whether it went through; a budget in the way is the only other outcome there is.
pub fn let_through<T: std::fmt::Debug>(outcome: Result<T, StoreError>) -> bool {
    match outcome {
        Ok(_) => true,
        Err(StoreError::OverBudget(over)) => {
            assert!(over.budgets.iter().all(|budget| budget.missing() > pico(0)));
            false
        }
        Err(other) => panic!("{other}"),
    }
}

/// Does something until nobody else is busy with the database for longer than it waits: a machine that is busy itself makes a storm long, and
/// `SQLite` has no queue.
pub async fn patient<T, F>(mut once: impl FnMut() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    loop {
        match once().await {
            Err(StoreError::Busy) => {}
            outcome => return outcome,
        }
    }
}

/// How many storms or walks to play, where nobody has said how many.
pub fn storms(usual: u64) -> u64 {
    std::env::var("ROUNDTABLE_STORMS").ok().and_then(|said| said.parse().ok()).unwrap_or(usual)
}

/// A call ends and is booked at this.
pub async fn pay(store: &Store, begun: &Begun, amount: i64) {
    store.finish_run(&finished(begun, "text", cost(amount))).await.unwrap();
}

/// A call ends without having been charged.
pub async fn release(store: &Store, begun: &Begun) {
    let settle = settled(begun, Settlement::Released);
    store.end_attempt(&ended(begun, RunState::Failed), None, None, Some(settle)).await.unwrap();
}

/// Books a call that nothing was set aside for.
pub async fn book(store: &Store, begun: &Begun, at: i64, amount: i64) {
    let one = roundtable_store::LedgerEntry {
        attempt_id: id(roundtable_domain::AttemptId::from_uuid),
        at: UnixMs(at),
        ..entry(begun, cost(amount))
    };
    assert!(store.ledger().book(&one).await.unwrap());
}

pub fn settled(begun: &Begun, settlement: Settlement) -> Settle {
    Settle { reservation_id: begun.reservation, settlement, at: UnixMs(30) }
}

/// Every bucket holds what the books say, and nothing is set aside for a process that is gone.
pub async fn assert_sound(store: &Store) {
    let check = store.budgets().check().await.unwrap();
    assert!(check.is_sound(), "{check:#?}");
}
