//! Rules as people write them: what arrives, and where a mistake is said to be.

use super::*;
use crate::choose::{AttachmentCondition, Complexity, Language, Priority, Strategy, TaskKind, Weekday};
use crate::route::{Loaded, SourceFile, load};

const RULES: &str = r#"# Asked from top to bottom.
rules:
  - name: private work stays here
    when:
      tags: [private]
      keywords: [Salary, 工资]
      time: {from: 22:00, to: "06:00"}
      weekdays: [monday, sunday]
      cost_so_far:
        conversation_over: 0.50
        day_over: 5
        month_over: "100.000000000001"
    then: {local_only: true, never: ["openai/*"], stop: true}
  - name: code
    enabled: false
    when:
      task: [code, analysis]
      complexity: [complex]
      language: [en, de]
      min_tokens: 10
      max_tokens: 9000
      attachments: [image, none]
      regex: "(?i)\\bfn\\b"
    unless:
      tags: [play]
    then:
      to: coding.echelon1
      only: ["demo/*"]
      priority: quality
      strategy: task_based
"#;

const CODING: &str = "echelon1: {models: [demo/swift]}\n";

fn read(rules: &str) -> Loaded {
    let files = [
        SourceFile { path: "groups/coding.yaml", text: CODING },
        SourceFile { path: "rules.yaml", text: rules },
    ];
    load(&files, None)
}

/// The mistakes of the rules, one a line.
fn said(rules: &str) -> Vec<String> {
    read(rules).mistakes.iter().map(ToString::to_string).collect()
}

#[test]
fn every_key_of_the_format_arrives() {
    let loaded = read(RULES);
    let said: Vec<(u32, MistakeCode)> =
        loaded.mistakes.iter().map(|mistake| (mistake.line, mistake.code)).collect();
    assert_eq!(said, []);
    let usd = |text: &str| Some(text.parse::<PicoUsd>().unwrap());
    let expected = [
        Rule {
            name: "private work stays here".into(),
            enabled: true,
            when: Conditions {
                tags: vec!["private".into()],
                keywords: vec!["Salary".into(), "工资".into()],
                time: Some(TimeOfDay { from: "22:00".into(), to: "06:00".into() }),
                weekdays: vec![Weekday::Monday, Weekday::Sunday],
                cost_so_far: Some(CostSoFar {
                    conversation_over: usd("0.5"),
                    day_over: usd("5"),
                    month_over: usd("100.000000000001"),
                }),
                ..Conditions::default()
            },
            unless: Conditions::default(),
            then: Action {
                local_only: true,
                never: vec!["openai/*".into()],
                stop: true,
                ..Action::default()
            },
        },
        Rule {
            name: "code".into(),
            enabled: false,
            when: Conditions {
                task: vec![TaskKind::Code, TaskKind::Analysis],
                complexity: vec![Complexity::Complex],
                language: vec![Language::En, Language::De],
                min_tokens: Some(10),
                max_tokens: Some(9_000),
                attachments: vec![AttachmentCondition::Image, AttachmentCondition::None],
                regex: Some(r"(?i)\bfn\b".into()),
                ..Conditions::default()
            },
            unless: Conditions { tags: vec!["play".into()], ..Conditions::default() },
            then: Action {
                to: Some("coding.echelon1".into()),
                only: vec!["demo/*".into()],
                priority: Some(Priority::Quality),
                strategy: Some(Strategy::TaskBased),
                ..Action::default()
            },
        },
    ];
    assert_eq!(loaded.rules.rules().cloned().collect::<Vec<_>>(), expected);
}

#[test]
fn each_mistake_has_its_line_and_says_what_would_be_right() {
    let cases = [
        (
            "rules: later\n",
            "rules.yaml:1:8: error: rules has to be a list, each rule beginning with \"- name:\"; here is text",
        ),
        (
            "rules:\n  - name: a\n    wen: {}\n    then: {stop: true}\n",
            "rules.yaml:3:5: error: there is no key \"wen\" here; did you mean \"when\"?",
        ),
        (
            "rules:\n  - then: {stop: true}\n",
            "rules.yaml:2:5: error: a rule needs a name, so that a trace can say which one held",
        ),
        (
            "rules:\n  - name: a\n",
            "rules.yaml:2:5: error: nothing is to be done: give to, only, never, local_only, priority, strategy or stop",
        ),
        (
            "rules:\n  - name: a\n    when: {task: [codes]}\n    then: {stop: true}\n",
            "rules.yaml:3:19: error: task has no \"codes\"; it is one of code, creative, analysis, translation, conversation, long_context, multimodal; did you mean \"code\"?",
        ),
        (
            "rules:\n  - name: a\n    when:\n      regex: \"(\"\n    then: {stop: true}\n",
            "rules.yaml:4:7: error: this regular expression cannot be read",
        ),
        (
            "rules:\n  - name: a\n    when:\n      time: {from: 25:00, to: 3:00}\n    then: {stop: true}\n",
            "rules.yaml:4:7: error: write from and to as HH:MM, for example 22:00",
        ),
        (
            "rules:\n  - name: a\n    when: {cost_so_far: {day_over: lots}}\n    then: {stop: true}\n",
            "rules.yaml:3:36: error: day_over has to be an amount in dollars, for example 0.50; here is text",
        ),
        (
            "rules:\n  - name: a\n    then: {to: codin}\n",
            "rules.yaml:3:16: error: there is no pool, group or alias \"codin\" (a model is written provider/model); did you mean \"coding\"?",
        ),
        (
            "rules:\n  - name: a\n    then: {stop: true}\n  - name: a\n    then: {stop: true}\n",
            "rules.yaml:4:5: error: \"a\" is the name of an earlier rule already",
        ),
    ];
    for (text, expected) in cases {
        let said = said(text);
        assert!(said.len() == 1 && said[0].starts_with(expected), "{text}\n{said:#?}");
    }
}

#[test]
fn a_rule_with_a_mistake_is_left_out_and_the_others_count() {
    let text = "rules:
  - {name: a, then: {stop: maybe}}
  - {name: b, when: {regex: \"[\"}, then: {stop: true}}
  - {name: c, then: {local_only: true}}
  - {name: c, then: {stop: true}}
";
    let loaded = read(text);
    let names: Vec<&str> = loaded.rules.rules().map(|rule| rule.name.as_str()).collect();
    assert_eq!(names, ["c"]);
    assert_eq!(loaded.mistakes.len(), 3, "{:?}", loaded.mistakes);
    assert!(loaded.faulty.contains("rules.yaml") && loaded.faulty.len() == 1);
}

#[test]
fn a_rule_whose_target_is_gone_stays_and_the_file_is_not_faulty() {
    let loaded = read("rules:\n  - {name: a, then: {to: gone, never: [x/y]}}\n");
    assert_eq!((loaded.rules.rules().count(), loaded.mistakes.len(), loaded.faulty.len()), (1, 1, 0));
    assert_eq!(said("# later\n"), [""; 0]);
    assert_eq!(said("rules:\n"), [""; 0]);
}
