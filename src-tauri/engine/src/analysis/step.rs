//! What a piece of advice would change: values with what they were and what they are to be, as they are kept in the database.

use serde::{Deserialize, Serialize};

use super::sayings::{exact_duration, said};
use crate::view::{ChangedValue, RuleView, Said};

/// One change. All of it stands in one place, so that it is made whole or not at all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(super) enum Step {
    /// Which answers are kept.
    ResponseCache {
        /// `off`, `deterministic`, `always`.
        before: String,
        after: String,
        ttl_hours: u32,
    },
    /// Values of a group, in its file.
    Group { group: String, file: String, edits: Vec<GroupEdit> },
    /// How long a provider may take. `usual_ms`: what holds where nothing is set.
    Provider {
        provider: String,
        timer: Timer,
        before_ms: Option<u64>,
        after_ms: u64,
        #[serde(default)]
        usual_ms: Option<u64>,
    },
    /// A rule that is added behind all others.
    Rule { file: String, rule: Box<RuleView> },
}

/// One value of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct GroupEdit {
    pub(super) field: GroupField,
    pub(super) before: Option<u64>,
    pub(super) after: Option<u64>,
}

/// Which value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "field", rename_all = "snake_case")]
pub(super) enum GroupField {
    /// In milliseconds.
    Timeout { echelon: u32 },
    /// How often the same model is asked again.
    MaxRetries { echelon: u32 },
    /// Calls for one request, all models together.
    MaxAttempts,
}

/// Which of a provider's timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Timer {
    /// From sending to the first semantic delta.
    FirstDelta,
    /// The whole call.
    Total,
}

impl Step {
    /// For people.
    pub(super) fn changes(&self) -> Vec<ChangedValue> {
        match self {
            Self::ResponseCache { before, after, .. } => {
                let place = said("place_kept_answers", &[], "Answers that are kept");
                vec![ChangedValue { place, before: kept_answers(before), after: kept_answers(after) }]
            }
            Self::Group { group, file, edits } => edits.iter().map(|edit| edit.change(group, file)).collect(),
            Self::Provider { provider, timer, before_ms, after_ms, usual_ms } => vec![ChangedValue {
                place: timer.place(provider),
                before: before_ms.map_or_else(|| unset(*usual_ms), time),
                after: time(*after_ms),
            }],
            Self::Rule { file, rule } => {
                let (name, text) = (rule.name.as_str(), format!("Rule “{}” in {file}", rule.name));
                let place = said("place_rule", &[("file", file), ("rule", name)], text);
                vec![ChangedValue { place, before: rule_said(None), after: rule_said(Some(rule)) }]
            }
        }
    }
}

impl GroupEdit {
    fn change(self, group: &str, file: &str) -> ChangedValue {
        let (code, rung, what) = match self.field {
            GroupField::Timeout { echelon } => ("place_rung_timeout", Some(echelon), "time for a call"),
            GroupField::MaxRetries { echelon } => {
                ("place_rung_retries", Some(echelon), "how often the same model is asked again")
            }
            GroupField::MaxAttempts => ("place_group_attempts", None, "calls for one request"),
        };
        let of = rung.map_or_else(|| group.to_owned(), |echelon| format!("{group}.echelon{echelon}"));
        let text = format!("{of} in {file}: {what}");
        let place = said(code, &[("subject", &of), ("file", file)], text);
        ChangedValue { place, before: self.said(self.before), after: self.said_after() }
    }

    /// The value after the change.
    pub(super) fn said_after(self) -> Said {
        self.said(self.after)
    }

    fn said(self, value: Option<u64>) -> Said {
        value.map_or_else(
            || unset(None),
            |value| match self.field {
                GroupField::Timeout { .. } => time(value),
                GroupField::MaxRetries { .. } | GroupField::MaxAttempts => {
                    said("value_count", &[("count", &value.to_string())], value.to_string())
                }
            },
        )
    }
}

impl Timer {
    fn place(self, provider: &str) -> Said {
        let values = [("provider", provider)];
        match self {
            Self::FirstDelta => {
                said("place_first_word", &values, format!("Time for the first word of {provider}"))
            }
            Self::Total => said("place_whole_call", &values, format!("Time for a whole call of {provider}")),
        }
    }

    /// Its name in the settings.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::FirstDelta => "first_delta_ms",
            Self::Total => "total_ms",
        }
    }
}

/// A limit as it is set, exactly.
pub(super) fn time(ms: u64) -> Said {
    said("value_time", &[("limit_ms", &ms.to_string())], exact_duration(ms))
}

/// Nothing is set: what holds then, where it is known.
pub(super) fn unset(usual_ms: Option<u64>) -> Said {
    match usual_ms {
        Some(ms) => {
            let text = format!("not set ({})", exact_duration(ms));
            said("value_unset_usual", &[("limit_ms", &ms.to_string())], text)
        }
        None => said("value_unset", &[], "not set"),
    }
}

