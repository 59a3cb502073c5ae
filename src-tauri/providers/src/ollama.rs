//! Ollama's own wire: `POST /api/chat` (PROTOCOLS, section 5). Lines of JSON; what other wires imitate, it has itself.

mod history;
mod messages;
mod models;
mod reply;
mod request;
#[cfg(test)]
mod tests;

pub(crate) use models::add_shown;

use roundtable_domain::{ChatRequest, Endpoint, Message, ProviderError};
use serde_json::Value;
use url::Url;

use crate::draft::Draft;
use crate::framing::{Framed, Framing};
use crate::wire::{Decoder, ListedModel, Omission, Wire, WireRequest};

/// The Ollama wire. Base URL: `http://127.0.0.1:11434`.
#[derive(Clone, Copy, Debug)]
pub struct Ollama;

impl Wire for Ollama {
    fn chat_request(&self, endpoint: &Endpoint, request: &ChatRequest) -> Result<WireRequest, ProviderError> {
        let url = url_of(&endpoint.base_url, "chat");
        request::draft(endpoint, request)?.into_request(endpoint, url)
    }

    fn omissions(&self, endpoint: &Endpoint, request: &ChatRequest) -> Vec<Omission> {
        request::draft(endpoint, request).map(Draft::into_omissions).unwrap_or_default()
    }

    fn messages_from_wire(&self, provider: &str, body: &Value) -> Result<Vec<Message>, String> {
        history::messages(provider, body)
    }

    fn decoder(&self, provider: &str, streaming: bool) -> Box<dyn Decoder> {
        Box::new(Framed::new(Framing::Ndjson, streaming, reply::Reply::new(provider)))
    }

    fn models_url(&self, endpoint: &Endpoint) -> Url {
        url_of(&endpoint.base_url, "tags")
    }

    fn parse_models(&self, body: &[u8]) -> Result<Vec<ListedModel>, String> {
        models::parse(body)
    }
}

/// An address of the API. People write the base URL with its `/api` and without.
pub(crate) fn url_of(base: &Url, last: &str) -> Url {
    let mut url = base.clone();
    let has_prefix = base.path().trim_end_matches('/').ends_with("/api");
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty();
        if !has_prefix {
            path.push("api");
        }
        path.push(last);
    }
    url
}
