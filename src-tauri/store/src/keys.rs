//! What is known about keys: a mask, a place, the last check. The keys themselves are in the vault, never here.

use roundtable_domain::{KeyId, Origin, UnixMs};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::sqlite::SqliteRow;

use crate::Store;
use crate::error::StoreError;
use crate::row::{Columns as _, opt_json};

/// Where a key was put. Keys from the environment have no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoredPlace {
    /// The operating system's keyring.
    Keyring,
    /// The memory of a process, gone when that ends.
    Session,
    /// A passphrase vault.
    Vault,
}

impl StoredPlace {
    /// The word used in JSON and SQL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keyring => "keyring",
            Self::Session => "session",
            Self::Vault => "vault",
        }
    }
}

/// A key, without the key.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// Which.
    pub id: KeyId,
    /// The provider's slug.
    pub provider: String,
    /// For people.
    pub label: String,
    /// For instance `sk-…f3a9`.
    pub mask: String,
    /// The only origin it may be sent to.
    pub origin: Origin,
    /// Where it was put.
    pub place: StoredPlace,
    /// When it was added.
    pub created_at: UnixMs,
    /// When it was last checked.
    pub last_checked_at: Option<UnixMs>,
    /// What the check said; the engine's own shape, without the key.
    pub last_check: Option<Value>,
}

/// The keys room. Get it from [`Store::keys`].
#[derive(Clone, Copy, Debug)]
pub struct Keys<'s>(pub(crate) &'s Store);

impl Keys<'_> {
    /// Adds a key's row or replaces it. Its provider must be set up.
    pub async fn upsert(self, key: &Key) -> Result<(), StoreError> {
        let mut tx = self.0.begin().await?;
        sqlx::query(
            "INSERT INTO keys (id, provider, label, mask, origin, place, created_at, last_checked_at, last_check)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (id) DO UPDATE SET provider = excluded.provider, label = excluded.label, mask = excluded.mask,
                 origin = excluded.origin, place = excluded.place, last_checked_at = excluded.last_checked_at,
                 last_check = excluded.last_check",
        )
        .bind(key.id.to_string())
        .bind(&key.provider)
        .bind(&key.label)
        .bind(&key.mask)
        .bind(key.origin.as_str())
        .bind(key.place.as_str())
        .bind(key.created_at.0)
        .bind(key.last_checked_at.map(|at| at.0))
        .bind(opt_json(key.last_check.as_ref())?)
        .execute(&mut *tx)
        .await?;
        tx.commit().await
    }

    /// The keys of a provider, newest first; of all providers with `None`.
    pub async fn list(self, provider: Option<&str>) -> Result<Vec<Key>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM keys WHERE ?1 IS NULL OR provider = ?1 ORDER BY provider, created_at DESC, id DESC",
        )
        .bind(provider)
        .fetch_all(&self.0.readers)
        .await?;
        rows.iter().map(read).collect()
    }

    /// One key's row.
    pub async fn get(self, id: KeyId) -> Result<Option<Key>, StoreError> {
        let row = sqlx::query("SELECT * FROM keys WHERE id = ?1")
            .bind(id.to_string())
            .fetch_optional(&self.0.readers)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// Keeps what a check said.
    pub async fn set_check(self, id: KeyId, check: &Value, at: UnixMs) -> Result<(), StoreError> {
        let query = sqlx::query("UPDATE keys SET last_checked_at = ?2, last_check = ?3 WHERE id = ?1");
        self.0.change_one("key", id, query.bind(id.to_string()).bind(at.0).bind(check.to_string())).await
    }

    /// Removes a key's row. Delete the key from the vault first.
    pub async fn remove(self, id: KeyId) -> Result<(), StoreError> {
        let query = sqlx::query("DELETE FROM keys WHERE id = ?1");
        self.0.change_one("key", id, query.bind(id.to_string())).await
    }
}

fn read(row: &SqliteRow) -> Result<Key, StoreError> {
    Ok(Key {
        id: row.parsed("id")?,
        provider: row.text("provider")?,
        label: row.text("label")?,
        mask: row.text("mask")?,
        origin: row.word("origin")?,
        place: row.word("place")?,
        created_at: row.time("created_at")?,
        last_checked_at: row.opt_time("last_checked_at")?,
        last_check: row.opt_json("last_check")?,
    })
}
