//! How thinking is asked for: a budget of tokens until Claude 4.5, an effort from 4.6 on, where the model decides by itself
//! how much it needs (<https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking>).

use roundtable_domain::{Params, ReasoningEffort};
use serde::Serialize;

use super::generation::{Thinks, Traits};

/// The smallest budget the API takes.
const LEAST_BUDGET: u32 = 1024;

/// Room left for the visible answer when the caller sets no length.
const ANSWER_ROOM: u32 = 8192;

/// `thinking`.
#[derive(Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum Mode {
    Budget {
        #[serde(rename = "type")]
        kind: &'static str,
        budget_tokens: u32,
    },
    Adaptive {
        #[serde(rename = "type")]
        kind: &'static str,
        /// The newer models hide their thinking unless a summary is asked for.
        #[serde(skip_serializing_if = "Option::is_none")]
        display: Option<&'static str>,
    },
    /// Not at all, in the model's word for that.
    Off {
        #[serde(rename = "type")]
        kind: &'static str,
    },
}

/// What a request says of thinking and length.
#[derive(Debug, PartialEq)]
pub(super) struct Plan {
    pub(super) thinking: Option<Mode>,
    pub(super) effort: Option<&'static str>,
    /// Required by the API.
    pub(super) max_tokens: u32,
    /// Parameters that were asked for and are not in it.
    pub(super) omitted: Vec<&'static str>,
}

impl Plan {
    /// Whether the model will think, so that sampling is not its caller's any more.
    pub(super) fn is_thinking(&self) -> bool {
        matches!(self.thinking, Some(Mode::Budget { .. } | Mode::Adaptive { .. }))
    }
}

/// What to send. `may_think` is false where something else of the request rules thinking out (a tool that has to be called).
/// Without a wish nothing is asked for, except to see the thoughts of a model that thinks anyway; a length too short to
/// hold the smallest budget leaves thinking out rather than fail.
pub(super) fn plan(traits: &Traits, params: &Params, may_think: bool) -> Plan {
    let mut plan = Plan { thinking: None, effort: None, max_tokens: 0, omitted: Vec::new() };
    match traits.thinks {
        Thinks::Never => {
            let wanted = params.reasoning_effort.filter(|effort| *effort != ReasoningEffort::Off);
            plan.omitted.extend(wanted.map(|_| "reasoning_effort"));
            plan.omitted.extend(params.reasoning_tokens.map(|_| "reasoning_tokens"));
        }
        Thinks::WithBudget => plan.budget(traits, params, may_think),
        Thinks::WhenAsked { takes_budget: true } if params.reasoning_tokens.is_some() => {
            plan.budget(traits, params, may_think);
        }
        Thinks::WhenAsked { takes_budget } => {
            // 4.6 shows its thoughts without being asked.
            let display = if takes_budget { None } else { Some("summarized") };
            plan.adaptive(params, may_think, display);
        }
        Thinks::UnlessToldNotTo(off) => plan.on_by_itself(params, may_think, Some(off)),
        Thinks::Always => plan.on_by_itself(params, may_think, None),
    }
    let thinking = plan.is_thinking();
    plan.max_tokens = params.max_tokens.unwrap_or_else(|| length(traits, params, thinking));
    plan
}

impl Plan {
    fn budget(&mut self, traits: &Traits, params: &Params, may_think: bool) {
        let wanted = match (params.reasoning_tokens, params.reasoning_effort) {
            (Some(tokens), _) => tokens,
            (None, Some(ReasoningEffort::Off)) => {
                // A Claude does not think unless asked to; of others that is not known.
                self.thinking = (!traits.is_claude).then_some(Mode::Off { kind: "disabled" });
                return;
            }
            (None, Some(effort)) => budget_of(effort),
            (None, None) => return,
        };
        let asked = if params.reasoning_tokens.is_some() { "reasoning_tokens" } else { "reasoning_effort" };
        let length = params.max_tokens.unwrap_or(traits.longest).min(traits.longest);
        // The budget has to stay below max_tokens; half of a tight length goes to the answer.
        let room = if params.max_tokens.is_some() { 0 } else { ANSWER_ROOM };
        let budget_tokens =
            if wanted < length.saturating_sub(room) { wanted } else { (length - room) / 2 }.max(LEAST_BUDGET);
        if !may_think || budget_tokens >= length {
            self.omitted.push(asked);
            return;
        }
        self.thinking = Some(Mode::Budget { kind: "enabled", budget_tokens });
    }

