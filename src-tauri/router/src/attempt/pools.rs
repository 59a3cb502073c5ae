//! Polling pools at work: requests go round a ring of instances (models, by name), past those that are ill.
//!
//! A pool says in which order a request tries its instances ([`Pool::order`]) and learns from every call to one how it
//! went. Weights, counts and the seed decide everything: the same history and seed give the same order.

use crate::breaker::{Breaker, BreakerSettings, BreakerState, Outcome, Permit};
use crate::route::{PoolFallbackStrategy, RotationStrategy};

/// How a pool works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolSettings {
    /// Which instance comes first.
    pub rotation: RotationStrategy,
    /// So many failures of an instance in a row take it out.
    pub failure_threshold: u32,
    /// For how long, in milliseconds; doubles with each failed return, up to ten times as long.
    pub recovery_ms: u64,
    /// What follows the failure of an instance.
    pub fallback: PoolFallbackStrategy,
    /// Instances a request tries, or calls of the one it stays with; at least 1.
    pub max_instance_attempts: u32,
}

impl Default for PoolSettings {
    fn default() -> Self {
        Self {
            rotation: RotationStrategy::default(),
            failure_threshold: 3,
            recovery_ms: 60_000,
            fallback: PoolFallbackStrategy::default(),
            max_instance_attempts: 3,
        }
    }
}

impl PoolSettings {
    fn breaker(&self) -> BreakerSettings {
        BreakerSettings {
            failure_threshold: self.failure_threshold.max(1),
            recovery_ms: self.recovery_ms,
            longest_ms: self.recovery_ms.saturating_mul(10),
            ..BreakerSettings::default()
        }
    }
}

/// What is known of one instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstanceState {
    /// Calls under way.
    pub running: u32,
    /// When the last call began, in milliseconds of the clock.
    pub used_ms: Option<u64>,
    /// Whether it is taken out, and until when.
    pub breaker: BreakerState,
}

/// Leave for one call to an instance. Give it back with [`Pool::record`] or [`Pool::abandon`], exactly once.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a visit that is not given back counts as a call under way for ever"]
pub struct Visit {
    instance: String,
    permit: Option<Permit>,
}

#[derive(Clone, Debug)]
struct Instance {
    name: String,
    weight: u32,
    /// Smooth weighted round-robin: grows by the weight each turn, and the winner pays the sum.
    credit: i64,
    running: u32,
    used_ms: Option<u64>,
    /// The number of its last call, because two calls of one millisecond have an order too.
    last_call: u64,
    health: Breaker,
}

impl Instance {
    fn new(name: String, weight: u32) -> Self {
        Self { name, weight, credit: 0, running: 0, used_ms: None, last_call: 0, health: Breaker::default() }
    }
}

/// One pool.
#[derive(Clone, Debug)]
pub struct Pool {
    settings: PoolSettings,
    instances: Vec<Instance>,
    /// Whose turn is next, by place.
    next: usize,
    calls: u64,
}

impl Pool {
    /// A pool of instances with their weights, in the order of the file. A weight of 0 counts as 1.
    pub fn new<S: Into<String>>(
        settings: PoolSettings,
        instances: impl IntoIterator<Item = (S, u32)>,
    ) -> Self {
        let mut pool = Self { settings, instances: Vec::new(), next: 0, calls: 0 };
        pool.set(settings, instances);
        pool
    }

    /// The instances that are taken out: until when, and how often in a row.
    pub(crate) fn taken_out(&self, now_ms: u64) -> impl Iterator<Item = (&str, (u64, u32))> {
        self.instances.iter().filter_map(move |one| Some((one.name.as_str(), one.health.opened(now_ms)?)))
    }

    /// Takes an instance out as [`Self::taken_out`] said. It need not be in the file any more: then [`Self::set`] drops it.
    pub(crate) fn take_out(&mut self, name: &str, (until_ms, times): (u64, u32)) {
        if !self.instances.iter().any(|one| one.name == name) {
            self.instances.push(Instance::new(name.to_owned(), 1));
        }
        if let Some(one) = self.instances.iter_mut().find(|one| one.name == name) {
            one.health.reopen(until_ms, times);
        }
    }

    /// The file has changed: instances that stay keep what is known of them.
    pub fn set<S: Into<String>>(
        &mut self,
        settings: PoolSettings,
        instances: impl IntoIterator<Item = (S, u32)>,
    ) {
        self.settings = settings;
        let mut old: Vec<Instance> = self.instances.drain(..).collect();
        for (name, weight) in instances.into_iter().map(|(name, weight)| (name.into(), weight.max(1))) {
            let known = old.iter().position(|one| one.name == name).map(|at| old.swap_remove(at));
            self.instances
                .push(known.map_or_else(|| Instance::new(name, weight), |one| Instance { weight, ..one }));
        }
    }

    /// How it works.
    pub fn settings(&self) -> &PoolSettings {
        &self.settings
    }

