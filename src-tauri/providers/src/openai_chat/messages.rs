//! Messages in the shape of the wire.

use roundtable_domain::{Blob, Endpoint, Message, Part, Role, WireApi};
use serde_json::{Map, Value, json};

use crate::blob::{as_text, audio_format, data_url, file_name};
use crate::dialect::{Audio, Choice, Dialect, Documents, Images, Replay, dialect_of};
use crate::draft::Draft;
use crate::wire::Omission;

/// Writes messages for one endpoint, and notes what they lose.
pub(super) struct Writer<'a> {
    pub provider: &'a str,
    pub dialect: &'static Dialect,
    pub draft: &'a mut Draft,
}

/// The `messages` array. Results of tools become messages of their own; reasoning is left out unless the dialect wants it
/// back and it is this provider's own.
pub(super) fn into_wire(endpoint: &Endpoint, draft: &mut Draft, messages: &[Message]) -> Vec<Value> {
    let mut writer = Writer { provider: &endpoint.provider, dialect: dialect_of(endpoint), draft };
    let mut wire = Vec::with_capacity(messages.len());
    for message in messages {
        match message.role {
            Role::System => wire.extend(writer.spoken("system", message)),
            Role::Assistant => wire.extend(writer.assistant(message)),
            // What a tool gave beside its text, a picture for instance, is shown by the user after it.
            Role::User | Role::Tool => {
                wire.extend(message.parts.iter().filter_map(|part| writer.tool_result(part)));
                wire.extend(writer.spoken("user", message));
            }
        }
    }
    wire
}

impl Writer<'_> {
    /// A message of text and media; `None` when nothing of it is left.
    fn spoken(&mut self, role: &str, message: &Message) -> Option<Value> {
        let content: Vec<Value> = message.parts.iter().filter_map(|part| self.content_part(part)).collect();
        if content.is_empty() {
            return None;
        }
        let mut wire = Map::new();
        wire.insert("role".to_owned(), json!(role));
        wire.insert("content".to_owned(), self.content(content));
        wire.extend(message_fields(message));
        Some(Value::Object(wire))
    }

    /// One text as it is; several parts as a list, or joined where the server takes no lists of texts.
    fn content(&self, parts: Vec<Value>) -> Value {
        let text = |part: &Value| match part.get("type").and_then(Value::as_str) {
            Some("text") if part.as_object().is_some_and(|part| part.len() == 2) => {
                part.get("text").and_then(Value::as_str).map(str::to_owned)
            }
            _ => None,
        };
        let texts: Option<Vec<String>> = parts.iter().map(text).collect();
        match texts {
            Some(texts) if texts.len() < 2 || !self.dialect.media.lists => json!(texts.join("\n\n")),
            _ => Value::Array(parts),
        }
    }

    fn content_part(&mut self, part: &Part) -> Option<Value> {
        let media = self.dialect.media;
        match part {
            Part::Text { text } => (!text.is_empty()).then(|| text_part(text)),
            Part::Image { blob } if media.images != Images::None => Some(image_part(&data_url(blob))),
            Part::Image { .. } => self.omitted(Omission::Images),
            Part::ImageUrl { url } if media.images == Images::BytesAndUrls => Some(image_part(url)),
            Part::ImageUrl { .. } => self.omitted(Omission::ImageUrls),
            Part::File { blob } => self.file_part(blob),
            Part::Other { api: WireApi::OpenaiChat, content } => {
                content.get("type").is_some().then(|| content.clone())
            }
            Part::Other { .. } => self.omitted(Omission::OtherItems),
            Part::Refusal { text } => Some(text_part(text)),
            Part::Reasoning { .. } | Part::ToolCall { .. } | Part::ToolResult { .. } => None,
        }
    }

    /// Sound and text have parts of their own, which far more servers take than `file`.
    fn file_part(&mut self, blob: &Blob) -> Option<Value> {
        let omission = || Omission::Files(blob.media_type.clone());
        if let Some(format) = audio_format(&blob.media_type) {
            let data = match self.dialect.media.audio {
                Audio::None => return self.omitted(omission()),
                Audio::Base64 => blob.base64.to_string(),
                Audio::DataUrl => data_url(blob),
            };
            return Some(json!({"type": "input_audio", "input_audio": {"data": data, "format": format}}));
        }
        if let Some(text) = as_text(blob) {
            return Some(text_part(&text));
        }
        match self.dialect.media.documents {
            Documents::File(types) if types.is_empty() || types.contains(&blob.media_type.as_str()) => {
                let file = json!({"filename": file_name(blob), "file_data": data_url(blob)});
                Some(json!({"type": "file", "file": file}))
            }
            Documents::DocumentUrl => {
                let name = file_name(blob);
                Some(json!({"type": "document_url", "document_url": data_url(blob), "document_name": name}))
            }
            Documents::File(_) | Documents::None => self.omitted(omission()),
        }
    }

    fn assistant(&mut self, message: &Message) -> Option<Value> {
        let calls: Vec<Value> = message.parts.iter().filter_map(|part| self.tool_call(part)).collect();
        let parts = message.parts.iter().filter(|part| !is_custom_call(part));
        let content: Vec<Value> = parts
            .filter_map(|part| match part {
                Part::Refusal { text } if self.dialect.refusal_parts => {
                    Some(json!({"type": "refusal", "refusal": text}))
                }
                part => self.content_part(part),
            })
            .collect();
        let replayed = self.replay(message, !calls.is_empty());
        let fields = message_fields(message);
        if content.is_empty() && calls.is_empty() && replayed.is_none() && fields.is_empty() {
            return None;
        }
        let mut wire = Map::new();
        wire.insert("role".to_owned(), json!("assistant"));
        // Null, not "", beside calls: some servers take an empty text for an answer.
        let is_silent = content.is_empty() && !calls.is_empty();
        wire.insert("content".to_owned(), if is_silent { Value::Null } else { self.content(content) });
        wire.extend(replayed);
        if !calls.is_empty() {
            wire.insert("tool_calls".to_owned(), Value::Array(calls));
        }
        wire.extend(fields);
        Some(Value::Object(wire))
    }

    fn tool_call(&mut self, part: &Part) -> Option<Value> {
        let (id, name, arguments, signature) = match part {
            Part::ToolCall { id, name, arguments, signature } => (id, name, arguments, signature),
            Part::Other { content, .. } if is_custom_call(part) => return Some(content.clone()),
            _ => return None,
        };
        if self.dialect.tools.choice == Choice::NoTools {
            return self.omitted(Omission::Tools);
        }
        let arguments = if arguments.trim().is_empty() { "{}" } else { arguments };
        let id = self.dialect.call_id(id);
        let mut call =
            json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}});
        match (signature, self.dialect.call_signatures, call.as_object_mut()) {
            (Some(signature), true, Some(call)) => {
                let extra = json!({"google": {"thought_signature": signature}});
                call.insert("extra_content".to_owned(), extra);
            }
            (Some(_), false, _) => self.draft.omit(Omission::Reasoning),
            _ => {}
        }
        Some(call)
    }

    fn tool_result(&mut self, part: &Part) -> Option<Value> {
        let Part::ToolResult { call_id, content, is_error, .. } = part else { return None };
        if self.dialect.tools.choice == Choice::NoTools {
            return self.omitted(Omission::Tools);
        }
        let id = self.dialect.call_id(call_id);
        Some(json!({"role": "tool", "tool_call_id": id, "content": result_text(content, *is_error)}))
    }

    /// The field that carries earlier reasoning back, if this message has any for this provider.
    fn replay(&mut self, message: &Message, calls_tools: bool) -> Option<(String, Value)> {
        let mut details = Vec::new();
        let mut readable = String::new();
        for part in &message.parts {
            let Part::Reasoning { text, opaque, provider } = part else { continue };
            let is_own = provider == self.provider;
            let own_details = opaque.iter().filter(|_| is_own).flat_map(details_of);
            let count = details.len();
            details.extend(own_details.cloned());
            let is_sealed =
                opaque.is_some() && (self.dialect.replay != Replay::Details || details.len() == count);
            if is_own {
                readable.push_str(text);
            }
            if !is_own || is_sealed {
                self.draft.omit(Omission::Reasoning);
            }
        }
        let content = || Some(("reasoning_content".to_owned(), json!(readable)));
        match self.dialect.replay {
            Replay::Details if !details.is_empty() => {
                Some(("reasoning_details".to_owned(), Value::Array(details)))
            }
            Replay::ContentWithToolCalls if calls_tools && !readable.is_empty() => content(),
            Replay::ContentWithEveryToolCall if calls_tools => content(),
            _ => None,
        }
    }

    fn omitted<T>(&mut self, omission: Omission) -> Option<T> {
        self.draft.omit(omission);
        None
    }
}

