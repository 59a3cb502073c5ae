use roundtable_domain::{Params, ReasoningEffort, Timeouts};
use roundtable_providers::dialect;

use super::*;
use crate::settings::merge::{merge, params_of, timeouts_of};

fn environment(variables: &[(&str, &str)]) -> Environment {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Environment::read(&variables.collect())
}

fn values(environment: &Environment) -> (Params, Timeouts) {
    let merged = merge(std::slice::from_ref(&environment.values));
    (params_of(&merged).unwrap(), timeouts_of(&merged).unwrap())
}

fn address(variable: &str, text: &str, id: &str) -> Option<String> {
    let environment = environment(&[(variable, text)]);
    let moved = environment.moves().find(|(dialect, _)| dialect.id == id)?;
    Some(moved.1.base_url.to_string())
}

#[test]
fn every_variable_sets_its_value() {
    let set = environment(&[
        ("LLM_DEFAULT_TEMPERATURE", "0.3"),
        ("LLM_TOP_P", " 0.9 "),
        ("LLM_MAX_TOKENS", "500"),
        ("LLM_STOP", "[\"END\",\"STOP\"]"),
        ("LLM_SEED", "-7"),
        ("LLM_TOP_K", "40"),
        ("LLM_PRESENCE_PENALTY", "-0.5"),
        ("LLM_FREQUENCY_PENALTY", "1"),
        ("LLM_REASONING_EFFORT", "HIGH"),
        ("LLM_TIMEOUT", "2.5"),
        ("LLM_CONNECT_TIMEOUT", "3s"),
        ("LLM_FIRST_TOKEN_TIMEOUT", "60"),
        ("LLM_IDLE_TIMEOUT", "30"),
        ("LLM_DEFAULT_MODEL", "demo/swift"),
    ]);
    assert_eq!(set.unusable, []);
    let (params, timeouts) = values(&set);
    let expected = Params {
        temperature: Some(0.3),
        top_p: Some(0.9),
        max_tokens: Some(500),
        stop: vec!["END".into(), "STOP".into()],
        seed: Some(-7),
        top_k: Some(40),
        presence_penalty: Some(-0.5),
        frequency_penalty: Some(1.0),
        reasoning_effort: Some(ReasoningEffort::High),
        ..Params::default()
    };
    assert_eq!(params, expected);
    let waits = (timeouts.connect_ms, timeouts.first_delta_ms, timeouts.idle_ms, timeouts.total_ms);
    assert_eq!(waits, (Some(3_000), Some(60_000), Some(30_000), Some(2_500)));
    assert_eq!(set.default_model.as_deref(), Some("demo/swift"));
    let tokens = values(&environment(&[("LLM_REASONING_TOKENS", "2048")])).0;
    assert_eq!(tokens.reasoning_tokens, Some(2_048));
}

#[test]
fn what_cannot_be_understood_is_told_with_the_variable_and_what_it_should_be() {
    let broken = environment(&[
        ("LLM_DEFAULT_TEMPERATURE", "warm"),
        ("LLM_MAX_TOKENS", "-1"),
        ("LLM_TIMEOUT", "soon"),
        ("LLM_REASONING_EFFORT", "heroic"),
        ("LLM_TOP_P", "NaN"),
        ("LLM_SEED", "   "),
    ]);
    assert_eq!(values(&broken), (Params::default(), Timeouts::default()), "nothing of it is used");
    let told: Vec<String> = broken.notices().collect();
    assert_eq!(told.len(), 5, "a blank variable is none: {told:?}");
    assert!(
        told.contains(
            &"LLM_DEFAULT_TEMPERATURE is “warm”, but it has to be a number such as 0.7; it is not used."
                .to_owned()
        )
    );
    let long = environment(&[("LLM_MAX_TOKENS", &"é".repeat(500))]);
    assert!(long.notices().all(|notice| notice.chars().count() < 150), "a long value is cut");
}

#[test]
fn an_address_moves_the_provider_of_the_key_beside_it() {
    let at = address("OPENAI_BASE_URL", "http://127.0.0.1:4000/v1/", "openai");
    assert_eq!(at.as_deref(), Some("http://127.0.0.1:4000/v1"));
    assert_eq!(address("OPENAI_BASE_URL", "https://x.example/v1", "anthropic"), None);
    assert_eq!(
        address("DEEPSEEK_BASE_URL", "https://x.example", "deepseek").as_deref(),
        Some("https://x.example/")
    );
    assert_eq!(
        address("OPENAI_API_BASE", "https://x.example/v1", "openai").as_deref(),
        Some("https://x.example/v1")
    );
}

#[test]
fn the_version_of_an_api_is_appended_where_its_own_sdk_would_append_it() {
    let anthropic = |text| address("ANTHROPIC_BASE_URL", text, "anthropic").unwrap();
    assert_eq!(anthropic("https://proxy.example"), "https://proxy.example/v1");
    assert_eq!(anthropic("https://proxy.example/anthropic/"), "https://proxy.example/anthropic/v1");
    assert_eq!(anthropic("https://proxy.example/v1"), "https://proxy.example/v1");
    let gemini = |text| address("GOOGLE_GEMINI_BASE_URL", text, "gemini").unwrap();
    assert_eq!(gemini("https://proxy.example"), "https://proxy.example/v1beta");
}

#[test]
fn ollamas_variable_is_a_host_with_or_without_a_port() {
    let ollama = |text| address("OLLAMA_HOST", text, "ollama").unwrap();
    assert_eq!(ollama("127.0.0.1:9999"), "http://127.0.0.1:9999/");
    assert_eq!(ollama("0.0.0.0"), "http://127.0.0.1:11434/");
    assert_eq!(ollama("http://192.168.1.7:11434"), "http://192.168.1.7:11434/");
    assert_eq!(ollama("https://models.example"), "https://models.example/");
}

#[test]
fn an_address_that_would_show_a_key_is_told_and_not_used_and_never_quoted() {
    let broken = environment(&[("OPENAI_BASE_URL", "https://me:hunter2@x.example/v1")]);
    assert_eq!(broken.moves().count(), 0);
    let told: Vec<String> = broken.notices().collect();
    assert!(told[0].starts_with("OPENAI_BASE_URL is not used: "), "{told:?}");
    assert!(!told[0].contains("hunter2"));
    let open = environment(&[("OPENAI_BASE_URL", "http://models.example/v1")]);
    assert!(open.notices().next().unwrap().contains("use https"));
}

#[test]
fn a_key_is_meant_for_the_address_beside_it_and_no_other() {
    let moved = environment(&[("OPENAI_BASE_URL", "https://x.example/v1")]);
    let origin = |text: &str| Origin::of(&text.parse().unwrap());
    let openai = dialect("openai").unwrap();
    assert!(moved.means(openai, &origin("https://x.example/other")));
    assert!(!moved.means(openai, &origin("https://x.example:8443")));
    assert!(!moved.means(dialect("mistral").unwrap(), &origin("https://x.example")));
}
