//! A request body's messages, read back into ours.
//!
//! A block that says more than our words can (citations, a picture inside a tool's result, a file at an address) is kept
//! verbatim as [`Part::Other`], which goes back unchanged. Cache marks are about the price, not the message, and are dropped.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use roundtable_domain::{Blob, Message, Part, Role, WireApi};
use serde_json::{Map, Value};

/// The messages of a body, system instructions first.
pub(super) fn messages(provider: &str, body: &Value) -> Result<Vec<Message>, String> {
    let wire = body.get("messages").and_then(Value::as_array).ok_or("\"messages\" is not a list")?;
    let mut reader = Reader { provider, messages: Vec::new(), names: HashMap::new() };
    if let Some(system) = body.get("system").filter(|system| !system.is_null()) {
        reader.message(Role::System, system).map_err(|what| format!("system: {what}"))?;
    }
    for (place, message) in wire.iter().enumerate() {
        let role = match message.get("role").and_then(Value::as_str).unwrap_or_default() {
            "user" => Role::User,
            "assistant" => Role::Assistant,
            "system" => Role::System,
            other => return Err(format!("message {place} has the role \"{other}\"")),
        };
        let content = message.get("content").unwrap_or(&Value::Null);
        reader.message(role, content).map_err(|what| format!("message {place}: {what}"))?;
    }
    Ok(reader.messages)
}

struct Reader<'a> {
    provider: &'a str,
    messages: Vec<Message>,
    /// The names of the calls so far by their ids: results do not repeat them.
    names: HashMap<&'a str, &'a str>,
}

impl<'a> Reader<'a> {
    /// One message of the wire, which makes several of ours where the user's holds results of tools beside words.
    fn message(&mut self, role: Role, content: &'a Value) -> Result<(), String> {
        if let Value::String(text) = content {
            self.messages.push(Message::text(role, text));
            return Ok(());
        }
        let blocks = content.as_array().ok_or("its content is neither a text nor a list")?;
        let from = self.messages.len();
        for block in blocks {
            let block = block.as_object().ok_or("its content holds something that is no block")?;
            let part = self.part(block);
            let role = if matches!(part, Part::ToolResult { .. }) { Role::Tool } else { role };
            match self.messages.get_mut(from..).and_then(<[Message]>::last_mut) {
                Some(last) if last.role == role => last.parts.push(part),
                _ => self.messages.push(Message { role, parts: vec![part] }),
            }
        }
        Ok(())
    }

    fn part(&mut self, block: &'a Map<String, Value>) -> Part {
        let understood = match block.get("type").and_then(Value::as_str).unwrap_or_default() {
            "text" => text_of(block),
            "image" => image(block),
            "document" => document(block),
            "thinking" | "redacted_thinking" => Some(self.thinking(block)),
            "tool_use" => self.call(block),
            "tool_result" => self.result(block),
            _ => None,
        };
        understood.unwrap_or_else(|| Part::Other {
            api: WireApi::AnthropicMessages,
            content: Value::Object(block.clone()),
        })
    }

    fn thinking(&self, block: &Map<String, Value>) -> Part {
        Part::Reasoning {
            text: word(block, "thinking").unwrap_or_default().to_owned(),
            opaque: Some(Value::Object(block.clone())),
            provider: self.provider.to_owned(),
        }
    }

    fn call(&mut self, block: &'a Map<String, Value>) -> Option<Part> {
        only(block, &["id", "name", "input"])?;
        let (id, name) = (word(block, "id")?, word(block, "name")?);
        self.names.insert(id, name);
        let arguments = block.get("input").filter(|input| input.is_object())?.to_string();
        Some(Part::ToolCall { id: id.to_owned(), name: name.to_owned(), arguments, signature: None })
    }

    fn result(&self, block: &Map<String, Value>) -> Option<Part> {
        only(block, &["tool_use_id", "content", "is_error"])?;
        let call_id = word(block, "tool_use_id")?;
        let content = match block.get("content") {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(Value::Array(blocks)) => {
                let [Value::Object(block)] = blocks.as_slice() else { return None };
                let Part::Text { text } = text_of(block)? else { return None };
                text
            }
            Some(_) => return None,
        };
        let name = (*self.names.get(call_id)?).to_owned();
        let is_error = block.get("is_error").and_then(Value::as_bool).unwrap_or(false);
        Some(Part::ToolResult { call_id: call_id.to_owned(), name, content, is_error })
    }
}

fn text_of(block: &Map<String, Value>) -> Option<Part> {
    only(block, &["text"])?;
    if block.get("type")?.as_str()? != "text" {
        return None;
    }
    Some(Part::Text { text: word(block, "text")?.to_owned() })
}

fn image(block: &Map<String, Value>) -> Option<Part> {
    only(block, &["source"])?;
    let source = block.get("source")?.as_object()?;
    match word(source, "type")? {
        "base64" => Some(Part::Image { blob: blob(source, None)? }),
        "url" => Some(Part::ImageUrl { url: word(source, "url")?.to_owned() }),
        _ => None,
    }
}

fn document(block: &Map<String, Value>) -> Option<Part> {
    only(block, &["source", "title"])?;
    let source = block.get("source")?.as_object()?;
    let name = word(block, "title").map(str::to_owned);
    let blob = match word(source, "type")? {
        "base64" => blob(source, name)?,
        "text" => Blob {
            media_type: word(source, "media_type")?.to_owned(),
            base64: BASE64.encode(word(source, "data")?).into(),
            name,
        },
        _ => return None,
    };
    Some(Part::File { blob })
}

fn blob(source: &Map<String, Value>, name: Option<String>) -> Option<Blob> {
    let media_type = word(source, "media_type")?.to_owned();
    Some(Blob { media_type, base64: word(source, "data")?.into(), name })
}

fn word<'a>(block: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    block.get(name)?.as_str()
}

/// `Some` when a block says nothing besides these fields.
fn only(block: &Map<String, Value>, fields: &[&str]) -> Option<()> {
    let known = |name: &str| matches!(name, "type" | "cache_control") || fields.contains(&name);
    let says_more = |(name, value): (&String, &Value)| !known(name) && !value.is_null();
    (!block.iter().any(says_more)).then_some(())
}
