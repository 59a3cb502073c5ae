//! A process that is killed with money set aside, while another one goes on asking under the same budget.
//!
//! The child is this very test binary: it asks as much as the budget lets through, all at once, and is killed in the middle of its
//! answers. The parent asks before, meanwhile and afterwards, and opens the folder anew in the end.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use roundtable_domain::PicoUsd;
use roundtable_emulator::Behaviour;
use roundtable_engine::view::{MoneyChoice, OnLimit};
use roundtable_engine::{Engine, LedgerFilter, Pace};
use roundtable_tests::{Window, options};

use crate::budgets::{draft, only, usd};

/// Names the data folder to the child.
const CHILD: &str = "ROUNDTABLE_BUDGET_CHILD";

const NAME: &str = "budget_killed::a_budget_holds_wherever_one_of_two_processes_is_killed";

/// Prompts of the child, of which the budget fits ten.
const PROMPTS: usize = 24;

/// A child that outlives a failed assertion would wait for ever.
struct KilledInTheEnd(Child);

impl Drop for KilledInTheEnd {
    fn drop(&mut self) {
        // It is gone already when everything went well.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_budget_holds_wherever_one_of_two_processes_is_killed() {
    if let Ok(folder) = std::env::var(CHILD) {
        return ask_until_killed(folder.as_ref()).await;
    }
    // Killed after so many answers have begun.
    for news in [1, 4, 9] {
        kill_after(news).await;
    }
}

async fn kill_after(news: usize) {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(options(folder.path(), Pace::Instant)).await.unwrap();
    let conversation = engine.create_conversation(&["demo/swift".to_owned()]).await.unwrap().summary.id;
    let preview = engine.preview_turn(conversation, "Hello", &[], &[], false).await.unwrap();
    let worst = usd(preview.lanes[0].worst_usd.as_ref().unwrap());
    let limit = PicoUsd::from_pico(worst.as_pico() * 10);
    engine.save_budget(draft(&limit.to_string(), OnLimit::Stop), false).await.unwrap();
    let mut child = KilledInTheEnd(
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", NAME, "--nocapture"])
            .env(CHILD, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    let said = BufReader::new(child.0.stdout.take().unwrap()).lines();
    let heard = tokio::task::spawn_blocking(move || {
        let news_of_it = said.map_while(Result::ok).filter(|line| line.contains("told begun"));
        news_of_it.take(news).count()
    });
    let mut asked = 0;
    // Each prompt is waited for: one whose wait is given up goes on, and its lane takes no other.
    while !heard.is_finished() {
        ask(&engine, conversation).await;
        asked += 1;
    }
    assert_eq!(heard.await.unwrap(), news, "the child ended before it was killed");
    child.0.kill().unwrap();
    child.0.wait().unwrap();
    within(&engine).await;
    let orphans = engine.check_budgets().await.unwrap();
    assert!(
        orphans.buckets.iter().all(roundtable_store::BucketCheck::agrees),
        "after {asked} prompts beside it"
    );
    ask(&engine, conversation).await;
    engine.shutdown().await;

    let engine = Engine::open(options(folder.path(), Pace::Instant)).await.unwrap();
    let after = within(&engine).await;
    assert_eq!(after, PicoUsd::ZERO, "what the dead process had set aside is settled");
    assert!(engine.check_budgets().await.unwrap().is_sound());
    let books = engine.ledger_totals(&LedgerFilter::default()).await.unwrap();
    assert_eq!(usd(&only(&engine).await.spent_usd), books.simulated);
    ask(&engine, conversation).await;
    engine.shutdown().await;
}

/// What is set aside, once it is seen that all of it fits.
async fn within(engine: &Engine) -> PicoUsd {
    let budget = only(engine).await;
    let (spent, reserved) = (usd(&budget.spent_usd), usd(&budget.reserved_usd));
    assert!(spent.checked_add(reserved).unwrap() <= usd(&budget.draft.limit_usd), "{budget:?}");
    reserved
}

/// One prompt, whether the budget lets it through or not.
async fn ask(engine: &Engine, conversation: roundtable_domain::ConversationId) {
    let window = Window::default();
    let money = MoneyChoice::default();
    match engine.start_turn(conversation, "Hello", &[], &[], money, window.sink()).await {
        Ok(turn) => drop(window.runs(&turn.runs).await),
        Err(error) => assert_eq!(error.code, "over_budget", "{error}"),
    }
    within(engine).await;
}

/// The life of the child: asks as much as it may, says when an answer has begun, and waits to be killed.
async fn ask_until_killed(folder: &Path) {
    let engine = Engine::open(options(folder, Pace::Instant)).await.unwrap();
    let emulator = engine.emulator().await.unwrap();
    emulator.script_always("swift", Behaviour::Stall { after_tokens: 20 });
    for number in 0..PROMPTS {
        let conversation = engine.create_conversation(&["demo/swift".to_owned()]).await.unwrap().summary.id;
        let window = Window::default();
        let (money, text) = (MoneyChoice::default(), format!("Hello, number {number}"));
        if engine.start_turn(conversation, &text, &[], &[], money, window.sink()).await.is_ok() {
            window.until(|seen| seen.runs.values().any(|run| !run.text.is_empty())).await;
            println!("told begun");
        }
    }
    // Those that never were let through are news as well: the parent counts on so many.
    for _ in 0..PROMPTS {
        println!("told begun");
    }
    std::future::pending::<()>().await;
}
