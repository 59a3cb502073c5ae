//! What is shown while answers come: pieces of text for one lane, a line of progress each for several, objects for programs.

use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use roundtable_domain::RunState;
use roundtable_engine::view::{RunEvent, RunView, TurnBatch, WaitView};
use roundtable_engine::{AnswerRecord, Asking, TurnSink};
use serde_json::json;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::words;
use crate::failure::{FailedAnswer, Failure};
use crate::output;

/// How long a stopped answer may take to be put away.
const DRAIN: Duration = Duration::from_secs(2);

/// Shows answers while they come.
pub(super) struct Watch {
    json: bool,
    stream: bool,
    lanes: Vec<Lane>,
    batches: UnboundedReceiver<TurnBatch>,
    bars: MultiProgress,
}

/// One lane.
struct Lane {
    /// As it was when it began, then as it ended. `None` before the question is under way.
    run: Option<RunView>,
    bar: ProgressBar,
    /// Characters of text that were printed as they came.
    printed: usize,
    /// Characters of text and reasoning that came.
    came: usize,
}

impl Watch {
    /// The channel holds one batch per frame at most, so it stays small though it has no bound.
    pub(super) fn new(json: bool, lanes: usize, stream: bool) -> (Self, TurnSink) {
        let (sender, batches) = unbounded_channel();
        let lane = |_| Lane { run: None, bar: ProgressBar::hidden(), printed: 0, came: 0 };
        let watch =
            Self { json, stream, lanes: (0..lanes).map(lane).collect(), batches, bars: MultiProgress::new() };
        (watch, Box::new(move |batch| sender.send(batch).is_ok()))
    }

