//! Budgets: how much may be spent, on what, in which time, and what stands in the way of a prompt that does not fit.

use roundtable_domain::{BudgetId, ConversationId, LaneId, TurnId, UnixMs};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a budget counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum BudgetScopeKind {
    /// Every call.
    #[default]
    Everything,
    /// Calls to one provider, by its slug.
    Provider,
    /// Calls to one model, as `provider/model`: the one that was asked for.
    Model,
    /// Calls with one key, by its id.
    Key,
    /// Calls of one conversation, by its id.
    Conversation,
    /// Calls of conversations that stood in this folder when the call was booked.
    Folder,
    /// Calls of conversations that had this tag when the call was booked.
    Tag,
    /// Calls made for one purpose: `chat`, `cli`, `batch`, `title`, `judge`, `gateway`, `embedding`.
    Source,
}

/// What a budget counts, and which.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct BudgetScope {
    /// The kind.
    pub kind: BudgetScopeKind,
    /// Which of them; `None` for everything.
    pub name: Option<String>,
}

/// How long a budget's limit is for. Days begin at midnight in the user's time zone, weeks on Monday.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export)]
pub enum BudgetPeriod {
    /// A day.
    Day,
    /// A week.
    Week,
    /// A month.
    #[default]
    Month,
    /// Today and the days before it, so many in all.
    Rolling {
        /// From 1 to 366.
        days: u16,
    },
    /// For good.
    Total,
}

/// What happens when the next call does not fit any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum OnLimit {
    /// It is sent, and an alert says so.
    Warn,
    /// It is not sent until somebody has said yes.
    Ask,
    /// It goes to a cheaper target that fits; where there is none it is not sent.
    Cheaper,
    /// It is not sent.
    #[default]
    Stop,
}

/// A budget as it is written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct BudgetDraft {
    /// Which; `None` makes a new one.
    pub id: Option<BudgetId>,
    /// Its name for people; empty: one is made of scope and period.
    pub name: String,
    /// What it counts.
    pub scope: BudgetScope,
    /// For how long.
    pub period: BudgetPeriod,
    /// How much, exact decimal dollars, more than zero.
    pub limit_usd: String,
    /// At how many per cent of the limit there is an alert, ascending, each from 1 to 1000. 100 is added where it only warns.
    pub alert_percents: Vec<u16>,
    /// What happens at the end.
    pub on_limit: OnLimit,
    /// Where `cheaper` goes, best first; empty: the cheapest model that is set up and can do the task.
    pub cheaper_targets: Vec<String>,
    /// Models without a price that may be asked under it all the same, as `provider/model`.
    pub unpriced_allowed: Vec<String>,
    /// Counts the invented money of demo models, and nothing else.
    pub simulated: bool,
    /// Out of force while it is paused. It goes on counting.
    pub paused: bool,
}

/// A budget as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct BudgetView {
    /// Which.
    pub id: BudgetId,
    /// As it is written down, with its name filled in.
    pub draft: BudgetDraft,
    /// What people call the thing it counts: a provider's name, a conversation's title.
    pub scope_label: String,
    /// Nothing has been booked for what it counts, nor filed under it: a name that may be mistyped, or one that is not used yet.
    pub unused: bool,
    /// When the period that counts now began.
    pub period_start: UnixMs,
    /// When it ends; `None`: it moves on by itself or never ends.
    pub period_end: Option<UnixMs>,
    /// Booked in it, exact decimal dollars.
    pub spent_usd: String,
    /// Set aside for calls under way, exact decimal dollars.
    pub reserved_usd: String,
    /// What is left, exact decimal dollars; `0` when nothing is.
    pub left_usd: String,
    /// Spent and set aside, in hundredths of a per cent of the limit, rounded down.
    pub used_basis_points: u32,
    /// The highest alert step that has been reached in this period.
    pub reached_percent: Option<u16>,
    /// Calls of the period whose cost is unknown.
    pub unpriced_calls: u32,
    /// What it comes to by the end of the period at the present pace, exact decimal dollars; `None`: too early to say, or endless.
    pub forecast_usd: Option<String>,
    /// What was sent beyond the limit with somebody's consent in this period, exact decimal dollars of worst cases.
    pub overridden_usd: String,
    /// How often something was sent against it with somebody's consent, ever: beyond the limit, or without a price.
    pub overrides: u32,
}

