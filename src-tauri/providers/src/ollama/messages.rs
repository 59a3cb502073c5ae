//! Messages in the shape of the wire: a text, pictures, calls.

use roundtable_domain::{Endpoint, Message, Part, Role, WireApi};
use serde_json::{Map, Value, json};

use crate::blob::{as_text, audio_format};
use crate::draft::Draft;
use crate::openai_chat::result_text;
use crate::wire::Omission;

/// The `messages` array; notes what they lose. Most messages stay one; each tool result becomes a message of its own.
pub(super) fn into_wire(endpoint: &Endpoint, draft: &mut Draft, messages: &[Message]) -> Vec<Value> {
    let mut wire = Vec::with_capacity(messages.len());
    for message in messages {
        let role = match message.role {
            Role::System => "system",
            Role::User | Role::Tool => "user",
            Role::Assistant => "assistant",
        };
        let mut said = Said::default();
        for part in &message.parts {
            said.take(&endpoint.provider, draft, part);
        }
        wire.append(&mut said.results);
        wire.extend(said.into_message(role));
    }
    wire
}

/// What one message says.
#[derive(Default)]
struct Said {
    texts: Vec<String>,
    thinking: String,
    images: Vec<Value>,
    calls: Vec<Value>,
    results: Vec<Value>,
    /// Fields that only this wire knows.
    fields: Map<String, Value>,
}

impl Said {
    fn take(&mut self, provider: &str, draft: &mut Draft, part: &Part) {
        match part {
            Part::Text { text } | Part::Refusal { text } => self.texts.push(text.clone()),
            Part::Image { blob } => self.images.push(json!(blob.base64)),
            Part::ImageUrl { .. } => draft.omit(Omission::ImageUrls),
            // The API has no place for files; text is put into the message under its name.
            Part::File { blob } => match as_text(blob).filter(|_| audio_format(&blob.media_type).is_none()) {
                Some(text) => self.texts.push(text),
                None => draft.omit(Omission::Files(blob.media_type.clone())),
            },
            Part::Reasoning { text, opaque, provider: whose } => {
                if whose == provider {
                    self.thinking.push_str(text);
                }
                if whose != provider || opaque.is_some() {
                    draft.omit(Omission::Reasoning);
                }
            }
            Part::ToolCall { id, name, arguments, signature } => {
                if signature.is_some() {
                    draft.omit(Omission::Reasoning);
                }
                let mut call = Map::new();
                if !id.is_empty() {
                    call.insert("id".to_owned(), json!(id));
                }
                let function = json!({"name": name, "arguments": arguments_object(arguments)});
                call.insert("function".to_owned(), function);
                self.calls.push(Value::Object(call));
            }
            Part::ToolResult { call_id, name, content, is_error } => {
                let mut result =
                    json!({"role": "tool", "content": result_text(content, *is_error), "tool_name": name});
                if let (false, Some(result)) = (call_id.is_empty(), result.as_object_mut()) {
                    result.insert("tool_call_id".to_owned(), json!(call_id));
                }
                self.results.push(result);
            }
            Part::Other { api: WireApi::Ollama, content } => {
                self.fields.extend(content.as_object().cloned().unwrap_or_default());
            }
            Part::Other { .. } => draft.omit(Omission::OtherItems),
        }
    }

    /// The message; `None` when nothing of it is left. Several texts are set apart by a blank line.
    fn into_message(mut self, role: &str) -> Option<Value> {
        self.texts.retain(|text| !text.is_empty());
        if self.texts.is_empty() && self.images.is_empty() && self.calls.is_empty() {
            return None;
        }
        let mut message = Map::new();
        message.insert("role".to_owned(), json!(role));
        message.insert("content".to_owned(), json!(self.texts.join("\n\n")));
        // Only worth its tokens beside a call, where the model goes on from it.
        if !self.calls.is_empty() && !self.thinking.is_empty() {
            message.insert("thinking".to_owned(), json!(self.thinking));
        }
        for (name, list) in [("images", self.images), ("tool_calls", self.calls)] {
            if !list.is_empty() {
                message.insert(name.to_owned(), Value::Array(list));
            }
        }
        message.append(&mut self.fields);
        Some(Value::Object(message))
    }
}

/// The name under which arguments are kept that are no object (cut off): the API takes objects alone.
pub(super) const UNREADABLE: &str = "unreadable_arguments";

/// The arguments as an object.
fn arguments_object(arguments: &str) -> Value {
    if arguments.trim().is_empty() {
        return Value::Object(Map::new());
    }
    match serde_json::from_str(arguments) {
        Ok(Value::Object(object)) => Value::Object(object),
        _ => json!({ UNREADABLE: arguments }),
    }
}
