use roundtable_store::Requested;

use super::*;
use crate::statistics::tally::tests::call;

const HOUR: i64 = 3_600_000;

/// The same request each time; the call takes a second and a half.
fn same(at: i64) -> CountedCall {
    let requested = Requested { key: Some([7; 32]), repeatable: true, ..Requested::default() };
    CountedCall { requested, ..call(at) }
}

fn facts(calls: &[CountedCall]) -> Facts {
    let mut facts = Facts::default();
    for call in calls {
        facts.add(call, HOUR.unsigned_abs());
    }
    facts
}

fn repeats(calls: &[CountedCall]) -> (u64, u64, i128) {
    let Repeats { requests, again, cost, .. } = facts(calls).repeatable;
    (requests, again, cost)
}

#[test]
fn a_request_is_repeated_when_its_answer_could_have_been_given_again() {
    assert_eq!(repeats(&[same(10_000), same(20_000), same(30_000)]), (3, 2, 40_000_000));
    assert_eq!(repeats(&[same(10_000), same(11_000)]).1, 0, "it was under way before the first had ended");
    assert_eq!(repeats(&[same(10_000), same(2 * HOUR)]).1, 0, "its answer would have expired");
    assert_eq!(
        repeats(&[same(10_000), same(2 * HOUR), same(2 * HOUR + 9_000)]).1,
        1,
        "kept anew from the second on"
    );
    let other =
        CountedCall { requested: Requested { key: Some([8; 32]), ..same(1).requested }, ..call(20_000) };
    assert_eq!(repeats(&[same(10_000), other]).1, 0);
    let unpriced =
        facts(&[same(10_000), same(20_000), CountedCall { cost: None, ..same(30_000) }]).repeatable;
    assert_eq!((unpriced.again, unpriced.priced), (2, 1), "what one of them has cost is not known");
    let failed = CountedCall { state: RunState::Failed, ..same(20_000) };
    assert_eq!(repeats(&[same(10_000), failed]), (1, 0, 0), "what failed is tried again, and paid again");
}

#[test]
fn a_month_is_never_made_of_less_than_a_week() {
    let day = 24 * HOUR;
    let seen = facts(&[call(0), call(15 * day)]);
    assert_eq!(seen.in_30_days(seen.cost, UnixMs(15 * day)), 2 * seen.cost);
    let short = facts(&[call(0)]);
    assert_eq!(short.in_30_days(7, UnixMs(day)), 30, "a day counts as a week");
}

#[test]
fn what_passes_by_itself_is_told_from_what_does_not() {
    let failed = |category| CountedCall {
        state: RunState::Failed,
        category: Some(category),
        group: Some("g".into()),
        echelon: Some("echelon1".into()),
        ..call(1)
    };
    let seen = facts(&[
        failed(ErrorCategory::Unavailable),
        failed(ErrorCategory::RateLimited),
        failed(ErrorCategory::Network),
        failed(ErrorCategory::Timeout),
        failed(ErrorCategory::InvalidRequest),
        CountedCall { state: RunState::Cancelled, ..failed(ErrorCategory::Cancelled) },
    ]);
    let rung = &seen.rungs[&("g".to_owned(), "echelon1".to_owned())];
    assert_eq!((rung.ended, rung.transient, rung.whole.given_up.len()), (5, 3, 1));
}

#[test]
fn a_key_that_works_again_is_forgiven() {
    let refused = |at| CountedCall {
        state: RunState::Failed,
        category: Some(ErrorCategory::Authentication),
        key: Some("k".into()),
        ..call(at)
    };
    let worked = |at| CountedCall { key: Some("k".into()), ..call(at) };
    let refusals = |calls: &[CountedCall]| facts(calls).keys["k"].refusals;
    assert_eq!(refusals(&[worked(1), refused(2), refused(3)]), 2);
    assert_eq!(refusals(&[refused(1), refused(2), worked(3)]), 0);
    let overloaded = CountedCall { category: Some(ErrorCategory::Unavailable), ..refused(2) };
    assert_eq!(refusals(&[refused(1), overloaded]), 1, "that says nothing of the key");
}

#[test]
fn simple_prompts_are_counted_by_who_chose_the_model() {
    let asked = |asked: &str, group: Option<&str>| CountedCall {
        requested: Requested {
            asked: Some(asked.into()),
            complexity: Some("simple".into()),
            ..Requested::default()
        },
        group: group.map(str::to_owned),
        ..call(1)
    };
    let complex = CountedCall {
        requested: Requested { complexity: Some("complex".into()), ..asked("auto", None).requested },
        ..call(1)
    };
    let seen = facts(&[
        asked("auto", None),
        asked("auto", Some("coding")),
        asked("openai/gpt-4o", None),
        asked("coding", Some("coding")),
        complex,
    ]);
    let model = &seen.models["openai/gpt-4o"];
    assert_eq!((model.answered, model.simple_auto.len(), model.simple_named.len()), (5, 2, 1));
    assert_eq!(model.auto_answered, 3, "the complex one too");
}