/// Why consent was needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum OverrideReason {
    /// It did not fit into the limit.
    Limit,
    /// A model had no price.
    Unpriced,
}

/// Something that was sent against a budget because somebody said so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct BudgetOverrideView {
    /// When.
    pub at: UnixMs,
    /// Why consent was needed.
    pub why: OverrideReason,
    /// The worst case beyond the limit, exact decimal dollars; `0` where only a price was missing.
    pub over_usd: String,
    /// Calls without a price.
    pub unpriced_calls: u32,
    /// How the question begins; `None`: it is gone.
    pub question: Option<String>,
    /// Where it was asked; `None`: gone.
    pub conversation_id: Option<ConversationId>,
    /// That conversation's title; may be empty.
    pub conversation_title: Option<String>,
    /// The turn, which may be gone.
    pub turn_id: Option<TurnId>,
}

/// What somebody has decided about the money of a prompt. The default leaves everything to the budgets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(export)]
pub struct MoneyChoice {
    /// The longest answer of each lane, in tokens: what is sent and what is set aside.
    pub cap_tokens: Option<u32>,
    /// Lanes that do not fit go to a cheaper target that does.
    pub cheaper: bool,
    /// Budgets that may be exceeded this once. It is written down.
    pub override_budgets: Vec<BudgetId>,
    /// Models without a price may be asked this once. It is written down.
    pub allow_unpriced: bool,
}

/// One budget that a prompt does not fit into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TightBudget {
    /// Which.
    pub id: BudgetId,
    /// Its name.
    pub name: String,
    /// What it does at the end.
    pub on_limit: OnLimit,
    /// All figures exact decimal dollars: the limit.
    pub limit_usd: String,
    /// Booked.
    pub spent_usd: String,
    /// Set aside for calls under way.
    pub reserved_usd: String,
    /// The worst case of this prompt's lanes that it counts.
    pub needed_usd: String,
    /// How much of that is missing; `0` where only a price is.
    pub missing_usd: String,
    /// When its period ends.
    pub period_end: Option<UnixMs>,
    /// Lanes it counts whose model has no price.
    pub unpriced_lanes: Vec<LaneId>,
}

/// One lane of a prompt that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TightLane {
    /// Which.
    pub lane_id: LaneId,
    /// The model that would be asked, as `provider/model`.
    pub target: String,
    /// Its name for people.
    pub model_name: String,
    /// What the prompt alone costs, exact decimal dollars; `None`: unpriced.
    pub input_usd: Option<String>,
    /// The worst case with the longest answer, exact decimal dollars; `None`: unpriced.
    pub worst_usd: Option<String>,
    /// The longest answer, in tokens.
    pub max_tokens: u32,
    /// The cheaper target that would be asked in its place, and its worst case in exact decimal dollars.
    pub cheaper: Option<CheaperLane>,
}

/// A cheaper target for a lane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CheaperLane {
    /// As `provider/model`.
    pub target: String,
    /// Its name for people.
    pub model_name: String,
    /// Its worst case, exact decimal dollars.
    pub worst_usd: String,
}

/// Why a prompt was not sent, and the ways out. Nothing was sent and nothing was spent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct BudgetStop {
    /// The budgets in the way, the one that misses most first.
    pub budgets: Vec<TightBudget>,
    /// The lanes of the prompt.
    pub lanes: Vec<TightLane>,
    /// The lanes that fit together, when the others are left out; empty: none fits.
    pub lanes_that_fit: Vec<LaneId>,
    /// The longest answers, in tokens, with which all lanes fit; `None`: not even the prompts do, or the answers were too short to be of use.
    pub cap_that_fits: Option<u32>,
    /// All lanes fit when those that can go to a cheaper target.
    pub cheaper_fits: bool,
}

/// The tightest budget a prompt comes under, for the composer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TightestBudget {
    /// Which.
    pub id: BudgetId,
    /// Its name.
    pub name: String,
    /// What it does at the end.
    pub on_limit: OnLimit,
    /// The limit, exact decimal dollars.
    pub limit_usd: String,
    /// What is left before this prompt, exact decimal dollars.
    pub left_usd: String,
    /// Whether this prompt's worst case fits into it; not where it would refuse a lane for want of a price.
    pub fits: bool,
    /// It counts invented money.
    pub simulated: bool,
}
