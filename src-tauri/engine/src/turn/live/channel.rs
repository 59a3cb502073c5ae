//! A channel: what a window has been told of a turn, and the difference to what is true.

use std::collections::HashMap;

use roundtable_domain::{RunId, TurnId};

use super::{LiveRun, TurnSink};
use crate::view::{RunEvent, TurnBatch};

/// The longest piece of text in one event: keeps a batch within what crosses to the window the fast way.
const LONGEST_DELTA_BYTES: usize = 32 * 1024;

pub(super) struct Channel {
    sink: TurnSink,
    seq: u32,
    cursors: HashMap<RunId, Cursor>,
}

#[derive(Clone, Copy, Default)]
struct Cursor {
    text: Position,
    reasoning: Position,
    revision: u64,
    calls_revision: u64,
    restatements: u64,
    waiting_revision: u64,
    finished: bool,
}

#[derive(Clone, Copy, Default)]
struct Position {
    bytes: usize,
    utf16: u32,
}

impl Position {
    fn end_of(text: &str) -> Self {
        Self { bytes: text.len(), utf16: utf16_len(text) }
    }
}

pub(super) fn utf16_len(text: &str) -> u32 {
    u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX)
}

impl Channel {
    /// One that has been told nothing yet.
    pub(super) fn new(sink: TurnSink) -> Self {
        Self { sink, seq: 0, cursors: HashMap::new() }
    }

    /// Sends what is new, if anything; false when nobody listens any more.
    pub(super) fn send(&mut self, turn_id: TurnId, runs: &[LiveRun], over: bool) -> bool {
        let mut events = Vec::new();
        for run in runs {
            match self.cursors.get_mut(&run.view.id) {
                Some(cursor) => cursor.advance(run, &mut events),
                None => {
                    self.cursors.insert(run.view.id, Cursor::start(run, &mut events));
                }
            }
        }
        if events.is_empty() && !over {
            return true;
        }
        let batch = TurnBatch { turn_id, seq: self.seq, events, done: over };
        self.seq += 1;
        (self.sink)(batch)
    }
}

impl Cursor {
    fn start(run: &LiveRun, events: &mut Vec<RunEvent>) -> Self {
        let finished = run.view.state.is_final();
        let run_view = run.view.clone();
        events.push(if finished {
            RunEvent::Finished { run: run_view }
        } else {
            RunEvent::Snapshot { run: run_view }
        });
        Self {
            text: Position::end_of(&run.view.text),
            reasoning: Position::end_of(&run.view.reasoning),
            revision: run.revision,
            calls_revision: run.calls_revision,
            restatements: run.restatements,
            waiting_revision: run.waiting_revision,
            finished,
        }
    }

    fn advance(&mut self, run: &LiveRun, events: &mut Vec<RunEvent>) {
        let view = &run.view;
        if self.finished {
            return;
        }
        if let Some(retrying) = &run.retrying {
            events.push(retrying.clone());
        }
        if self.restatements != run.restatements && !view.state.is_final() {
            *self = Self::start(run, events);
            return;
        }
        if self.waiting_revision != run.waiting_revision && !view.state.is_final() {
            self.waiting_revision = run.waiting_revision;
            events.push(RunEvent::Waiting { run_id: view.id, waiting: view.waiting.clone() });
        }
        if self.revision != run.revision && !view.state.is_final() {
            self.revision = run.revision;
            events.push(RunEvent::State {
                run_id: view.id,
                state: view.state,
                model_served: view.model_served.clone(),
                ttft_ms: view.ttft_ms,
            });
        }
        append(&mut self.reasoning, &view.reasoning, |offset, delta| {
            events.push(RunEvent::Reasoning { run_id: view.id, offset, delta });
        });
        append(&mut self.text, &view.text, |offset, delta| {
            events.push(RunEvent::Text { run_id: view.id, offset, delta });
        });
        if self.calls_revision != run.calls_revision && !view.state.is_final() {
            self.calls_revision = run.calls_revision;
            events.push(RunEvent::ToolCalls { run_id: view.id, tool_calls: view.tool_calls.clone() });
        }
        if view.state.is_final() {
            self.finished = true;
            events.push(RunEvent::Finished { run: view.clone() });
        }
    }
}

/// Emits the text beyond `position` in pieces and moves the position to its end.
fn append(position: &mut Position, text: &str, mut emit: impl FnMut(u32, String)) {
    while let Some(rest) = text.get(position.bytes..).filter(|rest| !rest.is_empty()) {
        let cut = if rest.len() <= LONGEST_DELTA_BYTES {
            rest.len()
        } else {
            rest.floor_char_boundary(LONGEST_DELTA_BYTES)
        };
        let (piece, _) = rest.split_at_checked(cut).unwrap_or((rest, ""));
        emit(position.utf16, piece.to_owned());
        position.bytes += piece.len();
        position.utf16 += utf16_len(piece);
    }
}
