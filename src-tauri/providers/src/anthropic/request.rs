//! A chat in the shape of `POST /v1/messages`.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use roundtable_domain::{Blob, ChatRequest, Endpoint, Message, Part, Role, ToolDefinition};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::thinking::{self, Thinking};
use crate::wire::WireRequest;

/// The version of the API this is written against (<https://docs.anthropic.com/en/api/versioning>).
const VERSION: &str = "2023-06-01";

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    max_tokens: u32,
    #[serde(skip_serializing_if = "String::is_empty")]
    system: String,
    messages: Vec<WireMessage<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    stop_sequences: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool<'a>>,
    #[serde(flatten)]
    thinking: Thinking,
    stream: bool,
}

#[derive(Serialize)]
struct Tool<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    input_schema: Cow<'a, Value>,
}

#[derive(Serialize)]
struct WireMessage<'a> {
    role: &'static str,
    content: Vec<Block<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block<'a> {
    Text {
        text: &'a str,
    },
    Image {
        source: Source<'a>,
    },
    Document {
        source: Source<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        title: Option<&'a str>,
    },
    ToolUse {
        id: String,
        name: &'a str,
        input: Value,
    },
    ToolResult {
        tool_use_id: String,
        content: &'a str,
        is_error: bool,
    },
    /// A thinking block as this provider sent and signed it.
    #[serde(untagged)]
    Signed(&'a Value),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Source<'a> {
    Base64 { media_type: &'a str, data: &'a str },
    Text { media_type: &'static str, data: String },
}

/// The request for a chat; an error text when the wire cannot carry what is asked. Sampling parameters are left out where the API answers them with a 400: beside thinking, and
/// for models that take none.
pub(super) fn build(endpoint: &Endpoint, request: &ChatRequest) -> Result<WireRequest, String> {
    let params = &request.params;
    let (thinking, max_tokens) = thinking::plan(&request.model, params.reasoning_effort, params.max_tokens);
    let takes_sampling = !thinking.is_on() && !thinking::refuses_sampling(&request.model);
    let body = Body {
        model: &request.model,
        max_tokens,
        system: system_text(&request.messages),
        messages: wire_messages(&endpoint.provider, &request.messages)?,
        temperature: params.temperature.filter(|_| takes_sampling),
        top_p: params.top_p.filter(|_| takes_sampling),
        stop_sequences: &params.stop,
        tools: request.tools.iter().map(wire_tool).collect(),
        thinking,
        stream: request.stream,
    };
    let body = serde_json::to_vec(&body).map_err(|error| error.to_string())?;
    let mut headers = HeaderMap::new();
    headers.insert(HeaderName::from_static("anthropic-version"), HeaderValue::from_static(VERSION));
    Ok(WireRequest { url: super::url_of(&endpoint.base_url, "messages"), headers, body: body.into() })
}

/// System messages from anywhere in the conversation: the API has one place for them, above all messages.
fn system_text(messages: &[Message]) -> String {
    let texts: Vec<String> =
        messages.iter().filter(|message| message.role == Role::System).map(Message::plain_text).collect();
    texts.join("\n\n")
}

/// Messages with alternating roles: neighbours of one role are merged, tool results count as the user's.
fn wire_messages<'a>(provider: &str, messages: &'a [Message]) -> Result<Vec<WireMessage<'a>>, String> {
    let mut wire: Vec<WireMessage<'a>> = Vec::with_capacity(messages.len());
    for message in messages {
        let role = match message.role {
            Role::System => continue,
            Role::User | Role::Tool => "user",
            Role::Assistant => "assistant",
        };
        let mut content = Vec::with_capacity(message.parts.len());
        for part in &message.parts {
            push_blocks(provider, part, &mut content)?;
        }
        match wire.last_mut() {
            _ if content.is_empty() => {}
            Some(last) if last.role == role => last.content.append(&mut content),
            _ => wire.push(WireMessage { role, content }),
        }
    }
    if wire.is_empty() {
        return Err("there is no message to send".to_owned());
    }
    Ok(wire)
}

fn push_blocks<'a>(provider: &str, part: &'a Part, content: &mut Vec<Block<'a>>) -> Result<(), String> {
    match part {
        // The API refuses text blocks without a visible character.
        Part::Text { text } if text.trim().is_empty() => {}
        Part::Text { text } => content.push(Block::Text { text }),
        Part::Image { blob } => {
            content.push(Block::Image {
                source: Source::Base64 { media_type: &blob.media_type, data: &blob.base64 },
            });
        }
        Part::File { blob } => {
            content.push(Block::Document { source: document(blob)?, title: blob.name.as_deref() });
        }
        Part::Reasoning { opaque: Some(opaque), provider: signer, .. } if signer == provider => {
            push_signed(opaque, content);
        }
        // Unsigned thinking, or another provider's, is refused.
        Part::Reasoning { .. } | Part::ImageUrl { .. } | Part::Refusal { .. } | Part::Other { .. } => {}
        Part::ToolCall { id, name, arguments, .. } => {
            content.push(Block::ToolUse { id: wire_id(id), name, input: input(arguments) });
        }
        Part::ToolResult { call_id, content: result, is_error, .. } => {
            content.push(Block::ToolResult {
                tool_use_id: wire_id(call_id),
                content: result,
                is_error: *is_error,
            });
        }
    }
    Ok(())
}

/// Signed blocks as the decoder gave them out: one block, or several in an array.
fn push_signed<'a>(opaque: &'a Value, content: &mut Vec<Block<'a>>) {
    match opaque {
        Value::Array(blocks) => {
            content.extend(blocks.iter().filter(|block| is_signed(block)).map(Block::Signed));
        }
        block if is_signed(block) => content.push(Block::Signed(block)),
        _ => {}
    }
}

fn is_signed(block: &Value) -> bool {
    matches!(block.get("type").and_then(Value::as_str), Some("thinking" | "redacted_thinking"))
}

fn document(blob: &Blob) -> Result<Source<'_>, String> {
    if blob.media_type == "application/pdf" {
        return Ok(Source::Base64 { media_type: &blob.media_type, data: &blob.base64 });
    }
    let text = if blob.media_type.starts_with("text/") || blob.media_type == "application/json" {
        BASE64.decode(&blob.base64).ok().and_then(|bytes| String::from_utf8(bytes).ok())
    } else {
        None
    };
    let data = text
        .ok_or_else(|| format!("Anthropic takes PDF and plain text as documents, not {}", blob.media_type))?;
    Ok(Source::Text { media_type: "text/plain", data })
}

/// The API takes letters, digits, `_` and `-` in ids; a call made by another provider's model may have others.
fn wire_id(id: &str) -> String {
    id.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') { c } else { '_' }).collect()
}

/// The arguments as an object, as the API requires; a text that is none (cut off) is kept under a name that says so.
fn input(arguments: &str) -> Value {
    if arguments.trim().is_empty() {
        return Value::Object(Map::new());
    }
    match serde_json::from_str(arguments) {
        Ok(Value::Object(object)) => Value::Object(object),
        _ => json!({ "unreadable_arguments": arguments }),
    }
}

fn wire_tool(tool: &ToolDefinition) -> Tool<'_> {
    let input_schema = if tool.parameters.is_object() {
        Cow::Borrowed(&tool.parameters)
    } else {
        Cow::Owned(json!({ "type": "object", "properties": {} }))
    };
    Tool { name: &tool.name, description: tool.description.as_deref(), input_schema }
}
