//! Any bytes, split where the first byte says: the events are those of the bytes in one piece.
#![no_main]

use libfuzzer_sys::fuzz_target;
use roundtable_providers::framing::SseParser;

fn events(pieces: &[&[u8]]) -> (Vec<(String, Vec<u8>)>, bool) {
    let (mut parser, mut events, mut failed) = (SseParser::default(), Vec::new(), false);
    for piece in pieces {
        failed |=
            parser.push(piece, |event| events.push((event.event.to_owned(), event.data.to_vec()))).is_err();
    }
    parser.finish(|event| events.push((event.event.to_owned(), event.data.to_vec())));
    (events, failed)
}

fuzz_target!(|bytes: &[u8]| {
    let Some((cut, bytes)) = bytes.split_first() else { return };
    let (before, after) = bytes.split_at(usize::from(*cut) % (bytes.len() + 1));
    assert_eq!(events(&[bytes]), events(&[before, after]));
});
