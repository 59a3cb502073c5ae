//! How thinking is asked for: a level from Gemini 3 on, a budget of tokens for 2.5
//! (<https://ai.google.dev/gemini-api/docs/thinking>).

use roundtable_domain::{Params, ReasoningEffort};
use serde::Serialize;

use super::model::{Family, Levels};

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
/// without a wish, because a model that cannot think answers the field with a 400. A budget goes before an effort where
/// budgets are counted; a level and a budget together are a 400.
pub(super) fn plan(family: Family, params: &Params) -> Option<ThinkingConfig> {
    let shown = ThinkingConfig { include_thoughts: true, thinking_budget: None, thinking_level: None };
    if let Family::Level(levels) = family {
        let thinking_level = params.reasoning_effort.map(|effort| levels.nearest(effort));
        return Some(ThinkingConfig { thinking_level, ..shown });
    }
    let budget = params.reasoning_tokens.or(params.reasoning_effort.map(|effort| budget(family, effort)));
    match budget {
        Some(tokens) => Some(ThinkingConfig { thinking_budget: Some(tokens), ..shown }),
        None => (family != Family::Other).then_some(shown),
    }
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
        ReasoningEffort::Off => 0,
        // The least that every model but pro takes.
        ReasoningEffort::Minimal => 512,
        ReasoningEffort::Low => 1024,
        ReasoningEffort::Medium => 8192,
        ReasoningEffort::Max if family == Family::BudgetPro => 32_768,
        ReasoningEffort::High | ReasoningEffort::Max => 24_576,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sent(model: &str, effort: Option<ReasoningEffort>) -> serde_json::Value {
        let params = Params { reasoning_effort: effort, ..Params::default() };
        serde_json::to_value(plan(Family::of(model), &params)).unwrap()
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
        assert_eq!(budget("gemini-2.5-flash", ReasoningEffort::Off), json!(0));
        assert_eq!(budget("gemini-2.5-flash", ReasoningEffort::Minimal), json!(512));
        assert_eq!(budget("gemini-2.5-pro", ReasoningEffort::Off), json!(128));
        assert_eq!(budget("gemini-2.5-pro", ReasoningEffort::Max), json!(32_768));
        assert_eq!(budget("gemini-flash-latest", ReasoningEffort::Medium), json!(8192));
        assert_eq!(level("gemini-3-flash-preview", ReasoningEffort::Minimal), json!("minimal"));
        assert_eq!(level("gemini-3.7-flash", ReasoningEffort::Off), json!("minimal"));
        assert_eq!(level("gemini-3.1-pro-preview", ReasoningEffort::Off), json!("low"));
        assert_eq!(level("gemini-3-pro-preview", ReasoningEffort::Medium), json!("high"));
        assert_eq!(level("gemini-3.1-pro-preview", ReasoningEffort::Medium), json!("medium"));
    }

    #[test]
    fn tokens_are_counted_where_the_model_counts_them() {
        let params = Params {
            reasoning_tokens: Some(700),
            reasoning_effort: Some(ReasoningEffort::High),
            ..Params::default()
        };
        let sent = |model| serde_json::to_value(plan(Family::of(model), &params)).unwrap();
        assert_eq!(sent("gemini-2.5-flash"), json!({"includeThoughts": true, "thinkingBudget": 700}));
        assert_eq!(sent("gemini-3-pro"), json!({"includeThoughts": true, "thinkingLevel": "high"}));
    }
}
