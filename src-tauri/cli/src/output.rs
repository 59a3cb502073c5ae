//! Standard output and standard error. Lines for people, or one JSON object a line.

use std::io::{self, Write};

use serde::Serialize;

use crate::failure::Failure;

/// Prints one object on one line.
pub(crate) fn object(value: &impl Serialize) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, value).map_err(|error| Failure::from(io::Error::from(error)))?;
    out.write_all(b"\n")?;
    Ok(out.flush()?)
}

/// Prints a line for people.
pub(crate) fn line(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.write_all(b"\n")?;
    Ok(out.flush()?)
}

/// Prints a piece of an answer as it comes.
pub(crate) fn piece(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// Says something beside the output.
pub(crate) fn note(text: &str) {
    // Nobody is left to be told when standard error is closed.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Says why the command failed, as one object or in lines for people.
pub(crate) fn failure(failure: &Failure, as_json: bool) {
    match failure {
        Failure::OutputClosed { .. } => {}
        failure if as_json => note(&failure.object().to_string()),
        failure => failure.lines().iter().for_each(|line| match line.strip_prefix("    ") {
            Some(detail) => note(&format!("    {detail}")),
            None => note(&format!("roundtable-cli: {line}")),
        }),
    }
}

/// A cell of a line of CSV, as RFC 4180 quotes. What a spreadsheet would take for a formula is a text.
pub(crate) fn csv_cell(text: &str) -> String {
    let text = if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// Prints rows in columns, the first row as the heading.
pub(crate) fn table(rows: &[Vec<String>]) -> Result<(), Failure> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width =
        |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    for row in rows {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}", width = *width)).collect();
        line(cells.join("  ").trim_end())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_where_it_has_to_be_and_no_formula() {
        assert_eq!(csv_cell("lunch, \"late\""), "\"lunch, \"\"late\"\"\"");
        assert_eq!((csv_cell("=1+1"), csv_cell("plain")), ("'=1+1".to_owned(), "plain".to_owned()));
    }
}
