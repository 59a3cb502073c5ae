//! What was let through, counted from outside: nothing here asks the guards what they have counted, only where a breaker or a
//! key stood before a call.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use roundtable_domain::{ErrorCategory, ModelRef};

use super::super::super::candidate::{Candidate, Scope};
use super::super::super::guards::Guards;
use super::super::super::keys::KeyState;
use super::super::super::reaction::{Blame, blame};
use super::{AT_THE_LOCAL_SERVER, KEYS, ON_THE_RUNG, PER_KEY, PROBES, RACERS, SET_ASIDE};
use crate::breaker::BreakerState;

const MINUTE_MS: u64 = 60_000;

/// The most of everything, over all races: a limit that is never reached would hold just as well.
#[derive(Default)]
pub(super) struct Peaks {
    pub(super) calls: u64,
    at_once: u64,
    in_a_minute: u64,
    tokens: u64,
    on_the_rung: u64,
    probes: u32,
    retests: u64,
}

impl Peaks {
    pub(super) fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.at_once = self.at_once.max(other.at_once);
        self.in_a_minute = self.in_a_minute.max(other.in_a_minute);
        self.tokens = self.tokens.max(other.tokens);
        self.on_the_rung = self.on_the_rung.max(other.on_the_rung);
        self.probes = self.probes.max(other.probes);
        self.retests += other.retests;
    }

    /// The racers did race, up to every limit.
    pub(super) fn check(&self, races: u64) {
        assert!(self.calls > races * RACERS / 2, "{} calls", self.calls);
        assert_eq!(Some(self.at_once), PER_KEY.concurrency, "calls at once of one account");
        assert_eq!(Some(self.in_a_minute), PER_KEY.requests, "requests in a minute of one account");
        assert!(self.tokens > PER_KEY.tokens.unwrap() - SET_ASIDE, "{} tokens in a minute", self.tokens);
        assert_eq!(Some(self.on_the_rung), ON_THE_RUNG.concurrency, "calls at once on the rung");
        assert_eq!(self.probes, PROBES, "probes at once");
        assert!(self.retests > races, "{} keys were tried again", self.retests);
    }
}

/// One account: when it was asked, by whom, and with how many tokens; settled ones with what they used.
#[derive(Default)]
struct Account {
    sent: VecDeque<(u64, usize, u64)>,
    running: u64,
}

/// The probes of one half-open breaker.
#[derive(Default)]
struct Probes {
    under_way: BTreeSet<usize>,
    succeeded: u32,
}

/// A breaker, whom it is about, and where it stood before the call that is looked at.
struct Watched {
    scope: Scope,
    candidate: usize,
    /// Whether it is about the host and not about the model.
    is_host: bool,
    most: u32,
    stood: BreakerState,
    probes: Probes,
}

/// A call under way.
struct Flight {
    candidate: usize,
    key: String,
}

pub(super) struct Watch {
    keyed: ModelRef,
    accounts: BTreeMap<(usize, String), Account>,
    breakers: Vec<Watched>,
    keys: BTreeMap<String, KeyState>,
    /// Who is finding out about which key.
    retests: BTreeMap<String, usize>,
    flights: BTreeMap<usize, Flight>,
    pub(super) peaks: Peaks,
}

/// Every limit a call of the race counts under.
pub(super) fn scopes(candidates: &[Candidate]) -> Vec<Scope> {
    let keyed = |key: &str| {
        let (model, key) = (candidates[0].model.clone(), key.to_owned());
        let account = Scope::Account { provider: model.provider.clone(), key: key.clone() };
        [account, Scope::AccountModel { model, key: Some(key) }]
    };
    let rung = |one: &Candidate| one.rung.clone().unwrap();
    let of_each = |one: &Candidate| {
        let (group, echelon) = (rung(one).group, rung(one).echelon);
        [Scope::Host { origin: one.host.clone() }, Scope::Rung { group, echelon }]
    };
    let local = Scope::AccountModel { model: candidates[1].model.clone(), key: None };
    KEYS.iter().flat_map(|key| keyed(key)).chain(candidates.iter().flat_map(of_each)).chain([local]).collect()
}

impl Watch {
    pub(super) fn new(candidates: &[Candidate]) -> Self {
        let watched = |(candidate, one): (usize, &Candidate)| {
            let model = Scope::Model { model: one.model.clone() };
            let host = Scope::Host { origin: one.host.clone() };
            [(model, false, PROBES), (host, true, 1)].map(|(scope, is_host, most)| Watched {
                scope,
                candidate,
                is_host,
                most,
                stood: BreakerState::Closed,
                probes: Probes::default(),
            })
        };
        Self {
            keyed: candidates[0].model.clone(),
            accounts: BTreeMap::new(),
            breakers: candidates.iter().enumerate().flat_map(watched).collect(),
            keys: BTreeMap::new(),
            retests: BTreeMap::new(),
            flights: BTreeMap::new(),
            peaks: Peaks::default(),
        }
    }

    /// Looks where everything stands before a plan is asked.
    pub(super) fn look(&mut self, guards: &Guards, now: u64) {
        for one in &mut self.breakers {
            one.stood = guards.breaker_state(&one.scope, now);
        }
        let states = guards.key_states(&self.keyed, now).into_iter();
        self.keys = states.map(|(key, state)| (key.to_owned(), state)).collect();
    }

