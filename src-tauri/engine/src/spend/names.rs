//! What people call the things money was spent on.

use std::collections::HashMap;

use roundtable_store::SpendSubject;

use crate::directory::Directory;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::keys::variable_of;
use crate::view::{SpendBy, SpendName};

/// The name of the sum of all others.
pub(super) const OTHERS: &str = "*";

/// How much of the id of something that is gone is shown.
const SHOWN_OF_AN_ID: usize = 8;

/// Names for people.
pub(super) struct Names {
    directory: Directory,
    /// Stored keys by their ids: the user's name for it, else its mask; and the provider it is for.
    keys: HashMap<String, (String, String)>,
    /// Titles by conversation.
    titles: HashMap<String, String>,
}

impl Engine {
    pub(super) async fn spend_names(&self) -> Result<Names, EngineError> {
        let keys = self.inner.store.keys().list(None).await?;
        let keys = keys.into_iter().map(|key| {
            let label = if key.label.is_empty() { key.mask } else { key.label };
            (key.id.to_string(), (label, key.provider))
        });
        Ok(Names { directory: self.directory().await?, keys: keys.collect(), titles: HashMap::new() })
    }
}

impl Names {
    pub(super) fn learn_title(&mut self, conversation: String, title: String) {
        self.titles.insert(conversation, title);
    }

    pub(super) fn of(&self, by: SpendBy, name: &str) -> SpendName {
        if name.is_empty() || name == OTHERS {
            return plain(name);
        }
        match by {
            SpendBy::Provider => self.provider(name),
            SpendBy::Model => self.model(name),
            SpendBy::Key => self.key(name),
            SpendBy::Conversation => self.conversation(name),
            SpendBy::Source | SpendBy::Folder | SpendBy::Tag => plain(name),
        }
    }

    pub(super) fn provider(&self, name: &str) -> SpendName {
        SpendName {
            name: name.to_owned(),
            label: self.directory.name_of(name),
            provider: Some(name.to_owned()),
            gone: self.directory.find(name).is_none(),
        }
    }

    /// `name` is `provider/model`.
    pub(super) fn model(&self, name: &str) -> SpendName {
        let provider = name.split_once('/').map(|(provider, _)| provider.to_owned());
        let resolved = self.directory.resolve(name).ok();
        // What was booked to no model (a correction of a whole day) is as much there as its provider.
        let gone = resolved.is_none() && !name.ends_with('/');
        let label = resolved.map(|(setup, model)| {
            setup.facts(&model.model).map_or_else(|| model.model.clone(), |facts| facts.name.clone())
        });
        let bare = || name.split_once('/').map_or(name, |(_, model)| model).to_owned();
        SpendName { name: name.to_owned(), label: label.unwrap_or_else(bare), provider, gone }
    }

    pub(super) fn key(&self, id: &str) -> SpendName {
        let kept = self.keys.get(id);
        if let Some((variable, dialect)) = variable_of(id).filter(|_| kept.is_none()) {
            return SpendName {
                name: id.to_owned(),
                label: variable.to_owned(),
                provider: Some(dialect.id.to_owned()),
                gone: false,
            };
        }
        SpendName {
            name: id.to_owned(),
            label: kept.map_or_else(|| shortened(id), |(label, _)| label.clone()),
            provider: kept.map(|(_, provider)| provider.clone()),
            gone: kept.is_none(),
        }
    }

    fn conversation(&self, id: &str) -> SpendName {
        let title = self.titles.get(id);
        SpendName {
            name: id.to_owned(),
            label: title.cloned().unwrap_or_else(|| shortened(id)),
            provider: None,
            gone: title.is_none(),
        }
    }

    pub(super) fn directory(&self) -> &Directory {
        &self.directory
    }
}

fn plain(name: &str) -> SpendName {
    SpendName { name: name.to_owned(), label: name.to_owned(), provider: None, gone: false }
}

/// The end of an id: two that were made one after the other begin alike.
fn shortened(id: &str) -> String {
    let skipped = id.chars().count().saturating_sub(SHOWN_OF_AN_ID);
    id.chars().skip(skipped).collect()
}

/// What a subject is called where things are told apart so; nothing by conversation, which a subject does not know.
pub(super) fn names_of(subject: &SpendSubject, by: SpendBy) -> Vec<String> {
    match by {
        SpendBy::Provider => vec![subject.provider.clone()],
        SpendBy::Model => vec![model_of(subject)],
        SpendBy::Key => vec![subject.key.clone()],
        SpendBy::Source => vec![subject.source.clone()],
        SpendBy::Folder => vec![subject.folder.clone()],
        SpendBy::Tag if subject.tags.is_empty() => vec![String::new()],
        SpendBy::Tag => subject.tags.clone(),
        SpendBy::Conversation => Vec::new(),
    }
}

pub(super) fn model_of(subject: &SpendSubject) -> String {
    format!("{}/{}", subject.provider, subject.model)
}
