//! Sums over many cells, and how they are written.

use roundtable_domain::PicoUsd;
use roundtable_store::CellSums;

use crate::view::{SpendMeasure, SpendSums};

/// A hundred-millionth of a dollar, in pico-dollars: what a mean cost is rounded to.
const ROUNDED_TO_PICO: i128 = 10_000;

/// The fields of [`CellSums`], without an end to how much they hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Total {
    pub(super) cost: i128,
    pub(super) estimated: i128,
    pub(super) entries: i128,
    pub(super) requests: i128,
    pub(super) unpriced: i128,
    pub(super) input: i128,
    pub(super) cached: i128,
    pub(super) output: i128,
    pub(super) cache_saved: i128,
    pub(super) ended: i128,
    pub(super) completed: i128,
    pub(super) timed: i128,
    pub(super) time_ms: i128,
    pub(super) kept_saved: i128,
    pub(super) wasted: i128,
}

impl Total {
    pub(super) fn add(&mut self, sums: &CellSums) {
        self.cost += i128::from(sums.cost);
        self.estimated += i128::from(sums.estimated);
        self.entries += i128::from(sums.entries);
        self.requests += i128::from(sums.requests);
        self.unpriced += i128::from(sums.unpriced);
        self.input += i128::from(sums.input);
        self.cached += i128::from(sums.cached);
        self.output += i128::from(sums.output);
        self.cache_saved += i128::from(sums.cache_saved);
        self.ended += i128::from(sums.ended);
        self.completed += i128::from(sums.completed);
        self.timed += i128::from(sums.timed);
        self.time_ms += i128::from(sums.total_ms);
        self.kept_saved += i128::from(sums.kept_saved);
        self.wasted += i128::from(sums.wasted);
    }

    /// What is left when a part is taken out.
    pub(super) fn without(&self, part: &Self) -> Self {
        Self {
            cost: self.cost - part.cost,
            estimated: self.estimated - part.estimated,
            entries: self.entries - part.entries,
            requests: self.requests - part.requests,
            unpriced: self.unpriced - part.unpriced,
            input: self.input - part.input,
            cached: self.cached - part.cached,
            output: self.output - part.output,
            cache_saved: self.cache_saved - part.cache_saved,
            ended: self.ended - part.ended,
            completed: self.completed - part.completed,
            timed: self.timed - part.timed,
            time_ms: self.time_ms - part.time_ms,
            kept_saved: self.kept_saved - part.kept_saved,
            wasted: self.wasted - part.wasted,
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        let none = Self::default();
        *self = self.without(&none.without(other));
    }

    /// What is compared when things are ranked and shares are taken; of a mean, how much it is a mean of.
    pub(super) const fn weight(&self, measure: SpendMeasure) -> i128 {
        match measure {
            SpendMeasure::Cost => self.cost,
            SpendMeasure::Tokens => self.input + self.output,
            SpendMeasure::Requests => self.requests,
            SpendMeasure::Latency => self.timed,
        }
    }

    /// The value of a chart; `None`: there is nothing, or none of it is known.
    pub(super) fn value(&self, measure: SpendMeasure) -> Option<String> {
        match measure {
            SpendMeasure::Cost => {
                let known = self.cost != 0 || self.requests > self.unpriced;
                known.then(|| usd(self.cost))
            }
            SpendMeasure::Tokens => (self.requests > 0).then(|| (self.input + self.output).to_string()),
            SpendMeasure::Requests => (self.requests > 0).then(|| self.requests.to_string()),
            SpendMeasure::Latency => self.average_ms().map(|ms| ms.to_string()),
        }
    }

    /// Mean time to the end of a call.
    pub(super) fn average_ms(&self) -> Option<u64> {
        (self.timed > 0).then(|| count(self.time_ms / self.timed))
    }

    /// Calls that answered to the end, of those that ended by themselves.
    pub(super) fn success_basis_points(&self) -> Option<u32> {
        (self.ended > 0).then(|| share(self.completed, self.ended))
    }

    /// Known cost per call whose cost is known, rounded half up.
    pub(super) fn usd_per_request(&self) -> Option<String> {
        let priced = self.requests - self.unpriced;
        let unit = priced * ROUNDED_TO_PICO;
        (priced > 0).then(|| usd((self.cost + unit / 2).div_euclid(unit) * ROUNDED_TO_PICO))
    }

    pub(super) fn view(&self) -> SpendSums {
        SpendSums {
            usd: usd(self.cost),
            // What an invoice has corrected downwards was an estimate, and is none any more.
            estimated_usd: usd(self.estimated.min(self.cost).max(0)),
            requests: count(self.requests),
            unpriced: count(self.unpriced),
            input_tokens: count(self.input),
            cached_tokens: count(self.cached),
            output_tokens: count(self.output),
        }
    }
}

/// Exact dollars; what the books cannot hold is the most they can.
pub(super) fn usd(pico: i128) -> String {
    let most = if pico < 0 { i64::MIN } else { i64::MAX };
    PicoUsd::from_pico(i64::try_from(pico).unwrap_or(most)).to_string()
}

pub(super) fn count(number: i128) -> u64 {
    u64::try_from(number.max(0)).unwrap_or(u64::MAX)
}

/// A part of a whole in basis points, rounded to the nearest; what is not above nothing is none.
pub(super) fn share(part: i128, whole: i128) -> u32 {
    if part <= 0 || whole <= 0 {
        return 0;
    }
    u32::try_from((part * 10_000 + whole / 2) / whole).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unknown_is_no_zero() {
        let of = |cost, requests, unpriced| Total { cost, requests, unpriced, ..Total::default() };
        let value = |total: Total| total.value(SpendMeasure::Cost);
        assert_eq!(value(of(0, 3, 3)), None, "all unpriced");
        assert_eq!(value(of(0, 3, 2)).as_deref(), Some("0"), "one is known to be free");
        assert_eq!(value(of(5, 0, 0)).as_deref(), Some("0.000000000005"), "a correction alone");
        assert_eq!(value(of(0, 0, 0)), None);
        assert_eq!(of(30_000, 4, 1).usd_per_request().as_deref(), Some("0.00000001"));
        assert_eq!(of(0, 2, 2).usd_per_request(), None);
    }

    #[test]
    fn a_part_and_its_rest_are_the_whole() {
        let mut whole = Total { cost: 7, time_ms: -3, ..Total::default() };
        let part = Total { cost: 9, input: 4, ..Total::default() };
        let mut rest = whole.without(&part);
        rest.merge(&part);
        assert_eq!(rest, whole);
        whole.merge(&Total::default());
        assert_eq!(rest, whole);
    }

    #[test]
    fn shares_are_rounded_and_never_of_nothing() {
        assert_eq!((share(1, 3), share(2, 3), share(1, 0), share(-1, 3)), (3_333, 6_667, 0, 0));
    }
}
