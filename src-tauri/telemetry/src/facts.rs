//! What is told of a call.

use roundtable_domain::{ErrorCategory, PicoUsd, RunState, UnixMs};

/// What a call was, in the words of the conventions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// An answer to messages.
    Chat,
    /// Texts turned into vectors.
    Embeddings,
}

impl Operation {
    /// The value of `gen_ai.operation.name`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Embeddings => "embeddings",
        }
    }
}

/// One call that has ended. Names and numbers, nothing that somebody wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallFacts {
    /// What it was.
    pub operation: Operation,
    /// The provider's slug here.
    pub provider: String,
    /// The model asked for.
    pub model: String,
    /// The model that served it.
    pub model_served: Option<String>,
    /// `model`, or how an answer came without a call: `cache`, `shared`, `last_resort`.
    pub came_from: String,
    /// Why it was made: `first`, `retry`, `fallback`, ...
    pub kind: String,
    /// How it ended.
    pub state: RunState,
    /// What went wrong.
    pub category: Option<ErrorCategory>,
    /// When it ended.
    pub ended_at: UnixMs,
    /// From sending to the first semantic delta.
    pub ttft_ms: Option<u64>,
    /// From sending to the end.
    pub total_ms: Option<u64>,
    /// Tokens in.
    pub input_tokens: Option<u64>,
    /// Tokens out.
    pub output_tokens: Option<u64>,
    /// What it cost; `None`: unknown, or nothing was booked.
    pub cost: Option<PicoUsd>,
    /// Invented money and speed.
    pub simulated: bool,
}

impl CallFacts {
    /// Whether somebody was called for it.
    pub(crate) fn is_call(&self) -> bool {
        self.came_from == "model"
    }

    /// The value of `gen_ai.provider.name`: that of the conventions where they have one.
    pub(crate) fn provider_name(&self) -> &str {
        match self.provider.as_str() {
            "gemini" => "gcp.gemini",
            "vertex" => "gcp.vertex_ai",
            "azure" => "azure.ai.openai",
            "bedrock" => "aws.bedrock",
            "mistral" => "mistral_ai",
            "xai" => "x_ai",
            "moonshot" => "moonshot_ai",
            other => other,
        }
    }
}