    fn adaptive(&mut self, params: &Params, may_think: bool, display: Option<&'static str>) {
        self.omitted.extend(params.reasoning_tokens.map(|_| "reasoning_tokens"));
        match params.reasoning_effort {
            None | Some(ReasoningEffort::Off) => {}
            Some(_) if !may_think => self.omitted.push("reasoning_effort"),
            Some(effort) => {
                self.thinking = Some(Mode::Adaptive { kind: "adaptive", display });
                self.effort = Some(effort_word(effort));
            }
        }
    }

    /// A model that thinks without being asked; `off` is how it is told not to, where that is possible.
    fn on_by_itself(&mut self, params: &Params, may_think: bool, off: Option<&'static str>) {
        self.omitted.extend(params.reasoning_tokens.map(|_| "reasoning_tokens"));
        let effort = params.reasoning_effort;
        if let Some(kind) = off.filter(|_| !may_think || effort == Some(ReasoningEffort::Off)) {
            self.thinking = Some(Mode::Off { kind });
            let wanted = effort.filter(|effort| *effort != ReasoningEffort::Off);
            self.omitted.extend(wanted.map(|_| "reasoning_effort"));
            return;
        }
        self.thinking = Some(Mode::Adaptive { kind: "adaptive", display: Some("summarized") });
        // Off is the least it can.
        self.effort = effort.map(effort_word);
    }
}

/// The length when the caller names none: one that every model of the generation takes, and that holds what is thought.
fn length(traits: &Traits, params: &Params, thinking: bool) -> u32 {
    if !thinking {
        return ANSWER_ROOM.min(traits.longest);
    }
    let budget = params.reasoning_tokens.or(params.reasoning_effort.map(budget_of));
    let budget = budget.unwrap_or_else(|| budget_of(ReasoningEffort::High)).max(LEAST_BUDGET);
    budget.saturating_add(ANSWER_ROOM).min(traits.longest)
}

fn budget_of(effort: ReasoningEffort) -> u32 {
    match effort {
        ReasoningEffort::Off | ReasoningEffort::Minimal => LEAST_BUDGET,
        ReasoningEffort::Low => 2048,
        ReasoningEffort::Medium => 8192,
        ReasoningEffort::High => 24_576,
        // From here on the documentation advises batches.
        ReasoningEffort::Max => 32_000,
    }
}

fn effort_word(effort: ReasoningEffort) -> &'static str {
    match effort {
        ReasoningEffort::Off | ReasoningEffort::Minimal | ReasoningEffort::Low => "low",
        ReasoningEffort::Medium => "medium",
        ReasoningEffort::High => "high",
        ReasoningEffort::Max => "max",
    }
}

#[cfg(test)]
mod tests {
    use super::super::generation::traits;
    use super::*;
    use serde_json::{Value, json};

    fn planned(
        model: &str,
        effort: Option<ReasoningEffort>,
        tokens: Option<u32>,
        length: Option<u32>,
    ) -> Plan {
        let params = Params {
            reasoning_effort: effort,
            reasoning_tokens: tokens,
            max_tokens: length,
            ..Params::default()
        };
        plan(&traits(model), &params, true)
    }

    fn sent(model: &str, effort: ReasoningEffort) -> (Value, Option<&'static str>) {
        let plan = planned(model, Some(effort), None, None);
        (serde_json::to_value(plan.thinking).unwrap(), plan.effort)
    }

