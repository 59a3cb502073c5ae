//! What each kind of failure calls for, and whose fault it counts as. Two readable tables and nothing else.

use roundtable_domain::ErrorCategory;
use serde::{Deserialize, Serialize};

/// One thing to try after a failure, before anything was shown to the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reaction {
    /// Another key of the same provider, at once.
    NextKey,
    /// The same target again, after a wait.
    SameTarget,
    /// Another target, at once.
    NextTarget,
    /// The same target with a shorter history.
    Trim,
}

/// What to try after a failure, in order; empty means that nothing helps but a different request.
pub const fn reactions(category: ErrorCategory) -> &'static [Reaction] {
    use Reaction::{NextKey, NextTarget, SameTarget, Trim};
    match category {
        ErrorCategory::RateLimited => &[NextKey, SameTarget, NextTarget],
        ErrorCategory::QuotaExceeded | ErrorCategory::Authentication | ErrorCategory::Permission => {
            &[NextKey, NextTarget]
        }
        ErrorCategory::ModelNotFound | ErrorCategory::WrongAddress | ErrorCategory::OverBudget => {
            &[NextTarget]
        }
        ErrorCategory::ContextLength => &[Trim, NextTarget],
        ErrorCategory::Unavailable | ErrorCategory::Network | ErrorCategory::Truncated => {
            &[SameTarget, NextTarget]
        }
        // It has taken all the time there was once; another is more likely to answer within what is left.
        ErrorCategory::Timeout => &[NextTarget, SameTarget],
        ErrorCategory::InvalidRequest | ErrorCategory::ContentFilter | ErrorCategory::Cancelled => &[],
    }
}

/// Whose health a failure speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blame {
    /// The key, for every model.
    Key,
    /// The key, for this model.
    KeyForModel,
    /// Nobody is ill: the limits are lower than was thought.
    Limits,
    /// The model at its provider.
    Model,
    /// The host behind the address.
    Host,
    /// The request, or the person who stopped it.
    Nobody,
}

/// Whose health a failure speaks of.
pub const fn blame(category: ErrorCategory) -> Blame {
    match category {
        ErrorCategory::QuotaExceeded | ErrorCategory::Authentication => Blame::Key,
        ErrorCategory::Permission => Blame::KeyForModel,
        ErrorCategory::RateLimited => Blame::Limits,
        ErrorCategory::ModelNotFound
        | ErrorCategory::WrongAddress
        | ErrorCategory::Unavailable
        | ErrorCategory::Timeout
        | ErrorCategory::Truncated => Blame::Model,
        ErrorCategory::Network => Blame::Host,
        ErrorCategory::InvalidRequest
        | ErrorCategory::ContextLength
        | ErrorCategory::ContentFilter
        | ErrorCategory::OverBudget
        | ErrorCategory::Cancelled => Blame::Nobody,
    }
}
