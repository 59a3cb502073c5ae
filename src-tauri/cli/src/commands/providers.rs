//! `providers`: what is set up here, and adding, changing and removing it with the way through the network.

mod network;

use std::process::ExitCode;

use roundtable_engine::view::{DialectView, NewProvider, ProviderSettings, ProviderView};
use roundtable_engine::{Engine, EngineError};
use serde::Serialize;

use super::{Context, about_provider};
use crate::arguments::{NetworkArguments, Place, ProviderAction, Providers};
use crate::failure::Failure;
use crate::output;

/// Any server that is not known by name.
const CUSTOM: &str = "custom";

/// One line of `providers --json`.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    provider: &'a ProviderView,
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: Option<&'a ProviderSettings>,
}

/// One line of `providers list --known --json`.
#[derive(Serialize)]
struct DialectLine<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    dialect: &'a DialectView,
}

pub(crate) async fn run(context: &Context, arguments: Providers) -> Result<ExitCode, Failure> {
    let engine = context.engine().await?;
    let done = act(context, &engine, arguments.action.unwrap_or(ProviderAction::List { known: false })).await;
    engine.shutdown().await;
    done.map(|()| ExitCode::SUCCESS)
}

async fn act(context: &Context, engine: &Engine, action: ProviderAction) -> Result<(), Failure> {
    match action {
        ProviderAction::List { known: true } => list_known(context, &engine.list_dialects()),
        ProviderAction::List { known: false } => list(context, &engine.list_providers().await?),
        ProviderAction::Show { provider } => show(context, engine, &find(engine, &provider).await?).await,
        ProviderAction::Add { dialect, id, place, network } => {
            let added = add(engine, dialect, id, place, &network).await?;
            show(context, engine, &added).await
        }
        ProviderAction::Set { provider, place, network } => {
            let changed = set(engine, &provider, place, &network).await?;
            show(context, engine, &changed).await
        }
        ProviderAction::Remove { provider } => {
            let removed = engine.remove_provider(&provider).await;
            removed.map_err(|error| about_provider(engine, &provider, error))?;
            list(context, &engine.list_providers().await?)
        }
    }
}

async fn find(engine: &Engine, id: &str) -> Result<ProviderView, Failure> {
    let known = engine.list_providers().await?.into_iter().find(|known| known.id == id);
    known.ok_or_else(|| about_provider(engine, id, EngineError::UnknownProvider(id.to_owned()).into()))
}

async fn add(
    engine: &Engine,
    dialect: String,
    id: Option<String>,
    place: Place,
    network: &NetworkArguments,
) -> Result<ProviderView, Failure> {
    if dialect == CUSTOM && (place.base_url.is_none() || place.kind.is_none()) {
        let advice = "say where the server is and what it speaks with --base-url and --kind, or name a known provider: roundtable-cli providers list --known";
        return Err(Failure::Usage(advice.to_owned()));
    }
    let taken = engine.list_providers().await?;
    if let Some(id) = id.as_ref().filter(|id| taken.iter().any(|known| known.id == **id)) {
        return Err(Failure::Usage(format!(
            "there is a provider “{id}” already; change it with: roundtable-cli providers set {id}"
        )));
    }
    // What cannot be used is refused before anything is kept.
    let settings = network::changed(ProviderSettings::default(), network)?;
    let new = NewProvider {
        id,
        name: place.name.unwrap_or_default(),
        dialect,
        api: place.kind.map(Into::into),
        base_url: place.base_url.unwrap_or_default(),
        plain_http_confirmed: place.plain_http,
    };
    let added = engine.save_provider(new).await?;
    if settings != ProviderSettings::default()
        && let Err(error) = engine.save_provider_settings(&added.id, settings).await
    {
        engine.remove_provider(&added.id).await?;
        return Err(error.into());
    }
    find(engine, &added.id).await
}

async fn set(
    engine: &Engine,
    id: &str,
    place: Place,
    network: &NetworkArguments,
) -> Result<ProviderView, Failure> {
    let known = find(engine, id).await?;
    let settings = network::changed(engine.provider_settings(id).await?, network)?;
    engine.save_provider_settings(id, settings).await?;
    if place.name.is_some() || place.kind.is_some() || place.base_url.is_some() {
        let new = NewProvider {
            id: Some(known.id),
            name: place.name.unwrap_or(known.name),
            dialect: known.dialect,
            api: Some(place.kind.map_or(known.api, Into::into)),
            base_url: place.base_url.unwrap_or(known.base_url),
            plain_http_confirmed: place.plain_http,
        };
        engine.save_provider(new).await?;
    }
    find(engine, id).await
}

async fn show(context: &Context, engine: &Engine, provider: &ProviderView) -> Result<(), Failure> {
    let settings = if provider.simulated {
        ProviderSettings::default()
    } else {
        engine.provider_settings(&provider.id).await?
    };
    if context.json {
        return output::object(&Line { kind: "provider", provider, settings: Some(&settings) });
    }
    list(context, std::slice::from_ref(provider))?;
    network::describe(&settings).iter().try_for_each(|line| output::line(line))
}

fn list(context: &Context, providers: &[ProviderView]) -> Result<(), Failure> {
    if context.json {
        let line = |provider| output::object(&Line { kind: "provider", provider, settings: None });
        return providers.iter().try_for_each(line);
    }
    if providers.is_empty() {
        return output::line(
            "No provider is set up. What can be added: roundtable-cli providers list --known",
        );
    }
    let heading = ["PROVIDER", "NAME", "SPEAKS", "KEY", "MODELS", "ADDRESS"].map(str::to_owned).to_vec();
    let row = |provider: &ProviderView| {
        let key = match (&provider.key, provider.needs_key) {
            (Some(key), _) => key.mask.as_str(),
            (None, true) => "none",
            (None, false) => "not needed",
        };
        vec![
            provider.id.clone(),
            provider.name.clone(),
            provider.api.as_str().to_owned(),
            key.to_owned(),
            provider.models.to_string(),
            provider.base_url.clone(),
        ]
    };
    let rows: Vec<Vec<String>> = std::iter::once(heading).chain(providers.iter().map(row)).collect();
    output::table(&rows)
}

fn list_known(context: &Context, dialects: &[DialectView]) -> Result<(), Failure> {
    if context.json {
        return dialects
            .iter()
            .try_for_each(|dialect| output::object(&DialectLine { kind: "dialect", dialect }));
    }
    let heading = ["PROVIDER", "NAME", "SPEAKS", "KEY FROM", "ADDRESS"].map(str::to_owned).to_vec();
    let row = |dialect: &DialectView| {
        vec![
            dialect.id.clone(),
            dialect.name.clone(),
            dialect.api.as_str().to_owned(),
            dialect.environment.join(" or "),
            dialect.base_url.clone(),
        ]
    };
    let rows: Vec<Vec<String>> = std::iter::once(heading).chain(dialects.iter().map(row)).collect();
    output::table(&rows)
}
