//! Which call a piece of a tool call belongs to (PROTOCOLS, section 6, rules 2 and 6).

use roundtable_domain::{Seals, StreamEvent};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::chunk::{FunctionDelta, ToolDelta};
use crate::lenient::raw_text;

/// A call that has begun.
#[derive(Debug)]
struct OpenCall {
    /// The `index` on the wire; not our position.
    key: Option<u32>,
    id: String,
    name: String,
    /// The arguments so far, needed to tell a finished call from the next when nothing else does.
    arguments: String,
}

/// The calls of one answer, in order of appearance.
#[derive(Debug, Default)]
pub(super) struct ToolCalls {
    calls: Vec<OpenCall>,
}

impl ToolCalls {
    /// Takes one piece in.
    pub fn push(&mut self, piece: &ToolDelta<'_>, out: &mut Vec<StreamEvent>) {
        let id = piece.id.filled().unwrap_or_default();
        let index = self.push_parts(piece.index.0, id, piece.function.as_ref(), out);
        let signature = piece.extra_content.and_then(signature);
        if let (Some(index), Some(signature)) = (index, signature) {
            let content = json!({ "thoughtSignature": signature });
            out.push(StreamEvent::Opaque { of: Seals::ToolCall(index), content });
        }
    }

    /// Takes a piece of the legacy `function_call` in: one call without index or id.
    pub fn push_legacy(&mut self, piece: &FunctionDelta<'_>, out: &mut Vec<StreamEvent>) {
        let _ = self.push_parts(Some(0), "", Some(piece), out);
    }

    /// Takes a piece in and returns which call it belongs to; `None` for a placeholder.
    fn push_parts(
        &mut self,
        key: Option<u32>,
        id: &str,
        function: Option<&FunctionDelta<'_>>,
        out: &mut Vec<StreamEvent>,
    ) -> Option<usize> {
        let name = function.and_then(|function| function.name.filled()).unwrap_or_default();
        let arguments = function.and_then(|function| function.arguments).map(raw_text).unwrap_or_default();
        let index = match self.continued(key, id, name) {
            Some(index) => {
                self.complete(index, id, name, out);
                index
            }
            // A placeholder: some servers put an empty call into every message.
            None if id.is_empty() && name.is_empty() && arguments.is_empty() => return None,
            None => {
                let index = self.calls.len();
                self.calls.push(OpenCall {
                    key,
                    id: id.to_owned(),
                    name: name.to_owned(),
                    arguments: String::new(),
                });
                self.announce(index, out);
                index
            }
        };
        if let (Some(call), false) = (self.calls.get_mut(index), arguments.is_empty()) {
            call.arguments.push_str(&arguments);
            out.push(StreamEvent::ToolCallArguments { index, delta: arguments.into_owned() });
        }
        Some(index)
    }

    /// The call this piece continues; `None` when it begins a new one.
    fn continued(&self, key: Option<u32>, id: &str, name: &str) -> Option<usize> {
        let (index, call) = match key {
            Some(_) => self.calls.iter().enumerate().rev().find(|(_, call)| call.key == key)?,
            None => self.calls.iter().enumerate().next_back()?,
        };
        let other_id = !id.is_empty() && !call.id.is_empty() && id != call.id;
        let begins = if key.is_some() {
            other_id && !name.is_empty()
        } else {
            let other_name = !name.is_empty() && name != call.name;
            // The same tool twice in parallel, without index or id: the first call's arguments are whole already.
            let again = !name.is_empty() && id.is_empty() && is_whole(&call.arguments);
            other_id || other_name || again
        };
        if begins { None } else { Some(index) }
    }

    /// Fills in an id or a name that came late. The first one stays: servers that repeat them must not change them.
    fn complete(&mut self, index: usize, id: &str, name: &str, out: &mut Vec<StreamEvent>) {
        let Some(call) = self.calls.get_mut(index) else { return };
        let late_id = call.id.is_empty() && !id.is_empty();
        let late_name = call.name.is_empty() && !name.is_empty();
        if late_id {
            id.clone_into(&mut call.id);
        }
        if late_name {
            name.clone_into(&mut call.name);
        }
        if late_id || late_name {
            self.announce(index, out);
        }
    }

    fn announce(&self, index: usize, out: &mut Vec<StreamEvent>) {
        if let Some(call) = self.calls.get(index) {
            let id = Some(call.id.clone()).filter(|id| !id.is_empty());
            out.push(StreamEvent::ToolCallStarted { index, id, name: call.name.clone() });
        }
    }
}

/// The signature in `extra_content: {google: {thought_signature}}`.
fn signature(extra_content: &RawValue) -> Option<String> {
    let extra: Value = serde_json::from_str(extra_content.get()).ok()?;
    extra.pointer("/google/thought_signature").and_then(Value::as_str).map(str::to_owned)
}

fn is_whole(arguments: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(arguments).is_ok()
}
