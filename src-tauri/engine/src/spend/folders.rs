//! What folders have cost, seen from two sides: what the conversations that stand in them now have cost, and what was booked under their
//! names. The two differ where conversations were moved or deleted, and where a folder got another name: entries are never rewritten.

use std::collections::{BTreeMap, HashMap, HashSet};

use roundtable_store::{EntryQuery, SpendSubject};

use super::span::Span;
use super::sums::{Total, count, usd};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{AppError, FolderSpend, Spend};

/// What was booked under one name.
#[derive(Default)]
struct Booked {
    real: Total,
    simulated: Total,
    at_least: bool,
}

impl Engine {
    /// What each folder has cost, in the order of their names: of those that hold a conversation with a cost, and of those the books know.
    pub async fn folder_spend(&self) -> Result<Vec<FolderSpend>, AppError> {
        let now = self.inner.store.conversations().folder_totals().await.map_err(EngineError::from)?;
        let booked = self.booked_under_folders().await?;
        let mut folders: BTreeMap<(String, String), FolderSpend> = BTreeMap::new();
        let mut of = |folder: String, change: &dyn Fn(&mut FolderSpend)| {
            let none = || FolderSpend { folder: folder.clone(), spend: nothing(), booked: nothing() };
            change(folders.entry((folder.to_lowercase(), folder.clone())).or_insert_with(none));
        };
        for (folder, totals) in now {
            of(folder, &|row| row.spend = crate::project::spend(&totals));
        }
        for (folder, sums) in booked {
            of(folder, &|row| row.booked = sums.view());
        }
        Ok(folders.into_values().collect())
    }

    async fn booked_under_folders(&self) -> Result<HashMap<String, Booked>, EngineError> {
        let room = self.inner.store.spend();
        let Some((first, last)) = room.extent().await? else { return Ok(HashMap::new()) };
        let all = Span { first, last: last + 1 };
        let cells = room.cells(&[all.stretch(0)]).await?;
        let query = EntryQuery { first: all.first, last: all.last, ..EntryQuery::default() };
        let bounded: HashSet<i64> = room.at_least(&query).await?.iter().map(|one| one.subject).collect();
        let subjects = room.subjects().await?;
        let subjects: HashMap<i64, &SpendSubject> = subjects
            .iter()
            .filter(|subject| !subject.folder.is_empty())
            .map(|subject| (subject.id, subject))
            .collect();
        let mut folders: HashMap<String, Booked> = HashMap::new();
        for cell in &cells {
            let Some(subject) = subjects.get(&cell.subject) else { continue };
            let booked = folders.entry(subject.folder.clone()).or_default();
            if subject.simulated {
                booked.simulated.add(&cell.sums);
            } else {
                booked.real.add(&cell.sums);
                booked.at_least |= bounded.contains(&subject.id);
            }
        }
        Ok(folders)
    }
}

impl Booked {
    fn view(&self) -> Spend {
        let calls = |number| u32::try_from(count(number)).unwrap_or(u32::MAX);
        Spend {
            usd: usd(self.real.cost),
            simulated_usd: usd(self.simulated.cost),
            estimated: self.real.estimated != 0,
            at_least: self.at_least,
            unpriced_calls: calls(self.real.unpriced),
            calls: calls(self.real.requests),
            simulated_calls: calls(self.simulated.requests),
        }
    }
}

fn nothing() -> Spend {
    Booked::default().view()
}
