//! The score of those who can answer: four parts between 0 and 1, and what stands for the unknown.
//!
//! A part that compares (speed, cost) looks at the best of the survivors, on a logarithmic scale: twice as dear is the same
//! step whether the prompt costs a hundredth of a cent or a dollar. What is not known gets the median of those known, so it
//! neither wins nor loses by being new.

use roundtable_domain::UnixMs;
use serde::{Deserialize, Serialize};

use super::Situation;
use super::candidate::{Candidate, Picks, Tier};
use super::load::{Load, Room};
use super::stats::{real, wilson_lower_bound};
use super::strategy::{Weights, wanted_tier};
use super::task::{Complexity, TaskKind};

/// What stands for the unknown where nobody is known.
const NEUTRAL: f64 = 0.5;

/// Ten times as slow as the fastest scores 0.
const SLOWEST: f64 = 10.0;

/// A hundred times as dear as the cheapest scores 0.
const DEAREST: f64 = 100.0;

/// Added to both costs that are compared, in pico-dollars: a thousandth of a cent. Without it everything would be infinitely
/// dearer than a free model.
const SMALL_CHANGE: f64 = 10_000_000.0;

/// A wait this long halves the score for load, in milliseconds.
const HALVING_WAIT_MS: f64 = 5_000.0;

/// So many calls under way halve the score for load where no limit is known.
const HALVING_CALLS: f64 = 16.0;

/// The answer that is assumed when speed is compared and nobody said how long it will be, in tokens.
const USUAL_ANSWER: u64 = 400;

/// One part of a score.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Between 0 and 1; 1 is best.
    pub value: f64,
    /// Whether it comes from something known. If not, `value` stands in for it.
    pub known: bool,
}

/// A candidate's score.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// The weighted sum, between 0 and 1, to six decimals: what differs by less is a tie.
    pub total: f64,
    /// Reliability and speed.
    pub performance: Part,
    /// The price of this very prompt, with the credit of a warm cache.
    pub cost: Part,
    /// How busy it is.
    pub load: Part,
    /// How well it suits the task.
    pub capability: Part,
}

/// Scores those who can answer, in their order.
pub(super) fn score_all(situation: &Situation, weights: Weights, survivors: &[&Candidate]) -> Vec<Score> {
    let speeds = Standing::of(survivors.iter().map(|candidate| seconds(situation, candidate)), SLOWEST);
    let costs = Standing::of(survivors.iter().map(|candidate| cost(candidate, situation.at)), DEAREST);
    survivors
        .iter()
        .zip(speeds.parts.iter().zip(&costs.parts))
        .map(|(candidate, (&speed, &cost))| {
            let performance = performance(situation, candidate, speed, speeds.median);
            let load = Part { value: load(&candidate.load), known: true };
            let capability = capability(situation, candidate);
            let total = weights.performance * performance.value
                + weights.cost * cost.value
                + weights.load * load.value
                + weights.capability * capability.value;
            Score { total: (total * 1e6).round() / 1e6, performance, cost, load, capability }
        })
        .collect()
}

/// Values of which less is better, as scores against the least of them.
struct Standing {
    parts: Vec<Part>,
    /// What stands for the unknown.
    median: f64,
}

