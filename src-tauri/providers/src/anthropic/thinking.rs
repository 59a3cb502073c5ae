//! How a reasoning effort is asked for: it depends on the generation of the model.
//!
//! Until Claude 4.5 thinking has a budget of tokens. From 4.6 on it is adaptive and takes an effort; 4.7 and later refuse
//! budgets and sampling parameters with a 400, and hide the thinking unless a summary is asked for
//! (<https://docs.anthropic.com/en/docs/build-with-claude/adaptive-thinking>).

use roundtable_domain::ReasoningEffort;
use serde::Serialize;

/// The smallest budget the API takes.
const LEAST_BUDGET: u32 = 1024;

/// Room left for the visible answer when the caller sets no length.
const ANSWER_ROOM: u32 = 8192;

/// The fields of a request that ask for thinking.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(super) struct Thinking {
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<Mode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_config: Option<OutputConfig>,
}

#[derive(Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Mode {
    Enabled {
        budget_tokens: u32,
    },
    Adaptive {
        #[serde(skip_serializing_if = "Option::is_none")]
        display: Option<&'static str>,
    },
}

#[derive(Debug, PartialEq, Serialize)]
struct OutputConfig {
    effort: &'static str,
}

impl Thinking {
    /// Whether the request asks for thinking.
    pub(super) fn is_on(&self) -> bool {
        self.thinking.is_some()
    }
}

/// The thinking fields and `max_tokens` for an effort. Without an effort nothing is asked for; a length too short to
/// hold the smallest budget leaves thinking out rather than fail.
pub(super) fn plan(model: &str, effort: Option<ReasoningEffort>, max_tokens: Option<u32>) -> (Thinking, u32) {
    let fallback = default_max_tokens(model);
    let Some(effort) = effort else {
        return (Thinking::default(), max_tokens.unwrap_or(fallback));
    };
    let generation = Generation::of(model);
    if generation >= Generation(4, 6) {
        let display = (generation >= Generation(4, 7)).then_some("summarized");
        let thinking = Thinking {
            thinking: Some(Mode::Adaptive { display }),
            output_config: Some(OutputConfig { effort: effort_word(effort) }),
        };
        return (thinking, max_tokens.unwrap_or(budget(effort) + ANSWER_ROOM));
    }
    let wanted = budget(effort);
    let max_tokens = max_tokens.unwrap_or(wanted + ANSWER_ROOM);
    // The budget must stay below max_tokens; half of a tight length goes to the answer.
    let budget_tokens = if wanted < max_tokens { wanted } else { (max_tokens / 2).max(LEAST_BUDGET) };
    if budget_tokens >= max_tokens {
        return (Thinking::default(), max_tokens);
    }
    (Thinking { thinking: Some(Mode::Enabled { budget_tokens }), output_config: None }, max_tokens)
}

/// Whether the model refuses `temperature` and `top_p`.
pub(super) fn refuses_sampling(model: &str) -> bool {
    Generation::of(model) >= Generation(4, 7)
}

/// `max_tokens` is required by the API. Without a wish of the caller: 4096 for Claude 3, which takes no more, else 8192,
/// which every later model and the servers that imitate the API take.
fn default_max_tokens(model: &str) -> u32 {
    match Generation::of(model) {
        Generation(3, 0) => 4096,
        _ => 8192,
    }
}

fn budget(effort: ReasoningEffort) -> u32 {
    match effort {
        ReasoningEffort::Off | ReasoningEffort::Minimal => LEAST_BUDGET,
        ReasoningEffort::Low => 2048,
        ReasoningEffort::Medium => 8192,
        ReasoningEffort::High | ReasoningEffort::Max => 24_576,
    }
}

fn effort_word(effort: ReasoningEffort) -> &'static str {
    match effort {
        ReasoningEffort::Off | ReasoningEffort::Minimal | ReasoningEffort::Low => "low",
        ReasoningEffort::Medium => "medium",
        ReasoningEffort::High | ReasoningEffort::Max => "high",
    }
}

/// Major and minor version of a Claude model; (0, 0) for anything else, which is then treated as the oldest form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Generation(u32, u32);

impl Generation {
    /// Reads `claude-3-7-sonnet-20250219`, `claude-opus-4-1`, `anthropic/claude-opus-4.7`, `claude-sonnet-5`.
    fn of(model: &str) -> Self {
        let Some((_, name)) = model.rsplit_once("claude-") else { return Self(0, 0) };
        // A date has more digits than a version.
        let mut numbers = name.split(['-', '.', '@', ':']).filter(|word| word.len() <= 2).map_while_number();
        let major = numbers.next().unwrap_or(0);
        Self(major, numbers.next().unwrap_or(0))
    }
}

/// The first run of numbers among words.
trait NumberRun<'a>: Iterator<Item = &'a str> + Sized {
    fn map_while_number(self) -> impl Iterator<Item = u32> {
        self.map(str::parse::<u32>).skip_while(Result::is_err).map_while(Result::ok)
    }
}

impl<'a, I: Iterator<Item = &'a str>> NumberRun<'a> for I {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_generation_of_every_way_to_name_a_model() {
        for (model, expected) in [
            ("claude-3-opus-20240229", (3, 0)),
            ("claude-3-7-sonnet-20250219", (3, 7)),
            ("claude-3-5-haiku-latest", (3, 5)),
            ("claude-opus-4-20250514", (4, 0)),
            ("claude-sonnet-4-5-20250929", (4, 5)),
            ("claude-opus-4-6", (4, 6)),
            ("anthropic/claude-opus-4.7", (4, 7)),
            ("us.anthropic.claude-sonnet-4-6-v1:0", (4, 6)),
            ("claude-sonnet-5", (5, 0)),
            ("qwen3-4b", (0, 0)),
        ] {
            assert_eq!(Generation::of(model), Generation(expected.0, expected.1), "{model}");
        }
    }

    #[test]
    fn a_budget_always_stays_below_the_length() {
        let effort = Some(ReasoningEffort::High);
        let (thinking, max_tokens) = plan("claude-sonnet-4-5", effort, None);
        assert_eq!(thinking.thinking, Some(Mode::Enabled { budget_tokens: 24_576 }));
        assert_eq!(max_tokens, 24_576 + ANSWER_ROOM);

        let (thinking, max_tokens) = plan("claude-sonnet-4-5", effort, Some(4096));
        assert_eq!((thinking.thinking, max_tokens), (Some(Mode::Enabled { budget_tokens: 2048 }), 4096));

        let (thinking, max_tokens) = plan("claude-sonnet-4-5", effort, Some(1000));
        assert_eq!((thinking.is_on(), max_tokens), (false, 1000));
    }

    #[test]
    fn newer_models_get_an_effort_instead_of_a_budget_they_would_refuse() {
        let (thinking, _) = plan("claude-opus-4-8", Some(ReasoningEffort::Medium), None);
        let json = serde_json::to_value(&thinking).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "thinking": {"type": "adaptive", "display": "summarized"},
                "output_config": {"effort": "medium"}
            })
        );
    }

    #[test]
    fn every_request_has_a_length_since_the_api_requires_one() {
        assert_eq!(plan("claude-3-haiku-20240307", None, None).1, 4096);
        assert_eq!(plan("claude-haiku-4-5", None, None).1, 8192);
        assert_eq!(plan("claude-haiku-4-5", None, Some(7)).1, 7);
    }
}
