use roundtable_domain::ErrorCategory;

use super::super::candidate::{Candidate, Refusal};
use super::*;

const TYPICAL: u64 = 1_000;

fn model() -> ModelRef {
    ModelRef { provider: "house".into(), model: "m".into() }
}

fn account() -> Scope {
    Scope::AccountModel { model: model(), key: None }
}

fn candidate(tokens: u64) -> Candidate {
    Candidate { prompt_tokens: tokens, ..Candidate::new(model(), "https://house.example") }
}

fn admit(guards: &mut Guards, id: u64, tokens: u64, now_ms: u64) -> Result<Lease, Refusal> {
    let asker = Asker { id, pool: None, force: false };
    guards.admit(asker, &candidate(tokens), &BTreeSet::new(), now_ms)
}

fn tokens_a_minute(limit: u64) -> Limits {
    Limits { tokens: Some(limit), ..Limits::default() }
}

#[test]
fn a_call_larger_than_a_learnt_limit_gets_a_minute_to_itself_and_one_larger_than_a_set_limit_is_refused() {
    let mut learnt = Guards::default();
    learnt.learn_limits(account(), tokens_a_minute(1_000));
    let small = admit(&mut learnt, 1, 10, 0).unwrap();
    learnt.ended(small, None, Some(10), TYPICAL);
    let about = account();
    assert_eq!(
        admit(&mut learnt, 2, 50_000, 2_000).unwrap_err(),
        Refusal::Limited { about: about.clone(), until_ms: Some(60_000) },
        "the minute is not empty yet"
    );
    let large = admit(&mut learnt, 2, 50_000, 60_000).unwrap();
    learnt.ended(large, None, Some(900), 61_000);
    assert_eq!(
        learnt.allowance(&about, 61_000).unwrap().tokens,
        Some(100),
        "what it used counts, not what was set aside"
    );

    let mut set = Guards::default();
    set.set_limits(account(), tokens_a_minute(1_000));
    assert_eq!(admit(&mut set, 1, 50_000, 0).unwrap_err(), Refusal::TooLarge { about, limit: 1_000 });
}

#[test]
fn what_headers_say_never_goes_before_what_somebody_has_set() {
    let mut guards = Guards::default();
    guards.set_limits(account(), tokens_a_minute(1_000));
    guards.learn_limits(account(), tokens_a_minute(90_000));
    assert_eq!(guards.limits(&account()), Some(tokens_a_minute(1_000)));
    let other = Scope::Account { provider: "house".into(), key: "k".into() };
    assert_eq!(guards.limits(&other), None);
    guards.learn_limits(other.clone(), tokens_a_minute(5));
    guards.learn_limits(other.clone(), Limits { requests: Some(7), ..Limits::default() });
    let both = Limits { requests: Some(7), tokens: Some(5), concurrency: None };
    assert_eq!(guards.limits(&other), Some(both), "a reply that is silent about tokens takes nothing back");
}

#[test]
fn looks_open_the_breaker_of_a_host_and_close_it_again() {
    let mut guards = Guards::default();
    let origin = "https://house.example";
    let host = Scope::Host { origin: origin.into() };
    for now_ms in 0..5 {
        let permit = guards.probe_host(origin, now_ms).unwrap();
        guards.probed_host(origin, permit, false, now_ms);
    }
    assert_eq!(guards.breaker_state(&host, 5), BreakerState::Open { until_ms: 30_004 });
    assert!(guards.probe_host(origin, 30_003).is_none(), "an open breaker is respected by looks too");
    let probe = guards.probe_host(origin, 30_004).unwrap();
    assert!(guards.probe_host(origin, 30_005).is_none(), "one probe at a time");
    guards.probed_host(origin, probe, true, 30_006);
    assert_eq!(guards.breaker_state(&host, 30_006), BreakerState::Closed);
    assert!(guards.scopes().contains(&host));
}

#[test]
fn a_look_does_not_disturb_a_host_that_asked_to_be_left_alone() {
    let mut guards = Guards::default();
    let lease = admit(&mut guards, 1, 1, 0).unwrap();
    guards.ended(lease, Some((ErrorCategory::Network, Some(9_000))), None, 0);
    assert!(guards.probe_host("https://house.example", 8_999).is_none());
    let permit = guards.probe_host("https://house.example", 9_000).unwrap();
    guards.probed_host("https://house.example", permit, true, 9_001);
    let host = Scope::Host { origin: "https://house.example".into() };
    assert_eq!(guards.breaker_state(&host, 9_001), BreakerState::Closed);
}

#[test]
fn a_key_without_a_place_gives_way_to_one_that_has_one() {
    let mut guards = Guards::default();
    guards.set_keys("house", ["a", "b"]);
    let of = |key: &str| Scope::AccountModel { model: model(), key: Some(key.to_owned()) };
    let one_a_minute = Limits { requests: Some(1), ..Limits::default() };
    guards.learn_limits(of("a"), one_a_minute);
    guards.learn_limits(of("b"), one_a_minute);
    let first = admit(&mut guards, 1, 1, 0).unwrap();
    let second = admit(&mut guards, 2, 1, 5).unwrap();
    assert_eq!((first.key(), second.key()), (Some("a"), Some("b")), "nobody waits while a key has a place");
    let refusal = admit(&mut guards, 3, 1, 10).unwrap_err();
    assert_eq!(refusal, Refusal::Limited { about: of("a"), until_ms: Some(60_000) }, "the first to open");
    guards.ended(first, None, Some(1), 20);
    guards.ended(second, None, Some(1), 20);
    let third = admit(&mut guards, 3, 1, 60_000).unwrap();
    assert_eq!(third.key(), Some("a"));
    assert_eq!(
        guards.allowance(&of("b"), 60_000).unwrap().requests,
        Some(0),
        "whoever was passed over has lost nothing"
    );
    guards.unsent(third);

    let asker = Asker { id: 4, pool: None, force: true };
    guards.exhausted(of("a"), 90_000, 60_000);
    guards.exhausted(of("b"), 90_000, 60_000);
    let forced = guards.admit(asker, &candidate(1), &BTreeSet::new(), 60_001);
    assert!(matches!(forced, Err(Refusal::Limited { .. })), "limits hold also for who insists");
}
