//! What a change does to the files of the folder, worked out and checked before the first of them is touched.

use std::collections::BTreeMap;
use std::sync::Arc;

use roundtable_router::route::{
    EditError, Mistake, MistakeCode, Severity, Value, check_name, rewrite, rewrite_items,
};

use super::super::Config;
use super::super::error::ConfigError;
use super::super::folder::ConfigFile;
use super::names;
use super::write::Change;

/// What has a file of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Group,
    Pool,
}

impl Kind {
    fn folder(self) -> &'static str {
        match self {
            Self::Group => "groups/",
            Self::Pool => "pools/",
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Pool => "pool",
        }
    }
}

/// A change of the folder.
pub(super) struct Plan {
    before: Arc<Config>,
    shown: Option<Arc<Config>>,
    /// The new text of each file that changes; none for one that goes.
    texts: BTreeMap<String, Option<String>>,
    /// The file that gets another name: from, to.
    moved: Option<(String, String)>,
    /// What is being removed.
    removed: Option<String>,
}

impl Plan {
    pub(super) fn new(before: Arc<Config>, shown: Option<Arc<Config>>) -> Self {
        Self { before, shown, texts: BTreeMap::new(), moved: None, removed: None }
    }

    /// A group or a pool with its file; `old_name` is what it was called before.
    pub(super) fn put(
        &mut self,
        kind: Kind,
        name: &str,
        old_name: Option<&str>,
        value: &Value,
    ) -> Result<(), ConfigError> {
        check_name(name).map_err(|error| ConfigError::Wrong { reason: error.to_string() })?;
        let there = self.path_of(kind, name);
        let old_name = old_name.filter(|old| *old != name);
        let Some(old_name) = old_name else {
            let path = there.unwrap_or_else(|| format!("{}{name}.yaml", kind.folder()));
            let text = self.rewritten(&path, value)?;
            self.texts.insert(path, Some(text));
            return Ok(());
        };
        let old_path = self.existing(kind, old_name)?;
        if there.is_some() {
            return Err(ConfigError::Taken { kind: kind.as_str(), name: name.to_owned() });
        }
        let text = self.rewritten(&old_path, value)?;
        let ending = old_path.rsplit_once('.').map_or("yaml", |(_, ending)| ending);
        let path = format!("{}{name}.{ending}", kind.folder());
        self.rename_elsewhere(kind, old_name, name, &old_path)?;
        self.texts.insert(old_path.clone(), None);
        self.texts.insert(path.clone(), Some(text));
        self.moved = Some((old_path, path));
        Ok(())
    }

    /// Whatever names a group or a pool by its old name. `own` is its own file.
    fn rename_elsewhere(&mut self, kind: Kind, old: &str, new: &str, own: &str) -> Result<(), ConfigError> {
        let before = Arc::clone(&self.before);
        if kind == Kind::Group {
            for (path, value) in names::in_files(&before, old, new).iter().filter(|(path, _)| path != own) {
                let text = self.rewritten(path, value)?;
                self.texts.insert(path.clone(), Some(text));
            }
        }
        // A pool goes before a group of the same name: a rule that names both means the pool.
        let is_hidden = kind == Kind::Group && before.routes.pools.contains_key(old);
        match names::in_rules(&before, old, new).filter(|_| !is_hidden) {
            Some(rules) => self.put_rules(&rules),
            None => Ok(()),
        }
    }

    /// The file of a group or a pool goes.
    pub(super) fn remove(&mut self, kind: Kind, name: &str) -> Result<(), ConfigError> {
        let path = self.existing(kind, name)?;
        self.texts.insert(path, None);
        self.removed = Some(name.to_owned());
        Ok(())
    }

    /// A file of the folder itself with this in it: `aliases`, `choice`.
    pub(super) fn put_top(&mut self, stem: &str, value: &Value) -> Result<(), ConfigError> {
        let path = self.top_path(stem);
        if self.before.file(&path).is_none() && matches!(value, Value::Map(entries) if entries.is_empty()) {
            return Ok(());
        }
        let text = self.rewritten(&path, value)?;
        self.texts.insert(path, Some(text));
        Ok(())
    }

    /// The file of the rules with these.
    pub(super) fn put_rules(&mut self, rules: &[Value]) -> Result<(), ConfigError> {
        let path = self.top_path("rules");
        self.refuse_faulty(&path)?;
        let before = self.before.file(&path).and_then(ConfigFile::text);
        if before.is_none() && rules.is_empty() {
            return Ok(());
        }
        let text = rewrite_items(before.map_or("", |text| text), "rules", "name", rules);
        let text = text.map_err(|error| not_editable(&path, &error))?;
        self.texts.insert(path, Some(text));
        Ok(())
    }

    /// The folder as it would be.
    pub(super) fn outcome(&self) -> Config {
        let mut files: BTreeMap<String, ConfigFile> =
            self.before.files.iter().map(|file| (file.path.clone(), file.clone())).collect();
        for (path, text) in &self.texts {
            match text {
                Some(text) => files.insert(path.clone(), ConfigFile::new(path, text)),
                None => files.remove(path),
            };
        }
        Config::of(files.into_values().collect())
    }

