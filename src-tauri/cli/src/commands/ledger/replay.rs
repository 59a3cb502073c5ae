//! `ledger replay`: what calls would have cost with other models.

use roundtable_engine::Engine;
use roundtable_engine::view::{ReplayOf, ReplayView, SpendName};
use roundtable_ledger::format_usd;
use serde::Serialize;

use super::filter_of;
use crate::arguments::{Filters, Format};
use crate::failure::Failure;
use crate::output;

/// One line of `--json`.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    of: &'a SpendName,
    usd: Option<&'a str>,
    actual_usd: &'a str,
    at_least: bool,
    corrections_usd: &'a str,
    requests: u64,
    left_out: u64,
}

pub(super) async fn run(
    engine: &Engine,
    models: &[String],
    filters: &Filters,
    format: Format,
) -> Result<(), Failure> {
    let filter = filter_of(engine, filters, format).await?;
    let replay = engine.replay_cost(&ReplayOf::Filter { filter }, models).await?;
    let unknown: Vec<&str> =
        replay.models.iter().filter(|model| model.unknown).map(|model| model.of.name.as_str()).collect();
    if !unknown.is_empty() {
        let named = unknown.join("”, “");
        return Err(Failure::Usage(format!(
            "there is no model “{named}” here; `roundtable-cli models` lists those that can be asked"
        )));
    }
    let ReplayView { actual_usd, at_least, corrections_usd, requests, left_out, models } = &replay;
    match format {
        Format::Json => models.iter().try_for_each(|model| {
            output::object(&Line {
                kind: "replay",
                of: &model.of,
                usd: model.usd.as_deref(),
                actual_usd,
                at_least: *at_least,
                corrections_usd,
                requests: *requests,
                left_out: *left_out,
            })
        }),
        Format::Csv => {
            output::line("model,usd,actual_usd,at_least,corrections_usd,requests,left_out")?;
            models.iter().try_for_each(|model| {
                let (name, usd) = (output::csv_cell(&model.of.name), model.usd.clone().unwrap_or_default());
                output::line(&format!(
                    "{name},{usd},{actual_usd},{at_least},{corrections_usd},{requests},{left_out}"
                ))
            })
        }
        Format::Table => show(&replay),
    }
}

fn show(replay: &ReplayView) -> Result<(), Failure> {
    let least = if replay.at_least { "≥ " } else { "" };
    let heading = ["", "WOULD HAVE COST", "DID COST", "CALLS", "LEFT OUT"].map(str::to_owned).to_vec();
    let rows = replay.models.iter().map(|model| {
        vec![
            model.of.name.clone(),
            model.usd.clone().map_or_else(|| format_usd(None, None), |usd| format!("~${usd}")),
            format!("{least}${}", replay.actual_usd),
            replay.requests.to_string(),
            replay.left_out.to_string(),
        ]
    });
    output::table(&std::iter::once(heading).chain(rows).collect::<Vec<_>>())?;
    if replay.corrections_usd != "0" {
        output::line(&format!(
            "Corrections by invoices, ${}, belong to no single call and are on neither side.",
            replay.corrections_usd
        ))?;
    }
    Ok(())
}
