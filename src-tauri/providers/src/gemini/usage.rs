//! `usageMetadata` comes on many chunks, cumulative, sometimes with fields missing (PROTOCOLS, section 4).

use std::fmt;

use roundtable_domain::{StreamEvent, WireApi, usage};
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::part::Key;

/// What grows with every chunk of visible text. It is held back until something else changes or the answer ends: the text
/// itself says how far it is, and reading all counts again would cost more than the rest of the chunk.
const GROWING: [&str; 3] = ["candidatesTokenCount", "candidatesTokensDetails", "totalTokenCount"];

/// The usage object so far.
#[derive(Debug, Default)]
pub(super) struct UsageSoFar {
    fields: Map<String, Value>,
    /// The fields as they came: most chunks repeat most of them, and what is repeated is not parsed again.
    texts: Vec<(String, String)>,
    held_back: bool,
}

impl UsageSoFar {
    /// Overwrites field by field; null says nothing and overwrites nothing.
    pub(super) fn merge(&mut self, provider: &str, piece: &RawValue, out: &mut Vec<StreamEvent>) {
        let mut deserializer = serde_json::Deserializer::from_str(piece.get());
        let tells = deserializer.deserialize_map(Fields(self));
        // What is no object is passed over: usage is not worth an answer.
        if tells.unwrap_or(false) {
            self.give_out(provider, out);
        }
    }

    /// Gives out what was held back.
    pub(super) fn flush(&mut self, provider: &str, out: &mut Vec<StreamEvent>) {
        if self.held_back {
            self.give_out(provider, out);
        }
    }

    fn give_out(&mut self, provider: &str, out: &mut Vec<StreamEvent>) {
        self.held_back = false;
        let raw = Value::Object(self.fields.clone());
        let tokens = usage::read(WireApi::Gemini, provider, &raw).tokens;
        out.push(StreamEvent::Usage { tokens, raw });
    }

    /// Takes one field; whether it is to be given out at once.
    fn take(&mut self, key: &str, value: &RawValue) -> bool {
        let text = value.get();
        match self.texts.iter_mut().find(|(known, _)| known == key) {
            Some((_, known)) if known == text => return false,
            Some((_, known)) => {
                known.clear();
                known.push_str(text);
            }
            None => self.texts.push((key.to_owned(), text.to_owned())),
        }
        let Ok(value) = serde_json::from_str::<Value>(text) else { return false };
        if value.is_null() {
            return false;
        }
        let is_growth = GROWING.contains(&key) && self.fields.contains_key(key);
        self.held_back |= is_growth;
        self.fields.insert(key.to_owned(), value);
        !is_growth
    }
}

struct Fields<'u>(&'u mut UsageSoFar);

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = bool;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a usage object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let mut tells = false;
        while let Some(Key(key)) = map.next_key()? {
            tells |= self.0.take(&key, map.next_value()?);
        }
        Ok(tells)
    }
}
