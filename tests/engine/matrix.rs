//! The fault matrix: each fault a provider can have x each wire it can have it on x the ways to be asked. One table: what a
//! reader is shown, how the answer ends, which calls were made, what is offered, what the trace says, and what stands in the
//! books.

mod expected;
mod faults;
mod play;

use futures_util::StreamExt;
use futures_util::stream;
use roundtable_domain::{PicoUsd, Provenance, RunState};
use roundtable_emulator::count_tokens;
use roundtable_engine::LedgerEntry;
use roundtable_engine::view::{Resume, RunView};
use roundtable_store::Settlement;

use expected::{Call, Expected, Text, expected};
use faults::{FAULTS, Fault, RETRY_AFTER_MS};
use play::{FIRST, FIRST_PRICE, SECOND, SECOND_PRICE, Seen, WIRES, Way, play};

const WAYS: [Way; 5] = [Way::Retry, Way::Fallback, Way::Single, Way::GoesOn, Way::Whole];

/// Cells of a wire that are played at the same time: most of them wait most of the time.
const AT_ONCE: usize = 8;

#[tokio::test]
async fn openai_chat() {
    table(0).await;
}

#[tokio::test]
async fn openai_responses() {
    table(1).await;
}

#[tokio::test]
async fn openai_completions() {
    table(2).await;
}

#[tokio::test]
async fn anthropic() {
    table(3).await;
}

#[tokio::test]
async fn gemini() {
    table(4).await;
}

#[tokio::test]
async fn ollama() {
    table(5).await;
}

/// All cells of one wire. What is wrong is told together, so that a pattern shows.
async fn table(wire: usize) {
    let cells = FAULTS.iter().flat_map(|fault| WAYS.map(|way| (fault, way)));
    let checked = stream::iter(cells).map(|(fault, way)| cell(wire, fault, way)).buffer_unordered(AT_ONCE);
    let mut wrong: Vec<String> = checked.filter_map(async |wrong| wrong).collect().await;
    wrong.sort();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), FAULTS.len() * WAYS.len(), wrong.join("\n"));
}

/// What is wrong with a cell.
async fn cell(wire: usize, fault: &Fault, way: Way) -> Option<String> {
    let seen = play(wire, fault, way).await;
    let expected = expected(WIRES[wire], fault, way);
    let mut wrong = Vec::new();
    let mut check = |is_right: bool, what: String| {
        if !is_right {
            wrong.push(what);
        }
    };
    let calls = calls(&seen);
    check(calls == expected.calls, format!("calls {calls:?}, not {:?}", expected.calls));
    let run = &seen.run;
    let category = run.fault.as_ref().map(|fault| fault.category);
    let end = (run.state, category);
    check(end == (expected.state, expected.category), format!("it ended as {end:?}"));
    check(is_text(run, expected.text), format!("text {:?}, not {:?}", run.text, expected.text));
    check(is_served(&seen, &expected), format!("served by {} {:?}", run.provider, run.model_served));
    let offers = offers(&seen);
    check(offers == offers_of(&expected), format!("offers {offers:?}"));
    check_waits(&seen, fault, &mut check);
    check_segments(&seen, &expected, &mut check);
    check_trace(&seen, &expected, &mut check);
    check_books(&seen, &mut check);
    (!wrong.is_empty())
        .then(|| format!("- {:?}, {}, {way:?}:\n    {}", WIRES[wire], fault.name, wrong.join("\n    ")))
}

fn calls(seen: &Seen) -> Vec<Call> {
    let kinds = ["first", "retry", "next_key", "fallback", "trimmed", "continue", "regenerate", "try_anyway"];
    let call = |attempt: &roundtable_engine::Attempt| Call {
        kind: kinds.iter().find(|kind| **kind == attempt.kind).copied().unwrap_or("?"),
        provider: if attempt.provider == FIRST.0 { FIRST.0 } else { SECOND.0 },
        state: attempt.state,
        category: attempt.category,
        is_booked: seen.entries.iter().any(|entry| entry.attempt_id == attempt.id),
    };
    seen.attempts.iter().map(call).collect()
}

