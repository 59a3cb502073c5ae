//! Why a model stopped, in one vocabulary.

use serde::{Deserialize, Serialize};

/// Why an answer ended. The provider's own word is kept beside it, verbatim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    /// It was done, or hit a stop sequence.
    Stop,
    /// It reached the longest answer, or the context's end.
    Length,
    /// It wants tools called.
    ToolCalls,
    /// A filter or the model itself refused.
    ContentFilter,
    /// The provider failed in the middle.
    Error,
    /// Anything else; see the provider's word.
    Other,
}

impl FinishReason {
    /// The reason behind a provider's word (PROTOCOLS, sections 1 to 6). `calls_tools`: the answer holds tool calls, which
    /// several providers end with an ordinary stop.
    pub fn of(word: &str, calls_tools: bool) -> Self {
        let lower = word.to_ascii_lowercase();
        match lower.as_str() {
            "tool_calls" | "tool_use" | "function_call" => Self::ToolCalls,
            "stop" | "end_turn" | "stop_sequence" | "completed" | "eos" | "complete" if calls_tools => {
                Self::ToolCalls
            }
            "stop" | "end_turn" | "stop_sequence" | "completed" | "eos" | "complete" | "pause_turn" => {
                Self::Stop
            }
            "length"
            | "max_tokens"
            | "model_length"
            | "model_context_window_exceeded"
            | "incomplete:max_output_tokens" => Self::Length,
            "content_filter"
            | "refusal"
            | "safety"
            | "recitation"
            | "blocklist"
            | "prohibited_content"
            | "spii"
            | "image_safety"
            | "language"
            | "sensitive"
            | "incomplete:content_filter" => Self::ContentFilter,
            "error" | "network_error" | "failed" => Self::Error,
            other if other.starts_with("blocked:") => Self::ContentFilter,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_providers_word_has_its_reason() {
        let of = |word| FinishReason::of(word, false);
        assert_eq!(of("STOP"), FinishReason::Stop);
        assert_eq!(of("end_turn"), FinishReason::Stop);
        assert_eq!(of("MAX_TOKENS"), FinishReason::Length);
        assert_eq!(of("tool_use"), FinishReason::ToolCalls);
        assert_eq!(of("blocked:SAFETY"), FinishReason::ContentFilter);
        assert_eq!(of("something_new"), FinishReason::Other);
        assert_eq!(FinishReason::of("stop", true), FinishReason::ToolCalls);
    }
}
