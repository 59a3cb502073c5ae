//! Gemini `generateContent` and `streamGenerateContent`, PROTOCOLS section 4: SSE with CRLF and no end mark, or one
//! JSON array in pieces.

use serde_json::{Value, json};

use super::{Head, StreamWriter, Whole};
use crate::ask::{Ask, Form, Role, Turn, media_of, stops_of, text_of};
use crate::failure::Failure;
use crate::plan::{Beat, Finish, Usage};
use crate::tokens::count_tokens;

pub(crate) fn read(body: &Value, model: &str) -> Result<Ask, Failure> {
    let contents = body.get("contents").and_then(Value::as_array).filter(|contents| !contents.is_empty());
    let contents = contents.ok_or_else(|| Failure::InvalidRequest {
        message: "* GenerateContentRequest.contents: contents is not specified\n".to_owned(),
        param: Some("contents"),
    })?;
    let mut ask = Ask { model: model.to_owned(), ..Ask::default() };
    for content in contents {
        let role = match content.get("role").and_then(Value::as_str) {
            Some("model") => Role::Assistant,
            _ => Role::User,
        };
        let parts = content.get("parts").unwrap_or(&Value::Null);
        let list = parts.as_array().map(Vec::as_slice).unwrap_or_default();
        ask.is_tool_result = list.iter().any(|part| part.get("functionResponse").is_some());
        if role == Role::User && !ask.is_tool_result {
            ask.media = media_of(parts);
        }
        ask.turns.push(Turn { role, text: text_of(parts) });
    }
    let either =
        |snake: &str, camel: &str| body.get(camel).or_else(|| body.get(snake)).cloned().unwrap_or_default();
    let system =
        text_of(either("system_instruction", "systemInstruction").get("parts").unwrap_or(&Value::Null));
    ask.system = Some(system).filter(|text| !text.is_empty());
    let config = either("generation_config", "generationConfig");
    ask.max_tokens = config.get("maxOutputTokens").and_then(Value::as_u64);
    ask.stop = stops_of(config.get("stopSequences").unwrap_or(&Value::Null));
    ask.offer(body.get("tools"), either("tool_config", "toolConfig").get("functionCallingConfig"));
    let schema = config.get("responseJsonSchema").or_else(|| config.get("responseSchema"));
    ask.form = match (schema, config.get("responseMimeType").and_then(Value::as_str)) {
        (Some(schema), _) => Form::Schema(schema.clone()),
        (None, Some("application/json")) => Form::Object,
        (None, _) => Form::Text,
    };
    ask.hide_reasoning =
        config.pointer("/thinkingConfig/includeThoughts").and_then(Value::as_bool) == Some(false);
    Ok(ask)
}

pub(crate) fn error(failure: &Failure) -> (u16, Value) {
    let (code, status, message) = describe(failure);
    let mut error = json!({"code": code, "message": message, "status": status});
    match failure {
        Failure::InvalidKey => {
            error["details"] = json!([{
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "API_KEY_INVALID",
                "domain": "googleapis.com",
                "metadata": {"service": "generativelanguage.googleapis.com"}
            }]);
        }
        Failure::InvalidRequest { message, param: Some(field) } => {
            error["details"] = json!([{
                "@type": "type.googleapis.com/google.rpc.BadRequest",
                "fieldViolations": [{"field": field, "description": message}]
            }]);
        }
        _ => super::add_retry_info(&mut error, failure),
    }
    (code, json!({ "error": error }))
}

fn describe(failure: &Failure) -> (u16, &'static str, String) {
    match failure {
        Failure::RateLimited(_) => {
            let hint = failure
                .retry_hint()
                .or_else(|| failure.retry_info().map(|seconds| format!("Please retry in {seconds}s.")))
                .map_or_else(String::new, |hint| format!("\n{hint}"));
            let message = format!("You exceeded your current quota, please check your plan and billing details.{hint}");
            (429, "RESOURCE_EXHAUSTED", message)
        }
        Failure::Quota | Failure::Payment => {
            (429, "RESOURCE_EXHAUSTED", "Your prepayment credits are depleted. Please manage your project and billing.".into())
        }
        Failure::MissingKey => (
            403,
            "PERMISSION_DENIED",
            "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.".into(),
        ),
        Failure::InvalidKey => (400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.".into()),
        Failure::Permission { .. } => (403, "PERMISSION_DENIED", "The caller does not have permission".into()),
        Failure::ModelNotFound { model } => (
            404,
            "NOT_FOUND",
            format!("models/{model} is not found for API version v1beta, or is not supported for generateContent."),
        ),
        Failure::NoSuchPath { path } => (404, "NOT_FOUND", format!("The requested URL {path} was not found on this server.")),
        Failure::InvalidRequest { message, .. } => (400, "INVALID_ARGUMENT", message.clone()),
        Failure::ContextLength { tokens, limit } => (
            400,
            "INVALID_ARGUMENT",
            format!("The input token count ({tokens}) exceeds the maximum number of tokens allowed ({limit})."),
        ),
        Failure::TooLarge => (413, "INVALID_ARGUMENT", "Request payload size exceeds the limit: 20971520 bytes.".into()),
        Failure::PromptBlocked => (200, "OK", String::new()),
        Failure::Internal => (500, "INTERNAL", "An internal error has occurred. Please retry.".into()),
        Failure::Unavailable | Failure::Overloaded => {
            (503, "UNAVAILABLE", "The model is overloaded. Please try again later.".into())
        }
    }
}

fn finish_reason(finish: &Finish) -> &'static str {
    match finish {
        Finish::Stop | Finish::StopSequence(_) | Finish::Tool | Finish::Refusal => "STOP",
        Finish::Length => "MAX_TOKENS",
        Finish::ContentFilter => "SAFETY",
    }
}

