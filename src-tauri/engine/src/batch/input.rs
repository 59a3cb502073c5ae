//! The file of questions: rows of a table, or one JSON object a line. Pure.
//!
//! `prompt` is what is asked; `id`, `system` (instructions above it) and `to` (whom to ask instead of the command's targets) may
//! stand beside it. Everything else is passed through to the result as it is.

mod json_lines;
mod table;

use std::path::Path;

use serde_json::{Map, Value};

use super::error::{BatchError, Mistake, refuse_mistakes};

/// The most questions of one file.
const MOST_ROWS: usize = 1_000_000;

/// One question as it stands in the file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    /// Counts the questions, from 1.
    pub(super) number: u64,
    /// The line it begins at, from 1.
    pub(super) line: u64,
    pub(super) id: Option<Value>,
    pub(super) prompt: String,
    pub(super) system: Option<String>,
    /// Whom to ask; empty: whom the command names.
    pub(super) to: Vec<String>,
    /// What is passed through to the result.
    pub(super) fields: Map<String, Value>,
}

/// Rows, and what is wrong with others.
#[derive(Debug, Default)]
struct Rows {
    rows: Vec<Row>,
    mistakes: Vec<Mistake>,
}

impl Rows {
    /// Takes a row or what is wrong with it; `None` is an empty one.
    fn take(&mut self, read: Result<Option<Row>, Mistake>) {
        match read {
            Ok(Some(row)) => {
                let number = u64::try_from(self.rows.len() + 1).unwrap_or(u64::MAX);
                self.rows.push(Row { number, ..row });
            }
            Ok(None) => {}
            Err(mistake) => self.mistakes.push(mistake),
        }
    }
}

/// Reads the questions. A file with a mistake is refused whole: half of it should not be paid for.
pub(super) fn read(path: &Path, bytes: Vec<u8>) -> Result<Vec<Row>, BatchError> {
    let text = String::from_utf8(bytes).map_err(|_| BatchError::NotText(path.to_owned()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let form = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    let Rows { rows, mistakes } = match form.as_deref() {
        Some("csv" | "tsv") => table::read(text),
        Some("jsonl" | "ndjson") => json_lines::read(text),
        _ => return Err(BatchError::UnknownForm(path.to_owned())),
    };
    refuse_mistakes(path, mistakes)?;
    if rows.is_empty() {
        return Err(BatchError::Empty(path.to_owned()));
    }
    if rows.len() > MOST_ROWS {
        return Err(BatchError::TooMany { path: path.to_owned(), most: MOST_ROWS });
    }
    Ok(rows)
}

/// Targets written as one text, parted by commas.
pub(super) fn targets(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|target| !target.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
