//! Small lists in both public forms.

use super::*;
use crate::catalogue::Catalogue;

const MODELS_DEV: &str = r#"{
  "google": {"id": "google", "name": "Google", "models": {
    "gemini-x": {"id": "gemini-x", "name": "Gemini X", "attachment": true, "reasoning": true, "tool_call": true,
      "modalities": {"input": ["text", "image", "pdf"], "output": ["text"]},
      "limit": {"context": 1000000, "output": 65536},
      "cost": {"input": 1.25, "output": 10, "cache_read": 0.125, "input_audio": 2.5, "reasoning": 10,
        "context_over_200k": {"input": 2.5, "output": 15, "cache_read": 0.25}}},
    "gemini-y": {"name": "Gemini Y", "limit": {"context": 0, "output": 0},
      "cost": {"input": 5, "output": 30, "context_over_200k": {"input": 99, "output": 99},
        "tiers": [{"input": 10, "output": 45, "tier": {"type": "context", "size": 272000}},
                  {"input": 1, "output": 1, "tier": {"type": "hour", "size": 3}}]}},
    "bad": {"cost": {"input": -1, "output": 2}},
    "worse": {"cost": {"input": 0.0000001, "output": 2}},
    "worst": {"limit": "none"},
    "unpriced": {"name": "Unpriced"}}},
  "github-copilot": {"models": {"gpt-5": {"cost": {"input": 0, "output": 0}}}},
  "amazon-bedrock": {"models": {"amazon.nova-z": {"cost": {"input": 0.06, "output": 0.24}}}}
}"#;

