//! Launching: what is written is sent. Runs get their tasks, channels their batches.

use std::sync::Arc;

use roundtable_domain::{ConversationId, Layout, RunId, RunState, TurnId};
use roundtable_router::Patience;
use roundtable_store::{FinishedRun, Source};

use super::live::{LiveTurn, TurnSink};
use super::plan::Refused;
use super::run::Task;
use super::write::Begun;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::project::{Ending, finish_view};
use crate::view::{RunView, TurnBatch};

/// Where runs belong.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) conversation_id: ConversationId,
    pub(super) turn_id: TurnId,
    pub(super) source: Source,
    pub(super) patience: Patience,
}

impl Engine {
    /// Brings runs to life: those that are ready get a task, those refused end at once, in place.
    pub(super) async fn launch(&self, place: Place, begun: Vec<Begun>, sink: TurnSink) -> Vec<RunView> {
        let views: Vec<RunView> = begun.iter().map(|one| one.view.clone()).collect();
        let runs = begun.iter().map(|one| (one.view.clone(), one.cancel.clone()));
        let joined = self.inner.live.join(place.turn_id, runs, sink);
        for one in begun {
            match (one.plan.ready, one.call) {
                (Ok(ready), Some(call)) => {
                    let task = Task {
                        engine: self.clone(),
                        live: Arc::clone(&joined.turn),
                        run_id: one.run_id,
                        turn_id: place.turn_id,
                        conversation_id: place.conversation_id,
                        lane_id: one.plan.lane_id,
                        source: place.source,
                        patience: place.patience,
                        ready,
                        reservation_id: call.reservation.id,
                        first_attempt: call.attempt.id,
                        cancel: one.cancel,
                    };
                    self.inner.tasks.spawn(task.run());
                }
                (Err(refused), _) => self.refuse(&joined.turn, one.run_id, refused).await,
                // Every plan that is ready has a call.
                (Ok(_), None) => {}
            }
        }
        if joined.is_new {
            let live = Arc::clone(&self.inner.live);
            let turn = joined.turn;
            self.inner.tasks.spawn(async move { turn.pump(|| live.retire(place.turn_id)).await });
        }
        views
    }

    /// Ends a run for which nothing is sent.
    async fn refuse(&self, live: &LiveTurn, run_id: RunId, refused: Refused) {
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
            call: None,
            settle: Vec::new(),
            source: "model".to_owned(),
            saved: None,
            segments: serde_json::json!([]),
            offers: serde_json::json!([]),
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
