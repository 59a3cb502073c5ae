//! Changes to a file that keep every byte that is not meant to change: comments, order, blank lines, quotes, line ends.
//!
//! yaml-edit makes the change in the text; it is then read again by the parser the rest of the program uses, and only if it
//! says exactly what was asked for does it count. So a form the editor does not master (anchors, say) is refused and the
//! file stays as it was.

use std::fmt;

use super::mistake::{Mistake, Report};
use super::yaml::{self, Value};

use syntax::Quotes;

mod difference;
mod item_line;
mod items;
mod model;
mod syntax;

/// One step on the way to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into a mapping.
    Key(String),
    /// Into a list, from 0.
    Index(usize),
}

/// A change. The way begins at the top of the file.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Puts a value where one is, or at a key of a mapping that does not have it yet.
    Set(Vec<Step>, Value),
    /// Puts an item into a list before the one at this index, or at its end.
    Insert(Vec<Step>, Value),
    /// Takes a key or an item out, with the comment behind it.
    Remove(Vec<Step>),
}

/// Why a file was not changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// It is not YAML as it stands.
    #[error("{0}")]
    Unreadable(Mistake),
    /// There is nothing there to change.
    #[error("the file has nothing at {0}")]
    NotThere(String),
    /// The change cannot be made without touching more than was asked for.
    #[error(
        "{0} is written in a way that cannot be changed here without losing something; change the file by hand"
    )]
    NotSafe(String),
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => f.write_str(key),
            Self::Index(index) => write!(f, "[{index}]"),
        }
    }
}

impl Edit {
    fn way(&self) -> &[Step] {
        match self {
            Self::Set(way, _) | Self::Insert(way, _) | Self::Remove(way) => way,
        }
    }

    fn described(&self) -> String {
        let way: Vec<String> = self.way().iter().map(ToString::to_string).collect();
        if way.is_empty() { "the top of the file".to_owned() } else { way.join(".").replace(".[", "[") }
    }
}

/// How a change is tried, the one that disturbs least first.
const WAYS_TO_CHANGE: [fn(&str, &Edit) -> Option<String>; 3] = [
    item_line::insert,
    |text, edit| syntax::change(text, edit, Quotes::Kept),
    |text, edit| syntax::change(text, edit, Quotes::Own),
];

/// Makes the changes one after the other, or none of them.
pub fn edit(text: &str, edits: &[Edit]) -> Result<String, EditError> {
    let mut wanted = read(text)?;
    let mut changed = text.to_owned();
    for edit in edits {
        model::apply(&mut wanted, edit).ok_or_else(|| EditError::NotThere(edit.described()))?;
        changed = WAYS_TO_CHANGE
            .iter()
            .filter_map(|change| change(&changed, edit))
            .find(|changed| read(changed).ok().as_ref() == Some(&wanted))
            .ok_or_else(|| EditError::NotSafe(edit.described()))?;
    }
    Ok(changed)
}

/// Makes the file hold `wanted` with the fewest changes: what is the same stays as it is written.
///
/// This is how a group or a pool that was edited as a whole is written back: `rewrite(text, &group.to_value())`. A new file
/// is [`Value::to_yaml`].
pub fn rewrite(text: &str, wanted: &Value) -> Result<String, EditError> {
    let edits = difference::between(&read(text)?, wanted);
    edit(text, &edits)
}

/// Makes the list under `key` hold mappings: those that are there already, by their value or else by what they say under
/// `name`, keep their text and the comments above them, wherever they go.
///
/// The list has its items one below the other. One in brackets is written anew, if the file has no comments to lose.
pub fn rewrite_items(text: &str, key: &str, name: &str, wanted: &[Value]) -> Result<String, EditError> {
    let before = read(text)?;
    let mut whole = before.clone();
    model::apply(&mut whole, &Edit::Set(vec![Step::from(key)], Value::List(wanted.to_vec())))
        .ok_or_else(|| EditError::NotSafe("the top of the file".to_owned()))?;
    if whole == before {
        return Ok(text.to_owned());
    }
    let ways = [items::rewrite(text, key, name, wanted), items::anew(text, &whole)];
    ways.into_iter()
        .flatten()
        .find(|changed| read(changed).ok().as_ref() == Some(&whole))
        .ok_or_else(|| EditError::NotSafe(key.to_owned()))
}

fn read(text: &str) -> Result<Value, EditError> {
    let mut report = Report::new("");
    match yaml::read(text, &mut report) {
        Some(node) => Ok(node.to_value()),
        None => report.into_mistakes().into_iter().next().map_or_else(
            || Err(EditError::NotSafe("the file".to_owned())),
            |mistake| Err(EditError::Unreadable(mistake)),
        ),
    }
}

#[cfg(test)]
mod tests;
