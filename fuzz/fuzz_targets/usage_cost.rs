//! Any JSON as the usage object of any wire, at a price of the catalogue: no panic, never a negative amount, and an amount has
//! its exact text and its provenance.
#![no_main]

use libfuzzer_sys::fuzz_target;
use roundtable_domain::{PicoUsd, WireApi};
use roundtable_ledger::{Catalogue, CostQuery, compute_cost};

const PROVIDERS: [(WireApi, &str); 6] = [
    (WireApi::OpenaiChat, "openai"),
    (WireApi::OpenaiChat, "openrouter"),
    (WireApi::OpenaiResponses, "openai"),
    (WireApi::AnthropicMessages, "anthropic"),
    (WireApi::Gemini, "gemini"),
    (WireApi::Ollama, "ollama"),
];

fuzz_target!(|bytes: &[u8]| {
    let [which, at, bytes @ ..] = bytes else { return };
    let Ok(usage) = serde_json::from_slice(bytes) else { return };
    let (api, provider) = PROVIDERS[usize::from(*which) % PROVIDERS.len()];
    let models = Catalogue::builtin().models();
    let facts = &models[usize::from(*at) % models.len()];
    let query = CostQuery {
        api,
        provider,
        model: &facts.model,
        usage_raw: Some(&usage),
        price: facts.price.as_ref(),
        ..CostQuery::default()
    };
    let cost = compute_cost(&query);
    assert!(cost.usd.is_none_or(|usd| usd >= PicoUsd::ZERO), "{cost:?}");
    assert_eq!(cost.usd.is_some(), cost.usd_exact.is_some());
    assert_eq!(cost.usd.is_some(), cost.provenance.is_some());
});
