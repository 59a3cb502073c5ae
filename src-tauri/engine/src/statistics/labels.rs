//! What people call the things statistics are about.

use std::collections::HashMap;

use crate::directory::Directory;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::StatisticsOf;

/// How a key from the environment begins.
const ENVIRONMENT: &str = "env:";

/// How much of a removed key's id is shown.
const SHOWN_OF_A_REMOVED_KEY: usize = 8;

/// Names for people.
pub(crate) struct Labels {
    directory: Directory,
    /// Stored keys by their ids: the user's name for it, else its mask.
    keys: HashMap<String, String>,
}

impl Engine {
    pub(crate) async fn statistics_labels(&self) -> Result<Labels, EngineError> {
        let keys = self.inner.store.keys().list(None).await?;
        let keys = keys
            .into_iter()
            .map(|key| (key.id.to_string(), if key.label.is_empty() { key.mask } else { key.label }));
        Ok(Labels { directory: self.directory().await?, keys: keys.collect() })
    }
}

impl Labels {
    pub(crate) fn of(&self, of: StatisticsOf, name: &str) -> String {
        match of {
            StatisticsOf::Model => self.model(name),
            StatisticsOf::Provider => self.directory.name_of(name),
            StatisticsOf::Key => self.key(name),
            StatisticsOf::Group | StatisticsOf::Pool => name.to_owned(),
        }
    }

    fn model(&self, name: &str) -> String {
        let Ok((setup, model)) = self.directory.resolve(name) else { return name.to_owned() };
        setup.facts(&model.model).map_or(model.model, |facts| facts.name.clone())
    }

    fn key(&self, name: &str) -> String {
        if let Some(variable) = name.strip_prefix(ENVIRONMENT) {
            return variable.to_owned();
        }
        let removed = || {
            let start: String = name.chars().take(SHOWN_OF_A_REMOVED_KEY).collect();
            format!("removed key {start}")
        };
        self.keys.get(name).cloned().unwrap_or_else(removed)
    }
}
