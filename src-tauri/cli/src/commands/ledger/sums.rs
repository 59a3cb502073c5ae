//! `ledger` with sums: the same figures as the Spend room of the window, of real money or of invented.

use jiff::tz::TimeZone;
use roundtable_engine::view::{SpendBy, SpendMeasure, SpendRank, SpendStep, SpendSums, SpendView};
use roundtable_engine::{AtLeastSums, Engine};
use roundtable_ledger::format_usd;
use serde_json::{Value, json};

use super::{filter_of, summary, tables};
use crate::arguments::{Format, Ledger, Table};
use crate::failure::Failure;
use crate::output;

/// The name of the sum of all others.
const OTHERS: &str = "*";

pub(super) async fn run(engine: &Engine, arguments: &Ledger, format: Format) -> Result<(), Failure> {
    let mut filter = filter_of(engine, &arguments.filters, format).await?;
    filter.by = arguments.by.map_or(SpendBy::default(), SpendBy::from);
    filter.step = arguments.step.map_or(SpendStep::Auto, SpendStep::from);
    filter.measure = SpendMeasure::from(arguments.measure);
    let is_series = arguments.step.is_some();
    if format == Format::Csv {
        let table = match arguments.table {
            Some(Table::Hours) => "hours",
            Some(Table::Models) => "models",
            None if is_series => "series",
            None => "ranking",
        };
        return output::piece(&engine.spend_csv(&filter, table).await?);
    }
    let view = engine.spend(&filter).await?;
    let least = engine.at_least_sums(&filter).await?;
    let zone = engine.time_zone().await?;
    match arguments.table {
        Some(Table::Hours) => tables::hours(&view.hours, format)?,
        Some(Table::Models) => tables::models(&view.models, format)?,
        None if is_series => series(&view, &zone, format)?,
        None => ranking(&view, &least, format)?,
    }
    summary::show(&view, least.range, &filter, &zone, format)
}

fn ranking(view: &SpendView, least: &AtLeastSums, format: Format) -> Result<(), Failure> {
    if format == Format::Json {
        return view
            .ranking
            .iter()
            .try_for_each(|rank| output::object(&rank_object(rank, is_least(view, least, rank))));
    }
    let heading = ["", "CALLS", "IN", "OUT", "COST", "SHARE", "GOOD", "MEAN"].map(str::to_owned).to_vec();
    let rows = view.ranking.iter().map(|rank| {
        let sums = &rank.sums;
        vec![
            shown(&rank.of.name, &rank.of.label),
            sums.requests.to_string(),
            sums.input_tokens.to_string(),
            sums.output_tokens.to_string(),
            format!("{}{}", if is_least(view, least, rank) { "≥ " } else { "" }, money(sums)),
            format!("{} %", percent(rank.share_basis_points)),
            rank.success_basis_points.map_or_else(dash, |points| format!("{} %", percent(points))),
            rank.average_ms.map_or_else(dash, output::seconds),
        ]
    });
    output::table(&std::iter::once(heading).chain(rows).collect::<Vec<_>>())
}

/// Whether fees outside tokens may come on top of a row. Of all others that is said where it holds for one that has no row.
fn is_least(view: &SpendView, least: &AtLeastSums, rank: &SpendRank) -> bool {
    if rank.of.name != OTHERS {
        return least.names.contains(&rank.of.name);
    }
    least.names.iter().any(|name| view.ranking.iter().all(|row| row.of.name != *name))
}

fn series(view: &SpendView, zone: &TimeZone, format: Format) -> Result<(), Failure> {
    let columns = view.columns.iter().zip(&view.totals).enumerate();
    if format == Format::Json {
        for (place, (from, total)) in columns {
            let values: serde_json::Map<String, Value> = view
                .series
                .iter()
                .map(|series| {
                    let value = series.values.get(place).cloned().flatten();
                    (series.of.name.clone(), Value::from(value))
                })
                .collect();
            output::object(
                &json!({ "type": "column", "from": output::utc(*from), "values": values, "total": total }),
            )?;
        }
        return Ok(());
    }
    let mut heading = vec!["FROM".to_owned()];
    heading.extend(view.series.iter().map(|series| shown(&series.of.name, &series.of.label)));
    heading.push("TOTAL".to_owned());
    let rows = columns.map(|(place, (from, total))| {
        let value = |values: &[Option<String>]| values.get(place).cloned().flatten().unwrap_or_else(dash);
        let mut row = vec![output::local(*from, zone)];
        row.extend(view.series.iter().map(|series| value(&series.values)));
        row.push(total.clone().unwrap_or_else(dash));
        row
    });
    output::table(&std::iter::once(heading).chain(rows).collect::<Vec<_>>())
}

fn rank_object(rank: &SpendRank, at_least: bool) -> Value {
    let sums = &rank.sums;
    json!({
        "type": "rank",
        "name": rank.of.name,
        "label": rank.of.label,
        "usd": sums.known_usd(),
        "estimated_usd": sums.estimated_usd,
        "at_least": at_least,
        "requests": sums.requests,
        "unpriced": sums.unpriced,
        "input_tokens": sums.input_tokens,
        "cached_tokens": sums.cached_tokens,
        "output_tokens": sums.output_tokens,
        "share_percent": percent(rank.share_basis_points),
        "success_percent": rank.success_basis_points.map(percent),
        "average_ms": rank.average_ms,
    })
}

/// What people type where they can, what they read where they cannot.
pub(super) fn shown(name: &str, label: &str) -> String {
    match name {
        "" => "(none)".to_owned(),
        OTHERS => "(all others)".to_owned(),
        name if name.ends_with('/') => format!("{name}(none)"),
        name if name.parse::<roundtable_domain::ConversationId>().is_ok() => label.to_owned(),
        name => name.to_owned(),
    }
}

fn money(sums: &SpendSums) -> String {
    format_usd(sums.known_usd().and_then(|usd| usd.parse().ok()), None)
}

/// Basis points as per cent, exactly: the text that stands in the file.
pub(super) fn percent(basis_points: u32) -> String {
    format!("{}.{:02}", basis_points / 100, basis_points % 100)
}

pub(super) fn dash() -> String {
    "–".to_owned()
}
