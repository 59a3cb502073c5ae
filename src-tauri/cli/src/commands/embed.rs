//! `embed`: texts as vectors, and what the cache of vectors holds.

use std::process::ExitCode;

use roundtable_engine::Engine;
use roundtable_engine::view::EmbeddingStats;
use serde::Serialize;

use super::{Context, alerts, budget};
use crate::arguments::Embed;
use crate::failure::Failure;
use crate::{output, prompt};

/// One line of `embed`.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    target: &'a str,
    index: usize,
    dimensions: usize,
    vector: &'a [f32],
}

/// The line of `embed --stats --json`.
#[derive(Serialize)]
struct StatsLine {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    stats: EmbeddingStats,
}

pub(crate) async fn run(context: &Context, arguments: Embed) -> Result<ExitCode, Failure> {
    let texts: Vec<String> = if arguments.stdin {
        prompt::standard_input()?.lines().map(str::to_owned).collect()
    } else {
        arguments.texts.clone()
    };
    let engine = context.observed_engine(&arguments.observed).await?;
    let before = engine.mark_alerts().await.ok();
    let done = match &arguments.model {
        Some(model) => embed(&engine, model, &texts, &arguments).await,
        None => show_stats(context, &engine).await,
    };
    alerts::tell_since(context, &engine, before).await;
    engine.shutdown().await;
    done.map(|()| ExitCode::SUCCESS)
}

/// Vectors are for programs: they are objects with and without `--json`.
async fn embed(engine: &Engine, target: &str, texts: &[String], arguments: &Embed) -> Result<(), Failure> {
    if texts.iter().all(|text| text.trim().is_empty()) {
        return Err(Failure::Usage(
            "name texts to turn into vectors, or pipe them in with --stdin".to_owned(),
        ));
    }
    let budgets = budget::named(engine, &arguments.consent.over_budget).await?;
    let money = arguments.consent.choice(budgets);
    let vectors = engine.embed(target, texts, arguments.dimensions, &money).await?;
    vectors.iter().enumerate().try_for_each(|(index, vector)| {
        output::object(&Line { kind: "embedding", target, index, dimensions: vector.len(), vector })
    })
}

async fn show_stats(context: &Context, engine: &Engine) -> Result<(), Failure> {
    let stats = engine.embedding_stats().await?;
    if context.json {
        return output::object(&StatsLine { kind: "embedding_stats", stats });
    }
    output::line(&format!("{} vectors are kept, {} bytes.", stats.stored, stats.stored_bytes))
}
