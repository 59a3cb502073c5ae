//! `OpenAI` Chat Completions, `POST /chat/completions`, and everything that imitates it (PROTOCOLS, sections 1 and 6).
//!
//! [`request`] writes what the dialect's row of the table allows; [`stream`] accumulates what comes back by rules that hold
//! for every recorded dialect, so the reading side knows no dialects. A whole reply is read as one chunk whose `message`
//! stands for the delta. [`history`] reads the messages of anybody's request.

mod chunk;
mod history;
mod messages;
mod models;
mod request;
mod stream;
mod tools;

pub(crate) use messages::{read_result, result_text};
pub(crate) use models::parse as parse_models;
pub(crate) use stream::{ChatHandler, is_special_tier};

use roundtable_domain::{ChatRequest, Endpoint, Message, ProviderError};
use serde_json::Value;
use url::Url;

use crate::draft::Draft;
use crate::framing::{Framed, Framing};
use crate::openai::address;
use crate::wire::{Decoder, ListedModel, Omission, Wire, WireRequest};

/// The wire of `POST /chat/completions`.
#[derive(Clone, Copy, Debug)]
pub struct OpenaiChat;

impl Wire for OpenaiChat {
    fn chat_request(&self, endpoint: &Endpoint, request: &ChatRequest) -> Result<WireRequest, ProviderError> {
        request::draft(endpoint, request)?.into_request(endpoint, address(endpoint, &["chat", "completions"]))
    }

    fn omissions(&self, endpoint: &Endpoint, request: &ChatRequest) -> Vec<Omission> {
        request::draft(endpoint, request).map(Draft::into_omissions).unwrap_or_default()
    }

    fn messages_from_wire(&self, provider: &str, body: &Value) -> Result<Vec<Message>, String> {
        history::messages(provider, body)
    }

    fn decoder(&self, provider: &str, streaming: bool) -> Box<dyn Decoder> {
        Box::new(Framed::new(Framing::Sse, streaming, ChatHandler::new(provider)))
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
