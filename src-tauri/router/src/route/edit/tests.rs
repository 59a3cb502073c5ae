//! Changes to files with comments everywhere: what was asked for happens, and nothing else.

use proptest::prelude::*;

use super::*;
use crate::route::{SourceFile, load};

const FILE: &str = "# The coders.
description: \"Code\"   # shown in the list

echelon1:   # the first choice
    models: [demo/scholar, 'demo/poet']  # both good
    rpm_limit: 60   # a minute
    timeout: 2.5

# for the rest
echelon2:
  models:
    # the cheap one
    - demo/swift   # cheap
    - demo/b
  max_retries: 2
# the end
";

fn way(steps: &[&str]) -> Vec<Step> {
    steps.iter().map(|step| step.parse::<usize>().map_or_else(|_| Step::from(*step), Step::from)).collect()
}

fn set(steps: &[&str], value: Value) -> Edit {
    Edit::Set(way(steps), value)
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// The lines that go and the lines that come, in the notation of a diff.
fn diff(old: &str, new: &str) -> Vec<String> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let before = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let rest = (old.len() - before).min(new.len() - before);
    let after = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let gone = old[before..old.len() - after].iter().map(|line| format!("-{line}"));
    let come = new[before..new.len() - after].iter().map(|line| format!("+{line}"));
    gone.chain(come).collect()
}

#[test]
fn each_change_touches_its_own_line_and_no_other() {
    let cases: &[(Edit, &[&str])] = &[
        (
            set(&["echelon1", "rpm_limit"], Value::Whole(90)),
            &["-    rpm_limit: 60   # a minute", "+    rpm_limit: 90   # a minute"],
        ),
        (
            set(&["description"], text("it's: new # 1")),
            &[
                "-description: \"Code\"   # shown in the list",
                "+description: \"it's: new # 1\"   # shown in the list",
            ],
        ),
        (set(&["echelon1", "timeout"], Value::Whole(30)), &["-    timeout: 2.5", "+    timeout: 30"]),
        (set(&["echelon1", "tpm_limit"], Value::Whole(1_000)), &["+    tpm_limit: 1000"]),
        (set(&["echelon2", "temperature"], Value::Float(1.0)), &["+  temperature: 1.0"]),
        (
            set(&["echelon2", "models", "0"], text("demo/poet")),
            &["-    - demo/swift   # cheap", "+    - demo/poet   # cheap"],
        ),
        (Edit::Insert(way(&["echelon2", "models", "2"]), text("demo/c")), &["+    - demo/c"]),
        (Edit::Insert(way(&["echelon2", "models", "0"]), text("demo: c")), &["+    - \"demo: c\""]),
        (
            Edit::Insert(way(&["echelon1", "models", "1"]), text("demo/c")),
            &[
                "-    models: [demo/scholar, 'demo/poet']  # both good",
                "+    models: [demo/scholar, demo/c, 'demo/poet']  # both good",
            ],
        ),
        (
            Edit::Remove(way(&["echelon1", "models", "0"])),
            &[
                "-    models: [demo/scholar, 'demo/poet']  # both good",
                "+    models: ['demo/poet']  # both good",
            ],
        ),
        (Edit::Remove(way(&["echelon2", "models", "1"])), &["-    - demo/b"]),
        (Edit::Remove(way(&["echelon1", "rpm_limit"])), &["-    rpm_limit: 60   # a minute"]),
    ];
    for line_end in ["\n", "\r\n"] {
        for (edit, expected) in cases {
            let file = FILE.replace('\n', line_end);
            let changed = super::edit(&file, std::slice::from_ref(edit)).unwrap();
            assert_eq!(diff(&file, &changed), *expected, "{edit:?}");
            assert_eq!(
                changed.matches('\n').count(),
                changed.matches(line_end).count(),
                "{edit:?}: {changed:?}"
            );
        }
    }
}

#[test]
fn a_whole_echelon_comes_and_goes() {
    let rung = Value::Map(vec![
        ("models".into(), Value::List(vec![text("demo/x"), text("demo/y")])),
        ("timeout".into(), Value::Whole(9)),
    ]);
    let added = edit(FILE, &[set(&["echelon3"], rung)]).unwrap();
    let lines: Vec<&str> = added.lines().collect();
    assert!(FILE.lines().all(|line| lines.contains(&line)));
    assert_eq!(diff(FILE, &added), ["+echelon3:", "+  models: [demo/x, demo/y]", "+  timeout: 9"]);
    let removed = edit(&added, &[Edit::Remove(way(&["echelon2"]))]).unwrap();
    assert!(
        removed.contains("# The coders.")
            && removed.contains("# for the rest")
            && removed.contains("# the end")
    );
    assert!(!removed.contains("echelon2") && removed.contains("echelon3"));
}

