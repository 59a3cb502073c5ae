//! A change made by yaml-edit in the syntax tree of the file.

use yaml_edit::{Document, Mapping, Sequence, YamlFile};

use super::super::yaml::Value;
use super::{Edit, Step};

/// How a text that comes into the file is quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quotes {
    /// As what was there before, as far as the editor sees no need for others.
    Kept,
    /// As new files have it: the editor writes some words plain (`n`) that our reader takes for yes or no.
    Own,
}

/// The text with the change made in it; none if there is no way to the place.
pub(super) fn change(text: &str, edit: &Edit, quotes: Quotes) -> Option<String> {
    let Some((last, way)) = edit.way().split_last() else {
        let Edit::Set(_, value) = edit else { return None };
        return Some(with_comments_before(text, value));
    };
    let file: YamlFile = text.parse().ok()?;
    let Some(top) = file.document().and_then(|document| Container::top(&document)) else {
        // Nothing but comments: what comes is the first thing the file says.
        let (Edit::Set(_, value), Step::Key(key), []) = (edit, last, way) else { return None };
        return Some(with_comments_before(text, &Value::Map(vec![(key.clone(), value.clone())])));
    };
    let container = way.iter().try_fold(top, Container::enter)?;
    container.change(last, edit, quotes)?;
    Some(file.to_string())
}

/// What a file that says nothing holds, comments, and then the value.
fn with_comments_before(text: &str, value: &Value) -> String {
    let comments = text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'));
    let mut whole = if comments { text.to_owned() } else { String::new() };
    if !whole.is_empty() && !whole.ends_with('\n') {
        whole.push('\n');
    }
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    whole.push_str(&value.to_yaml().replace('\n', line_end));
    whole
}

/// A mapping or a list in the text.
enum Container {
    Mapping(Mapping),
    Sequence(Sequence),
}

impl Container {
    fn top(document: &Document) -> Option<Self> {
        document.as_mapping().map(Self::Mapping).or_else(|| document.as_sequence().map(Self::Sequence))
    }

    fn enter(self, step: &Step) -> Option<Self> {
        let inner = match (&self, step) {
            (Self::Mapping(mapping), Step::Key(key)) => mapping.get(key.as_str())?,
            (Self::Sequence(list), Step::Index(index)) => list.get(*index)?,
            _ => return None,
        };
        let mapping = inner.as_mapping().cloned().map(Self::Mapping);
        mapping.or_else(|| inner.as_sequence().cloned().map(Self::Sequence))
    }

    fn change(&self, step: &Step, edit: &Edit, quotes: Quotes) -> Option<()> {
        match (self, step, edit) {
            (Self::Mapping(mapping), Step::Key(key), Edit::Set(_, value)) => {
                with_node(value, quotes, &Put::Key(mapping, key))
            }
            (Self::Mapping(mapping), Step::Key(key), Edit::Remove(_)) => {
                mapping.remove(key.as_str()).map(drop)
            }
            (Self::Sequence(list), Step::Index(index), Edit::Set(_, value)) => {
                with_node(value, quotes, &Put::Over(list, *index))
            }
            (Self::Sequence(list), Step::Index(index), Edit::Insert(_, value)) => {
                with_node(value, quotes, &Put::Before(list, *index))
            }
            (Self::Sequence(list), Step::Index(index), Edit::Remove(_)) => list.remove(*index).map(drop),
            _ => None,
        }
    }
}

/// Where a value goes.
enum Put<'a> {
    Key(&'a Mapping, &'a str),
    Over(&'a Sequence, usize),
    Before(&'a Sequence, usize),
}

impl Put<'_> {
    fn put(&self, value: impl yaml_edit::AsYaml) -> Option<()> {
        match self {
            Self::Key(mapping, key) => mapping.set(*key, value),
            Self::Over(list, index) => return list.set(*index, value).then_some(()),
            Self::Before(list, index) => list.insert(*index, value),
        }
        Some(())
    }
}

/// Puts the value in the form the editor knows for its kind.
fn with_node(value: &Value, quotes: Quotes, place: &Put<'_>) -> Option<()> {
    match value {
        Value::Bool(yes) => place.put(*yes),
        Value::Whole(number) => place.put(*number),
        Value::Float(number) => place.put(*number),
        Value::Text(text) if quotes == Quotes::Kept => place.put(text.as_str()),
        Value::Null | Value::Text(_) | Value::List(_) | Value::Map(_) => {
            let file: YamlFile = value.to_yaml().parse().ok()?;
            let document = file.document()?;
            match value {
                Value::List(_) => place.put(document.as_sequence()?),
                Value::Map(_) => place.put(document.as_mapping()?),
                _ => place.put(document.as_scalar()?),
            }
        }
    }
}
