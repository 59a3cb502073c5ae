//! Storms: many processes ask at once, more than their budgets let through, and are killed in the middle of it.
//!
//! Each process (`process`) is this very test binary; the parent plays the providers (`scene`), looks on from a connection of its own,
//! kills, opens the folder again, and adds everything up (`books`). `ROUNDTABLE_STORMS` says how many seeds, three by default; the
//! store's storms (`store/tests/store/budget_storm.rs`) and walks go by the same word. Many of them take longer than a test may:
//! `cargo nextest run --profile storms`.

mod books;
mod dice;
mod process;
mod scene;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use roundtable_domain::{PicoUsd, RunState};
use roundtable_emulator::{Behaviour, Emulator};
use roundtable_engine::Engine;
use roundtable_engine::view::{BudgetView, MoneyChoice, OnLimit, RunView};
use roundtable_store::{BucketCheck, Lease, Store};
use roundtable_tests::{Room, Window};
use tempfile::TempDir;

use self::books::{Books, refuses};
use self::dice::Dice;
use self::process::{Orders, Process, Stage};
use self::scene::{CAP, FITTING, times, words};
use crate::batches::open_store;
use crate::budgets::{draft, only, usd};

const NAME: &str = "budget_storm::no_storm_of_processes_that_are_killed_gets_past_a_budget";

const PROMPTS: u64 = 64;

/// Looks without a kill after which one comes anyway: few prompts may be let through.
const PATIENCE: u64 = 250;

fn storms() -> u64 {
    std::env::var("ROUNDTABLE_STORMS").ok().and_then(|storms| storms.parse().ok()).unwrap_or(3)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_storm_of_processes_that_are_killed_gets_past_a_budget() {
    if process::is_child().await {
        return;
    }
    let mut interrupted = 0;
    let storms = storms();
    for seed in 0..storms {
        interrupted += storm(seed).await;
    }
    assert!(u64::try_from(interrupted).unwrap() >= storms, "only {interrupted} calls were cut off by a kill");
}

/// A storm as its parent sees it.
struct Storm {
    seed: u64,
    folder: TempDir,
    emulator: Emulator,
    /// A connection of its own, that only looks.
    look: Store,
}

/// Three processes, two of them at once, all killed; gives how many calls that cut off.
async fn storm(seed: u64) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let emulator = scene::emulator().await;
    let engine = scene::furnish(folder.path(), &emulator.base_url()).await;
    let worth = scene::worst(&engine, "openai/full").await;
    let (conversation, lanes) = scene::limit(&engine, worth).await;
    engine.shutdown().await;
    let look = open_store(folder.path()).await;
    let storm = Storm { seed, folder, emulator, look };
    let mut dice = Dice::new(seed);
    let start = |number| {
        let (folder, base_url) = (storm.folder.path().to_owned(), storm.emulator.base_url());
        Process::start(NAME, &Orders { folder, base_url, seed, number, conversation, lanes: lanes.clone() })
    };

    let (first, second) = (start(1), start(2));
    storm.look_on(Moment::roll(&mut dice), &[&first, &second]).await;
    first.kill();
    let third = start(3);
    storm.look_until(|| third.stage() >= Stage::Opened).await;
    storm.check_owners(&[&second, &third]).await;
    storm.look_on(Moment::roll(&mut dice), &[&second, &third]).await;
    second.kill();
    storm.look_on(Moment::roll(&mut dice), &[&third]).await;
    third.kill();
    storm.look().await;

    let engine = scene::open(storm.folder.path(), &storm.emulator.base_url()).await;
    storm.check_owners(&[]).await;
    let books = storm.books(&engine).await;
    books.check();
    storm.spend_the_rest(&engine, worth).await;
    storm.books(&engine).await.check();
    assert!(engine.check_budgets().await.unwrap().is_sound(), "{}", storm.name());
    engine.shutdown().await;
    storm.look.close().await;
    storm.emulator.shutdown().await;
    books.ends().get(&RunState::Interrupted).copied().unwrap_or(0)
}

/// When a process is killed.
#[derive(Clone, Copy, Debug)]
struct Moment {
    /// So many more requests have arrived.
    arrivals: usize,
    /// And so many looks later.
    looks: u64,
}

impl Moment {
    fn roll(dice: &mut Dice) -> Self {
        Self { arrivals: usize::try_from(dice.roll(9)).unwrap(), looks: dice.roll(40) }
    }
}

impl Storm {
    fn name(&self) -> String {
        format!("seed {}", self.seed)
    }

    fn arrived(&self) -> usize {
        self.emulator.requests().iter().filter(|request| request.method == "POST").count()
    }

    /// Looks until the moment to kill has come, or nothing more comes.
    async fn look_on(&self, moment: Moment, processes: &[&Process]) {
        let before = self.arrived();
        let (mut looks, mut since) = (0, 0);
        self.look_until(|| {
            looks += 1;
            since += u64::from(self.arrived() >= before + moment.arrivals);
            let is_over = processes.iter().all(|process| process.stage() >= Stage::Over);
            since > moment.looks || looks > PATIENCE || is_over
        })
        .await;
    }

    async fn look_until(&self, mut condition: impl FnMut() -> bool) {
        let mut tick = tokio::time::interval(Duration::from_millis(4));
        while !condition() {
            tick.tick().await;
            self.look().await;
        }
    }

