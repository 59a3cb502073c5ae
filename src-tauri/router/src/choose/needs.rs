//! Hard requirements: who cannot answer this prompt at all, and why.

use roundtable_domain::{ModelRef, PicoUsd, UnixMs};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::candidate::{Availability, Candidate};

/// What a prompt requires of whoever answers it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a requirement of its own, and none excludes another"
)]
pub struct Needs {
    /// The prompt with its history, in tokens, as estimated.
    pub input_tokens: u64,
    /// The answer as expected, in tokens.
    pub output_tokens: u64,
    /// The longest answer that was asked for; `None`: nothing was.
    pub max_output_tokens: Option<u64>,
    /// Pictures come with it.
    pub vision: bool,
    /// PDF files come with it.
    pub pdf: bool,
    /// Sound comes with it.
    pub audio_input: bool,
    /// Tools are offered.
    pub tools: bool,
    /// Several tools at once are wanted.
    pub parallel_tools: bool,
    /// The answer has to keep to a JSON schema.
    pub json_schema: bool,
    /// Nothing may leave the house.
    pub local_only: bool,
    /// An ability nobody knows of counts as missing.
    pub only_known_abilities: bool,
    /// What is left of the tightest budget or cap, in dollars.
    pub at_most_usd: Option<PicoUsd>,
    /// The longest wait for a place, in milliseconds.
    pub longest_wait_ms: Option<u64>,
    /// Only models that each of these lists has: names with `*` for any text (`openai/*`).
    pub only: Vec<Vec<String>>,
    /// Never these: names with `*` for any text.
    pub never: Vec<String>,
}

/// An ability a model lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "ModelAbility")]
pub enum Ability {
    /// Takes images.
    Vision,
    /// Takes PDF files.
    Pdf,
    /// Takes audio.
    AudioInput,
    /// Calls tools.
    Tools,
    /// Calls several tools at once.
    ParallelTools,
    /// Keeps to a JSON schema.
    JsonSchema,
}

/// Why a candidate cannot answer. The code ([`Reason::code`]) is what files and the command line show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "code", rename_all = "snake_case")]
#[ts(rename = "ExcludedBecause")]
pub enum Reason {
    /// Switched off by the user.
    Disabled,
    /// Its provider is not set up here.
    NotSetUp,
    /// No key that works.
    NoKey,
    /// It kept failing and is left alone.
    BreakerOpen {
        /// Milliseconds until it is probed.
        for_ms: u64,
    },
    /// The account is out of credit.
    QuotaExceeded,
    /// Not offered any more.
    Retired,
    /// A rule or the user keeps it out.
    NotAllowed,
    /// It does not run in this house.
    NotLocal,
    /// Prompt and answer do not fit.
    ContextTooSmall {
        /// Tokens needed.
        needed: u64,
        /// Tokens there are.
        window: u64,
    },
    /// It cannot answer as long as was asked for.
    AnswerTooShort {
        /// Tokens asked for.
        asked: u64,
        /// Tokens it can.
        most: u64,
    },
    /// It cannot do something that is needed.
    Lacks {
        /// What.
        ability: Ability,
    },
    /// Nobody knows whether it can, and only those known to are wanted.
    AbilityUnknown {
        /// What.
        ability: Ability,
    },
    /// It would cost more than is left.
    TooExpensive {
        /// What it would cost.
        usd: PicoUsd,
        /// What is left.
        at_most_usd: PicoUsd,
    },
    /// Its price is not known, so nobody can say whether enough is left.
    Unpriced,
    /// A place under its limits comes too late.
    WaitTooLong {
        /// Milliseconds until there is one.
        wait_ms: u64,
        /// Milliseconds it may take.
        longest_wait_ms: u64,
    },
}

impl Reason {
    /// The stable word for files, JSON and the command line.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::NotSetUp => "not_set_up",
            Self::NoKey => "no_key",
            Self::BreakerOpen { .. } => "breaker_open",
            Self::QuotaExceeded => "quota_exceeded",
            Self::Retired => "retired",
            Self::NotAllowed => "not_allowed",
            Self::NotLocal => "not_local",
            Self::ContextTooSmall { .. } => "context_too_small",
            Self::AnswerTooShort { .. } => "answer_too_short",
            Self::Lacks { .. } => "lacks",
            Self::AbilityUnknown { .. } => "ability_unknown",
            Self::TooExpensive { .. } => "too_expensive",
            Self::Unpriced => "unpriced",
            Self::WaitTooLong { .. } => "wait_too_long",
        }
    }
}

