//! Whom a request can go to, and why it cannot go there now.

use std::fmt;

use roundtable_domain::{ModelRef, PicoUsd};
use serde::{Deserialize, Serialize};

use super::budget::Spent;
use crate::breaker::BreakerSettings;
use crate::choose::Ability;
use crate::limits::Limits;
use crate::route::Rung;

/// A model a request can go to, with what a call there would take. Made by the engine from the expanded route, the catalogue and
/// the prompt; what is not known is `None` and stands in nobody's way.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The model.
    pub model: ModelRef,
    /// The origin it is reached at: what a network failure speaks of.
    pub host: String,
    /// Candidates of one tier stand for each other; lower tiers come first.
    pub tier: u32,
    /// The rung it stands on, for the limits of the rung.
    pub rung: Option<Rung>,
    /// Its name in the pool's ring; `None` outside of it.
    pub instance: Option<String>,
    /// The prompt as this model counts it, in tokens.
    pub prompt_tokens: u64,
    /// The longest answer that is asked for, in tokens: set aside under the limits.
    pub answer_tokens: u64,
    /// What it reads at most, in tokens.
    pub context_window: Option<u64>,
    /// What the request needs and this model is known not to have.
    pub lacks: Vec<Ability>,
    /// What a call is expected to cost at most; `None` when the model is unpriced.
    pub estimate: Option<PicoUsd>,
    /// The longest one attempt may take, in milliseconds.
    pub timeout_ms: Option<u64>,
    /// How often it is tried again; `None` leaves it to the plan.
    pub max_retries: Option<u32>,
    /// When its breaker opens.
    pub breaker: BreakerSettings,
    /// The limits of its rung.
    pub limits: Limits,
}

impl Candidate {
    /// A model of which nothing is known but where it is.
    pub fn new(model: ModelRef, host: impl Into<String>) -> Self {
        Self {
            model,
            host: host.into(),
            tier: 0,
            rung: None,
            instance: None,
            prompt_tokens: 0,
            answer_tokens: 0,
            context_window: None,
            lacks: Vec::new(),
            estimate: None,
            timeout_ms: None,
            max_retries: None,
            breaker: BreakerSettings::default(),
            limits: Limits::default(),
        }
    }

    /// What is set aside for a call under the token limits.
    pub(super) fn tokens(&self) -> u64 {
        self.prompt_tokens.saturating_add(self.answer_tokens)
    }

    /// Whether the request is anything for this model at all. `more_tokens` come on top of the prompt (a partial answer to
    /// be continued); `outgrown`: a model with this window has refused the prompt as too long.
    pub(super) fn check(&self, more_tokens: u64, outgrown: Option<u64>) -> Result<(), Refusal> {
        if !self.lacks.is_empty() {
            return Err(Refusal::Lacks { abilities: self.lacks.clone() });
        }
        let tokens = self.prompt_tokens.saturating_add(more_tokens);
        match self.context_window {
            Some(window) if tokens > window || outgrown.is_some_and(|outgrown| window <= outgrown) => {
                Err(Refusal::ContextLength { tokens, window })
            }
            _ => Ok(()),
        }
    }
}

/// What a breaker, a limit or a closing is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "scope", rename_all = "snake_case")]
pub enum Scope {
    /// Everything at an origin.
    Host {
        /// `https://host:port`.
        origin: String,
    },
    /// A model at its provider, whoever pays.
    Model {
        /// The model.
        model: ModelRef,
    },
    /// Everything paid with one key.
    Account {
        /// The provider.
        provider: String,
        /// The key's id.
        key: String,
    },
    /// One model, paid with one key: what most providers limit.
    AccountModel {
        /// The model.
        model: ModelRef,
        /// The key's id; `None` where none is needed.
        key: Option<String>,
    },
    /// A rung of a task group, over all its models.
    Rung {
        /// The group.
        group: String,
        /// The number of the echelon.
        echelon: u32,
    },
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host { origin } => f.write_str(origin),
            Self::Model { model } | Self::AccountModel { model, .. } => model.fmt(f),
            Self::Account { provider, .. } => write!(f, "the account at {provider}"),
            Self::Rung { group, echelon } => write!(f, "{group}.echelon{echelon}"),
        }
    }
}

