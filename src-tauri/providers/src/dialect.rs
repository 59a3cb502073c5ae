//! The servers we know, one row each: where they are, how they authenticate, and what they take (PROTOCOLS, section 6).
//!
//! A difference between servers of one wire is a column here, never a condition in the code of the wire.

mod columns;
mod rows;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use roundtable_domain::{ChatRequest, Endpoint, ReasoningEffort, WireApi};
use url::Url;

use crate::parameters;

pub use columns::{
    Audio, Auth, CallIds, Choice, Documents, Images, JsonForms, Level, MaxTokens, Media, Reasoning, Replay,
    Thinker, ThinkingApart, Tools, UsageOption,
};
pub use rows::dialects;

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
    /// Endings of the names of further hosts that are this server's, with the dot before them.
    pub hosts: &'static [&'static str],
    /// The path of a base URL that has none.
    pub home: &'static str,
    /// Parameters of the query that an address under `deployments` cannot do without, and their values when the endpoint has
    /// no others (Azure).
    pub deployment_query: &'static [(&'static str, &'static str)],
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
    /// Whether the limit of the answer in Chat Completions leaves out what is thought, so that it is charged on top.
    pub thinks_apart: bool,
    /// What earlier reasoning is sent back.
    pub replay: Replay,
    /// How tools are offered.
    pub tools: Tools,
    /// Which ids of calls it takes.
    pub call_ids: CallIds,
    /// Whether a call's signature goes back in `extra_content` (Gemini's compatible API).
    pub call_signatures: bool,
    /// Which forms an answer can be held to.
    pub json: JsonForms,
    /// What may stand beside text.
    pub media: Media,
    /// Whether a refusal has a part of its own; else it goes back as text.
    pub refusal_parts: bool,
    /// Parameters that none of its models takes, by their names in `Params`; what single models refuse is in
    /// [`crate::parameters`].
    pub lacks: &'static [&'static str],
    /// Parameters it has another name for.
    pub renames: &'static [(&'static str, &'static str)],
    /// How many calls a server of this kind works on at once where nobody has told it otherwise; more of them would only slow
    /// each other down, or wait where nobody sees it. `None` where that is the provider's own business.
    pub calls_at_once: Option<u32>,
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

    /// Whether this row is about that wire. Servers that speak several of `OpenAI`'s have one row.
    pub(crate) fn covers(&self, api: WireApi) -> bool {
        let openai_family = matches!(api, WireApi::OpenaiResponses | WireApi::OpenaiCompletions);
        self.api == api || (self.api == WireApi::OpenaiChat && openai_family)
    }

    /// What is known of a model's thinking, where the row goes by models.
    pub(crate) fn thinker(&self, model: &str) -> Option<&'static Thinker> {
        let Reasoning::Effort(thinkers) = self.reasoning else { return None };
        thinkers.iter().find(|thinker| begins_with_one_of(model, thinker.models))
    }

    /// What this request may think on top of the longest answer it allows.
    pub fn thinking_apart(&self, api: WireApi, request: &ChatRequest) -> ThinkingApart {
        let params = &request.params;
        if !self.thinks_apart || api != WireApi::OpenaiChat {
            return ThinkingApart::Nothing;
        }
        if self.reasoning == Reasoning::EnableThinking {
            if begins_with_one_of(&request.model, &["qwq", "qvq"]) {
                // Older than `thinking_budget`.
                return ThinkingApart::Unlimited;
            }
            let is_off = params.reasoning_effort.is_some_and(|effort| effort <= ReasoningEffort::Minimal)
                && !request.model.contains("-thinking");
            return match (params.reasoning_tokens, request.thinking_limit) {
                (Some(tokens), _) => ThinkingApart::Tokens(tokens),
                (None, _) if is_off => ThinkingApart::Nothing,
                (None, Some(limit)) => ThinkingApart::Tokens(limit),
                (None, None) => ThinkingApart::Unlimited,
            };
        }
        let is_off = params.reasoning_effort == Some(ReasoningEffort::Off)
            && self.thinker(&request.model).is_some_and(|thinker| {
                thinker.levels.iter().any(|(effort, _)| *effort == ReasoningEffort::Off)
            });
        if is_off { ThinkingApart::Nothing } else { ThinkingApart::Unlimited }
    }

    /// Whether thinking that is left out of the answer's limit has one of its own here.
    pub fn limits_thinking(&self, api: WireApi) -> bool {
        self.thinks_apart && api == WireApi::OpenaiChat && self.reasoning == Reasoning::EnableThinking
    }

    /// Whether a model takes earlier reasoning that is sealed. Where the row knows whose reasoning is, the others refuse it
    /// (<https://github.com/openai/openai-agents-python/issues/569>): a model that does not reason, asked in the middle of a
    /// conversation with one that does.
    pub(crate) fn takes_sealed(&self, model: &str) -> bool {
        let Reasoning::Effort(thinkers) = self.reasoning else { return true };
        !thinkers.iter().any(|thinker| thinker.sealed)
            || self.thinker(model).is_some_and(|thinker| thinker.sealed)
    }

    /// The name of a parameter of `Params` here; `None` where it is not taken, by the server or by this model.
    pub(crate) fn parameter<'a>(&self, api: WireApi, model: &str, name: &'a str) -> Option<&'a str> {
        if self.lacks.contains(&name) || !parameters::takes(self.id, api, model, name) {
            return None;
        }
        let renamed = self.renames.iter().find(|(ours, _)| *ours == name);
        Some(renamed.map_or(name, |(_, theirs)| theirs))
    }

    /// The id of a call as this server takes it: the same where it does, else one made from it, always the same one.
    pub(crate) fn call_id<'a>(&self, id: &'a str) -> Cow<'a, str> {
        let fits = match self.call_ids {
            CallIds::UpTo(characters) => id.chars().count() <= characters,
            CallIds::Nine => id.len() == 9 && id.chars().all(|c| c.is_ascii_alphanumeric()),
        };
        if fits { Cow::Borrowed(id) } else { Cow::Owned(nine_characters(id)) }
    }
}

