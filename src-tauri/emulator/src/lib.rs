//! Pretended providers on loopback that speak the real wire formats, with faults on request.
//!
//! What it is for: demo mode (a person meets it as the provider `demo`), the tests and the benches. It depends on no
//! other crate of ours, so that it stays an independent witness of the formats; its facts are those of PROTOCOLS.md.
//! It never opens a connection, it only answers on 127.0.0.1.
//!
//! It speaks `OpenAI` Chat Completions (`POST /v1/chat/completions`), Responses (`/v1/responses`) and text completions
//! (`/v1/completions`), Anthropic Messages (`/v1/messages`,
//! `/v1/messages/count_tokens`), Gemini (`/v1beta/models/{model}:generateContent`, `:streamGenerateContent` with and
//! without `alt=sse`, `:countTokens`) and Ollama (`/api/chat`); turns texts into vectors (`/v1/embeddings`,
//! `:batchEmbedContents`, `/api/embed`); and lists models the way each of them does. Its models name the images and files they
//! are given, call a tool when the prompt speaks of what it does, and keep to a JSON schema. Any non-empty key is
//! taken, except those that begin with `bad` (refused as unknown) or `locked` (refused as not allowed). Ollama needs none.
//!
//! Rooms: [`behaviour`](Behaviour) what can go wrong and its names for people; `ask` the request in neutral terms;
//! `models` the voices; `plan` what will be sent, as data; `wire` how each API writes it; `pace` when; `server` the
//! sockets; `capture` what was asked.
//!
//! # Faults without a line of Rust
//!
//! Ask for a model named after the fault: `fault-429-seconds`, `fault-midstream`, `fault-cut`, `fault-pings`,
//! `fault-utf8` … [`fault_models`] lists all with a line each, and so does `GET /v1/models?all=1`.
//!
//! ```no_run
//! # async fn example() -> Result<(), roundtable_emulator::EmulatorError> {
//! use roundtable_emulator::{Behaviour, Emulator, EmulatorOptions, Pace};
//! let emulator = Emulator::start(EmulatorOptions { pace: Pace::Instant, ..Default::default() }).await?;
//! emulator.script("swift", vec![Behaviour::SocketCut { after_tokens: 3 }]);
//! // … point a client at `emulator.base_url()`; its first request is cut, its second is answered.
//! emulator.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod ask;
mod behaviour;
mod capture;
mod dice;
mod failure;
mod models;
mod pace;
mod plan;
mod server;
mod tokens;
mod wire;

pub use behaviour::{Behaviour, RetryAfter, fault_models};
pub use capture::CapturedRequest;
pub use models::{DemoModel, demo_models};
pub use pace::Pace;
pub use server::EMBEDDING_MODEL;
pub use server::{Emulator, EmulatorError, EmulatorOptions};
pub use tokens::count_tokens;
