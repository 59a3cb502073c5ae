//! Models as providers list them.

use roundtable_domain::UnixMs;
use serde_json::Value;
use sqlx::sqlite::SqliteRow;

use crate::Store;
use crate::error::StoreError;
use crate::row::Columns as _;

/// A model a provider lists.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// The provider's slug.
    pub provider: String,
    /// The model's name at the provider.
    pub model: String,
    /// What the provider says about it; the engine's own shape.
    pub facts: Value,
    /// When it was listed.
    pub listed_at: UnixMs,
}

/// The models room. Get it from [`Store::models`].
#[derive(Clone, Copy, Debug)]
pub struct Models<'s>(pub(crate) &'s Store);

impl Models<'_> {
    /// Replaces a provider's list by a new one. The provider must be set up.
    pub async fn replace(
        self,
        provider: &str,
        models: &[(String, Value)],
        at: UnixMs,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.begin().await?;
        sqlx::query("DELETE FROM models WHERE provider = ?1").bind(provider).execute(&mut *tx).await?;
        for (model, facts) in models {
            sqlx::query(
                "INSERT INTO models (provider, model, facts, listed_at) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (provider, model) DO UPDATE SET facts = excluded.facts",
            )
            .bind(provider)
            .bind(model)
            .bind(facts.to_string())
            .bind(at.0)
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await
    }

    /// The models of a provider by name; of all providers with `None`.
    pub async fn list(self, provider: Option<&str>) -> Result<Vec<Model>, StoreError> {
        let rows =
            sqlx::query("SELECT * FROM models WHERE ?1 IS NULL OR provider = ?1 ORDER BY provider, model")
                .bind(provider)
                .fetch_all(&self.0.readers)
                .await?;
        rows.iter().map(read).collect()
    }

    /// One model, if its provider lists it.
    pub async fn get(self, provider: &str, model: &str) -> Result<Option<Model>, StoreError> {
        let row = sqlx::query("SELECT * FROM models WHERE provider = ?1 AND model = ?2")
            .bind(provider)
            .bind(model)
            .fetch_optional(&self.0.readers)
            .await?;
        row.as_ref().map(read).transpose()
    }
}

fn read(row: &SqliteRow) -> Result<Model, StoreError> {
    Ok(Model {
        provider: row.text("provider")?,
        model: row.text("model")?,
        facts: row.json("facts")?,
        listed_at: row.time("listed_at")?,
    })
}
