//! `OpenRouter`: the activity export (a row per request, as CSV) and `GET /api/v1/activity` (a row per day and endpoint), as JSON or
//! written as a table with the same names.
//! <https://openrouter.ai/docs/api-reference/analytics/get-activity>
//!
//! What is paid elsewhere with keys of one's own is not in `usage` or `cost_total`, but in `byok_usage_inference`. The books hold both
//! (`cost.rs`), so both are added up here.

use serde_json::Value;

use super::amount::Amount;
use super::table::Row;
use super::{InvoiceError, InvoiceLine, Reading, count, day, needed};

/// What is paid elsewhere. Older exports do not have it, and nobody else has a column of that name.
pub(super) const OWN_KEY: &str = "byok_usage_inference";

/// A request.
pub(super) fn row(row: &Row<'_>) -> Result<Reading, InvoiceError> {
    let day = day(row.text("created_at"), "created_at", row.number)?;
    let (usd, own_key) = (row.money("cost_total")?, row.money(OWN_KEY)?);
    if usd.is_none() && own_key.is_none_or(Amount::is_zero) {
        return Ok(Reading::of_day(day, None));
    }
    let line = InvoiceLine {
        day,
        model: row.some("model_permaslug").map(str::to_owned),
        requests: Some(1),
        input_tokens: row.count("tokens_prompt")?,
        output_tokens: row.count("tokens_completion")?,
        ..InvoiceLine::default()
    };
    Ok(Reading::of_day(day, Some(paid(line, usd, own_key, row.number)?)))
}

/// A day at one endpoint, as a row.
pub(super) fn day_row(row: &Row<'_>) -> Result<Reading, InvoiceError> {
    let day = day(row.text("date"), "date", row.number)?;
    let line = InvoiceLine {
        day,
        model: row.some("model_permaslug").or_else(|| row.some("model")).map(str::to_owned),
        requests: row.count("requests")?,
        input_tokens: row.count("prompt_tokens")?,
        output_tokens: row.count("completion_tokens")?,
        ..InvoiceLine::default()
    };
    let line = paid(line, row.money("usage")?, row.money(OWN_KEY)?, row.number)?;
    Ok(Reading::of_day(day, Some(line)))
}

/// A day at one endpoint.
pub(super) fn activity(entry: &Value, at: u64) -> Result<Reading, InvoiceError> {
    let word = |name: &str| entry.get(name).and_then(Value::as_str);
    let day = day(needed(entry, "date", at)?.as_str().unwrap_or_default(), "date", at)?;
    let line = InvoiceLine {
        day,
        model: word("model_permaslug").or_else(|| word("model")).map(str::to_owned),
        requests: count(entry, "requests", at)?,
        input_tokens: count(entry, "prompt_tokens", at)?,
        output_tokens: count(entry, "completion_tokens", at)?,
        ..InvoiceLine::default()
    };
    let usd = Amount::of_json(needed(entry, "usage", at)?, "usage", at)?;
    let own_key = Amount::of_json(entry.get(OWN_KEY).unwrap_or(&Value::Null), OWN_KEY, at)?;
    Ok(Reading::of_day(day, Some(paid(line, usd, own_key, at)?)))
}

/// The line with what was charged here and what was paid elsewhere. Nobody but the other provider knows the latter: what stands here
/// is reckoned from its usual prices, <https://openrouter.ai/docs/guides/guides/activity-export>.
fn paid(
    line: InvoiceLine,
    charged: Option<Amount>,
    own_key: Option<Amount>,
    row: u64,
) -> Result<InvoiceLine, InvoiceError> {
    let rough = !own_key.is_some_and(Amount::is_zero);
    let usd = match (charged, own_key.filter(|own_key| !own_key.is_zero())) {
        (Some(charged), Some(own_key)) => Some(charged.plus(own_key).ok_or_else(|| too_much(row))?),
        (charged, own_key) => charged.or(own_key),
    };
    Ok(InvoiceLine { rough, ..line.charged(usd) })
}

fn too_much(row: u64) -> InvoiceError {
    InvoiceError::Row { row, what: format!("{OWN_KEY} and what was charged are more than can be booked") }
}
