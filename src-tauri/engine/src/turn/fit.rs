//! Making a request fit its model: what the model cannot take is taken out, what is too old is left behind. Pure.

use roundtable_domain::history::{Fit, trim};
use roundtable_domain::{Message, Notice, Params, Part};
use roundtable_ledger::ModelFacts;

use crate::notices::{self, Blind, say};
use crate::tokens::Counting;

/// The room that is left for an answer when nobody says how long it may be, in tokens.
const USUAL_MAX_OUTPUT: u64 = 4_096;

/// How much prompt a model reads: its window without room for an answer, and never more than its own limit for prompts. The room
/// is what the user asks for, else an ordinary answer, else a quarter of a small window.
pub(crate) fn prompt_limit(params: &Params, facts: Option<&ModelFacts>) -> Option<u64> {
    let facts = facts?;
    let window = facts.context_window?;
    let room = params.max_tokens.map_or(USUAL_MAX_OUTPUT, u64::from).min(window / 4);
    Some(facts.max_input.unwrap_or(u64::MAX).min(window - room))
}

/// Leaves out the oldest exchanges of a history that is too long. What has to stay may still be too long: see [`Fit::fits`].
pub(crate) fn shorten(
    messages: Vec<Message>,
    limit: Option<u64>,
    counting: Counting<'_>,
) -> (Vec<Message>, Fit) {
    trim(messages, limit.unwrap_or(u64::MAX), |message| counting.message(message))
}

/// Takes out what the model is known not to take, and leaves a word in its place so that the rest makes sense. What is not known is
/// sent: the provider says.
pub(crate) fn take_out_unreadable(
    messages: &mut [Message],
    facts: Option<&ModelFacts>,
    model: &str,
    notices: &mut Vec<Notice>,
) {
    let Some(can) = facts.map(|facts| facts.capabilities) else { return };
    let kinds = [(can.vision, Blind::Pictures), (can.pdf, Blind::Documents), (can.audio_input, Blind::Sound)];
    for (_, kind) in kinds.into_iter().filter(|(can, _)| *can == Some(false)) {
        let mut count = 0;
        for part in messages.iter_mut().flat_map(|message| &mut message.parts) {
            if let Some(name) = of_kind(part, kind) {
                let text = format!("[Left out: {name}]");
                *part = Part::Text { text };
                count += 1;
            }
        }
        if count > 0 {
            say(notices, notices::blind(kind, count, model));
        }
    }
}

/// The name of a file of this kind.
fn of_kind(part: &Part, kind: Blind) -> Option<&str> {
    match (part, kind) {
        (Part::Image { blob }, Blind::Pictures) => Some(blob.name.as_deref().unwrap_or("a picture")),
        (Part::ImageUrl { url }, Blind::Pictures) => Some(url),
        (Part::File { blob }, Blind::Documents) if blob.media_type == "application/pdf" => {
            Some(blob.name.as_deref().unwrap_or("a PDF file"))
        }
        (Part::File { blob }, Blind::Sound) if blob.media_type.starts_with("audio/") => {
            Some(blob.name.as_deref().unwrap_or("a recording"))
        }
        _ => None,
    }
}
