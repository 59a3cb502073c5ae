//! Conversations, lanes, turns and runs as the window shows them.

use roundtable_domain::{
    ConversationId, CostLine, LaneId, Notice, Params, Provenance, RunId, RunState, TokenUsage, TurnId, UnixMs,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::attachment::AttachmentView;
use super::fault::FaultView;
use super::trace::{AnswerSource, OfferView, RunRoute, SegmentView, WaitView};

/// What something has cost so far. Real and simulated money never mix.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Spend {
    /// Real dollars, exact decimal.
    pub usd: String,
    /// Invented dollars of demo models, exact decimal.
    pub simulated_usd: String,
    /// Part of the real dollars is estimated.
    pub estimated: bool,
    /// Fees outside tokens may come on top of the real dollars.
    pub at_least: bool,
    /// Calls whose cost is unknown, on top of the dollars.
    pub unpriced_calls: u32,
    /// Real calls that are booked, priced or not.
    pub calls: u32,
    /// Simulated calls that are booked.
    pub simulated_calls: u32,
}

/// One row of the conversation list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ConversationSummary {
    /// Which.
    pub id: ConversationId,
    /// Empty until the first prompt.
    pub title: String,
    /// When it was made.
    pub created_at: UnixMs,
    /// When something last happened in it.
    pub updated_at: UnixMs,
    /// Kept on top of the list.
    pub pinned: bool,
    /// The folder it lies in: a plain name.
    pub folder: Option<String>,
    /// Its tags, distinct, in the user's order.
    pub tags: Vec<String>,
    /// What it has cost.
    pub spend: Spend,
    /// Runs in flight right now.
    pub running: u32,
    /// Provider slugs of the lanes that name a model, in order, for the dots.
    pub providers: Vec<String>,
}

/// What a lane's target means today. Of a group, a pool or `auto` it is the model that would be asked first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TargetView {
    /// The provider's slug.
    pub provider: String,
    /// The provider's name for people.
    pub provider_name: String,
    /// The model's name at the provider.
    pub model: String,
    /// The model's name for people.
    pub model_name: String,
    /// The target is no model by its own name: the name of the group, pool or alias, or `auto`.
    pub route: Option<String>,
    /// A demo model.
    pub simulated: bool,
    /// Tokens that fit.
    #[ts(type = "number | null")]
    pub context_window: Option<u64>,
    /// Why it cannot be asked now; `None` when it can.
    pub unavailable: Option<FaultView>,
}

/// One column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct LaneView {
    /// Which.
    pub id: LaneId,
    /// From the left, from 0.
    pub position: u32,
    /// As the user chose it: `provider/model`.
    pub target: String,
    /// What it means today.
    pub resolved: TargetView,
    /// Sampling and length for this lane.
    pub params: Params,
    /// How many messages the lane's next request would carry before the prompt.
    pub history_messages: u32,
    /// About how many tokens those are (an estimate).
    #[ts(type = "number")]
    pub history_tokens: u64,
}

/// What a run cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CostView {
    /// Exact decimal dollars; `None`: unpriced or usage unknown.
    pub usd: Option<String>,
    /// How it is known.
    pub provenance: Option<Provenance>,
    /// The date of the price, `YYYY-MM-DD`.
    pub price_date: Option<String>,
    /// Fees outside tokens may come on top.
    pub at_least: bool,
    /// Invented money.
    pub simulated: bool,
    /// Line by line.
    pub lines: Vec<CostLine>,
}

/// A call of a tool the model asked for. Nothing here executes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ToolCallView {
    /// The tool's name.
    pub name: String,
    /// The arguments as the model wrote them: JSON unless it was cut off.
    pub arguments: String,
}

/// One lane's answer to one turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RunView {
    /// Which.
    pub id: RunId,
    /// The turn it answers.
    pub turn_id: TurnId,
    /// The lane it stands in.
    pub lane_id: LaneId,
    /// From 1; a retry makes the next.
    pub version: u32,
    /// How many versions exist.
    pub versions: u32,
    /// What was asked for.
    pub target: String,
    /// Where it stands.
    pub state: RunState,
    /// The answer, markdown.
    pub text: String,
    /// The reasoning, markdown.
    pub reasoning: String,
    /// A refusal that came in its own field.
    pub refusal: String,
    /// Calls of tools, in order of appearance.
    pub tool_calls: Vec<ToolCallView>,
    /// What was left out or changed before sending.
    pub notices: Vec<Notice>,
    /// The provider's slug.
    pub provider: String,
    /// The provider's name for people.
    pub provider_name: String,
    /// The model asked for, at the provider.
    pub model_requested: String,
    /// The model that served it, once known, in the provider's words.
    pub model_served: Option<String>,
    /// A demo model.
    pub simulated: bool,
    /// Why it stopped, in the provider's words.
    pub finish_reason: Option<String>,
    /// Tokens used.
    pub usage: Option<TokenUsage>,
    /// What it cost; `None` while it runs.
    pub cost: Option<CostView>,
    /// From sending to the first semantic delta, in milliseconds.
    #[ts(type = "number | null")]
    pub ttft_ms: Option<u64>,
    /// From sending to the end, in milliseconds.
    #[ts(type = "number | null")]
    pub total_ms: Option<u64>,
    /// Answer tokens per second after the first delta.
    pub tokens_per_second: Option<f64>,
    /// When it was sent.
    pub started_at: UnixMs,
    /// When it ended.
    pub finished_at: Option<UnixMs>,
    /// What went wrong.
    pub fault: Option<FaultView>,
    /// Calls made for it.
    pub attempts: u32,
    /// Picked as the best of its turn.
    pub picked: bool,
    /// How the model was chosen; `None` for a model that was asked for by its own name and answers itself.
    pub route: Option<RunRoute>,
    /// Where the answer comes from.
    pub source: AnswerSource,
    /// Who wrote which part, in order; empty when one model wrote it all.
    pub segments: Vec<SegmentView>,
    /// What is offered about it, the best first.
    pub offers: Vec<OfferView>,
    /// What it waits for; `None` when it does not.
    pub waiting: Option<WaitView>,
    /// What it would have cost, where it comes from the cache or a shared call: exact decimal dollars.
    pub saved_usd: Option<String>,
}

/// One message of the user and its answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TurnView {
    /// Which.
    pub id: TurnId,
    /// The turn it follows.
    pub parent_turn_id: Option<TurnId>,
    /// What the user wrote.
    pub text: String,
    /// Files that went along.
    pub attachments: Vec<AttachmentView>,
    /// When.
    pub created_at: UnixMs,
    /// The latest version of each lane's answer, in the order of the lanes at the time.
    pub runs: Vec<RunView>,
    /// What this comparison has cost: every call of every version, and its title. Calls under way are not in it.
    pub spend: Spend,
}

/// Everything a conversation screen shows. The screen can be rebuilt from this at any time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ConversationSnapshot {
    /// The row of the list.
    pub summary: ConversationSummary,
    /// Columns from the left.
    pub lanes: Vec<LaneView>,
    /// Oldest first.
    pub turns: Vec<TurnView>,
    /// Text in the composer that was not sent.
    pub draft: String,
    /// Files in the composer that were not sent, in their order.
    pub draft_attachments: Vec<AttachmentView>,
    /// Turns with runs in flight; call `watchTurn` for each to follow them.
    pub live_turns: Vec<TurnId>,
}
