//! One file per command.

pub(crate) mod alerts;
pub(crate) mod analysis;
pub(crate) mod ask;
pub(crate) mod batch;
pub(crate) mod budget;
pub(crate) mod cache;
pub(crate) mod config;
pub(crate) mod cost;
pub(crate) mod embed;
pub(crate) mod emulator;
pub(crate) mod keys;
pub(crate) mod ledger;
pub(crate) mod models;
pub(crate) mod profiles;
pub(crate) mod providers;
pub(crate) mod reconcile;
pub(crate) mod route;
pub(crate) mod routes;
pub(crate) mod settings;
pub(crate) mod stats;
pub(crate) mod tokens;

use std::path::PathBuf;

use roundtable_engine::view::{AppError, TelemetryFrom};
use roundtable_engine::{DataDir, Engine, Options, Process};

use crate::arguments::{Arguments, Observed};
use crate::failure::Failure;
use crate::output;

/// The variable that names the port of the page of metrics.
const METRICS_PORT: &str = "ROUNDTABLE_METRICS_PORT";

/// What every command is given.
pub(crate) struct Context {
    pub(crate) json: bool,
    data_dir: Option<PathBuf>,
    keyring: bool,
}

impl Context {
    pub(crate) fn new(arguments: &Arguments) -> Self {
        Self { json: arguments.json, data_dir: arguments.data_dir.clone(), keyring: !arguments.no_keyring }
    }

    /// Opens the engine on the data folder.
    pub(crate) async fn engine(&self) -> Result<Engine, Failure> {
        Ok(Engine::open(self.options()?).await?)
    }

    /// The same for a command that makes calls and may be watched meanwhile. A port that it was told to serve and cannot is a failure; of
    /// one that the environment names it says so.
    pub(crate) async fn observed_engine(&self, observed: &Observed) -> Result<Engine, Failure> {
        let mut options = self.options()?;
        if let Some(port) = observed.metrics_port {
            options.environment.insert(METRICS_PORT.to_owned(), port.to_string());
        }
        let engine = Engine::open(options).await?;
        let page = engine.telemetry_status().await?.page;
        match (page.failure, page.address) {
            (Some(failure), _) if observed.metrics_port.is_some() => {
                engine.shutdown().await;
                return Err(Failure::Usage(failure.what.text));
            }
            (Some(failure), _) if page.from == TelemetryFrom::Environment => {
                output::note(&failure.what.text);
            }
            // Nobody could guess it.
            (None, Some(address)) if page.port == Some(0) => output::note(&format!("Metrics: {address}")),
            _ => {}
        }
        Ok(engine)
    }

    fn options(&self) -> Result<Options, Failure> {
        let data_dir = DataDir::choose(self.data_dir.as_deref())?;
        Ok(Options { keyring: self.keyring.into(), ..Options::new(data_dir, Process::CommandLine) })
    }
}

/// The target that is named, or the one of the environment.
pub(crate) async fn target_or_default(engine: &Engine, named: Option<String>) -> Result<String, Failure> {
    match named {
        Some(target) => Ok(target),
        None => engine.default_target().await?.ok_or_else(no_model),
    }
}

/// Nobody said which model.
pub(crate) fn no_model() -> Failure {
    Failure::Usage(
        "name a model with --model, for example --model demo/swift, or set LLM_DEFAULT_MODEL".to_owned(),
    )
}

/// An error of the engine about a provider; where its name means nothing here, what to do about it.
pub(crate) fn about_provider(engine: &Engine, id: &str, error: AppError) -> Failure {
    if error.code != "unknown_provider" {
        return Failure::Refused(error);
    }
    let dialects = engine.list_dialects();
    if id == "custom" {
        let advice = "“custom” stands for any server; ask it with: roundtable-cli ask --kind KIND --base-url URL --key-env NAME --model M";
        return Failure::Usage(advice.to_owned());
    }
    if dialects.iter().any(|dialect| dialect.id == id) {
        return no_key(engine, id);
    }
    let known: Vec<&str> =
        dialects.iter().map(|dialect| dialect.id.as_str()).filter(|id| *id != "custom").collect();
    Failure::Usage(format!("“{id}” is no provider here; known by name are demo, {}", known.join(", ")))
}

/// The failure of a provider that has no key.
pub(crate) fn no_key(engine: &Engine, id: &str) -> Failure {
    let dialects = engine.list_dialects();
    let dialect = dialects.iter().find(|dialect| dialect.id == id);
    let name = dialect.map_or(id, |dialect| dialect.name.as_str());
    let variable = dialect.and_then(|dialect| dialect.environment.first());
    let or_set =
        variable.map(|variable| format!(", or set the environment variable {variable}")).unwrap_or_default();
    Failure::Key(format!(
        "There is no key for {name} here. Set one with: roundtable-cli keys set {id}{or_set}."
    ))
}
