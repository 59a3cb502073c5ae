//! The form of litellm's `model_prices_and_context_window.json`: models by name, often with their provider in front; prices in
//! dollars per token.

use std::collections::BTreeMap;

use roundtable_domain::PicoUsd;
use serde_json::value::RawValue;

use super::{PublicPrices, optional};
use crate::catalogue::{Capabilities, ModelFacts};
use crate::price::{LongContextTier, Per, PriceError, PriceList, RateSet, TierRange, pico};

/// Kinds of models that speak a protocol of ours.
const MODES: [&str; 4] = ["chat", "completion", "responses", "embedding"];
/// Their words for service tiers in the names of prices, and the words providers return.
const SERVICE_TIERS: [(&str, &str); 3] =
    [("_batches", "batch"), ("_flex", "flex"), ("_priority", "priority")];

pub(super) fn read(entries: &BTreeMap<String, &RawValue>, day: &str) -> PublicPrices {
    let mut list = PublicPrices::default();
    for (key, raw) in entries.iter().filter(|(key, _)| *key != "sample_spec") {
        let Ok(fields) = serde_json::from_str::<BTreeMap<String, &RawValue>>(raw.get()) else { continue };
        let entry = Entry { fields };
        let Some(theirs) = entry.text("litellm_provider") else { continue };
        let Some((slug, model)) = place(&theirs, key) else { continue };
        let mode = entry.text("mode").unwrap_or_else(|| "chat".to_owned());
        if MODES.contains(&mode.as_str()) {
            list.add(slug, model, entry.facts(slug, model, &mode, day).map(Some));
        }
    }
    list
}

/// Our slug and the provider's own name of a model; `None` for providers without a dialect here, and for regional variants,
/// whose names no provider of ours would be asked by.
fn place<'k>(theirs: &str, key: &'k str) -> Option<(&'static str, &'k str)> {
    let slug = match theirs {
        "openai" | "text-completion-openai" => "openai",
        "anthropic" => "anthropic",
        "gemini" => "gemini",
        "bedrock" | "bedrock_converse" if key.starts_with("amazon.nova") => "amazon-nova",
        "azure" => "azure",
        "deepseek" => "deepseek",
        "dashscope" => "qwen",
        "mistral" => "mistral",
        "xai" => "xai",
        "moonshot" => "moonshot",
        "zai" => "zai",
        "minimax" => "minimax",
        "cohere" | "cohere_chat" => "cohere",
        "perplexity" => "perplexity",
        "groq" => "groq",
        "openrouter" => "openrouter",
        "together_ai" => "together",
        "fireworks_ai" => "fireworks",
        "cerebras" => "cerebras",
        "deepinfra" => "deepinfra",
        "sambanova" => "sambanova",
        "novita" => "novita",
        "nebius" => "nebius",
        "hyperbolic" => "hyperbolic",
        "vercel_ai_gateway" => "vercel-gateway",
        _ => return None,
    };
    let model = key.strip_prefix(theirs).and_then(|rest| rest.strip_prefix('/')).unwrap_or(key);
    let regional = slug == "azure" && model.contains('/');
    (!regional && !model.starts_with("ft:")).then_some((slug, model))
}

struct Entry<'a> {
    fields: BTreeMap<String, &'a RawValue>,
}

