//! `GenerateContentResponse`: the whole reply, or one chunk of a stream. Both have the same shape.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer as _, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::part::Part;

/// One chunk. Everything may be missing.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Chunk<'a> {
    #[serde(borrow)]
    pub(super) candidates: Option<Vec<Candidate<'a>>>,
    pub(super) prompt_feedback: Option<PromptFeedback>,
    #[serde(borrow)]
    pub(super) usage_metadata: Option<&'a RawValue>,
    pub(super) model_version: Option<String>,
    pub(super) response_id: Option<String>,
    pub(super) error: Option<IgnoredAny>,
}

impl Chunk<'_> {
    /// Whether it holds anything a whole reply of this API holds.
    pub(super) fn is_reply(&self) -> bool {
        self.error.is_none()
            && (self.candidates.is_some() || self.prompt_feedback.is_some() || self.usage_metadata.is_some())
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Candidate<'a> {
    /// Absent means its place in the list.
    pub(super) index: Option<usize>,
    #[serde(borrow)]
    pub(super) content: Option<Content<'a>>,
    pub(super) finish_reason: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Content<'a> {
    #[serde(borrow)]
    pub(super) parts: Option<Vec<Part<'a>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PromptFeedback {
    pub(super) block_reason: Option<String>,
}

/// Calls `each` for the elements of a JSON array, as far as they came whole: the stream without `alt=sse`, perhaps cut.
/// Fails where something is no JSON at all, which a cut is not.
pub(super) fn for_each_element(body: &[u8], each: impl FnMut(&RawValue)) -> serde_json::Result<()> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    match deserializer.deserialize_seq(Elements(each)) {
        Err(error) if !error.is_eof() => Err(error),
        _ => Ok(()),
    }
}

struct Elements<F>(F);

impl<'de, F: FnMut(&'de RawValue)> Visitor<'de> for Elements<F> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array of chunks")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        while let Some(element) = seq.next_element()? {
            (self.0)(element);
        }
        Ok(())
    }
}
