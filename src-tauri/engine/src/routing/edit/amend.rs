//! Single values changed by the program itself, on advice that was followed: the same checks and the same writing as for the window.
//!
//! What the window was shown stays what it was: a form that is open there is refused, rather than overwriting what was changed here.

use std::sync::Arc;

use super::super::values::{group_value, rule_value};
use super::super::views::{group_view, rule_view};
use super::super::{Config, ConfigFolder, error::ConfigError};
use super::plan::{Kind, Plan};
use super::write;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{GroupView, RuleView};

impl Engine {
    /// Changes a group as it stands in its file now; `false`: `amend` would not, or there is no such group, and nothing is written.
    pub(crate) async fn amend_group(
        &self,
        name: &str,
        amend: impl FnOnce(&mut GroupView) -> bool + Send,
    ) -> Result<bool, EngineError> {
        self.amend_files(|before, plan| {
            let Some(mut view) = before.routes.groups.get(name).map(group_view) else { return Ok(false) };
            if !amend(&mut view) {
                return Ok(false);
            }
            plan.put(Kind::Group, name, None, &group_value(&view))?;
            Ok(true)
        })
        .await
    }

    /// Changes the rules as they stand in their file now; `false`: `amend` would not, and nothing is written.
    pub(crate) async fn amend_rules(
        &self,
        amend: impl FnOnce(&mut Vec<RuleView>) -> bool + Send,
    ) -> Result<bool, EngineError> {
        self.amend_files(|before, plan| {
            let mut rules: Vec<RuleView> = before.rules.rules().map(rule_view).collect();
            if !amend(&mut rules) {
                return Ok(false);
            }
            plan.put_rules(&rules.iter().map(rule_value).collect::<Vec<_>>())?;
            Ok(true)
        })
        .await
    }

    async fn amend_files(
        &self,
        make: impl FnOnce(&Config, &mut Plan) -> Result<bool, ConfigError> + Send,
    ) -> Result<bool, EngineError> {
        let folder: &ConfigFolder = &self.inner.config;
        let _one_at_a_time = folder.editing.lock().await;
        let before = folder.fresh().await;
        let mut plan = Plan::new(Arc::clone(&before), None);
        if !make(&before, &mut plan)? {
            return Ok(false);
        }
        let (root, changes) = (folder.root().to_owned(), plan.checked()?);
        let written = tokio::task::spawn_blocking(move || write::write(&root, &changes)).await;
        folder.reread().await;
        written.map_err(|_| EngineError::Closed)??;
        Ok(true)
    }

    /// Groups and rules as they are in force now, in the words of the window.
    pub(crate) async fn groups_and_rules(&self) -> (Vec<GroupView>, Vec<RuleView>) {
        let config = self.inner.config.fresh().await;
        let groups = config.routes.groups.values().map(group_view).collect();
        (groups, config.rules.rules().map(rule_view).collect())
    }

    /// The file of a group, of the rules where `group` is none, as in `groups/coding.yaml`; `None`: it is wrong, and nothing is written
    /// into it.
    pub(crate) async fn editable_file(&self, group: Option<&str>) -> Option<String> {
        let config = self.inner.config.current().await;
        let stem = group.map_or_else(|| "rules".to_owned(), |group| format!("groups/{group}"));
        let there = [format!("{stem}.yaml"), format!("{stem}.yml")]
            .into_iter()
            .find(|path| config.file(path).is_some());
        let path = there.unwrap_or_else(|| format!("{stem}.yaml"));
        (!config.faulty.contains(&path)).then_some(path)
    }
}
