//! A chat in the shape of `POST /api/chat`.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use reqwest::header::HeaderMap;
use roundtable_domain::{
    Blob, ChatRequest, Endpoint, Message, Params, Part, ReasoningEffort, Role, ToolDefinition,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::wire::WireRequest;

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    messages: Vec<WireMessage<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool<'a>>,
    #[serde(skip_serializing_if = "Options::is_empty")]
    options: Options<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    think: Option<Think>,
    stream: bool,
}

#[derive(Default, Serialize)]
struct WireMessage<'a> {
    role: &'static str,
    content: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    images: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<ToolCall<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_name: Option<&'a str>,
}

#[derive(Serialize)]
struct ToolCall<'a> {
    function: FunctionCall<'a>,
}

#[derive(Serialize)]
struct FunctionCall<'a> {
    name: &'a str,
    arguments: Value,
}

#[derive(Serialize)]
struct Tool<'a> {
    r#type: &'static str,
    function: Function<'a>,
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    parameters: &'a Value,
}

/// Names of the model file, not of the other APIs (<https://docs.ollama.com/modelfile>).
#[derive(Default, PartialEq, Serialize)]
struct Options<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    num_predict: Option<u32>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    stop: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<i64>,
}

impl Options<'_> {
    fn is_empty(&self) -> bool {
        *self == Options::default()
    }
}

/// On or off; gpt-oss alone takes a level and cannot be turned off (<https://docs.ollama.com/capabilities/thinking>).
#[derive(Debug, PartialEq, Serialize)]
#[serde(untagged)]
enum Think {
    Switch(bool),
    Level(&'static str),
}

/// The request for a chat; an error text when the wire cannot carry what is asked.
pub(super) fn build(endpoint: &Endpoint, request: &ChatRequest) -> Result<WireRequest, String> {
    let mut messages = Vec::with_capacity(request.messages.len());
    for message in &request.messages {
        push_messages(message, &mut messages)?;
    }
    if messages.is_empty() {
        return Err("there is no message to send".to_owned());
    }
    let body = Body {
        model: &request.model,
        messages,
        tools: request.tools.iter().map(wire_tool).collect(),
        options: options(&request.params),
        think: request.params.reasoning_effort.map(|effort| think(&request.model, effort)),
        stream: request.stream,
    };
    let body = serde_json::to_vec(&body).map_err(|error| error.to_string())?;
    Ok(WireRequest {
        url: super::url_of(&endpoint.base_url, "chat"),
        headers: HeaderMap::new(),
        body: body.into(),
    })
}

fn options(params: &Params) -> Options<'_> {
    Options {
        temperature: params.temperature,
        top_p: params.top_p,
        num_predict: params.max_tokens,
        stop: &params.stop,
        seed: params.seed,
    }
}

fn think(model: &str, effort: ReasoningEffort) -> Think {
    if !model.contains("gpt-oss") {
        return Think::Switch(effort > ReasoningEffort::Minimal);
    }
    Think::Level(match effort {
        ReasoningEffort::Off | ReasoningEffort::Minimal | ReasoningEffort::Low => "low",
        ReasoningEffort::Medium => "medium",
        ReasoningEffort::High | ReasoningEffort::Max => "high",
    })
}

/// Most messages stay one; each tool result becomes a message of its own.
fn push_messages<'a>(message: &'a Message, wire: &mut Vec<WireMessage<'a>>) -> Result<(), String> {
    let role = match message.role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Tool => "tool",
    };
    let mut one = WireMessage { role, ..WireMessage::default() };
    let mut results = Vec::new();
    for part in &message.parts {
        match part {
            Part::Text { text } => add_text(&mut one.content, text.into()),
            Part::Image { blob } => one.images.push(&blob.base64),
            Part::File { blob } => add_text(&mut one.content, file_text(blob)?.into()),
            // Only worth its tokens beside a call, where the model goes on from it.
            Part::Reasoning { text, .. } if !text.is_empty() => one.thinking = Some(text),
            Part::Reasoning { .. } | Part::ImageUrl { .. } | Part::Refusal { .. } | Part::Other { .. } => {}
            Part::ToolCall { name, arguments, .. } => {
                let arguments = arguments_object(arguments);
                one.tool_calls.push(ToolCall { function: FunctionCall { name, arguments } });
            }
            Part::ToolResult { name, content, .. } => results.push(WireMessage {
                role: "tool",
                content: content.into(),
                tool_name: Some(name),
                ..WireMessage::default()
            }),
        }
    }
    if one.tool_calls.is_empty() {
        one.thinking = None;
    }
    wire.append(&mut results);
    if !(one.content.is_empty() && one.images.is_empty() && one.tool_calls.is_empty()) {
        wire.push(one);
    }
    Ok(())
}

/// Several texts of a message are set apart by a blank line.
fn add_text<'a>(content: &mut Cow<'a, str>, text: Cow<'a, str>) {
    if content.is_empty() {
        *content = text;
    } else if !text.is_empty() {
        let content = content.to_mut();
        content.push_str("\n\n");
        content.push_str(&text);
    }
}

/// The API has no place for files; text is put into the message under its name.
fn file_text(blob: &Blob) -> Result<String, String> {
    let is_text = blob.media_type.starts_with("text/") || blob.media_type == "application/json";
    let text = if is_text { BASE64.decode(&blob.base64).ok() } else { None };
    let text = text.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(|| {
        format!("Ollama takes text and images, but no files of the type {}", blob.media_type)
    })?;
    Ok(match &blob.name {
        Some(name) => format!("{name}:\n{text}"),
        None => text,
    })
}

/// The arguments as an object, as the API requires; a text that is none (cut off) is kept under a name that says so.
fn arguments_object(arguments: &str) -> Value {
    if arguments.trim().is_empty() {
        return Value::Object(Map::new());
    }
    match serde_json::from_str(arguments) {
        Ok(Value::Object(object)) => Value::Object(object),
        _ => json!({ "unreadable_arguments": arguments }),
    }
}

fn wire_tool(tool: &ToolDefinition) -> Tool<'_> {
    let function =
        Function { name: &tool.name, description: tool.description.as_deref(), parameters: &tool.parameters };
    Tool { r#type: "function", function }
}
