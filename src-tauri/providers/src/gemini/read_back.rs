//! A request body's contents, read back into messages.
//!
//! A part that says more than our words can (a film with its cut, executed code, a signed picture) is kept verbatim as
//! [`Part::Other`], which goes back unchanged. Names of fields are read in both of Google's spellings.

use std::collections::VecDeque;

use roundtable_domain::{Blob, Message, Part, Role, WireApi};
use serde_json::{Map, Value, json};

use crate::media;

/// The messages of a body, system instructions first.
pub(super) fn messages(provider: &str, body: &Value) -> Result<Vec<Message>, String> {
    let contents = body.get("contents").and_then(Value::as_array).ok_or("\"contents\" is not a list")?;
    let mut reader = Reader { provider, messages: Vec::new(), open: VecDeque::new(), calls: 0 };
    let system = body.get("systemInstruction").or_else(|| body.get("system_instruction"));
    if let Some(system) = system.filter(|system| !system.is_null()) {
        reader.content(Role::System, system).map_err(|what| format!("system instruction: {what}"))?;
    }
    for (place, content) in contents.iter().enumerate() {
        let role = match content.get("role") {
            None | Some(Value::Null) => Role::User,
            Some(role) => match role.as_str().unwrap_or_default() {
                "user" | "" => Role::User,
                "model" => Role::Assistant,
                "function" => Role::Tool,
                other => return Err(format!("content {place} has the role \"{other}\"")),
            },
        };
        reader.content(role, content).map_err(|what| format!("content {place}: {what}"))?;
    }
    Ok(reader.messages)
}

struct Reader<'a> {
    provider: &'a str,
    messages: Vec<Message>,
    /// Calls without a response so far: their names and ids. Without an id on the wire it is the order that matches them.
    open: VecDeque<(String, String)>,
    /// How many calls there were: ids of our own making are numbered.
    calls: usize,
}

