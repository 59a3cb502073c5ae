//! Whatever happens in whatever order, in several processes at once: settled and reserved never exceed the limit, every bucket is
//! the sum of its entries, and no money stays set aside for nobody.

use proptest::prelude::*;
use roundtable_domain::budget::{Period, Scope, Window};
use roundtable_domain::{BudgetId, Cost, LaneId, Provenance, UnixMs};
use roundtable_store::{
    Admission, Budget, EntryKind, LeaseId, LedgerEntry, NewReservation, NewRetry, NewRun,
    RecoveredSettlement, Settlement, Store, StoreError,
};

use crate::budget_support::{
    END, announce, budget, let_through, pico, save, set_aside, settled, spent_on, storms, window,
};
use crate::support::{
    Begun, Room, conversation, cost, ended, entry, finished, id, new_attempt, new_run, open,
};

const HANDLES: usize = 2;

#[derive(Clone, Debug)]
enum Step {
    /// A prompt in a conversation to two lanes.
    Ask { handle: usize, conversation: usize, amounts: (i64, i64) },
    /// The next version of an answer.
    Retry { handle: usize, call: usize, amount: i64 },
    /// A call fails, charged at so many per cent or not at all, and another one follows.
    Fallback { call: usize, percent: Option<i64>, amount: i64 },
    /// A call ends and is charged at so many per cent of what was set aside.
    Finish { call: usize, percent: i64 },
    /// A call is cancelled before it cost anything.
    Cancel { call: usize },
    /// The end of a call is written once more, with another amount: late usage.
    Again { call: usize, percent: i64 },
    /// The provider gives something back.
    Refund { call: usize, percent: i64 },
    /// A process dies, and the other one recovers what it left. Its calls are estimated at so many per cent.
    Crash { handle: usize, percent: i64 },
    /// The window of every budget moves on.
    Advance,
    /// A conversation is filed elsewhere.
    Move { conversation: usize, folder: usize },
    /// A budget is made, for what is spent and set aside now and so much more.
    Make { scope: usize, more: i64 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (handle, conversation, call) = (0..HANDLES, 0..2_usize, 0..64_usize);
    let (amount, percent) = (0..60_i64, 0..=100_i64);
    let step = prop_oneof![
        6 => (handle.clone(), conversation.clone(), (amount.clone(), amount.clone()))
            .prop_map(|(handle, conversation, amounts)| Step::Ask { handle, conversation, amounts }),
        2 => (handle.clone(), call.clone(), amount.clone())
            .prop_map(|(handle, call, amount)| Step::Retry { handle, call, amount }),
        3 => (call.clone(), proptest::option::of(percent.clone()), amount.clone())
            .prop_map(|(call, percent, amount)| Step::Fallback { call, percent, amount }),
        4 => (call.clone(), percent.clone()).prop_map(|(call, percent)| Step::Finish { call, percent }),
        2 => call.clone().prop_map(|call| Step::Cancel { call }),
        1 => (call.clone(), percent.clone()).prop_map(|(call, percent)| Step::Again { call, percent }),
        1 => (call, percent.clone()).prop_map(|(call, percent)| Step::Refund { call, percent }),
        1 => (handle, percent).prop_map(|(handle, percent)| Step::Crash { handle, percent }),
        1 => Just(Step::Advance),
        1 => (conversation, 0..2_usize).prop_map(|(conversation, folder)| Step::Move { conversation, folder }),
        1 => (0..5_usize, amount).prop_map(|(scope, more)| Step::Make { scope, more }),
    ];
    proptest::collection::vec(step, 1..50)
}

/// A call that was made.
#[derive(Clone)]
struct Made {
    begun: Begun,
    amount: i64,
    handle: usize,
    is_open: bool,
    is_charged: bool,
}

struct Walk {
    room: Room,
    stores: Vec<Store>,
    leases: Vec<LeaseId>,
    places: Vec<(roundtable_domain::ConversationId, Vec<LaneId>)>,
    calls: Vec<Made>,
    now: i64,
}

const FOLDERS: [&str; 2] = ["work", "home"];

impl Walk {
    async fn new() -> Self {
        let room = Room::new().await;
        let mut stores = vec![room.store.clone()];
        stores.push(open(&room.file()).await);
        let mut places = Vec::new();
        for _ in 0..2 {
            places.push(conversation(&room.store, &["demo/swift", "demo/swift"], 1).await);
        }
        let mut walk = Self { room, stores, leases: Vec::new(), places, calls: Vec::new(), now: 10 };
        for handle in 0..HANDLES {
            walk.leases.push(LeaseId::new(format!("process-{handle}-0")));
            announce(&walk.room.store, &walk.leases[handle]).await;
        }
        for (scope, limit) in [
            (Scope::Everything, 200),
            (Scope::Conversation(walk.places[0].0), 90),
            (Scope::Folder("work".into()), 70),
        ] {
            save(&walk.room.store, &budget(scope, limit)).await;
        }
        let rolling =
            Budget { period: Period::Rolling { days: 2 }, ..budget(Scope::Provider("demo".into()), 150) };
        save(&walk.room.store, &rolling).await;
        walk
    }

