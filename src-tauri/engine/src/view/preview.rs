//! What a prompt would be, before it is sent: tokens, cost, and what a lane cannot carry.

use roundtable_domain::{LaneId, Notice};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::budget::{BudgetStop, TightestBudget};

/// How a token count was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum CountSource {
    /// The model's own tokenizer.
    Tokenizer,
    /// The provider's counting endpoint.
    Provider,
    /// Learnt from what this model has reported for earlier prompts.
    Learned,
    /// A rule of thumb.
    Estimate,
}

/// One lane's share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct LanePreview {
    /// The lane.
    pub lane_id: LaneId,
    /// Tokens of the whole request: instructions, history, prompt and files.
    #[ts(type = "number")]
    pub tokens: u64,
    /// How they were counted.
    pub source: CountSource,
    /// Tokens that fit.
    #[ts(type = "number | null")]
    pub context_window: Option<u64>,
    /// Whether request and answer fit.
    pub fits: bool,
    /// What an answer of the usual length would cost: exact decimal dollars; `None`: unpriced.
    pub expected_usd: Option<String>,
    /// What the longest answer would cost: exact decimal dollars; `None`: unpriced.
    pub worst_usd: Option<String>,
    /// How long the answer will be, in tokens: learnt from the model's past answers, else an ordinary one.
    #[ts(type = "number")]
    pub expected_tokens: u64,
    /// This lane's part of the worst case of all lanes that are paid in the same money, in per cent; `None`: unpriced, not sent, or
    /// nothing to share.
    pub share_percent: Option<u8>,
    /// Invented money.
    pub simulated: bool,
    /// What will be left out or changed, and why the lane cannot be asked at all.
    pub notices: Vec<Notice>,
}

/// What sending now would mean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TurnPreview {
    /// In the order of the lanes.
    pub lanes: Vec<LanePreview>,
    /// Sum of the real lanes' expected cost, exact decimal dollars.
    pub expected_usd: String,
    /// Sum of the real lanes' worst case, exact decimal dollars.
    pub worst_usd: String,
    /// Sum of the demo lanes' expected cost in invented money, exact decimal dollars.
    pub simulated_expected_usd: String,
    /// Sum of the demo lanes' worst case in invented money, exact decimal dollars.
    pub simulated_worst_usd: String,
    /// Real lanes without a price.
    pub unpriced: u32,
    /// The budget with the least room for it; `None`: it comes under none.
    pub tightest: Option<TightestBudget>,
    /// Why sending it now would be refused; `None`: it fits.
    pub stop: Option<BudgetStop>,
}
