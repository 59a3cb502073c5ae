//! Spend: what the books hold, by time and by thing, down to a single entry. Every amount is exact decimal text: a chart, a table, a
//! file and the command line show the same digits. Real and invented money never mix: a filter asks for the one or the other.

use roundtable_domain::{
    AttemptId, ConversationId, CostLine, LedgerEntryId, Provenance, RunId, TokenUsage, TurnId, UnixMs,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

/// A stretch of time, in the user's time zone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export)]
pub enum SpendRange {
    /// Since midnight.
    Today,
    /// Since Monday.
    Week,
    /// Since the first of the month.
    #[default]
    Month,
    /// Today and the days before it, so many in all.
    Days {
        /// From 1 to 3660.
        days: u16,
    },
    /// Since the first of January.
    Year,
    /// Everything in the books.
    All,
    /// From a moment until before another.
    Between {
        /// The first moment.
        from: UnixMs,
        /// The first moment after it.
        until: UnixMs,
    },
}

/// How wide a column of a chart is. Days, weeks and months are those of the user's time zone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum SpendStep {
    /// What suits the range: about 12 to 62 columns.
    #[default]
    Auto,
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A week.
    Week,
    /// A month.
    Month,
}

/// By what spend is told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum SpendBy {
    /// The provider.
    #[default]
    Provider,
    /// `provider/model`, as asked for.
    Model,
    /// The key.
    Key,
    /// What the call was for.
    Source,
    /// The conversation.
    Conversation,
    /// The folder the conversation stood in when the call was booked.
    Folder,
    /// A tag the conversation had when the call was booked. A call with two tags counts under both.
    Tag,
}

/// What a chart shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum SpendMeasure {
    /// Dollars.
    #[default]
    Cost,
    /// Tokens in and out.
    Tokens,
    /// Calls.
    Requests,
    /// Mean time to the end of a call, in milliseconds.
    Latency,
}

/// Which entries, and how they are looked at. Empty lists mean all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(export)]
pub struct SpendFilter {
    /// When.
    pub range: SpendRange,
    /// How wide a column is.
    pub step: SpendStep,
    /// What the columns are stacked of, and what is ranked.
    pub by: SpendBy,
    /// What the columns show.
    pub measure: SpendMeasure,
    /// Provider slugs.
    pub providers: Vec<String>,
    /// `provider/model`.
    pub models: Vec<String>,
    /// Key ids.
    pub keys: Vec<String>,
    /// Sources.
    pub sources: Vec<String>,
    /// Conversations, which may be gone.
    pub conversations: Vec<ConversationId>,
    /// Folders.
    pub folders: Vec<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Invented money instead of real.
    pub simulated: bool,
}

/// What can be filtered by: all that the books name, whatever the range.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SpendChoices {
    /// Providers.
    pub providers: Vec<SpendName>,
    /// Models.
    pub models: Vec<SpendName>,
    /// Keys.
    pub keys: Vec<SpendName>,
    /// Sources.
    pub sources: Vec<SpendName>,
    /// Folders.
    pub folders: Vec<SpendName>,
    /// Tags.
    pub tags: Vec<SpendName>,
    /// Whether there is real money in the books.
    pub has_real: bool,
    /// Whether there is invented money in the books.
    pub has_simulated: bool,
}

/// One thing money was spent on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SpendName {
    /// Its name in the books: slug, `provider/model`, id; empty: none (a call without a key, a conversation without a folder).
    pub name: String,
    /// What people call it.
    pub label: String,
    /// The provider's slug, where it has one, for its colour.
    pub provider: Option<String>,
    /// A conversation, key or provider that is gone.
    pub gone: bool,
}

/// Sums over some entries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SpendSums {
    /// Dollars.
    pub usd: String,
    /// Of these, dollars of estimated entries.
    pub estimated_usd: String,
    /// Calls that are booked, priced or not.
    #[ts(type = "number")]
    pub requests: u64,
    /// Calls whose cost is unknown.
    #[ts(type = "number")]
    pub unpriced: u64,
    /// Tokens in, cached ones included.
    #[ts(type = "number")]
    pub input_tokens: u64,
    /// Of these, from the provider's cache.
    #[ts(type = "number")]
    pub cached_tokens: u64,
    /// Tokens out, reasoning included.
    #[ts(type = "number")]
    pub output_tokens: u64,
}

