//! `OpenAI` Responses, PROTOCOLS section 2: typed events with a running number, the whole response in the last one.

use serde_json::{Value, json};

use super::{Head, StreamWriter, Whole, openai_chat, short_id};
use crate::ask::{Ask, Role, Turn, form_of, media_of, stops_of, text_of};
use crate::failure::Failure;
use crate::plan::{Beat, Finish, Usage};
use crate::tokens::tokenise;

pub(crate) fn read(body: &Value) -> Result<Ask, Failure> {
    let invalid =
        |message: &str, param| Failure::InvalidRequest { message: message.to_owned(), param: Some(param) };
    let model = body.get("model").and_then(Value::as_str).unwrap_or_default();
    if model.is_empty() {
        return Err(invalid("Missing required parameter: 'model'.", "model"));
    }
    let mut ask = Ask { model: model.to_owned(), ..Ask::default() };
    ask.system = body.get("instructions").and_then(Value::as_str).map(str::to_owned);
    match body.get("input") {
        Some(Value::String(text)) => ask.turns.push(Turn { role: Role::User, text: text.clone() }),
        Some(Value::Array(items)) if !items.is_empty() => {
            for item in items {
                read_item(item, &mut ask);
            }
        }
        _ => return Err(invalid("Missing required parameter: 'input'.", "input")),
    }
    ask.offer(body.get("tools"), body.get("tool_choice"));
    ask.form = body.pointer("/text/format").map(form_of).unwrap_or_default();
    ask.max_tokens = body.get("max_output_tokens").and_then(Value::as_u64);
    ask.stop = stops_of(body.get("stop").unwrap_or(&Value::Null));
    ask.stream = body.get("stream").and_then(Value::as_bool).unwrap_or(false);
    Ok(ask)
}

fn read_item(item: &Value, ask: &mut Ask) {
    let content = item.get("content").unwrap_or(&Value::Null);
    let text = text_of(content);
    ask.is_tool_result = item.get("type").and_then(Value::as_str) == Some("function_call_output");
    match item.get("role").and_then(Value::as_str) {
        Some("system" | "developer") => {
            ask.system = Some(ask.system.take().map_or(text.clone(), |before| format!("{before}\n{text}")));
        }
        Some("user") => {
            ask.media = media_of(content);
            ask.turns.push(Turn { role: Role::User, text });
        }
        _ => ask.turns.push(Turn { role: Role::Assistant, text }),
    }
}

/// A model that does not exist is a bad request here.
pub(crate) fn error(failure: &Failure) -> (u16, Value) {
    let (status, body) = openai_chat::error(failure);
    (if matches!(failure, Failure::ModelNotFound { .. }) { 400 } else { status }, body)
}

fn usage(usage: Usage) -> Value {
    json!({
        "input_tokens": usage.input,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": usage.output,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning},
        "total_tokens": usage.input + usage.output
    })
}

fn item_id(head: &Head, prefix: &str, index: usize) -> String {
    format!("{prefix}_{}{index:02}", short_id(&head.id, 24))
}

fn reasoning_item(head: &Head, index: usize, text: &str, status: &str) -> Value {
    let summary = if text.is_empty() { json!([]) } else { json!([{"type": "summary_text", "text": text}]) };
    json!({"id": item_id(head, "rs", index), "type": "reasoning", "summary": summary, "status": status})
}

fn message_item(head: &Head, index: usize, content: &Value, status: &str) -> Value {
    json!({
        "id": item_id(head, "msg", index), "type": "message", "status": status, "role": "assistant", "content": content
    })
}

fn call_item(head: &Head, index: usize, name: &str, arguments: &str, status: &str) -> Value {
    json!({
        "id": item_id(head, "fc", index), "type": "function_call", "status": status, "name": name,
        "call_id": format!("call_{}", short_id(&head.id, 24)), "arguments": arguments
    })
}

fn text_part(text: &str) -> Value {
    json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []})
}

