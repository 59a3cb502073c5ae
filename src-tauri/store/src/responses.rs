//! Answers that are kept to be given again: complete ones, by a hash of everything they depend on, until they expire or make room.

use roundtable_domain::{ConversationId, PicoUsd, RunId, UnixMs};
use serde_json::Value;
use sqlx::SqliteConnection;

use crate::Store;
use crate::error::StoreError;
use crate::row::{Columns as _, integer, json};

/// A hash of everything an answer depends on. What goes into it is the router's business.
pub type ResponseKey = [u8; 32];

/// An answer to keep.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredResponse {
    /// What it is found under.
    pub key: ResponseKey,
    /// The run that made it, which may be gone.
    pub run_id: Option<RunId>,
    /// The provider's slug.
    pub provider: String,
    /// The model asked for.
    pub model: String,
    /// The answer. Its form is the engine's business.
    pub answer: Value,
    /// What it cost; `None`: not known.
    pub cost: Option<PicoUsd>,
    /// When it was made.
    pub created_at: UnixMs,
    /// When it is not given any more.
    pub expires_at: UnixMs,
}

/// How much is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ResponseTotals {
    /// Answers that have not expired.
    pub entries: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// The responses room. Get it from [`Store::responses`].
#[derive(Clone, Copy, Debug)]
pub struct Responses<'s>(pub(crate) &'s Store);

impl Responses<'_> {
    /// A kept answer that has not expired and was made after `made_after`.
    pub async fn find(
        self,
        key: &ResponseKey,
        now: UnixMs,
        made_after: UnixMs,
    ) -> Result<Option<StoredResponse>, StoreError> {
        let row =
            sqlx::query("SELECT * FROM responses WHERE key = ?1 AND expires_at > ?2 AND created_at > ?3")
                .bind(key.as_slice())
                .bind(now.0)
                .bind(made_after.0)
                .fetch_optional(&self.0.readers)
                .await?;
        row.map(|row| {
            Ok(StoredResponse {
                key: *key,
                run_id: row.opt_parsed("run_id")?,
                provider: row.text("provider")?,
                model: row.text("model")?,
                answer: row.json("answer")?,
                cost: row.opt_money("cost_pico")?,
                created_at: row.time("created_at")?,
                expires_at: row.time("expires_at")?,
            })
        })
        .transpose()
    }

    /// Keeps an answer in the place of an older one, and gives up those not used for longest until all together have no more than
    /// `capacity` bytes; one that is larger than that alone is not kept. Returns how many were given up.
    pub async fn put(self, response: &StoredResponse, capacity: u64) -> Result<u64, StoreError> {
        let answer = json(&response.answer)?;
        let size = u64::try_from(answer.len()).unwrap_or(u64::MAX);
        let mut tx = self.0.begin().await?;
        if size > capacity {
            // It would push everything else out; the older one in its place is not given again either.
            sqlx::query("DELETE FROM responses WHERE key = ?1")
                .bind(response.key.as_slice())
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
            return Ok(0);
        }
        sqlx::query(
            "INSERT INTO responses (key, run_id, provider, model, cost_pico, size, created_at, expires_at, used_at, answer)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?7, ?9)
             ON CONFLICT (key) DO UPDATE SET run_id = excluded.run_id, cost_pico = excluded.cost_pico, size = excluded.size,
                 created_at = excluded.created_at, expires_at = excluded.expires_at, used_at = excluded.used_at,
                 answer = excluded.answer",
        )
        .bind(response.key.as_slice())
        .bind(response.run_id.map(|id| id.to_string()))
        .bind(&response.provider)
        .bind(&response.model)
        .bind(response.cost.map(PicoUsd::as_pico))
        .bind(integer(size))
        .bind(response.created_at.0)
        .bind(response.expires_at.0)
        .bind(answer)
        .execute(&mut *tx)
        .await?;
        let given_up = make_room(&mut tx, capacity).await?;
        tx.commit().await?;
        Ok(given_up)
    }

    /// Forgets the answer behind a run: the one it made and the one it was given. Returns how many that were.
    pub async fn forget_of_run(self, run_id: RunId) -> Result<u64, StoreError> {
        let mut tx = self.0.begin().await?;
        let done = sqlx::query(
            "DELETE FROM responses WHERE run_id = ?1
                OR key IN (SELECT response FROM calls WHERE run_id = ?1 AND response IS NOT NULL)",
        )
        .bind(run_id.to_string())
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }

    /// Forgets the answers behind all runs of a conversation, as long as it is there. Returns how many that were.
    pub async fn forget_of_conversation(self, id: ConversationId) -> Result<u64, StoreError> {
        let mut tx = self.0.begin().await?;
        let done = sqlx::query(
            "WITH gone AS (SELECT r.id FROM runs r JOIN turns t ON t.id = r.turn_id WHERE t.conversation_id = ?1)
             DELETE FROM responses WHERE run_id IN (SELECT id FROM gone)
                OR key IN (SELECT c.response FROM calls c JOIN gone ON gone.id = c.run_id WHERE c.response IS NOT NULL)",
        )
        .bind(id.to_string())
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }

    /// Removes what has expired, and returns how many that were.
    pub async fn purge_expired(self, now: UnixMs) -> Result<u64, StoreError> {
        let mut tx = self.0.begin().await?;
        let done =
            sqlx::query("DELETE FROM responses WHERE expires_at <= ?1").bind(now.0).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }

    /// How much is kept and made after `made_after`.
    pub async fn totals(self, now: UnixMs, made_after: UnixMs) -> Result<ResponseTotals, StoreError> {
        let row = sqlx::query(
            "SELECT count(*) AS entries, coalesce(sum(size), 0) AS bytes FROM responses
             WHERE expires_at > ?1 AND created_at > ?2",
        )
        .bind(now.0)
        .bind(made_after.0)
        .fetch_one(&self.0.readers)
        .await?;
        Ok(ResponseTotals {
            entries: row.opt_u64("entries")?.unwrap_or(0),
            bytes: row.opt_u64("bytes")?.unwrap_or(0),
        })
    }

    /// Forgets all of them, and returns how many that were.
    pub async fn clear(self) -> Result<u64, StoreError> {
        let mut tx = self.0.begin().await?;
        let done = sqlx::query("DELETE FROM responses").execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }
}

/// Counts a use.
pub(crate) async fn used(
    connection: &mut SqliteConnection,
    key: &ResponseKey,
    at: UnixMs,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE responses SET hits = hits + 1, used_at = max(used_at, ?2) WHERE key = ?1")
        .bind(key.as_slice())
        .bind(at.0)
        .execute(connection)
        .await?;
    Ok(())
}

async fn make_room(connection: &mut SqliteConnection, capacity: u64) -> Result<u64, StoreError> {
    let bytes: i64 = sqlx::query_scalar("SELECT coalesce(sum(size), 0) FROM responses")
        .fetch_one(&mut *connection)
        .await?;
    if bytes <= integer(capacity) {
        return Ok(0);
    }
    // Those used last stay, as many as fit; from the first that does not on, all go.
    let done = sqlx::query(
        "DELETE FROM responses WHERE rowid IN (
             SELECT rowid FROM (
                 SELECT rowid, sum(size) OVER (ORDER BY used_at DESC, rowid DESC) AS so_far FROM responses)
             WHERE so_far > ?1)",
    )
    .bind(integer(capacity))
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}
