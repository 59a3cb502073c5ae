//! Comma-separated values, as all files for spreadsheets are written here.

use std::borrow::Cow;

/// A file that is being written, row by row.
pub(crate) struct CsvText {
    writer: csv::Writer<Vec<u8>>,
}

impl CsvText {
    pub(crate) fn new() -> Self {
        Self { writer: csv::WriterBuilder::new().flexible(true).from_writer(Vec::new()) }
    }

    pub(crate) fn row<S: AsRef<str>>(&mut self, fields: &[S]) {
        // Writing to memory does not fail.
        drop(self.writer.write_record(fields.iter().map(|field| harmless(field.as_ref()).into_owned())));
    }

    pub(crate) fn finish(self) -> String {
        let bytes = self.writer.into_inner().unwrap_or_default();
        String::from_utf8(bytes).unwrap_or_default()
    }
}

/// All rows of a file that is small.
pub(crate) fn written(rows: &[Vec<String>]) -> String {
    let mut file = CsvText::new();
    for row in rows {
        file.row(row);
    }
    file.finish()
}

/// A field of a file, before it is quoted. What a spreadsheet would take for a formula begins with an apostrophe, for names come from
/// outside; a negative number is none.
pub fn harmless(field: &str) -> Cow<'_, str> {
    let is_formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number(field);
    if is_formula { Cow::Owned(format!("'{field}")) } else { Cow::Borrowed(field) }
}

/// Whether it is a plain decimal number, with or without a minus, and nothing else.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_part = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match digits.split_once('.') {
        Some((whole, fraction)) => is_part(whole) && is_part(fraction),
        None => is_part(digits),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_field_is_a_formula_and_a_negative_number_stays_one() {
        let formulas =
            ["=1+1", "-1+cmd|'/C calc'!A0", "-1-1", "-", "-.5x", "--1", "+1", "@SUM(A1)", "\t=1", "\r=1"];
        let text = written(&formulas.map(|formula| vec![formula.to_owned(), "-0.5".to_owned()]));
        let mut file = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        let rows: Vec<csv::StringRecord> = file.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), formulas.len());
        for (formula, row) in formulas.iter().zip(&rows) {
            assert_eq!((&row[0], &row[1]), (format!("'{formula}").as_str(), "-0.5"));
        }
        for harmless_one in ["plain", "-12", "-0.5", "0", ""] {
            assert_eq!(harmless(harmless_one), harmless_one);
        }
    }
}