impl Needs {
    /// Why this candidate cannot answer; `None`: it can. The first reason found, the most lasting ones first.
    pub fn check(&self, candidate: &Candidate, at: UnixMs) -> Option<Reason> {
        self.check_policy(candidate)
            .or_else(|| self.check_size(candidate))
            .or_else(|| self.check_abilities(candidate))
            .or_else(|| self.check_money(candidate, at))
            .or_else(|| self.check_moment(candidate))
    }

    fn check_policy(&self, candidate: &Candidate) -> Option<Reason> {
        if candidate.availability == Availability::Disabled {
            return Some(Reason::Disabled);
        }
        if candidate.availability == Availability::Retired {
            return Some(Reason::Retired);
        }
        if !self.is_allowed(&candidate.model) {
            return Some(Reason::NotAllowed);
        }
        (self.local_only && !candidate.local).then_some(Reason::NotLocal)
    }

    fn is_allowed(&self, model: &ModelRef) -> bool {
        if self.only.is_empty() && self.never.is_empty() {
            return true;
        }
        let name = model.to_string();
        let has = |patterns: &[String]| patterns.iter().any(|pattern| matches_pattern(pattern, &name));
        self.only.iter().all(|patterns| has(patterns)) && !has(&self.never)
    }

    fn check_size(&self, candidate: &Candidate) -> Option<Reason> {
        if let (Some(asked), Some(most)) = (self.max_output_tokens, candidate.max_output)
            && asked > most
        {
            return Some(Reason::AnswerTooShort { asked, most });
        }
        if let Some(window) = candidate.max_input
            && self.input_tokens > window
        {
            return Some(Reason::ContextTooSmall { needed: self.input_tokens, window });
        }
        let needed = self.input_tokens.saturating_add(self.max_output_tokens.unwrap_or(self.output_tokens));
        candidate
            .context_window
            .filter(|&window| needed > window)
            .map(|window| Reason::ContextTooSmall { needed, window })
    }

    fn check_abilities(&self, candidate: &Candidate) -> Option<Reason> {
        let has = candidate.abilities;
        let needed = [
            (self.vision, has.vision, Ability::Vision),
            (self.pdf, has.pdf, Ability::Pdf),
            (self.audio_input, has.audio_input, Ability::AudioInput),
            (self.tools, has.tools, Ability::Tools),
            (self.parallel_tools, has.parallel_tools, Ability::ParallelTools),
            (self.json_schema, has.json_schema, Ability::JsonSchema),
        ];
        needed.into_iter().find_map(|(is_needed, has, ability)| match has {
            Some(false) if is_needed => Some(Reason::Lacks { ability }),
            None if is_needed && self.only_known_abilities => Some(Reason::AbilityUnknown { ability }),
            _ => None,
        })
    }

    fn check_money(&self, candidate: &Candidate, at: UnixMs) -> Option<Reason> {
        let at_most_usd = self.at_most_usd?;
        let Some(cost) = &candidate.cost else { return Some(Reason::Unpriced) };
        let usd = cost.at(at);
        (usd > at_most_usd).then_some(Reason::TooExpensive { usd, at_most_usd })
    }

    fn check_moment(&self, candidate: &Candidate) -> Option<Reason> {
        match candidate.availability {
            Availability::NotSetUp => return Some(Reason::NotSetUp),
            Availability::NoKey => return Some(Reason::NoKey),
            Availability::QuotaExceeded => return Some(Reason::QuotaExceeded),
            Availability::BreakerOpen { for_ms } => return Some(Reason::BreakerOpen { for_ms }),
            Availability::Ready | Availability::Disabled | Availability::Retired => {}
        }
        let (wait_ms, longest_wait_ms) = (candidate.load.wait_ms, self.longest_wait_ms?);
        (wait_ms > longest_wait_ms).then_some(Reason::WaitTooLong { wait_ms, longest_wait_ms })
    }
}

/// Whether a name has a pattern's form: `*` stands for any text, also none. Small and capital letters are the same.
fn matches_pattern(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.trim().to_lowercase(), name.to_lowercase());
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut left) = name.strip_prefix(first) else { return false };
    let Some((middle, last)) = rest.rsplit_once('*') else { return left.ends_with(rest) };
    for part in middle.split('*').filter(|part| !part.is_empty()) {
        let Some((_, after)) = left.split_once(part) else { return false };
        left = after;
    }
    left.ends_with(last)
}

#[cfg(test)]
mod tests;
