//! Facts and prices of models beside the list the program was built with. What a row's `facts` mean is the engine's business.

use roundtable_domain::UnixMs;
use serde_json::Value;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::Store;
use crate::error::StoreError;
use crate::row::{Columns as _, json};

/// Where facts come from, and whether they are in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CatalogueOrigin {
    /// A public price list.
    Update,
    /// The user.
    Own,
    /// Offered by a public list, but not in force until somebody has looked at it.
    Held,
    /// Offered by a public list and turned down: the same offer is not held back again.
    Dismissed,
}

impl CatalogueOrigin {
    /// The word used in SQL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Update => "update",
            Self::Own => "own",
            Self::Held => "held",
            Self::Dismissed => "dismissed",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Update, Self::Own, Self::Held, Self::Dismissed]
            .into_iter()
            .find(|origin| origin.as_str() == word)
    }
}

/// One model's facts of one origin.
#[derive(Clone, Debug, PartialEq)]
pub struct CatalogueModel {
    /// The dialect's id.
    pub provider: String,
    /// The model's name at the provider.
    pub model: String,
    /// Where the facts come from.
    pub origin: CatalogueOrigin,
    /// The facts.
    pub facts: Value,
    /// When they were written.
    pub updated_at: UnixMs,
}

/// The room of catalogue rows. Get it from [`Store::catalogue`].
#[derive(Clone, Copy, Debug)]
pub struct CatalogueRoom<'s>(pub(crate) &'s Store);

impl CatalogueRoom<'_> {
    /// All rows by provider and model. A row of an origin this program does not know is passed over.
    pub async fn list(self) -> Result<Vec<CatalogueModel>, StoreError> {
        let rows = sqlx::query("SELECT * FROM catalogue_models ORDER BY provider, model, origin")
            .fetch_all(&self.0.readers)
            .await?;
        rows.iter().filter_map(|row| read(row).transpose()).collect()
    }

    /// Writes rows, replacing those of the same model and origin.
    pub async fn put(self, rows: &[CatalogueModel]) -> Result<(), StoreError> {
        let mut tx = self.0.begin().await?;
        for row in rows {
            upsert(&mut tx, row).await?;
        }
        tx.commit().await
    }

    /// Writes what a fetched list says: what is taken over is added to earlier updates, what is held back replaces what was
    /// held back before. One transaction.
    pub async fn put_update(self, rows: &[CatalogueModel]) -> Result<(), StoreError> {
        let mut tx = self.0.begin().await?;
        sqlx::query("DELETE FROM catalogue_models WHERE origin = 'held'").execute(&mut *tx).await?;
        for row in rows {
            upsert(&mut tx, row).await?;
        }
        tx.commit().await
    }

    /// Writes rows of models that somebody has looked at (taken over or turned down); what was held back for them is not any
    /// more. One transaction.
    pub async fn decide(self, rows: &[CatalogueModel]) -> Result<(), StoreError> {
        let mut tx = self.0.begin().await?;
        for row in rows {
            upsert(&mut tx, row).await?;
            delete(&mut tx, &row.provider, &row.model, CatalogueOrigin::Held).await?;
        }
        tx.commit().await
    }

    /// Forgets a row. Repeating it does nothing.
    pub async fn remove(
        self,
        provider: &str,
        model: &str,
        origin: CatalogueOrigin,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.begin().await?;
        delete(&mut tx, provider, model, origin).await?;
        tx.commit().await
    }
}

async fn upsert(connection: &mut SqliteConnection, row: &CatalogueModel) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO catalogue_models (provider, model, origin, facts, updated_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (provider, model, origin) DO UPDATE SET facts = excluded.facts, updated_at = excluded.updated_at",
    )
    .bind(&row.provider)
    .bind(&row.model)
    .bind(row.origin.as_str())
    .bind(json(&row.facts)?)
    .bind(row.updated_at.0)
    .execute(connection)
    .await?;
    Ok(())
}

async fn delete(
    connection: &mut SqliteConnection,
    provider: &str,
    model: &str,
    origin: CatalogueOrigin,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM catalogue_models WHERE provider = ?1 AND model = ?2 AND origin = ?3")
        .bind(provider)
        .bind(model)
        .bind(origin.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

fn read(row: &SqliteRow) -> Result<Option<CatalogueModel>, StoreError> {
    let Some(origin) = CatalogueOrigin::parse(&row.text("origin")?) else { return Ok(None) };
    Ok(Some(CatalogueModel {
        provider: row.text("provider")?,
        model: row.text("model")?,
        origin,
        facts: row.json("facts")?,
        updated_at: row.time("updated_at")?,
    }))
}
