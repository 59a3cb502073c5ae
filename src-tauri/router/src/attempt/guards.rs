//! What all requests share: breakers, limits with their queues, closings, keys, pools and the retry budget.
//!
//! A call is let through by all of them at once or by none ([`Guards::admit`]): what was taken before the one that refused is
//! given back on the spot. Its [`Lease`] holds every place it has, and goes back whole.

mod admit;
mod gate;
mod learnt;
mod lease;
mod outlook;

use std::collections::{BTreeMap, BTreeSet};

use roundtable_domain::ModelRef;

use super::candidate::Scope;
use super::keys::{KeyRing, KeySettings, KeyState};
use super::pools::Pool;
use super::storm::RetryBudget;
use crate::breaker::{Breaker, BreakerSettings, BreakerState, Permit};
use crate::limits::{Allowance, Limits};
use gate::Gate;
pub use learnt::{Learnt, Lesson, has_changed, merged};
pub use lease::Lease;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Asker<'a> {
    /// The request, unique among those under way.
    pub(super) id: u64,
    /// The pool the request goes through.
    pub(super) pool: Option<&'a str>,
    /// Somebody pressed "try anyway": what is remembered of failures does not count, limits do.
    pub(super) force: bool,
}

/// A request that lines up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    pub(super) id: u64,
    pub(super) lane: u64,
    pub(super) tokens: u64,
    /// When it will have given up, in milliseconds of the clock.
    pub(super) expires_ms: u64,
}

/// What all requests share. One per program, behind a lock that is never held across a wait.
#[derive(Clone, Debug, Default)]
pub struct Guards {
    host_breaker: BreakerSettings,
    key_settings: KeySettings,
    breakers: BTreeMap<Scope, Breaker>,
    gates: BTreeMap<Scope, Gate>,
    /// Until when a provider asked to be left alone.
    closed: BTreeMap<Scope, u64>,
    rings: BTreeMap<String, KeyRing>,
    pools: BTreeMap<String, Pool>,
    retries: RetryBudget,
}

impl Guards {
    /// Nothing has happened yet. `host_breaker`: when a whole host is left alone, whatever the groups say about models.
    pub fn new(host_breaker: BreakerSettings, key_settings: KeySettings, retries: RetryBudget) -> Self {
        Self { host_breaker, key_settings, retries, ..Self::default() }
    }

    /// The keys of a provider, by id, in the user's order. Those that stay keep what is known of them.
    pub fn set_keys<S: Into<String>>(&mut self, provider: &str, keys: impl IntoIterator<Item = S>) {
        self.ring_of(provider).set_keys(keys);
    }

    fn ring_of(&mut self, provider: &str) -> &mut KeyRing {
        let settings = self.key_settings;
        self.rings.entry(provider.to_owned()).or_insert_with(|| KeyRing::new(settings, [""; 0]))
    }

    /// The keys of a provider.
    pub fn ring_mut(&mut self, provider: &str) -> Option<&mut KeyRing> {
        self.rings.get_mut(provider)
    }

    /// Whether a provider has keys to choose from.
    pub fn has_keys(&self, provider: &str) -> bool {
        self.rings.get(provider).is_some_and(|ring| !ring.is_empty())
    }

    /// Where each key of a provider stands for a model.
    pub fn key_states(&self, model: &ModelRef, now_ms: u64) -> Vec<(&str, KeyState)> {
        self.rings.get(&model.provider).map(|ring| ring.states(&model.model, now_ms)).unwrap_or_default()
    }

    /// A pool as its file says it is now.
    pub fn set_pool(&mut self, name: &str, pool: Pool) {
        self.pools.insert(name.to_owned(), pool);
    }

    /// A pool, for its order and its state.
    pub fn pool_mut(&mut self, name: &str) -> Option<&mut Pool> {
        self.pools.get_mut(name)
    }

    /// Limits of an account, a model or a host, as somebody has set them.
    pub fn set_limits(&mut self, scope: Scope, limits: Limits) {
        self.gates.entry(scope).or_default().set_limits(limits);
    }

