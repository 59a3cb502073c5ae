//! The books line by line, for the command line: the same entries for a table, JSON and CSV, page by page. Entries of real and of
//! invented money may stand in one list, each marked; their sums never mix.

use std::collections::{BTreeSet, HashSet};

use jiff::tz::TimeZone;
use roundtable_domain::LedgerEntryId;
use roundtable_store::{EntryPlace, EntryQuery, FiledEntry, SpendSubject};

use super::gather::query_of;
use super::names::names_of;
use super::tables;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{SpendBy, SpendFilter};

/// Whose entries are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Money {
    /// Real and invented money, one beside the other.
    #[default]
    Both,
    /// Real money.
    Real,
    /// Invented money of demo models.
    Simulated,
}

/// A list that is being read, the latest entry first.
#[derive(Clone, Debug)]
pub struct EntryList {
    query: EntryQuery,
    before: Option<EntryPlace>,
    zone: TimeZone,
}

/// On top of which sums of a filter fees outside tokens may come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AtLeastSums {
    /// The sum of everything the filter is about.
    pub range: bool,
    /// Names of the things it is told apart by.
    pub names: BTreeSet<String>,
}

impl Engine {
    /// The list of the entries a filter is about. `money` decides about the worlds, not the filter.
    pub async fn list_entries(&self, filter: &SpendFilter, money: Money) -> Result<EntryList, EngineError> {
        let (store, moment) = (&self.inner.store, self.spend_moment().await?);
        let of = |simulated| SpendFilter { simulated, ..filter.clone() };
        let query = match money {
            Money::Real | Money::Simulated => {
                query_of(store, &of(money == Money::Simulated), &moment).await?
            }
            Money::Both => {
                let mut query = query_of(store, &of(false), &moment).await?;
                let others = query_of(store, &of(true), &moment).await?;
                // Each world begins with its own books.
                query.first = query.first.min(others.first);
                query.last = query.last.max(others.last);
                query.subjects = query.subjects.zip(others.subjects).map(|(mut ids, others)| {
                    ids.extend(others);
                    ids
                });
                query
            }
        };
        Ok(EntryList { query, before: None, zone: moment.zone().clone() })
    }

    /// The next entries of a list, so many at most; none at its end.
    pub async fn next_entries(
        &self,
        list: &mut EntryList,
        most: u32,
    ) -> Result<Vec<FiledEntry>, EngineError> {
        let found = self.inner.store.spend().entries(&list.query, list.before, most).await?;
        if let Some(last) = found.last() {
            list.before = Some(EntryPlace { at: last.entry.at, id: last.entry.id });
        }
        Ok(found)
    }

    /// An entry and the others of the same call (its corrections, or what it corrects), it first.
    pub async fn entries_of_call(&self, id: LedgerEntryId) -> Result<Vec<FiledEntry>, EngineError> {
        let room = self.inner.store.spend();
        let entry = room.entry(id).await?;
        let mut others = room.entries_of_call(entry.entry.attempt_id).await?;
        others.retain(|other| other.entry.id != id);
        Ok(std::iter::once(entry).chain(others).collect())
    }

    /// Which sums of a filter are the least something has cost.
    pub async fn at_least_sums(&self, filter: &SpendFilter) -> Result<AtLeastSums, EngineError> {
        let store = &self.inner.store;
        let query = query_of(store, filter, &self.spend_moment().await?).await?;
        let found = store.spend().at_least(&query).await?;
        let ids: HashSet<i64> = found.iter().map(|one| one.subject).collect();
        let subjects = store.spend().subjects().await?;
        let concerned = subjects.iter().filter(|subject| ids.contains(&subject.id));
        let names = match filter.by {
            SpendBy::Conversation => found.iter().map(|one| one.conversation.clone()).collect(),
            by => concerned.flat_map(|subject: &SpendSubject| names_of(subject, by)).collect(),
        };
        Ok(AtLeastSums { range: !found.is_empty(), names })
    }
}

impl EntryList {
    /// These entries as lines of CSV, in the columns of the window's file.
    pub fn csv(&self, entries: &[FiledEntry]) -> String {
        tables::entry_lines(entries, &self.zone)
    }

    /// The heading of [`Self::csv`].
    pub fn csv_heading() -> String {
        tables::entry_heading()
    }
}
