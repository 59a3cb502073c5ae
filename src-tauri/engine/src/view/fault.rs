//! Errors as the window shows them: what happened, whose doing, whether it was charged, what to do next.

use roundtable_domain::ErrorCategory;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::budget::BudgetStop;
use super::saying::Saying;

/// The next step, offered as a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum NextStep {
    /// Send it again.
    Retry,
    /// Choose another model.
    SwapModel,
    /// Open the provider's key field.
    EditKey,
    /// Open the provider's address field.
    EditProvider,
    /// Shorten the prompt or start a new conversation.
    ShortenPrompt,
    /// Open the budget that is in the way.
    EditBudget,
    /// Look at the network.
    CheckNetwork,
    /// Choose another folder for the data.
    ChangeDataFolder,
    /// Get a newer version of this program.
    Update,
    /// Set the damaged file aside and start with a new one.
    SetAside,
}

/// Whether money was spent on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Charged {
    /// Not charged.
    No,
    /// The provider may charge for what it did.
    Possibly,
    /// Charged; the cost stands beside it.
    Yes,
}

/// What went wrong with a run or a target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct FaultView {
    /// For the icon and for policy.
    pub category: ErrorCategory,
    /// What happened and whose doing, one or two sentences, ready to show.
    pub message: String,
    /// The same for other languages; `None`: only the message says it.
    pub saying: Option<Saying>,
    /// The provider's own words, verbatim, for a fold-out.
    pub detail: Option<String>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// The provider's id of the request.
    pub request_id: Option<String>,
    /// Earliest useful retry, in milliseconds from when it failed.
    #[ts(type = "number | null")]
    pub retry_after_ms: Option<u64>,
    /// Whether money was spent.
    pub charged: Charged,
    /// What to offer, the best first.
    pub next_steps: Vec<NextStep>,
}

/// Why a command of the window failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, thiserror::Error)]
#[error("{message}")]
#[ts(export)]
pub struct AppError {
    /// Stable word, for instance `empty_prompt`, `unknown_model`, `read_only`.
    pub code: String,
    /// What happened and what to do next, ready to show.
    pub message: String,
    /// The same for other languages; `None`: only the message says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub saying: Option<Saying>,
    /// What to offer.
    pub action: Option<NextStep>,
    /// Whether the same call may work later.
    pub retryable: bool,
    /// With the code `over_budget`: the numbers, and the ways out. Nothing was sent and nothing was spent.
    pub over_budget: Option<Box<BudgetStop>>,
}
