//! Counting calls into one row.

use std::collections::HashMap;

use roundtable_domain::{ErrorCategory, PicoUsd, RunState, UnixMs};
use roundtable_store::{CallSource, CountedCall};

use super::spread::spread;
use crate::view::{ErrorCount, StatisticsOf, StatisticsRow, TrendPoint};

/// Steps of a trend.
const STEPS: usize = 12;

/// Answers shorter than this, in tokens or in milliseconds, say nothing of speed.
const FEWEST_TOKENS: u64 = 2;
const SHORTEST_MS: u64 = 50;

/// A hundred-millionth of a dollar, in pico-dollars: what a mean cost is rounded to.
const ROUNDED_TO_PICO: i128 = 10_000;

/// Calls that were made because another target had failed, in the router's words.
const AFTER_A_FAILURE: [&str; 3] = ["fallback", "continue", "regenerate"];

/// From when until when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub(crate) since: UnixMs,
    pub(crate) until: UnixMs,
}

/// What is counted for one row.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    requests: u64,
    succeeded: u64,
    cancelled: u64,
    errors: HashMap<ErrorCategory, u64>,
    latencies: Vec<u64>,
    ttfts: Vec<u64>,
    speeds: Mean,
    /// Pico-dollars.
    cost: i128,
    /// Calls whose cost is known.
    priced: u64,
    after_a_failure: u64,
    /// Requests that needed no call of their own.
    kept: u64,
    /// Pico-dollars.
    saved: i128,
    trend: [Step; STEPS],
}

#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    sum: f64,
    count: f64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Step {
    requests: u64,
    succeeded: u64,
    latency_ms: u64,
    /// Those of the succeeded whose latency is known.
    timed: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, call: &CountedCall, window: Window) {
        if call.source != CallSource::Model {
            self.kept += 1;
            self.saved += pico(call.saved);
            return;
        }
        self.requests += 1;
        self.after_a_failure += u64::from(AFTER_A_FAILURE.contains(&call.kind.as_str()));
        self.cost += pico(call.cost);
        self.priced += u64::from(call.cost.is_some());
        self.ttfts.extend(call.ttft_ms);
        if let Some(speed) = tokens_per_second(call) {
            self.speeds.sum += speed;
            self.speeds.count += 1.0;
        }
        let succeeded = call.state == RunState::Complete;
        match call.state {
            RunState::Complete => {
                self.succeeded += 1;
                self.latencies.extend(call.total_ms);
            }
            RunState::Cancelled | RunState::Interrupted => self.cancelled += 1,
            RunState::Truncated => self.count_error(call.category.unwrap_or(ErrorCategory::Truncated)),
            _ => self.count_error(call.category.unwrap_or(ErrorCategory::Unavailable)),
        }
        if let Some(step) = self.trend.get_mut(window.step(call.at)) {
            step.requests += 1;
            if succeeded {
                step.succeeded += 1;
                step.latency_ms = step.latency_ms.saturating_add(call.total_ms.unwrap_or(0));
                step.timed += u64::from(call.total_ms.is_some());
            }
        }
    }

    fn count_error(&mut self, category: ErrorCategory) {
        *self.errors.entry(category).or_default() += 1;
    }

    pub(crate) fn into_row(
        self,
        of: StatisticsOf,
        name: String,
        label: String,
        simulated: bool,
        window: Window,
    ) -> StatisticsRow {
        let mut errors: Vec<ErrorCount> =
            self.errors.into_iter().map(|(category, count)| ErrorCount { category, count }).collect();
        errors
            .sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.category.as_str().cmp(b.category.as_str())));
        StatisticsRow {
            of,
            name,
            label,
            simulated,
            requests: self.requests,
            succeeded: self.succeeded,
            cancelled: self.cancelled,
            errors,
            latency: spread(self.latencies),
            ttft: spread(self.ttfts),
            tokens_per_second: (self.speeds.count > 0.0).then(|| self.speeds.sum / self.speeds.count),
            usd: usd(self.cost),
            usd_per_request: mean_usd(self.cost, self.priced),
            fallback_rate: share(self.after_a_failure, self.requests),
            cache_rate: share(self.kept, self.kept + self.requests),
            saved_usd: usd(self.saved),
            trend: (0_u64..).zip(self.trend).map(|(index, step)| step.into_point(window, index)).collect(),
        }
    }
}

