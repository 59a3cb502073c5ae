//! Sixty-four requests at once against the same limits, breakers, keys and a pool, on a clock of their own, a thousand times
//! over. They answer, fail in every way, break off after the first word, are refused by the books, are stopped in the middle of
//! a wait, use more than they said. [`watch`] counts from outside what the guards let through.

#![expect(clippy::cast_possible_truncation, reason = "sixty-four racers have small numbers")]

mod watch;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::super::KeyState;
use super::super::guards::Lease;
use super::super::pools::{Pool, PoolSettings, mix};
use super::*;
use crate::breaker::BreakerSettings;
use crate::limits::Limits;
use crate::route::Rung;
use watch::{Peaks, Watch};

const RACERS: u64 = 64;
const SEEDS: u64 = 1_000;
const KEYS: [&str; 3] = ["k0", "k1", "k2"];
const PER_KEY: Limits = Limits { requests: Some(6), tokens: Some(1_500), concurrency: Some(3) };
/// Less than the keys allow together.
const ON_THE_RUNG: Limits = Limits { requests: None, tokens: None, concurrency: Some(7) };
const AT_THE_LOCAL_SERVER: Limits = Limits { requests: None, tokens: None, concurrency: Some(1) };
const PROBES: u32 = 2;
/// What a call sets aside, in tokens.
const SET_ASIDE: u64 = 300;

/// A source of numbers that a seed decides.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0) % below
    }

    /// Once in so many times.
    fn once_in(&mut self, times: u64) -> bool {
        self.roll(times) == 0
    }
}

/// A call under way.
struct Held {
    candidate: usize,
    lease: Lease,
    has_begun: bool,
    ends_ms: u64,
}

/// One request of the race.
struct Racer {
    plan: Plan,
    held: Option<Held>,
    done: bool,
    /// Which of its events counts: a wake-up makes the wait before it void.
    due: u64,
}

struct Race {
    dice: Dice,
    guards: Guards,
    racers: Vec<Racer>,
    /// When whose call goes on or whose wait is over.
    events: BinaryHeap<Reverse<(u64, usize, u64)>>,
    watch: Watch,
}

fn target(name: &str, echelon: u32) -> Candidate {
    let breaker = BreakerSettings {
        failure_threshold: 3,
        recovery_ms: 5_000,
        half_open_requests: PROBES,
        ..BreakerSettings::default()
    };
    let model: roundtable_domain::ModelRef = name.parse().unwrap();
    let host = format!("https://{}.example", model.provider);
    let rung = Some(Rung { group: "ladder".to_owned(), echelon });
    let limits = if echelon == 1 { ON_THE_RUNG } else { Limits::default() };
    let (tier, instance) = (echelon, Some(name.to_owned()));
    let (prompt_tokens, answer_tokens) = (SET_ASIDE / 3, SET_ASIDE - SET_ASIDE / 3);
    Candidate {
        tier,
        rung,
        instance,
        prompt_tokens,
        answer_tokens,
        breaker,
        limits,
        ..Candidate::new(model, host)
    }
}

/// Every second request goes through the pool.
fn settings(id: u64) -> PlanSettings {
    let pool = PoolUse {
        name: "ring".to_owned(),
        fallback: PoolFallbackStrategy::InstanceRotation,
        max_instance_attempts: 3,
    };
    PlanSettings {
        budget: BudgetLimits { max_attempts: 4, total_ms: 240_000, ..BudgetLimits::default() },
        pool: id.is_multiple_of(2).then_some(pool),
        ..PlanSettings::default()
    }
}

impl Race {
    fn new(seed: u64) -> Self {
        let mut guards = Guards::default();
        guards.set_keys("p", KEYS);
        let candidates = vec![target("p/m", 1), target("local/n", 2)];
        let names = candidates.iter().map(|one| (one.model.to_string(), 1));
        guards.set_pool("ring", Pool::new(PoolSettings { recovery_ms: 5_000, ..Default::default() }, names));
        for key in KEYS {
            let scope = Scope::AccountModel { model: candidates[0].model.clone(), key: Some(key.to_owned()) };
            guards.set_limits(scope, PER_KEY);
        }
        guards.set_limits(Scope::Host { origin: candidates[1].host.clone() }, AT_THE_LOCAL_SERVER);
        let racer = |id| Racer {
            plan: Plan::new(id, id % 5, settings(id), candidates.clone(), 0),
            held: None,
            done: false,
            due: 0,
        };
        let mut dice = Dice(seed);
        Self {
            watch: Watch::new(&candidates),
            racers: (0..RACERS).map(racer).collect(),
            events: (0..RACERS as usize).map(|id| Reverse((dice.roll(2_000), id, 0))).collect(),
            dice,
            guards,
        }
    }

    fn at(&mut self, when: u64, id: usize) {
        self.racers[id].due += 1;
        self.events.push(Reverse((when, id, self.racers[id].due)));
    }

    /// Asks one plan what to do, and does it.
    fn ask(&mut self, id: usize, now: u64) {
        self.watch.look(&self.guards, now);
        let step = self.racers[id].plan.next(&mut self.guards, now);
        match step {
            Step::Attempt(attempt) => self.send(id, *attempt, now),
            Step::Wait(wait) => {
                assert!(wait.until_ms > now);
                self.at(wait.until_ms, id);
            }
            Step::Stop(_) => self.racers[id].done = true,
            Step::Offer(offer) => {
                let whom = offer.continue_with.first().map(|who| (Resume::Continue, *who));
                match whom.filter(|_| self.dice.once_in(2)) {
                    Some((resume, who)) => {
                        self.racers[id].plan.resume(resume, who);
                        self.at(now, id);
                    }
                    None => self.racers[id].done = true,
                }
            }
            Step::Trim { candidate, .. } => {
                self.racers[id].plan.trimmed(candidate, None);
                self.at(now, id);
            }
        }
    }

