//! A list of mappings rewritten as a whole: items keep the lines they are written in, also when they change places.

use super::super::mistake::Report;
use super::super::yaml::{self, Content, Node, Value};
use super::rewrite as rewrite_mapping;

/// The text with the list as it is wanted; none if the list does not have its items one below the other.
pub(super) fn rewrite(text: &str, key: &str, name: &str, wanted: &[Value]) -> Option<String> {
    let top = yaml::read(text, &mut Report::new(""))?;
    let Content::Map(entries) = &top.content else { return None };
    let entry = entries.iter().find(|entry| entry.key == key)?;
    let Content::List(items) = &entry.value.content else { return None };
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut written = Written::split(&lines, index(entry.key_place.line)?, items)?;
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut out = written.head.concat();
    if wanted.is_empty() {
        out = written.head.split_last().map(|(_, above)| above.concat())?;
        out.push_str(
            &Value::Map(vec![(key.to_owned(), Value::List(Vec::new()))]).to_yaml().replace('\n', line_end),
        );
    }
    for value in wanted {
        let known = written.take(|item| item.value == *value);
        let known = known.or_else(|| written.take(|item| item.says_the_same(value, name)));
        let block = match known {
            Some(item) => item.with(value, &written.indent, line_end)?,
            None => fresh(value, &written.indent, line_end),
        };
        close_line(&mut out, line_end);
        out.push_str(&block);
    }
    close_line(&mut out, line_end);
    out.push_str(&written.tail.concat());
    Some(out)
}

/// The whole file written anew below the comments it begins with; none if there are others, which would be lost.
pub(super) fn anew(text: &str, whole: &Value) -> Option<String> {
    let is_remark = |line: &&str| line.trim().is_empty() || line.trim_start().starts_with('#');
    let remarks: Vec<&str> = text.lines().take_while(is_remark).collect();
    if text.lines().skip(remarks.len()).any(|line| line.contains('#')) {
        return None;
    }
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut out: String = remarks.iter().flat_map(|line| [*line, line_end]).collect();
    out.push_str(&whole.to_yaml().replace('\n', line_end));
    Some(out)
}

/// A file taken apart: what is above the list with the line of its key, the items, and what is below.
struct Written<'t> {
    head: Vec<&'t str>,
    items: Vec<Item<'t>>,
    tail: Vec<&'t str>,
    /// What stands before the dash of each item.
    indent: String,
}

/// An item as it is written.
struct Item<'t> {
    value: Value,
    /// Comments and empty lines above it.
    above: Vec<&'t str>,
    lines: Vec<&'t str>,
    /// How many characters stand before its first key.
    column: usize,
}

impl<'t> Written<'t> {
    /// `key_line`: where the list's key stands, from 0.
    fn split(lines: &[&'t str], key_line: usize, nodes: &[Node]) -> Option<Self> {
        let mut dashes = Vec::with_capacity(nodes.len());
        for node in nodes {
            let line = index(node.place.line)?;
            let column = usize::try_from(node.place.column.checked_sub(1)?).ok()?;
            let before: String = lines.get(line)?.chars().take(column).collect();
            if before.trim() != "-" || line <= key_line {
                return None;
            }
            dashes.push((line, column));
        }
        let (first, _) = *dashes.first()?;
        let indent: String = lines.get(first)?.chars().take_while(|c| *c == ' ').collect();
        let mut items = Vec::with_capacity(nodes.len());
        let mut begin = key_line + 1;
        let ends = dashes.iter().skip(1).map(|(line, _)| *line).chain([lines.len()]);
        for ((node, (line, column)), end) in nodes.iter().zip(dashes.iter().copied()).zip(ends) {
            let body = lines.get(line..end)?;
            let last = body.iter().rposition(|line| !is_remark(line))? + 1;
            items.push(Item {
                value: node.to_value(),
                above: lines.get(begin..line)?.to_vec(),
                lines: body.get(..last)?.to_vec(),
                column,
            });
            begin = line + last;
        }
        Some(Self {
            head: lines.get(..=key_line)?.to_vec(),
            items,
            tail: lines.get(begin..)?.to_vec(),
            indent,
        })
    }

    fn take(&mut self, is_it: impl Fn(&Item<'t>) -> bool) -> Option<Item<'t>> {
        let at = self.items.iter().position(is_it)?;
        Some(self.items.remove(at))
    }
}

impl Item<'_> {
    fn says_the_same(&self, value: &Value, key: &str) -> bool {
        self.value.get(key).is_some() && self.value.get(key) == value.get(key)
    }

    /// Its lines with the comments above, saying this. What cannot be changed in place is written anew.
    fn with(&self, value: &Value, indent: &str, line_end: &str) -> Option<String> {
        let mut out = self.above.concat();
        if self.value == *value {
            out.push_str(&self.lines.concat());
            return Some(out);
        }
        let dash: String = self.lines.first()?.chars().take(self.column).collect();
        match self.alone().and_then(|text| rewrite_mapping(&text, value).ok()) {
            Some(changed) => out.push_str(&indented(&changed, &dash, self.column)),
            None => out.push_str(&fresh(value, indent, line_end)),
        }
        Some(out)
    }

    /// The mapping as a file of its own; none if one of its lines stands further left than its keys.
    fn alone(&self) -> Option<String> {
        let mut text = String::new();
        for (at, line) in self.lines.iter().enumerate() {
            let before: String = line.chars().take(self.column).collect();
            if at > 0 && !before.trim().is_empty() {
                return None;
            }
            let rest: String = line.chars().skip(self.column).collect();
            text.push_str(if rest.is_empty() { "\n" } else { &rest });
        }
        Some(text)
    }
}

/// An item nobody has written yet.
fn fresh(value: &Value, indent: &str, line_end: &str) -> String {
    let dash = format!("{indent}- ");
    let width = dash.chars().count();
    indented(&value.to_yaml(), &dash, width).replace("\r\n", "\n").replace('\n', line_end)
}

/// A mapping's lines behind a dash.
fn indented(text: &str, dash: &str, width: usize) -> String {
    let mut out = String::new();
    for (at, line) in text.split_inclusive('\n').enumerate() {
        if at == 0 {
            out.push_str(dash);
        } else if !line.trim().is_empty() {
            out.extend(std::iter::repeat_n(' ', width));
        }
        out.push_str(line);
    }
    out
}

fn close_line(out: &mut String, line_end: &str) {
    if !out.is_empty() && !out.ends_with('\n') {
        out.push_str(line_end);
    }
}

fn is_remark(line: &str) -> bool {
    line.trim().is_empty() || line.trim_start().starts_with('#')
}

/// A line's number from 0.
fn index(line: u32) -> Option<usize> {
    usize::try_from(line.checked_sub(1)?).ok()
}

#[cfg(test)]
mod tests;
