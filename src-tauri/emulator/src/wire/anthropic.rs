//! Anthropic Messages, PROTOCOLS section 3.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Head, StreamWriter, Whole, short_id};
use crate::ask::{Ask, Role, Turn, form_of, media_of, stops_of, text_of};
use crate::failure::Failure;
use crate::plan::{Beat, Finish, Usage};

pub(crate) fn read(body: &Value) -> Result<Ask, Failure> {
    let required = |name| Failure::InvalidRequest { message: format!("{name}: Field required"), param: None };
    let model = body.get("model").and_then(Value::as_str).ok_or_else(|| required("model"))?;
    let messages = body.get("messages").and_then(Value::as_array).ok_or_else(|| required("messages"))?;
    if messages.is_empty() {
        let message = "messages: at least one message is required".to_owned();
        return Err(Failure::InvalidRequest { message, param: None });
    }
    let mut ask = Ask { model: model.to_owned(), ..Ask::default() };
    for message in messages {
        let role = match message.get("role").and_then(Value::as_str) {
            Some("user") => Role::User,
            Some("assistant") => Role::Assistant,
            _ => {
                let message = "messages.0.role: Input should be 'user' or 'assistant'".to_owned();
                return Err(Failure::InvalidRequest { message, param: None });
            }
        };
        let content = message.get("content").unwrap_or(&Value::Null);
        let kinds = content.as_array().into_iter().flatten().filter_map(|part| part.get("type")?.as_str());
        ask.is_tool_result = kinds.clone().any(|kind| kind == "tool_result");
        if role == Role::User && !ask.is_tool_result {
            ask.media = media_of(content);
        }
        ask.turns.push(Turn { role, text: text_of(content) });
    }
    ask.system = body.get("system").map(text_of).filter(|text| !text.is_empty());
    ask.max_tokens = body.get("max_tokens").and_then(Value::as_u64);
    ask.stop = stops_of(body.get("stop_sequences").unwrap_or(&Value::Null));
    ask.stream = body.get("stream").and_then(Value::as_bool).unwrap_or(false);
    ask.offer(body.get("tools"), body.get("tool_choice"));
    let form = body.pointer("/output_config/format").or_else(|| body.get("output_format"));
    ask.form = form.map(form_of).unwrap_or_default();
    ask.hide_reasoning = body.pointer("/thinking/type").and_then(Value::as_str) == Some("disabled");
    Ok(ask)
}

pub(crate) fn headers(request_id: &str, usage: Usage, now: Timestamp) -> Vec<(&'static str, String)> {
    let soon = now.checked_add(SignedDuration::from_secs(1)).unwrap_or(now);
    let reset = soon.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let left = |limit: u64, used: u64| limit.saturating_sub(used).to_string();
    vec![
        ("request-id", format!("req_{request_id}")),
        ("anthropic-organization-id", "00000000-0000-4000-8000-000000000000".to_owned()),
        ("anthropic-ratelimit-requests-limit", "4000".to_owned()),
        ("anthropic-ratelimit-requests-remaining", "3999".to_owned()),
        ("anthropic-ratelimit-requests-reset", reset.clone()),
        ("anthropic-ratelimit-input-tokens-limit", "400000".to_owned()),
        ("anthropic-ratelimit-input-tokens-remaining", left(400_000, usage.input)),
        ("anthropic-ratelimit-input-tokens-reset", reset.clone()),
        ("anthropic-ratelimit-output-tokens-limit", "80000".to_owned()),
        ("anthropic-ratelimit-output-tokens-remaining", left(80_000, usage.output)),
        ("anthropic-ratelimit-output-tokens-reset", reset.clone()),
        ("anthropic-ratelimit-tokens-limit", "480000".to_owned()),
        ("anthropic-ratelimit-tokens-remaining", left(480_000, usage.input + usage.output)),
        ("anthropic-ratelimit-tokens-reset", reset),
    ]
}