    fn send(&mut self, id: usize, attempt: Attempt, now: u64) {
        let Attempt { candidate, lease, .. } = attempt;
        self.watch.sent(id, candidate, lease.key().unwrap_or_default(), now);
        if self.dice.once_in(25) {
            self.watch.unsent(id);
            self.racers[id].plan.not_sent(&mut self.guards, lease, now);
            self.at(now, id);
            return;
        }
        let lasts = 1 + self.dice.roll(8_000);
        let first_word = if self.dice.once_in(2) { self.dice.roll(lasts) } else { lasts };
        self.racers[id].held = Some(Held { candidate, lease, has_begun: false, ends_ms: now + lasts });
        self.at(now + first_word, id);
    }

    /// A call says its first word, or ends.
    fn go_on(&mut self, id: usize, mut held: Held, now: u64) {
        if held.has_begun || now >= held.ends_ms {
            return self.end(id, held, now);
        }
        self.guards.began(&mut held.lease, now);
        self.watch.began(id, &self.guards, now);
        held.has_begun = true;
        self.at(held.ends_ms, id);
        self.racers[id].held = Some(held);
    }

    /// Ends the call of one plan as the dice say.
    fn end(&mut self, id: usize, held: Held, now: u64) {
        use ErrorCategory as E;
        let category = match self.dice.roll(20) {
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
        let retry_after_ms = self.dice.once_in(3).then(|| self.dice.roll(30_000));
        // Some use more than they set aside, and of some nobody says.
        let tokens = (!self.dice.once_in(6)).then(|| self.dice.roll(SET_ASIDE * 3 / 2));
        let said = Committed { tokens: self.dice.roll(50), has_tool_calls: self.dice.once_in(5) };
        let committed = held.has_begun.then_some(said);
        let failure = category.map(|category| Failure { category, retry_after_ms, committed });
        let end = CallEnd { failure, tokens, cost: None };
        let jitter = self.dice.roll(u64::MAX);
        self.racers[id].plan.ended(&mut self.guards, held.lease, end, now, jitter);
        // Whoever is refused for its limits counts as a request without tokens.
        let refused = category == Some(E::RateLimited);
        let counted = if refused { 0 } else { tokens.unwrap_or(SET_ASIDE) };
        self.watch.ended(id, held.candidate, category, counted, &self.guards, now);
        self.ask(id, now);
    }

    /// Everybody who waits behind a limit and whose turn it is asks again.
    fn wake(&mut self, now: u64) {
        for id in self.guards.heads(now) {
            let id = id as usize;
            if self.racers[id].held.is_none() && !self.racers[id].done {
                self.at(now, id);
            }
        }
    }

    fn run(mut self) -> Peaks {
        let mut last = 0;
        while let Some(Reverse((now, id, due))) = self.events.pop() {
            assert!(now >= last, "time goes on");
            last = now;
            if self.racers[id].done || self.racers[id].due != due {
                continue;
            }
            let before = self.watch.peaks.calls;
            let held = self.racers[id].held.take();
            let is_a_call = held.is_some();
            match held {
                Some(held) => self.go_on(id, held, now),
                // Somebody presses stop, in a wait or before anything was sent.
                None if self.dice.once_in(40) => {
                    self.racers[id].plan.leave(&mut self.guards);
                    self.racers[id].done = true;
                }
                None => self.ask(id, now),
            }
            if is_a_call || self.racers[id].done || self.watch.peaks.calls > before {
                self.wake(now);
            }
        }
        self.check_nothing_is_lost(last + 10_000_000);
        self.watch.peaks
    }

    /// Long after the last call every place is free again, and every probe can be taken.
    fn check_nothing_is_lost(&mut self, now: u64) {
        assert!(self.racers.iter().all(|racer| racer.done), "a request never came to its end");
        assert!(self.guards.heads(now).is_empty(), "somebody is still in a line");
        let candidates = self.racers[0].plan.candidates().to_vec();
        for scope in watch::scopes(&candidates) {
            // Under limits wide enough for a single lost place to show: both shrink alike after refusals, and no call of the
            // last minute is left, so what tells them apart is who is counted as under way.
            let wide = Limits { requests: Some(1_000_000), tokens: None, concurrency: Some(1_000_000) };
            self.guards.set_limits(scope.clone(), wide);
            let left = self.guards.allowance(&scope, now).unwrap();
            assert_eq!(left.concurrency, left.requests, "a place was lost at {scope:?}");
        }
        let states = self.guards.key_states(&candidates[0].model, now);
        assert!(states.iter().all(|(_, state)| *state != KeyState::Retesting), "{states:?}");
        let instances = self.guards.pool_mut("ring").unwrap().states(now);
        assert!(instances.iter().all(|(_, one)| one.running == 0), "a visit was lost: {instances:?}");
        self.watch.check_no_probe_is_lost(&self.guards, now);
    }
}

/// A quarter of the seeds each, so that they run beside each other.
fn race_quarter(quarter: u64) {
    let seeds = SEEDS / 4 * quarter..SEEDS / 4 * (quarter + 1);
    let mut peaks = Peaks::default();
    for seed in seeds {
        peaks.add(&Race::new(mix(seed)).run());
    }
    peaks.check(SEEDS / 4);
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
