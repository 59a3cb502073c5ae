//! A CSV file by the names of its columns.

use super::amount::Amount;
use super::{InvoiceError, whole};

/// A file with a heading.
pub(super) struct Table<'t> {
    text: &'t str,
    columns: Vec<String>,
}

/// One row of it.
pub(super) struct Row<'t> {
    columns: &'t [String],
    record: csv::StringRecord,
    /// From 1; the heading is row 1.
    pub(super) number: u64,
}

impl<'t> Table<'t> {
    pub(super) fn new(text: &'t str) -> Result<Self, InvoiceError> {
        let mut reader = reader(text);
        let heading = reader.headers().map_err(|error| unreadable(1, &error))?;
        let columns = heading.iter().map(|name| name.trim().to_ascii_lowercase()).collect();
        Ok(Self { text, columns })
    }

    pub(super) fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|name| name == column)
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = Result<Row<'_>, InvoiceError>> {
        let rows = (2_u64..).zip(reader(self.text).into_records()).map(|(number, record)| {
            let record = record.map_err(|error| unreadable(number, &error))?;
            Ok(Row { columns: &self.columns, record, number })
        });
        // Spreadsheets leave rows of commas behind.
        rows.filter(|row| !row.as_ref().is_ok_and(|row| row.record.iter().all(|cell| cell.trim().is_empty())))
    }
}

impl Row<'_> {
    /// What stands in a column; empty where there is none.
    pub(super) fn text(&self, column: &str) -> &str {
        let at = self.columns.iter().position(|name| name == column);
        at.and_then(|at| self.record.get(at)).map_or("", str::trim)
    }

    /// The same, where it is not empty.
    pub(super) fn some(&self, column: &str) -> Option<&str> {
        Some(self.text(column)).filter(|text| !text.is_empty())
    }

    pub(super) fn count(&self, column: &str) -> Result<Option<u64>, InvoiceError> {
        whole(self.text(column), column, self.number)
    }

    pub(super) fn money(&self, column: &str) -> Result<Option<Amount>, InvoiceError> {
        Amount::of_text(self.text(column), column, self.number)
    }
}

fn reader(text: &str) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes())
}

fn unreadable(row: u64, error: &csv::Error) -> InvoiceError {
    InvoiceError::Row { row, what: error.to_string() }
}
