//! Entries of the books, found by the same subjects as the sums: a list never shows more or less than what was summed.

use futures_util::TryStreamExt as _;
use roundtable_domain::{AttemptId, LedgerEntryId, UnixMs};
use sqlx::sqlite::SqliteRow;

use super::{QUARTER_MS, SpendRoom, quarter_of};
use crate::error::StoreError;
use crate::ledger::{self, LedgerEntry};
use crate::row::{Columns as _, json};

/// Which entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryQuery {
    /// The first quarter hour since 1970.
    pub first: i64,
    /// The first one after.
    pub last: i64,
    /// Only of these subjects; `None` is all.
    pub subjects: Option<Vec<i64>>,
    /// Only of these conversations; empty is all. `""`: what was spent outside of conversations.
    pub conversations: Vec<String>,
}

impl EntryQuery {
    /// Whether it is about what was spent outside of conversations, perhaps among others.
    pub(super) fn is_of_outside(&self) -> bool {
        self.conversations.iter().any(String::is_empty)
    }
}

/// Where an entry stands in the books: later ones come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryPlace {
    /// When it was booked.
    pub at: UnixMs,
    /// Which.
    pub id: LedgerEntryId,
}

/// An entry, and where its conversation stood.
#[derive(Clone, Debug, PartialEq)]
pub struct FiledEntry {
    /// The entry.
    pub entry: LedgerEntry,
    /// The folder the conversation stood in then.
    pub folder: Option<String>,
    /// The tags it had then.
    pub tags: Vec<String>,
    /// The title of the conversation, as long as it is there.
    pub title: Option<String>,
}

macro_rules! filed {
    ($rest:literal) => {
        concat!("SELECT e.*, c.title FROM ", $rest)
    };
}

/// Entries of these quarter hours that belong to no conversation, or to one of these.
const OUTSIDE: &str = filed!(
    "json_each(?1) q CROSS JOIN ledger_entries e
             ON e.at >= q.value * 900000 AND e.at < q.value * 900000 + 900000
         JOIN spend_entries v ON v.id = e.id
         LEFT JOIN conversations c ON c.id = e.conversation_id
         WHERE (?2 IS NULL OR v.subject_id IN (SELECT value FROM json_each(?2))) AND (e.at, e.id) < (?3, ?4)
           AND (v.conversation = '' OR e.conversation_id IN (SELECT value FROM json_each(?6)))
         ORDER BY e.at DESC, e.id DESC LIMIT ?5"
);

/// Entries of these quarter hours.
const IN_QUARTERS: &str = filed!(
    "json_each(?1) q CROSS JOIN ledger_entries e
             ON e.at >= q.value * 900000 AND e.at < q.value * 900000 + 900000
         JOIN spend_entries v ON v.id = e.id
         LEFT JOIN conversations c ON c.id = e.conversation_id
         WHERE (?2 IS NULL OR v.subject_id IN (SELECT value FROM json_each(?2))) AND (e.at, e.id) < (?3, ?4)
         ORDER BY e.at DESC, e.id DESC LIMIT ?5"
);

/// Entries of these conversations.
const IN_CONVERSATIONS: &str = filed!(
    "ledger_entries e JOIN spend_entries v ON v.id = e.id
         LEFT JOIN conversations c ON c.id = e.conversation_id
         WHERE e.conversation_id IN (SELECT value FROM json_each(?6)) AND e.at >= ?1 AND e.at < ?7
           AND (?2 IS NULL OR v.subject_id IN (SELECT value FROM json_each(?2))) AND (e.at, e.id) < (?3, ?4)
         ORDER BY e.at DESC, e.id DESC LIMIT ?5"
);

