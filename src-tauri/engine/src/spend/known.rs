//! Names somebody types into a filter. One that is nobody's finds nothing, which looks as if nothing had been spent.

use std::collections::BTreeSet;

use roundtable_providers::dialects;
use roundtable_router::route::nearest;
use roundtable_store::Source;

use super::error::SpendError;
use super::names::{model_of, names_of};
use crate::directory::DEMO;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::keys::{booked_name, id_of_variable};
use crate::view::SpendBy;

/// So many names are told to whoever wrote none of them.
const MOST_TOLD: usize = 8;

/// A name nothing is booked under, which may be right all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnusedName {
    /// As it was written.
    pub name: String,
    /// A name in use that comes near.
    pub near: Option<String>,
}

impl Engine {
    /// Refuses a provider, a key or a source that neither the books nor this program knows; the error says what comes near. Models,
    /// folders and tags are whatever people call them: those nobody has heard of are given back. A conversation may be gone, and
    /// is not looked at.
    pub async fn check_spend_names(
        &self,
        by: SpendBy,
        names: &[String],
    ) -> Result<Vec<UnusedName>, EngineError> {
        let given: Vec<&String> = names.iter().filter(|name| !name.is_empty()).collect();
        if given.is_empty() || by == SpendBy::Conversation {
            return Ok(Vec::new());
        }
        let booked = self.booked_spend_names(by).await?;
        let missing = |known: &BTreeSet<String>, name: &str| !booked.contains(name) && !known.contains(name);
        let known = self.known_spend_names(by).await?;
        let all: BTreeSet<String> = booked.union(&known).cloned().collect();
        let mut unused = Vec::new();
        for name in given {
            let booked_as = if by == SpendBy::Key { booked_name(name) } else { name.clone() };
            if !missing(&known, &booked_as) {
                continue;
            }
            let near = nearest(name, booked.iter().chain(&known).map(String::as_str)).map(str::to_owned);
            let kind = match by {
                SpendBy::Provider => "provider",
                SpendBy::Key => "key",
                SpendBy::Source => "source",
                _ => {
                    unused.push(UnusedName { name: name.clone(), near });
                    continue;
                }
            };
            let told = if booked.is_empty() { &all } else { &booked };
            return Err(SpendError::Unknown { kind, name: name.clone(), near: ending(near, told) }.into());
        }
        Ok(unused)
    }

    /// What the books name.
    async fn booked_spend_names(&self, by: SpendBy) -> Result<BTreeSet<String>, EngineError> {
        let subjects = self.inner.store.spend().subjects().await?;
        let names = subjects.iter().flat_map(|subject| match by {
            SpendBy::Model => vec![model_of(subject), subject.model.clone()],
            by => names_of(subject, by),
        });
        Ok(names.filter(|name| !name.is_empty()).collect())
    }

    /// What there is besides: nothing was spent on it yet.
    async fn known_spend_names(&self, by: SpendBy) -> Result<BTreeSet<String>, EngineError> {
        let directory = self.directory().await?;
        Ok(match by {
            SpendBy::Provider => {
                let here = directory.setups().iter().map(|setup| setup.id.clone());
                here.chain([DEMO.to_owned()]).chain(dialects().iter().map(|one| one.id.to_owned())).collect()
            }
            SpendBy::Model => {
                let mut known = BTreeSet::new();
                for setup in directory.setups().iter().cloned().chain(directory.find(DEMO)) {
                    for model in self.chat_models(&setup).await? {
                        known.insert(format!("{}/{model}", setup.id));
                        known.insert(model);
                    }
                }
                known
            }
            SpendBy::Key => {
                let stored = self.inner.store.keys().list(None).await?.into_iter().map(|key| key.id);
                let variables = dialects().iter().flat_map(|dialect| dialect.env);
                let environment = variables.map(|variable| id_of_variable(variable));
                stored.chain(environment).map(|id| id.to_string()).collect()
            }
            SpendBy::Source => Source::ALL.iter().map(|source| source.as_str().to_owned()).collect(),
            SpendBy::Folder => {
                self.inner.store.conversations().names_in_use().await?.folders.into_iter().collect()
            }
            SpendBy::Tag => self.inner.store.conversations().names_in_use().await?.tags.into_iter().collect(),
            SpendBy::Conversation => BTreeSet::new(),
        })
    }
}

/// What comes near, else what there is, as the end of a sentence.
fn ending(near: Option<String>, known: &BTreeSet<String>) -> String {
    if let Some(near) = near {
        return format!("; did you mean “{near}”?");
    }
    let told: Vec<&str> = known.iter().map(String::as_str).take(MOST_TOLD).collect();
    if told.is_empty() { String::new() } else { format!("; there are {}", told.join(", ")) }
}
