//! Every place one call holds, and how they go back.

use roundtable_domain::ErrorCategory;

use super::super::candidate::{Candidate, Scope};
use super::super::keys::KeyLease;
use super::super::pools::Visit;
use super::super::reaction::{Blame, blame};
use super::Guards;
use crate::breaker::{Breaker, BreakerSettings, BreakerState, Outcome, Permit};
use crate::limits::Ticket;

/// Leave for one call, from everybody who had a say. Goes back through [`Plan::ended`](super::super::Plan::ended) or
/// [`Plan::not_sent`](super::super::Plan::not_sent), exactly once.
#[derive(Debug)]
#[must_use = "a lease that is not given back keeps places and probes taken for ever"]
pub struct Lease {
    pub(super) host: Scope,
    pub(super) model: Scope,
    breaker: BreakerSettings,
    pub(super) host_permit: Option<Permit>,
    pub(super) model_permit: Option<Permit>,
    pub(super) key: Option<KeyLease>,
    provider: String,
    pool: Option<String>,
    pub(super) visit: Option<Visit>,
    pub(super) tickets: Vec<(Scope, Ticket)>,
    /// Set aside under the token limits.
    pub(super) tokens: u64,
    begun_ms: u64,
}

impl Lease {
    pub(super) fn new(candidate: &Candidate, pool: Option<&str>, now_ms: u64) -> Self {
        Self {
            host: Scope::Host { origin: candidate.host.clone() },
            model: Scope::Model { model: candidate.model.clone() },
            breaker: candidate.breaker,
            host_permit: None,
            model_permit: None,
            key: None,
            provider: candidate.model.provider.clone(),
            pool: pool.map(str::to_owned),
            visit: None,
            tickets: Vec::new(),
            tokens: candidate.tokens(),
            begun_ms: now_ms,
        }
    }

    /// The key to use, by id; `None` where the provider needs none.
    pub fn key(&self) -> Option<&str> {
        self.key.as_ref().map(KeyLease::key)
    }

    /// Every limit the call counts under, the widest first.
    pub(super) fn limited_by(&self, candidate: &Candidate) -> Vec<Scope> {
        let key = self.key().map(str::to_owned);
        let mut scopes = vec![self.host.clone()];
        if let Some(key) = &key {
            scopes.push(Scope::Account { provider: self.provider.clone(), key: key.clone() });
        }
        if let Some(rung) = &candidate.rung {
            scopes.push(Scope::Rung { group: rung.group.clone(), echelon: rung.echelon });
        }
        scopes.push(Scope::AccountModel { model: candidate.model.clone(), key });
        scopes
    }
}

impl Guards {
    /// The call has begun to answer: probes end here, and not with the last word, which may be minutes away. A failure after
    /// this still counts where no probe was under way.
    pub fn began(&mut self, lease: &mut Lease, now_ms: u64) {
        let host_breaker = self.host_breaker;
        let both = [
            (&lease.host, &mut lease.host_permit, host_breaker),
            (&lease.model, &mut lease.model_permit, lease.breaker),
        ];
        for (scope, permit, settings) in both {
            let Some(breaker) = self.breakers.get_mut(scope) else { continue };
            if !matches!(breaker.state(now_ms), BreakerState::Closed)
                && let Some(permit) = permit.take()
            {
                breaker.record(&settings, permit, Outcome::Success, now_ms);
            }
        }
        if let (Some(ring), Some(key)) = (self.rings.get_mut(&lease.provider), lease.key.as_mut()) {
            ring.began(key, now_ms);
        }
    }

