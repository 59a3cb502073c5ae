//! A chat in the shape of `:generateContent` and `:streamGenerateContent`.

use std::borrow::Cow;

use reqwest::header::HeaderMap;
use roundtable_domain::{Blob, ChatRequest, Endpoint, Message, Params, Part, Role, ToolDefinition};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::thinking::{self, ThinkingConfig};
use crate::wire::WireRequest;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    contents: Vec<Content<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    system_instruction: Option<Content<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tools<'a>>,
    generation_config: GenerationConfig<'a>,
}

#[derive(Serialize)]
struct Content<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    parts: Vec<WirePart<'a>>,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct WirePart<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inline_data: Option<InlineData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_call: Option<FunctionCall<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_response: Option<FunctionResponse<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thought_signature: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InlineData<'a> {
    mime_type: &'a str,
    data: &'a str,
}

/// Without an id: most models give none, and calls and responses then match by name and order (PROTOCOLS, section 4).
#[derive(Serialize)]
struct FunctionCall<'a> {
    name: &'a str,
    args: Value,
}

#[derive(Serialize)]
struct FunctionResponse<'a> {
    name: &'a str,
    response: Map<String, Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tools<'a> {
    function_declarations: Vec<FunctionDeclaration<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FunctionDeclaration<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    /// Plain JSON Schema; the older `parameters` takes less.
    parameters_json_schema: &'a Value,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GenerationConfig<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u32>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    stop_sequences: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_config: Option<ThinkingConfig>,
}

/// The request for a chat; an error text when the wire cannot carry what is asked.
pub(super) fn build(endpoint: &Endpoint, request: &ChatRequest) -> Result<WireRequest, String> {
    let body = Body {
        contents: contents(&endpoint.provider, &request.messages)?,
        system_instruction: system_instruction(&request.messages),
        tools: tools(&request.tools),
        generation_config: generation_config(&request.model, &request.params),
    };
    let body = serde_json::to_vec(&body).map_err(|error| error.to_string())?;
    let method = if request.stream { "streamGenerateContent" } else { "generateContent" };
    let mut url = super::model_url(&endpoint.base_url, &request.model, method);
    if request.stream {
        // Without it the stream is one JSON array.
        url.query_pairs_mut().append_pair("alt", "sse");
    }
    Ok(WireRequest { url, headers: HeaderMap::new(), body: body.into() })
}

fn generation_config<'a>(model: &str, params: &'a Params) -> GenerationConfig<'a> {
    GenerationConfig {
        temperature: params.temperature,
        top_p: params.top_p,
        max_output_tokens: params.max_tokens,
        stop_sequences: &params.stop,
        seed: params.seed,
        thinking_config: thinking::plan(model, params.reasoning_effort),
    }
}

fn system_instruction(messages: &[Message]) -> Option<Content<'_>> {
    let texts: Vec<String> =
        messages.iter().filter(|message| message.role == Role::System).map(Message::plain_text).collect();
    let text = texts.join("\n\n");
    (!text.is_empty()).then(|| Content {
        role: None,
        parts: vec![WirePart { text: Some(text.into()), ..WirePart::default() }],
    })
}

/// Contents with alternating roles: neighbours of one role are merged, tool results count as the user's.
fn contents<'a>(provider: &str, messages: &'a [Message]) -> Result<Vec<Content<'a>>, String> {
    let mut contents: Vec<Content<'a>> = Vec::with_capacity(messages.len());
    for message in messages {
        let role = match message.role {
            Role::System => continue,
            Role::User | Role::Tool => Some("user"),
            Role::Assistant => Some("model"),
        };
        let mut parts = wire_parts(provider, &message.parts);
        match contents.last_mut() {
            _ if parts.is_empty() => {}
            Some(last) if last.role == role => last.parts.append(&mut parts),
            _ => contents.push(Content { role, parts }),
        }
    }
    if contents.is_empty() {
        return Err("there is no message to send".to_owned());
    }
    Ok(contents)
}

