use roundtable_domain::{ModelRef, PicoUsd};

use super::super::storm::{RetryBudget, RetryBudgetSettings};
use super::super::{KeySettings, Pool, PoolSettings, Refusal, Spent};
use super::*;
use crate::breaker::{BreakerSettings, BreakerState};
use crate::choose::Ability;
use crate::limits::Limits;
use crate::route::RotationStrategy;

const CENT: PicoUsd = PicoUsd::from_pico(10_000_000_000);

fn candidate(name: &str) -> Candidate {
    let model: ModelRef = name.parse().unwrap();
    let host = format!("https://{}.example", model.provider);
    Candidate { prompt_tokens: 100, answer_tokens: 100, ..Candidate::new(model, host) }
}

fn candidates(names: &[&str]) -> Vec<Candidate> {
    names.iter().map(|name| candidate(name)).collect()
}

fn plan(names: &[&str]) -> Plan {
    Plan::new(1, 1, PlanSettings::default(), candidates(names), 0)
}

fn failure(category: ErrorCategory) -> CallEnd {
    let failure = Failure { category, retry_after_ms: None, committed: None };
    CallEnd { failure: Some(failure), ..CallEnd::default() }
}

fn retry_after(category: ErrorCategory, ms: u64) -> CallEnd {
    let failure = Failure { category, retry_after_ms: Some(ms), committed: None };
    CallEnd { failure: Some(failure), ..CallEnd::default() }
}

fn cut_after(tokens: u64) -> CallEnd {
    let committed = Some(Committed { tokens, has_tool_calls: false });
    let failure = Failure { category: ErrorCategory::Network, retry_after_ms: None, committed };
    CallEnd { failure: Some(failure), ..CallEnd::default() }
}

/// Plays a plan against a script of ends, on a clock that jumps to the end of each wait; jitter is 0. What happens is written as
/// `kind candidate` and `+wait`.
fn play(plan: &mut Plan, guards: &mut Guards, script: &[CallEnd]) -> (Vec<String>, Step) {
    let (mut now, mut said, mut script) = (plan.idle_since_ms, Vec::new(), script.iter());
    loop {
        match plan.next(guards, now) {
            Step::Attempt(attempt) => {
                let key = attempt.lease.key().map(|key| format!(" with {key}")).unwrap_or_default();
                said.push(format!("{:?} {}{key}", attempt.kind, attempt.candidate));
                let end = script.next().copied().unwrap_or_default();
                now += 10;
                plan.ended(guards, attempt.lease, end, now, 0);
            }
            Step::Wait(wait) => {
                assert!(wait.until_ms > now, "a wait is in the future");
                said.push(format!("+{}", wait.until_ms - now));
                now = wait.until_ms;
            }
            step => return (said, step),
        }
    }
}

fn reason(step: &Step) -> &StopReason {
    match step {
        Step::Stop(end) => &end.reason,
        other => panic!("not a stop: {other:?}"),
    }
}

