//! What the log says of turns, runs and attempts: ids, names, numbers and categories, never what somebody wrote.
//!
//! A turn is a span, its runs are spans in it, their attempts in those. What is told once per answer is `info`, once per call `debug`, and
//! steps of a call `trace`. Where nobody listens none of it is made.

use roundtable_domain::{AttemptId, LaneId, PicoUsd, RunId};
use roundtable_router::attempt::{Stop, StopReason};
use tracing::Span;

use super::course::NextCall;
use super::finish::End;
use super::record::{Ended, word_of};
use super::run::Place;
use crate::view::BudgetStop;

/// Around everything one prompt starts.
pub(super) fn turn_span(place: Place) -> Span {
    let Place { conversation_id, turn_id, source } = place;
    tracing::info_span!("turn", %turn_id, %conversation_id, source = source.as_str())
}

/// Around one answer.
pub(super) fn run_span(turn: &Span, run_id: RunId, lane_id: LaneId, target: &str) -> Span {
    tracing::info_span!(parent: turn, "run", %run_id, %lane_id, lane = target)
}

/// Around one call.
pub(super) fn attempt_span(attempt_id: AttemptId, next: &NextCall) -> Span {
    let asked = &next.ready.asked;
    tracing::debug_span!(
        "attempt",
        %attempt_id,
        provider = asked.setup.id,
        model = asked.model,
        kind = word_of(next.leave.kind),
        waited_ms = next.leave.waited_ms,
    )
}

/// A call has ended.
pub(super) fn call_ended(ended: &Ended) {
    let attempted = &ended.attempted;
    let error = ended.error();
    let outcome = error.as_ref().map_or("complete", |error| error.category.as_str());
    let usage = ended.booking.as_ref().map(|booking| booking.usage).unwrap_or_default();
    tracing::debug!(
        outcome,
        status = error.and_then(|error| error.status),
        may_be_charged = attempted.may_be_charged,
        ttft_ms = attempted.ttft_ms,
        total_ms = attempted.total_ms,
        input_tokens = usage.input,
        output_tokens = usage.output,
        "call ended"
    );
}

/// An answer has ended and is written, or could not be.
pub(super) fn answer_ended(end: &End, calls: u32, saved: bool) {
    let finished = &end.finished;
    let error = finished.error.as_ref();
    tracing::info!(
        state = finished.state.as_str(),
        outcome = error.map_or("complete", |error| error.category.as_str()),
        provider = finished.provider,
        model = finished.model_requested,
        // Its name is the provider's own words.
        other_served = finished.model_served.is_some() && finished.model_served != finished.model_requested,
        from = finished.source,
        calls,
        ttft_ms = finished.ttft_ms,
        total_ms = finished.total_ms,
        input_tokens = finished.usage.input,
        output_tokens = finished.usage.output,
        cost_pico = finished.cost.as_ref().and_then(|cost| cost.usd).map(PicoUsd::as_pico),
        simulated = end.simulated,
        saved,
        "answer ended"
    );
}

/// Nothing more is tried.
pub(super) fn stopped(stop: &Stop) {
    let why = match stop.reason {
        StopReason::Answered => "answered",
        StopReason::Cancelled => "cancelled",
        StopReason::Hopeless { category } => category.as_str(),
        StopReason::OutOfAttempts => "out_of_attempts",
        StopReason::OutOfTime => "out_of_time",
        StopReason::OutOfMoney => "out_of_money",
        StopReason::WaitTooLong { .. } => "wait_too_long",
        StopReason::RetryStorm => "retry_storm",
        StopReason::NobodyLeft => "nobody_left",
    };
    tracing::debug!(why, passed_over = stop.refusals.len(), "nothing more is tried");
}

/// Budgets have no room for a prompt.
pub(super) fn kept_back(stop: &BudgetStop) {
    for budget in &stop.budgets {
        tracing::info!(
            budget = %budget.id,
            limit_usd = budget.limit_usd,
            lanes = stop.lanes.len(),
            fitting = stop.lanes_that_fit.len(),
            cheaper_fits = stop.cheaper_fits,
            "kept back by budgets"
        );
    }
}
