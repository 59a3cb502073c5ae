//! Looks: finding out on free endpoints whether a host is well again, without a call that anybody would notice.
//!
//! What is looked at: hosts of a pool, at the pool's `health_check_interval`; hosts that were last heard to be ill; keys that
//! were refused. A host that answers is left alone, and so is one that nobody has wanted for a quarter of an hour. Looks are
//! jittered, and a call that ends in between counts as one. They cost nothing, and say nothing of models or credit.
//!
//! The watch ([`watch`]) begins with the first call of the program and sleeps without a timer while nothing is due.

mod watch;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, MutexGuard, PoisonError};

use roundtable_domain::ErrorCategory;
use roundtable_router::BreakerState;
use roundtable_router::attempt::{Guards, HealthClock, HealthSettings, Scope};
use roundtable_router::route::Routes;
use tokio::sync::Notify;

/// How often a host is looked at that is ill, or belongs to a pool that does not say, in milliseconds.
const USUAL_INTERVAL_MS: u64 = 60_000;

/// No pool has its hosts looked at more often than that, in milliseconds.
const SHORTEST_INTERVAL_MS: u64 = 5_000;

/// What could not be looked at just now is looked for again after so long, in milliseconds.
const LOOK_AGAIN_MS: u64 = 30_000;

/// What is known of hosts. One per engine, beside the guards.
#[derive(Debug, Default)]
pub(crate) struct Looks {
    hosts: Mutex<BTreeMap<String, Watched>>,
    /// Something is due earlier than was thought.
    news: Notify,
    is_watched: AtomicBool,
}

/// One host.
#[derive(Clone, Debug, Default)]
struct Watched {
    clock: HealthClock,
    /// Who is reached there, by slug.
    providers: BTreeSet<String>,
    /// Pools it was wanted through, and as which of their instances.
    instances: BTreeSet<(String, String)>,
    wanted_ms: u64,
    heard_ms: Option<u64>,
    /// Nothing is tried before.
    not_before_ms: u64,
}

/// Somebody is about to make a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    /// Where.
    pub(crate) origin: &'a str,
    /// The provider's slug.
    pub(crate) provider: &'a str,
    /// The pool it goes through, and its name there.
    pub(crate) instance: Option<(&'a str, &'a str)>,
}

/// What is due next.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Due {
    /// A look at a host.
    Host { origin: String, provider: String },
    /// A refused key of a provider.
    Key { origin: String, provider: String },
}

/// What is known of a host, for people. Times are milliseconds of the router's clock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct HostHealth {
    pub(super) origin: String,
    pub(super) providers: Vec<String>,
    pub(super) well: Option<bool>,
    pub(super) heard_ms: Option<u64>,
    pub(super) next_look_ms: Option<u64>,
}

impl Looks {
    /// A call is about to be made, or would be if nothing stood in its way. `jitter` is uniform over the whole `u64`.
    pub(super) fn wanted(&self, wanted: Wanted<'_>, now_ms: u64, jitter: u64) {
        let mut hosts = self.hosts();
        let is_new = !hosts.contains_key(wanted.origin);
        let host = hosts.entry(wanted.origin.to_owned()).or_default();
        let idle_ms = HealthSettings::default().idle_ms;
        let mut is_news = is_new || now_ms.saturating_sub(host.wanted_ms) >= idle_ms;
        is_news |= host.providers.insert(wanted.provider.to_owned());
        if let Some((pool, instance)) = wanted.instance {
            is_news |= host.instances.insert((pool.to_owned(), instance.to_owned()));
        }
        host.wanted_ms = now_ms;
        host.clock.wanted(&HealthSettings::default(), now_ms, jitter);
        drop(hosts);
        if is_news {
            self.news.notify_one();
        }
    }

    /// A call has ended. `failed` is `None` when it was answered.
    pub(super) fn heard(&self, origin: &str, failed: Option<ErrorCategory>, now_ms: u64, jitter: u64) {
        if failed == Some(ErrorCategory::Cancelled) {
            return;
        }
        let well = failed.is_none_or(is_well);
        let mut hosts = self.hosts();
        let Some(host) = hosts.get_mut(origin) else { return };
        host.hear(well, now_ms, jitter);
        drop(hosts);
        if !well || failed == Some(ErrorCategory::Authentication) {
            self.news.notify_one();
        }
    }

