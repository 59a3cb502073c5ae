//! A table with a heading: CSV, also as spreadsheets write it with semicolons or tabs.

use csv::{ReaderBuilder, StringRecord};
use serde_json::{Map, Value};

use super::super::error::Mistake;
use super::{Row, Rows, targets};

/// What a spreadsheet may part its columns with.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// Which column is what.
struct Columns {
    names: Vec<String>,
    prompt: usize,
    id: Option<usize>,
    system: Option<usize>,
    to: Option<usize>,
}

pub(super) fn read(text: &str) -> Rows {
    let mut rows = Rows::default();
    let found = DELIMITERS.iter().find_map(|delimiter| {
        let heading = heading(text, *delimiter)?;
        Columns::of(&heading).map(|columns| (*delimiter, columns))
    });
    let Some((delimiter, columns)) = found else {
        let reason = "the first line has to name the columns, one of them “prompt”";
        rows.mistakes.push(Mistake::new(1, reason));
        return rows;
    };
    if let Some(twice) = columns.named_twice() {
        rows.mistakes.push(Mistake::new(1, format!("there are two columns “{twice}”")));
        return rows;
    }
    let mut reader = ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let mut lines = Lines { text, byte: 0, line: 1 };
    for record in reader.records() {
        rows.take(match record {
            Ok(record) => columns.row(&record, lines.of(record.position())),
            Err(error) => Err(Mistake::new(lines.of(error.position()), error.to_string())),
        });
    }
    rows
}

/// Counts lines as editors do: the reader's own count lags behind in files with two characters at a line's end.
struct Lines<'t> {
    text: &'t str,
    byte: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line a record begins at. Records come in their order.
    fn of(&mut self, position: Option<&csv::Position>) -> u64 {
        let start = position.and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or(self.byte);
        let bytes = self.text.as_bytes();
        let rest = bytes.get(start..).unwrap_or_default();
        let gap = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let passed = self.text.get(self.byte..start + gap).unwrap_or_default();
        let ends = passed.matches('\n').count();
        (self.byte, self.line) = (start + gap, self.line + u64::try_from(ends).unwrap_or(0));
        self.line
    }
}

fn heading(text: &str, delimiter: u8) -> Option<StringRecord> {
    let mut reader = ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    reader.headers().ok().cloned()
}

impl Columns {
    /// `None` when none of them is the prompt.
    fn of(heading: &StringRecord) -> Option<Self> {
        let names: Vec<String> = heading.iter().map(|name| name.trim().to_owned()).collect();
        let place = |known: &str| names.iter().position(|name| name.eq_ignore_ascii_case(known));
        let prompt = place("prompt")?;
        let (id, system, to) = (place("id"), place("system"), place("to"));
        Some(Self { names, prompt, id, system, to })
    }

    fn named_twice(&self) -> Option<&str> {
        let known = |name: &str| name.to_ascii_lowercase();
        let twice = self.names.iter().enumerate().find(|(place, name)| {
            !name.is_empty() && self.names.iter().take(*place).any(|earlier| known(earlier) == known(name))
        });
        twice.map(|(_, name)| name.as_str())
    }

    /// `None` for a row of nothing but separators, as spreadsheets leave them at the end.
    fn row(&self, record: &StringRecord, line: u64) -> Result<Option<Row>, Mistake> {
        if record.iter().all(|cell| cell.trim().is_empty()) {
            return Ok(None);
        }
        if record.len() > self.names.len() {
            let (cells, columns) = (record.len(), self.names.len());
            let reason = format!("{cells} cells in {columns} columns; put a text with separators in quotes");
            return Err(Mistake::new(line, reason));
        }
        let cell = |place: Option<usize>| {
            place.and_then(|place| record.get(place)).filter(|cell| !cell.trim().is_empty())
        };
        let Some(prompt) = cell(Some(self.prompt)) else {
            return Err(Mistake::new(line, "there is no prompt"));
        };
        Ok(Some(Row {
            number: 0,
            line,
            id: cell(self.id).map(|id| Value::String(id.to_owned())),
            prompt: prompt.to_owned(),
            system: cell(self.system).map(str::to_owned),
            to: cell(self.to).map(targets).unwrap_or_default(),
            fields: self.passed_through(record),
        }))
    }

    fn passed_through(&self, record: &StringRecord) -> Map<String, Value> {
        let taken = [Some(self.prompt), self.id, self.system, self.to];
        let others = self
            .names
            .iter()
            .enumerate()
            .filter(|(place, name)| !name.is_empty() && !taken.contains(&Some(*place)));
        let value = |place: usize| Value::String(record.get(place).unwrap_or_default().to_owned());
        others.map(|(place, name)| (name.clone(), value(place))).collect()
    }
}
