use std::collections::BTreeSet;

use roundtable_domain::ModelRef;

use super::super::Asker;
use super::*;
use crate::attempt::candidate::{Candidate, Refusal};
use crate::attempt::{KeySettings, KeyState, RetryBudget};
use crate::breaker::{BreakerSettings, BreakerState};

/// When the program ended, on the wall.
const THEN: UnixMs = UnixMs(1_800_000_000_000);

fn model() -> ModelRef {
    ModelRef { provider: "house".into(), model: "m".into() }
}

fn scope() -> Scope {
    Scope::Model { model: model() }
}

fn account() -> Scope {
    Scope::AccountModel { model: model(), key: Some("b".into()) }
}

/// A program that has run for a while: at 50 seconds of its clock something of each kind is known.
fn experienced() -> Guards {
    let mut guards = Guards::default();
    guards.breakers.entry(scope()).or_default().reopen(80_000, 3);
    guards.closed.insert(Scope::Host { origin: "https://house.example".into() }, 60_000);
    guards.learn_limits(account(), Limits { requests: Some(60), tokens: Some(9_000), concurrency: None });
    guards.exhausted(account(), 15_000, 50_000);
    guards.set_limits(
        Scope::Rung { group: "g".into(), echelon: 1 },
        Limits { requests: Some(5), ..Limits::default() },
    );
    guards.set_keys("house", ["a", "b"]);
    let failure = KeyFailure { category: Some(ErrorCategory::QuotaExceeded), until_ms: 170_000, times: 2 };
    guards.ring_of("house").has_failed("a", None, failure);
    guards.ring_of("house").has_failed("b", Some("other"), KeyFailure { category: None, ..failure });
    guards.ring_of("house").is_limited("b", "m", 55_000);
    guards.set_pool("ring", Pool::new(PoolSettings::default(), [("one", 1), ("two", 3)]));
    guards.pools.get_mut("ring").unwrap().take_out("two", (110_000, 1));
    guards
}

fn kept() -> Vec<Learnt> {
    experienced().learnt(50_000, THEN)
}

fn after(ms: i64) -> UnixMs {
    UnixMs(THEN.0 + ms)
}

/// The next program, at 1 second of its clock.
fn next(kept: &[Learnt], wall: UnixMs) -> Guards {
    let mut guards = Guards::default();
    guards.remember(kept, 1_000, wall);
    guards
}

#[test]
fn what_was_learnt_goes_over_a_restart_and_as_json() {
    let json = serde_json::to_string(&kept()).unwrap();
    let read: Vec<Learnt> = serde_json::from_str(&json).unwrap();
    assert_eq!(read, kept());
    // Four seconds went by between the two programs.
    let mut guards = next(&read, after(4_000));
    assert_eq!(guards.breaker_state(&scope(), 1_000), BreakerState::Open { until_ms: 27_000 });
    let host = Scope::Host { origin: "https://house.example".into() };
    assert_eq!(guards.closed_until_ms(&host, 1_000), Some(7_000));
    let limits = Limits { requests: Some(60), tokens: Some(9_000), concurrency: None };
    assert_eq!(guards.limits(&account()), Some(limits));
    assert_eq!(guards.allowance(&account(), 1_000).unwrap().requests, Some(0), "nothing is left yet");
    assert_eq!(guards.allowance(&account(), 12_000).unwrap().requests, Some(60));
    guards.set_keys("house", ["a", "b"]);
    let quota = KeyState::Failed { category: ErrorCategory::QuotaExceeded, retest_ms: 117_000 };
    assert_eq!(
        guards.key_states(&model(), 1_000),
        [("a", quota), ("b", KeyState::Limited { until_ms: 2_000 })]
    );
    let other = ModelRef { model: "other".into(), ..model() };
    let refused = KeyState::Failed { category: ErrorCategory::Permission, retest_ms: 117_000 };
    assert_eq!(guards.key_states(&other, 1_000)[1], ("b", refused));
    let pool = guards.pool_mut("ring").unwrap();
    pool.set(PoolSettings::default(), [("one", 1), ("two", 3)]);
    assert_eq!(pool.taken_out(1_000).collect::<Vec<_>>(), [("two", (57_000, 1))]);
    assert!(
        guards.limits(&Scope::Rung { group: "g".into(), echelon: 1 }).is_none(),
        "what is set is read anew"
    );
}

