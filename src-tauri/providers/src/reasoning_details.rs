//! `OpenRouter`'s `reasoning_details`: reasoning in typed pieces, some signed or encrypted, to be replayed (PROTOCOLS,
//! section 6). Others behind gateways send it too.

use roundtable_domain::{Seals, StreamEvent};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// The details of one answer, merged from the pieces of a stream.
#[derive(Debug, Default)]
pub(crate) struct ReasoningDetails {
    details: Vec<Map<String, Value>>,
}

impl ReasoningDetails {
    /// Takes the pieces of one delta in and returns their readable text, if any.
    pub fn take(&mut self, pieces: &[&RawValue]) -> Option<String> {
        let mut readable = String::new();
        for piece in pieces {
            let Ok(Value::Object(piece)) = serde_json::from_str(piece.get()) else { continue };
            for field in ["text", "summary"] {
                readable.push_str(piece.get(field).and_then(Value::as_str).unwrap_or_default());
            }
            self.merge(piece);
        }
        Some(readable).filter(|text| !text.is_empty())
    }

    /// A piece with the same index and type as the last continues it; its texts are appended, its other fields fill gaps.
    fn merge(&mut self, piece: Map<String, Value>) {
        let last = self.details.last_mut().filter(|last| {
            let same = |name: &str| last.get(name) == piece.get(name);
            let other_id = last
                .get("id")
                .zip(piece.get("id"))
                .is_some_and(|(a, b)| a != b && a.is_string() && b.is_string());
            same("index") && same("type") && !other_id
        });
        let Some(last) = last else { return self.details.push(piece) };
        for (name, value) in piece {
            match (last.get_mut(&name), value) {
                (Some(Value::String(text)), Value::String(more))
                    if matches!(name.as_str(), "text" | "summary" | "data") =>
                {
                    text.push_str(&more);
                }
                (Some(Value::Null) | None, value) => {
                    last.insert(name, value);
                }
                _ => {}
            }
        }
    }

    /// The answer is over: hands the details out if any of them has to be replayed verbatim, and then all, in order.
    pub fn finish(&mut self, out: &mut Vec<StreamEvent>) {
        let details = std::mem::take(&mut self.details);
        let sealed = |detail: &Map<String, Value>| {
            ["signature", "data"].iter().any(|name| detail.get(*name).is_some_and(Value::is_string))
        };
        if details.iter().any(sealed) {
            let opaque =
                |detail| StreamEvent::Opaque { of: Seals::Reasoning, content: Value::Object(detail) };
            out.extend(details.into_iter().map(opaque));
        }
    }
}
