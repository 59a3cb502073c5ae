//! What a plan says to do next.

use roundtable_domain::{ErrorCategory, PicoUsd};
use serde::{Deserialize, Serialize};

use super::super::candidate::Refusal;
use super::super::guards::Lease;

/// How a call came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The first of the request.
    First,
    /// The same target again.
    Retry,
    /// The same target with a key this request has not tried. Not charged as an attempt.
    NextKey,
    /// Another target.
    Fallback,
    /// The same target with a shorter history.
    Trimmed,
    /// A partial answer goes on, as a segment of its own.
    Continue,
    /// The answer begins anew, as a branch of its own.
    Regenerate,
    /// Somebody wanted it in spite of what is remembered of failures.
    TryAnyway,
}

impl Kind {
    /// Whether it counts as an attempt of the budget.
    pub const fn is_charged(self) -> bool {
        !matches!(self, Self::NextKey)
    }
}

/// What to do next.
#[derive(Debug)]
pub enum Step {
    /// Send it now.
    Attempt(Box<Attempt>),
    /// Send nothing until then, or until something that was waited for ends; then ask again.
    Wait(Wait),
    /// Shorten the history, then say [`Plan::trimmed`](super::Plan::trimmed).
    Trim {
        /// Whose.
        candidate: usize,
        /// How long the prompt may be, in this model's tokens.
        to_tokens: u64,
    },
    /// The reader has seen a part of the answer that cannot be finished as it began.
    Offer(Offer),
    /// Nothing more is sent.
    Stop(Stop),
}

/// One call to make.
#[derive(Debug)]
pub struct Attempt {
    /// Whom, by place among the candidates.
    pub candidate: usize,
    /// How it came about.
    pub kind: Kind,
    /// The longest it may take, in milliseconds: the candidate's own timeout, within what is left of the request's time.
    pub timeout_ms: u64,
    /// How long was waited since the last call ended (or the plan began), in milliseconds.
    pub waited_ms: u64,
    /// Its places, and its key.
    pub lease: Lease,
}

/// Why to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitReason {
    /// Before the same target is tried again: backoff, or what the provider asked for.
    Retry,
    /// For a place under a limit.
    Place,
    /// Until one of the candidates may be asked again.
    Recovery,
}

/// A wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// Until when, in milliseconds of the clock; always in the future.
    pub until_ms: u64,
    /// For whom, by place among the candidates.
    pub candidate: usize,
    /// Why.
    pub reason: WaitReason,
}

/// What can be done about a partial answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resume {
    /// Another segment follows it, labelled with the model that writes it.
    Continue,
    /// A branch of its own begins beside it.
    Regenerate,
}

/// What is offered about a partial answer. What is accepted goes to [`Plan::resume`](super::Plan::resume).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What cut the answer short.
    pub category: ErrorCategory,
    /// Who could continue it, by place among the candidates, the best first; empty after tool calls, which nobody can take over.
    pub continue_with: Vec<usize>,
    /// Who could begin anew.
    pub regenerate_with: Vec<usize>,
    /// What the route says to do without asking, and with whom.
    pub automatic: Option<(Resume, usize)>,
}

/// Why nothing more is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum StopReason {
    /// There is an answer.
    Answered,
    /// The user stopped it.
    Cancelled,
    /// The same request would fail everywhere.
    Hopeless {
        /// What failed.
        category: ErrorCategory,
    },
    /// All attempts are used.
    OutOfAttempts,
    /// The time is used up.
    OutOfTime,
    /// Whoever is left could cost more than is left.
    OutOfMoney,
    /// Whoever is left asks for a longer wait than anybody waits.
    WaitTooLong {
        /// Until when, in milliseconds of the clock.
        until_ms: u64,
    },
    /// Too many requests are being retried at present, and there is nobody else to ask.
    RetryStorm,
    /// Nobody is left.
    NobodyLeft,
}

/// Text that a route shows when nobody has answered. Not from a model, and to be marked so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastResort {
    /// The text of the route's author.
    pub text: String,
}

/// The end of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// Why.
    pub reason: StopReason,
    /// Who was not asked at the end, and why, by place among the candidates.
    pub refusals: Vec<(usize, Refusal)>,
    /// Whom somebody may ask anyway ([`Plan::insist`](super::Plan::insist)).
    pub try_anyway: Option<usize>,
    /// What the route shows instead of an answer.
    pub last_resort: Option<LastResort>,
}

/// A failure, as far as policy needs to know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What failed.
    pub category: ErrorCategory,
    /// How long the provider asks to be left alone, in milliseconds.
    pub retry_after_ms: Option<u64>,
    /// What the reader has seen; `None` before the first semantic delta.
    pub committed: Option<Committed>,
}

/// A partial answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// Its length, in tokens.
    pub tokens: u64,
    /// It holds tool calls.
    pub has_tool_calls: bool,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallEnd {
    /// What failed; `None` when it was answered.
    pub failure: Option<Failure>,
    /// What it used of the token limits; `None` when that is not known.
    pub tokens: Option<u64>,
    /// What it cost; `None` when that is not known.
    pub cost: Option<PicoUsd>,
}

/// A call that was made, for the trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Whom, by place among the candidates.
    pub candidate: usize,
    /// With which key.
    pub key: Option<String>,
    /// How it came about.
    pub kind: Kind,
    /// How long was waited before it, in milliseconds.
    pub waited_ms: u64,
    /// When it began, in milliseconds of the clock.
    pub begun_ms: u64,
    /// When it ended; `None`: it is under way.
    pub ended_ms: Option<u64>,
    /// What failed; `None`: nothing did.
    pub failed: Option<ErrorCategory>,
    /// What it cost.
    pub cost: Option<PicoUsd>,
}
