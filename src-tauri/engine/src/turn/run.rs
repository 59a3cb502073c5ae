//! One run's task: drives the request, keeps the live view true, and writes the end.

use std::sync::Arc;
use std::time::Duration;

use roundtable_domain::{
    Answer, AttemptId, ConversationId, Cost, ErrorCategory, LaneId, LedgerEntryId, ProviderError,
    ReservationId, RunId, RunState, StreamEvent, TurnId, UnixMs,
};
use roundtable_ledger::sum_costs;
use roundtable_router::Patience;
use roundtable_store::{
    EndedAttempt, EntryKind, FinishedRun, LedgerEntry, Settle, Settlement, Source, StoreError,
};
use tokio_util::sync::CancellationToken;

use super::drive::{Attempted, Driven, Job, Observer, drive};
use super::live::LiveTurn;
use super::plan::Ready;
use super::settle::{Booking, book};
use crate::engine::Engine;
use crate::project::{Ending, finish_view};

/// How often and how far apart the end of a run is tried to be written, when the disk is full or busy.
const SAVE_AGAIN: [Duration; 3] =
    [Duration::from_millis(100), Duration::from_millis(500), Duration::from_secs(1)];

/// One run and where it belongs.
pub(crate) struct Task {
    pub(crate) engine: Engine,
    pub(crate) live: Arc<LiveTurn>,
    pub(crate) run_id: RunId,
    pub(crate) turn_id: TurnId,
    pub(crate) conversation_id: ConversationId,
    pub(crate) lane_id: LaneId,
    pub(crate) source: Source,
    pub(crate) patience: Patience,
    pub(crate) ready: Ready,
    pub(crate) reservation_id: ReservationId,
    /// The first attempt, written together with the run.
    pub(crate) first_attempt: AttemptId,
    pub(crate) cancel: CancellationToken,
}

impl Task {
    /// Runs to the end. Never fails: what goes wrong is the run's outcome.
    pub(crate) async fn run(self) {
        let mut recorder = Recorder {
            task: &self,
            reservation: Some(self.reservation_id),
            written: Some(self.first_attempt),
            booked: Vec::new(),
        };
        let job = Job {
            endpoint: &self.ready.asked.setup.endpoint(),
            key: self.ready.asked.key.as_ref().map(|key| &key.secret),
            request: &self.ready.request,
            timers: self.ready.timers,
            patience: self.patience,
        };
        let clock = Arc::clone(&self.engine.inner.clock);
        let driven =
            drive(&self.engine.inner.client, &job, &mut recorder, move || clock.jitter(), &self.cancel).await;
        let Recorder { reservation, booked, .. } = recorder;
        self.finish(driven, reservation, booked).await;
    }

    /// The booking of an attempt as an entry of the books.
    fn entry(&self, attempt_id: AttemptId, answer: &Answer, booking: &Booking, at: UnixMs) -> LedgerEntry {
        let asked = &self.ready.asked;
        LedgerEntry {
            id: LedgerEntryId::from_uuid(self.engine.inner.clock.new_id()),
            attempt_id,
            kind: EntryKind::Call,
            at,
            source: self.source,
            conversation_id: Some(self.conversation_id),
            turn_id: Some(self.turn_id),
            run_id: Some(self.run_id),
            lane_id: Some(self.lane_id),
            provider: asked.setup.id.clone(),
            model_requested: asked.model.clone(),
            model_served: answer.model_served.clone(),
            key_id: asked.key.as_ref().and_then(|key| key.id),
            usage: booking.usage,
            usage_raw: answer.usage_raw.clone(),
            cost: booking.cost.clone(),
            price: booking.price.as_ref().and_then(|price| serde_json::to_value(price).ok()),
            simulated: self.ready.is_simulated(),
        }
    }

    /// `now` is the end of the attempt; its price belongs to its beginning.
    fn book(&self, attempt: &Attempted, now: UnixMs) -> Option<Booking> {
        let lasted = i64::try_from(attempt.total_ms).unwrap_or(0);
        let asked_at = UnixMs(now.0.saturating_sub(lasted));
        book(&self.ready.asked.setup, &self.ready.asked.model, attempt, self.ready.prompt_tokens, asked_at)
    }