    #[test]
    fn a_budget_always_stays_below_the_length() {
        let budget = |effort, tokens, length| {
            let plan = planned("claude-sonnet-4-5", effort, tokens, length);
            let Some(Mode::Budget { budget_tokens, .. }) = plan.thinking else {
                return (None, plan.max_tokens);
            };
            (Some(budget_tokens), plan.max_tokens)
        };
        let high = Some(ReasoningEffort::High);
        assert_eq!(budget(high, None, None), (Some(24_576), 24_576 + ANSWER_ROOM));
        assert_eq!(budget(high, None, Some(4096)), (Some(2048), 4096));
        assert_eq!(budget(high, None, Some(1000)), (None, 1000));
        assert_eq!(budget(None, Some(5000), None), (Some(5000), 5000 + ANSWER_ROOM));
        assert_eq!(budget(high, Some(5000), Some(6000)), (Some(5000), 6000), "tokens go before the effort");
        assert_eq!(budget(None, Some(10), None), (Some(LEAST_BUDGET), LEAST_BUDGET + ANSWER_ROOM));
        for model in ["claude-opus-4-1", "claude-opus-4-20250514", "claude-haiku-4-5"] {
            let plan = planned(model, Some(ReasoningEffort::Max), None, None);
            let Some(Mode::Budget { budget_tokens, .. }) = plan.thinking else { panic!("{model}") };
            assert!(budget_tokens < plan.max_tokens && plan.max_tokens <= traits(model).longest, "{model}");
        }
    }

    #[test]
    fn each_generation_is_told_in_its_own_words() {
        let adaptive = json!({"type": "adaptive", "display": "summarized"});
        assert_eq!(sent("claude-opus-4-8", ReasoningEffort::Medium), (adaptive.clone(), Some("medium")));
        assert_eq!(sent("claude-opus-4-6", ReasoningEffort::Max), (json!({"type": "adaptive"}), Some("max")));
        assert_eq!(sent("claude-opus-5-5", ReasoningEffort::Off), (adaptive.clone(), Some("low")));
        assert_eq!(sent("claude-opus-5", ReasoningEffort::Off), (json!({"type": "disabled"}), None));
        assert_eq!(sent("claude-sonnet-5-5", ReasoningEffort::Off), (json!({"type": "between_tools"}), None));
        assert_eq!(sent("claude-opus-4-8", ReasoningEffort::Off), (json!(null), None));
        assert_eq!(sent("claude-haiku-4-5", ReasoningEffort::Off), (json!(null), None));
        assert_eq!(sent("kimi-k2", ReasoningEffort::Off), (json!({"type": "disabled"}), None));
        let unasked = planned("claude-sonnet-5", None, None, None);
        assert_eq!(serde_json::to_value(unasked.thinking).unwrap(), adaptive, "its thoughts are shown");
    }

    #[test]
    fn what_a_model_cannot_do_is_said() {
        let omitted = |model, effort, tokens| planned(model, effort, tokens, None).omitted;
        assert_eq!(
            omitted("claude-3-haiku-20240307", Some(ReasoningEffort::High), None),
            ["reasoning_effort"]
        );
        assert_eq!(omitted("claude-3-haiku-20240307", Some(ReasoningEffort::Off), None), [""; 0]);
        assert_eq!(omitted("claude-opus-4-8", None, Some(5000)), ["reasoning_tokens"]);
        assert_eq!(omitted("claude-sonnet-4-6", None, Some(5000)), [""; 0]);
        let forced = Params { reasoning_effort: Some(ReasoningEffort::Low), ..Params::default() };
        assert_eq!(plan(&traits("claude-haiku-4-5"), &forced, false).omitted, ["reasoning_effort"]);
    }

    #[test]
    fn every_request_has_a_length_since_the_api_requires_one() {
        let length = |model, length| planned(model, None, None, length).max_tokens;
        assert_eq!(length("claude-3-haiku-20240307", None), 4096);
        assert_eq!(length("claude-haiku-4-5", None), 8192);
        assert_eq!(length("claude-haiku-4-5", Some(7)), 7);
        assert_eq!(length("claude-opus-5", None), 24_576 + ANSWER_ROOM, "thinking counts into it");
    }
}
