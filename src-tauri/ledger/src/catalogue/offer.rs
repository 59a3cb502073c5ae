//! What of a public list is believed. A list is somebody's work: a slip of the decimal point in it must not become a bill.

use roundtable_domain::PicoUsd;
use serde::{Deserialize, Serialize};

use super::{Capabilities, Catalogue, ModelFacts, names};
use crate::price::{PriceList, RateSet, TokenPrice};

/// From this factor on, up or down, a change is held back.
const JUMP: u64 = 10;
/// A thousand dollars per million tokens, in pico-dollars per token. The dearest model there has been cost 600.
const DEAREST_PLAUSIBLE: u64 = 1_000_000_000;
/// A tenth of a cent per million tokens: below it a price per token has been taken for one per million.
const CHEAPEST_PLAUSIBLE: u64 = 1_000;
/// A dollar for a request alone.
const DEAREST_REQUEST: i64 = 1_000_000_000_000;

/// What a list offers that differs from what is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Facts to take over, merged with what is known.
    pub changed: Vec<ModelFacts>,
    /// Facts that look wrong.
    pub held: Vec<HeldBack>,
    /// Models whose facts are as known.
    pub unchanged: usize,
}

/// Facts that are not taken over unless somebody has looked at them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldBack {
    /// Merged with what is known, ready to be put in force.
    pub facts: ModelFacts,
    /// What is wrong with them; not empty.
    pub doubts: Vec<Doubt>,
}

/// One price that looks wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// Which, as in the price's JSON form, for instance `input` or `tiers.200000.output`.
    pub field: String,
    /// As known.
    pub before: Option<TokenPrice>,
    /// As offered.
    pub after: Option<TokenPrice>,
    /// Why, ready to show.
    pub reason: String,
}

impl Catalogue {
    /// Compares the facts of a public list with these. What a list does not say stays as it is known: no list states
    /// everything.
    pub fn compare(&self, offered: Vec<ModelFacts>) -> Comparison {
        let mut comparison = Comparison::default();
        for offer in offered {
            let exact = self.exact(&offer.provider, &offer.model);
            // A dated name is known by its family: its price is what would be charged today.
            let family = exact.or_else(|| self.listed(&offer.provider, &offer.model));
            let known_price = family.and_then(|facts| facts.price.as_ref());
            if exact.is_none() && offer.price.is_none() && known_price.is_some() {
                // Standing alone without a price it would make a model unpriced that is priced today.
                comparison.unchanged += 1;
                continue;
            }
            let mut facts = merged(exact, offer);
            if known_price.is_none()
                && facts.price.as_ref().is_some_and(is_free)
                && !facts.model.ends_with(":free")
            {
                // Lists write 0 where they know nothing. Unpriced is not the same as free.
                facts.price = None;
            }
            let doubts = facts.price.as_ref().map_or_else(Vec::new, |price| doubts(known_price, price));
            if !doubts.is_empty() {
                comparison.held.push(HeldBack { facts, doubts });
            } else if exact.is_some_and(|known| says_the_same(known, &facts)) {
                comparison.unchanged += 1;
            } else {
                comparison.changed.push(facts);
            }
        }
        comparison
    }

    fn exact(&self, provider: &str, model: &str) -> Option<&ModelFacts> {
        self.by_name.get(&names::key(provider, model)).and_then(|at| self.models.get(*at))
    }
}

fn is_free(price: &PriceList) -> bool {
    price.input == TokenPrice::default() && price.output == TokenPrice::default()
}

/// Whether two facts differ in nothing but the day and the layer.
fn says_the_same(known: &ModelFacts, facts: &ModelFacts) -> bool {
    let mut facts = ModelFacts { layer: known.layer, ..facts.clone() };
    if let (Some(price), Some(known)) = (&mut facts.price, &known.price) {
        price.date.clone_from(&known.date);
    }
    facts == *known
}

fn merged(known: Option<&ModelFacts>, offer: ModelFacts) -> ModelFacts {
    let Some(known) = known else { return offer };
    let (old, new) = (known.capabilities, offer.capabilities);
    ModelFacts {
        provider: known.provider.clone(),
        model: known.model.clone(),
        name: if offer.name == offer.model { known.name.clone() } else { offer.name },
        context_window: offer.context_window.or(known.context_window),
        max_input: offer.max_input.or(known.max_input),
        max_output: offer.max_output.or(known.max_output),
        capabilities: Capabilities {
            vision: new.vision.or(old.vision),
            tools: new.tools.or(old.tools),
            parallel_tools: new.parallel_tools.or(old.parallel_tools),
            reasoning: new.reasoning.or(old.reasoning),
            json_schema: new.json_schema.or(old.json_schema),
            pdf: new.pdf.or(old.pdf),
            audio_input: new.audio_input.or(old.audio_input),
            prompt_caching: new.prompt_caching.or(old.prompt_caching),
        },
        retirement_date: offer.retirement_date.or_else(|| known.retirement_date.clone()),
        status: offer.status.or_else(|| known.status.clone()),
        price: match (offer.price, &known.price) {
            (Some(offered), Some(known)) => Some(merged_price(known, &offered)),
            (offered, known) => offered.or_else(|| known.clone()),
        },
        layer: known.layer,
        embeds: offer.embeds || known.embeds,
    }
}

