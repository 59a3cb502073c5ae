//! Who is alive: each process of a data folder holds a locked file. A lock goes with its process, however that ends, so a
//! lease whose file can be locked by somebody else is a lease whose owner is gone.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use crate::error::EngineError;

/// This process's locked file; removed when dropped.
#[derive(Debug)]
pub(crate) struct LeaseFile {
    path: PathBuf,
    _locked: File,
}

impl LeaseFile {
    /// Creates and locks the file of the lease `id`.
    pub(crate) fn acquire(folder: &Path, id: &str) -> Result<Self, EngineError> {
        let path = folder.join(format!("{id}.lock"));
        let failed = |source| EngineError::DataDir { path: folder.to_owned(), source };
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
        file.try_lock().map_err(|error| failed(error.into()))?;
        Ok(Self { path, _locked: file })
    }
}

impl Drop for LeaseFile {
    fn drop(&mut self) {
        // A leftover file is unlocked and therefore harmless.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Whether the process that holds the lease `id` still runs.
pub(crate) fn is_alive(folder: &Path, id: &str) -> bool {
    let path = folder.join(format!("{id}.lock"));
    let file = match OpenOptions::new().write(true).open(&path) {
        Ok(file) => file,
        // Only a file that is not there says that nobody holds it: who cannot look (no descriptor left, no permission) must not bury the living.
        Err(error) => return error.kind() != std::io::ErrorKind::NotFound,
    };
    match file.try_lock() {
        Ok(()) => {
            // Nobody held it: its owner is gone.
            let _ = std::fs::remove_file(&path);
            false
        }
        Err(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_lives_as_long_as_its_file_is_held() {
        let folder = tempfile::tempdir().unwrap();
        let lease = LeaseFile::acquire(folder.path(), "a").unwrap();
        assert!(is_alive(folder.path(), "a"));
        assert!(LeaseFile::acquire(folder.path(), "a").is_err());
        drop(lease);
        assert!(!is_alive(folder.path(), "a"));
        assert!(!is_alive(folder.path(), "never"));
    }

    #[test]
    fn who_cannot_be_looked_at_is_alive() {
        let folder = tempfile::tempdir().unwrap();
        // No file that could be opened for writing, whoever asks.
        std::fs::create_dir(folder.path().join("c.lock")).unwrap();
        assert!(is_alive(folder.path(), "c"));
    }

    #[test]
    fn a_file_left_by_a_killed_process_is_not_alive() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("b.lock"), "").unwrap();
        assert!(!is_alive(folder.path(), "b"));
        assert!(!folder.path().join("b.lock").exists());
    }
}
