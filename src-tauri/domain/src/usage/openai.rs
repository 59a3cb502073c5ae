//! Chat Completions and Responses, and everything that imitates them.

use serde_json::Value;

use super::count::{at, count, first, word};
use super::{BilledTokens, TokenUsage, UsageReading, stated};

/// The paths of one of the two families of field names.
struct Names {
    input: &'static str,
    output: &'static str,
    input_details: &'static str,
    output_details: &'static str,
}

const CHAT: Names = Names {
    input: "prompt_tokens",
    output: "completion_tokens",
    input_details: "prompt_tokens_details",
    output_details: "completion_tokens_details",
};

const RESPONSES: Names = Names {
    input: "input_tokens",
    output: "output_tokens",
    input_details: "input_tokens_details",
    output_details: "output_tokens_details",
};

pub(super) fn read_chat(provider: &str, raw: &Value) -> UsageReading {
    // The other family's names are taken only where the own ones are missing altogether.
    let names = if has_counts(raw, &CHAT) || !has_counts(raw, &RESPONSES) { &CHAT } else { &RESPONSES };
    read_named(provider, raw, names)
}

pub(super) fn read_responses(provider: &str, raw: &Value) -> UsageReading {
    // A DeepSeek host was recorded sending chat names in a Responses reply.
    let names = if has_counts(raw, &RESPONSES) || !has_counts(raw, &CHAT) { &RESPONSES } else { &CHAT };
    read_named(provider, raw, names)
}

fn has_counts(raw: &Value, names: &Names) -> bool {
    count(raw, &[names.input]).is_some() || count(raw, &[names.output]).is_some()
}

fn read_named(provider: &str, raw: &Value, names: &Names) -> UsageReading {
    let mut tokens = TokenUsage {
        input: count(raw, &[names.input]),
        output: count(raw, &[names.output]),
        cached_input: cached(raw, names),
        cache_write: written(raw, names),
        reasoning: first(raw, &[&[names.output_details, "reasoning_tokens"], &["reasoning_tokens"]]),
    };
    let total = count(raw, &["total_tokens"]);
    let outside = reasoning_outside(provider, &tokens, total);
    if let Some(reasoning) = outside {
        tokens.reasoning = Some(reasoning);
        tokens.output = tokens.output.map(|output| output.saturating_add(reasoning));
    }
    UsageReading {
        billed: billed(raw, names, &tokens, total).into_iter().collect(),
        reasoning_was_outside: outside.is_some(),
        service_tier: word(raw, &["service_tier"]),
        inference_geo: None,
        stated: stated::read(provider, raw),
        has_other_fees: has_other_fees(raw) || has_uncounted_audio(provider, &tokens, total),
        tokens,
    }
}

fn cached(raw: &Value, names: &Names) -> Option<u64> {
    first(
        raw,
        &[
            &[names.input_details, "cached_tokens"],
            &["prompt_cache_hit_tokens"],
            &["num_cached_tokens"],
            &["cached_tokens"],
            &["cache_read_input_tokens"],
        ],
    )
}

fn written(raw: &Value, names: &Names) -> Option<u64> {
    first(
        raw,
        &[
            &[names.input_details, "cache_write_tokens"],
            &[names.input_details, "cache_creation_input_tokens"],
        ],
    )
    // Gateways fill the Anthropic-style field with 0 for models that cannot write a cache: only a real count says something.
    .or_else(|| count(raw, &["cache_creation_input_tokens"]).filter(|written| *written > 0))
}

/// Reasoning that is not part of the output count. xAI's chat API says so by its total; Gemini's compatible endpoint
/// hides thinking altogether, so that only the total tells.
fn reasoning_outside(provider: &str, tokens: &TokenUsage, total: Option<u64>) -> Option<u64> {
    let beyond = total?.checked_sub(tokens.input?.checked_add(tokens.output?)?)?;
    if beyond == 0 {
        return None;
    }
    match tokens.reasoning {
        Some(reasoning) => (reasoning == beyond).then_some(reasoning),
        None => matches!(provider, "gemini-openai" | "gemini" | "google" | "vertex").then_some(beyond),
    }
}

/// Mistral counts audio outside the prompt but inside the total, and bills it by the minute.
fn has_uncounted_audio(provider: &str, tokens: &TokenUsage, total: Option<u64>) -> bool {
    let counted = tokens.input.unwrap_or(0).saturating_add(tokens.output.unwrap_or(0));
    provider == "mistral" && total.is_some_and(|total| total > counted)
}

fn billed(raw: &Value, names: &Names, tokens: &TokenUsage, total: Option<u64>) -> Option<BilledTokens> {
    let input = tokens.input?;
    // A reply that generated nothing may leave the output count out; the total proves it.
    let output = tokens.output.or_else(|| (total == Some(input)).then_some(0))?;
    let cached = tokens.cached_input.unwrap_or(0);
    let written = tokens.cache_write.unwrap_or(0);
    let written_1h = [&[names.input_details][..], &[]]
        .iter()
        .find_map(|parent| count(at(raw, parent)?, &["cache_creation", "ephemeral_1h_input_tokens"]))
        .unwrap_or(0)
        .min(written);
    let uncached = input.saturating_sub(cached.saturating_add(written));
    Some(BilledTokens {
        model: None,
        input,
        cached,
        written_5m: written - written_1h,
        written_1h,
        audio_input: count(raw, &[names.input_details, "audio_tokens"]).unwrap_or(0).min(uncached),
        output,
        reasoning: tokens.reasoning.unwrap_or(0),
        audio_output: count(raw, &[names.output_details, "audio_tokens"]).unwrap_or(0).min(output),
        tier_prompt: input,
    })
}

fn has_other_fees(raw: &Value) -> bool {
    const PER_CALL: [&[&str]; 5] = [
        &["num_sources_used"],
        &["num_server_side_tools_used"],
        &["num_search_queries"],
        &["server_tool_use", "web_search_requests"],
        &["server_tool_use_details", "web_search_requests"],
    ];
    raw.get("search_context_size").is_some_and(Value::is_string)
        || PER_CALL.iter().any(|path| count(raw, path).is_some_and(|calls| calls > 0))
}
