//! Turns in flight: the authoritative text, and the channels that follow it.
//!
//! A channel is a cursor into the state, not a queue of events: once per frame each one is sent the difference between what
//! it has been told and what is true. So a batch never grows with the token rate, nothing can be dropped or reordered, and
//! a window that comes back only needs a new cursor.

mod channel;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use roundtable_domain::{LaneId, RunId, ToolCall, TurnId, UnixMs};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use self::channel::Channel;
use crate::view::{RunEvent, RunView, ToolCallView, TurnBatch, WaitView};

/// Takes one batch; returns false when nobody listens any more.
pub type TurnSink = Box<dyn FnMut(TurnBatch) -> bool + Send>;

/// The shortest time between two batches on one channel: 60 a second.
const FRAME: Duration = Duration::from_micros(16_667);

/// One time a turn is on its way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Begun {
    /// Since when.
    pub(crate) at: UnixMs,
    /// What tells it from other times: a turn may be taken up again.
    pub(crate) id: Uuid,
}

/// One turn while any of its runs is in flight.
pub(crate) struct LiveTurn {
    turn_id: TurnId,
    begun: Begun,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    runs: Vec<LiveRun>,
    channels: Vec<Channel>,
}

struct LiveRun {
    view: RunView,
    cancel: CancellationToken,
    /// Bytes that are checkpointed.
    stored: Stored,
    /// Counts changes other than appended text.
    revision: u64,
    /// Counts changes of tool calls.
    calls_revision: u64,
    /// Counts changes that only the whole run can tell.
    restatements: u64,
    /// Counts changes of what it waits for.
    waiting_revision: u64,
    retrying: Option<RunEvent>,
    /// What the provider calls its tool calls, which the window is not told.
    call_ids: Vec<Option<String>>,
}

/// How much of a run is checkpointed: bytes of what only grows, and which state of its tool calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) text: usize,
    pub(crate) reasoning: usize,
    pub(crate) refusal: usize,
    pub(crate) calls_revision: u64,
}

/// A run in flight of which something is not checkpointed.
pub(crate) struct Unsaved<'a> {
    pub(crate) view: &'a RunView,
    /// Its tool calls as far as they have come; `None` when they are checkpointed so.
    pub(crate) tool_calls: Option<Vec<ToolCall>>,
    /// What is checkpointed.
    pub(crate) stored: Stored,
    /// What will be, when all of it is written.
    pub(crate) all: Stored,
}