    fn run(&self, handle: usize, call: (roundtable_domain::TurnId, LaneId)) -> NewRun {
        NewRun { lease_id: self.leases[handle].clone(), ..new_run(call.0, call.1, self.now) }
    }

    fn reserve(&self, handle: usize, run: &NewRun, place: usize, amount: i64) -> NewReservation {
        let new = set_aside(run.id, spent_on(self.places[place].0), Some(amount));
        NewReservation { lease_id: self.leases[handle].clone(), ..new }
    }

    fn place_of(&self, call: &Begun) -> usize {
        self.places.iter().position(|place| place.0 == call.conversation).unwrap()
    }

    /// An open call, where there is one.
    fn open_call(&self, call: usize) -> Option<usize> {
        let open: Vec<usize> = (0..self.calls.len()).filter(|one| self.calls[*one].is_open).collect();
        (!open.is_empty()).then(|| open[call % open.len()])
    }

    fn any_call(&self, call: usize) -> Option<usize> {
        (!self.calls.is_empty()).then(|| call % self.calls.len())
    }

    async fn play(&mut self, step: Step) {
        self.now += 1;
        match step {
            Step::Ask { handle, conversation, amounts } => self.ask(handle, conversation, amounts).await,
            Step::Retry { handle, call, amount } => self.retry(handle, call, amount).await,
            Step::Fallback { call, percent, amount } => self.fallback(call, percent, amount).await,
            Step::Finish { call, percent } => self.finish(call, percent).await,
            Step::Cancel { call } => self.cancel(call).await,
            Step::Again { call, percent } => self.again(call, percent).await,
            Step::Refund { call, percent } => {
                if let Some(index) = self.any_call(call) {
                    let made = &self.calls[index];
                    let back = LedgerEntry {
                        kind: EntryKind::Adjustment,
                        ..entry(&made.begun, cost(-made.amount * percent / 100))
                    };
                    self.stores[made.handle].ledger().book(&back).await.unwrap();
                }
            }
            Step::Crash { handle, percent } => self.crash(handle, percent).await,
            Step::Advance => self.advance().await,
            Step::Move { conversation, folder } => {
                let conversations = self.room.store.conversations();
                let place = self.places[conversation].0;
                conversations.set_folder(place, Some(FOLDERS[folder])).await.unwrap();
                conversations.set_tags(place, &[FOLDERS[folder].to_owned()]).await.unwrap();
            }
            Step::Make { scope, more } => self.make(scope, more).await,
        }
    }

