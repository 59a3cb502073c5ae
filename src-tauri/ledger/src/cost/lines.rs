//! The formulae: which tokens cost which price.

use roundtable_domain::usage::{BilledTokens, UsageReading};
use roundtable_domain::{CostLine, WireApi};

use super::{CostQuery, Pico};
use crate::catalogue::charges_us_inference;
use crate::price::{Occasion, PriceList, Rates, TokenPrice};

/// The surcharge of Anthropic's US-only inference, in percent of the list.
const US_INFERENCE_PERCENT: u64 = 110;

/// One line, before it is written as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    component: &'static str,
    priced: Option<(u64, TokenPrice)>,
    pub(crate) amount: Pico,
}

impl Line {
    /// A fee that is not by token, in pico-dollars.
    pub(crate) fn fee(component: &'static str, pico: i128) -> Self {
        Self { component, priced: None, amount: Pico::new(pico) }
    }
}

impl From<Line> for CostLine {
    fn from(line: Line) -> Self {
        Self {
            component: line.component.to_owned(),
            tokens: line.priced.map(|(tokens, _)| tokens),
            usd_per_mtok: line.priced.map(|(_, price)| price.usd_per_mtok()),
            usd: Some(line.amount.to_string()),
        }
    }
}

/// Adds the lines of one inference call. Components without tokens make no line; those of further calls at the same
/// price add to the line there is.
pub(crate) fn priced_lines(
    query: &CostQuery<'_>,
    reading: &UsageReading,
    price: &PriceList,
    call: &BilledTokens,
    lines: &mut Vec<Line>,
) {
    let tier =
        query.flags.service_tier.as_deref().map(str::to_lowercase).or_else(|| reading.service_tier.clone());
    let is_us = reading.inference_geo.as_deref() == Some("us");
    let model = call.model.as_deref().unwrap_or(query.model);
    let rates = price.rates(Occasion {
        prompt: call.tier_prompt,
        service_tier: tier.as_deref(),
        at: query.at,
        percent: if is_us && charges_us_inference(query.provider, model) {
            US_INFERENCE_PERCENT
        } else {
            100
        },
        long_writes_cost_double: query.api == WireApi::AnthropicMessages,
    });
    for (component, tokens, price) in components(call, &rates, writes_are_surcharge(query, call)) {
        add(lines, component, tokens, price);
    }
}

/// `OpenRouter` reports what Gemini upstreams wrote to a cache among the cached tokens, and charges the write on top:
/// subtracting both would charge less than nothing (COSTS, section 1).
fn writes_are_surcharge(query: &CostQuery<'_>, call: &BilledTokens) -> bool {
    let taken = call.cached.saturating_add(call.written_5m).saturating_add(call.written_1h);
    let gemini_upstream = query.provider == "openrouter" && query.model.starts_with("google/");
    gemini_upstream || (taken > call.input && call.written_5m > 0 && call.cached >= call.written_5m)
}

/// The counts of a call, each token in one component. Hosts that report more cached tokens than the prompt has do not
/// make the rest negative.
fn components(call: &BilledTokens, rates: &Rates, surcharge: bool) -> [(&'static str, u64, TokenPrice); 8] {
    let written = call.written_5m.saturating_add(call.written_1h);
    let apart = if surcharge { call.cached } else { call.cached.saturating_add(written) };
    let uncached = call.input.saturating_sub(apart);
    let heard = rates.audio_input.map_or(0, |_| call.audio_input.min(uncached));
    let spoken = rates.audio_output.map_or(0, |_| call.audio_output.min(call.output));
    let thought = rates.reasoning_output.map_or(0, |_| call.reasoning.min(call.output - spoken));
    [
        ("input", uncached - heard, rates.input),
        ("audio_input", heard, rates.audio_input.unwrap_or(rates.input)),
        ("cache_read", call.cached, rates.cache_read),
        ("cache_write_5m", call.written_5m, rates.cache_write_5m),
        ("cache_write_1h", call.written_1h, rates.cache_write_1h),
        ("output", call.output - spoken - thought, rates.output),
        ("audio_output", spoken, rates.audio_output.unwrap_or(rates.output)),
        ("reasoning_output", thought, rates.reasoning_output.unwrap_or(rates.output)),
    ]
}

pub(crate) fn add(lines: &mut Vec<Line>, component: &'static str, tokens: u64, price: TokenPrice) {
    if tokens == 0 {
        return;
    }
    let same = lines.iter_mut().find_map(|line| {
        let (before, at) = line.priced.filter(|(_, at)| line.component == component && *at == price)?;
        Some((line, before.checked_add(tokens)?, at))
    });
    match same {
        Some((line, tokens, price)) => {
            line.priced = Some((tokens, price));
            line.amount = Pico::new(price.times(tokens));
        }
        None => lines.push(Line {
            component,
            priced: Some((tokens, price)),
            amount: Pico::new(price.times(tokens)),
        }),
    }
}
