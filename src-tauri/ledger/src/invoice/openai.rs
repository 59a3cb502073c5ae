//! `OpenAI`: `GET /v1/organization/costs`, `GET /v1/organization/usage/completions`, and the same two from the dashboard as CSV.
//! <https://platform.openai.com/docs/api-reference/usage>

use serde_json::Value;

use super::table::Row;
use super::{InvoiceError, InvoiceLine, count, day, money, needed};

/// A row of the dashboard's export. Costs have `amount_value`, usage has `num_model_requests`; days without either say nothing.
pub(super) fn row(row: &Row<'_>) -> Result<Option<InvoiceLine>, InvoiceError> {
    let usd = row.money("amount_value")?;
    let requests = row.count("num_model_requests")?;
    if usd.is_none() && requests.is_none() {
        return Ok(None);
    }
    dollars(row.some("amount_currency"), row.number)?;
    Ok(Some(InvoiceLine {
        day: day(row.text("start_time"), "start_time", row.number)?,
        model: row.some("model").or_else(|| row.some("line_item").map(model_of)).map(str::to_owned),
        usd,
        requests,
        input_tokens: row.count("input_tokens")?,
        output_tokens: row.count("output_tokens")?,
    }))
}

/// A bucket of the API: a day with its results.
pub(super) fn bucket(bucket: &Value, at: u64) -> Result<Vec<InvoiceLine>, InvoiceError> {
    let day = day(&needed(bucket, "start_time", at)?.to_string(), "start_time", at)?;
    let results = needed(bucket, "results", at)?.as_array().into_iter().flatten();
    results.map(|result| of_result(result, day, at)).collect()
}

fn of_result(result: &Value, day: jiff::civil::Date, at: u64) -> Result<InvoiceLine, InvoiceError> {
    let amount = result.get("amount");
    dollars(amount.and_then(|amount| amount.get("currency")).and_then(Value::as_str), at)?;
    let word = |name: &str| result.get(name).and_then(Value::as_str);
    Ok(InvoiceLine {
        day,
        model: word("model").or_else(|| word("line_item").map(model_of)).map(str::to_owned),
        usd: match amount.and_then(|amount| amount.get("value")) {
            Some(value) => money(value, "amount.value", at)?,
            None => None,
        },
        requests: count(result, "num_model_requests", at)?,
        input_tokens: count(result, "input_tokens", at)?,
        output_tokens: count(result, "output_tokens", at)?,
    })
}

/// `gpt-4o-2024-08-06, input` is about `gpt-4o-2024-08-06`.
fn model_of(line_item: &str) -> &str {
    line_item.split(',').next().unwrap_or(line_item).trim()
}

fn dollars(currency: Option<&str>, row: u64) -> Result<(), InvoiceError> {
    match currency {
        Some(currency) if !currency.eq_ignore_ascii_case("usd") => {
            Err(InvoiceError::Currency { row, currency: currency.to_owned() })
        }
        _ => Ok(()),
    }
}
