//! Laws of the arithmetic, on arbitrary counts, prices and JSON.
#![expect(clippy::unwrap_used, reason = "a helper of a test may fail it")]

use proptest::prelude::*;
use roundtable_domain::{CostLine, PicoUsd, UnixMs, WireApi};
use roundtable_ledger::{
    Catalogue, CostQuery, CostQuestion, PriceList, compute_cost, cost_report, estimate_cost,
};
use serde_json::{Value, json};

const APIS: [WireApi; 5] = [
    WireApi::OpenaiChat,
    WireApi::OpenaiResponses,
    WireApi::AnthropicMessages,
    WireApi::Gemini,
    WireApi::Ollama,
];

fn price(input: u64, output: u64, read: u64) -> PriceList {
    let mut price = PriceList::free();
    for (name, pico) in [(&mut price.input, input), (&mut price.output, output)] {
        *name = roundtable_ledger::TokenPrice::from_pico_per_token(pico).unwrap();
    }
    price.cache_read = roundtable_ledger::TokenPrice::from_pico_per_token(read);
    price
}

fn cost(usage: &Value, price: &PriceList) -> roundtable_domain::Cost {
    compute_cost(&CostQuery { usage_raw: Some(usage), price: Some(price), ..CostQuery::default() })
}

fn sum(lines: &[CostLine]) -> PicoUsd {
    lines.iter().fold(PicoUsd::ZERO, |sum, line| {
        sum.checked_add(line.usd.as_ref().unwrap().parse().unwrap()).unwrap()
    })
}

/// A usage object of (prompt, cached of it, output, service tier).
type Shape = fn(u64, u64, u64, &str) -> Value;

const SHAPES: [(WireApi, Shape); 4] = [
    (WireApi::OpenaiChat, |prompt, cached, output, tier| {
        json!({"prompt_tokens": prompt, "completion_tokens": output, "service_tier": tier,
            "prompt_tokens_details": {"cached_tokens": cached}})
    }),
    (WireApi::OpenaiResponses, |prompt, cached, output, tier| {
        json!({"input_tokens": prompt, "output_tokens": output, "service_tier": tier,
            "input_tokens_details": {"cached_tokens": cached}})
    }),
    (WireApi::AnthropicMessages, |prompt, cached, output, tier| {
        json!({"input_tokens": prompt - cached, "cache_read_input_tokens": cached, "output_tokens": output,
            "service_tier": tier, "inference_geo": "us"})
    }),
    (WireApi::Gemini, |prompt, cached, output, tier| {
        json!({"promptTokenCount": prompt, "cachedContentTokenCount": cached, "candidatesTokenCount": output / 2,
            "thoughtsTokenCount": output - output / 2, "serviceTier": tier})
    }),
];

/// JSON with the names providers use, holding anything.
fn any_usage() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "prompt_tokens",
        "completion_tokens",
        "input_tokens",
        "output_tokens",
        "total_tokens",
        "cached_tokens",
        "prompt_tokens_details",
        "completion_tokens_details",
        "reasoning_tokens",
        "cache_write_tokens",
        "audio_tokens",
        "cache_read_input_tokens",
        "cache_creation_input_tokens",
        "cache_creation",
        "ephemeral_1h_input_tokens",
        "ephemeral_5m_input_tokens",
        "iterations",
        "model",
        "service_tier",
        "inference_geo",
        "speed",
        "cost",
        "cost_details",
        "is_byok",
        "upstream_inference_cost",
        "total_cost",
        "cost_in_usd_ticks",
        "promptTokenCount",
        "candidatesTokenCount",
        "thoughtsTokenCount",
        "toolUsePromptTokenCount",
        "cachedContentTokenCount",
        "promptTokensDetails",
        "modality",
        "tokenCount",
        "prompt_eval_count",
        "eval_count",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
        prop::sample::select(vec!["us", "fast", "flex", "AUDIO", "1e400", "-0.5"]).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 12, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..12).prop_map(|fields| {
                fields
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect::<serde_json::Map<_, _>>()
                    .into()
            }),
        ]
    })
}

