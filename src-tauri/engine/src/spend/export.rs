//! Files the user saves.

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::error::SpendError;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::AppError;

/// Longer names some file systems refuse.
const LONGEST_NAME: usize = 150;

/// So many files of one name.
const MOST_COPIES: u32 = 1_000;

impl Engine {
    /// Writes a file into the downloads folder, which is made when it is not there, under this name or the next one that is free.
    /// Gives its path. Without such a folder it goes into one beside the database.
    pub async fn save_export(
        &self,
        downloads: Option<PathBuf>,
        name: &str,
        bytes: Vec<u8>,
    ) -> Result<String, AppError> {
        if !is_plain(name) {
            return Err(EngineError::from(SpendError::Name(name.to_owned())).into());
        }
        let name = name.to_owned();
        let folder = downloads.unwrap_or_else(|| self.inner.data_dir.root().join("exports"));
        let saved = tokio::task::spawn_blocking(move || {
            let failed = |source| SpendError::Write { folder: folder.display().to_string(), source };
            save(&folder, &name, &bytes).map_err(failed)
        });
        let path = saved.await.map_err(|_| EngineError::Closed)?.map_err(EngineError::from)?;
        Ok(path.display().to_string())
    }
}

/// Whether it is a name and not a path, on every system.
fn is_plain(name: &str) -> bool {
    let refused = |character: char| character.is_control() || "/\\:*?\"<>|".contains(character);
    !name.is_empty()
        && name.len() <= LONGEST_NAME
        && !name.starts_with('.')
        && !name.ends_with(['.', ' '])
        && !name.contains(refused)
}

fn save(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    for copy in 1..=MOST_COPIES {
        let path = folder.join(numbered(name, copy));
        // Never over what is there.
        match std::fs::OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                let written = file.write_all(bytes).and_then(|()| file.sync_all());
                if written.is_err() {
                    // Half a file is worse than none.
                    drop(std::fs::remove_file(&path));
                }
                return written.map(|()| path);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

/// `spend.csv`, `spend (2).csv` and so on.
fn numbered(name: &str, copy: u32) -> String {
    match (copy, name.rsplit_once('.')) {
        (1, _) => name.to_owned(),
        (_, Some((stem, ending))) => format!("{stem} ({copy}).{ending}"),
        (_, None) => format!("{name} ({copy})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_never_a_path() {
        for name in ["spend.csv", "Ausgaben März.png", "费用.csv", "a"] {
            assert!(is_plain(name), "{name}");
        }
        for name in [
            "",
            ".",
            "..",
            "../x",
            "a/b",
            "a\\b",
            "C:x",
            ".hidden",
            "a\0b",
            "a\nb",
            "x.",
            "x ",
            &"x".repeat(151),
        ] {
            assert!(!is_plain(name), "{name:?}");
        }
    }

    #[test]
    fn nothing_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let downloads = folder.path().join("downloads");
        let first = save(&downloads, "spend.csv", b"one").unwrap();
        let second = save(&downloads, "spend.csv", b"two").unwrap();
        assert_eq!(second, downloads.join("spend (2).csv"));
        assert_eq!(
            (std::fs::read(first).unwrap(), std::fs::read(second).unwrap()),
            (b"one".to_vec(), b"two".to_vec())
        );
        assert_eq!(numbered("spend", 3), "spend (3)");
    }
}
