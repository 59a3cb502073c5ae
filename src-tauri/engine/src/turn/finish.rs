//! The end of a run: text, state, entry, settlement, statistics and trace in one transaction, then the window.

use std::sync::Arc;

use roundtable_domain::{
    Answer, AttemptId, Cost, ErrorCategory, ModelRef, PicoUsd, Provenance, RunState, UnixMs,
};
use roundtable_ledger::sum_costs;
use roundtable_router::attempt::{Offer, Resume};
use roundtable_router::trace::{AnswerSource as TracedSource, TraceEnd};
use roundtable_store::{Call, FinishedRun, Requested};
use tracing::Instrument as _;

use super::call::elapsed_ms;
use super::closing::show_end;
use super::outcome::{Outcome, word_of};
use super::record::{Ended, json};
use super::run::Task;
use super::segments::{joined, sum};
use super::told;
use super::write::Whom;
use crate::responses::Kept;
use crate::view::AnswerSource;

/// What is written at the end, and what is told of it afterwards.
pub(super) struct End {
    pub(super) finished: FinishedRun,
    pub(super) ended: Option<Ended>,
    pub(super) answer: Answer,
    pub(super) call_cost: Option<PicoUsd>,
    pub(super) provider_name: String,
    /// The name of the provider the error is about.
    pub(super) fault_of: String,
    pub(super) simulated: bool,
}

impl Task {
    /// Writes the end, then tells the window.
    pub(super) async fn finish(&mut self, outcome: Outcome) {
        let end = self.end(outcome);
        let unsaved = self.write_end(&end).await;
        told::answer_ended(&end, self.progress.calls, unsaved.is_none());
        show_end(&self.live, self.run_id, self.progress.calls, end, unsaved.as_ref());
        self.engine.read_history_ahead(self.lane_id);
    }

    /// Ends this version with its partial text, and begins the next with another model: the budget goes on.
    pub(super) async fn begin_anew_with(mut self, candidate: usize, offer: Offer) {
        let offers = self.offers(&offer);
        let end = self.end(Outcome { offers, ..Outcome::default() });
        let unsaved = self.write_end(&end).await;
        told::answer_ended(&end, self.progress.calls, unsaved.is_none());
        self.course.resume(Resume::Regenerate, candidate, None);
        let first = self.course.next().await;
        let (live, run_id, calls) = (Arc::clone(&self.live), self.run_id, self.progress.calls);
        let tasks = self.engine.inner.tasks.clone();
        // The new version is there before the old one has ended: else the turn would be over in between.
        let next = Box::pin(self.next_version(&end.finished, first)).await;
        show_end(&live, run_id, calls, end, unsaved.as_ref());
        if let Some((task, first)) = next {
            let span = task.span();
            tasks.spawn(task.on_its_way(first).instrument(span));
        }
    }

    fn end(&mut self, mut outcome: Outcome) -> End {
        let now = self.engine.inner.clock.now();
        let ended = self.progress.ended.take();
        let state = self.final_state(ended.as_ref(), &outcome);
        let entry = ended.as_ref().and_then(|ended| self.entry(ended));
        let settle = self.settle(entry.is_some(), now);
        let source = outcome.source();
        let segments = self.segments(ended.as_ref());
        let saved = outcome.kept.as_ref().and_then(|kept| kept.saved);
        let call_cost = ended.as_ref().and_then(Ended::cost);
        let call = self.row(ended.as_ref(), outcome.kept.as_ref(), state, now);
        let cost = self.cost(ended.as_ref(), &outcome);
        let error = outcome.error.take().or_else(|| ended.as_ref().and_then(Ended::error));
        let own = ended.as_ref().map(|ended| ended.attempted.answer.clone()).unwrap_or_default();
        let answer = self.whole_answer(own.clone(), &mut outcome);
        let usage = sum(self.progress.usage, answer.usage).unwrap_or_default();
        let whom = self.whom();
        let served = answer.model_served.clone();
        self.trace_end(state, source, served.as_deref(), now);
        let candidate = self.progress.latest.unwrap_or(0);
        let finished = FinishedRun {
            run_id: self.run_id,
            state,
            text: answer.text,
            reasoning: answer.reasoning,
            refusal: answer.refusal,
            tool_calls: answer.tool_calls,
            layout: answer.layout,
            finish_reason: answer.finish_reason,
            provider: whom.provider,
            model_requested: whom.model,
            model_served: served,
            usage,
            usage_raw: answer.usage_raw,
            cost,
            error: error.filter(|error| error.category != ErrorCategory::Cancelled && !outcome.cancelled),
            ttft_ms: self.progress.ttft_ms,
            total_ms: Some(elapsed_ms(self.progress.started)),
            finished_at: now,
            attempt: ended.as_ref().map(|ended| ended.as_attempt(state)),
            entry,
            settle: settle.into_iter().collect(),
            call,
            source: word_of(source).to_owned(),
            saved,
            segments: json(&segments),
            offers: json(&outcome.offers),
            route: self.course.in_short(candidate).map(|route| json(&route)),
            trace: serde_json::to_string(&self.course.route.trace).ok(),
        };
        let fault_of = finished.error.as_ref().and_then(|error| self.name_of(&error.provider));
        let (provider_name, simulated) = (whom.provider_name, whom.simulated);
        let fault_of = fault_of.unwrap_or_else(|| provider_name.clone());
        End { fault_of, finished, answer: own, ended, call_cost, provider_name, simulated }
    }

