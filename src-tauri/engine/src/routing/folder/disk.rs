//! The files of the config folder on the disk. Everything here blocks and is called where that is allowed.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use roundtable_domain::UnixMs;
use roundtable_router::route::{Mistake, MistakeCode, Severity};
use tempfile::Builder;

/// The file of the rules, which is looked for in a folder that cannot be read.
const RULES: &str = "rules.yaml";

/// Larger files are not read, in bytes: nobody writes such a group by hand, and reading it would hold up a request.
const LARGEST_FILE: u64 = 1 << 20;

/// A file by what shows that it has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    path: String,
    size: u64,
    modified: Option<SystemTime>,
}

impl Mark {
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// When the file was written, as far as the disk knows.
    pub(super) fn written_at(&self) -> Option<UnixMs> {
        let since = self.modified?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        i64::try_from(since.as_millis()).ok().map(UnixMs)
    }
}

/// What is in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Contents {
    /// Its text.
    Text(Arc<str>),
    /// Why it cannot be read.
    Unreadable(String),
}

/// A file of the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConfigFile {
    /// Its path in the folder, with `/`.
    pub(crate) path: String,
    pub(crate) contents: Contents,
}

/// All files of the folder.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) marks: Vec<Mark>,
    pub(super) files: Vec<ConfigFile>,
}

impl ConfigFile {
    /// A file with this text.
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), contents: Contents::Text(text.into()) }
    }

    /// Its text, if it can be read.
    pub(crate) fn text(&self) -> Option<&Arc<str>> {
        match &self.contents {
            Contents::Text(text) => Some(text),
            Contents::Unreadable(_) => None,
        }
    }

    /// What is wrong, where it cannot be read.
    pub(super) fn mistake(&self) -> Option<Mistake> {
        let Contents::Unreadable(reason) = &self.contents else { return None };
        Some(Mistake {
            file: self.path.clone(),
            line: 1,
            column: 1,
            severity: Severity::Error,
            code: MistakeCode::Unreadable,
            reason: reason.clone(),
        })
    }
}

/// All files, if they are others than those that are known. A folder that is not there has none. `remembered` are the paths of
/// files that were there: they are there still, and cannot be read, where their folder cannot be.
pub(super) fn look(root: &Path, known: Option<&[Mark]>, remembered: &[String]) -> Option<Found> {
    let seen = seen(root, remembered);
    if known.is_some_and(|known| seen.iter().map(|one| &one.mark).eq(known)) {
        return None;
    }
    let files = seen.iter().map(read).collect();
    Some(Found { marks: seen.into_iter().map(|one| one.mark).collect(), files })
}

/// A file that was found, and where.
struct Seen {
    mark: Mark,
    /// Why there is nothing to be read there.
    found: Result<PathBuf, String>,
}

impl Seen {
    fn unreadable(path: String, reason: String) -> Self {
        Self { mark: Mark { path, size: 0, modified: None }, found: Err(reason) }
    }
}

/// Every YAML file of the folder and of its two rooms, by path. Hidden ones are left to whoever hides them.
fn seen(root: &Path, remembered: &[String]) -> Vec<Seen> {
    let mut found = Vec::new();
    for (prefix, folder) in
        [("", root.to_owned()), ("groups/", root.join("groups")), ("pools/", root.join("pools"))]
    {
        match fs::read_dir(folder) {
            Ok(entries) => found.extend(entries.flatten().filter_map(|entry| file_of(prefix, &entry))),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => found.extend(closed(prefix, &error, remembered)),
        }
    }
    found.sort_by(|one, other| one.mark.path.cmp(&other.mark.path));
    found
}

fn file_of(prefix: &str, entry: &fs::DirEntry) -> Option<Seen> {
    let name = entry.file_name().to_string_lossy().into_owned();
    if !is_yaml(&name) || name.starts_with('.') {
        return None;
    }
    let path = format!("{prefix}{name}");
    // Through a link: what counts is the file it leads to.
    match fs::metadata(entry.path()) {
        Ok(facts) if facts.is_file() => {
            let mark = Mark { path, size: facts.len(), modified: facts.modified().ok() };
            Some(Seen { mark, found: Ok(entry.path()) })
        }
        Ok(_) => None,
        Err(error) => Some(Seen::unreadable(path, format!("the file cannot be read: {error}"))),
    }
}

/// What is in a folder that cannot be looked into: every file that was there, and the rules in any case.
fn closed(prefix: &str, error: &std::io::Error, remembered: &[String]) -> Vec<Seen> {
    let is_here = |path: &&String| match path.split_once('/') {
        Some((folder, _)) => prefix.strip_suffix('/') == Some(folder),
        None => prefix.is_empty(),
    };
    let mut paths: Vec<String> = remembered.iter().filter(is_here).cloned().collect();
    let itself = if prefix.is_empty() { RULES } else { prefix };
    if !paths.iter().any(|path| path == itself) {
        paths.push(itself.to_owned());
    }
    let reason = format!("the folder cannot be read: {error}");
    paths.into_iter().map(|path| Seen::unreadable(path, reason.clone())).collect()
}

/// Whether a name ends as those of the files that are read.
fn is_yaml(name: &str) -> bool {
    matches!(Path::new(name).extension().and_then(|ending| ending.to_str()), Some("yaml" | "yml"))
}

fn read(seen: &Seen) -> ConfigFile {
    let contents = match &seen.found {
        Err(reason) => Contents::Unreadable(reason.clone()),
        Ok(_) if seen.mark.size > LARGEST_FILE => {
            Contents::Unreadable(format!("the file is larger than {LARGEST_FILE} bytes and is not read"))
        }
        Ok(path) => match fs::read(path).map(String::from_utf8) {
            Ok(Ok(text)) => Contents::Text(text.into()),
            Ok(Err(_)) => Contents::Unreadable("the file is no text in UTF-8".to_owned()),
            Err(error) => Contents::Unreadable(format!("the file cannot be read: {error}")),
        },
    };
    ConfigFile { path: seen.mark.path.clone(), contents }
}

/// Replaces a file in one step: whoever reads it finds the old text or the new one. Through a link the file it leads to.
pub(crate) fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = Builder::new().prefix(".roundtable-").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    if let Ok(facts) = fs::metadata(&path) {
        file.as_file().set_permissions(facts.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(&path)?;
    Ok(())
}
