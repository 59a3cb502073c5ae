//! What a piece of advice would change: values with what they were and what they are to be, as they are kept in the database.

use serde::{Deserialize, Serialize};

use crate::view::{ChangedValue, RuleView};

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
    /// How long a provider may take.
    Provider { provider: String, timer: Timer, before_ms: Option<u64>, after_ms: u64 },
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
    /// For people, in the words of the places themselves.
    pub(super) fn changes(&self) -> Vec<ChangedValue> {
        match self {
            Self::ResponseCache { before, after, .. } => vec![ChangedValue {
                place: "settings, kept answers".to_owned(),
                before: Some(before.clone()),
                after: Some(after.clone()),
            }],
            Self::Group { file, edits, .. } => edits.iter().map(|edit| edit.change(file)).collect(),
            Self::Provider { provider, timer, before_ms, after_ms } => vec![ChangedValue {
                place: format!("providers, {provider}, {}", timer.name()),
                before: before_ms.map(|ms| ms.to_string()),
                after: Some(after_ms.to_string()),
            }],
            Self::Rule { file, rule } => vec![ChangedValue {
                place: format!("{file}, {}", rule.name),
                before: None,
                after: Some(rule_text(rule)),
            }],
        }
    }
}

impl GroupEdit {
    fn change(self, file: &str) -> ChangedValue {
        let place = match self.field {
            GroupField::Timeout { echelon } => format!("{file}, echelon{echelon}, timeout"),
            GroupField::MaxRetries { echelon } => format!("{file}, echelon{echelon}, max_retries"),
            GroupField::MaxAttempts => format!("{file}, fallback_config, max_attempts"),
        };
        ChangedValue { place, before: self.shown(self.before), after: self.shown_after() }
    }

    /// The value after the change, as its file has it.
    pub(super) fn shown_after(self) -> Option<String> {
        self.shown(self.after)
    }

    fn shown(self, value: Option<u64>) -> Option<String> {
        value.map(|value| match self.field {
            GroupField::Timeout { .. } => as_seconds(value),
            GroupField::MaxRetries { .. } | GroupField::MaxAttempts => value.to_string(),
        })
    }
}

impl Timer {
    /// Its name in the settings.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::FirstDelta => "first_delta_ms",
            Self::Total => "total_ms",
        }
    }
}

/// Milliseconds as the seconds files hold, exactly.
fn as_seconds(ms: u64) -> String {
    match ms % 1_000 {
        0 => (ms / 1_000).to_string(),
        rest => format!("{}.{rest:03}", ms / 1_000).trim_end_matches('0').to_owned(),
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
        let shown: Vec<_> =
            step.changes().into_iter().map(|one| (one.place, one.before, one.after)).collect();
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            shown,
            [
                ("groups/coding.yaml, echelon2, timeout".to_owned(), text("2.5"), text("60")),
                ("groups/coding.yaml, echelon1, max_retries".to_owned(), text("0"), text("1")),
                ("groups/coding.yaml, fallback_config, max_attempts".to_owned(), None, text("3")),
            ]
        );
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
            },
            Step::Rule { file: "rules.yaml".into(), rule: Box::new(rule) },
        ];
        for step in steps {
            let kept = serde_json::to_value(&step).unwrap();
            assert_eq!(serde_json::from_value::<Step>(kept).unwrap(), step);
        }
    }
}