impl Entry<'_> {
    fn text(&self, name: &str) -> Option<String> {
        serde_json::from_str(self.fields.get(name)?.get()).ok()
    }

    fn flag(&self, name: &str) -> Option<bool> {
        serde_json::from_str(self.fields.get(name)?.get()).ok()
    }

    /// Tokens; some stand in quotes.
    fn tokens(&self, name: &str) -> Option<u64> {
        self.fields.get(name)?.get().trim_matches('"').parse().ok().filter(|tokens| *tokens > 0)
    }

    fn rates(&self, suffix: &str) -> Result<RateSet, PriceError> {
        let rate =
            |name: &str| optional(self.fields.get(format!("{name}{suffix}").as_str()).copied(), Per::One);
        Ok(RateSet {
            input: rate("input_cost_per_token")?,
            output: rate("output_cost_per_token")?,
            cache_read: rate("cache_read_input_token_cost")?,
            cache_write_5m: rate("cache_creation_input_token_cost")?,
            cache_write_1h: rate("cache_creation_input_token_cost_above_1hr")?,
            audio_input: rate("input_cost_per_audio_token")?,
            audio_output: rate("output_cost_per_audio_token")?,
            reasoning_output: rate("output_cost_per_reasoning_token")?,
        })
    }

    fn facts(&self, slug: &str, model: &str, mode: &str, day: &str) -> Result<ModelFacts, String> {
        Ok(ModelFacts {
            provider: slug.to_owned(),
            model: model.to_owned(),
            name: model.to_owned(),
            context_window: self.tokens("max_input_tokens").or_else(|| self.tokens("max_tokens")),
            max_output: self.tokens("max_output_tokens"),
            capabilities: Capabilities {
                vision: self.flag("supports_vision"),
                tools: self.flag("supports_function_calling"),
                parallel_tools: self.flag("supports_parallel_function_calling"),
                reasoning: self.flag("supports_reasoning"),
                json_schema: self.flag("supports_response_schema"),
                pdf: self.flag("supports_pdf_input"),
                audio_input: self.flag("supports_audio_input"),
                prompt_caching: self.flag("supports_prompt_caching"),
            },
            embeds: mode == "embedding",
            retirement_date: self.text("deprecation_date").filter(|day| day.len() == 10),
            price: self.price(mode, day).map_err(|error| error.to_string())?,
            ..ModelFacts::default()
        })
    }

    fn price(&self, mode: &str, day: &str) -> Result<Option<PriceList>, PriceError> {
        let base = self.rates("")?;
        let ranges = self.ranges()?;
        let first = ranges.first().map(|range| range.rates.clone()).unwrap_or_default();
        // An embedding has no answer, so nothing is charged for one.
        let answer = (mode == "embedding").then(Default::default);
        let (Some(input), Some(output)) =
            (base.input.or(first.input), base.output.or(first.output).or(answer))
        else {
            return Ok(None);
        };
        Ok(Some(PriceList {
            input,
            output,
            cache_read: base.cache_read.or(first.cache_read),
            cache_write_5m: base.cache_write_5m,
            cache_write_1h: base.cache_write_1h,
            audio_input: base.audio_input,
            audio_output: base.audio_output,
            reasoning_output: base.reasoning_output.filter(|price| *price != output),
            per_request_usd: self.request_fee()?,
            tiers: self.tiers()?,
            tier_ranges: ranges,
            service_tiers: self.service_tiers()?,
            date: day.to_owned(),
            ..PriceList::default()
        }))
    }

    fn tiers(&self) -> Result<Vec<LongContextTier>, PriceError> {
        let mut tiers = Vec::new();
        for name in self.fields.keys() {
            let Some(suffix) = name.strip_prefix("input_cost_per_token") else { continue };
            let threshold = suffix.strip_prefix("_above_").and_then(|rest| rest.strip_suffix("k_tokens"));
            let Some(thousands) = threshold.and_then(|digits| digits.parse::<u64>().ok()) else { continue };
            tiers.push(LongContextTier {
                prompt_tokens_above: thousands.saturating_mul(1_000),
                rates: self.rates(suffix)?,
            });
        }
        tiers.sort_by_key(|tier| tier.prompt_tokens_above);
        Ok(tiers)
    }

    fn ranges(&self) -> Result<Vec<TierRange>, PriceError> {
        let listed: Vec<BTreeMap<String, &RawValue>> = match self.fields.get("tiered_pricing") {
            Some(raw) => serde_json::from_str(raw.get()).unwrap_or_default(),
            None => Vec::new(),
        };
        let mut ranges = Vec::new();
        for fields in listed {
            let bound = |raw: &&RawValue| {
                let pico = pico(raw.get(), Per::One).ok()?;
                u64::try_from(pico / 1_000_000_000_000).ok()
            };
            let bounds: Vec<&RawValue> =
                fields.get("range").and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
            let [low, high] = bounds.as_slice() else { continue };
            let (Some(low), Some(high)) = (bound(low), bound(high)) else { continue };
            ranges.push(TierRange { range: [low, high], rates: Entry { fields }.rates("")? });
        }
        ranges.sort_by_key(|range| range.range);
        Ok(ranges)
    }

    fn service_tiers(&self) -> Result<BTreeMap<String, RateSet>, PriceError> {
        let mut tiers = BTreeMap::new();
        for (suffix, name) in SERVICE_TIERS {
            let rates = self.rates(suffix)?;
            if rates.input.is_some() && rates.output.is_some() {
                tiers.insert(name.to_owned(), rates);
            }
        }
        Ok(tiers)
    }

    fn request_fee(&self) -> Result<Option<PicoUsd>, PriceError> {
        let Some(raw) = self.fields.get("input_cost_per_request").filter(|raw| raw.get() != "null") else {
            return Ok(None);
        };
        let pico = pico(raw.get(), Per::One)?;
        Ok(i64::try_from(pico).ok().filter(|pico| *pico > 0).map(PicoUsd::from_pico))
    }
}
