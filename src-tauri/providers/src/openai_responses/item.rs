//! Output items: what was streamed of them, and what the whole item adds.

use roundtable_domain::{Seals, StreamEvent, WireApi};
use serde_json::Value;

/// The kind of reasoning an item shows; a summary and the raw text are never mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Summary,
    Raw,
}

/// What is known of one output item. Items are keyed by `output_index`: gateways rotate their ids.
#[derive(Debug)]
pub(super) struct Item {
    pub output_index: u32,
    /// Our position among the tool calls.
    pub tool: Option<usize>,
    /// Text, refusal or arguments have been streamed.
    pub has_deltas: bool,
    pub reasoning: Option<Shown>,
    /// The whole item has been read: what comes again is a repetition.
    pub is_done: bool,
}

impl Item {
    pub fn new(output_index: u32) -> Self {
        Self { output_index, tool: None, has_deltas: false, reasoning: None, is_done: false }
    }

    /// Takes the whole item in: emits what was not streamed.
    pub fn complete(&mut self, item: &Value, out: &mut Vec<StreamEvent>) {
        if std::mem::replace(&mut self.is_done, true) {
            return;
        }
        match (kind_of(item), self.tool) {
            (_, Some(index)) if !self.has_deltas => {
                let delta = arguments_of(item);
                if !delta.is_empty() {
                    out.push(StreamEvent::ToolCallArguments { index, delta });
                }
            }
            ("message", _) if !self.has_deltas => {
                parts(item, "content").for_each(|part| message_part(part, out));
            }
            ("reasoning", _) => {
                if self.reasoning.is_none() {
                    out.extend(reasoning_text(item).map(StreamEvent::Reasoning));
                }
                if item.get("encrypted_content").is_some_and(Value::is_string) {
                    out.push(StreamEvent::Opaque { of: Seals::Reasoning, content: item.clone() });
                }
            }
            // Whatever else the provider did: it goes back verbatim, or the next step lacks it.
            (kind, None) if !matches!(kind, "message" | "") && !is_tool_call(item) => {
                let of = Seals::Item(WireApi::OpenaiResponses);
                out.push(StreamEvent::Opaque { of, content: item.clone() });
            }
            _ => {}
        }
    }
}

/// The item's type.
pub(super) fn kind_of(item: &Value) -> &str {
    item.get("type").and_then(Value::as_str).unwrap_or_default()
}

/// Whether it is a call of one of our tools.
pub(super) fn is_tool_call(item: &Value) -> bool {
    matches!(kind_of(item), "function_call" | "custom_tool_call")
}

fn arguments_of(item: &Value) -> String {
    match item.get("arguments").or_else(|| item.get("input")) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}

fn parts<'a>(item: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> {
    item.get(field).and_then(Value::as_array).into_iter().flatten()
}

fn message_part(part: &Value, out: &mut Vec<StreamEvent>) {
    let text = |name: &str| part.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let event = match kind_of(part) {
        "output_text" | "text" => StreamEvent::Text(text("text")),
        "refusal" => StreamEvent::Refusal(text("refusal")),
        kind => StreamEvent::OtherPart { kind: kind.to_owned() },
    };
    if !matches!(&event, StreamEvent::Text(text) | StreamEvent::Refusal(text) if text.is_empty()) {
        out.push(event);
    }
}

/// The summary, or the raw reasoning where there is none.
fn reasoning_text(item: &Value) -> Option<String> {
    let joined = |field: &str| -> String {
        parts(item, field).filter_map(|part| part.get("text").and_then(Value::as_str)).collect()
    };
    Some(joined("summary"))
        .filter(|text| !text.is_empty())
        .or_else(|| Some(joined("content")))
        .filter(|text| !text.is_empty())
}
