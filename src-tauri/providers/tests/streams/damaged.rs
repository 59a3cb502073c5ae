//! Bytes that were changed, lost, doubled or cut anywhere: a decoder never fails in any other way than by telling an error, ends
//! exactly once, and says the same however the bytes were split.

use proptest::prelude::*;
use roundtable_domain::{Answer, AnswerEnd, StreamEvent, WireApi};
use roundtable_providers::wire_for;

use super::fixtures::{APIS, PIECE, stream};

/// How bytes are damaged.
#[derive(Clone, Debug)]
enum Damage {
    Change(usize, u8),
    Lose(usize, usize),
    Double(usize, usize),
    Insert(usize, Vec<u8>),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Damage::Change(at, byte)),
        (any::<usize>(), 1usize..80).prop_map(|(at, count)| Damage::Lose(at, count)),
        (any::<usize>(), 1usize..200).prop_map(|(at, count)| Damage::Double(at, count)),
        (any::<usize>(), prop::collection::vec(any::<u8>(), 1..40))
            .prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
        (
            any::<usize>(),
            "(\r\n|\n\n|\r|: ping\n\n|data: \\[DONE\\]\n\n|\\{\\}\n|null|[\\]\\[{}\",:0-9a-z]{1,9})"
        )
            .prop_map(|(at, text)| Damage::Insert(at, text.into_bytes())),
    ]
}

fn damaged(mut bytes: Vec<u8>, damages: &[Damage]) -> Vec<u8> {
    for damage in damages {
        let place = |at: usize| at % (bytes.len() + 1);
        let range = |at: usize, count: usize| place(at)..(place(at) + count).min(bytes.len());
        match damage {
            Damage::Change(at, byte) => {
                if let Some(known) =
                    bytes.len().checked_sub(1).and_then(|last| bytes.get_mut(at % (last + 1)))
                {
                    *known = *byte;
                }
            }
            Damage::Lose(at, count) => drop(bytes.drain(range(*at, *count))),
            Damage::Double(at, count) => {
                let again = bytes[range(*at, *count)].to_vec();
                let at = place(*at);
                bytes.splice(at..at, again);
            }
            Damage::Insert(at, more) => {
                let at = place(*at);
                bytes.splice(at..at, more.iter().copied());
            }
        }
    }
    bytes
}

fn decode<'a>(api: WireApi, streaming: bool, pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<StreamEvent> {
    let (mut decoder, mut events) = (wire_for(api).unwrap().decoder("p", streaming), Vec::new());
    for piece in pieces {
        decoder.push(piece, &mut events);
    }
    decoder.finish(&mut events);
    events
}

/// Pieces of text that follow one another may be joined differently: what they say together counts.
fn answer(events: Vec<StreamEvent>) -> Answer {
    let mut answer = Answer::default();
    for event in events {
        answer.apply(event);
    }
    answer
}

#[test]
fn the_undamaged_streams_are_complete() {
    for api in APIS {
        let answer = answer(decode(api, true, [&stream(api, 3).concat()[..]]));
        assert_eq!((answer.end(), answer.text.as_str()), (AnswerEnd::Complete, &*PIECE.repeat(3)), "{api:?}");
    }
}

proptest! {
    #[test]
    fn damage_is_told_and_says_the_same_at_any_split(
        at in 0..APIS.len(), streaming: bool, pieces in 0usize..6, damages in prop::collection::vec(damage(), 0..6),
        cuts in prop::collection::vec(any::<usize>(), 0..12),
    ) {
        let api = APIS[at];
        let bytes = damaged(stream(api, pieces).concat(), &damages);
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut % (bytes.len() + 1)).chain([0, bytes.len()]).collect();
        cuts.sort_unstable();
        let split: Vec<&[u8]> = cuts.windows(2).map(|ends| &bytes[ends[0]..ends[1]]).collect();
        let whole = decode(api, streaming, [&bytes[..]]);
        prop_assert_eq!(answer(whole), answer(decode(api, streaming, split)));
    }

    #[test]
    fn any_bytes_at_any_split_say_the_same(
        at in 0..APIS.len(), streaming: bool, bytes in prop::collection::vec(any::<u8>(), 0..400), cut in any::<usize>(),
    ) {
        let (before, after) = bytes.split_at(cut % (bytes.len() + 1));
        prop_assert_eq!(
            answer(decode(APIS[at], streaming, [&bytes[..]])), answer(decode(APIS[at], streaming, [before, after]))
        );
    }
}
