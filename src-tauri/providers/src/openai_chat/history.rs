//! The messages of a request body, as anybody may have written it: the way back of [`super::messages`].

use roundtable_domain::{Blob, Message, Part, Role, WireApi};
use serde_json::{Map, Value};

use super::messages::read_result;
use crate::blob::{audio_media_type, from_data_url, image_from_url, named};

/// The messages of a body. The error says which message is not understood, and why.
pub(super) fn messages(provider: &str, body: &Value) -> Result<Vec<Message>, String> {
    let list = body.get("messages").and_then(Value::as_array).ok_or("there is no list of messages")?;
    let mut reader = Reader { provider, calls: Vec::new(), messages: Vec::with_capacity(list.len()) };
    for (index, wire) in list.iter().enumerate() {
        reader.read(wire).map_err(|error| format!("message {}: {error}", index + 1))?;
    }
    Ok(reader.messages)
}

/// Fields of the model's messages that we have words for.
const ASSISTANT_FIELDS: [&str; 8] = [
    "role",
    "content",
    "refusal",
    "tool_calls",
    "function_call",
    "reasoning",
    "reasoning_content",
    "reasoning_details",
];

struct Reader<'a> {
    provider: &'a str,
    /// Ids and names of the calls so far: results name only the id, or in the legacy form only the name.
    calls: Vec<(String, String)>,
    messages: Vec<Message>,
}

impl Reader<'_> {
    fn read(&mut self, wire: &Value) -> Result<(), String> {
        let fields = wire.as_object().ok_or("it is no object")?;
        let role = text(fields, "role").ok_or("it has no role")?;
        let message = match role {
            "system" | "developer" => Message { role: Role::System, parts: spoken(fields)? },
            "user" => Message { role: Role::User, parts: spoken(fields)? },
            "assistant" => Message { role: Role::Assistant, parts: self.assistant(fields)? },
            "tool" | "function" => return self.result(fields),
            other => return Err(format!("the role \"{other}\" is not known")),
        };
        // An empty message says nothing, and could not be sent.
        self.messages.extend(Some(message).filter(|message| !message.parts.is_empty()));
        Ok(())
    }

    fn assistant(&mut self, fields: &Map<String, Value>) -> Result<Vec<Part>, String> {
        let mut parts = self.reasoning(fields);
        parts.extend(content(fields.get("content"), self.provider)?);
        parts.extend(filled(fields, "refusal").map(|text| Part::Refusal { text: text.to_owned() }));
        for call in fields.get("tool_calls").and_then(Value::as_array).into_iter().flatten() {
            parts.push(self.call(call)?);
        }
        if let Some(call) = fields.get("function_call").filter(|call| call.is_object()) {
            let id = format!("function_call_{}", self.calls.len());
            parts.push(self.function(id, call, None)?);
        }
        parts.extend(other_fields(fields, &ASSISTANT_FIELDS));
        Ok(parts)
    }

    /// The same reasoning comes under up to three names; the details say most.
    fn reasoning(&self, fields: &Map<String, Value>) -> Vec<Part> {
        let provider = self.provider.to_owned();
        let details =
            fields.get("reasoning_details").and_then(Value::as_array).filter(|list| !list.is_empty());
        if let Some(details) = details {
            let part = |detail: &Value| {
                let readable = ["text", "summary"].iter().find_map(|name| detail.get(*name)?.as_str());
                let text = readable.unwrap_or_default().to_owned();
                Part::Reasoning { text, opaque: Some(detail.clone()), provider: provider.clone() }
            };
            return details.iter().map(part).collect();
        }
        let plain = filled(fields, "reasoning_content").or_else(|| filled(fields, "reasoning"));
        plain
            .map(|text| Part::Reasoning { text: text.to_owned(), opaque: None, provider })
            .into_iter()
            .collect()
    }

    fn call(&mut self, call: &Value) -> Result<Part, String> {
        let fields = call.as_object().ok_or("a tool call is no object")?;
        match (fields.get("function"), text(fields, "type")) {
            (Some(function), None | Some("function")) => {
                let id = text(fields, "id").unwrap_or_default().to_owned();
                let signature =
                    call.pointer("/extra_content/google/thought_signature").and_then(Value::as_str);
                self.function(id, function, signature.map(str::to_owned))
            }
            (_, Some(_)) => Ok(other(call)),
            (None, None) => Err("a tool call has no function".to_owned()),
        }
    }

    fn function(&mut self, id: String, function: &Value, signature: Option<String>) -> Result<Part, String> {
        let name = function.get("name").and_then(Value::as_str).ok_or("a tool call has no name")?.to_owned();
        let arguments = match function.get("arguments") {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => String::new(),
            Some(object) => object.to_string(),
        };
        self.calls.push((id.clone(), name.clone()));
        Ok(Part::ToolCall { id, name, arguments, signature })
    }

    /// Results stand one to a message; those that follow each other are one of ours.
    fn result(&mut self, fields: &Map<String, Value>) -> Result<(), String> {
        let given_id = text(fields, "tool_call_id");
        let given_name = text(fields, "name");
        let call = self.calls.iter().rev().find(|(id, name)| match given_id {
            Some(given) => id == given,
            None => given_name.is_none_or(|given| name == given),
        });
        let (id, name) = call.cloned().unwrap_or_default();
        let (content, media) = result_content(fields.get("content"), self.provider)?;
        let (content, is_error) = read_result(&content);
        let result = Part::ToolResult {
            call_id: given_id.map_or(id, str::to_owned),
            name: given_name.map_or(name, str::to_owned),
            content,
            is_error,
        };
        let parts = std::iter::once(result).chain(media);
        match self.messages.last_mut() {
            Some(last) if last.role == Role::Tool => last.parts.extend(parts),
            _ => self.messages.push(Message { role: Role::Tool, parts: parts.collect() }),
        }
        Ok(())
    }
}

