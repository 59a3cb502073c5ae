//! What several test binaries share: an engine on a fresh data folder, and a window that fails on any gap.

#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a failed step is a failed test")]

pub mod months;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use roundtable_domain::RunId;
use roundtable_emulator::Pace;
use roundtable_engine::view::{ConversationSnapshot, RunEvent, RunView, TurnBatch};
use roundtable_engine::{DataDir, Engine, KeyringUse, Options, Process, SlowKeyring, TurnSink};
use tempfile::TempDir;
use tokio::sync::Notify;

/// The repository's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// An engine on a data folder of its own, without keyring and environment.
pub struct Room {
    /// The engine.
    pub engine: Engine,
    folder: Arc<TempDir>,
}

impl Room {
    /// A fresh folder; demo models answer as fast as they are read.
    pub async fn new() -> Self {
        Self::open(Arc::new(tempfile::tempdir().unwrap()), Pace::Instant).await
    }

    /// A fresh folder; demo models answer at the speed of real ones.
    pub async fn realistic() -> Self {
        Self::open(Arc::new(tempfile::tempdir().unwrap()), Pace::Realistic).await
    }

    /// A fresh folder whose keys are in this keyring.
    pub async fn with_keyring(keyring: &SlowKeyring) -> Self {
        Self::open_with(Arc::new(tempfile::tempdir().unwrap()), keyring).await
    }

    /// A second engine on the same folder that has another keyring.
    pub async fn again_with_keyring(&self, keyring: &SlowKeyring) -> Self {
        Self::open_with(Arc::clone(&self.folder), keyring).await
    }

    async fn open_with(folder: Arc<TempDir>, keyring: &SlowKeyring) -> Self {
        let options = Options {
            keyring: KeyringUse::Rehearsal(keyring.clone()),
            ..options(folder.path(), Pace::Instant)
        };
        Self { engine: Engine::open(options).await.unwrap(), folder }
    }

    async fn open(folder: Arc<TempDir>, pace: Pace) -> Self {
        let engine = Engine::open(options(folder.path(), pace)).await.unwrap();
        Self { engine, folder }
    }

    /// The data folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A second engine on the same folder, as another process would open it.
    pub async fn again(&self) -> Self {
        Self::open(Arc::clone(&self.folder), Pace::Instant).await
    }

    /// A conversation with these lanes.
    pub async fn conversation(&self, targets: &[&str]) -> ConversationSnapshot {
        let targets: Vec<String> = targets.iter().map(|target| (*target).to_owned()).collect();
        self.engine.create_conversation(&targets).await.unwrap()
    }
}

/// How tests open an engine.
pub fn options(folder: &Path, pace: Pace) -> Options {
    Options {
        keyring: KeyringUse::Off,
        environment: HashMap::new(),
        demo: true,
        demo_pace: pace,
        logging: false,
        ..Options::new(DataDir::choose(Some(folder)).unwrap(), Process::Window)
    }
}

/// Applies batches the way the real window does.
#[derive(Clone, Default)]
pub struct Window {
    state: Arc<Mutex<Seen>>,
    changed: Arc<Notify>,
}

/// What a window has seen.
#[derive(Default)]
pub struct Seen {
    /// Runs as they stand.
    pub runs: HashMap<RunId, RunView>,
    /// Batches so far.
    pub batches: u32,
    /// The last batch has come.
    pub done: bool,
    /// Retries that were announced.
    pub retries: Vec<(RunId, u32, u64)>,
    /// Waits that were announced, with their reasons.
    pub waits: Vec<(RunId, String)>,
}

impl Window {
    /// A channel of this window, for one turn: its last batch is still to come, whatever the window has followed before.
    pub fn sink(&self) -> TurnSink {
        self.state.lock().unwrap().done = false;
        let window = self.clone();
        let mut next = 0;
        Box::new(move |batch| {
            assert_eq!(batch.seq, next, "a batch was lost or reordered");
            next += 1;
            window.apply(batch);
            true
        })
    }

    fn apply(&self, batch: TurnBatch) {
        let mut seen = self.state.lock().unwrap();
        seen.batches += 1;
        seen.done |= batch.done;
        for event in batch.events {
            match event {
                RunEvent::Snapshot { run } | RunEvent::Finished { run } => {
                    seen.runs.insert(run.id, run);
                }
                RunEvent::Text { run_id, offset, delta } => {
                    let run = seen.runs.get_mut(&run_id).unwrap();
                    assert_eq!(
                        run.text.encode_utf16().count(),
                        offset as usize,
                        "text was dropped or doubled"
                    );
                    run.text.push_str(&delta);
                }
                RunEvent::Reasoning { run_id, offset, delta } => {
                    let run = seen.runs.get_mut(&run_id).unwrap();
                    assert_eq!(
                        run.reasoning.encode_utf16().count(),
                        offset as usize,
                        "reasoning was dropped or doubled"
                    );
                    run.reasoning.push_str(&delta);
                }
                RunEvent::State { run_id, state, model_served, ttft_ms } => {
                    let run = seen.runs.get_mut(&run_id).unwrap();
                    run.state = state;
                    run.model_served = model_served;
                    run.ttft_ms = ttft_ms;
                }
                RunEvent::ToolCalls { run_id, tool_calls } => {
                    seen.runs.get_mut(&run_id).unwrap().tool_calls = tool_calls;
                }
                RunEvent::Retrying { run_id, attempt, wait_ms, .. } => {
                    seen.retries.push((run_id, attempt, wait_ms));
                }
                RunEvent::Waiting { run_id, waiting } => {
                    seen.waits.extend(waiting.iter().map(|wait| (run_id, wait.reason.clone())));
                    seen.runs.get_mut(&run_id).unwrap().waiting = waiting;
                }
            }
        }
        drop(seen);
        self.changed.notify_waiters();
    }

    /// Reads what has been seen.
    pub fn seen<T>(&self, read: impl FnOnce(&Seen) -> T) -> T {
        read(&self.state.lock().unwrap())
    }

    /// Waits until something is seen; fails after twenty seconds.
    pub async fn until(&self, condition: impl Fn(&Seen) -> bool) {
        let waiting = async {
            loop {
                let changed = self.changed.notified();
                tokio::pin!(changed);
                changed.as_mut().enable();
                if self.seen(&condition) {
                    return;
                }
                changed.await;
            }
        };
        let in_time = tokio::time::timeout(std::time::Duration::from_secs(20), waiting).await;
        assert!(in_time.is_ok(), "the window never saw what it waited for");
    }

    /// Waits for the last batch and gives the runs in the order of `ids`.
    pub async fn runs(&self, ids: &[RunView]) -> Vec<RunView> {
        self.until(|seen| seen.done).await;
        self.seen(|seen| ids.iter().map(|run| seen.runs[&run.id].clone()).collect())
    }
}
