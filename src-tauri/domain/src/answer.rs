//! The authoritative text of a run, accumulated from its events.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::ProviderError;
use crate::stream::StreamEvent;
use crate::usage::TokenUsage;

/// A call of a tool the model asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    /// The provider's id; `None` when it gave none.
    pub id: Option<String>,
    /// The tool's name.
    pub name: String,
    /// The arguments as the model wrote them; `{}` is written as an empty string by some providers.
    pub arguments: String,
}

impl ToolCall {
    /// The arguments as JSON; an empty text is an empty object; `None` when the text is not JSON and must not be executed.
    pub fn parsed_arguments(&self) -> Option<Value> {
        if self.arguments.trim().is_empty() {
            return Some(Value::Object(serde_json::Map::new()));
        }
        serde_json::from_str(&self.arguments).ok()
    }
}

/// How an answer ended.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "one per attempt; a box would spread to every match on it")]
pub enum AnswerEnd {
    /// The terminal signal came.
    Complete,
    /// The stream ended without it.
    Truncated,
    /// The provider or the network failed.
    Failed(ProviderError),
    /// The user stopped it.
    Cancelled,
}

/// Everything that has come so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// Visible text of choice 0.
    pub text: String,
    /// Reasoning of choice 0.
    pub reasoning: String,
    /// A refusal that came in a field of its own.
    pub refusal: String,
    /// Calls in order of appearance.
    pub tool_calls: Vec<ToolCall>,
    /// Signed or encrypted reasoning, verbatim, in order.
    pub opaque: Vec<Value>,
    /// Types of parts that are none of the above.
    pub other_parts: Vec<String>,
    /// Why it stopped, in the provider's words.
    pub finish_reason: Option<String>,
    /// The stop sequence that was hit.
    pub stop_sequence: Option<String>,
    /// The provider's id of the response.
    pub response_id: Option<String>,
    /// The model that served it, in the provider's words.
    pub model_served: Option<String>,
    /// Usage in the inclusive convention; `None` when the provider sent none.
    pub usage: Option<TokenUsage>,
    /// The usage object, verbatim.
    pub usage_raw: Option<Value>,
    /// The service tier stated outside the usage object, in the provider's words; `None` for the usual one.
    pub service_tier: Option<String>,
    /// How many choices came (`n > 1`).
    pub choices: usize,
    /// Whether the terminal signal came.
    pub completed: bool,
    /// The error the provider reported inside the reply.
    pub error: Option<ProviderError>,
}

impl Answer {
    /// Takes one event in. Events after an error are ignored: nothing of use follows one.
    pub fn apply(&mut self, event: StreamEvent) {
        if self.error.is_some() {
            return;
        }
        match event {
            StreamEvent::Started { response_id, model } => {
                self.response_id = response_id.or(self.response_id.take());
                self.model_served = model.or(self.model_served.take());
            }
            StreamEvent::Text(text) => self.text.push_str(&text),
            StreamEvent::Reasoning(text) => self.reasoning.push_str(&text),
            StreamEvent::Refusal(text) => self.refusal.push_str(&text),
            StreamEvent::ToolCallStarted { index, id, name } => {
                if self.tool_calls.len() <= index {
                    self.tool_calls.resize_with(index + 1, ToolCall::default);
                }
                if let Some(call) = self.tool_calls.get_mut(index) {
                    call.id = id;
                    call.name = name;
                }
            }
            StreamEvent::ToolCallArguments { index, delta } => {
                if let Some(call) = self.tool_calls.get_mut(index) {
                    call.arguments.push_str(&delta);
                }
            }
            StreamEvent::Opaque { content, .. } => self.opaque.push(content),
            StreamEvent::OtherPart { kind } => self.other_parts.push(kind),
            StreamEvent::Usage { tokens, raw } => {
                self.usage = Some(tokens);
                self.usage_raw = Some(raw);
            }
            StreamEvent::Finish { reason, stop_sequence } => {
                self.finish_reason = Some(reason);
                self.stop_sequence = stop_sequence.or(self.stop_sequence.take());
            }
            StreamEvent::ServiceTier(tier) => self.service_tier = Some(tier),
            StreamEvent::Choices(count) => self.choices = self.choices.max(count),
            StreamEvent::Completed => self.completed = true,
            StreamEvent::Failed(error) => self.error = Some(error),
            StreamEvent::KeepAlive => {}
        }
    }

    /// Whether anything semantic came: text, reasoning, a refusal or a tool call.
    pub fn has_content(&self) -> bool {
        !(self.text.is_empty()
            && self.reasoning.is_empty()
            && self.refusal.is_empty()
            && self.tool_calls.is_empty())
    }

    /// How the answer ended, given that the stream is over and nobody cancelled it.
    pub fn end(&self) -> AnswerEnd {
        match (&self.error, self.completed) {
            (Some(error), _) => AnswerEnd::Failed(error.clone()),
            (None, true) => AnswerEnd::Complete,
            (None, false) => AnswerEnd::Truncated,
        }
    }
}
