//! `keys`: where keys are, and setting, adding, checking, removing them. A key is read from standard input, never from the command
//! line, where other programs could see it.

use std::io::IsTerminal;
use std::process::ExitCode;

use roundtable_domain::KeyId;
use roundtable_engine::view::{KeyCheckView, KeyPlace, KeyState, KeyView, NextStep, ProviderView};
use roundtable_engine::{Engine, EngineError};
use secrecy::SecretString;
use serde::Serialize;

use super::{Context, about_provider, no_key};
use crate::arguments::{self, KeyAction};
use crate::failure::Failure;
use crate::{output, prompt};

/// One line of `keys --json`.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    provider: &'a ProviderView,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
}

pub(crate) async fn run(context: &Context, arguments: arguments::Keys) -> Result<ExitCode, Failure> {
    let engine = context.engine().await?;
    let done = act(context, &engine, arguments.action.unwrap_or(KeyAction::List)).await;
    engine.shutdown().await;
    done.map(|()| ExitCode::SUCCESS)
}

async fn act(context: &Context, engine: &Engine, action: KeyAction) -> Result<(), Failure> {
    match action {
        KeyAction::List => list(context, &engine.list_providers().await?),
        KeyAction::Set { provider } => set(context, engine, &provider).await,
        KeyAction::Add { provider, label } => add(context, engine, &provider, &label).await,
        KeyAction::Check { provider } => check(context, engine, &provider).await,
        KeyAction::Remove { provider, id } => {
            let removed = match id {
                None => engine.remove_key(&provider).await,
                Some(id) => engine.remove_one_key(&provider, key_id(&id)?).await,
            };
            list(context, &[removed.map_err(|error| about_provider(engine, &provider, error))?])
        }
    }
}

fn key_id(text: &str) -> Result<KeyId, Failure> {
    let unknown = |_| Failure::Usage(format!("“{text}” is no id of a key; `keys list` shows them"));
    text.parse().map_err(unknown)
}

/// The key on standard input.
fn read_key(provider: &str) -> Result<SecretString, Failure> {
    if std::io::stdin().is_terminal() {
        output::note(&format!("Paste the key for {provider}, then press Enter and Ctrl-D:"));
    }
    let secret = prompt::standard_input()?;
    if secret.trim().is_empty() {
        return Err(EngineError::EmptyKey.into());
    }
    Ok(SecretString::from(secret))
}

async fn set(context: &Context, engine: &Engine, provider: &str) -> Result<(), Failure> {
    let secret = read_key(provider)?;
    engine.ensure_provider(provider).await.map_err(|error| about_provider(engine, provider, error))?;
    let mut checked = engine.set_key(provider, secret).await?;
    let kept_nowhere = checked.provider.key.as_ref().is_some_and(|key| key.place == KeyPlace::Session);
    if kept_nowhere {
        // Memory ends with this process: a row about it would only say that the key is missing.
        checked.provider = engine.remove_key(provider).await?;
    }
    let shown = show(context, &checked);
    if kept_nowhere {
        return Err(nowhere_to_keep(engine, provider));
    }
    shown
}

async fn add(context: &Context, engine: &Engine, provider: &str, label: &str) -> Result<(), Failure> {
    let secret = read_key(provider)?;
    engine.ensure_provider(provider).await.map_err(|error| about_provider(engine, provider, error))?;
    let mut checked = engine.add_key(provider, label, secret).await?;
    // The newest comes after the older ones.
    let added =
        checked.provider.keys.iter().rev().find(|key| key.id.is_some() && key.state != KeyState::Missing);
    let in_memory = added.filter(|key| key.place == KeyPlace::Session).and_then(|key| key.id);
    if let Some(id) = in_memory {
        checked.provider = engine.remove_one_key(provider, id).await?;
    }
    let shown = show(context, &checked);
    if in_memory.is_some() {
        return Err(nowhere_to_keep(engine, provider));
    }
    shown
}

async fn check(context: &Context, engine: &Engine, provider: &str) -> Result<(), Failure> {
    let known = engine.list_providers().await?.into_iter().find(|known| known.id == provider);
    let usable = |key: &KeyView| key.state != KeyState::Missing;
    if known.is_some_and(|known| known.needs_key && !known.key.as_ref().is_some_and(usable)) {
        return Err(no_key(engine, provider));
    }
    let checked =
        engine.check_key(provider).await.map_err(|error| about_provider(engine, provider, error))?;
    show(context, &checked)
}

fn nowhere_to_keep(engine: &Engine, provider: &str) -> Failure {
    let dialects = engine.list_dialects();
    let known = dialects.iter().find(|dialect| dialect.id == provider);
    let variable = known
        .and_then(|dialect| dialect.environment.first())
        .map_or("its environment variable", String::as_str);
    Failure::Key(format!("The key was not kept: there is no keyring to keep it in. Set {variable} instead."))
}

fn list(context: &Context, providers: &[ProviderView]) -> Result<(), Failure> {
    if context.json {
        return providers
            .iter()
            .try_for_each(|provider| output::object(&Line { kind: "provider", provider, message: None }));
    }
    if providers.is_empty() {
        return output::line(
            "No provider is set up. Set a key with `roundtable-cli keys set openai`, or the environment variable OPENAI_API_KEY.",
        );
    }
    let heading =
        ["PROVIDER", "KEY", "LABEL", "WHERE", "STATE", "BOUND TO", "ID"].map(str::to_owned).to_vec();
    let rows: Vec<Vec<String>> = std::iter::once(heading).chain(providers.iter().flat_map(rows)).collect();
    output::table(&rows)
}

/// A row for each key, in the order in which they are used.
fn rows(provider: &ProviderView) -> Vec<Vec<String>> {
    if provider.keys.is_empty() {
        let missing = if provider.needs_key { "none" } else { "not needed" };
        let nothing = String::new;
        let cells = [missing.to_owned(), nothing(), nothing(), nothing(), provider.base_url.clone()];
        return vec![std::iter::once(provider.id.clone()).chain(cells).collect()];
    }
    provider.keys.iter().map(|key| row(provider, key)).collect()
}

fn row(provider: &ProviderView, key: &KeyView) -> Vec<String> {
    let place = match (key.place, &key.variable) {
        (KeyPlace::Environment, Some(variable)) => format!("environment variable {variable}"),
        (KeyPlace::Environment, None) => "environment".to_owned(),
        (KeyPlace::Keyring, _) => "system keyring".to_owned(),
        (KeyPlace::Session, _) => "memory of one process".to_owned(),
    };
    let state = match key.state {
        KeyState::Unchecked => "not checked",
        KeyState::Accepted => "accepted",
        KeyState::Refused => "refused",
        KeyState::Unknown => "could not be checked",
        KeyState::Missing => "missing",
    };
    let id = key.id.map(|id| id.to_string()).unwrap_or_default();
    let (mask, label, origin) = (key.mask.clone(), key.label.clone(), key.origin.clone());
    vec![provider.id.clone(), mask, label, place, state.to_owned(), origin, id]
}

/// What the check found. A key that does not work is a failure, told like any other.
fn show(context: &Context, check: &KeyCheckView) -> Result<(), Failure> {
    if context.json {
        output::object(&Line { kind: "provider", provider: &check.provider, message: Some(&check.message) })?;
    }
    let Some(fault) = &check.fault else {
        return if context.json { Ok(()) } else { output::line(&check.message) };
    };
    Err(Failure::Check {
        code: fault.category.as_str(),
        message: check.message.clone(),
        retryable: fault.next_steps.contains(&NextStep::Retry),
    })
}
