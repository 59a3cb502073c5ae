//! Opening the database: look without touching, back up, migrate, then work.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use roundtable_domain::UnixMs;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};

use crate::backup::{self, with_suffix};
use crate::error::StoreError;

pub(crate) static MIGRATOR: Migrator = sqlx::migrate!("../../migrations");

/// Earlier versions can lose a commit when the WAL is reset (fixed in 3.51.3).
const OLDEST_SQLITE: &str = "3.51.3";
/// `Roun`, set by the first migration.
const APPLICATION_ID: i64 = 0x526F_756E;
const READERS: u32 = 4;
/// Modest: the database of a chat program is small, and address space is not the point.
const MMAP_BYTES: &str = "67108864";
/// Files up to this size are checked page by page at every start (about a millisecond per megabyte).
pub(crate) const QUICK_CHECK_BYTES: u64 = 32 * 1024 * 1024;

/// What opening needs to know.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// Now, for the names of backups.
    pub now: UnixMs,
    /// Where backups go; made when the first is needed.
    pub backup_dir: PathBuf,
}

/// What a look at the file said.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    Nothing,
    Schema(i64),
}

pub(crate) struct Opened {
    pub(crate) writer: SqlitePool,
    pub(crate) readers: SqlitePool,
}

/// Opens, and waits for another process that is opening. Everywhere else `SQLite` waits by itself; switching a new file to its WAL
/// is the one thing for which it asks no busy handler.
pub(crate) async fn open(
    path: &Path,
    options: &OpenOptions,
    migrator: &Migrator,
) -> Result<Opened, StoreError> {
    for pause in [10, 20, 50, 100, 200, 400, 800, 1_600] {
        match open_once(path, options, migrator).await {
            Err(StoreError::Busy) => tokio::time::sleep(Duration::from_millis(pause)).await,
            opened => return opened,
        }
    }
    open_once(path, options, migrator).await
}

async fn open_once(path: &Path, options: &OpenOptions, migrator: &Migrator) -> Result<Opened, StoreError> {
    let known = migrator.iter().map(|migration| migration.version).max().unwrap_or(0);
    let found = inspect(path, known).await?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| StoreError::io(folder, error))?;
    }
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .acquire_timeout(Duration::from_secs(30))
        .before_acquire(|connection, _| {
            // SQLite itself rolls back when the disk is full; the driver then takes the connection for one inside a transaction
            // for ever, and every later BEGIN fails. A new connection is clean.
            Box::pin(std::future::ready(Ok(!connection.is_in_transaction())))
        })
        .connect_with(connect_options(path).create_if_missing(true))
        .await?;
    assert_sqlite_version(&writer).await?;
    if matches!(found, Found::Schema(version) if version < known) {
        let mut connection = writer.acquire().await?;
        let backup = backup::make(&mut connection, &options.backup_dir, options.now).await?;
        tracing::info!(backup = %backup.display(), "database backed up before its migration");
    }
    if found != Found::Schema(known) {
        // One transaction around everything: of two processes that start at once, the second finds nothing left to do.
        let begun = std::time::Instant::now();
        let mut tx = writer.begin_with("BEGIN IMMEDIATE").await?;
        migrator.run_direct(None, &mut *tx, false).await?;
        tx.commit().await?;
        let from = if let Found::Schema(version) = found { version } else { 0 };
        let took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(from, to = known, took_ms, "database migrated");
    }
    let readers = SqlitePoolOptions::new()
        .max_connections(READERS)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_with(connect_options(path).read_only(true))
        .await?;
    Ok(Opened { writer, readers })
}

fn connect_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .pragma("mmap_size", MMAP_BYTES)
        .pragma("trusted_schema", "OFF")
}

/// Looks at what is there without writing a byte: no WAL, no lock file, no migration.
async fn inspect(path: &Path, known: i64) -> Result<Found, StoreError> {
    let corrupt = |detail: &str| StoreError::Corrupt { path: path.to_owned(), detail: detail.to_owned() };
    let mut file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(StoreError::io(path, error)),
    };
    let bytes = file.metadata().map_err(|error| StoreError::io(path, error))?.len();
    if bytes == 0 {
        return Ok(Found::Nothing);
    }
    let mut header = [0_u8; 16];
    if file.read_exact(&mut header).is_err() || &header != b"SQLite format 3\0" {
        return Err(corrupt("it is not a database"));
    }
    drop(file);
    let alone = !has_wal(path);
    let found = look(path, alone, known, bytes).await.map_err(|error| error.at(path));
    if alone && has_wal(path) && matches!(found, Err(StoreError::Corrupt { .. })) {
        // Another process began to write while we looked at what we took for a file at rest.
        return look(path, false, known, bytes).await.map_err(|error| error.at(path));
    }
    found
}

fn has_wal(path: &Path) -> bool {
    std::fs::metadata(with_suffix(path, "-wal")).is_ok_and(|wal| wal.len() > 0)
}

/// With `alone`, without a WAL beside it, the file itself is the truth, and `immutable` keeps `SQLite` from making any companion
/// file. Otherwise another process has it open or has died, and the companions exist already.
async fn look(path: &Path, alone: bool, known: i64, bytes: u64) -> Result<Found, StoreError> {
    let mut connection = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .immutable(alone)
        .busy_timeout(Duration::from_secs(5))
        .connect()
        .await?;
    let found = inspect_schema(&mut connection, path, known, bytes).await;
    // Closing a read-only connection writes nothing; if it fails there is nothing to lose.
    drop(connection.close().await);
    found
}

async fn inspect_schema(
    connection: &mut SqliteConnection,
    path: &Path,
    known: i64,
    bytes: u64,
) -> Result<Found, StoreError> {
    let tables: i64 =
        sqlx::query_scalar("SELECT count(*) FROM sqlite_schema").fetch_one(&mut *connection).await?;
    if tables == 0 {
        return Ok(Found::Nothing);
    }
    let application: i64 = sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut *connection).await?;
    if application != APPLICATION_ID {
        return Err(StoreError::Foreign { path: path.to_owned() });
    }
    let version: Option<i64> =
        sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations").fetch_one(&mut *connection).await?;
    let version = version.unwrap_or(0);
    if version > known {
        return Err(StoreError::NewerSchema { path: path.to_owned(), found: version, known });
    }
    if bytes <= QUICK_CHECK_BYTES {
        quick_check(connection, path).await?;
    }
    Ok(Found::Schema(version))
}

pub(crate) async fn quick_check(connection: &mut SqliteConnection, path: &Path) -> Result<(), StoreError> {
    let verdict: String = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(connection).await?;
    if verdict != "ok" {
        return Err(StoreError::Corrupt { path: path.to_owned(), detail: verdict });
    }
    Ok(())
}

async fn assert_sqlite_version(pool: &SqlitePool) -> Result<(), StoreError> {
    let found: String = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(pool).await?;
    if numbers(&found) < numbers(OLDEST_SQLITE) {
        return Err(StoreError::OldSqlite { found, needed: OLDEST_SQLITE });
    }
    Ok(())
}

fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests;
