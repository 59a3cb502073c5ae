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
    /// There is none.
    #[error("there is no budget \"{0}\" here; it may have been removed already")]
    Unknown(String),
    /// The calendar does not reach that far.
    #[error("the clock of this machine says a time that no calendar has; set it and try again")]
    Clock,
}
