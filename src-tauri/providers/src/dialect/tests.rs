use reqwest::header::HeaderMap;
use roundtable_domain::Network;
use roundtable_domain::ReasoningEffort::{High, Low, Max, Medium, Minimal, Off};

use super::*;

#[test]
fn the_table_is_sound() {
    for row in dialects() {
        assert_eq!(
            dialects().iter().filter(|other| other.id == row.id).count(),
            1,
            "{} is there once",
            row.id
        );
        for url in [row.base_url, row.key_url].into_iter().flatten() {
            let parsed = Url::parse(url).unwrap();
            assert!(!url.ends_with('/'), "{url}: paths are appended");
            assert!(parsed.scheme() == "https" || row.auth == Auth::None, "{url}: keys travel over https");
        }
        assert_eq!(row.needs_key(), row.auth != Auth::None);
        assert!(
            row.key_url.is_none() || !row.env.is_empty(),
            "{}: keys are found in the environment",
            row.id
        );
        let mut shared =
            dialects().iter().filter(|other| other.env.iter().any(|name| row.env.contains(name)));
        assert!(shared.all(|other| other.id == row.id), "{}: one variable, one provider", row.id);
        if let Reasoning::Effort(thinkers) = row.reasoning {
            for levels in thinkers.iter().map(|thinker| thinker.levels) {
                assert!(levels.is_sorted_by_key(|(effort, _)| *effort), "{}: levels from the least", row.id);
            }
        }
    }
    assert_eq!(dialect("demo").map(|row| row.api), Some(WireApi::OpenaiChat));
    assert_eq!(dialect("nobody"), None);
}

#[test]
fn known_hosts_are_recognised() {
    let of = |url: &str| dialect_of_url(&Url::parse(url).unwrap(), WireApi::OpenaiChat).id;
    assert_eq!(of("https://api.openai.com/v1"), "openai");
    assert_eq!(of("https://openrouter.ai/api/v1"), "openrouter");
    assert_eq!(of("https://api.anthropic.com/v1"), "custom", "another wire on a known host");
    assert_eq!(of("http://127.0.0.1:1234/v1"), "custom", "ports of local servers prove nothing");
    assert_eq!(of("https://mine.openai.azure.com/openai/deployments/x"), "azure", "a name per customer");
    assert_eq!(of("https://openai.azure.com.example.com"), "custom");
    assert_eq!(of("https://api.together.ai/v1"), "together", "a second name");
    assert_eq!(of("https://generativelanguage.googleapis.com/v1beta/openai"), "gemini-openai");
    let gemini = Url::parse("https://generativelanguage.googleapis.com/v1beta").unwrap();
    assert_eq!(dialect_of_url(&gemini, WireApi::Gemini).id, "gemini");
    let vertex = |url: &str| dialect_of_url(&Url::parse(url).unwrap(), WireApi::Gemini);
    let express = vertex("https://aiplatform.googleapis.com/v1/publishers/google");
    assert_eq!((express.id, express.auth), ("vertex-express", Auth::XGoogApiKey));
    for host in ["aiplatform", "europe-west4-aiplatform"] {
        let url = format!("https://{host}.googleapis.com/v1/projects/p/locations/l/publishers/google");
        assert_eq!((vertex(&url).id, vertex(&url).auth), ("vertex", Auth::Bearer));
    }
    for api in [WireApi::OpenaiResponses, WireApi::OpenaiCompletions] {
        let url = Url::parse("https://api.x.ai/v1").unwrap();
        assert_eq!(dialect_of_url(&url, api).id, "xai", "one row for all wires of the family");
    }
}

#[test]
fn a_key_goes_where_the_wire_wants_it() {
    let auth = |dialect: &str, api: WireApi| {
        auth_of(&Endpoint {
            provider: "p".into(),
            api,
            dialect: dialect.into(),
            base_url: Url::parse("https://x.example").unwrap(),
            extra_headers: Vec::new(),
            network: Network::default(),
        })
    };
    assert_eq!(auth("openai", WireApi::OpenaiChat), Auth::Bearer);
    assert_eq!(auth("azure", WireApi::OpenaiResponses), Auth::ApiKey);
    assert_eq!(auth("anthropic", WireApi::AnthropicMessages), Auth::XApiKey);
    assert_eq!(auth("custom", WireApi::AnthropicMessages), Auth::XApiKey);
    assert_eq!(auth("custom", WireApi::Gemini), Auth::XGoogApiKey);
    assert_eq!(auth("llamacpp", WireApi::AnthropicMessages), Auth::XApiKey, "the row is about another wire");
    assert_eq!(auth("llamacpp", WireApi::OpenaiChat), Auth::None);
}

#[test]
fn azure_is_given_its_key_in_a_header_of_its_own() {
    let endpoint = Endpoint {
        provider: "azure".into(),
        api: WireApi::OpenaiChat,
        dialect: "azure".into(),
        base_url: Url::parse("https://n.openai.azure.com").unwrap(),
        extra_headers: Vec::new(),
        network: Network::default(),
    };
    let key = secrecy::SecretString::from("k");
    let headers = crate::client::headers(&endpoint, Some(&key), HeaderMap::new(), "*/*").unwrap();
    assert_eq!(headers.get("api-key").and_then(|value| value.to_str().ok()), Some("k"));
    assert_eq!(headers.get("authorization"), None);
    assert!(headers["api-key"].is_sensitive());
}

#[test]
fn every_family_of_models_has_its_levels() {
    let of = |dialect_id: &str, model: &str, asked| {
        dialect(dialect_id).unwrap().thinker(model).and_then(|thinker| level(thinker.levels, asked))
    };
    assert_eq!(of("openai", "gpt-5", Off), Some(("minimal", false)), "cannot stop thinking");
    assert_eq!(of("openai", "gpt-5.1", Off), Some(("none", true)));
    assert_eq!(of("openai", "gpt-5.1", Max), Some(("high", false)), "knows no more");
    assert_eq!(of("openai", "gpt-5.2", Max), Some(("xhigh", true)));
    assert_eq!(of("azure", "gpt-5-pro", Low), Some(("high", false)), "the lowest it has");
    assert_eq!(of("openai", "gpt-5-chat-latest", High), None);
    assert_eq!(of("openai", "gpt-4o", High), None);
    assert_eq!(of("github", "openai/o3", Minimal), Some(("low", false)));
    assert_eq!(of("groq", "qwen/qwen3-32b", Off), Some(("none", true)));
    assert_eq!(of("xai", "grok-4-0709", High), None, "reasons, but takes no effort");
    assert!(dialect("xai").unwrap().thinker("grok-4-0709").unwrap().sealed);
    assert_eq!(of("fireworks", "whatever", Medium), Some(("medium", true)));
}

#[test]
fn ids_of_calls_fit_and_stay_the_same() {
    let mistral = dialect("mistral").unwrap();
    assert_eq!(mistral.call_id("aB3dE6gH9"), "aB3dE6gH9");
    let made = mistral.call_id("toolu_01A09q90qw90lq917835lq9").into_owned();
    assert!(made.len() == 9 && made.chars().all(|c| c.is_ascii_alphanumeric()), "{made}");
    assert_eq!(made, mistral.call_id("toolu_01A09q90qw90lq917835lq9"), "a result finds its call");
    assert_ne!(made, mistral.call_id("toolu_01A09q90qw90lq917835lq8"));
    let openai = dialect("openai").unwrap();
    assert_eq!(openai.call_id("call_1"), "call_1");
    assert!(openai.call_id(&"x".repeat(41)).len() <= 40);
}
