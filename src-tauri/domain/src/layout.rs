//! The order of things inside one answer.
//!
//! An [`Answer`](crate::Answer) keeps its text, its reasoning and its calls apart, because that is how they are shown. Some
//! providers interleave them (thinking, a call, more thinking, another call), sign some of it, and refuse an answer that comes
//! back in another order. A [`Layout`] remembers that order in a few numbers, with the sealed pieces in their places.

use serde::ser::{SerializeSeq as _, SerializeStruct as _};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::endpoint::WireApi;

/// What a sealed piece belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seals {
    /// The reasoning that was shown just before it, if any.
    Reasoning,
    /// The text just before it.
    Text,
    /// A tool call, by its position in the answer.
    ToolCall(usize),
    /// Nothing else: it stays where it came.
    Nothing,
    /// Nothing else, and it is no reasoning either: an item only this wire knows, such as a search on the provider's servers.
    Item(WireApi),
}

/// One stretch of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Piece {
    /// So many bytes of the visible text.
    Text(usize),
    /// So many bytes of the reasoning.
    Reasoning(usize),
    /// So many bytes of the refusal.
    Refusal(usize),
    /// The call at this position.
    Call(usize),
    /// A piece kept verbatim.
    Sealed { of: Seals, content: Value },
}

/// A piece and the provider's number of the item it is part of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Placed {
    #[serde(default, skip_serializing_if = "is_first")]
    item: u32,
    #[serde(flatten)]
    piece: Piece,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form serde asks for")]
const fn is_first(item: &u32) -> bool {
    *item == 0
}

/// In which order an answer came. The pieces stand in order of arrival; their items' numbers say what belongs before what.
///
/// As JSON it is `{"order": [...]}`, or `[]` for an answer that needs none: reasoning, text, refusal, calls. A list of values is
/// how sealed pieces were kept before their order was: they stand in front.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(from = "Kept")]
pub struct Layout {
    pieces: Vec<Placed>,
    item: u32,
}

/// The forms in which a layout is found.
#[derive(Deserialize)]
#[serde(untagged)]
enum Kept {
    Ordered { order: Vec<Placed> },
    Values(Vec<Value>),
}

impl From<Kept> for Layout {
    fn from(kept: Kept) -> Self {
        let of = |content: &Value| match content.get("toolCall").and_then(Value::as_u64).map(usize::try_from)
        {
            Some(Ok(call)) => Seals::ToolCall(call),
            _ => Seals::Reasoning,
        };
        let sealed = |content: Value| Placed { item: 0, piece: Piece::Sealed { of: of(&content), content } };
        let pieces = match kept {
            Kept::Ordered { order } => order,
            Kept::Values(values) => values.into_iter().map(sealed).collect(),
        };
        Self { pieces, item: 0 }
    }
}

impl Serialize for Layout {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_plain() {
            return serializer.serialize_seq(Some(0))?.end();
        }
        let mut whole = serializer.serialize_struct("Layout", 1)?;
        whole.serialize_field("order", &self.pieces)?;
        whole.end()
    }
}

