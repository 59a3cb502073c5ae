//! How each model did: what the statistics count of it, and what only an analysis asks for.

use roundtable_domain::RunState;
use roundtable_router::choose::wilson_bounds;
use roundtable_store::{CallSource, CountedCall};

use super::trend::trend;
use crate::statistics::tally::{Tally, Window, mean_usd, pico};
use crate::view::{ModelAnalysis, StatisticsOf, StatisticsRow, SuccessRate, SuccessVerdict};

/// The share of calls that should answer.
pub(super) const SUCCESS_TARGET: f64 = 0.99;

/// One failure alone is never beyond chance: of ten calls that should answer 99 times in 100, one fails in ten such tens.
const FEWEST_FAILURES: u64 = 2;

/// A dollar in pico-dollars.
const DOLLAR: f64 = 1e12;

/// What is counted for one model.
#[derive(Debug, Default)]
pub(super) struct ModelTally {
    tally: Tally,
    /// Of calls that answered, in the order in which they ended.
    latencies: Vec<u64>,
    /// Pico-dollars of calls whose cost and answer's length are known, and those lengths.
    cost: i128,
    answer_tokens: u64,
    /// Pico-dollars of all calls whose cost is known, and how many of these answered; answers whose cost is not known.
    known_cost: i128,
    answers_paid: u64,
    unpriced: u64,
}

impl ModelTally {
    /// To be called in order of time.
    pub(super) fn add(&mut self, call: &CountedCall, window: Window) {
        self.tally.add(call, window);
        if call.source != CallSource::Model {
            return;
        }
        let answered = call.state == RunState::Complete;
        if answered {
            self.latencies.extend(call.total_ms);
        }
        if call.cost.is_some() {
            self.known_cost += pico(call.cost);
            self.answers_paid += u64::from(answered);
        } else {
            self.unpriced += u64::from(answered);
        }
        if let (Some(_), Some(tokens)) = (call.cost, call.output_tokens) {
            self.cost += pico(call.cost);
            self.answer_tokens = self.answer_tokens.saturating_add(tokens);
        }
    }

    pub(super) fn into_view(
        self,
        target: String,
        label: String,
        simulated: bool,
        window: Window,
    ) -> ModelAnalysis {
        let trend = trend(&self.latencies);
        let usd_per_1k_answer_tokens = mean_usd(self.cost * 1_000, self.answer_tokens);
        let answers_per_usd = per_dollar(self.answers_paid, self.known_cost);
        let row = self.tally.into_row(StatisticsOf::Model, target, label, simulated, window);
        ModelAnalysis {
            success: success_of(&row),
            target: row.name,
            label: row.label,
            simulated,
            requests: row.requests,
            succeeded: row.succeeded,
            cancelled: row.cancelled,
            latency: row.latency,
            ttft: row.ttft,
            trend,
            usd: row.usd_per_request.is_some().then_some(row.usd),
            unpriced: self.unpriced,
            usd_per_request: row.usd_per_request,
            usd_per_1k_answer_tokens,
            answers_per_usd,
            tokens_per_second: row.tokens_per_second,
            errors: row.errors,
            steps: row.trend,
        }
    }
}

/// A ratio for people; no amount is made of it.
#[expect(clippy::cast_precision_loss, reason = "a ratio for people")]
fn per_dollar(answers: u64, pico: i128) -> Option<f64> {
    (pico > 0).then(|| answers as f64 * DOLLAR / pico as f64)
}

fn success_of(row: &StatisticsRow) -> SuccessRate {
    success(row.succeeded, row.requests.saturating_sub(row.cancelled))
}

