//! Accumulating events. Deltas make the answer; the final object gives status, usage, and what was missed: some backends
//! send it with an empty `output` (PROTOCOLS, section 2).

use roundtable_domain::{ProviderError, StreamEvent, WireApi, usage};
use serde_json::Value;
use serde_json::value::RawValue;

use super::event::{Event, Response};
use super::item::{Item, Shown, is_tool_call, kind_of};
use crate::error::{self, Reported};
use crate::framing::{FramingError, ReplyHandler};
use crate::lenient;
use crate::openai_chat::is_special_tier;

/// The state of one reply.
#[derive(Debug)]
pub(super) struct ResponsesHandler {
    provider: String,
    started: Option<(Option<String>, Option<String>)>,
    items: Vec<Item>,
    /// The `output_index` of what was last given out.
    current: u32,
    tool_calls: usize,
    /// An `error` event came. `response.failed` may follow with the final word, so it waits for the end.
    reported: Option<ProviderError>,
    /// Completed or failed: nothing of use follows.
    over: bool,
}

impl ResponsesHandler {
    pub fn new(provider: &str) -> Self {
        Self {
            provider: provider.to_owned(),
            started: None,
            items: Vec::new(),
            current: 0,
            tool_calls: 0,
            reported: None,
            over: false,
        }
    }

    /// Where an item is in our list; begins it when it is new.
    fn position(&mut self, output_index: u32) -> usize {
        let known = self.items.iter().rposition(|item| item.output_index == output_index);
        known.unwrap_or_else(|| {
            self.items.push(Item::new(output_index));
            self.items.len() - 1
        })
    }

    /// Says which item what follows is part of: some servers send whole items only after the text, with the end.
    fn turn_to(&mut self, output_index: u32, out: &mut Vec<StreamEvent>) {
        if std::mem::replace(&mut self.current, output_index) != output_index {
            out.push(StreamEvent::Item(output_index));
        }
    }

    /// Announces an item that is new: a tool call, or a part that is neither text, reasoning nor a call.
    fn begin_item(&mut self, output_index: u32, item: &Value, out: &mut Vec<StreamEvent>) {
        let is_known = self.items.iter().any(|known| known.output_index == output_index);
        let position = self.position(output_index);
        if is_known {
            return;
        }
        let text = |name: &str| item.get(name).and_then(Value::as_str).map(str::to_owned);
        if is_tool_call(item) {
            let index = self.tool_calls;
            self.tool_calls += 1;
            if let Some(known) = self.items.get_mut(position) {
                known.tool = Some(index);
            }
            self.turn_to(output_index, out);
            let id = text("call_id").or_else(|| text("id"));
            out.push(StreamEvent::ToolCallStarted { index, id, name: text("name").unwrap_or_default() });
        } else if !matches!(kind_of(item), "message" | "reasoning" | "") {
            out.push(StreamEvent::OtherPart { kind: kind_of(item).to_owned() });
        }
    }

    fn complete_item(&mut self, output_index: u32, item: &Value, out: &mut Vec<StreamEvent>) {
        self.begin_item(output_index, item, out);
        let position = self.position(output_index);
        let mut missing = Vec::new();
        if let Some(known) = self.items.get_mut(position) {
            known.complete(item, &mut missing);
        }
        if !missing.is_empty() {
            self.turn_to(output_index, out);
            out.append(&mut missing);
        }
    }

    /// A delta of text, a refusal, reasoning or arguments; `None` when it adds nothing.
    fn delta(&mut self, kind: &str, output_index: u32, delta: &str) -> Option<StreamEvent> {
        if delta.is_empty() {
            return None;
        }
        let position = self.position(output_index);
        let item = self.items.get_mut(position)?;
        let delta = delta.to_owned();
        let shown = match kind {
            "response.reasoning_summary_text.delta" => Shown::Summary,
            "response.reasoning_text.delta" => Shown::Raw,
            _ => {
                item.has_deltas = true;
                return Some(match kind {
                    "response.output_text.delta" => StreamEvent::Text(delta),
                    "response.refusal.delta" => StreamEvent::Refusal(delta),
                    // Arguments of an item that was never announced have no name to call.
                    _ => StreamEvent::ToolCallArguments { index: item.tool?, delta },
                });
            }
        };
        (*item.reasoning.get_or_insert(shown) == shown).then_some(StreamEvent::Reasoning(delta))
    }

    fn take_names(&mut self, response: &Response, out: &mut Vec<StreamEvent>) {
        let names = (response.id.clone(), response.model.clone());
        if self.started.as_ref() != Some(&names) && names != (None, None) {
            self.started = Some(names.clone());
            out.push(StreamEvent::Started { response_id: names.0, model: names.1 });
        }
    }

