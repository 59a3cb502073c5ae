//! Gemini: thoughts and tool-use prompts are outside the two main counts.

use serde_json::Value;

use super::count::{count, sum, word};
use super::{BilledTokens, TokenUsage, UsageReading};

pub(super) fn read(raw: &Value) -> UsageReading {
    let prompt = count(raw, &["promptTokenCount"]);
    let tool_use = count(raw, &["toolUsePromptTokenCount"]);
    let reasoning = count(raw, &["thoughtsTokenCount"]);
    let tokens = TokenUsage {
        input: sum(&[prompt, tool_use]),
        output: sum(&[count(raw, &["candidatesTokenCount"]), reasoning]),
        cached_input: count(raw, &["cachedContentTokenCount"]),
        cache_write: None,
        reasoning,
    };
    UsageReading {
        tokens,
        billed: billed(raw, &tokens, prompt).into_iter().collect(),
        reasoning_was_outside: reasoning.is_some_and(|thoughts| thoughts > 0),
        service_tier: word(raw, &["serviceTier"]),
        inference_geo: None,
        stated: None,
        has_other_fees: tool_use.is_some_and(|used| used > 0),
    }
}

/// Tool-use prompt tokens are billed as input. Documented as free are those that Google Search brought in, but the counts
/// do not tell them from code execution and URL context, which are charged: better too dear than a surprise.
fn billed(raw: &Value, tokens: &TokenUsage, prompt: Option<u64>) -> Option<BilledTokens> {
    let input = tokens.input?;
    // The wire leaves zeros out: a blocked or empty answer has no candidates count, and the total proves it.
    let output = tokens.output.or_else(|| (count(raw, &["totalTokenCount"]) == Some(input)).then_some(0))?;
    let cached = tokens.cached_input.unwrap_or(0);
    let heard = audio(raw, "promptTokensDetails").saturating_add(audio(raw, "toolUsePromptTokensDetails"));
    Some(BilledTokens {
        input,
        cached,
        audio_input: heard.saturating_sub(audio(raw, "cacheTokensDetails")).min(input.saturating_sub(cached)),
        output,
        reasoning: tokens.reasoning.unwrap_or(0),
        audio_output: audio(raw, "candidatesTokensDetails").min(output),
        tier_prompt: prompt.unwrap_or(input),
        ..BilledTokens::default()
    })
}

fn audio(raw: &Value, details: &str) -> u64 {
    let parts = raw.get(details).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    parts
        .iter()
        .filter(|part| word(part, &["modality"]).as_deref() == Some("audio"))
        .filter_map(|part| count(part, &["tokenCount"]))
        .fold(0, u64::saturating_add)
}
