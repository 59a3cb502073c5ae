//! The old single file (`llm.yaml`): a default model, models to fall back to, retries. It becomes one group and one pool.

use std::fmt::Write as _;

use super::fields::Fields;
use super::group::{DAY_SECONDS, Echelon, EchelonSettings, FallbackConfig, FallbackStrategy, TaskGroup};
use super::mistake::{Mistake, MistakeCode, Report};
use super::name::{GroupRef, check_name};
use super::pool::{PollingPool, PoolFallback, PoolFallbackStrategy, RotationStrategy};
use super::yaml;

/// Every key of the old form.
const LEGACY_KEYS: [&str; 5] =
    ["default_model", "fallback_models", "fallback_enabled", "max_retries", "retry_delay"];

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    /// Its path in the config folder.
    pub path: String,
    /// All of its text.
    pub text: String,
}

/// What an old file becomes.
#[derive(Clone, Debug, PartialEq)]
pub struct Migration {
    /// The group: the default model on its first rung, a rung below for each model to fall back to.
    pub group: NewFile,
    /// The pool, with that group in it.
    pub pool: NewFile,
    /// What was done with each key of the old file and why, a sentence each.
    pub notes: Vec<String>,
}

/// What the old file says.
struct Legacy {
    default_model: String,
    fallback_models: Vec<String>,
    fallback_enabled: bool,
    max_retries: Option<u32>,
    retry_delay_ms: Option<u64>,
}

/// Turns the old file into a group and a pool, both of the given name with `-pool` behind the pool's.
///
/// The same text always gives the same files. What is not understood is refused as a whole, each with its line; `path` is
/// how those mistakes call the file.
pub fn migrate(path: &str, text: &str, name: &str) -> Result<Migration, Vec<Mistake>> {
    let mut report = Report::new(path);
    let legacy = read_legacy(text, &mut report);
    if let Err(error) = check_name(name) {
        report.error(
            super::mistake::Place::START,
            MistakeCode::BadName,
            format!("the new group's name: {error}"),
        );
    }
    match legacy {
        Some(legacy) if !report.has_errors() => Ok(to_new_form(path, name, legacy)),
        _ => Err(report.into_mistakes()),
    }
}

fn read_legacy(text: &str, report: &mut Report) -> Option<Legacy> {
    let node = yaml::read(text, report)?;
    let fields = Fields::of(&node, "the old configuration", report)?;
    fields.allow(&LEGACY_KEYS, report);
    if fields.get("default_model").is_none() {
        let reason = "there is no default_model, so there is nothing to ask";
        report.error(fields.place_of("default_model"), MistakeCode::MissingKey, reason);
    }
    let default_model = fields.text("default_model", report);
    if default_model.as_ref().is_some_and(|model| model.trim().is_empty()) {
        report.error(fields.place_of("default_model"), MistakeCode::WrongType, "default_model is empty");
    }
    let fallback_models = fields.texts("fallback_models", report).unwrap_or_default();
    Some(Legacy {
        fallback_enabled: fields.flag("fallback_enabled", report).unwrap_or(true),
        max_retries: fields.count("max_retries", 0..=100, report),
        retry_delay_ms: fields.seconds("retry_delay", 0.0..=DAY_SECONDS / 24.0, report),
        fallback_models: fallback_models.into_iter().map(|(model, _)| model).collect(),
        default_model: default_model?,
    })
}

fn to_new_form(path: &str, name: &str, legacy: Legacy) -> Migration {
    let mut notes =
        vec![format!("default_model {} is on echelon1 of the group {name}", legacy.default_model)];
    let mut unused = Vec::new();
    let mut models = vec![legacy.default_model.clone()];
    for model in legacy.fallback_models {
        if models.contains(&model) {
            notes.push(format!("{model} is the default model already and gets no second rung"));
        } else if legacy.fallback_enabled {
            models.push(model);
            notes.push(format!(
                "fallback model {} is on echelon{}",
                models.last().unwrap_or(&String::new()),
                models.len()
            ));
        } else {
            notes
                .push(format!("fallback_enabled is false: {model} was never asked and is kept as a comment"));
            unused.push(model);
        }
    }
    if let Some(retries) = legacy.max_retries {
        notes.push(format!("max_retries {retries} holds on every echelon, as it did for every model"));
    }
    let group = group_of(name, &models, legacy.max_retries, legacy.retry_delay_ms);
    let pool = pool_of(name, models.len());
    let mut heading = format!(
        "# Made from {path}. A lane or a command names it {name}, {name}.echelon1 or {}.\n",
        pool.name
    );
    for model in &unused {
        _ = writeln!(heading, "# Not used, as fallback_enabled was false: {model}");
    }
    let pool_heading = format!("# Made from {path}.\n");
    Migration {
        group: NewFile { path: format!("groups/{name}.yaml"), text: heading + &group.to_value().to_yaml() },
        pool: NewFile {
            path: format!("pools/{}.yaml", pool.name),
            text: pool_heading + &pool.to_value().to_yaml(),
        },
        notes,
    }
}

fn group_of(
    name: &str,
    models: &[String],
    max_retries: Option<u32>,
    retry_delay_ms: Option<u64>,
) -> TaskGroup {
    let settings = EchelonSettings { max_retries, ..EchelonSettings::default() };
    let echelons =
        (1..).zip(models).map(|(number, model)| Echelon { number, models: vec![model.clone()], settings });
    // The old form tried every model with all its retries; the one budget of the new form has room for the same.
    let calls =
        |retries: u32| u32::try_from(models.len()).unwrap_or(u32::MAX).saturating_mul(retries + 1).min(1_000);
    TaskGroup {
        name: name.to_owned(),
        description: None,
        echelons: echelons.collect(),
        fallback: Some(FallbackConfig {
            strategy: FallbackStrategy::EchelonDown,
            fallback_groups: Vec::new(),
            max_attempts: max_retries.map(calls),
            retry_delay_ms,
            ..FallbackConfig::default()
        }),
    }
}

fn pool_of(group: &str, rungs: usize) -> PollingPool {
    PollingPool {
        name: format!("{group}-pool"),
        description: None,
        task_groups: vec![GroupRef::whole(group)],
        rotation_strategy: RotationStrategy::RoundRobin,
        weights: std::collections::BTreeMap::new(),
        health_check_interval_ms: None,
        failure_threshold: None,
        recovery_ms: None,
        fallback: Some(PoolFallback {
            strategy: PoolFallbackStrategy::InstanceRotation,
            max_instance_attempts: u32::try_from(rungs).ok(),
        }),
    }
}

#[cfg(test)]
mod tests;
