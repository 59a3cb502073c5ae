//! Helpers over a history: the last of it, what is of one kind, how long it is, and how it is made to fit.
//!
//! Pure functions of the messages and a counter. An *exchange* is a message of the user and everything up to the next one;
//! a tool's result belongs to the exchange of its call, however late it comes.

use std::collections::HashMap;

use crate::message::{Message, Part, Role};

/// What a part is, without what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PartKind {
    /// [`Part::Text`].
    Text,
    /// [`Part::Image`] and [`Part::ImageUrl`].
    Image,
    /// [`Part::File`].
    File,
    /// [`Part::Reasoning`].
    Reasoning,
    /// [`Part::ToolCall`].
    ToolCall,
    /// [`Part::ToolResult`].
    ToolResult,
    /// [`Part::Refusal`].
    Refusal,
    /// [`Part::Other`].
    Other,
}

impl PartKind {
    /// The kind of a part.
    pub const fn of(part: &Part) -> Self {
        match part {
            Part::Text { .. } => Self::Text,
            Part::Image { .. } | Part::ImageUrl { .. } => Self::Image,
            Part::File { .. } => Self::File,
            Part::Reasoning { .. } => Self::Reasoning,
            Part::ToolCall { .. } => Self::ToolCall,
            Part::ToolResult { .. } => Self::ToolResult,
            Part::Refusal { .. } => Self::Refusal,
            Part::Other { .. } => Self::Other,
        }
    }
}

/// The last `count` messages, or all of them when there are fewer.
pub fn last(messages: &[Message], count: usize) -> &[Message] {
    messages.get(messages.len().saturating_sub(count)..).unwrap_or(messages)
}

/// The messages of one speaker, in order.
pub fn of_role(messages: &[Message], role: Role) -> impl Iterator<Item = &Message> {
    messages.iter().filter(move |message| message.role == role)
}

/// The messages that hold a part of this kind, in order.
pub fn with_part(messages: &[Message], kind: PartKind) -> impl Iterator<Item = &Message> {
    messages.iter().filter(move |message| message.parts.iter().any(|part| PartKind::of(part) == kind))
}

/// The sum of a counter over messages; what does not fit is the largest number.
pub fn count(messages: &[Message], counter: impl Fn(&Message) -> u64) -> u64 {
    messages.iter().map(counter).fold(0, u64::saturating_add)
}

/// A history that was made to fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Trimmed {
    /// What is left, in order.
    pub messages: Vec<Message>,
    /// How many messages were left out.
    pub left_out: usize,
}

/// Leaves out whole exchanges, the oldest first and no more than needed, until the rest counts at most `limit`.
///
/// System messages stay, wherever they stand, and so does the last exchange: the prompt and what follows it. A call of a tool and
/// its result stay or go together. `None` when what has to stay is over the limit by itself.
pub fn trim(messages: Vec<Message>, limit: u64, counter: impl Fn(&Message) -> u64) -> Option<Trimmed> {
    let exchanges = exchanges(&messages);
    let sizes: Vec<u64> = messages.iter().map(&counter).collect();
    let mut total = sizes.iter().copied().fold(0, u64::saturating_add);
    let newest = exchanges.iter().flatten().copied().max();
    let mut oldest_kept = 0;
    while total > limit {
        if newest.is_none_or(|newest| oldest_kept >= newest) {
            return None;
        }
        let of_exchange = exchanges.iter().zip(&sizes).filter(|(one, _)| **one == Some(oldest_kept));
        total = of_exchange.fold(total, |total, (_, size)| total.saturating_sub(*size));
        oldest_kept += 1;
    }
    let before = messages.len();
    let kept: Vec<Message> = messages
        .into_iter()
        .zip(exchanges)
        .filter(|(_, exchange)| exchange.is_none_or(|exchange| exchange >= oldest_kept))
        .map(|(message, _)| message)
        .collect();
    Some(Trimmed { left_out: before - kept.len(), messages: kept })
}

/// The exchange each message belongs to, counted from 0 without gaps; `None` for system messages.
fn exchanges(messages: &[Message]) -> Vec<Option<usize>> {
    let mut found: Vec<Option<usize>> = Vec::with_capacity(messages.len());
    let mut calls: HashMap<&str, usize> = HashMap::new();
    // Where the current exchange is; a user's message begins the next, unless nothing stands in this one yet.
    let mut current = 0;
    let mut is_empty = true;
    for message in messages {
        if message.role == Role::System {
            found.push(None);
            continue;
        }
        if message.role == Role::User && !is_empty {
            current += 1;
        }
        is_empty = false;
        for part in &message.parts {
            if let Part::ToolResult { call_id, .. } = part
                && let Some(&called) = calls.get(call_id.as_str())
                && called < current
            {
                // The exchanges between a call and its late result become one.
                for exchange in found.iter_mut().flatten() {
                    *exchange = (*exchange).min(called);
                }
                for exchange in calls.values_mut() {
                    *exchange = (*exchange).min(called);
                }
                current = called;
            }
            if let Part::ToolCall { id, .. } = part {
                calls.insert(id.as_str(), current);
            }
        }
        found.push(Some(current));
    }
    found
}

#[cfg(test)]
mod tests;
