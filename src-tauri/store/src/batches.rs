//! Batches: many questions of one file, each in a conversation of its own until the file of results is complete.
//!
//! The file of results says what is done; the rows here say what was begun. A question is known by its key, which the engine makes
//! from everything that is asked. [`Batches::begin_item`] writes the conversation and whose it is in one transaction, before
//! anything is sent: whatever happens to the process afterwards, the answer is found again and not paid twice.

use roundtable_domain::{BatchId, ConversationId, RunId, RunState, UnixMs};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::Store;
use crate::conversations::{self, NewConversation};
use crate::error::StoreError;
use crate::ledger::{SpendTotals, spend_sums};
use crate::row::Columns as _;

/// One file of results and what was begun for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Which.
    pub id: BatchId,
    /// The full path of the file of results.
    pub results: String,
    /// When it was begun.
    pub created_at: UnixMs,
    /// When something last happened in it.
    pub updated_at: UnixMs,
    /// When every question had its result; `None`: not yet, or it goes on.
    pub finished_at: Option<UnixMs>,
}

/// A batch to begin, or to go on with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBatch {
    /// Which, if there is none for the file.
    pub id: BatchId,
    /// The full path of the file of results.
    pub results: String,
    /// Now.
    pub at: UnixMs,
}

/// The latest asking of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchItem {
    /// Which question.
    pub key: String,
    /// From 1; asking again makes the next.
    pub round: u32,
    /// The conversation it was asked in.
    pub conversation_id: ConversationId,
    /// That conversation is still there.
    pub kept: bool,
    /// The latest version of the answer; `None`: nothing was sent, or the answer is gone.
    pub run: Option<(RunId, RunState)>,
}

/// The batches room. Get it from [`Store::batches`].
#[derive(Clone, Copy, Debug)]
pub struct Batches<'s>(pub(crate) &'s Store);

