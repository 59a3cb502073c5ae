//! `usageMetadata` comes on many chunks, cumulative, sometimes with fields missing (PROTOCOLS, section 4).

use roundtable_domain::{StreamEvent, WireApi, usage};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// The usage object so far.
#[derive(Debug, Default)]
pub(super) struct UsageSoFar {
    fields: Map<String, Value>,
    /// The piece that was read last, as it came: most chunks repeat it.
    last: String,
}

impl UsageSoFar {
    /// Overwrites field by field; null says nothing and overwrites nothing.
    pub(super) fn merge(&mut self, provider: &str, piece: &RawValue, out: &mut Vec<StreamEvent>) {
        if piece.get() == self.last {
            return;
        }
        let Ok(Value::Object(fields)) = serde_json::from_str(piece.get()) else { return };
        self.last.clear();
        self.last.push_str(piece.get());
        self.fields.extend(fields.into_iter().filter(|(_, value)| !value.is_null()));
        if self.fields.is_empty() {
            return;
        }
        let raw = Value::Object(self.fields.clone());
        let tokens = usage::read(WireApi::Gemini, provider, &raw).tokens;
        out.push(StreamEvent::Usage { tokens, raw });
    }
}
