//! What each file of the config folder last said without an error, kept beyond the end of the program.
//!
//! One page beside the config folder holds all of them. It is not the user's to edit, is replaced in one step whenever a
//! version was read well, and is no more than a memory: without it the files count as they are. Everything here blocks.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use roundtable_domain::UnixMs;
use serde::{Deserialize, Serialize};

use super::disk;

/// The form of the page. One of another form is not read, and is written anew.
const FORM: u32 = 1;

/// A version of a file that was read without an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Version {
    /// All of its text.
    pub(crate) text: Arc<str>,
    /// When the file was written, as far as the disk said.
    pub(crate) as_of: Option<UnixMs>,
}

/// Versions by path in the folder.
pub(super) type Versions = BTreeMap<String, Version>;

#[derive(Serialize, Deserialize)]
struct Page {
    form: u32,
    files: Versions,
}

/// What is remembered; nothing where there is no page, or none that can be read.
pub(super) fn load(path: &Path) -> Versions {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Versions::new(),
        Err(error) => {
            tracing::warn!(%error, "what the routing files said before cannot be read");
            return Versions::new();
        }
    };
    match serde_json::from_slice::<Page>(&bytes) {
        Ok(page) if page.form == FORM => page.files,
        Ok(_) => Versions::new(),
        Err(error) => {
            tracing::warn!(%error, "what the routing files said before cannot be read");
            Versions::new()
        }
    }
}

/// Replaces the page in one step. That it fails is told in the log: only the next start is the poorer for it.
pub(super) fn save(path: &Path, files: Versions) {
    let page = serde_json::to_string(&Page { form: FORM, files }).map_err(std::io::Error::from);
    if let Err(error) = page.and_then(|text| disk::replace(path, &text)) {
        tracing::warn!(%error, "what the routing files say could not be remembered");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_as_it_was_written_and_a_broken_one_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page.json");
        assert_eq!(load(&path), Versions::new());
        let version = Version { text: "rules: []\n".into(), as_of: Some(UnixMs(7)) };
        let files = Versions::from([("rules.yaml".to_owned(), version)]);
        save(&path, files.clone());
        assert_eq!(load(&path), files);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left behind");
        std::fs::write(&path, "{\"form\": 1, \"fil").unwrap();
        assert_eq!(load(&path), Versions::new());
        std::fs::write(&path, "{\"form\": 2, \"files\": {}}").unwrap();
        assert_eq!(load(&path), Versions::new());
    }
}
