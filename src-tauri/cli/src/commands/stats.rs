//! `stats`: how models, providers, keys, groups and pools have done.

use std::process::ExitCode;

use roundtable_domain::UnixMs;
use roundtable_engine::view::{Spread, StatisticsOf, StatisticsRow, StatisticsView};
use roundtable_ledger::format_usd;
use serde::Serialize;
use serde_json::Value;

use super::Context;
use crate::arguments::{Format, Stats};
use crate::failure::Failure;
use crate::output;

/// The columns of `--format csv`, in the words of the JSON object; a point leads into an object.
const COLUMNS: [&str; 20] = [
    "of",
    "name",
    "label",
    "simulated",
    "requests",
    "succeeded",
    "cancelled",
    "latency.average_ms",
    "latency.p50_ms",
    "latency.p95_ms",
    "latency.p99_ms",
    "ttft.average_ms",
    "ttft.p50_ms",
    "ttft.p95_ms",
    "ttft.p99_ms",
    "tokens_per_second",
    "usd",
    "usd_per_request",
    "fallback_rate",
    "cache_rate",
];

/// The first line of `stats --json`.
#[derive(Serialize)]
struct Head {
    #[serde(rename = "type")]
    kind: &'static str,
    since: UnixMs,
    until: UnixMs,
}

/// One line of `stats --json`.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    row: &'a StatisticsRow,
}

pub(crate) async fn run(context: &Context, arguments: Stats) -> Result<ExitCode, Failure> {
    let engine = context.engine().await?;
    let statistics = if arguments.reset {
        engine.reset_statistics().await
    } else {
        engine.statistics(arguments.hours).await
    };
    engine.shutdown().await;
    let format = if context.json { Format::Json } else { arguments.format };
    show(&statistics?, arguments.reset, format)?;
    Ok(ExitCode::SUCCESS)
}

fn show(statistics: &StatisticsView, reset: bool, format: Format) -> Result<(), Failure> {
    let StatisticsView { since, until, rows } = statistics;
    if format == Format::Json {
        output::object(&Head { kind: "statistics", since: *since, until: *until })?;
        return rows.iter().try_for_each(|row| output::object(&Line { kind: "row", row }));
    }
    if format == Format::Csv {
        output::line(&COLUMNS.join(","))?;
        return rows.iter().try_for_each(|row| output::line(&csv_line(row)));
    }
    if rows.is_empty() {
        return output::line(if reset { "Counting begins now." } else { "Nothing was asked in this time." });
    }
    let heading = [
        "",
        "CALLS",
        "GOOD",
        "P50",
        "P95",
        "FIRST TOKEN",
        "TOK/S",
        "COST",
        "A CALL",
        "FALLBACK",
        "CACHE",
        "ERRORS",
    ];
    let mut table = vec![heading.map(str::to_owned).to_vec()];
    let mut last = None;
    for row in rows {
        if last != Some(row.of) {
            table.push(vec![title(row.of).to_owned()]);
            last = Some(row.of);
        }
        table.push(cells(row));
    }
    output::table(&table)
}

/// What is told once of a row; errors and the trend are lists, and stand in JSON alone.
fn csv_line(row: &StatisticsRow) -> String {
    let Ok(object) = serde_json::to_value(row) else { return String::new() };
    let cell = |column: &&str| match object.pointer(&format!("/{}", column.replace('.', "/"))) {
        Some(Value::String(text)) => output::csv_cell(text),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    };
    COLUMNS.iter().map(cell).collect::<Vec<_>>().join(",")
}

const fn title(of: StatisticsOf) -> &'static str {
    match of {
        StatisticsOf::Model => "MODELS",
        StatisticsOf::Provider => "PROVIDERS",
        StatisticsOf::Key => "KEYS",
        StatisticsOf::Group => "GROUPS",
        StatisticsOf::Pool => "POOLS",
    }
}

fn cells(row: &StatisticsRow) -> Vec<String> {
    let dash = || "–".to_owned();
    let name = match row.of {
        // What a key is called says more than its id, and what a provider is called is not what one types.
        StatisticsOf::Key => &row.label,
        _ => &row.name,
    };
    let time = |spread: Option<Spread>, of: fn(Spread) -> u64| {
        spread.map_or_else(dash, |spread| output::seconds(of(spread)))
    };
    let money = |usd: &str| format_usd(usd.parse().ok(), None);
    let errors: Vec<String> =
        row.errors.iter().map(|error| format!("{} {}", error.count, error.category.as_str())).collect();
    vec![
        format!("  {name}{}", if row.simulated { " (simulated)" } else { "" }),
        row.requests.to_string(),
        share(row.succeeded, row.requests.saturating_sub(row.cancelled)),
        time(row.latency, |spread| spread.p50_ms),
        time(row.latency, |spread| spread.p95_ms),
        time(row.ttft, |spread| spread.p50_ms),
        row.tokens_per_second.map_or_else(dash, |speed| format!("{speed:.0}")),
        // Of none is it known: that is not nothing.
        row.usd_per_request.as_ref().map_or_else(dash, |_| money(&row.usd)),
        row.usd_per_request.as_deref().map_or_else(dash, money),
        percent(row.fallback_rate),
        percent(row.cache_rate),
        errors.join(", "),
    ]
}

/// Of those that nobody stopped.
fn share(part: u64, whole: u64) -> String {
    match (part * 100).checked_div(whole) {
        Some(percent) => format!("{percent} %"),
        None => "–".to_owned(),
    }
}

fn percent(rate: f64) -> String {
    format!("{:.0} %", rate * 100.0)
}