#[test]
fn each_category_does_what_its_row_says() {
    use ErrorCategory as E;
    // (what fails every time, what is done with two models at two providers, the first with two keys)
    let rows: &[(E, &[&str], StopReason)] = &[
        (
            E::RateLimited,
            &["First 0 with a", "NextKey 0 with b", "Retry 0 with a", "Fallback 1"],
            StopReason::OutOfAttempts,
        ),
        (E::QuotaExceeded, &["First 0 with a", "NextKey 0 with b", "Fallback 1"], StopReason::NobodyLeft),
        (E::Authentication, &["First 0 with a", "NextKey 0 with b", "Fallback 1"], StopReason::NobodyLeft),
        (E::Permission, &["First 0 with a", "NextKey 0 with b", "Fallback 1"], StopReason::NobodyLeft),
        (E::ModelNotFound, &["First 0 with a", "Fallback 1"], StopReason::NobodyLeft),
        (E::WrongAddress, &["First 0 with a", "Fallback 1"], StopReason::NobodyLeft),
        (E::Unavailable, &["First 0 with a", "Retry 0 with a", "Fallback 1"], StopReason::OutOfAttempts),
        (E::Network, &["First 0 with a", "Retry 0 with a", "Fallback 1"], StopReason::OutOfAttempts),
        (E::Truncated, &["First 0 with a", "Retry 0 with a", "Fallback 1"], StopReason::OutOfAttempts),
        (E::Timeout, &["First 0 with a", "Fallback 1", "Retry 1"], StopReason::OutOfAttempts),
        (E::InvalidRequest, &["First 0 with a"], StopReason::Hopeless { category: E::InvalidRequest }),
        (E::ContentFilter, &["First 0 with a"], StopReason::Hopeless { category: E::ContentFilter }),
        (E::Cancelled, &["First 0 with a"], StopReason::Cancelled),
    ];
    for (category, expected, stop) in rows {
        let mut guards = Guards::default();
        guards.set_keys("p", ["a", "b"]);
        let mut plan = plan(&["p/m", "q/n"]);
        let (said, step) = play(&mut plan, &mut guards, &[failure(*category); 9]);
        assert_eq!(
            (said.as_slice(), reason(&step)),
            (expected.map_to_strings().as_slice(), stop),
            "{category:?}"
        );
    }
}

trait MapToStrings {
    fn map_to_strings(&self) -> Vec<String>;
}

impl MapToStrings for &[&str] {
    fn map_to_strings(&self) -> Vec<String> {
        self.iter().map(|text| (*text).to_owned()).collect()
    }
}

#[test]
fn retry_after_is_waited_for_and_not_undercut() {
    let mut guards = Guards::default();
    let mut alone = plan(&["p/m"]);
    let script = [retry_after(ErrorCategory::Unavailable, 3_000)];
    let (said, _) = play(&mut alone, &mut guards, &script);
    assert_eq!(said, ["First 0", "+3000", "Retry 0"]);
    assert_eq!(alone.calls()[1].waited_ms, 3_000);
    // Meanwhile nobody else goes there either.
    let mut first = plan(&["p/m"]);
    let Step::Attempt(attempt) = first.next(&mut guards, 10_000) else { panic!() };
    first.ended(&mut guards, attempt.lease, retry_after(ErrorCategory::Unavailable, 3_000), 10_000, 0);
    let mut second = Plan::new(2, 1, PlanSettings::default(), candidates(&["p/m"]), 10_001);
    let Step::Wait(wait) = second.next(&mut guards, 10_001) else { panic!() };
    assert_eq!((wait.until_ms, wait.reason), (13_000, WaitReason::Recovery));
}

#[test]
fn a_wait_beyond_patience_closes_the_target_and_goes_on_or_shows_the_time() {
    let mut guards = Guards::default();
    let script = [retry_after(ErrorCategory::Unavailable, 90_000)];
    let (said, _) = play(&mut plan(&["p/m", "q/n"]), &mut guards, &script);
    assert_eq!(said, ["First 0", "Fallback 1"], "moved on without a wait");
    let (said, _) = play(&mut plan(&["p/m", "q/n"]), &mut guards, &[]);
    assert_eq!(said, ["First 1"], "the next request does not even ask");
    let (said, step) = play(&mut plan(&["p/m"]), &mut guards, &[]);
    assert_eq!((said.len(), reason(&step)), (0, &StopReason::WaitTooLong { until_ms: 90_010 }));
    let Step::Stop(end) = step else { panic!() };
    assert_eq!(end.try_anyway, Some(0));
}

#[test]
fn nobody_sleeps_after_the_last_attempt() {
    let mut guards = Guards::default();
    let (said, step) =
        play(&mut plan(&["p/m"]), &mut guards, &[retry_after(ErrorCategory::Unavailable, 100); 3]);
    assert_eq!(said, ["First 0", "+100", "Retry 0", "+100", "Retry 0"]);
    assert_eq!(reason(&step), &StopReason::OutOfAttempts);
}

