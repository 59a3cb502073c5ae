//! Token usage in one convention, read from every provider's own (COSTS, section 1).
//!
//! Two views of the same object: [`TokenUsage`] is what people and books are shown, in the inclusive convention and
//! exactly as far as it was reported; [`BilledTokens`] is what prices are applied to.

mod anthropic;
mod count;
mod gemini;
mod ollama;
mod openai;
mod stated;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::endpoint::WireApi;
pub use stated::{OwnKey, StatedCost};

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

impl TokenUsage {
    /// Whether nothing at all was reported.
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }
}

/// Everything a price can depend on, read from a provider's usage object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsageReading {
    /// The inclusive counts, as reported.
    pub tokens: TokenUsage,
    /// The counts to bill: one entry, or one per iteration where Anthropic lists them. Empty when the input or the
    /// output is unknown, because then the cost is unknown too.
    pub billed: Vec<BilledTokens>,
    /// Reasoning was reported beside the output count, and has been added to `tokens.output` and to `billed`.
    pub reasoning_was_outside: bool,
    /// The service tier that was in fact used, in lower case, as the provider returned it.
    pub service_tier: Option<String>,
    /// Anthropic's `inference_geo`, in lower case.
    pub inference_geo: Option<String>,
    /// The charge the provider stated.
    pub stated: Option<StatedCost>,
    /// Something outside tokens was used (web search, a container): token cost is a lower bound.
    pub has_other_fees: bool,
}

/// The counts of one inference call, ready to be priced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BilledTokens {
    /// The model that did this part of the work, where the provider names one per iteration.
    pub model: Option<String>,
    /// All billed prompt tokens, with the cached, written and audio ones.
    pub input: u64,
    /// Prompt tokens read from a cache; normally part of `input`, but some hosts report more than that.
    pub cached: u64,
    /// Prompt tokens written to a cache that is kept five minutes, or for as long as the provider likes.
    pub written_5m: u64,
    /// Prompt tokens written to a cache that is kept one hour.
    pub written_1h: u64,
    /// Audio tokens in the prompt that were not read from a cache; part of `input`.
    pub audio_input: u64,
    /// All answer tokens, with reasoning and audio.
    pub output: u64,
    /// Reasoning tokens; normally part of `output`.
    pub reasoning: u64,
    /// Audio tokens in the answer; part of `output`.
    pub audio_output: u64,
    /// The prompt's size for choosing a long-context tier; Gemini leaves tool-use tokens out of it.
    pub tier_prompt: u64,
}

/// Reads a usage object. Unknown fields are ignored, absent and null counts are unknown, negative ones are clamped to 0.
/// `provider` is a provider's slug; it decides only where two providers mean different things by the same field.
pub fn read(api: WireApi, provider: &str, raw: &Value) -> UsageReading {
    match api {
        WireApi::OpenaiChat | WireApi::OpenaiCompletions => openai::read_chat(provider, raw),
        WireApi::OpenaiResponses => openai::read_responses(provider, raw),
        WireApi::AnthropicMessages => anthropic::read(provider, raw),
        WireApi::Gemini => gemini::read(raw),
        WireApi::Ollama => ollama::read(raw),
    }
}
