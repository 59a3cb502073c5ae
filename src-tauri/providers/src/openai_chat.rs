//! `OpenAI` Chat Completions, `POST /chat/completions`, and everything that imitates it (PROTOCOLS, sections 1 and 6).
//!
//! [`request`] writes what the dialect's row of the table allows; [`stream`] accumulates what comes back by rules that hold
//! for every recorded dialect, so the reading side knows no dialects. A whole reply is read as one chunk whose `message`
//! stands for the delta.

mod chunk;
mod messages;
mod models;
mod request;
mod stream;
mod tools;

pub(crate) use messages::data_url;
pub(crate) use models::parse as parse_models;
pub(crate) use request::path_under;

use reqwest::header::HeaderMap;
use roundtable_domain::{ChatRequest, Endpoint, ProviderError};
use url::Url;

use crate::error;
use crate::framing::{Framed, Framing};
use crate::wire::{Decoder, ListedModel, Wire, WireRequest};

/// The wire of `POST /chat/completions`.
#[derive(Clone, Copy, Debug)]
pub struct OpenaiChat;

impl Wire for OpenaiChat {
    fn chat_request(&self, endpoint: &Endpoint, request: &ChatRequest) -> Result<WireRequest, ProviderError> {
        request::chat_request(endpoint, request)
    }

    fn decoder(&self, provider: &str, streaming: bool) -> Box<dyn Decoder> {
        Box::new(Framed::new(Framing::Sse, streaming, stream::ChatHandler::new(provider)))
    }

    fn error(&self, provider: &str, status: u16, headers: &HeaderMap, body: &[u8]) -> ProviderError {
        error::from_reply(provider, status, headers, body)
    }

    fn models_url(&self, endpoint: &Endpoint) -> Url {
        path_under(&endpoint.base_url, &["models"])
    }

    fn parse_models(&self, body: &[u8]) -> Result<Vec<ListedModel>, String> {
        parse_models(body)
    }
}

#[cfg(test)]
mod tests;
