//! A process that is killed between the record of a change that advice makes and the change itself, or just after it.
//!
//! The child is this very test binary: it follows a piece of advice and takes it back, again and again. The parent kills it as soon as it
//! sees that a change is under way, and opens its folder.

use std::collections::HashMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use roundtable_engine::view::RecommendationKind;
use roundtable_engine::{Engine, Options, Pace};
use roundtable_store::{ChangeState, Store};
use roundtable_tests::options;

use crate::advice::repeated;
use crate::batches::open_store;

/// Names the data folder to the child.
const CHILD: &str = "ROUNDTABLE_ADVICE_CHILD";

const NAME: &str = "advice_killed::a_change_that_was_under_way_at_a_kill_is_what_it_is_and_nothing_between";

/// Kills, if neither kind of change is found under way before.
const MOST: usize = 40;

/// Which answers are kept once the advice is followed.
const FOLLOWED: &str = "deterministic";

async fn open(folder: &Path) -> Engine {
    let environment = HashMap::from([("OPENAI_API_KEY".to_owned(), "sk-nobody".to_owned())]);
    Engine::open(Options { environment, demo: false, ..options(folder, Pace::Instant) }).await.unwrap()
}

/// The life of the child: there and back, until it is killed.
async fn follow_until_killed(folder: &Path) {
    let engine = open(folder).await;
    loop {
        let advised = engine.analysis(30).await.unwrap().recommendations;
        let advice = advised.into_iter().find(|one| one.kind == RecommendationKind::TurnOnCache).unwrap();
        let applied = engine.apply_recommendation(&advice.id, 30).await.unwrap();
        engine.undo_change(&applied.changes[0].id, 30).await.unwrap();
    }
}

/// The state of the newest change, as it stands in the database.
async fn newest(store: &Store) -> Option<ChangeState> {
    store.advice().changes(1).await.unwrap().first().map(|change| change.state)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_was_under_way_at_a_kill_is_what_it_is_and_nothing_between() {
    if let Ok(folder) = std::env::var(CHILD) {
        return follow_until_killed(folder.as_ref()).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path()).await;
    let store = open_store(folder.path()).await;
    for hours in 1..9 {
        store.calls().add(&repeated(hours)).await.unwrap();
    }
    engine.set_response_cache("off", 24).await.unwrap();
    engine.shutdown().await;
    let mut seen = Vec::new();
    for number in 0..MOST {
        // In turns: while the change is made, and while it is taken back.
        let wanted = [ChangeState::Begun, ChangeState::Undoing][number % 2];
        seen.push(kill_at(folder.path(), &store, wanted).await);
        if [ChangeState::Begun, ChangeState::Undoing].iter().all(|state| seen.contains(&Some(*state))) {
            store.close().await;
            return;
        }
    }
    panic!("no kill fell between a record and its change: {seen:?}");
}

/// Kills the child when a change is seen in this state, opens the folder, and gives the state the kill has left.
async fn kill_at(folder: &Path, store: &Store, wanted: ChangeState) -> Option<ChangeState> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", NAME, "--nocapture"])
        .env(CHILD, folder)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let watching = tokio::time::timeout(Duration::from_secs(30), async {
        while newest(store).await != Some(wanted) {
            tokio::task::yield_now().await;
        }
    });
    let in_time = watching.await;
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(in_time.is_ok(), "the child never came to {wanted:?}");
    let left = newest(store).await;

    let engine = open(folder).await;
    let view = engine.analysis(30).await.unwrap();
    let mode = engine.response_cache().await.unwrap().mode;
    let stands = view.changes.first().is_some_and(|change| change.undone_at.is_none());
    assert_eq!(
        mode == FOLLOWED,
        stands,
        "killed at {left:?}: what is told is what stands: {:?}",
        view.changes
    );
    let settled = newest(store).await;
    let is_between = |state| matches!(state, Some(ChangeState::Begun | ChangeState::Undoing));
    assert!(!is_between(settled), "killed at {left:?}, and still {settled:?}");
    // The way is free in both directions.
    if stands {
        engine.undo_change(&view.changes[0].id, 30).await.unwrap();
    }
    assert_eq!(engine.response_cache().await.unwrap().mode, "off");
    assert!(view.recommendations.iter().any(|one| one.kind == RecommendationKind::TurnOnCache) || stands);
    engine.shutdown().await;
    left
}
