//! Migrations, with schemas that do not exist yet.

use std::collections::BTreeMap;

use sqlx::migrate::{Migration, MigrationType};
use sqlx::sqlite::SqliteConnection;

use super::*;
use crate::Store;

/// The program of a later day: one more migration than today.
fn later(sql: &'static str) -> Migrator {
    let mut migrations: Vec<Migration> = MIGRATOR.iter().cloned().collect();
    let text = sqlx::SqlSafeStr::into_sql_str(sql);
    migrations.push(Migration::new(9_000, "later".into(), MigrationType::Simple, text, false));
    Migrator::with_migrations(migrations)
}

/// The newest schema of today.
fn newest() -> i64 {
    MIGRATOR.iter().map(|migration| migration.version).max().unwrap()
}

const GOOD: &str = "CREATE TABLE later (id TEXT) STRICT";

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("roundtable.db")
    }

    fn backups(&self) -> PathBuf {
        self.0.path().join("backups")
    }

    fn options(&self, now: i64) -> OpenOptions {
        OpenOptions { now: UnixMs(now), backup_dir: self.backups() }
    }

    async fn open(&self, migrator: &Migrator, now: i64) -> Result<Store, StoreError> {
        Store::open_with(&self.file(), &self.options(now), migrator).await
    }

    /// Every file here, byte for byte.
    fn bytes(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let entries = std::fs::read_dir(self.0.path()).unwrap().map(|entry| entry.unwrap().path());
        entries
            .filter(|path| path.is_file())
            .map(|path| (path.clone(), std::fs::read(path).unwrap()))
            .collect()
    }
}

async fn read(path: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(path).read_only(true).connect().await.unwrap()
}

