use super::*;
use proptest::prelude::*;

fn ring(keys: &[&str]) -> KeyRing {
    KeyRing::new(KeySettings::default(), keys.iter().copied())
}

fn pick(ring: &mut KeyRing, now_ms: u64) -> KeyLease {
    ring.pick("m", &BTreeSet::new(), now_ms).unwrap()
}

fn fail(ring: &mut KeyRing, category: ErrorCategory, wait_ms: Option<u64>, now_ms: u64) -> String {
    let lease = pick(ring, now_ms);
    let key = lease.key().to_owned();
    ring.record(lease, Some((category, wait_ms)), now_ms);
    key
}

#[test]
fn a_key_stays_in_use_until_it_fails_and_then_the_next_takes_over() {
    let mut ring = ring(&["a", "b", "c"]);
    for now in 0..3 {
        let lease = pick(&mut ring, now);
        assert_eq!(lease.key(), "a");
        ring.record(lease, None, now);
    }
    let rows = [
        (ErrorCategory::Authentication, "a"),
        (ErrorCategory::QuotaExceeded, "b"),
        (ErrorCategory::Permission, "c"),
    ];
    for (category, expected) in rows {
        assert_eq!(fail(&mut ring, category, None, 10), expected);
    }
    assert_eq!(ring.pick("m", &BTreeSet::new(), 11), Err(NoKey { until_ms: Some(60_010) }));
    let other = ring.pick("other", &BTreeSet::new(), 11).unwrap();
    assert_eq!(other.key(), "c", "what it may not do with one model it may do with another");
    ring.abandon(other);
}

#[test]
fn what_is_not_the_keys_fault_leaves_it_alone() {
    let mut ring = ring(&["a", "b"]);
    for category in [ErrorCategory::Unavailable, ErrorCategory::Network, ErrorCategory::ContentFilter] {
        assert_eq!(fail(&mut ring, category, None, 0), "a");
    }
    assert_eq!(ring.states("m", 0), [("a", KeyState::Ready), ("b", KeyState::Ready)]);
}

#[test]
fn retry_after_closes_a_key_for_its_model_until_then() {
    let mut ring = ring(&["a", "b"]);
    assert_eq!(fail(&mut ring, ErrorCategory::RateLimited, Some(5_000), 0), "a");
    assert_eq!(ring.states("m", 1)[0], ("a", KeyState::Limited { until_ms: 5_000 }));
    assert_eq!(fail(&mut ring, ErrorCategory::RateLimited, Some(9_000), 1), "b");
    assert_eq!(ring.pick("m", &BTreeSet::new(), 2), Err(NoKey { until_ms: Some(5_000) }));
    let lease = pick(&mut ring, 5_000);
    assert_eq!(lease.key(), "a");
    ring.abandon(lease);
}

#[test]
fn a_failed_key_is_retested_by_one_call_and_comes_back_or_waits_longer() {
    let mut ring = ring(&["a", "b"]);
    fail(&mut ring, ErrorCategory::QuotaExceeded, None, 0);
    let expected = KeyState::Failed { category: ErrorCategory::QuotaExceeded, retest_ms: 60_000 };
    assert_eq!(ring.states("m", 1)[0], ("a", expected));
    let retest = pick(&mut ring, 60_000);
    assert_eq!(retest.key(), "a", "the one due goes first");
    assert_eq!(ring.states("m", 60_000)[0].1, KeyState::Retesting);
    let beside = pick(&mut ring, 60_001);
    assert_eq!(beside.key(), "b", "one call at a time finds out");
    ring.record(retest, Some((ErrorCategory::QuotaExceeded, None)), 60_002);
    ring.record(beside, None, 60_003);
    let expected = KeyState::Failed { category: ErrorCategory::QuotaExceeded, retest_ms: 180_002 };
    assert_eq!(ring.states("m", 60_003)[0].1, expected, "the wait has doubled");
    let mut retest = pick(&mut ring, 200_000);
    assert_eq!(retest.key(), "a");
    ring.began(&mut retest, 200_100);
    assert_eq!(ring.states("m", 200_100)[0].1, KeyState::Ready, "the first word settles it");
    ring.record(retest, None, 260_000);
}

#[test]
fn free_endpoints_retest_wrong_keys_and_not_empty_accounts() {
    let mut ring = ring(&["a", "b"]);
    fail(&mut ring, ErrorCategory::Authentication, None, 0);
    fail(&mut ring, ErrorCategory::QuotaExceeded, None, 0);
    assert_eq!(ring.pick_for_retest(59_999), None);
    let lease = ring.pick_for_retest(60_000).unwrap();
    assert_eq!(lease.key(), "a");
    assert_eq!(ring.pick_for_retest(60_000), None);
    ring.record(lease, None, 60_001);
    assert_eq!(ring.states("m", 60_001)[0].1, KeyState::Ready);
}

