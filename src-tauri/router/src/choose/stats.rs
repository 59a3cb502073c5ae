//! What is remembered of a model's calls, and how much of it still counts.
//!
//! Counts and means fade: what happened a half-life ago counts half. So a model that failed this morning is tried again
//! this afternoon, and an unknown model and one that was not used for long look alike: unknown, which is not bad.

use roundtable_domain::UnixMs;
use serde::{Deserialize, Serialize};

/// How much of the mean each further call replaces.
const EWMA_SHARE: f64 = 0.2;

/// The calls everybody is given before any is made: nine good ones of ten. A bound over no calls would be zero, and nobody
/// new would ever be asked.
const ASSUMED_GOOD: f64 = 9.0;
const ASSUMED_CALLS: f64 = 10.0;

/// One-sided 90 %: the true rate of success is below the bound in one case of ten.
const WILSON_Z: f64 = 1.281_551_565_5;

/// Two-sided 95 %.
const WILSON_Z_OF_BOTH_ENDS: f64 = 1.959_963_984_5;

/// A call that has ended, as far as statistics look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PastCall {
    /// When it ended.
    pub at: UnixMs,
    /// Whether it answered to the end. A call that the user stopped says nothing and is not recorded.
    pub succeeded: bool,
    /// Milliseconds to the first semantic delta; `None`: none came.
    pub ttft_ms: Option<u64>,
    /// Answer tokens, as reported or counted.
    pub output_tokens: Option<u64>,
    /// Milliseconds from the first semantic delta to the end.
    pub streaming_ms: Option<u64>,
}

/// What is remembered of one model's calls. Plain values, kept by the store between starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelStats {
    /// Calls that answered, faded to `last`.
    pub good: f64,
    /// Calls that failed, faded to `last`.
    pub bad: f64,
    /// Mean time to the first semantic delta, in milliseconds.
    pub ttft_ms: Option<f64>,
    /// Mean speed after it, in tokens a second.
    pub tokens_per_second: Option<f64>,
    /// When the last call ended; `None`: there was none.
    pub last: Option<UnixMs>,
}

impl ModelStats {
    /// Adds a call. `half_life_ms` is how long it takes until a call counts half; 0 is for ever.
    pub fn record(&mut self, call: &PastCall, half_life_ms: u64) {
        let kept = self.freshness(call.at, half_life_ms);
        self.good *= kept;
        self.bad *= kept;
        if call.succeeded {
            self.good += 1.0;
        } else {
            self.bad += 1.0;
        }
        if let Some(ttft_ms) = call.ttft_ms {
            self.ttft_ms = Some(mean(self.ttft_ms, real(ttft_ms), kept));
        }
        if let (Some(tokens), Some(ms)) = (call.output_tokens, call.streaming_ms)
            && tokens > 0
            && ms > 0
        {
            let speed = real(tokens) * 1_000.0 / real(ms);
            self.tokens_per_second = Some(mean(self.tokens_per_second, speed, kept));
        }
        self.last = self.last.max(Some(call.at));
    }

    /// How much of what is remembered still counts at `at`: 1 just after a call, 0.5 after a half-life.
    pub fn freshness(&self, at: UnixMs, half_life_ms: u64) -> f64 {
        match self.last {
            Some(last) if half_life_ms > 0 => (-real(at.since_ms(last)) / real(half_life_ms)).exp2(),
            _ => 1.0,
        }
    }

    /// A careful guess of the share of calls that succeed, between 0 and 1: Wilson's lower bound over what still counts and
    /// what everybody is assumed to have done. A success never lowers it and a failure never raises it.
    pub fn reliability(&self, at: UnixMs, half_life_ms: u64) -> f64 {
        let kept = self.freshness(at, half_life_ms);
        let good = not_negative(self.good) * kept + ASSUMED_GOOD;
        let bad = not_negative(self.bad) * kept + (ASSUMED_CALLS - ASSUMED_GOOD);
        wilson_lower_bound(good, good + bad)
    }

    /// Calls that still count.
    pub fn calls(&self, at: UnixMs, half_life_ms: u64) -> f64 {
        (not_negative(self.good) + not_negative(self.bad)) * self.freshness(at, half_life_ms)
    }
}

/// The lower end of Wilson's interval for `good` of `calls`, one-sided 90 %. No calls: 0.
pub fn wilson_lower_bound(good: f64, calls: f64) -> f64 {
    wilson(good, calls, WILSON_Z).map_or(0.0, |(least, _)| least)
}

/// Both ends of Wilson's interval for `good` of `calls`, 95 %: what a rate of success may be by chance. No calls: `None`.
pub fn wilson_bounds(good: f64, calls: f64) -> Option<(f64, f64)> {
    wilson(good, calls, WILSON_Z_OF_BOTH_ENDS)
}

