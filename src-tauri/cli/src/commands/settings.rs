//! `settings`: the values of the whole program, which values a model would be asked with, and where each comes from.

use std::process::ExitCode;

use roundtable_domain::Layer;
use roundtable_engine::view::EffectiveValue;
use roundtable_engine::{Engine, NamedSetting, SettingName, SettingOrigin};
use serde::Serialize;
use serde_json::{Value, json};

use super::Context;
use crate::arguments::{Settings, SettingsAction};
use crate::failure::Failure;
use crate::output;

/// One value of a model in `settings show --json`.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    target: &'a str,
    #[serde(flatten)]
    value: &'a EffectiveValue,
}

pub(crate) async fn run(context: &Context, arguments: Settings) -> Result<ExitCode, Failure> {
    let engine = context.engine().await?;
    let outcome = match arguments.action {
        SettingsAction::Show { model, profile } => show(context, &engine, model, profile.as_deref()).await,
        SettingsAction::Set { name, value } => set(context, &engine, name, Some(&value)).await,
        SettingsAction::Unset { name } => set(context, &engine, name, None).await,
    };
    engine.shutdown().await;
    outcome.map(|()| ExitCode::SUCCESS)
}

async fn set(
    context: &Context,
    engine: &Engine,
    name: SettingName,
    value: Option<&str>,
) -> Result<(), Failure> {
    engine.set_named(name, value).await?;
    let all = engine.named_settings().await?;
    print_settings(context, all.into_iter().filter(|setting| setting.name == name).collect())
}

async fn show(
    context: &Context,
    engine: &Engine,
    model: Option<String>,
    profile: Option<&str>,
) -> Result<(), Failure> {
    let target = match model {
        Some(model) => Some(model),
        None => engine.default_target().await?,
    };
    // What cannot be shown is said before anything is.
    let values = match &target {
        Some(target) => engine.model_values(target, profile).await?,
        None => Vec::new(),
    };
    print_settings(context, engine.named_settings().await?)?;
    let Some(target) = target else { return Ok(()) };
    if context.json {
        let line = |value| output::object(&Line { kind: "value", target: &target, value });
        return values.iter().try_for_each(line);
    }
    output::line("")?;
    let heading = ["SETTING", "VALUE", "FROM", "RANGE", ""].map(str::to_owned).to_vec();
    let rows: Vec<Vec<String>> = std::iter::once(heading).chain(values.iter().map(row)).collect();
    output::table(&rows)
}

fn print_settings(context: &Context, settings: Vec<NamedSetting>) -> Result<(), Failure> {
    if context.json {
        return settings.iter().try_for_each(|setting| output::object(&setting_object(setting)));
    }
    let heading = ["PROGRAM", "VALUE", "FROM"].map(str::to_owned).to_vec();
    let rows = settings.into_iter().map(|NamedSetting { name, value, origin }| {
        let nothing = if name == SettingName::TimeZone { "the system's" } else { "none" };
        let from = match origin {
            SettingOrigin::Settings => "settings".to_owned(),
            SettingOrigin::Environment(variable) => format!("environment {variable}"),
            SettingOrigin::Default => "default".to_owned(),
        };
        vec![name.as_str().to_owned(), value.unwrap_or_else(|| nothing.to_owned()), from]
    });
    output::table(&std::iter::once(heading).chain(rows).collect::<Vec<_>>())
}

fn setting_object(setting: &NamedSetting) -> Value {
    let (layer, origin) = match &setting.origin {
        SettingOrigin::Settings => ("settings", ""),
        SettingOrigin::Environment(variable) => ("environment", variable.as_str()),
        SettingOrigin::Default => ("default", ""),
    };
    json!({
        "type": "setting",
        "name": setting.name.as_str(),
        "value": setting.value,
        "layer": layer,
        "origin": origin,
    })
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
