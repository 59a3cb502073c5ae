//! What all requests of this program share: the router's guards behind one lock, one monotonic clock, and the bell that wakes
//! those who wait for a place.
//!
//! Who plugs in where:
//! - **Keys.** Before a plan asks for a call, [`Router::set_keys`] is told the provider's keys by the names of
//!   [`FoundKey::name`](crate::keys::FoundKey::name), in the order of `Engine::find_keys`.
//! - **Limits.** When the head of a reply has come, its `RateLimits` go to
//!   `Engine::learn_limits(&self, limits: &RateLimits, model: &ModelRef, key: Option<&str>)`: no await, the lock for a moment.
//!   `model` is the candidate's (an endpoint that is not set up here has `slug@origin` for a provider, see [`guarded_name`]).
//! - **Statistics.** Every call that ends is one `roundtable_store::Call`, made by `turn/record.rs` and written in the same
//!   transaction as the end of its attempt; afterwards `Engine::attempt_ended(&self, call: &Call)` is told once, for what is
//!   kept in memory. `Engine::model_stats(&self, model: &ModelRef) -> ModelStats` is asked for every candidate of a choice: no
//!   await, microseconds.
//! - **Kept answers.** Before a request is first sent, `turn/start.rs` asks the `responses` room for a kept answer or a call for
//!   the same request that is under way; a hit takes no place and no lease.
//! - **Places and health.** Before a plan asks, `Engine::introduce(&self, setup: &Setup, candidate: &Candidate, pool: Option<&str>)`
//!   is told of each of its candidates (no await): a host with few places gets its queue, and one that is ill is looked at on free
//!   endpoints. When a call has ended, [`Router::heard`] is told what came of it.
//!
//! The lock is never held across an await: [`Router::with`] takes a closure.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use roundtable_domain::{ErrorCategory, ModelRef, UnixMs};
use roundtable_router::attempt::Guards;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::time::{Duration, Instant};

use super::health::Looks;
use crate::directory::Setup;

/// What all requests share. One per engine.
pub(crate) struct Router {
    guards: Mutex<Guards>,
    /// When the router's clock was 0.
    began: Instant,
    changed: Notify,
    looks: Looks,
    plans: AtomicU64,
    /// Calls under way, by model.
    calls: Mutex<BTreeMap<ModelRef, u64>>,
}

impl Default for Router {
    fn default() -> Self {
        Self {
            guards: Mutex::new(Guards::default()),
            began: Instant::now(),
            changed: Notify::new(),
            looks: Looks::default(),
            plans: AtomicU64::new(1),
            calls: Mutex::default(),
        }
    }
}

impl Router {
    /// The router's clock: milliseconds since this program opened the data folder. Never goes back.
    pub(crate) fn now_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Looks at or changes what is shared, at one moment of the router's clock.
    pub(crate) fn with<T>(&self, change: impl FnOnce(&mut Guards, u64) -> T) -> T {
        // A panic elsewhere leaves counts as they were: at worst a place stays taken.
        let mut guards = self.guards.lock().unwrap_or_else(PoisonError::into_inner);
        // Under the lock, so that the guards never see time go back.
        let now_ms = self.now_ms();
        change(&mut guards, now_ms)
    }

    /// The keys of a provider, by name, in the order in which they are to be used.
    pub(crate) fn set_keys(&self, provider: &str, keys: impl IntoIterator<Item = String>) {
        self.with(|guards, _| guards.set_keys(provider, keys));
    }

    /// How many calls to a model are under way.
    pub(crate) fn calls_under_way(&self, model: &ModelRef) -> u64 {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).get(model).copied().unwrap_or(0)
    }

    pub(super) fn call_began(&self, model: &ModelRef) {
        *self.calls.lock().unwrap_or_else(PoisonError::into_inner).entry(model.clone()).or_default() += 1;
    }

    pub(super) fn call_ended(&self, model: &ModelRef) {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = calls.get_mut(model) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                calls.remove(model);
            }
        }
    }

    /// What is known of hosts without a call.
    pub(super) fn looks(&self) -> &Looks {
        &self.looks
    }

    /// A call to a host has ended; `failed` is `None` when it was answered. `jitter` is uniform over the whole `u64`.
    pub(crate) fn heard(&self, origin: &str, failed: Option<ErrorCategory>, jitter: u64) {
        self.looks.heard(origin, failed, self.now_ms(), jitter);
    }

    /// A number for a plan that no other plan has.
    pub(crate) fn new_plan_id(&self) -> u64 {
        self.plans.fetch_add(1, Ordering::Relaxed)
    }

    /// Something has ended or was let through: those who wait look whether it is their turn.
    pub(crate) fn ring(&self) {
        self.changed.notify_waiters();
    }

    /// Resolves with the next [`Router::ring`]. Take it before looking at the guards: a ring in between is not missed.
    pub(crate) fn rung(&self) -> Notified<'_> {
        self.changed.notified()
    }

    /// Whether it is a plan's turn under a limit it waits for.
    pub(crate) fn is_turn_of(&self, plan: u64) -> bool {
        self.with(|guards, now_ms| guards.heads(now_ms).contains(&plan))
    }

    /// A moment of the router's clock, to sleep until.
    pub(crate) fn instant(&self, at_ms: u64) -> Instant {
        self.began + Duration::from_millis(at_ms)
    }

    /// A moment of the router's clock on the wall, where it is `now` there.
    pub(crate) fn wall(&self, at_ms: u64, now: UnixMs) -> UnixMs {
        let ahead = i64::try_from(at_ms).unwrap_or(i64::MAX);
        let since = i64::try_from(self.now_ms()).unwrap_or(i64::MAX);
        UnixMs(now.0.saturating_add(ahead.saturating_sub(since)))
    }
}

/// What a provider is called among the guards: its slug. One that is not set up here may stand for anything, so its address
/// belongs to its name, and it shares neither keys nor breakers with a provider of the same slug.
pub(crate) fn guarded_name(setup: &Setup, is_unsaved: bool) -> String {
    if is_unsaved { format!("{}@{}", setup.id, setup.origin().as_str()) } else { setup.id.clone() }
}

/// Whether a provider of that name among the guards is one that is not set up here.
pub(super) fn is_unsaved(guarded_name: &str) -> bool {
    guarded_name.contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_clock_goes_with_the_runtimes_and_finds_the_wall() {
        let router = Router::default();
        tokio::time::advance(Duration::from_millis(1_500)).await;
        assert_eq!(router.now_ms(), 1_500);
        assert_eq!(router.instant(1_500), Instant::now());
        assert_eq!(router.wall(2_000, UnixMs(10_000)), UnixMs(10_500));
        assert_eq!(router.wall(1_000, UnixMs(10_000)), UnixMs(9_500));
    }

    #[tokio::test]
    async fn a_ring_between_looking_and_waiting_is_not_missed() {
        let router = Router::default();
        let rung = router.rung();
        router.ring();
        rung.await;
    }
}
