//! The user's rules (`rules.yaml`): a list under `rules`, asked from top to bottom.
//!
//! A rule with a mistake is left out, the others count. What a rule may say is [`Rule`]'s; here it gets its line.

use roundtable_domain::PicoUsd;

use super::fields::Fields;
use super::mention::{Mention, Named};
use super::mistake::{MistakeCode, Place, Report};
use super::yaml::{Content, Node};
use crate::choose::{Action, Conditions, CostSoFar, Rule, RuleBook, RuleMistake, TimeOfDay};

mod words;

/// The keys of a rule.
const RULE_KEYS: [&str; 5] = ["name", "enabled", "when", "unless", "then"];

/// The keys of `when` and `unless`.
const CONDITION_KEYS: [&str; 12] = [
    "task",
    "complexity",
    "language",
    "min_tokens",
    "max_tokens",
    "attachments",
    "keywords",
    "regex",
    "tags",
    "time",
    "weekdays",
    "cost_so_far",
];

/// The keys of `then`.
const ACTION_KEYS: [&str; 7] = ["to", "only", "never", "local_only", "priority", "strategy", "stop"];

/// The keys of `cost_so_far`.
const COST_KEYS: [&str; 3] = ["conversation_over", "day_over", "month_over"];

/// More tokens than any prompt has.
const MOST_TOKENS: u64 = 1_000_000_000_000;

/// Reads the rules.
pub(crate) fn read_rules(node: &Node, report: &mut Report, mentions: &mut Vec<Mention>) -> RuleBook {
    if matches!(node.content, Content::Null) {
        return RuleBook::default(); // A file with nothing but comments.
    }
    let Some(fields) = Fields::of(node, "the file of rules", report) else { return RuleBook::default() };
    fields.allow(&["rules"], report);
    let Some(list) = fields.get("rules") else { return RuleBook::default() };
    let Content::List(items) = &list.content else {
        let reason =
            format!("rules has to be a list, each rule beginning with \"- name:\"; here is {}", list.kind());
        report.error(list.place, MistakeCode::WrongType, reason);
        return RuleBook::default();
    };
    let mut read = Vec::new();
    for item in items {
        let before = report.errors();
        let rule = read_rule(item, report, mentions);
        read.extend(rule.filter(|_| report.errors() == before).map(|rule| (rule, item)));
    }
    compile(read, report)
}

/// Checks the rules against each other and by themselves, and leaves out what is wrong.
fn compile(mut read: Vec<(Rule, &Node)>, report: &mut Report) -> RuleBook {
    let rules = |read: &[(Rule, &Node)]| read.iter().map(|(rule, _)| rule.clone()).collect();
    let mistakes = match RuleBook::compile(rules(&read)) {
        Ok(book) => return book,
        Err(mistakes) => mistakes,
    };
    for RuleMistake { index, key, reason } in &mistakes {
        let place = read.get(*index).map_or(Place::START, |(_, node)| place_of(node, key));
        report.error(place, code_of(key), reason.as_str());
    }
    let mut index = 0;
    read.retain(|_| {
        index += 1;
        mistakes.iter().all(|mistake| mistake.index + 1 != index)
    });
    // Nothing that is right by itself becomes wrong by what is left out.
    RuleBook::compile(rules(&read)).unwrap_or_default()
}

/// Where a key with dots stands; where what is there of it ends, if it does not.
fn place_of(node: &Node, key: &str) -> Place {
    let (first, rest) = key.split_once('.').map_or((key, None), |(first, rest)| (first, Some(rest)));
    let Content::Map(entries) = &node.content else { return node.place };
    match (entries.iter().find(|entry| entry.key == first), rest) {
        (Some(entry), Some(rest)) if matches!(entry.value.content, Content::Map(_)) => {
            place_of(&entry.value, rest)
        }
        (Some(entry), _) => entry.key_place,
        (None, _) => node.place,
    }
}

fn code_of(key: &str) -> MistakeCode {
    match key {
        "name" | "then.to" => MistakeCode::BadName,
        "then" => MistakeCode::Empty,
        _ => MistakeCode::BadCondition,
    }
}

