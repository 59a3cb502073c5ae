//! Wire clients: one folder per wire protocol, one table row per dialect.

pub mod framing;
pub mod wire;

pub use wire::{Decoder, ListedModel, Wire, WireRequest};

use roundtable_domain::WireApi;

/// The wire of an API; `None` where there is no client for it.
pub fn wire_for(api: WireApi) -> Option<&'static dyn Wire> {
    match api {
        WireApi::OpenaiChat
        | WireApi::OpenaiResponses
        | WireApi::AnthropicMessages
        | WireApi::Gemini
        | WireApi::Ollama => None,
    }
}
