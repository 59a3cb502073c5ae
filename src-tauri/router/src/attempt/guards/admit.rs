//! Letting a call through: by everybody who has a say at once, or by nobody.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::super::candidate::{Candidate, Refusal, Scope};
use super::super::keys::{KeyLease, NoKey};
use super::{Asker, Guards, Lease};
use crate::breaker::{BreakerSettings, Permit};

impl Guards {
    /// Lets a call through, under everything at once, or says what stands in its way. `tried`: the keys it is not to have.
    pub(in super::super) fn admit(
        &mut self,
        asker: Asker<'_>,
        candidate: &Candidate,
        tried: &BTreeSet<String>,
        now_ms: u64,
    ) -> Result<Lease, Refusal> {
        let mut lease = Lease::new(candidate, asker.pool, now_ms);
        match self.take_all(asker, candidate, tried, &mut lease, now_ms) {
            Ok(()) => Ok(lease),
            Err(refusal) => {
                self.unsent(lease);
                Err(refusal)
            }
        }
    }

    /// Whether a call would be let through, without any place taken.
    pub(in super::super) fn could_admit(
        &mut self,
        asker: Asker<'_>,
        candidate: &Candidate,
        now_ms: u64,
    ) -> bool {
        let admitted = self.admit(asker, candidate, &BTreeSet::new(), now_ms);
        admitted.map(|lease| self.unsent(lease)).is_ok()
    }

    fn take_all(
        &mut self,
        asker: Asker<'_>,
        candidate: &Candidate,
        tried: &BTreeSet<String>,
        lease: &mut Lease,
        now_ms: u64,
    ) -> Result<(), Refusal> {
        let host_breaker = self.host_breaker;
        lease.host_permit = Some(self.pass(lease.host.clone(), &host_breaker, asker.force, now_ms)?);
        lease.model_permit = Some(self.pass(lease.model.clone(), &candidate.breaker, asker.force, now_ms)?);
        let scopes = self.pick_account(asker, candidate, tried, lease, now_ms)?;
        if let (Some(pool), Some(instance)) =
            (asker.pool.and_then(|name| self.pools.get_mut(name)), &candidate.instance)
        {
            let visit = if asker.force { pool.force(instance, now_ms) } else { pool.visit(instance, now_ms) };
            lease.visit = Some(visit.map_err(|until_ms| Refusal::InstanceOut { until_ms })?);
        }
        for scope in scopes {
            if let Some(gate) = self.gates.get_mut(&scope) {
                let ticket = gate.take(asker.id, lease.tokens, now_ms).map_err(|full| full.at(&scope))?;
                lease.tickets.push((scope, ticket));
            }
        }
        Ok(())
    }

    /// A key under whose limits there is a place, and every limit the call counts under. Where all keys are full, the refusal is
    /// that of the one that opens first.
    fn pick_account(
        &mut self,
        asker: Asker<'_>,
        candidate: &Candidate,
        tried: &BTreeSet<String>,
        lease: &mut Lease,
        now_ms: u64,
    ) -> Result<Vec<Scope>, Refusal> {
        let mut passed_over = Cow::Borrowed(tried);
        let mut full: Option<Refusal> = None;
        loop {
            lease.key = match self.pick_key(candidate, &passed_over, asker.force, now_ms) {
                Ok(key) => key,
                Err(no_key) => return Err(full.unwrap_or(no_key)),
            };
            let scopes = lease.limited_by(candidate);
            let Err(refusal) = self.check_limits(asker, candidate, &scopes, lease.tokens, now_ms) else {
                return Ok(scopes);
            };
            // Another key has limits of its own. Where any will do, whatever is known of it, there is no other.
            let is_the_keys = refusal.is_of_a_key() && !asker.force;
            let Some(key) = lease.key.take_if(|_| is_the_keys) else { return Err(refusal) };
            passed_over.to_mut().insert(key.key().to_owned());
            if let Some(ring) = self.rings.get_mut(&candidate.model.provider) {
                ring.abandon(key);
            }
            full = Some(full.map_or(refusal.clone(), |first| first.or_sooner(refusal)));
        }
    }

    /// Whether there is a place under all of these limits, and it is this request's turn under each.
    fn check_limits(
        &mut self,
        asker: Asker<'_>,
        candidate: &Candidate,
        scopes: &[Scope],
        tokens: u64,
        now_ms: u64,
    ) -> Result<(), Refusal> {
        for scope in scopes {
            let gate = self.gates.entry(scope.clone()).or_default();
            if matches!(scope, Scope::Rung { .. }) {
                gate.set_limits(candidate.limits);
            }
            gate.check(asker.id, tokens, now_ms).map_err(|full| full.at(scope))?;
        }
        Ok(())
    }

    /// Past the closing and the breaker of a model or host.
    fn pass(
        &mut self,
        scope: Scope,
        settings: &BreakerSettings,
        force: bool,
        now_ms: u64,
    ) -> Result<Permit, Refusal> {
        let breaker = self.breakers.entry(scope.clone()).or_default();
        if force {
            return Ok(breaker.force(now_ms));
        }
        if let Some(until_ms) = self.closed.get(&scope).copied().filter(|until_ms| *until_ms > now_ms) {
            return Err(Refusal::Closed { about: scope, until_ms });
        }
        breaker.admit(settings, now_ms).map_err(|until_ms| {
            if until_ms > now_ms {
                Refusal::BreakerOpen { about: scope, until_ms }
            } else {
                Refusal::Probing { about: scope }
            }
        })
    }

    fn pick_key(
        &mut self,
        candidate: &Candidate,
        tried: &BTreeSet<String>,
        force: bool,
        now_ms: u64,
    ) -> Result<Option<KeyLease>, Refusal> {
        let Some(ring) = self.rings.get_mut(&candidate.model.provider).filter(|ring| !ring.is_empty()) else {
            return Ok(None);
        };
        match ring.pick(&candidate.model.model, tried, now_ms) {
            Ok(lease) => Ok(Some(lease)),
            Err(_) if force => Ok(ring.force(&candidate.model.model, now_ms)),
            Err(NoKey { until_ms }) => Err(Refusal::NoKey { until_ms }),
        }
    }
}