/// `thoughts` and `candidates` are apart here; the total has both.
fn usage(input: u64, candidates: u64, thoughts: u64) -> Value {
    let mut usage = json!({"promptTokenCount": input});
    if candidates > 0 {
        usage["candidatesTokenCount"] = json!(candidates);
    }
    usage["totalTokenCount"] = json!(input + candidates + thoughts);
    usage["promptTokensDetails"] = json!([{"modality": "TEXT", "tokenCount": input}]);
    if thoughts > 0 {
        usage["thoughtsTokenCount"] = json!(thoughts);
    }
    usage
}

fn final_usage(counted: Usage) -> Value {
    usage(counted.input, counted.output - counted.reasoning, counted.reasoning)
}

fn chunk(head: &Head, parts: &[Value], finish: Option<&Finish>, usage: &Value) -> Value {
    let mut candidate = json!({"content": {"parts": parts, "role": "model"}});
    if let Some(finish) = finish {
        candidate["finishReason"] = json!(finish_reason(finish));
    }
    candidate["index"] = json!(0);
    let mut reply = json!({ "candidates": [candidate] });
    if head.report_usage {
        reply["usageMetadata"] = usage.clone();
    }
    reply["modelVersion"] = json!(head.served);
    reply["responseId"] = json!(head.id);
    reply
}

/// The reply to a prompt that the filter refused: HTTP 200 and no candidate.
pub(crate) fn blocked(head: &Head) -> Value {
    json!({
        "promptFeedback": {"blockReason": "PROHIBITED_CONTENT"},
        "usageMetadata": usage(head.usage.input, 0, 0),
        "modelVersion": head.served,
        "responseId": head.id
    })
}

pub(crate) fn whole(head: &Head, whole: &Whole) -> Value {
    let mut parts = Vec::new();
    if !whole.reasoning.is_empty() {
        parts.push(json!({"text": whole.reasoning, "thought": true}));
    }
    let said = format!("{}{}", whole.text, whole.refusal);
    if !said.is_empty() {
        parts.push(json!({ "text": said }));
    }
    if let Some((name, arguments)) = &whole.tool {
        parts.push(json!({"functionCall": {"name": name, "args": arguments}}));
    }
    chunk(head, &parts, whole.finish.as_ref(), &final_usage(head.usage))
}

pub(crate) struct Writer {
    head: Head,
    sse: bool,
    written: bool,
    candidates: u64,
    thoughts: u64,
}

impl Writer {
    pub(crate) fn new(head: Head, sse: bool) -> Self {
        Self { head, sse, written: false, candidates: 0, thoughts: 0 }
    }

    fn part(&mut self, part: Value) -> Vec<u8> {
        let usage = usage(self.head.usage.input, self.candidates, self.thoughts);
        let chunk = chunk(&self.head, &[part], None, &usage);
        self.write(&chunk)
    }

    /// In an array the separator comes before each element but the first.
    fn write(&mut self, value: &Value) -> Vec<u8> {
        let before = match (self.sse, self.written) {
            (true, _) => return format!("data: {value}\r\n\r\n").into_bytes(),
            (false, false) => "[",
            (false, true) => ",\r\n",
        };
        self.written = true;
        format!("{before}{value}").into_bytes()
    }

    /// Closes the array.
    fn end(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        if !self.sse {
            bytes.extend_from_slice(b"]");
        }
        bytes
    }
}

impl StreamWriter for Writer {
    fn frame(&mut self, beat: &Beat) -> Vec<u8> {
        match beat {
            Beat::Open | Beat::Cut | Beat::Hang => Vec::new(),
            Beat::Reasoning(text) => {
                self.thoughts += count_tokens(text);
                self.part(json!({"text": text, "thought": true}))
            }
            Beat::Text(text) | Beat::Refusal(text) => {
                self.candidates += count_tokens(text);
                self.part(json!({ "text": text }))
            }
            Beat::Tool { name, arguments } => {
                self.part(json!({"functionCall": {"name": name, "args": arguments}}))
            }
            Beat::Nothing => self.part(json!({"text": ""})),
            // The API has no pings; a gateway in front of it sends comments.
            Beat::KeepAlive if self.sse => b": keep-alive\r\n\r\n".to_vec(),
            Beat::KeepAlive => b"\r\n".to_vec(),
            Beat::Finish(finish) => {
                let last =
                    chunk(&self.head, &[json!({"text": ""})], Some(finish), &final_usage(self.head.usage));
                let bytes = self.write(&last);
                self.end(bytes)
            }
            Beat::Fail(failure) => {
                let bytes = self.write(&error(failure).1);
                self.end(bytes)
            }
        }
    }
}
