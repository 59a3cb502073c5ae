//! Choosing who answers: what is asked and who could answer go in, an order with its reasons comes out.
//!
//! The way of a choice, all of it offline and without a clock or dice:
//! 1. [`read_prompt`] says what kind of work a prompt is, how hard, and in which language;
//! 2. the user's rules ([`RuleBook`]) may name a target or set limits, by conditions on the prompt and the moment;
//! 3. [`Needs`] takes out who cannot answer, each with a [`Reason`];
//! 4. the others get a [`Score`] of four parts, weighted by a [`Strategy`];
//! 5. [`choose`] orders them: ranks first, then scores, then the seed; the model of the turn before keeps its place unless
//!    another one is clearly better.
//!
//! Everything that went in can be kept in a [`RouteTrace`](crate::trace::RouteTrace), and the same choice comes out again.

mod because;
mod candidate;
mod guide;
mod language;
mod load;
mod needs;
mod preference;
mod reading;
mod rules;
mod score;
mod stats;
mod strategy;
mod task;
mod wording;

use std::cmp::Reverse;

use roundtable_domain::{ModelRef, UnixMs};
use serde::{Deserialize, Serialize};

pub use because::{Because, Lost, Merit, Picked, Price, Speed};
pub use candidate::{Abilities, Availability, Candidate, ListPrices, Picks, PromptCost, Tier, WarmCache};
pub use guide::{Advice, Cheaper, Guide, UseCase, guide};
pub use language::Language;
pub use load::{Load, Room};
pub use needs::{Ability, Needs, Reason};
pub use preference::Preference;
pub use reading::{LONG_CONTEXT_TOKENS, PromptReading, read_prompt};
pub use rules::{
    Action, AttachmentCondition, Conditions, CostSoFar, DryRun, DryRunRow, LocalTime, Prompt, Rule, RuleBook,
    RuleMistake, Spent, TimeOfDay, Verdict, Weekday,
};
pub use score::{Part, Score};
pub use stats::{ModelStats, PastCall, wilson_bounds, wilson_lower_bound};
pub use strategy::{Strategy, Weights, wanted_tier};
pub use task::{AttachmentKind, Complexity, Priority, TaskKind};

pub(crate) use wording::{Wording, seconds};

/// What is asked, by whom it was answered before, and how to choose. Holds nothing of the prompt's text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Situation {
    /// The moment of the choice.
    pub at: UnixMs,
    /// Decides between equals; as text in JSON, because JavaScript's numbers cannot hold it.
    #[serde(with = "seed_as_text")]
    pub seed: u64,
    /// What the prompt was read as.
    pub reading: PromptReading,
    /// What it requires.
    pub needs: Needs,
    /// How to choose.
    pub strategy: Strategy,
    /// What the user cares about most.
    pub priority: Priority,
    /// The user's own weights, before those of the strategy.
    pub weights: Option<Weights>,
    /// Who answered the turn before in this lane.
    pub previous: Option<ModelRef>,
    /// The small print.
    pub tuning: Tuning,
}

impl Situation {
    /// A prompt with nothing said about how to choose.
    pub fn new(reading: PromptReading, needs: Needs, at: UnixMs, seed: u64) -> Self {
        Self {
            at,
            seed,
            reading,
            needs,
            strategy: Strategy::default(),
            priority: Priority::default(),
            weights: None,
            previous: None,
            tuning: Tuning::default(),
        }
    }

    /// The weights in force, with a sum of 1.
    pub fn weights_in_force(&self) -> Weights {
        self.weights
            .unwrap_or_else(|| self.strategy.weights(self.reading.complexity, self.priority))
            .normalised()
    }
}

/// The small print of choosing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tuning {
    /// By how much of a score another model has to lead before it takes over from the one of the turn before.
    pub hysteresis: f64,
    /// How long until what is remembered of a call counts half, in milliseconds; 0: for ever.
    pub half_life_ms: u64,
}

impl Default for Tuning {
    fn default() -> Self {
        Self { hysteresis: 0.05, half_life_ms: 6 * 3_600_000 }
    }
}

/// Who answers, who after that, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// Those who can answer, in the order in which they are asked.
    pub ranked: Vec<Ranked>,
    /// Those who cannot, in the order they were given.
    pub excluded: Vec<Excluded>,
    /// The weights in force, with a sum of 1.
    pub weights: Weights,
    /// The first is the one of the turn before, and was not the best of its rank.
    pub kept: bool,
    /// The first and the second were equal; the seed decided.
    pub tie: bool,
}

