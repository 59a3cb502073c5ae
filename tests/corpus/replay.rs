//! Feeding a recorded reply to the decoder of its wire: whole, and cut into pieces.

use roundtable_domain::{Answer, StreamEvent};
use roundtable_providers::Wire;

use crate::exchange::Exchange;

/// Bodies up to this length are cut in two at every byte.
const SHORT_BYTES: usize = 1200;

/// Bodies up to this length are fed byte by byte.
const MIDDLE_BYTES: usize = 64 * 1024;

/// The seeds of random cuts: fixed, so that a failure can be seen again.
const SEEDS: [u64; 6] = [1, 2, 3, 0x00C0_FFEE, 0xFEED_F00D, u64::MAX];

/// The answer of a successful reply, and a line for each way of cutting it that gave other events than the whole.
pub fn replay(wire: &dyn Wire, exchange: &Exchange) -> (Answer, Vec<String>) {
    let body = exchange.body.as_bytes();
    let whole = decode(wire, exchange, [body]);
    let mut differing = Vec::new();
    let mut check = |how: String, events: Vec<StreamEvent>| {
        if events != whole {
            differing.push(format!("events differ when {how}"));
        }
    };
    if body.len() <= MIDDLE_BYTES {
        check("fed byte by byte".to_owned(), decode(wire, exchange, body.chunks(1)));
    }
    if body.len() <= SHORT_BYTES {
        for cut in 1..body.len() {
            let (before, after) = body.split_at(cut);
            check(format!("cut at byte {cut}"), decode(wire, exchange, [before, after]));
        }
    }
    for seed in SEEDS {
        check(format!("cut at random, seed {seed}"), decode(wire, exchange, pieces(body, seed)));
    }
    let mut answer = Answer::default();
    for event in whole {
        answer.apply(event);
    }
    (answer, differing)
}

fn decode<'a>(
    wire: &dyn Wire,
    exchange: &Exchange,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Vec<StreamEvent> {
    let mut decoder = wire.decoder(&exchange.provider, exchange.is_streamed());
    let mut events = Vec::new();
    for piece in pieces {
        decoder.push(piece, &mut events);
    }
    decoder.finish(&mut events);
    events
}

/// Pieces of random length; small ones and empty ones are likely.
fn pieces(body: &[u8], seed: u64) -> Vec<&[u8]> {
    let mut state = seed;
    let mut rest = body;
    let mut pieces = Vec::new();
    while !rest.is_empty() {
        // SplitMix64: any generator will do, as long as it is the same on every machine.
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let longest = match mixed >> 62 {
            0 => 2,
            1 => 8,
            2 => 64,
            _ => 1500,
        };
        let length = usize::try_from(mixed % longest).unwrap().min(rest.len());
        let (piece, after) = rest.split_at(length);
        pieces.push(piece);
        rest = after;
    }
    pieces
}
