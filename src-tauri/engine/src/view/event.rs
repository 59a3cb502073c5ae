//! What a turn's channel carries: at most one batch per frame, whatever the token rate.

use roundtable_domain::{RunId, RunState, TurnId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::conversation::{RunView, ToolCallView};
use super::trace::WaitView;

/// All that happened to a turn's runs since the last batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TurnBatch {
    /// The turn.
    pub turn_id: TurnId,
    /// Counts up by one per batch on one channel, from 0. A gap means a lost batch: watch the turn again.
    pub seq: u32,
    /// In order.
    pub events: Vec<RunEvent>,
    /// No batch follows: every run of the turn has ended.
    pub done: bool,
}

/// One thing that happened to a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum RunEvent {
    /// The whole run as it stands; replaces what the window knows of it. First for every run on a new channel.
    Snapshot {
        /// The run.
        run: RunView,
    },
    /// The state changed.
    State {
        /// The run.
        run_id: RunId,
        /// Now.
        state: RunState,
        /// The model that serves it, once known.
        model_served: Option<String>,
        /// Time to the first semantic delta, once known, in milliseconds.
        #[ts(type = "number | null")]
        ttft_ms: Option<u64>,
    },
    /// Text to append.
    Text {
        /// The run.
        run_id: RunId,
        /// Length of the text before it, in UTF-16 code units (JavaScript's string length).
        offset: u32,
        /// The piece.
        delta: String,
    },
    /// Reasoning to append.
    Reasoning {
        /// The run.
        run_id: RunId,
        /// Length of the reasoning before it, in UTF-16 code units.
        offset: u32,
        /// The piece.
        delta: String,
    },
    /// The tool calls so far, all of them; replaces what was known. At most once a batch.
    ToolCalls {
        /// The run.
        run_id: RunId,
        /// In order of appearance.
        tool_calls: Vec<ToolCallView>,
    },
    /// An attempt failed before anything was shown, and another follows.
    Retrying {
        /// The run.
        run_id: RunId,
        /// The next attempt's number, from 2.
        attempt: u32,
        /// How long until it is made, in milliseconds.
        #[ts(type = "number")]
        wait_ms: u64,
        /// What failed, in a few words.
        reason: String,
    },
    /// It waits before it is sent, or does not wait any more.
    Waiting {
        /// The run.
        run_id: RunId,
        /// What for.
        waiting: Option<WaitView>,
    },
    /// The run has ended: its final text, metrics and cost, as stored.
    Finished {
        /// The run.
        run: RunView,
    },
}
