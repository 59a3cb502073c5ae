//! What keeps a budget from being saved.

use roundtable_domain::budget::{Period, ScopeError};
use roundtable_ledger::budget::BudgetDraftError;

/// Why a budget was not saved or not removed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BudgetError {
    /// Not an amount.
    #[error("\"{0}\" is no limit; write dollars as a decimal, for example 5 or 0.50")]
    Limit(String),
    /// What is counted.
    #[error(transparent)]
    Scope(#[from] ScopeError),
    /// Name, limit or steps.
    #[error(transparent)]
    Draft(#[from] BudgetDraftError),
    /// A rolling period.
    #[error("a rolling period has from 1 to {most} days, not {0}", most = Period::MOST_DAYS)]
    Days(u16),
    /// Not a model.
    #[error("\"{0}\" names no model; write it as provider/model, for example demo/swift")]
    Target(String),
    /// What it would count is not here.
    #[error("there is no {kind} \"{name}\" here{near}")]
    Unknown {
        /// What it is.
        kind: &'static str,
        /// What was written.
        name: String,
        /// What comes near, as the end of the sentence; may be empty.
        near: String,
    },
    /// The calendar does not reach that far.
    #[error("the clock of this machine says a time that no calendar has; set it and try again")]
    Clock,
}
