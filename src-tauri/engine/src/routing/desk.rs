//! For tests: an engine on a folder of its own, with a config folder that holds what is given.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::data_dir::DataDir;
use crate::engine::{Engine, Options, Process};
use crate::view::AppError;

/// An engine without a keyring and without an environment.
pub(super) struct Desk {
    pub(super) engine: Engine,
    pub(super) config: PathBuf,
    _folder: TempDir,
}

impl Desk {
    pub(super) async fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("config");
        for (path, text) in files {
            let path = config.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let data_dir = DataDir::choose(Some(folder.path())).unwrap();
        let options = Options {
            keyring: false.into(),
            environment: HashMap::new(),
            logging: false,
            ..Options::new(data_dir, Process::CommandLine)
        };
        Self { engine: Engine::open(options).await.unwrap(), config, _folder: folder }
    }

    pub(super) fn text(&self, path: &str) -> String {
        fs::read_to_string(self.config.join(path)).unwrap_or_else(|error| format!("{path}: {error}"))
    }

    pub(super) fn write(&self, path: &str, text: &str) {
        fs::write(self.config.join(path), text).unwrap();
    }

    /// What is in a folder of the config folder.
    pub(super) fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.config.join(folder)).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

/// The word and the message of a refusal.
pub(super) fn refusal<T: std::fmt::Debug>(result: Result<T, AppError>) -> (String, String) {
    let error = result.unwrap_err();
    (error.code, error.message)
}
