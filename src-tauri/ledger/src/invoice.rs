//! What a provider says it charged: the exports of `OpenAI`, Anthropic and `OpenRouter`, read into lines per day and model, and compared
//! with the books.
//!
//! Known are, as CSV from the provider's pages and as JSON from its API: `OpenAI`'s costs and usage of completions, Anthropic's cost and
//! usage reports, `OpenRouter`'s activity, per request or per day and endpoint. Providers cut their days in UTC, so lines are per UTC day.

mod amount;
mod anthropic;
mod compare;
mod names;
mod openai;
mod openrouter;
mod sums;
mod table;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use roundtable_domain::PicoUsd;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use compare::{Agreement, Difference, compare_invoice};
pub use sums::BookedLine;
use table::Table;

/// Who wrote an invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Issuer {
    /// `OpenAI`.
    Openai,
    /// Anthropic.
    Anthropic,
    /// `OpenRouter`.
    Openrouter,
}

impl Issuer {
    /// The slug of the provider it charges for.
    pub const fn provider(self) -> &'static str {
        match self {
            Self::Openai => "openai",
            Self::Anthropic => "anthropic",
            Self::Openrouter => "openrouter",
        }
    }

    /// Whether its tokens are those the model counts, as the books have them. `OpenRouter`'s `tokens_prompt` and `tokens_completion`
    /// are counted alike for all models; `GET /api/v1/generation` names both, and they differ by some per cent.
    const fn counts_as_models_do(self) -> bool {
        !matches!(self, Self::Openrouter)
    }
}

/// What a provider says of one day and one model. `None` is: it does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvoiceLine {
    /// The day in UTC.
    pub day: Date,
    /// The model in the provider's words; `None`: charges that belong to no model, or a total.
    pub model: Option<String>,
    /// What it charged.
    pub usd: Option<PicoUsd>,
    /// By how much the amount may be off because the export rounds; sums add up.
    pub rounding: PicoUsd,
    /// Part of the amount is an estimate of the issuer's, or may be missing: it says nothing for certain against the books.
    pub rough: bool,
    /// Calls.
    pub requests: Option<u64>,
    /// Tokens in, cached and written ones included.
    pub input_tokens: Option<u64>,
    /// Tokens out, reasoning included.
    pub output_tokens: Option<u64>,
}

/// An export, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoice {
    /// Who wrote it.
    pub issuer: Issuer,
    /// Its lines, in the order of the file; several may be of the same day and model.
    pub lines: Vec<InvoiceLine>,
    /// The first day it speaks of in UTC, also where it says that nothing was used.
    pub first_day: Date,
    /// The last one.
    pub last_day: Date,
    /// By how much one of its lines may be off because the export rounds.
    pub rounding: PicoUsd,
    /// It is a page, and there are more which are not here.
    pub has_more: bool,
}

/// A row or a bucket of an export: the days it is about and what it says of them. No lines: nothing was used.
struct Reading {
    first_day: Date,
    last_day: Date,
    lines: Vec<InvoiceLine>,
}

impl Reading {
    fn of_day(day: Date, line: Option<InvoiceLine>) -> Self {
        Self { first_day: day, last_day: day, lines: line.into_iter().collect() }
    }

    /// `end` is the first moment after it.
    fn until(self, end: Option<Date>) -> Self {
        let last = end.and_then(|end| end.yesterday().ok()).unwrap_or(self.last_day);
        Self { last_day: last.max(self.last_day), ..self }
    }
}

impl Invoice {
    /// Amounts are rounded alike all over a file; the line with the most digits says how.
    fn of(issuer: Issuer, readings: Vec<Reading>, has_more: bool) -> Result<Self, InvoiceError> {
        let first_day = readings.iter().map(|reading| reading.first_day).min();
        let last_day = readings.iter().map(|reading| reading.last_day).max();
        let mut lines: Vec<InvoiceLine> = readings.into_iter().flat_map(|reading| reading.lines).collect();
        let (Some(first_day), Some(last_day), false) = (first_day, last_day, lines.is_empty()) else {
            return Err(InvoiceError::Empty);
        };
        let priced = || lines.iter().filter(|line| line.usd.is_some());
        let rounding = priced().map(|line| line.rounding).min().unwrap_or_default();
        for line in lines.iter_mut().filter(|line| line.usd.is_some()) {
            line.rounding = rounding;
        }
        Ok(Self { issuer, lines, first_day, last_day, rounding, has_more })
    }
}

/// Why an export cannot be read. Nothing of it is taken over then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvoiceError {
    /// Neither of the known forms.
    #[error(
        "this is no usage or cost export that is known here: OpenAI's, Anthropic's and OpenRouter's are, as CSV or JSON. \
         Its first line is: {first_line}"
    )]
    UnknownForm {
        /// The beginning of the file, shortened.
        first_line: String,
    },
    /// A row cannot be read.
    #[error("row {row}: {what}")]
    Row {
        /// From 1; the heading counts.
        row: u64,
        /// Which value, and what is wrong with it.
        what: String,
    },
    /// Amounts in something else than dollars.
    #[error("row {row}: the amounts are in {currency}, and the books are kept in US dollars")]
    Currency {
        /// From 1.
        row: u64,
        /// Which.
        currency: String,
    },
    /// It is an export, and there is not a line in it.
    #[error("there is no line with usage or cost in it")]
    Empty,
}

