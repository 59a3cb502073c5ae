//! Where all state is: `--data-dir`, else `ROUNDTABLE_DATA_DIR`, else the platform's folder for application data.

use std::path::{Path, PathBuf};

use crate::error::EngineError;

/// The environment variable that moves all state.
pub const DATA_DIR_VARIABLE: &str = "ROUNDTABLE_DATA_DIR";

/// The folder that holds database, configuration, logs and backups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataDir {
    root: PathBuf,
    is_default: bool,
}

impl DataDir {
    /// Chooses the folder; nothing is created yet.
    pub fn choose(given: Option<&Path>) -> Result<Self, EngineError> {
        if let Some(path) = given {
            return Ok(Self { root: absolute(path), is_default: false });
        }
        if let Some(path) = std::env::var_os(DATA_DIR_VARIABLE).filter(|path| !path.is_empty()) {
            return Ok(Self { root: absolute(Path::new(&path)), is_default: false });
        }
        let dirs = directories::ProjectDirs::from("", "", "roundtable").ok_or(EngineError::NoHome)?;
        Ok(Self { root: dirs.data_dir().to_owned(), is_default: true })
    }

    /// Creates what is missing, readable by its owner only.
    pub fn create(&self) -> Result<(), EngineError> {
        for folder in [self.root.clone(), self.logs(), self.leases()] {
            std::fs::create_dir_all(&folder)
                .map_err(|source| EngineError::DataDir { path: folder.clone(), source })?;
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // Failing is harmless here: on a file system without modes the folder's own protection holds.
            let _ = std::fs::set_permissions(&self.root, std::fs::Permissions::from_mode(0o700));
        }
        Ok(())
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The database file.
    pub fn database(&self) -> PathBuf {
        self.root.join("roundtable.db")
    }

    /// Groups, pools, aliases, rules and the choice of the router. Made when something is first written there.
    pub fn config(&self) -> PathBuf {
        self.root.join("config")
    }

    /// What the files of that folder last said without an error. Not the user's to edit.
    pub fn config_memory(&self) -> PathBuf {
        self.root.join("config-in-force.json")
    }

    /// Copies made before migrations.
    pub fn backups(&self) -> PathBuf {
        self.root.join("backups")
    }

    /// Log files.
    pub fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    /// One locked file per running process.
    pub fn leases(&self) -> PathBuf {
        self.root.join("leases")
    }

    /// The keyring entry's service name: a folder of its own has keys of its own.
    pub fn keyring_service(&self) -> String {
        if self.is_default { "roundtable".to_owned() } else { format!("roundtable:{}", self.root.display()) }
    }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
