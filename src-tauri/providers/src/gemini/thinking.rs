//! How a reasoning effort is asked for: a level from Gemini 3 on, a budget of tokens for 2.5
//! (<https://ai.google.dev/gemini-api/docs/thinking>).

use roundtable_domain::ReasoningEffort;
use serde::Serialize;

/// `generationConfig.thinkingConfig`.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ThinkingConfig {
    include_thoughts: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_budget: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_level: Option<&'static str>,
}

/// What to send. A model that is known to think is asked to show its thoughts in any case; to others nothing is sent
/// without an effort, because a model that cannot think answers the field with a 400.
pub(super) fn plan(model: &str, effort: Option<ReasoningEffort>) -> Option<ThinkingConfig> {
    let family = Family::of(model);
    let shown = ThinkingConfig { include_thoughts: true, thinking_budget: None, thinking_level: None };
    let Some(effort) = effort else {
        return (family != Family::Other).then_some(shown);
    };
    Some(match family {
        Family::Level(levels) => ThinkingConfig { thinking_level: Some(levels.nearest(effort)), ..shown },
        Family::Budget | Family::BudgetPro | Family::Other => {
            ThinkingConfig { thinking_budget: Some(budget(family, effort)), ..shown }
        }
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    /// 2.5: flash and flash-lite.
    Budget,
    /// 2.5 pro, which cannot stop thinking.
    BudgetPro,
    /// From 3 on.
    Level(Levels),
    /// Everything else. Thinking models among them take a budget, the newer ones too.
    Other,
}

impl Family {
    fn of(model: &str) -> Self {
        let name = model.rsplit('/').next().unwrap_or(model);
        let special = ["image", "tts", "live", "audio", "embedding", "robotics", "computer-use"];
        let Some(version) = name.strip_prefix("gemini-") else { return Self::Other };
        if special.iter().any(|word| name.contains(word)) {
            return Self::Other;
        }
        let pro = name.contains("pro");
        let major = version.split(['.', '-']).next().and_then(|word| word.parse::<u32>().ok());
        match major {
            Some(2) if version.starts_with("2.5") && pro => Self::BudgetPro,
            Some(2) if version.starts_with("2.5") => Self::Budget,
            Some(3..) => Self::Level(Levels {
                minimal: version.starts_with("3-flash") || version.contains("flash-lite"),
                medium: !version.starts_with("3-pro"),
            }),
            _ => Self::Other,
        }
    }
}

/// Which levels a model takes besides `low` and `high`; any other is answered with a 400.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Levels {
    minimal: bool,
    medium: bool,
}

impl Levels {
    fn nearest(self, effort: ReasoningEffort) -> &'static str {
        match effort {
            ReasoningEffort::Off | ReasoningEffort::Minimal if self.minimal => "minimal",
            ReasoningEffort::Off | ReasoningEffort::Minimal | ReasoningEffort::Low => "low",
            ReasoningEffort::Medium if self.medium => "medium",
            ReasoningEffort::Medium | ReasoningEffort::High | ReasoningEffort::Max => "high",
        }
    }
}

fn budget(family: Family, effort: ReasoningEffort) -> u32 {
    match effort {
        // 128 is the least 2.5 pro takes; 0 turns thinking off where that is possible.
        ReasoningEffort::Off | ReasoningEffort::Minimal if family == Family::BudgetPro => 128,
        ReasoningEffort::Off | ReasoningEffort::Minimal => 0,
        ReasoningEffort::Low => 1024,
        ReasoningEffort::Medium => 8192,
        ReasoningEffort::High | ReasoningEffort::Max => 24_576,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sent(model: &str, effort: Option<ReasoningEffort>) -> serde_json::Value {
        serde_json::to_value(plan(model, effort)).unwrap()
    }

    #[test]
    fn a_model_that_may_not_think_is_not_asked_to() {
        for model in
            ["gemini-2.0-flash", "gemma-3-27b-it", "gemini-2.5-flash-image", "gemini-2.5-pro-preview-tts"]
        {
            assert_eq!(sent(model, None), json!(null), "{model}");
        }
        assert_eq!(sent("models/gemini-2.5-flash", None), json!({"includeThoughts": true}));
    }

    #[test]
    fn an_effort_is_a_budget_or_a_level_by_generation() {
        let budget = |model, effort| sent(model, Some(effort))["thinkingBudget"].clone();
        let level = |model, effort| sent(model, Some(effort))["thinkingLevel"].clone();
        assert_eq!(budget("gemini-2.5-flash", ReasoningEffort::Minimal), json!(0));
        assert_eq!(budget("gemini-2.5-pro", ReasoningEffort::Minimal), json!(128));
        assert_eq!(budget("gemini-flash-latest", ReasoningEffort::Medium), json!(8192));
        assert_eq!(level("gemini-3-flash-preview", ReasoningEffort::Minimal), json!("minimal"));
        assert_eq!(level("gemini-3.7-flash", ReasoningEffort::Minimal), json!("low"));
        assert_eq!(level("gemini-3-pro-preview", ReasoningEffort::Medium), json!("high"));
        assert_eq!(level("gemini-3.1-pro-preview", ReasoningEffort::Medium), json!("medium"));
    }
}
