//! Rules that come, go, change and move: their comments go with them.

use super::super::{EditError, rewrite_items};
use super::*;

const FILE: &str = "# My rules.
rules:
  # What is private stays here.
  - name: private   # always first
    when:
      tags: [private]  # set in the window
    then: {local_only: true}

  # Code goes to the coders.
  - name: code
    when:
      # by its kind
      task: [code]
    then:
      to: coding   # the group
  - {name: cheap, then: {priority: cost}}
# the end
";

fn items(text: &str) -> Vec<Value> {
    let top = yaml::read(text, &mut Report::new("")).unwrap().to_value();
    let Some(Value::List(items)) = top.get("rules") else { return Vec::new() };
    items.clone()
}

fn rewritten(text: &str, wanted: &[Value]) -> String {
    let changed = rewrite_items(text, "rules", "name", wanted).unwrap();
    assert_eq!(items(&changed), wanted, "{changed}");
    changed
}

fn rule(name: &str) -> Value {
    let then = Value::Map(vec![("stop".into(), Value::Bool(true))]);
    Value::Map(vec![("name".into(), Value::Text(name.into())), ("then".into(), then)])
}

#[test]
fn nothing_changed_nothing_moves() {
    assert_eq!(rewritten(FILE, &items(FILE)), FILE);
}

#[test]
fn rules_change_places_with_their_comments() {
    let rules = items(FILE);
    let changed = rewritten(FILE, &[rules[1].clone(), rules[2].clone(), rules[0].clone()]);
    let expected = "# My rules.
rules:

  # Code goes to the coders.
  - name: code
    when:
      # by its kind
      task: [code]
    then:
      to: coding   # the group
  - {name: cheap, then: {priority: cost}}
  # What is private stays here.
  - name: private   # always first
    when:
      tags: [private]  # set in the window
    then: {local_only: true}
# the end
";
    assert_eq!(changed, expected);
}

#[test]
fn a_rule_that_changes_keeps_the_comments_in_it() {
    let mut rules = items(FILE);
    let Value::Map(entries) = &mut rules[1] else { panic!("a rule is a mapping") };
    entries[1].1 = Value::Map(vec![("task".into(), Value::List(vec![Value::Text("analysis".into())]))]);
    let changed = rewritten(FILE, &rules);
    assert_eq!(changed, FILE.replace("task: [code]", "task: [analysis]"));
}

#[test]
fn rules_come_and_go() {
    let rules = items(FILE);
    let changed = rewritten(FILE, &[rules[0].clone(), rule("new: one"), rules[2].clone()]);
    assert!(
        changed.contains("  - name: \"new: one\"\n    then:\n      stop: true\n  - {name: cheap"),
        "{changed}"
    );
    assert!(changed.contains("# always first") && !changed.contains("the coders"), "{changed}");
    let none = rewritten(FILE, &[]);
    assert_eq!(none, "# My rules.\nrules: []\n# the end\n");
    assert_eq!(
        rewritten(&none.replace("# the end\n", ""), &[rule("a")]),
        "# My rules.\nrules:\n  - name: a\n    then:\n      stop: true\n"
    );
}

#[test]
fn a_file_without_rules_gets_its_first() {
    for before in ["", "# Rules.\n", "# Rules.\nrules:\n", "rules: []\n"] {
        let changed = rewritten(before, &[rule("a"), rule("b")]);
        assert!(changed.ends_with("  - name: b\n    then:\n      stop: true\n"), "{before:?} {changed:?}");
        assert_eq!(changed.contains("# Rules."), before.contains("# Rules."));
    }
}

#[test]
fn a_list_in_brackets_is_written_anew_unless_comments_would_be_lost() {
    let wanted = [rule("b")];
    let changed = rewritten("rules: [{name: a, then: {stop: true}}]\n", &wanted);
    assert_eq!(changed, "rules:\n  - name: b\n    then:\n      stop: true\n");
    let with_comment = "rules: [{name: a, then: {stop: true}}] # mine\n";
    assert_eq!(
        rewrite_items(with_comment, "rules", "name", &wanted),
        Err(EditError::NotSafe("rules".into()))
    );
}

#[test]
fn line_ends_and_indentation_stay_as_they_are() {
    let file = FILE.replace('\n', "\r\n").replace("# the end\r\n", "").replace("\r\n  - ", "\r\n  -   ");
    let mut rules = items(&file.replace("    when", "      when").replace("    then", "      then"));
    let file = file.replace("    when", "      when").replace("    then", "      then");
    rules.push(rule("last"));
    rules.remove(0);
    let changed = rewritten(&file, &rules);
    assert_eq!(changed.matches('\n').count(), changed.matches("\r\n").count(), "{changed:?}");
    assert!(changed.contains("  -   name: code\r\n"), "{changed:?}");
}

#[test]
fn a_last_line_without_an_end_is_closed() {
    let changed = rewritten("rules:\n- {name: a, then: {stop: true}}", &[rule("b"), rule("a")]);
    assert_eq!(changed, "rules:\n- name: b\n  then:\n    stop: true\n- {name: a, then: {stop: true}}\n");
}
