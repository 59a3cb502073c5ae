//! Leases: which processes share this data folder.
//!
//! A row says only that a process was here. Whether it still lives is found out by the engine, which holds a lock file per
//! lease; see [`Store::recover`].

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use roundtable_domain::UnixMs;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::Store;
use crate::error::StoreError;
use crate::row::Columns as _;

/// Names one start of one process.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeaseId(String);

impl LeaseId {
    /// Wraps a name the engine has made (a UUID).
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LeaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for LeaseId {
    type Err = Infallible;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::new(text))
    }
}

/// One process that uses this data folder, or did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Which.
    pub id: LeaseId,
    /// For people: for instance `window 4711`.
    pub process: String,
    /// When it started.
    pub started_at: UnixMs,
    /// When it last said so.
    pub heartbeat_at: UnixMs,
}

/// The leases room. Get it from [`Store::leases`].
#[derive(Clone, Copy, Debug)]
pub struct Leases<'s>(pub(crate) &'s Store);

impl Leases<'_> {
    /// Announces this process. To be done before the first run, and again never.
    pub async fn acquire(self, lease: &Lease) -> Result<(), StoreError> {
        let mut tx = self.0.begin().await?;
        sqlx::query("INSERT INTO leases (id, process, started_at, heartbeat_at) VALUES (?1, ?2, ?3, ?4)")
            .bind(lease.id.as_str())
            .bind(&lease.process)
            .bind(lease.started_at.0)
            .bind(lease.heartbeat_at.0)
            .execute(&mut *tx)
            .await?;
        tx.commit().await
    }

    /// Says that the process still lives. `NotFound` when another process took it for dead.
    pub async fn heartbeat(self, id: &LeaseId, at: UnixMs) -> Result<(), StoreError> {
        let query = sqlx::query("UPDATE leases SET heartbeat_at = max(heartbeat_at, ?2) WHERE id = ?1");
        self.0.change_one("lease", id, query.bind(id.as_str()).bind(at.0)).await
    }

    /// Says good-bye. Runs it still owns are recovered by whoever starts next. Repeating it does nothing.
    pub async fn release(self, id: &LeaseId) -> Result<(), StoreError> {
        let mut tx = self.0.begin().await?;
        delete(&mut tx, id).await?;
        tx.commit().await
    }

    /// All rows, oldest first.
    pub async fn list(self) -> Result<Vec<Lease>, StoreError> {
        list(&mut *self.0.readers.acquire().await?).await
    }
}

pub(crate) async fn list(connection: &mut SqliteConnection) -> Result<Vec<Lease>, StoreError> {
    let rows = sqlx::query("SELECT * FROM leases ORDER BY started_at, id").fetch_all(connection).await?;
    rows.iter().map(read).collect()
}

pub(crate) async fn delete(connection: &mut SqliteConnection, id: &LeaseId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM leases WHERE id = ?1").bind(id.as_str()).execute(connection).await?;
    Ok(())
}

fn read(row: &SqliteRow) -> Result<Lease, StoreError> {
    Ok(Lease {
        id: row.parsed("id")?,
        process: row.text("process")?,
        started_at: row.time("started_at")?,
        heartbeat_at: row.time("heartbeat_at")?,
    })
}
