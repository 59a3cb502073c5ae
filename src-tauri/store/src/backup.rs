//! Verified copies of the database, and what to do with a damaged one.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use roundtable_domain::UnixMs;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};

use crate::error::StoreError;

/// How many backups are kept.
const KEPT: usize = 5;
const PREFIX: &str = "roundtable-";
const SUFFIX: &str = ".db";

/// A verified copy of the database, made before a migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// The copy.
    pub path: PathBuf,
    /// When it was made.
    pub made_at: UnixMs,
}

/// Copies the database, checks the copy, and keeps the newest five. A copy that does not verify is removed and an error.
pub(crate) async fn make(
    connection: &mut SqliteConnection,
    folder: &Path,
    now: UnixMs,
) -> Result<PathBuf, StoreError> {
    std::fs::create_dir_all(folder).map_err(|error| StoreError::io(folder, error))?;
    let path = reserve(|n| folder.join(format!("{PREFIX}{:013}{SUFFIX}", now.0.saturating_add(n))))?;
    let result = copy_and_check(connection, &path).await;
    if let Err(error) = result {
        // A half-written copy must not be mistaken for a backup; that it could not be removed changes nothing.
        drop(std::fs::remove_file(&path));
        return Err(match error.at(&path) {
            full
            @ (StoreError::DiskFull { .. } | StoreError::ReadOnly { .. } | StoreError::Backup { .. }) => full,
            other => StoreError::Backup { path, detail: other.to_string() },
        });
    }
    prune(folder)?;
    Ok(path)
}

async fn copy_and_check(connection: &mut SqliteConnection, path: &Path) -> Result<(), StoreError> {
    let Some(name) = path.to_str() else {
        return Err(StoreError::Backup { path: path.to_owned(), detail: "the path is not UTF-8".to_owned() });
    };
    sqlx::query("VACUUM INTO ?1").bind(name).execute(connection).await?;
    let mut copy =
        SqliteConnectOptions::new().filename(path).read_only(true).immutable(true).connect().await?;
    let verdict: String = sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_one(&mut copy).await?;
    copy.close().await?;
    if verdict != "ok" {
        return Err(StoreError::Backup { path: path.to_owned(), detail: verdict });
    }
    // VACUUM INTO does not sync what it writes.
    std::fs::File::open(path).and_then(|file| file.sync_all()).map_err(|error| StoreError::io(path, error))
}

/// The backups in a folder, newest first. A folder that does not exist has none.
pub fn backups(folder: &Path) -> Result<Vec<Backup>, StoreError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(StoreError::io(folder, error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| StoreError::io(folder, error))?.path();
        let made_at = path
            .file_name()
            .and_then(|name| name.to_str())
            .and_then(|name| name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?.parse().ok());
        if let Some(made_at) = made_at {
            found.push(Backup { path, made_at: UnixMs(made_at) });
        }
    }
    found.sort_by_key(|backup| std::cmp::Reverse(backup.made_at));
    Ok(found)
}

fn prune(folder: &Path) -> Result<(), StoreError> {
    for old in backups(folder)?.into_iter().skip(KEPT) {
        std::fs::remove_file(&old.path).map_err(|error| StoreError::io(&old.path, error))?;
    }
    Ok(())
}

/// Moves a damaged database and its companions (`-wal`, `-shm`) aside and returns the new path. Nothing is deleted and nothing
/// is overwritten. The next [`crate::Store::open`] starts afresh, or from a backup put in place by [`restore_backup`].
pub fn set_aside_corrupt(path: &Path, now: UnixMs) -> Result<PathBuf, StoreError> {
    let aside = unused(|n| with_suffix(path, &format!(".corrupt-{}", now.0.saturating_add(n))));
    std::fs::rename(path, &aside).map_err(|error| StoreError::io(path, error))?;
    for companion in ["-wal", "-shm"] {
        let from = with_suffix(path, companion);
        if from.exists() {
            std::fs::rename(&from, with_suffix(&aside, companion))
                .map_err(|error| StoreError::io(&from, error))?;
        }
    }
    Ok(aside)
}

/// Puts a copy of a backup where there is no database, to be opened next. Refuses to overwrite one: set that aside first.
pub fn restore_backup(backup: &Path, path: &Path) -> Result<(), StoreError> {
    let io = |error| StoreError::io(path, error);
    for taken in [path.to_owned(), with_suffix(path, "-wal")] {
        if taken.exists() {
            return Err(StoreError::io(&taken, std::io::ErrorKind::AlreadyExists.into()));
        }
    }
    let half = with_suffix(path, ".restoring");
    std::fs::copy(backup, &half).map_err(|error| StoreError::io(backup, error))?;
    std::fs::File::open(&half).and_then(|file| file.sync_all()).map_err(io)?;
    std::fs::rename(&half, path).map_err(io)
}

pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// An empty file under the first of a row of names that is not taken: ours, also where another process asks at the same moment. `VACUUM
/// INTO` writes into an empty file.
fn reserve(name: impl Fn(i64) -> PathBuf) -> Result<PathBuf, StoreError> {
    let mut n = 0;
    loop {
        let path = name(n);
        match std::fs::OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(_) => return Ok(path),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => n += 1,
            Err(error) => return Err(StoreError::io(&path, error)),
        }
    }
}

/// The first of a row of names that is not taken.
fn unused(name: impl Fn(i64) -> PathBuf) -> PathBuf {
    let mut n = 0;
    loop {
        let path = name(n);
        if !path.exists() {
            return path;
        }
        n += 1;
    }
}
