//! `OpenRouter`: the activity export (a row per request, as CSV) and `GET /api/v1/activity` (a row per day and endpoint).
//! <https://openrouter.ai/docs/api-reference/analytics/get-activity>: what is paid with keys of one's own is not charged there and
//! is not counted here.

use serde_json::Value;

use super::amount::Amount;
use super::table::Row;
use super::{InvoiceError, InvoiceLine, Reading, count, day, needed};

/// A request.
pub(super) fn row(row: &Row<'_>) -> Result<Reading, InvoiceError> {
    let day = day(row.text("created_at"), "created_at", row.number)?;
    let Some(usd) = row.money("cost_total")? else { return Ok(Reading::of_day(day, None)) };
    let line = InvoiceLine {
        day,
        model: row.some("model_permaslug").map(str::to_owned),
        requests: Some(1),
        input_tokens: row.count("tokens_prompt")?,
        output_tokens: row.count("tokens_completion")?,
        ..InvoiceLine::default()
    };
    Ok(Reading::of_day(day, Some(line.charged(Some(usd)))))
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
    Ok(Reading::of_day(day, Some(line.charged(Amount::of_json(needed(entry, "usage", at)?, "usage", at)?))))
}
