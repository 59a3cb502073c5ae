//! Sixty-four requests at once against the same limits, breakers and keys, on a clock of their own, a thousand times over.

#![expect(clippy::cast_possible_truncation, reason = "sixty-four racers have small numbers")]

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};

use super::super::KeyState;
use super::super::guards::Lease;
use super::super::pools::mix;
use super::*;
use crate::breaker::{BreakerSettings, BreakerState};
use crate::limits::Limits;

const RACERS: u64 = 64;
const SEEDS: u64 = 1_000;
const MINUTE_MS: u64 = 60_000;
const KEYS: [&str; 3] = ["k0", "k1", "k2"];
const PER_KEY: Limits = Limits { requests: Some(6), tokens: Some(1_500), concurrency: Some(3) };
const PROBES: u32 = 2;

/// A source of numbers that a seed decides.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0) % below
    }
}

/// One account and model at a provider: what was let through, to be checked against the limits from outside.
#[derive(Default)]
struct Account {
    /// When, and with how many tokens; settled ones with what they used.
    sent: VecDeque<(u64, u64, u64)>,
    running: u64,
}

struct Race {
    dice: Dice,
    guards: Guards,
    plans: Vec<Plan>,
    held: Vec<Option<(usize, Lease)>>,
    done: Vec<bool>,
    /// When whose call ends or whose wait is over.
    events: BinaryHeap<Reverse<(u64, u64, u64)>>,
    /// Which of its events counts: a wake-up makes the wait before it void.
    due: Vec<u64>,
    accounts: BTreeMap<(usize, String), Account>,
    calls: u64,
}

fn target(name: &str, tier: u32) -> Candidate {
    let breaker = BreakerSettings {
        failure_threshold: 3,
        recovery_ms: 5_000,
        half_open_requests: PROBES,
        ..BreakerSettings::default()
    };
    let model: roundtable_domain::ModelRef = name.parse().unwrap();
    let host = format!("https://{}.example", model.provider);
    Candidate { tier, breaker, prompt_tokens: 100, answer_tokens: 200, ..Candidate::new(model, host) }
}

impl Race {
    fn new(seed: u64) -> Self {
        let mut guards = Guards::default();
        guards.set_keys("p", KEYS);
        let candidates = vec![target("p/m", 0), target("local/n", 1)];
        for key in KEYS {
            let scope = Scope::AccountModel { model: candidates[0].model.clone(), key: Some(key.to_owned()) };
            guards.set_limits(scope, PER_KEY);
        }
        let local = Scope::Host { origin: candidates[1].host.clone() };
        guards.set_limits(local, Limits { concurrency: Some(1), ..Limits::default() });
        let settings = PlanSettings {
            budget: BudgetLimits { max_attempts: 4, total_ms: 240_000, ..BudgetLimits::default() },
            ..PlanSettings::default()
        };
        let plans =
            (0..RACERS).map(|id| Plan::new(id, id % 5, settings.clone(), candidates.clone(), 0)).collect();
        let mut dice = Dice(seed);
        Self {
            events: (0..RACERS).map(|id| Reverse((dice.roll(2_000), id, 0))).collect(),
            due: vec![0; RACERS as usize],
            dice,
            guards,
            plans,
            held: (0..RACERS).map(|_| None).collect(),
            done: vec![false; RACERS as usize],
            accounts: BTreeMap::new(),
            calls: 0,
        }
    }

    fn at(&mut self, when: u64, id: u64) {
        self.due[id as usize] += 1;
        self.events.push(Reverse((when, id, self.due[id as usize])));
    }

    /// Asks one plan what to do, and does it.
    fn ask(&mut self, id: u64, now: u64) {
        let index = id as usize;
        match self.plans[index].next(&mut self.guards, now) {
            Step::Attempt(attempt) => {
                let key = attempt.lease.key().unwrap_or_default().to_owned();
                let account = self.accounts.entry((attempt.candidate, key)).or_default();
                account.sent.push_back((now, 300, id));
                account.running += 1;
                check_limits(attempt.candidate, account, now);
                self.held[index] = Some((attempt.candidate, attempt.lease));
                self.calls += 1;
                let lasts = self.dice.roll(8_000);
                self.at(now + 1 + lasts, id);
            }
            Step::Wait(wait) => {
                assert!(wait.until_ms > now);
                self.at(wait.until_ms, id);
            }
            Step::Offer(_) | Step::Stop(_) => self.done[index] = true,
            Step::Trim { candidate, .. } => {
                self.plans[index].trimmed(candidate, None);
                self.at(now, id);
            }
        }
    }