/// Why a candidate is not asked now. Times are milliseconds of the router's clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Refusal {
    /// It cannot do what the request needs.
    Lacks {
        /// What it cannot do.
        abilities: Vec<Ability>,
    },
    /// The prompt does not fit.
    ContextLength {
        /// The prompt, in tokens.
        tokens: u64,
        /// What fits, in tokens.
        window: u64,
    },
    /// It kept failing and is left alone until then.
    BreakerOpen {
        /// What is left alone.
        about: Scope,
        /// Until when.
        until_ms: u64,
    },
    /// It kept failing, and other calls are finding out whether it is well again.
    Probing {
        /// What is being probed.
        about: Scope,
    },
    /// The provider asked to be left alone until then.
    Closed {
        /// What is closed.
        about: Scope,
        /// Until when.
        until_ms: u64,
    },
    /// There is no place under a limit.
    Limited {
        /// What is limited.
        about: Scope,
        /// When there will be one, by prediction; `None` when that depends on calls of unknown length.
        until_ms: Option<u64>,
    },
    /// The call alone is larger than a limit.
    TooLarge {
        /// What is limited.
        about: Scope,
        /// The limit, in tokens a minute.
        limit: u64,
    },
    /// No key can be used.
    NoKey {
        /// When one can; `None`: this request has tried them all.
        until_ms: Option<u64>,
    },
    /// The pool has taken it out until then.
    InstanceOut {
        /// Until when.
        until_ms: u64,
    },
    /// The pool allows no further instance, or no other one.
    InstancesUsed,
    /// It was tried as often as the route allows.
    RetriesUsed,
    /// Too many requests are being retried at present.
    RetryStorm,
    /// The budget of the request.
    Budget {
        /// What of it.
        spent: Spent,
    },
    /// The books did not allow it: a budget over several requests.
    Books,
}

/// When a refusal may end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    Never,
    At(u64),
    WhenOneEnds,
}

impl Refusal {
    pub(super) fn opening(&self) -> Opening {
        match self {
            Self::BreakerOpen { until_ms, .. }
            | Self::Closed { until_ms, .. }
            | Self::InstanceOut { until_ms }
            | Self::Limited { until_ms: Some(until_ms), .. }
            | Self::NoKey { until_ms: Some(until_ms) } => Opening::At(*until_ms),
            Self::Probing { .. } | Self::Limited { until_ms: None, .. } => Opening::WhenOneEnds,
            _ => Opening::Never,
        }
    }

    /// Whether it is a limit of one key that stands in the way: another may have a place.
    pub(super) fn is_of_a_key(&self) -> bool {
        let (Self::Limited { about, .. } | Self::TooLarge { about, .. }) = self else { return false };
        matches!(about, Scope::Account { .. } | Scope::AccountModel { key: Some(_), .. })
    }

    /// Of two refusals the one that may end sooner.
    pub(super) fn or_sooner(self, other: Self) -> Self {
        let rank = |refusal: &Self| match refusal.opening() {
            Opening::At(at_ms) => (0, at_ms),
            Opening::WhenOneEnds => (1, 0),
            Opening::Never => (2, 0),
        };
        if rank(&other) < rank(&self) { other } else { self }
    }

    /// Whether somebody may try anyway: nothing forbids it but what is remembered of earlier failures.
    pub fn may_be_overridden(&self) -> bool {
        matches!(
            self,
            Self::BreakerOpen { .. }
                | Self::Probing { .. }
                | Self::Closed { .. }
                | Self::InstanceOut { .. }
                | Self::NoKey { until_ms: Some(_) }
        )
    }
}
