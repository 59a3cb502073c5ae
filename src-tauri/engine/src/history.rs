//! What a lane is sent: its own history, then the prompt.
//!
//! An answer is sent again with everything its provider needs to go on: signed reasoning, tool calls, a refusal. Another provider
//! gets what it can read: the visible text. Nobody here executes a tool, so a call is sent back with a result that says so; calls
//! are declared as tools again, because providers refuse calls of tools that the request does not name.

mod cache;

use roundtable_domain::{Answer, Message, Part, Role, RunState, ToolCall, ToolDefinition, WireApi};
use roundtable_store::{LaneTurn, PastAnswer, Turn};
use serde_json::json;

use crate::attachments::labelled_text;
pub(crate) use cache::{KnownHistories, KnownHistory, without_bytes};

/// What stands for the result of a call that nobody made.
const NOT_EXECUTED: &str = "This tool was not executed.";

/// The source of a run whose text is the route's own.
const LAST_RESORT: &str = "last_resort";

/// Whom a history is for. What one provider signed is worthless to another, and behind a router each vendor is its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reader<'a> {
    pub(crate) provider: &'a str,
    pub(crate) model: &'a str,
    /// How it is spoken to.
    pub(crate) api: WireApi,
}

impl Reader<'_> {
    fn wrote(self, answer: &PastAnswer) -> bool {
        let vendor = |model: &str| model.split_once('/').map(|(vendor, _)| vendor.to_owned());
        answer.provider.as_deref() == Some(self.provider)
            && answer.model_requested.as_deref().is_none_or(|model| vendor(model) == vendor(self.model))
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
        if answer.source == LAST_RESORT {
            // No model has said it.
            continue;
        }
        if reader.wrote(answer) && !answer.several_wrote {
            lane.taken_over = false;
            push_own(answer, reader.api, &mut lane);
        } else {
            lane.taken_over = answer.layout.sealed().next().is_some() || !answer.tool_calls.is_empty();
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
fn push_visible(answer: &PastAnswer, messages: &mut Vec<Message>) {
    let mut parts = Vec::new();
    push_words(answer, &mut parts);
    if !parts.is_empty() {
        messages.push(Message { role: Role::Assistant, parts });
    }
}

fn push_words(answer: &PastAnswer, parts: &mut Vec<Part>) {
    if !answer.text.is_empty() {
        parts.push(Part::Text { text: answer.text.clone() });
    }
    if !answer.refusal.is_empty() {
        parts.push(Part::Refusal { text: answer.refusal.clone() });
    }
}

/// An answer for the provider that gave it, in the order it came.
///
/// One that was cut (no end, arguments that are no JSON) goes back as its words: a call that was cut off is no call, and without
/// it what was signed around it is refused.
fn push_own(past: &PastAnswer, api: WireApi, lane: &mut LaneHistory) {
    let readable = |call: &ToolCall| call.parsed_arguments().is_some_and(|parsed| parsed.is_object());
    if past.state != RunState::Complete || !past.tool_calls.iter().all(readable) {
        return push_visible(past, &mut lane.messages);
    }
    let calls = past.tool_calls.iter().enumerate();
    let answer = Answer {
        text: past.text.clone(),
        reasoning: past.reasoning.clone(),
        refusal: past.refusal.clone(),
        tool_calls: calls.map(|(index, call)| named(past, index, call)).collect(),
        layout: past.layout.clone(),
        ..Answer::default()
    };
    let said = answer.to_message(past.provider.as_deref().unwrap_or_default(), api);
    // Reasoning alone is no message: every provider refuses an answer without content.
    if said.parts.iter().all(|part| matches!(part, Part::Reasoning { .. })) {
        return;
    }
    lane.messages.push(said);
    for call in answer.tool_calls {
        declare(&call.name, &mut lane.tools);
        let result = Part::ToolResult {
            call_id: call.id.unwrap_or_default(),
            name: call.name,
            content: NOT_EXECUTED.to_owned(),
            is_error: true,
        };
        lane.messages.push(Message { role: Role::Tool, parts: vec![result] });
    }
}

/// A call with an id, ours where the provider gave none.
fn named(answer: &PastAnswer, index: usize, call: &ToolCall) -> ToolCall {
    let id = call.id.clone().unwrap_or_else(|| format!("call_{}_{index}", answer.id));
    ToolCall { id: Some(id), ..call.clone() }
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
