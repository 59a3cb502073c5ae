//! What is asked of a model, before it takes the shape of a wire.

use serde::{Deserialize, Serialize};

use crate::message::Message;

/// How hard the model should think, in the words most providers share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum ReasoningEffort {
    /// Not at all, where the model can do without.
    Off,
    /// As little as the model allows.
    Minimal,
    /// A little.
    Low,
    /// The usual amount.
    Medium,
    /// A lot.
    High,
    /// As much as the model can.
    Max,
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
    pub stop: Vec<String>,
    /// For repeatable answers, where the provider has it.
    #[ts(optional, type = "number")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<i64>,
    /// Sampling among the likeliest tokens only, at least 1.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_k: Option<u32>,
    /// Against coming back to the same subjects, -2 to 2.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub presence_penalty: Option<f64>,
    /// Against repeating the same words, -2 to 2.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frequency_penalty: Option<f64>,
    /// How hard to think.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_effort: Option<ReasoningEffort>,
    /// How many tokens to think at most, for models that count it; goes before `reasoning_effort` there.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_tokens: Option<u32>,
    /// The form the answer has to take.
    #[serde(skip_serializing_if = "ResponseFormat::is_text")]
    #[ts(optional, as = "Option<ResponseFormat>")]
    pub response_format: ResponseFormat,
}

/// The form an answer has to take.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ResponseFormat {
    /// Any text.
    #[default]
    Text,
    /// A JSON object of any shape. Most providers want the word JSON in the prompt.
    JsonObject,
    /// JSON that keeps to a schema.
    JsonSchema {
        /// A name for the schema: letters, digits, `_` and `-`.
        name: String,
        /// The JSON Schema.
        #[ts(type = "unknown")]
        schema: serde_json::Value,
    },
}

impl ResponseFormat {
    /// Whether any text will do.
    pub fn is_text(&self) -> bool {
        *self == Self::Text
    }
}

/// Whether the model calls tools.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolChoice {
    /// As it likes.
    #[default]
    Auto,
    /// Never.
    None,
    /// At least one.
    Required,
    /// This one.
    Named(String),
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
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChatRequest {
    /// The model's name at the provider.
    pub model: String,
    /// The conversation, system messages first.
    pub messages: Vec<Message>,
    /// Sampling and length.
    pub params: Params,
    /// Tools the model may call.
    pub tools: Vec<ToolDefinition>,
    /// Whether it has to.
    pub tool_choice: ToolChoice,
    /// Whether it may call several at once; `None` leaves it to the provider.
    pub parallel_tools: Option<bool>,
    /// Whether the answer is to be streamed.
    pub stream: bool,
    /// If it thinks, so many tokens at most: for servers whose limit of the answer leaves thinking out and that take another for it.
    /// Turns no thinking on, and gives way to `reasoning_tokens`.
    pub thinking_limit: Option<u32>,
}
