//! `cost`: what a usage object costs, to the last digit, line by line.

use std::process::ExitCode;
use std::sync::Arc;

use roundtable_domain::{CostLine, UnixMs};
use roundtable_ledger::{Catalogue, CostQuestion, CostReport, cost_report};

use super::Context;
use crate::arguments;
use crate::failure::Failure;
use crate::output;

pub(crate) async fn run(context: &Context, arguments: &arguments::Cost) -> Result<ExitCode, Failure> {
    let catalogue = if arguments.in_force {
        let engine = context.engine().await?;
        let in_force = engine.catalogue_in_force().await;
        engine.shutdown().await;
        in_force
    } else {
        Arc::clone(Catalogue::builtin())
    };
    let question = CostQuestion {
        provider: &arguments.provider,
        api: &arguments.api,
        model: &arguments.model,
        usage: &arguments.usage,
        prices: arguments.prices.as_deref(),
        flags: arguments.flags.as_deref(),
        at: time(arguments.at.as_deref())?,
    };
    let report = cost_report(&catalogue, &question).map_err(|error| Failure::Usage(error.to_string()))?;
    if context.json {
        output::object(&report)?;
    } else {
        show(&report)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn time(at: Option<&str>) -> Result<UnixMs, Failure> {
    let Some(text) = at else { return Ok(UnixMs(jiff::Timestamp::now().as_millisecond())) };
    let time: jiff::Timestamp = text
        .parse()
        .map_err(|_| Failure::Usage(format!("--at {text} is not a time like 2026-11-21T10:00:00Z")))?;
    Ok(UnixMs(time.as_millisecond()))
}

fn show(report: &CostReport) -> Result<(), Failure> {
    let heading = ["COMPONENT", "TOKENS", "$/M", "USD"].map(str::to_owned).to_vec();
    let rows: Vec<Vec<String>> = std::iter::once(heading).chain(report.breakdown.iter().map(row)).collect();
    output::table(&rows)?;
    let amount = report.usd.as_deref().map_or_else(|| "unpriced".to_owned(), |usd| format!("${usd}"));
    let mut remarks = Vec::new();
    remarks.extend(report.provenance.map(|provenance| provenance.as_str().to_owned()));
    remarks.extend(report.price_date.as_ref().map(|date| format!("price of {date}")));
    let conditions = &report.conditions;
    remarks.extend(conditions.prompt_above.map(|tokens| format!("prices of prompts above {tokens} tokens")));
    remarks.extend(conditions.service_tier.as_ref().map(|tier| format!("prices of the service tier {tier}")));
    remarks.extend(conditions.off_peak.then(|| "prices of cheaper hours".to_owned()));
    remarks.extend(report.simulated.then(|| "invented price".to_owned()));
    remarks.extend(report.at_least.then(|| "at least: fees outside tokens may come on top".to_owned()));
    remarks.extend((!report.ignored.is_empty()).then(|| format!("ignored: {}", report.ignored.join(", "))));
    output::line(&format!("{amount}  {}", remarks.join("; ")))
}

fn row(line: &CostLine) -> Vec<String> {
    vec![
        line.component.clone(),
        line.tokens.map(|tokens| tokens.to_string()).unwrap_or_default(),
        line.usd_per_mtok.clone().unwrap_or_default(),
        line.usd.clone().unwrap_or_default(),
    ]
}