#[test]
fn several_changes_are_made_in_their_order_or_none() {
    let edits = [
        set(&["echelon1", "rpm_limit"], Value::Whole(1)),
        Edit::Remove(way(&["echelon2"])),
        set(&["fallback_config"], Value::Map(vec![("strategy".into(), text("echelon_down"))])),
        set(&["fallback_config", "max_attempts"], Value::Whole(3)),
    ];
    let changed = edit(FILE, &edits).unwrap();
    assert!(changed.contains("  strategy: echelon_down\n  max_attempts: 3\n"), "{changed}");
    let failing = [edits[0].clone(), Edit::Remove(way(&["echelon7", "models"]))];
    assert_eq!(edit(FILE, &failing), Err(EditError::NotThere("echelon7.models".into())));
}

#[test]
fn a_group_written_back_as_a_whole_changes_only_where_it_differs() {
    let source = SourceFile { path: "groups/coding.yaml", text: FILE };
    let mut group = load(&[source], None).routes.groups.remove("coding").unwrap();
    assert_eq!(rewrite(FILE, &group.to_value()).unwrap(), FILE, "nothing changed, no byte moves");
    group.description = None;
    group.echelons[0].models = vec!["demo/poet".into(), "demo/new".into(), "demo/scholar".into()];
    group.echelons[0].settings.timeout_ms = Some(1_500);
    group.echelons[1].models = vec!["demo/first".into(), "demo/swift".into()];
    group.echelons[1].settings.max_tokens = Some(10);
    let changed = rewrite(FILE, &group.to_value()).unwrap();
    let expected = "# The coders.

echelon1:   # the first choice
    models: ['demo/poet', demo/new, demo/scholar]  # both good
    rpm_limit: 60   # a minute
    timeout: 1.5

# for the rest
echelon2:
  models:
    - demo/first
    # the cheap one
    - demo/swift   # cheap
  max_retries: 2
  max_tokens: 10
# the end
";
    assert_eq!(changed, expected);
}

#[test]
fn files_with_nothing_but_comments_and_files_that_do_not_exist_yet_can_be_begun() {
    let begun = edit("# names\n", &[set(&["short"], text("demo/swift"))]).unwrap();
    assert_eq!(begun, "# names\nshort: demo/swift\n");
    let both = edit(&begun, &[set(&["long.er"], text("demo/poet"))]).unwrap();
    assert_eq!(both, "# names\nshort: demo/swift\nlong.er: demo/poet\n");
    assert_eq!(edit("", &[set(&["a"], Value::Whole(1))]).unwrap(), "a: 1\n");
    assert_eq!(edit("# no end", &[set(&["a"], Value::Whole(1))]).unwrap(), "# no end\na: 1\n");
    assert_eq!(
        edit("a: 1", &[set(&["b"], Value::Whole(2))]).map(|text| text.trim_end().to_owned()).unwrap(),
        "a: 1\nb: 2"
    );
}

#[test]
fn what_cannot_be_changed_safely_is_refused() {
    assert!(matches!(edit("a: [1\n", &[]), Err(EditError::Unreadable(_))));
    let shared = "base: &base {timeout: 5}\necho: *base\n";
    let change = set(&["echo", "timeout"], Value::Whole(6));
    let refused = edit(shared, &[change]);
    assert_eq!(refused, Err(EditError::NotSafe("echo.timeout".into())), "the other one would change too");
    assert_eq!(edit("a: 1\n", &[set(&["a", "b"], Value::Null)]), Err(EditError::NotThere("a.b".into())));
    assert_eq!(edit("a: [1]\n", &[Edit::Remove(way(&["a", "4"]))]), Err(EditError::NotThere("a[4]".into())));
}

#[test]
fn an_item_stays_under_the_comment_that_is_about_it() {
    let file = "list:  # all\n  # about a\n  - a\n\n  # about c\n  - c  # c\n  # the end";
    let into = |index: &str| edit(file, &[Edit::Insert(way(&["list", index]), text("x"))]).unwrap();
    assert_eq!(into("0"), file.replace("# all\n", "# all\n  - x\n"));
    assert_eq!(into("1"), file.replace("- a\n", "- a\n  - x\n"));
    assert_eq!(into("2"), file.replace("# c\n", "# c\n  - x\n"));
    let open = "list:\n- a";
    assert_eq!(edit(open, &[Edit::Insert(way(&["list", "1"]), text("b"))]).unwrap(), "list:\n- a\n- b\n");
    let folded = "list:\n  - one\n    two\n  - c\n";
    let both = edit(folded, &[Edit::Insert(way(&["list", "1"]), text("x"))]).unwrap();
    assert_eq!(both, "list:\n  - one\n    two\n  - x\n  - c\n");
}

/// A file as somebody may have written it, and what it says.
#[derive(Clone, Debug)]
struct Written {
    text: String,
    wanted: Value,
}

fn any_rung() -> impl Strategy<Value = Value> {
    let name = prop_oneof!["[a-z]{1,6}/[a-z0-9.:-]{1,8}", "[a-z]{3,8}"];
    let models = proptest::collection::btree_set(name, 1..5);
    (
        models,
        proptest::option::of(1_i64..1_000),
        proptest::option::of(0.0_f64..2.0),
        proptest::option::of(1_i64..9),
    )
        .prop_map(|(models, rpm, temperature, retries)| {
            let mut entries =
                vec![("models".to_owned(), Value::List(models.into_iter().map(Value::Text).collect()))];
            entries.extend(rpm.map(|n| ("rpm_limit".to_owned(), Value::Whole(n))));
            entries.extend(temperature.map(|n| ("temperature".to_owned(), Value::Float(n))));
            entries.extend(retries.map(|n| ("max_retries".to_owned(), Value::Whole(n))));
            Value::Map(entries)
        })
}

