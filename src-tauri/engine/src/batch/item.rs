//! A question to one target, and the key it is known by. Pure.

use std::collections::HashMap;
use std::fmt::Write as _;

use roundtable_domain::Params;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::input::Row;

/// How many bytes of its hash a key shows.
const KEY_BYTES: usize = 12;

/// One question to one target.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Item {
    /// The row it is from, counted from 1.
    pub(super) number: u64,
    pub(super) id: Option<Value>,
    /// Of everything that is asked: the same question keeps it when rows are moved or added.
    pub(super) key: String,
    pub(super) target: String,
    pub(super) prompt: String,
    pub(super) system: Option<String>,
    pub(super) fields: Map<String, Value>,
}

/// What all questions of a command have in common.
#[derive(Clone, Copy, Debug)]
pub(super) struct Common<'a> {
    /// Whom to ask where a row does not say.
    pub(super) targets: &'a [String],
    /// Instructions where a row has none.
    pub(super) system: Option<&'a str>,
    pub(super) params: &'a Params,
    pub(super) profile: Option<&'a str>,
}

/// Every row to every target it is for, in their order.
pub(super) fn items(rows: Vec<Row>, common: Common<'_>) -> Vec<Item> {
    let mut seen: HashMap<Hash, u32> = HashMap::new();
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        let targets = if row.to.is_empty() { common.targets } else { &row.to };
        let system = row.system.clone().or_else(|| common.system.map(str::to_owned));
        for target in targets {
            let question = json!([target, row.id, row.prompt, system, common.params, common.profile]);
            let hash = hash(&question.to_string());
            // A question that stands there twice is asked twice.
            let before = seen.entry(hash).or_default();
            let key = key(hash, *before);
            *before += 1;
            items.push(Item {
                number: row.number,
                id: row.id.clone(),
                key,
                target: target.clone(),
                prompt: row.prompt.clone(),
                system: system.clone(),
                fields: row.fields.clone(),
            });
        }
    }
    items
}

type Hash = [u8; 32];

fn hash(text: &str) -> Hash {
    Sha256::digest(text).into()
}

/// `before`: how often the same question stood there already.
fn key(question: Hash, before: u32) -> String {
    let hash = Sha256::new().chain_update(question).chain_update(before.to_be_bytes()).finalize();
    hexadecimal(hash.iter().take(KEY_BYTES))
}

/// Bytes as text.
pub(crate) fn hexadecimal<'b>(bytes: impl Iterator<Item = &'b u8>) -> String {
    bytes.fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(prompt: &str, to: &[&str]) -> Row {
        Row {
            number: 1,
            line: 2,
            id: None,
            prompt: prompt.into(),
            system: None,
            to: to.iter().map(|target| (*target).to_owned()).collect(),
            fields: Map::new(),
        }
    }

    fn keys(rows: Vec<Row>, targets: &[&str], system: Option<&str>, params: &Params) -> Vec<String> {
        let targets: Vec<String> = targets.iter().map(|target| (*target).to_owned()).collect();
        let common = Common { targets: &targets, system, params, profile: None };
        items(rows, common).into_iter().map(|item| item.key).collect()
    }

    #[test]
    fn a_question_keeps_its_key_wherever_it_stands_and_twins_have_their_own() {
        let params = Params::default();
        let first = keys(vec![row("a", &[]), row("b", &[])], &["x/y"], None, &params);
        let moved = keys(vec![row("new", &[]), row("b", &[]), row("a", &[])], &["x/y"], None, &params);
        assert_eq!((&first[0], &first[1]), (&moved[2], &moved[1]));
        let twins = keys(vec![row("a", &[]), row("a", &[])], &["x/y"], None, &params);
        assert_eq!(twins[0], first[0]);
        assert_ne!(twins[0], twins[1], "each of two equal rows has a result of its own");
    }

    #[test]
    fn whatever_changes_the_question_changes_the_key() {
        let params = Params::default();
        let plain = keys(vec![row("a", &[])], &["x/y"], None, &params).remove(0);
        let warm = Params { temperature: Some(0.5), ..Params::default() };
        for other in [
            keys(vec![row("a", &[])], &["x/z"], None, &params),
            keys(vec![row("a", &["x/z"])], &["x/y"], None, &params),
            keys(vec![row("a", &[])], &["x/y"], Some("brief"), &params),
            keys(vec![row("a", &[])], &["x/y"], None, &warm),
            keys(vec![Row { id: Some(1.into()), ..row("a", &[]) }], &["x/y"], None, &params),
        ] {
            assert_ne!(other[0], plain);
        }
    }

    #[test]
    fn every_row_goes_to_every_target_unless_it_says_whom_to_ask() {
        let targets = ["x/y".to_owned(), "z".to_owned()];
        let params = Params::default();
        let common = Common { targets: &targets, system: None, params: &params, profile: None };
        let items = items(vec![row("a", &[]), row("b", &["auto"])], common);
        let asked: Vec<_> = items.iter().map(|item| (item.prompt.as_str(), item.target.as_str())).collect();
        assert_eq!(asked, [("a", "x/y"), ("a", "z"), ("b", "auto")]);
    }
}
