//! Reading a prompt: what kind of work it is and how hard, without a model, in microseconds.
//!
//! Two witnesses are heard. Words: a table of several languages (`reading/words.rs`), looked up in one pass over the
//! beginning and the end of the text, where instructions stand, with what lies in code fences left out. Structure
//! (`reading/structure.rs`): fences, lines that look like programs, lists, questions. Long prompts are read at both ends
//! only, so the work is bounded.

mod structure;
mod words;

use serde::{Deserialize, Serialize};

use super::language::{Language, detect_language};
use super::task::{AttachmentKind, Complexity, TaskKind};
use structure::Structure;
use words::{Found, Meaning};
pub(super) use words::{begins_word, ends_word};

/// From so many tokens the window decides who can answer, whatever the prompt is about.
pub const LONG_CONTEXT_TOKENS: u64 = 32_000;

/// How much of the beginning and of the end is read, in bytes.
const HEAD_BYTES: usize = 3_000;
const TAIL_BYTES: usize = 1_500;

/// Fewer points than these and it is a conversation.
const LEAST_POINTS: u32 = 4;

/// What a prompt was read as. Holds nothing of its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptReading {
    /// The kind of work.
    pub task: TaskKind,
    /// How clearly it is that and nothing else, in percent.
    pub confidence_percent: u8,
    /// How much it asks of a model.
    pub complexity: Complexity,
    /// The language it is written in; `None`: nothing tells.
    pub language: Option<Language>,
}

/// Reads the latest message of a prompt. `tokens` counts the whole prompt with its history, `attachments` what comes with it.
pub fn read_prompt(text: &str, tokens: u64, attachments: &[AttachmentKind]) -> PromptReading {
    let sample = structure::sample(text, HEAD_BYTES, TAIL_BYTES);
    let structure = Structure::of(&sample);
    let lower = structure.prose.to_lowercase();
    let found = words::look_up(&lower);
    let (task, confidence_percent) = read_task(&found, &structure, tokens, attachments);
    PromptReading {
        task,
        confidence_percent,
        complexity: read_complexity(&found, &structure, text.len(), task),
        language: detect_language(&lower),
    }
}

fn read_task(
    found: &Found,
    structure: &Structure,
    tokens: u64,
    attachments: &[AttachmentKind],
) -> (TaskKind, u8) {
    if attachments.iter().any(|kind| !matches!(kind, AttachmentKind::Text)) {
        return (TaskKind::Multimodal, 100);
    }
    if tokens >= LONG_CONTEXT_TOKENS {
        return (TaskKind::LongContext, 100);
    }
    // In the order in which equals are decided.
    let points = [
        (TaskKind::Code, found.points(Meaning::Code).saturating_add(structure.code_points())),
        (TaskKind::Translation, found.points(Meaning::Translation)),
        (TaskKind::Analysis, found.points(Meaning::Analysis)),
        (TaskKind::Creative, found.points(Meaning::Creative)),
    ];
    let sum: u32 = points.iter().map(|(_, points)| points).sum();
    let best = points.into_iter().rev().max_by_key(|&(_, points)| points);
    match best {
        Some((task, points)) if points >= LEAST_POINTS => (task, percent(points, sum)),
        _ => (
            TaskKind::Conversation,
            percent(LEAST_POINTS.saturating_sub(sum.min(LEAST_POINTS)), LEAST_POINTS),
        ),
    }
}

/// Points for what makes work hard; from 4 it is moderate, from 10 complex.
fn read_complexity(found: &Found, structure: &Structure, bytes: usize, task: TaskKind) -> Complexity {
    let length = match bytes {
        0..=160 => 0,
        161..=500 => 2,
        501..=1_500 => 4,
        _ => 6,
    };
    let kind = match task {
        TaskKind::Code | TaskKind::Analysis => 2,
        TaskKind::LongContext | TaskKind::Multimodal => 3,
        TaskKind::Creative | TaskKind::Translation | TaskKind::Conversation => 0,
    };
    let points = length
        + kind
        + found.points(Meaning::Hard)
        + found.points(Meaning::Condition).min(4)
        + structure.list_items.min(6)
        + structure.questions.saturating_sub(1).min(3)
        + if structure.fences > 0 { 2 } else { 0 }
        + if structure.code_lines > 15 { 2 } else { 0 };
    match points.saturating_sub(found.points(Meaning::Easy)) {
        0..=3 => Complexity::Simple,
        4..=9 => Complexity::Moderate,
        _ => Complexity::Complex,
    }
}

fn percent(part: u32, whole: u32) -> u8 {
    part.saturating_mul(100).checked_div(whole).and_then(|percent| u8::try_from(percent).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests;
