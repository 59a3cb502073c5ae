//! What is written of calls: before they are sent, and when they have ended.

use std::sync::Arc;

use roundtable_domain::{AttemptId, Cost, LedgerEntryId, PicoUsd, ProviderError, RunState, UnixMs};
use roundtable_router::attempt::{Kind, Wait, WaitReason};
use roundtable_router::trace::TracedAttempt;
use roundtable_store::{
    Call, CallSource, EndedAttempt, EntryKind, LedgerEntry, Requested, ResponseKey, RoutePlace, RunChange,
    Settle, Settlement, StoreError,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::call::Attempted;
use super::course::NextCall;
use super::ready::Ready;
use super::run::Task;
use super::settle::{Booking, Expected, book};
use crate::keys::FoundKey;
use crate::routing::Leave;

/// A call that has ended, with what is booked for it.
pub(super) struct Ended {
    pub(super) attempted: Attempted,
    pub(super) leave: Leave,
    pub(super) ready: Arc<Ready>,
    pub(super) key: Option<FoundKey>,
    pub(super) booking: Option<Booking>,
    pub(super) at: UnixMs,
    /// Under which kept answers it was looked for.
    response: Option<ResponseKey>,
    place: RoutePlace,
}

/// What a call was charged. As JSON it stands in the row of a run that goes on from it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Charged {
    pub(crate) cost: Cost,
    /// Invented money.
    pub(crate) simulated: bool,
}

impl Ended {
    pub(super) fn error(&self) -> Option<ProviderError> {
        self.attempted.error(&self.ready.asked.setup.id)
    }

    /// What is booked; `None`: nothing is, or its price is not known.
    pub(super) fn cost(&self) -> Option<PicoUsd> {
        self.booking.as_ref().and_then(|booking| booking.cost.usd)
    }

    /// The call in the trace.
    pub(super) fn traced(&self) -> TracedAttempt {
        let error = self.error();
        TracedAttempt {
            model: self.ready.asked.model_ref(),
            key: self.leave.key.clone(),
            kind: self.leave.kind,
            waited_ms: self.leave.waited_ms,
            took_ms: self.attempted.total_ms,
            ttft_ms: self.attempted.ttft_ms,
            failure: error.as_ref().map(|error| error.category),
            retry_after_ms: error.and_then(|error| error.retry_after_ms),
            usd: self.cost(),
            provenance: self.booking.as_ref().and_then(|booking| booking.cost.provenance),
        }
    }

    pub(super) fn as_attempt(&self, state: RunState) -> EndedAttempt {
        let attempted = &self.attempted;
        EndedAttempt {
            id: attempted.id,
            state,
            model_served: attempted.answer.model_served.clone(),
            error: self.error(),
            request_id: attempted.request_id.clone(),
            response_id: attempted.answer.response_id.clone(),
            ttft_ms: attempted.ttft_ms,
            total_ms: Some(attempted.total_ms),
            ended_at: self.at,
        }
    }
}

/// The word of a kind in files and columns.
pub(crate) const fn word_of(kind: Kind) -> &'static str {
    match kind {
        Kind::First => "first",
        Kind::Retry => "retry",
        Kind::NextKey => "next_key",
        Kind::Fallback => "fallback",
        Kind::Trimmed => "trimmed",
        Kind::Continue => "continue",
        Kind::Regenerate => "regenerate",
        Kind::TryAnyway => "try_anyway",
    }
}

impl Task {
    /// Writes a call down before it is sent: with the money set aside for it and the model the run now goes to.
    pub(super) async fn write_down(&mut self, next: &NextCall) -> Result<AttemptId, StoreError> {
        if let Some(id) = self.written.take() {
            return Ok(id);
        }
        let engine = &self.engine;
        let now = engine.inner.clock.now();
        let purpose = (self.place.conversation_id, self.place.source);
        let reservation = engine.new_reservation(next, self.run_id, purpose, now);
        let place = self.course.place(next.leave.candidate);
        let attempt = engine.new_attempt(next, place, self.run_id, reservation.id);
        let change = RunChange {
            params: next.ready.request.params.clone(),
            notices: next.ready.notices.clone(),
            simulated: next.ready.is_simulated(),
            segments: json(&self.course.segments_with(next)),
            route: self.course.in_short(next.leave.candidate).map(|route| json(&route)),
        };
        engine
            .inner
            .store
            .begin_attempt(&attempt, Some(&reservation), Some(&change), &self.course.prompt().admission())
            .await?;
        self.reservation = Some(reservation.id);
        Ok(attempt.id)
    }

    /// What is booked for a call that has just ended. Its price belongs to its beginning.
    pub(super) async fn book(
        &self,
        attempted: Attempted,
        leave: Leave,
        ready: Arc<Ready>,
        key: Option<FoundKey>,
    ) -> Ended {
        let at = self.engine.inner.clock.now();
        let lasted = i64::try_from(attempted.total_ms).unwrap_or(0);
        let asked_at = UnixMs(at.0.saturating_sub(lasted));
        let asked = &ready.asked;
        let expected = Expected {
            prompt_tokens: ready.prompt_tokens,
            most_output: ready.most_output(),
            reserved: ready.reserve.worst,
            counting: self.engine.counting(&asked.setup, &asked.model).await,
        };
        let booking = book(&asked.setup, &asked.model, &attempted, &expected, asked_at);
        let response = self.course.response_key(leave.candidate);
        let place = self.course.place(leave.candidate);
        Ended { attempted, leave, ready, key, booking, at, response, place }
    }