#[test]
fn keys_cost_no_attempts_and_no_time_and_each_is_tried_once() {
    let mut guards = Guards::default();
    guards.set_keys("p", ["a", "b", "c", "d", "e"]);
    let (said, step) =
        play(&mut plan(&["p/m", "p/n"]), &mut guards, &[failure(ErrorCategory::QuotaExceeded); 9]);
    let keys =
        ["First 0 with a", "NextKey 0 with b", "NextKey 0 with c", "NextKey 0 with d", "NextKey 0 with e"];
    assert_eq!(said, keys, "and the other model is paid with the same empty accounts");
    assert!(matches!(reason(&step), StopReason::WaitTooLong { .. }), "{step:?}");
}

#[test]
fn a_prompt_that_is_too_long_is_shortened_once_and_then_goes_to_a_larger_window() {
    let mut guards = Guards::default();
    let mut all = candidates(&["p/small", "q/as_small", "r/large"]);
    for (candidate, window) in all.iter_mut().zip([1_000, 1_000, 100_000]) {
        (candidate.prompt_tokens, candidate.context_window) = (900, Some(window));
    }
    let mut plan = Plan::new(1, 1, PlanSettings::default(), all, 0);
    let long = [failure(ErrorCategory::ContextLength); 2];
    let (said, step) = play(&mut plan, &mut guards, &long);
    assert_eq!(said, ["First 0"]);
    let Step::Trim { candidate, to_tokens } = step else { panic!("{step:?}") };
    assert_eq!((candidate, to_tokens), (0, 675));
    plan.trimmed(0, Some(600));
    let (said, step) = play(&mut plan, &mut guards, &long[..1]);
    assert_eq!(said, ["Trimmed 0", "Fallback 2"]);
    assert_eq!(reason(&step), &StopReason::Answered);
}

#[test]
fn every_candidate_is_checked_anew() {
    let mut guards = Guards::default();
    let mut all = candidates(&["a/blind", "b/short", "c/dear", "d/unpriced", "e/limited", "f/good"]);
    for one in &mut all {
        one.estimate = Some(CENT);
    }
    all[0].lacks = vec![Ability::Vision];
    all[1].context_window = Some(99);
    all[2].estimate = Some(PicoUsd::from_pico(100 * CENT.as_pico()));
    all[3].estimate = None;
    guards.set_limits(
        Scope::AccountModel { model: all[4].model.clone(), key: None },
        Limits { tokens: Some(199), ..Limits::default() },
    );
    let budget = BudgetLimits { money: Some(CENT), ..BudgetLimits::default() };
    let settings = PlanSettings { budget, ..PlanSettings::default() };
    let mut one = Plan::new(1, 1, settings.clone(), all.clone(), 0);
    let (said, _) = play(&mut one, &mut guards, &[]);
    assert_eq!(said, ["First 5"]);
    all.pop();
    let (_, step) = play(&mut Plan::new(2, 1, settings, all, 0), &mut guards, &[]);
    let Step::Stop(end) = step else { panic!() };
    let codes: Vec<_> = end.refusals.iter().map(|(_, why)| why.clone()).collect();
    assert!(matches!(
        codes.as_slice(),
        [
            Refusal::Lacks { .. },
            Refusal::ContextLength { tokens: 100, window: 99 },
            Refusal::Budget { spent: Spent::Money },
            Refusal::Budget { spent: Spent::Unpriced },
            Refusal::TooLarge { limit: 199, .. },
        ]
    ));
}

#[test]
fn strategies_prefer_their_own() {
    let mut guards = Guards::default();
    let all = candidates(&["p/a", "p/b", "q/c"]);
    let failed = [failure(ErrorCategory::ModelNotFound); 1];
    let settings = PlanSettings { strategy: FallbackStrategy::ProviderFailover, ..PlanSettings::default() };
    let (said, _) = play(&mut Plan::new(1, 1, settings, all.clone(), 0), &mut guards, &failed);
    assert_eq!(said, ["First 0", "Fallback 2"]);
    let (said, _) = play(&mut Plan::new(1, 1, PlanSettings::default(), all, 0), &mut guards, &failed);
    assert_eq!(said, ["First 0", "Fallback 1"]);
}

