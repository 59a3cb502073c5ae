//! Providers the user has set up. No key is here: see [`crate::keys`].

use roundtable_domain::{Network, Params, UnixMs, WireApi};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;

use crate::Store;
use crate::error::StoreError;
use crate::row::{Columns as _, json};

/// What is set for all models of a provider, and for the way to it. Holds no secret.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProviderSettings {
    /// Sampling and length.
    pub params: Params,
    /// Proxy, certificates, timeouts, extra query.
    pub network: Network,
    /// Calls at once; `None` is what is usual for its kind of server.
    pub calls_at_once: Option<u32>,
}

/// A provider as set up here.
#[derive(Clone, Debug, PartialEq)]
pub struct Provider {
    /// The slug, as in `provider/model`.
    pub id: String,
    /// For people.
    pub name: String,
    /// The wire it speaks.
    pub api: WireApi,
    /// The row of the dialect table.
    pub dialect: String,
    /// Where it is reached.
    pub base_url: String,
    /// Sent with every request. Not for secrets: this is plain text on disk.
    pub extra_headers: Vec<(String, String)>,
    /// What else is set for it.
    pub settings: ProviderSettings,
    /// Whether its models are offered.
    pub enabled: bool,
    /// The user has confirmed plain http to a private address.
    pub plain_http_confirmed: bool,
    /// When it was set up. Kept when it is changed.
    pub created_at: UnixMs,
    /// When it was last changed.
    pub updated_at: UnixMs,
}

/// The providers room. Get it from [`Store::providers`].
#[derive(Clone, Copy, Debug)]
pub struct Providers<'s>(pub(crate) &'s Store);

impl Providers<'_> {
    /// Adds a provider or replaces the one with this slug.
    pub async fn upsert(self, provider: &Provider) -> Result<(), StoreError> {
        let mut tx = self.0.begin().await?;
        sqlx::query(
            "INSERT INTO providers (id, name, api, dialect, base_url, extra_headers, enabled, plain_http_confirmed,
                                    created_at, updated_at, settings)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, api = excluded.api, dialect = excluded.dialect,
                 base_url = excluded.base_url, extra_headers = excluded.extra_headers, enabled = excluded.enabled,
                 plain_http_confirmed = excluded.plain_http_confirmed, updated_at = excluded.updated_at,
                 settings = excluded.settings",
        )
        .bind(&provider.id)
        .bind(&provider.name)
        .bind(provider.api.as_str())
        .bind(&provider.dialect)
        .bind(&provider.base_url)
        .bind(json(&provider.extra_headers)?)
        .bind(provider.enabled)
        .bind(provider.plain_http_confirmed)
        .bind(provider.created_at.0)
        .bind(provider.updated_at.0)
        .bind(json(&provider.settings)?)
        .execute(&mut *tx)
        .await?;
        tx.commit().await
    }

    /// All providers, oldest first.
    pub async fn list(self) -> Result<Vec<Provider>, StoreError> {
        let rows =
            sqlx::query("SELECT * FROM providers ORDER BY created_at, id").fetch_all(&self.0.readers).await?;
        rows.iter().map(read).collect()
    }

    /// The provider with this slug, if it is set up.
    pub async fn get(self, id: &str) -> Result<Option<Provider>, StoreError> {
        let row = sqlx::query("SELECT * FROM providers WHERE id = ?1")
            .bind(id)
            .fetch_optional(&self.0.readers)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// Removes a provider, the rows of its keys, its models and what is set for them. Delete the keys from the vault first.
    pub async fn remove(self, id: &str) -> Result<(), StoreError> {
        let mut tx = self.0.begin().await?;
        let done = sqlx::query("DELETE FROM providers WHERE id = ?1").bind(id).execute(&mut *tx).await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::not_found("provider", id));
        }
        sqlx::query("DELETE FROM model_settings WHERE provider = ?1").bind(id).execute(&mut *tx).await?;
        tx.commit().await
    }
}

fn read(row: &SqliteRow) -> Result<Provider, StoreError> {
    let api = row.text("api")?;
    Ok(Provider {
        id: row.text("id")?,
        name: row.text("name")?,
        api: WireApi::parse(&api).ok_or_else(|| StoreError::unreadable("api", api))?,
        dialect: row.text("dialect")?,
        base_url: row.text("base_url")?,
        extra_headers: row.json("extra_headers")?,
        settings: row.json("settings")?,
        enabled: row.flag("enabled")?,
        plain_http_confirmed: row.flag("plain_http_confirmed")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}
