//! `ledger entry` and `ledger replay`: one entry with its formula, and what calls would have cost elsewhere.

use roundtable_domain::{CostLine, LedgerEntryId};
use roundtable_engine::Engine;
use roundtable_engine::view::{EntryView, ReplayView, SpendName};
use roundtable_ledger::format_usd;
use serde::Serialize;

use super::{spend, time};
use crate::arguments::{Filters, Format};
use crate::failure::Failure;
use crate::output;

/// One line of `--json`.
#[derive(Serialize)]
struct Line<'a, T> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    value: &'a T,
}

pub(super) async fn entry(engine: &Engine, id: LedgerEntryId, format: Format) -> Result<(), Failure> {
    let view = engine.ledger_entry(id).await?;
    match format {
        Format::Json => output::object(&Line { kind: "entry", value: &view }),
        Format::Csv => {
            let head = ["component", "tokens", "usd_per_mtok", "usd"].map(str::to_owned).to_vec();
            let rows = view.lines.iter().map(line_cells);
            std::iter::once(head).chain(rows).try_for_each(|row| output::line(&row.join(",")))
        }
        Format::Table => show(&view),
    }
}

fn show(view: &EntryView) -> Result<(), Failure> {
    let row = &view.row;
    let named = |name: Option<&SpendName>| name.map_or_else(dash, |name| name.label.clone());
    let count = |tokens: Option<u64>| tokens.map_or_else(|| "?".to_owned(), |tokens| tokens.to_string());
    let usd = row.usd.clone().map_or_else(|| "unpriced".to_owned(), |usd| format!("${usd}"));
    let known = row.provenance.map(|known| format!(" ({})", known.as_str())).unwrap_or_default();
    let world = if row.simulated { ", simulated" } else { "" };
    output::table(&[
        vec!["entry".to_owned(), row.id.to_string()],
        vec!["booked".to_owned(), format!("{}, {}, {}{world}", time(row.at), row.kind, row.source)],
        vec!["model".to_owned(), format!("{} (asked for: {})", row.model.name, view.model_requested)],
        vec!["key".to_owned(), named(view.key.as_ref())],
        vec!["conversation".to_owned(), named(row.conversation.as_ref())],
        vec!["folder".to_owned(), view.folder.clone().unwrap_or_else(dash)],
        vec!["tags".to_owned(), if view.tags.is_empty() { dash() } else { view.tags.join(", ") }],
        vec![
            "tokens".to_owned(),
            format!(
                "{} in, of them {} cached; {} out",
                count(view.usage.input),
                count(view.usage.cached_input),
                count(view.usage.output)
            ),
        ],
        vec!["price of".to_owned(), view.price_date.clone().unwrap_or_else(dash)],
        vec!["cost".to_owned(), format!("{usd}{known}")],
    ])?;
    if !view.lines.is_empty() {
        output::line("")?;
        let heading = ["", "TOKENS", "USD PER MILLION", "USD"].map(str::to_owned).to_vec();
        let rows: Vec<Vec<String>> =
            std::iter::once(heading).chain(view.lines.iter().map(line_cells)).collect();
        output::table(&rows)?;
    }
    for adjustment in &view.adjustments {
        let usd = adjustment.usd.clone().unwrap_or_else(|| "?".to_owned());
        output::line(&format!("{} of {}: ${usd}", adjustment.kind, time(adjustment.at)))?;
    }
    if let Some(raw) = &view.usage_raw {
        output::line("")?;
        output::line(&raw.to_string())?;
    }
    Ok(())
}

fn line_cells(line: &CostLine) -> Vec<String> {
    let text = |text: Option<&String>| text.cloned().unwrap_or_default();
    vec![
        line.component.clone(),
        line.tokens.map(|tokens| tokens.to_string()).unwrap_or_default(),
        text(line.usd_per_mtok.as_ref()),
        text(line.usd.as_ref()),
    ]
}

pub(super) async fn replay(
    engine: &Engine,
    models: &[String],
    filters: &Filters,
    format: Format,
) -> Result<(), Failure> {
    let filter = spend::filter_of(engine, filters).await?;
    let replays = engine.replay_cost(&filter, models).await?;
    match format {
        Format::Json => replays.iter().try_for_each(|value| output::object(&Line { kind: "replay", value })),
        Format::Csv => {
            output::line("model,usd,actual_usd,requests,left_out")?;
            replays.iter().try_for_each(|replay| {
                let ReplayView { of, usd, actual_usd, requests, left_out } = replay;
                let usd = usd.clone().unwrap_or_default();
                output::line(&format!("{},{usd},{actual_usd},{requests},{left_out}", of.name))
            })
        }
        Format::Table => {
            let heading =
                ["", "WOULD HAVE COST", "DID COST", "CALLS", "LEFT OUT"].map(str::to_owned).to_vec();
            let rows = replays.iter().map(|replay| {
                vec![
                    replay.of.name.clone(),
                    replay.usd.clone().map_or_else(|| format_usd(None, None), |usd| format!("~${usd}")),
                    format!("${}", replay.actual_usd),
                    replay.requests.to_string(),
                    replay.left_out.to_string(),
                ]
            });
            output::table(&std::iter::once(heading).chain(rows).collect::<Vec<_>>())
        }
    }
}

fn dash() -> String {
    "–".to_owned()
}