proptest! {
    #[test]
    fn lines_add_up_to_the_total(
        prompt in 0u64..1_000_000, cached in 0u64..1_200_000, output in 0u64..200_000,
        p_in in 0u64..100_000_000, p_out in 0u64..100_000_000, p_read in 0u64..100_000_000,
    ) {
        let usage = json!({"prompt_tokens": prompt, "completion_tokens": output,
            "prompt_tokens_details": {"cached_tokens": cached}});
        let cost = cost(&usage, &price(p_in, p_out, p_read));
        prop_assert_eq!(cost.usd.unwrap(), sum(&cost.lines));
        prop_assert_eq!(cost.usd.unwrap().to_string(), cost.usd_exact.unwrap());
    }

    #[test]
    fn more_tokens_never_cost_less(
        prompt in 0u64..400_000, output in 0u64..100_000, more in 0u64..400_000,
        model in prop::sample::select(vec!["gpt-4o", "gpt-5.5", "gpt-5.6-sol"]),
    ) {
        let price = Catalogue::builtin().price("openai", model).unwrap();
        let at = |prompt, output| estimate_cost(price, prompt, output, UnixMs(0)).usd.unwrap();
        prop_assert!(at(prompt + more, output) >= at(prompt, output));
        prop_assert!(at(prompt, output + more) >= at(prompt, output));
    }

    #[test]
    fn no_usage_object_breaks_the_reader(usage in any_usage(), provider in prop::sample::select(
        vec!["openai", "openrouter", "perplexity", "mistral", "gemini", "anthropic", ""])) {
        let list = price(3_000_000, 15_000_000, 300_000);
        for api in APIS {
            let query = CostQuery { api, provider, model: "google/m", usage_raw: Some(&usage), price: Some(&list), ..CostQuery::default() };
            let cost = compute_cost(&query);
            prop_assert!(cost.usd.is_none_or(|usd| usd >= PicoUsd::ZERO), "{cost:?}");
            prop_assert_eq!(cost.usd.is_some(), cost.usd_exact.is_some());
            prop_assert_eq!(cost.usd.is_some(), cost.provenance.is_some());
        }
    }

    #[test]
    fn more_reported_tokens_never_cost_less(
        at in 0usize..1_000, shape in 0usize..SHAPES.len(), tier in prop::sample::select(vec!["default", "flex", "batch", "priority"]),
        prompt in 0u64..400_000, cached in 0u64..400_000, output in 0u64..100_000, more in 1u64..400_000,
    ) {
        let priced: Vec<_> = Catalogue::builtin().models().iter().filter(|facts| facts.price.is_some()).collect();
        let facts = priced[at % priced.len()];
        let (api, usage) = SHAPES[shape];
        let cost = |prompt, output| {
            let raw = usage(prompt, cached.min(prompt), output, tier);
            let query = CostQuery { api, provider: &facts.provider, model: &facts.model, usage_raw: Some(&raw),
                price: facts.price.as_ref(), ..CostQuery::default() };
            compute_cost(&query).usd.unwrap()
        };
        let before = cost(prompt, output);
        prop_assert!(before >= PicoUsd::ZERO);
        prop_assert!(cost(prompt, output + more) >= before, "{}/{} {tier}: longer answer", facts.provider, facts.model);
        if cached <= prompt {
            prop_assert!(cost(prompt + more, output) >= before, "{}/{} {tier}: longer prompt", facts.provider, facts.model);
        }
    }

    #[test]
    fn a_public_list_of_anything_is_read_or_refused(text in "\\PC{0,200}", cost in any_usage()) {
        let _ = roundtable_ledger::read_public_prices(&text, "2026-11-21");
        for list in [json!({"openai": {"models": {"m": {"cost": cost}}}}), json!({"m": {"litellm_provider": "openai",
            "input_cost_per_token": cost, "tiered_pricing": cost, "input_cost_per_token_above_1k_tokens": cost}})] {
            let read = roundtable_ledger::read_public_prices(&list.to_string(), "2026-11-21").unwrap();
            let _ = Catalogue::builtin().compare(read.models);
        }
    }

    #[test]
    fn no_price_list_breaks_the_report(prices in "\\PC{0,40}", flags in "\\PC{0,40}") {
        let question = CostQuestion {
            provider: "p",
            api: "openai",
            model: "m",
            usage: "{}",
            prices: Some(&prices),
            flags: Some(&flags),
            at: UnixMs(0),
        };
        let _ = cost_report(Catalogue::builtin(), &question);
    }
}