const LITELLM: &str = r#"{
  "sample_spec": {"litellm_provider": "one of", "input_cost_per_token": 0.0, "mode": "one of"},
  "claude-x": {"litellm_provider": "anthropic", "mode": "chat", "max_tokens": 64000, "max_input_tokens": 200000,
    "max_output_tokens": "64000", "input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05,
    "cache_read_input_token_cost": 3e-07, "cache_creation_input_token_cost": 3.75e-06,
    "cache_creation_input_token_cost_above_1hr": 6e-06, "input_cost_per_token_above_200k_tokens": 6e-06,
    "output_cost_per_token_above_200k_tokens": 2.25e-05, "cache_read_input_token_cost_above_200k_tokens": 6e-07,
    "input_cost_per_token_batches": 1.5e-06, "output_cost_per_token_batches": 7.5e-06,
    "input_cost_per_token_priority": 6e-06, "deprecation_date": "2027-02-01",
    "supports_vision": true, "supports_function_calling": true, "search_context_cost_per_query": {"high": 0.01}},
  "dashscope/qwen-x": {"litellm_provider": "dashscope", "mode": "chat", "tiered_pricing": [
    {"input_cost_per_token": 4e-07, "output_cost_per_token": 1.2e-06, "range": [0, 256000.0]},
    {"input_cost_per_token": 1.2e-06, "output_cost_per_token": 3.6e-06, "range": [256000.0, 1e6]}]},
  "perplexity/sonar-x": {"litellm_provider": "perplexity", "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06,
    "input_cost_per_request": 0.005},
  "text-embedding-x": {"litellm_provider": "openai", "mode": "embedding", "input_cost_per_token": 2e-08},
  "openai/dall-e-x": {"litellm_provider": "openai", "mode": "image_generation", "input_cost_per_pixel": 1e-08},
  "azure/eu/gpt-x": {"litellm_provider": "azure", "mode": "chat", "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06},
  "azure/gpt-x": {"litellm_provider": "azure", "mode": "chat", "input_cost_per_token": 1e-06, "output_cost_per_token": 2.9999999999999997e-06},
  "bad": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": "free", "output_cost_per_token": 1e-06},
  "replicate/llama": {"litellm_provider": "replicate", "mode": "chat", "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06}
}"#;

fn json(list: &PublicPrices, provider: &str, model: &str) -> serde_json::Value {
    let found = list.models.iter().find(|facts| facts.provider == provider && facts.model == model);
    serde_json::to_value(found.unwrap()).unwrap()
}

#[test]
fn the_form_of_models_dev_is_read_exactly() {
    let list = read_public_prices(MODELS_DEV, "2026-11-20").unwrap();
    assert_eq!(
        json(&list, "gemini", "gemini-x"),
        serde_json::json!({"p": "gemini", "m": "gemini-x", "name": "Gemini X", "ctx": 1_000_000, "out": 65_536,
            "can": {"vision": true, "tools": true, "parallel_tools": null, "reasoning": true, "json_schema": null,
                "pdf": true, "audio_input": false, "prompt_caching": true},
            "price": {"input": "1.25", "output": "10", "cache_read": "0.125", "audio_input": "2.5", "date": "2026-11-20",
                "tiers": [{"prompt_tokens_above": 200_000, "input": "2.5", "output": "15", "cache_read": "0.25"}]}})
    );
    let tiers = &json(&list, "gemini", "gemini-y")["price"]["tiers"];
    assert_eq!(*tiers, serde_json::json!([{"prompt_tokens_above": 272_000, "input": "10", "output": "45"}]));
    assert_eq!(json(&list, "gemini", "unpriced").get("price"), None);
    assert_eq!(json(&list, "amazon-nova", "amazon.nova-z")["price"]["input"], "0.06");
    assert_eq!(list.models.len(), 4, "subscriptions are no providers of ours");
    let bad: Vec<&str> = list.unreadable.iter().map(|entry| entry.model.as_str()).collect();
    assert_eq!(bad, ["bad", "worse", "worst"]);
    assert!(list.unreadable[0].reason.contains("negative"), "{:?}", list.unreadable);
}

#[test]
fn the_form_of_litellm_is_read_exactly() {
    let list = read_public_prices(LITELLM, "2026-11-20").unwrap();
    let claude = json(&list, "anthropic", "claude-x");
    assert_eq!(
        claude["price"],
        serde_json::json!({"input": "3", "output": "15", "cache_read": "0.3", "cache_write_5m": "3.75",
            "cache_write_1h": "6", "date": "2026-11-20",
            "tiers": [{"prompt_tokens_above": 200_000, "input": "6", "output": "22.5", "cache_read": "0.6"}],
            "service_tiers": {"batch": {"input": "1.5", "output": "7.5"}}})
    );
    assert_eq!(
        (&claude["ctx"], &claude["out"], &claude["retires"]),
        (&200_000.into(), &64_000.into(), &"2027-02-01".into())
    );
    let qwen = &json(&list, "qwen", "qwen-x")["price"];
    assert_eq!(
        qwen["tier_ranges"][1],
        serde_json::json!({"range": [256_000, 1_000_000], "input": "1.2", "output": "3.6"})
    );
    assert_eq!(json(&list, "perplexity", "sonar-x")["price"]["per_request_usd"], "0.005");
    assert_eq!(json(&list, "openai", "text-embedding-x")["embeds"], true);
    let embedding = &json(&list, "openai", "text-embedding-x")["price"];
    assert_eq!((&embedding["input"], &embedding["output"]), (&"0.02".into(), &"0".into()));
    assert_eq!(
        json(&list, "azure", "gpt-x")["price"]["output"],
        "3",
        "the noise of binary arithmetic is no price"
    );
    assert_eq!(list.models.len(), 5);
    assert_eq!(list.unreadable.len(), 1);
}

#[test]
fn what_is_no_list_says_so() {
    for text in ["", "[]", "<html>", "{\"a\": 1"] {
        assert!(
            matches!(read_public_prices(text, "2026-11-20"), Err(PublicPricesError::NotAList(_))),
            "{text}"
        );
    }
    for text in ["{}", r#"{"error": "not found"}"#, r#"{"a": {"b": 1}}"#] {
        assert!(
            matches!(read_public_prices(text, "2026-11-20"), Err(PublicPricesError::UnknownForm)),
            "{text}"
        );
    }
}

/// The known list in the form of models.dev, with one model's cost replaced.
fn offered(model: &str, cost: &str) -> crate::Comparison {
    let text = format!(r#"{{"openai": {{"models": {{"{model}": {{"name": "GPT-4o", "cost": {cost}}}}}}}}}"#);
    Catalogue::builtin().compare(read_public_prices(&text, "2026-11-20").unwrap().models)
}

#[test]
fn a_price_as_known_changes_nothing_and_a_new_one_is_dated_the_day_of_the_list() {
    let same = offered("gpt-4o", r#"{"input": 2.5, "output": 10, "cache_read": 1.25}"#);
    assert_eq!((same.unchanged, same.changed.len(), same.held.len()), (1, 0, 0), "{same:?}");
    let new = offered("gpt-4o", r#"{"input": 2, "output": 8, "cache_read": 1}"#);
    let catalogue = Catalogue::clone(Catalogue::builtin()).with_updates(new.changed);
    let price = catalogue.price("openai", "gpt-4o").unwrap();
    assert_eq!((price.input.usd_per_mtok().as_str(), price.date.as_str()), ("2", "2026-11-20"));
    assert!(!price.service_tiers.contains_key("batch"), "half of a price that is gone is no price");
    assert!(price.service_tiers.contains_key("priority"), "what makes a request dearer stays");
}

#[test]
fn what_looks_wrong_is_held_back_with_its_reason() {
    for (cost, field, words) in [
        (r#"{"input": 25, "output": 10}"#, "input", "10 times"),
        (r#"{"input": 2.5, "output": 1}"#, "output", "10th"),
        (r#"{"input": 0, "output": 0}"#, "input", "free"),
        (r#"{"input": 2.5, "output": 1001}"#, "output", "Dearer"),
        (r#"{"input": 0.0000025, "output": 10}"#, "", ""),
        (r#"{"input": 0.000003, "output": 0.00001}"#, "input", "per token"),
        (r#"{"input": 2.5, "output": 10, "cache_read": 3}"#, "cache_read", "cached"),
        (
            r#"{"input": 2.5, "output": 10, "context_over_200k": {"input": 5000}}"#,
            "tiers.200000.input",
            "Dearer",
        ),
    ] {
        let offer = offered("gpt-4o", cost);
        if field.is_empty() {
            assert!(
                offer.held.is_empty() && offer.changed.is_empty(),
                "unreadable, not held back: {offer:?}"
            );
            continue;
        }
        let doubt = &offer.held[0].doubts[0];
        assert!(doubt.field == field && doubt.reason.contains(words), "{cost}: {doubt:?}");
        assert!(offer.changed.is_empty());
    }
    let nine = offered("gpt-4o", r#"{"input": 22.5, "output": 10}"#);
    assert_eq!(nine.changed.len(), 1, "ninefold is a change somebody may have made");
}

#[test]
fn a_model_nobody_knew_is_added_but_not_as_free() {
    let offer = offered("gpt-99", r#"{"input": 0, "output": 0}"#);
    assert_eq!(offer.changed[0].price, None, "zero is what lists write where they know nothing");
    let offer = offered("gpt-99:free", r#"{"input": 0, "output": 0}"#);
    assert!(offer.changed[0].price.is_some());
    let offer = offered("gpt-4o-2031-01-01", r#"{"input": 99, "output": 99}"#);
    assert!(
        offer.held[0].doubts[0].reason.contains("39 times"),
        "a snapshot is known by its family: {offer:?}"
    );
    let text = r#"{"openai": {"models": {"gpt-4o-2031-01-01": {"name": "unpriced snapshot"}}}}"#;
    let offer = Catalogue::builtin().compare(read_public_prices(text, "2026-11-20").unwrap().models);
    assert_eq!((offer.unchanged, offer.changed.len()), (1, 0), "it would lose the price of its family");
}