    async fn ask(&mut self, handle: usize, place: usize, amounts: (i64, i64)) {
        let (conversation, lanes) = self.places[place].clone();
        let turn = roundtable_store::Turn {
            id: id(roundtable_domain::TurnId::from_uuid),
            conversation_id: conversation,
            parent_turn_id: None,
            text: "hi".into(),
            parts: vec![],
            created_at: UnixMs(self.now),
        };
        let runs: Vec<_> = lanes.iter().map(|lane| self.run(handle, (turn.id, *lane))).collect();
        let amounts = [amounts.0, amounts.1];
        let reservations: Vec<_> =
            runs.iter().zip(amounts).map(|(run, amount)| self.reserve(handle, run, place, amount)).collect();
        let attempts = reservations.iter().map(|one| new_attempt(one.run_id, Some(one.id))).collect();
        let new = roundtable_store::NewTurn { turn, runs, reservations, attempts, traces: vec![] };
        if let_through(self.stores[handle].begin_turn(&new, &Admission::default()).await) {
            for ((run, attempt), amount) in new.runs.iter().zip(&new.attempts).zip(amounts) {
                self.made(handle, run, attempt, amount, place);
            }
        }
    }

    fn made(
        &mut self,
        handle: usize,
        run: &NewRun,
        attempt: &roundtable_store::NewAttempt,
        amount: i64,
        place: usize,
    ) {
        let begun = Begun {
            conversation: self.places[place].0,
            turn: run.turn_id,
            lane: run.lane_id,
            run: run.id,
            attempt: attempt.id,
            reservation: attempt.reservation_id.unwrap(),
        };
        self.calls.push(Made { begun, amount, handle, is_open: true, is_charged: false });
    }

    async fn retry(&mut self, handle: usize, call: usize, amount: i64) {
        let Some(index) = self.any_call(call) else { return };
        let earlier = self.calls[index].begun.clone();
        let place = self.place_of(&earlier);
        let run = self.run(handle, (earlier.turn, earlier.lane));
        let reservation = self.reserve(handle, &run, place, amount);
        let attempt = new_attempt(run.id, Some(reservation.id));
        let new = NewRetry {
            run: run.clone(),
            reservation: Some(reservation),
            attempt: Some(attempt.clone()),
            trace: None,
        };
        if let_through(self.stores[handle].begin_retry(&new, &Admission::default()).await) {
            self.made(handle, &run, &attempt, amount, place);
        }
    }

    async fn fallback(&mut self, call: usize, percent: Option<i64>, amount: i64) {
        let Some(index) = self.open_call(call) else { return };
        let made = self.calls[index].clone();
        let store = self.stores[made.handle].clone();
        let charged = percent.map(|percent| entry(&made.begun, cost(made.amount * percent / 100)));
        let settlement = if charged.is_some() { Settlement::Settled } else { Settlement::Released };
        let end = ended(&made.begun, roundtable_domain::RunState::Failed);
        let settle = Some(settled(&made.begun, settlement));
        store.end_attempt(&end, charged.as_ref(), None, settle).await.unwrap();
        self.calls[index].is_open = false;
        self.calls[index].is_charged = charged.is_some();
        let place = self.place_of(&made.begun);
        let run = NewRun { id: made.begun.run, ..self.run(made.handle, (made.begun.turn, made.begun.lane)) };
        let reservation = self.reserve(made.handle, &run, place, amount);
        let attempt = new_attempt(run.id, Some(reservation.id));
        if let_through(store.begin_attempt(&attempt, Some(&reservation), None, &Admission::default()).await) {
            self.made(made.handle, &run, &attempt, amount, place);
        }
    }

    async fn finish(&mut self, call: usize, percent: i64) {
        let Some(index) = self.open_call(call) else { return };
        let made = &mut self.calls[index];
        (made.is_open, made.is_charged) = (false, true);
        let end = finished(&made.begun, "text", cost(made.amount * percent / 100));
        self.stores[made.handle].finish_run(&end).await.unwrap();
    }

    async fn again(&mut self, call: usize, percent: i64) {
        // What was not charged when it ended has nothing set aside any more: to charge it would be a new call.
        let Some(made) = self.any_call(call).map(|index| &self.calls[index]).filter(|made| made.is_charged)
        else {
            return;
        };
        let goes_on = self.calls.iter().any(|other| other.is_open && other.begun.run == made.begun.run);
        let end = finished(&made.begun, "text", cost(made.amount * percent / 100));
        let store = &self.stores[made.handle];
        if goes_on {
            let call = end.attempt.unwrap();
            store.end_attempt(&call, end.entry.as_ref(), None, end.settle.first().copied()).await.unwrap();
        } else {
            store.finish_run(&end).await.unwrap();
        }
    }

