//! A conversation as one text.
//!
//! A single message of the user is the text itself: the model goes on with it. Anything more becomes a transcript, one block
//! to a message with a blank line between, instructions first and without a label, and the model's turn is left open:
//!
//! ```text
//! Be kind.
//!
//! User: Hello
//!
//! Assistant: Hi!
//!
//! User: How are you?
//!
//! Assistant:
//! ```
//!
//! A model goes on writing the user's part as well, so [`STOP`] is added to the request's stop sequences.

use roundtable_domain::{Message, Part, Role};
use serde_json::Value;

use crate::blob::{as_text, audio_format};
use crate::draft::Draft;
use crate::wire::Omission;

/// Where the model would begin to write the user's part.
pub(super) const STOP: &str = "\n\nUser:";

const USER: &str = "User:";
const ASSISTANT: &str = "Assistant:";

/// The text, and whether it is a transcript; notes what is left out. `None` when nothing is left to say.
pub(super) fn text(draft: &mut Draft, messages: &[Message]) -> Option<(String, bool)> {
    let blocks: Vec<(Role, String)> = messages
        .iter()
        .map(|message| (message.role, block(draft, message)))
        .filter(|(_, text)| !text.is_empty())
        .collect();
    match blocks.as_slice() {
        [] => None,
        [(Role::User, text)] => Some((text.clone(), false)),
        blocks => {
            if blocks.iter().any(|(role, _)| *role == Role::System) {
                draft.omit(Omission::SystemMessage);
            }
            let (instructions, rest): (Vec<_>, Vec<_>) =
                blocks.iter().partition(|(role, _)| *role == Role::System);
            let labelled = |(role, text): &&(Role, String)| match role {
                Role::System => text.clone(),
                Role::Assistant => format!("{ASSISTANT} {text}"),
                Role::User | Role::Tool => format!("{USER} {text}"),
            };
            let lines: Vec<String> = instructions.iter().chain(&rest).map(labelled).collect();
            Some((format!("{}\n\n{ASSISTANT}", lines.join("\n\n")), true))
        }
    }
}

/// What of a message is text.
fn block(draft: &mut Draft, message: &Message) -> String {
    let mut texts = Vec::new();
    for part in &message.parts {
        match part {
            Part::Text { text } | Part::Refusal { text } => texts.push(text.clone()),
            Part::File { blob } => match as_text(blob).filter(|_| audio_format(&blob.media_type).is_none()) {
                Some(text) => texts.push(text),
                None => draft.omit(Omission::Files(blob.media_type.clone())),
            },
            Part::Image { .. } => draft.omit(Omission::Images),
            Part::ImageUrl { .. } => draft.omit(Omission::ImageUrls),
            Part::ToolCall { .. } | Part::ToolResult { .. } => draft.omit(Omission::Tools),
            // Open reasoning is no part of a conversation; what was sealed for another provider is worth a word.
            Part::Reasoning { opaque: None, .. } => {}
            Part::Reasoning { .. } => draft.omit(Omission::Reasoning),
            Part::Other { .. } => draft.omit(Omission::OtherItems),
        }
    }
    texts.retain(|text| !text.is_empty());
    texts.join("\n\n")
}

/// The messages of a body: those of a transcript in the form above, else the whole text as the user's.
pub(super) fn messages(body: &Value) -> Result<Vec<Message>, String> {
    if body.get("suffix").is_some_and(|suffix| !suffix.is_null()) {
        return Err("a text to go in between (\"suffix\") is no conversation".to_owned());
    }
    let prompt = match body.get("prompt") {
        Some(Value::Array(prompts)) if prompts.len() == 1 => prompts.first(),
        prompt => prompt,
    };
    let prompt = prompt.and_then(Value::as_str).ok_or("the prompt is not one text")?;
    let transcript = prompt.strip_suffix(ASSISTANT).and_then(|text| text.strip_suffix("\n\n"));
    Ok(match transcript {
        Some(text) => transcribed(text),
        None => vec![Message::text(Role::User, prompt)],
    })
}

/// The messages of a transcript. A block without a label goes on with the message before it.
fn transcribed(text: &str) -> Vec<Message> {
    let mut messages: Vec<(Role, String)> = Vec::new();
    for block in text.split("\n\n") {
        let labelled = [(USER, Role::User), (ASSISTANT, Role::Assistant)]
            .iter()
            .find_map(|(label, role)| Some((*role, block.strip_prefix(label)?.strip_prefix(' ')?)));
        match (labelled, messages.last_mut()) {
            (Some((role, text)), _) => messages.push((role, text.to_owned())),
            (None, Some((_, last))) => {
                last.push_str("\n\n");
                last.push_str(block);
            }
            (None, None) => messages.push((Role::System, block.to_owned())),
        }
    }
    messages.into_iter().map(|(role, text)| Message::text(role, text)).collect()
}