#[test]
fn what_has_run_out_is_dropped_and_a_probe_after_it_is_as_ever() {
    let late = next(&kept(), after(31_000));
    assert_eq!(late.breaker_state(&scope(), 1_000), BreakerState::Closed, "older than its own time");
    assert!(late.closed.is_empty() && late.rings.contains_key("house"), "the key's time is not over");
    let much_later = next(&kept(), after(i64::try_from(LIMITS_BELIEVED_MS).unwrap() + 1));
    assert!(much_later.learnt(1_000, after(0)).is_empty(), "limits are believed for a week");
    // One that is taken over is probed like any other, and the next failure doubles its time.
    let mut guards = next(&kept(), THEN);
    let settings = BreakerSettings { recovery_ms: 1_000, ..BreakerSettings::default() };
    let breaker = guards.breakers.get_mut(&scope()).unwrap();
    assert_eq!(breaker.admit(&settings, 30_999).err(), Some(31_000));
    let probe = breaker.admit(&settings, 31_000).unwrap();
    assert!(breaker.admit(&settings, 31_000).is_err(), "one probe");
    breaker.record(&settings, probe, crate::breaker::Outcome::Failure { retry_after_ms: None }, 31_000);
    assert_eq!(
        breaker.state(31_000),
        BreakerState::Open { until_ms: 39_000 },
        "three times before: 8 seconds"
    );
}

#[test]
fn a_clock_that_was_set_back_keeps_nothing_for_longer_than_it_had_to_go() {
    for set_back in [1_000, 86_400_000, THEN.0 * 2] {
        let guards = next(&kept(), after(-set_back));
        assert_eq!(
            guards.breaker_state(&scope(), 1_000),
            BreakerState::Open { until_ms: 31_000 },
            "{set_back}"
        );
    }
    // Written again and again under such a clock it still ends.
    let mut kept = kept();
    let mut wall = THEN;
    for _ in 0..3 {
        wall = UnixMs(wall.0 - 10_000_000);
        let guards = next(&kept, wall);
        kept = guards.learnt(11_000, wall);
    }
    assert!(!kept.iter().any(|one| matches!(one.lesson, Lesson::Failing { .. })), "three times ten seconds");
}

#[test]
fn nothing_learnt_since_the_start_is_weakened() {
    let mut guards = Guards::default();
    guards.breakers.entry(scope()).or_default().reopen(90_000, 1);
    guards.learn_limits(account(), Limits { requests: Some(10), ..Limits::default() });
    guards.remember(&kept(), 1_000, THEN);
    assert_eq!(guards.breaker_state(&scope(), 1_000), BreakerState::Open { until_ms: 90_000 });
    assert_eq!(guards.limits(&account()).unwrap().requests, Some(10), "newer headers");
    // And newer headers go before what was kept.
    let mut guards = next(&kept(), THEN);
    guards.learn_limits(account(), Limits { requests: Some(10), ..Limits::default() });
    assert_eq!(guards.limits(&account()).unwrap().requests, Some(10));
}

#[test]
fn it_is_written_again_only_when_something_was_learnt() {
    let guards = experienced();
    let before = guards.learnt(50_000, THEN);
    // The same five seconds later, by a clock that goes a little differently.
    assert!(!has_changed(&before, &guards.learnt(54_000, after(4_100)), after(4_100)));
    assert!(!has_changed(&before, &guards.learnt(100_000, after(50_000)), after(50_000)), "some has run out");
    let mut recovered = experienced();
    recovered.breakers.clear();
    assert!(has_changed(&before, &recovered.learnt(50_000, THEN), THEN), "a breaker has closed early");
    let mut failing = experienced();
    failing.breakers.entry(scope()).or_default().reopen(200_000, 4);
    assert!(has_changed(&before, &failing.learnt(50_000, THEN), THEN));
}

#[test]
fn of_several_processes_each_has_its_word_on_what_it_knows() {
    let failing = |name: &str, left_ms: u64| {
        let about = Scope::Model { model: ModelRef { provider: "p".into(), model: name.into() } };
        Learnt { lesson: Lesson::Failing { about, times: 1 }, until: later(THEN, left_ms), left_ms }
    };
    let (known, others, own) = (failing("known", 9_000), failing("others", 9_000), failing("own", 9_000));
    let written = vec![known.clone(), others.clone(), failing("over", 0), failing("own", 5_000)];
    let all = merged(vec![own.clone()], written, &[known], THEN);
    assert_eq!(all, [own, others], "what it knew and does not say any more is over");
}

/// A restored ring is asked like any other: the failed key is passed over, the other answers.
#[test]
fn a_failed_key_is_passed_over_from_the_first_call_on() {
    let mut guards = Guards::new(BreakerSettings::default(), KeySettings::default(), RetryBudget::default());
    let failure = KeyFailure { category: Some(ErrorCategory::Authentication), until_ms: 60_000, times: 1 };
    guards.set_keys("house", ["a", "b"]);
    guards.ring_of("house").has_failed("a", None, failure);
    let kept = guards.learnt(1_000, THEN);
    let mut guards = next(&kept, THEN);
    guards.set_keys("house", ["a", "b"]);
    let asker = Asker { id: 1, pool: None, force: false };
    let candidate = Candidate::new(model(), "https://house.example");
    let lease = guards.admit(asker, &candidate, &BTreeSet::new(), 1_000).unwrap();
    assert_eq!(lease.key(), Some("b"));
    guards.unsent(lease);
    guards.set_keys("house", ["a"]);
    let refused = guards.admit(asker, &candidate, &BTreeSet::new(), 1_000).unwrap_err();
    assert!(matches!(refused, Refusal::NoKey { .. }), "{refused:?}");
}
