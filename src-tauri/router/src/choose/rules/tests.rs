use roundtable_domain::{PicoUsd, UnixMs};

use super::*;
use crate::choose::needs::Needs;
use crate::choose::reading::PromptReading;
use crate::choose::task::AttachmentKind;

fn rules(json: &str) -> Vec<Rule> {
    serde_json::from_str(json).unwrap()
}

fn book(json: &str) -> RuleBook {
    RuleBook::compile(rules(json)).unwrap()
}

fn prompt(text: &str) -> Prompt<'_> {
    Prompt {
        text,
        reading: crate::choose::read_prompt(text, 100, &[]),
        tokens: 100,
        attachments: &[],
        tags: &[],
        local_time: LocalTime { weekday: Weekday::Monday, minute: 12 * 60 },
        spent: Spent::default(),
    }
}

fn holds(when: &str, prompt: &Prompt<'_>) -> bool {
    let json = format!(r#"[{{"name":"r","when":{when},"then":{{"to":"x"}}}}]"#);
    book(&json).judge(prompt).to.is_some()
}

#[test]
fn each_condition_holds_where_it_should_and_only_there() {
    let code = prompt("Write a Python function, please");
    let german = prompt("Schreibe mir bitte ein Gedicht über die See");
    let tags = ["Work".to_owned()];
    let picture = Prompt { attachments: &[AttachmentKind::Image], tags: &tags, ..prompt("what is this?") };
    let rows = [
        (r#"{"task":["code"]}"#, &code, true),
        (r#"{"task":["creative","translation"]}"#, &code, false),
        (r#"{"complexity":["simple"]}"#, &code, true),
        (r#"{"complexity":["complex"]}"#, &code, false),
        (r#"{"language":["de"]}"#, &german, true),
        (r#"{"language":["fr","en"]}"#, &german, false),
        (r#"{"min_tokens":100}"#, &code, true),
        (r#"{"min_tokens":101}"#, &code, false),
        (r#"{"max_tokens":100}"#, &code, true),
        (r#"{"max_tokens":99}"#, &code, false),
        (r#"{"attachments":["image"]}"#, &picture, true),
        (r#"{"attachments":["pdf","any"]}"#, &picture, true),
        (r#"{"attachments":["pdf"]}"#, &picture, false),
        (r#"{"attachments":["none"]}"#, &picture, false),
        (r#"{"attachments":["none"]}"#, &code, true),
        (r#"{"keywords":["PYTHON"]}"#, &code, true),
        (r#"{"keywords":["pyth"]}"#, &code, false),
        (r#"{"keywords":["die see","no"]}"#, &german, true),
        (r#"{"regex":"(?i)fun\\w+"}"#, &code, true),
        (r#"{"regex":"^please"}"#, &code, false),
        (r#"{"tags":["work"]}"#, &picture, true),
        (r#"{"tags":["home"]}"#, &picture, false),
        (r#"{"task":["code"],"language":["de"]}"#, &code, false),
        ("{}", &code, true),
    ];
    for (when, prompt, expected) in rows {
        assert_eq!(holds(when, prompt), expected, "{when} {}", prompt.text);
    }
}

#[test]
fn keywords_are_found_in_scripts_without_spaces() {
    assert!(holds(r#"{"keywords":["翻译"]}"#, &prompt("请翻译这句话")));
    assert!(holds(r#"{"keywords":["straße"]}"#, &prompt("In welcher STRAßE?")));
}

#[test]
fn a_night_belongs_to_the_day_on_which_it_began() {
    let at = |weekday, minute| Prompt { local_time: LocalTime { weekday, minute }, ..prompt("hi") };
    let night = r#"{"time":{"from":"22:00","to":"06:00"},"weekdays":["friday"]}"#;
    let rows = [
        (night, Weekday::Friday, 22 * 60, true),
        (night, Weekday::Friday, 21 * 60 + 59, false),
        (night, Weekday::Saturday, 5 * 60 + 59, true),
        (night, Weekday::Saturday, 6 * 60, false),
        (night, Weekday::Friday, 60, false),
        (r#"{"time":{"from":"09:00","to":"17:30"}}"#, Weekday::Sunday, 17 * 60 + 29, true),
        (r#"{"time":{"from":"09:00","to":"17:30"}}"#, Weekday::Sunday, 17 * 60 + 30, false),
        (r#"{"time":{"from":"18:00","to":"24:00"}}"#, Weekday::Sunday, 1_439, true),
        (r#"{"weekdays":["saturday","sunday"]}"#, Weekday::Monday, 0, false),
    ];
    for (when, weekday, minute, expected) in rows {
        assert_eq!(holds(when, &at(weekday, minute)), expected, "{when} {weekday:?} {minute}");
    }
}

#[test]
fn spending_counts_above_the_amount_and_unknown_spending_never() {
    let spent =
        |conversation, day| Prompt { spent: Spent { conversation, day, month: None }, ..prompt("hi") };
    let usd = |text: &str| text.parse::<PicoUsd>().ok();
    let when = r#"{"cost_so_far":{"conversation_over":"0.50","day_over":"2"}}"#;
    assert!(!holds(when, &spent(usd("0.5"), None)));
    assert!(holds(when, &spent(usd("0.500000000001"), None)));
    assert!(holds(when, &spent(None, usd("2.01"))));
    assert!(!holds(when, &spent(None, None)));
}

#[test]
fn rules_are_read_in_their_order_until_one_is_the_last() {
    let book = book(
        r#"[
        {"name":"thrift","then":{"priority":"cost","never":["openai/*"]}},
        {"name":"off","enabled":false,"then":{"to":"never"}},
        {"name":"not for poems","when":{},"unless":{"task":["creative"]},"then":{"only":["demo/*"],"local_only":true}},
        {"name":"code","when":{"task":["code"]},"then":{"to":"coding.premium","strategy":"task_based"}},
        {"name":"after","then":{"to":"other","priority":"speed"}}
    ]"#,
    );
    let verdict = book.judge(&prompt("Write a Python function"));
    assert_eq!(verdict.rules, ["thrift", "not for poems", "code"]);
    assert_eq!(verdict.to.as_deref(), Some("coding.premium"));
    let mut situation = Situation::new(PromptReading::default(), Needs::default(), UnixMs(0), 0);
    verdict.amend(&mut situation);
    assert_eq!((situation.priority, situation.strategy), (Priority::Cost, Strategy::TaskBased));
    assert!(situation.needs.local_only);
    assert_eq!(
        (situation.needs.only.len(), situation.needs.never.as_slice()),
        (1, &["openai/*".to_owned()][..])
    );
    let poem = book.judge(&prompt("Write a poem about the sea"));
    assert_eq!(
        (poem.rules.as_slice(), poem.to.as_deref()),
        (&["thrift".to_owned(), "after".to_owned()][..], Some("other"))
    );
    assert!(!poem.local_only && poem.priority == Some(Priority::Speed), "the last word counts");
}

#[test]
fn every_mistake_is_found_at_once_and_says_where_it_is() {
    let broken = rules(
        r#"[
        {"name":" ","then":{}},
        {"name":"a","when":{"regex":"(","min_tokens":5,"max_tokens":4,"time":{"from":"25:00","to":"1"}},"then":{"to":" "}},
        {"name":"a","unless":{"regex":"a{1000}{1000}{1000}","keywords":[""],"cost_so_far":{}},"then":{"stop":true}}
    ]"#,
    );
    let mistakes = RuleBook::compile(broken).unwrap_err();
    let found: Vec<(usize, &str)> =
        mistakes.iter().map(|mistake| (mistake.index, mistake.key.as_str())).collect();
    let expected = [
        (0, "name"),
        (0, "then"),
        (1, "then.to"),
        (1, "when.min_tokens"),
        (1, "when.time"),
        (1, "when.regex"),
        (2, "name"),
        (2, "unless.keywords"),
        (2, "unless.cost_so_far"),
        (2, "unless.regex"),
    ];
    assert_eq!(found, expected);
    assert_eq!(mistakes[2].to_string(), "rule 2, then.to: name a model, group.echelon, group or pool");
    let unknown = serde_json::from_str::<Vec<Rule>>(r#"[{"name":"a","when":{"langauge":["de"]},"then":{}}]"#);
    assert!(
        unknown.unwrap_err().to_string().contains("langauge"),
        "a misspelt condition is no condition that holds"
    );
}

#[test]
fn a_dry_run_counts_what_held_and_what_was_hidden() {
    let book = book(
        r#"[{"name":"code","when":{"task":["code"]},"then":{"to":"a"}},
            {"name":"python","when":{"keywords":["python"]},"then":{"to":"b"}}]"#,
    );
    let past = ["Write a Python function", "python or snake?", "hello", "hi there"].map(prompt);
    let run = book.dry_run(&past);
    assert_eq!(run.verdicts.len(), 4);
    assert_eq!(run.untouched, 2);
    let counts: Vec<(usize, usize)> = run.rows.iter().map(|row| (row.held, row.hidden)).collect();
    assert_eq!(counts, [(2, 0), (0, 2)]);
}