fn read_rule(node: &Node, report: &mut Report, mentions: &mut Vec<Mention>) -> Option<Rule> {
    let fields = Fields::of(node, "a rule", report)?;
    fields.allow(&RULE_KEYS, report);
    Some(Rule {
        name: fields.text("name", report).unwrap_or_default(),
        enabled: fields.flag("enabled", report).unwrap_or(true),
        when: read_conditions("when", &fields, report),
        unless: read_conditions("unless", &fields, report),
        then: read_action(&fields, report, mentions),
    })
}

fn read_conditions(key: &str, rule: &Fields<'_>, report: &mut Report) -> Conditions {
    let fields = rule.get(key).and_then(|node| Fields::of(node, key, report));
    let Some(fields) = fields else { return Conditions::default() };
    fields.allow(&CONDITION_KEYS, report);
    Conditions {
        task: fields.words("task", report),
        complexity: fields.words("complexity", report),
        language: fields.words("language", report),
        min_tokens: fields.whole("min_tokens", 0..=MOST_TOKENS, report),
        max_tokens: fields.whole("max_tokens", 0..=MOST_TOKENS, report),
        attachments: fields.words("attachments", report),
        keywords: names("keywords", &fields, report),
        regex: fields.text("regex", report),
        tags: names("tags", &fields, report),
        time: read_time(&fields, report),
        weekdays: fields.words("weekdays", report),
        cost_so_far: read_cost(&fields, report),
    }
}

fn read_time(conditions: &Fields<'_>, report: &mut Report) -> Option<TimeOfDay> {
    let fields = Fields::of(conditions.get("time")?, "time", report)?;
    fields.allow(&["from", "to"], report);
    // What is missing is no time, which is said where the rule is checked.
    let side = |key, report: &mut Report| fields.text(key, report).unwrap_or_default();
    Some(TimeOfDay { from: side("from", report), to: side("to", report) })
}

fn read_cost(conditions: &Fields<'_>, report: &mut Report) -> Option<CostSoFar> {
    let fields = Fields::of(conditions.get("cost_so_far")?, "cost_so_far", report)?;
    fields.allow(&COST_KEYS, report);
    let [conversation_over, day_over, month_over] = COST_KEYS.map(|key| dollars(key, &fields, report));
    Some(CostSoFar { conversation_over, day_over, month_over })
}

/// An amount as it is written: a number, or text where its digits are more than a number keeps.
fn dollars(key: &str, fields: &Fields<'_>, report: &mut Report) -> Option<PicoUsd> {
    let node = fields.get(key)?;
    let text = match &node.content {
        Content::Whole(number) => number.to_string(),
        Content::Float(number) => number.to_string(),
        Content::Text(text) => text.clone(),
        _ => String::new(),
    };
    let amount = text.parse::<PicoUsd>().ok().filter(|amount| *amount >= PicoUsd::ZERO);
    if amount.is_none() {
        let reason =
            format!("{key} has to be an amount in dollars, for example 0.50; here is {}", node.kind());
        report.error(node.place, MistakeCode::BadNumber, reason);
    }
    amount
}

fn read_action(rule: &Fields<'_>, report: &mut Report, mentions: &mut Vec<Mention>) -> Action {
    let fields = rule.get("then").and_then(|node| Fields::of(node, "then", report));
    let Some(fields) = fields else { return Action::default() };
    fields.allow(&ACTION_KEYS, report);
    let to = fields.text("to", report);
    if let (Some(text), Some(node)) = (to.as_ref().filter(|text| !text.trim().is_empty()), fields.get("to")) {
        mentions.push(Mention { place: node.place, named: Named::Target(text.clone()) });
    }
    Action {
        to,
        only: names("only", &fields, report),
        never: names("never", &fields, report),
        local_only: fields.flag("local_only", report).unwrap_or(false),
        priority: fields.word("priority", report),
        strategy: fields.word("strategy", report),
        stop: fields.flag("stop", report).unwrap_or(false),
    }
}

fn names(key: &str, fields: &Fields<'_>, report: &mut Report) -> Vec<String> {
    fields.texts(key, report).unwrap_or_default().into_iter().map(|(text, _)| text).collect()
}

#[cfg(test)]
mod tests;
