//! The config folder: `groups/*.yaml`, `pools/*.yaml`, `aliases.yaml`, `rules.yaml` and `choice.yaml`.
//!
//! It is read when somebody asks for it and something has changed. Nothing watches it: names, sizes and times of its files are
//! compared, at most twice a second, by whoever asks. A file that became wrong while the program runs does not take away what
//! it said before: its last good version stays in use, and a mistake says so.

mod disk;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use roundtable_domain::ModelRef;
use roundtable_router::choose::{Preference, RuleBook};
use roundtable_router::route::{Mistake, MistakeCode, Routes, Severity, SourceFile, load};
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::engine::Engine;
pub(crate) use disk::ConfigFile;

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
    earlier: BTreeMap<String, Arc<str>>,
}

/// The folder, and what was last read of it.
#[derive(Debug)]
pub(crate) struct ConfigFolder {
    root: PathBuf,
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
    /// The last text of each file without an error of its own.
    good: BTreeMap<String, Arc<str>>,
}

impl Engine {
    /// Groups, pools, aliases and rules as they are in force, at most half a second old; none without a config folder.
    pub(crate) async fn config(&self) -> Arc<Config> {
        self.inner.config.current().await
    }
}

impl ConfigFolder {
    /// Nothing is read or created yet.
    pub(crate) fn new(root: PathBuf) -> Self {
        Self { root, latest: Mutex::default(), shown: std::sync::Mutex::default(), editing: Mutex::default() }
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
        let root = self.root.clone();
        let known = latest.as_ref().and_then(|latest| latest.marks.clone());
        // Nothing of this fails; a task that was not run at all (the program ends) finds what was found before.
        let look = tokio::task::spawn_blocking(move || disk::look(&root, known.as_deref()));
        let changed = look.await.unwrap_or_default();
        match (&mut *latest, changed) {
            (Some(latest), None) => {
                latest.looked_at = now;
                Arc::clone(&latest.config)
            }
            (slot, changed) => {
                let disk::Found { marks, files } = changed.unwrap_or_default();
                let good = slot.take().map(|latest| latest.good).unwrap_or_default();
                let (config, good) = Config::read(files, &good);
                config.report();
                let config = Arc::new(config);
                *slot =
                    Some(Latest { config: Arc::clone(&config), marks: Some(marks), looked_at: now, good });
                config
            }
        }
    }
}

impl Config {
    /// What these files say, with nothing before them.
    pub(super) fn of(files: Vec<ConfigFile>) -> Self {
        Self::read(files, &BTreeMap::new()).0
    }

    /// Reads files, with the last good text of each that has one. Gives the good texts of these.
    fn read(files: Vec<ConfigFile>, good: &BTreeMap<String, Arc<str>>) -> (Self, BTreeMap<String, Arc<str>>) {
        let as_they_are = load(&sources(&files, &BTreeMap::new()), None);
        let unreadable = files.iter().filter(|file| file.text().is_none()).map(|file| file.path.clone());
        let faulty: BTreeSet<String> = as_they_are.faulty.iter().cloned().chain(unreadable).collect();
        let earlier: BTreeMap<String, Arc<str>> =
            faulty.iter().filter_map(|path| Some((path.clone(), Arc::clone(good.get(path)?)))).collect();
        let in_use =
            if earlier.is_empty() { as_they_are.clone() } else { load(&sources(&files, &earlier), None) };
        let now_good = files
            .iter()
            .filter_map(|file| {
                let is_faulty = faulty.contains(&file.path);
                let text = if is_faulty { earlier.get(&file.path) } else { file.text() };
                Some((file.path.clone(), Arc::clone(text?)))
            })
            .collect();
        let mistakes = mistakes(&files, &earlier, as_they_are.mistakes, in_use.mistakes);
        let config = Self {
            routes: in_use.routes,
            rules: in_use.rules,
            preference: in_use.preference,
            mistakes,
            revision: revision(&files, &earlier),
            files: files.into(),
            faulty,
            earlier,
        };
        (config, now_good)
    }

    /// What is wrong, models nobody knows among it.
    pub(crate) fn check(&self, known: &BTreeSet<ModelRef>) -> Vec<Mistake> {
        let as_they_are = load(&sources(&self.files, &BTreeMap::new()), Some(known));
        let in_use = load(&sources(&self.files, &self.earlier), Some(known));
        mistakes(&self.files, &self.earlier, as_they_are.mistakes, in_use.mistakes)
    }

    /// Says in the log that something is not in force as it is written: whoever only sends prompts sees no list of mistakes.
    fn report(&self) {
        let errors = self.mistakes.iter().filter(|mistake| mistake.severity == Severity::Error);
        for mistake in errors {
            tracing::warn!(%mistake, "a file of the config folder is not used as it is written");
        }
    }

    /// The file of a path as it is.
    pub(crate) fn file(&self, path: &str) -> Option<&ConfigFile> {
        self.files.iter().find(|file| file.path == path)
    }
}

/// What is to be loaded: the earlier text of a file that has one, else its own.
fn sources<'a>(files: &'a [ConfigFile], earlier: &'a BTreeMap<String, Arc<str>>) -> Vec<SourceFile<'a>> {
    let source = |file: &'a ConfigFile| {
        let text = earlier.get(&file.path).or_else(|| file.text())?;
        Some(SourceFile { path: &file.path, text })
    };
    files.iter().filter_map(source).collect()
}

/// What is wrong: with files that are not used as they are, what is wrong in them now; with the others, what is wrong besides
/// what is in use.
fn mistakes(
    files: &[ConfigFile],
    earlier: &BTreeMap<String, Arc<str>>,
    as_they_are: Vec<Mistake>,
    in_use: Vec<Mistake>,
) -> Vec<Mistake> {
    let mut all = in_use;
    all.retain(|mistake| !earlier.contains_key(&mistake.file));
    all.extend(as_they_are.into_iter().filter(|mistake| earlier.contains_key(&mistake.file)));
    all.extend(files.iter().filter_map(ConfigFile::mistake));
    all.extend(earlier.keys().map(|path| Mistake {
        file: path.clone(),
        line: 1,
        column: 1,
        severity: Severity::Warning,
        code: MistakeCode::EarlierVersion,
        reason: "what this file said before it became wrong stays in use until it is put right".to_owned(),
    }));
    // Stable, so that mistakes of one line keep their order.
    all.sort_by(|one, other| (&one.file, one.line, one.column).cmp(&(&other.file, other.line, other.column)));
    all
}

fn revision(files: &[ConfigFile], earlier: &BTreeMap<String, Arc<str>>) -> String {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update(text.len().to_le_bytes());
        hash.update(text);
    };
    for file in files {
        add(&file.path);
        add(file.text().map_or("", |text| text));
    }
    for text in earlier.values() {
        add(text);
    }
    let mut digits = String::with_capacity(16);
    for byte in hash.finalize().iter().take(8) {
        // Writing to a string does not fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

#[cfg(test)]
mod tests;
