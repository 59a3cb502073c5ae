//! A YAML value without its place, and how it is written.

use std::fmt::Write as _;

/// A value to be written.
#[derive(Clone, Debug)]
pub enum Value {
    /// Nothing.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Whole(i64),
    /// Any other number.
    Float(f64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// Keys and values, in order.
    Map(Vec<(String, Value)>),
}

impl PartialEq for Value {
    /// `30` and `30.0` are the same to whoever reads the file. Keys are compared whatever their order.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::List(a), Self::List(b)) => a == b,
            (Self::Map(a), Self::Map(_)) => {
                a.len() == other.keys().count() && a.iter().all(|(key, value)| other.get(key) == Some(value))
            }
            _ => match (self.number(), other.number()) {
                (Some(a), Some(b)) => a.total_cmp(&b).is_eq(),
                _ => false,
            },
        }
    }
}

impl Value {
    /// The value at a key, if this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The keys of a mapping; none of anything else.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        let entries = if let Self::Map(entries) = self { entries.as_slice() } else { &[] };
        entries.iter().map(|(key, _)| key.as_str())
    }

    #[expect(clippy::cast_precision_loss, reason = "compared only; a file's numbers are far below 2^53")]
    fn number(&self) -> Option<f64> {
        match self {
            Self::Whole(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            _ => None,
        }
    }

    /// The value as the text of a document: block style with two spaces, lists of plain values in one line, lists of mappings
    /// with each key on a line of its own.
    ///
    /// Read again, it is the same value.
    pub fn to_yaml(&self) -> String {
        let mut out = String::new();
        match self {
            Self::Map(entries) if !entries.is_empty() => write_map(&mut out, entries, 0),
            Self::List(items) if !self.fits_a_line() => write_list(&mut out, items, 0),
            other => {
                other.write_inline(&mut out);
                out.push('\n');
            }
        }
        out
    }

    /// Whether the value can stand behind its key.
    fn fits_a_line(&self) -> bool {
        match self {
            Self::Map(entries) => entries.is_empty(),
            Self::List(items) => {
                items.iter().all(|item| !matches!(item, Self::List(_) | Self::Map(_)) && item.fits_a_line())
            }
            _ => true,
        }
    }

    fn write_inline(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(yes) => out.push_str(if *yes { "true" } else { "false" }),
            Self::Whole(number) => _ = write!(out, "{number}"),
            // `{:?}` keeps the point, so that a float is read as one again.
            Self::Float(number) => _ = write!(out, "{number:?}"),
            Self::Text(text) => write_text(out, text),
            Self::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { ", " });
                    item.write_inline(out);
                }
                out.push(']');
            }
            Self::Map(entries) => {
                out.push('{');
                for (at, (key, value)) in entries.iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { ", " });
                    write_text(out, key);
                    out.push_str(": ");
                    value.write_inline(out);
                }
                out.push('}');
            }
        }
    }
}

fn write_map(out: &mut String, entries: &[(String, Value)], depth: usize) {
    for (key, value) in entries {
        indent(out, depth);
        write_text(out, key);
        out.push(':');
        match value {
            Value::Map(inner) if !value.fits_a_line() => {
                out.push('\n');
                write_map(out, inner, depth + 1);
            }
            Value::List(items) if !value.fits_a_line() => {
                out.push('\n');
                write_list(out, items, depth + 1);
            }
            other => {
                out.push(' ');
                other.write_inline(out);
                out.push('\n');
            }
        }
    }
}

fn write_list(out: &mut String, items: &[Value], depth: usize) {
    for item in items {
        indent(out, depth);
        out.push_str("- ");
        if let Value::Map(entries) = item
            && !entries.is_empty()
        {
            let mut block = String::new();
            write_map(&mut block, entries, depth + 1);
            out.push_str(block.trim_start()); // Its first key stands behind the dash.
        } else {
            item.write_inline(out);
            out.push('\n');
        }
    }
}

fn indent(out: &mut String, depth: usize) {
    for _ in 0..depth {
        out.push_str("  ");
    }
}

/// Words that YAML 1.1 or 1.2 reads as something else than text.
const NOT_TEXT: [&str; 10] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "~"];

/// Text as it is where that is safe, else between double quotes.
fn write_text(out: &mut String, text: &str) {
    let harmless = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/' | '.' | ' ');
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && !text.ends_with(' ')
        && text.chars().all(harmless)
        && !NOT_TEXT.iter().any(|word| word.eq_ignore_ascii_case(text));
    if plain {
        out.push_str(text);
        return;
    }
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() || matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests;
