//! Sixty-four requests at once against budgets of which the widest fits ten, over many seeds: with several amounts, lanes and models,
//! with retries, fallbacks, cancels, estimates, usage that comes late, and processes that die in the middle of a write. Three
//! handles write, as three processes would; a fourth looks on all the time.
//!
//! How many seeds is said by `ROUNDTABLE_STORMS` (a thousand by default, a quarter in each of four tests).

use roundtable_domain::budget::{OnLimit, Period, Scope};
use roundtable_domain::{
    BudgetId, ConversationId, Cost, LaneId, PicoUsd, Provenance, RunState, TurnId, UnixMs,
};
use roundtable_store::{
    Admission, LeaseId, LedgerEntry, LedgerFilter, NewAttempt, NewReservation, NewRetry, NewRun, NewTurn,
    RecoveredSettlement, Settlement, SpentOn, Store, Turn,
};
use tokio::task::JoinSet;

use crate::budget_support::{
    announce, assert_sound, budget, let_through, patient, row, set_aside, settled, spent_on, storms, window,
};
use crate::support::{
    Begun, Room, conversation, cost, ended, entry, finished, id, new_attempt, new_run, open,
};

const REQUESTS: u64 = 64;
const FITTING: i64 = 10;
/// What a call sets aside, where all set the same aside; else up to twice as much.
const WORTH: i64 = 100;
const HANDLES: usize = 3;
const TESTS: u64 = 4;
/// Entries of a storm are later than this, those of earlier ones are not.
const BEGINS: i64 = 40;

/// Small, and the same for the same seed.
#[derive(Clone)]
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % sides
    }

    fn up_to(&mut self, most: i64) -> i64 {
        i64::try_from(self.roll(most.unsigned_abs() + 1)).unwrap()
    }
}

