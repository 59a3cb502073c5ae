//! The messages of a request body: the way back of [`super::messages`].

use roundtable_domain::{Blob, Message, Part, Role, WireApi};
use serde_json::{Map, Value};

use super::messages::UNREADABLE;
use crate::blob::image_media_type;
use crate::openai_chat::read_result;

/// Fields we have words for.
const OWN: [&str; 8] =
    ["role", "content", "thinking", "images", "tool_calls", "tool_name", "name", "tool_call_id"];

/// The messages of a body. The error says which message is not understood, and why.
pub(super) fn messages(provider: &str, body: &Value) -> Result<Vec<Message>, String> {
    let list = body.get("messages").and_then(Value::as_array).ok_or("there is no list of messages")?;
    let mut messages: Vec<Message> = Vec::with_capacity(list.len());
    for (index, wire) in list.iter().enumerate() {
        let fields = wire.as_object().ok_or_else(|| format!("message {}: it is no object", index + 1))?;
        let role = match text(fields, "role").unwrap_or_default() {
            "system" => Role::System,
            "user" => Role::User,
            "assistant" => Role::Assistant,
            "tool" => {
                let result = result(fields, &messages);
                match messages.last_mut() {
                    Some(before) if before.role == Role::Tool => before.parts.push(result),
                    _ => messages.push(Message { role: Role::Tool, parts: vec![result] }),
                }
                continue;
            }
            other => return Err(format!("message {}: the role \"{other}\" is not known", index + 1)),
        };
        let message = Message { role, parts: parts(provider, fields) };
        messages.extend(Some(message).filter(|message| !message.parts.is_empty()));
    }
    Ok(messages)
}

fn parts(provider: &str, fields: &Map<String, Value>) -> Vec<Part> {
    let mut parts = Vec::new();
    if let Some(thinking) = text(fields, "thinking").filter(|text| !text.is_empty()) {
        let (text, provider) = (thinking.to_owned(), provider.to_owned());
        parts.push(Part::Reasoning { text, opaque: None, provider });
    }
    if let Some(content) = text(fields, "content").filter(|text| !text.is_empty()) {
        parts.push(Part::Text { text: content.to_owned() });
    }
    let images = list(fields, "images").filter_map(Value::as_str);
    parts.extend(images.map(|base64| {
        let media_type = image_media_type(base64).to_owned();
        Part::Image { blob: Blob { media_type, base64: base64.into(), name: None } }
    }));
    parts.extend(list(fields, "tool_calls").filter_map(call));
    let rest: Map<String, Value> = fields
        .iter()
        .filter(|(name, value)| !OWN.contains(&name.as_str()) && !value.is_null())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if !rest.is_empty() {
        parts.push(Part::Other { api: WireApi::Ollama, content: Value::Object(rest) });
    }
    parts
}

fn call(call: &Value) -> Option<Part> {
    let name = call.pointer("/function/name")?.as_str()?.to_owned();
    let arguments = match call.pointer("/function/arguments") {
        Some(Value::Object(object)) => match object.get(UNREADABLE) {
            Some(Value::String(text)) if object.len() == 1 => text.clone(),
            _ => Value::Object(object.clone()).to_string(),
        },
        Some(Value::String(text)) => text.clone(),
        _ => "{}".to_owned(),
    };
    let id = call.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    Some(Part::ToolCall { id, name, arguments, signature: None })
}

/// A result. Older servers and clients name the tool alone.
fn result(fields: &Map<String, Value>, before: &[Message]) -> Part {
    let calls = || {
        before.iter().rev().flat_map(|message| message.parts.iter().rev()).filter_map(|part| match part {
            Part::ToolCall { id, name, .. } => Some((id, name)),
            _ => None,
        })
    };
    let id = text(fields, "tool_call_id");
    let name = text(fields, "tool_name").or_else(|| text(fields, "name"));
    let call = calls().find(|(known, called)| match id {
        Some(id) => *known == id,
        None => name.is_none_or(|name| *called == name),
    });
    let (content, is_error) = read_result(text(fields, "content").unwrap_or_default());
    Part::ToolResult {
        call_id: id.or(call.map(|(id, _)| id.as_str())).unwrap_or_default().to_owned(),
        name: name.or(call.map(|(_, name)| name.as_str())).unwrap_or_default().to_owned(),
        content,
        is_error,
    }
}

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    fields.get(name).and_then(Value::as_str)
}

fn list<'a>(fields: &'a Map<String, Value>, name: &str) -> impl Iterator<Item = &'a Value> {
    fields.get(name).and_then(Value::as_array).into_iter().flatten()
}