    /// Ends the call of one plan as the dice say.
    fn end(&mut self, id: u64, candidate: usize, mut lease: Lease, now: u64) {
        use ErrorCategory as E;
        let key = lease.key().unwrap_or_default().to_owned();
        let fate = self.dice.roll(20);
        let category = match fate {
            0..=10 => None,
            11 => Some(E::RateLimited),
            12 | 13 => Some(E::Unavailable),
            14 => Some(E::Network),
            15 => Some(E::QuotaExceeded),
            16 => Some(E::Authentication),
            17 => Some(E::Timeout),
            18 => Some(E::ContextLength),
            _ => Some(E::Cancelled),
        };
        let retry_after_ms = (self.dice.roll(3) == 0).then(|| self.dice.roll(30_000));
        let used = self.dice.roll(301);
        if category.is_none() {
            self.guards.began(&mut lease, now);
        }
        let account = self.accounts.get_mut(&(candidate, key)).unwrap();
        account.running -= 1;
        // Whoever is refused for its limits counts as a request without tokens.
        let settled = if category == Some(E::RateLimited) { 0 } else { used };
        if let Some(sent) = account.sent.iter_mut().rev().find(|(_, _, who)| *who == id) {
            sent.1 = settled;
        }
        let failure = category.map(|category| Failure { category, retry_after_ms, committed: None });
        let end = CallEnd { failure, tokens: Some(used), cost: None };
        let jitter = self.dice.roll(u64::MAX);
        self.plans[id as usize].ended(&mut self.guards, lease, end, now, jitter);
    }

    /// Everybody who waits behind a limit and whose turn it is asks again.
    fn wake(&mut self, now: u64) {
        for id in self.guards.heads(now) {
            if self.held[id as usize].is_none() && !self.done[id as usize] {
                self.at(now, id);
            }
        }
    }

    /// No more probes under way than allowed.
    fn check_probes(&self, now: u64) {
        for (candidate, most) in [(0, PROBES), (1, PROBES)] {
            let model = self.plans[0].candidates()[candidate].model.clone();
            if let BreakerState::HalfOpen { pending, succeeded } =
                self.guards.breaker_state(&Scope::Model { model }, now)
            {
                assert!(pending + succeeded <= most, "{pending} probes and {succeeded} successes");
            }
        }
    }

    fn run(mut self) -> u64 {
        let mut last = 0;
        while let Some(Reverse((now, id, due))) = self.events.pop() {
            assert!(now >= last, "time goes on");
            last = now;
            if self.done[id as usize] || self.due[id as usize] != due {
                continue;
            }
            let before = self.calls;
            let held = self.held[id as usize].take();
            let has_ended = held.is_some();
            if let Some((candidate, lease)) = held {
                self.end(id, candidate, lease, now);
            }
            self.ask(id, now);
            if has_ended || self.calls > before {
                self.wake(now);
            }
            self.check_probes(now);
        }
        self.check_nothing_is_lost(last + 10_000_000);
        self.calls
    }

    /// Long after the last call every place is free again, and every probe can be taken.
    fn check_nothing_is_lost(&mut self, now: u64) {
        assert!(self.done.iter().all(|done| *done), "a request never came to its end");
        assert!(self.guards.heads(now).is_empty(), "somebody is still in a line");
        let candidates = self.plans[0].candidates().to_vec();
        for key in KEYS {
            let scope = Scope::AccountModel { model: candidates[0].model.clone(), key: Some(key.to_owned()) };
            let left = self.guards.allowance(&scope, now).unwrap();
            assert!(left.concurrency.unwrap() >= 1 && left.requests.unwrap() >= 1, "{left:?}");
            assert!(self.accounts.values().all(|account| account.running == 0));
        }
        let local = self.guards.allowance(&Scope::Host { origin: candidates[1].host.clone() }, now).unwrap();
        assert_eq!(local.concurrency, Some(1));
        let states = self.guards.key_states(&candidates[0].model, now);
        assert!(states.iter().all(|(_, state)| *state != KeyState::Retesting), "{states:?}");
        for candidate in &candidates {
            let scope = Scope::Model { model: candidate.model.clone() };
            assert!(
                matches!(
                    self.guards.breaker_state(&scope, now),
                    BreakerState::Closed | BreakerState::HalfOpen { pending: 0, .. }
                ),
                "a probe was lost"
            );
        }
    }
}

/// Counted from outside: no window of a minute, and no moment, holds more than the limits.
fn check_limits(candidate: usize, account: &mut Account, now: u64) {
    while account.sent.front().is_some_and(|(at, _, _)| now - at >= MINUTE_MS) {
        account.sent.pop_front();
    }
    if candidate == 1 {
        assert!(account.running <= 1, "the local server runs one at a time");
        return;
    }
    let tokens: u64 = account.sent.iter().map(|(_, tokens, _)| tokens).sum();
    assert!(account.running <= 3, "{} at once", account.running);
    assert!(account.sent.len() <= 6, "{} in a minute", account.sent.len());
    assert!(tokens <= 1_500, "{tokens} tokens in a minute");
}

/// A quarter of the seeds each, so that they run beside each other.
fn race_quarter(quarter: u64) {
    let seeds = SEEDS / 4 * quarter..SEEDS / 4 * (quarter + 1);
    let calls: u64 = seeds.map(|seed| Race::new(mix(seed)).run()).sum();
    assert!(calls > SEEDS / 4 * RACERS / 2, "the racers did race: {calls} calls");
}

#[test]
fn no_limit_is_passed_no_probe_is_doubled_and_no_place_is_lost_1() {
    race_quarter(0);
}

#[test]
fn no_limit_is_passed_no_probe_is_doubled_and_no_place_is_lost_2() {
    race_quarter(1);
}

#[test]
fn no_limit_is_passed_no_probe_is_doubled_and_no_place_is_lost_3() {
    race_quarter(2);
}

#[test]
fn no_limit_is_passed_no_probe_is_doubled_and_no_place_is_lost_4() {
    race_quarter(3);
}
