//! The form of <https://models.dev/api.json>: providers, each with models by id; prices in dollars per million tokens.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{PublicPrices, optional};
use crate::catalogue::{Capabilities, ModelFacts};
use crate::price::{LongContextTier, Per, PriceError, PriceList, RateSet};

/// The threshold `context_over_200k` speaks of.
const OVER_200K: u64 = 200_000;

#[derive(Deserialize)]
struct Provider<'a> {
    #[serde(borrow, default)]
    models: BTreeMap<String, &'a RawValue>,
}

#[derive(Deserialize)]
struct Model<'a> {
    name: Option<String>,
    reasoning: Option<bool>,
    tool_call: Option<bool>,
    structured_output: Option<bool>,
    status: Option<String>,
    modalities: Option<Modalities>,
    limit: Option<Limit>,
    #[serde(borrow)]
    cost: Option<Cost<'a>>,
}

#[derive(Deserialize)]
struct Modalities {
    #[serde(default)]
    input: Vec<String>,
}

#[derive(Deserialize)]
struct Limit {
    context: Option<u64>,
    input: Option<u64>,
    output: Option<u64>,
}

#[derive(Deserialize)]
struct Cost<'a> {
    #[serde(borrow)]
    input: Option<&'a RawValue>,
    #[serde(borrow)]
    output: Option<&'a RawValue>,
    #[serde(borrow)]
    reasoning: Option<&'a RawValue>,
    #[serde(borrow)]
    cache_read: Option<&'a RawValue>,
    #[serde(borrow)]
    cache_write: Option<&'a RawValue>,
    #[serde(borrow)]
    input_audio: Option<&'a RawValue>,
    #[serde(borrow)]
    output_audio: Option<&'a RawValue>,
    /// Set in an entry of `tiers`.
    tier: Option<Tier>,
    #[serde(borrow, default)]
    tiers: Vec<Cost<'a>>,
    #[serde(borrow)]
    context_over_200k: Option<Box<Cost<'a>>>,
}

#[derive(Deserialize)]
struct Tier {
    #[serde(rename = "type")]
    kind: String,
    size: u64,
}

pub(super) fn read(entries: &BTreeMap<String, &RawValue>, day: &str) -> PublicPrices {
    let mut list = PublicPrices::default();
    for (id, raw) in entries {
        let Some(slug) = slug(id) else { continue };
        let Ok(provider) = serde_json::from_str::<Provider<'_>>(raw.get()) else { continue };
        for (model, raw) in provider.models {
            let slug =
                if slug == "bedrock" && model.starts_with("amazon.nova") { "amazon-nova" } else { slug };
            list.add(slug, &model, facts(slug, &model, raw, day).map(Some));
        }
    }
    list
}

/// Our slug of a provider of the list; `None` for one that has no dialect here (subscriptions, resellers nobody has described).
fn slug(id: &str) -> Option<&'static str> {
    Some(match id {
        "openai" => "openai",
        "anthropic" => "anthropic",
        "google" => "gemini",
        "amazon-bedrock" => "bedrock",
        "azure" => "azure",
        "deepseek" => "deepseek",
        "alibaba" => "qwen",
        "mistral" => "mistral",
        "xai" => "xai",
        "moonshotai" => "moonshot",
        "zai" => "zai",
        "minimax" => "minimax",
        "cohere" => "cohere",
        "perplexity" => "perplexity",
        "groq" => "groq",
        "openrouter" => "openrouter",
        "togetherai" => "together",
        "fireworks-ai" => "fireworks",
        "cerebras" => "cerebras",
        "deepinfra" => "deepinfra",
        "siliconflow" => "siliconflow",
        "novita-ai" => "novita",
        "nebius" => "nebius",
        "venice" => "venice",
        "huggingface" => "huggingface",
        "vercel" => "vercel-gateway",
        _ => return None,
    })
}

fn facts(slug: &str, id: &str, raw: &RawValue, day: &str) -> Result<ModelFacts, String> {
    let model: Model<'_> = serde_json::from_str(raw.get()).map_err(|error| error.to_string())?;
    let takes = |kind: &str| {
        let input = &model.modalities.as_ref().filter(|modalities| !modalities.input.is_empty())?.input;
        Some(input.iter().any(|word| word == kind))
    };
    let price = model.cost.as_ref().map(|cost| price(cost, day)).transpose();
    let limit = model.limit.as_ref();
    let known = |tokens: Option<u64>| tokens.filter(|tokens| *tokens > 0);
    Ok(ModelFacts {
        provider: slug.to_owned(),
        model: id.to_owned(),
        name: model.name.clone().unwrap_or_else(|| id.to_owned()),
        context_window: limit.and_then(|limit| known(limit.context)),
        max_input: limit.and_then(|limit| known(limit.input)),
        max_output: limit.and_then(|limit| known(limit.output)),
        capabilities: Capabilities {
            vision: takes("image"),
            pdf: takes("pdf"),
            audio_input: takes("audio"),
            tools: model.tool_call,
            reasoning: model.reasoning,
            json_schema: model.structured_output,
            prompt_caching: model.cost.as_ref().and_then(|cost| cost.cache_read).map(|_| true),
            ..Capabilities::default()
        },
        // The form has no word for it, but all of their names have.
        embeds: id.contains("embed"),
        status: model.status.clone(),
        price: price.map_err(|error| error.to_string())?.flatten(),
        ..ModelFacts::default()
    })
}

fn price(cost: &Cost<'_>, day: &str) -> Result<Option<PriceList>, PriceError> {
    let base = rates(cost)?;
    let (Some(input), Some(output)) = (base.input, base.output) else { return Ok(None) };
    let mut tiers = Vec::new();
    for tier in &cost.tiers {
        let Some(threshold) = tier.tier.as_ref().filter(|tier| tier.kind == "context") else { continue };
        tiers.push(LongContextTier { prompt_tokens_above: threshold.size, rates: rates(tier)? });
    }
    // The older spelling, which speaks of 200k even where the threshold is another: `tiers` goes before it.
    if let Some(long) = cost.context_over_200k.as_ref().filter(|_| tiers.is_empty()) {
        tiers.push(LongContextTier { prompt_tokens_above: OVER_200K, rates: rates(long)? });
    }
    tiers.sort_by_key(|tier| tier.prompt_tokens_above);
    Ok(Some(PriceList {
        input,
        output,
        cache_read: base.cache_read,
        cache_write_5m: base.cache_write_5m,
        audio_input: base.audio_input,
        audio_output: base.audio_output,
        reasoning_output: base.reasoning_output.filter(|price| *price != output),
        tiers,
        date: day.to_owned(),
        ..PriceList::default()
    }))
}

fn rates(cost: &Cost<'_>) -> Result<RateSet, PriceError> {
    let rate = |raw: Option<&RawValue>| optional(raw, Per::Million);
    Ok(RateSet {
        input: rate(cost.input)?,
        output: rate(cost.output)?,
        cache_read: rate(cost.cache_read)?,
        cache_write_5m: rate(cost.cache_write)?,
        audio_input: rate(cost.input_audio)?,
        audio_output: rate(cost.output_audio)?,
        reasoning_output: rate(cost.reasoning)?,
        ..RateSet::default()
    })
}
