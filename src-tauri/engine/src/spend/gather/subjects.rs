//! What a filter is about: providers, models, keys and so on together are a subject of the books.

use std::sync::Arc;

use roundtable_store::{SpendSubject, Store};

use super::super::names::names_of;
use crate::error::EngineError;
use crate::view::{SpendBy, SpendFilter};

/// The subjects a filter lets through.
pub(in crate::spend) struct Subjects {
    /// In the order of their numbers.
    every: Arc<Vec<SpendSubject>>,
    /// By their numbers, which count up from one.
    let_through: Vec<bool>,
    /// `None`: every subject there is.
    pub(in crate::spend) ids: Option<Vec<i64>>,
}

impl Subjects {
    pub(in crate::spend) async fn read(store: &Store, filter: &SpendFilter) -> Result<Self, EngineError> {
        let every = store.spend().subjects().await?;
        let mut let_through = Vec::new();
        let mut ids = Vec::new();
        for subject in every.iter().filter(|subject| lets_through(filter, subject)) {
            let place = usize::try_from(subject.id).unwrap_or(0);
            let_through.resize(let_through.len().max(place + 1), false);
            if let Some(mark) = let_through.get_mut(place) {
                *mark = true;
            }
            ids.push(subject.id);
        }
        let ids = (ids.len() < every.len()).then_some(ids);
        Ok(Self { every, let_through, ids })
    }

    /// Whether the filter lets a subject through.
    pub(super) fn wants(&self, id: i64) -> bool {
        usize::try_from(id).ok().and_then(|place| self.let_through.get(place).copied()).unwrap_or(false)
    }

    /// A subject the filter lets through.
    pub(super) fn wanted(&self, id: i64) -> Option<&SpendSubject> {
        let place = self.every.binary_search_by_key(&id, |subject| subject.id).ok()?;
        self.every.get(place).filter(|_| self.wants(id))
    }
}

/// Whether a filter is about a subject. Lists that are empty leave everything in; a folder or tag `""` is none.
fn lets_through(filter: &SpendFilter, subject: &SpendSubject) -> bool {
    let named =
        |list: &[String], by| list.is_empty() || names_of(subject, by).iter().any(|name| list.contains(name));
    subject.simulated == filter.simulated
        && named(&filter.providers, SpendBy::Provider)
        && named(&filter.models, SpendBy::Model)
        && named(&filter.keys, SpendBy::Key)
        && named(&filter.sources, SpendBy::Source)
        && named(&filter.folders, SpendBy::Folder)
        && named(&filter.tags, SpendBy::Tag)
}