/// Reads an export. What it is, is found out from its columns.
pub fn read_invoice(text: &str) -> Result<Invoice, InvoiceError> {
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.starts_with(['{', '[']) { read_json(text) } else { read_csv(text) }
}

fn read_csv(text: &str) -> Result<Invoice, InvoiceError> {
    let table = Table::new(text)?;
    let (issuer, read): (Issuer, ReadRow) = if table.has("usage_date_utc") {
        (Issuer::Anthropic, anthropic::row)
    } else if table.has("generation_id") || (table.has("model_permaslug") && table.has("created_at")) {
        (Issuer::Openrouter, openrouter::row)
    } else if ["date", "usage", "requests", openrouter::OWN_KEY].iter().all(|column| table.has(column)) {
        (Issuer::Openrouter, openrouter::day_row)
    } else if table.has("start_time") && (table.has("amount_value") || table.has("num_model_requests")) {
        (Issuer::Openai, openai::row)
    } else {
        return Err(unknown(text));
    };
    let readings = table.rows().map(|row| read(&row?)).collect::<Result<_, _>>()?;
    Invoice::of(issuer, readings, false)
}

type ReadRow = fn(&table::Row<'_>) -> Result<Reading, InvoiceError>;

fn read_json(text: &str) -> Result<Invoice, InvoiceError> {
    let value: Value = serde_json::from_str(text).map_err(|error| InvoiceError::Row {
        row: error.line() as u64,
        what: format!("it is not JSON: {error}"),
    })?;
    // One page, several pages in a list, or the rows of a page alone.
    let pages = match value {
        Value::Array(items) if items.iter().any(|item| item.get("data").is_none()) => {
            vec![serde_json::json!({ "data": items })]
        }
        Value::Array(items) => items,
        page => vec![page],
    };
    let has_more = pages.last().and_then(|page| page.get("has_more")?.as_bool()).unwrap_or(false);
    let entries: Vec<&Value> =
        pages.iter().filter_map(|page| page.get("data")?.as_array()).flatten().collect();
    let Some(first) = entries.first() else { return Err(unknown(text)) };
    let (issuer, read): (Issuer, ReadEntry) = if first.get("starting_at").is_some() {
        (Issuer::Anthropic, anthropic::bucket)
    } else if first.get("start_time").is_some() && first.get("results").is_some() {
        (Issuer::Openai, openai::bucket)
    } else if first.get("model_permaslug").is_some() || first.get("byok_usage_inference").is_some() {
        (Issuer::Openrouter, openrouter::activity)
    } else {
        return Err(unknown(text));
    };
    let readings = (1_u64..).zip(entries).map(|(at, entry)| read(entry, at)).collect::<Result<_, _>>()?;
    Invoice::of(issuer, readings, has_more)
}

type ReadEntry = fn(&Value, u64) -> Result<Reading, InvoiceError>;

fn unknown(text: &str) -> InvoiceError {
    InvoiceError::UnknownForm {
        first_line: text.lines().next().unwrap_or_default().chars().take(120).collect(),
    }
}

/// A value of JSON entry `at`, which has to be there.
fn needed<'v>(entry: &'v Value, name: &str, at: u64) -> Result<&'v Value, InvoiceError> {
    entry.get(name).ok_or_else(|| InvoiceError::Row { row: at, what: format!("{name} is missing") })
}

/// A count of JSON, whole. Some tools write `12.0`, or a text.
fn count(entry: &Value, name: &str, at: u64) -> Result<Option<u64>, InvoiceError> {
    match entry.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => whole(text, name, at),
        Some(value) => whole(&value.to_string(), name, at),
    }
}

/// A whole number, also as `12.0`. An empty text says nothing.
fn whole(text: &str, name: &str, row: u64) -> Result<Option<u64>, InvoiceError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let digits = text.split_once('.').filter(|(_, rest)| rest.bytes().all(|digit| digit == b'0'));
    let digits = digits.map_or(text, |(digits, _)| digits);
    digits.parse().map(Some).map_err(|_| wrong(row, name, text))
}

fn wrong(row: u64, name: &str, value: &str) -> InvoiceError {
    let value: String = value.chars().take(60).collect();
    InvoiceError::Row { row, what: format!("{name} is \"{value}\", which cannot be read") }
}

/// The UTC day of a date (with or without hyphens), a date with a time, or seconds since 1970.
fn day(text: &str, name: &str, row: u64) -> Result<Date, InvoiceError> {
    let text = text.trim();
    let is_compact = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let day = if is_compact {
        // `20260804`; as seconds it would be a day of 1970.
        text.parse::<Date>().ok()
    } else if let Ok(seconds) = text.parse::<i64>() {
        Timestamp::from_second(seconds).ok().map(utc_day)
    } else if let Ok(moment) = text.parse::<Timestamp>() {
        Some(utc_day(moment))
    } else {
        // `2026-01-16 00:00:00` and `2026-01-16T00:00:00` name no zone: both providers mean UTC.
        text.split(['T', ' ']).next().and_then(|date| date.parse::<Date>().ok())
    };
    day.ok_or_else(|| wrong(row, name, text))
}

fn utc_day(moment: Timestamp) -> Date {
    Zoned::new(moment, TimeZone::UTC).date()
}

/// Sums of what may not be known: known as soon as one of them is.
fn total(values: impl IntoIterator<Item = Option<u64>>) -> Option<u64> {
    values.into_iter().flatten().reduce(u64::saturating_add)
}

#[cfg(test)]
mod tests;
