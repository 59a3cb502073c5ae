//! The user's own rules: on such a prompt, at such a moment, do this.
//!
//! Rules are read from top to bottom. Each whose conditions hold adds its action; the first that names a target, or says
//! `stop`, is the last. Rules are checked and compiled once ([`RuleBook::compile`]), all mistakes at once, each with the rule
//! and the key it is in; whoever read the file adds the line.

mod condition;
mod dry_run;

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use super::Situation;
use super::strategy::Strategy;
use super::task::Priority;
use condition::Asked;
pub use condition::{
    AttachmentCondition, Conditions, CostSoFar, LocalTime, Prompt, Spent, TimeOfDay, Weekday,
};
pub use dry_run::{DryRun, DryRunRow};

/// How large a compiled regular expression may be, in bytes: a bound against `(a{1000}){1000}`.
const LARGEST_REGEX: usize = 1 << 20;

/// A rule as it stands in a file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What it is called on screen and in traces.
    pub name: String,
    /// Switched off rules are kept and skipped.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub enabled: bool,
    /// All of these have to hold. Nothing here holds always.
    #[serde(default, skip_serializing_if = "Conditions::is_empty")]
    pub when: Conditions,
    /// Not if all of these hold. Nothing here excepts nothing.
    #[serde(default, skip_serializing_if = "Conditions::is_empty")]
    pub unless: Conditions,
    /// What is to be done.
    pub then: Action,
}

/// What a rule does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Action {
    /// Ask this model, `group.echelon`, group or pool. No later rule is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Only these models, with `*` for any text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
    /// Never these models, with `*` for any text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub never: Vec<String>,
    /// Nothing may leave the house.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub local_only: bool,
    /// What counts most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// How to choose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strategy: Option<Strategy>,
    /// Read no later rule.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub stop: bool,
}

/// A mistake in a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("rule {}, {key}: {reason}", index + 1)]
pub struct RuleMistake {
    /// Which rule, from 0.
    pub index: usize,
    /// The key it is in, with dots: `when.regex`.
    pub key: String,
    /// What is wrong, and what would be right.
    pub reason: String,
}

/// Rules that are ready to be asked.
#[derive(Clone, Debug, Default)]
pub struct RuleBook {
    rules: Vec<Compiled>,
}

#[derive(Clone, Debug)]
struct Compiled {
    rule: Rule,
    when: Option<Regex>,
    unless: Option<Regex>,
}

/// What the rules say of one prompt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Verdict {
    /// The names of the rules that held, in their order.
    pub rules: Vec<String>,
    /// Whom to ask: a model, `group.echelon`, group or pool; `None`: as it was asked.
    pub to: Option<String>,
    /// Only models that each of these lists has.
    pub only: Vec<Vec<String>>,
    /// None of these models.
    pub never: Vec<String>,
    /// Nothing may leave the house.
    pub local_only: bool,
    /// What counts most, by the last rule that says so.
    pub priority: Option<Priority>,
    /// How to choose, by the last rule that says so.
    pub strategy: Option<Strategy>,
}

impl RuleBook {
    /// Checks and compiles rules. All mistakes are found at once.
    pub fn compile(rules: Vec<Rule>) -> Result<Self, Vec<RuleMistake>> {
        let mut mistakes = Vec::new();
        let mut compiled: Vec<Compiled> = Vec::with_capacity(rules.len());
        for (index, rule) in rules.into_iter().enumerate() {
            let mut wrong =
                |key: &str, reason: String| mistakes.push(RuleMistake { index, key: key.to_owned(), reason });
            if compiled.iter().any(|before| before.rule.name == rule.name) {
                wrong("name", format!("\"{}\" is the name of an earlier rule already", rule.name));
            }
            check(&rule, &mut wrong);
            let mut regex = |conditions: &Conditions, key| {
                compile_regex(conditions).unwrap_or_else(|reason| {
                    wrong(key, reason);
                    None
                })
            };
            let (when, unless) = (regex(&rule.when, "when.regex"), regex(&rule.unless, "unless.regex"));
            compiled.push(Compiled { rule, when, unless });
        }
        if mistakes.is_empty() { Ok(Self { rules: compiled }) } else { Err(mistakes) }
    }

    /// The rules, as they were given.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().map(|compiled| &compiled.rule)
    }

    /// What the rules say of a prompt.
    pub fn judge(&self, prompt: &Prompt<'_>) -> Verdict {
        let mut verdict = Verdict::default();
        let asked = Asked::new(prompt);
        for compiled in self.rules.iter().filter(|compiled| compiled.holds(&asked)) {
            verdict.add(&compiled.rule);
            if compiled.rule.then.to.is_some() || compiled.rule.then.stop {
                break;
            }
        }
        verdict
    }
}

impl Compiled {
    fn holds(&self, asked: &Asked<'_>) -> bool {
        let Self { rule, when, unless } = self;
        rule.enabled
            && rule.when.hold(when.as_ref(), asked)
            && (rule.unless.is_empty() || !rule.unless.hold(unless.as_ref(), asked))
    }
}

impl Verdict {
    fn add(&mut self, rule: &Rule) {
        self.rules.push(rule.name.clone());
        let Action { to, only, never, local_only, priority, strategy, stop: _ } = &rule.then;
        self.to.clone_from(to);
        if !only.is_empty() {
            self.only.push(only.clone());
        }
        self.never.extend(never.iter().cloned());
        self.local_only |= local_only;
        self.priority = priority.or(self.priority);
        self.strategy = strategy.or(self.strategy);
    }

    /// Puts what the rules say into a situation. What they keep out is kept out besides what was before. The target is the
    /// caller's to resolve.
    pub fn amend(&self, situation: &mut Situation) {
        let needs = &mut situation.needs;
        needs.only.extend(self.only.iter().cloned());
        needs.never.extend(self.never.iter().cloned());
        needs.local_only |= self.local_only;
        situation.priority = self.priority.unwrap_or(situation.priority);
        if let Some(strategy) = self.strategy {
            situation.strategy = strategy;
            // A strategy is its weights: the user's own, for all prompts, give way to what this rule says of such prompts.
            situation.weights = None;
        }
    }
}

fn check(rule: &Rule, wrong: &mut impl FnMut(&str, String)) {
    if rule.name.trim().is_empty() {
        wrong("name", "a rule needs a name, so that a trace can say which one held".to_owned());
    }
    if rule.then == Action::default() {
        let actions = "to, only, never, local_only, priority, strategy or stop";
        wrong("then", format!("nothing is to be done: give {actions}"));
    }
    if rule.then.to.as_deref().is_some_and(|to| to.trim().is_empty()) {
        wrong("then.to", "name a model, group.echelon, group or pool".to_owned());
    }
    for (part, conditions) in [("when", &rule.when), ("unless", &rule.unless)] {
        for (key, reason) in conditions.mistakes() {
            wrong(&format!("{part}.{key}"), reason);
        }
    }
}

fn compile_regex(conditions: &Conditions) -> Result<Option<Regex>, String> {
    let Some(pattern) = &conditions.regex else { return Ok(None) };
    RegexBuilder::new(pattern)
        .size_limit(LARGEST_REGEX)
        .build()
        .map(Some)
        .map_err(|error| format!("this regular expression cannot be read: {error}"))
}

const fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_yes(value: &bool) -> bool {
    *value
}

#[cfg(test)]
mod tests;
