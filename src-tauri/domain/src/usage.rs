//! Token usage in one convention, read from every provider's own.

mod anthropic;
mod gemini;
mod ollama;
mod openai;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::endpoint::WireApi;

/// Counts in the inclusive convention: `input` holds cached and written tokens, `output` holds reasoning.
/// `None` means the provider did not report it, which is not zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct TokenUsage {
    /// All prompt tokens.
    #[ts(type = "number | null")]
    pub input: Option<u64>,
    /// All answer tokens.
    #[ts(type = "number | null")]
    pub output: Option<u64>,
    /// Prompt tokens read from a cache; part of `input`.
    #[ts(type = "number | null")]
    pub cached_input: Option<u64>,
    /// Prompt tokens written to a cache; part of `input`.
    #[ts(type = "number | null")]
    pub cache_write: Option<u64>,
    /// Reasoning tokens; part of `output`.
    #[ts(type = "number | null")]
    pub reasoning: Option<u64>,
}

/// Everything a price can depend on, read from a provider's usage object (COSTS, section 1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsageReading {
    /// The inclusive counts.
    pub tokens: TokenUsage,
    /// Cache writes kept for one hour; part of `tokens.cache_write`. The rest is kept five minutes.
    pub cache_write_1h: u64,
    /// Audio tokens in the prompt; part of `tokens.input` unless the provider counts them outside.
    pub audio_input: u64,
    /// Audio tokens in the answer; part of `tokens.output`.
    pub audio_output: u64,
    /// Gemini's `toolUsePromptTokenCount`; part of `tokens.input`.
    pub tool_use_prompt: u64,
    /// The prompt's size for choosing a long-context tier; Gemini leaves tool-use tokens out of it.
    pub tier_prompt: Option<u64>,
    /// The service tier that was in fact used, as the provider returned it.
    pub service_tier: Option<String>,
    /// The charge the provider stated, verbatim, in its own unit.
    pub stated: Option<StatedCost>,
    /// Something outside tokens was used (web search, a container): token cost is a lower bound.
    pub has_other_fees: bool,
}

/// A charge as a provider states it (COSTS, section 3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatedCost {
    /// Exact decimal dollars.
    pub usd: String,
    /// For a bring-your-own-key call: the upstream's charge in dollars, on top of `usd`.
    pub upstream_usd: Option<String>,
}

/// Reads a usage object. Unknown fields are ignored, absent and null counts are unknown, negative ones are clamped to 0.
pub fn read(api: WireApi, provider: &str, raw: &Value) -> UsageReading {
    match api {
        WireApi::OpenaiChat => openai::read_chat(provider, raw),
        WireApi::OpenaiResponses => openai::read_responses(provider, raw),
        WireApi::AnthropicMessages => anthropic::read(raw),
        WireApi::Gemini => gemini::read(raw),
        WireApi::Ollama => ollama::read(raw),
    }
}