    /// The call has ended. `failed`: the category and how long the provider asks to be left alone. `tokens`: what it used; not
    /// known, what was set aside stays counted.
    pub(in super::super) fn ended(
        &mut self,
        lease: Lease,
        failed: Option<(ErrorCategory, Option<u64>)>,
        tokens: Option<u64>,
        now_ms: u64,
    ) {
        let blamed = failed.map_or(Blame::Nobody, |(category, _)| blame(category));
        let wait_ms = failed.and_then(|(_, wait)| wait);
        let failure = Outcome::Failure { retry_after_ms: wait_ms };
        let outcome = |scope: Blame, fine: bool| {
            if blamed == scope { Some(failure) } else { fine.then_some(Outcome::Success) }
        };
        let answered = failed.is_none();
        // Whatever it said, somebody was there to say it.
        let reached = failed.is_none_or(|(category, _)| is_reply(category));
        let host_breaker = self.host_breaker;
        give_back(
            self.breakers.get_mut(&lease.host),
            lease.host_permit,
            &host_breaker,
            outcome(Blame::Host, reached),
            now_ms,
        );
        give_back(
            self.breakers.get_mut(&lease.model),
            lease.model_permit,
            &lease.breaker,
            outcome(Blame::Model, answered),
            now_ms,
        );
        if let Some(wait_ms) = wait_ms.filter(|wait| *wait > 0) {
            let scope = match blamed {
                Blame::Host => Some(lease.host),
                Blame::Model => Some(lease.model),
                _ => None,
            };
            if let Some(scope) = scope {
                let until_ms = self.closed.entry(scope).or_default();
                *until_ms = (*until_ms).max(now_ms.saturating_add(wait_ms));
            }
        }
        if let (Some(ring), Some(key)) = (self.rings.get_mut(&lease.provider), lease.key) {
            ring.record(key, failed, now_ms);
        }
        if let (Some(pool), Some(visit)) =
            (lease.pool.and_then(|name| self.pools.get_mut(&name)), lease.visit)
        {
            let outcome =
                if answered { Some(Outcome::Success) } else { (blamed != Blame::Nobody).then_some(failure) };
            pool.record(visit, outcome, now_ms);
        }
        let took_ms = now_ms.saturating_sub(lease.begun_ms);
        for (scope, ticket) in lease.tickets {
            let Some(gate) = self.gates.get_mut(&scope) else { continue };
            if blamed == Blame::Limits && matches!(scope, Scope::AccountModel { .. }) {
                gate.refused(ticket, wait_ms, now_ms);
            } else {
                gate.settle(ticket, tokens.unwrap_or(lease.tokens), took_ms);
            }
        }
    }

    /// The call was not made: every place goes back as if it had never been asked for.
    pub(in super::super) fn unsent(&mut self, lease: Lease) {
        give_back(
            self.breakers.get_mut(&lease.host),
            lease.host_permit,
            &lease.breaker,
            None,
            lease.begun_ms,
        );
        give_back(
            self.breakers.get_mut(&lease.model),
            lease.model_permit,
            &lease.breaker,
            None,
            lease.begun_ms,
        );
        if let (Some(ring), Some(key)) = (self.rings.get_mut(&lease.provider), lease.key) {
            ring.abandon(key);
        }
        if let (Some(pool), Some(visit)) =
            (lease.pool.and_then(|name| self.pools.get_mut(&name)), lease.visit)
        {
            pool.abandon(visit);
        }
        for (scope, ticket) in lease.tickets {
            if let Some(gate) = self.gates.get_mut(&scope) {
                gate.refund(ticket);
            }
        }
    }
}

fn give_back(
    breaker: Option<&mut Breaker>,
    permit: Option<Permit>,
    settings: &BreakerSettings,
    outcome: Option<Outcome>,
    now_ms: u64,
) {
    let (Some(breaker), Some(permit)) = (breaker, permit) else { return };
    match outcome {
        Some(outcome) => breaker.record(settings, permit, outcome, now_ms),
        None => breaker.abandon(permit),
    }
}

/// Whether a failure is a reply of the host.
const fn is_reply(category: ErrorCategory) -> bool {
    !matches!(
        category,
        ErrorCategory::Network | ErrorCategory::Timeout | ErrorCategory::Truncated | ErrorCategory::Cancelled
    )
}