    /// In which order a request that begins now tries the instances. Those taken out come last: a request that has nothing
    /// else may find them recovered. Counts as a turn.
    pub fn order(&mut self, seed: u64, now_ms: u64) -> Vec<&str> {
        let breaker = self.settings.breaker();
        let well: Vec<bool> =
            self.instances.iter().map(|one| one.health.would_admit(&breaker, now_ms).is_ok()).collect();
        let size = self.instances.len().max(1);
        if self.settings.rotation == RotationStrategy::Weighted {
            self.weigh(&well);
        }
        let mut order: Vec<usize> = (0..self.instances.len()).collect();
        let is_well = |index: usize| well.get(index).copied().unwrap_or(false);
        let key = |index: usize| {
            let one = self.instances.get(index);
            let place = u64::try_from(index).unwrap_or(u64::MAX);
            let dice = mix(seed ^ place.wrapping_mul(0x9E37_79B9_7F4A_7C15));
            let rank: (i128, u64) = match (self.settings.rotation, one) {
                (RotationStrategy::RoundRobin, _) => {
                    (0, u64::try_from((index + size - self.next % size) % size).unwrap_or(0))
                }
                (RotationStrategy::LeastRecentlyUsed, Some(one)) => (i128::from(one.last_call), place),
                (RotationStrategy::Weighted, Some(one)) => (-i128::from(one.credit), place),
                (RotationStrategy::LeastBusy, Some(one)) => (i128::from(one.running), dice),
                (RotationStrategy::Random, _) | (_, None) => (0, dice),
            };
            (!is_well(index), rank)
        };
        order.sort_by_key(|index| key(*index));
        if let Some(first) = order.first().copied() {
            self.next = first.saturating_add(1);
            self.pay(first, &well);
        }
        order.iter().filter_map(|index| self.instances.get(*index).map(|one| one.name.as_str())).collect()
    }

    /// A call to an instance begins. The error is when to ask again, in milliseconds of the clock; a pool does not know an
    /// instance that has left the file, and lets its calls through.
    pub fn visit(&mut self, instance: &str, now_ms: u64) -> Result<Visit, u64> {
        self.begin(instance, now_ms, false)
    }

    /// The same whatever is known of the instance: somebody pressed "try anyway".
    pub fn force(&mut self, instance: &str, now_ms: u64) -> Result<Visit, u64> {
        self.begin(instance, now_ms, true)
    }

    fn begin(&mut self, instance: &str, now_ms: u64, force: bool) -> Result<Visit, u64> {
        let breaker = self.settings.breaker();
        let call = self.calls.saturating_add(1);
        let Some(one) = self.instances.iter_mut().find(|one| one.name == instance) else {
            return Ok(Visit { instance: instance.to_owned(), permit: None });
        };
        let permit = if force { one.health.force(now_ms) } else { one.health.admit(&breaker, now_ms)? };
        one.running = one.running.saturating_add(1);
        one.used_ms = Some(now_ms);
        one.last_call = call;
        self.calls = call;
        Ok(Visit { instance: instance.to_owned(), permit: Some(permit) })
    }

    /// The call has ended: with an answer, with a failure that speaks of the instance, or (`None`) with neither.
    pub fn record(&mut self, visit: Visit, outcome: Option<Outcome>, now_ms: u64) {
        let breaker = self.settings.breaker();
        let Visit { instance, permit } = visit;
        let (Some(one), Some(permit)) = (self.instances.iter_mut().find(|one| one.name == instance), permit)
        else {
            return;
        };
        one.running = one.running.saturating_sub(1);
        match outcome {
            Some(outcome) => one.health.record(&breaker, permit, outcome, now_ms),
            None => one.health.abandon(permit),
        }
    }

    /// A look has found out that nobody can be reached there: counts as a failure, but not as a turn. That somebody can be
    /// reached says nothing about whether the model answers.
    pub fn unreachable(&mut self, instance: &str, now_ms: u64) {
        let breaker = self.settings.breaker();
        let Some(one) = self.instances.iter_mut().find(|one| one.name == instance) else { return };
        if let Ok(permit) = one.health.admit(&breaker, now_ms) {
            one.health.record(&breaker, permit, Outcome::Failure { retry_after_ms: None }, now_ms);
        }
    }

    /// The call was not made.
    pub fn abandon(&mut self, visit: Visit) {
        self.record(visit, None, 0);
    }

    /// What is known of each instance, in the order of the file.
    pub fn states(&self, now_ms: u64) -> Vec<(&str, InstanceState)> {
        let state = |one: &Instance| InstanceState {
            running: one.running,
            used_ms: one.used_ms,
            breaker: one.health.state(now_ms),
        };
        self.instances.iter().map(|one| (one.name.as_str(), state(one))).collect()
    }

    fn weigh(&mut self, well: &[bool]) {
        for (one, _) in self.instances.iter_mut().zip(well).filter(|(_, well)| **well) {
            one.credit = one.credit.saturating_add(i64::from(one.weight));
        }
    }

    /// The one whose turn it was pays what all together have gained.
    fn pay(&mut self, first: usize, well: &[bool]) {
        if self.settings.rotation != RotationStrategy::Weighted {
            return;
        }
        let weights =
            self.instances.iter().zip(well).filter(|(_, well)| **well).map(|(one, _)| i64::from(one.weight));
        let sum: i64 = weights.sum();
        if let Some(one) = self.instances.get_mut(first) {
            one.credit = one.credit.saturating_sub(sum);
        }
    }
}

/// Spreads a seed over all bits (the finaliser of `SplitMix64`).
pub(super) fn mix(seed: u64) -> u64 {
    let seed = (seed ^ (seed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let seed = (seed ^ (seed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    seed ^ (seed >> 31)
}

#[cfg(test)]
mod tests;
