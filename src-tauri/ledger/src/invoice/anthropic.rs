//! Anthropic: `GET /v1/organizations/cost_report`, `GET /v1/organizations/usage_report/messages`, and the same two from the console as
//! CSV. <https://platform.claude.com/docs/en/api/admin/cost_report>: the API states cents, the console's file dollars.

use roundtable_domain::PicoUsd;
use serde_json::Value;

use super::table::Row;
use super::{InvoiceError, InvoiceLine, count, day, money, needed, total, wrong};

/// A row of the console's export: `model` and `cost_usd`, or `model_version` and tokens.
pub(super) fn row(row: &Row<'_>) -> Result<Option<InvoiceLine>, InvoiceError> {
    let usd = row.money("cost_usd")?;
    let input = [
        row.count("usage_input_tokens_no_cache")?,
        row.count("usage_input_tokens_cache_write_5m")?,
        row.count("usage_input_tokens_cache_write_1h")?,
        row.count("usage_input_tokens_cache_read")?,
    ];
    let output_tokens = row.count("usage_output_tokens")?;
    let input_tokens = total(input);
    if usd.is_none() && input_tokens.is_none() && output_tokens.is_none() {
        return Ok(None);
    }
    Ok(Some(InvoiceLine {
        day: day(row.text("usage_date_utc"), "usage_date_utc", row.number)?,
        model: row.some("model").or_else(|| row.some("model_version")).map(str::to_owned),
        usd,
        requests: None,
        input_tokens,
        output_tokens,
    }))
}

/// A bucket of the API: a day with its results.
pub(super) fn bucket(bucket: &Value, at: u64) -> Result<Vec<InvoiceLine>, InvoiceError> {
    let start = needed(bucket, "starting_at", at)?.as_str().unwrap_or_default();
    let day = day(start, "starting_at", at)?;
    let results = needed(bucket, "results", at)?.as_array().into_iter().flatten();
    results.map(|result| of_result(result, day, at)).collect()
}

fn of_result(result: &Value, day: jiff::civil::Date, at: u64) -> Result<InvoiceLine, InvoiceError> {
    if let Some(currency) = result.get("currency").and_then(Value::as_str).filter(|word| *word != "USD") {
        return Err(InvoiceError::Currency { row: at, currency: currency.to_owned() });
    }
    let written = result.get("cache_creation").unwrap_or(&Value::Null);
    Ok(InvoiceLine {
        day,
        model: result.get("model").and_then(Value::as_str).map(str::to_owned),
        usd: match result.get("amount") {
            Some(cents) => money(cents, "amount", at)?.map(|cents| from_cents(cents, at)).transpose()?,
            None => None,
        },
        requests: None,
        input_tokens: total([
            count(result, "uncached_input_tokens", at)?,
            count(result, "cache_read_input_tokens", at)?,
            count(written, "ephemeral_5m_input_tokens", at)?,
            count(written, "ephemeral_1h_input_tokens", at)?,
        ]),
        output_tokens: count(result, "output_tokens", at)?,
    })
}

/// The amount was read as dollars and is a hundredth of that.
fn from_cents(cents: PicoUsd, at: u64) -> Result<PicoUsd, InvoiceError> {
    PicoUsd::from_usd(cents.to_usd() / rust_decimal::Decimal::ONE_HUNDRED)
        .map_err(|_| wrong(at, "amount", &cents.to_string()))
}
