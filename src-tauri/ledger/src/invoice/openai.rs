//! `OpenAI`: `GET /v1/organization/costs`, `GET /v1/organization/usage/completions`, and the same two from the dashboard as CSV.
//! <https://platform.openai.com/docs/api-reference/usage>

use serde_json::Value;

use super::amount::Amount;
use super::table::Row;
use super::{InvoiceError, InvoiceLine, Reading, count, day, needed};

/// A row of the dashboard's export. Costs have `amount_value`, usage has `num_model_requests`; days without either say nothing.
pub(super) fn row(row: &Row<'_>) -> Result<Reading, InvoiceError> {
    let usd = row.money("amount_value")?;
    let requests = row.count("num_model_requests")?;
    let day = day(row.text("start_time"), "start_time", row.number)?;
    if usd.is_none() && requests.is_none() {
        return Ok(Reading::of_day(day, None));
    }
    dollars(row.some("amount_currency"), row.number)?;
    let line = InvoiceLine {
        day,
        model: row.some("model").or_else(|| row.some("line_item").map(model_of)).map(str::to_owned),
        requests,
        input_tokens: row.count("input_tokens")?,
        output_tokens: row.count("output_tokens")?,
        ..InvoiceLine::default()
    };
    Ok(Reading::of_day(day, Some(line.charged(usd))))
}

/// A bucket of the API: a day with its results.
pub(super) fn bucket(bucket: &Value, at: u64) -> Result<Reading, InvoiceError> {
    let first = day(&needed(bucket, "start_time", at)?.to_string(), "start_time", at)?;
    let end = bucket.get("end_time").filter(|end| !end.is_null());
    let results = needed(bucket, "results", at)?.as_array().into_iter().flatten();
    let lines = results.map(|result| of_result(result, first, at)).collect::<Result<_, _>>()?;
    let reading = Reading { first_day: first, last_day: first, lines };
    Ok(reading.until(end.map(|end| day(&end.to_string(), "end_time", at)).transpose()?))
}

fn of_result(result: &Value, day: jiff::civil::Date, at: u64) -> Result<InvoiceLine, InvoiceError> {
    let amount = result.get("amount");
    dollars(amount.and_then(|amount| amount.get("currency")).and_then(Value::as_str), at)?;
    let word = |name: &str| result.get(name).and_then(Value::as_str);
    let line = InvoiceLine {
        day,
        model: word("model").or_else(|| word("line_item").map(model_of)).map(str::to_owned),
        requests: count(result, "num_model_requests", at)?,
        input_tokens: count(result, "input_tokens", at)?,
        output_tokens: count(result, "output_tokens", at)?,
        ..InvoiceLine::default()
    };
    let value = amount.and_then(|amount| amount.get("value")).unwrap_or(&Value::Null);
    Ok(line.charged(Amount::of_json(value, "amount.value", at)?))
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
