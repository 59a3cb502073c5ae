//! `ledger`: what has been spent, entry by entry and summed.

mod entries;
mod entry;
mod replay;
mod summary;
mod sums;
mod tables;

use std::process::ExitCode;

use roundtable_engine::Engine;
use roundtable_engine::view::{SpendBy, SpendFilter, SpendRange};

use super::Context;
use crate::arguments::{self, Filters, Format, LedgerAction};
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
        Some(LedgerAction::Entry { id, format: chosen }) => entry::run(engine, *id, format(*chosen)).await,
        Some(LedgerAction::Replay { models, filters, format: chosen }) => {
            replay::run(engine, models, filters, format(*chosen)).await
        }
        None if arguments.has_sums() => sums::run(engine, &arguments, format(arguments.format)).await,
        None => entries::run(engine, &arguments, format(arguments.format)).await,
    }
}

/// What is asked for, as the engine takes it. A model may be named without its provider: every one of that name is meant. A name that is
/// nobody's is refused or, where people make up names of their own, told beside the output.
async fn filter_of(engine: &Engine, filters: &Filters, format: Format) -> Result<SpendFilter, Failure> {
    for (by, what, names) in [
        (SpendBy::Provider, "provider", &filters.provider),
        (SpendBy::Model, "model", &filters.model),
        (SpendBy::Key, "key", &filters.key),
        (SpendBy::Source, "source", &filters.source),
        (SpendBy::Folder, "folder", &filters.folder),
        (SpendBy::Tag, "tag", &filters.tag),
    ] {
        for unused in engine.check_spend_names(by, names).await?.iter().filter(|_| format != Format::Json) {
            let near =
                unused.near.as_ref().map_or_else(String::new, |near| format!("; did you mean “{near}”?"));
            output::note(&format!("nothing was ever booked under the {what} “{}”{near}", unused.name));
        }
    }
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
