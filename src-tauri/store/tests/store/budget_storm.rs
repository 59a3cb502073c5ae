//! Sixty-four requests at once against a budget that fits ten, over many seeds: with retries, fallbacks, cancels, crashes and usage
//! that comes late. Three handles write, as three processes would; a fourth looks on all the time.
//!
//! How many seeds is said by `ROUNDTABLE_SEEDS` (a thousand by default, two hundred and fifty in each of four tests).

use roundtable_domain::budget::Scope;
use roundtable_domain::{BudgetId, ConversationId, Cost, LaneId, Provenance, RunState, UnixMs};
use roundtable_store::{Admission, RecoveredSettlement, Settlement, Store, StoreError};

use crate::budget_support::{
    announce, ask, assert_sound, balance, budget, save, set_aside, settled, spent_on,
};
use crate::support::{Begun, Room, conversation, cost, ended, entry, finished, lease, new_attempt, open};

const REQUESTS: u64 = 64;
const FITTING: i64 = 10;
/// What each call sets aside.
const WORTH: i64 = 100;
const HANDLES: usize = 3;
const TESTS: u64 = 4;

/// Small, and the same for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % sides
    }

    fn charge(&mut self) -> i64 {
        i64::try_from(self.roll(WORTH.unsigned_abs() + 1)).unwrap()
    }
}

/// What became of a request.
#[derive(Clone, Copy, Debug, Default)]
struct Became {
    admitted: u64,
    refused: u64,
    crashed: u64,
    spent: i64,
}

