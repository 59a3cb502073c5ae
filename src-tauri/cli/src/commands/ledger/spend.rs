//! `ledger` with a range, more filters or sums: the same figures as the Spend room of the window.

use roundtable_engine::Engine;
use roundtable_engine::view::{
    SpendBy, SpendFilter, SpendMeasure, SpendRange, SpendRank, SpendStep, SpendSums, SpendView,
};
use roundtable_ledger::format_usd;
use serde_json::{Value, json};

use super::{entry_object, row, time};
use crate::arguments::{Filters, Format, Ledger};
use crate::failure::Failure;
use crate::output;

/// What is asked for, as the engine takes it. A model may be named without its provider where only one has it.
pub(super) async fn filter_of(engine: &Engine, filters: &Filters) -> Result<SpendFilter, Failure> {
    let range = match &filters.range {
        Some(range) => engine.spend_range(range).await?,
        None => SpendRange::All,
    };
    let mut models = Vec::new();
    for model in &filters.model {
        models.extend(engine.booked_models(model).await?);
    }
    Ok(SpendFilter {
        range,
        providers: filters.provider.clone(),
        models,
        keys: filters.key.iter().map(|key| roundtable_engine::booked_key_name(key)).collect(),
        sources: filters.source.clone(),
        conversations: filters.conversation.clone(),
        folders: filters.folder.clone(),
        tags: filters.tag.clone(),
        simulated: filters.simulated,
        ..SpendFilter::default()
    })
}

pub(super) async fn run(engine: &Engine, arguments: &Ledger, format: Format) -> Result<(), Failure> {
    let mut filter = filter_of(engine, &arguments.filters).await?;
    filter.by = arguments.by.map_or(SpendBy::default(), SpendBy::from);
    filter.step = arguments.step.map_or(SpendStep::Auto, SpendStep::from);
    filter.measure = SpendMeasure::from(arguments.measure);
    let what = match (arguments.by, arguments.step) {
        (_, Some(_)) => "series",
        (Some(_), None) => "ranking",
        (None, None) => "entries",
    };
    if format == Format::Csv {
        let table = engine.spend_csv(&filter, what).await?;
        return output::piece(&table);
    }
    let view = engine.spend(&filter).await?;
    match what {
        "series" => series(&view, format)?,
        "ranking" => ranking(&view, format)?,
        _ => entries(engine, &filter, arguments.limit, format).await?,
    }
    sums(&view, &filter, format)
}

async fn entries(engine: &Engine, filter: &SpendFilter, limit: u32, format: Format) -> Result<(), Failure> {
    let entries = engine.latest_entries(filter, limit).await?;
    if format == Format::Json {
        return entries.iter().try_for_each(|entry| output::object(&entry_object(entry)));
    }
    let heading = ["TIME (UTC)", "MODEL", "IN", "OUT", "COST", ""].map(str::to_owned).to_vec();
    let rows: Vec<Vec<String>> = std::iter::once(heading).chain(entries.iter().map(row)).collect();
    output::table(&rows)
}

fn ranking(view: &SpendView, format: Format) -> Result<(), Failure> {
    if format == Format::Json {
        return view.ranking.iter().try_for_each(|rank| output::object(&rank_object(rank)));
    }
    let heading = ["", "CALLS", "IN", "OUT", "COST", "SHARE", "GOOD", "MEAN"].map(str::to_owned).to_vec();
    let rows = view.ranking.iter().map(|rank| {
        let sums = &rank.sums;
        vec![
            shown(&rank.of.name, &rank.of.label),
            sums.requests.to_string(),
            sums.input_tokens.to_string(),
            sums.output_tokens.to_string(),
            money(sums),
            percent(Some(rank.share_basis_points)),
            percent(rank.success_basis_points),
            rank.average_ms.map_or_else(dash, |ms| format!("{}.{:02} s", ms / 1_000, ms % 1_000 / 10)),
        ]
    });
    output::table(&std::iter::once(heading).chain(rows).collect::<Vec<_>>())
}

fn series(view: &SpendView, format: Format) -> Result<(), Failure> {
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
                &json!({ "type": "column", "from": time(*from), "values": values, "total": total }),
            )?;
        }
        return Ok(());
    }
    let mut heading = vec!["FROM (UTC)".to_owned()];
    heading.extend(view.series.iter().map(|series| shown(&series.of.name, &series.of.label)));
    heading.push("TOTAL".to_owned());
    let rows = columns.map(|(place, (from, total))| {
        let value = |values: &[Option<String>]| values.get(place).cloned().flatten().unwrap_or_else(dash);
        let mut row = vec![time(*from)];
        row.extend(view.series.iter().map(|series| value(&series.values)));
        row.push(total.clone().unwrap_or_else(dash));
        row
    });
    output::table(&std::iter::once(heading).chain(rows).collect::<Vec<_>>())
}

fn sums(view: &SpendView, filter: &SpendFilter, format: Format) -> Result<(), Failure> {
    let sums = &view.figures.range;
    if format == Format::Json {
        return output::object(&json!({
            "type": "sums",
            "from": time(view.from),
            "until": time(view.until),
            "zone": view.zone,
            "simulated": filter.simulated,
            "usd": sums.usd,
            "estimated_usd": sums.estimated_usd,
            "requests": sums.requests,
            "unpriced": sums.unpriced,
            "input_tokens": sums.input_tokens,
            "cached_tokens": sums.cached_tokens,
            "output_tokens": sums.output_tokens,
        }));
    }
    let unpriced =
        if sums.unpriced > 0 { format!(" and {} unpriced calls", sums.unpriced) } else { String::new() };
    let estimated = if sums.estimated_usd == "0" {
        String::new()
    } else {
        format!(" (${} of it estimated)", sums.estimated_usd)
    };
    let world = if filter.simulated { "simulated: " } else { "" };
    output::line(&format!("{world}{} calls, ${}{estimated}{unpriced}", sums.requests, sums.usd))
}

fn rank_object(rank: &SpendRank) -> Value {
    let sums = &rank.sums;
    json!({
        "type": "rank",
        "name": rank.of.name,
        "label": rank.of.label,
        "usd": sums.usd,
        "estimated_usd": sums.estimated_usd,
        "requests": sums.requests,
        "unpriced": sums.unpriced,
        "input_tokens": sums.input_tokens,
        "cached_tokens": sums.cached_tokens,
        "output_tokens": sums.output_tokens,
        "share_basis_points": rank.share_basis_points,
        "success_basis_points": rank.success_basis_points,
        "average_ms": rank.average_ms,
    })
}

/// What people type where they can, what they read where they cannot.
fn shown(name: &str, label: &str) -> String {
    match name {
        "" => "(none)".to_owned(),
        "*" => "(all others)".to_owned(),
        name if name.parse::<roundtable_domain::ConversationId>().is_ok() => label.to_owned(),
        name => name.to_owned(),
    }
}

fn money(sums: &SpendSums) -> String {
    if sums.usd == "0" && sums.unpriced > 0 && sums.unpriced == sums.requests {
        return format_usd(None, None);
    }
    format_usd(sums.usd.parse().ok(), None)
}

fn percent(basis_points: Option<u32>) -> String {
    basis_points.map_or_else(dash, |points| format!("{}.{} %", points / 100, points % 100 / 10))
}

fn dash() -> String {
    "–".to_owned()
}
