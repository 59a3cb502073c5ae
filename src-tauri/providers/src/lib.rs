//! Wire clients: one folder per wire protocol, one table row per dialect.

pub mod anthropic;
pub mod dialect;
pub mod error;
pub mod framing;
pub mod gemini;
pub mod ollama;
pub mod openai_chat;
mod reasoning_details;
pub mod retry_after;
pub mod secret;
pub mod wire;

pub use dialect::{Auth, Dialect, dialect, dialect_of, dialect_of_url, dialects};
pub use secret::mask_key;
pub use wire::{Decoder, ListedModel, Wire, WireRequest};

use roundtable_domain::WireApi;

/// The wire of an API; `None` where there is no client for it.
pub fn wire_for(api: WireApi) -> Option<&'static dyn Wire> {
    match api {
        WireApi::OpenaiChat => Some(&openai_chat::OpenaiChat),
        WireApi::AnthropicMessages => Some(&anthropic::AnthropicMessages),
        WireApi::Gemini => Some(&gemini::Gemini),
        WireApi::Ollama => Some(&ollama::Ollama),
        WireApi::OpenaiResponses => None,
    }
}
