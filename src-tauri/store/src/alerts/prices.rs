//! The prices people know of: what differs from them is news.

use roundtable_domain::UnixMs;
use serde_json::Value;
use sqlx::SqliteConnection;

use super::Alerts;
use crate::error::StoreError;
use crate::row::{Columns as _, json};

/// The price of a model that people know of.
#[derive(Clone, Debug, PartialEq)]
pub struct KnownPrice {
    /// `provider/model`.
    pub target: String,
    /// The price list, as an entry of the books keeps it.
    pub price: Value,
}

/// Another price for a model.
#[derive(Clone, Debug, PartialEq)]
pub struct PriceNews {
    /// `provider/model`.
    pub target: String,
    /// The price people know of.
    pub before: Value,
    /// The new one; `None`: it has none any more.
    pub after: Option<Value>,
}

impl Alerts<'_> {
    /// All prices people know of.
    pub async fn known_prices(self) -> Result<Vec<KnownPrice>, StoreError> {
        let rows = sqlx::query("SELECT target, price FROM alert_prices").fetch_all(&self.0.readers).await?;
        rows.iter()
            .map(|row| Ok(KnownPrice { target: row.text("target")?, price: row.json("price")? }))
            .collect()
    }

    /// Notes prices as known, without any news in it: of models used for the first time. One that is known already stays.
    pub async fn know_prices(self, prices: &[KnownPrice], at: UnixMs) -> Result<(), StoreError> {
        if prices.is_empty() {
            return Ok(());
        }
        let mut tx = self.0.begin().await?;
        for known in prices {
            sqlx::query(
                "INSERT INTO alert_prices (target, price, at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            )
            .bind(&known.target)
            .bind(json(&known.price)?)
            .bind(at.0)
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await
    }

    /// Forgets the prices known of these models, which are no news for the time being: the user has set others, or they are out of use.
    pub async fn forget_prices(self, targets: &[String]) -> Result<(), StoreError> {
        if targets.is_empty() {
            return Ok(());
        }
        let mut tx = self.0.begin().await?;
        sqlx::query("DELETE FROM alert_prices WHERE target IN (SELECT value FROM json_each(?1))")
            .bind(json(targets)?)
            .execute(&mut *tx)
            .await?;
        tx.commit().await
    }
}

/// Notes the new price where the old one is still the one that is known: of two processes, one does.
pub(super) async fn note(
    connection: &mut SqliteConnection,
    news: &PriceNews,
    at: UnixMs,
) -> Result<bool, StoreError> {
    let before = json(&news.before)?;
    let done = match &news.after {
        Some(after) => {
            sqlx::query("UPDATE alert_prices SET price = ?3, at = ?4 WHERE target = ?1 AND price = ?2")
                .bind(&news.target)
                .bind(before)
                .bind(json(after)?)
                .bind(at.0)
                .execute(connection)
                .await?
        }
        None => {
            sqlx::query("DELETE FROM alert_prices WHERE target = ?1 AND price = ?2")
                .bind(&news.target)
                .bind(before)
                .execute(connection)
                .await?
        }
    };
    Ok(done.rows_affected() > 0)
}