    /// The final object, of a stream or as a whole body.
    fn end_with(&mut self, response: &Response, out: &mut Vec<StreamEvent>) {
        self.take_names(response, out);
        for (index, item) in response.output.iter().flatten().enumerate() {
            self.complete_item(u32::try_from(index).unwrap_or(u32::MAX), item, out);
        }
        if let Some(raw) = response.usage.as_ref().filter(|raw| raw.is_object()) {
            let tokens = usage::read(WireApi::OpenaiResponses, &self.provider, raw).tokens;
            out.push(StreamEvent::Usage { tokens, raw: raw.clone() });
        }
        let tier = response.service_tier.as_ref().and_then(Value::as_str);
        out.extend(
            tier.filter(|tier| is_special_tier(tier)).map(|tier| StreamEvent::ServiceTier(tier.to_owned())),
        );
        out.extend(
            response.finish_reason().map(|reason| StreamEvent::Finish { reason, stop_sequence: None }),
        );
        self.over = true;
        // A failed response is over by the protocol's own word, and an error all the same.
        out.push(StreamEvent::Completed);
        let error = response.error.as_ref().filter(|error| !error.is_null());
        if error.is_some() || response.status.as_deref() == Some("failed") {
            let wrapped = serde_json::json!({"error": error.cloned().unwrap_or_default()});
            let stated = error::read(&wrapped).map(|reported| reported.into_error(&self.provider, 200));
            let error = stated.or(self.reported.take());
            let error = error.unwrap_or_else(|| Reported::default().into_error(&self.provider, 200));
            out.push(StreamEvent::Failed(error));
        }
    }

    fn fail(&mut self, error: ProviderError, out: &mut Vec<StreamEvent>) {
        self.over = true;
        out.push(StreamEvent::Failed(error));
    }

    fn take_event(&mut self, kind: &str, event: &Event<'_>, data: &[u8], out: &mut Vec<StreamEvent>) {
        let before = out.len();
        let output_index = event.output_index.0.unwrap_or_default();
        match kind {
            "response.output_text.delta"
            | "response.refusal.delta"
            | "response.reasoning_summary_text.delta"
            | "response.reasoning_text.delta"
            | "response.function_call_arguments.delta"
            | "response.custom_tool_call_input.delta" => {
                if let Some(delta) = self.delta(kind, output_index, event.delta.filled().unwrap_or_default())
                {
                    self.turn_to(output_index, out);
                    out.push(delta);
                }
            }
            "response.output_item.added" | "response.output_item.done" => {
                if let Some(item) = event.item.and_then(value) {
                    if kind == "response.output_item.done" {
                        self.complete_item(output_index, &item, out);
                    } else {
                        self.begin_item(output_index, &item, out);
                    }
                }
            }
            "response.created" | "response.in_progress" | "response.queued" => {
                if let Some(response) = event.response.and_then(response) {
                    self.take_names(&response, out);
                }
            }
            "response.completed" | "response.incomplete" | "response.failed" | "response.cancelled" => {
                match event.response.and_then(response) {
                    Some(response) => self.end_with(&response, out),
                    None => self.fail(error::broken_frame(&self.provider, data), out),
                }
            }
            "error" => {
                let reported = serde_json::from_slice(data).ok().as_ref().and_then(error::read);
                self.reported = Some(reported.unwrap_or_default().into_error(&self.provider, 200));
            }
            // New kinds may appear at any time.
            _ => {}
        }
        if out.len() == before {
            out.push(StreamEvent::KeepAlive);
        }
    }
}

impl ReplyHandler for ResponsesHandler {
    fn frame(&mut self, event: &str, data: &[u8], out: &mut Vec<StreamEvent>) {
        let data = data.trim_ascii();
        if self.over || data.is_empty() || data == b"[DONE]" {
            return;
        }
        let mut lossy = String::new();
        match lenient::parse::<Event<'_>>(data, &mut lossy) {
            Ok(parsed) => match parsed.kind.filled().or(Some(event).filter(|event| !event.is_empty())) {
                Some(kind) => self.take_event(kind, &parsed, data, out),
                None => match serde_json::from_slice(data).ok().as_ref().and_then(error::read) {
                    Some(reported) => self.fail(reported.into_error(&self.provider, 200), out),
                    None => out.push(StreamEvent::KeepAlive),
                },
            },
            Err(_) => self.fail(error::broken_frame(&self.provider, data), out),
        }
    }

    fn whole(&mut self, body: &[u8], out: &mut Vec<StreamEvent>) {
        let value = serde_json::from_slice::<Value>(body).ok();
        let response =
            serde_json::from_slice::<Response>(body).ok().filter(|response| response.output.is_some());
        match (response, value.as_ref().and_then(error::read)) {
            (Some(response), _) => self.end_with(&response, out),
            (None, Some(reported)) => self.fail(reported.into_error(&self.provider, 200), out),
            (None, None) => self.fail(error::not_this_api(&self.provider, body), out),
        }
    }

    fn end(&mut self, out: &mut Vec<StreamEvent>) {
        if let Some(error) = self.reported.take().filter(|_| !self.over) {
            self.fail(error, out);
        }
    }

    fn broken(&mut self, error: FramingError, out: &mut Vec<StreamEvent>) {
        if !self.over {
            self.fail(error::framing_failed(&self.provider, error), out);
        }
    }
}

fn value(raw: &RawValue) -> Option<Value> {
    serde_json::from_str(raw.get()).ok()
}

fn response(raw: &RawValue) -> Option<Response> {
    serde_json::from_str(raw.get()).ok()
}