fn text_part(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

fn image_part(url: &str) -> Value {
    json!({"type": "image_url", "image_url": {"url": url}})
}

/// A call of a tool that takes any text: kept verbatim, in its place among the calls.
fn is_custom_call(part: &Part) -> bool {
    matches!(part, Part::Other { api: WireApi::OpenaiChat, content } if content.get("type") == Some(&json!("custom")))
}

/// Fields of a message that only this wire knows (`name`, `audio`): kept as an object without a type.
fn message_fields(message: &Message) -> Map<String, Value> {
    let own = message.parts.iter().filter_map(|part| match part {
        Part::Other { api: WireApi::OpenaiChat, content } if content.get("type").is_none() => {
            content.as_object()
        }
        _ => None,
    });
    own.flatten().map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The `reasoning_details` of a sealed part: one, or several in an array.
fn details_of(opaque: &Value) -> impl Iterator<Item = &Value> {
    let details = opaque.as_array().map_or(std::slice::from_ref(opaque), Vec::as_slice);
    details.iter().filter(|detail| {
        detail.get("type").and_then(Value::as_str).is_some_and(|kind| kind.starts_with("reasoning."))
    })
}

/// The content of a result. These wires have no field for a failure, so it is said in the text: `{"error": …}`.
pub(crate) fn result_text(content: &str, is_error: bool) -> String {
    if is_error { json!({ "error": content }).to_string() } else { content.to_owned() }
}

/// The way back of [`result_text`]: exactly what it writes for a failure is one.
pub(crate) fn read_result(content: &str) -> (String, bool) {
    let error = serde_json::from_str::<Map<String, Value>>(content).ok().and_then(|object| {
        match object.get("error") {
            Some(Value::String(error)) if object.len() == 1 => Some(error.clone()),
            _ => None,
        }
    });
    match error.filter(|error| result_text(error, true) == content) {
        Some(error) => (error, true),
        None => (content.to_owned(), false),
    }
}
