//! A file of the folder as text, for mending by hand what its form cannot show.

use std::collections::BTreeMap;

use roundtable_domain::ModelRef;
use roundtable_router::route::{Mistake, Severity};

use super::super::error::ConfigError;
use super::super::folder::ConfigFile;
use super::super::views::mistake_view;
use super::super::{Config, ConfigFolder};
use super::write::{Change, write};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{AppError, RoutingFileOutcome, RoutingFileView};

impl Engine {
    /// A file of the config folder as it is now, `groups/coding.yaml` for instance, and what is wrong in it.
    ///
    /// # Errors
    /// There is no such file, or it cannot be read as text.
    pub async fn read_routing_file(&self, name: &str) -> Result<RoutingFileView, AppError> {
        Ok(self.text_of(name).await?)
    }

    /// Replaces a file's text, `before`, by another, if nothing speaks against it: a mistake in the new text, or one that it
    /// would make elsewhere. The mistakes are given back then, and the file is as it was.
    ///
    /// # Errors
    /// There is no such file, it says something else than `before`, or it cannot be written.
    pub async fn save_routing_file(
        &self,
        name: &str,
        text: &str,
        before: &str,
    ) -> Result<RoutingFileOutcome, AppError> {
        Ok(self.replace_text(name, text, before).await?)
    }

    async fn text_of(&self, name: &str) -> Result<RoutingFileView, EngineError> {
        let config = self.inner.config.fresh().await;
        let text = text_in(&config, name)?.to_owned();
        let mut mistakes = config.check(&self.models_known_by_name().await?);
        mistakes.retain(|mistake| mistake.file == name);
        Ok(RoutingFileView {
            name: name.to_owned(),
            text,
            mistakes: mistakes.iter().map(mistake_view).collect(),
        })
    }

    async fn replace_text(
        &self,
        name: &str,
        text: &str,
        before: &str,
    ) -> Result<RoutingFileOutcome, EngineError> {
        let folder: &ConfigFolder = &self.inner.config;
        let _one_at_a_time = folder.editing.lock().await;
        let now = folder.fresh().await;
        if text_in(&now, name)? != before {
            return Err(ConfigError::Changed { file: name.to_owned() }.into());
        }
        let known = self.models_known_by_name().await?;
        let mistakes = mistakes_of(&now, name, text, &known);
        let views = mistakes.iter().map(mistake_view).collect();
        if mistakes.iter().any(|mistake| mistake.severity == Severity::Error) {
            return Ok(RoutingFileOutcome { routes: None, mistakes: views });
        }
        let change =
            Change::Write { path: name.to_owned(), text: text.to_owned(), expected: Some(before.to_owned()) };
        let root = folder.root().to_owned();
        let written = tokio::task::spawn_blocking(move || write(&root, &[change])).await;
        let config = folder.reread().await;
        written.map_err(|_| EngineError::Closed)??;
        Ok(RoutingFileOutcome { routes: Some(self.show_routes(config).await?), mistakes: views })
    }
}

fn text_in<'a>(config: &'a Config, name: &str) -> Result<&'a str, ConfigError> {
    // Only what was found in the folder has a name here, so that none leads out of it.
    let gone = || ConfigError::NotThere { kind: "file", name: name.to_owned() };
    let file = config.file(name).ok_or_else(gone)?;
    let unreadable = || {
        let found = config.mistakes.iter().find(|mistake| mistake.file == name);
        let reason = found.map_or_else(|| "it cannot be read".to_owned(), |mistake| mistake.reason.clone());
        ConfigError::NotEditable { file: name.to_owned(), reason }
    };
    file.text().map(|text| &**text).ok_or_else(unreadable)
}

/// What would be wrong in a file with this text, and what it would make wrong in the others.
fn mistakes_of(
    before: &Config,
    name: &str,
    text: &str,
    known: &std::collections::BTreeSet<ModelRef>,
) -> Vec<Mistake> {
    let mut files: BTreeMap<&str, ConfigFile> =
        before.files.iter().map(|file| (file.path.as_str(), file.clone())).collect();
    files.insert(name, ConfigFile::new(name, text));
    let was = Config::of(before.files.to_vec()).mistakes;
    let mut after = Config::of(files.into_values().collect()).check(known);
    after.retain(|mistake| {
        let same = |old: &Mistake| old.file == mistake.file && old.reason == mistake.reason;
        mistake.file == name || (mistake.severity == Severity::Error && !was.iter().any(same))
    });
    after
}

#[cfg(test)]
mod tests;
