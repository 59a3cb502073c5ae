//! Values set for one model. A model needs no row anywhere else: a provider may only be implied.

use roundtable_domain::{Params, UnixMs};

use crate::Store;
use crate::error::StoreError;
use crate::row::{Columns as _, json};

/// What is set for a model.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelSettings {
    /// The provider's slug.
    pub provider: String,
    /// The model's name at the provider.
    pub model: String,
    /// Sampling and length.
    pub params: Params,
    /// When it was set.
    pub updated_at: UnixMs,
}

/// The room of values per model. Get it from [`Store::model_settings`].
#[derive(Clone, Copy, Debug)]
pub struct ModelSettingsRoom<'s>(pub(crate) &'s Store);

impl ModelSettingsRoom<'_> {
    /// What is set for a model, if anything is.
    pub async fn get(self, provider: &str, model: &str) -> Result<Option<Params>, StoreError> {
        let row = sqlx::query("SELECT params FROM model_settings WHERE provider = ?1 AND model = ?2")
            .bind(provider)
            .bind(model)
            .fetch_optional(&self.0.readers)
            .await?;
        row.map(|row| row.json("params")).transpose()
    }

    /// Sets the values of a model.
    pub async fn set(self, settings: &ModelSettings) -> Result<(), StoreError> {
        let mut tx = self.0.begin().await?;
        sqlx::query(
            "INSERT INTO model_settings (provider, model, params, updated_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (provider, model) DO UPDATE SET params = excluded.params, updated_at = excluded.updated_at",
        )
        .bind(&settings.provider)
        .bind(&settings.model)
        .bind(json(&settings.params)?)
        .bind(settings.updated_at.0)
        .execute(&mut *tx)
        .await?;
        tx.commit().await
    }

    /// Forgets the values of a model. Repeating it does nothing.
    pub async fn remove(self, provider: &str, model: &str) -> Result<(), StoreError> {
        let mut tx = self.0.begin().await?;
        sqlx::query("DELETE FROM model_settings WHERE provider = ?1 AND model = ?2")
            .bind(provider)
            .bind(model)
            .execute(&mut *tx)
            .await?;
        tx.commit().await
    }

    /// All models that have values of their own.
    pub async fn list(self) -> Result<Vec<ModelSettings>, StoreError> {
        let rows = sqlx::query("SELECT * FROM model_settings ORDER BY provider, model")
            .fetch_all(&self.0.readers)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(ModelSettings {
                    provider: row.text("provider")?,
                    model: row.text("model")?,
                    params: row.json("params")?,
                    updated_at: row.time("updated_at")?,
                })
            })
            .collect()
    }
}
