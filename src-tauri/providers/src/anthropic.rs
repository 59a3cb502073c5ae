//! Anthropic Messages: `POST /v1/messages` (PROTOCOLS, section 3), and the servers that imitate it.
//!
//! What is particular: system text stands above the messages, roles alternate, a length is required, usage comes
//! cumulatively in pieces, and thinking is signed: the decoder gives each signed block, and each block of the API's own
//! making, out as [`StreamEvent::Opaque`](roundtable_domain::StreamEvent::Opaque), and the request builder sends it back
//! verbatim when a [`Part::Reasoning`](roundtable_domain::Part::Reasoning) of the same provider holds it, one block or an
//! array of them. A `pause_turn` ends an answer like any other stop; sending the conversation on continues it.

mod blocks;
mod content;
mod generation;
mod models;
mod read_back;
mod reply;
mod request;
mod schema;
mod stream;
#[cfg(test)]
mod tests;
mod thinking;
mod usage;

pub(crate) use generation::Generation;

use roundtable_domain::{ChatRequest, Endpoint, ErrorCategory, Message, ProviderError};
use serde_json::Value;
use url::Url;

use crate::framing::{Framed, Framing};
use crate::wire::{Decoder, ListedModel, Omission, Wire, WireRequest};

/// The Messages wire.
#[derive(Clone, Copy, Debug)]
pub struct AnthropicMessages;

impl Wire for AnthropicMessages {
    fn chat_request(&self, endpoint: &Endpoint, request: &ChatRequest) -> Result<WireRequest, ProviderError> {
        request::build(endpoint, request)
            .map_err(|message| ProviderError::local(ErrorCategory::InvalidRequest, "roundtable", message))
    }

    fn omissions(&self, endpoint: &Endpoint, request: &ChatRequest) -> Vec<Omission> {
        request::omissions(endpoint, request).into_iter().collect()
    }

    fn messages_from_wire(&self, provider: &str, body: &Value) -> Result<Vec<Message>, String> {
        read_back::messages(provider, body)
    }

    fn decoder(&self, provider: &str, streaming: bool) -> Box<dyn Decoder> {
        Box::new(Framed::new(Framing::Sse, streaming, reply::Reply::new(provider)))
    }

    fn models_url(&self, endpoint: &Endpoint) -> Url {
        let mut url = url_of(&endpoint.base_url, "models");
        url.query_pairs_mut().append_pair("limit", "1000");
        url
    }

    fn parse_models(&self, body: &[u8]) -> Result<Vec<ListedModel>, String> {
        models::parse(body)
    }
}

/// An address of the API. People write the base URL with its `/v1` and without.
fn url_of(base: &Url, last: &str) -> Url {
    let mut url = base.clone();
    let has_version = base.path().trim_end_matches('/').ends_with("/v1");
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty();
        if !has_version {
            path.push("v1");
        }
        path.push(last);
    }
    url
}
