//! `models`: what can be asked.

use std::process::ExitCode;

use roundtable_engine::view::ModelView;
use roundtable_engine::{Engine, EngineError};
use serde::Serialize;

use super::Context;
use crate::arguments;
use crate::failure::Failure;
use crate::output;

/// One line of `models --json`.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    model: &'a ModelView,
}

pub(crate) async fn run(context: &Context, arguments: arguments::Models) -> Result<ExitCode, Failure> {
    let engine = context.engine().await?;
    let listed = list(&engine, &arguments).await;
    engine.shutdown().await;
    let models = listed?;
    if context.json {
        for model in &models {
            output::object(&Line { kind: "model", model })?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let heading = ["MODEL", "CONTEXT", "$/M IN", "$/M OUT", "PRICED ON", ""].map(str::to_owned).to_vec();
    let rows: Vec<Vec<String>> = std::iter::once(heading).chain(models.iter().map(row)).collect();
    output::table(&rows)?;
    Ok(ExitCode::SUCCESS)
}

async fn list(engine: &Engine, arguments: &arguments::Models) -> Result<Vec<ModelView>, Failure> {
    let Some(provider) = &arguments.provider else { return Ok(engine.list_all_models().await?) };
    if arguments.refresh {
        return engine
            .refresh_models(provider)
            .await
            .map_err(|error| super::about_provider(engine, provider, error));
    }
    let mut models = engine.list_all_models().await?;
    models.retain(|model| model.provider == *provider);
    if models.is_empty() && !engine.list_providers().await?.iter().any(|known| known.id == *provider) {
        return Err(super::about_provider(
            engine,
            provider,
            EngineError::UnknownProvider(provider.clone()).into(),
        ));
    }
    Ok(models)
}

fn row(model: &ModelView) -> Vec<String> {
    let (input, output, date) = match &model.price {
        Some(price) => (price.input.clone(), price.output.clone(), price.date.clone()),
        None => ("unpriced".to_owned(), String::new(), String::new()),
    };
    let remark = match (model.simulated, model.ready) {
        (true, _) => "simulated, invented price",
        (false, true) => "",
        (false, false) => "needs a key",
    };
    let context = model.context_window.map(|tokens| tokens.to_string()).unwrap_or_default();
    vec![model.target.clone(), context, input, output, date, remark.to_owned()]
}