fn any_group() -> impl Strategy<Value = Value> {
    (proptest::collection::vec(any_rung(), 1..4), proptest::option::of("[ -~]{0,12}"), any::<bool>())
        .prop_map(|(rungs, description, fallback)| {
            let mut entries: Vec<(String, Value)> = Vec::new();
            entries.extend(description.map(|text| ("description".to_owned(), Value::Text(text))));
            entries.extend((1..).zip(rungs).map(|(at, rung)| (format!("echelon{at}"), rung)));
            if fallback {
                let strategy = ("strategy".to_owned(), Value::Text("echelon_down".to_owned()));
                entries.push(("fallback_config".to_owned(), Value::Map(vec![strategy])));
            }
            Value::Map(entries)
        })
}

/// The group with a comment of its own behind and before each line, lists in either style, wide or narrow, either line end.
fn any_written() -> impl Strategy<Value = Written> {
    (any_group(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(wanted, block_lists, wide, spaced, windows)| {
            let mut lines = Vec::new();
            for line in wanted.to_yaml().lines() {
                let indent = line.len() - line.trim_start().len();
                let pad = " ".repeat(if wide { indent * 2 } else { indent });
                let body = line.trim_start();
                let list = body.strip_prefix("models: [").and_then(|rest| rest.strip_suffix(']'));
                let comment = format!("# line {}", lines.len());
                lines.push(format!("{pad}{comment} before"));
                match list.filter(|_| block_lists) {
                    Some(items) => {
                        lines.push(format!("{pad}models:  {comment}"));
                        for item in items.split(", ") {
                            lines.push(format!("{pad}  - {item}  # item {}", lines.len()));
                        }
                    }
                    None => lines.push(format!("{pad}{body}  {comment}")),
                }
                if spaced {
                    lines.push(String::new());
                }
            }
            let line_end = if windows { "\r\n" } else { "\n" };
            Written { text: lines.join(line_end) + line_end, wanted }
        },
    )
}

/// The comment a line ends with or consists of.
fn comments(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.rfind("# ").and_then(|at| line.get(at..))).collect()
}

fn is_subsequence(small: &[&str], large: &[&str]) -> bool {
    let mut rest = large.iter();
    small.iter().all(|line| rest.any(|other| other == line))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// Setting a number that is there changes one line and keeps the comment behind it.
    #[test]
    fn a_value_is_set_in_its_line(written in any_written(), number in 1_i64..1_000_000) {
        let keys: Vec<String> = written.wanted.keys().filter(|key| key.starts_with("echelon")).map(str::to_owned).collect();
        for key in keys {
            let there = written.wanted.get(&key).unwrap().get("rpm_limit").is_some();
            let changed = edit(&written.text, &[set(&[&key, "rpm_limit"], Value::Whole(number))]).unwrap();
            let (old, new): (Vec<&str>, Vec<&str>) = (written.text.lines().collect(), changed.lines().collect());
            if there {
                prop_assert_eq!(old.len(), new.len());
                prop_assert!(old.iter().zip(&new).filter(|(a, b)| a != b).count() <= 1);
            } else {
                prop_assert_eq!(old.len() + 1, new.len());
                prop_assert!(is_subsequence(&old, &new), "{}", changed);
            }
            prop_assert_eq!(comments(&written.text), comments(&changed));
        }
    }

    /// Taking a key out takes its line out and no other.
    #[test]
    fn a_key_is_removed_with_its_line(written in any_written()) {
        let keys: Vec<String> = written.wanted.keys().filter(|key| key.starts_with("echelon")).map(str::to_owned).collect();
        for key in keys {
            for inner in ["rpm_limit", "temperature", "max_retries"] {
                if written.wanted.get(&key).unwrap().get(inner).is_some() {
                    let changed = edit(&written.text, &[Edit::Remove(way(&[&key, inner]))]).unwrap();
                    let (old, new): (Vec<&str>, Vec<&str>) = (written.text.lines().collect(), changed.lines().collect());
                    prop_assert!(is_subsequence(&new, &old), "{}\n{}", written.text, changed);
                    prop_assert!(old.len() - new.len() <= 2, "{}\n{}", written.text, changed);
                }
            }
        }
    }

    /// Any group can be made into any other, and what is in both keeps its line.
    #[test]
    fn any_group_is_rewritten_into_any_other(written in any_written(), wanted in any_group()) {
        let changed = rewrite(&written.text, &wanted).unwrap();
        prop_assert_eq!(read(&changed).unwrap(), wanted, "{}", changed);
        prop_assert_eq!(rewrite(&written.text, &written.wanted).unwrap(), written.text);
    }
}
