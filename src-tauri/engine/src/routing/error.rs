//! Why the config folder was not changed.

use std::path::PathBuf;

/// Why a group, a pool, an alias or a rule was not written. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// What is to be written is wrong.
    #[error("{reason}")]
    Wrong {
        /// What is wrong and what would be right.
        reason: String,
    },
    /// The name is another one's.
    #[error("there is a {kind} “{name}” already; take another name")]
    Taken {
        /// `group` or `pool`.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// There is nothing of that name.
    #[error("there is no {kind} “{name}” here any more")]
    NotThere {
        /// `group` or `pool`.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// Something else would break.
    #[error("“{name}” is still used: {by}. Change that first")]
    InUse {
        /// The name.
        name: String,
        /// Where and how.
        by: String,
    },
    /// Somebody else changed the file.
    #[error("{file} has been changed outside of this window; look at it as it is now, then change it again")]
    Changed {
        /// The file, in the folder.
        file: String,
    },
    /// The file has mistakes that a change would hide or lose.
    #[error("{mistake}. Put that right in the file first; nothing was changed")]
    Faulty {
        /// What is wrong, with file and line.
        mistake: String,
    },
    /// It is written in a way that cannot be changed here.
    #[error("{file}: {reason}")]
    NotEditable {
        /// The file, in the folder.
        file: String,
        /// Why.
        reason: String,
    },
    /// A file outside of the folder.
    #[error("{path} cannot be read: {source}", path = path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The disk.
    #[error("{path} cannot be written: {source}", path = path.display())]
    Disk {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl ConfigError {
    /// A stable word for programs.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Wrong { .. } | Self::Taken { .. } => "bad_route",
            Self::NotThere { .. } => "not_found",
            Self::InUse { .. } => "route_in_use",
            Self::Changed { .. } => "routes_changed",
            Self::Faulty { .. } => "faulty_file",
            Self::NotEditable { .. } => "not_editable",
            Self::Unreadable { .. } => "bad_file",
            Self::Disk { .. } => "config_folder",
        }
    }

    /// Whether the same call may work later.
    pub(crate) fn is_retryable(&self) -> bool {
        matches!(self, Self::Changed { .. } | Self::Disk { .. })
    }
}