/// How a rate stands to its target; by chance it may be anything between Wilson's bounds.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
pub(super) fn success(succeeded: u64, ended: u64) -> SuccessRate {
    let (good, calls) = (succeeded as f64, ended as f64);
    let Some((least, most)) = wilson_bounds(good, calls) else {
        return SuccessRate { rate: None, least: None, most: None, verdict: SuccessVerdict::Unknown };
    };
    let rate = good / calls;
    let verdict = match () {
        () if rate >= SUCCESS_TARGET => SuccessVerdict::Met,
        () if most < SUCCESS_TARGET && ended - succeeded >= FEWEST_FAILURES => SuccessVerdict::Missed,
        () => SuccessVerdict::Unsure,
    };
    SuccessRate { rate: Some(rate), least: Some(least), most: Some(most), verdict }
}

#[cfg(test)]
mod tests {
    use roundtable_domain::{ErrorCategory, PicoUsd, UnixMs};

    use super::*;
    use crate::statistics::tally::tests::call;

    fn view(calls: &[CountedCall]) -> ModelAnalysis {
        let window = Window { since: UnixMs(0), until: UnixMs(1_200) };
        let mut tally = ModelTally::default();
        for call in calls {
            tally.add(call, window);
        }
        tally.into_view("openai/gpt-4o".into(), "GPT-4o".into(), false, window)
    }

    #[test]
    fn a_rate_below_its_target_is_missed_only_beyond_chance() {
        let verdict = |succeeded, ended| success(succeeded, ended).verdict;
        assert_eq!(verdict(0, 0), SuccessVerdict::Unknown);
        assert_eq!(verdict(3, 3), SuccessVerdict::Met);
        assert_eq!(verdict(9, 10), SuccessVerdict::Unsure, "one of ten may be bad luck");
        assert_eq!(verdict(0, 1), SuccessVerdict::Unsure, "and one of one as well");
        assert_eq!(verdict(8, 10), SuccessVerdict::Missed, "two of ten are not");
        assert_eq!(verdict(990, 1_000), SuccessVerdict::Met, "exactly the target");
        assert_eq!(verdict(950, 1_000), SuccessVerdict::Missed);
        assert_eq!(success(0, 0).rate, None, "no calls are no rate of nothing");
    }

    #[test]
    fn what_a_person_stopped_says_nothing_of_success() {
        let stopped =
            CountedCall { state: RunState::Cancelled, category: Some(ErrorCategory::Cancelled), ..call(2) };
        let view = view(&[call(1), stopped]);
        assert_eq!((view.requests, view.cancelled, view.success.rate), (2, 1, Some(1.0)));
    }

    #[test]
    fn what_was_never_charged_is_told_from_what_has_no_price() {
        let failed = CountedCall { state: RunState::Failed, output_tokens: None, cost: None, ..call(2) };
        let unpriced = CountedCall { cost: None, ..call(3) };
        let told = |calls: &[CountedCall]| {
            let view = view(calls);
            (view.usd.is_some(), view.unpriced)
        };
        assert_eq!(told(std::slice::from_ref(&failed)), (false, 0), "nothing was charged");
        assert_eq!(told(&[failed, unpriced.clone()]), (false, 1));
        assert_eq!(told(&[call(1), unpriced]), (true, 1), "what is known, and that it is not all");
    }

    #[test]
    fn cost_efficiency_is_over_what_is_known() {
        // 20 millionths of a dollar for 100 tokens of answer each.
        let unpriced = CountedCall { cost: None, ..call(3) };
        let failed = CountedCall { state: RunState::Failed, output_tokens: None, ..call(4) };
        let view = view(&[call(1), call(2), unpriced, failed]);
        assert_eq!(view.usd_per_1k_answer_tokens.as_deref(), Some("0.0002"), "the failed one has no answer");
        assert!(
            view.answers_per_usd.is_some_and(|many| (many - 33_333.333).abs() < 0.01),
            "it was paid, though"
        );
        let free = CountedCall { cost: Some(PicoUsd::ZERO), ..call(1) };
        assert_eq!(self::view(&[free]).answers_per_usd, None, "what is free buys no number of answers");
        assert_eq!(self::view(&[]).usd_per_1k_answer_tokens, None);
    }
}
