//! Anthropic Messages: the three prompt counts are apart, and `iterations` says what was really worked.

use serde_json::Value;

use super::count::{count, sum, word};
use super::{BilledTokens, TokenUsage, UsageReading, stated};

pub(super) fn read(provider: &str, raw: &Value) -> UsageReading {
    let cached_input = count(raw, &["cache_read_input_tokens"]);
    let cache_write = count(raw, &["cache_creation_input_tokens"]);
    let tokens = TokenUsage {
        input: sum(&[count(raw, &["input_tokens"]), cached_input, cache_write]),
        output: count(raw, &["output_tokens"]),
        cached_input,
        cache_write,
        reasoning: count(raw, &["output_tokens_details", "thinking_tokens"]),
    };
    UsageReading {
        tokens,
        billed: billed(raw),
        reasoning_was_outside: false,
        service_tier: tier(raw),
        inference_geo: word(raw, &["inference_geo"]),
        stated: stated::read(provider, raw),
        has_other_fees: ["web_search_requests", "code_execution_requests"]
            .iter()
            .any(|tool| count(raw, &["server_tool_use", tool]).is_some_and(|calls| calls > 0)),
    }
}

/// Fast mode is a price list of its own, like a service tier.
fn tier(raw: &Value) -> Option<String> {
    word(raw, &["speed"]).filter(|speed| speed == "fast").or_else(|| word(raw, &["service_tier"]))
}

/// Compaction, fallback and advisor calls are billed too, but are missing from the top-level counts: where iterations
/// are listed, their sum is the bill.
fn billed(raw: &Value) -> Vec<BilledTokens> {
    let iterations = raw.get("iterations").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if iterations.is_empty() {
        return one_call(raw).into_iter().collect();
    }
    iterations.iter().map(one_call).collect::<Option<Vec<_>>>().unwrap_or_default()
}

fn one_call(raw: &Value) -> Option<BilledTokens> {
    let fresh = count(raw, &["input_tokens"])?;
    let output = count(raw, &["output_tokens"])?;
    let cached = count(raw, &["cache_read_input_tokens"]).unwrap_or(0);
    let written = count(raw, &["cache_creation_input_tokens"]);
    let (short, long) = writes(raw, written);
    Some(BilledTokens {
        model: raw.get("model").and_then(Value::as_str).map(str::to_owned),
        input: fresh.saturating_add(cached).saturating_add(short).saturating_add(long),
        cached,
        written_5m: short,
        written_1h: long,
        output,
        reasoning: count(raw, &["output_tokens_details", "thinking_tokens"]).unwrap_or(0),
        tier_prompt: fresh.saturating_add(cached).saturating_add(written.unwrap_or(short + long)),
        ..BilledTokens::default()
    })
}

/// Five-minute and one-hour writes. The breakdown is billed where it says anything, even when it disagrees with the sum
/// beside it (recorded with web search, whose inner calls only the sum counts); without it, all writes are five-minute ones.
fn writes(raw: &Value, written: Option<u64>) -> (u64, u64) {
    let part = |name| count(raw, &["cache_creation", name]).unwrap_or(0).min(u64::MAX / 4);
    match (part("ephemeral_5m_input_tokens"), part("ephemeral_1h_input_tokens")) {
        (0, 0) => (written.unwrap_or(0), 0),
        parts => parts,
    }
}
