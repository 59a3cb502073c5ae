//! `ledger`: what has been spent, entry by entry and summed.

mod entries;
mod entry;
mod replay;
mod sums;

use std::process::ExitCode;

use roundtable_engine::Engine;
use roundtable_engine::view::{SpendFilter, SpendRange};

use super::Context;
use crate::arguments::{self, Filters, Format, LedgerAction};
use crate::failure::Failure;

pub(crate) async fn run(context: &Context, arguments: arguments::Ledger) -> Result<ExitCode, Failure> {
    let engine = context.engine().await?;
    let outcome = act(context, &engine, arguments).await;
    engine.shutdown().await;
    outcome.map(|()| ExitCode::SUCCESS)
}

async fn act(context: &Context, engine: &Engine, arguments: arguments::Ledger) -> Result<(), Failure> {
    let format = |format| if context.json { Format::Json } else { format };
    match &arguments.action {
        Some(LedgerAction::Entry { id, format: chosen }) => entry::run(engine, *id, format(*chosen)).await,
        Some(LedgerAction::Replay { models, filters, format: chosen }) => {
            replay::run(engine, models, filters, format(*chosen)).await
        }
        None if arguments.by.is_some() || arguments.step.is_some() => {
            sums::run(engine, &arguments, format(arguments.format)).await
        }
        None => entries::run(engine, &arguments, format(arguments.format)).await,
    }
}

/// What is asked for, as the engine takes it. A model may be named without its provider: every one of that name is meant.
async fn filter_of(engine: &Engine, filters: &Filters) -> Result<SpendFilter, Failure> {
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
        conversations: filters.conversation.iter().map(ToString::to_string).collect(),
        folders: filters.folder.clone(),
        tags: filters.tag.clone(),
        simulated: filters.simulated,
        ..SpendFilter::default()
    })
}