/// What became of the requests of a storm.
#[derive(Clone, Copy, Debug, Default)]
struct Became {
    admitted: u64,
    refused: u64,
    recovered: u64,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_storm_gets_past_a_budget_first_quarter() {
    play(0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_storm_gets_past_a_budget_second_quarter() {
    play(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_storm_gets_past_a_budget_third_quarter() {
    play(2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_storm_gets_past_a_budget_fourth_quarter() {
    play(3).await;
}

async fn play(quarter: u64) {
    let room = Room::new().await;
    let mut handles = Vec::new();
    for _ in 0..HANDLES {
        handles.push(open(&room.file()).await);
    }
    let seeds = storms(1_000).div_ceil(TESTS);
    let mut sum = Became::default();
    for seed in 0..seeds {
        let became = storm(&room, &mut handles, quarter * 1_000_000 + seed).await;
        sum.admitted += became.admitted;
        sum.refused += became.refused;
        sum.recovered += became.recovered;
    }
    assert_sound(&room.store).await;
    assert!(sum.refused > sum.admitted, "most do not fit: {sum:?}");
    assert!(sum.admitted >= seeds * 6 && sum.recovered > seeds / 2, "{sum:?}");
}

/// Where and under what a storm takes place.
#[derive(Clone)]
struct Scene {
    /// Looks on from a handle of its own.
    look: Store,
    seed: u64,
    place: (ConversationId, Vec<LaneId>),
    budgets: Vec<BudgetId>,
    /// Every call sets the same aside and costs it, and nothing goes wrong.
    is_calm: bool,
}

/// A process: its handle, and the lease it owns.
#[derive(Clone)]
struct Process {
    store: Store,
    lease: LeaseId,
}

/// A call under way.
#[derive(Clone)]
struct Call {
    begun: Begun,
    on: SpentOn,
    amount: i64,
}

/// One seed: its own conversation and budgets; what was booked before counts in none of them.
async fn storm(room: &Room, handles: &mut [Store], seed: u64) -> Became {
    let look = room.store.clone();
    let is_calm = seed.is_multiple_of(10);
    let place = conversation(&look, &["demo/swift", "demo/poet"], 1).await;
    let budgets = overlapping(&look, place.0).await;
    let scene = Scene { look, seed, place, budgets, is_calm };
    let mut dice = Dice(seed);
    let (mut processes, mut tasks) = (Vec::new(), Vec::new());
    for (number, store) in handles.iter().enumerate() {
        let process = Process { store: store.clone(), lease: LeaseId::new(format!("{seed}-{number}")) };
        announce(&process.store, &process.lease).await;
        processes.push(process);
    }
    for (number, process) in processes.iter().enumerate() {
        let mut asked = JoinSet::new();
        for one in (0..REQUESTS).filter(|one| usize::try_from(*one).unwrap() % HANDLES == number) {
            let (scene, process, dice) = (scene.clone(), process.clone(), Dice(seed * REQUESTS + one));
            asked.spawn(async move { request(&scene, &process, dice).await });
        }
        tasks.push(asked);
    }
    // One of them dies when so many of its requests are done, whatever the others are doing.
    let dies = (!is_calm).then(|| usize::try_from(dice.roll(HANDLES as u64)).unwrap());
    let mut became = Became::default();
    if let Some(dies) = dies {
        for _ in 0..dice.roll(16) {
            add(&mut became, tasks[dies].join_next().await.unwrap().unwrap());
        }
        tasks[dies].shutdown().await;
        if seed.is_multiple_of(16) {
            // Its connections go with it.
            handles[dies] = open(&room.file()).await;
        }
        let survivor = &processes[(dies + 1) % HANDLES];
        let dead = &processes[dies].lease;
        became.recovered += recover(&scene, survivor, |lease| lease != dead).await;
    }
    for asked in &mut tasks {
        while let Some(done) = asked.join_next().await {
            add(&mut became, done.unwrap());
        }
    }
    // Nobody is left but who looks on, and finds what all of them had open.
    let last = Process { store: scene.look.clone(), lease: LeaseId::new(format!("{seed}-last")) };
    announce(&last.store, &last.lease).await;
    became.recovered += recover(&scene, &last, |lease| *lease == last.lease).await;
    scene.check_the_end(&last, &became).await;
    became
}

fn add(sum: &mut Became, one: Became) {
    sum.admitted += one.admitted;
    sum.refused += one.refused;
}

/// Everything, a model, the conversation, and a provider over two days, all of which refuse; and one that only warns.
async fn overlapping(store: &Store, conversation: ConversationId) -> Vec<BudgetId> {
    let all = FITTING * WORTH;
    let mut budgets = vec![
        budget(Scope::Everything, all),
        budget(Scope::Model("demo/poet".into()), all / 2),
        budget(Scope::Conversation(conversation), all + WORTH),
        budget(Scope::Provider("demo".into()), all),
        budget(Scope::Source("chat".into()), WORTH),
    ];
    budgets[3].period = Period::Rolling { days: 2 };
    budgets[4].on_limit = OnLimit::Warn;
    for one in &budgets {
        let days = if one.period == Period::Month { 1 } else { 2 };
        let windows: Vec<_> = (0..days)
            .map(|day| window(BEGINS + day * BEGINS, BEGINS + (day + 1) * BEGINS))
            .map(|one| roundtable_domain::budget::Window { counts_from: UnixMs(BEGINS), ..one })
            .collect();
        store.budgets().save(one, &windows, false, UnixMs(1)).await.unwrap();
    }
    budgets.into_iter().map(|one| one.id).collect()
}

impl Scene {
    /// What holds at every moment.
    async fn look(&self) {
        for row in self.look.budgets().list().await.unwrap() {
            let fits = row.used() <= i128::from(row.budget.limit.as_pico());
            assert!(fits || !row.budget.on_limit.refuses(), "seed {}: {row:#?}", self.seed);
        }
    }

    /// Nothing is set aside, every balance is the sum of its entries, and what is left can be spent, to the last call.
    async fn check_the_end(&self, last: &Process, became: &Became) {
        let seed = self.seed;
        assert!(self.look.reservations().open().await.unwrap().is_empty(), "seed {seed}: orphans");
        assert_sound(&self.look).await;
        let filter = LedgerFilter { conversation: Some(self.place.0), ..LedgerFilter::default() };
        let entries = self.look.ledger().entries(&filter, 1_000).await.unwrap();
        let sum: i64 = entries.iter().filter_map(|entry| entry.cost.usd).map(PicoUsd::as_pico).sum();
        let all = row(&self.look, self.budgets[0]).await;
        assert_eq!((all.settled.as_pico(), all.reserved.as_pico()), (sum, 0), "seed {seed}");
        if self.is_calm {
            assert_eq!(became.admitted, FITTING.unsigned_abs(), "seed {seed}: exactly as many as fit");
        }
        loop {
            let rows = self.look.budgets().list().await.unwrap();
            let fits = rows
                .iter()
                .filter(|row| row.budget.on_limit.refuses() && row.budget.scope.kind() != "model")
                .all(|row| row.left().as_pico() >= WORTH);
            let went = ask(self, last, &[(0, WORTH)]).await;
            assert_eq!(went.is_some(), fits, "seed {seed}: {rows:#?}");
            let Some(calls) = went else { break };
            end(&last.store, &calls[0], cost(WORTH)).await;
        }
        for one in &self.budgets {
            self.look.budgets().remove(*one).await.unwrap();
        }
        self.look.leases().release(&last.lease).await.unwrap();
    }
}

/// A request to one lane or to both, with all that may become of it.
async fn request(scene: &Scene, process: &Process, mut dice: Dice) -> Became {
    let mut became = Became::default();
    let mut lanes = vec![(usize::try_from(dice.roll(2)).unwrap(), 1 + dice.up_to(2 * WORTH))];
    if dice.roll(4) == 0 {
        lanes.push((1 - lanes[0].0, 1 + dice.up_to(WORTH)));
    }
    if scene.is_calm {
        lanes = vec![(0, WORTH)];
    }
    let Some(calls) = ask(scene, process, &lanes).await else { return Became { refused: 1, ..became } };
    for call in calls {
        became.admitted += 1;
        if scene.is_calm {
            end(&process.store, &call, cost(WORTH)).await;
        } else {
            live(scene, process, call, &mut dice, &mut became).await;
        }
    }
    became
}

/// The life of a call and of those that follow it.
async fn live(scene: &Scene, process: &Process, first: Call, dice: &mut Dice, became: &mut Became) {
    let (store, mut call) = (&process.store, first);
    for _ in 0..4 {
        // Others look on too: not every step of each needs a look of its own.
        if dice.roll(3) == 0 {
            scene.look().await;
        }
        let charged = dice.up_to(call.amount);
        let next = match dice.roll(10) {
            // It is answered, and now and then its end is written twice: usage that comes late.
            0..4 => {
                end(store, &call, cost(charged)).await;
                if charged % 2 == 0 {
                    end(store, &call, cost(WORTH * 9)).await;
                }
                // Somebody wants another version.
                if dice.roll(3) > 0 { None } else { retry(process, &call, 1 + dice.up_to(WORTH)).await }
            }
            // It fails without a charge, or with an estimate of one, and is tried again or elsewhere.
            4..7 => {
                let charged = (dice.roll(2) == 0).then(|| estimate(charged));
                again(process, &call, charged, 1 + dice.up_to(WORTH)).await
            }
            // Somebody stops it, before or after it cost something.
            7 => {
                cancel(store, &call, (dice.roll(2) == 0).then(|| estimate(charged))).await;
                None
            }
            // Nobody ever says how it ended: its process hangs, and then dies.
            _ => return,
        };
        match next {
            Some(next) => (call, became.admitted) = (next, became.admitted + 1),
            None => return,
        }
    }
    cancel(store, &call, None).await;
}

fn estimate(amount: i64) -> Cost {
    Cost { provenance: Some(Provenance::Estimated), ..cost(amount) }
}

impl Process {
    fn reserve(&self, run: &NewRun, on: &SpentOn, amount: i64) -> NewReservation {
        let lease_id = self.lease.clone();
        NewReservation { lease_id, ..set_aside(run.id, on.clone(), Some(amount)) }
    }

    fn run(&self, turn: TurnId, lane: LaneId, on: &SpentOn) -> NewRun {
        let model_requested = Some(on.model.clone());
        NewRun { lease_id: self.lease.clone(), model_requested, ..new_run(turn, lane, 10) }
    }
}

fn attempt(run: &NewRun, reserved: &NewReservation) -> NewAttempt {
    let model_requested = reserved.spent_on.model.clone();
    NewAttempt { model_requested, ..new_attempt(run.id, Some(reserved.id)) }
}

fn call(conversation: ConversationId, run: &NewRun, reserved: &NewReservation, attempt: &NewAttempt) -> Call {
    let begun = Begun {
        conversation,
        turn: run.turn_id,
        lane: run.lane_id,
        run: run.id,
        attempt: attempt.id,
        reservation: reserved.id,
    };
    Call { begun, on: reserved.spent_on.clone(), amount: reserved.amount.unwrap().as_pico() }
}

/// A turn that asks these lanes with so much set aside each; `None`: it does not fit.
async fn ask(scene: &Scene, process: &Process, lanes: &[(usize, i64)]) -> Option<Vec<Call>> {
    let conversation = scene.place.0;
    let turn = Turn {
        id: id(TurnId::from_uuid),
        conversation_id: conversation,
        parent_turn_id: None,
        text: "hi".into(),
        parts: vec![],
        created_at: UnixMs(10),
    };
    let (mut runs, mut reservations, mut attempts, mut calls) = (vec![], vec![], vec![], vec![]);
    for (lane, amount) in lanes {
        let on = SpentOn { model: ["swift", "poet"][*lane].into(), ..spent_on(conversation) };
        let run = process.run(turn.id, scene.place.1[*lane], &on);
        let reserved = process.reserve(&run, &on, *amount);
        let attempt = attempt(&run, &reserved);
        calls.push(call(conversation, &run, &reserved, &attempt));
        runs.push(run);
        reservations.push(reserved);
        attempts.push(attempt);
    }
    let new = NewTurn { turn, runs, reservations, attempts, traces: vec![] };
    let admission = Admission::default();
    let_through(patient(|| process.store.begin_turn(&new, &admission)).await).then_some(calls)
}

fn booked(call: &Call, cost: Cost) -> LedgerEntry {
    LedgerEntry { model_requested: call.on.model.clone(), ..entry(&call.begun, cost) }
}

async fn end(store: &Store, call: &Call, cost: Cost) {
    let mut end = finished(&call.begun, "text", cost.clone());
    end.entry = Some(booked(call, cost));
    patient(|| store.finish_run(&end)).await.unwrap();
}

async fn cancel(store: &Store, call: &Call, charged: Option<Cost>) {
    let settlement = if charged.is_some() { Settlement::Settled } else { Settlement::Released };
    let mut end = finished(&call.begun, "", charged.clone().unwrap_or_else(Cost::unknown));
    end.entry = charged.map(|cost| booked(call, cost));
    end.settle = vec![settled(&call.begun, settlement)];
    patient(|| store.finish_run(&end)).await.unwrap();
}

/// The next version of an answer; `None`: there is no room for it.
async fn retry(process: &Process, before: &Call, amount: i64) -> Option<Call> {
    let run = process.run(before.begun.turn, before.begun.lane, &before.on);
    let reservation = process.reserve(&run, &before.on, amount);
    let attempt = attempt(&run, &reservation);
    let made = call(before.begun.conversation, &run, &reservation, &attempt);
    let new = NewRetry { run, reservation: Some(reservation), attempt: Some(attempt), trace: None };
    let admission = Admission::default();
    let_through(patient(|| process.store.begin_retry(&new, &admission)).await).then_some(made)
}

/// The call fails and a further one is made; `None`: there is no room for it, and the run ends.
async fn again(process: &Process, before: &Call, charged: Option<Cost>, amount: i64) -> Option<Call> {
    let store = &process.store;
    let entry = charged.map(|cost| booked(before, cost));
    let settlement = if entry.is_some() { Settlement::Settled } else { Settlement::Released };
    let end = ended(&before.begun, RunState::Failed);
    let settle = Some(settled(&before.begun, settlement));
    patient(|| store.end_attempt(&end, entry.as_ref(), None, settle)).await.unwrap();
    let run = process.run(before.begun.turn, before.begun.lane, &before.on);
    let run = NewRun { id: before.begun.run, ..run };
    let reserved = process.reserve(&run, &before.on, amount);
    let attempt = attempt(&run, &reserved);
    let admission = Admission::default();
    let begun = patient(|| store.begin_attempt(&attempt, Some(&reserved), None, &admission)).await;
    if let_through(begun) {
        return Some(call(before.begun.conversation, &run, &reserved, &attempt));
    }
    let mut end = finished(&before.begun, "", Cost::unknown());
    (end.attempt, end.entry, end.settle) = (None, None, Vec::new());
    patient(|| store.finish_run(&end)).await.unwrap();
    None
}

/// A process finds what another one has left that died, and books an estimate of it. How many calls that were.
async fn recover(scene: &Scene, survivor: &Process, lives: impl Fn(&LeaseId) -> bool + Sync) -> u64 {
    let mut dice = Dice(!scene.seed);
    let store = &survivor.store;
    let found = patient(|| store.recover(UnixMs(50), |lease| lives(&lease.id))).await.unwrap();
    let mut settlements = Vec::new();
    for one in &found.runs {
        let (mut entries, mut settle) = (Vec::new(), Vec::new());
        for open in &one.reservations {
            let begun = Begun {
                conversation: one.conversation_id,
                turn: one.run.turn_id,
                lane: one.run.lane_id,
                run: one.run.id,
                attempt: open.attempt_id.unwrap(),
                reservation: open.id,
            };
            let amount = open.amount.unwrap().as_pico();
            let call = Call { begun, on: open.spent_on.clone().unwrap(), amount };
            entries.push(booked(&call, estimate(dice.up_to(amount))));
            settle.push(settled(&call.begun, Settlement::Recovered));
        }
        let cost = Some(cost(1));
        settlements.push(RecoveredSettlement { run_id: Some(one.run.id), cost, entries, settle });
    }
    patient(|| store.settle_recovered(&settlements)).await.unwrap();
    let loose = found.stray_reservations.len() + found.lost_calls.len();
    assert_eq!(loose, 0, "seed {}: money without an answer", scene.seed);
    scene.look().await;
    found.runs.iter().map(|one| one.reservations.len() as u64).sum()
}
