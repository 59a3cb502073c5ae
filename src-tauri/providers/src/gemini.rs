//! Google Gemini: `:generateContent` and `:streamGenerateContent` (PROTOCOLS, section 4), at Google AI and Vertex.
//!
//! What is particular: there is no terminal marker, so a finish reason and the end of the bytes make the end; calls have
//! no ids, mostly; and parts are signed. A signature comes out of the decoder as
//! [`StreamEvent::Opaque`](roundtable_domain::StreamEvent::Opaque) with the content
//! `{"thoughtSignature": "...", "toolCall": 0}` (`toolCall` only where it belongs to a call: its position among the calls;
//! `text`, empty, where the part held nothing else), and goes back when a
//! [`Part::Reasoning`](roundtable_domain::Part::Reasoning) of the same provider holds that object, or an array of them, or a
//! [`Part::ToolCall`](roundtable_domain::Part::ToolCall) the signature itself.
//!
//! Vertex speaks the same under another address, with an access token: the base URL ends in `publishers/google`, either of a
//! project and location or, in express mode, of none (rows `vertex` and `vertex-express` of the dialect table).

mod arguments;
mod chunk;
mod contents;
mod error;
mod model;
mod models;
mod part;
mod read_back;
mod reply;
mod request;
mod schema;
#[cfg(test)]
mod tests;
mod thinking;
mod usage;

use reqwest::header::HeaderMap;
use roundtable_domain::{ChatRequest, Endpoint, ErrorCategory, Message, ProviderError};
use serde_json::Value;
use url::Url;

use crate::framing::{Framed, Framing};
use crate::wire::{Decoder, ListedModel, Omission, Wire, WireRequest};

/// The Gemini wire. Base URL: `https://generativelanguage.googleapis.com/v1beta`.
#[derive(Clone, Copy, Debug)]
pub struct Gemini;

impl Wire for Gemini {
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

    fn error(&self, provider: &str, status: u16, headers: &HeaderMap, body: &[u8]) -> ProviderError {
        error::from_reply(provider, status, headers, body)
    }

    /// Vertex lists the models of a publisher, not those of a project.
    fn models_url(&self, endpoint: &Endpoint) -> Url {
        let mut url = endpoint.base_url.clone();
        let at_vertex = url.path_segments().is_some_and(|mut steps| steps.any(|step| step == "publishers"));
        let most = if at_vertex { "100" } else { "1000" };
        if at_vertex {
            url.set_path("v1beta1/publishers/google");
        }
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push("models");
        }
        url.query_pairs_mut().append_pair("pageSize", most);
        url
    }

    fn parse_models(&self, body: &[u8]) -> Result<Vec<ListedModel>, String> {
        models::parse(body)
    }
}

/// The address of a model's method. A model's name may come with its collection (`models/…`, `tunedModels/…`,
/// `publishers/google/models/…`) and without.
pub(crate) fn model_url(base: &Url, model: &str, method: &str) -> Url {
    let mut url = base.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty();
        let (collection, name) = model.rsplit_once('/').unwrap_or(("models", model));
        path.extend(collection.split('/').filter(|step| !step.is_empty()));
        path.push(&format!("{name}:{method}"));
    }
    url
}
