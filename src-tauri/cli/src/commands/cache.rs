//! `cache`: answers that are given again instead of being paid for again.

use std::process::ExitCode;

use roundtable_engine::Engine;
use roundtable_engine::view::{AppError, ResponseCacheView};
use serde::Serialize;

use super::Context;
use crate::arguments::{Cache, CacheAction};
use crate::failure::Failure;
use crate::output;

/// The line of `cache --json`.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    cache: &'a ResponseCacheView,
}

pub(crate) async fn run(context: &Context, arguments: Cache) -> Result<ExitCode, Failure> {
    let engine = context.engine().await?;
    let cache = act(&engine, arguments.action.unwrap_or(CacheAction::Status)).await;
    engine.shutdown().await;
    let cache = cache?;
    if context.json {
        output::object(&Line { kind: "cache", cache: &cache })?;
        return Ok(ExitCode::SUCCESS);
    }
    let ResponseCacheView { mode, ttl_hours, entries, bytes, hits, misses, shared, saved_usd } = cache;
    let which = match mode.as_str() {
        "off" => "No answer is kept or given again.".to_owned(),
        "always" => format!("Answers are kept for {ttl_hours} h."),
        _ => format!("Answers to requests with temperature 0 or a seed are kept for {ttl_hours} h."),
    };
    output::line(&which)?;
    output::line(&format!("{entries} answers, {} KiB.", bytes.div_ceil(1_024)))?;
    output::line(&format!("{hits} given again, {shared} shared, {misses} asked; ${saved_usd} saved."))?;
    Ok(ExitCode::SUCCESS)
}

async fn act(engine: &Engine, action: CacheAction) -> Result<ResponseCacheView, AppError> {
    match action {
        CacheAction::Status => engine.response_cache().await,
        CacheAction::Clear => engine.clear_responses().await,
        CacheAction::Set { mode, hours } => {
            let hours = match hours {
                Some(hours) => hours,
                None => engine.response_cache().await?.ttl_hours,
            };
            engine.set_response_cache(&mode, hours).await
        }
    }
}
