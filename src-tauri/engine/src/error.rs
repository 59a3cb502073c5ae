//! Everything that can go wrong in the engine, and its one conversion to what a person is told.

use std::path::PathBuf;

/// Why the engine could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// No home folder to keep data in.
    #[error("no home folder was found to keep data in; name one with --data-dir or ROUNDTABLE_DATA_DIR")]
    NoHome,
    /// The data folder cannot be made or written to.
    #[error("the data folder {path} cannot be used: {source}", path = path.display())]
    DataDir {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}