fn wire_parts<'a>(provider: &str, parts: &'a [Part]) -> Vec<WirePart<'a>> {
    let signatures = Signatures::of(provider, parts);
    let mut wire = Vec::with_capacity(parts.len());
    let mut calls = 0;
    let mut last_text = None;
    for part in parts {
        match part {
            Part::Text { text } if text.is_empty() => {}
            Part::Text { text } => {
                last_text = Some(wire.len());
                wire.push(WirePart { text: Some(text.into()), ..WirePart::default() });
            }
            Part::Image { blob } | Part::File { blob } => wire.push(inline(blob)),
            // Thoughts themselves are never sent back, only the signatures that belong to other parts.
            Part::Reasoning { .. } | Part::ImageUrl { .. } | Part::Refusal { .. } | Part::Other { .. } => {}
            Part::ToolCall { name, arguments, signature, .. } => {
                wire.push(WirePart {
                    function_call: Some(FunctionCall { name, args: args(arguments) }),
                    thought_signature: signature.as_deref().or_else(|| signatures.of_call(calls)),
                    ..WirePart::default()
                });
                calls += 1;
            }
            Part::ToolResult { name, content, is_error, .. } => {
                let key = if *is_error { "error" } else { "output" };
                let response = Map::from_iter([(key.to_owned(), Value::String(content.clone()))]);
                let function_response = Some(FunctionResponse { name, response });
                wire.push(WirePart { function_response, ..WirePart::default() });
            }
        }
    }
    if let Some(part) = last_text.and_then(|index| wire.get_mut(index)) {
        part.thought_signature = signatures.of_text();
    }
    wire
}

fn inline(blob: &Blob) -> WirePart<'_> {
    let inline_data = Some(InlineData { mime_type: &blob.media_type, data: &blob.base64 });
    WirePart { inline_data, ..WirePart::default() }
}

/// The signatures among a message's reasoning parts, in the form the decoder gave them out
/// (`{"thoughtSignature": "...", "toolCall": 0}`): one object, or several in an array.
struct Signatures<'a>(Vec<&'a Value>);

impl<'a> Signatures<'a> {
    fn of(provider: &str, parts: &'a [Part]) -> Self {
        let mut found = Vec::new();
        for part in parts {
            match part {
                Part::Reasoning { opaque: Some(Value::Array(several)), provider: signer, .. }
                    if signer == provider =>
                {
                    found.extend(several);
                }
                Part::Reasoning { opaque: Some(one), provider: signer, .. } if signer == provider => {
                    found.push(one);
                }
                _ => {}
            }
        }
        Self(found)
    }

    fn of_call(&self, call: u64) -> Option<&'a str> {
        let entry =
            self.0.iter().find(|entry| entry.get("toolCall").and_then(Value::as_u64) == Some(call))?;
        entry.get("thoughtSignature")?.as_str()
    }

    fn of_text(&self) -> Option<&'a str> {
        let entry = self.0.iter().rev().find(|entry| entry.get("toolCall").is_none())?;
        entry.get("thoughtSignature")?.as_str()
    }
}

/// The arguments as an object, as the API requires; a text that is none (cut off) is kept under a name that says so.
fn args(arguments: &str) -> Value {
    if arguments.trim().is_empty() {
        return Value::Object(Map::new());
    }
    match serde_json::from_str(arguments) {
        Ok(Value::Object(object)) => Value::Object(object),
        _ => json!({ "unreadable_arguments": arguments }),
    }
}

fn tools(tools: &[ToolDefinition]) -> Vec<Tools<'_>> {
    if tools.is_empty() {
        return Vec::new();
    }
    vec![Tools { function_declarations: tools.iter().map(declaration).collect() }]
}

fn declaration(tool: &ToolDefinition) -> FunctionDeclaration<'_> {
    FunctionDeclaration {
        name: &tool.name,
        description: tool.description.as_deref(),
        parameters_json_schema: &tool.parameters,
    }
}