impl Window {
    fn length_ms(self) -> u64 {
        self.until.since_ms(self.since).max(1)
    }

    /// The step of the trend a moment falls into; the last one holds the end.
    fn step(self, at: UnixMs) -> usize {
        let steps = u128::try_from(STEPS).unwrap_or(u128::MAX);
        let step = u128::from(at.since_ms(self.since)) * steps / u128::from(self.length_ms());
        usize::try_from(step).unwrap_or(usize::MAX).min(STEPS - 1)
    }

    fn begin_of(self, index: u64) -> UnixMs {
        let steps = u64::try_from(STEPS).unwrap_or(u64::MAX);
        let after = i64::try_from(self.length_ms().saturating_mul(index) / steps).unwrap_or(i64::MAX);
        UnixMs(self.since.0.saturating_add(after))
    }
}

impl Step {
    fn into_point(self, window: Window, index: u64) -> TrendPoint {
        TrendPoint {
            at: window.begin_of(index),
            requests: self.requests,
            succeeded: self.succeeded,
            average_ms: self.latency_ms.checked_div(self.timed),
        }
    }
}

/// Answer tokens a second, from the first semantic delta to the end.
#[expect(clippy::cast_precision_loss, reason = "a speed for people; counts are far below 2^52")]
fn tokens_per_second(call: &CountedCall) -> Option<f64> {
    let streamed_ms = call.total_ms?.checked_sub(call.ttft_ms?)?;
    let tokens = call.output_tokens?;
    (tokens >= FEWEST_TOKENS && streamed_ms >= SHORTEST_MS)
        .then(|| (tokens as f64) * 1_000.0 / (streamed_ms as f64))
}

#[expect(clippy::cast_precision_loss, reason = "a share for people; counts are far below 2^52")]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

pub(crate) fn pico(amount: Option<PicoUsd>) -> i128 {
    amount.map_or(0, |amount| i128::from(amount.as_pico()))
}

/// Exact; an amount larger than the books can hold is shown as the largest they can.
pub(crate) fn usd(pico: i128) -> String {
    PicoUsd::from_pico_i128(pico).unwrap_or(PicoUsd::from_pico(i64::MAX)).to_string()
}

