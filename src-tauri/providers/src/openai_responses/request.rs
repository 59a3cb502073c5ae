//! Writing a request: nothing is stored at the provider, the whole conversation goes along each time.

use bytes::Bytes;
use reqwest::header::HeaderMap;
use roundtable_domain::{ChatRequest, Endpoint, ErrorCategory, Message, Part, ProviderError, Role};
use serde_json::{Map, Value, json};

use crate::dialect::dialect_of;
use crate::openai_chat::{data_url, path_under};
use crate::wire::WireRequest;

/// The request, without the key. Fails for stop sequences, which this API does not have.
pub(super) fn responses_request(
    endpoint: &Endpoint,
    request: &ChatRequest,
) -> Result<WireRequest, ProviderError> {
    let invalid = |message: String| {
        ProviderError::local(ErrorCategory::InvalidRequest, endpoint.provider.as_str(), message)
    };
    if !request.params.stop.is_empty() {
        let message = "The Responses API has no stop sequences; nothing was sent. Remove them, or use Chat Completions.";
        return Err(invalid(message.to_owned()));
    }
    let body = serde_json::to_vec(&Value::Object(body(endpoint, request)))
        .map_err(|error| invalid(format!("The request could not be written as JSON: {error}.")))?;
    let url = path_under(&endpoint.base_url, &["responses"]);
    Ok(WireRequest { url, headers: HeaderMap::new(), body: Bytes::from(body) })
}

fn body(endpoint: &Endpoint, request: &ChatRequest) -> Map<String, Value> {
    let params = &request.params;
    let mut body = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(name.to_owned(), value);
        }
    };
    put("model", Some(json!(request.model)));
    put(
        "input",
        Some(request.messages.iter().flat_map(|message| items(&endpoint.provider, message)).collect()),
    );
    put("temperature", params.temperature.map(|value| json!(value)));
    put("top_p", params.top_p.map(|value| json!(value)));
    put("max_output_tokens", params.max_tokens.map(|value| json!(value)));
    let effort =
        params.reasoning_effort.and_then(|asked| dialect_of(endpoint).effort_level(&request.model, asked));
    put("reasoning", effort.map(|effort| json!({"effort": effort})));
    // Stateless replay needs it; models that do not reason refuse it.
    put("include", effort.map(|_| json!(["reasoning.encrypted_content"])));
    let tools: Vec<Value> = request
        .tools
        .iter()
        .map(|tool| {
            json!({"type": "function", "name": tool.name, "description": tool.description,
                "parameters": tool.parameters, "strict": false})
        })
        .collect();
    put("tools", (!tools.is_empty()).then_some(Value::Array(tools)));
    put("store", Some(json!(false)));
    put("stream", Some(json!(request.stream)));
    body
}

/// The input items of a message: its own text, and each call, result and sealed reasoning as an item.
fn items(provider: &str, message: &Message) -> Vec<Value> {
    let mut items = Vec::new();
    let mut content = Vec::new();
    for part in &message.parts {
        match part {
            Part::Reasoning { opaque: Some(item), provider: whose, .. } if whose == provider => {
                items.push(item.clone());
            }
            Part::Reasoning { .. } | Part::ImageUrl { .. } | Part::Refusal { .. } | Part::Other { .. } => {}
            Part::ToolCall { id, name, arguments, .. } => {
                let arguments = if arguments.trim().is_empty() { "{}" } else { arguments };
                items.push(
                    json!({"type": "function_call", "call_id": id, "name": name, "arguments": arguments}),
                );
            }
            Part::ToolResult { call_id, content, .. } => {
                items.push(json!({"type": "function_call_output", "call_id": call_id, "output": content}));
            }
            Part::Text { text } if message.role == Role::Assistant => {
                content.push(json!({"type": "output_text", "text": text}));
            }
            Part::Text { text } => content.push(json!({"type": "input_text", "text": text})),
            Part::Image { blob } => content.push(json!({"type": "input_image", "image_url": data_url(blob)})),
            Part::File { blob } => {
                let name = blob.name.as_deref().unwrap_or("file");
                content.push(json!({"type": "input_file", "filename": name, "file_data": data_url(blob)}));
            }
        }
    }
    let role = match message.role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Tool => return items,
    };
    if !content.is_empty() {
        // A reasoning item comes before the message it led to, a call after it.
        let calls_at = items.iter().position(|item| item.get("type") == Some(&json!("function_call")));
        items.insert(calls_at.unwrap_or(items.len()), json!({"role": role, "content": content}));
    }
    items
}
