//! Sixty-four prompts at once against a budget that fits ten, through two engines on one folder and the emulator: with retries,
//! fallbacks, answers that break off, and answers that are stopped. The store's own storm (`store/tests/store/budget_storm.rs`) does
//! the same a thousand times; here it is the whole way. `ROUNDTABLE_STORMS` says how many seeds, four by default.

use std::sync::Arc;

use futures_util::future::join_all;
use roundtable_domain::{PicoUsd, RunState};
use roundtable_emulator::{Behaviour, RetryAfter};
use roundtable_engine::view::{BudgetView, MoneyChoice, OnLimit, RunView};
use roundtable_engine::{Engine, LedgerFilter};
use roundtable_tests::{Room, Window};

use crate::budgets::{draft, only, usd};

const PROMPTS: usize = 64;
const FITTING: i64 = 10;

/// Small, and the same for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

fn behaviour(dice: &mut Dice) -> Behaviour {
    match dice.roll(12) {
        0..5 => Behaviour::Normal,
        5 => Behaviour::Status503,
        6 => Behaviour::Status429(RetryAfter::Milliseconds(20)),
        7 => Behaviour::ErrorMidStream { after_tokens: 5 },
        8 => Behaviour::CleanEof { after_tokens: 5 },
        9 => Behaviour::SocketCut { after_tokens: 5 },
        10 => Behaviour::QuotaAfterRole,
        _ => Behaviour::SlowTokens { ms_per_token: 5 },
    }
}

const LADDER: &str = "echelon1:
  models: [demo/swift]
  max_retries: 1
echelon2:
  models: [demo/poet]
fallback_config:
  strategy: echelon_down
  max_attempts: 4
";

fn within(budget: &BudgetView, seed: u64) {
    let used = usd(&budget.spent_usd).checked_add(usd(&budget.reserved_usd)).unwrap();
    assert!(used <= usd(&budget.draft.limit_usd), "seed {seed}: {used} of {}", budget.draft.limit_usd);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_storm_of_prompts_gets_past_a_budget() {
    let storms = std::env::var("ROUNDTABLE_STORMS").ok().and_then(|storms| storms.parse().ok());
    for seed in 0..storms.unwrap_or(4) {
        storm(seed).await;
    }
}

async fn storm(seed: u64) {
    let room = Room::new().await;
    let groups = room.path().join("config/groups");
    std::fs::create_dir_all(&groups).unwrap();
    std::fs::write(groups.join("ladder.yaml"), LADDER).unwrap();
    let other = room.again().await;
    let mut dice = Dice(seed * 7_919 + 1);
    for engine in [&room.engine, &other.engine] {
        let emulator = engine.emulator().await.unwrap();
        for model in ["swift", "poet"] {
            emulator.script(model, (0..PROMPTS).map(|_| behaviour(&mut dice)).collect());
        }
    }
    let look = room.conversation(&["demo/swift"]).await.summary.id;
    let preview = room.engine.preview_turn(look, "Why is the sky blue?", &[], &[], false).await.unwrap();
    let worst = usd(preview.lanes[0].worst_usd.as_ref().unwrap());
    let limit = PicoUsd::from_pico(worst.as_pico() * FITTING + worst.as_pico() / 2);
    room.engine.save_budget(draft(&limit.to_string(), OnLimit::Stop), false).await.unwrap();

    let asked = (0..PROMPTS).map(|number| {
        let engine = if number % 2 == 0 { room.engine.clone() } else { other.engine.clone() };
        let (target, stops) = (if dice.roll(2) == 0 { "demo/swift" } else { "ladder" }, dice.roll(6) == 0);
        let text = format!("Why is the sky blue? Prompt {number}.");
        tokio::spawn(async move { prompt(&engine, target, &text, stops, seed).await })
    });
    let runs: Vec<Option<RunView>> = join_all(asked).await.into_iter().map(Result::unwrap).collect();
    let sent = runs.iter().flatten().count();
    // How many more than one depends on how soon answers end; that something is refused, the test below says.
    assert!(sent >= 1, "seed {seed}: nothing was let through");
    assert!(runs.iter().flatten().all(|run| run.state.is_final()), "seed {seed}");
    assert!(runs.iter().flatten().any(|run| run.state == RunState::Complete), "seed {seed}");

    let after = only(&room.engine).await;
    within(&after, seed);
    assert_eq!(after.reserved_usd, "0", "seed {seed}: nothing stays set aside");
    let books = room.engine.ledger_totals(&LedgerFilter::default()).await.unwrap();
    assert_eq!(usd(&after.spent_usd), books.simulated, "seed {seed}: the balance is the sum of the ledger");
    assert!(room.engine.check_budgets().await.unwrap().is_sound(), "seed {seed}");
    other.engine.shutdown().await;
    room.engine.shutdown().await;
}

/// Asks, looks at the budget after every step, and gives the answer; `None`: it was not let through.
async fn prompt(engine: &Engine, target: &str, text: &str, stops: bool, seed: u64) -> Option<RunView> {
    let conversation = engine.create_conversation(&[target.to_owned()]).await.unwrap().summary.id;
    let window = Window::default();
    let money = MoneyChoice::default();
    let started = engine.start_turn(conversation, text, &[], &[], money, window.sink()).await;
    within(&only(engine).await, seed);
    let turn = match started {
        Ok(turn) => turn,
        Err(error) => {
            assert_eq!(error.code, "over_budget", "seed {seed}: {error}");
            return None;
        }
    };
    if stops {
        engine.stop_turn(turn.id);
    }
    let run = window.runs(&turn.runs).await.remove(0);
    within(&only(engine).await, seed);
    Some(run)
}

/// Two windows on one folder look at the same balance.
#[tokio::test]
async fn what_one_process_sets_aside_another_does_not_spend() {
    let room = Room::new().await;
    let other = Arc::new(room.again().await);
    let emulator = room.engine.emulator().await.unwrap();
    emulator.script_always("swift", Behaviour::Stall { after_tokens: 3 });
    let conversation = room.conversation(&["demo/swift"]).await.summary.id;
    let preview = room.engine.preview_turn(conversation, "Hello", &[], &[], false).await.unwrap();
    room.engine
        .save_budget(draft(preview.lanes[0].worst_usd.as_ref().unwrap(), OnLimit::Stop), false)
        .await
        .unwrap();
    let window = Window::default();
    let money = MoneyChoice::default();
    let turn = room.engine.start_turn(conversation, "Hello", &[], &[], money, window.sink()).await.unwrap();
    window.until(|seen| seen.runs.values().any(|run| !run.text.is_empty())).await;
    assert!(prompt(&other.engine, "demo/swift", "Hello", false, 0).await.is_none(), "all of it is set aside");
    room.engine.stop_turn(turn.id);
    window.runs(&turn.runs).await;
    let left = only(&other.engine).await;
    assert_eq!(left.reserved_usd, "0");
    assert!(usd(&left.left_usd) > PicoUsd::ZERO, "what was not used is there again");
}
