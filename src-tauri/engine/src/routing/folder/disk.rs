//! The files of the config folder on the disk. Everything here blocks and is called where that is allowed.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use roundtable_router::route::{Mistake, MistakeCode, Severity};

/// Larger files are not read, in bytes: nobody writes such a group by hand, and reading it would hold up a request.
const LARGEST_FILE: u64 = 1 << 20;

/// A file by what shows that it has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    path: String,
    size: u64,
    modified: Option<SystemTime>,
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

/// All files, if they are others than those that are known. A folder that is not there has none.
pub(super) fn look(root: &Path, known: Option<&[Mark]>) -> Option<Found> {
    let marked = marks(root);
    if known.is_some_and(|known| marked.iter().map(|(mark, _)| mark).eq(known)) {
        return None;
    }
    let files = marked.iter().map(|(mark, path)| read(mark, path)).collect();
    Some(Found { marks: marked.into_iter().map(|(mark, _)| mark).collect(), files })
}

/// Every YAML file of the folder and of its two rooms, by path. Hidden ones are left to whoever hides them.
fn marks(root: &Path) -> Vec<(Mark, PathBuf)> {
    let mut found = Vec::new();
    for (prefix, folder) in
        [("", root.to_owned()), ("groups/", root.join("groups")), ("pools/", root.join("pools"))]
    {
        let Ok(entries) = fs::read_dir(folder) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if !is_yaml(&name) || name.starts_with('.') {
                continue;
            }
            // Through a link: what counts is the file it leads to.
            let Ok(facts) = fs::metadata(entry.path()) else { continue };
            if facts.is_file() {
                let path = format!("{prefix}{name}");
                found.push((Mark { path, size: facts.len(), modified: facts.modified().ok() }, entry.path()));
            }
        }
    }
    found.sort_by(|(one, _), (other, _)| one.path.cmp(&other.path));
    found
}

/// Whether a name ends as those of the files that are read.
fn is_yaml(name: &str) -> bool {
    matches!(Path::new(name).extension().and_then(|ending| ending.to_str()), Some("yaml" | "yml"))
}

fn read(mark: &Mark, path: &Path) -> ConfigFile {
    let contents = if mark.size > LARGEST_FILE {
        Contents::Unreadable(format!("the file is larger than {LARGEST_FILE} bytes and is not read"))
    } else {
        match fs::read(path).map(String::from_utf8) {
            Ok(Ok(text)) => Contents::Text(text.into()),
            Ok(Err(_)) => Contents::Unreadable("the file is no text in UTF-8".to_owned()),
            Err(error) => Contents::Unreadable(format!("the file cannot be read: {error}")),
        }
    };
    ConfigFile { path: mark.path.clone(), contents }
}
