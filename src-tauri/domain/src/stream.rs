//! What a provider says while it answers, the same for every wire.

use serde_json::Value;

use crate::error::ProviderError;
use crate::layout::Seals;
use crate::usage::TokenUsage;

/// One event of an answer, streamed or not (a whole reply is decoded into the same events).
///
/// Only choice 0 is decoded into text, reasoning, refusals and tool calls.
#[derive(Clone, Debug, PartialEq)]
pub enum StreamEvent {
    /// The provider has named the response and the model that serves it. May repeat; later values win.
    Started {
        /// The provider's id of the response.
        response_id: Option<String>,
        /// The model that serves it, in the provider's words.
        model: Option<String>,
    },
    /// Visible text. A semantic delta.
    Text(String),
    /// Reasoning. A semantic delta.
    Reasoning(String),
    /// The model's refusal, where the wire has a field of its own for it. A semantic delta.
    Refusal(String),
    /// A tool call began. A semantic delta.
    ToolCallStarted {
        /// Our position of the call in the answer, from 0, in order of appearance.
        index: usize,
        /// The provider's id; `None` when it gives none.
        id: Option<String>,
        /// The tool's name.
        name: String,
    },
    /// A piece of a tool call's arguments, to be appended. A semantic delta.
    ToolCallArguments {
        /// The call it belongs to.
        index: usize,
        /// The piece.
        delta: String,
    },
    /// What follows, until the next of these, is part of the item with this number. Only from wires that number their items and
    /// may send them, or pieces of them, in another order than they stand in.
    Item(u32),
    /// Provider-signed or encrypted content, to be replayed verbatim to the same provider.
    Opaque {
        /// What it belongs to.
        of: Seals,
        /// The content, verbatim.
        content: Value,
    },
    /// A part that is neither text, reasoning nor a call of ours: a server-side tool, a citation block.
    OtherPart {
        /// The provider's word for its type.
        kind: String,
    },
    /// Usage so far. Later values replace earlier ones whole: the decoder has merged them.
    Usage {
        /// The counts, inclusive.
        tokens: TokenUsage,
        /// The usage object as the provider sent it (merged where it comes in pieces).
        raw: Value,
    },
    /// The service tier that is in fact used, where the provider states another than its usual one outside the usage object
    /// (`flex`, `priority`, `batch`): it has prices of its own.
    ServiceTier(String),
    /// Why the model stopped, in the provider's words. May repeat; the last wins. Not yet the end of the stream.
    Finish {
        /// For instance `stop`, `end_turn`, `MAX_TOKENS`.
        reason: String,
        /// The stop sequence that was hit, where the provider says so.
        stop_sequence: Option<String>,
    },
    /// More choices than the first exist (`n > 1`): how many so far.
    Choices(usize),
    /// The protocol's terminal signal: from here on the answer is complete.
    Completed,
    /// The provider reported an error inside the reply. Nothing of use follows.
    Failed(ProviderError),
    /// A keep-alive, a role, an empty frame: proof of life, but no progress.
    KeepAlive,
}

impl StreamEvent {
    /// Whether this commits the answer: text, reasoning, a refusal or a tool call (DESIGN, invariants of streams).
    pub fn is_semantic(&self) -> bool {
        match self {
            Self::Text(text) | Self::Reasoning(text) | Self::Refusal(text) => !text.is_empty(),
            Self::ToolCallStarted { .. } | Self::ToolCallArguments { .. } => true,
            _ => false,
        }
    }
}
