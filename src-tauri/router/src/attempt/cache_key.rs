//! Which requests may be answered from the cache, and under which key.
//!
//! The key is a SHA-256 over everything that can change an answer, each piece with its name and length, so that no two
//! requests share a key by accident. What only changes the way there (proxy, certificates, timeouts, whether the answer is
//! streamed, which of several keys paid) is left out.

use std::fmt;

use roundtable_domain::{
    ChatRequest, Endpoint, FinishReason, Message, Network, Part, RunState, ToolChoice, ToolDefinition,
};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// The way keys are made; a change of it makes all older keys worthless.
const FORM: &str = "roundtable response cache 1";

/// The key of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CacheKey([u8; 32]);

impl CacheKey {
    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// What a response depends on.
#[derive(Clone, Copy, Debug)]
pub struct CacheInput<'a> {
    /// Where it is sent.
    pub endpoint: &'a Endpoint,
    /// What is sent.
    pub request: &'a ChatRequest,
    /// The model that is known to serve this name at present (`gpt-4o-2024-08-06` for `gpt-4o`), from the provider's last
    /// answer; the name itself when none is known. When an alias moves on, its old answers are no longer found.
    pub model_served: &'a str,
    /// The revision of the wire adapter: another one may say the same request in other words.
    pub adapter_revision: &'a str,
}

/// The key of a request's response.
pub fn cache_key(input: &CacheInput<'_>) -> CacheKey {
    // Taken apart whole: a new field does not compile until somebody has decided whether it belongs into the key.
    let CacheInput { endpoint, request, model_served, adapter_revision } = *input;
    let Endpoint { provider, api, dialect, base_url, extra_headers, network } = endpoint;
    let Network { proxy: _, certificate_authority: _, timeouts: _, query } = network;
    let ChatRequest {
        model,
        messages,
        params,
        tools,
        tool_choice,
        parallel_tools,
        stream: _,
        thinking_limit,
    } = request;
    let mut hash = Hash(Sha256::new());
    hash.text("form", FORM);
    hash.text("adapter_revision", adapter_revision);
    hash.text("provider", provider);
    hash.text("api", api.as_str());
    hash.text("dialect", dialect);
    hash.text("base_url", base_url.as_str());
    hash.json("extra_headers", extra_headers);
    hash.json("query", query);
    hash.text("model", model);
    hash.text("model_served", model_served);
    hash.json::<Vec<Message>>("messages", messages);
    hash.json("params", params);
    hash.json::<Vec<ToolDefinition>>("tools", tools);
    hash.json::<ToolChoice>("tool_choice", tool_choice);
    hash.json("parallel_tools", parallel_tools);
    // Requests without one keep the keys they had before there was any.
    if let Some(limit) = thinking_limit {
        hash.json("thinking_limit", limit);
    }
    CacheKey(hash.0.finalize().into())
}

struct Hash(Sha256);

impl Hash {
    fn text(&mut self, name: &str, value: &str) {
        for piece in [name, value] {
            self.0.update(u64::try_from(piece.len()).unwrap_or(u64::MAX).to_le_bytes());
            self.0.update(piece.as_bytes());
        }
    }

    fn json<T: Serialize>(&mut self, name: &str, value: &T) {
        // These types serialise without fail. If one day one does not, its error text keeps the key apart from all others.
        let text = serde_json::to_string(value).unwrap_or_else(|error| format!("not serialised: {error}"));
        self.text(name, &text);
    }
}

/// Why an answer is not taken from the cache or kept in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NotCacheable {
    /// The same prompt is meant to give different answers, and nobody asked for the cache.
    NotDeterministic,
    /// An image is fetched from the web by the provider: what is there may change.
    RemoteContent,
    /// The provider runs a tool of its own (a search, code): its findings change.
    ServerSideTool,
    /// The answer did not come to its end.
    Incomplete,
    /// A filter or the provider ended it.
    Filtered,
}

/// Whether a request may be answered from the cache: when it is deterministic (temperature 0, or a seed) or somebody asked
/// for it, and depends on nothing outside itself.
pub fn check_request(request: &ChatRequest, asked_for: bool) -> Result<(), NotCacheable> {
    let parts = || request.messages.iter().flat_map(|message| &message.parts);
    if parts().any(|part| matches!(part, Part::ImageUrl { .. })) {
        return Err(NotCacheable::RemoteContent);
    }
    if parts().any(|part| matches!(part, Part::Other { .. })) {
        return Err(NotCacheable::ServerSideTool);
    }
    let params = &request.params;
    let fixed = params.temperature == Some(0.0) || params.seed.is_some() || params.top_k == Some(1);
    if fixed || asked_for { Ok(()) } else { Err(NotCacheable::NotDeterministic) }
}

/// Whether an answer may be kept: only a complete one. `other_parts`: it holds parts of the provider's own tools.
pub fn check_answer(state: RunState, finish: FinishReason, other_parts: bool) -> Result<(), NotCacheable> {
    match (state, finish) {
        (RunState::Complete, FinishReason::Stop | FinishReason::Length | FinishReason::ToolCalls) => {
            if other_parts {
                Err(NotCacheable::ServerSideTool)
            } else {
                Ok(())
            }
        }
        (RunState::Complete, FinishReason::ContentFilter | FinishReason::Error | FinishReason::Other) => {
            Err(NotCacheable::Filtered)
        }
        _ => Err(NotCacheable::Incomplete),
    }
}

#[cfg(test)]
mod tests;
