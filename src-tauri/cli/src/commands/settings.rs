//! `settings`: which values a model would be asked with, and where each comes from.

use std::process::ExitCode;

use roundtable_domain::Layer;
use roundtable_engine::Engine;
use roundtable_engine::view::EffectiveValue;
use serde::Serialize;

use super::{Context, target_or_default};
use crate::arguments::{Settings, SettingsAction};
use crate::failure::Failure;
use crate::output;

/// One line of `settings show --json`.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    target: &'a str,
    #[serde(flatten)]
    value: &'a EffectiveValue,
}

pub(crate) async fn run(context: &Context, arguments: Settings) -> Result<ExitCode, Failure> {
    let SettingsAction::Show { model, profile } = arguments.action;
    let engine = context.engine().await?;
    let shown = show(context, &engine, model, profile.as_deref()).await;
    engine.shutdown().await;
    shown.map(|()| ExitCode::SUCCESS)
}

async fn show(
    context: &Context,
    engine: &Engine,
    model: Option<String>,
    profile: Option<&str>,
) -> Result<(), Failure> {
    let target = target_or_default(engine, model).await?;
    let values = engine.model_values(&target, profile).await?;
    if context.json {
        let line = |value| output::object(&Line { kind: "value", target: &target, value });
        return values.iter().try_for_each(line);
    }
    let heading = ["SETTING", "VALUE", "FROM", "RANGE", ""].map(str::to_owned).to_vec();
    let rows: Vec<Vec<String>> = std::iter::once(heading).chain(values.iter().map(row)).collect();
    output::table(&rows)
}

fn row(value: &EffectiveValue) -> Vec<String> {
    let layer = match value.layer {
        Layer::User => "command line",
        Layer::Environment => "environment",
        Layer::Model => "model",
        Layer::Provider => "provider",
        Layer::Profile => "profile",
        Layer::Default if value.value.is_some() => "default",
        Layer::Default => "",
    };
    let from = if value.origin.is_empty() { layer.to_owned() } else { format!("{layer} {}", value.origin) };
    let range = match (value.minimum, value.maximum) {
        (Some(least), Some(most)) => format!("{least} to {most}"),
        (Some(least), None) => format!("{least} or more"),
        (None, Some(most)) => format!("at most {most}"),
        (None, None) => String::new(),
    };
    let shown = value.value.clone().unwrap_or_else(|| "left to the provider".to_owned());
    vec![value.name.clone(), shown, from, range, value.problem.clone().unwrap_or_default()]
}