/// The mean, rounded half up.
pub(crate) fn mean_usd(pico: i128, calls: u64) -> Option<String> {
    let calls = i128::from(calls);
    let rounded = (pico * 2 + calls * ROUNDED_TO_PICO).checked_div(2 * calls * ROUNDED_TO_PICO)?;
    Some(usd(rounded * ROUNDED_TO_PICO))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use roundtable_store::Requested;

    /// A good call of a second and a half: 100 tokens in one second after half of one.
    pub(crate) fn call(at: i64) -> CountedCall {
        CountedCall {
            at: UnixMs(at),
            source: CallSource::Model,
            kind: "first".to_owned(),
            provider: "openai".to_owned(),
            model: "gpt-4o".to_owned(),
            key: None,
            group: None,
            echelon: None,
            pool: None,
            state: RunState::Complete,
            category: None,
            ttft_ms: Some(500),
            total_ms: Some(1_500),
            input_tokens: Some(10),
            output_tokens: Some(100),
            cost: Some(PicoUsd::from_pico(20_000_000)),
            saved: None,
            requested: Requested::default(),
            simulated: false,
        }
    }

    fn row(calls: &[CountedCall]) -> StatisticsRow {
        let window = Window { since: UnixMs(0), until: UnixMs(1_200) };
        let mut tally = Tally::default();
        for call in calls {
            tally.add(call, window);
        }
        tally.into_row(StatisticsOf::Model, String::new(), String::new(), false, window)
    }

    #[test]
    fn every_call_counts_as_one_of_four() {
        let state = |state, category| CountedCall { state, category, ..call(1) };
        let row = row(&[
            call(1),
            state(RunState::Cancelled, Some(ErrorCategory::Cancelled)),
            state(RunState::Interrupted, None),
            state(RunState::Truncated, None),
            state(RunState::Failed, Some(ErrorCategory::RateLimited)),
            state(RunState::Failed, Some(ErrorCategory::RateLimited)),
        ]);
        assert_eq!((row.requests, row.succeeded, row.cancelled), (6, 1, 2));
        let errors: Vec<_> = row.errors.iter().map(|error| (error.category, error.count)).collect();
        assert_eq!(errors, [(ErrorCategory::RateLimited, 2), (ErrorCategory::Truncated, 1)]);
        assert_eq!(row.latency.map(|latency| latency.p50_ms), Some(1_500), "of the one that answered");
    }

    #[test]
    fn money_is_exact_and_unknown_cost_is_not_zero() {
        let unpriced = CountedCall { cost: None, ..call(1) };
        let priced = row(&[call(1), call(2), call(3), unpriced.clone()]);
        assert_eq!((priced.usd.as_str(), priced.usd_per_request.as_deref()), ("0.00006", Some("0.00002")));
        assert_eq!(row(&[unpriced]).usd_per_request, None);
        assert_eq!(row(&[]).usd_per_request, None);
        let third = CountedCall { cost: Some(PicoUsd::from_pico(10_000)), ..call(1) };
        let free = CountedCall { cost: Some(PicoUsd::ZERO), ..call(1) };
        assert_eq!(
            row(&[third.clone(), free.clone()]).usd_per_request.as_deref(),
            Some("0.00000001"),
            "half up"
        );
        assert_eq!(row(&[third, free.clone(), free]).usd_per_request.as_deref(), Some("0"));
    }

    #[test]
    fn what_needed_no_call_is_no_request_and_saves() {
        let kept = |source| CountedCall {
            source,
            cost: None,
            saved: Some(PicoUsd::from_pico(20_000_000)),
            ..call(1)
        };
        let row = row(&[call(1), call(2), kept(CallSource::Cache), kept(CallSource::Shared)]);
        assert_eq!((row.requests, row.succeeded), (2, 2));
        assert!((row.cache_rate - 0.5).abs() < f64::EPSILON);
        assert_eq!((row.usd.as_str(), row.saved_usd.as_str()), ("0.00004", "0.00004"));
    }

    #[test]
    fn a_fallback_is_a_call_that_another_ones_failure_caused() {
        let kind = |kind: &str| CountedCall { kind: kind.to_owned(), ..call(1) };
        let row = row(&[kind("first"), kind("retry"), kind("next_key"), kind("fallback")]);
        assert!((row.fallback_rate - 0.25).abs() < f64::EPSILON, "the same target again is none");
    }

    #[test]
    fn speed_leaves_out_what_is_too_short_to_mean_anything() {
        let short = CountedCall { output_tokens: Some(1), ..call(1) };
        let quick = CountedCall { ttft_ms: Some(1_460), ..call(1) };
        let speed = row(&[call(1), short, quick]).tokens_per_second.unwrap();
        assert!((speed - 100.0).abs() < 0.001, "{speed}");
        assert_eq!(row(&[CountedCall { ttft_ms: None, ..call(1) }]).tokens_per_second, None);
    }

    #[test]
    fn a_trend_has_twelve_steps_and_the_last_holds_the_end() {
        let row = row(&[
            call(0),
            call(99),
            call(100),
            CountedCall { total_ms: Some(500), ..call(150) },
            call(1_200),
        ]);
        let points: Vec<_> = row.trend.iter().map(|point| (point.at.0, point.requests)).collect();
        assert_eq!((row.trend.len(), points[0], points[1], points[11]), (12, (0, 2), (100, 2), (1_100, 1)));
        assert_eq!(row.trend[1].average_ms, Some(1_000));
        assert_eq!(row.trend[2].average_ms, None);
    }
}
