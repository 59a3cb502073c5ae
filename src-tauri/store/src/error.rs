//! What can go wrong with the database. A variant exists where somebody acts on it.

use std::path::{Path, PathBuf};

use roundtable_domain::RunId;

use crate::budgets::OverBudget;

/// A failure of the store. Each message says what happened and what to do next.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database was written by a newer Roundtable. Nothing was touched.
    #[error(
        "{path} was written by a newer Roundtable (schema {found}, this one knows {known}); nothing was changed. \
         Start the newer version, or choose another data folder"
    )]
    NewerSchema {
        /// The database.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest schema of this program.
        known: i64,
    },
    /// The file is damaged or no database at all. It has not been touched; see [`crate::set_aside_corrupt`].
    #[error("{path} is damaged: {detail}. Set it aside and restore a backup, or start afresh")]
    Corrupt {
        /// The database.
        path: PathBuf,
        /// What `SQLite` says about it.
        detail: String,
    },
    /// A sound `SQLite` database that is somebody else's.
    #[error("{path} belongs to another program; nothing was changed. Choose another data folder")]
    Foreign {
        /// The database.
        path: PathBuf,
    },
    /// The file or its folder cannot be written.
    #[error(
        "cannot write {}. Make the folder writable, or choose another one with --data-dir or ROUNDTABLE_DATA_DIR",
        place(.path.as_deref())
    )]
    ReadOnly {
        /// The database or its folder, where known.
        path: Option<PathBuf>,
    },
    /// No room. What was already saved is safe.
    #[error("the disk that holds {} is full. Free some space and try again", place(.path.as_deref()))]
    DiskFull {
        /// The database or its folder, where known.
        path: Option<PathBuf>,
    },
    /// Another process kept the database locked for longer than five seconds. Worth trying again.
    #[error("another program is busy with the database; try again in a moment")]
    Busy,
    /// There is no such row: deleted in the meantime, perhaps by another window.
    #[error("this {what} does not exist any more ({id})")]
    NotFound {
        /// For instance `conversation`.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// A checkpoint does not continue what is stored. The offset says where the stored text ends; send the rest from there.
    #[error("run {run_id} has {stored} bytes stored, but the checkpoint starts at {offset}")]
    CheckpointGap {
        /// The run.
        run_id: RunId,
        /// Bytes already stored.
        stored: u64,
        /// Where the refused checkpoint started.
        offset: u64,
    },
    /// Money could not be set aside: budgets stand in the way. Nothing was written, so nothing may be sent.
    #[error("{}", .0)]
    OverBudget(Box<OverBudget>),
    /// The backup before a migration could not be made or did not verify. The database has not been migrated.
    #[error("could not make a verified backup at {path}: {detail}. The database has not been changed")]
    Backup {
        /// The backup.
        path: PathBuf,
        /// Why.
        detail: String,
    },
    /// The `SQLite` in use has the WAL-reset bug.
    #[error("SQLite {found} is too old: {needed} or newer is needed")]
    OldSqlite {
        /// The version in use.
        found: String,
        /// The oldest acceptable one.
        needed: &'static str,
    },
    /// A migration that has run differs from the one in this program, or it failed.
    #[error("the database could not be brought up to date: {0}")]
    Migration(String),
    /// Files could not be moved, copied or listed.
    #[error("{path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Anything else `SQLite` says. A defect of ours, most likely.
    #[error("the database refused: {0}")]
    Sqlx(#[source] sqlx::Error),
}

fn place(path: Option<&Path>) -> String {
    path.map_or_else(|| "the data folder".to_owned(), |path| path.display().to_string())
}

/// The primary result codes of `SQLite` that have a variant of their own (sqlite.org/rescode.html).
mod code {
    pub(super) const BUSY: i64 = 5;
    pub(super) const READONLY: i64 = 8;
    pub(super) const CORRUPT: i64 = 11;
    pub(super) const FULL: i64 = 13;
    pub(super) const CANTOPEN: i64 = 14;
    pub(super) const NOTADB: i64 = 26;
}

impl StoreError {
    pub(crate) fn not_found(what: &'static str, id: impl std::fmt::Display) -> Self {
        Self::NotFound { what, id: id.to_string() }
    }

    /// A stored word or JSON that this program cannot read.
    pub(crate) fn unreadable(column: &str, detail: impl std::fmt::Display) -> Self {
        Self::Sqlx(sqlx::Error::Decode(format!("column {column}: {detail}").into()))
    }

    pub(crate) fn io(path: &Path, source: std::io::Error) -> Self {
        match source.kind() {
            std::io::ErrorKind::ReadOnlyFilesystem
            | std::io::ErrorKind::PermissionDenied
            | std::io::ErrorKind::NotADirectory => Self::ReadOnly { path: Some(path.to_owned()) },
            std::io::ErrorKind::StorageFull => Self::DiskFull { path: Some(path.to_owned()) },
            _ => Self::Io { path: path.to_owned(), source },
        }
    }

    /// Names the file in an error that does not know it yet.
    #[must_use]
    pub fn at(self, file: &Path) -> Self {
        let named = || Some(file.to_owned());
        match self {
            Self::ReadOnly { path: None } => Self::ReadOnly { path: named() },
            Self::DiskFull { path: None } => Self::DiskFull { path: named() },
            Self::Corrupt { path, detail } if path.as_os_str().is_empty() => {
                Self::Corrupt { path: file.to_owned(), detail }
            }
            other => other,
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let Some(database) = error.as_database_error() else {
            return match error {
                // The pool's only writer is taken for too long by this very process.
                sqlx::Error::PoolTimedOut => Self::Busy,
                other => Self::Sqlx(other),
            };
        };
        let extended: i64 = database.code().and_then(|code| code.parse().ok()).unwrap_or(0);
        match extended & 0xff {
            code::BUSY => Self::Busy,
            code::READONLY | code::CANTOPEN => Self::ReadOnly { path: None },
            code::FULL => Self::DiskFull { path: None },
            code::CORRUPT | code::NOTADB => {
                Self::Corrupt { path: PathBuf::new(), detail: database.message().to_owned() }
            }
            _ => Self::Sqlx(error),
        }
    }
}

impl From<sqlx::migrate::MigrateError> for StoreError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        match error {
            sqlx::migrate::MigrateError::Execute(inner)
            | sqlx::migrate::MigrateError::ExecuteMigration(inner, _) => match Self::from(inner) {
                Self::Sqlx(inner) => Self::Migration(inner.to_string()),
                other => other,
            },
            other => Self::Migration(other.to_string()),
        }
    }
}
