//! The faults of the table, and what each of them is.

use roundtable_domain::ErrorCategory;
use roundtable_emulator::{Behaviour, RetryAfter};

/// How long the 429 asks to be left alone, in milliseconds.
pub const RETRY_AFTER_MS: u64 = 120;

/// Tokens that come before the faults in the middle of a text.
pub const BEFORE_THE_FAULT: usize = 5;

/// What a reader has seen of the call when it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    Nothing,
    /// [`BEFORE_THE_FAULT`] tokens.
    Part,
    /// A whole answer: the fault is no failure.
    All,
}

/// A row of the table.
#[derive(Clone, Copy)]
pub struct Fault {
    pub name: &'static str,
    pub behaviour: fn() -> Behaviour,
    /// What the failure is; `None`: it is none.
    pub category: Option<ErrorCategory>,
    pub shown: Shown,
    /// The reply had begun with a frame of its own: some providers say in it what the prompt is charged at.
    pub has_begun: bool,
    /// What does it good.
    pub cure: Cure,
}

/// What does a failure good, before anything was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cure {
    /// Trying the same target again, and after that another.
    Again,
    /// Another target; the same one only where there is no other.
    AnotherFirst,
    /// Another target alone.
    Another,
}

#[rustfmt::skip]
pub const FAULTS: [Fault; 10] = [
    Fault { name: "429 with Retry-After", behaviour: || Behaviour::Status429(RetryAfter::Milliseconds(RETRY_AFTER_MS)),
            category: Some(ErrorCategory::RateLimited), shown: Shown::Nothing, has_begun: false, cure: Cure::Again },
    Fault { name: "500", behaviour: || Behaviour::Status500,
            category: Some(ErrorCategory::Unavailable), shown: Shown::Nothing, has_begun: false, cure: Cure::Again },
    Fault { name: "error as first event", behaviour: || Behaviour::ErrorFirstEvent,
            category: Some(ErrorCategory::Unavailable), shown: Shown::Nothing, has_begun: false, cure: Cure::Again },
    Fault { name: "role frame, then quota error", behaviour: || Behaviour::QuotaAfterRole,
            category: Some(ErrorCategory::QuotaExceeded), shown: Shown::Nothing, has_begun: true, cure: Cure::Another },
    Fault { name: "5 tokens, then error event", behaviour: || Behaviour::ErrorMidStream { after_tokens: BEFORE_THE_FAULT },
            category: Some(ErrorCategory::Unavailable), shown: Shown::Part, has_begun: true, cure: Cure::Again },
    Fault { name: "5 tokens, then socket cut", behaviour: || Behaviour::SocketCut { after_tokens: BEFORE_THE_FAULT },
            category: Some(ErrorCategory::Network), shown: Shown::Part, has_begun: true, cure: Cure::Again },
    Fault { name: "5 tokens, then clean EOF", behaviour: || Behaviour::CleanEof { after_tokens: BEFORE_THE_FAULT },
            category: Some(ErrorCategory::Truncated), shown: Shown::Part, has_begun: true, cure: Cure::Again },
    Fault { name: "role frame, then pings for ever", behaviour: || Behaviour::PingsForever { every_ms: 40 },
            category: Some(ErrorCategory::Timeout), shown: Shown::Nothing, has_begun: true, cure: Cure::AnotherFirst },
    Fault { name: "slow tokens", behaviour: || Behaviour::SlowTokens { ms_per_token: 40 },
            category: None, shown: Shown::All, has_begun: true, cure: Cure::Again },
    Fault { name: "wrong content type", behaviour: || Behaviour::HtmlOk,
            category: Some(ErrorCategory::WrongAddress), shown: Shown::Nothing, has_begun: false, cure: Cure::Another },
];