    async fn cancel(&mut self, call: usize) {
        let Some(index) = self.open_call(call) else { return };
        let made = &mut self.calls[index];
        made.is_open = false;
        let mut end = finished(&made.begun, "", Cost::unknown());
        end.entry = None;
        end.settle = vec![settled(&made.begun, Settlement::Released)];
        self.stores[made.handle].finish_run(&end).await.unwrap();
    }

    /// A process is gone with its memory; the other one finds what it left and books an estimate.
    async fn crash(&mut self, handle: usize, percent: i64) {
        let survivor = &self.stores[(handle + 1) % HANDLES];
        let dead = self.leases[handle].clone();
        let recovered = survivor.recover(UnixMs(self.now), |lease| lease.id != dead).await.unwrap();
        let mut settlements = Vec::new();
        for found in &recovered.runs {
            let open: Vec<_> = self
                .calls
                .iter()
                .filter(|made| {
                    made.is_open && found.reservations.iter().any(|open| open.id == made.begun.reservation)
                })
                .collect();
            let estimate = |made: &&Made| Cost {
                provenance: Some(Provenance::Estimated),
                ..cost(made.amount * percent / 100)
            };
            settlements.push(RecoveredSettlement {
                run_id: Some(found.run.id),
                cost: Some(cost(1)),
                entries: open.iter().map(|made| entry(&made.begun, estimate(made))).collect(),
                settle: open.iter().map(|made| settled(&made.begun, Settlement::Recovered)).collect(),
            });
        }
        survivor.settle_recovered(&settlements).await.unwrap();
        let loose = recovered.stray_reservations.len() + recovered.lost_calls.len();
        assert_eq!(loose, 0, "no answer was finished with money left open");
        for made in self.calls.iter_mut().filter(|made| made.handle == handle && made.is_open) {
            (made.is_open, made.is_charged) = (false, true);
        }
        self.leases[handle] = LeaseId::new(format!("process-{handle}-{}", self.now));
        self.stores[handle] = open(&self.room.file()).await;
        announce(&self.stores[handle], &self.leases[handle]).await;
    }

    async fn advance(&mut self) {
        let rows = self.room.store.budgets().list().await.unwrap();
        let next: Vec<(BudgetId, Window)> = rows
            .iter()
            .map(|row| {
                let from = row.window.ends_at.unwrap();
                let next = window(from.0, from.0 + END);
                let rolls = row.budget.period.days().is_some();
                (
                    row.budget.id,
                    if rolls { Window { counts_from: row.window.starts_at, ..next } } else { next },
                )
            })
            .collect();
        assert_eq!(self.stores[1].budgets().advance(&next).await.unwrap().len(), next.len());
    }

    async fn make(&mut self, scope: usize, more: i64) {
        let scope = match scope {
            0 => Scope::Everything,
            1 => Scope::Folder("home".into()),
            2 => Scope::Tag("work".into()),
            3 => Scope::Conversation(self.places[1].0),
            _ => Scope::Source("chat".into()),
        };
        let new = budget(scope, i64::MAX);
        save(&self.stores[1], &new).await;
        let now = crate::budget_support::row(&self.room.store, new.id).await;
        // A limit can be drawn below what is set aside already; this one is above it, without help from a credit.
        let used = now.settled.as_pico() + now.reserved.as_pico();
        save(&self.stores[0], &Budget { limit: pico(used + more + 1), ..new }).await;
    }

