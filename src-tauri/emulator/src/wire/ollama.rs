//! Ollama `/api/chat`, PROTOCOLS section 5: NDJSON, streaming unless told otherwise.

use serde_json::{Value, json};

use super::{Head, StreamWriter, Whole, short_id};
use crate::ask::{Ask, Form, Role, Turn, bare_images, stops_of, text_of};
use crate::failure::Failure;
use crate::plan::{Beat, Finish};

pub(crate) fn read(body: &Value) -> Result<Ask, Failure> {
    let model = body.get("model").and_then(Value::as_str).unwrap_or_default();
    if model.is_empty() {
        return Err(Failure::InvalidRequest { message: "model is required".to_owned(), param: None });
    }
    let mut ask = Ask { model: model.to_owned(), ..Ask::default() };
    for message in body.get("messages").and_then(Value::as_array).into_iter().flatten() {
        let text = text_of(message.get("content").unwrap_or(&Value::Null));
        let role = message.get("role").and_then(Value::as_str);
        ask.is_tool_result = role == Some("tool");
        match role {
            Some("system") => ask.system = Some(text),
            Some("user") => {
                ask.media = bare_images(message);
                ask.turns.push(Turn { role: Role::User, text });
            }
            _ => ask.turns.push(Turn { role: Role::Assistant, text }),
        }
    }
    let option = |name| body.pointer(&format!("/options/{name}"));
    ask.max_tokens = option("num_predict").and_then(Value::as_u64);
    ask.stop = stops_of(option("stop").unwrap_or(&Value::Null));
    ask.stream = body.get("stream").and_then(Value::as_bool).unwrap_or(true);
    ask.offer(body.get("tools"), None);
    ask.form = match body.get("format") {
        Some(Value::String(word)) if word == "json" => Form::Object,
        Some(schema @ Value::Object(_)) => Form::Schema(schema.clone()),
        _ => Form::Text,
    };
    ask.hide_reasoning = body.get("think").and_then(Value::as_bool) == Some(false);
    Ok(ask)
}

pub(crate) fn error(failure: &Failure) -> (u16, Value) {
    let message = match failure {
        Failure::RateLimited(_) => {
            let hint = failure.retry_hint().map_or_else(String::new, |hint| format!(". {hint}"));
            format!("too many requests{hint}")
        }
        Failure::Quota | Failure::Payment => {
            "you have reached your usage limit, upgrade for higher limits".into()
        }
        Failure::MissingKey | Failure::InvalidKey => "unauthorized".into(),
        Failure::Permission { .. } => "forbidden".into(),
        Failure::ModelNotFound { model } => format!("model '{model}' not found"),
        Failure::NoSuchPath { .. } => "404 page not found".into(),
        Failure::InvalidRequest { message, .. } => message.clone(),
        Failure::ContextLength { tokens, limit } => {
            format!("the prompt of {tokens} tokens exceeds the context length of {limit}")
        }
        Failure::TooLarge => "http: request body too large".into(),
        Failure::PromptBlocked => "the prompt was refused by the content filter".into(),
        Failure::Internal => "llama runner process has terminated: exit status 2".into(),
        Failure::Unavailable | Failure::Overloaded => {
            "server busy, please try again. maximum pending requests exceeded".into()
        }
    };
    let mut body = json!({ "error": message });
    super::add_retry_info(&mut body, failure);
    (failure.usual_status(), body)
}

fn done_reason(finish: &Finish) -> &'static str {
    match finish {
        Finish::Length => "length",
        _ => "stop",
    }
}

fn call(head: &Head, name: &str, arguments: &Value) -> Value {
    let id = format!("call_{}", short_id(&head.id, 8));
    json!([{"id": id, "function": {"index": 0, "name": name, "arguments": arguments}}])
}

fn line(head: &Head, message: &Value, done: bool) -> Value {
    let created = head.now.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string();
    json!({"model": head.served, "created_at": created, "message": message, "done": done})
}

/// Adds what the last line carries. Durations are nanoseconds, invented from the counts.
fn close(head: &Head, mut last: Value, finish: &Finish) -> Value {
    const PER_INPUT: u64 = 1_200_000;
    const PER_OUTPUT: u64 = 9_000_000;
    const LOAD: u64 = 41_208_375;
    last["done_reason"] = json!(done_reason(finish));
    if head.report_usage {
        let (prompt, answer) = (head.usage.input * PER_INPUT, head.usage.output * PER_OUTPUT);
        last["total_duration"] = json!(LOAD + prompt + answer);
        last["load_duration"] = json!(LOAD);
        last["prompt_eval_count"] = json!(head.usage.input);
        last["prompt_eval_duration"] = json!(prompt);
        last["eval_count"] = json!(head.usage.output);
        last["eval_duration"] = json!(answer);
    }
    last
}

pub(crate) fn whole(head: &Head, whole: &Whole) -> Value {
    let mut message = json!({"role": "assistant", "content": format!("{}{}", whole.text, whole.refusal)});
    if !whole.reasoning.is_empty() {
        message["thinking"] = json!(whole.reasoning);
    }
    if let Some((name, arguments)) = &whole.tool {
        message["tool_calls"] = call(head, name, arguments);
    }
    let reply = line(head, &message, true);
    close(head, reply, whole.finish.as_ref().unwrap_or(&Finish::Stop))
}

pub(crate) struct Writer {
    head: Head,
}

impl Writer {
    pub(crate) fn new(head: Head) -> Self {
        Self { head }
    }

    fn message(&self, message: &Value) -> Vec<u8> {
        ndjson(&line(&self.head, message, false))
    }
}

fn ndjson(value: &Value) -> Vec<u8> {
    format!("{value}\n").into_bytes()
}

impl StreamWriter for Writer {
    fn frame(&mut self, beat: &Beat) -> Vec<u8> {
        match beat {
            Beat::Open | Beat::Cut | Beat::Hang => Vec::new(),
            Beat::Reasoning(text) => {
                self.message(&json!({"role": "assistant", "content": "", "thinking": text}))
            }
            Beat::Text(text) | Beat::Refusal(text) => {
                self.message(&json!({"role": "assistant", "content": text}))
            }
            Beat::Tool { name, arguments } => {
                let calls = call(&self.head, name, arguments);
                self.message(&json!({"role": "assistant", "content": "", "tool_calls": calls}))
            }
            Beat::Nothing => self.message(&json!({"role": "assistant", "content": ""})),
            // The API has no pings: empty lines, as proxies in front of it send.
            Beat::KeepAlive => b"\n".to_vec(),
            Beat::Finish(finish) => {
                let last = line(&self.head, &json!({"role": "assistant", "content": ""}), true);
                ndjson(&close(&self.head, last, finish))
            }
            Beat::Fail(failure) => ndjson(&error(failure).1),
        }
    }
}
