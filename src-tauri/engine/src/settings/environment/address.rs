//! Where the environment moves providers to.
//!
//! Every variable of a key has one for the address beside it: `OPENAI_API_KEY` and `OPENAI_BASE_URL`. Some tools have used
//! other words, which are read after those. Anthropic's and Google's own SDKs append the version of the API to the address
//! they are given, so it is appended here where it is missing.

use std::collections::HashMap;

use roundtable_domain::WireApi;
use roundtable_domain::endpoint::{PlainHttp, parse_base_url};
use roundtable_providers::{Dialect, dialects};
use url::Url;

use super::{Unusable, first_set};
use crate::directory::DEMO;

/// Words of other tools for a dialect's address.
const OTHER_WORDS: &[(&str, &str)] = &[
    ("openai", "OPENAI_API_BASE"),
    ("gemini", "GOOGLE_GEMINI_BASE_URL"),
    ("azure", "AZURE_OPENAI_ENDPOINT"),
    ("ollama", "OLLAMA_HOST"),
];

/// The port of a server that is named without one.
const OLLAMA_PORT: u16 = 11_434;

/// An address the environment names, and by which variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MovedTo {
    pub(crate) base_url: Url,
    pub(crate) variable: String,
}

/// All of them. The demo has no key and no address of its own.
pub(super) fn moved(
    variables: &HashMap<String, String>,
    unusable: &mut Vec<Unusable>,
) -> Vec<(&'static Dialect, MovedTo)> {
    let mut moved = Vec::new();
    for dialect in dialects().iter().filter(|dialect| dialect.id != DEMO) {
        let names = names_of(dialect);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let Some((variable, text)) = first_set(variables, &names) else { continue };
        // Whoever sets the variable has said that this server is meant, as far as plain http is allowed at all.
        match parse_base_url(&spelt_out(dialect, text), PlainHttp::ConfirmedPrivate) {
            Ok(base_url) => {
                let base_url = with_version(dialect, base_url);
                moved.push((dialect, MovedTo { base_url, variable: variable.to_owned() }));
            }
            Err(error) => unusable.push(Unusable {
                about: dialect.id.to_owned(),
                problem: format!("{variable} is not used: {error}."),
            }),
        }
    }
    moved
}

fn names_of(dialect: &Dialect) -> Vec<String> {
    let beside_keys =
        dialect.env.iter().filter_map(|name| Some(format!("{}_BASE_URL", name.strip_suffix("_API_KEY")?)));
    let others = OTHER_WORDS.iter().filter(|(id, _)| *id == dialect.id).map(|(_, name)| (*name).to_owned());
    beside_keys.chain(others).collect()
}

/// Ollama's own variable is an address to listen at as well: a host with or without a port, and `0.0.0.0` for all of them.
fn spelt_out(dialect: &Dialect, text: &str) -> String {
    if dialect.id != "ollama" {
        return text.to_owned();
    }
    let text = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let Ok(mut url) = Url::parse(&text) else { return text };
    if url.host_str() == Some("0.0.0.0") && url.set_host(Some("127.0.0.1")).is_err() {
        return text;
    }
    let names_a_port = text.rsplit(['/', ']']).next().is_some_and(|end| end.contains(':'));
    if url.scheme() == "http"
        && url.port().is_none()
        && !names_a_port
        && url.set_port(Some(OLLAMA_PORT)).is_err()
    {
        return text;
    }
    url.to_string()
}

fn with_version(dialect: &Dialect, mut base_url: Url) -> Url {
    let (version, known): (&str, &[&str]) = match dialect.api {
        WireApi::AnthropicMessages => ("v1", &["v1"]),
        WireApi::Gemini => ("v1beta", &["v1beta", "v1", "v1alpha"]),
        _ => return base_url,
    };
    let path = base_url.path().trim_end_matches('/').to_owned();
    if !known.contains(&path.rsplit('/').next().unwrap_or_default()) {
        base_url.set_path(&format!("{path}/{version}"));
    }
    base_url
}
