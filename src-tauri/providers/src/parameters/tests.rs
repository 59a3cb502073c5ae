use super::*;

fn said(dialect: &str, api: WireApi, model: &str, params: &Params) -> Vec<String> {
    check(dialect, api, model, Some(64_000), params).into_iter().map(|problem| problem.message).collect()
}

fn temperature(value: f64) -> Params {
    Params { temperature: Some(value), ..Params::default() }
}

#[test]
fn a_value_out_of_range_is_said_with_the_range_of_that_provider_and_model() {
    let chat = WireApi::OpenaiChat;
    for (dialect, api, model, value, expected) in [
        (
            "anthropic",
            WireApi::AnthropicMessages,
            "claude-haiku-4-5",
            1.5,
            "temperature is 1.5, and claude-haiku-4-5 at Anthropic takes 0 to 1",
        ),
        ("openai", chat, "gpt-4o", 2.5, "temperature is 2.5, and gpt-4o at OpenAI takes 0 to 2"),
        ("openai", chat, "o3-mini", 0.5, "temperature is 0.5, and o3-mini at OpenAI takes only 1"),
        ("openai", chat, "gpt-5-mini", 0.5, "temperature is 0.5, and gpt-5-mini at OpenAI takes only 1"),
        (
            "mistral",
            chat,
            "mistral-small",
            1.6,
            "temperature is 1.6, and mistral-small at Mistral takes 0 to 1.5",
        ),
        (
            "moonshot",
            chat,
            "kimi-k2.5",
            0.3,
            "temperature is 0.3, and kimi-k2.5 at Moonshot (Kimi) takes only 1",
        ),
        ("llamacpp", chat, "m", -1.0, "temperature is -1, and m at llama.cpp server takes at least 0"),
        ("custom", chat, "x/m", 3.0, "temperature is 3, and m behind this kind of API takes 0 to 2"),
        ("custom", chat, "m", f64::NAN, "temperature is not a number"),
    ] {
        assert_eq!(said(dialect, api, model, &temperature(value)), [expected], "{model}");
    }
}

#[test]
fn the_ends_of_a_range_belong_to_it() {
    for (dialect, api, model, values) in [
        ("anthropic", WireApi::AnthropicMessages, "claude-haiku-4-5", [0.0, 1.0]),
        ("gemini", WireApi::Gemini, "gemini-2.5-flash", [0.0, 2.0]),
        ("openai", WireApi::OpenaiChat, "gpt-5", [1.0, 1.0]),
        ("openai", WireApi::OpenaiResponses, "gpt-5-chat-latest", [0.0, 2.0]),
        ("vllm", WireApi::OpenaiChat, "m", [0.0, 40.0]),
    ] {
        for value in values {
            assert_eq!(said(dialect, api, model, &temperature(value)), [""; 0], "{model} {value}");
        }
    }
}

#[test]
fn what_a_model_does_not_take_is_no_wrong_value_but_nothing_to_send() {
    let claude = |model, name| takes("anthropic", WireApi::AnthropicMessages, model, name);
    assert!(claude("claude-sonnet-4-5", "temperature") && !claude("claude-opus-4-8", "temperature"));
    assert!(!claude("claude-sonnet-5", "top_k") && !claude("claude-3-haiku-20240307", "seed"));
    assert!(!takes("openai", WireApi::OpenaiChat, "o3", "stop"));
    assert!(takes("openrouter", WireApi::OpenaiChat, "openai/o3", "stop"), "the gateway sorts it out");
    let refused = temperature(1.5);
    assert_eq!(said("anthropic", WireApi::AnthropicMessages, "claude-opus-4-8", &refused), [""; 0]);
}

#[test]
fn lengths_are_held_against_what_the_model_can_write() {
    let length = |tokens| Params { max_tokens: Some(tokens), ..Params::default() };
    let api = WireApi::OpenaiChat;
    assert_eq!(
        said("openai", api, "gpt-4o", &length(70_000)),
        ["max_tokens is 70000, and gpt-4o at OpenAI takes 1 to 64000"]
    );
    assert_eq!(check("openai", api, "gpt-4o", None, &length(70_000)), []);
    assert_eq!(
        check("openai", api, "gpt-4o", None, &length(0)).remove(0).message,
        "max_tokens is 0, and gpt-4o at OpenAI takes at least 1"
    );
}

#[test]
fn stops_are_counted_and_seeds_are_whole() {
    let stops = |count: usize| Params { stop: vec!["x".to_owned(); count], ..Params::default() };
    assert_eq!(
        said("openai", WireApi::OpenaiChat, "gpt-4o", &stops(5)),
        ["stop has 5 texts, and gpt-4o at OpenAI takes at most 4"]
    );
    assert_eq!(said("gemini", WireApi::Gemini, "gemini-2.5-flash", &stops(5)), [""; 0]);
    assert_eq!(said("anthropic", WireApi::AnthropicMessages, "claude-haiku-4-5", &stops(50)), [""; 0]);
    let seed = Params { seed: Some(i64::MAX), ..Params::default() };
    assert_eq!(check("gemini", WireApi::Gemini, "gemini-2.5-pro", None, &seed)[0].name, "seed");
}

#[test]
fn thinking_has_a_least_budget_and_leaves_room_for_the_answer() {
    let think =
        |budget, length| Params { reasoning_tokens: Some(budget), max_tokens: length, ..Params::default() };
    let claude = |params| said("anthropic", WireApi::AnthropicMessages, "claude-sonnet-4-5", &params);
    assert_eq!(
        claude(think(500, None)),
        ["reasoning_tokens is 500, and claude-sonnet-4-5 at Anthropic takes at least 1024"]
    );
    assert_eq!(
        claude(think(4096, Some(4096))),
        [
            "reasoning_tokens is 4096, and claude-sonnet-4-5 at Anthropic takes less than max_tokens, which is 4096"
        ]
    );
    assert_eq!(claude(think(2048, Some(4096))), [""; 0]);
    let gemini = |model, budget| {
        range("gemini", WireApi::Gemini, model, "reasoning_tokens")
            .is_some_and(|range| budget >= range.minimum)
    };
    assert!(gemini("models/gemini-2.5-flash", 0.0) && !gemini("gemini-2.5-pro", 0.0));
}

#[test]
fn every_row_names_dialects_that_exist() {
    for row in ROWS {
        for id in row.dialects() {
            assert!(dialect(id).is_some(), "{id}");
        }
    }
}
