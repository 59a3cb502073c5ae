//! How models did over a window of time, and what could be done better.

use roundtable_domain::{AttemptId, ConversationId, ErrorCategory, LedgerEntryId, TurnId, UnixMs};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::saying::Saying;
use super::statistics::{ErrorCount, Spread, TrendPoint};

/// Everything known of the calls of a window of time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct AnalysisView {
    /// From when on.
    pub since: UnixMs,
    /// Until when.
    pub until: UnixMs,
    /// The share of calls that should answer, from 0 to 1.
    pub success_target: f64,
    /// One per model, the most called first.
    pub models: Vec<ModelAnalysis>,
    /// What could be done better, the most urgent first; those that were turned down are last and marked.
    pub recommendations: Vec<Recommendation>,
    /// What was changed on a recommendation, the newest first.
    pub changes: Vec<AppliedChange>,
    /// Safe recommendations are applied without asking.
    pub automatic: bool,
}

/// How one model did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ModelAnalysis {
    /// `provider/model`.
    pub target: String,
    /// What people call it.
    pub label: String,
    /// Invented money and speed.
    pub simulated: bool,
    /// Calls made; answers from the cache are not among them.
    #[ts(type = "number")]
    pub requests: u64,
    /// Calls that answered to the end.
    #[ts(type = "number")]
    pub succeeded: u64,
    /// Calls a person stopped: neither good nor bad.
    #[ts(type = "number")]
    pub cancelled: u64,
    /// From sending to the end, of those that answered.
    pub latency: Option<Spread>,
    /// From sending to the first semantic delta.
    pub ttft: Option<Spread>,
    /// Where the latency is going.
    pub trend: LatencyTrend,
    /// How often it answers.
    pub success: SuccessRate,
    /// All of its known cost, exact decimal dollars; `None`: of none is it known.
    pub usd: Option<String>,
    /// Answers at an unknown cost: with them `usd` is not all, and without it the model is unpriced. Without either nothing was charged.
    #[ts(type = "number")]
    pub unpriced: u64,
    /// The same per call of known cost, to eight digits.
    pub usd_per_request: Option<String>,
    /// What a thousand tokens of answer have cost, prompts included, to eight digits.
    pub usd_per_1k_answer_tokens: Option<String>,
    /// How many answers that ended well a dollar has bought; `None`: no cost is known, or it is free.
    pub answers_per_usd: Option<f64>,
    /// Mean of answer tokens per second.
    pub tokens_per_second: Option<f64>,
    /// Failures by category, the most frequent first.
    pub errors: Vec<ErrorCount>,
    /// Twelve equal steps of the window, oldest first.
    pub steps: Vec<TrendPoint>,
}

/// A call that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct FailedCall {
    /// The call's own id, which its attempt and its entry have too.
    pub id: AttemptId,
    /// When it ended.
    pub at: UnixMs,
    /// What failed.
    pub category: ErrorCategory,
    /// From sending to the end, in milliseconds.
    #[ts(type = "number | null")]
    pub total_ms: Option<u64>,
    /// The HTTP status; `None`: there was no reply, or nothing is kept of it.
    pub status: Option<u16>,
    /// The provider's error code, or its type where it has no code; verbatim.
    pub code: Option<String>,
    /// What the provider said, verbatim, or what happened in our words; `None`: its conversation is deleted, or it had none.
    pub message: Option<String>,
    /// Where it was asked, if that is still there.
    pub conversation_id: Option<ConversationId>,
    /// The turn there.
    pub turn_id: Option<TurnId>,
    /// What was booked for it all the same.
    pub entry_id: Option<LedgerEntryId>,
}

/// Where a latency is going.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum TrendDirection {
    /// It gets shorter.
    Faster,
    /// No more than chance.
    Steady,
    /// It gets longer.
    Slower,
    /// Too few calls to say.
    Unknown,
}

impl TrendDirection {
    /// Its word, as in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Faster => "faster",
            Self::Steady => "steady",
            Self::Slower => "slower",
            Self::Unknown => "unknown",
        }
    }
}

/// The latency of the first half of the calls against the second.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct LatencyTrend {
    /// Where it is going.
    pub direction: TrendDirection,
    /// The change of the median in percent, negative: faster.
    pub change_percent: Option<f64>,
}

/// How a rate of success stands to its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum SuccessVerdict {
    /// At or above it.
    Met,
    /// Below it, but so few calls could be chance.
    Unsure,
    /// Below it beyond chance.
    Missed,
    /// No call that says anything.
    Unknown,
}

impl SuccessVerdict {
    /// Its word, as in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Unsure => "unsure",
            Self::Missed => "missed",
            Self::Unknown => "unknown",
        }
    }
}

