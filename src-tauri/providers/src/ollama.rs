//! Ollama's own wire: `POST /api/chat` (PROTOCOLS, section 5). Lines of JSON; what other wires imitate, it has itself.

mod models;
mod reply;
mod request;
#[cfg(test)]
mod tests;

pub(crate) use models::add_shown;

use reqwest::header::HeaderMap;
use roundtable_domain::{ChatRequest, Endpoint, ErrorCategory, ProviderError};
use url::Url;

use crate::error;
use crate::framing::{Framed, Framing};
use crate::wire::{Decoder, ListedModel, Wire, WireRequest};

/// The Ollama wire. Base URL: `http://127.0.0.1:11434`.
#[derive(Clone, Copy, Debug)]
pub struct Ollama;

impl Wire for Ollama {
    fn chat_request(&self, endpoint: &Endpoint, request: &ChatRequest) -> Result<WireRequest, ProviderError> {
        request::build(endpoint, request)
            .map_err(|message| ProviderError::local(ErrorCategory::InvalidRequest, "roundtable", message))
    }

    fn decoder(&self, provider: &str, streaming: bool) -> Box<dyn Decoder> {
        Box::new(Framed::new(Framing::Ndjson, streaming, reply::Reply::new(provider)))
    }

    fn error(&self, provider: &str, status: u16, headers: &HeaderMap, body: &[u8]) -> ProviderError {
        error::from_reply(provider, status, headers, body)
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