    /// A call was let through.
    pub(super) fn sent(&mut self, id: usize, candidate: usize, key: &str, now: u64) {
        self.peaks.calls += 1;
        let account = self.accounts.entry((candidate, key.to_owned())).or_default();
        account.sent.push_back((now, id, SET_ASIDE));
        account.running += 1;
        self.check_limits(candidate, key, now);
        self.check_key(id, key);
        for one in self.breakers.iter_mut().filter(|one| one.candidate == candidate) {
            match one.stood {
                BreakerState::Closed => {}
                BreakerState::Open { until_ms } => panic!("called at {now}, open until {until_ms}"),
                BreakerState::HalfOpen { .. } => {
                    one.probes.under_way.insert(id);
                    let all = one.probes.under_way.len() as u32 + one.probes.succeeded;
                    assert!(all <= one.most, "{all} probes of {:?}", one.scope);
                    self.peaks.probes = self.peaks.probes.max(all);
                }
            }
        }
        self.flights.insert(id, Flight { candidate, key: key.to_owned() });
    }

    /// No window of a minute, and no moment, holds more than the limits.
    fn check_limits(&mut self, candidate: usize, key: &str, now: u64) {
        let on_the_rung: u64 =
            self.accounts.iter().filter(|((who, _), _)| *who == 0).map(|(_, account)| account.running).sum();
        let Some(account) = self.accounts.get_mut(&(candidate, key.to_owned())) else { return };
        while account.sent.front().is_some_and(|(at, _, _)| now - at >= MINUTE_MS) {
            account.sent.pop_front();
        }
        if candidate == 1 {
            assert!(Some(account.running) <= AT_THE_LOCAL_SERVER.concurrency, "two at the local server");
            return;
        }
        let tokens: u64 = account.sent.iter().map(|(_, _, tokens)| tokens).sum();
        let in_a_minute = account.sent.len() as u64;
        assert!(Some(account.running) <= PER_KEY.concurrency, "{} at once", account.running);
        assert!(Some(in_a_minute) <= PER_KEY.requests, "{in_a_minute} in a minute");
        assert!(Some(tokens) <= PER_KEY.tokens, "{tokens} tokens in a minute");
        assert!(Some(on_the_rung) <= ON_THE_RUNG.concurrency, "{on_the_rung} on the rung");
        let peaks = &mut self.peaks;
        peaks.at_once = peaks.at_once.max(account.running);
        peaks.in_a_minute = peaks.in_a_minute.max(in_a_minute);
        peaks.tokens = peaks.tokens.max(tokens);
        peaks.on_the_rung = peaks.on_the_rung.max(on_the_rung);
    }

    /// A key that was refused is tried again by one call at a time, and one that is to rest by none.
    fn check_key(&mut self, id: usize, key: &str) {
        match self.keys.get(key) {
            None | Some(KeyState::Ready) => {}
            Some(KeyState::Failed { .. }) => {
                self.peaks.retests += 1;
                let other = self.retests.insert(key.to_owned(), id);
                assert_eq!(other, None, "two at once find out about {key}");
            }
            Some(state) => panic!("{key} was used although it is {state:?}"),
        }
    }

    /// The call was not made.
    pub(super) fn unsent(&mut self, id: usize) {
        let Some(flight) = self.land(id) else { return };
        if let Some(account) = self.accounts.get_mut(&(flight.candidate, flight.key)) {
            account.sent.pop_back();
        }
        for one in &mut self.breakers {
            one.probes.under_way.remove(&id);
        }
    }

    /// The call has said its first word: what it found out is known.
    pub(super) fn began(&mut self, id: usize, guards: &Guards, now: u64) {
        self.retests.retain(|_, who| *who != id);
        self.found_out(id, |_| true, guards, now);
    }

    pub(super) fn ended(
        &mut self,
        id: usize,
        candidate: usize,
        failed: Option<ErrorCategory>,
        tokens: u64,
        guards: &Guards,
        now: u64,
    ) {
        let Some(flight) = self.land(id) else { return };
        if let Some(account) = self.accounts.get_mut(&(candidate, flight.key))
            && let Some(sent) = account.sent.iter_mut().rev().find(|(_, who, _)| *who == id)
        {
            sent.2 = tokens;
        }
        // Whatever it said, somebody was there to say it; a model is well only when it answers.
        let reached = failed.is_none_or(|category| {
            !matches!(category, ErrorCategory::Timeout | ErrorCategory::Truncated | ErrorCategory::Cancelled)
                && blame(category) != Blame::Host
        });
        self.found_out(id, |is_host| if is_host { reached } else { failed.is_none() }, guards, now);
    }

    /// What a call says about the health of those it went to. `is_well`: of the host, or of the model.
    fn found_out(&mut self, id: usize, is_well: impl Fn(bool) -> bool, guards: &Guards, now: u64) {
        for one in &mut self.breakers {
            let was_a_probe = one.probes.under_way.remove(&id);
            one.probes.succeeded += u32::from(was_a_probe && is_well(one.is_host));
            // A breaker that has opened or closed begins to count anew: whoever is still under way speaks of the past.
            if !matches!(guards.breaker_state(&one.scope, now), BreakerState::HalfOpen { .. }) {
                one.probes = Probes::default();
            }
        }
    }

    fn land(&mut self, id: usize) -> Option<Flight> {
        self.retests.retain(|_, who| *who != id);
        let flight = self.flights.remove(&id)?;
        if let Some(account) = self.accounts.get_mut(&(flight.candidate, flight.key.clone())) {
            account.running -= 1;
        }
        Some(flight)
    }

    /// With no call under way, no breaker waits for one.
    pub(super) fn check_no_probe_is_lost(&self, guards: &Guards, now: u64) {
        assert!(self.flights.is_empty() && self.accounts.values().all(|account| account.running == 0));
        for one in &self.breakers {
            let state = guards.breaker_state(&one.scope, now);
            let waits = matches!(state, BreakerState::HalfOpen { pending, .. } if pending > 0);
            assert!(!waits, "{:?} waits for a probe that nobody makes", one.scope);
        }
    }
}
