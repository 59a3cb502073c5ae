//! Whose turn it is in a pool.

use roundtable_router::attempt::{Pool, PoolSettings};
use roundtable_router::route::{Expansion, PollingPool};

use super::Possible;
use crate::engine::Engine;
use crate::routing::route::Purpose;

impl Engine {
    /// Lets a pool say whose turn it is. Instances that cannot be asked at all are not in the ring.
    pub(in crate::routing) fn take_turn(
        &self,
        expansion: &Expansion,
        possibles: &mut [Possible],
        purpose: Purpose,
    ) -> Option<Turns> {
        let pool = expansion.pool.as_ref()?;
        let ring: Vec<(String, u32)> = possibles
            .iter()
            .filter(|one| one.reached.tier == 0 && one.can_ever_be_asked())
            .map(|one| (one.reached.model.to_string(), one.reached.weight))
            .collect();
        // Who only looks sees the same each time.
        let seed = if purpose == Purpose::Send { self.inner.clock.jitter() } else { 0 };
        let settings = pool_settings(pool);
        let order = self.inner.router.with(|guards, now_ms| {
            match guards.pool_mut(&pool.name) {
                Some(known) => known.set(settings, ring),
                None => guards.set_pool(&pool.name, Pool::new(settings, ring)),
            }
            let known = guards.pool_mut(&pool.name)?;
            let names = |order: Vec<&str>| order.into_iter().map(str::to_owned).collect::<Vec<_>>();
            Some(match purpose {
                Purpose::Send => names(known.order(seed, now_ms)),
                Purpose::Look => names(known.clone().order(seed, now_ms)),
            })
        })?;
        Some(Turns { order })
    }
}

/// Whose turn it is in a pool.
pub(in crate::routing) struct Turns {
    /// Names of instances.
    order: Vec<String>,
}

impl Turns {
    /// The rank of a candidate: the ring in its order, then the tiers below it.
    pub(in crate::routing) fn rank(&self, index: usize, one: &Possible) -> u32 {
        let last = u32::try_from(self.order.len()).unwrap_or(u32::MAX);
        if one.reached.tier > 0 {
            return last.saturating_add(one.reached.tier);
        }
        let name = one.reached.model.to_string();
        let place = self.order.iter().position(|instance| *instance == name).unwrap_or(index);
        u32::try_from(place).unwrap_or(u32::MAX).min(last)
    }
}

/// How a pool works, with the defaults for what its file does not say.
pub(in crate::routing) fn pool_settings(pool: &PollingPool) -> PoolSettings {
    let usual = PoolSettings::default();
    let fallback = pool.fallback.unwrap_or_default();
    PoolSettings {
        rotation: pool.rotation_strategy,
        failure_threshold: pool.failure_threshold.unwrap_or(usual.failure_threshold),
        recovery_ms: pool.recovery_ms.unwrap_or(usual.recovery_ms),
        fallback: fallback.strategy,
        max_instance_attempts: fallback.max_instance_attempts.unwrap_or(usual.max_instance_attempts),
    }
}
