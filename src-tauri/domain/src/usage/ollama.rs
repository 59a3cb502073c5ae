//! Ollama: two counts, no caches, reasoning inside.

use serde_json::Value;

use super::count::count;
use super::{BilledTokens, TokenUsage, UsageReading};

pub(super) fn read(raw: &Value) -> UsageReading {
    let input = count(raw, &["prompt_eval_count"]);
    let output = count(raw, &["eval_count"]);
    // The prompt count may be missing when the prompt was cached; what is missing is 0 where a token costs nothing, and
    // a reader who overrides the price should still get the answer's cost.
    let billed = output.map(|output| BilledTokens {
        input: input.unwrap_or(0),
        tier_prompt: input.unwrap_or(0),
        output,
        ..BilledTokens::default()
    });
    UsageReading {
        tokens: TokenUsage { input, output, ..TokenUsage::default() },
        billed: billed.into_iter().collect(),
        ..UsageReading::default()
    }
}
