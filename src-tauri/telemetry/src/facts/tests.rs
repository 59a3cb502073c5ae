use super::*;

/// A call that went well, of the second account with a provider.
pub(crate) fn call() -> CallFacts {
    let server = Server {
        slug: "work-openai".to_owned(),
        dialect: "openai".to_owned(),
        address: Some("api.openai.com".to_owned()),
        port: Some(443),
    };
    CallFacts {
        operation: Operation::Chat,
        server,
        model: "gpt-4o".to_owned(),
        model_served: Some("gpt-4o-2024-08-06".to_owned()),
        came_from: "model".to_owned(),
        kind: "first".to_owned(),
        request: RequestFacts { stream: true, temperature: Some(0.5), ..RequestFacts::default() },
        state: RunState::Complete,
        category: None,
        finish_reason: Some(FinishReason::Stop),
        response_id: Some("chatcmpl-7".to_owned()),
        ended_at: UnixMs(1_790_553_600_000),
        ttft_ms: Some(250),
        total_ms: Some(2_000),
        usage: TokenUsage {
            input: Some(1_000),
            output: Some(100),
            cached_input: Some(400),
            ..TokenUsage::default()
        },
        charge: Charge::Known("0.0035".parse().unwrap()),
        simulated: false,
        within: None,
    }
}

#[test]
fn a_provider_is_named_by_what_it_is_and_not_by_what_somebody_called_it() {
    let named = |dialect: &str| {
        let server = Server { dialect: dialect.to_owned(), ..call().server };
        server.provider_name().to_owned()
    };
    for (dialect, name) in [
        ("openai", "openai"),
        ("gemini-openai", "gcp.gemini"),
        ("mistral", "mistral_ai"),
        ("xai", "x_ai"),
        ("custom", "work-openai"),
    ] {
        assert_eq!(named(dialect), name);
    }
}

#[test]
fn parameters_are_numbers_here() {
    let params = Params { stop: vec!["what somebody wrote".to_owned()], seed: Some(7), ..Params::default() };
    let facts = RequestFacts::of(&params, false);
    assert_eq!(facts, RequestFacts { seed: Some(7), ..RequestFacts::default() });
}