impl Batches<'_> {
    /// The batch of a file of results.
    pub async fn find(self, results: &str) -> Result<Option<Batch>, StoreError> {
        find(&mut *self.0.readers.acquire().await?, results).await
    }

    /// The batch of a file of results, begun when there is none. One that was finished goes on.
    pub async fn open(self, new: &NewBatch) -> Result<Batch, StoreError> {
        let mut tx = self.0.begin().await?;
        sqlx::query(
            "INSERT INTO batches (id, results, created_at, updated_at) VALUES (?1, ?2, ?3, ?3)
             ON CONFLICT (results) DO UPDATE SET updated_at = max(updated_at, excluded.updated_at), finished_at = NULL",
        )
        .bind(new.id.to_string())
        .bind(&new.results)
        .bind(new.at.0)
        .execute(&mut *tx)
        .await?;
        let batch = find(&mut tx, &new.results).await?;
        tx.commit().await?;
        batch.ok_or_else(|| StoreError::not_found("batch", &new.results))
    }

    /// What was begun, the latest asking of each question.
    pub async fn items(self, id: BatchId) -> Result<Vec<BatchItem>, StoreError> {
        let rows = sqlx::query(
            "WITH latest AS (SELECT key, max(round) AS round FROM batch_items WHERE batch_id = ?1 GROUP BY key)
             SELECT i.key, i.round, i.conversation_id, c.id IS NOT NULL AS kept, r.id AS run_id, r.state AS run_state
             FROM latest l JOIN batch_items i ON i.batch_id = ?1 AND i.key = l.key AND i.round = l.round
             LEFT JOIN conversations c ON c.id = i.conversation_id
             LEFT JOIN runs r ON r.id = (SELECT v.id FROM turns t JOIN runs v ON v.turn_id = t.id
                                         WHERE t.conversation_id = c.id ORDER BY v.version DESC LIMIT 1)",
        )
        .bind(id.to_string())
        .fetch_all(&self.0.readers)
        .await?;
        rows.iter().map(read_item).collect()
    }

    /// Makes the conversation in which a question is asked, and notes whose it is. The conversation of an earlier asking goes;
    /// what it cost stays in the ledger.
    pub async fn begin_item(
        self,
        id: BatchId,
        key: &str,
        conversation: &NewConversation,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.begin().await?;
        let touched = sqlx::query("UPDATE batches SET updated_at = max(updated_at, ?2) WHERE id = ?1")
            .bind(id.to_string())
            .bind(conversation.created_at.0)
            .execute(&mut *tx)
            .await?;
        if touched.rows_affected() == 0 {
            return Err(StoreError::not_found("batch", id));
        }
        sqlx::query(
            "DELETE FROM conversations
             WHERE id IN (SELECT conversation_id FROM batch_items WHERE batch_id = ?1 AND key = ?2)",
        )
        .bind(id.to_string())
        .bind(key)
        .execute(&mut *tx)
        .await?;
        conversations::insert(&mut tx, conversation).await?;
        sqlx::query(
            "INSERT INTO batch_items (batch_id, key, round, conversation_id)
             SELECT ?1, ?2, coalesce(max(round), 0) + 1, ?3 FROM batch_items WHERE batch_id = ?1 AND key = ?2",
        )
        .bind(id.to_string())
        .bind(key)
        .bind(conversation.id.to_string())
        .execute(&mut *tx)
        .await?;
        tx.commit().await
    }

    /// Puts away all of its answers: their results stand in the file. What they cost stays in the ledger.
    pub async fn finish(self, id: BatchId, at: UnixMs) -> Result<(), StoreError> {
        let mut tx = self.0.begin().await?;
        sqlx::query(
            "DELETE FROM conversations WHERE id IN (SELECT conversation_id FROM batch_items WHERE batch_id = ?1)",
        )
        .bind(id.to_string())
        .execute(&mut *tx)
        .await?;
        sqlx::query("UPDATE batches SET finished_at = ?2, updated_at = max(updated_at, ?2) WHERE id = ?1")
            .bind(id.to_string())
            .bind(at.0)
            .execute(&mut *tx)
            .await?;
        tx.commit().await
    }

    /// What it has cost so far, all askings together.
    pub async fn spend(self, id: BatchId) -> Result<SpendTotals, StoreError> {
        let row = sqlx::query(concat!(
            "SELECT ",
            spend_sums!(),
            " FROM ledger_entries e
             WHERE e.conversation_id IN (SELECT conversation_id FROM batch_items WHERE batch_id = ?1)"
        ))
        .bind(id.to_string())
        .fetch_one(&self.0.readers)
        .await?;
        SpendTotals::read(&row)
    }

    /// Forgets batches in which nothing has happened since `before`, with the answers they still have; returns how many.
    pub async fn forget_unused(self, before: UnixMs) -> Result<u64, StoreError> {
        let mut tx = self.0.begin().await?;
        sqlx::query(
            "DELETE FROM conversations WHERE id IN (SELECT i.conversation_id FROM batch_items i
                 JOIN batches b ON b.id = i.batch_id WHERE b.updated_at < ?1)",
        )
        .bind(before.0)
        .execute(&mut *tx)
        .await?;
        let done =
            sqlx::query("DELETE FROM batches WHERE updated_at < ?1").bind(before.0).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }
}

async fn find(connection: &mut SqliteConnection, results: &str) -> Result<Option<Batch>, StoreError> {
    let row = sqlx::query("SELECT * FROM batches WHERE results = ?1")
        .bind(results)
        .fetch_optional(connection)
        .await?;
    row.map(|row| {
        Ok(Batch {
            id: row.parsed("id")?,
            results: row.text("results")?,
            created_at: row.time("created_at")?,
            updated_at: row.time("updated_at")?,
            finished_at: row.opt_time("finished_at")?,
        })
    })
    .transpose()
}

fn read_item(row: &SqliteRow) -> Result<BatchItem, StoreError> {
    let run_id: Option<RunId> = row.opt_parsed("run_id")?;
    Ok(BatchItem {
        key: row.text("key")?,
        round: row.count("round")?,
        conversation_id: row.parsed("conversation_id")?,
        kept: row.flag("kept")?,
        run: run_id.map(|id| Ok::<_, StoreError>((id, row.state("run_state")?))).transpose()?,
    })
}
