use std::collections::BTreeMap;

use super::*;
use proptest::prelude::*;

const FAILURE: Option<Outcome> = Some(Outcome::Failure { retry_after_ms: None });

fn pool(rotation: RotationStrategy, weights: &[(&str, u32)]) -> Pool {
    Pool::new(PoolSettings { rotation, ..PoolSettings::default() }, weights.iter().copied())
}

/// Who is asked first, over so many requests that are answered at once.
fn firsts(pool: &mut Pool, requests: u64) -> String {
    let mut firsts = String::new();
    for request in 0..requests {
        let first = pool.order(request, request)[0].to_owned();
        let visit = pool.visit(&first, request).unwrap();
        pool.record(visit, Some(Outcome::Success), request);
        firsts.push_str(&first);
    }
    firsts
}

fn take_out(pool: &mut Pool, instance: &str, now_ms: u64) {
    for _ in 0..3 {
        let visit = pool.visit(instance, now_ms).unwrap();
        pool.record(visit, FAILURE, now_ms);
    }
}

#[test]
fn each_rotation_spreads_in_its_own_way() {
    let equal = [("a", 1), ("b", 1), ("c", 1)];
    assert_eq!(firsts(&mut pool(RotationStrategy::RoundRobin, &equal), 7), "abcabca");
    assert_eq!(firsts(&mut pool(RotationStrategy::LeastRecentlyUsed, &equal), 6), "abcabc");
    let weighted = [("a", 5), ("b", 1), ("c", 1)];
    assert_eq!(
        firsts(&mut pool(RotationStrategy::Weighted, &weighted), 14),
        "aabacaaaabacaa",
        "spread, not in blocks"
    );
    let random = firsts(&mut pool(RotationStrategy::Random, &equal), 3_000);
    for name in ["a", "b", "c"] {
        let times = random.matches(name).count();
        assert!((900..1_100).contains(&times), "{name} {times} times of 3000");
    }
}

#[test]
fn the_rest_of_the_order_is_what_a_failing_request_goes_on_with() {
    let mut pool = pool(RotationStrategy::RoundRobin, &[("a", 1), ("b", 1), ("c", 1)]);
    assert_eq!(pool.order(0, 0), ["a", "b", "c"]);
    assert_eq!(pool.order(0, 0), ["b", "c", "a"]);
    take_out(&mut pool, "c", 0);
    assert_eq!(pool.order(0, 1), ["a", "b", "c"], "the turn of the one taken out passes on");
    assert_eq!(pool.order(0, 1), ["b", "a", "c"], "and the others share it evenly");
}

#[test]
fn the_least_busy_is_asked() {
    let mut pool = pool(RotationStrategy::LeastBusy, &[("a", 1), ("b", 1)]);
    let one = pool.visit("a", 0).unwrap();
    assert!((0..20).all(|seed| pool.order(seed, 0)[0] == "b"));
    let two = pool.visit("b", 0).unwrap();
    let firsts: Vec<String> = (0..20).map(|seed| pool.order(seed, 0)[0].to_owned()).collect();
    assert!(
        firsts.iter().any(|first| first == "a") && firsts.iter().any(|first| first == "b"),
        "ties by the seed"
    );
    pool.abandon(two);
    pool.record(one, Some(Outcome::Success), 1);
    assert!(pool.states(1).iter().all(|(_, state)| state.running == 0));
}

#[test]
fn an_instance_that_fails_is_taken_out_and_comes_back_by_one_probe() {
    let mut pool = pool(RotationStrategy::RoundRobin, &[("a", 1), ("b", 1)]);
    take_out(&mut pool, "a", 0);
    assert!((0..4).all(|_| pool.order(0, 1) == ["b", "a"]));
    assert_eq!(pool.visit("a", 1), Err(60_000));
    let probe = pool.visit("a", 60_000).unwrap();
    assert_eq!(pool.visit("a", 60_000), Err(60_000));
    pool.record(probe, Some(Outcome::Success), 60_001);
    assert_eq!(pool.states(60_001)[0].1.breaker, BreakerState::Closed);
    take_out(&mut pool, "a", 70_000);
    let forced = pool.force("a", 70_001).unwrap();
    pool.record(forced, Some(Outcome::Success), 70_002);
    assert_eq!(pool.states(70_002)[0].1.breaker, BreakerState::Closed, "somebody tried anyway and was right");
}

