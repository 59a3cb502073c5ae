//! How many tokens a prompt has, asked of the provider that will read it: Anthropic's `/v1/messages/count_tokens`, Gemini's
//! `:countTokens`. Free of charge at both.
//!
//! What is counted is what would be sent: the wire writes the request, and only its envelope is changed here.

use bytes::Bytes;
use roundtable_domain::{ChatRequest, Endpoint, ErrorCategory, ProviderError, WireApi};
use secrecy::SecretString;
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::attempt::wire_of;
use crate::client::Client;
use crate::error;
use crate::question::{Question, ask};
use crate::secret::Secrets;
use crate::timers::Timers;
use crate::wire::WireRequest;

/// A count is a few bytes.
const MAX_REPLY_BYTES: usize = 1024 * 1024;

/// What of a message request is counted; the endpoint refuses the rest
/// (<https://platform.claude.com/docs/en/api/messages/count_tokens>).
const ANTHROPIC_FIELDS: &[&str] = &[
    "cache_control",
    "context_management",
    "mcp_servers",
    "messages",
    "model",
    "output_config",
    "output_format",
    "system",
    "thinking",
    "tool_choice",
    "tools",
];

/// The tokens of a prompt as this provider counts them. `Ok(None)`: the wire has no endpoint for it, or this server does not
/// have it.
///
/// Errors are those of a chat: what the wire cannot carry cannot be counted either.
pub async fn count_tokens(
    client: &Client,
    endpoint: &Endpoint,
    key: Option<&SecretString>,
    request: &ChatRequest,
    timers: Timers,
    cancel: &CancellationToken,
) -> Result<Option<u64>, ProviderError> {
    let field = match endpoint.api {
        WireApi::AnthropicMessages => "input_tokens",
        WireApi::Gemini => "totalTokens",
        _ => return Ok(None),
    };
    let chat = wire_of(endpoint)?.chat_request(endpoint, request)?;
    let headers = chat.headers.clone();
    let (url, body) = reshaped(endpoint.api, chat).ok_or_else(|| {
        let message =
            "The request for this model could not be turned into one for its count; nothing was sent.";
        ProviderError::local(ErrorCategory::InvalidRequest, &*endpoint.provider, message)
    })?;
    let question = Question {
        endpoint,
        key,
        url,
        headers,
        body: Some(Bytes::from(body.to_string())),
        timers,
        max_bytes: MAX_REPLY_BYTES,
    };
    let reply = match ask(client, question, cancel).await {
        Ok(reply) => reply,
        // Servers that imitate a wire seldom imitate this.
        Err(error) if is_missing(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    let counted = serde_json::from_slice::<Value>(reply.trim_ascii()).ok();
    let counted = counted.and_then(|counted| counted.get(field)?.as_u64());
    let other = || Secrets::of(endpoint, key).scrub(error::not_this_api(&endpoint.provider, &reply));
    counted.map(Some).ok_or_else(other)
}

fn is_missing(error: &ProviderError) -> bool {
    matches!(error.status, Some(404 | 405 | 501)) && error.category != ErrorCategory::ModelNotFound
}

/// The address and the body of the count for a chat request.
fn reshaped(api: WireApi, chat: WireRequest) -> Option<(Url, Value)> {
    let body: Map<String, Value> = serde_json::from_slice(&chat.body).ok()?;
    match api {
        WireApi::AnthropicMessages => anthropic(chat.url, body),
        WireApi::Gemini => gemini(chat.url, body),
        _ => None,
    }
}

fn anthropic(mut url: Url, body: Map<String, Value>) -> Option<(Url, Value)> {
    url.path_segments_mut().ok()?.push("count_tokens");
    let counted = body.into_iter().filter(|(name, _)| ANTHROPIC_FIELDS.contains(&name.as_str()));
    Some((url, Value::Object(counted.collect())))
}

fn gemini(mut url: Url, mut body: Map<String, Value>) -> Option<(Url, Value)> {
    let segments: Vec<String> = url.path_segments()?.map(str::to_owned).collect();
    let (model, _) = segments.last()?.rsplit_once(':')?;
    let collection = segments.iter().rev().nth(1)?;
    let name = format!("{collection}/{model}");
    let at_vertex = segments.iter().any(|segment| segment == "publishers" || segment == "endpoints");
    url.path_segments_mut().ok()?.pop().push(&format!("{model}:countTokens"));
    // `alt=sse` is of streams.
    url.set_query(None);
    if at_vertex {
        // Vertex takes the parts of the request themselves, and no safety settings or tool choice with them.
        body.retain(|name, _| {
            ["contents", "systemInstruction", "tools", "generationConfig"].contains(&name.as_str())
        });
        return Some((url, Value::Object(body)));
    }
    body.insert("model".to_owned(), json!(name));
    Some((url, json!({ "generateContentRequest": body })))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chat(url: &str, body: &Value) -> WireRequest {
        WireRequest {
            url: Url::parse(url).unwrap(),
            headers: reqwest::header::HeaderMap::new(),
            body: Bytes::from(body.to_string()),
        }
    }

    #[test]
    fn anthropic_counts_the_prompt_and_takes_nothing_else() {
        let body = json!({"model":"m","system":"s","messages":[],"max_tokens":9,"stream":true,"temperature":1,"tools":[]});
        let (url, body) =
            reshaped(WireApi::AnthropicMessages, chat("https://a.example/v1/messages", &body)).unwrap();
        assert_eq!(url.path(), "/v1/messages/count_tokens");
        assert_eq!(body, json!({"model":"m","system":"s","messages":[],"tools":[]}));
    }

    #[test]
    fn gemini_takes_the_whole_request_and_vertex_its_parts() {
        let body = json!({"contents":[1],"generationConfig":{},"safetySettings":[]});
        let at = "https://g.example/v1beta/models/gemini-x:streamGenerateContent?alt=sse";
        let (url, counted) = reshaped(WireApi::Gemini, chat(at, &body)).unwrap();
        assert_eq!(url.as_str(), "https://g.example/v1beta/models/gemini-x:countTokens");
        assert_eq!(counted["generateContentRequest"]["model"], "models/gemini-x");
        assert_eq!(counted["generateContentRequest"]["contents"], json!([1]));
        let at =
            "https://v.example/v1/projects/p/locations/l/publishers/google/models/gemini-x:generateContent";
        let (url, counted) = reshaped(WireApi::Gemini, chat(at, &body)).unwrap();
        assert!(url.path().ends_with("/publishers/google/models/gemini-x:countTokens"));
        assert_eq!(counted, json!({"contents":[1],"generationConfig":{}}));
    }
}