/// A rate of success with what it may be by chance (Wilson, 95 %).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SuccessRate {
    /// From 0 to 1; calls a person stopped do not count.
    pub rate: Option<f64>,
    /// The least it may be.
    pub least: Option<f64>,
    /// The most it may be.
    pub most: Option<f64>,
    /// Against the target.
    pub verdict: SuccessVerdict,
}

/// A sentence for people, in English and for other languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Said {
    /// Ready to show in English.
    pub text: String,
    /// The same for windows that speak another language.
    pub saying: Saying,
}

/// What is recommended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum RecommendationKind {
    /// Keep answers of requests that are sent again and again.
    TurnOnCache,
    /// Give a model more time, or less, before it is given up.
    AdjustTimeout,
    /// Try again what fails for a moment.
    EnableRetry,
    /// Send simple tasks to a cheaper model.
    CheaperForSimple,
    /// Have a second model ready for one that fails too often.
    AddFallback,
    /// Look at a key that is refused.
    CheckKey,
    /// Prices are missing or old, so that costs are not known.
    PriceUnknown,
    /// A budget for money that is spent without one.
    SetBudget,
}

impl RecommendationKind {
    /// Its word, as in JSON and in ids.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TurnOnCache => "turn_on_cache",
            Self::AdjustTimeout => "adjust_timeout",
            Self::EnableRetry => "enable_retry",
            Self::CheaperForSimple => "cheaper_for_simple",
            Self::AddFallback => "add_fallback",
            Self::CheckKey => "check_key",
            Self::PriceUnknown => "price_unknown",
            Self::SetBudget => "set_budget",
        }
    }
}

/// How urgent it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Priority {
    /// Answers are lost or money is.
    High,
    /// Worth doing.
    Medium,
    /// Nice to have.
    Low,
}

impl Priority {
    /// Its word, as in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

/// Something that could be done better.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Recommendation {
    /// The same for the same advice about the same thing: what is turned down stays so.
    pub id: String,
    /// What is recommended.
    pub kind: RecommendationKind,
    /// What it is about: `provider/model`, a group, a provider, or empty.
    pub subject: String,
    /// How urgent it is.
    pub priority: Priority,
    /// What to do, in a line.
    pub title: Said,
    /// What was seen, each with its numbers.
    pub evidence: Vec<Said>,
    /// What is to be expected of it.
    pub effect: Said,
    /// Dollars saved in 30 days at the present rate, exact to eight digits; `None`: it is not about money.
    pub saves_usd: Option<String>,
    /// What would be changed, when it is of a safe kind; empty: a person has to do it.
    pub change: Vec<ChangedValue>,
    /// Turned down earlier.
    pub dismissed: bool,
}

/// One value that is changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ChangedValue {
    /// Where it stands.
    pub place: Said,
    /// As it was.
    pub before: Said,
    /// As it will be.
    pub after: Said,
}

/// Why a change cannot be taken back: what stands there now is somebody's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CannotUndo {
    /// Ready to show in English.
    pub text: String,
    /// Where it stands.
    pub place: Said,
    /// What stands there now; `None`: the place itself is gone.
    pub found: Option<Said>,
}

/// Why advice was not followed, or a change not taken back: the codes of what is said then, with what stands in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum AdviceRefusal {
    /// No such advice any more.
    AdviceUnknown,
    /// It changes nothing by itself.
    AdviceByHand,
    /// Something else stands there than the advice was given about: `place`.
    AdviceOvertaken,
    /// No such change: `change`, its id.
    ChangeUnknown,
    /// It was taken back already.
    ChangeTakenBack,
    /// Where it was made is not there any more: `place`.
    ChangePlaceGone,
    /// Something else stands there than was made: `place`, `found`.
    ChangeOvertaken,
    /// What was kept of it cannot be read: `reason`, in English.
    ChangeDamaged,
}

impl AdviceRefusal {
    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AdviceUnknown => "advice_unknown",
            Self::AdviceByHand => "advice_by_hand",
            Self::AdviceOvertaken => "advice_overtaken",
            Self::ChangeUnknown => "change_unknown",
            Self::ChangeTakenBack => "change_taken_back",
            Self::ChangePlaceGone => "change_place_gone",
            Self::ChangeOvertaken => "change_overtaken",
            Self::ChangeDamaged => "change_damaged",
        }
    }
}

/// A change that was made on a recommendation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct AppliedChange {
    /// Which.
    pub id: String,
    /// The recommendation it followed.
    pub recommendation: String,
    /// Its kind.
    pub kind: RecommendationKind,
    /// Its subject.
    pub subject: String,
    /// What was done, in a line.
    pub title: Said,
    /// What was changed.
    pub change: Vec<ChangedValue>,
    /// When.
    pub at: UnixMs,
    /// Made without asking, because that is switched on.
    pub automatic: bool,
    /// When it was taken back; `None`: it is in force.
    pub undone_at: Option<UnixMs>,
    /// Taking it back would undo a later change of somebody's.
    pub cannot_undo: Option<CannotUndo>,
}
