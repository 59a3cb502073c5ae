//! The messages of a request body, as anybody may have written it: the way back of [`super::items`].

use roundtable_domain::{Blob, Message, Part, Role, WireApi};
use serde_json::{Map, Value};

use crate::blob::{from_data_url, image_from_url, named};
use crate::openai_chat::read_result;

/// The messages of a body, its `instructions` first. The error says what is not understood.
pub(super) fn messages(provider: &str, body: &Value) -> Result<Vec<Message>, String> {
    for name in ["previous_response_id", "conversation", "prompt"] {
        if body.get(name).is_some_and(|value| !value.is_null()) {
            return Err(format!("part of the conversation is kept by the provider (\"{name}\")"));
        }
    }
    let mut reader = Reader { provider, calls: Vec::new(), messages: Vec::new(), is_open: false };
    if let Some(instructions) =
        body.get("instructions").and_then(Value::as_str).filter(|text| !text.is_empty())
    {
        reader.messages.push(Message::text(Role::System, instructions));
    }
    match body.get("input") {
        Some(Value::String(text)) => reader.messages.push(Message::text(Role::User, text.as_str())),
        Some(Value::Array(items)) => {
            for (index, item) in items.iter().enumerate() {
                reader.read(item).map_err(|error| format!("item {}: {error}", index + 1))?;
            }
        }
        _ => return Err("there is no input".to_owned()),
    }
    Ok(reader.messages)
}

struct Reader<'a> {
    provider: &'a str,
    /// Ids and names of the calls so far: results name only the id.
    calls: Vec<(String, String)>,
    messages: Vec<Message>,
    /// The last message is the model's, and may go on: nothing has been said or called in it yet.
    is_open: bool,
}

impl Reader<'_> {
    fn read(&mut self, item: &Value) -> Result<(), String> {
        let fields = item.as_object().ok_or("it is no object")?;
        let at = |name: &str| fields.get(name).and_then(Value::as_str);
        match at("type") {
            None | Some("message") => self.message(at("role").ok_or("it has no role")?, fields),
            Some("function_call") => self.call(fields),
            Some("function_call_output") => self.result(fields),
            Some("reasoning") => {
                let text = reasoning_text(fields);
                let provider = self.provider.to_owned();
                self.model_says(Part::Reasoning { text, opaque: Some(item.clone()), provider });
                Ok(())
            }
            Some(_) => {
                self.model_says(other(item));
                Ok(())
            }
        }
    }

    fn message(&mut self, role: &str, fields: &Map<String, Value>) -> Result<(), String> {
        let parts = content(fields.get("content"))?;
        let role = match role {
            "system" | "developer" => Role::System,
            "user" => Role::User,
            "assistant" if self.is_open => {
                self.messages
                    .last_mut()
                    .into_iter()
                    .for_each(|last| last.parts.extend(parts.iter().cloned()));
                self.is_open = false;
                return Ok(());
            }
            "assistant" => Role::Assistant,
            other => return Err(format!("the role \"{other}\" is not known")),
        };
        self.is_open = false;
        if !parts.is_empty() {
            self.messages.push(Message { role, parts });
        }
        Ok(())
    }

    fn call(&mut self, fields: &Map<String, Value>) -> Result<(), String> {
        let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
        let name = text("name").ok_or("the call has no name")?;
        let id = text("call_id").or_else(|| text("id")).ok_or("the call has no id")?;
        self.calls.push((id.clone(), name.clone()));
        let arguments = text("arguments").unwrap_or_default();
        self.model_says(Part::ToolCall { id, name, arguments, signature: None });
        self.is_open = false;
        Ok(())
    }

    /// Adds to the model's message; begins one where the last is another's.
    fn model_says(&mut self, part: Part) {
        match self.messages.last_mut() {
            Some(last) if last.role == Role::Assistant => last.parts.push(part),
            _ => {
                self.messages.push(Message { role: Role::Assistant, parts: vec![part] });
                self.is_open = true;
            }
        }
    }

    /// Results stand one to an item; those that follow each other are one message of ours.
    fn result(&mut self, fields: &Map<String, Value>) -> Result<(), String> {
        let call_id = fields.get("call_id").and_then(Value::as_str).ok_or("the result names no call")?;
        let call = self.calls.iter().rev().find(|(id, _)| id == call_id);
        let mut texts = Vec::new();
        let mut media = Vec::new();
        for part in content(fields.get("output"))? {
            match part {
                Part::Text { text } => texts.push(text),
                part => media.push(part),
            }
        }
        let (content, is_error) = read_result(&texts.join("\n\n"));
        let name = call.map(|(_, name)| name.clone()).unwrap_or_default();
        let result = Part::ToolResult { call_id: call_id.to_owned(), name, content, is_error };
        let parts = std::iter::once(result).chain(media);
        match self.messages.last_mut() {
            Some(last) if last.role == Role::Tool => last.parts.extend(parts),
            _ => self.messages.push(Message { role: Role::Tool, parts: parts.collect() }),
        }
        self.is_open = false;
        Ok(())
    }
}

fn content(content: Option<&Value>) -> Result<Vec<Part>, String> {
    match content {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(text_part(text).into_iter().collect()),
        Some(Value::Array(parts)) => Ok(parts.iter().filter_map(content_part).collect()),
        Some(_) => Err("its content is neither text nor a list".to_owned()),
    }
}

/// A part we have a word for, or the part itself.
fn content_part(part: &Value) -> Option<Part> {
    let at = |name: &str| part.get(name).and_then(Value::as_str);
    let known = match at("type")? {
        "input_text" | "output_text" | "text" => return text_part(at("text")?),
        "refusal" => at("refusal").map(|text| Part::Refusal { text: text.to_owned() }),
        "input_image" => at("image_url").map(image_from_url),
        "input_file" => at("file_data").and_then(|url| from_data_url(url, None)).map(|blob| {
            let name = named(&blob.media_type, at("filename"));
            Part::File { blob: Blob { name, ..blob } }
        }),
        _ => None,
    };
    Some(known.unwrap_or_else(|| other(part)))
}

fn text_part(text: &str) -> Option<Part> {
    (!text.is_empty()).then(|| Part::Text { text: text.to_owned() })
}

/// The summary, or the open text where there is none.
fn reasoning_text(fields: &Map<String, Value>) -> String {
    let texts = |name: &str| -> String {
        let parts = fields.get(name).and_then(Value::as_array).into_iter().flatten();
        parts.filter_map(|part| part.get("text")?.as_str()).collect()
    };
    let summary = texts("summary");
    if summary.is_empty() { texts("content") } else { summary }
}

fn other(content: &Value) -> Part {
    Part::Other { api: WireApi::OpenaiResponses, content: content.clone() }
}