/// Where the prices of a token are as known, everything a list is silent about stays. Where they have changed, so may have the
/// rest: of what the list does not state only that stays which would make a request dearer, because promising too little would
/// break a budget.
fn merged_price(known: &PriceList, offered: &PriceList) -> PriceList {
    let same = offered.input == known.input && offered.output == known.output;
    let dearer = |rates: &RateSet| {
        rates.input.is_none_or(|price| price >= offered.input)
            && rates.output.is_none_or(|price| price >= offered.output)
    };
    let dearer_cache = |price: &Option<TokenPrice>| price.filter(|price| same || *price >= offered.input);
    let mut merged = PriceList {
        cache_read: offered.cache_read.or(known.cache_read.filter(|_| same)),
        cache_write_5m: offered.cache_write_5m.or_else(|| dearer_cache(&known.cache_write_5m)),
        cache_write_1h: offered.cache_write_1h.or_else(|| dearer_cache(&known.cache_write_1h)),
        cache_write_12h: offered.cache_write_12h.or_else(|| dearer_cache(&known.cache_write_12h)),
        audio_input: offered.audio_input.or(known.audio_input),
        audio_output: offered.audio_output.or(known.audio_output),
        reasoning_output: offered.reasoning_output.or(known.reasoning_output.filter(|_| same)),
        per_request_usd: offered.per_request_usd.or(known.per_request_usd),
        off_peak: offered.off_peak.clone().or_else(|| known.off_peak.clone().filter(|_| same)),
        ..offered.clone()
    };
    if merged.tiers.is_empty() && merged.tier_ranges.is_empty() {
        merged.tiers = known.tiers.iter().filter(|tier| same || dearer(&tier.rates)).cloned().collect();
        merged.tier_ranges = if same { known.tier_ranges.clone() } else { Vec::new() };
    }
    for (name, rates) in &known.service_tiers {
        if !merged.service_tiers.contains_key(name) && (same || dearer(rates)) {
            merged.service_tiers.insert(name.clone(), rates.clone());
        }
    }
    merged
}

fn doubts(known: Option<&PriceList>, offered: &PriceList) -> Vec<Doubt> {
    let before = known.map(named_rates).unwrap_or_default();
    let mut doubts = Vec::new();
    for (field, after) in named_rates(offered) {
        let before = before.iter().find(|(name, _)| *name == field).map(|(_, price)| *price);
        if let Some(reason) = wrong_alone(after).or_else(|| wrong_jump(before?, after)) {
            doubts.push(Doubt { field, before, after: Some(after), reason });
        }
    }
    if let Some(read) = offered.cache_read.filter(|read| *read > offered.input) {
        doubts.push(Doubt {
            field: "cache_read".to_owned(),
            before: known.and_then(|known| known.cache_read),
            after: Some(read),
            reason: format!("A cached token would cost more than a new one ({}).", offered.input),
        });
    }
    if offered.per_request_usd.is_some_and(|fee| fee > PicoUsd::from_pico(DEAREST_REQUEST)) {
        doubts.push(Doubt {
            field: "per_request_usd".to_owned(),
            before: None,
            after: None,
            reason: "A request alone would cost more than a dollar.".to_owned(),
        });
    }
    doubts
}

/// One price that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceStep {
    /// Which, as in the price's JSON form.
    pub field: String,
    /// As known; `None`: it was not priced.
    pub before: Option<TokenPrice>,
    /// As it is now; `None`: it is not priced any more.
    pub after: Option<TokenPrice>,
}

/// Every price by which two price lists of a model differ.
pub fn price_steps(before: Option<&PriceList>, after: Option<&PriceList>) -> Vec<PriceStep> {
    let (old, new) =
        (before.map(named_rates).unwrap_or_default(), after.map(named_rates).unwrap_or_default());
    let price_in = |rates: &[(String, TokenPrice)], field: &str| {
        rates.iter().find(|(name, _)| name == field).map(|(_, price)| *price)
    };
    let gone = old.iter().filter(|(field, _)| price_in(&new, field).is_none());
    new.iter()
        .chain(gone)
        .map(|(field, _)| PriceStep {
            field: field.clone(),
            before: price_in(&old, field),
            after: price_in(&new, field),
        })
        .filter(|step| step.before != step.after)
        .collect()
}

fn wrong_alone(price: TokenPrice) -> Option<String> {
    match price.pico_per_token() {
        0 => None,
        pico if pico > DEAREST_PLAUSIBLE => Some(
            "Dearer than any model there has been; perhaps a price per thousand or per token.".to_owned(),
        ),
        pico if pico < CHEAPEST_PLAUSIBLE => {
            Some("Cheaper than any model there has been; perhaps a price per token.".to_owned())
        }
        _ => None,
    }
}

fn wrong_jump(before: TokenPrice, after: TokenPrice) -> Option<String> {
    let (old, new) = (before.pico_per_token(), after.pico_per_token());
    match (old, new) {
        (0, 0) => None,
        (0, _) => Some("It was free until now.".to_owned()),
        (_, 0) => Some("It would be free from now on.".to_owned()),
        _ if new >= old.saturating_mul(JUMP) => Some(format!("{} times the price known.", new / old)),
        _ if old >= new.saturating_mul(JUMP) => Some(format!("A {}th of the price known.", old / new)),
        _ => None,
    }
}

/// Every price of a list under its name.
fn named_rates(price: &PriceList) -> Vec<(String, TokenPrice)> {
    let mut named: Vec<(String, TokenPrice)> = Vec::new();
    let mut add = |prefix: &str, rates: &RateSet| {
        for (name, rate) in rates.named() {
            named.extend(rate.map(|rate| (format!("{prefix}{name}"), rate)));
        }
    };
    add("", &price.base());
    for tier in &price.tiers {
        add(&format!("tiers.{}.", tier.prompt_tokens_above), &tier.rates);
    }
    for range in &price.tier_ranges {
        add(&format!("tier_ranges.{}.", range.range[1]), &range.rates);
    }
    for (tier, rates) in &price.service_tiers {
        add(&format!("service_tiers.{tier}."), rates);
    }
    named
}
