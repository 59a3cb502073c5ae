//! Where a provider is reached and which wire it speaks.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::network::Network;

/// A wire protocol. One folder in `providers` each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
pub enum WireApi {
    /// `POST /completions`: a text goes on, for models that have no chat form.
    #[serde(rename = "openai-completions")]
    OpenaiCompletions,
    /// `POST /chat/completions`, and everything that imitates it.
    #[serde(rename = "openai")]
    OpenaiChat,
    /// `POST /responses`.
    #[serde(rename = "openai-responses")]
    OpenaiResponses,
    /// `POST /v1/messages`.
    #[serde(rename = "anthropic")]
    AnthropicMessages,
    /// `:generateContent` and `:streamGenerateContent`.
    #[serde(rename = "gemini")]
    Gemini,
    /// `POST /api/chat`.
    #[serde(rename = "ollama")]
    Ollama,
}

impl WireApi {
    /// The word used on the command line, in JSON and SQL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenaiCompletions => "openai-completions",
            Self::OpenaiChat => "openai",
            Self::OpenaiResponses => "openai-responses",
            Self::AnthropicMessages => "anthropic",
            Self::Gemini => "gemini",
            Self::Ollama => "ollama",
        }
    }

    /// The API of a word; also takes the longer names the recorded cases use (`openai-chat`, `anthropic-messages`).
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "openai" | "openai-chat" => Self::OpenaiChat,
            "openai-completions" => Self::OpenaiCompletions,
            "openai-responses" => Self::OpenaiResponses,
            "anthropic" | "anthropic-messages" => Self::AnthropicMessages,
            "gemini" => Self::Gemini,
            "ollama" => Self::Ollama,
            _ => return None,
        })
    }
}

/// Scheme, host and port: what a key is bound to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(transparent)]
#[ts(as = "String")]
pub struct Origin(String);

impl Origin {
    /// The origin of a URL.
    pub fn of(url: &Url) -> Self {
        Self(url.origin().ascii_serialization())
    }

    /// `https://host:port`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a base URL cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Not a URL at all.
    #[error("\"{0}\" is not a URL; it should look like https://api.example.com/v1")]
    NotUrl(String),
    /// Neither http nor https.
    #[error("a base URL starts with https:// (or http:// for a server on this machine), not {0}://")]
    Scheme(String),
    /// Plain http to the open network.
    #[error("plain http to {0} would show your key to the network; use https, or http only for this machine")]
    PlainHttp(String),
    /// A user name or password in the URL.
    #[error("the base URL holds a user name or password; leave it out and add the key in its own field")]
    Credentials,
}

/// A place to send requests to. Holds no key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The provider's slug, as in `provider/model`.
    pub provider: String,
    /// The wire it speaks.
    pub api: WireApi,
    /// The row of the dialect table, for instance `openrouter`; `custom` for unknown servers.
    pub dialect: String,
    /// Without a trailing slash: `https://api.openai.com/v1`.
    pub base_url: Url,
    /// Sent with every request, after our own headers.
    pub extra_headers: Vec<(String, String)>,
    /// Proxy, certificates, timeouts, extra query.
    pub network: Network,
}

/// How far plain http may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlainHttp {
    /// Loopback only.
    Loopback,
    /// Loopback, and private addresses the user has confirmed.
    ConfirmedPrivate,
}

/// Checks a base URL as typed by a person and removes trailing slashes, query and fragment.
pub fn parse_base_url(text: &str, plain: PlainHttp) -> Result<Url, EndpointError> {
    let trimmed = text.trim().trim_end_matches('/');
    let mut url = Url::parse(trimmed).map_err(|_| EndpointError::NotUrl(text.trim().to_owned()))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(EndpointError::Credentials);
    }
    let host = url.host_str().ok_or_else(|| EndpointError::NotUrl(text.trim().to_owned()))?.to_owned();
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) || (plain == PlainHttp::ConfirmedPrivate && is_private(&url)) => {}
        "http" => return Err(EndpointError::PlainHttp(host)),
        other => return Err(EndpointError::Scheme(other.to_owned())),
    }
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

fn is_private(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_private() || ip.is_link_local(),
        Some(url::Host::Ipv6(ip)) => ip.is_unique_local() || ip.is_unicast_link_local(),
        Some(url::Host::Domain(_)) | None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_never_travel_in_the_clear() {
        let parse = |text| parse_base_url(text, PlainHttp::Loopback);
        assert!(parse("http://127.0.0.1:11434/v1/").is_ok());
        assert!(parse("http://localhost:1234").is_ok());
        assert!(parse("http://[::1]:1234").is_ok());
        assert_eq!(parse("http://192.168.1.9:8080"), Err(EndpointError::PlainHttp("192.168.1.9".into())));
        assert_eq!(parse("http://api.example.com"), Err(EndpointError::PlainHttp("api.example.com".into())));
        assert!(parse_base_url("http://192.168.1.9:8080", PlainHttp::ConfirmedPrivate).is_ok());
        assert!(parse_base_url("http://8.8.8.8", PlainHttp::ConfirmedPrivate).is_err());
        assert!(parse("http://127.0.0.1.example.com").is_err());
    }

    #[test]
    fn says_what_is_wrong_with_a_base_url() {
        let parse = |text| parse_base_url(text, PlainHttp::Loopback);
        assert!(matches!(parse("api.openai.com"), Err(EndpointError::NotUrl(_))));
        assert_eq!(parse("ftp://x.example"), Err(EndpointError::Scheme("ftp".into())));
        assert_eq!(parse("https://me:secret@x.example"), Err(EndpointError::Credentials));
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let url = |text| Url::parse(text).unwrap();
        assert_eq!(Origin::of(&url("https://a.example/v1")).as_str(), "https://a.example");
        assert_ne!(Origin::of(&url("https://a.example:8443")), Origin::of(&url("https://a.example")));
    }
}
