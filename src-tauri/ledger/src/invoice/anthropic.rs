//! Anthropic: `GET /v1/organizations/cost_report`, `GET /v1/organizations/usage_report/messages`, and the same two from the console as
//! CSV. <https://platform.claude.com/docs/en/api/admin/cost_report>: the API states cents, the console's file dollars.

use serde_json::Value;

use super::amount::Amount;
use super::table::Row;
use super::{InvoiceError, InvoiceLine, Reading, count, day, needed, total};

/// A row of the console's export: `model` and `cost_usd`, or `model_version` and tokens.
pub(super) fn row(row: &Row<'_>) -> Result<Reading, InvoiceError> {
    let usd = row.money("cost_usd")?;
    let input = [
        row.count("usage_input_tokens_no_cache")?,
        row.count("usage_input_tokens_cache_write_5m")?,
        row.count("usage_input_tokens_cache_write_1h")?,
        row.count("usage_input_tokens_cache_read")?,
    ];
    let output_tokens = row.count("usage_output_tokens")?;
    let input_tokens = total(input);
    let day = day(row.text("usage_date_utc"), "usage_date_utc", row.number)?;
    let says = usd.is_some() || input_tokens.is_some() || output_tokens.is_some();
    let line = || {
        let model = row.some("model").or_else(|| row.some("model_version")).map(str::to_owned);
        InvoiceLine { day, model, input_tokens, output_tokens, ..InvoiceLine::default() }.charged(usd)
    };
    Ok(Reading::of_day(day, says.then(line)))
}

/// A bucket of the API: a day with its results.
pub(super) fn bucket(bucket: &Value, at: u64) -> Result<Reading, InvoiceError> {
    let start = needed(bucket, "starting_at", at)?.as_str().unwrap_or_default();
    let first = day(start, "starting_at", at)?;
    let end = bucket.get("ending_at").and_then(Value::as_str);
    let results = needed(bucket, "results", at)?.as_array().into_iter().flatten();
    let lines = results.map(|result| of_result(result, first, at)).collect::<Result<_, _>>()?;
    let reading = Reading { first_day: first, last_day: first, lines };
    Ok(reading.until(end.map(|end| day(end, "ending_at", at)).transpose()?))
}

fn of_result(result: &Value, day: jiff::civil::Date, at: u64) -> Result<InvoiceLine, InvoiceError> {
    if let Some(currency) = result.get("currency").and_then(Value::as_str).filter(|word| *word != "USD") {
        return Err(InvoiceError::Currency { row: at, currency: currency.to_owned() });
    }
    let written = result.get("cache_creation").unwrap_or(&Value::Null);
    let line = InvoiceLine {
        day,
        model: result.get("model").and_then(Value::as_str).map(str::to_owned),
        input_tokens: total([
            count(result, "uncached_input_tokens", at)?,
            count(result, "cache_read_input_tokens", at)?,
            count(written, "ephemeral_5m_input_tokens", at)?,
            count(written, "ephemeral_1h_input_tokens", at)?,
        ]),
        output_tokens: count(result, "output_tokens", at)?,
        ..InvoiceLine::default()
    };
    let cents = Amount::of_json(result.get("amount").unwrap_or(&Value::Null), "amount", at)?;
    Ok(line.charged(cents.map(|cents| cents.of_cents("amount", at)).transpose()?))
}
