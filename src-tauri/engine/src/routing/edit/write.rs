//! Changing files on the disk. Everything here blocks and is called where that is allowed.

use std::fs;
use std::path::{Path, PathBuf};

use super::super::error::ConfigError;
use super::super::folder::replace;

/// One step. `expected` is the text the file has to have, so that nobody's work is overwritten; none: there is no file.
#[derive(Debug)]
pub(in crate::routing) enum Change {
    /// The file gets another name.
    Move { from: String, to: String, expected: Option<String> },
    /// The file has this text afterwards, all of it or nothing of it.
    Write { path: String, text: String, expected: Option<String> },
    /// The file is set aside under its name with `.removed` behind it.
    SetAside { path: String, expected: Option<String> },
}

/// Makes the changes in their order, and stops at the first that cannot be made.
pub(in crate::routing) fn write(root: &Path, changes: &[Change]) -> Result<(), ConfigError> {
    // All are looked at before the first is made.
    for change in changes {
        let (Change::Move { from: path, expected, .. } | Change::SetAside { path, expected }) = change else {
            continue;
        };
        refuse_changed(root, path, expected.as_deref())?;
    }
    changes.iter().try_for_each(|change| make(root, change))
}

fn make(root: &Path, change: &Change) -> Result<(), ConfigError> {
    match change {
        Change::Move { from, to, .. } => {
            let path = root.join(from);
            fs::rename(&path, root.join(to)).map_err(|source| ConfigError::Disk { path, source })
        }
        Change::Write { path, text, expected } => {
            refuse_changed(root, path, expected.as_deref())?;
            let path = root.join(path);
            replace(&path, text).map_err(|source| ConfigError::Disk { path, source })
        }
        Change::SetAside { path, .. } => {
            let path = root.join(path);
            let mut aside = path.clone().into_os_string();
            aside.push(".removed");
            fs::rename(&path, PathBuf::from(aside)).map_err(|source| ConfigError::Disk { path, source })
        }
    }
}

fn refuse_changed(root: &Path, path: &str, expected: Option<&str>) -> Result<(), ConfigError> {
    let there = match fs::read(root.join(path)) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(source) => return Err(ConfigError::Disk { path: root.join(path), source }),
    };
    if there.as_deref() == expected.map(str::as_bytes) {
        Ok(())
    } else {
        Err(ConfigError::Changed { file: path.to_owned() })
    }
}
