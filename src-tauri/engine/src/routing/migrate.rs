//! The old single file (`llm.yaml`) turned into a group and a pool of the config folder.

use std::path::{Path, PathBuf};

use roundtable_router::route::{Migration, Mistake, Severity, migrate};

use super::Config;
use super::edit::write::{Change, write};
use super::error::ConfigError;
use super::folder::ConfigFile;
use super::views::mistake_view;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{AppError, MistakeView};

/// How an old file is taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationOptions {
    /// The group's name; the old file's own without its ending if `None`.
    pub name: Option<String>,
    /// Copies the old file, and whatever is replaced, under its name with `.backup` behind it.
    pub backup: bool,
    /// Only says what would be done.
    pub validate_only: bool,
}

/// What became of an old file.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigMigration {
    /// What is wrong in the old file. With an error nothing was written.
    pub mistakes: Vec<MistakeView>,
    /// The files it becomes.
    pub files: Vec<MigratedFile>,
    /// The copies that were made.
    pub backups: Vec<PathBuf>,
    /// What was done with each key of the old file and why.
    pub notes: Vec<String>,
}

/// A file an old one becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigratedFile {
    /// Its path in the config folder.
    pub path: String,
    /// All of its text.
    pub text: String,
    /// What is done to it.
    pub change: FileChange,
}

/// What is done to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileChange {
    /// It is made.
    New,
    /// It said something else.
    Replaced,
    /// It says this already.
    None,
}

impl FileChange {
    /// The word used in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Replaced => "replaced",
            Self::None => "none",
        }
    }
}

impl Engine {
    /// Turns the old single file into a group and a pool, or says what in it is not understood. The old file stays as it is.
    /// Done again, it does nothing.
    pub async fn migrate_config(
        &self,
        path: &Path,
        options: &MigrationOptions,
    ) -> Result<ConfigMigration, AppError> {
        Ok(self.take_over_config(path, options).await?)
    }

    async fn take_over_config(
        &self,
        path: &Path,
        options: &MigrationOptions,
    ) -> Result<ConfigMigration, EngineError> {
        let disk = |source| ConfigError::Unreadable { path: path.to_owned(), source };
        let text = tokio::fs::read_to_string(path).await.map_err(disk)?;
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let name = options.name.clone().unwrap_or(stem);
        let file_name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let migration = match migrate(&file_name.unwrap_or_default(), &text, &name) {
            Ok(migration) => migration,
            Err(mistakes) => {
                let mistakes = mistakes.iter().map(mistake_view).collect();
                return Ok(ConfigMigration { mistakes, files: vec![], backups: vec![], notes: vec![] });
            }
        };
        let folder = &self.inner.config;
        let _one_at_a_time = folder.editing.lock().await;
        let before = folder.fresh().await;
        let files = planned(&before, &migration);
        refuse_new_mistakes(&before, &files)?;
        let mut backups = Vec::new();
        if !options.validate_only && files.iter().any(|file| file.change != FileChange::None) {
            let (root, old, files, backup) =
                (folder.root().to_owned(), path.to_owned(), files.clone(), options.backup);
            let written =
                tokio::task::spawn_blocking(move || carry_out(&root, &old, &before, &files, backup));
            backups = written.await.map_err(|_| EngineError::Closed)??;
            folder.reread().await;
        }
        Ok(ConfigMigration { mistakes: Vec::new(), files, backups, notes: migration.notes })
    }
}

fn planned(before: &Config, migration: &Migration) -> Vec<MigratedFile> {
    let file = |new: &roundtable_router::route::NewFile| {
        let there = before.file(&new.path);
        let change = match there.and_then(ConfigFile::text) {
            Some(text) if **text == *new.text => FileChange::None,
            _ if there.is_some() => FileChange::Replaced,
            _ => FileChange::New,
        };
        MigratedFile { path: new.path.clone(), text: new.text.clone(), change }
    };
    vec![file(&migration.group), file(&migration.pool)]
}

/// What the new files would break is said before anything is written.
fn refuse_new_mistakes(before: &Config, files: &[MigratedFile]) -> Result<(), ConfigError> {
    let mut all: Vec<ConfigFile> = before.files.to_vec();
    all.retain(|file| files.iter().all(|new| new.path != file.path));
    all.extend(files.iter().map(|file| ConfigFile::new(&file.path, &file.text)));
    all.sort_by(|one, other| one.path.cmp(&other.path));
    let was_there = |mistake: &Mistake| before.mistakes.contains(mistake);
    let after = Config::of(all);
    match after.mistakes.iter().find(|new| new.severity == Severity::Error && !was_there(new)) {
        Some(mistake) => Err(ConfigError::Wrong { reason: mistake.to_string() }),
        None => Ok(()),
    }
}

/// Copies what is to be kept, then writes. Blocks.
fn carry_out(
    root: &Path,
    old: &Path,
    before: &Config,
    files: &[MigratedFile],
    backup: bool,
) -> Result<Vec<PathBuf>, ConfigError> {
    let mut backups = Vec::new();
    if backup {
        backups.push(copy(old)?);
        for file in files.iter().filter(|file| file.change == FileChange::Replaced) {
            backups.push(copy(&root.join(&file.path))?);
        }
    }
    let changes: Vec<Change> = files
        .iter()
        .filter(|file| file.change != FileChange::None)
        .map(|file| Change::Write {
            path: file.path.clone(),
            text: file.text.clone(),
            expected: before.file(&file.path).and_then(ConfigFile::text).map(ToString::to_string),
        })
        .collect();
    write(root, &changes)?;
    Ok(backups)
}

/// Copies a file to its name with `.backup` behind it, or `.backup2` and so on where another copy is: no copy is overwritten.
fn copy(path: &Path) -> Result<PathBuf, ConfigError> {
    let failed = |source| ConfigError::Disk { path: path.to_owned(), source };
    let bytes = std::fs::read(path).map_err(failed)?;
    let endings = std::iter::once(String::new()).chain((2_u32..).map(|number| number.to_string()));
    for ending in endings {
        let mut name = path.to_owned().into_os_string();
        name.push(format!(".backup{ending}"));
        let target = PathBuf::from(name);
        match std::fs::read(&target) {
            Ok(there) if there == bytes => return Ok(target),
            Ok(_) => {}
            Err(_) => {
                std::fs::write(&target, &bytes)
                    .map_err(|source| ConfigError::Disk { path: target.clone(), source })?;
                return Ok(target);
            }
        }
    }
    Ok(path.to_owned())
}

#[cfg(test)]
mod tests;