fn wilson(good: f64, calls: f64, z: f64) -> Option<(f64, f64)> {
    if calls <= 0.0 {
        return None;
    }
    let rate = (good / calls).clamp(0.0, 1.0);
    let z2 = z * z;
    let centre = rate + z2 / (2.0 * calls);
    let spread = z * (rate * (1.0 - rate) / calls + z2 / (4.0 * calls * calls)).sqrt();
    let end = |from_zero: f64| (from_zero / (1.0 + z2 / calls)).clamp(0.0, 1.0);
    Some((end(centre - spread), end(centre + spread)))
}

/// The exponentially weighted mean; what has faded gives way to the new value sooner.
fn mean(old: Option<f64>, new: f64, kept: f64) -> f64 {
    match old {
        Some(old) if old.is_finite() => {
            let share = EWMA_SHARE.max(1.0 - kept).min(1.0);
            old + share * (new - old)
        }
        _ => new,
    }
}

fn not_negative(count: f64) -> f64 {
    if count.is_finite() { count.max(0.0) } else { 0.0 }
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds and tokens are far below 2^53")]
pub(crate) fn real(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOUR: u64 = 3_600_000;

    fn call(at: i64, succeeded: bool) -> PastCall {
        PastCall {
            at: UnixMs(at),
            succeeded,
            ttft_ms: Some(400),
            output_tokens: Some(100),
            streaming_ms: Some(2_000),
        }
    }

    #[test]
    fn wilson_knows_that_three_of_three_is_less_than_a_hundred_of_a_hundred() {
        let rounded = |good, calls| (wilson_lower_bound(good, calls) * 1_000.0).round().to_string();
        assert_eq!([rounded(0.0, 0.0), rounded(0.0, 5.0)], ["0", "0"]);
        assert_eq!([rounded(3.0, 3.0), rounded(100.0, 100.0), rounded(50.0, 100.0)], ["646", "984", "436"]);
    }

    #[test]
    fn both_ends_of_wilsons_interval_are_those_of_the_textbook() {
        let rounded = |good, calls| {
            wilson_bounds(good, calls).map(|(least, most)| [least, most].map(|end| (end * 1_000.0).round()))
        };
        assert_eq!(rounded(0.0, 0.0), None);
        assert_eq!(rounded(10.0, 10.0), Some([722.0, 1_000.0]));
        assert_eq!(rounded(81.0, 263.0), Some([255.0, 366.0]), "Newcombe 1998, the score method");
    }

    #[test]
    fn a_model_nobody_has_called_is_unknown_and_not_bad() {
        let unknown = ModelStats::default().reliability(UnixMs(0), HOUR);
        let mut failing = ModelStats::default();
        for at in 0..5 {
            failing.record(&call(at, false), HOUR);
        }
        assert!(unknown > 0.7 && failing.reliability(UnixMs(5), HOUR) < unknown / 1.5, "{unknown}");
    }

    #[test]
    fn what_is_long_past_fades_to_unknown() {
        let mut stats = ModelStats::default();
        for at in 0..20 {
            stats.record(&call(at, false), HOUR);
        }
        let now = stats.reliability(UnixMs(20), HOUR);
        let tomorrow = stats.reliability(UnixMs(24 * 3_600_000), HOUR);
        assert!(now < 0.3 && (tomorrow - ModelStats::default().reliability(UnixMs(0), HOUR)).abs() < 0.001);
    }

    #[test]
    fn means_follow_the_calls_and_faster_after_a_pause() {
        let mut stats = ModelStats::default();
        stats.record(&call(0, true), HOUR);
        assert_eq!((stats.ttft_ms, stats.tokens_per_second), (Some(400.0), Some(50.0)));
        stats.record(&PastCall { ttft_ms: Some(900), ..call(0, true) }, HOUR);
        assert_eq!(stats.ttft_ms, Some(500.0), "a fifth of the way");
        stats.record(&PastCall { ttft_ms: Some(900), ..call(3_600_000, true) }, HOUR);
        assert_eq!(stats.ttft_ms, Some(700.0), "half of the way, a half-life later");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]
        #[test]
        fn a_success_never_lowers_and_a_failure_never_raises(past in prop::collection::vec(any::<bool>(), 0..60)) {
            let mut stats = ModelStats::default();
            for (at, &succeeded) in (0_i64..).zip(&past) {
                stats.record(&call(at, succeeded), 0);
            }
            let before = stats.reliability(UnixMs(100), 0);
            let with = |succeeded| {
                let mut then = stats;
                then.record(&call(100, succeeded), 0);
                then.reliability(UnixMs(100), 0)
            };
            prop_assert!((0.0..=1.0).contains(&before));
            prop_assert!(with(true) >= before && with(false) <= before, "{} {} {}", with(false), before, with(true));
        }
    }
}