/// The figures on top.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SpendFigures {
    /// Since midnight, whatever the range, under the other filters.
    pub today_usd: String,
    /// In the range.
    pub range: SpendSums,
    /// The same stretch of time before the range; `None` for all of the books.
    pub before_usd: Option<String>,
    /// What the month (or the range, when that reaches beyond today) comes to at the pace of the last 28 days; `None`: fewer than three days
    /// with spend.
    pub forecast_usd: Option<String>,
    /// Until when that is.
    pub forecast_until: Option<UnixMs>,
    /// The budget in force that is used up most, and what is left of it.
    pub tightest: Option<super::budget::TightestBudget>,
    /// Calls that answered to the end, in basis points of those that ended by themselves; `None`: there are none.
    pub success_basis_points: Option<u32>,
    /// What kept and shared answers saved.
    pub saved_usd: String,
    /// What the provider's prompt cache saved against the full price.
    pub prompt_cache_saved_usd: String,
    /// What was paid for calls whose answer was given up for another target's.
    pub fallback_waste_usd: String,
}

/// One band of the stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SpendSeries {
    /// What it is; the last may be the sum of all others, with the name `*`.
    pub of: SpendName,
    /// As many as there are columns: dollars as exact decimal text, or a whole number of tokens, calls or milliseconds; `null` where there is
    /// nothing to show.
    pub values: Vec<Option<String>>,
}

/// One row of the ranking.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SpendRank {
    /// What.
    pub of: SpendName,
    /// Its sums.
    pub sums: SpendSums,
    /// Its share of the measure, in basis points.
    pub share_basis_points: u32,
    /// Calls that answered to the end, in basis points; `None`: not known for this kind of thing.
    pub success_basis_points: Option<u32>,
    /// Mean time to the end of a call, in milliseconds.
    #[ts(type = "number | null")]
    pub average_ms: Option<u64>,
}

/// One hour of the week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SpendHour {
    /// 1 is Monday, 7 is Sunday.
    pub weekday: u8,
    /// From 0 to 23, in the user's time zone.
    pub hour: u8,
    /// Dollars.
    pub usd: String,
    /// Calls.
    #[ts(type = "number")]
    pub requests: u64,
}

/// One model: what it costs against how fast and how well it answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SpendModel {
    /// Which.
    pub of: SpendName,
    /// Calls.
    #[ts(type = "number")]
    pub requests: u64,
    /// Known cost per call, exact decimal dollars rounded to eight digits; `None`: of none is it known.
    pub usd_per_request: Option<String>,
    /// Mean time to the end, in milliseconds.
    #[ts(type = "number | null")]
    pub average_ms: Option<u64>,
    /// Turns with several answers in which its answer was picked.
    #[ts(type = "number")]
    pub picks: u64,
    /// Turns with several answers, one of which was picked, in which it took part.
    #[ts(type = "number")]
    pub comparisons: u64,
}

/// What a chart says, for the sentence above it. The window puts it in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export)]
pub enum Takeaway {
    /// There is nothing to show.
    Nothing,
    /// One thing makes up most of it.
    Mostly {
        /// Which.
        of: SpendName,
        /// Its share in basis points.
        share_basis_points: u32,
    },
    /// Much more or less than in the same stretch of time before.
    Changed {
        /// In per cent of the stretch before; 250 is two and a half times as much.
        percent: u32,
        /// What has changed most.
        of: SpendName,
    },
    /// One column stands out.
    Peak {
        /// Its beginning.
        at: UnixMs,
        /// Its share of the whole, in basis points.
        share_basis_points: u32,
        /// What most of it is.
        of: SpendName,
    },
    /// Spread over several, the largest first.
    Spread {
        /// The largest.
        of: SpendName,
        /// Its share in basis points.
        share_basis_points: u32,
        /// How many there are.
        count: u32,
    },
}

