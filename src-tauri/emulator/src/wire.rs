//! How each API writes what a plan says. One file per wire; PROTOCOLS.md has the facts.

pub(crate) mod anthropic;
pub(crate) mod gemini;
pub(crate) mod ollama;
pub(crate) mod openai_chat;
pub(crate) mod openai_responses;
pub(crate) mod openai_text;

use std::time::SystemTime;

use jiff::Timestamp;
use serde_json::Value;

use crate::ask::Ask;
use crate::failure::Failure;
use crate::plan::{Beat, Finish, Usage};

/// Which API, and for Gemini which framing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    OpenAiChat,
    OpenAiResponses,
    /// Text completions, for models that have no chat form.
    OpenAiText,
    Anthropic,
    Gemini {
        /// `alt=sse`; otherwise a stream is one JSON array.
        sse: bool,
    },
    Ollama,
}

/// What a reply says about itself, whatever its content.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    /// Random hexadecimal digits, at least 24; each wire puts its prefix before them.
    pub(crate) id: String,
    pub(crate) now: Timestamp,
    pub(crate) served: String,
    pub(crate) usage: Usage,
    pub(crate) report_usage: bool,
    /// `OpenAI`'s `stream_options.include_usage`.
    pub(crate) include_usage: bool,
}

/// A reply that does not stream, collected.
#[derive(Clone, Debug, Default)]
pub(crate) struct Whole {
    pub(crate) reasoning: String,
    pub(crate) text: String,
    pub(crate) refusal: String,
    pub(crate) tool: Option<(String, Value)>,
    pub(crate) finish: Option<Finish>,
}

/// An error reply.
pub(crate) struct ErrorReply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Value,
}

/// Writes a stream, beat by beat. Has the state the framing needs: open blocks, running counts.
pub(crate) trait StreamWriter: Send {
    /// The bytes of one beat; empty where the wire has nothing to say.
    fn frame(&mut self, beat: &Beat) -> Vec<u8>;
}

impl Api {
    pub(crate) fn writer(self, head: Head) -> Box<dyn StreamWriter> {
        match self {
            Self::OpenAiChat => Box::new(openai_chat::Writer::new(head)),
            Self::OpenAiResponses => Box::new(openai_responses::Writer::new(head)),
            Self::OpenAiText => Box::new(openai_text::Writer::new(head)),
            Self::Anthropic => Box::new(anthropic::Writer::new(head)),
            Self::Gemini { sse } => Box::new(gemini::Writer::new(head, sse)),
            Self::Ollama => Box::new(ollama::Writer::new(head)),
        }
    }

    pub(crate) fn whole(self, head: &Head, whole: &Whole) -> Value {
        match self {
            Self::OpenAiChat => openai_chat::whole(head, whole),
            Self::OpenAiResponses => openai_responses::whole(head, whole),
            Self::OpenAiText => openai_text::whole(head, whole),
            Self::Anthropic => anthropic::whole(head, whole),
            Self::Gemini { .. } => gemini::whole(head, whole),
            Self::Ollama => ollama::whole(head, whole),
        }
    }

    /// The request in neutral terms, or what the API would object to.
    pub(crate) fn read(self, body: &Value, model_in_path: &str) -> Result<Ask, Failure> {
        match self {
            Self::OpenAiChat => openai_chat::read(body),
            Self::OpenAiResponses => openai_responses::read(body),
            Self::OpenAiText => openai_text::read(body),
            Self::Anthropic => anthropic::read(body),
            Self::Gemini { .. } => Ok(gemini::read(body, model_in_path)?),
            Self::Ollama => ollama::read(body),
        }
    }

    pub(crate) fn error(self, failure: &Failure, request_id: &str, now: SystemTime) -> ErrorReply {
        let (status, body) = match self {
            Self::OpenAiResponses => openai_responses::error(failure),
            Self::OpenAiChat | Self::OpenAiText => openai_chat::error(failure),
            Self::Anthropic => anthropic::error(failure, request_id),
            Self::Gemini { .. } => gemini::error(failure),
            Self::Ollama => ollama::error(failure),
        };
        let mut headers = failure.retry_headers(now);
        if self == Self::Anthropic {
            headers.push(("x-should-retry", (status == 429 || status >= 500).to_string()));
        }
        ErrorReply { status, headers, body }
    }

    /// Headers of every reply: request ids and what is left of the rate limits.
    pub(crate) fn headers(
        self,
        request_id: &str,
        usage: Usage,
        now: Timestamp,
    ) -> Vec<(&'static str, String)> {
        match self {
            Self::OpenAiChat | Self::OpenAiResponses | Self::OpenAiText => {
                openai_chat::headers(request_id, usage)
            }
            Self::Anthropic => anthropic::headers(request_id, usage, now),
            Self::Gemini { .. } | Self::Ollama => Vec::new(),
        }
    }

    pub(crate) fn stream_type(self) -> &'static str {
        match self {
            Self::OpenAiChat | Self::OpenAiResponses | Self::OpenAiText | Self::Anthropic => {
                "text/event-stream; charset=utf-8"
            }
            Self::Gemini { sse: true } => "text/event-stream",
            Self::Gemini { sse: false } => "application/json; charset=UTF-8",
            Self::Ollama => "application/x-ndjson",
        }
    }

    pub(crate) fn json_type(self) -> &'static str {
        match self {
            Self::OpenAiChat | Self::OpenAiResponses | Self::OpenAiText | Self::Anthropic => {
                "application/json"
            }
            Self::Gemini { .. } => "application/json; charset=UTF-8",
            Self::Ollama => "application/json; charset=utf-8",
        }
    }
}

/// The last `digits` of a hexadecimal id.
pub(crate) fn short_id(id: &str, digits: usize) -> String {
    id.chars().take(digits).collect()
}

/// Google's `RetryInfo` inside an error object, for the one form of delay that lives there.
pub(crate) fn add_retry_info(error: &mut Value, failure: &Failure) {
    if let Some(seconds) = failure.retry_info() {
        let info = serde_json::json!({
            "@type": "type.googleapis.com/google.rpc.RetryInfo",
            "retryDelay": format!("{seconds}s")
        });
        error["details"] = serde_json::json!([info]);
    }
}
