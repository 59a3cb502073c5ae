//! `OpenAI`'s Responses, `POST /responses` (PROTOCOLS, section 2): stateless, so that every provider keeps only what we send.

mod event;
mod history;
mod item;
mod items;
mod request;
mod stream;

use roundtable_domain::{ChatRequest, Endpoint, Message, ProviderError};
use serde_json::Value;
use url::Url;

use crate::draft::Draft;
use crate::framing::{Framed, Framing};
use crate::openai::address;
use crate::openai_chat::parse_models;
use crate::wire::{Decoder, ListedModel, Omission, Wire, WireRequest};

/// The wire of `POST /responses`.
#[derive(Clone, Copy, Debug)]
pub struct OpenaiResponses;

impl Wire for OpenaiResponses {
    fn chat_request(&self, endpoint: &Endpoint, request: &ChatRequest) -> Result<WireRequest, ProviderError> {
        request::draft(endpoint, request)?.into_request(endpoint, address(endpoint, &["responses"]))
    }

    fn omissions(&self, endpoint: &Endpoint, request: &ChatRequest) -> Vec<Omission> {
        request::draft(endpoint, request).map(Draft::into_omissions).unwrap_or_default()
    }

    fn messages_from_wire(&self, provider: &str, body: &Value) -> Result<Vec<Message>, String> {
        history::messages(provider, body)
    }

    fn decoder(&self, provider: &str, streaming: bool) -> Box<dyn Decoder> {
        Box::new(Framed::new(Framing::Sse, streaming, stream::ResponsesHandler::new(provider)))
    }

    fn models_url(&self, endpoint: &Endpoint) -> Url {
        address(endpoint, &["models"])
    }

    fn parse_models(&self, body: &[u8]) -> Result<Vec<ListedModel>, String> {
        parse_models(body)
    }
}

#[cfg(test)]
mod tests;
