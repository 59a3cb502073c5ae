//! Saves streamed text on its way: at least every half second, all runs in one transaction.

use std::sync::Arc;
use std::time::Duration;

use roundtable_domain::{RunId, UnixMs};
use roundtable_store::{RunCheckpoint, Store, StoreError};
use tokio_util::sync::CancellationToken;

use super::live::{LiveTurn, Stored, Unsaved};
use super::registry::LiveTurns;
use crate::clock::Clock;

/// The time between two checkpoints; with the write itself it stays below the promised 500 ms.
const TICK: Duration = Duration::from_millis(350);

/// Saves until told to end.
pub(crate) async fn keep_saving(
    store: Store,
    live: Arc<LiveTurns>,
    clock: Arc<dyn Clock>,
    end: CancellationToken,
) {
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = end.cancelled() => return,
            _ = tick.tick() => save(&store, &live, clock.now()).await,
        }
    }
}

/// Saves what has grown since the last time.
async fn save(store: &Store, live: &LiveTurns, now: UnixMs) {
    let turns = live.all();
    let (mut checkpoints, mut ends) = (Vec::new(), Vec::new());
    for turn in &turns {
        turn.for_each_unsaved(|unsaved| {
            ends.push(unsaved.all);
            checkpoints.push(checkpoint(unsaved, now));
        });
    }
    if checkpoints.is_empty() {
        return;
    }
    match store.checkpoint_runs(&checkpoints).await {
        Ok(()) => {
            for (done, end) in checkpoints.iter().zip(ends) {
                note_stored(&turns, done.run_id, end);
            }
        }
        // The tick before was written after all: go on from there.
        Err(StoreError::CheckpointGap { run_id, .. }) => {
            tracing::warn!(%run_id, "a checkpoint did not continue what is stored");
            resynchronise(store, &turns, run_id).await;
        }
        // The text is safe in memory and the next tick tries again; the end of the run reports what stays broken.
        Err(error) => tracing::warn!(%error, "streamed text could not be saved"),
    }
}

fn checkpoint(unsaved: Unsaved<'_>, now: UnixMs) -> RunCheckpoint {
    let Unsaved { view, tool_calls, stored, .. } = unsaved;
    let rest = |text: &str, from: usize| text.get(from..).unwrap_or_default().to_owned();
    RunCheckpoint {
        run_id: view.id,
        state: view.state,
        text_offset: bytes(stored.text),
        text: rest(&view.text, stored.text),
        reasoning_offset: bytes(stored.reasoning),
        reasoning: rest(&view.reasoning, stored.reasoning),
        refusal: Some(view.refusal.clone()).filter(|text| !text.is_empty()),
        tool_calls,
        model_served: view.model_served.clone(),
        usage: view.usage,
        usage_raw: None,
        ttft_ms: view.ttft_ms,
        at: now,
    }
}

async fn resynchronise(store: &Store, turns: &[Arc<LiveTurn>], run_id: RunId) {
    if let Ok(run) = store.runs().get(run_id).await {
        note_stored(
            turns,
            run_id,
            Stored { text: run.text.len(), reasoning: run.reasoning.len(), ..Stored::default() },
        );
    }
}

fn note_stored(turns: &[Arc<LiveTurn>], run_id: RunId, stored: Stored) {
    for turn in turns {
        turn.set_stored(run_id, stored);
    }
}

fn bytes(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
