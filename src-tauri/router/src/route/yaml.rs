//! YAML as a tree that remembers where each value stands, and the same tree without places for writing.
//!
//! Reading into a tree rather than into structs lets a file be told all its mistakes at once, with the words of its own
//! subject, instead of the first one in the words of a deserializer.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Error, Location, Spanned};

use super::mistake::{MistakeCode, Place, Report};

mod entries;
mod value;

pub(crate) use entries::{Entries, seconds, texts, whole};
pub use value::Value;

/// A value and where it begins.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub place: Place,
    pub content: Content,
}

/// What a node holds.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    Null,
    Bool(bool),
    Whole(i128),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key with its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub key: String,
    pub key_place: Place,
    pub value: Node,
}

/// Reads one document. What is not YAML is reported with its line, and then there is no tree.
pub(crate) fn read(text: &str, report: &mut Report) -> Option<Node> {
    match serde_saphyr::from_str::<Spanned<Raw>>(text) {
        Ok(raw) => {
            let mut top = node(raw);
            if matches!(top.content, Content::Null) {
                top.place = Place::START; // The parser says where the file ends, which helps nobody.
            }
            Some(top)
        }
        Err(error) => {
            let (code, reason) = in_words(&error);
            report.error(place(error.location().as_ref()), code, reason);
            None
        }
    }
}

impl Node {
    /// What the value is, for a sentence that says what it should be.
    pub fn kind(&self) -> &'static str {
        match &self.content {
            Content::Null => "nothing",
            Content::Bool(_) => "yes or no",
            Content::Whole(_) | Content::Float(_) => "a number",
            Content::Text(_) => "text",
            Content::List(_) => "a list",
            Content::Map(_) => "a mapping",
        }
    }

    /// The tree without places.
    pub fn to_value(&self) -> Value {
        match &self.content {
            Content::Null => Value::Null,
            Content::Bool(yes) => Value::Bool(*yes),
            Content::Whole(number) => i64::try_from(*number).map_or_else(
                |_| Value::Text(number.to_string()), // No file of ours has a number that large; the text keeps it.
                Value::Whole,
            ),
            Content::Float(number) => Value::Float(*number),
            Content::Text(text) => Value::Text(text.clone()),
            Content::List(items) => Value::List(items.iter().map(Self::to_value).collect()),
            Content::Map(entries) => {
                Value::Map(entries.iter().map(|entry| (entry.key.clone(), entry.value.to_value())).collect())
            }
        }
    }
}

/// What went wrong, in words that name neither the library nor its options.
fn in_words(error: &Error) -> (MistakeCode, String) {
    match error.without_snippet() {
        Error::DuplicateMappingKey { key: Some(key), .. } => {
            (MistakeCode::Duplicate, format!("the key \"{key}\" is there twice; keep one of them"))
        }
        Error::DuplicateMappingKey { key: None, .. } => {
            (MistakeCode::Duplicate, "the same key is there twice; keep one of them".to_owned())
        }
        Error::MultipleDocuments { .. } => (
            MistakeCode::Syntax,
            "one document a file: remove the \"---\" that begins a second one".to_owned(),
        ),
        other => {
            let said = other.to_string();
            let first = said.lines().next().unwrap_or_default();
            let what = first.split_once(" at line ").map_or(first, |(what, _)| what);
            (MistakeCode::Syntax, format!("this is not YAML: {what}"))
        }
    }
}

fn place(location: Option<&Location>) -> Place {
    let number = |n: u64| u32::try_from(n).unwrap_or(u32::MAX).max(1);
    location.map_or(Place::START, |at| Place { line: number(at.line()), column: number(at.column()) })
}

fn node(raw: Spanned<Raw>) -> Node {
    let content = match raw.value {
        Raw::Null => Content::Null,
        Raw::Bool(yes) => Content::Bool(yes),
        Raw::Whole(number) => Content::Whole(number),
        Raw::Float(number) => Content::Float(number),
        Raw::Text(text) => Content::Text(text),
        Raw::List(items) => Content::List(items.into_iter().map(node).collect()),
        Raw::Map(entries) => Content::Map(
            entries
                .into_iter()
                .map(|(key, value)| Entry {
                    key_place: place(Some(&key.referenced)),
                    key: key.value,
                    value: node(value),
                })
                .collect(),
        ),
    };
    Node { place: place(Some(&raw.referenced)), content }
}

/// A value as the deserializer hands it over.
#[derive(Debug)]
enum Raw {
    Null,
    Bool(bool),
    Whole(i128),
    Float(f64),
    Text(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        deserializer.deserialize_any(Self)
    }

    fn visit_bool<E>(self, yes: bool) -> Result<Raw, E> {
        Ok(Raw::Bool(yes))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Raw, E> {
        Ok(Raw::Whole(i128::from(number)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Raw, E> {
        Ok(Raw::Whole(i128::from(number)))
    }

    fn visit_i128<E>(self, number: i128) -> Result<Raw, E> {
        Ok(Raw::Whole(number))
    }

    fn visit_u128<E>(self, number: u128) -> Result<Raw, E> {
        Ok(i128::try_from(number).map_or_else(|_| Raw::Text(number.to_string()), Raw::Whole))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Raw, E> {
        Ok(Raw::Float(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }
}
