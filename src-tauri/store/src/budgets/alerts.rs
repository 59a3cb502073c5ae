//! Alerts that have been raised, and what was sent against a budget.

use roundtable_domain::{BudgetId, PicoUsd, RunId, TurnId, UnixMs};
use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::Budgets;
use crate::error::StoreError;
use crate::row::Columns as _;

/// A step of a budget's alert that has been reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BudgetAlert {
    /// Which budget.
    pub budget_id: BudgetId,
    /// How many per cent of its limit.
    pub percent: u16,
}

/// Why something was sent against a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverrideWhy {
    /// It did not fit into the limit, and somebody said yes.
    Limit,
    /// A model has no price, and somebody said yes.
    Unpriced,
}

impl OverrideWhy {
    /// The word used in JSON and SQL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Limit => "limit",
            Self::Unpriced => "unpriced",
        }
    }
}

/// Something that was sent against a budget because somebody said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetOverride {
    /// Which budget; it may be gone.
    pub budget_id: BudgetId,
    /// Why consent was needed.
    pub why: OverrideWhy,
    /// The worst case beyond the limit.
    pub over: PicoUsd,
    /// Calls without a price.
    pub unpriced_calls: u32,
    /// The turn, which may be gone.
    pub turn_id: Option<TurnId>,
    /// The run, which may be gone; `None` when it was a whole turn.
    pub run_id: Option<RunId>,
    /// The process in which it was said; see [`crate::Lease`].
    pub lease_id: crate::LeaseId,
    /// When.
    pub at: UnixMs,
}

impl Budgets<'_> {
    /// Notes steps that have been reached and returns those that were not noted yet in the windows that count: each is returned
    /// once, also when two processes notice it.
    pub async fn note_alerts(
        self,
        reached: &[BudgetAlert],
        at: UnixMs,
    ) -> Result<Vec<BudgetAlert>, StoreError> {
        if reached.is_empty() {
            return Ok(Vec::new());
        }
        let mut tx = self.0.begin().await?;
        let mut new = Vec::new();
        for alert in reached {
            let done = sqlx::query(
                "INSERT INTO budget_alerts (budget_id, percent, bucket, reached_at)
                 SELECT b.id, ?2, b.bucket, ?3 FROM budgets b
                 WHERE b.id = ?1 AND NOT EXISTS (SELECT 1 FROM budget_alerts a
                       WHERE a.budget_id = b.id AND a.percent = ?2 AND a.bucket >= b.counts_from)",
            )
            .bind(alert.budget_id.to_string())
            .bind(alert.percent)
            .bind(at.0)
            .execute(&mut *tx)
            .await?;
            if done.rows_affected() > 0 {
                new.push(*alert);
            }
        }
        tx.commit().await?;
        Ok(new)
    }

    /// What was sent against a budget, newest first.
    pub async fn overrides(self, id: BudgetId, limit: u32) -> Result<Vec<BudgetOverride>, StoreError> {
        let rows =
            sqlx::query("SELECT * FROM budget_overrides WHERE budget_id = ?1 ORDER BY id DESC LIMIT ?2")
                .bind(id.to_string())
                .bind(limit)
                .fetch_all(&self.0.readers)
                .await?;
        rows.iter().map(read_override).collect()
    }
}

/// Every step may be reached again: the limit, the steps or what is counted have changed.
pub(super) async fn forget(connection: &mut SqliteConnection, id: BudgetId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM budget_alerts WHERE budget_id = ?1")
        .bind(id.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes down that something is sent against a budget.
pub(super) async fn record(
    connection: &mut SqliteConnection,
    bucket: UnixMs,
    new: &BudgetOverride,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO budget_overrides (budget_id, bucket, why, over_pico, unpriced_calls, turn_id, run_id, lease_id, at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )
    .bind(new.budget_id.to_string())
    .bind(bucket.0)
    .bind(new.why.as_str())
    .bind(new.over.as_pico())
    .bind(new.unpriced_calls)
    .bind(new.turn_id.map(|id| id.to_string()))
    .bind(new.run_id.map(|id| id.to_string()))
    .bind(new.lease_id.as_str())
    .bind(new.at.0)
    .execute(connection)
    .await?;
    Ok(())
}

fn read_override(row: &SqliteRow) -> Result<BudgetOverride, StoreError> {
    Ok(BudgetOverride {
        budget_id: row.parsed("budget_id")?,
        why: row.word("why")?,
        over: row.money("over_pico")?,
        unpriced_calls: row.count("unpriced_calls")?,
        turn_id: row.opt_parsed("turn_id")?,
        run_id: row.opt_parsed("run_id")?,
        lease_id: row.parsed("lease_id")?,
        at: row.time("at")?,
    })
}
