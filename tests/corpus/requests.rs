//! Recorded requests: their messages read, written anew, and read again.

use std::collections::BTreeSet;

use roundtable_domain::{ChatRequest, Endpoint, Message, Network, Part};
use roundtable_providers::Wire;
use serde_json::Value;

use crate::exchange::Exchange;

/// What became of a recorded request.
pub enum Outcome {
    /// It means the same when written anew.
    Same,
    /// No request was recorded.
    Nothing,
    /// Not all of the conversation is in the body, for this reason.
    Untold(String),
    /// It has changed, and how.
    Differs(String),
}

/// Reads the messages of a recorded request, writes them for the same provider, and compares: the messages read again
/// have to be equal, and no text of the recording may be missing.
pub fn replay(wire: &dyn Wire, exchange: &Exchange) -> Outcome {
    let recorded = &exchange.request;
    if recorded.is_null() {
        return Outcome::Nothing;
    }
    let messages = match wire.messages_from_wire(&exchange.provider, recorded) {
        Ok(messages) => messages.into_iter().filter(says_something).collect::<Vec<_>>(),
        Err(reason) => return Outcome::Untold(reason),
    };
    let endpoint = Endpoint {
        provider: exchange.provider.clone(),
        api: exchange.wire_api(),
        dialect: exchange.provider.clone(),
        base_url: "https://x.example".parse().unwrap(),
        extra_headers: Vec::new(),
        network: Network::default(),
    };
    let model = recorded.get("model").and_then(Value::as_str).unwrap_or("m").to_owned();
    let request = ChatRequest { model, messages: messages.clone(), ..ChatRequest::default() };
    let written = match wire.chat_request(&endpoint, &request) {
        Ok(written) => serde_json::from_slice::<Value>(&written.body).unwrap(),
        Err(error) => return Outcome::Differs(error.message),
    };
    let omissions = wire.omissions(&endpoint, &request);
    if !omissions.is_empty() {
        return Outcome::Differs(format!("left out: {omissions:?}"));
    }
    let again = wire.messages_from_wire(&exchange.provider, &written);
    if again.as_ref() != Ok(&messages) {
        return Outcome::Differs(format!("{again:?}\n    instead of {messages:?}"));
    }
    match texts(recorded).difference(&texts(&written)).next() {
        Some(missing) => Outcome::Differs(format!("missing: {missing}")),
        None => Outcome::Same,
    }
}

/// Some recorded requests have empty instructions, which are not written.
fn says_something(message: &Message) -> bool {
    message.parts != [Part::Text { text: String::new() }]
}

/// The texts of a conversation, wherever they stand in its body.
fn texts(body: &Value) -> BTreeSet<String> {
    let mut texts = BTreeSet::new();
    for name in ["messages", "input", "instructions", "system", "systemInstruction", "contents"] {
        if let Some(part) = body.get(name) {
            collect(part, &mut texts);
        }
    }
    texts
}

fn collect(value: &Value, texts: &mut BTreeSet<String>) {
    /// What names a thing rather than being said.
    const NAMES: [&str; 8] = ["role", "type", "id", "status", "detail", "name", "title", "cache_control"];
    match value {
        Value::String(text) => texts.extend(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
        Value::Object(fields) => {
            let said = fields.iter().filter(|(name, _)| !NAMES.contains(&name.as_str()));
            said.for_each(|(_, value)| collect(value, texts));
        }
        _ => {}
    }
}
