//! Alerts: what people should hear of without having asked, kept so that the same thing is told once by whichever process comes first.

mod prices;

use roundtable_domain::UnixMs;
use serde_json::Value;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use crate::Store;
use crate::budgets::{ReachedStep, note_step};
use crate::error::StoreError;
use crate::row::{Columns as _, json};

pub use prices::{KnownPrice, PriceNews};

/// An alert to be raised. Words of kinds and levels are the engine's.
#[derive(Clone, Debug, PartialEq)]
pub struct NewAlert {
    /// Its id.
    pub id: Uuid,
    /// What is told: an alert with a key that is here already is not raised again.
    pub key: String,
    /// What it is about.
    pub kind: String,
    /// How loud it is.
    pub level: String,
    /// When it came about.
    pub at: UnixMs,
    /// What it is about; empty: nothing in particular.
    pub subject: String,
    /// What it says.
    pub saying: Value,
    /// It is kept, and no news.
    pub seen: bool,
    /// Invented money.
    pub simulated: bool,
    /// What it hangs on.
    pub only_if: OnlyIf,
}

/// What has to be true, in the transaction that raises an alert, for it to be raised.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum OnlyIf {
    /// Its key is new.
    #[default]
    New,
    /// This step is not noted yet in the windows that count. It is noted then, whatever becomes of the alert.
    Step(ReachedStep),
    /// Its key is new, and there is none with this other one, which says more.
    Without(String),
    /// None of its kind has come about since.
    NoneSince(UnixMs),
    /// The price people know of is still this one. The new one is noted then.
    Price(PriceNews),
}

/// An alert that is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// Its place in the order in which alerts were raised.
    pub number: i64,
    /// Its id.
    pub id: Uuid,
    /// What it is about.
    pub kind: String,
    /// How loud it is.
    pub level: String,
    /// When it came about.
    pub at: UnixMs,
    /// What it is about; empty: nothing in particular.
    pub subject: String,
    /// What it says.
    pub saying: Value,
    /// When somebody has seen it.
    pub seen_at: Option<UnixMs>,
    /// Invented money.
    pub simulated: bool,
}

/// How far alerts and books have come, whoever writes them: what differs has changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AlertMarks {
    /// The number of the last alert.
    pub alerts: i64,
    /// The row of the last entry of the books.
    pub entries: i64,
}

/// The alerts room. Get it from [`Store::alerts`].
#[derive(Clone, Copy, Debug)]
pub struct Alerts<'s>(pub(crate) &'s Store);