    /// What is to be done to the files, once nothing speaks against it.
    pub(super) fn checked(self) -> Result<Vec<Change>, ConfigError> {
        for path in self.texts.keys() {
            let is_other = |shown: &Arc<Config>| shown.file(path) != self.before.file(path);
            if self.shown.as_ref().is_some_and(is_other) {
                return Err(ConfigError::Changed { file: path.clone() });
            }
        }
        let after = self.outcome();
        let before = Config::of(self.before.files.to_vec());
        let is_new = |mistake: &&Mistake| {
            let same = |old: &Mistake| old.file == mistake.file && old.reason == mistake.reason;
            mistake.severity == Severity::Error && !before.mistakes.iter().any(same)
        };
        // In a file that is written every error counts, also one that was there before.
        let own = after.mistakes.iter().find(|mistake| {
            mistake.severity == Severity::Error && self.texts.get(&mistake.file).is_some_and(Option::is_some)
        });
        if let Some(mistake) = own {
            return Err(ConfigError::Wrong { reason: mistake.reason.clone() });
        }
        if let Some(mistake) = after.mistakes.iter().find(is_new) {
            let by = format!("{}, line {}: {}", mistake.file, mistake.line, mistake.reason);
            let name = self.removed.unwrap_or_default();
            return Err(match mistake.code {
                MistakeCode::NotThere => ConfigError::InUse { name, by },
                _ => ConfigError::Wrong { reason: by },
            });
        }
        Ok(self.into_changes())
    }

    fn into_changes(self) -> Vec<Change> {
        let mut changes = Vec::new();
        changes.extend(self.moved.iter().map(|(from, to)| Change::Move {
            from: from.clone(),
            to: to.clone(),
            expected: expected(&self.before, from),
        }));
        for (path, text) in self.texts {
            let is_moved = self.moved.as_ref().is_some_and(|(from, _)| *from == path);
            // After the move the file is where it will be, with the text it had.
            let was = self.moved.as_ref().filter(|(_, to)| *to == path).map_or(&path, |(from, _)| from);
            let expected = expected(&self.before, was);
            match text {
                Some(text) if expected.as_deref() == Some(text.as_str()) => {}
                Some(text) => changes.push(Change::Write { path, text, expected }),
                None if is_moved => {}
                None => changes.push(Change::SetAside { path, expected }),
            }
        }
        changes
    }

    /// The text of a file with this in it: changed where it differs, or new.
    fn rewritten(&self, path: &str, value: &Value) -> Result<String, ConfigError> {
        // The window shows what such a file said before: writing that would undo what somebody is about to put right.
        self.refuse_faulty(path)?;
        match self.before.file(path).map(ConfigFile::text) {
            None => Ok(value.to_yaml()),
            Some(Some(text)) => rewrite(text, value).map_err(|error| not_editable(path, &error)),
            Some(None) => Err(self.faulty(path)),
        }
    }

    fn refuse_faulty(&self, path: &str) -> Result<(), ConfigError> {
        if self.before.faulty.contains(path) { Err(self.faulty(path)) } else { Ok(()) }
    }

    fn faulty(&self, path: &str) -> ConfigError {
        let is_it = |mistake: &&Mistake| mistake.file == path && mistake.severity == Severity::Error;
        let first = self.before.mistakes.iter().find(is_it).map(ToString::to_string);
        ConfigError::Faulty { mistake: first.unwrap_or_else(|| format!("{path} cannot be read")) }
    }

    fn existing(&self, kind: Kind, name: &str) -> Result<String, ConfigError> {
        let gone = || ConfigError::NotThere { kind: kind.as_str(), name: name.to_owned() };
        self.path_of(kind, name).ok_or_else(gone)
    }

    /// The file of a group or a pool, if it is there.
    fn path_of(&self, kind: Kind, name: &str) -> Option<String> {
        self.find(&format!("{}{name}", kind.folder()))
    }

    fn top_path(&self, stem: &str) -> String {
        self.find(stem).unwrap_or_else(|| format!("{stem}.yaml"))
    }

    fn find(&self, stem: &str) -> Option<String> {
        let paths = [format!("{stem}.yaml"), format!("{stem}.yml")];
        paths.into_iter().find(|path| self.before.file(path).is_some())
    }
}

fn expected(before: &Config, path: &str) -> Option<String> {
    before.file(path).and_then(ConfigFile::text).map(ToString::to_string)
}

fn not_editable(path: &str, error: &EditError) -> ConfigError {
    match error {
        EditError::Unreadable(mistake) => {
            ConfigError::Faulty { mistake: Mistake { file: path.to_owned(), ..mistake.clone() }.to_string() }
        }
        EditError::NotThere(_) | EditError::NotSafe(_) => {
            ConfigError::NotEditable { file: path.to_owned(), reason: error.to_string() }
        }
    }
}
