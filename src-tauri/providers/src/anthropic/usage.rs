//! Usage that comes in pieces: `message_start` and every `message_delta` hold cumulative counts.

use roundtable_domain::{StreamEvent, WireApi, usage};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// The usage object so far.
#[derive(Debug, Default)]
pub(super) struct UsageSoFar(Map<String, Value>);

impl UsageSoFar {
    /// Overwrites field by field; null says nothing and overwrites nothing.
    pub(super) fn merge(&mut self, provider: &str, piece: &RawValue, out: &mut Vec<StreamEvent>) {
        let Ok(Value::Object(fields)) = serde_json::from_str(piece.get()) else { return };
        self.0.extend(fields.into_iter().filter(|(_, value)| !value.is_null()));
        if self.0.is_empty() {
            return;
        }
        let raw = Value::Object(self.0.clone());
        let tokens = usage::read(WireApi::AnthropicMessages, provider, &raw).tokens;
        out.push(StreamEvent::Usage { tokens, raw });
    }
}
