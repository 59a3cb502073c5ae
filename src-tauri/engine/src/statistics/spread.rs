//! Distributions.

use crate::view::Spread;

/// The spread of durations in milliseconds: percentiles by nearest rank, so that each is a duration that was measured. `None`:
/// there are none.
pub(crate) fn spread(mut durations: Vec<u64>) -> Option<Spread> {
    durations.sort_unstable();
    let count = u64::try_from(durations.len()).ok()?;
    let sum: u128 = durations.iter().map(|&duration| u128::from(duration)).sum();
    let average_ms = u64::try_from(sum.checked_div(u128::from(count))?).ok()?;
    let at = |percent: u64| {
        let rank = (count * percent).div_ceil(100).max(1) - 1;
        usize::try_from(rank).ok().and_then(|rank| durations.get(rank)).copied()
    };
    Some(Spread { average_ms, p50_ms: at(50)?, p95_ms: at(95)?, p99_ms: at(99)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(durations: impl IntoIterator<Item = u64>) -> Option<(u64, u64, u64, u64)> {
        spread(durations.into_iter().collect())
            .map(|spread| (spread.average_ms, spread.p50_ms, spread.p95_ms, spread.p99_ms))
    }

    #[test]
    fn percentiles_are_durations_that_were_measured() {
        assert_eq!(of([]), None);
        assert_eq!(of([7]), Some((7, 7, 7, 7)));
        assert_eq!(of((1..=100).rev()), Some((50, 50, 95, 99)));
        assert_eq!(of([10, 20]), Some((15, 10, 20, 20)), "half of two is the first");
        assert_eq!(of([0, 0, 0, 900]), Some((225, 0, 900, 900)));
    }
}
