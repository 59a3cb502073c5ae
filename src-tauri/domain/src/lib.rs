//! The vocabulary of Roundtable: ids, money, usage, messages, stream events and error categories.
//!
//! Everything here is a value. This crate does no IO, reads no clock and makes no ids: time, ids and randomness are
//! passed in by the engine. Every other crate speaks in these words, so a word changes here or nowhere.
//!
//! A short tour, in the order of a prompt's way:
//! - [`Message`]s and [`Params`] make a [`ChatRequest`] for a [`ModelRef`] behind an [`Endpoint`];
//! - a provider answers with [`StreamEvent`]s, which an [`Answer`] accumulates;
//! - the end is an [`AnswerEnd`] or a [`ProviderError`] with an [`ErrorCategory`];
//! - [`TokenUsage`] is what was used, [`PicoUsd`] what it cost, and [`Cost`] how we know.

pub mod answer;
pub mod budget;
pub mod cost;
pub mod endpoint;
pub mod error;
pub mod finish;
pub mod history;
pub mod id;
pub mod layout;
pub mod mask;
pub mod message;
pub mod money;
pub mod network;
pub mod notice;
pub mod request;
pub mod settings;
pub mod state;
pub mod stream;
pub mod target;
pub mod time;
pub mod usage;

pub use answer::{Answer, AnswerEnd, ToolCall};
pub use cost::{Cost, CostLine, Provenance};
pub use endpoint::{Endpoint, EndpointError, Origin, WireApi};
pub use error::{ErrorCategory, ProviderError};
pub use finish::FinishReason;
pub use id::{
    AttemptId, BatchId, BudgetId, ConversationId, InvoiceId, KeyId, LaneId, LedgerEntryId, ReservationId,
    RunId, TurnId,
};
pub use layout::{Layout, Seals};
pub use message::{Blob, Message, Part, Role};
pub use money::{MoneyError, PicoUsd};
pub use network::{Network, Proxy, Timeouts};
pub use notice::{Notice, NoticeSaying};
pub use request::{ChatRequest, Params, ReasoningEffort, ResponseFormat, ToolChoice, ToolDefinition};
pub use settings::Layer;
pub use state::RunState;
pub use stream::StreamEvent;
pub use target::{ModelRef, Target, TargetError};
pub use time::UnixMs;
pub use usage::TokenUsage;
