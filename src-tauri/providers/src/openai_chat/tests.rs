//! The accumulator rules of PROTOCOLS, sections 1 and 6, each on the smallest reply that needs it.

mod carried;
mod decoding;
mod reading;
mod requests;

use roundtable_domain::{Answer, StreamEvent};

use super::*;

/// The events of a reply fed in these pieces.
fn decode<'a>(streaming: bool, pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<StreamEvent> {
    let mut decoder = OpenaiChat.decoder("test", streaming);
    let mut events = Vec::new();
    for piece in pieces {
        decoder.push(piece, &mut events);
    }
    decoder.finish(&mut events);
    events
}

/// The answer of a reply; every split of it gives the same events.
fn answer(body: &str) -> Answer {
    let whole = decode(true, [body.as_bytes()]);
    for cut in 0..=body.len() {
        let (before, after) = body.as_bytes().split_at(cut);
        assert_eq!(decode(true, [before, after]), whole, "cut at byte {cut}");
    }
    let mut answer = Answer::default();
    for event in whole {
        answer.apply(event);
    }
    answer
}

/// A stream of these data payloads.
fn stream(payloads: &[&str]) -> String {
    payloads.iter().flat_map(|payload| ["data: ", payload, "\n\n"]).collect()
}

/// A chunk with this delta.
fn delta(delta: &str) -> String {
    format!(r#"{{"id":"r1","model":"m1","choices":[{{"index":0,"delta":{delta},"finish_reason":null}}]}}"#)
}

/// The answer of chunks with these deltas, a finish and [DONE].
fn finished(deltas: &[&str]) -> Answer {
    let chunks: Vec<String> = deltas.iter().map(|text| delta(text)).collect();
    let mut payloads: Vec<&str> = chunks.iter().map(String::as_str).collect();
    payloads.push(r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#);
    payloads.push("[DONE]");
    answer(&stream(&payloads))
}

#[test]
fn the_tier_a_request_was_served_in_is_told_when_it_has_prices_of_its_own() {
    let of = |tier: &str| {
        let chunk = format!(
            r#"{{"id":"r1","model":"m1","service_tier":{tier},"choices":[{{"index":0,"delta":{{"content":"x"}}}}]}}"#
        );
        answer(&stream(&[
            &chunk,
            &chunk,
            r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
            "[DONE]",
        ]))
        .service_tier
    };
    assert_eq!(of("\"flex\"").as_deref(), Some("flex"));
    assert_eq!(of("\"priority\"").as_deref(), Some("priority"));
    for usual in ["\"default\"", "\"auto\"", "\"on_demand\"", "null", "7"] {
        assert_eq!(of(usual), None, "{usual}");
    }
}