#[test]
fn keys_that_stay_keep_their_state() {
    let mut ring = ring(&["a", "b"]);
    fail(&mut ring, ErrorCategory::Authentication, None, 0);
    ring.set_keys(["c", "a", "c"]);
    let failed = KeyState::Failed { category: ErrorCategory::Authentication, retest_ms: 60_000 };
    assert_eq!(ring.states("m", 1), [("c", KeyState::Ready), ("a", failed)]);
}

#[test]
fn a_success_from_before_cannot_bring_a_failed_key_back() {
    let mut ring = ring(&["a"]);
    let early = pick(&mut ring, 0);
    fail(&mut ring, ErrorCategory::Authentication, None, 1);
    ring.record(early, None, 2);
    assert!(matches!(ring.states("m", 2)[0].1, KeyState::Failed { .. }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    /// One request goes through the ring once at most, whatever the keys say, and no failed key has two retests at once.
    #[test]
    fn a_request_tries_each_key_once(count in 1_usize..8, steps in prop::collection::vec((0_u8..5, 0_u64..40_000), 1..60)) {
        let mut ring = KeyRing::new(KeySettings::default(), (0..count).map(|key| key.to_string()));
        let mut now = 0;
        for (what, wait) in steps {
            now += wait;
            let category = match what {
                0 => ErrorCategory::Authentication,
                1 => ErrorCategory::QuotaExceeded,
                2 => ErrorCategory::Permission,
                3 => ErrorCategory::RateLimited,
                _ => ErrorCategory::Unavailable,
            };
            let mut tried = BTreeSet::new();
            while let Ok(lease) = ring.pick("m", &tried, now) {
                prop_assert!(tried.insert(lease.key().to_owned()));
                ring.record(lease, Some((category, Some(wait))), now);
            }
            prop_assert!(tried.len() <= count);
            prop_assert!(ring.states("m", now).iter().all(|(_, state)| *state != KeyState::Retesting), "no place is lost");
        }
    }
}

#[test]
fn a_refused_key_is_due_after_its_while_and_one_without_credit_is_not_looked_at() {
    let mut ring = ring(&["a", "b"]);
    assert_eq!(ring.next_retest_ms(0), None);
    assert_eq!(fail(&mut ring, ErrorCategory::QuotaExceeded, None, 0), "a");
    assert_eq!(ring.next_retest_ms(60_000), None, "lists of models are free, so they say nothing of credit");
    assert_eq!(fail(&mut ring, ErrorCategory::Authentication, None, 5), "b");
    assert_eq!((ring.next_retest_ms(6), ring.next_retest_ms(70_000)), (Some(60_005), Some(70_000)));
    let look = ring.pick_for_retest(70_000).unwrap();
    assert_eq!((look.key(), ring.next_retest_ms(70_000)), ("b", None), "one look at a time");
    ring.record(look, Some((ErrorCategory::Authentication, None)), 70_001);
    assert_eq!(ring.next_retest_ms(70_002), Some(190_001), "the while doubles");
}

#[test]
fn a_key_somebody_had_checked_is_refused_no_more_but_credit_is_another_matter() {
    let mut ring = ring(&["a", "b"]);
    fail(&mut ring, ErrorCategory::Authentication, None, 0);
    fail(&mut ring, ErrorCategory::QuotaExceeded, None, 0);
    ring.accepted("a", 1);
    ring.accepted("b", 1);
    ring.accepted("gone", 1);
    let out_of_credit = KeyState::Failed { category: ErrorCategory::QuotaExceeded, retest_ms: 60_000 };
    assert_eq!(ring.standings(2), [("a", KeyState::Ready), ("b", out_of_credit)]);
    assert_eq!(pick(&mut ring, 2).key(), "a");
}

#[test]
fn a_key_is_limited_as_a_whole_when_no_model_it_was_used_for_can_be_asked() {
    let mut ring = ring(&["a"]);
    fail(&mut ring, ErrorCategory::RateLimited, Some(5_000), 0);
    assert_eq!(ring.standings(1), [("a", KeyState::Limited { until_ms: 5_000 })]);
    let other = ring.pick("other", &BTreeSet::new(), 1).unwrap();
    ring.record(other, None, 1);
    assert_eq!(ring.standings(2), [("a", KeyState::Ready)]);
}

#[test]
fn a_ring_knows_when_a_key_was_last_answered() {
    let mut ring = KeyRing::new(KeySettings::default(), ["a", "b"]);
    assert_eq!(ring.answered_ms("a"), None, "not tried yet");
    let mut lease = ring.pick("m", &BTreeSet::new(), 10).unwrap();
    ring.began(&mut lease, 20);
    assert_eq!(ring.answered_ms("a"), Some(20), "an answer that has begun says that the key works");
    ring.record(lease, None, 30);
    let lease = ring.pick("m", &BTreeSet::new(), 40).unwrap();
    ring.record(lease, Some((ErrorCategory::Authentication, None)), 50);
    assert_eq!((ring.answered_ms("a"), ring.answered_ms("b")), (Some(30), None), "a failure is no answer");
    ring.set_keys(["b", "a"]);
    assert_eq!(ring.answered_ms("a"), Some(30), "kept while the key is there");
}