#[tokio::test]
async fn a_newer_schema_is_refused_without_touching_a_byte() {
    let folder = Folder::new();
    folder.open(&later(GOOD), 1).await.unwrap().close().await;
    let before = folder.bytes();
    assert_eq!(before.len(), 1, "closed properly, the database is one file");

    let refused = folder.open(&MIGRATOR, 2).await;
    let Err(StoreError::NewerSchema { path, found: 9_000, known }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(known, newest());
    assert_eq!(path, folder.file());
    assert_eq!(folder.bytes(), before);
    assert!(!folder.backups().exists());
}

#[tokio::test]
async fn a_newer_schema_is_refused_while_its_program_runs_and_after_it_was_killed() {
    let folder = Folder::new();
    let newer = folder.open(&later(GOOD), 1).await.unwrap();
    let before = folder.bytes();
    assert!(before.contains_key(&with_suffix(&folder.file(), "-wal")), "the schema is still in the WAL");
    assert!(matches!(folder.open(&MIGRATOR, 2).await, Err(StoreError::NewerSchema { .. })));
    assert_eq!(folder.bytes(), before);
    newer.settings().set("a", &serde_json::json!(1), UnixMs(3)).await.unwrap();

    // What a kill -9 leaves: the file and its WAL, without the index of the WAL.
    let killed = Folder::new();
    for suffix in ["", "-wal"] {
        std::fs::copy(with_suffix(&folder.file(), suffix), with_suffix(&killed.file(), suffix)).unwrap();
    }
    let before = killed.bytes();
    assert!(matches!(killed.open(&MIGRATOR, 2).await, Err(StoreError::NewerSchema { .. })));
    let after = killed.bytes();
    for (path, bytes) in &before {
        assert_eq!(after.get(path), Some(bytes), "{}", path.display());
    }
}

#[tokio::test]
async fn a_migration_is_preceded_by_a_verified_backup() {
    let folder = Folder::new();
    let store = folder.open(&MIGRATOR, 1).await.unwrap();
    store.settings().set("kept", &serde_json::json!("yes"), UnixMs(1)).await.unwrap();
    store.close().await;
    assert!(!folder.backups().exists(), "a new database needs none");

    let migrated = folder.open(&later(GOOD), 77).await.unwrap();
    assert_eq!(migrated.settings().get("kept").await.unwrap(), Some(serde_json::json!("yes")));
    let backups = crate::backups(&folder.backups()).unwrap();
    assert_eq!(backups.len(), 1);
    assert_eq!(backups[0].made_at, UnixMs(77));

    let mut copy = read(&backups[0].path).await;
    let version: i64 =
        sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations").fetch_one(&mut copy).await.unwrap();
    let kept: String = sqlx::query_scalar("SELECT value FROM settings").fetch_one(&mut copy).await.unwrap();
    assert_eq!(
        (version, kept.as_str()),
        (newest(), "\"yes\""),
        "the backup is the state before the migration"
    );

    migrated.close().await;
    folder.open(&later(GOOD), 78).await.unwrap();
    assert_eq!(crate::backups(&folder.backups()).unwrap().len(), 1, "nothing to migrate, nothing to back up");
}

#[tokio::test]
async fn a_migration_that_fails_changes_nothing_and_the_newest_five_backups_stay() {
    let folder = Folder::new();
    folder.open(&MIGRATOR, 1).await.unwrap().close().await;
    let bad = later("CREATE TABLE half (id TEXT) STRICT; CREATE TABLE half (id TEXT) STRICT");
    for now in 10..17 {
        let failed = folder.open(&bad, now).await;
        assert!(matches!(failed, Err(StoreError::Migration(_))), "{failed:?}");
    }
    let kept: Vec<i64> =
        crate::backups(&folder.backups()).unwrap().iter().map(|backup| backup.made_at.0).collect();
    assert_eq!(kept, [16, 15, 14, 13, 12]);
    folder.open(&MIGRATOR, 20).await.unwrap();
}

#[tokio::test]
async fn without_a_backup_there_is_no_migration() {
    let folder = Folder::new();
    folder.open(&MIGRATOR, 1).await.unwrap().close().await;
    std::fs::write(folder.backups(), "a file where the folder should be").unwrap();
    assert!(folder.open(&later(GOOD), 2).await.is_err());
    folder.open(&MIGRATOR, 3).await.unwrap();
}

#[tokio::test]
async fn two_that_migrate_at_once_both_get_there() {
    let folder = Folder::new();
    let (one, two) = tokio::join!(folder.open(&MIGRATOR, 1), folder.open(&MIGRATOR, 1));
    one.unwrap().close().await;
    two.unwrap().close().await;
    let newer = later(GOOD);
    let (one, two) = tokio::join!(folder.open(&newer, 2), folder.open(&newer, 2));
    one.unwrap();
    two.unwrap();
}

#[tokio::test]
async fn a_changed_migration_is_noticed() {
    let folder = Folder::new();
    folder.open(&later(GOOD), 1).await.unwrap().close().await;
    let changed = later("CREATE TABLE later (id TEXT, other TEXT) STRICT");
    // Its version is known already, so only the checksum tells; opening at the same version does not run the migrator.
    let store = folder.open(&changed, 2).await.unwrap();
    let mut connection = store.writer.acquire().await.unwrap();
    assert!(changed.run_direct(None, &mut *connection, false).await.is_err());
}

#[tokio::test]
async fn a_full_disk_says_so_and_loses_nothing() {
    let folder = Folder::new();
    let store = folder.open(&MIGRATOR, 1).await.unwrap();
    store.settings().set("a", &serde_json::json!("small"), UnixMs(1)).await.unwrap();
    sqlx::query("PRAGMA max_page_count = 1").execute(&store.writer).await.unwrap();
    let large = serde_json::json!("x".repeat(4 << 20));
    let full = store.settings().set("b", &large, UnixMs(2)).await;
    assert!(matches!(full, Err(StoreError::DiskFull { .. })), "{full:?}");
    assert_eq!(store.settings().get("a").await.unwrap(), Some(serde_json::json!("small")));

    sqlx::query("PRAGMA max_page_count = 1000000").execute(&store.writer).await.unwrap();
    store.settings().set("b", &large, UnixMs(3)).await.unwrap();
}

#[tokio::test]
async fn a_lock_of_another_process_is_busy() {
    let folder = Folder::new();
    let store = folder.open(&MIGRATOR, 1).await.unwrap();
    let held = store.begin().await.unwrap();
    let mut other = SqliteConnectOptions::new()
        .filename(folder.file())
        .busy_timeout(Duration::ZERO)
        .connect()
        .await
        .unwrap();
    let refused = sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.map_err(StoreError::from);
    assert!(matches!(refused, Err(StoreError::Busy)), "{refused:?}");
    drop(held);
}

#[tokio::test]
async fn the_pragmas_of_the_design_are_in_force() {
    let folder = Folder::new();
    let store = folder.open(&MIGRATOR, 1).await.unwrap();
    for pool in [&store.writer, &store.readers] {
        let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(pool).await.unwrap();
        let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(pool).await.unwrap();
        let keys: i64 = sqlx::query_scalar("PRAGMA foreign_keys").fetch_one(pool).await.unwrap();
        let patience: i64 = sqlx::query_scalar("PRAGMA busy_timeout").fetch_one(pool).await.unwrap();
        assert_eq!((mode.as_str(), synchronous, keys, patience), ("wal", 2, 1, 5_000));
    }
    let write = sqlx::query("DELETE FROM settings").execute(&store.readers).await;
    assert!(write.is_err(), "readers only read");
}

#[test]
fn versions_compare_by_number() {
    assert!(numbers("3.9.0") < numbers(OLDEST_SQLITE));
    assert!(numbers("3.51.2") < numbers(OLDEST_SQLITE));
    assert!(numbers("3.51.3") >= numbers(OLDEST_SQLITE));
    assert!(numbers("3.100.0") >= numbers(OLDEST_SQLITE));
}
