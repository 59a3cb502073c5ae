//! `ledger`: what has been spent, entry by entry and summed.

mod single;
mod spend;

use std::process::ExitCode;

use roundtable_domain::UnixMs;
use roundtable_engine::{Engine, LedgerEntry, LedgerFilter, SpendTotals};
use roundtable_ledger::format_usd;
use serde_json::{Value, json};

use super::Context;
use crate::arguments::{self, Format, LedgerAction};
use crate::failure::Failure;
use crate::output;

pub(crate) async fn run(context: &Context, arguments: arguments::Ledger) -> Result<ExitCode, Failure> {
    let engine = context.engine().await?;
    let outcome = act(context, &engine, arguments).await;
    engine.shutdown().await;
    outcome.map(|()| ExitCode::SUCCESS)
}

async fn act(context: &Context, engine: &Engine, arguments: arguments::Ledger) -> Result<(), Failure> {
    let format = |format| if context.json { Format::Json } else { format };
    match &arguments.action {
        Some(LedgerAction::Entry { id, format: chosen }) => single::entry(engine, *id, format(*chosen)).await,
        Some(LedgerAction::Replay { models, filters, format: chosen }) => {
            single::replay(engine, models, filters, format(*chosen)).await
        }
        None if arguments.is_plain() => plain(engine, &arguments, format(arguments.format)).await,
        None => spend::run(engine, &arguments, format(arguments.format)).await,
    }
}

/// The newest entries and the sums over all that match, real and invented.
async fn plain(engine: &Engine, arguments: &arguments::Ledger, format: Format) -> Result<(), Failure> {
    let filter = LedgerFilter {
        provider: arguments.filters.provider.first().cloned(),
        model: arguments.filters.model.first().cloned(),
        ..LedgerFilter::default()
    };
    let entries = engine.ledger_entries(&filter, arguments.limit).await?;
    let totals = engine.ledger_totals(&filter).await?;
    if format == Format::Json {
        entries.iter().try_for_each(|entry| output::object(&entry_object(entry)))?;
        return output::object(&totals_object(&totals));
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
    ))
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