fn response(head: &Head, output: &[Value], finish: Option<&Finish>) -> Value {
    let incomplete = match finish {
        Some(Finish::Length) => Some("max_output_tokens"),
        Some(Finish::ContentFilter) => Some("content_filter"),
        _ => None,
    };
    let status = match (finish, incomplete) {
        (None, _) => "in_progress",
        (Some(_), Some(_)) => "incomplete",
        (Some(_), None) => "completed",
    };
    let reported = finish.is_some() && head.report_usage;
    json!({
        "id": format!("resp_{}", head.id), "object": "response", "created_at": head.now.as_second(), "status": status,
        "error": null, "incomplete_details": incomplete.map(|reason| json!({ "reason": reason })), "instructions": null,
        "model": head.served, "output": output, "parallel_tool_calls": true, "service_tier": "default", "store": false,
        "usage": if reported { usage(head.usage) } else { Value::Null }
    })
}

pub(crate) fn whole(head: &Head, whole: &Whole) -> Value {
    let mut output = Vec::new();
    if !whole.reasoning.is_empty() {
        output.push(reasoning_item(head, output.len(), &whole.reasoning, "completed"));
    }
    if !whole.refusal.is_empty() {
        let refusal = json!([{"type": "refusal", "refusal": whole.refusal}]);
        output.push(message_item(head, output.len(), &refusal, "completed"));
    }
    if !whole.text.is_empty() {
        output.push(message_item(head, output.len(), &json!([text_part(&whole.text)]), "completed"));
    }
    if let Some((name, arguments)) = &whole.tool {
        output.push(call_item(head, output.len(), name, &arguments.to_string(), "completed"));
    }
    response(head, &output, whole.finish.as_ref())
}

/// What is being written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Reasoning,
    Text,
    Refusal,
}

pub(crate) struct Writer {
    head: Head,
    sequence: u64,
    done: Vec<Value>,
    open: Option<Open>,
    text: String,
}

impl Writer {
    pub(crate) fn new(head: Head) -> Self {
        Self { head, sequence: 0, done: Vec::new(), open: None, text: String::new() }
    }

    fn event(&mut self, kind: &str, mut data: Value) -> Vec<u8> {
        data["type"] = json!(kind);
        data["sequence_number"] = json!(self.sequence);
        self.sequence += 1;
        format!("event: {kind}\ndata: {data}\n\n").into_bytes()
    }

    /// A piece of an item, which is opened first when another was open.
    fn piece(&mut self, open: Open, delta: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        if self.open != Some(open) {
            bytes.extend(self.close());
            bytes.extend(self.begin(open));
        }
        self.text.push_str(delta);
        let index = self.done.len();
        let (kind, prefix) = match open {
            Open::Reasoning => ("response.reasoning_summary_text.delta", "rs"),
            Open::Text => ("response.output_text.delta", "msg"),
            Open::Refusal => ("response.refusal.delta", "msg"),
        };
        let place = if open == Open::Reasoning { "summary_index" } else { "content_index" };
        let mut data =
            json!({"item_id": item_id(&self.head, prefix, index), "output_index": index, "delta": delta});
        data[place] = json!(0);
        bytes.extend(self.event(kind, data));
        bytes
    }

    fn begin(&mut self, open: Open) -> Vec<u8> {
        self.open = Some(open);
        let index = self.done.len();
        let (item, part) = match open {
            Open::Reasoning => (reasoning_item(&self.head, index, "", "in_progress"), None),
            Open::Text => (message_item(&self.head, index, &json!([]), "in_progress"), Some(text_part(""))),
            Open::Refusal => (
                message_item(&self.head, index, &json!([]), "in_progress"),
                Some(json!({"type": "refusal", "refusal": ""})),
            ),
        };
        let id = item["id"].clone();
        let mut bytes =
            self.event("response.output_item.added", json!({"output_index": index, "item": item}));
        let (kind, place, part) = match part {
            Some(part) => ("response.content_part.added", "content_index", part),
            None => (
                "response.reasoning_summary_part.added",
                "summary_index",
                json!({"type": "summary_text", "text": ""}),
            ),
        };
        let mut data = json!({"item_id": id, "output_index": index, "part": part});
        data[place] = json!(0);
        bytes.extend(self.event(kind, data));
        bytes
    }