fn seeds() -> u64 {
    let said = std::env::var("ROUNDTABLE_SEEDS").ok();
    said.and_then(|seeds| seeds.parse().ok()).unwrap_or(1_000_u64).div_ceil(TESTS)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_storm_gets_past_a_budget_first_quarter() {
    storms(0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_storm_gets_past_a_budget_second_quarter() {
    storms(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_storm_gets_past_a_budget_third_quarter() {
    storms(2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_storm_gets_past_a_budget_fourth_quarter() {
    storms(3).await;
}

async fn storms(quarter: u64) {
    let room = Room::new().await;
    let mut handles = Vec::new();
    for _ in 0..HANDLES {
        handles.push(open(&room.file()).await);
    }
    let mut sum = Became::default();
    for seed in 0..seeds() {
        let became = storm(&room.store, &handles, quarter * 1_000_000 + seed).await;
        sum.admitted += became.admitted;
        sum.refused += became.refused;
        sum.crashed += became.crashed;
    }
    assert_sound(&room.store).await;
    assert!(sum.refused > sum.admitted, "most do not fit: {sum:?}");
    assert!(sum.admitted >= seeds() * 10 && sum.crashed > seeds() / 2, "{sum:?}");
}

/// One seed: its own conversation and budget, so that nothing of another one counts.
async fn storm(look: &Store, handles: &[Store], seed: u64) -> Became {
    announce(look, &lease()).await;
    let place = conversation(look, &["demo/swift"], 1).await;
    let limit = FITTING * WORTH;
    let counted = save(look, &budget(Scope::Conversation(place.0), limit)).await;
    let requests = (0..REQUESTS).map(|number| {
        let store = handles[usize::try_from(number).unwrap() % HANDLES].clone();
        let place = place.clone();
        let watch = Watch { store: look.clone(), counted, limit, seed };
        tokio::spawn(async move { request(&store, &watch, &place, Dice(seed * REQUESTS + number)).await })
    });
    let mut became = Became::default();
    for request in requests.collect::<Vec<_>>() {
        let one = request.await.unwrap();
        became.admitted += one.admitted;
        became.refused += one.refused;
        became.crashed += one.crashed;
        became.spent += one.spent;
    }
    became.spent += recover(&handles[0], seed).await;
    let (settled, reserved) = balance(look, counted).await;
    assert_eq!((settled, reserved), (became.spent, 0), "seed {seed}: the balance is the sum of the ledger");
    look.budgets().remove(counted).await.unwrap();
    became
}

/// Looks on from a handle of its own, after every step of every request, while the others go on.
struct Watch {
    store: Store,
    counted: BudgetId,
    limit: i64,
    seed: u64,
}

impl Watch {
    async fn look(&self) {
        let (settled, reserved) = balance(&self.store, self.counted).await;
        let Self { limit, seed, .. } = self;
        assert!(settled + reserved <= *limit, "seed {seed}: {settled} and {reserved} of {limit}");
    }
}

/// A request with all that may become of it.
async fn request(
    store: &Store,
    watch: &Watch,
    place: &(ConversationId, Vec<LaneId>),
    mut dice: Dice,
) -> Became {
    let mut became = Became::default();
    let mut begun = match ask(store, place, &[Some(WORTH)], &Admission::default()).await {
        Ok(begun) => begun.into_iter().next().unwrap(),
        Err(StoreError::OverBudget(_)) => return Became { refused: 1, ..became },
        Err(error) => panic!("{error}"),
    };
    became.admitted += 1;
    for _ in 0..4 {
        watch.look().await;
        let face = dice.roll(10);
        match face {
            // It is answered, and now and then its end is written twice: usage that comes late.
            0..4 => {
                let amount = dice.charge();
                pay(store, &begun, amount).await;
                if face == 0 {
                    pay(store, &begun, WORTH * 9).await;
                }
                became.spent += amount;
                watch.look().await;
                return became;
            }
            // It fails without a charge, or with one, and is tried again or elsewhere.
            4..7 => {
                let charged = (face == 6).then(|| dice.charge());
                became.spent += charged.unwrap_or(0);
                match again(store, &begun, charged).await {
                    Some(next) => {
                        begun = next;
                        became.admitted += 1;
                    }
                    None => return Became { refused: became.refused + 1, ..became },
                }
            }
            // Somebody stops it, before or after it cost something.
            7 => {
                let estimate = (dice.roll(2) == 0).then(|| dice.charge());
                became.spent += estimate.unwrap_or(0);
                cancel(store, &begun, estimate).await;
                return became;
            }
            // Its process dies.
            _ => return Became { crashed: 1, ..became },
        }
    }
    cancel(store, &begun, None).await;
    became
}

async fn pay(store: &Store, begun: &Begun, amount: i64) {
    store.finish_run(&finished(begun, "text", cost(amount))).await.unwrap();
}

async fn cancel(store: &Store, begun: &Begun, estimate: Option<i64>) {
    let charged = estimate.map(|amount| Cost { provenance: Some(Provenance::Estimated), ..cost(amount) });
    let settlement = if charged.is_some() { Settlement::Settled } else { Settlement::Released };
    let mut end = finished(begun, "", charged.clone().unwrap_or_else(Cost::unknown));
    end.entry = charged.map(|cost| entry(begun, cost));
    end.settle = vec![settled(begun, settlement)];
    store.finish_run(&end).await.unwrap();
}

/// The call fails and a further one is made; `None`: there is no room for it, and the run ends.
async fn again(store: &Store, begun: &Begun, charged: Option<i64>) -> Option<Begun> {
    let booked = charged.map(|amount| entry(begun, cost(amount)));
    let settlement = if booked.is_some() { Settlement::Settled } else { Settlement::Released };
    let end = ended(begun, RunState::Failed);
    store.end_attempt(&end, booked.as_ref(), None, Some(settled(begun, settlement))).await.unwrap();
    let reservation = set_aside(begun.run, spent_on(begun.conversation), Some(WORTH));
    let attempt = new_attempt(begun.run, Some(reservation.id));
    match store.begin_attempt(&attempt, Some(&reservation), None, &Admission::default()).await {
        Ok(_) => Some(Begun { attempt: attempt.id, reservation: reservation.id, ..begun.clone() }),
        Err(StoreError::OverBudget(_)) => {
            let mut end = finished(begun, "", Cost::unknown());
            (end.attempt, end.entry, end.settle) = (None, None, Vec::new());
            store.finish_run(&end).await.unwrap();
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// The next process finds what the dead ones left, and books an estimate of it. What it comes to.
async fn recover(store: &Store, seed: u64) -> i64 {
    let mut dice = Dice(!seed);
    let mut spent = 0;
    let found = store.recover(UnixMs(50), |_| false).await.unwrap();
    let mut settlements = Vec::new();
    for one in &found.runs {
        let mut entries = Vec::new();
        let mut settle = Vec::new();
        for open in &one.reservations {
            let begun = Begun {
                conversation: one.conversation_id,
                turn: one.run.turn_id,
                lane: one.run.lane_id,
                run: one.run.id,
                attempt: open.attempt_id.unwrap(),
                reservation: open.id,
            };
            let amount = dice.charge();
            spent += amount;
            entries.push(entry(&begun, Cost { provenance: Some(Provenance::Estimated), ..cost(amount) }));
            settle.push(settled(&begun, Settlement::Recovered));
        }
        settlements.push(RecoveredSettlement {
            run_id: Some(one.run.id),
            cost: Some(cost(1)),
            entries,
            settle,
        });
    }
    store.settle_recovered(&settlements).await.unwrap();
    assert!(found.stray_reservations.is_empty());
    spent
}