#[test]
fn a_storm_of_retries_goes_elsewhere() {
    let none =
        RetryBudget::new(RetryBudgetSettings { percent: 0, reserve: 0, ..RetryBudgetSettings::default() });
    let mut guards = Guards::new(BreakerSettings::default(), KeySettings::default(), none);
    let failed = [failure(ErrorCategory::Unavailable); 3];
    let (said, _) = play(&mut plan(&["p/m", "q/n"]), &mut guards, &failed);
    assert_eq!(said, ["First 0", "Fallback 1"]);
    let (_, step) = play(&mut plan(&["p/m"]), &mut guards, &failed);
    assert_eq!(reason(&step), &StopReason::RetryStorm);
}

#[test]
fn an_open_breaker_is_passed_by_and_may_be_overridden() {
    let mut guards = Guards::default();
    for _ in 0..2 {
        play(&mut plan(&["p/m"]), &mut guards, &[failure(ErrorCategory::Unavailable); 3]);
    }
    let model = Scope::Model { model: "p/m".parse().unwrap() };
    assert!(matches!(guards.breaker_state(&model, 100), BreakerState::Open { .. }));
    let (said, _) = play(&mut plan(&["p/m", "q/n"]), &mut guards, &[]);
    assert_eq!(said, ["First 1"]);
    let mut alone = plan(&["p/m"]);
    let (_, step) = play(&mut alone, &mut guards, &[]);
    let Step::Stop(end) = step else { panic!() };
    alone.insist(end.try_anyway.unwrap());
    let (said, _) = play(&mut alone, &mut guards, &[]);
    assert_eq!(said, ["TryAnyway 0"]);
    assert_eq!(guards.breaker_state(&model, 100), BreakerState::Closed, "and it was right");
}

#[test]
fn after_the_first_word_nothing_is_sent_unasked_unless_the_route_says_so() {
    let mut guards = Guards::default();
    let mut asks = plan(&["p/m", "q/n"]);
    let (said, step) = play(&mut asks, &mut guards, &[cut_after(50)]);
    let Step::Offer(offer) = step else { panic!("{step:?}") };
    assert_eq!((said.len(), &offer.continue_with, &offer.automatic), (1, &vec![1, 0], &None));
    asks.resume(Resume::Continue, 1);
    let (said, step) = play(&mut asks, &mut guards, &[]);
    assert_eq!((said, reason(&step)), (vec!["Continue 1".to_owned()], &StopReason::Answered));
    let after_commit = AfterCommit::Automatic(Resume::Regenerate);
    let settings = PlanSettings { after_commit, ..PlanSettings::default() };
    let mut alone = Plan::new(1, 1, settings, candidates(&["p/m", "q/n"]), 0);
    let (_, step) = play(&mut alone, &mut guards, &[cut_after(50)]);
    let Step::Offer(offer) = step else { panic!("{step:?}") };
    assert_eq!(offer.automatic, Some((Resume::Regenerate, 1)));
}

#[test]
fn a_partial_answer_with_tool_calls_or_without_room_is_only_begun_anew() {
    let mut guards = Guards::default();
    let mut all = candidates(&["p/m", "q/n"]);
    all[1].context_window = Some(120);
    let (_, step) =
        play(&mut Plan::new(1, 1, PlanSettings::default(), all, 0), &mut guards, &[cut_after(50)]);
    let Step::Offer(offer) = step else { panic!() };
    assert_eq!((offer.continue_with, offer.regenerate_with), (vec![0], vec![1, 0]));
    let mut tools = cut_after(50);
    if let Some(Failure { committed: Some(committed), .. }) = &mut tools.failure {
        committed.has_tool_calls = true;
    }
    let (_, step) = play(&mut plan(&["p/m", "q/n"]), &mut guards, &[tools]);
    let Step::Offer(offer) = step else { panic!() };
    assert_eq!((offer.continue_with, offer.regenerate_with), (vec![], vec![1, 0]));
}

