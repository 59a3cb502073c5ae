//! `OpenAI`'s Responses, `POST /responses` (PROTOCOLS, section 2): stateless, so that every provider keeps only what we send.

mod event;
mod item;
mod request;
mod stream;

use reqwest::header::HeaderMap;
use roundtable_domain::{ChatRequest, Endpoint, ProviderError};
use url::Url;

use crate::error;
use crate::framing::{Framed, Framing};
use crate::openai_chat::{parse_models, path_under};
use crate::wire::{Decoder, ListedModel, Wire, WireRequest};

/// The wire of `POST /responses`.
#[derive(Clone, Copy, Debug)]
pub struct OpenaiResponses;

impl Wire for OpenaiResponses {
    fn chat_request(&self, endpoint: &Endpoint, request: &ChatRequest) -> Result<WireRequest, ProviderError> {
        request::responses_request(endpoint, request)
    }

    fn decoder(&self, provider: &str, streaming: bool) -> Box<dyn Decoder> {
        Box::new(Framed::new(Framing::Sse, streaming, stream::ResponsesHandler::new(provider)))
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