pub(crate) fn error(failure: &Failure, request_id: &str) -> (u16, Value) {
    let (kind, message) = describe(failure);
    let mut error = json!({"type": kind, "message": message});
    super::add_retry_info(&mut error, failure);
    (
        failure.usual_status(),
        json!({"type": "error", "error": error, "request_id": format!("req_{request_id}")}),
    )
}

fn describe(failure: &Failure) -> (&'static str, String) {
    match failure {
        Failure::RateLimited(_) => {
            let hint = failure.retry_hint().map_or_else(String::new, |hint| format!(" {hint}"));
            ("rate_limit_error", format!("This request would exceed your organization's rate limit of 50 requests per minute.{hint}"))
        }
        Failure::Quota | Failure::Payment => (
            "billing_error",
            "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.".into(),
        ),
        Failure::MissingKey => ("authentication_error", "x-api-key header is required".into()),
        Failure::InvalidKey => ("authentication_error", "invalid x-api-key".into()),
        Failure::Permission { .. } => {
            ("permission_error", "Your API key does not have permission to use the specified resource.".into())
        }
        Failure::ModelNotFound { model } => ("not_found_error", format!("model: {model}")),
        Failure::NoSuchPath { .. } => ("not_found_error", "Not Found".into()),
        Failure::InvalidRequest { message, .. } => ("invalid_request_error", message.clone()),
        Failure::ContextLength { tokens, limit } => {
            ("invalid_request_error", format!("prompt is too long: {tokens} tokens > {limit} maximum"))
        }
        Failure::TooLarge => ("request_too_large", "Request exceeds the maximum size".into()),
        Failure::PromptBlocked => ("invalid_request_error", "Output blocked by content filtering policy".into()),
        Failure::Internal => ("api_error", "Internal server error".into()),
        Failure::Unavailable | Failure::Overloaded => ("overloaded_error", "Overloaded".into()),
    }
}

/// Reason and the stop sequence that was hit.
fn stop_reason(finish: &Finish) -> (&'static str, Option<&str>) {
    match finish {
        Finish::Stop => ("end_turn", None),
        Finish::StopSequence(stop) => ("stop_sequence", Some(stop)),
        Finish::Length => ("max_tokens", None),
        Finish::Tool => ("tool_use", None),
        Finish::Refusal | Finish::ContentFilter => ("refusal", None),
    }
}

fn usage(usage: Usage, output: u64) -> Value {
    json!({
        "input_tokens": usage.input,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": output
    })
}

/// Opaque to clients, who have to send it back unchanged.
fn signature(head: &Head) -> String {
    format!("EqoBsimulated{}", head.id)
}

fn tool_id(head: &Head) -> String {
    format!("toolu_{}", short_id(&head.id, 24))
}

pub(crate) fn whole(head: &Head, whole: &Whole) -> Value {
    let mut content = Vec::new();
    if !whole.reasoning.is_empty() {
        content.push(json!({"type": "thinking", "thinking": whole.reasoning, "signature": signature(head)}));
    }
    let said = format!("{}{}", whole.text, whole.refusal);
    if !said.is_empty() {
        content.push(json!({"type": "text", "text": said}));
    }
    if let Some((name, arguments)) = &whole.tool {
        content.push(json!({"type": "tool_use", "id": tool_id(head), "name": name, "input": arguments}));
    }
    let (reason, sequence) = whole.finish.as_ref().map(stop_reason).unzip();
    let mut message = message(head, &Value::Array(content));
    message["stop_reason"] = json!(reason);
    message["stop_sequence"] = json!(sequence.flatten());
    if head.report_usage {
        message["usage"] = usage(head.usage, head.usage.output);
    }
    message
}

