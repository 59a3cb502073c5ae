//! What one chunk of a stream costs the processor: its bytes decoded, its text appended to the answer. The streams are the
//! emulator's own, cut into one chunk per read, as they arrive from a model that writes a token at a time.

use std::time::Duration;

use roundtable_domain::{Answer, AnswerEnd, WireApi};
use roundtable_providers::{Wire, wire_for};
use serde::de::IgnoredAny;

use crate::clock::thread_cpu;
use crate::figures::{aim, line, micros};
use crate::peer::{FLOOD_TOKENS, Peer, numbered, request};

const APIS: [WireApi; 6] = [
    WireApi::OpenaiChat,
    WireApi::OpenaiResponses,
    WireApi::OpenaiCompletions,
    WireApi::AnthropicMessages,
    WireApi::Gemini,
    WireApi::Ollama,
];

/// How often a stream is decoded; the median counts.
const ROUNDS: usize = 41;

pub(crate) fn run(peer: &Peer) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let length = numbered(FLOOD_TOKENS).len();
    for api in APIS {
        let wire = wire_for(api).unwrap();
        let chunks = runtime.block_on(recorded(peer, api));
        let decoded = per_chunk(&chunks, || decode(wire, &chunks, length));
        let scanned = per_chunk(&chunks, || scan(&chunks));
        let joined = [chunks.concat()];
        let at_once = per_chunk(&chunks, || decode(wire, &joined, length));
        let bytes = chunks.concat().len() / chunks.len();
        let figures = format!(
            "{decoded:>6.2} us   x{:.2} of skipping the JSON   {at_once:.2} us in one read   {bytes} bytes {}",
            decoded / scanned,
            aim(decoded <= 2.0, "2 us")
        );
        line(api.as_str(), &figures);
    }
}

/// The median of several rounds, in microseconds of processor time.
fn per_chunk(chunks: &[Vec<u8>], work: impl Fn()) -> f64 {
    let mut rounds: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let before = thread_cpu();
            work();
            thread_cpu().saturating_sub(before)
        })
        .collect();
    rounds.sort_unstable();
    micros(rounds[ROUNDS / 2]) / chunks.len() as f64
}

fn decode(wire: &dyn Wire, reads: &[Vec<u8>], length: usize) {
    let mut decoder = wire.decoder("bench", true);
    let (mut answer, mut events) = (Answer::default(), Vec::new());
    for bytes in reads {
        decoder.push(bytes, &mut events);
        for event in events.drain(..) {
            answer.apply(event);
        }
    }
    decoder.finish(&mut events);
    for event in events {
        answer.apply(event);
    }
    assert_eq!((answer.end(), answer.text.len()), (AnswerEnd::Complete, length));
}

/// The least any decoder has to do: find the JSON in each chunk and check that it is JSON.
fn scan(chunks: &[Vec<u8>]) {
    for chunk in chunks {
        let from = chunk.iter().position(|byte| *byte == b'{');
        let until = chunk.iter().rposition(|byte| *byte == b'}');
        if let Some(json) = from.zip(until).and_then(|(from, until)| chunk.get(from..=until)) {
            assert!(serde_json::from_slice::<IgnoredAny>(std::hint::black_box(json)).is_ok());
        }
    }
}

async fn recorded(peer: &Peer, api: WireApi) -> Vec<Vec<u8>> {
    let written = wire_for(api).unwrap().chat_request(&peer.endpoint(api), &request("flood", true)).unwrap();
    let response = reqwest::Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .post(written.url)
        .bearer_auth("sk-bench-0123456789")
        .header("content-type", "application/json")
        .header("anthropic-version", "2023-06-01")
        .body(written.body)
        .send()
        .await
        .unwrap();
    assert!(response.status().is_success(), "{api:?}: {}", response.status());
    let bytes = response.bytes().await.unwrap();
    chunks(&bytes, if api == WireApi::Ollama { 1 } else { 2 })
}

/// Cut after each line, or after each empty line.
fn chunks(bytes: &[u8], line_feeds: usize) -> Vec<Vec<u8>> {
    let (mut out, mut chunk, mut seen) = (Vec::new(), Vec::new(), 0);
    for byte in bytes {
        chunk.push(*byte);
        seen = match byte {
            b'\n' => seen + 1,
            b'\r' => seen,
            _ => 0,
        };
        if seen == line_feeds {
            out.push(std::mem::take(&mut chunk));
            seen = 0;
        }
    }
    out.push(chunk);
    out.retain(|chunk| !chunk.is_empty());
    out
}
