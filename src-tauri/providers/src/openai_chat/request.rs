//! Writing a request as the dialect takes it.

use bytes::Bytes;
use reqwest::header::HeaderMap;
use roundtable_domain::{
    ChatRequest, Endpoint, ErrorCategory, ProviderError, ReasoningEffort, ToolDefinition,
};
use serde_json::{Map, Value, json};
use url::Url;

use super::messages;
use crate::dialect::{Dialect, MaxTokens, Reasoning, UsageOption, dialect_of};
use crate::wire::WireRequest;

/// The request, without the key.
pub(super) fn chat_request(endpoint: &Endpoint, request: &ChatRequest) -> Result<WireRequest, ProviderError> {
    let dialect = dialect_of(endpoint);
    let body = Value::Object(body(&endpoint.provider, dialect, request));
    let body = serde_json::to_vec(&body).map_err(|error| {
        let message = format!("The request could not be written as JSON: {error}.");
        ProviderError::local(ErrorCategory::InvalidRequest, endpoint.provider.as_str(), message)
    })?;
    Ok(WireRequest {
        url: path_under(&endpoint.base_url, &["chat", "completions"]),
        headers: HeaderMap::new(),
        body: Bytes::from(body),
    })
}

/// A path under a base URL. A base URL that already ends with the whole path (people paste it) is taken as it is, and one
/// that ends with another endpoint's path loses it.
pub(crate) fn path_under(base: &Url, path: &[&str]) -> Url {
    const PASTED: [&[&str]; 3] = [&["chat", "completions"], &["responses"], &["models"]];
    let mut url = base.clone();
    let segments: Vec<&str> = base.path().split('/').filter(|segment| !segment.is_empty()).collect();
    let kept = PASTED.iter().find_map(|pasted| segments.strip_suffix(*pasted)).unwrap_or(&segments);
    if let Ok(mut new) = url.path_segments_mut() {
        new.clear().extend(kept).extend(path);
    }
    url
}

fn body(provider: &str, dialect: &Dialect, request: &ChatRequest) -> Map<String, Value> {
    let params = &request.params;
    let mut body = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(name.to_owned(), value);
        }
    };
    put("model", Some(json!(request.model)));
    put("messages", Some(messages::into_wire(provider, dialect, &request.messages)));
    put("temperature", params.temperature.map(|value| json!(value)));
    put("top_p", params.top_p.map(|value| json!(value)));
    let max_tokens = match dialect.max_tokens {
        MaxTokens::MaxTokens => "max_tokens",
        MaxTokens::MaxCompletionTokens => "max_completion_tokens",
    };
    put(max_tokens, params.max_tokens.map(|value| json!(value)));
    put("stop", (!params.stop.is_empty()).then(|| json!(params.stop)));
    put("seed", params.seed.map(|value| json!(value)));
    if let Some((name, value)) =
        params.reasoning_effort.and_then(|asked| reasoning(dialect, &request.model, asked))
    {
        put(name, Some(value));
    }
    put("tools", (!request.tools.is_empty()).then(|| request.tools.iter().map(tool).collect()));
    put("stream", Some(json!(request.stream)));
    match dialect.usage {
        UsageOption::StreamOptions if request.stream => {
            put("stream_options", Some(json!({"include_usage": true})));
        }
        UsageOption::UsageInclude => put("usage", Some(json!({"include": true}))),
        UsageOption::StreamOptions | UsageOption::Nothing => {}
    }
    body
}

fn reasoning(dialect: &Dialect, model: &str, asked: ReasoningEffort) -> Option<(&'static str, Value)> {
    let thinks = asked > ReasoningEffort::Minimal;
    Some(match dialect.reasoning {
        Reasoning::None => return None,
        Reasoning::Effort { .. } => ("reasoning_effort", json!(dialect.effort_level(model, asked)?)),
        Reasoning::EffortObject => ("reasoning", json!({"effort": asked})),
        Reasoning::EnableThinking => ("enable_thinking", json!(thinks)),
        Reasoning::ThinkingType => ("thinking", json!({"type": if thinks { "enabled" } else { "disabled" }})),
    })
}

fn tool(tool: &ToolDefinition) -> Value {
    let mut function = json!({"name": tool.name, "parameters": tool.parameters});
    if let (Some(description), Some(function)) = (&tool.description, function.as_object_mut()) {
        function.insert("description".to_owned(), json!(description));
    }
    json!({"type": "function", "function": function})
}
