//! Where a request goes.

use roundtable_domain::Endpoint;
use url::Url;

use crate::dialect::dialect_of;

/// The ends of addresses that people paste whole, the longest first.
const PASTED: [&[&str]; 5] =
    [&["chat", "completions"], &["completions"], &["responses"], &["models"], &["embeddings"]];

/// A path under an endpoint's base URL, with the endpoint's query.
///
/// A base URL that already ends with the whole path is taken as it is, and one that ends with another endpoint's path loses
/// it. One without any path gets the dialect's usual one. Under a deployment (Azure) a version is added if none is given; the
/// list of models is above the deployments.
pub(crate) fn address(endpoint: &Endpoint, path: &[&str]) -> Url {
    let dialect = dialect_of(endpoint);
    let mut url = endpoint.base_url.clone();
    let given: Vec<&str> =
        endpoint.base_url.path().split('/').filter(|segment| !segment.is_empty()).collect();
    let mut kept = PASTED.iter().find_map(|pasted| given.strip_suffix(*pasted)).unwrap_or(&given);
    let deployments = kept.iter().position(|segment| *segment == "deployments");
    if path == ["models"] {
        kept = deployments.and_then(|at| kept.get(..at)).unwrap_or(kept);
    }
    let home = if kept.is_empty() { dialect.home } else { "" };
    if let Ok(mut segments) = url.path_segments_mut() {
        let home = home.split('/').filter(|segment| !segment.is_empty());
        segments.clear().extend(home.chain(kept.iter().copied())).extend(path);
    }
    let own = &endpoint.network.query;
    let usual = dialect.deployment_query.iter().filter(|_| deployments.is_some());
    let missing = usual.filter(|(name, _)| own.iter().all(|(known, _)| known != name));
    let query: Vec<(&str, &str)> =
        own.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(missing.copied()).collect();
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    url
}

#[cfg(test)]
mod tests {
    use roundtable_domain::{Network, WireApi};

    use super::*;

    fn at(dialect: &str, base: &str, query: &[(&str, &str)], path: &[&str]) -> String {
        let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let endpoint = Endpoint {
            provider: "p".into(),
            api: WireApi::OpenaiChat,
            dialect: dialect.into(),
            base_url: Url::parse(base).unwrap(),
            extra_headers: Vec::new(),
            network: Network { query, ..Network::default() },
        };
        address(&endpoint, path).to_string()
    }

    const CHAT: &[&str] = &["chat", "completions"];

    #[test]
    fn a_pasted_full_address_is_taken_as_it_is() {
        for base in [
            "https://x.example/v1/chat/completions",
            "https://x.example/v1",
            "https://x.example/v1/responses",
        ] {
            assert_eq!(at("custom", base, &[], CHAT), "https://x.example/v1/chat/completions");
            assert_eq!(at("custom", base, &[], &["models"]), "https://x.example/v1/models");
        }
        assert_eq!(at("custom", "https://x.example", &[], CHAT), "https://x.example/chat/completions");
        assert_eq!(
            at("custom", "https://x.example/a/", &[], &["responses"]),
            "https://x.example/a/responses"
        );
    }

    #[test]
    fn every_address_of_azure_works() {
        let name = "https://n.openai.azure.com";
        assert_eq!(at("azure", name, &[], CHAT), format!("{name}/openai/v1/chat/completions"));
        let v1 = format!("{name}/openai/v1/");
        assert_eq!(at("azure", &v1, &[], &["responses"]), format!("{name}/openai/v1/responses"));
        let deployment = format!("{name}/openai/deployments/gpt-4o");
        let chat = format!("{deployment}/chat/completions?api-version=");
        assert_eq!(at("azure", &deployment, &[], CHAT), format!("{chat}2024-10-21"));
        assert_eq!(
            at("azure", &deployment, &[("api-version", "2025-04-01-preview")], CHAT),
            format!("{chat}2025-04-01-preview"),
            "the version that is set is the only one"
        );
        assert_eq!(
            at("azure", &deployment, &[], &["models"]),
            format!("{name}/openai/models?api-version=2024-10-21")
        );
    }

    #[test]
    fn the_query_goes_with_every_request() {
        let url = at("custom", "https://x.example/v1", &[("a b", "c&d"), ("e", "")], &["models"]);
        assert_eq!(url, "https://x.example/v1/models?a+b=c%26d&e=");
    }
}
