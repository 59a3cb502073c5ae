//! The config folder: `groups/*.yaml`, `pools/*.yaml`, `aliases.yaml`, `rules.yaml` and `choice.yaml`.
//!
//! It is read when somebody asks for it and something has changed. Nothing watches it: names, sizes and times of its files are
//! compared, at most twice a second, by whoever asks. A file that became wrong does not take away what it said before: its last
//! good version stays in use, beyond the end of the program too, and a mistake says so.

mod disk;
mod in_force;
mod reading;
mod remembered;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use roundtable_router::choose::{Preference, RuleBook};
use roundtable_router::route::{Mistake, Routes, Severity};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::data_dir::DataDir;
use crate::engine::Engine;
pub(crate) use disk::{ConfigFile, replace};
use remembered::Versions;

/// How long what was seen is taken for true.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What the config folder says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Config {
    /// Groups, pools and aliases.
    pub(crate) routes: Routes,
    /// The user's rules.
    pub(crate) rules: RuleBook,
    /// How to choose where no rule says so.
    pub(crate) preference: Preference,
    /// What is wrong, by file, then by line. Models nobody knows are not among it, see [`Config::check`].
    pub(crate) mistakes: Vec<Mistake>,
    /// Changes with every change of a file: sixteen hexadecimal digits.
    pub(crate) revision: String,
    /// The files as they are, by path.
    pub(crate) files: Arc<[ConfigFile]>,
    /// Files with an error of their own, by path.
    pub(crate) faulty: BTreeSet<String>,
    /// What is in use of files that are wrong now, by path.
    earlier: Versions,
}

/// The folder, and what was last read of it.
#[derive(Debug)]
pub(crate) struct ConfigFolder {
    root: PathBuf,
    /// Where good versions are remembered.
    memory: PathBuf,
    /// Held while the folder is read, so that one looks for all. Never across anything else.
    latest: Mutex<Option<Latest>>,
    /// What the window was last shown: a file that is not as it was then is not overwritten.
    shown: std::sync::Mutex<Option<Arc<Config>>>,
    /// Held while files are changed, one change after the other.
    pub(super) editing: Mutex<()>,
}

#[derive(Debug)]
struct Latest {
    config: Arc<Config>,
    /// None: to be read whatever is found.
    marks: Option<Vec<disk::Mark>>,
    looked_at: Instant,
    /// The last version of each file without an error of its own.
    good: Versions,
}

impl Engine {
    /// Groups, pools, aliases and rules as they are in force, at most half a second old; none without a config folder.
    pub(crate) async fn config(&self) -> Arc<Config> {
        self.inner.config.current().await
    }
}

impl ConfigFolder {
    /// Nothing is read or created yet.
    pub(crate) fn new(data_dir: &DataDir) -> Self {
        Self {
            root: data_dir.config(),
            memory: data_dir.config_memory(),
            latest: Mutex::default(),
            shown: std::sync::Mutex::default(),
            editing: Mutex::default(),
        }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// What the folder says, at most half a second old.
    pub(crate) async fn current(&self) -> Arc<Config> {
        self.read(LOOK_EVERY).await
    }

    /// What the folder says at this moment.
    pub(crate) async fn fresh(&self) -> Arc<Config> {
        self.read(Duration::ZERO).await
    }

    /// What the folder says after a change of our own, whatever the times of its files tell.
    pub(super) async fn reread(&self) -> Arc<Config> {
        if let Some(latest) = &mut *self.latest.lock().await {
            latest.marks = None;
        }
        self.fresh().await
    }

    /// This is what the window sees now.
    pub(super) fn show(&self, config: &Arc<Config>) {
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(config));
    }

    /// What the window sees.
    pub(super) fn shown(&self) -> Option<Arc<Config>> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn read(&self, age: Duration) -> Arc<Config> {
        let mut latest = self.latest.lock().await;
        let now = Instant::now();
        if let Some(latest) = latest.as_ref().filter(|latest| now.duration_since(latest.looked_at) < age) {
            return Arc::clone(&latest.config);
        }
        let known = latest.as_ref().and_then(|latest| latest.marks.clone());
        let (root, memory) = (self.root.clone(), self.memory.clone());
        let good = latest.as_ref().map(|latest| latest.good.clone());
        // Nothing of this fails; a task that was not run at all (the program ends) finds what was found before.
        let look = tokio::task::spawn_blocking(move || {
            let good = good.unwrap_or_else(|| remembered::load(&memory));
            let paths: Vec<String> = good.keys().cloned().collect();
            let found = disk::look(&root, known.as_deref(), &paths)?;
            Some(Read::of(found, &good, &memory))
        });
        let read = look.await.ok().flatten();
        match (&mut *latest, read) {
            (Some(latest), None) => {
                latest.looked_at = now;
                Arc::clone(&latest.config)
            }
            (slot, read) => {
                let Read { config, marks, good } = read.unwrap_or_default();
                let before = slot.take().map(|latest| latest.config);
                // What cannot be read is looked at again each time, and told of once.
                let same =
                    before.filter(|before| before.files == config.files && before.earlier == config.earlier);
                let config = same.unwrap_or_else(|| {
                    config.report();
                    Arc::new(config)
                });
                *slot = Some(Latest { config: Arc::clone(&config), marks, looked_at: now, good });
                config
            }
        }
    }
}

/// What was read of the folder.
#[derive(Default)]
struct Read {
    config: Config,
    /// None: a file could not be read, and nothing but another try shows when it can be.
    marks: Option<Vec<disk::Mark>>,
    good: Versions,
}

impl Read {
    /// Reads what was found, and remembers what is good of it. Blocks.
    fn of(found: disk::Found, before: &Versions, memory: &Path) -> Self {
        let disk::Found { marks, files } = found;
        let is_readable = files.iter().all(|file| file.text().is_some());
        let written: BTreeMap<&str, _> = marks.iter().map(|mark| (mark.path(), mark.written_at())).collect();
        let (config, good) = Config::read(files, before, |path| written.get(path).copied().flatten());
        if good != *before {
            remembered::save(memory, good.clone());
        }
        Self { config, marks: is_readable.then_some(marks), good }
    }
}

impl Config {
    /// Says in the log that something is not in force as it is written: whoever only sends prompts sees no list of mistakes.
    fn report(&self) {
        let (files, revision) = (self.files.len(), self.revision.as_str());
        tracing::info!(files, mistakes = self.mistakes.len(), revision, "config folder read");
        let errors = self.mistakes.iter().filter(|mistake| mistake.severity == Severity::Error);
        for mistake in errors {
            // Where, not what: a mistake quotes what stands there, and that may be a key in the wrong place.
            let (file, line, column) = (mistake.file.as_str(), mistake.line, mistake.column);
            tracing::warn!(file, line, column, "a file of the config folder is not used as it is written");
        }
    }

    /// The file of a path as it is.
    pub(crate) fn file(&self, path: &str) -> Option<&ConfigFile> {
        self.files.iter().find(|file| file.path == path)
    }
}

#[cfg(test)]
mod tests;