#[test]
fn an_amount_the_books_cannot_hold_is_unknown_rather_than_wrong() {
    let dearest = 1_000_000_000_000;
    let usage = json!({"prompt_tokens": u64::MAX, "completion_tokens": u64::MAX,
        "prompt_tokens_details": {"cached_tokens": u64::MAX, "cache_write_tokens": u64::MAX}});
    assert_eq!(cost(&usage, &price(dearest, dearest, dearest)).usd, None);
    let usage = json!({"prompt_tokens": 9_000_000, "completion_tokens": 0});
    assert_eq!(cost(&usage, &price(dearest, 0, 0)).usd_exact.as_deref(), Some("9000000"));
}

#[test]
fn a_fee_outside_tokens_makes_the_amount_a_lower_bound() {
    let list = price(1, 1, 1);
    let usage = json!({"input_tokens": 1, "output_tokens": 1, "server_tool_use": {"web_search_requests": 2}});
    let query = CostQuery {
        api: WireApi::AnthropicMessages,
        usage_raw: Some(&usage),
        price: Some(&list),
        ..CostQuery::default()
    };
    assert!(compute_cost(&query).at_least);
    assert!(!cost(&json!({"prompt_tokens": 1, "completion_tokens": 1}), &list).at_least);
}

#[test]
fn an_iteration_of_another_model_costs_what_that_model_costs() {
    let usage = json!({"input_tokens": 10, "output_tokens": 1, "iterations": [
        {"type": "message", "input_tokens": 10, "output_tokens": 1},
        {"type": "advisor_message", "model": "claude-opus-4-8", "input_tokens": 100, "output_tokens": 2}]});
    let of = |model| {
        let price = Catalogue::builtin().price("anthropic", model);
        compute_cost(&CostQuery {
            api: WireApi::AnthropicMessages,
            provider: "anthropic",
            model,
            usage_raw: Some(&usage),
            price,
            ..CostQuery::default()
        })
    };
    // Haiku 4.5 at 1 and 5 dollars, Opus 4.8 at 5 and 25.
    assert_eq!(of("claude-haiku-4-5").usd_exact.as_deref(), Some("0.000565"));
    let mut unknown = usage.clone();
    unknown["iterations"][1]["model"] = json!("somebody-else");
    let query = CostQuery {
        api: WireApi::AnthropicMessages,
        provider: "anthropic",
        model: "claude-haiku-4-5",
        usage_raw: Some(&unknown),
        price: Catalogue::builtin().price("anthropic", "claude-haiku-4-5"),
        ..CostQuery::default()
    };
    assert_eq!(compute_cost(&query).usd, None, "an unpriced part makes the whole unknown");
}

#[test]
fn deepseek_is_cheaper_at_night() {
    let price = Catalogue::builtin().price("deepseek", "deepseek-v4-pro").unwrap();
    let at = |text: &str| {
        let time: jiff::Timestamp = text.parse().unwrap();
        estimate_cost(price, 1_000_000, 0, UnixMs(time.as_millisecond())).usd_exact.unwrap()
    };
    assert_eq!(at("2026-11-18T02:00:00Z"), "1.32");
    assert_eq!(at("2026-11-18T12:00:00Z"), "0.66");
}