    fn ended(&self, attempt: &Attempted, state: RunState, at: UnixMs) -> EndedAttempt {
        EndedAttempt {
            id: attempt.id,
            state,
            model_served: attempt.answer.model_served.clone(),
            error: attempt.error(&self.ready.asked.setup.id),
            request_id: attempt.request_id.clone(),
            response_id: attempt.answer.response_id.clone(),
            ttft_ms: attempt.ttft_ms,
            total_ms: Some(attempt.total_ms),
            ended_at: at,
        }
    }

    /// Writes text, state, entry and settlement in one transaction, then tells the window.
    async fn finish(
        &self,
        mut driven: Driven,
        reservation: Option<ReservationId>,
        mut booked: Vec<(AttemptId, Cost)>,
    ) {
        let inner = &self.engine.inner;
        let now = inner.clock.now();
        let last = driven.attempts.pop();
        let booking = last.as_ref().and_then(|attempt| self.book(attempt, now));
        let (mut state, error) = match &last {
            Some(attempt) => (attempt.state(), attempt.error(&self.ready.asked.setup.id)),
            None => (RunState::Failed, driven.refused.clone()),
        };
        if state == RunState::Cancelled && inner.closing.is_cancelled() {
            state = RunState::Interrupted;
        }
        let entry = last
            .as_ref()
            .zip(booking.as_ref())
            .map(|(attempt, booking)| self.entry(attempt.id, &attempt.answer, booking, now));
        let settlement = if entry.is_some() { Settlement::Settled } else { Settlement::Released };
        let attempt = last.as_ref().map(|attempt| self.ended(attempt, state, now));
        // A run that was stopped while it waited ends with an attempt that stands in the books already.
        booked.retain(|(id, _)| entry.as_ref().is_none_or(|entry| entry.attempt_id != *id));
        let earlier = booked.into_iter().map(|(_, cost)| cost);
        let cost = sum_costs(earlier.chain(booking.map(|booking| booking.cost)));
        let answer = last.map(|attempt| attempt.answer).unwrap_or_default();
        let finished = FinishedRun {
            run_id: self.run_id,
            state,
            text: answer.text,
            reasoning: answer.reasoning,
            refusal: answer.refusal,
            tool_calls: answer.tool_calls,
            layout: answer.layout,
            finish_reason: answer.finish_reason,
            provider: Some(self.ready.asked.setup.id.clone()),
            model_requested: Some(self.ready.asked.model.clone()),
            model_served: answer.model_served,
            usage: answer.usage.unwrap_or_default(),
            usage_raw: answer.usage_raw,
            cost,
            error: error.filter(|error| error.category != ErrorCategory::Cancelled),
            ttft_ms: driven.ttft_ms,
            total_ms: Some(driven.total_ms),
            finished_at: now,
            attempt,
            entry,
            call: None,
            settle: reservation
                .map(|reservation_id| Settle { reservation_id, settlement, at: now })
                .into_iter()
                .collect(),
            source: "model".to_owned(),
            saved: None,
            segments: serde_json::json!([]),
            offers: serde_json::json!([]),
            route: None,
            trace: None,
        };
        let unsaved = self.save(&finished).await.err();
        self.learn(&finished).await;
        inner.histories.forget();
        self.show(finished, unsaved.as_ref());
    }

    /// Compares what the prompt was counted at with what the provider says it was.
    async fn learn(&self, finished: &FinishedRun) {
        let Some((estimated, reported)) = self.ready.learn_from.zip(finished.usage.input) else { return };
        let asked = &self.ready.asked;
        let inner = &self.engine.inner;
        if finished.state != RunState::Complete
            || !inner.tokens.learned.learn(&asked.setup.id, &asked.model, estimated, reported)
        {
            return;
        }
        let ratios = inner.store.token_ratios();
        let learnt = ratios.learn(&asked.setup.id, &asked.model, estimated, reported, finished.finished_at);
        if let Err(error) = learnt.await {
            // Only the next start's estimates are the poorer for it.
            tracing::warn!(%error, "what was learnt about token counts could not be saved");
        }
    }

    async fn save(&self, finished: &FinishedRun) -> Result<(), StoreError> {
        let store = &self.engine.inner.store;
        for pause in SAVE_AGAIN {
            match store.finish_run(finished).await {
                Ok(_) => return Ok(()),
                Err(error) => {
                    tracing::warn!(%error, run_id = %self.run_id, "the end of an answer could not be saved");
                }
            }
            tokio::time::sleep(pause).await;
        }
        store.finish_run(finished).await.map(|_| ())
    }