fn spoken(fields: &Map<String, Value>) -> Result<Vec<Part>, String> {
    let mut parts = content(fields.get("content"), "")?;
    parts.extend(other_fields(fields, &["role", "content"]));
    Ok(parts)
}

/// The parts of a content: a text, or a list of typed parts.
fn content(content: Option<&Value>, provider: &str) -> Result<Vec<Part>, String> {
    match content {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(text_part(text).into_iter().collect()),
        Some(Value::Array(parts)) => {
            Ok(parts.iter().filter_map(|part| content_part(part, provider)).collect())
        }
        Some(_) => Err("its content is neither text nor a list".to_owned()),
    }
}

/// A part we have a word for, or the part itself.
fn content_part(part: &Value, provider: &str) -> Option<Part> {
    if let Value::String(text) = part {
        return text_part(text);
    }
    let at = |pointer: &str| part.pointer(pointer).and_then(Value::as_str);
    let known = match at("/type")? {
        "text" => return text_part(at("/text")?),
        "refusal" => at("/refusal").map(|text| Part::Refusal { text: text.to_owned() }),
        "image_url" => at("/image_url/url").or_else(|| at("/image_url")).map(image_from_url),
        "input_audio" => audio(at("/input_audio/data"), at("/input_audio/format")),
        "file" => file(at("/file/file_data"), at("/file/filename")),
        "document_url" => file(at("/document_url"), at("/document_name")),
        "thinking" => thinking(part.get("thinking")?, provider),
        _ => None,
    };
    Some(known.unwrap_or_else(|| other(part)))
}

fn text_part(text: &str) -> Option<Part> {
    (!text.is_empty()).then(|| Part::Text { text: text.to_owned() })
}

fn audio(data: Option<&str>, format: Option<&str>) -> Option<Part> {
    let (data, media_type) = (data?, audio_media_type(format?));
    let base64 = from_data_url(data, None).map_or_else(|| data.into(), |blob| blob.base64);
    Some(Part::File { blob: Blob { media_type, base64, name: None } })
}

fn file(url: Option<&str>, name: Option<&str>) -> Option<Part> {
    let blob = from_data_url(url?, None)?;
    Some(Part::File { blob: Blob { name: named(&blob.media_type, name), ..blob } })
}

/// Mistral's reasoning: a text, or a list of texts.
fn thinking(thinking: &Value, provider: &str) -> Option<Part> {
    let text = match thinking {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part.get("text")?.as_str()).collect(),
        _ => return None,
    };
    Some(Part::Reasoning { text, opaque: None, provider: provider.to_owned() })
}

/// What a tool said, and what it gave beside it.
fn result_content(value: Option<&Value>, provider: &str) -> Result<(String, Vec<Part>), String> {
    let mut texts = Vec::new();
    let mut media = Vec::new();
    for part in content(value, provider)? {
        match part {
            Part::Text { text } => texts.push(text),
            part => media.push(part),
        }
    }
    Ok((texts.join("\n\n"), media))
}

/// Fields of a message that no word of ours covers, kept together.
fn other_fields(fields: &Map<String, Value>, own: &[&str]) -> Option<Part> {
    let is_empty = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    let rest = fields
        .iter()
        .filter(|(name, value)| !own.contains(&name.as_str()) && name.as_str() != "type" && !is_empty(value));
    let rest: Map<String, Value> = rest.map(|(name, value)| (name.clone(), value.clone())).collect();
    (!rest.is_empty()).then(|| other(&Value::Object(rest)))
}

fn other(content: &Value) -> Part {
    Part::Other { api: WireApi::OpenaiChat, content: content.clone() }
}

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    fields.get(name).and_then(Value::as_str)
}

fn filled<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    text(fields, name).filter(|text| !text.is_empty())
}