    /// What statistics keep of the latest call, or of an answer that needed none.
    fn row(&self, ended: Option<&Ended>, kept: Option<&Kept>, state: RunState, now: UnixMs) -> Option<Call> {
        match (ended, kept) {
            (Some(ended), _) => Some(self.statistics_row(ended, state)),
            (None, Some(kept)) => Some(self.row_of_kept(kept, now)),
            (None, None) => None,
        }
    }

    fn final_state(&self, ended: Option<&Ended>, outcome: &Outcome) -> RunState {
        let state = match ended {
            _ if outcome.kept.is_some() => RunState::Complete,
            _ if outcome.cancelled => RunState::Cancelled,
            Some(ended) => ended.attempted.state(),
            None => RunState::Failed,
        };
        let closing = self.engine.inner.closing.is_cancelled();
        if state == RunState::Cancelled && closing { RunState::Interrupted } else { state }
    }

    /// The text as it stands at the end: the part that was gone on from, then the latest call's; else what the route shows.
    fn whole_answer(&self, own: Answer, outcome: &mut Outcome) -> Answer {
        if let Some(kept) = outcome.kept.take() {
            return kept.answer;
        }
        if let Some(text) = outcome.last_resort.take() {
            return Answer { text, ..Answer::default() };
        }
        match self.course.partial.clone() {
            Some(partial) => joined(partial, own),
            None => own,
        }
    }

    /// What all calls have cost together, with what the run goes on from. An answer that needed no call costs nothing.
    fn cost(&self, ended: Option<&Ended>, outcome: &Outcome) -> Option<Cost> {
        let last = ended.and_then(|ended| ended.booking.as_ref()).map(|booking| booking.cost.clone());
        let cost = sum_costs(self.cost_so_far(self.whom().simulated).chain(last));
        if cost.is_none() && outcome.kept.is_some() {
            return Some(Cost {
                usd: Some(PicoUsd::ZERO),
                provenance: Some(Provenance::Computed),
                ..Cost::unknown()
            });
        }
        cost
    }

    /// What statistics keep of an answer that needed no call.
    fn row_of_kept(&self, kept: &Kept, now: UnixMs) -> Call {
        let whom = self.whom();
        let candidate = self.course.given_by();
        let place = self.course.place(candidate);
        let usage = kept.answer.usage.unwrap_or_default();
        let model = self.course.route.candidates.get(candidate).map(|one| one.asked.model_ref());
        let model = model.unwrap_or(ModelRef { provider: String::new(), model: String::new() });
        Call {
            id: AttemptId::from_uuid(self.engine.inner.clock.new_id()),
            run_id: Some(self.run_id),
            at: now,
            source: kept.source,
            kind: "first".to_owned(),
            provider: model.provider,
            model: model.model,
            model_served: kept.answer.model_served.clone(),
            key: None,
            group: place.group,
            echelon: place.echelon.map(|number| format!("echelon{number}")),
            pool: place.pool,
            state: RunState::Complete,
            category: None,
            wait_ms: 0,
            ttft_ms: None,
            total_ms: Some(elapsed_ms(self.progress.started)),
            input_tokens: usage.input,
            output_tokens: usage.output,
            cost: None,
            saved: kept.saved,
            response: Some(kept.key),
            requested: Requested::default(),
            simulated: whom.simulated,
        }
    }

    /// The name of one of the providers that could be asked.
    fn name_of(&self, provider: &str) -> Option<String> {
        let setups = self.course.route.candidates.iter().map(|one| &one.asked.setup);
        setups.filter(|setup| setup.id == provider).map(|setup| setup.name.clone()).next()
    }

    /// Whom the run's answer is from, or who was asked last.
    fn whom(&self) -> Whom {
        self.course.whom(self.progress.latest.unwrap_or(0))
    }

    fn trace_end(&mut self, state: RunState, source: AnswerSource, served: Option<&str>, at: UnixMs) {
        let provider = self.whom().provider.unwrap_or_default();
        let has_answer = state == RunState::Complete || source == AnswerSource::LastResort;
        self.course.route.trace.end = Some(TraceEnd {
            state,
            source: match source {
                AnswerSource::Cache => TracedSource::Cache,
                AnswerSource::Shared => TracedSource::Shared,
                AnswerSource::LastResort => TracedSource::LastResort,
                AnswerSource::Model if has_answer => TracedSource::Model,
                AnswerSource::Model => TracedSource::Nothing,
            },
            served: served.map(|model| ModelRef { provider, model: model.to_owned() }),
            at,
        });
    }
}
