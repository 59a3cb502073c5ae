//! What can be wrong with a question about spend.

/// Why a question about spend has no answer.
#[derive(Debug, thiserror::Error)]
pub enum SpendError {
    /// A page that was not given out here.
    #[error("“{0}” is no place in the books; begin with the first page")]
    Cursor(String),
    /// More entries than a file of them holds.
    #[error(
        "these are {found} entries, and a file holds at most {most}; choose a shorter time or a narrower filter"
    )]
    TooManyEntries {
        /// How many there are.
        found: u64,
        /// How many fit.
        most: u64,
    },
    /// A kind of table that does not exist.
    #[error("there is no table “{0}”; it is one of series, ranking, hours, models, entries")]
    Table(String),
    /// A name that is no plain file name.
    #[error("“{0}” cannot be the name of a file; leave out slashes and leading dots")]
    Name(String),
    /// The downloads folder.
    #[error("the file cannot be written to {folder}: {source}; make the folder writable")]
    Write {
        /// Where.
        folder: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A name in a filter that is nobody's.
    #[error("there is no {kind} “{name}” here{near}")]
    Unknown {
        /// What it is to be the name of.
        kind: &'static str,
        /// As it was written.
        name: String,
        /// What comes near, as the end of the sentence; may be empty.
        near: String,
    },
    /// Words that are no range.
    #[error(
        "“{0}” is no range of time; use today, week, month, year, all, a number of days such as 30d, or FROM..UNTIL with days such as 2026-11-21"
    )]
    Range(String),
}