impl Alerts<'_> {
    /// Raises alerts, all in one transaction, and returns those that were news: of several processes that see the same thing, one
    /// does. Nothing is written when none is.
    pub async fn raise(self, alerts: &[NewAlert], at: UnixMs) -> Result<Vec<Alert>, StoreError> {
        if alerts.is_empty() {
            return Ok(Vec::new());
        }
        let mut tx = self.0.begin().await?;
        let mut raised = Vec::new();
        for alert in alerts {
            if holds(&mut tx, alert, at).await? {
                raised.extend(insert(&mut tx, alert, at).await?);
            }
        }
        tx.commit().await?;
        Ok(raised)
    }

    /// The newest first.
    pub async fn list(self, limit: u32) -> Result<Vec<Alert>, StoreError> {
        let rows = sqlx::query("SELECT * FROM alerts ORDER BY at DESC, number DESC LIMIT ?1")
            .bind(limit)
            .fetch_all(&self.0.readers)
            .await?;
        rows.iter().map(read).collect()
    }

    /// Those raised after the one with this number, in the order in which they were raised.
    pub async fn after(self, number: i64, limit: u32) -> Result<Vec<Alert>, StoreError> {
        let rows = sqlx::query("SELECT * FROM alerts WHERE number > ?1 ORDER BY number LIMIT ?2")
            .bind(number)
            .bind(limit)
            .fetch_all(&self.0.readers)
            .await?;
        rows.iter().map(read).collect()
    }

    /// Somebody has seen these; `None`: all. One that was seen before stays seen since then, one that is gone is passed over.
    pub async fn see(self, ids: Option<&[Uuid]>, at: UnixMs) -> Result<(), StoreError> {
        let ids: Option<Vec<String>> = ids.map(|ids| ids.iter().map(Uuid::to_string).collect());
        let mut tx = self.0.begin().await?;
        sqlx::query(
            "UPDATE alerts SET seen_at = ?1
             WHERE seen_at IS NULL AND (?2 IS NULL OR id IN (SELECT value FROM json_each(?2)))",
        )
        .bind(at.0)
        .bind(ids.as_ref().map(json).transpose()?)
        .execute(&mut *tx)
        .await?;
        tx.commit().await
    }

    /// Forgets alerts from before a time, and returns how many there were.
    pub async fn forget_before(self, at: UnixMs) -> Result<u64, StoreError> {
        let old: i64 = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM alerts WHERE at < ?1)")
            .bind(at.0)
            .fetch_one(&self.0.readers)
            .await?;
        if old == 0 {
            return Ok(0);
        }
        let mut tx = self.0.begin().await?;
        let done = sqlx::query("DELETE FROM alerts WHERE at < ?1").bind(at.0).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }

    /// How far alerts and books have come. Two looks at the right edge of a tree each.
    pub async fn marks(self) -> Result<AlertMarks, StoreError> {
        let row = sqlx::query(
            "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'alerts'), 0) AS alerts,
                    (SELECT coalesce(max(rowid), 0) FROM ledger_entries) AS entries",
        )
        .fetch_one(&self.0.readers)
        .await?;
        Ok(AlertMarks { alerts: row.int("alerts")?, entries: row.int("entries")? })
    }
}

async fn holds(connection: &mut SqliteConnection, alert: &NewAlert, at: UnixMs) -> Result<bool, StoreError> {
    match &alert.only_if {
        OnlyIf::New => Ok(true),
        OnlyIf::Step(step) => note_step(connection, step, at).await,
        OnlyIf::Without(key) => {
            let row = sqlx::query("SELECT EXISTS (SELECT 1 FROM alerts WHERE key = ?1) AS told")
                .bind(key)
                .fetch_one(connection)
                .await?;
            Ok(!row.flag("told")?)
        }
        OnlyIf::NoneSince(since) => {
            let row =
                sqlx::query("SELECT EXISTS (SELECT 1 FROM alerts WHERE kind = ?1 AND at >= ?2) AS told")
                    .bind(&alert.kind)
                    .bind(since.0)
                    .fetch_one(connection)
                    .await?;
            Ok(!row.flag("told")?)
        }
        OnlyIf::Price(news) => prices::note(connection, news, at).await,
    }
}

async fn insert(
    connection: &mut SqliteConnection,
    alert: &NewAlert,
    at: UnixMs,
) -> Result<Option<Alert>, StoreError> {
    let row = sqlx::query(
        "INSERT INTO alerts (id, key, kind, level, at, subject, saying, seen_at, simulated)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (key) DO NOTHING RETURNING *",
    )
    .bind(alert.id.to_string())
    .bind(&alert.key)
    .bind(&alert.kind)
    .bind(&alert.level)
    .bind(alert.at.0)
    .bind(&alert.subject)
    .bind(json(&alert.saying)?)
    .bind(alert.seen.then_some(at.0))
    .bind(alert.simulated)
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(read).transpose()
}

fn read(row: &SqliteRow) -> Result<Alert, StoreError> {
    Ok(Alert {
        number: row.int("number")?,
        id: row.parsed("id")?,
        kind: row.text("kind")?,
        level: row.text("level")?,
        at: row.time("at")?,
        subject: row.text("subject")?,
        saying: row.json("saying")?,
        seen_at: row.opt_time("seen_at")?,
        simulated: row.flag("simulated")?,
    })
}
