//! What a lane is sent: its own history, then the prompt.

use roundtable_domain::{Message, Part, Role};
use roundtable_store::{LaneTurn, Turn};

/// The messages of a request: instructions, the lane's history, and the new prompt when there is one.
///
/// A turn the lane was not asked in is not part of its history. A turn whose answer failed before anything came is: the
/// question still stands, and the next one may refer to it.
pub(crate) fn messages_of(
    system_prompt: Option<&str>,
    history: &[LaneTurn],
    prompt: Option<Message>,
) -> Vec<Message> {
    let mut messages = Vec::with_capacity(history.len() * 2 + 2);
    messages.extend(
        system_prompt.filter(|text| !text.trim().is_empty()).map(|text| Message::text(Role::System, text)),
    );
    for LaneTurn { turn, answer } in history {
        let Some(answer) = answer else { continue };
        messages.push(user_message(turn));
        if !answer.text.is_empty() {
            messages.push(Message::text(Role::Assistant, answer.text.as_str()));
        }
    }
    messages.extend(prompt);
    messages
}

/// What the user said, with what came along.
pub(crate) fn user_message(turn: &Turn) -> Message {
    let mut parts = turn.parts.clone();
    parts.push(Part::Text { text: turn.text.clone() });
    Message { role: Role::User, parts }
}
