//! An item put into a list that has its items one a line.
//!
//! It goes right behind the item before it, or behind the key: the comment lines above the next item are about that one and
//! stay above it.

use super::super::mistake::Report;
use super::super::yaml::{self, Content, Node, Value};
use super::{Edit, Step};

/// The text with the item in it; none if the list is not of that form, or the item does not fit a line.
pub(super) fn insert(text: &str, edit: &Edit) -> Option<String> {
    let Edit::Insert(way, value) = edit else { return None };
    let (Step::Index(index), way) = way.split_last()? else { return None };
    if matches!(value, Value::List(_) | Value::Map(_)) {
        return None;
    }
    let top = yaml::read(text, &mut Report::new(""))?;
    let (list, key_line) = way.iter().try_fold((&top, None), |(node, _), step| enter(node, step))?;
    let Content::List(items) = &list.content else { return None };
    let (model, line) = match index.checked_sub(1) {
        Some(before) => items.get(before).map(|item| (item, item.place.line))?,
        None => (items.first()?, key_line?),
    };
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let before_item: String = line_of(&lines, model.place.line)?.chars().take(column(model)).collect();
    if before_item.trim() != "-" {
        return None;
    }
    let behind = line_of(&lines, line)?;
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let new = format!("{before_item}{}{line_end}", value.to_yaml().trim_end());
    let closed = if behind.ends_with('\n') { String::new() } else { format!("{behind}{line_end}") };
    if !closed.is_empty() {
        lines.pop();
        lines.push(&closed);
    }
    lines.insert(usize::try_from(line).ok()?, &new);
    Some(lines.concat())
}

/// One step down, and the line of the key it goes by.
fn enter<'n>(node: &'n Node, step: &Step) -> Option<(&'n Node, Option<u32>)> {
    match (&node.content, step) {
        (Content::Map(entries), Step::Key(key)) => {
            let entry = entries.iter().find(|entry| entry.key == *key)?;
            Some((&entry.value, Some(entry.key_place.line)))
        }
        (Content::List(items), Step::Index(index)) => items.get(*index).map(|item| (item, None)),
        _ => None,
    }
}

fn line_of<'t>(lines: &[&'t str], number: u32) -> Option<&'t str> {
    lines.get(usize::try_from(number.checked_sub(1)?).ok()?).copied()
}

/// How many characters stand before the item in its line.
fn column(item: &Node) -> usize {
    usize::try_from(item.place.column.saturating_sub(1)).unwrap_or(usize::MAX)
}
