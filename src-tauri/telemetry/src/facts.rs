//! What is told of a call, of the answer it was made for, and of the turn that answer belongs to.

use roundtable_domain::{
    ConversationId, ErrorCategory, FinishReason, Params, PicoUsd, RunId, RunState, TokenUsage, TurnId, UnixMs,
};
use uuid::Uuid;

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

/// What a call has cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charge {
    /// Nothing is booked for it: it was refused, or broke off before the provider began.
    Nothing,
    /// It is booked, and what it cost is not known.
    Unknown,
    /// So much is booked for it.
    Known(PicoUsd),
}

impl Charge {
    /// What the books hold of a call: nothing, or an amount that may not be known.
    pub fn of_booked(booked: Option<Option<PicoUsd>>) -> Self {
        match booked {
            None => Self::Nothing,
            Some(None) => Self::Unknown,
            Some(Some(usd)) => Self::Known(usd),
        }
    }
}

/// Who was called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// The provider's slug here.
    pub slug: String,
    /// Whose provider it is, by the id of its dialect: a slug is what somebody has called an account.
    pub dialect: String,
    /// The host requests go to; `None`: nobody was called.
    pub address: Option<String>,
    /// Its port.
    pub port: Option<u16>,
}

/// The numbers a call was asked with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RequestFacts {
    /// Whether the answer was to be streamed.
    pub stream: bool,
    /// Randomness.
    pub temperature: Option<f64>,
    /// Nucleus sampling.
    pub top_p: Option<f64>,
    /// Among so many of the likeliest tokens.
    pub top_k: Option<u32>,
    /// The longest answer.
    pub max_tokens: Option<u32>,
    /// For repeatable answers.
    pub seed: Option<i64>,
    /// Against coming back to the same subjects.
    pub presence_penalty: Option<f64>,
    /// Against repeating the same words.
    pub frequency_penalty: Option<f64>,
}

impl RequestFacts {
    /// The numbers among parameters: the texts at which an answer ends and the form it has to take are what somebody wrote.
    pub fn of(params: &Params, stream: bool) -> Self {
        Self {
            stream,
            temperature: params.temperature,
            top_p: params.top_p,
            top_k: params.top_k,
            max_tokens: params.max_tokens,
            seed: params.seed,
            presence_penalty: params.presence_penalty,
            frequency_penalty: params.frequency_penalty,
        }
    }
}

/// The turn a call or an answer belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InTurn {
    /// The conversation.
    pub conversation: ConversationId,
    /// The turn: all that is told of it is one trace.
    pub turn: TurnId,
    /// What [`TurnFacts::span`] will say.
    pub span: Uuid,
    /// The answer.
    pub run: RunId,
}

/// One call that has ended. Names and numbers, nothing that somebody wrote.
#[derive(Clone, Debug, PartialEq)]
pub struct CallFacts {
    /// What it was.
    pub operation: Operation,
    /// Who was called.
    pub server: Server,
    /// The model asked for.
    pub model: String,
    /// The model that served it.
    pub model_served: Option<String>,
    /// `model`, or how an answer came without a call: `cache`, `shared`, `last_resort`.
    pub came_from: String,
    /// Why it was made: `first`, `retry`, `fallback`, ...
    pub kind: String,
    /// What it was asked with.
    pub request: RequestFacts,
    /// How it ended.
    pub state: RunState,
    /// What went wrong.
    pub category: Option<ErrorCategory>,
    /// Why the answer stopped: the reason behind the provider's word, which could be anything.
    pub finish_reason: Option<FinishReason>,
    /// The provider's id of the answer.
    pub response_id: Option<String>,
    /// When it ended.
    pub ended_at: UnixMs,
    /// From sending to the first semantic delta.
    pub ttft_ms: Option<u64>,
    /// From sending to the end.
    pub total_ms: Option<u64>,
    /// Tokens, in the inclusive convention.
    pub usage: TokenUsage,
    /// What it cost.
    pub charge: Charge,
    /// Invented money and speed.
    pub simulated: bool,
    /// What it was made for; `None`: no turn, as with vectors.
    pub within: Option<InTurn>,
}

impl CallFacts {
    /// Whether somebody was called for it.
    pub(crate) fn is_call(&self) -> bool {
        self.came_from == "model"
    }

    /// What failed; `None`: nothing, or the user has stopped it, which is no failure.
    pub(crate) fn failure(&self) -> Option<ErrorCategory> {
        self.category.filter(|category| *category != ErrorCategory::Cancelled)
    }
}

impl Server {
    /// The value of `gen_ai.provider.name`: that of the conventions where they have one.
    pub(crate) fn provider_name(&self) -> &str {
        match self.dialect.as_str() {
            "gemini" | "gemini-openai" => "gcp.gemini",
            "vertex" | "vertex-express" => "gcp.vertex_ai",
            "azure" => "azure.ai.openai",
            "bedrock" => "aws.bedrock",
            "mistral" => "mistral_ai",
            "xai" => "x_ai",
            "moonshot" => "moonshot_ai",
            // Of an endpoint nobody has described nothing is known but what it is called here.
            "custom" => &self.slug,
            other => other,
        }
    }
}

/// An answer that has ended: the calls made for it are inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunFacts {
    /// Which.
    pub within: InTurn,
    /// When it was begun.
    pub started_at: UnixMs,
    /// When it ended.
    pub ended_at: UnixMs,
    /// How it ended.
    pub state: RunState,
    /// What went wrong.
    pub category: Option<ErrorCategory>,
    /// How many calls were made for it.
    pub calls: u32,
}

/// A turn whose answers have all ended: they are inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnFacts {
    /// The conversation.
    pub conversation: ConversationId,
    /// The turn.
    pub turn: TurnId,
    /// An id of its own for each time a turn is on its way: one that is taken up again is told of again.
    pub span: Uuid,
    /// What the prompt was for: `chat`, `batch`, `title`, ...
    pub source: &'static str,
    /// When it was begun.
    pub started_at: UnixMs,
    /// When its last answer ended.
    pub ended_at: UnixMs,
    /// How many answers.
    pub runs: usize,
}

#[cfg(test)]
pub(crate) mod tests;
