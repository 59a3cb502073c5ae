//! Vectors that were paid for once: kept by a hash of content, model and dimensions until they expire.

use std::collections::HashMap;

use roundtable_domain::UnixMs;

use crate::Store;
use crate::error::StoreError;
use crate::row::{Columns as _, json};

/// A hash of everything a vector depends on. What goes into it is the engine's business.
pub type EmbeddingKey = [u8; 32];

/// A vector to keep.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredEmbedding {
    /// What it is found under.
    pub key: EmbeddingKey,
    /// The provider's slug.
    pub provider: String,
    /// The model that made it.
    pub model: String,
    /// The vector; not empty.
    pub vector: Vec<f32>,
    /// When it was made.
    pub created_at: UnixMs,
    /// When it is not used any more.
    pub expires_at: UnixMs,
}

/// How much is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EmbeddingTotals {
    /// Vectors, expired ones included until they are purged.
    pub vectors: u64,
    /// Bytes of the vectors alone.
    pub bytes: u64,
}

/// The embeddings room. Get it from [`Store::embeddings`].
#[derive(Clone, Copy, Debug)]
pub struct Embeddings<'s>(pub(crate) &'s Store);

impl Embeddings<'_> {
    /// The vectors that are kept and not expired, in the order of the keys; `None` where there is none.
    pub async fn get_many(
        self,
        keys: &[EmbeddingKey],
        now: UnixMs,
    ) -> Result<Vec<Option<Vec<f32>>>, StoreError> {
        let rows = sqlx::query(
            "SELECT e.key, e.vector FROM json_each(?1) wanted JOIN embeddings e ON e.key = unhex(wanted.value)
             WHERE e.expires_at > ?2",
        )
        .bind(json(&keys.iter().map(|key| hexadecimal(key)).collect::<Vec<_>>())?)
        .bind(now.0)
        .fetch_all(&self.0.readers)
        .await?;
        let mut found: HashMap<Vec<u8>, Vec<f32>> = HashMap::with_capacity(rows.len());
        for row in &rows {
            found.insert(row.bytes("key")?, floats(&row.bytes("vector")?)?);
        }
        Ok(keys.iter().map(|key| found.get(key.as_slice()).cloned()).collect())
    }

    /// Keeps vectors in one transaction. One that is kept already gets the new life.
    pub async fn put_many(self, embeddings: &[StoredEmbedding]) -> Result<(), StoreError> {
        if embeddings.is_empty() {
            return Ok(());
        }
        let mut tx = self.0.begin().await?;
        for embedding in embeddings {
            sqlx::query(
                "INSERT INTO embeddings (key, provider, model, dimensions, vector, created_at, expires_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (key) DO UPDATE SET vector = excluded.vector, dimensions = excluded.dimensions,
                     created_at = excluded.created_at, expires_at = excluded.expires_at",
            )
            .bind(embedding.key.as_slice())
            .bind(&embedding.provider)
            .bind(&embedding.model)
            .bind(i64::try_from(embedding.vector.len()).unwrap_or(i64::MAX))
            .bind(embedding.vector.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>())
            .bind(embedding.created_at.0)
            .bind(embedding.expires_at.0)
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await
    }

    /// Removes what has expired, and returns how many that were.
    pub async fn purge_expired(self, now: UnixMs) -> Result<u64, StoreError> {
        let mut tx = self.0.begin().await?;
        let done = sqlx::query("DELETE FROM embeddings WHERE expires_at <= ?1")
            .bind(now.0)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }

    /// How much is kept.
    pub async fn totals(self) -> Result<EmbeddingTotals, StoreError> {
        let row = sqlx::query(
            "SELECT count(*) AS vectors, coalesce(sum(4 * dimensions), 0) AS bytes FROM embeddings",
        )
        .fetch_one(&self.0.readers)
        .await?;
        Ok(EmbeddingTotals {
            vectors: row.opt_u64("vectors")?.unwrap_or(0),
            bytes: row.opt_u64("bytes")?.unwrap_or(0),
        })
    }

    /// Forgets all of them, and returns how many that were.
    pub async fn clear(self) -> Result<u64, StoreError> {
        let mut tx = self.0.begin().await?;
        let done = sqlx::query("DELETE FROM embeddings").execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn floats(bytes: &[u8]) -> Result<Vec<f32>, StoreError> {
    let (numbers, rest) = bytes.as_chunks::<4>();
    if !rest.is_empty() {
        return Err(StoreError::unreadable("vector", "its length is no multiple of four"));
    }
    Ok(numbers.iter().map(|number| f32::from_le_bytes(*number)).collect())
}
