//! Text completions, `POST /completions`: for models that have no chat form, old ones and base models.
//!
//! The API takes one text and goes on with it, so a conversation becomes a text ([`prompt`]). Replies are those of Chat
//! Completions with a `text` in the place of the message, and are read by the same rules.

mod prompt;
mod request;

use roundtable_domain::{ChatRequest, Endpoint, Message, ProviderError};
use serde_json::Value;
use url::Url;

use crate::draft::Draft;
use crate::framing::{Framed, Framing};
use crate::openai::address;
use crate::openai_chat::{ChatHandler, parse_models};
use crate::wire::{Decoder, ListedModel, Omission, Wire, WireRequest};

/// The wire of `POST /completions`.
#[derive(Clone, Copy, Debug)]
pub struct OpenaiCompletions;

impl Wire for OpenaiCompletions {
    fn chat_request(&self, endpoint: &Endpoint, request: &ChatRequest) -> Result<WireRequest, ProviderError> {
        request::draft(endpoint, request)?.into_request(endpoint, address(endpoint, &["completions"]))
    }

    fn omissions(&self, endpoint: &Endpoint, request: &ChatRequest) -> Vec<Omission> {
        request::draft(endpoint, request).map(Draft::into_omissions).unwrap_or_default()
    }

    fn messages_from_wire(&self, _provider: &str, body: &Value) -> Result<Vec<Message>, String> {
        prompt::messages(body)
    }

    fn decoder(&self, provider: &str, streaming: bool) -> Box<dyn Decoder> {
        Box::new(Framed::new(Framing::Sse, streaming, ChatHandler::of_completion(provider)))
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