    fn show(&self, finished: FinishedRun, unsaved: Option<&StoreError>) {
        let name = &self.ready.asked.setup.name;
        let ending = Ending::of(finished, self.ready.is_simulated());
        self.live.update(self.run_id, |run| finish_view(run.view(), ending, name, unsaved));
    }
}

/// What cannot be written down is not sent.
fn could_not_record(error: &StoreError) -> ProviderError {
    ProviderError::local(ErrorCategory::Unavailable, "roundtable", format!("Nothing was sent: {error}"))
}

/// Writes attempts down before they are sent, and keeps the live view true while they run.
struct Recorder<'a> {
    task: &'a Task,
    /// What pays for the attempt in flight.
    reservation: Option<ReservationId>,
    /// An attempt that stands in the database already.
    written: Option<AttemptId>,
    /// What earlier attempts of this run were charged.
    booked: Vec<(AttemptId, Cost)>,
}

impl Recorder<'_> {
    /// Sets money aside for a further attempt.
    async fn reserve_again(&mut self) -> Result<ReservationId, ProviderError> {
        if let Some(id) = self.reservation {
            return Ok(id);
        }
        let engine = &self.task.engine;
        let reservation =
            engine.new_reservation(&self.task.ready, self.task.run_id, engine.inner.clock.now());
        let reserved = engine.inner.store.reservations().reserve(&reservation).await;
        reserved.map_err(|error| could_not_record(&error))?;
        self.reservation = Some(reservation.id);
        Ok(reservation.id)
    }
}

impl Observer for Recorder<'_> {
    async fn attempt_begins(&mut self, wait_ms: u64) -> Result<AttemptId, ProviderError> {
        if let Some(id) = self.written.take() {
            return Ok(id);
        }
        let reservation_id = self.reserve_again().await?;
        let engine = &self.task.engine;
        let attempt = engine.new_attempt(&self.task.ready, self.task.run_id, reservation_id, wait_ms);
        engine.inner.store.begin_attempt(&attempt, None, None).await.map_err(|error| could_not_record(&error))?;
        Ok(attempt.id)
    }

    fn replied(&mut self) {
        self.task.live.update(self.task.run_id, |run| run.view().state = RunState::Preamble);
    }

    fn received(&mut self, events: &[StreamEvent], ttft_ms: Option<u64>) {
        self.task.live.update(self.task.run_id, |run| {
            for event in events {
                match event {
                    StreamEvent::Text(delta) => run.append_text(delta),
                    StreamEvent::Reasoning(delta) => run.append_reasoning(delta),
                    StreamEvent::Refusal(delta) => run.view().refusal.push_str(delta),
                    StreamEvent::ToolCallStarted { index, name, .. } => run.begin_tool_call(*index, name),
                    StreamEvent::ToolCallArguments { index, delta } => run.append_arguments(*index, delta),
                    StreamEvent::Started { model: Some(model), .. }
                        if !model.is_empty() && run.peek().model_served.as_ref() != Some(model) =>
                    {
                        run.view().model_served = Some(model.clone());
                    }
                    StreamEvent::Usage { tokens, .. } => run.view().usage = Some(*tokens),
                    _ => {}
                }
            }
            if ttft_ms.is_some() && run.peek().ttft_ms.is_none() {
                let view = run.view();
                view.ttft_ms = ttft_ms;
                view.state = RunState::Committed;
            }
        });
    }

    async fn retrying(&mut self, attempt: &Attempted, wait_ms: u64) {
        let now = self.task.engine.inner.clock.now();
        let entry = self
            .task
            .book(attempt, now)
            .map(|booking| self.task.entry(attempt.id, &attempt.answer, &booking, now));
        let settlement = if entry.is_some() { Settlement::Settled } else { Settlement::Released };
        let settle =
            self.reservation.take().map(|reservation_id| Settle { reservation_id, settlement, at: now });
        let ended = self.task.ended(attempt, attempt.state(), now);
        let store = &self.task.engine.inner.store;
        if let Err(error) = store.end_attempt(&ended, entry.as_ref(), None, settle).await {
            // The reservation stays open and is settled when the data folder is next recovered.
            tracing::warn!(%error, "the end of an attempt could not be saved");
        }
        self.booked.extend(entry.map(|entry| (attempt.id, entry.cost)));
        let reason = ended.error.map(|error| error.message).unwrap_or_default();
        self.task.live.update(self.task.run_id, |run| {
            let next = run.peek().attempts + 1;
            run.view().state = RunState::Connecting;
            run.retrying(next, wait_ms, reason);
        });
    }
}