    /// Limits that a provider's headers speak of. They never go before limits that were set, and a call that is larger than the
    /// token limit is not turned away but gets a minute to itself: how the provider reckons it is not known.
    pub fn learn_limits(&mut self, scope: Scope, limits: Limits) {
        self.gates.entry(scope).or_default().learn_limits(limits);
    }

    /// The limits of an account, a model, a host or a rung; `None` when nothing was ever limited there.
    pub fn limits(&self, scope: &Scope) -> Option<Limits> {
        self.gates.get(scope).map(Gate::limits)
    }

    /// Everything that was asked or limited so far, in no order that means anything.
    pub fn scopes(&self) -> BTreeSet<&Scope> {
        self.breakers.keys().chain(self.gates.keys()).collect()
    }

    /// What a provider's headers said: nothing is left for so long, in milliseconds.
    pub fn exhausted(&mut self, scope: Scope, reset_in_ms: u64, now_ms: u64) {
        self.gates.entry(scope).or_default().exhausted(reset_in_ms, now_ms);
    }

    /// What is left of a limit right now.
    pub fn allowance(&self, scope: &Scope, now_ms: u64) -> Option<Allowance> {
        self.gates.get(scope).map(|gate| gate.allowance(now_ms))
    }

    /// How many wait for a place under a limit.
    pub fn waiting(&self, scope: &Scope) -> usize {
        self.gates.get(scope).map_or(0, Gate::waiting)
    }

    /// Where the breaker of a model or host stands.
    pub fn breaker_state(&self, scope: &Scope, now_ms: u64) -> BreakerState {
        self.breakers.get(scope).map_or(BreakerState::Closed, |breaker| breaker.state(now_ms))
    }

    /// Until when a provider asked for a model or host to be left alone, if that is not past.
    pub fn closed_until_ms(&self, scope: &Scope, now_ms: u64) -> Option<u64> {
        self.closed.get(scope).copied().filter(|until_ms| *until_ms > now_ms)
    }

    /// The retry budget of all requests.
    pub fn retries_mut(&mut self) -> &mut RetryBudget {
        &mut self.retries
    }

    /// The requests whose turn it is, one per limit: after something has ended or was let through, these should ask again.
    pub fn heads(&mut self, now_ms: u64) -> BTreeSet<u64> {
        self.gates.values_mut().filter_map(|gate| gate.head(now_ms)).collect()
    }

    /// Begins a look at a host on a free endpoint: as its probe, where its breaker waits for one. `None` while it is to be left
    /// alone, or is being probed.
    pub fn probe_host(&mut self, origin: &str, now_ms: u64) -> Option<Permit> {
        let scope = Scope::Host { origin: origin.to_owned() };
        let settings = self.host_breaker;
        if self.closed_until_ms(&scope, now_ms).is_some() {
            return None;
        }
        self.breakers.entry(scope).or_default().admit(&settings, now_ms).ok()
    }

    /// Ends a look at a host. It says nothing about models or credit.
    pub fn probed_host(&mut self, origin: &str, permit: Permit, reached: bool, now_ms: u64) {
        use crate::breaker::Outcome::{Failure, Success};
        let settings = self.host_breaker;
        let outcome = if reached { Success } else { Failure { retry_after_ms: None } };
        if let Some(breaker) = self.breakers.get_mut(&Scope::Host { origin: origin.to_owned() }) {
            breaker.record(&settings, permit, outcome, now_ms);
        }
    }

    /// Lines a request up for a place under a limit. Says when the place comes free, where that is certain.
    pub(super) fn wait_at(&mut self, scope: &Scope, who: Waiting, now_ms: u64) -> Option<u64> {
        let gate = self.gates.entry(scope.clone()).or_default();
        gate.join(who.id, who.lane, who.tokens, who.expires_ms);
        gate.opening(who.id, who.tokens, now_ms)
    }

    /// A request no longer waits for a place under a limit.
    pub(super) fn leave(&mut self, scope: &Scope, id: u64) {
        if let Some(gate) = self.gates.get_mut(scope) {
            gate.leave(id);
        }
    }
}

#[cfg(test)]
mod tests;
