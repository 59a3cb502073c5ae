//! Launching: what is written is sent. Runs get their tasks, channels their batches.

use std::sync::Arc;

use roundtable_domain::{Layout, RunId, RunState, TurnId};
use roundtable_store::{FinishedRun, StoreError};
use serde_json::json;
use tracing::{Instrument as _, Span};

use super::course::Move;
use super::live::{self, LiveTurn, TurnSink};
use super::plan::{PlannedRun, Refused, Way};
use super::record::Charged;
use super::run::{Place, Progress, Task};
use super::told;
use super::write::Begun;
use crate::alerts::InTheWay;
use crate::budgets::not_called;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::project::{Ending, finish_view};
use crate::view::{RunView, TurnBatch};

impl Engine {
    /// Brings runs to life: those on their way get a task, those refused end at once, in place. `begun_cost`: what the part
    /// that is gone on from has cost.
    pub(super) async fn launch(
        &self,
        place: Place,
        begun: Vec<Begun>,
        begun_cost: Option<Charged>,
        sink: TurnSink,
    ) -> Vec<RunView> {
        let views: Vec<RunView> = begun.iter().map(|one| one.view.clone()).collect();
        let runs = begun.iter().map(|one| (one.view.clone(), one.cancel.clone()));
        let span = told::turn_span(place);
        tracing::info!(parent: &span, lanes = begun.len(), "turn begun");
        let now = live::Begun { at: self.inner.clock.now(), id: self.inner.clock.new_id() };
        let joined = self.inner.live.join(place.turn_id, now, runs, sink);
        for one in begun {
            match self.task((place, &span), one, begun_cost.clone(), &joined.turn) {
                Ok((task, first)) => {
                    let span = task.span();
                    self.inner.tasks.spawn(task.run(first).instrument(span));
                }
                Err((run_id, refused)) => self.refuse(&joined.turn, run_id, *refused).await,
            }
        }
        if joined.is_new {
            let live = Arc::clone(&self.inner.live);
            let turn = joined.turn;
            let engine = self.clone();
            self.inner.tasks.spawn(async move {
                turn.pump(|| live.retire(place.turn_id)).await;
                engine.report_turn(place, &turn);
            });
        }
        views
    }

    /// The task of a run and the first thing it does.
    fn task(
        &self,
        (place, span): (Place, &Span),
        begun: Begun,
        begun_cost: Option<Charged>,
        live: &Arc<LiveTurn>,
    ) -> Result<(Task, Move), (RunId, Box<Refused>)> {
        let Begun { plan, run_id, call, cancel, .. } = begun;
        let Way { mut course, first } = plan.way.map_err(|refused| (run_id, Box::new(refused)))?;
        course.written(place.turn_id);
        let task = Task {
            engine: self.clone(),
            live: Arc::clone(live),
            run_id,
            lane_id: plan.lane_id,
            place,
            course,
            written: call.as_ref().map(|call| call.attempt.id),
            reservation: call.map(|call| call.reservation.id),
            begun_cost,
            cancel,
            turn_span: span.clone(),
            progress: Progress::default(),
        };
        Ok((task, first))
    }

    /// Ends a run for which nothing is sent.
    async fn refuse(&self, live: &LiveTurn, run_id: RunId, refused: Refused) {
        tracing::debug!(%run_id, outcome = refused.error.category.as_str(), "nothing is sent for a lane");
        let now = self.inner.clock.now();
        let finished = FinishedRun {
            run_id,
            state: RunState::Failed,
            text: String::new(),
            reasoning: String::new(),
            refusal: String::new(),
            tool_calls: Vec::new(),
            layout: Layout::default(),
            finish_reason: None,
            provider: refused.provider,
            model_requested: refused.model,
            model_served: None,
            usage: roundtable_domain::TokenUsage::default(),
            usage_raw: None,
            cost: None,
            error: Some(refused.error),
            ttft_ms: None,
            total_ms: None,
            finished_at: now,
            attempt: None,
            entry: None,
            settle: Vec::new(),
            call: None,
            source: "model".to_owned(),
            saved: None,
            segments: json!([]),
            offers: json!([]),
            route: None,
            trace: None,
        };
        let unsaved = self.inner.store.finish_run(&finished).await.err();
        live.update(run_id, |run| {
            let name = run.peek().provider_name.clone();
            finish_view(run.view(), Ending::of(finished, false), &name, unsaved.as_ref());
        });
    }

    /// Follows a turn. One that has ended gets a single batch with its answers.
    pub async fn watch_turn(&self, turn_id: TurnId, sink: TurnSink) -> Result<(), crate::view::AppError> {
        let Err(mut sink) = self.inner.live.watch(turn_id, sink) else { return Ok(()) };
        let directory = self.directory().await?;
        let turn = self.inner.store.turns().get(turn_id).await.map_err(EngineError::from)?;
        let snapshot =
            self.inner.store.conversation_snapshot(turn.conversation_id).await.map_err(EngineError::from)?;
        let runs = snapshot.turns.into_iter().filter(|one| one.turn.id == turn_id).flat_map(|one| one.runs);
        let events = runs
            .map(|run| crate::view::RunEvent::Finished { run: crate::project::run_view(run, &directory) })
            .collect();
        sink(TurnBatch { turn_id, seq: 0, events, done: true });
        Ok(())
    }
}

impl Task {
    /// Writes the next version of an answer that is begun anew, and brings it to life beside the one that ends. The plan goes on
    /// with it, and so does its budget. `None`: it could not be written, which the ending version's offers make up for.
    pub(super) async fn next_version(self, ended: &FinishedRun, first: Move) -> Option<(Self, Move)> {
        let Self { engine, live, lane_id, place, mut course, turn_span, .. } = self;
        course.route.trace.end = None;
        let admission = course.prompt().admission();
        let plan = PlannedRun {
            lane_id,
            target: course.lane.target.clone(),
            params: course.lane.params.clone(),
            way: Ok(Way { course, first }),
        };
        let instead = plan.unsent();
        let written = match engine.write_retry(plan, place, None, &admission).await {
            // A budget has no room for it: the version is there all the same, and says so.
            Err(EngineError::Store(StoreError::OverBudget(over))) => {
                engine.tell_of_refusals(&InTheWay::of_call(&over)).await;
                let refused = instead.not_afforded(not_called(&over));
                engine.write_retry(refused, place, None, &admission).await
            }
            written => written,
        };
        match written {
            Ok(begun) => {
                live.add_run(begun.view.clone(), begun.cancel.clone());
                match engine.task((place, &turn_span), begun, None, &live) {
                    Ok(task) => Some(task),
                    Err((run_id, refused)) => {
                        engine.refuse(&live, run_id, *refused).await;
                        None
                    }
                }
            }
            Err(error) => {
                tracing::warn!(code = error.code(), run_id = %ended.run_id, "an answer could not be begun anew");
                None
            }
        }
    }
}