/// The level for the effort asked for: the same, else the next lower, else the lowest. The flag says whether it is the same.
pub(crate) fn level(levels: &[Level], asked: ReasoningEffort) -> Option<(&'static str, bool)> {
    let nearest = levels.iter().rfind(|(level, _)| *level <= asked).or_else(|| levels.first())?;
    Some((nearest.1, nearest.0 == asked))
}

/// Whether a model's name begins with one of these. The maker's name before a slash does not count: gateways write
/// `openai/gpt-5`. A beginning that ends with `$` is the whole name.
pub(crate) fn begins_with_one_of(model: &str, starts: &[&str]) -> bool {
    let name = model.rsplit('/').next().unwrap_or(model);
    starts.iter().any(|start| match start.strip_suffix('$') {
        Some(whole) => name == whole,
        None => name.starts_with(start),
    })
}

/// Nine letters and digits made from a text (FNV-1a, in base 36).
fn nine_characters(text: &str) -> String {
    let mut hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let mut characters = String::with_capacity(9);
    for _ in 0..9 {
        let digit = u32::try_from(hash % 36).unwrap_or_default();
        characters.extend(char::from_digit(digit, 36));
        hash /= 36;
    }
    characters
}

/// The row of an id.
pub fn dialect(id: &str) -> Option<&'static Dialect> {
    dialects().iter().find(|row| row.id == id)
}

/// The row of an endpoint; `custom` when its id is unknown.
pub fn dialect_of(endpoint: &Endpoint) -> &'static Dialect {
    dialect(&endpoint.dialect).unwrap_or(&rows::CUSTOM)
}

/// The row whose host is this URL's, so that a base URL typed by hand gets its dialect; `custom` for unknown hosts. Two rows
/// of one host are told apart by their paths. Local servers share ports and names, so only public hosts are recognised.
pub fn dialect_of_url(url: &Url, api: WireApi) -> &'static Dialect {
    let Some(host) = url.host_str() else { return &rows::CUSTOM };
    let is_usual = |row: &Dialect| {
        let usual = row.base_url.and_then(|base| Url::parse(base).ok());
        usual.is_some_and(|usual| usual.host_str() == Some(host) && url.path().starts_with(usual.path()))
            || row.hosts.iter().any(|ending| host.ends_with(ending))
    };
    let is_host = |row: &Dialect| {
        let usual = row.base_url.and_then(|base| Url::parse(base).ok());
        usual.is_some_and(|usual| usual.host_str() == Some(host))
    };
    let candidates = || dialects().iter().filter(|row| row.covers(api) && row.auth != Auth::None);
    candidates()
        .find(|row| is_usual(row))
        .or_else(|| candidates().find(|row| is_host(row)))
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