fn is_text(run: &RunView, expected: Text) -> bool {
    let text = run.text.as_str();
    match expected {
        Text::Is(expected) => text.trim_end() == expected,
        Text::Tokens(tokens) => count_tokens(text) == tokens as u64,
        Text::TokensAnd(tokens, rest) => {
            let begins = run.segments.get(1).map_or(0, |segment| segment.text_start as usize);
            let parts = text.split_at_checked(begins);
            parts.is_some_and(|(part, more)| {
                count_tokens(part) == tokens as u64 && more.trim() == rest && !part.is_empty()
            })
        }
    }
}

/// Who wrote which part is said where two wrote, and nowhere else; whoever goes on is sent what is there.
fn check_segments(seen: &Seen, expected: &Expected, check: &mut impl FnMut(bool, String)) {
    let run = &seen.run;
    let writers: Vec<_> = run.segments.iter().map(|segment| segment.provider.as_str()).collect();
    let Text::TokensAnd(..) = expected.text else {
        return check(writers.is_empty(), format!("segments of {writers:?}"));
    };
    check(writers == [FIRST.0, SECOND.0], format!("segments of {writers:?}"));
    let begins = run.segments.last().map_or(0, |segment| segment.text_start as usize);
    let part = run.text.get(..begins).unwrap_or_default();
    let sent = seen.requests.1.last().map(ToString::to_string).unwrap_or_default();
    check(sent.contains(part.trim()), format!("{part:?} is to be gone on from, and this was sent: {sent}"));
    let paid = run.segments.iter().zip(&seen.entries);
    for (segment, entry) in paid {
        let usd = segment.usd.as_ref().map(|usd| usd.parse().unwrap());
        check(usd == entry.cost.usd, format!("a part for {usd:?}, booked at {:?}", entry.cost.usd));
    }
}

/// The trace tells the same story, and plays again to the same choice.
fn check_trace(seen: &Seen, expected: &Expected, check: &mut impl FnMut(bool, String)) {
    let trace = &seen.trace;
    let told: Vec<_> =
        trace.attempts.iter().map(|one| (one.kind.as_str(), one.target.as_str(), one.failure)).collect();
    let target = |provider| if provider == FIRST.0 { "first/swift" } else { "second/poet" };
    let made: Vec<_> =
        expected.calls.iter().map(|call| (call.kind, target(call.provider), call.category)).collect();
    check(told == made, format!("the trace tells {told:?}"));
    let costs: Vec<_> = trace.attempts.iter().filter_map(|one| one.usd.clone()).collect();
    let booked: Vec<_> =
        seen.entries.iter().filter_map(|entry| entry.cost.usd).map(|usd| usd.to_string()).collect();
    check(costs == booked, format!("the trace has costs {costs:?}, the books {booked:?}"));
    let end = trace.end.as_ref();
    check(end.is_some_and(|end| end.state == expected.state), format!("the trace ends {end:?}"));
    check(trace.replays == Some(true), "the trace plays to another choice".to_owned());
    for (kind, beginning) in [
        ("retry", "Tried first/swift again"),
        ("fallback", "Fell back to second/poet"),
        ("continue", "second/poet went on with the answer"),
    ] {
        let made = expected.calls.iter().filter(|call| call.kind == kind).count();
        let told = trace.sentences.iter().filter(|sentence| sentence.starts_with(beginning)).count();
        check(told == made, format!("the trace says {:?}", trace.sentences));
    }
}

/// An answer is labelled with who gave it, and a failure with whom it is about.
fn is_served(seen: &Seen, expected: &Expected) -> bool {
    let last = expected.calls.last().map_or(FIRST.0, |call| call.provider);
    let model = if last == FIRST.0 { FIRST.1 } else { SECOND.1 };
    let (run, fell_back) = (&seen.run, last == SECOND.0);
    run.provider == last
        && run.model_requested == model
        && (expected.state != RunState::Complete || run.model_served.as_deref() == Some(model))
        && run.route.as_ref().is_some_and(|route| route.fell_back) == fell_back
}

/// What is offered, and with which provider, in order.
fn offers(seen: &Seen) -> Vec<(Resume, String)> {
    let provider = |target: &str| target.split('/').next().unwrap_or_default().to_owned();
    let partial = seen.run.offers.iter().filter(|offer| offer.resume != Resume::TryAnyway);
    partial.map(|offer| (offer.resume, provider(&offer.target))).collect()
}