    /// What holds at every moment, whoever writes.
    async fn look(&self) {
        let name = self.name();
        for row in self.look.budgets().list().await.unwrap() {
            let fits = row.used() <= i128::from(row.budget.limit.as_pico());
            assert!(fits || !row.budget.on_limit.refuses(), "{name}: {row:#?}");
        }
        let check = self.look.budgets().check().await.unwrap();
        let wrong: Vec<_> = check.buckets.into_iter().filter(|bucket| !BucketCheck::agrees(bucket)).collect();
        assert!(wrong.is_empty(), "{name}: {wrong:#?}");
    }

    /// After somebody has opened the folder, whatever is set aside belongs to a process that lives: one of these or this one.
    async fn check_owners(&self, alive: &[&Process]) {
        let name = self.name();
        let pids: Vec<u32> = alive.iter().map(|process| process.id()).chain([std::process::id()]).collect();
        let leases = self.look.leases().list().await.unwrap();
        let lives = |lease: &Lease| pids.iter().any(|pid| lease.process.ends_with(&format!(" {pid}")));
        assert!(leases.iter().all(lives), "{name}: {pids:?}, {leases:?}");
        let check = self.look.budgets().check().await.unwrap();
        assert!(check.orphans.is_empty(), "{name}: {:#?}", check.orphans);
    }

    async fn books(&self, engine: &Engine) -> Books {
        Books::read(engine, self.folder.path(), self.emulator.requests(), self.name()).await
    }

    /// What the storm has left of the budgets is there to be spent, to the last answer that fits, and not one more.
    async fn spend_the_rest(&self, engine: &Engine, worth: PicoUsd) {
        for number in 0.. {
            let budgets = engine.list_budgets().await.unwrap();
            let counts = |budget: &&BudgetView| {
                let name = budget.draft.scope.name.as_deref();
                refuses(budget) && matches!(name, None | Some("openai/full" | "chat"))
            };
            let left = budgets.iter().filter(counts).map(|budget| usd(&budget.left_usd)).min().unwrap();
            // A prompt's worth goes down once the model's way to count is known.
            let went = ask(engine, "openai/full", &words(99, number)).await.is_some();
            assert!(went || left < worth, "{}: {left} are left, and {worth} are refused", self.name());
            if !went {
                return;
            }
            assert!(number < 10, "{}: more went through than there is money for", self.name());
        }
    }
}

/// Asks one lane and gives the answer; `None`: a budget did not let it through.
async fn ask(engine: &Engine, target: &str, text: &str) -> Option<RunView> {
    let conversation = engine.create_conversation(&[target.to_owned()]).await.unwrap().summary.id;
    let window = Window::default();
    let money = MoneyChoice { cap_tokens: Some(CAP), ..MoneyChoice::default() };
    let turn = match engine.start_turn(conversation, text, &[], &[], money, window.sink()).await {
        Ok(turn) => turn,
        Err(error) => {
            assert_eq!(error.code, "over_budget", "{error}");
            return None;
        }
    };
    Some(window.runs(&turn.runs).await.remove(0))
}

/// Sixty-four at once through two engines on one folder, of which the budget fits ten.
async fn ask_at_once(target: &'static str) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let emulator = scene::emulator().await;
    let engine = scene::furnish(folder.path(), &emulator.base_url()).await;
    let worth = scene::worst(&engine, target).await;
    engine.save_budget(scene::stop("all", times(worth, FITTING)), false).await.unwrap();
    let other = scene::open(folder.path(), &emulator.base_url()).await;
    let asked = (0..PROMPTS).map(|number| {
        let engine = if number % 2 == 0 { engine.clone() } else { other.clone() };
        tokio::spawn(async move { ask(&engine, target, &words(1, number)).await })
    });
    let asked: Vec<_> = asked.collect();
    let runs: Vec<_> = join_all(asked).await.into_iter().filter_map(Result::unwrap).collect();
    assert!(runs.iter().all(|run| run.state == RunState::Complete), "{runs:?}");
    let after = only(&engine).await;
    assert!(usd(&after.spent_usd) <= usd(&after.draft.limit_usd) && after.reserved_usd == "0", "{after:?}");
    let books = Books::read(&engine, folder.path(), emulator.requests(), target.to_owned()).await;
    books.check();
    other.shutdown().await;
    engine.shutdown().await;
    runs.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_sixty_four_that_cost_what_is_set_aside_for_them_exactly_ten_go_through() {
    assert_eq!(ask_at_once("openai/full").await, 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_sixty_four_that_cost_little_ten_at_least_go_through() {
    let went = ask_at_once("openai/brief").await;
    assert!(went >= 10, "{went}");
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
    let turn =
        room.engine.start_turn(conversation, "Hello", &[], &[], money.clone(), window.sink()).await.unwrap();
    window.until(|seen| seen.runs.values().any(|run| !run.text.is_empty())).await;
    let elsewhere = room.conversation(&["demo/swift"]).await.summary.id;
    let refused =
        other.engine.start_turn(elsewhere, "Hello", &[], &[], money, Window::default().sink()).await;
    assert_eq!(refused.unwrap_err().code, "over_budget", "all of it is set aside");
    room.engine.stop_turn(turn.id);
    window.runs(&turn.runs).await;
    let left = only(&other.engine).await;
    assert_eq!(left.reserved_usd, "0");
    assert!(usd(&left.left_usd) > PicoUsd::ZERO, "what was not used is there again");
}
