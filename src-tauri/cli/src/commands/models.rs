//! `models`: what can be asked, what it can do and what it costs; the price list and the user's own prices.

mod prices;

use std::process::ExitCode;

use roundtable_engine::view::{ModelView, PriceOrigin};
use roundtable_engine::{Engine, EngineError};
use serde::Serialize;

use super::Context;
use crate::arguments::{ModelAction, Models};
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

pub(crate) async fn run(context: &Context, arguments: Models) -> Result<ExitCode, Failure> {
    let engine = context.engine().await?;
    let done = act(context, &engine, arguments).await;
    engine.shutdown().await;
    done.map(|()| ExitCode::SUCCESS)
}

async fn act(context: &Context, engine: &Engine, arguments: Models) -> Result<(), Failure> {
    if let Some(ModelAction::Price { action }) = arguments.action {
        return show(context, &[prices::keep_own(engine, action).await?]);
    }
    if arguments.update {
        return prices::update(context, engine, arguments.from.as_deref()).await;
    }
    if arguments.held {
        return prices::list_held(context, engine).await;
    }
    if !arguments.accept.is_empty() {
        return prices::accept(context, engine, &arguments.accept).await;
    }
    if !arguments.dismiss.is_empty() {
        return prices::dismiss(context, engine, &arguments.dismiss).await;
    }
    show(context, &list(engine, &arguments).await?)
}

fn show(context: &Context, models: &[ModelView]) -> Result<(), Failure> {
    if context.json {
        return models.iter().try_for_each(|model| output::object(&Line { kind: "model", model }));
    }
    let heading = ["MODEL", "CONTEXT", "OUTPUT", "CAN", "$/M IN", "$/M OUT", "PRICE", ""];
    let heading = heading.map(str::to_owned).to_vec();
    let rows: Vec<Vec<String>> = std::iter::once(heading).chain(models.iter().map(row)).collect();
    output::table(&rows)
}

async fn list(engine: &Engine, arguments: &Models) -> Result<Vec<ModelView>, Failure> {
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
    let (input, output, price) = match &model.price {
        Some(price) => {
            let tiered = if price.tiered { ", tiered" } else { "" };
            let origin = match price.origin {
                PriceOrigin::BuiltIn => format!("list of {}{tiered}", price.date),
                PriceOrigin::Update => format!("updated list of {}{tiered}", price.date),
                PriceOrigin::Listed => format!("its provider, {}{tiered}", price.date),
                PriceOrigin::Own => format!("yours of {}", price.date),
                PriceOrigin::Simulated => "invented".to_owned(),
            };
            (price.input.clone(), price.output.clone(), origin)
        }
        None => ("unpriced".to_owned(), String::new(), String::new()),
    };
    let tokens = |count: Option<u64>| count.map(|tokens| tokens.to_string()).unwrap_or_default();
    let mut remarks = Vec::new();
    remarks.extend(model.simulated.then(|| "simulated".to_owned()));
    remarks.extend((!model.ready && !model.simulated).then(|| "needs a key".to_owned()));
    remarks.extend(model.retirement_date.as_ref().map(|date| format!("retires {date}")));
    vec![
        model.target.clone(),
        tokens(model.context_window),
        tokens(model.max_output),
        abilities(model).join(" "),
        input,
        output,
        price,
        remarks.join(", "),
    ]
}

/// What the model is known to do.
fn abilities(model: &ModelView) -> Vec<&'static str> {
    let all = [
        (model.tools, "tools"),
        (model.vision, "images"),
        (model.pdf, "pdf"),
        (model.audio, "sound"),
        (model.json_schema, "schema"),
        (model.reasoning, "reasons"),
    ];
    all.into_iter().filter(|(can, _)| *can == Some(true)).map(|(_, name)| name).collect()
}