    /// The booking of a call as an entry of the books.
    pub(super) fn entry(&self, ended: &Ended) -> Option<LedgerEntry> {
        let booking = ended.booking.as_ref()?;
        let asked = &ended.ready.asked;
        let answer = &ended.attempted.answer;
        Some(LedgerEntry {
            id: LedgerEntryId::from_uuid(self.engine.inner.clock.new_id()),
            attempt_id: ended.attempted.id,
            kind: EntryKind::Call,
            at: ended.at,
            source: self.place.source,
            conversation_id: Some(self.place.conversation_id),
            turn_id: Some(self.place.turn_id),
            run_id: Some(self.run_id),
            lane_id: Some(self.lane_id),
            provider: asked.setup.id.clone(),
            model_requested: asked.model.clone(),
            model_served: answer.model_served.clone(),
            key_id: ended.key.as_ref().and_then(FoundKey::booked_as),
            usage: booking.usage,
            usage_raw: answer.usage_raw.clone(),
            cost: booking.cost.clone(),
            price: booking.price.as_ref().and_then(|price| serde_json::to_value(price).ok()),
            simulated: ended.ready.is_simulated(),
        })
    }

    /// What statistics keep of a call.
    pub(super) fn statistics_row(&self, ended: &Ended, state: RunState) -> Call {
        let attempted = &ended.attempted;
        let usage = ended.booking.as_ref().map(|booking| booking.usage).unwrap_or_default();
        let model = ended.ready.asked.model_ref();
        Call {
            id: attempted.id,
            run_id: Some(self.run_id),
            at: ended.at,
            source: CallSource::Model,
            kind: word_of(ended.leave.kind).to_owned(),
            provider: model.provider,
            model: model.model,
            model_served: attempted.answer.model_served.clone(),
            key: ended.key.as_ref().map(FoundKey::name),
            group: ended.place.group.clone(),
            echelon: ended.place.echelon.map(|number| format!("echelon{number}")),
            pool: ended.place.pool.clone(),
            state,
            category: ended.error().map(|error| error.category),
            wait_ms: ended.leave.waited_ms,
            ttft_ms: attempted.ttft_ms,
            total_ms: Some(attempted.total_ms),
            input_tokens: usage.input,
            output_tokens: usage.output,
            cost: ended.cost(),
            saved: None,
            response: ended.response,
            requested: self.requested_in(ended),
            simulated: ended.ready.is_simulated(),
        }
    }

    /// What a call was about. What goes on from a part, or was asked for anew on purpose, is nobody else's request.
    fn requested_in(&self, ended: &Ended) -> Requested {
        let asked = &ended.ready.asked;
        let trace = &self.course.route.trace;
        let own = self.course.prompt().fresh || ended.leave.kind == Kind::Continue;
        let request = &ended.ready.request;
        let marked = (!own).then(|| {
            let (provider, endpoint) = (asked.model_ref().provider, asked.setup.endpoint());
            crate::responses::Requested { provider: &provider, endpoint: &endpoint, request }.mark()
        });
        let marked = marked.flatten();
        Requested {
            key: marked.map(|mark| mark.key),
            repeatable: marked.is_some_and(|mark| mark.repeatable),
            asked: Some(trace.asked.clone()),
            complexity: Some(trace.situation.reading.complexity.as_str().to_owned()),
        }
    }

    /// What becomes of the money that was set aside for the latest call.
    pub(super) fn settle(&mut self, is_booked: bool, at: UnixMs) -> Option<Settle> {
        let settlement = if is_booked { Settlement::Settled } else { Settlement::Released };
        self.reservation.take().map(|reservation_id| Settle { reservation_id, settlement, at })
    }

    /// Writes the end of a call after which something else follows, and tells the window. `wait`: what is waited for first.
    pub(super) async fn save_ended(&mut self, wait: Option<Wait>) {
        let Some(ended) = self.progress.ended.take() else { return };
        let entry = self.entry(&ended);
        let settle = self.settle(entry.is_some(), ended.at);
        let state = ended.attempted.state();
        let row = self.statistics_row(&ended, state);
        let store = &self.engine.inner.store;
        let saved = store.end_attempt(&ended.as_attempt(state), entry.as_ref(), Some(&row), settle).await;
        if let Err(error) = saved {
            // The reservation stays open and is settled when the data folder is next recovered.
            tracing::warn!(%error, "the end of an attempt could not be saved");
        }
        self.report_call(Some(&ended), &row);
        self.progress
            .booked
            .extend(entry.map(|entry| Charged { cost: entry.cost, simulated: entry.simulated }));
        let wait_ms = wait
            .filter(|wait| wait.reason == WaitReason::Retry)
            .map_or(0, |wait| wait.until_ms.saturating_sub(self.progress.ended_ms));
        let reason = ended.error().map(|error| error.message).unwrap_or_default();
        let calls = self.progress.calls;
        let seen = ended.attempted.answer.has_content();
        self.live.update(self.run_id, |run| {
            run.view().state = RunState::Connecting;
            if !seen {
                run.retrying(calls + 1, wait_ms, reason);
            }
        });
    }

    /// What everything written so far has cost, with what the run goes on from; real and invented money never mix.
    pub(super) fn cost_so_far(&self, simulated: bool) -> impl Iterator<Item = Cost> {
        let charged = self.begun_cost.iter().chain(&self.progress.booked);
        charged.filter(move |one| one.simulated == simulated).map(|one| one.cost.clone())
    }
}

/// A view as it is kept in a row. These types serialise without fail.
pub(super) fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}
