//! Wire clients: one folder per wire protocol, one table row per dialect.

pub mod anthropic;
mod attempt;
mod client;
pub mod dialect;
mod directory;
pub mod error;
pub mod framing;
pub mod gemini;
pub mod ollama;
pub mod openai_chat;
pub mod rate_limits;
mod reasoning_details;
#[cfg(test)]
mod replay;
pub mod retry_after;
pub mod secret;
mod timers;
pub mod wire;

pub use attempt::{Call, ChatStream, ReplyHead, start_chat};
pub use client::{Client, ClientError, ClientOptions};
pub use dialect::{Auth, Dialect, dialect, dialect_of, dialect_of_url, dialects};
pub use directory::{KeyCheck, check_key, list_models};
pub use rate_limits::{RateLimits, RateWindow};
pub use secret::mask_key;
pub use timers::Timers;
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
