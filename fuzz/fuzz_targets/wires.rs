//! Any bytes as the reply of any wire, streamed or whole, at any split: no panic, and the same answer.
#![no_main]

use libfuzzer_sys::fuzz_target;
use roundtable_domain::{Answer, WireApi};
use roundtable_providers::wire_for;

const APIS: [WireApi; 6] = [
    WireApi::OpenaiChat,
    WireApi::OpenaiResponses,
    WireApi::OpenaiCompletions,
    WireApi::AnthropicMessages,
    WireApi::Gemini,
    WireApi::Ollama,
];

fn answer(api: WireApi, streaming: bool, pieces: &[&[u8]]) -> Option<Answer> {
    let (mut decoder, mut events, mut answer) =
        (wire_for(api)?.decoder("fuzz", streaming), Vec::new(), Answer::default());
    for piece in pieces {
        decoder.push(piece, &mut events);
    }
    decoder.finish(&mut events);
    events.into_iter().for_each(|event| answer.apply(event));
    Some(answer)
}

fuzz_target!(|bytes: &[u8]| {
    let [how, cut, bytes @ ..] = bytes else { return };
    let api = APIS[usize::from(how >> 1) % APIS.len()];
    let (before, after) = bytes.split_at(usize::from(*cut) % (bytes.len() + 1));
    let streaming = how & 1 == 1;
    assert_eq!(answer(api, streaming, &[bytes]), answer(api, streaming, &[before, after]));
});
