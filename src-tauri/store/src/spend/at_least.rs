//! Amounts that are the least something has cost: fees outside tokens may come on top. A sum they are in is one, too.

use super::{EntryQuery, QUARTER_MS, SpendRoom};
use crate::error::StoreError;
use crate::row::{Columns as _, json};

/// Something whose sum is the least it has cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtLeast {
    /// The subject of the entries.
    pub subject: i64,
    /// Their conversation as sums tell it; empty: none of its own.
    pub conversation: String,
}

impl SpendRoom<'_> {
    /// Whose sums over these entries are the least they have cost, each once.
    pub async fn at_least(self, query: &EntryQuery) -> Result<Vec<AtLeast>, StoreError> {
        let rows = sqlx::query(
            "SELECT DISTINCT v.subject_id, v.conversation
             FROM ledger_entries e INDEXED BY ledger_entries_at_least JOIN spend_entries v ON v.id = e.id
             WHERE e.cost_at_least = 1 AND e.at >= ?1 AND e.at < ?2 AND v.subject_id IS NOT NULL
               AND (?3 IS NULL OR v.subject_id IN (SELECT value FROM json_each(?3)))
               AND (?4 IS NULL OR e.conversation_id IN (SELECT value FROM json_each(?4))
                    OR v.conversation IN (SELECT value FROM json_each(?4)))",
        )
        .bind(query.first.saturating_mul(QUARTER_MS))
        .bind(query.last.saturating_mul(QUARTER_MS))
        .bind(query.subjects.as_ref().map(json).transpose()?)
        .bind((!query.conversations.is_empty()).then(|| json(&query.conversations)).transpose()?)
        .fetch_all(&self.0.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(AtLeast { subject: row.int("subject_id")?, conversation: row.text("conversation")? })
            })
            .collect()
    }
}
