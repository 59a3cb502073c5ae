//! What an attempt cost (COSTS, sections 2 and 3).

mod amount;
mod lines;
mod sum;

use roundtable_domain::usage::{self, BilledTokens, StatedCost, UsageReading};
use roundtable_domain::{Cost, CostLine, Provenance, UnixMs, WireApi};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::catalogue::{Catalogue, ListedAt, is_same_model};
use crate::price::PriceList;
pub(crate) use amount::{Pico, add_decimals, books};
pub(crate) use lines::{Line, priced_lines};
pub use sum::sum_costs;

/// What is known of an attempt that is to be priced.
#[derive(Clone, Copy, Debug)]
pub struct CostQuery<'a> {
    /// The wire the usage came over.
    pub api: WireApi,
    /// The provider's slug or dialect.
    pub provider: &'a str,
    /// The model that served the answer: never the one that was asked for, where they differ.
    pub model: &'a str,
    /// The provider's usage object, verbatim; `None` when it sent none.
    pub usage_raw: Option<&'a Value>,
    /// The price of `model`; `None` when it is unpriced.
    pub price: Option<&'a PriceList>,
    /// What the usage object does not say.
    pub flags: &'a CostFlags,
    /// When the request was made.
    pub at: UnixMs,
    /// Where the prices of other models stand that took part in the answer.
    pub source: PriceSource<'a>,
}

/// A catalogue, and the slug of the provider it is asked for.
#[derive(Clone, Copy, Debug)]
pub struct PriceSource<'a> {
    /// The catalogue.
    pub catalogue: &'a Catalogue,
    /// The provider's slug, under which the user's own prices stand; empty where there is none.
    pub slug: &'a str,
}

impl Default for PriceSource<'_> {
    fn default() -> Self {
        Self { catalogue: Catalogue::builtin(), slug: "" }
    }
}

impl Default for CostQuery<'_> {
    fn default() -> Self {
        Self {
            api: WireApi::OpenaiChat,
            provider: "",
            model: "",
            usage_raw: None,
            price: None,
            flags: CostFlags::NONE,
            at: UnixMs(0),
            source: PriceSource::default(),
        }
    }
}

/// What a caller knows beyond the usage object: the `--flags` of `roundtable-cli cost`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CostFlags {
    /// The service tier the provider returned outside the usage object; wins over the one inside.
    pub service_tier: Option<String>,
    /// Reasoning tokens are not part of the output count, although the total does not show it.
    pub reasoning_outside: bool,
    /// `false`: audio tokens cost what text costs, whatever the list says. Otherwise they have their own price where
    /// the list has one.
    pub audio: Option<bool>,
}

impl CostFlags {
    /// Nothing beyond the usage object.
    pub const NONE: &'static Self = &Self { service_tier: None, reasoning_outside: false, audio: None };
}

/// Prices an attempt. A charge the provider stated is taken verbatim; otherwise the usage is priced at the dated list.
/// Without usage, without a price, or beyond what the books can hold, the cost is unknown: never 0.
///
/// Where the provider stated the charge, the lines are still those of the price list. They carry amounts when these add
/// up to the charge, and only counts and list prices when they do not (a rounded charge, a fee the counts do not show).
pub fn compute_cost(query: &CostQuery<'_>) -> Cost {
    let Some(raw) = query.usage_raw else { return Cost::unknown() };
    let reading = usage::read(query.api, query.provider, raw);
    let local = PriceList::free();
    // A model that runs on the user's own machine costs nothing, and that is known.
    let price = query.price.or((query.api == WireApi::Ollama).then_some(&local));
    let priced = price.and_then(|price| list_cost(query, &reading, price));
    match &reading.stated {
        Some(stated) => stated_cost(stated, priced),
        None => priced.map_or_else(Cost::unknown, |priced| Cost {
            price_date: price.and_then(PriceList::shown_date),
            at_least: reading.has_other_fees,
            ..priced
        }),
    }
}

/// The cost by the list; `None` when a count or a price is missing.
fn list_cost(query: &CostQuery<'_>, reading: &UsageReading, price: &PriceList) -> Option<Cost> {
    if reading.billed.is_empty() && query.api != WireApi::Ollama {
        return None;
    }
    let mut lines = Vec::new();
    for call in &reading.billed {
        let call = adjusted(query, reading, call);
        let price = price_of_call(query, price, &call)?;
        priced_lines(query, reading, price, &call, &mut lines);
    }
    lines.extend(price.request_fee());
    computed(lines)
}

/// The cost that lines add up to; `None` when the books cannot hold it.
pub(crate) fn computed(lines: Vec<Line>) -> Option<Cost> {
    let total = lines.iter().try_fold(Pico::ZERO, |sum, line| sum.checked_add(line.amount))?;
    Some(Cost {
        usd: Some(total.in_books()?),
        usd_exact: Some(total.to_string()),
        provenance: Some(Provenance::Computed),
        price_date: None,
        at_least: false,
        lines: lines.into_iter().map(CostLine::from).collect(),
    })
}

fn adjusted(query: &CostQuery<'_>, reading: &UsageReading, call: &BilledTokens) -> BilledTokens {
    let mut call = call.clone();
    if query.flags.reasoning_outside && !reading.reasoning_was_outside {
        call.output = call.output.saturating_add(call.reasoning);
    }
    if query.flags.audio == Some(false) {
        (call.audio_input, call.audio_output) = (0, 0);
    }
    call
}

/// Anthropic's iterations name their model: an advisor or a fallback costs what it costs, not what the main model does.
fn price_of_call<'a>(
    query: &CostQuery<'a>,
    price: &'a PriceList,
    call: &BilledTokens,
) -> Option<&'a PriceList> {
    match call.model.as_deref() {
        Some(model) if !query.model.is_empty() && !is_same_model(model, query.model) => {
            let PriceSource { catalogue, slug } = query.source;
            catalogue.price(ListedAt { slug, dialect: query.provider }, model)
        }
        _ => Some(price),
    }
}

fn stated_cost(stated: &StatedCost, priced: Option<Cost>) -> Cost {
    let mut total = stated.usd.clone();
    let mut at_least = false;
    let mut lines = priced.as_ref().map_or_else(Vec::new, |priced| priced.lines.clone());
    if let Some(own_key) = &stated.own_key {
        lines = vec![named("openrouter_fee", &stated.usd)];
        match &own_key.upstream_usd {
            Some(upstream) => {
                lines.push(named("upstream_inference_cost", upstream));
                let Some(sum) = add_decimals(&stated.usd, upstream) else { return Cost::unknown() };
                total = sum;
            }
            None => at_least = true,
        }
    } else if priced.is_none_or(|priced| priced.usd_exact.as_ref() != Some(&total)) {
        for line in lines.iter_mut().filter(|line| line.tokens.is_some()) {
            line.usd = None;
        }
    }
    let Some(usd) = books(&total) else { return Cost::unknown() };
    Cost {
        usd: Some(usd),
        usd_exact: Some(total),
        provenance: Some(Provenance::Reported),
        price_date: None,
        at_least,
        lines,
    }
}

fn named(component: &str, usd: &str) -> CostLine {
    CostLine { component: component.to_owned(), tokens: None, usd_per_mtok: None, usd: Some(usd.to_owned()) }
}