impl Reader<'_> {
    /// One content, which makes several messages where the user's holds responses of functions beside words.
    fn content(&mut self, role: Role, content: &Value) -> Result<(), String> {
        let parts = match content.get("parts") {
            None | Some(Value::Null) => &[],
            Some(Value::Array(parts)) => parts.as_slice(),
            Some(part @ Value::Object(_)) => std::slice::from_ref(part),
            Some(_) => return Err("its parts are no list".to_owned()),
        };
        let from = self.messages.len();
        for part in parts {
            let part = part.as_object().ok_or("it holds something that is no part")?;
            for part in self.part(part) {
                let role = match (&part, role) {
                    (Part::ToolResult { .. }, _) => Role::Tool,
                    (_, Role::Tool) => Role::User,
                    _ => role,
                };
                match self.messages.get_mut(from..).and_then(<[Message]>::last_mut) {
                    Some(last) if last.role == role => last.parts.push(part),
                    _ => self.messages.push(Message { role, parts: vec![part] }),
                }
            }
        }
        Ok(())
    }

    fn part(&mut self, part: &Map<String, Value>) -> Vec<Part> {
        let understood = self
            .text(part)
            .or_else(|| self.call(part).map(one))
            .or_else(|| self.response(part).map(one))
            .or_else(|| inline(part).map(one))
            .or_else(|| file(part).map(one));
        let verbatim = || Part::Other { api: WireApi::Gemini, content: Value::Object(part.clone()) };
        understood.unwrap_or_else(|| one(verbatim()))
    }

    /// Text, a thought, or text that is signed: the signature stands before what it belongs to.
    fn text(&self, part: &Map<String, Value>) -> Option<Vec<Part>> {
        only(part, &["text", "thought", "thoughtSignature", "thought_signature"])?;
        let text = part.get("text")?.as_str()?.to_owned();
        let provider = self.provider.to_owned();
        let signature = field(part, "thoughtSignature", "thought_signature");
        match (part.get("thought").and_then(Value::as_bool).unwrap_or(false), signature) {
            (true, None) => Some(one(Part::Reasoning { text, opaque: None, provider })),
            (true, Some(_)) => None,
            (false, None) => Some(one(Part::Text { text })),
            (false, Some(signature)) => {
                let is_empty = text.is_empty();
                let sealed = if is_empty {
                    json!({ "text": "", "thoughtSignature": signature })
                } else {
                    json!({ "thoughtSignature": signature })
                };
                let seal = Part::Reasoning { text: String::new(), opaque: Some(sealed), provider };
                Some(if is_empty { one(seal) } else { vec![seal, Part::Text { text }] })
            }
        }
    }

    fn call(&mut self, part: &Map<String, Value>) -> Option<Part> {
        only(part, &["functionCall", "function_call", "thoughtSignature", "thought_signature"])?;
        let call = field(part, "functionCall", "function_call")?.as_object()?;
        only(call, &["id", "name", "args"])?;
        let name = call.get("name")?.as_str()?.to_owned();
        let id = call.get("id").and_then(Value::as_str).filter(|id| !id.is_empty());
        let id = id.map_or_else(|| format!("call-{}", self.calls), str::to_owned);
        self.calls += 1;
        self.open.push_back((name.clone(), id.clone()));
        let arguments = call.get("args").map_or_else(|| "{}".to_owned(), Value::to_string);
        let signature = field(part, "thoughtSignature", "thought_signature").and_then(Value::as_str);
        Some(Part::ToolCall { id, name, arguments, signature: signature.map(str::to_owned) })
    }

    fn response(&mut self, part: &Map<String, Value>) -> Option<Part> {
        only(part, &["functionResponse", "function_response"])?;
        let answer = field(part, "functionResponse", "function_response")?.as_object()?;
        only(answer, &["id", "name", "response"])?;
        let name = answer.get("name")?.as_str()?.to_owned();
        let response = answer.get("response")?.as_object()?;
        let (content, is_error) = match (response.len(), response.get("output"), response.get("error")) {
            (1, Some(Value::String(output)), _) => (output.clone(), false),
            (1, _, Some(Value::String(error))) => (error.clone(), true),
            (_, None, None) => (Value::Object(response.clone()).to_string(), false),
            _ => return None,
        };
        let id = answer.get("id").and_then(Value::as_str);
        let place = self.open.iter().position(|(called, open)| id.map_or(*called == name, |id| id == open));
        let matched = place.and_then(|place| self.open.remove(place)).map(|(_, id)| id);
        let call_id = matched.or_else(|| id.map(str::to_owned)).unwrap_or_default();
        Some(Part::ToolResult { call_id, name, content, is_error })
    }
}

fn inline(part: &Map<String, Value>) -> Option<Part> {
    only(part, &["inlineData", "inline_data"])?;
    let data = field(part, "inlineData", "inline_data")?.as_object()?;
    only(data, &["mimeType", "mime_type", "data"])?;
    let media_type = field(data, "mimeType", "mime_type")?.as_str()?.to_owned();
    let blob = Blob { base64: data.get("data")?.as_str()?.into(), name: None, media_type };
    Some(if blob.media_type.starts_with("image/") { Part::Image { blob } } else { Part::File { blob } })
}

/// A picture at an address, where the address tells its type; other files have no word of ours.
fn file(part: &Map<String, Value>) -> Option<Part> {
    only(part, &["fileData", "file_data"])?;
    let data = field(part, "fileData", "file_data")?.as_object()?;
    let url = field(data, "fileUri", "file_uri")?.as_str()?;
    let told = field(data, "mimeType", "mime_type")?.as_str()?;
    (media::picture_at(url) == Some(told)).then(|| Part::ImageUrl { url: url.to_owned() })
}

fn one(part: Part) -> Vec<Part> {
    vec![part]
}

fn field<'a>(object: &'a Map<String, Value>, camel: &str, snake: &str) -> Option<&'a Value> {
    object.get(camel).or_else(|| object.get(snake))
}

/// `Some` when an object says nothing besides these fields.
fn only(object: &Map<String, Value>, fields: &[&str]) -> Option<()> {
    let says_more = |(name, value): (&String, &Value)| !fields.contains(&name.as_str()) && !value.is_null();
    (!object.iter().any(says_more)).then_some(())
}
