//! What a provider says it charged: the exports of `OpenAI`, Anthropic and `OpenRouter`, read into lines per day and model, and compared
//! with the books.
//!
//! Known are, as CSV from the provider's pages and as JSON from its API: `OpenAI`'s costs and usage of completions, Anthropic's cost and
//! usage reports, `OpenRouter`'s activity, per request or per day. Providers cut their days in UTC, so lines are per UTC day.

mod anthropic;
mod compare;
mod names;
mod openai;
mod openrouter;
mod table;

use std::str::FromStr as _;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit, Zoned};
use roundtable_domain::PicoUsd;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use compare::{Agreement, BookedLine, Difference, compare_invoice};
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
    /// Rows that say nothing (days without a call).
    pub empty_rows: u32,
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
    let invoice = if text.starts_with(['{', '[']) { read_json(text)? } else { read_csv(text)? };
    if invoice.lines.is_empty() { Err(InvoiceError::Empty) } else { Ok(invoice) }
}

fn read_csv(text: &str) -> Result<Invoice, InvoiceError> {
    let table = Table::new(text)?;
    let (issuer, read): (Issuer, ReadRow) = if table.has("usage_date_utc") {
        (Issuer::Anthropic, anthropic::row)
    } else if table.has("generation_id") || (table.has("model_permaslug") && table.has("created_at")) {
        (Issuer::Openrouter, openrouter::row)
    } else if table.has("start_time") && (table.has("amount_value") || table.has("num_model_requests")) {
        (Issuer::Openai, openai::row)
    } else {
        return Err(unknown(text));
    };
    let mut invoice = Invoice { issuer, lines: Vec::new(), empty_rows: 0 };
    for row in table.rows() {
        match read(&row?)? {
            Some(line) => invoice.lines.push(line),
            None => invoice.empty_rows = invoice.empty_rows.saturating_add(1),
        }
    }
    Ok(invoice)
}

type ReadRow = fn(&table::Row<'_>) -> Result<Option<InvoiceLine>, InvoiceError>;

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
    let mut invoice = Invoice { issuer, lines: Vec::new(), empty_rows: 0 };
    for (at, entry) in (1_u64..).zip(entries) {
        let lines = read(entry, at)?;
        if lines.is_empty() {
            invoice.empty_rows = invoice.empty_rows.saturating_add(1);
        }
        invoice.lines.extend(lines);
    }
    Ok(invoice)
}

type ReadEntry = fn(&Value, u64) -> Result<Vec<InvoiceLine>, InvoiceError>;

fn unknown(text: &str) -> InvoiceError {
    InvoiceError::UnknownForm {
        first_line: text.lines().next().unwrap_or_default().chars().take(120).collect(),
    }
}

/// A value of JSON entry `at`, which has to be there.
fn needed<'v>(entry: &'v Value, name: &str, at: u64) -> Result<&'v Value, InvoiceError> {
    entry.get(name).ok_or_else(|| InvoiceError::Row { row: at, what: format!("{name} is missing") })
}

/// A decimal number, as text or as a number of JSON.
fn money(value: &Value, name: &str, at: u64) -> Result<Option<PicoUsd>, InvoiceError> {
    let text = match value {
        Value::Null => return Ok(None),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        other => return Err(wrong(at, name, &other.to_string())),
    };
    amount(&text, name, at)
}

/// A decimal number of dollars. An empty text says nothing.
fn amount(text: &str, name: &str, row: u64) -> Result<Option<PicoUsd>, InvoiceError> {
    let text = text.trim().trim_start_matches('$');
    if text.is_empty() {
        return Ok(None);
    }
    PicoUsd::from_str(text).map(Some).map_err(|_| wrong(row, name, text))
}

/// A count of JSON, whole.
fn count(entry: &Value, name: &str, at: u64) -> Result<Option<u64>, InvoiceError> {
    match entry.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value.as_u64().map(Some).ok_or_else(|| wrong(at, name, &value.to_string())),
    }
}

fn wrong(row: u64, name: &str, value: &str) -> InvoiceError {
    let value: String = value.chars().take(60).collect();
    InvoiceError::Row { row, what: format!("{name} is \"{value}\", which cannot be read") }
}

/// The UTC day of a date, a date with a time, or seconds since 1970.
fn day(text: &str, name: &str, row: u64) -> Result<Date, InvoiceError> {
    let text = text.trim();
    let day = if let Ok(seconds) = text.parse::<i64>() {
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

/// How many days a line lies from another, for looking at neighbours of a day's border.
fn days_between(one: Date, other: Date) -> i64 {
    one.until((Unit::Day, other)).map_or(i64::MAX, |span| i64::from(span.get_days()).abs())
}

#[cfg(test)]
mod tests;
