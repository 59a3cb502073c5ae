//! `OpenAI` Chat Completions, PROTOCOLS section 1. Reasoning goes where `DeepSeek`, llama.cpp and others put it:
//! `reasoning_content`, as `OpenAI` itself does not show any.

use serde_json::{Map, Value, json};

use super::{Head, StreamWriter, Whole, short_id};
use crate::ask::{Ask, Role, Turn, form_of, media_of, stops_of, text_of};
use crate::failure::Failure;
use crate::plan::{Beat, Finish, Usage};

pub(crate) fn read(body: &Value) -> Result<Ask, Failure> {
    let invalid =
        |message: &str, param| Failure::InvalidRequest { message: message.to_owned(), param: Some(param) };
    let model = body.get("model").and_then(Value::as_str).unwrap_or_default();
    if model.is_empty() {
        return Err(invalid("you must provide a model parameter", "model"));
    }
    let messages = body.get("messages").and_then(Value::as_array).filter(|messages| !messages.is_empty());
    let messages = messages.ok_or_else(|| invalid("Missing required parameter: 'messages'.", "messages"))?;
    let mut ask = Ask { model: model.to_owned(), ..Ask::default() };
    for message in messages {
        let content = message.get("content").unwrap_or(&Value::Null);
        let text = text_of(content);
        ask.is_tool_result = message.get("role").and_then(Value::as_str) == Some("tool");
        match message.get("role").and_then(Value::as_str) {
            Some("system" | "developer") => {
                ask.system = Some(ask.system.map_or(text.clone(), |before| format!("{before}\n{text}")));
            }
            Some("user") => {
                ask.media = media_of(content);
                ask.turns.push(Turn { role: Role::User, text });
            }
            Some("assistant" | "tool" | "function") => ask.turns.push(Turn { role: Role::Assistant, text }),
            _ => return Err(invalid("Invalid value for 'role'.", "messages[0].role")),
        }
    }
    ask.offer(body.get("tools"), body.get("tool_choice"));
    ask.form = body.get("response_format").map(form_of).unwrap_or_default();
    let number = |name: &str| body.get(name).and_then(Value::as_u64);
    ask.max_tokens = number("max_completion_tokens").or_else(|| number("max_tokens"));
    ask.stop = stops_of(body.get("stop").unwrap_or(&Value::Null));
    ask.stream = body.get("stream").and_then(Value::as_bool).unwrap_or(false);
    ask.include_usage =
        body.pointer("/stream_options/include_usage").and_then(Value::as_bool).unwrap_or(false);
    if !ask.stream && body.get("stream_options").is_some_and(|options| !options.is_null()) {
        return Err(invalid(
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            "stream_options",
        ));
    }
    Ok(ask)
}

pub(crate) fn headers(request_id: &str, usage: Usage) -> Vec<(&'static str, String)> {
    vec![
        ("x-request-id", format!("req_{request_id}")),
        ("openai-processing-ms", "187".to_owned()),
        ("openai-version", "2020-10-01".to_owned()),
        ("x-ratelimit-limit-requests", "10000".to_owned()),
        ("x-ratelimit-remaining-requests", "9999".to_owned()),
        ("x-ratelimit-reset-requests", "6ms".to_owned()),
        ("x-ratelimit-limit-tokens", "2000000".to_owned()),
        ("x-ratelimit-remaining-tokens", 2_000_000_u64.saturating_sub(usage.input).to_string()),
        ("x-ratelimit-reset-tokens", "1m2.5s".to_owned()),
    ]
}

pub(crate) fn error(failure: &Failure) -> (u16, Value) {
    let (message, kind, code) = describe(failure);
    let param = match failure {
        Failure::InvalidRequest { param, .. } => *param,
        Failure::ContextLength { .. } => Some("messages"),
        _ => None,
    };
    let mut error = json!({"message": message, "type": kind, "param": param, "code": code});
    super::add_retry_info(&mut error, failure);
    (failure.usual_status(), json!({ "error": error }))
}

/// Message, type and code.
fn describe(failure: &Failure) -> (String, &'static str, Option<&'static str>) {
    const INVALID: &str = "invalid_request_error";
    match failure {
        Failure::RateLimited(_) => {
            let hint = failure.retry_hint().map_or_else(String::new, |hint| format!(" {hint}"));
            let message =
                format!("Rate limit reached for requests per min (RPM): Limit 3, Used 3, Requested 1.{hint}");
            (message, "requests", Some("rate_limit_exceeded"))
        }
        Failure::Quota => (
            "You exceeded your current quota, please check your plan and billing details.".to_owned(),
            "insufficient_quota",
            Some("insufficient_quota"),
        ),
        Failure::Payment => {
            ("Insufficient Balance".to_owned(), "unknown_error", Some("invalid_request_error"))
        }
        Failure::MissingKey => ("You didn't provide an API key.".to_owned(), INVALID, None),
        Failure::InvalidKey => ("Incorrect API key provided.".to_owned(), INVALID, Some("invalid_api_key")),
        Failure::Permission { model } => (
            format!("Your organization does not have access to model `{model}`."),
            INVALID,
            Some("permission_denied"),
        ),
        Failure::ModelNotFound { model } => (
            format!("The model `{model}` does not exist or you do not have access to it."),
            INVALID,
            Some("model_not_found"),
        ),
        Failure::NoSuchPath { path } => {
            (format!("Unknown request URL: {path}"), INVALID, Some("unknown_url"))
        }
        Failure::InvalidRequest { message, .. } => (message.clone(), INVALID, None),
        Failure::ContextLength { tokens, limit } => {
            let message = format!(
                "This model's maximum context length is {limit} tokens. However, your messages resulted in {tokens} tokens."
            );
            (message, INVALID, Some("context_length_exceeded"))
        }
        Failure::TooLarge => ("Request too large.".to_owned(), INVALID, Some("request_too_large")),
        Failure::PromptBlocked => (
            "The response was filtered due to the prompt triggering the content management policy."
                .to_owned(),
            INVALID,
            Some("content_filter"),
        ),
        Failure::Internal => {
            ("The server had an error while processing your request.".to_owned(), "server_error", None)
        }
        Failure::Unavailable | Failure::Overloaded => (
            "The engine is currently overloaded, please try again later.".to_owned(),
            "server_error",
            Some("server_is_overloaded"),
        ),
    }
}