    fn close(&mut self) -> Vec<u8> {
        let Some(open) = self.open.take() else { return Vec::new() };
        let (index, text) = (self.done.len(), std::mem::take(&mut self.text));
        let (item, kind, field) = match open {
            Open::Reasoning => (
                reasoning_item(&self.head, index, &text, "completed"),
                "response.reasoning_summary_text.done",
                "text",
            ),
            Open::Text => (
                message_item(&self.head, index, &json!([text_part(&text)]), "completed"),
                "response.output_text.done",
                "text",
            ),
            Open::Refusal => (
                message_item(&self.head, index, &json!([{"type": "refusal", "refusal": text}]), "completed"),
                "response.refusal.done",
                "refusal",
            ),
        };
        let place = if open == Open::Reasoning { "summary_index" } else { "content_index" };
        let mut data = json!({"item_id": item["id"], "output_index": index});
        data[field] = json!(text);
        data[place] = json!(0);
        let mut bytes = self.event(kind, data);
        bytes.extend(self.finish_item(item));
        bytes
    }

    fn finish_item(&mut self, item: Value) -> Vec<u8> {
        let data = json!({"output_index": self.done.len(), "item": item});
        self.done.push(item);
        self.event("response.output_item.done", data)
    }

    fn tool(&mut self, name: &str, arguments: &Value) -> Vec<u8> {
        let mut bytes = self.close();
        let (index, arguments) = (self.done.len(), arguments.to_string());
        let item = call_item(&self.head, index, name, "", "in_progress");
        let id = item["id"].clone();
        bytes.extend(self.event("response.output_item.added", json!({"output_index": index, "item": item})));
        for piece in tokenise(&arguments) {
            let data = json!({"item_id": id, "output_index": index, "delta": piece});
            bytes.extend(self.event("response.function_call_arguments.delta", data));
        }
        let data = json!({"item_id": id, "output_index": index, "arguments": arguments});
        bytes.extend(self.event("response.function_call_arguments.done", data));
        let item = call_item(&self.head, index, name, &arguments, "completed");
        bytes.extend(self.finish_item(item));
        bytes
    }

    fn end(&mut self, finish: &Finish) -> Vec<u8> {
        let mut bytes = self.close();
        let response = response(&self.head, &self.done, Some(finish));
        let kind = format!("response.{}", response["status"].as_str().unwrap_or("completed"));
        bytes.extend(self.event(&kind, json!({ "response": response })));
        bytes
    }
}

impl StreamWriter for Writer {
    fn frame(&mut self, beat: &Beat) -> Vec<u8> {
        match beat {
            Beat::Open => {
                let begun = json!({ "response": response(&self.head, &[], None) });
                let mut bytes = self.event("response.created", begun.clone());
                bytes.extend(self.event("response.in_progress", begun));
                bytes
            }
            Beat::Reasoning(text) => self.piece(Open::Reasoning, text),
            Beat::Text(text) => self.piece(Open::Text, text),
            Beat::Refusal(text) => self.piece(Open::Refusal, text),
            Beat::Tool { name, arguments } => self.tool(name, arguments),
            Beat::KeepAlive => b": keep-alive\n\n".to_vec(),
            Beat::Finish(finish) => self.end(finish),
            Beat::Fail(failure) => {
                let told = error(failure).1["error"].clone();
                let data = json!({"code": told["code"], "message": told["message"], "param": told["param"]});
                self.event("error", data)
            }
            Beat::Nothing | Beat::Cut | Beat::Hang => Vec::new(),
        }
    }
}