    /// What is due next, and when, in milliseconds of the clock.
    fn next(&self, guards: &mut Guards, routes: &Routes, now_ms: u64) -> Option<(u64, Due)> {
        let hosts = self.hosts();
        let looks = hosts.iter().filter_map(|(origin, host)| {
            let at_ms = host.next_look_ms(origin, guards, routes, now_ms)?;
            let provider = host.providers.first()?.clone();
            Some((at_ms, Due::Host { origin: origin.clone(), provider }))
        });
        let mut all: Vec<(u64, Due)> = looks.collect();
        for (origin, host) in hosts.iter().filter(|(_, host)| host.is_in_use(now_ms)) {
            for provider in &host.providers {
                if let Some(at_ms) = guards.ring_mut(provider).and_then(|ring| ring.next_retest_ms(now_ms)) {
                    let due = Due::Key { origin: origin.clone(), provider: provider.clone() };
                    all.push((at_ms.max(host.not_before_ms), due));
                }
            }
        }
        all.into_iter().min_by_key(|(at_ms, _)| *at_ms)
    }

    /// A look has ended.
    fn looked(&self, origin: &str, well: bool, now_ms: u64, jitter: u64) {
        if let Some(host) = self.hosts().get_mut(origin) {
            host.hear(well, now_ms, jitter);
        }
    }

    /// Not now: somebody else is finding out, or it could not be asked.
    fn postpone(&self, origin: &str, now_ms: u64) {
        if let Some(host) = self.hosts().get_mut(origin) {
            host.not_before_ms = now_ms.saturating_add(LOOK_AGAIN_MS);
        }
    }

    /// A provider is not reached there any more.
    fn forget(&self, origin: &str, provider: &str) {
        let mut hosts = self.hosts();
        let Some(host) = hosts.get_mut(origin) else { return };
        host.providers.remove(provider);
        if host.providers.is_empty() {
            hosts.remove(origin);
        }
    }

    /// The pools that count a host as theirs, and as which instance.
    fn instances(&self, origin: &str) -> BTreeSet<(String, String)> {
        self.hosts().get(origin).map(|host| host.instances.clone()).unwrap_or_default()
    }

    /// What is known of every host that was wanted since the start.
    pub(super) fn hosts_now(&self, guards: &Guards, routes: &Routes, now_ms: u64) -> Vec<HostHealth> {
        let health = |(origin, host): (&String, &Watched)| HostHealth {
            origin: origin.clone(),
            providers: host.providers.iter().cloned().collect(),
            well: host.clock.is_well(),
            heard_ms: host.heard_ms,
            next_look_ms: host.next_look_ms(origin, guards, routes, now_ms),
        };
        self.hosts().iter().map(health).collect()
    }

    fn hosts(&self) -> MutexGuard<'_, BTreeMap<String, Watched>> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watched {
    fn hear(&mut self, well: bool, now_ms: u64, jitter: u64) {
        self.clock.heard(well, now_ms, jitter);
        self.heard_ms = Some(now_ms);
        self.not_before_ms = 0;
    }

    fn is_in_use(&self, now_ms: u64) -> bool {
        now_ms.saturating_sub(self.wanted_ms) < HealthSettings::default().idle_ms
    }

    /// How often it is to be looked at now; 0 is never.
    fn interval_ms(&self, routes: &Routes) -> u64 {
        let of_pools = self.instances.iter().filter_map(|(pool, _)| {
            let stated = routes.pools.get(pool)?.health_check_interval_ms;
            Some(stated.unwrap_or(USUAL_INTERVAL_MS))
        });
        let ill = (self.clock.is_well() == Some(false)).then_some(USUAL_INTERVAL_MS);
        let shortest = of_pools.chain(ill).filter(|interval_ms| *interval_ms > 0).min();
        shortest.map_or(0, |interval_ms| interval_ms.max(SHORTEST_INTERVAL_MS))
    }

    /// When it is looked at next, in milliseconds of the clock: not while it is to be left alone.
    fn next_look_ms(&self, origin: &str, guards: &Guards, routes: &Routes, now_ms: u64) -> Option<u64> {
        let interval_ms = self.interval_ms(routes);
        let settings = HealthSettings { interval_ms, ..HealthSettings::default() };
        let usual_ms = self.clock.next_ms(&settings).filter(|_| self.is_in_use(now_ms))?;
        let scope = Scope::Host { origin: origin.to_owned() };
        let opens_ms = match guards.breaker_state(&scope, now_ms) {
            BreakerState::Open { until_ms } => until_ms,
            _ => 0,
        };
        let closed_ms = guards.closed_until_ms(&scope, now_ms).unwrap_or(0);
        Some(usual_ms.max(opens_ms).max(closed_ms).max(self.not_before_ms))
    }
}

/// Whether somebody who says this is well, as far as the host goes.
const fn is_well(category: ErrorCategory) -> bool {
    is_reply(category) && !matches!(category, ErrorCategory::Unavailable)
}

/// Whether a failure is a reply: whatever it said, somebody was there to say it.
const fn is_reply(category: ErrorCategory) -> bool {
    !matches!(
        category,
        ErrorCategory::Network | ErrorCategory::Timeout | ErrorCategory::Truncated | ErrorCategory::Cancelled
    )
}

#[cfg(test)]
mod tests;
