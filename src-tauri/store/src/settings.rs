//! Settings: one JSON value per key. What the keys mean is the engine's business.

use roundtable_domain::UnixMs;
use serde_json::Value;

use crate::Store;
use crate::error::StoreError;
use crate::row::Columns as _;

/// The settings room. Get it from [`Store::settings`].
#[derive(Clone, Copy, Debug)]
pub struct Settings<'s>(pub(crate) &'s Store);

impl Settings<'_> {
    /// A setting; `None` when it was never set.
    pub async fn get(self, key: &str) -> Result<Option<Value>, StoreError> {
        let row = sqlx::query("SELECT value FROM settings WHERE key = ?1")
            .bind(key)
            .fetch_optional(&self.0.readers)
            .await?;
        row.map(|row| row.json("value")).transpose()
    }

    /// Sets a setting.
    pub async fn set(self, key: &str, value: &Value, at: UnixMs) -> Result<(), StoreError> {
        let mut tx = self.0.begin().await?;
        sqlx::query(
            "INSERT INTO settings (key, value, updated_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
        )
        .bind(key)
        .bind(value.to_string())
        .bind(at.0)
        .execute(&mut *tx)
        .await?;
        tx.commit().await
    }

    /// Forgets a setting. Repeating it does nothing.
    pub async fn remove(self, key: &str) -> Result<(), StoreError> {
        let mut tx = self.0.begin().await?;
        sqlx::query("DELETE FROM settings WHERE key = ?1").bind(key).execute(&mut *tx).await?;
        tx.commit().await
    }

    /// All settings by key.
    pub async fn list(self) -> Result<Vec<(String, Value)>, StoreError> {
        let rows =
            sqlx::query("SELECT key, value FROM settings ORDER BY key").fetch_all(&self.0.readers).await?;
        rows.iter().map(|row| Ok((row.text("key")?, row.json("value")?))).collect()
    }
}