fn message(head: &Head, content: &Value) -> Value {
    json!({
        "id": format!("msg_{}", short_id(&head.id, 24)),
        "type": "message",
        "role": "assistant",
        "model": head.served,
        "content": content,
        "stop_reason": null,
        "stop_sequence": null
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    Thinking,
    Text,
}

pub(crate) struct Writer {
    head: Head,
    open: Option<Block>,
    /// Blocks begun so far; the open one has the index before it.
    begun: u64,
}

impl Writer {
    pub(crate) fn new(head: Head) -> Self {
        Self { head, open: None, begun: 0 }
    }

    fn index(&self) -> u64 {
        self.begun.saturating_sub(1)
    }

    fn start(&mut self, block: &Value, out: &mut Vec<u8>) {
        self.begun += 1;
        let index = self.index();
        event(
            out,
            "content_block_start",
            &json!({"type": "content_block_start", "index": index, "content_block": block}),
        );
        if index == 0 {
            event(out, "ping", &json!({"type": "ping"}));
        }
    }

    fn delta(&self, delta: &Value, out: &mut Vec<u8>) {
        let data = json!({"type": "content_block_delta", "index": self.index(), "delta": delta});
        event(out, "content_block_delta", &data);
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        if let Some(block) = self.open.take() {
            if block == Block::Thinking {
                self.delta(&json!({"type": "signature_delta", "signature": signature(&self.head)}), out);
            }
            self.stop(out);
        }
    }

    fn stop(&self, out: &mut Vec<u8>) {
        event(out, "content_block_stop", &json!({"type": "content_block_stop", "index": self.index()}));
    }

    fn say(&mut self, block: Block, text: &str, out: &mut Vec<u8>) {
        if self.open != Some(block) {
            self.close(out);
            let start = match block {
                Block::Thinking => json!({"type": "thinking", "thinking": "", "signature": ""}),
                Block::Text => json!({"type": "text", "text": ""}),
            };
            self.start(&start, out);
            self.open = Some(block);
        }
        let delta = match block {
            Block::Thinking => json!({"type": "thinking_delta", "thinking": text}),
            Block::Text => json!({"type": "text_delta", "text": text}),
        };
        self.delta(&delta, out);
    }

    fn tool(&mut self, name: &str, arguments: &Value, out: &mut Vec<u8>) {
        self.close(out);
        self.start(&json!({"type": "tool_use", "id": tool_id(&self.head), "name": name, "input": {}}), out);
        self.delta(&json!({"type": "input_json_delta", "partial_json": ""}), out);
        for piece in crate::tokens::tokenise(&arguments.to_string()) {
            self.delta(&json!({"type": "input_json_delta", "partial_json": piece}), out);
        }
        self.stop(out);
    }

    fn finish(&mut self, finish: &Finish, out: &mut Vec<u8>) {
        self.close(out);
        let (reason, sequence) = stop_reason(finish);
        let mut data = json!({
            "type": "message_delta",
            "delta": {"stop_reason": reason, "stop_sequence": sequence}
        });
        if self.head.report_usage {
            data["usage"] = usage(self.head.usage, self.head.usage.output);
        }
        event(out, "message_delta", &data);
        event(out, "message_stop", &json!({"type": "message_stop"}));
    }
}

fn event(out: &mut Vec<u8>, name: &str, data: &Value) {
    out.extend(format!("event: {name}\ndata: {data}\n\n").into_bytes());
}

impl StreamWriter for Writer {
    fn frame(&mut self, beat: &Beat) -> Vec<u8> {
        let mut out = Vec::new();
        match beat {
            Beat::Open => {
                let mut message = message(&self.head, &json!([]));
                if self.head.report_usage {
                    message["usage"] = usage(self.head.usage, 1);
                }
                event(&mut out, "message_start", &json!({"type": "message_start", "message": message}));
            }
            Beat::Reasoning(text) => self.say(Block::Thinking, text, &mut out),
            Beat::Text(text) | Beat::Refusal(text) => self.say(Block::Text, text, &mut out),
            Beat::Tool { name, arguments } => self.tool(name, arguments, &mut out),
            Beat::KeepAlive => event(&mut out, "ping", &json!({"type": "ping"})),
            Beat::Finish(finish) => self.finish(finish, &mut out),
            Beat::Fail(failure) => {
                let (kind, message) = describe(failure);
                let error = json!({"details": null, "type": kind, "message": message});
                event(&mut out, "error", &json!({"type": "error", "error": error}));
            }
            Beat::Nothing | Beat::Cut | Beat::Hang => {}
        }
        out
    }
}
