//! `ledger`: what has been spent, entry by entry.

use std::process::ExitCode;

use roundtable_domain::UnixMs;
use roundtable_engine::{LedgerEntry, LedgerFilter, SpendTotals};
use roundtable_ledger::format_usd;
use serde_json::{Value, json};

use super::Context;
use crate::arguments;
use crate::failure::Failure;
use crate::output;

pub(crate) async fn run(context: &Context, arguments: arguments::Ledger) -> Result<ExitCode, Failure> {
    let engine = context.engine().await?;
    let filter =
        LedgerFilter { provider: arguments.provider, model: arguments.model, ..LedgerFilter::default() };
    let entries = engine.ledger_entries(&filter, arguments.limit).await?;
    let totals = engine.ledger_totals(&filter).await?;
    engine.shutdown().await;
    if context.json {
        entries.iter().try_for_each(|entry| output::object(&entry_object(entry)))?;
        output::object(&totals_object(&totals))?;
        return Ok(ExitCode::SUCCESS);
    }
    let heading = ["TIME (UTC)", "MODEL", "IN", "OUT", "COST", ""].map(str::to_owned).to_vec();
    let rows: Vec<Vec<String>> = std::iter::once(heading).chain(entries.iter().map(row)).collect();
    output::table(&rows)?;
    output::line(&format!(
        "{} calls, ${}{}{}; simulated: {} calls, ${}",
        totals.calls,
        totals.real,
        if totals.estimated { " (partly estimated)" } else { "" },
        if totals.unpriced_calls > 0 {
            format!(" and {} unpriced calls", totals.unpriced_calls)
        } else {
            String::new()
        },
        totals.simulated_calls,
        totals.simulated
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn entry_object(entry: &LedgerEntry) -> Value {
    json!({
        "type": "entry",
        "id": entry.id,
        "attempt_id": entry.attempt_id,
        "kind": entry.kind,
        "at": time(entry.at),
        "source": entry.source,
        "conversation_id": entry.conversation_id,
        "provider": entry.provider,
        "model_requested": entry.model_requested,
        "model_served": entry.model_served,
        "usage": entry.usage,
        "usage_raw": entry.usage_raw,
        "usd": usd(entry),
        "provenance": entry.cost.provenance,
        "price_date": entry.cost.price_date,
        "at_least": entry.cost.at_least,
        "simulated": entry.simulated,
    })
}

fn usd(entry: &LedgerEntry) -> Option<String> {
    entry.cost.usd_exact.clone().or_else(|| entry.cost.usd.map(|usd| usd.to_string()))
}

fn totals_object(totals: &SpendTotals) -> Value {
    json!({
        "type": "totals",
        "usd": totals.real,
        "calls": totals.calls,
        "unpriced_calls": totals.unpriced_calls,
        "estimated": totals.estimated,
        "at_least": totals.at_least,
        "simulated_usd": totals.simulated,
        "simulated_calls": totals.simulated_calls,
    })
}

fn row(entry: &LedgerEntry) -> Vec<String> {
    let count = |tokens: Option<u64>| tokens.map_or_else(|| "?".to_owned(), |tokens| tokens.to_string());
    vec![
        time(entry.at),
        format!("{}/{}", entry.provider, entry.model_served.as_ref().unwrap_or(&entry.model_requested)),
        count(entry.usage.input),
        count(entry.usage.output),
        format_usd(entry.cost.usd, entry.cost.provenance),
        if entry.simulated { "simulated".to_owned() } else { String::new() },
    ]
}

/// RFC 3339, to the second.
fn time(at: UnixMs) -> String {
    jiff::Timestamp::from_millisecond(at.0).map_or_else(|_| at.0.to_string(), |time| format!("{time:.0}"))
}