    async fn look(&self) {
        for store in &self.stores {
            let check = store.budgets().check().await.unwrap();
            assert!(check.is_sound(), "{check:#?}");
            assert_eq!(check.under_way, self.calls.iter().filter(|made| made.is_open).count());
            for row in store.budgets().list().await.unwrap() {
                let used = row.settled.as_pico() + row.reserved.as_pico();
                assert!(used <= row.budget.limit.as_pico(), "{used} of {row:#?}");
                let counted: i64 = check
                    .buckets
                    .iter()
                    .filter(|bucket| bucket.budget_id == row.budget.id)
                    .filter(|bucket| bucket.starts_at >= row.window.counts_from)
                    .map(|bucket| bucket.holds.0.as_pico().max(0))
                    .sum();
                assert_eq!(row.settled.as_pico(), counted);
            }
        }
    }
}

async fn play(steps: Vec<Step>) {
    let mut walk = Walk::new().await;
    for step in steps {
        walk.play(step).await;
        walk.look().await;
    }
    for handle in 0..HANDLES {
        walk.crash(handle, 100).await;
    }
    walk.look().await;
    assert!(
        walk.room.store.reservations().open().await.unwrap().is_empty(),
        "nothing is set aside for nobody"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(u32::try_from(storms(20)).unwrap()))]
    #[test]
    fn the_limit_holds_and_the_balance_is_the_sum_of_the_books(steps in steps()) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(play(steps));
    }
}

/// What is set aside outlives the period; a credit does not. Found by the walks above.
#[test]
fn a_credit_lets_nothing_through_that_would_be_over_the_limit_without_it() {
    let steps = vec![
        Step::Make { scope: 0, more: 20 },
        Step::Ask { handle: 0, conversation: 0, amounts: (0, 13) },
        Step::Refund { call: 1, percent: 70 },
        Step::Cancel { call: 49 },
        Step::Retry { handle: 0, call: 62, amount: 30 },
        Step::Advance,
    ];
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(play(steps));
}

/// Sixty-four calls at once in four processes against a budget that fits ten: ten are let through.
#[test]
fn sixty_four_at_once_against_a_budget_that_fits_ten() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    for seed in 0..8 {
        runtime.block_on(race(seed));
    }
}

async fn race(seed: u64) {
    let room = crate::budget_support::room().await;
    let mut stores = vec![room.store.clone()];
    for _ in 0..3 {
        stores.push(open(&room.file()).await);
    }
    let all = crate::budget_support::everything(&room.store, 100).await;
    let place = conversation(&room.store, &["demo/swift"], 1).await;
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..64_u64 {
        let (store, place) = (stores[(number % 4) as usize].clone(), place.clone());
        let fate = (seed * 64 + number).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 61;
        tasks.spawn(async move {
            loop {
                match crate::budget_support::ask(&store, &place, &[Some(10)], &Admission::default()).await {
                    Ok(begun) => {
                        tokio::task::yield_now().await;
                        end(&store, &begun[0], fate).await;
                        return (true, fate);
                    }
                    Err(StoreError::OverBudget(_)) => return (false, fate),
                    Err(StoreError::Busy) => {}
                    Err(other) => panic!("{other}"),
                }
            }
        });
    }
    let outcomes = tasks.join_all().await;
    let went = outcomes.iter().filter(|(went, _)| *went).count();
    let row = crate::budget_support::row(&room.store, all).await;
    assert!(row.settled.as_pico() + row.reserved.as_pico() <= 100, "{row:?}");
    // Each of these has kept its ten; the others have given something back, which let more through.
    let kept = outcomes.iter().filter(|(went, fate)| *went && *fate <= 4).count();
    assert!(kept <= 10 && went >= 10, "{kept} of {went}");
    crate::budget_support::assert_sound(&room.store).await;
}

/// How a call of the race ends: charged in full, left open, charged less, or not at all.
async fn end(store: &Store, begun: &Begun, fate: u64) {
    loop {
        let outcome = match fate {
            0..=2 => store.finish_run(&finished(begun, "text", cost(10))).await.map(drop),
            3 | 4 => Ok(()),
            5 => store.finish_run(&finished(begun, "text", cost(3))).await.map(drop),
            _ => {
                let settle = settled(begun, Settlement::Released);
                let end = ended(begun, roundtable_domain::RunState::Failed);
                store.end_attempt(&end, None, None, Some(settle)).await
            }
        };
        match outcome {
            Err(StoreError::Busy) => {}
            other => return other.unwrap(),
        }
    }
}