#[test]
fn a_changed_file_keeps_what_is_known() {
    let mut pool = pool(RotationStrategy::RoundRobin, &[("a", 1), ("b", 1)]);
    take_out(&mut pool, "b", 0);
    let gone = pool.visit("a", 0).unwrap();
    pool.set(PoolSettings::default(), [("b", 2), ("c", 1)]);
    pool.record(gone, FAILURE, 1);
    assert_eq!(pool.visit("b", 1), Err(60_000));
    assert_eq!(pool.order(0, 1), ["c", "b"]);
    assert_eq!(pool.states(1).len(), 2);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    /// Over any multiple of the sum of weights each instance gets exactly its share.
    #[test]
    fn weights_are_kept_exactly(weights in prop::collection::vec(1_u32..9, 1..6), rounds in 1_u64..4) {
        let named: Vec<(String, u32)> = weights.iter().enumerate().map(|(at, weight)| (at.to_string(), *weight)).collect();
        let sum: u32 = weights.iter().sum();
        let mut pool = Pool::new(
            PoolSettings { rotation: RotationStrategy::Weighted, ..PoolSettings::default() },
            named.clone(),
        );
        let mut times = BTreeMap::<String, u64>::new();
        for seed in 0..u64::from(sum) * rounds {
            let first = pool.order(seed, 0)[0].to_owned();
            *times.entry(first).or_default() += 1;
        }
        for (name, weight) in named {
            prop_assert_eq!(times.get(&name).copied(), Some(u64::from(weight) * rounds));
        }
    }

    /// Whatever happens, every order names every instance once, and no visit is lost.
    #[test]
    fn orders_are_whole(what in 0_u8..5, steps in prop::collection::vec((0_usize..4, 0_u8..4, 0_u64..30_000), 1..80)) {
        let rotation = [
            RotationStrategy::RoundRobin, RotationStrategy::LeastRecentlyUsed, RotationStrategy::Weighted, RotationStrategy::Random, RotationStrategy::LeastBusy,
        ][usize::from(what)];
        let mut pool = pool(rotation, &[("a", 1), ("b", 2), ("c", 3), ("d", 1)]);
        let (mut now, mut held) = (0, Vec::new());
        for (which, how, wait) in steps {
            now += wait;
            let mut order: Vec<String> = pool.order(now, now).into_iter().map(str::to_owned).collect();
            let chosen = order[which].clone();
            order.sort();
            prop_assert_eq!(order, ["a", "b", "c", "d"]);
            match how {
                0 | 1 => held.extend(pool.visit(&chosen, now).ok()),
                2 => if let Some(visit) = held.pop() { pool.record(visit, FAILURE, now) },
                _ => if let Some(visit) = held.pop() { pool.record(visit, Some(Outcome::Success), now) },
            }
            let running: u32 = pool.states(now).iter().map(|(_, state)| state.running).sum();
            prop_assert_eq!(running as usize, held.len());
        }
    }
}

#[test]
fn looks_that_reach_nobody_take_an_instance_out_without_counting_as_its_turn() {
    let mut pool = pool(RotationStrategy::LeastRecentlyUsed, &[("a", 1), ("b", 1)]);
    for now_ms in 0..3 {
        pool.unreachable("a", now_ms);
    }
    pool.unreachable("gone", 3);
    let states = pool.states(3);
    assert_eq!(
        states[0].1,
        InstanceState { running: 0, used_ms: None, breaker: BreakerState::Open { until_ms: 60_002 } }
    );
    assert_eq!(pool.order(0, 4), ["b", "a"]);
}
