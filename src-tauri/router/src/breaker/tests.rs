use super::*;
use proptest::prelude::*;

const FAILURE: Outcome = Outcome::Failure { retry_after_ms: None };

fn settings() -> BreakerSettings {
    BreakerSettings {
        failure_threshold: 3,
        recovery_ms: 1_000,
        half_open_requests: 2,
        ..BreakerSettings::default()
    }
}

fn call(breaker: &mut Breaker, outcome: Outcome, now_ms: u64) {
    let permit = breaker.admit(&settings(), now_ms).unwrap();
    breaker.record(&settings(), permit, outcome, now_ms);
}

fn opened() -> Breaker {
    let mut breaker = Breaker::default();
    for now in 0..3 {
        call(&mut breaker, FAILURE, now);
    }
    breaker
}

#[test]
fn failures_in_a_row_open_it_and_a_success_between_them_does_not() {
    let mut breaker = Breaker::default();
    call(&mut breaker, FAILURE, 0);
    call(&mut breaker, FAILURE, 1);
    call(&mut breaker, Outcome::Success, 2);
    call(&mut breaker, FAILURE, 3);
    assert_eq!(breaker.state(3), BreakerState::Closed);
    assert_eq!(opened().admit(&settings(), 3), Err(1_002));
}

#[test]
fn half_of_enough_calls_in_the_window_open_it_too() {
    let rare = BreakerSettings { failure_threshold: 0, ..settings() };
    let mut breaker = Breaker::default();
    for (now, outcome) in
        [FAILURE, Outcome::Success, FAILURE, Outcome::Success, FAILURE].into_iter().enumerate()
    {
        let permit = breaker.admit(&rare, now as u64).unwrap();
        breaker.record(&rare, permit, outcome, now as u64);
    }
    assert!(matches!(breaker.state(5), BreakerState::Open { .. }), "3 of 5 failed");
    let mut slow = Breaker::default();
    for (call, outcome) in [FAILURE, FAILURE, FAILURE, FAILURE, FAILURE].into_iter().enumerate() {
        let now = call as u64 * 20_000;
        let permit = slow.admit(&rare, now).unwrap();
        slow.record(&rare, permit, outcome, now);
    }
    assert_eq!(slow.state(100_000), BreakerState::Closed, "never five within a minute");
}

#[test]
fn exactly_the_allowed_probes_go_through_and_all_must_succeed() {
    let mut breaker = opened();
    let one = breaker.admit(&settings(), 2_000).unwrap();
    let two = breaker.admit(&settings(), 2_000).unwrap();
    assert!(breaker.admit(&settings(), 2_000).is_err());
    breaker.record(&settings(), one, Outcome::Success, 2_001);
    assert!(breaker.admit(&settings(), 2_001).is_err(), "one success and one pending are both places");
    breaker.record(&settings(), two, Outcome::Success, 2_002);
    assert_eq!(breaker.state(2_002), BreakerState::Closed);
}

#[test]
fn a_failed_probe_opens_it_for_longer_and_an_abandoned_one_gives_its_place_back() {
    let mut breaker = opened();
    let probe = breaker.admit(&settings(), 2_000).unwrap();
    breaker.record(&settings(), probe, FAILURE, 2_000);
    assert_eq!(breaker.state(2_000), BreakerState::Open { until_ms: 4_000 });
    let one = breaker.admit(&settings(), 4_000).unwrap();
    let two = breaker.admit(&settings(), 4_000).unwrap();
    breaker.abandon(one);
    let three = breaker.admit(&settings(), 4_000).unwrap();
    breaker.record(&settings(), two, Outcome::Success, 4_001);
    breaker.record(&settings(), three, Outcome::Success, 4_001);
    assert_eq!(breaker.state(4_001), BreakerState::Closed);
}

#[test]
fn what_was_sent_before_it_opened_cannot_close_it() {
    let mut breaker = Breaker::default();
    let early = breaker.admit(&settings(), 0).unwrap();
    for now in 0..3 {
        call(&mut breaker, FAILURE, now);
    }
    breaker.record(&settings(), early, Outcome::Success, 10);
    assert_eq!(breaker.state(10), BreakerState::Open { until_ms: 1_002 });
}

#[test]
fn retry_after_is_respected_and_never_shortened() {
    let mut breaker = Breaker::default();
    let early = breaker.admit(&settings(), 0).unwrap();
    call(&mut breaker, FAILURE, 0);
    call(&mut breaker, FAILURE, 0);
    call(&mut breaker, Outcome::Failure { retry_after_ms: Some(90_000) }, 0);
    assert_eq!(breaker.state(50_000), BreakerState::Open { until_ms: 90_000 });
    breaker.record(&settings(), early, Outcome::Failure { retry_after_ms: Some(10) }, 50_000);
    assert_eq!(breaker.state(50_000), BreakerState::Open { until_ms: 90_000 });
}

#[test]
fn somebody_may_try_anyway_and_be_right() {
    let one = BreakerSettings { half_open_requests: 1, ..settings() };
    let mut breaker = opened();
    let permit = breaker.force(10);
    breaker.record(&one, permit, Outcome::Success, 20);
    assert_eq!(breaker.state(20), BreakerState::Closed);
}

proptest! {
    /// Whatever racers do in whatever order, no more probes are out than allowed, and no place is lost.
    #[test]
    fn probes_are_counted_exactly(steps in prop::collection::vec((0_u8..4, 0_u64..400), 1..300)) {
        let settings = settings();
        let (mut breaker, mut now, mut held) = (opened(), 3, Vec::new());
        for (step, wait) in steps {
            now += wait;
            match step {
                0 | 1 => held.extend(breaker.admit(&settings, now).ok()),
                2 => if let Some(permit) = held.pop() { breaker.abandon(permit) },
                _ => if !held.is_empty() {
                    let permit = held.remove(0);
                    let outcome = if wait % 3 == 0 { FAILURE } else { Outcome::Success };
                    breaker.record(&settings, permit, outcome, now);
                },
            }
            let probes = held.iter().filter(|permit| permit.probe && permit.epoch == breaker.epoch).count();
            if let BreakerState::HalfOpen { pending, succeeded } = breaker.state {
                prop_assert_eq!(usize::try_from(pending).unwrap(), probes);
                prop_assert!(pending + succeeded <= settings.half_open_requests);
            }
        }
    }
}