/// A stretch of an answer with what it holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Stretch<'a> {
    Text(&'a str),
    Reasoning(&'a str),
    Refusal(&'a str),
    Call(usize),
    Sealed(Seals, &'a Value),
}

impl Stretch<'_> {
    /// Whether it is reasoning, which leads nowhere when nothing follows it.
    pub(crate) const fn is_reasoning(&self) -> bool {
        matches!(self, Self::Reasoning(_) | Self::Sealed(Seals::Reasoning, _))
    }
}

/// What a layout puts in order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Said<'a> {
    pub(crate) text: &'a str,
    pub(crate) reasoning: &'a str,
    pub(crate) refusal: &'a str,
    pub(crate) calls: usize,
}

impl Layout {
    /// The sealed pieces, verbatim, in order of arrival.
    pub fn sealed(&self) -> impl Iterator<Item = &Value> {
        self.pieces.iter().filter_map(|placed| match &placed.piece {
            Piece::Sealed { content, .. } => Some(content),
            _ => None,
        })
    }

    /// Keeps a piece in its place.
    pub fn push_sealed(&mut self, of: Seals, content: Value) {
        self.push(Piece::Sealed { of, content });
    }

    pub(crate) fn begin_item(&mut self, item: u32) {
        self.item = item;
    }

    pub(crate) fn push_text(&mut self, bytes: usize) {
        self.extend(Piece::Text(bytes));
    }

    pub(crate) fn push_reasoning(&mut self, bytes: usize) {
        self.extend(Piece::Reasoning(bytes));
    }

    pub(crate) fn push_refusal(&mut self, bytes: usize) {
        self.extend(Piece::Refusal(bytes));
    }

    pub(crate) fn push_call(&mut self, index: usize) {
        self.push(Piece::Call(index));
    }

    /// Takes a stretch in that may go on from the last one.
    fn extend(&mut self, more: Piece) {
        if let Some(Placed { item, piece }) = self.pieces.last_mut()
            && *item == self.item
        {
            match (piece, &more) {
                (Piece::Text(bytes), Piece::Text(more))
                | (Piece::Reasoning(bytes), Piece::Reasoning(more))
                | (Piece::Refusal(bytes), Piece::Refusal(more)) => {
                    *bytes = bytes.saturating_add(*more);
                    return;
                }
                _ => {}
            }
        }
        if !matches!(more, Piece::Text(0) | Piece::Reasoning(0) | Piece::Refusal(0)) {
            self.push(more);
        }
    }

    fn push(&mut self, piece: Piece) {
        self.pieces.push(Placed { item: self.item, piece });
    }

    /// Whether the order says nothing that is not so anyway.
    fn is_plain(&self) -> bool {
        let rank = |placed: &Placed| match placed.piece {
            Piece::Reasoning(_) => Some((0, 0)),
            Piece::Text(_) => Some((1, 0)),
            Piece::Refusal(_) => Some((2, 0)),
            Piece::Call(index) => Some((3, index)),
            Piece::Sealed { .. } => None,
        };
        let one_item = self.pieces.windows(2).all(|pair| matches!(pair, [a, b] if a.item == b.item));
        one_item
            && self.pieces.iter().all(|placed| rank(placed).is_some())
            && self.pieces.is_sorted_by_key(rank)
    }

    /// The answer as it came. Where the record does not fit what is said (a text that was cut, a row from before there was a
    /// record), as [`Self::by_kind`].
    pub(crate) fn as_it_came<'a>(&'a self, said: Said<'a>) -> Vec<Stretch<'a>> {
        self.in_order(said).unwrap_or_else(|| self.by_kind(said))
    }

    fn in_order<'a>(&'a self, said: Said<'a>) -> Option<Vec<Stretch<'a>>> {
        let Said { mut text, mut reasoning, mut refusal, calls } = said;
        let mut placed = Vec::with_capacity(self.pieces.len());
        let mut called = vec![false; calls];
        for Placed { item, piece } in &self.pieces {
            let stretch = match piece {
                Piece::Text(bytes) => Stretch::Text(take(&mut text, *bytes)?),
                Piece::Reasoning(bytes) => Stretch::Reasoning(take(&mut reasoning, *bytes)?),
                Piece::Refusal(bytes) => Stretch::Refusal(take(&mut refusal, *bytes)?),
                Piece::Call(index) => {
                    let first = !std::mem::replace(called.get_mut(*index)?, true);
                    first.then_some(Stretch::Call(*index))?
                }
                Piece::Sealed { of, content } => Stretch::Sealed(*of, content),
            };
            placed.push((*item, stretch));
        }
        let is_whole =
            [text, reasoning, refusal].iter().all(|rest| rest.is_empty()) && !called.contains(&false);
        placed.sort_by_key(|(item, _)| *item);
        is_whole.then(|| placed.into_iter().map(|(_, stretch)| stretch).collect())
    }

    /// The answer as wires take it that have one field for each kind of thing: reasoning with what seals it, then words, calls.
    pub(crate) fn by_kind<'a>(&'a self, said: Said<'a>) -> Vec<Stretch<'a>> {
        let mut stretches = Vec::with_capacity(self.pieces.len() + 3);
        stretches.push(Stretch::Reasoning(said.reasoning));
        stretches.extend(self.pieces.iter().filter_map(|placed| match &placed.piece {
            Piece::Sealed { of, content } => Some(Stretch::Sealed(*of, content)),
            _ => None,
        }));
        stretches.extend([Stretch::Text(said.text), Stretch::Refusal(said.refusal)]);
        stretches.extend((0..said.calls).map(Stretch::Call));
        stretches
            .retain(|one| !matches!(one, Stretch::Text("") | Stretch::Reasoning("") | Stretch::Refusal("")));
        stretches
    }

    /// A provider's signature of a call.
    pub(crate) fn signature_of(&self, call: usize) -> Option<&str> {
        self.pieces.iter().rev().find_map(|placed| match &placed.piece {
            Piece::Sealed { of: Seals::ToolCall(index), content } if *index == call => {
                content.get("thoughtSignature")?.as_str()
            }
            _ => None,
        })
    }
}

/// The next so many bytes; `None` when they are not there, or end inside a character.
fn take<'a>(rest: &mut &'a str, bytes: usize) -> Option<&'a str> {
    let (taken, left) = rest.split_at_checked(bytes)?;
    *rest = left;
    Some(taken)
}

#[cfg(test)]
mod tests;