    /// Learns which run stands in which lane, and says to people what was left out or changed before sending.
    pub(super) fn of(mut self, asking: &Asking, notices: &[String]) -> Self {
        if !self.json {
            for notice in notices {
                output::note(&format!("note: {notice}"));
            }
            let each = asking.turn.runs.iter().flat_map(|run| run.notices.iter().map(move |one| (run, one)));
            each.for_each(|(run, notice)| output::note(&format!("note: {}: {}", run.target, notice.text)));
        }
        for (lane, run) in self.lanes.iter_mut().zip(&asking.turn.runs) {
            if !self.json
                && let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}  {msg}")
            {
                lane.bar = self.bars.add(ProgressBar::new_spinner().with_style(style));
                lane.bar.set_prefix(run.target.clone());
                lane.bar.enable_steady_tick(Duration::from_millis(120));
            }
            lane.run = Some(run.clone());
        }
        self
    }

    /// Shows what comes until the last answer has ended.
    pub(super) async fn until_over(&mut self) -> Result<(), Failure> {
        while let Some(batch) = self.batches.recv().await {
            for event in batch.events {
                self.show_event(event)?;
            }
            if batch.done {
                break;
            }
        }
        self.clear();
        Ok(())
    }

    /// Waits, silently, for stopped answers to be put away.
    pub(super) async fn drain(&mut self) {
        let ended = async {
            while let Some(batch) = self.batches.recv().await {
                for event in batch.events {
                    self.keep_end(event);
                }
                if batch.done {
                    break;
                }
            }
        };
        // What is not put away in time is recovered at the next start.
        let _ = tokio::time::timeout(DRAIN, ended).await;
        self.clear();
    }

    fn clear(&self) {
        for lane in &self.lanes {
            lane.bar.finish_and_clear();
        }
    }

    fn show_event(&mut self, event: RunEvent) -> Result<(), Failure> {
        match event {
            RunEvent::Text { run_id, delta, .. } => self.show_piece(run_id, "text", &delta),
            RunEvent::Reasoning { run_id, delta, .. } => self.show_piece(run_id, "reasoning", &delta),
            RunEvent::Snapshot { run } => {
                // What came before the first batch.
                self.show_piece(run.id, "reasoning", &run.reasoning)?;
                self.show_piece(run.id, "text", &run.text)
            }
            RunEvent::Retrying { run_id, attempt, wait_ms, reason } => {
                self.show_retry(run_id, attempt, wait_ms, &reason)
            }
            RunEvent::Waiting { run_id, waiting: Some(waiting) } => self.show_wait(run_id, &waiting),
            ended @ RunEvent::Finished { .. } => {
                self.keep_end(ended);
                Ok(())
            }
            // Calls are printed whole, with the answer.
            RunEvent::State { .. } | RunEvent::ToolCalls { .. } | RunEvent::Waiting { waiting: None, .. } => {
                Ok(())
            }
        }
    }

    fn show_piece(
        &mut self,
        run_id: roundtable_domain::RunId,
        kind: &str,
        delta: &str,
    ) -> Result<(), Failure> {
        let (alone, json, stream) = (self.lanes.len() == 1, self.json, self.stream);
        let Some((index, lane)) = self.lane_of(run_id) else { return Ok(()) };
        if delta.is_empty() {
            return Ok(());
        }
        let characters = delta.chars().count();
        lane.came += characters;
        if json {
            let target = lane.run.as_ref().map(|run| run.target.as_str());
            return if stream {
                output::object(&json!({"type": kind, "lane": index, "target": target, "delta": delta}))
            } else {
                Ok(())
            };
        }
        if alone && kind == "text" {
            lane.bar.finish_and_clear();
            lane.printed += characters;
            return output::piece(delta);
        }
        lane.bar.set_message(format!("{kind}: {} characters", lane.came));
        Ok(())
    }

    fn show_wait(&mut self, run_id: roundtable_domain::RunId, waiting: &WaitView) -> Result<(), Failure> {
        let json = self.json;
        let Some((index, lane)) = self.lane_of(run_id) else { return Ok(()) };
        if json {
            let target = lane.run.as_ref().map(|run| run.target.as_str());
            return output::object(&json!({
                "type": "waiting", "lane": index, "target": target, "reason": waiting.reason,
                "until": waiting.until, "text": waiting.text,
            }));
        }
        lane.bar.set_message(waiting.text.clone());
        Ok(())
    }

    fn show_retry(
        &mut self,
        run_id: roundtable_domain::RunId,
        attempt: u32,
        wait_ms: u64,
        reason: &str,
    ) -> Result<(), Failure> {
        let json = self.json;
        let Some((index, lane)) = self.lane_of(run_id) else { return Ok(()) };
        let target = lane.run.as_ref().map(|run| run.target.clone()).unwrap_or_default();
        if json {
            return output::object(&json!({
                "type": "retry", "lane": index, "target": target, "attempt": attempt, "wait_ms": wait_ms, "reason": reason,
            }));
        }
        let message = format!("attempt {attempt} in {wait_ms} ms: {reason}");
        if lane.bar.is_hidden() {
            output::note(&format!("{target}: {message}"));
        } else {
            lane.bar.set_message(message);
        }
        Ok(())
    }

    fn keep_end(&mut self, event: RunEvent) {
        if let RunEvent::Finished { run } = event
            && let Some((_, lane)) = self.lane_of(run.id)
        {
            lane.run = Some(run);
        }
    }

    fn lane_of(&mut self, run_id: roundtable_domain::RunId) -> Option<(usize, &mut Lane)> {
        self.lanes
            .iter_mut()
            .enumerate()
            .find(|(_, lane)| lane.run.as_ref().is_some_and(|run| run.id == run_id))
    }

    /// Prints an answer for people, with a quiet line of figures on standard error.
    pub(super) fn show(&self, lane: usize, record: &AnswerRecord) -> Result<(), Failure> {
        let printed = self.lanes.get(lane).map_or(0, |lane| lane.printed);
        if self.lanes.len() > 1 {
            output::line(&format!("## {}\n", record.run.target))?;
        }
        // Of an answer that was stopped, the last characters may not have been shown yet.
        let rest: String = record.run.text.chars().skip(printed).collect();
        if printed > 0 || !rest.is_empty() {
            output::line(&rest)?;
        }
        let beside = words::beside_text(&record.run);
        for line in &beside {
            output::line(line)?;
        }
        if self.lanes.len() > 1 && record.run.text.is_empty() && beside.is_empty() {
            output::line("(no answer)")?;
        }
        if self.lanes.len() > 1 {
            output::line("")?;
        }
        output::note(&words::figures(&record.run));
        Ok(())
    }

    /// What to tell of the answers that did not complete.
    pub(super) fn failed(&self, records: &[AnswerRecord]) -> Vec<FailedAnswer> {
        let numbered =
            records.iter().enumerate().filter(|(_, record)| record.run.state != RunState::Complete);
        numbered
            .map(|(lane, record)| {
                let view = self.lanes.get(lane).and_then(|lane| lane.run.as_ref());
                words::failed(lane, &record.run, view)
            })
            .collect()
    }
}
