//! `ledger entry`: one entry with its formula, and its corrections.

use jiff::tz::TimeZone;
use roundtable_domain::{CostLine, LedgerEntryId};
use roundtable_engine::Engine;
use roundtable_engine::view::{EntryView, SpendName};

use super::entries::entry_object;
use crate::arguments::Format;
use crate::failure::Failure;
use crate::output;

pub(super) async fn run(engine: &Engine, id: LedgerEntryId, format: Format) -> Result<(), Failure> {
    match format {
        Format::Json => {
            let entries = engine.entries_of_call(id).await?;
            entries.iter().try_for_each(|entry| output::object(&entry_object(entry)))
        }
        Format::Csv => {
            output::line("component,tokens,usd_per_mtok,usd")?;
            let view = engine.ledger_entry(id).await?;
            view.lines.iter().try_for_each(|line| {
                let cells: Vec<String> = line_cells(line).iter().map(|cell| output::csv_cell(cell)).collect();
                output::line(&cells.join(","))
            })
        }
        Format::Table => show(&engine.ledger_entry(id).await?, &engine.time_zone().await?),
    }
}

fn show(view: &EntryView, zone: &TimeZone) -> Result<(), Failure> {
    let row = &view.row;
    let named = |name: Option<&SpendName>| name.map_or_else(dash, |name| name.label.clone());
    let count = |tokens: Option<u64>| tokens.map_or_else(|| "?".to_owned(), |tokens| tokens.to_string());
    let usd = row.usd.clone().map_or_else(|| "unpriced".to_owned(), |usd| format!("${usd}"));
    let known = row.provenance.map(|known| format!(" ({})", known.as_str())).unwrap_or_default();
    let least = if view.at_least { "at least " } else { "" };
    let world = if row.simulated { ", simulated" } else { "" };
    output::table(&[
        vec!["entry".to_owned(), row.id.to_string()],
        vec![
            "booked".to_owned(),
            format!("{}, {}, {}{world}", output::local(row.at, zone), row.kind, row.source),
        ],
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
        vec!["cost".to_owned(), format!("{least}{usd}{known}")],
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
        output::line(&format!("{} of {}: ${usd}", adjustment.kind, output::local(adjustment.at, zone)))?;
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

fn dash() -> String {
    "–".to_owned()
}
