//! What the engine costs, in one run: time added to a request over bare reqwest, processor time per chunk of a stream,
//! eight fast lanes at once, the start of a process, and the frames of the real window. `scripts/bench` builds and starts it; docs/benchmarks.md says how
//! to read it.
//!
//! Figures, never failures: a machine that is busy is slow, not wrong. What has to hold exactly (no character lost, none
//! out of order) is asserted on the way.

#![expect(clippy::unwrap_used, reason = "a step that fails ends the run")]
#![expect(clippy::print_stdout, reason = "printing is what it is for")]
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "figures are rounded for people"
)]

mod clock;
mod dashboard;
mod decode;
mod durable;
mod fan_out;
mod figures;
mod peer;
mod preview;
mod programs;
mod route;
mod send_path;
mod stopwatch;
#[path = "../desktop/window.rs"]
#[expect(dead_code, reason = "the journeys need the rest of it")]
#[expect(clippy::expect_used, clippy::panic, reason = "a step that fails ends the run")]
mod window;
mod window_frames;
mod window_spend;

use figures::title;
use peer::Peer;

/// How much is measured.
#[derive(Clone, Copy)]
struct Effort {
    /// Requests of each kind in the comparison with reqwest.
    requests: usize,
    /// Prompts through the database, of each kind.
    prompts: usize,
    /// How long the eight lanes stream.
    stream_seconds: u64,
    /// Starts of the command line.
    starts: usize,
    /// Changes of the filter in the Spend room.
    filter_changes: usize,
    /// Entries of the books it looks at.
    entries: usize,
}

const FULL: Effort = Effort {
    requests: 2_000,
    prompts: 400,
    stream_seconds: 10,
    starts: 30,
    filter_changes: 200,
    entries: 1_000_000,
};
const QUICK: Effort =
    Effort { requests: 300, prompts: 60, stream_seconds: 3, starts: 8, filter_changes: 40, entries: 100_000 };

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    if words.first().is_some_and(|word| word == peer::SERVE) {
        peer::serve();
        return;
    }
    if words.first().is_some_and(|word| word == "months") {
        dashboard::fill(words.get(1..).unwrap_or_default());
        return;
    }
    let effort = if words.iter().any(|word| word == "--quick") { QUICK } else { FULL };
    let wanted =
        |part: &str| words.iter().all(|word| word.starts_with("--")) || words.iter().any(|word| word == part);
    let peer = Peer::start(effort.stream_seconds);
    if wanted("send") {
        title("a request, sent and read: the wire client against bare reqwest");
        send_path::run(&peer, effort.requests);
    }
    if wanted("durable") {
        title("a prompt, written down before it is sent");
        durable::run(effort.prompts);
    }
    if wanted("route") {
        title("a group of fifty models beside one of them");
        route::run(effort.prompts);
    }
    if wanted("decode") {
        title("a chunk of a stream, decoded and accumulated");
        decode::run(&peer);
    }
    if wanted("fan-out") {
        title("eight lanes at once, into one channel");
        fan_out::run(&peer, effort.stream_seconds);
    }
    if wanted("preview") {
        title("a keystroke: the preview of eight lanes with a hundred turns each");
        preview::run(effort.prompts);
    }
    if wanted("dashboard") {
        title("the Spend room over a year of entries");
        dashboard::run(effort.filter_changes, effort.entries);
    }
    if wanted("start") {
        title("programs");
        programs::run(effort.starts);
    }
    // Only when it is named: it needs a display.
    if words.iter().any(|word| word == "window-frames") {
        title("frames of the real window while eight lanes stream");
        window_frames::run(effort.stream_seconds);
    }
    if words.iter().any(|word| word == "window-spend") {
        title("the Spend room in the real window, over a year of entries");
        window_spend::run(effort.filter_changes / 4, effort.entries);
    }
}
