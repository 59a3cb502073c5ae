//! `OpenAI`'s text completions (`POST /v1/completions`): a prompt goes on, without roles, tools or images.

use serde_json::{Map, Value, json};

use super::openai_chat::{error, finish_reason};
use super::{Head, StreamWriter, Whole};
use crate::ask::{Ask, Role, Turn, stops_of};
use crate::failure::Failure;
use crate::plan::{Beat, Usage};

pub(crate) fn read(body: &Value) -> Result<Ask, Failure> {
    let invalid =
        |message: &str, param| Failure::InvalidRequest { message: message.to_owned(), param: Some(param) };
    let model = body.get("model").and_then(Value::as_str).unwrap_or_default();
    if model.is_empty() {
        return Err(invalid("you must provide a model parameter", "model"));
    }
    let prompt = match body.get("prompt") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(all)) if all.len() == 1 => all
            .first()
            .and_then(Value::as_str)
            .map(str::to_owned)
            .ok_or_else(|| invalid("Invalid 'prompt'.", "prompt"))?,
        _ => return Err(invalid("Missing required parameter: 'prompt'.", "prompt")),
    };
    Ok(Ask {
        model: model.to_owned(),
        turns: vec![Turn { role: Role::User, text: prompt }],
        max_tokens: body.get("max_tokens").and_then(Value::as_u64),
        stop: stops_of(body.get("stop").unwrap_or(&Value::Null)),
        stream: body.get("stream").and_then(Value::as_bool).unwrap_or(false),
        include_usage: body
            .pointer("/stream_options/include_usage")
            .and_then(Value::as_bool)
            .unwrap_or(false),
        ..Ask::default()
    })
}

fn usage(usage: Usage) -> Value {
    json!({
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.input + usage.output
    })
}

/// There is no place for a refusal or a tool call: they are told as text.
fn text_of(whole: &Whole) -> String {
    let called = whole.tool.as_ref().map(|(name, arguments)| format!("{name}({arguments})"));
    format!("{}{}{}", whole.text, whole.refusal, called.unwrap_or_default())
}

fn frame_of(head: &Head) -> Map<String, Value> {
    let mut frame = Map::new();
    frame.insert("id".into(), json!(format!("cmpl-{}", head.id)));
    frame.insert("object".into(), json!("text_completion"));
    frame.insert("created".into(), json!(head.now.as_second()));
    frame.insert("model".into(), json!(head.served));
    frame
}

fn choice(text: &str, finish: Option<&str>) -> Value {
    json!([{"text": text, "index": 0, "logprobs": null, "finish_reason": finish}])
}

pub(crate) fn whole(head: &Head, whole: &Whole) -> Value {
    let mut reply = frame_of(head);
    reply.insert("choices".into(), choice(&text_of(whole), whole.finish.as_ref().map(finish_reason)));
    if head.report_usage {
        reply.insert("usage".into(), usage(head.usage));
    }
    Value::Object(reply)
}

pub(crate) struct Writer {
    head: Head,
}

impl Writer {
    pub(crate) fn new(head: Head) -> Self {
        Self { head }
    }

    fn chunk(&self, choices: Value, usage: Value) -> Vec<u8> {
        let mut chunk = frame_of(&self.head);
        chunk.insert("choices".into(), choices);
        if self.head.include_usage && self.head.report_usage {
            chunk.insert("usage".into(), usage);
        }
        format!("data: {}\n\n", Value::Object(chunk)).into_bytes()
    }

    fn text(&self, text: &str) -> Vec<u8> {
        self.chunk(choice(text, None), Value::Null)
    }
}

impl StreamWriter for Writer {
    fn frame(&mut self, beat: &Beat) -> Vec<u8> {
        match beat {
            Beat::Text(text) | Beat::Refusal(text) => self.text(text),
            Beat::Tool { name, arguments } => self.text(&format!("{name}({arguments})")),
            Beat::Nothing => self.text(""),
            Beat::KeepAlive => b": keep-alive\n\n".to_vec(),
            Beat::Finish(finish) => {
                let mut bytes = self.chunk(choice("", Some(finish_reason(finish))), Value::Null);
                if self.head.include_usage && self.head.report_usage {
                    bytes.extend(self.chunk(json!([]), usage(self.head.usage)));
                }
                bytes.extend_from_slice(b"data: [DONE]\n\n");
                bytes
            }
            Beat::Fail(failure) => format!("data: {}\n\n", error(failure).1).into_bytes(),
            Beat::Open | Beat::Reasoning(_) | Beat::Cut | Beat::Hang => Vec::new(),
        }
    }
}
