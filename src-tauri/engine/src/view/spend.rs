//! Spend: what the books hold, by time and by thing, down to a single entry. Every amount is exact decimal text: a chart, a table, a
//! file and the command line show the same digits. Real and invented money never mix: a filter asks for the one or the other.

use roundtable_domain::{AttemptId, CostLine, LedgerEntryId, Provenance, RunId, TokenUsage, TurnId, UnixMs};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

/// A day of the calendar, written `2026-11-21`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SpendDay(pub jiff::civil::Date);

impl TryFrom<String> for SpendDay {
    type Error = jiff::Error;

    fn try_from(words: String) -> Result<Self, Self::Error> {
        words.parse().map(Self)
    }
}

impl From<SpendDay> for String {
    fn from(day: SpendDay) -> Self {
        day.0.to_string()
    }
}

/// A stretch of time, in the user's time zone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export)]
pub enum SpendRange {
    /// Since midnight.
    Today,
    /// The day before today.
    Yesterday,
    /// Since Monday.
    Week,
    /// Since the first of the month.
    #[default]
    Month,
    /// The month before this one.
    LastMonth,
    /// Today and the days before it, so many in all.
    Days {
        /// From 1 to 3660.
        days: u16,
    },
    /// Since the first of January.
    Year,
    /// Everything in the books.
    All,
    /// From a day to another, both of them whole.
    Dates {
        /// The first day.
        #[ts(type = "string")]
        first: SpendDay,
        /// The last day, no earlier than the first.
        #[ts(type = "string")]
        last: SpendDay,
    },
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
    /// Ids of conversations, which may be gone; empty text: what was spent outside of conversations.
    pub conversations: Vec<String>,
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
    /// Of these, dollars of estimated entries, never more than all of them.
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

impl SpendSums {
    /// Dollars; `None`: there were calls, and of none is it known what it cost.
    pub fn known_usd(&self) -> Option<&str> {
        known(&self.usd, self.requests, self.unpriced)
    }
}

fn known(usd: &str, requests: u64, unpriced: u64) -> Option<&str> {
    let is_unknown = usd == "0" && requests > 0 && unpriced == requests;
    (!is_unknown).then_some(usd)
}

/// The figures on top.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SpendFigures {
    /// Since midnight, whatever the range, under the other filters.
    pub today: SpendSums,
    /// In the range.
    pub range: SpendSums,
    /// Entries of the range that are corrections, beside its calls.
    #[ts(type = "number")]
    pub corrections: u64,
    /// The stretch of time the range is compared with: the same part of the period before. `None`: there is none, or the books begin in it.
    pub before_usd: Option<String>,
    /// Its first moment.
    pub before_from: Option<UnixMs>,
    /// The first moment after it.
    pub before_until: Option<UnixMs>,
    /// What the week, the year, the range (when that reaches beyond today), else the month comes to at the pace of the last 28 days; `None`:
    /// fewer than three days with spend.
    pub forecast_usd: Option<String>,
    /// Until when that is.
    pub forecast_until: Option<UnixMs>,
    /// The budget in force that is used up most, of those that count anything the filter is about, and what is left of it.
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
    /// Its sums over the range.
    pub sums: SpendSums,
    /// Mean time to the end of a call, in milliseconds.
    #[ts(type = "number | null")]
    pub average_ms: Option<u64>,
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
    /// Calls whose cost is unknown.
    #[ts(type = "number")]
    pub unpriced: u64,
}

impl SpendHour {
    /// As [`SpendSums::known_usd`].
    pub fn known_usd(&self) -> Option<&str> {
        known(&self.usd, self.requests, self.unpriced)
    }
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
        /// What has changed most; `None`: that is not known.
        of: Option<SpendName>,
    },
    /// One column stands out.
    Peak {
        /// Its beginning.
        at: UnixMs,
        /// Its share of the whole, in basis points.
        share_basis_points: u32,
        /// What most of it is; `None`: no single thing.
        of: Option<SpendName>,
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
    /// As the provider stated it, verbatim; `None`: it did not.
    pub stated: Option<String>,
    /// Fees outside tokens may come on top.
    pub at_least: bool,
    /// Corrections of the same call.
    pub adjustments: Vec<EntryRow>,
}

/// Whose recorded usage is priced again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export)]
pub enum ReplayOf {
    /// Of everything under a filter.
    Filter {
        /// Which.
        filter: SpendFilter,
    },
    /// Of every call of a turn that is there.
    Turn {
        /// Which.
        turn_id: TurnId,
        /// Invented money instead of real.
        simulated: bool,
    },
    /// Of every call of an answer that is there.
    Run {
        /// Which.
        run_id: RunId,
        /// Invented money instead of real.
        simulated: bool,
    },
}

/// What recorded usage has cost, and what it would have cost with other models.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ReplayView {
    /// What it did cost, exact decimal dollars; corrections of single calls are in it.
    pub actual_usd: String,
    /// Fees outside tokens may come on top of that; they are not priced again.
    pub at_least: bool,
    /// Corrections of no single call (an invoice's), on neither side.
    pub corrections_usd: String,
    /// Calls that are reckoned with.
    #[ts(type = "number")]
    pub requests: u64,
    /// Calls whose usage or cost is not known, left out on both sides.
    #[ts(type = "number")]
    pub left_out: u64,
    /// With the models that were asked for, in their order.
    pub models: Vec<ReplayModel>,
}

/// What recorded usage would have cost with another model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ReplayModel {
    /// With which.
    pub of: SpendName,
    /// Exact decimal dollars, estimated: its tokens are counted by another tokenizer; `None`: unpriced.
    pub usd: Option<String>,
    /// Nobody has heard of such a model here.
    pub unknown: bool,
}

/// What a folder has cost, seen from its conversations and from the books.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct FolderSpend {
    /// The folder.
    pub folder: String,
    /// What the conversations that stand in it now have cost, wherever they stood then: the sum of the rows in it.
    pub spend: super::conversation::Spend,
    /// What was booked under its name, which is what budgets of the folder count: of all calls made while their conversation stood
    /// in it, also of those that have been moved or deleted since.
    pub booked: super::conversation::Spend,
}
