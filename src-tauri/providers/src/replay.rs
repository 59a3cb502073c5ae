//! For the tests of the wires: feeding replies to a decoder, cut in every way, and looking at requests.

use roundtable_domain::{
    Answer, ChatRequest, Endpoint, Message, Network, Params, Role, StreamEvent, WireApi,
};
use serde_json::Value;

use crate::wire::Wire;

/// The events of a reply. Fails when a cut at any byte gives other events than the whole.
pub(crate) fn events(wire: &dyn Wire, body: &str, streaming: bool) -> Vec<StreamEvent> {
    let body = body.as_bytes();
    let whole = decode(wire, [body], streaming);
    assert_eq!(decode(wire, body.chunks(1), streaming), whole, "byte by byte");
    for cut in 1..body.len() {
        let (before, after) = body.split_at(cut);
        assert_eq!(decode(wire, [before, after], streaming), whole, "cut at byte {cut}");
    }
    whole
}

/// The answer of a reply, with the check of [`events`].
pub(crate) fn answer(wire: &dyn Wire, body: &str, streaming: bool) -> Answer {
    let mut answer = Answer::default();
    for event in events(wire, body, streaming) {
        answer.apply(event);
    }
    answer
}

/// What an answer holds that goes back verbatim.
pub(crate) fn sealed(answer: &Answer) -> Vec<Value> {
    answer.layout.sealed().cloned().collect()
}

/// Feeds anything at all, in pieces, as a stream and as a whole reply. What comes out does not matter, that it ends does.
pub(crate) fn survives(wire: &dyn Wire, pieces: &[Vec<u8>]) {
    for streaming in [true, false] {
        let _ = decode(wire, pieces.iter().map(Vec::as_slice), streaming);
    }
}

fn decode<'a>(
    wire: &dyn Wire,
    pieces: impl IntoIterator<Item = &'a [u8]>,
    streaming: bool,
) -> Vec<StreamEvent> {
    let mut decoder = wire.decoder("test", streaming);
    let mut events = Vec::new();
    for piece in pieces {
        decoder.push(piece, &mut events);
    }
    decoder.finish(&mut events);
    events
}

/// An endpoint of the provider `test`.
pub(crate) fn endpoint(api: WireApi, base_url: &str) -> Endpoint {
    Endpoint {
        provider: "test".to_owned(),
        api,
        dialect: "custom".to_owned(),
        base_url: base_url.parse().unwrap(),
        extra_headers: Vec::new(),
        network: Network::default(),
    }
}

/// A streamed request of one question.
pub(crate) fn question(model: &str) -> ChatRequest {
    ChatRequest {
        model: model.to_owned(),
        messages: vec![Message::text(Role::User, "Why?")],
        params: Params::default(),
        tools: Vec::new(),
        stream: true,
        ..ChatRequest::default()
    }
}

/// The address and body of a request.
pub(crate) fn sent(wire: &dyn Wire, endpoint: &Endpoint, request: &ChatRequest) -> (String, Value) {
    let sent = wire.chat_request(endpoint, request).unwrap();
    (sent.url.to_string(), serde_json::from_slice(&sent.body).unwrap())
}
