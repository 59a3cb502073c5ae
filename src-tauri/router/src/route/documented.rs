//! The examples of `docs/routing.md` are files that can be used as they stand.

use super::{Severity, SourceFile, load};

const PAGE: &str = include_str!("../../../../docs/routing.md");

/// The fenced examples: the path in their first comment, and their text.
fn examples() -> Vec<(String, String)> {
    let blocks = PAGE.split("```yaml\n").skip(1).filter_map(|rest| rest.split_once("```"));
    blocks
        .filter_map(|(text, _)| {
            let path = text.lines().next()?.strip_prefix("# ")?;
            Some((path.to_owned(), text.to_owned()))
        })
        .collect()
}

#[test]
fn every_example_is_read_without_a_word() {
    let examples = examples();
    assert_eq!(examples.len(), PAGE.matches("```yaml").count(), "each example names its file");
    let files: Vec<SourceFile<'_>> = examples.iter().map(|(path, text)| SourceFile { path, text }).collect();
    let loaded = load(&files, None);
    assert_eq!(loaded.mistakes, []);
    let counts =
        (loaded.routes.groups.len(), loaded.routes.pools.len(), loaded.routes.aliases.iter().count());
    assert_eq!((counts, loaded.rules.rules().count()), ((2, 1, 2), 4));
}

#[test]
fn the_page_names_every_key_of_every_file() {
    let whole_words: Vec<&str> = PAGE.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
    // A wrong key in each file makes the reader list the keys there are.
    let wrong = [
        (
            "groups/a.yaml",
            "echelon1: {models: [x/y], zzz: 1}\nfallback_config: {zzz: 1, circuit_breaker: {zzz: 1}}\n",
        ),
        ("pools/b.yaml", "task_groups: [a]\nzzz: 1\nfallback_config: {zzz: 1}\n"),
        (
            "rules.yaml",
            "rules:\n  - {name: a, zzz: 1, when: {zzz: 1, cost_so_far: {zzz: 1}}, then: {zzz: 1}}\n",
        ),
        ("choice.yaml", "zzz: 1\nweights: {zzz: 1}\n"),
    ];
    let files: Vec<SourceFile<'_>> = wrong.iter().map(|(path, text)| SourceFile { path, text }).collect();
    let lists: Vec<String> = load(&files, None)
        .mistakes
        .into_iter()
        .filter(|mistake| mistake.severity == Severity::Error)
        .filter_map(|mistake| mistake.reason.split_once("there are ").map(|(_, keys)| keys.to_owned()))
        .collect();
    assert_eq!(lists.len(), 11, "{lists:#?}");
    for key in lists.iter().flat_map(|list| list.split(", ")) {
        assert!(whole_words.contains(&key), "docs/routing.md does not name the key {key}");
    }
}
