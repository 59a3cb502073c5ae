//! The JSON of an event, and of the response object that some of them hold.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::lenient::{Index, Text};

/// One event of a stream. Deltas are read without copying what surrounds them.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Event<'a> {
    #[serde(borrow, rename = "type")]
    pub kind: Text<'a>,
    pub output_index: Index,
    #[serde(borrow)]
    pub delta: Text<'a>,
    #[serde(borrow)]
    pub item: Option<&'a RawValue>,
    #[serde(borrow)]
    pub response: Option<&'a RawValue>,
}

/// A whole response: the body of a reply that is no stream, or what an event carries.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Response {
    pub id: Option<String>,
    pub model: Option<String>,
    pub status: Option<String>,
    pub output: Option<Vec<Value>>,
    pub usage: Option<Value>,
    pub error: Option<Value>,
    pub service_tier: Option<Value>,
    pub incomplete_details: Option<Value>,
}

impl Response {
    /// The status, with the reason of an incomplete one: `incomplete:max_output_tokens`.
    pub fn finish_reason(&self) -> Option<String> {
        let status = self.status.as_deref()?;
        let reason = self.incomplete_details.as_ref().and_then(|details| details.get("reason")?.as_str());
        Some(reason.map_or_else(|| status.to_owned(), |reason| format!("{status}:{reason}")))
    }
}
