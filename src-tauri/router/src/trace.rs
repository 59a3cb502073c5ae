//! Why a run was answered by whom: everything the choice was made of, and what came of it.
//!
//! A trace holds no prompt text and no key, only what was counted and measured. It can be kept as JSON, put into words
//! ([`RouteTrace::explain`]) and played again ([`RouteTrace::replay`]): the same facts give the same choice, so a surprise
//! can be looked into afterwards.

mod explain;
mod saying;

use roundtable_domain::{ErrorCategory, ModelRef, PicoUsd, Provenance, RunState, UnixMs};
use serde::{Deserialize, Serialize};

use crate::attempt::Kind;
use crate::choose::{Candidate, Choice, Situation, choose};
pub use explain::{Explanation, Told};
pub use saying::{Ending, Step, TraceSaying};

/// The form of a trace. A program that does not know a form shows the trace as it is and does not replay it.
pub const TRACE_FORMAT: u32 = 1;

/// Why a run was answered by whom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RouteTrace {
    /// The form of this trace: [`TRACE_FORMAT`].
    pub format: u32,
    /// What was asked for: a model, `group.echelon`, group, pool or `auto`.
    pub asked: String,
    /// Which revision of groups, pools, rules and settings it was: whatever the engine calls it, a hash for instance.
    pub config_revision: String,
    /// The rules that held, by their names.
    pub rules: Vec<String>,
    /// What the choice looked at; its seed is in here.
    pub situation: Situation,
    /// Who could have answered, with prices, statistics and load as they were.
    pub candidates: Vec<Candidate>,
    /// The order, the scores and the exclusions.
    pub choice: Choice,
    /// Why another model was asked than `asked` names; `None`: none was.
    #[serde(default)]
    pub instead: Option<String>,
    /// What was tried, in order.
    pub attempts: Vec<TracedAttempt>,
    /// How it ended; `None`: it has not.
    pub end: Option<TraceEnd>,
}

/// One attempt of a trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TracedAttempt {
    /// Whom.
    pub model: ModelRef,
    /// With which key, by its id (`env:VARIABLE` for one from the environment); never the key itself.
    pub key: Option<String>,
    /// How it came about.
    pub kind: Kind,
    /// How long was waited before it, in milliseconds.
    pub waited_ms: u64,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// How long until the first semantic delta, in milliseconds; `None`: none came.
    pub ttft_ms: Option<u64>,
    /// What failed; `None`: nothing did.
    pub failure: Option<ErrorCategory>,
    /// How long the provider asked to be left alone, in milliseconds.
    pub retry_after_ms: Option<u64>,
    /// What it cost; `None`: not known.
    pub usd: Option<PicoUsd>,
    /// How that is known.
    pub provenance: Option<Provenance>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceEnd {
    /// The run's last state.
    pub state: RunState,
    /// Where the answer comes from.
    pub source: AnswerSource,
    /// The model that served it, by its own account; `None`: no model did.
    pub served: Option<ModelRef>,
    /// When.
    pub at: UnixMs,
}

/// Where an answer comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerSource {
    /// A model, for this very run.
    Model,
    /// The cache of answers: nothing was sent.
    Cache,
    /// A call for the same request that was under way already.
    Shared,
    /// The route's last-resort text: no model has written it.
    LastResort,
    /// There is none.
    Nothing,
}

/// What playing a trace again gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Replay {
    /// The choice as it comes out now.
    pub choice: Choice,
    /// Whether it is the same, scores and all.
    pub is_same: bool,
}

impl RouteTrace {
    /// Chooses, and writes down what it was made of.
    pub fn choose(
        asked: String,
        config_revision: String,
        rules: Vec<String>,
        situation: Situation,
        candidates: Vec<Candidate>,
    ) -> Self {
        let choice = choose(&situation, &candidates);
        Self {
            format: TRACE_FORMAT,
            asked,
            config_revision,
            rules,
            situation,
            candidates,
            choice,
            instead: None,
            attempts: Vec::new(),
            end: None,
        }
    }

    /// The candidate that was chosen; `None`: nobody can answer.
    pub fn chosen(&self) -> Option<&Candidate> {
        self.choice.chosen().and_then(|index| self.candidates.get(index))
    }

    /// Those who can answer, in the order in which they are asked.
    pub fn in_order(&self) -> impl Iterator<Item = &Candidate> {
        self.choice.order().filter_map(|index| self.candidates.get(index))
    }

    /// What all attempts cost together; `None`: of one it is not known, or there were none.
    pub fn usd(&self) -> Option<PicoUsd> {
        let mut attempts = self.attempts.iter();
        let first = attempts.next()?.usd?;
        attempts.try_fold(first, |sum, attempt| sum.checked_add(attempt.usd?))
    }

    /// Chooses again from the same facts; `None`: the trace has a form this program does not know.
    pub fn replay(&self) -> Option<Replay> {
        (self.format == TRACE_FORMAT).then(|| {
            let choice = choose(&self.situation, &self.candidates);
            Replay { is_same: choice == self.choice, choice }
        })
    }
}

#[cfg(test)]
mod tests;