#[test]
fn the_last_resort_is_shown_only_where_nothing_was() {
    let settings = PlanSettings { last_resort: Some("Nobody is there.".into()), ..PlanSettings::default() };
    let last_resort = |end: CallEnd| {
        let mut plan = Plan::new(1, 1, settings.clone(), candidates(&["p/m"]), 0);
        match play(&mut plan, &mut Guards::default(), &[end]).1 {
            Step::Stop(end) => end.last_resort.map(|text| text.text),
            _ => None,
        }
    };
    assert_eq!(last_resort(failure(ErrorCategory::Authentication)).as_deref(), Some("Nobody is there."));
    assert_eq!(last_resort(CallEnd::default()), None);
    assert_eq!(last_resort(failure(ErrorCategory::Cancelled)), None);
    assert_eq!(last_resort(cut_after(3)), None);
}

#[test]
fn pools_bound_what_a_request_tries_of_them() {
    let mut all = candidates(&["p/a", "q/b", "r/c"]);
    for one in &mut all {
        one.instance = Some(one.model.to_string());
    }
    let go = |fallback, failed: ErrorCategory| {
        let mut guards = Guards::default();
        let settings = PoolSettings { rotation: RotationStrategy::RoundRobin, ..PoolSettings::default() };
        guards.set_pool("ring", Pool::new(settings, all.iter().map(|one| (one.model.to_string(), 1))));
        let pool = Some(PoolUse { name: "ring".into(), fallback, max_instance_attempts: 2 });
        let budget = BudgetLimits { max_attempts: 9, ..BudgetLimits::default() };
        let settings = PlanSettings { pool, budget, max_retries: 5, ..PlanSettings::default() };
        let (said, _) =
            play(&mut Plan::new(1, 1, settings, all.clone(), 0), &mut guards, &[failure(failed); 9]);
        let running: u32 =
            guards.pool_mut("ring").unwrap().states(0).iter().map(|(_, state)| state.running).sum();
        assert_eq!(running, 0, "no visit is lost");
        said.join(", ")
    };
    let rotation = PoolFallbackStrategy::InstanceRotation;
    assert_eq!(go(rotation, ErrorCategory::ModelNotFound), "First 0, Fallback 1");
    assert_eq!(go(PoolFallbackStrategy::SimpleRetry, ErrorCategory::Unavailable), "First 0, Retry 0");
    assert_eq!(go(PoolFallbackStrategy::SimpleRetry, ErrorCategory::ModelNotFound), "First 0");
}

#[test]
fn what_the_books_refuse_goes_to_the_next_and_leaves_no_trace() {
    let mut guards = Guards::default();
    let rung = Scope::AccountModel { model: "p/m".parse().unwrap(), key: None };
    guards.set_limits(rung.clone(), Limits { requests: Some(1), ..Limits::default() });
    let mut plan = plan(&["p/m", "q/n"]);
    let Step::Attempt(attempt) = plan.next(&mut guards, 0) else { panic!() };
    plan.not_sent(&mut guards, attempt.lease, 0);
    assert_eq!(guards.allowance(&rung, 0).unwrap().requests, Some(1));
    assert_eq!((plan.calls().len(), plan.budget().attempts_left()), (0, 3));
    let (said, _) = play(&mut plan, &mut guards, &[]);
    assert_eq!(said, ["First 1"]);
}

#[test]
fn a_full_limit_is_waited_for_or_gone_round_and_a_lone_target_is_stood_in_line_for() {
    let mut guards = Guards::default();
    let scope = Scope::AccountModel { model: "p/m".parse().unwrap(), key: None };
    guards.set_limits(scope, Limits { requests: Some(1), ..Limits::default() });
    play(&mut plan(&["p/m"]), &mut guards, &[]);
    let (said, _) = play(&mut plan(&["p/m", "q/n"]), &mut guards, &[]);
    assert_eq!(said, ["First 1"], "a minute is too long when there is somebody else");
    let (said, _) = play(&mut plan(&["p/m"]), &mut guards, &[]);
    assert_eq!(said, ["+60000", "First 0"]);
    let mut late = Plan::new(9, 1, PlanSettings::default(), candidates(&["p/m", "q/n"]), 110_000);
    let (said, _) = play(&mut late, &mut guards, &[]);
    assert_eq!(said, ["+10000", "First 0"], "ten seconds are not");
}
