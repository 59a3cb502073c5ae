//! What a stream keeps in memory while it is decoded must not depend on its length, beyond the text itself.

#![expect(unsafe_code, reason = "a counting allocator has to implement the allocator's unsafe trait")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use roundtable_domain::{Answer, AnswerEnd, WireApi};
use roundtable_providers::wire_for;

use super::fixtures::{APIS, PIECE, stream};

/// What may differ: growth of a buffer that holds one event, by the size of the numbers in it.
const SLACK_BYTES: isize = 1_024;

thread_local! {
    /// Bytes in use by this thread, and the most there were.
    static IN_USE: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
}

/// The system's allocator, counting by thread: other tests run beside this one.
struct Counting;

fn count(change: isize) {
    // A thread that ends frees after its counters are gone.
    let _ = IN_USE.try_with(|in_use| {
        in_use.set(in_use.get() + change);
        let _ = MOST.try_with(|most| most.set(most.get().max(in_use.get())));
    });
}

fn signed(size: usize) -> isize {
    isize::try_from(size).unwrap_or(isize::MAX)
}

// SAFETY: every call goes to the system's allocator as it came; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(signed(layout.size()));
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        count(-signed(layout.size()));
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The most bytes in use while a stream of so many pieces is decoded, without its own bytes and without the text's.
fn most_beside_the_text(api: WireApi, pieces: usize) -> isize {
    let chunks = stream(api, pieces);
    let mut answer = Answer::default();
    answer.text.reserve_exact(pieces * PIECE.len());
    let mut events = Vec::with_capacity(8);
    let before = IN_USE.with(Cell::get);
    MOST.with(|most| most.set(before));
    let mut decoder = wire_for(api).unwrap().decoder("p", true);
    for chunk in &chunks {
        decoder.push(chunk, &mut events);
        events.drain(..).for_each(|event| answer.apply(event));
    }
    decoder.finish(&mut events);
    events.drain(..).for_each(|event| answer.apply(event));
    assert_eq!((answer.end(), answer.text.len()), (AnswerEnd::Complete, pieces * PIECE.len()), "{api:?}");
    MOST.with(Cell::get) - before
}

#[test]
fn a_stream_a_hundred_times_as_long_needs_no_more_memory() {
    for api in APIS {
        let (short, long) = (most_beside_the_text(api, 100), most_beside_the_text(api, 10_000));
        assert!(long - short <= SLACK_BYTES, "{api:?}: {short} bytes for 100 pieces, {long} for 10,000");
        assert!(short < 64 * 1024, "{api:?}: {short} bytes for a stream of 100 short pieces");
    }
}