pub(crate) fn finish_reason(finish: &Finish) -> &'static str {
    match finish {
        Finish::Stop | Finish::StopSequence(_) | Finish::Refusal => "stop",
        Finish::Length => "length",
        Finish::Tool => "tool_calls",
        Finish::ContentFilter => "content_filter",
    }
}

fn usage(usage: Usage) -> Value {
    json!({
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": usage.reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0
        }
    })
}

fn call_id(head: &Head) -> String {
    format!("call_{}", short_id(&head.id, 24))
}

pub(crate) fn whole(head: &Head, whole: &Whole) -> Value {
    let nothing_said = whole.text.is_empty() && (whole.tool.is_some() || !whole.refusal.is_empty());
    let mut message = json!({
        "role": "assistant",
        "content": if nothing_said { Value::Null } else { json!(whole.text) },
        "refusal": if whole.refusal.is_empty() { Value::Null } else { json!(whole.refusal) },
        "annotations": []
    });
    if !whole.reasoning.is_empty() {
        message["reasoning_content"] = json!(whole.reasoning);
    }
    if let Some((name, arguments)) = &whole.tool {
        let function = json!({"name": name, "arguments": arguments.to_string()});
        message["tool_calls"] = json!([{"id": call_id(head), "type": "function", "function": function}]);
    }
    let mut reply = json!({
        "id": format!("chatcmpl-{}", head.id),
        "object": "chat.completion",
        "created": head.now.as_second(),
        "model": head.served,
        "choices": [{
            "index": 0,
            "message": message,
            "logprobs": null,
            "finish_reason": whole.finish.as_ref().map(finish_reason)
        }],
        "service_tier": "default",
        "system_fingerprint": "fp_simulated"
    });
    if head.report_usage {
        reply["usage"] = usage(head.usage);
    }
    reply
}

pub(crate) struct Writer {
    head: Head,
}

impl Writer {
    pub(crate) fn new(head: Head) -> Self {
        Self { head }
    }

    fn chunk(&self, choices: &Value, usage: &Value) -> Vec<u8> {
        let mut chunk = Map::new();
        chunk.insert("id".into(), json!(format!("chatcmpl-{}", self.head.id)));
        chunk.insert("object".into(), json!("chat.completion.chunk"));
        chunk.insert("created".into(), json!(self.head.now.as_second()));
        chunk.insert("model".into(), json!(self.head.served));
        chunk.insert("service_tier".into(), json!("default"));
        chunk.insert("system_fingerprint".into(), json!("fp_simulated"));
        chunk.insert("choices".into(), choices.clone());
        if self.head.include_usage && self.head.report_usage {
            chunk.insert("usage".into(), usage.clone());
        }
        data(&Value::Object(chunk))
    }

    fn delta(&self, delta: &Value, finish: Option<&Finish>) -> Vec<u8> {
        let finish = finish.map(finish_reason);
        let choices = json!([{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}]);
        self.chunk(&choices, &Value::Null)
    }

    fn tool(&self, name: &str, arguments: &Value) -> Vec<u8> {
        let first = json!({"tool_calls": [{
            "index": 0, "id": call_id(&self.head), "type": "function", "function": {"name": name, "arguments": ""}
        }]});
        let mut bytes = self.delta(&first, None);
        for piece in crate::tokens::tokenise(&arguments.to_string()) {
            let more = json!({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]});
            bytes.extend(self.delta(&more, None));
        }
        bytes
    }
}

fn data(value: &Value) -> Vec<u8> {
    format!("data: {value}\n\n").into_bytes()
}

impl StreamWriter for Writer {
    fn frame(&mut self, beat: &Beat) -> Vec<u8> {
        match beat {
            Beat::Open => self.delta(&json!({"role": "assistant", "content": "", "refusal": null}), None),
            Beat::Reasoning(text) => self.delta(&json!({"content": null, "reasoning_content": text}), None),
            Beat::Text(text) => self.delta(&json!({ "content": text }), None),
            Beat::Refusal(text) => self.delta(&json!({ "refusal": text }), None),
            Beat::Tool { name, arguments } => self.tool(name, arguments),
            Beat::KeepAlive => b": keep-alive\n\n".to_vec(),
            Beat::Finish(finish) => {
                let mut bytes = self.delta(&json!({}), Some(finish));
                if self.head.include_usage && self.head.report_usage {
                    bytes.extend(self.chunk(&json!([]), &usage(self.head.usage)));
                }
                bytes.extend_from_slice(b"data: [DONE]\n\n");
                bytes
            }
            Beat::Fail(failure) => data(&error(failure).1),
            Beat::Nothing | Beat::Cut | Beat::Hang => Vec::new(),
        }
    }
}
