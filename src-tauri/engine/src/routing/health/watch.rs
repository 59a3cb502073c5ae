//! The watch over hosts and keys: one task, from the first call of the program to its end.

use std::collections::BTreeSet;
use std::future::pending;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};

use roundtable_domain::{ErrorCategory, ProviderError};
use roundtable_providers::check_key;
use roundtable_router::attempt::Candidate;
use tokio::time::sleep_until;
use tokio_util::sync::CancellationToken;

use super::{Due, Wanted, is_reply, is_well};
use crate::directory::Setup;
use crate::engine::{Engine, Inner};
use crate::error::EngineError;
use crate::keys::FoundKey;
use crate::routing::Router;

impl Engine {
    /// Told of every candidate of a plan before that asks for a call: a host with few places gets its queue, and whether it is
    /// well begins to matter. `pool` is the pool the plan goes through. No await.
    pub(crate) fn introduce(&self, setup: &Setup, candidate: &Candidate, pool: Option<&str>) {
        self.limit_host(setup);
        // The emulator is in this process, and what is not set up here (it has another name) is asked once.
        if setup.is_demo() || candidate.model.provider != setup.id {
            return;
        }
        let router = &self.inner.router;
        let wanted = Wanted {
            origin: &candidate.host,
            provider: &setup.id,
            instance: pool.zip(candidate.instance.as_deref()),
        };
        router.looks().wanted(wanted, router.now_ms(), self.inner.clock.jitter());
        self.watch_hosts();
    }

    fn watch_hosts(&self) {
        let looks = self.inner.router.looks();
        if self.inner.closing.is_cancelled() || looks.is_watched.swap(true, Ordering::Relaxed) {
            return;
        }
        let (inner, router) = (Arc::downgrade(&self.inner), Arc::clone(&self.inner.router));
        self.inner.tasks.spawn(watch(inner, router, self.inner.closing.clone()));
    }

    /// What is due next and when, and what time it is, in milliseconds of the router's clock.
    async fn next_look(&self) -> Option<(u64, u64, Due)> {
        let config = self.config().await;
        let router = &self.inner.router;
        router.with(|guards, now_ms| {
            let (at_ms, due) = router.looks().next(guards, &config.routes, now_ms)?;
            Some((at_ms, now_ms, due))
        })
    }

    async fn look_at(&self, due: Due) {
        let (origin, provider) = match &due {
            Due::Host { origin, provider } | Due::Key { origin, provider } => (origin, provider),
        };
        let router = &self.inner.router;
        let looks = router.looks();
        let setup = match self.directory().await {
            Ok(directory) => directory.find(provider).filter(|setup| setup.origin().as_str() == origin),
            Err(error) => {
                tracing::warn!(%error, "a look was put off");
                return looks.postpone(origin, router.now_ms());
            }
        };
        let Some(setup) = setup else { return looks.forget(origin, provider) };
        match due {
            Due::Host { origin, .. } => self.look_at_host(&origin, &setup).await,
            Due::Key { origin, .. } => self.look_at_key(&origin, &setup).await,
        }
    }

    async fn look_at_host(&self, origin: &str, setup: &Setup) {
        let router = &self.inner.router;
        let permit = router.with(|guards, now_ms| guards.probe_host(origin, now_ms));
        let Some(permit) = permit else { return router.looks().postpone(origin, router.now_ms()) };
        let asked = self.ask_freely(setup).await;
        let failed = asked.as_ref().err().map(|error| error.category);
        let (well, reached) = (failed.is_none_or(is_well), failed.is_none_or(is_reply));
        let instances = if reached { BTreeSet::default() } else { router.looks().instances(origin) };
        router.with(|guards, now_ms| {
            guards.probed_host(origin, permit, reached, now_ms);
            for (pool, instance) in &instances {
                if let Some(pool) = guards.pool_mut(pool) {
                    pool.unreachable(instance, now_ms);
                }
            }
        });
        router.looks().looked(origin, well, router.now_ms(), self.inner.clock.jitter());
        router.ring();
        tracing::debug!(origin, ?failed, "a host was looked at");
    }

    async fn ask_freely(&self, setup: &Setup) -> Result<(), ProviderError> {
        let key = self.find_key(setup).await?;
        let secret = key.as_ref().and_then(FoundKey::secret);
        check_key(&self.inner.client, &setup.endpoint(), secret, &self.inner.closing).await.map(drop)
    }

    /// Finds out whether a refused key works again. What was said stands with the key in the settings as well.
    async fn look_at_key(&self, origin: &str, setup: &Setup) {
        let router = &self.inner.router;
        let lease = router.with(|guards, now_ms| guards.ring_mut(&setup.id)?.pick_for_retest(now_ms));
        let Some(lease) = lease else { return router.looks().postpone(origin, router.now_ms()) };
        let outcome = self.ask_with_key(setup, lease.key()).await;
        router.with(|guards, now_ms| {
            let Some(ring) = guards.ring_mut(&setup.id) else { return };
            match outcome {
                Ok(()) => ring.record(lease, None, now_ms),
                // To the ring it is the key as a whole that is refused.
                Err(ErrorCategory::Authentication | ErrorCategory::Permission) => {
                    ring.record(lease, Some((ErrorCategory::Authentication, None)), now_ms);
                }
                // It says nothing about the key.
                Err(_) => {
                    ring.abandon(lease);
                    router.looks().postpone(origin, now_ms);
                }
            }
        });
        router.ring();
    }

    async fn ask_with_key(&self, setup: &Setup, name: &str) -> Result<(), ErrorCategory> {
        let keys = self.find_keys(setup).await.map_err(|error| error.category)?;
        let key = keys.iter().find(|key| key.name() == name);
        let told = |error: EngineError| match error {
            EngineError::Provider(error) => error.category,
            _ => ErrorCategory::Unavailable,
        };
        // A key that was taken away in the meantime is as good as refused: it leaves the ring with the next plan.
        let Some(key) = key else { return Err(ErrorCategory::Authentication) };
        let checked = self.check_with(setup, Some(key)).await.map_err(told)?;
        checked.fault.map_or(Ok(()), |fault| Err(fault.category))
    }
}

/// Looks when something is due. Does not keep the engine alive while nothing is.
async fn watch(inner: Weak<Inner>, router: Arc<Router>, closing: CancellationToken) {
    loop {
        // Listening before asking: what is heard in between is not missed.
        let news = router.looks().news.notified();
        let Some(engine) = inner.upgrade().map(|inner| Engine { inner }) else { return };
        let next = engine.next_look().await;
        let at_ms = match next {
            Some((at_ms, now_ms, due)) if at_ms <= now_ms => {
                tokio::select! {
                    () = closing.cancelled() => return,
                    () = engine.look_at(due) => continue,
                }
            }
            later => later.map(|(at_ms, ..)| at_ms),
        };
        drop(engine);
        let until_then = async {
            match at_ms {
                Some(at_ms) => sleep_until(router.instant(at_ms)).await,
                None => pending().await,
            }
        };
        tokio::select! {
            () = closing.cancelled() => return,
            // What is due may be another by then.
            () = news => {}
            () = until_then => {}
        }
    }
}

#[cfg(test)]
mod tests;
