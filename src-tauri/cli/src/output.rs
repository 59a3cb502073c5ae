//! Standard output and standard error. Lines for people, or one JSON object a line.

use std::io::{self, Write};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use roundtable_domain::UnixMs;
use roundtable_engine::harmless_csv_field;
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

/// A time for people, to the nearest hundredth of a second.
pub(crate) fn seconds(ms: u64) -> String {
    let hundredths = ms.saturating_add(5) / 10;
    format!("{}.{:02} s", hundredths / 100, hundredths % 100)
}

/// A cell of a line of CSV, as RFC 4180 quotes, and no formula.
pub(crate) fn csv_cell(text: &str) -> String {
    let text = harmless_csv_field(text);
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.into_owned()
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
    fn a_time_is_rounded_and_never_cut() {
        for (ms, shown) in
            [(1_999, "2.00 s"), (1_994, "1.99 s"), (4, "0.00 s"), (5, "0.01 s"), (60_000, "60.00 s")]
        {
            assert_eq!(seconds(ms), shown);
        }
    }

    #[test]
    fn a_moment_is_told_in_the_users_zone() {
        let zone = TimeZone::fixed(jiff::tz::offset(1));
        assert_eq!(local(UnixMs(0), &zone), "1970-01-01T01:00:00+01:00");
        assert_eq!(utc(UnixMs(0)), "1970-01-01T00:00:00Z");
    }
}
