//! Wire clients: one folder per wire protocol, one table row per dialect.
//!
//! The way of an attempt: [`start_chat`] has the endpoint's [`Wire`] write the request, adds the key last, and waits for the
//! head; [`ChatStream::next_batch`] feeds what the network gives to the wire's [`Decoder`] and hands its events on, under
//! [`Timers`] and a cancellation token. [`framing`] cuts bytes, [`error`] makes categories of refusals, [`retry_after`] and
//! [`rate_limits`] read what providers say about waiting.
//!
//! This crate decides nothing: whether to try again, where, and what it costs is for others. It stores nothing, knows no
//! prices, reads no environment, and never lets a key into an event, an error or a log.

pub mod anthropic;
mod attempt;
mod blob;
mod client;
mod counting;
mod departure;
pub mod dialect;
mod directory;
mod draft;
mod embeddings;
pub mod error;
pub mod framing;
pub mod gemini;
mod lenient;
mod listing;
mod media;
mod network;
pub mod ollama;
mod openai;
pub mod openai_chat;
pub mod openai_completions;
pub mod openai_responses;
#[cfg(test)]
mod order;
pub mod parameters;
mod question;
pub mod rate_limits;
mod reasoning_details;
#[cfg(test)]
mod replay;
pub mod retry_after;
pub mod secret;
mod timers;
mod trust;
pub mod wire;

pub use attempt::{Call, ChatStream, NoAnswer, ReplyHead, start_chat};
pub use client::{Client, ClientError, ClientOptions};
pub use counting::count_tokens;
pub use departure::Reached;
pub use dialect::{Auth, Dialect, ThinkingApart, dialect, dialect_of, dialect_of_url, dialects};
pub use directory::{KeyCheck, check_key, list_models};
pub use embeddings::{EmbeddingRequest, Embeddings, NoVectors, embed, plan_batches};
pub use listing::{ListedModel, ListedPrices, ModelKind, kind_of_name};
pub use network::{NetworkError, check_headers, check_network};
pub use parameters::{ParameterProblem, ParameterRange};
pub use rate_limits::{RateLimits, RateWindow, Span};
pub use timers::Timers;
pub use wire::{Decoder, Omission, Wire, WireRequest};

use roundtable_domain::WireApi;

/// The wire of an API; `None` where there is no client for it.
pub fn wire_for(api: WireApi) -> Option<&'static dyn Wire> {
    match api {
        WireApi::OpenaiChat => Some(&openai_chat::OpenaiChat),
        WireApi::AnthropicMessages => Some(&anthropic::AnthropicMessages),
        WireApi::Gemini => Some(&gemini::Gemini),
        WireApi::Ollama => Some(&ollama::Ollama),
        WireApi::OpenaiResponses => Some(&openai_responses::OpenaiResponses),
        WireApi::OpenaiCompletions => Some(&openai_completions::OpenaiCompletions),
    }
}
