//! What is asked of a model, before it takes the shape of a wire.

use serde::{Deserialize, Serialize};

use crate::message::Message;

/// How hard the model should think, in the words most providers share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum ReasoningEffort {
    /// As little as the model allows.
    Minimal,
    /// A little.
    Low,
    /// The usual amount.
    Medium,
    /// A lot.
    High,
}

/// Sampling and length. `None` leaves it to the provider.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default)]
pub struct Params {
    /// Randomness; most providers take 0 to 2, Anthropic 0 to 1.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Nucleus sampling, 0 to 1.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// The longest answer, in tokens, reasoning included.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
    /// Texts at which the answer ends.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stop: Vec<String>,
    /// For repeatable answers, where the provider has it.
    #[ts(optional, type = "number")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<i64>,
    /// How hard to think.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_effort: Option<ReasoningEffort>,
}

/// A tool the model may call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolDefinition {
    /// The name the model calls it by.
    pub name: String,
    /// What it does, for the model to read.
    pub description: Option<String>,
    /// A JSON Schema of the arguments.
    pub parameters: serde_json::Value,
}

/// One request to one model.
#[derive(Clone, Debug, PartialEq)]
pub struct ChatRequest {
    /// The model's name at the provider.
    pub model: String,
    /// The conversation, system messages first.
    pub messages: Vec<Message>,
    /// Sampling and length.
    pub params: Params,
    /// Tools the model may call.
    pub tools: Vec<ToolDefinition>,
    /// Whether the answer is to be streamed.
    pub stream: bool,
}
