//! Standard output and standard error. Lines for people, or one JSON object a line.

use std::io::{self, Write};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use roundtable_domain::UnixMs;
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

/// A moment for programs: RFC 3339 in UTC, to the second.
pub(crate) fn utc(at: UnixMs) -> String {
    Timestamp::from_millisecond(at.0).map_or_else(|_| at.0.to_string(), |time| format!("{time:.0}"))
}

/// A moment in the user's time zone: RFC 3339 with its offset, to the second, as it stands in files.
pub(crate) fn local(at: UnixMs, zone: &TimeZone) -> String {
    let Ok(time) = Timestamp::from_millisecond(at.0) else { return at.0.to_string() };
    time.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// A cell of a line of CSV, as RFC 4180 quotes. What a spreadsheet would take for a formula is a text; a negative number is none.
pub(crate) fn csv_cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number(text);
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// Whether it is a plain decimal number, with or without a minus.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_part = |part: &str| !part.is_empty() && part.chars().all(|character| character.is_ascii_digit());
    match digits.split_once('.') {
        Some((whole, fraction)) => is_part(whole) && is_part(fraction),
        None => is_part(digits),
    }
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

    #[test]
    fn a_negative_number_is_no_formula() {
        assert_eq!((csv_cell("-0.5"), csv_cell("-12")), ("-0.5".to_owned(), "-12".to_owned()));
        for formula in ["-1+cmd", "-", "-.5x", "--1", "-1-1", "+1"] {
            assert_eq!(csv_cell(formula), format!("'{formula}"));
        }
    }

    #[test]
    fn a_moment_is_told_in_the_users_zone() {
        let zone = TimeZone::fixed(jiff::tz::offset(1));
        assert_eq!(local(UnixMs(0), &zone), "1970-01-01T01:00:00+01:00");
        assert_eq!(utc(UnixMs(0)), "1970-01-01T00:00:00Z");
    }
}