impl SpendRoom<'_> {
    /// Entries before a place, the latest first.
    pub async fn entries(
        self,
        query: &EntryQuery,
        before: Option<EntryPlace>,
        limit: u32,
    ) -> Result<Vec<FiledEntry>, StoreError> {
        let last = before.map_or(query.last, |place| query.last.min(quarter_of(place.at).saturating_add(1)));
        let subjects = query.subjects.as_ref().map(json).transpose()?;
        let (before_at, before_id) =
            before.map_or((i64::MAX, String::new()), |place| (place.at.0, place.id.to_string()));
        let rows = if query.is_of_outside() {
            let quarters = self.quarters_of_outside(query, last, limit).await?;
            sqlx::query(OUTSIDE)
                .bind(json(&quarters)?)
                .bind(subjects)
                .bind(before_at)
                .bind(before_id)
                .bind(limit)
                .bind(json(&query.conversations)?)
                .fetch_all(&self.0.readers)
                .await?
        } else if query.conversations.is_empty() {
            let quarters = self.quarters_with(query, last, before, limit).await?;
            sqlx::query(IN_QUARTERS)
                .bind(json(&quarters)?)
                .bind(subjects)
                .bind(before_at)
                .bind(before_id)
                .bind(limit)
                .fetch_all(&self.0.readers)
                .await?
        } else {
            sqlx::query(IN_CONVERSATIONS)
                .bind(query.first.saturating_mul(QUARTER_MS))
                .bind(subjects)
                .bind(before_at)
                .bind(before_id)
                .bind(limit)
                .bind(json(&query.conversations)?)
                .bind(last.saturating_mul(QUARTER_MS))
                .fetch_all(&self.0.readers)
                .await?
        };
        rows.iter().map(read).collect()
    }

    /// The latest quarter hours that have enough entries for a page: those in between, however many, are not read.
    async fn quarters_with(
        self,
        query: &EntryQuery,
        last: i64,
        before: Option<EntryPlace>,
        limit: u32,
    ) -> Result<Vec<i64>, StoreError> {
        let mut rows = sqlx::query(
            "SELECT quarter, sum(entries) AS entries FROM spend_quarters
             WHERE quarter >= ?1 AND quarter < ?2 AND (?3 IS NULL OR subject_id IN (SELECT value FROM json_each(?3)))
             GROUP BY quarter HAVING sum(entries) > 0 ORDER BY quarter DESC",
        )
        .bind(query.first)
        .bind(last)
        .bind(query.subjects.as_ref().map(json).transpose()?)
        .fetch(&self.0.readers);
        let begun = before.map(|place| quarter_of(place.at));
        let (mut quarters, mut found) = (Vec::new(), 0);
        while let Some(row) = rows.try_next().await? {
            let quarter = row.int("quarter")?;
            quarters.push(quarter);
            // Of the quarter hour the page before ended in, nothing may be left.
            if begun != Some(quarter) {
                found += row.int("entries")?;
            }
            if found >= i64::from(limit) {
                break;
            }
        }
        Ok(quarters)
    }

    /// One entry.
    pub async fn entry(self, id: LedgerEntryId) -> Result<FiledEntry, StoreError> {
        let row = sqlx::query(filed!(
            "ledger_entries e LEFT JOIN conversations c ON c.id = e.conversation_id WHERE e.id = ?1"
        ))
        .bind(id.to_string())
        .fetch_optional(&self.0.readers)
        .await?;
        read(&row.ok_or_else(|| StoreError::not_found("entry", id))?)
    }

    /// All entries of a call, the oldest first.
    pub async fn entries_of_call(self, id: AttemptId) -> Result<Vec<FiledEntry>, StoreError> {
        let rows = sqlx::query(filed!(
            "ledger_entries e LEFT JOIN conversations c ON c.id = e.conversation_id
             WHERE e.attempt_id = ?1 ORDER BY e.at, e.id"
        ))
        .bind(id.to_string())
        .fetch_all(&self.0.readers)
        .await?;
        rows.iter().map(read).collect()
    }
}

fn read(row: &SqliteRow) -> Result<FiledEntry, StoreError> {
    Ok(FiledEntry {
        entry: ledger::read(row)?,
        folder: row.opt_text("folder")?,
        tags: row.json("tags")?,
        title: row.opt_text("title")?,
    })
}
