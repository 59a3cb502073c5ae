//! The authoritative text of a run, accumulated from its events.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::endpoint::WireApi;
use crate::error::ProviderError;
use crate::layout::{Layout, Said, Seals, Stretch};
use crate::message::{Message, Part, Role};
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
    /// In which order all that came, with the signed and encrypted pieces in their places.
    pub layout: Layout,
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
            StreamEvent::Item(item) => self.layout.begin_item(item),
            StreamEvent::Text(text) => {
                self.layout.push_text(text.len());
                self.text.push_str(&text);
            }
            StreamEvent::Reasoning(text) => {
                self.layout.push_reasoning(text.len());
                self.reasoning.push_str(&text);
            }
            StreamEvent::Refusal(text) => {
                self.layout.push_refusal(text.len());
                self.refusal.push_str(&text);
            }
            StreamEvent::ToolCallStarted { index, id, name } => self.begin_call(index, id, name),
            StreamEvent::ToolCallArguments { index, delta } => {
                if let Some(call) = self.tool_calls.get_mut(index) {
                    call.arguments.push_str(&delta);
                }
            }
            StreamEvent::Opaque { of, content } => self.layout.push_sealed(of, content),
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

    fn begin_call(&mut self, index: usize, id: Option<String>, name: String) {
        while self.tool_calls.len() <= index {
            self.layout.push_call(self.tool_calls.len());
            self.tool_calls.push(ToolCall::default());
        }
        if let Some(call) = self.tool_calls.get_mut(index) {
            call.id = id;
            call.name = name;
        }
    }

    /// The answer as a message to send back to the provider that gave it, in the order it came where the wire has an order.
    ///
    /// Reasoning that nothing follows is left out: it leads nowhere, and the APIs refuse it. So the message of an answer that is
    /// nothing else has no parts.
    pub fn to_message(&self, provider: &str, api: WireApi) -> Message {
        let said = Said {
            text: &self.text,
            reasoning: &self.reasoning,
            refusal: &self.refusal,
            calls: self.tool_calls.len(),
        };
        let mut stretches = match api {
            WireApi::AnthropicMessages | WireApi::Gemini | WireApi::OpenaiResponses => {
                self.layout.as_it_came(said)
            }
            WireApi::OpenaiChat | WireApi::OpenaiCompletions | WireApi::Ollama => self.layout.by_kind(said),
        };
        while stretches.last().is_some_and(Stretch::is_reasoning) {
            stretches.pop();
        }
        Message { role: Role::Assistant, parts: self.parts(provider, &stretches) }
    }

    fn parts(&self, provider: &str, stretches: &[Stretch<'_>]) -> Vec<Part> {
        let reasoning = |text: &str, opaque: Option<&Value>| Part::Reasoning {
            text: text.to_owned(),
            opaque: opaque.cloned(),
            provider: provider.to_owned(),
        };
        let mut parts = Vec::with_capacity(stretches.len());
        // Reasoning that what comes next may seal.
        let mut shown: Option<&str> = None;
        for stretch in stretches {
            if let Stretch::Sealed(Seals::Reasoning, content) = stretch {
                parts.push(reasoning(shown.take().unwrap_or_default(), Some(content)));
                continue;
            }
            parts.extend(shown.take().map(|text| reasoning(text, None)));
            match *stretch {
                Stretch::Reasoning(text) => shown = Some(text),
                Stretch::Text(text) => parts.push(Part::Text { text: text.to_owned() }),
                Stretch::Refusal(text) => parts.push(Part::Refusal { text: text.to_owned() }),
                Stretch::Call(index) => parts.extend(self.call_part(index)),
                Stretch::Sealed(Seals::Item(api), content) => {
                    parts.push(Part::Other { api, content: content.clone() });
                }
                // A seal stands before the text it belongs to.
                Stretch::Sealed(Seals::Text, content) => {
                    let before = parts.len() - usize::from(matches!(parts.last(), Some(Part::Text { .. })));
                    parts.insert(before, reasoning("", Some(content)));
                }
                // It goes with the call.
                Stretch::Sealed(Seals::ToolCall(_), _) => {}
                Stretch::Sealed(Seals::Nothing | Seals::Reasoning, content) => {
                    parts.push(reasoning("", Some(content)));
                }
            }
        }
        parts.extend(shown.map(|text| reasoning(text, None)));
        parts
    }

    fn call_part(&self, index: usize) -> Option<Part> {
        let call = self.tool_calls.get(index)?;
        Some(Part::ToolCall {
            id: call.id.clone().unwrap_or_default(),
            name: call.name.clone(),
            arguments: call.arguments.clone(),
            signature: self.layout.signature_of(index).map(str::to_owned),
        })
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