impl LiveTurn {
    pub(crate) fn new(turn_id: TurnId, begun: Begun) -> Self {
        Self { turn_id, begun, state: Mutex::default(), changed: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic in a sink leaves the text as it was: it is still the truth.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When it was brought to life.
    pub(crate) const fn begun(&self) -> Begun {
        self.begun
    }

    /// Adds a run.
    pub(crate) fn add_run(&self, view: RunView, cancel: CancellationToken) {
        // What a run goes on from stands in its row already.
        let stored = Stored { text: view.text.len(), reasoning: view.reasoning.len(), ..Stored::default() };
        self.lock().runs.push(LiveRun {
            view,
            cancel,
            stored,
            revision: 1,
            calls_revision: 0,
            restatements: 0,
            waiting_revision: 0,
            retrying: None,
            call_ids: Vec::new(),
        });
        self.changed.notify_one();
    }

    /// Adds a channel; its first batch holds a snapshot of every run.
    pub(crate) fn add_channel(&self, sink: TurnSink) {
        self.lock().channels.push(Channel::new(sink));
        self.changed.notify_one();
    }

    /// Changes a run and wakes the pump.
    pub(crate) fn update<T>(&self, run_id: RunId, change: impl FnOnce(&mut RunUpdate<'_>) -> T) -> Option<T> {
        let mut state = self.lock();
        let run = state.runs.iter_mut().find(|run| run.view.id == run_id)?;
        let result = change(&mut RunUpdate { run });
        drop(state);
        self.changed.notify_one();
        Some(result)
    }

    /// All runs as they stand.
    pub(crate) fn runs(&self) -> Vec<RunView> {
        self.lock().runs.iter().map(|run| run.view.clone()).collect()
    }

    /// Whether a run of this lane is in flight.
    pub(crate) fn is_busy(&self, lane_id: LaneId) -> bool {
        self.lock().runs.iter().any(|run| run.view.lane_id == lane_id && !run.view.state.is_final())
    }

    /// Stops one run, or all. Harmless when they have ended.
    pub(crate) fn stop(&self, run_id: Option<RunId>) {
        for run in self.lock().runs.iter().filter(|run| run_id.is_none_or(|id| run.view.id == id)) {
            run.cancel.cancel();
        }
    }

    /// Reads the runs in flight that have grown since they were checkpointed.
    pub(crate) fn for_each_unsaved(&self, mut read: impl FnMut(Unsaved<'_>)) {
        for run in self.lock().runs.iter().filter(|run| !run.view.state.is_final()) {
            let (stored, all) = (run.stored, run.all());
            if stored != all {
                let tool_calls = (stored.calls_revision != all.calls_revision).then(|| run.tool_calls());
                read(Unsaved { view: &run.view, tool_calls, stored, all });
            }
        }
    }

    /// Notes how much of a run is checkpointed.
    pub(crate) fn set_stored(&self, run_id: RunId, stored: Stored) {
        if let Some(run) = self.lock().runs.iter_mut().find(|run| run.view.id == run_id) {
            run.stored = stored;
        }
    }

    /// Whether every run has ended.
    pub(crate) fn is_over(&self) -> bool {
        self.lock().runs.iter().all(|run| run.view.state.is_final())
    }

    /// Sends batches until every run has ended. `retire` forgets the turn, unless a run was added meanwhile: then it
    /// returns false and the pump goes on.
    pub(crate) async fn pump(&self, retire: impl Fn() -> bool) {
        loop {
            self.changed.notified().await;
            let over = self.is_over() && retire();
            self.send(over);
            if over {
                return;
            }
            tokio::time::sleep(FRAME).await;
        }
    }

    fn send(&self, over: bool) {
        let mut state = self.lock();
        let State { runs, channels } = &mut *state;
        channels.retain_mut(|channel| channel.send(self.turn_id, runs, over));
        for run in runs.iter_mut() {
            run.retrying = None;
        }
        if over {
            channels.clear();
        }
    }
}

impl LiveRun {
    fn all(&self) -> Stored {
        Stored {
            text: self.view.text.len(),
            reasoning: self.view.reasoning.len(),
            refusal: self.view.refusal.len(),
            calls_revision: self.calls_revision,
        }
    }

    /// The calls whose arguments have begun to come. One that is cut off there is no JSON, so that nobody takes it for whole; one
    /// without any arguments yet could be taken for a call that needs none.
    fn tool_calls(&self) -> Vec<ToolCall> {
        let calls = self.view.tool_calls.iter().zip(&self.call_ids);
        calls
            .filter(|(call, _)| !call.arguments.trim().is_empty())
            .map(|(call, id)| ToolCall {
                id: id.clone(),
                name: call.name.clone(),
                arguments: call.arguments.clone(),
            })
            .collect()
    }
}

/// What may be changed of a run in flight.
pub(crate) struct RunUpdate<'a> {
    run: &'a mut LiveRun,
}

impl RunUpdate<'_> {
    /// The view, for changes other than appended text: state, model, metrics.
    pub(crate) fn view(&mut self) -> &mut RunView {
        self.run.revision += 1;
        &mut self.run.view
    }

    /// Reads without counting as a change.
    pub(crate) fn peek(&self) -> &RunView {
        &self.run.view
    }

    pub(crate) fn append_text(&mut self, delta: &str) {
        self.run.view.text.push_str(delta);
    }

    pub(crate) fn append_reasoning(&mut self, delta: &str) {
        self.run.view.reasoning.push_str(delta);
    }

    /// A tool call begins; `index` counts the calls of the answer.
    pub(crate) fn begin_tool_call(&mut self, index: usize, id: Option<&str>, name: &str) {
        self.run.calls_revision += 1;
        let (calls, ids) = (&mut self.run.view.tool_calls, &mut self.run.call_ids);
        if calls.len() <= index {
            calls.resize_with(index + 1, ToolCallView::default);
            ids.resize_with(index + 1, || None);
        }
        if let (Some(call), Some(known)) = (calls.get_mut(index), ids.get_mut(index)) {
            name.clone_into(&mut call.name);
            *known = id.map(str::to_owned);
        }
    }

    pub(crate) fn append_arguments(&mut self, index: usize, delta: &str) {
        self.run.calls_revision += 1;
        if let Some(call) = self.run.view.tool_calls.get_mut(index) {
            call.arguments.push_str(delta);
        }
    }

    /// What was changed is told as a whole: the model, who wrote which part.
    pub(crate) fn restate(&mut self) {
        self.run.restatements += 1;
    }

    /// What the run waits for; `None`: it does not wait.
    pub(crate) fn waiting(&mut self, waiting: Option<WaitView>) {
        if self.run.view.waiting != waiting {
            self.run.view.waiting = waiting;
            self.run.waiting_revision += 1;
        }
    }

    /// Tells once that another attempt follows.
    pub(crate) fn retrying(&mut self, attempt: u32, wait_ms: u64, reason: String) {
        let run_id = self.run.view.id;
        self.view().attempts = attempt;
        self.run.retrying = Some(RunEvent::Retrying { run_id, attempt, wait_ms, reason });
    }
}

#[cfg(test)]
mod tests;