fn offers_of(expected: &Expected) -> Vec<(Resume, String)> {
    let with = |resume| expected.offered.iter().map(move |who| (resume, (*who).to_owned()));
    with(Resume::Continue).chain(with(Resume::Regenerate)).collect()
}

/// Nobody is asked earlier than he said, and nobody waits who was not asked to.
fn check_waits(seen: &Seen, fault: &Fault, check: &mut impl FnMut(bool, String)) {
    let least = if fault.name.starts_with("429") { RETRY_AFTER_MS } else { 0 };
    for attempt in seen.attempts.iter().filter(|attempt| attempt.kind == "retry") {
        let wait = attempt.wait_ms;
        check(wait >= least && (least > 0 || wait < 50), format!("it waited {wait} ms"));
    }
}

/// Each call that is charged stands in the books once, at the prices of whoever served it; what was set aside is settled; and the
/// answer shows the sum.
fn check_books(seen: &Seen, check: &mut impl FnMut(bool, String)) {
    let at = |provider: &str| seen.attempts.iter().filter(|attempt| attempt.provider == provider).count();
    let made = (at(FIRST.0), at(SECOND.0));
    let arrived = (seen.requests.0.len(), seen.requests.1.len());
    check(arrived == made, format!("{arrived:?} requests for {made:?} attempts"));
    let mut sum = PicoUsd::ZERO;
    for entry in &seen.entries {
        let attempts = || seen.attempts.iter().filter(|attempt| attempt.id == entry.attempt_id);
        let attempt = attempts().next();
        check(
            attempts().count() == 1 && attempt.is_some_and(|one| one.provider == entry.provider),
            format!("an entry of {} belongs to no attempt", entry.provider),
        );
        let complete = attempt.is_some_and(|one| one.state == RunState::Complete);
        let provenance = if complete { Provenance::Computed } else { Provenance::Estimated };
        check(entry.cost.provenance == Some(provenance), format!("booked as {:?}", entry.cost.provenance));
        let (usd, priced) = (entry.cost.usd, priced(entry));
        check(usd.is_some() && usd == priced, format!("booked {usd:?}, which is not {priced:?}"));
        sum = usd.and_then(|usd| sum.checked_add(usd)).unwrap_or(sum);
    }
    let ids: std::collections::BTreeSet<_> = seen.entries.iter().map(|entry| entry.attempt_id).collect();
    check(ids.len() == seen.entries.len(), "an attempt is booked twice".to_owned());
    let shown: Option<PicoUsd> =
        seen.run.cost.as_ref().and_then(|cost| cost.usd.as_ref()).map(|usd| usd.parse().unwrap());
    let booked = (!seen.entries.is_empty()).then_some(sum);
    check(shown == booked, format!("it shows {shown:?}, the books have {booked:?}"));
    check_reservations(seen, check);
}

/// Whole pico-dollars of the tokens that were booked.
fn priced(entry: &LedgerEntry) -> Option<PicoUsd> {
    let (input, output) = if entry.provider == FIRST.0 { FIRST_PRICE } else { SECOND_PRICE };
    let tokens = |count: Option<u64>| i64::try_from(count?).ok();
    let (read, written) = (tokens(entry.usage.input)?, tokens(entry.usage.output)?);
    Some(PicoUsd::from_pico((read * input + written * output) * 1_000_000))
}

fn check_reservations(seen: &Seen, check: &mut impl FnMut(bool, String)) {
    for attempt in &seen.attempts {
        let own = seen.reservations.iter().filter(|one| one.attempt_id == Some(attempt.id));
        let settled: Vec<_> = own.map(|one| one.settlement).collect();
        let is_booked = seen.entries.iter().any(|entry| entry.attempt_id == attempt.id);
        let expected = if is_booked { Settlement::Settled } else { Settlement::Released };
        check(settled == [Some(expected)], format!("attempt {} set aside {settled:?}", attempt.ordinal));
    }
    let stray = seen.reservations.iter().filter(|one| one.settlement.is_none() || one.amount.is_none());
    check(stray.count() == 0, "money stays set aside, or none was".to_owned());
    check(seen.reservations.len() == seen.attempts.len(), format!("{} set aside", seen.reservations.len()));
}