impl Standing {
    /// `worst` times the least scores 0; halfway there, counted in factors, scores a half.
    fn of(values: impl Iterator<Item = Option<f64>>, worst: f64) -> Self {
        let values: Vec<Option<f64>> = values.collect();
        let least = values.iter().flatten().copied().fold(f64::INFINITY, f64::min);
        let span = worst.ln();
        let score = |value: f64| {
            if least > 0.0 { (1.0 - (value / least).ln() / span).clamp(0.0, 1.0) } else { NEUTRAL }
        };
        let scores: Vec<Option<f64>> = values.into_iter().map(|value| value.map(score)).collect();
        let median = median(scores.iter().flatten().copied().collect());
        let part = |score: Option<f64>| Part { value: score.unwrap_or(median), known: score.is_some() };
        Self { parts: scores.into_iter().map(part).collect(), median }
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    if values.is_empty() {
        return NEUTRAL;
    }
    let middle = values.len() / 2;
    let (_, &mut value, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    value
}

/// How long the whole answer takes by what is remembered, in seconds.
fn seconds(situation: &Situation, candidate: &Candidate) -> Option<f64> {
    let stats = &candidate.stats;
    let expected = match situation.needs.output_tokens {
        0 => USUAL_ANSWER,
        tokens => tokens,
    };
    let first = stats.ttft_ms.filter(|ms| ms.is_finite() && *ms >= 0.0)? / 1_000.0;
    let speed = stats.tokens_per_second.filter(|speed| speed.is_finite() && *speed > 0.0)?;
    Some((first + real(expected) / speed).max(0.001))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a score is no book: a pico-dollar more or less is no difference"
)]
fn cost(candidate: &Candidate, at: UnixMs) -> Option<f64> {
    candidate.cost.as_ref().map(|cost| cost.at(at).as_pico() as f64 + SMALL_CHANGE)
}

/// A third of it is reliability alone, two thirds are speed as far as it can be relied on. Speed fades to the median.
fn performance(situation: &Situation, candidate: &Candidate, speed: Part, median: f64) -> Part {
    let half_life_ms = situation.tuning.half_life_ms;
    let fresh = candidate.stats.freshness(situation.at, half_life_ms);
    let speed_now = median + fresh * (speed.value - median);
    let reliability = candidate.stats.reliability(situation.at, half_life_ms);
    Part {
        value: reliability * (1.0 + 2.0 * speed_now) / 3.0,
        known: speed.known || candidate.stats.last.is_some(),
    }
}

/// The tightest of its limits, less what waiting takes away.
pub(super) fn load(load: &Load) -> f64 {
    let room = |room: Option<Room>| match room {
        Some(Room { left, limit }) if limit > 0 => (real(left) / real(limit)).clamp(0.0, 1.0),
        Some(_) => 0.0,
        None => 1.0,
    };
    let calls = match load.concurrency {
        None => HALVING_CALLS / (HALVING_CALLS + real(load.in_flight)),
        limited => room(limited),
    };
    let tightest = room(load.requests).min(room(load.tokens)).min(calls);
    tightest * HALVING_WAIT_MS / (HALVING_WAIT_MS + real(load.wait_ms))
}

/// The mean of what is known: size against the wanted one, thinking where it helps, room to spare in the window, and how
/// often people picked it for such work.
fn capability(situation: &Situation, candidate: &Candidate) -> Part {
    let reading = situation.reading;
    let wanted = wanted_tier(reading.complexity, situation.priority);
    let thinks = match (reading.complexity, reading.task, candidate.abilities.reasoning) {
        (Complexity::Complex, _, Some(thinks))
        | (Complexity::Moderate, TaskKind::Code | TaskKind::Analysis, Some(thinks)) => {
            Some(if thinks { 1.0 } else { 0.3 })
        }
        _ => None,
    };
    let window = match (reading.task, candidate.context_window) {
        (TaskKind::LongContext, Some(window)) => Some(room_to_spare(situation.needs.input_tokens, window)),
        _ => None,
    };
    let votes = [candidate.tier.map(|tier| tier_fit(tier, wanted)), thinks, window, picked(candidate.picks)];
    let (sum, count) =
        votes.iter().flatten().fold((0.0, 0.0), |(sum, count), vote| (sum + vote, count + 1.0));
    if count > 0.0 { Part { value: sum / count, known: true } } else { Part { value: NEUTRAL, known: false } }
}

/// Too small is worse than too large: the first shows in the answer, the second only on the bill, which counts elsewhere.
const fn tier_fit(tier: Tier, wanted: Tier) -> f64 {
    match (tier, wanted) {
        (Tier::Small, Tier::Small) | (Tier::Standard, Tier::Standard) | (Tier::Frontier, Tier::Frontier) => {
            1.0
        }
        (Tier::Standard, Tier::Small) | (Tier::Frontier, Tier::Standard) => 0.8,
        (Tier::Frontier, Tier::Small) => 0.6,
        (Tier::Small, Tier::Standard) | (Tier::Standard, Tier::Frontier) => 0.5,
        (Tier::Small, Tier::Frontier) => 0.1,
    }
}

/// Models read worse near the end of their window: full marks where the prompt takes half of it or less.
fn room_to_spare(prompt: u64, window: u64) -> f64 {
    if window == 0 {
        return 0.0;
    }
    (2.0 * (1.0 - real(prompt) / real(window))).clamp(0.0, 1.0)
}

/// Counted with two losses nobody saw, so that one pick does not make a champion.
fn picked(picks: Picks) -> Option<f64> {
    (picks.shown > 0).then(|| {
        let bound = wilson_lower_bound(real(picks.picked.min(picks.shown)) + 1.0, real(picks.shown) + 2.0);
        (2.0 * bound).min(1.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(values: &[Option<f64>], worst: f64) -> Vec<f64> {
        let standing = Standing::of(values.iter().copied(), worst);
        standing.parts.iter().map(|part| (part.value * 1_000.0).round()).collect()
    }

    #[test]
    fn the_same_factor_is_the_same_step_and_the_unknown_stands_in_the_middle() {
        let four = [Some(1.0), Some(10.0), Some(1_000.0), None];
        assert_eq!(scores(&four, 100.0), [1_000.0, 500.0, 0.0, 500.0]);
        assert_eq!(
            scores(&four.map(|value| value.map(|value| value * 7.0)), 100.0),
            [1_000.0, 500.0, 0.0, 500.0]
        );
        assert_eq!(scores(&[None, None], 100.0), [500.0, 500.0]);
        assert_eq!(scores(&[], 100.0), [] as [f64; 0]);
    }

    #[test]
    fn the_tightest_limit_is_the_load() {
        let room = |left, limit| Some(Room { left, limit });
        let tight = Load { requests: room(30, 60), tokens: room(10, 100), ..Load::default() };
        let rows = [
            (Load::default(), "1"),
            (tight, "0.1"),
            (Load { wait_ms: 5_000, ..Load::default() }, "0.5"),
            (Load { in_flight: 16, ..Load::default() }, "0.5"),
            (Load { in_flight: 16, concurrency: room(3, 4), ..Load::default() }, "0.75"),
            (Load { requests: room(0, 0), ..Load::default() }, "0"),
        ];
        for (busy, expected) in rows {
            assert_eq!(load(&busy).to_string(), expected, "{busy:?}");
        }
    }

    #[test]
    fn one_pick_does_not_make_a_champion() {
        let share = |picked, shown| picked_of(picked, shown).map(|share| (share * 100.0).round());
        assert_eq!(share(0, 0), None);
        assert!(share(1, 1) < share(9, 12) && share(0, 1) < share(1, 1) && share(0, 20) < share(0, 1));
    }

    fn picked_of(times: u64, shown: u64) -> Option<f64> {
        picked(Picks { picked: times, shown })
    }
}
