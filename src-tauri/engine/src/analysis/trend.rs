//! Whether latencies have changed beyond chance: the Mann-Whitney U test of the first half of the calls against the second.
//!
//! It compares ranks, not means, so that one call that hung for minutes says no more than any other slow one. The answers' lengths are
//! not held equal: a model that is asked for longer answers gets slower here too.

use crate::view::{LatencyTrend, TrendDirection};

/// Fewer calls than these in either half say nothing.
const FEWEST: usize = 10;

/// Two-sided 1 %: one in a hundred models that stay as they are is said to change.
const BEYOND_CHANCE: f64 = 2.575_829_303_5;

/// A change of the median below this, in percent, is none that anybody feels, however sure it is.
const NOTICEABLE_PERCENT: f64 = 5.0;

/// Where latencies are going. `latencies` are milliseconds in the order in which the calls ended.
pub(super) fn trend(latencies: &[u64]) -> LatencyTrend {
    let (first, second) = latencies.split_at(latencies.len() / 2);
    if first.len() < FEWEST {
        return LatencyTrend { direction: TrendDirection::Unknown, change_percent: None };
    }
    let change_percent = median(first).zip(median(second)).and_then(|(before, after)| {
        (before > 0.0).then(|| ((after - before) / before * 1_000.0).round() / 10.0)
    });
    let score = z_of(first, second);
    let is_felt = change_percent.is_some_and(|change| change.abs() >= NOTICEABLE_PERCENT);
    let direction = match score {
        _ if !is_felt => TrendDirection::Steady,
        z if z > BEYOND_CHANCE => TrendDirection::Slower,
        z if z < -BEYOND_CHANCE => TrendDirection::Faster,
        _ => TrendDirection::Steady,
    };
    LatencyTrend { direction, change_percent }
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds and counts are far below 2^52")]
const fn real(number: usize) -> f64 {
    number as f64
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds are far below 2^52")]
fn median(durations: &[u64]) -> Option<f64> {
    let mut sorted = durations.to_vec();
    sorted.sort_unstable();
    let upper = *sorted.get(sorted.len() / 2)? as f64;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *sorted.get(sorted.len() / 2 - 1)? as f64;
    Some(f64::midpoint(lower, upper))
}

/// How many standard deviations the ranks of the second are above those expected if both were alike; equals share their rank, and a
/// normal distribution stands for the exact one, which ten and ten allow.
fn z_of(first: &[u64], second: &[u64]) -> f64 {
    let mut all: Vec<(u64, bool)> = first.iter().map(|&ms| (ms, false)).collect();
    all.extend(second.iter().map(|&ms| (ms, true)));
    all.sort_unstable();
    let (count, n1, n2) = (real(all.len()), real(first.len()), real(second.len()));
    let (mut ranks, mut ties, mut before) = (0.0, 0.0, 0.0);
    for equals in all.chunk_by(|a, b| a.0 == b.0) {
        let many = real(equals.len());
        let rank = before + f64::midpoint(1.0, many);
        ranks += rank * real(equals.iter().filter(|(_, is_second)| *is_second).count());
        ties += many * many * many - many;
        before += many;
    }
    let above = ranks - n2 * (n2 + 1.0) / 2.0 - n1 * n2 / 2.0;
    let variance = n1 * n2 / 12.0 * ((count + 1.0) - ties / (count * (count - 1.0)));
    if variance > 0.0 { above / variance.sqrt() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn direction(latencies: impl IntoIterator<Item = u64>) -> TrendDirection {
        trend(&latencies.into_iter().collect::<Vec<_>>()).direction
    }

    #[test]
    fn too_few_calls_say_nothing() {
        assert_eq!(direction([]), TrendDirection::Unknown);
        assert_eq!(direction((0..19).map(|at| at * 1_000)), TrendDirection::Unknown, "nine and ten");
        assert_ne!(direction((1..=20).map(|at| at * 1_000)), TrendDirection::Unknown);
    }

    #[test]
    fn a_change_is_told_with_its_direction_and_its_size() {
        let slower = (0..40).map(|at| if at < 20 { 1_000 + at } else { 1_500 + at });
        let found = trend(&slower.clone().collect::<Vec<_>>());
        assert_eq!(found.direction, TrendDirection::Slower);
        assert!(found.change_percent.is_some_and(|change| (change - 51.5).abs() < 0.2), "{found:?}");
        let faster: Vec<u64> = slower.rev().collect();
        assert_eq!(trend(&faster).direction, TrendDirection::Faster);
        assert!(trend(&faster).change_percent.is_some_and(|change| change < 0.0));
    }

    #[test]
    fn chance_and_what_nobody_feels_are_steady() {
        // The same durations in another order: the medians differ by much, the ranks by nothing.
        let mixed = (0_u64..60).map(|at| 500 + (at * 7_919) % 3_000);
        assert_eq!(direction(mixed), TrendDirection::Steady);
        assert_eq!(
            direction((0..200).map(|at| if at < 100 { 1_000 } else { 1_020 })),
            TrendDirection::Steady,
            "2 %"
        );
        assert_eq!(direction([700; 50]), TrendDirection::Steady, "nothing but ties");
        // One call that hung moves a mean, and no rank to speak of.
        let hung = (0_u64..40).map(|at| if at == 39 { 900_000 } else { 1_000 + (at * 31) % 40 });
        assert_eq!(direction(hung), TrendDirection::Steady);
    }

    #[test]
    fn a_score_is_that_of_the_textbook() {
        // Ten and ten without ties, all of the second above: U = 100, its mean 50, its deviation sqrt(100 * 21 / 12).
        let (first, second): (Vec<u64>, Vec<u64>) = ((1..=10).collect(), (11..=20).collect());
        assert!((z_of(&first, &second) - 50.0 / 175.0_f64.sqrt()).abs() < 1e-9);
        assert!(
            (z_of(&first, &second) + z_of(&second, &first)).abs() < 1e-9,
            "the other way round it is the same"
        );
    }
}