/// Everything the Spend room shows for one filter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SpendView {
    /// The first moment of the range.
    pub from: UnixMs,
    /// The first moment after it.
    pub until: UnixMs,
    /// The time zone, by its IANA name.
    pub zone: String,
    /// The figures on top.
    pub figures: SpendFigures,
    /// How wide the columns came out; never `auto`.
    pub step: SpendStep,
    /// Where each column begins. The last ends with the range.
    pub columns: Vec<UnixMs>,
    /// The stack, the largest first, at most ten and the rest.
    pub series: Vec<SpendSeries>,
    /// The sum of each column, exact.
    pub totals: Vec<Option<String>>,
    /// What the chart says.
    pub takeaway: Takeaway,
    /// The ranking, the largest first, at most 200; where there are more, the last is the sum of all others, with the name `*`.
    pub ranking: Vec<SpendRank>,
    /// Hours of the week with any calls.
    pub hours: Vec<SpendHour>,
    /// Models by calls, at most 50.
    pub models: Vec<SpendModel>,
}

/// One line of the books, in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct EntryRow {
    /// Which.
    pub id: LedgerEntryId,
    /// When it was booked.
    pub at: UnixMs,
    /// `call` or `adjustment`.
    pub kind: String,
    /// What for.
    pub source: String,
    /// The provider.
    pub provider: SpendName,
    /// The model that served it, else the one that was asked for.
    pub model: SpendName,
    /// The conversation; `None`: none, or it is gone.
    pub conversation: Option<SpendName>,
    /// The turn.
    pub turn_id: Option<TurnId>,
    /// The run.
    pub run_id: Option<RunId>,
    /// Tokens in.
    #[ts(type = "number | null")]
    pub input_tokens: Option<u64>,
    /// Tokens out.
    #[ts(type = "number | null")]
    pub output_tokens: Option<u64>,
    /// Exact decimal dollars; `None`: unknown.
    pub usd: Option<String>,
    /// How it is known.
    pub provenance: Option<Provenance>,
    /// Invented money.
    pub simulated: bool,
}

/// Some lines of the books, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct EntryPage {
    /// The lines.
    pub entries: Vec<EntryRow>,
    /// Where the next page begins; `None`: this was the last.
    pub next: Option<String>,
}

/// One line of the books, whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct EntryView {
    /// As in the list.
    pub row: EntryRow,
    /// The call.
    pub attempt_id: AttemptId,
    /// The model that was asked for.
    pub model_requested: String,
    /// The key, by its label or mask.
    pub key: Option<SpendName>,
    /// The folder the conversation stood in then.
    pub folder: Option<String>,
    /// The tags it had then.
    pub tags: Vec<String>,
    /// Tokens, inclusive.
    pub usage: TokenUsage,
    /// The provider's own words on it.
    pub usage_raw: Option<Value>,
    /// The price that was used.
    pub price: Option<Value>,
    /// Its date.
    pub price_date: Option<String>,
    /// The formula: what times what comes to what.
    pub lines: Vec<CostLine>,
    /// As the provider stated it, verbatim.
    pub stated: Option<String>,
    /// Fees outside tokens may come on top.
    pub at_least: bool,
    /// Corrections of the same call.
    pub adjustments: Vec<EntryRow>,
}

/// What recorded usage would have cost with another model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ReplayView {
    /// With which.
    pub of: SpendName,
    /// Exact decimal dollars, estimated: its tokens are counted by another tokenizer; `None`: unpriced.
    pub usd: Option<String>,
    /// What it did cost, exact decimal dollars.
    pub actual_usd: String,
    /// Calls that are reckoned with.
    #[ts(type = "number")]
    pub requests: u64,
    /// Calls whose usage or cost is not known, left out on both sides.
    #[ts(type = "number")]
    pub left_out: u64,
}

/// What the conversations of a folder have cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct FolderSpend {
    /// The folder.
    pub folder: String,
    /// Of all calls booked while their conversation stood in it.
    pub spend: super::conversation::Spend,
}
