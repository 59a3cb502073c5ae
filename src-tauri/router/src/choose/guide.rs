//! The guide: for each kind of work, whom to ask first, whom next, why, and who would be cheaper.

use roundtable_domain::{ModelRef, PicoUsd};
use serde::{Deserialize, Serialize};

use super::candidate::Candidate;
use super::strategy::Strategy;
use super::task::{Complexity, TaskKind};
use super::wording::Wording;
use super::{Situation, choose};

/// How much less a cheaper alternative has to cost, in percent: less than that is not worth a worse answer.
const WORTH_SAVING_PERCENT: i128 = 20;

/// A typical prompt of one kind of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UseCase {
    /// The kind of work.
    pub task: TaskKind,
    /// How hard it typically is.
    pub complexity: Complexity,
    /// A typical prompt, in tokens.
    pub input_tokens: u64,
    /// A typical answer, in tokens.
    pub output_tokens: u64,
}

impl UseCase {
    /// One for each kind of work.
    pub const ALL: [Self; 7] = [
        Self::new(TaskKind::Code, Complexity::Moderate, 1_500, 800),
        Self::new(TaskKind::Creative, Complexity::Moderate, 300, 1_000),
        Self::new(TaskKind::Analysis, Complexity::Complex, 4_000, 800),
        Self::new(TaskKind::Translation, Complexity::Simple, 800, 800),
        Self::new(TaskKind::Conversation, Complexity::Simple, 500, 250),
        Self::new(TaskKind::LongContext, Complexity::Moderate, 100_000, 1_000),
        Self::new(TaskKind::Multimodal, Complexity::Moderate, 2_000, 500),
    ];

    const fn new(task: TaskKind, complexity: Complexity, input_tokens: u64, output_tokens: u64) -> Self {
        Self { task, complexity, input_tokens, output_tokens }
    }
}

/// Advice for each kind of work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guide {
    /// In the order of [`UseCase::ALL`].
    pub advice: Vec<Advice>,
}

/// Advice for one kind of work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advice {
    /// The kind of work.
    pub use_case: UseCase,
    /// Whom to ask; `None`: nobody can do it.
    pub primary: Option<ModelRef>,
    /// Whom to ask next, of another provider if there is one: what takes one model down often takes its neighbours along.
    pub fallback: Option<ModelRef>,
    /// Why the first, in words.
    pub reason: String,
    /// Who would be cheaper.
    pub cheaper: Option<Cheaper>,
}

/// A cheaper alternative.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cheaper {
    /// Who.
    pub model: ModelRef,
    /// What such a prompt costs there.
    pub usd: PicoUsd,
    /// How much less that is, in percent of what it costs at the first.
    pub saves_percent: u8,
}

/// Advises on each kind of work by the task-based strategy. `base` gives moment, seed, priority and limits; `candidates_for`
/// gives the candidates with the cost of such a prompt.
pub fn guide(base: &Situation, mut candidates_for: impl FnMut(&UseCase) -> Vec<Candidate>) -> Guide {
    let advice =
        UseCase::ALL.iter().map(|use_case| advise(base, *use_case, &candidates_for(use_case))).collect();
    Guide { advice }
}

fn advise(base: &Situation, use_case: UseCase, candidates: &[Candidate]) -> Advice {
    let mut situation = Situation { strategy: Strategy::TaskBased, previous: None, ..base.clone() };
    situation.reading.task = use_case.task;
    situation.reading.complexity = use_case.complexity;
    situation.needs.input_tokens = use_case.input_tokens;
    situation.needs.output_tokens = use_case.output_tokens;
    situation.needs.vision |= use_case.task == TaskKind::Multimodal;
    let choice = choose(&situation, candidates);
    let ranked: Vec<&Candidate> = choice.order().filter_map(|index| candidates.get(index)).collect();
    let Some((first, others)) = ranked.split_first() else {
        let reason = "none of the models can do this".to_owned();
        return Advice { use_case, primary: None, fallback: None, reason, cheaper: None };
    };
    let elsewhere = others.iter().find(|other| other.model.provider != first.model.provider);
    let reason = Wording { situation: &situation, candidates, choice: &choice }.because();
    let reason = reason.map(|because| because.to_string()).unwrap_or_default();
    Advice {
        use_case,
        primary: Some(first.model.clone()),
        fallback: elsewhere.or(others.first()).map(|other| other.model.clone()),
        reason: format!("because {reason}"),
        cheaper: others.iter().find_map(|other| cheaper(&situation, first, other)),
    }
}

/// The other one as a cheaper alternative, if it costs enough less.
fn cheaper(situation: &Situation, first: &Candidate, other: &Candidate) -> Option<Cheaper> {
    let dear = i128::from(first.cost.as_ref()?.at(situation.at).as_pico());
    let usd = other.cost.as_ref()?.at(situation.at);
    let saves = (dear - i128::from(usd.as_pico())).checked_mul(100)?.checked_div(dear)?;
    (saves >= WORTH_SAVING_PERCENT).then_some(Cheaper {
        model: other.model.clone(),
        usd,
        saves_percent: u8::try_from(saves).ok()?,
    })
}
