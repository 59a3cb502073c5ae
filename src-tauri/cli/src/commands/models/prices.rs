//! The price list: its update, what was held back of it, and the user's own prices.

use std::collections::HashSet;
use std::path::Path;

use roundtable_engine::Engine;
use roundtable_engine::view::{CatalogueView, ModelView, OwnPrice, PriceChange};
use serde::Serialize;

use crate::arguments::PriceAction;
use crate::commands::Context;
use crate::failure::Failure;
use crate::output;

/// One line of `models --update --json`.
#[derive(Serialize)]
struct CatalogueLine<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    catalogue: &'a CatalogueView,
}

/// So many changed prices are listed for people.
const MOST_CHANGES: usize = 20;

/// One line of `models --held --json`.
#[derive(Serialize)]
struct HeldLine<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    change: &'a PriceChange,
}

pub(super) async fn keep_own(engine: &Engine, action: PriceAction) -> Result<ModelView, Failure> {
    Ok(match action {
        PriceAction::Set { model, input, output, cache_read, cache_write } => {
            let price = OwnPrice { input, output, cache_read, cache_write };
            engine.set_own_price(&model, Some(price)).await?
        }
        PriceAction::Clear { model } => engine.set_own_price(&model, None).await?,
    })
}

pub(super) async fn update(context: &Context, engine: &Engine, from: Option<&Path>) -> Result<(), Failure> {
    let updated = match from {
        Some(file) => engine.update_catalogue_from(file).await?,
        None => engine.update_catalogue().await?,
    };
    show(context, &updated)
}

pub(super) async fn list_held(context: &Context, engine: &Engine) -> Result<(), Failure> {
    let status = engine.catalogue_status().await?;
    if context.json {
        let line = |change| output::object(&HeldLine { kind: "held", change });
        return status.held_back.iter().try_for_each(line);
    }
    if status.held_back.is_empty() {
        return output::line("No price is held back.");
    }
    let heading = ["MODEL", "PRICE", "KNOWN $/M", "OFFERED $/M", "WHY"].map(str::to_owned).to_vec();
    let rows: Vec<Vec<String>> =
        std::iter::once(heading).chain(status.held_back.iter().map(held_row)).collect();
    output::table(&rows)
}

pub(super) async fn accept(context: &Context, engine: &Engine, targets: &[String]) -> Result<(), Failure> {
    check_held(engine, targets).await?;
    show(context, &engine.accept_prices(targets).await?)
}

pub(super) async fn dismiss(context: &Context, engine: &Engine, targets: &[String]) -> Result<(), Failure> {
    check_held(engine, targets).await?;
    show(context, &engine.dismiss_prices(targets).await?)
}

async fn check_held(engine: &Engine, targets: &[String]) -> Result<(), Failure> {
    let before = engine.catalogue_status().await?;
    let held: HashSet<&str> = before.held_back.iter().map(|change| change.target.as_str()).collect();
    if let Some(unknown) = targets.iter().find(|target| !held.contains(target.as_str())) {
        return Err(Failure::Usage(format!(
            "no price of “{unknown}” is held back; which are: roundtable-cli models --held"
        )));
    }
    Ok(())
}

fn show(context: &Context, catalogue: &CatalogueView) -> Result<(), Failure> {
    if context.json {
        return output::object(&CatalogueLine { kind: "catalogue", catalogue });
    }
    output::line(&format!(
        "{} models of {} providers; newest prices of {}{}; {} changed by the last update, {} of your own. Source: {}",
        catalogue.models,
        catalogue.providers,
        catalogue.price_date,
        if catalogue.stale { " (look at them: they are old)" } else { "" },
        catalogue.updated,
        catalogue.own_prices,
        catalogue.source
    ))?;
    let shown = catalogue.changes.iter().take(MOST_CHANGES);
    for PriceChange { target, field, before, after, .. } in shown {
        let amount = |usd: &Option<String>| usd.clone().unwrap_or_else(|| "none".to_owned());
        output::line(&format!("  {target} {field}: {} -> {} $/M", amount(before), amount(after)))?;
    }
    let more = catalogue.changes.len().saturating_sub(MOST_CHANGES);
    if more > 0 {
        output::line(&format!("  and {more} more: --json lists them"))?;
    }
    let held: HashSet<&str> = catalogue.held_back.iter().map(|change| change.target.as_str()).collect();
    if held.is_empty() {
        return Ok(());
    }
    output::line(&format!(
        "Prices of {} models look wrong and were not taken over: roundtable-cli models --held",
        held.len()
    ))
}

fn held_row(change: &PriceChange) -> Vec<String> {
    let amount = |usd: &Option<String>| usd.clone().unwrap_or_else(|| "none".to_owned());
    vec![
        change.target.clone(),
        change.field.clone(),
        amount(&change.before),
        amount(&change.after),
        change.reason.clone(),
    ]
}
