//! Helpers over a history: the last of it, what is of one kind, how long it is, and how it is made to fit.
//!
//! Pure functions of the messages and a counter. An *exchange* is a message of the user and everything up to the next one;
//! a tool's result belongs to the exchange of its call, however late it comes.

use std::borrow::Borrow;
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

/// Which messages stay so that a history fits, as far as that goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fit {
    /// One for each message: whether it stays.
    pub stays: Vec<bool>,
    /// How many messages do not.
    pub left_out: usize,
    /// The count of what stays.
    pub total: u64,
    /// Whether that is within the limit. `false`: what has to stay is over it by itself, and all else is left out.
    pub fits: bool,
}

/// Leaves out whole exchanges, the oldest first and no more than needed, until the rest counts at most `limit`.
///
/// System messages stay, wherever they stand, and so does the last exchange: the prompt and what follows it. A call of a tool and
/// its result stay or go together.
pub fn plan_fit<M: Borrow<Message>>(messages: &[M], limit: u64, counter: impl Fn(&Message) -> u64) -> Fit {
    let exchanges = exchanges(messages);
    let sizes: Vec<u128> = messages.iter().map(|message| u128::from(counter(message.borrow()))).collect();
    // Wider than the counter's numbers: a sum that was cut off would look small once something is taken away from it.
    let mut total: u128 = sizes.iter().sum();
    let newest = exchanges.iter().flatten().copied().max().unwrap_or(0);
    let mut oldest_kept = 0;
    while total > u128::from(limit) && oldest_kept < newest {
        let leaving = exchanges.iter().zip(&sizes).filter(|(one, _)| **one == Some(oldest_kept));
        total -= leaving.map(|(_, size)| size).sum::<u128>();
        oldest_kept += 1;
    }
    let stays: Vec<bool> =
        exchanges.iter().map(|exchange| exchange.is_none_or(|exchange| exchange >= oldest_kept)).collect();
    Fit {
        left_out: stays.iter().filter(|stays| !**stays).count(),
        total: u64::try_from(total).unwrap_or(u64::MAX),
        fits: total <= u128::from(limit),
        stays,
    }
}

/// The messages that stay by [`plan_fit`], in order, and what it found.
pub fn trim(messages: Vec<Message>, limit: u64, counter: impl Fn(&Message) -> u64) -> (Vec<Message>, Fit) {
    let fit = plan_fit(&messages, limit, counter);
    let kept = messages.into_iter().zip(&fit.stays).filter(|(_, stays)| **stays);
    (kept.map(|(message, _)| message).collect(), fit)
}

/// The exchange each message belongs to, counted from 0 without gaps; `None` for system messages.
fn exchanges<M: Borrow<Message>>(messages: &[M]) -> Vec<Option<usize>> {
    let mut found: Vec<Option<usize>> = Vec::with_capacity(messages.len());
    let mut calls: HashMap<&str, usize> = HashMap::new();
    // Where the current exchange is; a user's message begins the next, unless nothing stands in this one yet.
    let mut current = 0;
    let mut is_empty = true;
    for message in messages.iter().map(Borrow::borrow) {
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
