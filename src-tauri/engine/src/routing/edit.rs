//! Changes to the config folder: checked as a whole before anything is written, each file replaced in one step, comments kept.
//!
//! A file that is not as the window was last shown it is not overwritten, nor one whose mistakes a change would lose.

mod amend;
mod names;
mod plan;
mod text;
pub(super) mod write;

use std::sync::Arc;

use roundtable_router::route::Value;

use super::error::ConfigError;
use super::values::{aliases_value, choice_value, group_value, pool_value, rule_value};
use super::views::routes_view;
use super::{Config, ConfigFolder};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{AliasView, AppError, ChoiceView, GroupView, PoolView, RoutesView, RuleView};
use plan::{Kind, Plan};

impl Engine {
    /// Groups, pools, aliases and rules as they are in force, and what is wrong in their files.
    pub async fn routes(&self) -> Result<RoutesView, AppError> {
        Ok(self.show_routes(self.config().await).await?)
    }

    /// Writes a group into its file, which is made if there is none. With `old_name` it is another name for that group, and
    /// whatever names the old one names the new one afterwards.
    pub async fn save_group(
        &self,
        group: GroupView,
        old_name: Option<String>,
    ) -> Result<RoutesView, AppError> {
        self.change_routes(move |plan| {
            each_once("echelon", group.echelons.iter().map(|echelon| echelon.number.to_string()))?;
            plan.put(Kind::Group, &group.name, old_name.as_deref(), &group_value(&group))
        })
        .await
    }

    /// Sets a group's file aside, as `NAME.yaml.removed`. A group that something else names is not removed.
    pub async fn remove_group(&self, name: &str) -> Result<RoutesView, AppError> {
        self.change_routes(|plan| plan.remove(Kind::Group, name)).await
    }

    /// As [`Self::save_group`], for a pool.
    pub async fn save_pool(&self, pool: PoolView, old_name: Option<String>) -> Result<RoutesView, AppError> {
        self.change_routes(move |plan| {
            plan.put(Kind::Pool, &pool.name, old_name.as_deref(), &pool_value(&pool))
        })
        .await
    }

    /// As [`Self::remove_group`], for a pool.
    pub async fn remove_pool(&self, name: &str) -> Result<RoutesView, AppError> {
        self.change_routes(|plan| plan.remove(Kind::Pool, name)).await
    }

    /// Writes all aliases.
    pub async fn save_aliases(&self, aliases: Vec<AliasView>) -> Result<RoutesView, AppError> {
        self.change_routes(move |plan| {
            each_once("alias", aliases.iter().map(|alias| alias.name.clone()))?;
            plan.put_top("aliases", &aliases_value(&aliases))
        })
        .await
    }

    /// Writes all rules, in their order.
    pub async fn save_rules(&self, rules: Vec<RuleView>) -> Result<RoutesView, AppError> {
        let values: Vec<Value> = rules.iter().map(rule_value).collect();
        self.change_routes(move |plan| plan.put_rules(&values)).await
    }

    /// Writes how to choose where no rule says so.
    pub async fn save_choice(&self, choice: ChoiceView) -> Result<RoutesView, AppError> {
        self.change_routes(move |plan| plan.put_top("choice", &choice_value(&choice))).await
    }

    /// The text `rules.yaml` would have with these rules, in a folder with everything else as it is.
    pub(super) async fn with_rules(&self, rules: &[RuleView]) -> Result<Config, ConfigError> {
        let values: Vec<Value> = rules.iter().map(rule_value).collect();
        let mut plan = Plan::new(self.inner.config.fresh().await, None);
        plan.put_rules(&values)?;
        Ok(plan.outcome())
    }

    async fn change_routes(
        &self,
        make: impl FnOnce(&mut Plan) -> Result<(), ConfigError>,
    ) -> Result<RoutesView, AppError> {
        Ok(self.try_change(make).await?)
    }

    async fn try_change(
        &self,
        make: impl FnOnce(&mut Plan) -> Result<(), ConfigError>,
    ) -> Result<RoutesView, EngineError> {
        let folder: &ConfigFolder = &self.inner.config;
        let _one_at_a_time = folder.editing.lock().await;
        let mut plan = Plan::new(folder.fresh().await, folder.shown());
        make(&mut plan)?;
        let (root, changes) = (folder.root().to_owned(), plan.checked()?);
        let written = tokio::task::spawn_blocking(move || write::write(&root, &changes)).await;
        // What was written before one of several files failed is there, and has to be seen.
        let config = folder.reread().await;
        written.map_err(|_| EngineError::Closed)??;
        self.show_routes(config).await
    }

    async fn show_routes(&self, config: Arc<Config>) -> Result<RoutesView, EngineError> {
        let mistakes = config.check(&self.models_known_by_name().await?);
        self.inner.config.show(&config);
        Ok(routes_view(self.inner.config.root(), &config, &mistakes))
    }
}

/// Refuses what is there twice: a file could not hold it.
fn each_once(what: &str, names: impl Iterator<Item = String>) -> Result<(), ConfigError> {
    let mut seen = std::collections::BTreeSet::new();
    for name in names {
        if !seen.insert(name.clone()) {
            return Err(ConfigError::Wrong { reason: format!("the {what} “{name}” is there twice") });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
