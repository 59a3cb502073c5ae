//! Messages in the shape of the wire.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roundtable_domain::{Blob, Message, Part, Role};
use serde_json::{Map, Value, json};

use crate::dialect::{Dialect, Replay};

/// The `messages` array. Results of tools become messages of their own; reasoning is left out unless the dialect wants it
/// back and it is this provider's own.
pub(super) fn into_wire(provider: &str, dialect: &Dialect, messages: &[Message]) -> Value {
    let mut wire = Vec::with_capacity(messages.len());
    for message in messages {
        wire.extend(message.parts.iter().filter_map(tool_result));
        match message.role {
            Role::System => wire.extend(plain("system", message)),
            Role::User => wire.extend(user(message)),
            Role::Assistant => wire.extend(assistant(provider, dialect, message)),
            Role::Tool => {}
        }
    }
    Value::Array(wire)
}

fn plain(role: &str, message: &Message) -> Option<Value> {
    let text = message.plain_text();
    (!text.is_empty()).then(|| json!({"role": role, "content": text}))
}

fn user(message: &Message) -> Option<Value> {
    let only_text =
        message.parts.iter().all(|part| matches!(part, Part::Text { .. } | Part::ToolResult { .. }));
    if only_text {
        return plain("user", message);
    }
    let parts: Vec<Value> = message.parts.iter().filter_map(content_part).collect();
    Some(json!({"role": "user", "content": parts}))
}

fn content_part(part: &Part) -> Option<Value> {
    match part {
        Part::Text { text } => Some(json!({"type": "text", "text": text})),
        Part::Image { blob } => Some(json!({"type": "image_url", "image_url": {"url": data_url(blob)}})),
        Part::File { blob } => Some(file_part(blob)),
        Part::ImageUrl { url } => Some(json!({"type": "image_url", "image_url": {"url": url}})),
        Part::Reasoning { .. }
        | Part::ToolCall { .. }
        | Part::ToolResult { .. }
        | Part::Refusal { .. }
        | Part::Other { .. } => None,
    }
}

/// Sound and text have parts of their own, which far more servers take than `file`.
fn file_part(blob: &Blob) -> Value {
    let name = blob.name.as_deref().unwrap_or("file");
    if let Some(format) = blob.media_type.strip_prefix("audio/") {
        let format = match format {
            "mpeg" => "mp3",
            "x-wav" | "wave" => "wav",
            other => other,
        };
        return json!({"type": "input_audio", "input_audio": {"data": blob.base64, "format": format}});
    }
    let is_text = blob.media_type.starts_with("text/") || blob.media_type == "application/json";
    let text = is_text
        .then(|| STANDARD.decode(&blob.base64).ok())
        .flatten()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    match text {
        Some(text) => json!({"type": "text", "text": format!("{name}:\n\n{text}")}),
        None => json!({"type": "file", "file": {"filename": name, "file_data": data_url(blob)}}),
    }
}

pub(crate) fn data_url(blob: &Blob) -> String {
    format!("data:{};base64,{}", blob.media_type, blob.base64)
}

fn assistant(provider: &str, dialect: &Dialect, message: &Message) -> Option<Value> {
    let calls: Vec<Value> = message.parts.iter().filter_map(tool_call).collect();
    let text = message.plain_text();
    let mut wire = Map::new();
    wire.insert("role".to_owned(), json!("assistant"));
    let replayed = replay(provider, dialect.replay, message, !calls.is_empty());
    if text.is_empty() && calls.is_empty() && replayed.is_none() {
        return None;
    }
    // Null, not "", beside calls: some servers take an empty text for an answer.
    let content = if text.is_empty() && !calls.is_empty() { Value::Null } else { json!(text) };
    wire.insert("content".to_owned(), content);
    wire.extend(replayed);
    if !calls.is_empty() {
        wire.insert("tool_calls".to_owned(), Value::Array(calls));
    }
    Some(Value::Object(wire))
}

fn tool_call(part: &Part) -> Option<Value> {
    let Part::ToolCall { id, name, arguments, .. } = part else { return None };
    let arguments = if arguments.trim().is_empty() { "{}" } else { arguments };
    Some(json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}))
}

fn tool_result(part: &Part) -> Option<Value> {
    let Part::ToolResult { call_id, content, .. } = part else { return None };
    Some(json!({"role": "tool", "tool_call_id": call_id, "content": content}))
}

/// The field that carries earlier reasoning back, if this message has any for this provider.
fn replay(provider: &str, replay: Replay, message: &Message, calls_tools: bool) -> Option<(String, Value)> {
    let own = message.parts.iter().filter_map(|part| match part {
        Part::Reasoning { text, opaque, provider: whose } if whose == provider => Some((text, opaque)),
        _ => None,
    });
    match replay {
        Replay::Details => {
            let details: Vec<Value> = own
                .filter_map(|(_, opaque)| opaque.clone())
                .flat_map(|opaque| if let Value::Array(items) = opaque { items } else { vec![opaque] })
                .collect();
            (!details.is_empty()).then(|| ("reasoning_details".to_owned(), Value::Array(details)))
        }
        Replay::ContentWithToolCalls if calls_tools => {
            let text: String = own.map(|(text, _)| text.as_str()).collect();
            (!text.is_empty()).then(|| ("reasoning_content".to_owned(), json!(text)))
        }
        Replay::ContentWithToolCalls | Replay::Nothing => None,
    }
}