impl Choice {
    /// The chosen candidate's place in what was given; `None`: nobody can answer.
    pub fn chosen(&self) -> Option<usize> {
        self.ranked.first().map(|ranked| ranked.candidate)
    }

    /// Places in what was given, in the order in which they are asked.
    pub fn order(&self) -> impl Iterator<Item = usize> + '_ {
        self.ranked.iter().map(|ranked| ranked.candidate)
    }
}

/// One who can answer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ranked {
    /// Its place in what was given.
    pub candidate: usize,
    /// Its score.
    pub score: Score,
}

/// One who cannot answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excluded {
    /// Its place in what was given.
    pub candidate: usize,
    /// Why.
    pub reason: Reason,
}

/// Orders the candidates for a prompt. The same arguments always give the same choice, in whatever order the candidates of
/// one rank are given.
pub fn choose(situation: &Situation, candidates: &[Candidate]) -> Choice {
    let weights = situation.weights_in_force();
    let mut survivors: Vec<(usize, &Candidate)> = Vec::with_capacity(candidates.len());
    let mut excluded = Vec::new();
    for (index, candidate) in candidates.iter().enumerate() {
        match situation.needs.check(candidate, situation.at) {
            Some(reason) => excluded.push(Excluded { candidate: index, reason }),
            None => survivors.push((index, candidate)),
        }
    }
    let able: Vec<&Candidate> = survivors.iter().map(|(_, candidate)| *candidate).collect();
    let scores = score::score_all(situation, weights, &able);
    let mut places: Vec<Place<'_>> = survivors
        .into_iter()
        .zip(scores)
        .map(|((index, candidate), score)| Place {
            candidate,
            points: millionths(score.total),
            lot: draw_lot(situation.seed, candidate),
            ranked: Ranked { candidate: index, score },
        })
        .collect();
    places.sort_by(|a, b| a.key().cmp(&b.key()));
    let kept = keep_previous(situation, &mut places);
    let tie = match places.as_slice() {
        [first, second, ..] => {
            !kept && first.candidate.rank == second.candidate.rank && first.points == second.points
        }
        _ => false,
    };
    Choice { ranked: places.into_iter().map(|place| place.ranked).collect(), excluded, weights, kept, tie }
}

/// A survivor with what it is sorted by.
struct Place<'a> {
    candidate: &'a Candidate,
    points: i64,
    lot: u64,
    ranked: Ranked,
}

impl Place<'_> {
    fn key(&self) -> (u32, Reverse<i64>, u64, &str, &str, usize) {
        let model = &self.candidate.model;
        (
            self.candidate.rank,
            Reverse(self.points),
            self.lot,
            model.provider.as_str(),
            model.model.as_str(),
            self.ranked.candidate,
        )
    }
}

/// Moves the model of the turn before to the front, if it is of the first rank and nobody leads it by more than the margin.
fn keep_previous(situation: &Situation, places: &mut [Place<'_>]) -> bool {
    let (Some(previous), Some(first)) = (&situation.previous, places.first()) else { return false };
    let margin = situation.tuning.hysteresis.clamp(0.0, 1.0);
    let (rank, best) = (first.candidate.rank, first.ranked.score.total);
    let is_close =
        |place: &Place<'_>| place.candidate.rank == rank && best - place.ranked.score.total <= margin;
    match places.iter().position(|place| place.candidate.model == *previous && is_close(place)) {
        None | Some(0) => false,
        Some(position) => {
            if let Some(front) = places.get_mut(..=position) {
                front.rotate_right(1);
            }
            true
        }
    }
}

/// Scores are rounded to millionths already, so this loses nothing.
#[expect(clippy::cast_possible_truncation, reason = "a score is between 0 and 1")]
fn millionths(total: f64) -> i64 {
    (total * 1e6).round() as i64
}

/// A number that depends on seed and name alone: equals are drawn by lot, and the same lot is drawn again in a replay.
fn draw_lot(seed: u64, candidate: &Candidate) -> u64 {
    let name = [candidate.model.provider.as_bytes(), b"/", candidate.model.model.as_bytes()];
    let hashed = name.iter().flat_map(|part| part.iter()).fold(0xCBF2_9CE4_8422_2325_u64, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    });
    // The finish of SplitMix64 (Steele, Lea, Flood 2014): without it close seeds would draw close lots.
    let mixed = (hashed ^ seed).wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// A seed as sixteen hexadecimal digits.
mod seed_as_text {
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    pub(super) fn serialize<S: Serializer>(seed: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{seed:016x}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        let text = String::deserialize(deserializer)?;
        u64::from_str_radix(&text, 16).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
pub(crate) mod tests;
