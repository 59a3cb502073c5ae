//! Single entries of the books: lists of them, and one with everything that is known of it.

use std::collections::BTreeSet;

use roundtable_domain::{LedgerEntryId, Provenance, UnixMs};
use roundtable_store::{EntryPlace, FiledEntry};

use super::error::SpendError;
use super::names::{Names, model_of};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{AppError, EntryPage, EntryRow, EntryView, SpendBy, SpendFilter};

/// Entries of a page.
const PAGE: u32 = 100;

impl Engine {
    /// A page of the entries a filter is about, the latest first. `cursor` is the `next` of the page before.
    pub async fn spend_entries(
        &self,
        filter: &SpendFilter,
        cursor: Option<&str>,
    ) -> Result<EntryPage, AppError> {
        let before = cursor.map(place_of).transpose().map_err(EngineError::from)?;
        let query = super::gather::query_of(&self.inner.store, filter, &self.spend_moment().await?).await?;
        let mut names = self.spend_names().await?;
        let found =
            self.inner.store.spend().entries(&query, before, PAGE).await.map_err(EngineError::from)?;
        let full = found.len() == PAGE as usize;
        let next = found.last().filter(|_| full).map(|last| cursor_of(last.entry.at, last.entry.id));
        Ok(EntryPage { entries: found.iter().map(|entry| row(entry, &mut names)).collect(), next })
    }

    /// The models of the books that are called so, as `provider/model`. The one whose whole name it is goes before all that a provider
    /// calls so: a gateway's `openai/gpt-4o` is not the provider's own.
    pub async fn booked_models(&self, name: &str) -> Result<Vec<String>, EngineError> {
        let subjects = self.inner.store.spend().subjects().await?;
        if subjects.iter().any(|subject| model_of(subject) == name) {
            return Ok(vec![name.to_owned()]);
        }
        let bare = subjects.iter().filter(|subject| subject.model == name).map(model_of);
        let bare: BTreeSet<String> = bare.collect();
        Ok(if bare.is_empty() { vec![name.to_owned()] } else { bare.into_iter().collect() })
    }

    /// One entry, with usage, price, formula, and the corrections of the same call.
    pub async fn ledger_entry(&self, id: LedgerEntryId) -> Result<EntryView, AppError> {
        let room = self.inner.store.spend();
        let found = room.entry(id).await.map_err(EngineError::from)?;
        let others = room.entries_of_call(found.entry.attempt_id).await.map_err(EngineError::from)?;
        let mut names = self.spend_names().await?;
        let adjustments =
            others.iter().filter(|other| other.entry.id != id).map(|other| row(other, &mut names)).collect();
        let row = row(&found, &mut names);
        let FiledEntry { entry, folder, tags, .. } = found;
        Ok(EntryView {
            row,
            attempt_id: entry.attempt_id,
            model_requested: entry.model_requested,
            key: entry.key_id.map(|key| names.key(&key.to_string())),
            folder,
            tags,
            usage: entry.usage,
            usage_raw: entry.usage_raw,
            price: entry.price,
            price_date: entry.cost.price_date,
            lines: entry.cost.lines,
            stated: entry.cost.usd_exact.filter(|_| entry.cost.provenance == Some(Provenance::Reported)),
            at_least: entry.cost.at_least,
            adjustments,
        })
    }
}

pub(super) fn row(filed: &FiledEntry, names: &mut Names) -> EntryRow {
    let entry = &filed.entry;
    let conversation = entry.conversation_id.map(|id| {
        let id = id.to_string();
        if let Some(title) = &filed.title {
            names.learn_title(id.clone(), title.clone());
        }
        names.of(SpendBy::Conversation, &id)
    });
    let served = entry.model_served.as_ref().unwrap_or(&entry.model_requested);
    EntryRow {
        id: entry.id,
        at: entry.at,
        kind: entry.kind.as_str().to_owned(),
        source: entry.source.as_str().to_owned(),
        provider: names.provider(&entry.provider),
        model: names.model(&format!("{}/{served}", entry.provider)),
        conversation: conversation.filter(|conversation| !conversation.gone),
        turn_id: entry.turn_id,
        run_id: entry.run_id,
        input_tokens: entry.usage.input,
        output_tokens: entry.usage.output,
        usd: entry.cost.usd.map(|usd| usd.to_string()),
        provenance: entry.cost.provenance,
        simulated: entry.simulated,
    }
}

pub(super) fn place_of(cursor: &str) -> Result<EntryPlace, SpendError> {
    let place = cursor
        .split_once(':')
        .and_then(|(at, id)| Some(EntryPlace { at: UnixMs(at.parse().ok()?), id: id.parse().ok()? }));
    place.ok_or_else(|| SpendError::Cursor(cursor.to_owned()))
}

fn cursor_of(at: UnixMs, id: LedgerEntryId) -> String {
    format!("{}:{id}", at.0)
}
