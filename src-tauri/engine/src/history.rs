//! What a lane is sent: its own history, then the prompt.
//!
//! An answer is sent again with everything its provider needs to go on: signed reasoning, tool calls, a refusal. Another provider
//! gets what it can read: the visible text. Nobody here executes a tool, so a call is sent back with a result that says so; calls
//! are declared as tools again, because providers refuse calls of tools that the request does not name.

mod cache;

use roundtable_domain::{Message, Part, Role, RunState, ToolDefinition};
use roundtable_store::{LaneTurn, Run, Turn};
use serde_json::json;

use crate::attachments::labelled_text;
pub(crate) use cache::{KnownHistories, KnownHistory, without_bytes};

/// What stands for the result of a call that nobody made.
const NOT_EXECUTED: &str = "This tool was not executed.";

/// Whom a history is for. What one provider signed is worthless to another, and behind a router each vendor is its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reader<'a> {
    pub(crate) provider: &'a str,
    pub(crate) model: &'a str,
}

impl Reader<'_> {
    fn wrote(self, run: &Run) -> bool {
        let vendor = |model: &str| model.split_once('/').map(|(vendor, _)| vendor.to_owned());
        run.provider.as_deref() == Some(self.provider)
            && run.model_requested.as_deref().is_none_or(|model| vendor(model) == vendor(self.model))
    }
}

/// A lane's history, ready to be sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct LaneHistory {
    pub(crate) messages: Vec<Message>,
    /// Tools its calls name.
    pub(crate) tools: Vec<ToolDefinition>,
    /// The latest answer was another provider's, and what only that one understands is left out.
    pub(crate) taken_over: bool,
}

/// Instructions and the lane's history, for one reader.
///
/// A turn the lane was not asked in is not part of its history. A turn whose answer failed before anything came is: the
/// question still stands, and the next one may refer to it.
pub(crate) fn history_for(
    system_prompt: Option<&str>,
    history: &[LaneTurn],
    reader: Reader<'_>,
) -> LaneHistory {
    let mut lane = LaneHistory::default();
    lane.messages.reserve(history.len() * 2 + 2);
    lane.messages.extend(
        system_prompt.filter(|text| !text.trim().is_empty()).map(|text| Message::text(Role::System, text)),
    );
    for LaneTurn { turn, answer } in history {
        let Some(answer) = answer else { continue };
        lane.messages.push(user_message(turn));
        if reader.wrote(answer) {
            lane.taken_over = false;
            push_own(answer, &mut lane);
        } else {
            lane.taken_over = !answer.opaque.is_empty() || !answer.tool_calls.is_empty();
            push_visible(answer, &mut lane.messages);
        }
    }
    lane
}

/// What the user said, with what came along: files of text are read out, the others go as they are.
pub(crate) fn user_message(turn: &Turn) -> Message {
    prompt_message(&turn.parts, &turn.text)
}

/// A prompt and what comes along.
pub(crate) fn prompt_message(parts: &[Part], text: &str) -> Message {
    let mut parts: Vec<Part> = parts
        .iter()
        .map(|part| match part {
            Part::File { blob } => {
                labelled_text(blob).map_or_else(|| part.clone(), |text| Part::Text { text })
            }
            other => other.clone(),
        })
        .collect();
    if parts.is_empty() || !text.trim().is_empty() {
        parts.push(Part::Text { text: text.to_owned() });
    }
    Message { role: Role::User, parts }
}

/// An answer as another provider may read it.
fn push_visible(run: &Run, messages: &mut Vec<Message>) {
    let mut parts = Vec::new();
    push_words(run, &mut parts);
    if !parts.is_empty() {
        messages.push(Message { role: Role::Assistant, parts });
    }
}

fn push_words(run: &Run, parts: &mut Vec<Part>) {
    if !run.text.is_empty() {
        parts.push(Part::Text { text: run.text.clone() });
    }
    if !run.refusal.is_empty() {
        parts.push(Part::Refusal { text: run.refusal.clone() });
    }
}

/// An answer for the provider that gave it.
fn push_own(run: &Run, lane: &mut LaneHistory) {
    let mut said = Vec::new();
    push_words(run, &mut said);
    // A call that was cut off is no call.
    let whole = run.state == RunState::Complete
        && run.tool_calls.iter().all(|call| call.parsed_arguments().is_some_and(|parsed| parsed.is_object()));
    let mut results = Vec::new();
    if whole {
        for (index, call) in run.tool_calls.iter().enumerate() {
            let id = call.id.clone().unwrap_or_else(|| format!("call_{}_{index}", run.id));
            said.push(Part::ToolCall {
                id: id.clone(),
                name: call.name.clone(),
                arguments: call.arguments.clone(),
                signature: None,
            });
            results.push(Part::ToolResult {
                call_id: id,
                name: call.name.clone(),
                content: NOT_EXECUTED.to_owned(),
                is_error: true,
            });
            declare(&call.name, &mut lane.tools);
        }
    }
    // Reasoning alone is no message: every provider refuses an answer without content.
    if said.is_empty() {
        return;
    }
    let mut parts = reasoning_of(run);
    parts.append(&mut said);
    lane.messages.push(Message { role: Role::Assistant, parts });
    lane.messages.extend(results.into_iter().map(|result| Message { role: Role::Tool, parts: vec![result] }));
}

/// The reasoning as the decoder gave it out: each signed or encrypted piece by itself, the readable text with the first.
fn reasoning_of(run: &Run) -> Vec<Part> {
    let provider = run.provider.clone().unwrap_or_default();
    let part =
        |text: &str, opaque| Part::Reasoning { text: text.to_owned(), opaque, provider: provider.clone() };
    match run.opaque.split_first() {
        Some((first, rest)) => {
            let mut parts = vec![part(&run.reasoning, Some(first.clone()))];
            parts.extend(rest.iter().map(|piece| part("", Some(piece.clone()))));
            parts
        }
        None if run.reasoning.is_empty() => Vec::new(),
        None => vec![part(&run.reasoning, None)],
    }
}

fn declare(name: &str, tools: &mut Vec<ToolDefinition>) {
    if !tools.iter().any(|tool| tool.name == name) {
        tools.push(ToolDefinition {
            name: name.to_owned(),
            description: None,
            parameters: json!({ "type": "object", "properties": {} }),
        });
    }
}

#[cfg(test)]
mod tests;