/// Which answers are kept: a mode's word.
pub(super) fn kept_answers(mode: &str) -> Said {
    let text = match mode {
        "off" => "none",
        "deterministic" => "those meant to be the same each time",
        "always" => "all",
        other => other,
    };
    said("value_kept_answers", &[("mode", mode)], text)
}

/// What stands where a rule was put. One that says the same in a line was changed elsewhere.
pub(super) fn rule_found(found: Option<&RuleView>, put: &RuleView) -> Said {
    match found {
        Some(found) if found.enabled && found != put && rule_text(found) == rule_text(put) => {
            said("value_rule_amended", &[], "the same, amended")
        }
        found => rule_said(found),
    }
}

fn rule_said(rule: Option<&RuleView>) -> Said {
    match rule {
        None => said("value_no_rule", &[], "no such rule"),
        Some(rule) if !rule.enabled => said("value_rule_off", &[], "switched off"),
        Some(rule) => {
            let text = rule_text(rule);
            said("value_rule", &[("rule", &text)], text.clone())
        }
    }
}

/// What a rule says, in a line.
fn rule_text(rule: &RuleView) -> String {
    let mut said = Vec::new();
    if !rule.when.complexity.is_empty() {
        said.push(format!("complexity: [{}]", rule.when.complexity.join(", ")));
    }
    for (key, value) in
        [("to", &rule.then.to), ("priority", &rule.then.priority), ("strategy", &rule.then.strategy)]
    {
        said.extend(value.as_ref().map(|value| format!("{key}: {value}")));
    }
    said.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::ConditionsView;

    #[test]
    fn a_change_is_shown_in_the_units_of_its_place() {
        let edit = |field, before, after| GroupEdit { field, before, after };
        let step = Step::Group {
            group: "coding".into(),
            file: "groups/coding.yaml".into(),
            edits: vec![
                edit(GroupField::Timeout { echelon: 2 }, Some(2_500), Some(60_000)),
                edit(GroupField::MaxRetries { echelon: 1 }, Some(0), Some(1)),
                edit(GroupField::MaxAttempts, None, Some(3)),
            ],
        };
        let shown: Vec<_> = step
            .changes()
            .into_iter()
            .map(|one| [one.place.text, one.before.text, one.after.text].join(" | "))
            .collect();
        assert_eq!(
            shown,
            [
                "coding.echelon2 in groups/coding.yaml: time for a call | 2.5 s | 1 min",
                "coding.echelon1 in groups/coding.yaml: how often the same model is asked again | 0 | 1",
                "coding in groups/coding.yaml: calls for one request | not set | 3",
            ]
        );
    }

    #[test]
    fn what_is_not_set_names_the_limit_that_holds() {
        let step = Step::Provider {
            provider: "openai".into(),
            timer: Timer::FirstDelta,
            before_ms: None,
            after_ms: 30_000,
            usual_ms: Some(120_000),
        };
        let change = step.changes().remove(0);
        assert_eq!((change.before.text.as_str(), change.after.text.as_str()), ("not set (2 min)", "30 s"));
        let old = serde_json::json!({
            "what": "provider", "provider": "openai", "timer": "total", "before_ms": null, "after_ms": 45_250
        });
        let old: Step = serde_json::from_value(old).unwrap();
        let change = old.changes().remove(0);
        assert_eq!((change.before.text.as_str(), change.after.text.as_str()), ("not set", "45.25 s"));
    }

    #[test]
    fn a_rule_that_was_switched_off_is_said_to_be_off() {
        let put = RuleView { name: "Simple".into(), enabled: true, ..RuleView::default() };
        let text = |found: Option<&RuleView>| rule_found(found, &put).text;
        assert_eq!(text(Some(&RuleView { enabled: false, ..put.clone() })), "switched off");
        let narrower = ConditionsView { complexity: vec!["complex".into()], ..ConditionsView::default() };
        assert_eq!(text(Some(&RuleView { unless: narrower, ..put.clone() })), "the same, amended");
        assert_eq!(text(None), "no such rule");
    }

    #[test]
    fn what_is_kept_of_a_step_is_read_back() {
        let rule = RuleView { name: "Simple".into(), enabled: true, ..RuleView::default() };
        let steps = [
            Step::ResponseCache { before: "off".into(), after: "deterministic".into(), ttl_hours: 24 },
            Step::Provider {
                provider: "openai".into(),
                timer: Timer::Total,
                before_ms: None,
                after_ms: 90_000,
                usual_ms: None,
            },
            Step::Rule { file: "rules.yaml".into(), rule: Box::new(rule) },
        ];
        for step in steps {
            let kept = serde_json::to_value(&step).unwrap();
            assert_eq!(serde_json::from_value::<Step>(kept).unwrap(), step);
        }
    }
}
