//! Why a batch is not begun, or stops.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// How many mistakes of a file are told at once.
pub(super) const MISTAKES_TOLD: usize = 5;

/// A row that cannot be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Counted from 1, as editors do.
    pub line: u64,
    /// What is wrong with it.
    pub reason: String,
}

/// What is wrong with the files of a batch, or with what is asked of it.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// The questions cannot be read.
    #[error("the file {path} cannot be read: {source}")]
    Questions {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The questions are not text.
    #[error("the file {0} is not UTF-8 text; save it as UTF-8")]
    NotText(PathBuf),
    /// Neither of the two forms.
    #[error("the file {0} is neither .csv nor .jsonl; name it by what it holds")]
    UnknownForm(PathBuf),
    /// Nothing to ask.
    #[error("the file {0} holds no question")]
    Empty(PathBuf),
    /// More than can be looked after at once.
    #[error("the file {path} holds more than {most} questions; split it")]
    TooMany {
        /// The file.
        path: PathBuf,
        /// The limit.
        most: usize,
    },
    /// Rows that cannot be asked. Nothing was sent.
    #[error("{}", told(.path, .mistakes, *.more))]
    Mistakes {
        /// The file.
        path: PathBuf,
        /// The first of them.
        mistakes: Vec<Mistake>,
        /// How many there are besides.
        more: usize,
    },
    /// Questions and results in one file.
    #[error("the file {0} holds the questions; write the results to another one")]
    SameFile(PathBuf),
    /// The file of results cannot be read or written. Answers that have come are kept; the same command goes on.
    #[error("the results cannot be written to {path}: {source}")]
    Results {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file of results is something else.
    #[error(
        "line {line} of {path} is no result of a batch; nothing was changed. Write the results to another file"
    )]
    ForeignResults {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: u64,
    },
    /// Another process writes the same results.
    #[error("another process is writing {0}; wait for it, or stop it first")]
    Busy(PathBuf),
    /// A cap cannot hold where a price is not known.
    #[error(
        "there is no price for {}, so a cap on the cost cannot hold; set one (models price set), or leave the cap out",
        .0.join(", ")
    )]
    NoPrice(Vec<String>),
}

impl Mistake {
    pub(super) fn new(line: u64, reason: impl Into<String>) -> Self {
        Self { line, reason: reason.into() }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

fn told(path: &std::path::Path, mistakes: &[Mistake], more: usize) -> String {
    let each: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    let rest = if more > 0 { format!("; and {more} more") } else { String::new() };
    format!("the file {} cannot be asked as it stands: {}{rest}", path.display(), each.join("; "))
}

/// The error for all mistakes found in a file; `Ok` when there are none.
pub(super) fn refuse_mistakes(path: &std::path::Path, mut mistakes: Vec<Mistake>) -> Result<(), BatchError> {
    if mistakes.is_empty() {
        return Ok(());
    }
    let more = mistakes.len().saturating_sub(MISTAKES_TOLD);
    mistakes.truncate(MISTAKES_TOLD);
    Err(BatchError::Mistakes { path: path.to_owned(), mistakes, more })
}
