//! Advice: changes that followed it, each with the value before and after, and advice that was turned down.
//!
//! What a change is about is the engine's business: `step` and `title` are JSON here.

use roundtable_domain::UnixMs;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::sqlite::SqliteRow;

use crate::Store;
use crate::error::StoreError;
use crate::leases::LeaseId;
use crate::row::Columns as _;

/// How far a change has come. It is written down before anything is touched, and again afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeState {
    /// About to be made.
    Begun,
    /// Made.
    Applied,
    /// About to be taken back.
    Undoing,
    /// Taken back.
    Undone,
}

impl ChangeState {
    /// The word used in SQL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Applied => "applied",
            Self::Undoing => "undoing",
            Self::Undone => "undone",
        }
    }
}

/// A change that followed advice.
#[derive(Clone, Debug, PartialEq)]
pub struct AdviceChange {
    /// Which.
    pub id: String,
    /// The advice it followed.
    pub advice: String,
    /// The advice's kind.
    pub kind: String,
    /// What the advice was about.
    pub subject: String,
    /// What was done, in words.
    pub title: Value,
    /// The values before and after.
    pub step: Value,
    /// How far it has come.
    pub state: ChangeState,
    /// The process that is or was at it.
    pub owner: LeaseId,
    /// Nobody was asked.
    pub automatic: bool,
    /// When it was begun.
    pub at: UnixMs,
    /// When it was taken back.
    pub undone_at: Option<UnixMs>,
}

/// The advice room. Get it from [`Store::advice`].
#[derive(Clone, Copy, Debug)]
pub struct AdviceRoom<'s>(pub(crate) &'s Store);

impl AdviceRoom<'_> {
    /// Writes down that a change is about to be made; `false`: somebody else is at the same.
    pub async fn begin(self, change: &AdviceChange) -> Result<bool, StoreError> {
        let mut tx = self.0.begin().await?;
        let done = sqlx::query(
            "INSERT INTO advice_changes (id, advice, kind, subject, title, step, state, owner, automatic, at, undone_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
             ON CONFLICT DO NOTHING",
        )
        .bind(&change.id)
        .bind(&change.advice)
        .bind(&change.kind)
        .bind(&change.subject)
        .bind(change.title.to_string())
        .bind(change.step.to_string())
        .bind(change.state.as_str())
        .bind(change.owner.as_str())
        .bind(change.automatic)
        .bind(change.at.0)
        .bind(change.undone_at.map(|at| at.0))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Writes down how far a change has come and who is at it; `false`: it was not where it was thought to be, and nothing is written.
    pub async fn move_on(
        self,
        id: &str,
        from: ChangeState,
        to: ChangeState,
        owner: &LeaseId,
        at: UnixMs,
    ) -> Result<bool, StoreError> {
        let mut tx = self.0.begin().await?;
        let undone_at = (to == ChangeState::Undone).then_some(at.0);
        let done = sqlx::query(
            "UPDATE advice_changes SET state = ?3, owner = ?4, undone_at = ?5 WHERE id = ?1 AND state = ?2",
        )
        .bind(id)
        .bind(from.as_str())
        .bind(to.as_str())
        .bind(owner.as_str())
        .bind(undone_at)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Forgets a change that was begun and never made.
    pub async fn forget(self, id: &str) -> Result<(), StoreError> {
        let mut tx = self.0.begin().await?;
        sqlx::query("DELETE FROM advice_changes WHERE id = ?1 AND state = 'begun'")
            .bind(id)
            .execute(&mut *tx)
            .await?;
        tx.commit().await
    }

    /// The latest changes, newest first.
    pub async fn changes(self, most: u32) -> Result<Vec<AdviceChange>, StoreError> {
        let rows = sqlx::query("SELECT * FROM advice_changes ORDER BY at DESC, id DESC LIMIT ?1")
            .bind(most)
            .fetch_all(&self.0.readers)
            .await?;
        rows.iter().map(read).collect()
    }

    /// Turns advice down, or takes that back.
    pub async fn dismiss(self, advice: &str, dismissed: bool, at: UnixMs) -> Result<(), StoreError> {
        let mut tx = self.0.begin().await?;
        let statement = if dismissed {
            sqlx::query(
                "INSERT INTO advice_dismissed (advice, at) VALUES (?1, ?2) ON CONFLICT (advice) DO NOTHING",
            )
            .bind(advice)
            .bind(at.0)
        } else {
            sqlx::query("DELETE FROM advice_dismissed WHERE advice = ?1").bind(advice)
        };
        statement.execute(&mut *tx).await?;
        tx.commit().await
    }

    /// All advice that was turned down.
    pub async fn dismissed(self) -> Result<Vec<String>, StoreError> {
        let advice = sqlx::query_scalar("SELECT advice FROM advice_dismissed ORDER BY advice")
            .fetch_all(&self.0.readers)
            .await?;
        Ok(advice)
    }
}

fn read(row: &SqliteRow) -> Result<AdviceChange, StoreError> {
    Ok(AdviceChange {
        id: row.text("id")?,
        advice: row.text("advice")?,
        kind: row.text("kind")?,
        subject: row.text("subject")?,
        title: row.json("title")?,
        step: row.json("step")?,
        state: row.word("state")?,
        owner: LeaseId::new(row.text("owner")?),
        automatic: row.flag("automatic")?,
        at: row.time("at")?,
        undone_at: row.opt_time("undone_at")?,
    })
}
