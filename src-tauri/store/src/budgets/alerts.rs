//! Alerts that have been raised, and what was sent against a budget.

use roundtable_domain::{BudgetId, ConversationId, PicoUsd, RunId, TurnId, UnixMs};
use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::{Budgets, booked};
use crate::error::StoreError;
use crate::row::Columns as _;

/// What a budget has spent in a window, and which steps of its alert are noted there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetStanding {
    /// Which budget.
    pub budget_id: BudgetId,
    /// When the window began.
    pub bucket: UnixMs,
    /// Since when windows count; `bucket` itself but for a rolling period.
    pub counts_from: UnixMs,
    /// When it was over; `None`: it is open.
    pub over_at: Option<UnixMs>,
    /// What was spent in the windows that count.
    pub spent: PicoUsd,
    /// Steps that are noted, in per cent of the limit.
    pub noted: Vec<u16>,
}

/// A step of a budget's alert that has been reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReachedStep {
    /// Which budget.
    pub budget_id: BudgetId,
    /// How many per cent of its limit.
    pub percent: u16,
    /// The window in which it was reached, by its beginning.
    pub bucket: UnixMs,
    /// Since when windows count.
    pub counts_from: UnixMs,
    /// The window is over.
    pub over: bool,
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

/// An override with what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedOverride {
    /// As it was written down.
    pub record: BudgetOverride,
    /// The question; `None`: it is gone, or there was none.
    pub asked: Option<AskedOverride>,
}

/// A question that was asked against a budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedOverride {
    /// In its own words.
    pub question: String,
    /// Where.
    pub conversation_id: ConversationId,
    /// That conversation's title; may be empty.
    pub title: String,
}

impl Budgets<'_> {
    /// How budgets in force stand, in the window that is open and, but for rolling ones, in those that were over since a time and
    /// after the budget was last changed: nobody may have looked before they were.
    pub async fn standings(self, over_since: UnixMs) -> Result<Vec<BudgetStanding>, StoreError> {
        let rows = sqlx::query(concat!(
            "SELECT w.*, (SELECT json_group_array(DISTINCT a.percent) FROM budget_alerts a
                          WHERE a.budget_id = w.budget_id AND a.bucket >= w.counts_from
                            AND (w.over_at IS NULL OR a.bucket = w.bucket)) AS noted
             FROM (SELECT b.id AS budget_id, b.bucket, b.counts_from, NULL AS over_at, ",
            booked!("k"),
            " AS spent_pico
                   FROM budgets b JOIN budget_buckets k ON k.budget_id = b.id AND k.ends_at > b.counts_from
                   WHERE b.paused = 0 GROUP BY b.id
                   UNION ALL
                   SELECT b.id, k.starts_at, k.starts_at, k.ends_at, k.spent_pico
                   FROM budgets b JOIN budget_buckets k ON k.budget_id = b.id
                     AND k.ends_at > max(b.updated_at, ?1) AND k.starts_at <> b.bucket AND k.until_row IS NOT NULL
                   WHERE b.paused = 0 AND b.period <> 'rolling') w",
        ))
        .bind(over_since.0)
        .fetch_all(&self.0.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(BudgetStanding {
                    budget_id: row.parsed("budget_id")?,
                    bucket: row.time("bucket")?,
                    counts_from: row.time("counts_from")?,
                    over_at: row.opt_time("over_at")?,
                    spent: row.money("spent_pico")?,
                    noted: row.json("noted")?,
                })
            })
            .collect()
    }

    /// What was sent against a budget, newest first, with the question as far as it is still there.
    pub async fn overrides(self, id: BudgetId, limit: u32) -> Result<Vec<RecordedOverride>, StoreError> {
        let rows = sqlx::query(
            "SELECT o.*, t.text AS question, t.conversation_id, c.title
             FROM budget_overrides o
             LEFT JOIN turns t ON t.id = coalesce(o.turn_id, (SELECT r.turn_id FROM runs r WHERE r.id = o.run_id))
             LEFT JOIN conversations c ON c.id = t.conversation_id
             WHERE o.budget_id = ?1 ORDER BY o.id DESC LIMIT ?2",
        )
        .bind(id.to_string())
        .bind(limit)
        .fetch_all(&self.0.readers)
        .await?;
        rows.iter().map(read_override).collect()
    }
}

/// Notes a step that has been reached; false where it is noted already, or the budget is gone.
pub(crate) async fn note_step(
    connection: &mut SqliteConnection,
    step: &ReachedStep,
    at: UnixMs,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "INSERT INTO budget_alerts (budget_id, percent, bucket, reached_at)
         SELECT b.id, ?2, ?3, ?4 FROM budgets b
         WHERE b.id = ?1 AND NOT EXISTS (SELECT 1 FROM budget_alerts a
               WHERE a.budget_id = b.id AND a.percent = ?2 AND a.bucket >= ?5 AND (?6 = 0 OR a.bucket = ?3))",
    )
    .bind(step.budget_id.to_string())
    .bind(step.percent)
    .bind(step.bucket.0)
    .bind(at.0)
    .bind(step.counts_from.0)
    .bind(step.over)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
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

fn read_override(row: &SqliteRow) -> Result<RecordedOverride, StoreError> {
    let record = BudgetOverride {
        budget_id: row.parsed("budget_id")?,
        why: row.word("why")?,
        over: row.money("over_pico")?,
        unpriced_calls: row.count("unpriced_calls")?,
        turn_id: row.opt_parsed("turn_id")?,
        run_id: row.opt_parsed("run_id")?,
        lease_id: row.parsed("lease_id")?,
        at: row.time("at")?,
    };
    let asked = match row.opt_text("question")? {
        Some(question) => Some(AskedOverride {
            question,
            conversation_id: row.parsed("conversation_id")?,
            title: row.opt_text("title")?.unwrap_or_default(),
        }),
        None => None,
    };
    Ok(RecordedOverride { record, asked })
}
