//! The servers we know, one row each: where they are, how they authenticate, and what they take (PROTOCOLS, section 6).
//!
//! A difference between servers of one wire is a column here, never a condition in the code of the wire.

mod rows;

use roundtable_domain::{Endpoint, ReasoningEffort, WireApi};
use url::Url;

pub use rows::dialects;

/// How a key is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// `authorization: Bearer …`.
    Bearer,
    /// `x-api-key: …`.
    XApiKey,
    /// `x-goog-api-key: …`.
    XGoogApiKey,
    /// Needs no key. One that is given anyway is sent as a bearer: people put proxies before local servers.
    None,
}

/// How a server is made to report usage while it streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsageOption {
    /// `stream_options: {include_usage: true}`.
    StreamOptions,
    /// `usage: {include: true}`, which also reports the cost (`OpenRouter`).
    UsageInclude,
    /// It always does, or refuses unknown fields.
    Nothing,
}

/// The name of the field that limits the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaxTokens {
    /// `max_tokens`.
    MaxTokens,
    /// `max_completion_tokens`: `OpenAI`'s reasoning models refuse the other.
    MaxCompletionTokens,
}

/// How a server is told to think hard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reasoning {
    /// Not at all: an effort that is asked for is left out.
    None,
    /// `reasoning_effort`, with the levels it has.
    Effort {
        /// The levels, from the least.
        levels: &'static [ReasoningEffort],
        /// Beginnings of the names of models that take the field; all when empty.
        models: &'static [&'static str],
    },
    /// `reasoning: {effort}` (`OpenRouter`).
    EffortObject,
    /// `enable_thinking: bool` (`DashScope`).
    EnableThinking,
    /// `thinking: {type: "enabled" | "disabled"}` (Z.ai).
    ThinkingType,
}

/// Which of the model's earlier reasoning is sent back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replay {
    /// None of it.
    Nothing,
    /// `reasoning_details`, verbatim (`OpenRouter`).
    Details,
    /// `reasoning_content`, but only on messages that call tools: without it the next step fails or starts over.
    ContentWithToolCalls,
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// The word in configuration and [`Endpoint::dialect`].
    pub id: &'static str,
    /// The name for people.
    pub name: &'static str,
    /// The wire it speaks.
    pub api: WireApi,
    /// The usual base URL; `None` where it has to be given.
    pub base_url: Option<&'static str>,
    /// Environment variables that hold its key, in the order they are tried.
    pub env: &'static [&'static str],
    /// How the key is sent.
    pub auth: Auth,
    /// How it reports usage while streaming.
    pub usage: UsageOption,
    /// How the length is limited.
    pub max_tokens: MaxTokens,
    /// How hard thinking is asked for.
    pub reasoning: Reasoning,
    /// What earlier reasoning is sent back.
    pub replay: Replay,
    /// Where people get a key.
    pub key_url: Option<&'static str>,
    /// A path under the base URL that costs nothing and fails with a wrong key; `None` where the list of models is that.
    pub validate_path: Option<&'static str>,
}

impl Dialect {
    /// Whether nothing works without a key.
    pub fn needs_key(&self) -> bool {
        self.auth != Auth::None
    }

    /// Whether this row is about that wire. Servers that speak both of `OpenAI`'s have one row.
    pub(crate) fn covers(&self, api: WireApi) -> bool {
        self.api == api || (self.api == WireApi::OpenaiChat && api == WireApi::OpenaiResponses)
    }

    /// The level to send to this model for the effort asked for: the same, else the next lower, else the lowest.
    pub(crate) fn effort_level(&self, model: &str, asked: ReasoningEffort) -> Option<ReasoningEffort> {
        let Reasoning::Effort { levels, models } = self.reasoning else { return None };
        let name = model.rsplit('/').next().unwrap_or(model);
        if !models.is_empty() && !models.iter().any(|start| name.starts_with(start)) {
            return None;
        }
        let rank = |level: ReasoningEffort| level as u8;
        levels.iter().copied().rfind(|level| rank(*level) <= rank(asked)).or_else(|| levels.first().copied())
    }
}

/// The row of an id.
pub fn dialect(id: &str) -> Option<&'static Dialect> {
    dialects().iter().find(|row| row.id == id)
}

/// The row of an endpoint; `custom` when its id is unknown.
pub fn dialect_of(endpoint: &Endpoint) -> &'static Dialect {
    dialect(&endpoint.dialect).unwrap_or(&rows::CUSTOM)
}

/// The row whose usual host is this URL's, so that a base URL typed by hand gets its dialect; `custom` for unknown hosts.
/// Local servers share ports and names, so only public hosts are recognised.
pub fn dialect_of_url(url: &Url, api: WireApi) -> &'static Dialect {
    let host = |url: &Url| url.host_str().map(str::to_owned);
    dialects()
        .iter()
        .filter(|row| row.covers(api) && row.auth != Auth::None)
        .find(|row| {
            let usual = row.base_url.and_then(|base| Url::parse(base).ok());
            usual.is_some_and(|usual| host(&usual).is_some() && host(&usual) == host(url))
        })
        .unwrap_or(&rows::CUSTOM)
}

/// How a key is sent to an endpoint: as its dialect says, or as its wire does where the row is about another wire.
pub(crate) fn auth_of(endpoint: &Endpoint) -> Auth {
    let row = dialect_of(endpoint);
    if row.covers(endpoint.api) && row.id != rows::CUSTOM.id {
        return row.auth;
    }
    match endpoint.api {
        WireApi::AnthropicMessages => Auth::XApiKey,
        WireApi::Gemini => Auth::XGoogApiKey,
        WireApi::OpenaiCompletions | WireApi::OpenaiChat | WireApi::OpenaiResponses | WireApi::Ollama => {
            Auth::Bearer
        }
    }
}

#[cfg(test)]
mod tests {
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
                assert!(
                    parsed.scheme() == "https" || row.auth == Auth::None,
                    "{url}: keys travel over https"
                );
            }
            assert_eq!(row.needs_key(), row.auth != Auth::None);
            assert!(
                row.key_url.is_none() || !row.env.is_empty(),
                "{}: keys are found in the environment",
                row.id
            );
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
                network: Default::default(),
            })
        };
        assert_eq!(auth("openai", WireApi::OpenaiChat), Auth::Bearer);
        assert_eq!(auth("anthropic", WireApi::AnthropicMessages), Auth::XApiKey);
        assert_eq!(auth("custom", WireApi::AnthropicMessages), Auth::XApiKey);
        assert_eq!(auth("custom", WireApi::Gemini), Auth::XGoogApiKey);
        assert_eq!(
            auth("llamacpp", WireApi::AnthropicMessages),
            Auth::XApiKey,
            "the row is about another wire"
        );
        assert_eq!(auth("llamacpp", WireApi::OpenaiChat), Auth::None);
    }
}
