use std::sync::LazyLock;

use roundtable_domain::ModelRef;
use roundtable_router::attempt::{KeyRing, KeySettings};
use roundtable_router::route::{SourceFile, load};

use super::*;

const HOST: &str = "https://house.example";
const MINUTE: u64 = 60_000;

/// Half of the range: neither earlier nor later than the interval, give or take a millisecond.
const STEADY: u64 = 12_000;

static NO_ROUTES: LazyLock<Routes> = LazyLock::new(Routes::default);

fn pool_every(seconds: u32) -> Routes {
    let group = SourceFile { path: "groups/g.yaml", text: "echelon1:\n  models: [house/m]\n" };
    let text =
        format!("task_groups: [g]\nrotation_strategy: round_robin\nhealth_check_interval: {seconds}\n");
    load(&[group, SourceFile { path: "pools/p.yaml", text: &text }], None).routes
}

fn wanted(instance: Option<(&'static str, &'static str)>) -> Wanted<'static> {
    Wanted { origin: HOST, provider: "house", instance }
}

fn next(looks: &Looks, guards: &mut Guards, routes: &Routes, now_ms: u64) -> Option<u64> {
    looks.next(guards, routes, now_ms).map(|(at_ms, _)| at_ms)
}

#[test]
fn a_host_that_answers_is_left_alone_and_one_that_is_ill_is_looked_at() {
    let (looks, mut guards) = (Looks::default(), Guards::default());
    looks.wanted(wanted(None), 0, STEADY);
    looks.heard(HOST, None, 1, STEADY);
    assert_eq!(next(&looks, &mut guards, &NO_ROUTES, 2), None);
    for category in [ErrorCategory::RateLimited, ErrorCategory::InvalidRequest, ErrorCategory::Cancelled] {
        looks.heard(HOST, Some(category), 3, STEADY);
        assert_eq!(
            next(&looks, &mut guards, &NO_ROUTES, 4),
            None,
            "{category:?} says nothing ill of the host"
        );
    }
    for category in [ErrorCategory::Network, ErrorCategory::Timeout, ErrorCategory::Unavailable] {
        looks.heard(HOST, Some(category), 10, STEADY);
        assert_eq!(next(&looks, &mut guards, &NO_ROUTES, 11), Some(10 + MINUTE), "{category:?}");
    }
    looks.looked(HOST, true, 10 + MINUTE, STEADY);
    assert_eq!(next(&looks, &mut guards, &NO_ROUTES, 11 + MINUTE), None, "it is well again");
}

#[test]
fn nobody_looks_at_what_nobody_wants() {
    let (looks, mut guards) = (Looks::default(), Guards::default());
    looks.heard(HOST, Some(ErrorCategory::Network), 0, STEADY);
    assert_eq!(next(&looks, &mut guards, &NO_ROUTES, 0), None, "never wanted");
    looks.wanted(wanted(None), 0, STEADY);
    let mut now_ms = 0;
    let mut times = 0;
    looks.heard(HOST, Some(ErrorCategory::Network), now_ms, STEADY);
    while let Some(at_ms) = next(&looks, &mut guards, &NO_ROUTES, now_ms) {
        now_ms = at_ms;
        times += 1;
        looks.looked(HOST, false, now_ms, STEADY);
    }
    assert_eq!((times, now_ms), (14, 14 * MINUTE), "for a quarter of an hour");
}

#[test]
fn the_hosts_of_a_pool_are_looked_at_at_its_interval_even_when_they_are_well() {
    let (looks, mut guards) = (Looks::default(), Guards::default());
    let (every_ten, never, often) = (pool_every(10), pool_every(0), pool_every(1));
    looks.wanted(wanted(Some(("p", "house/m"))), 0, STEADY);
    looks.heard(HOST, None, 0, 2_000);
    assert_eq!(next(&looks, &mut guards, &every_ten, 0), Some(10_000));
    assert_eq!(next(&looks, &mut guards, &never, 0), None, "its file says never");
    assert_eq!(next(&looks, &mut guards, &NO_ROUTES, 0), None, "the pool is gone");
    let soonest = next(&looks, &mut guards, &often, 0).unwrap();
    assert!((4_000..=6_000).contains(&soonest), "not more often than every five seconds: {soonest}");
    assert_eq!(looks.instances(HOST).len(), 1);
}

#[test]
fn a_look_waits_until_the_breaker_wants_a_probe() {
    let (looks, mut guards) = (Looks::default(), Guards::default());
    looks.wanted(wanted(None), 0, STEADY);
    for now_ms in 0..5 {
        let permit = guards.probe_host(HOST, now_ms).unwrap();
        guards.probed_host(HOST, permit, false, now_ms);
    }
    for now_ms in [MINUTE / 2 + 4, MINUTE * 2] {
        let probe = guards.probe_host(HOST, now_ms).unwrap();
        guards.probed_host(HOST, probe, false, now_ms);
    }
    looks.heard(HOST, Some(ErrorCategory::Network), 2 * MINUTE, STEADY);
    let opens_ms = 4 * MINUTE;
    assert_eq!(
        next(&looks, &mut guards, &NO_ROUTES, 2 * MINUTE),
        Some(opens_ms),
        "a minute would be too early"
    );
    looks.postpone(HOST, opens_ms);
    assert_eq!(next(&looks, &mut guards, &NO_ROUTES, opens_ms), Some(opens_ms + LOOK_AGAIN_MS));
}

#[test]
fn a_refused_key_is_due_while_its_provider_is_in_use() {
    let (looks, mut guards) = (Looks::default(), Guards::default());
    guards.set_keys("house", ["a"]);
    let model: ModelRef = "house/m".parse().unwrap();
    let ring: &mut KeyRing = guards.ring_mut("house").unwrap();
    let lease = ring.pick(&model.model, &BTreeSet::new(), 0).unwrap();
    ring.record(lease, Some((ErrorCategory::Authentication, None)), 0);
    assert_eq!(looks.next(&mut guards, &NO_ROUTES, 1), None, "its provider is not in use");
    looks.wanted(wanted(None), 0, STEADY);
    let due = Due::Key { origin: HOST.into(), provider: "house".into() };
    let retest_ms = KeySettings::default().retest_ms;
    assert_eq!(looks.next(&mut guards, &NO_ROUTES, 1), Some((retest_ms, due)));
    assert_eq!(looks.next(&mut guards, &NO_ROUTES, 15 * MINUTE), None, "nor is it now");
    looks.forget(HOST, "house");
    assert_eq!(looks.hosts_now(&guards, &NO_ROUTES, 1), []);
}
