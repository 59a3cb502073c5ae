//! Several keys of one provider: which one the next call is made with, and what is known of each.
//!
//! The key in use stays in use until it fails (prompt caches belong to an account), then the next in the ring takes over. A
//! failed key is not forgotten: after a while one call, and only one, is made with it again; if that fails too, the while
//! doubles. A request goes through the ring once at most ([`KeyRing::pick`] is told which keys it has tried).

mod kept;

use std::collections::{BTreeMap, BTreeSet};

use roundtable_domain::ErrorCategory;
use serde::{Deserialize, Serialize};

use super::reaction::{Blame, blame};
use crate::breaker::{Breaker, BreakerSettings, BreakerState, Outcome, Permit};
pub(super) use kept::KeyFailure;

/// How long failed keys are left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeySettings {
    /// Until the first retest, in milliseconds; doubles with each that fails.
    pub retest_ms: u64,
    /// The longest time between two retests, in milliseconds.
    pub longest_ms: u64,
}

impl Default for KeySettings {
    fn default() -> Self {
        Self { retest_ms: 60_000, longest_ms: 3_600_000 }
    }
}

impl KeySettings {
    /// One failure is enough: a wrong key is not wrong by chance.
    fn breaker(&self) -> BreakerSettings {
        BreakerSettings {
            failure_threshold: 1,
            recovery_ms: self.retest_ms,
            longest_ms: self.longest_ms,
            half_open_requests: 1,
            ..BreakerSettings::default()
        }
    }
}

/// Where a key stands, for one model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum KeyState {
    /// It can be used.
    Ready,
    /// The provider asked for patience.
    Limited {
        /// Until when, in milliseconds of the clock.
        until_ms: u64,
    },
    /// It was refused or is out of credit.
    Failed {
        /// What the provider said.
        category: ErrorCategory,
        /// When it is tried again, in milliseconds of the clock.
        retest_ms: u64,
    },
    /// One call is finding out whether it works again.
    Retesting,
}

/// Leave to use a key for one call. Give it back with [`KeyRing::record`] or [`KeyRing::abandon`], exactly once.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a lease that is not given back keeps a failed key from being retested"]
pub struct KeyLease {
    key: String,
    model: String,
    whole: Option<Permit>,
    for_model: Option<Permit>,
}

impl KeyLease {
    /// The key's id.
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// Why there is no key for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoKey {
    /// When one may be usable, in milliseconds of the clock; `None` when this request has tried them all.
    pub until_ms: Option<u64>,
}

/// One key and what is known of it.
#[derive(Clone, Debug)]
struct Slot {
    key: String,
    health: Breaker,
    failed_with: Option<ErrorCategory>,
    /// When a call with it was last answered.
    answered_ms: Option<u64>,
    models: BTreeMap<String, ForModel>,
}

/// What is known of a key for one model.
#[derive(Clone, Debug, Default)]
struct ForModel {
    health: Breaker,
    limited_until_ms: u64,
}

/// The keys of one provider, in the user's order.
#[derive(Clone, Debug, Default)]
pub struct KeyRing {
    settings: KeySettings,
    slots: Vec<Slot>,
    /// The one in use.
    current: usize,
}

impl KeyRing {
    /// A ring of these keys, by id, all of them untried.
    pub fn new<I: IntoIterator<Item = S>, S: Into<String>>(settings: KeySettings, keys: I) -> Self {
        let mut ring = Self { settings, slots: Vec::new(), current: 0 };
        ring.set_keys(keys);
        ring
    }

    /// The keys there are now. Those that stay keep what is known of them.
    pub fn set_keys<I: IntoIterator<Item = S>, S: Into<String>>(&mut self, keys: I) {
        let current = self.slots.get(self.current).map(|slot| slot.key.clone());
        let mut old: BTreeMap<String, Slot> =
            self.slots.drain(..).map(|slot| (slot.key.clone(), slot)).collect();
        for key in keys.into_iter().map(Into::into) {
            if self.slots.iter().all(|slot| slot.key != key) {
                self.slots.push(old.remove(&key).unwrap_or_else(|| Slot::new(key)));
            }
        }
        self.current = self.slots.iter().position(|slot| Some(&slot.key) == current.as_ref()).unwrap_or(0);
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// A key for a call to this model, none of those the request has tried. A failed key whose retest is due goes first, once:
    /// when it fails again the request goes on to the next key, and nobody notices.
    pub fn pick(&mut self, model: &str, tried: &BTreeSet<String>, now_ms: u64) -> Result<KeyLease, NoKey> {
        let order = self.order(model, now_ms);
        let mut until_ms = None;
        for index in order {
            let Some(slot) = self.slots.get_mut(index).filter(|slot| !tried.contains(&slot.key)) else {
                continue;
            };
            match slot.admit(&self.settings, model, now_ms) {
                Ok(lease) => {
                    self.current = index;
                    return Ok(lease);
                }
                Err(at) => until_ms = Some(until_ms.map_or(at, |earliest: u64| earliest.min(at))),
            }
        }
        Err(NoKey { until_ms })
    }

    /// A key whatever is known of it: somebody pressed "try anyway".
    pub fn force(&mut self, model: &str, now_ms: u64) -> Option<KeyLease> {
        let slot = self.slots.get_mut(self.current)?;
        let whole = Some(slot.health.force(now_ms));
        let for_model = slot.models.get_mut(model).map(|known| known.health.force(now_ms));
        Some(KeyLease { key: slot.key.clone(), model: model.to_owned(), whole, for_model })
    }

    /// A refused key whose retest is due, for a look at a free endpoint. Keys out of credit are not among them: lists of models
    /// are free, so that they answer says nothing about the credit.
    pub fn pick_for_retest(&mut self, now_ms: u64) -> Option<KeyLease> {
        let breaker = self.settings.breaker();
        let slot = self.slots.iter_mut().find(|slot| {
            slot.failed_with == Some(ErrorCategory::Authentication) && slot.is_due(&breaker, now_ms)
        })?;
        let whole = slot.health.admit(&breaker, now_ms).ok()?;
        Some(KeyLease { key: slot.key.clone(), model: String::new(), whole: Some(whole), for_model: None })
    }

    /// When the first refused key may be looked at again, in milliseconds of the clock; `None` when none is refused.
    pub fn next_retest_ms(&self, now_ms: u64) -> Option<u64> {
        let breaker = self.settings.breaker();
        let refused =
            self.slots.iter().filter(|slot| slot.failed_with == Some(ErrorCategory::Authentication));
        refused
            .filter_map(|slot| match slot.health.state(now_ms) {
                BreakerState::Open { until_ms } => Some(until_ms),
                BreakerState::HalfOpen { .. } if slot.is_due(&breaker, now_ms) => Some(now_ms),
                _ => None,
            })
            .min()
    }

    /// Somebody has had a key checked on a free endpoint, and it was accepted: it is refused no more. Credit is another matter.
    pub fn accepted(&mut self, key: &str, now_ms: u64) {
        let settings = self.settings.breaker();
        let refused = self
            .slots
            .iter_mut()
            .find(|slot| slot.key == key && slot.failed_with == Some(ErrorCategory::Authentication));
        let Some(slot) = refused else { return };
        let permit = slot.health.force(now_ms);
        slot.health.record(&settings, permit, Outcome::Success, now_ms);
        slot.failed_with = None;
    }

    /// The call has ended: `failed` is `None` when it was answered.
    pub fn record(&mut self, lease: KeyLease, failed: Option<(ErrorCategory, Option<u64>)>, now_ms: u64) {
        let settings = self.settings.breaker();
        let KeyLease { key, model, whole, for_model } = lease;
        let Some(index) = self.slots.iter().position(|slot| slot.key == key) else { return };
        let size = self.slots.len();
        let Some(slot) = self.slots.get_mut(index) else { return };
        let blamed = failed.map_or(Blame::Nobody, |(category, _)| blame(category));
        let retry_after_ms = failed.and_then(|(_, wait)| wait);
        let failure = Outcome::Failure { retry_after_ms };
        if failed.is_none() {
            slot.answered_ms = Some(now_ms);
        }
        if let Some(permit) = whole {
            match (failed, blamed) {
                (None, _) => slot.health.record(&settings, permit, Outcome::Success, now_ms),
                (_, Blame::Key) => slot.health.record(&settings, permit, failure, now_ms),
                _ => slot.health.abandon(permit),
            }
        }
        let known = slot.models.entry(model).or_default();
        match (failed, blamed, for_model) {
            (None, _, Some(permit)) => known.health.record(&settings, permit, Outcome::Success, now_ms),
            (_, Blame::KeyForModel, Some(permit)) => known.health.record(&settings, permit, failure, now_ms),
            (_, _, Some(permit)) => known.health.abandon(permit),
            (_, _, None) => {}
        }
        if blamed == Blame::Limits {
            let until_ms = now_ms.saturating_add(retry_after_ms.unwrap_or(0));
            known.limited_until_ms = known.limited_until_ms.max(until_ms);
        }
        if let (Some((category, _)), Blame::Key) = (failed, blamed) {
            slot.failed_with = Some(category);
        } else if matches!(slot.health.state(now_ms), BreakerState::Closed) {
            slot.failed_with = None;
        }
        if matches!(blamed, Blame::Key | Blame::KeyForModel | Blame::Limits) && index == self.current {
            self.current = (index + 1) % size;
        }
    }

    /// The call was not made, or was stopped before it said anything about the key.
    pub fn abandon(&mut self, lease: KeyLease) {
        let KeyLease { key, model, whole, for_model } = lease;
        let Some(slot) = self.slots.iter_mut().find(|slot| slot.key == key) else { return };
        if let Some(permit) = whole {
            slot.health.abandon(permit);
        }
        if let (Some(permit), Some(known)) = (for_model, slot.models.get_mut(&model)) {
            known.health.abandon(permit);
        }
    }

    /// The key works: it has begun to answer. A retest ends here and not with the last word, which may be minutes away.
    pub fn began(&mut self, lease: &mut KeyLease, now_ms: u64) {
        let settings = self.settings.breaker();
        let Some(slot) = self.slots.iter_mut().find(|slot| slot.key == lease.key) else { return };
        slot.answered_ms = Some(now_ms);
        if !matches!(slot.health.state(now_ms), BreakerState::Closed)
            && let Some(permit) = lease.whole.take()
        {
            slot.health.record(&settings, permit, Outcome::Success, now_ms);
        }
        if let Some(known) = slot.models.get_mut(&lease.model)
            && !matches!(known.health.state(now_ms), BreakerState::Closed)
            && let Some(permit) = lease.for_model.take()
        {
            known.health.record(&settings, permit, Outcome::Success, now_ms);
        }
    }

    /// When a call with this key was last answered, in milliseconds of the clock; `None` when none was yet.
    pub fn answered_ms(&self, key: &str) -> Option<u64> {
        self.slots.iter().find(|slot| slot.key == key)?.answered_ms
    }

    /// Where each key stands for a model, in the user's order.
    pub fn states(&self, model: &str, now_ms: u64) -> Vec<(&str, KeyState)> {
        let breaker = self.settings.breaker();
        self.slots.iter().map(|slot| (slot.key.as_str(), slot.state(&breaker, model, now_ms))).collect()
    }

    /// Where each key stands as a whole, in the user's order: limited is one that no model it was used for can be asked with.
    pub fn standings(&self, now_ms: u64) -> Vec<(&str, KeyState)> {
        let breaker = self.settings.breaker();
        let standing = |slot: &Slot| match slot.state(&breaker, "", now_ms) {
            KeyState::Ready => {
                // Retests of the whole key have no model.
                let used = slot.models.iter().filter(|(model, _)| !model.is_empty());
                match used
                    .map(|(_, known)| known.limited_until_ms)
                    .min()
                    .filter(|until_ms| *until_ms > now_ms)
                {
                    Some(until_ms) => KeyState::Limited { until_ms },
                    None => KeyState::Ready,
                }
            }
            state => state,
        };
        self.slots.iter().map(|slot| (slot.key.as_str(), standing(slot))).collect()
    }

    /// Keys due for a retest, then the one in use and those after it in the ring.
    fn order(&self, model: &str, now_ms: u64) -> Vec<usize> {
        let breaker = self.settings.breaker();
        let ring = (0..self.slots.len()).map(|step| (self.current + step) % self.slots.len());
        let (mut due, rest): (Vec<usize>, Vec<usize>) = ring.partition(|index| {
            self.slots.get(*index).is_some_and(|slot| {
                let known = slot.models.get(model);
                slot.is_due(&breaker, now_ms)
                    || known.is_some_and(|known| is_due(&known.health, &breaker, now_ms))
            })
        });
        due.extend(rest);
        due
    }
}

impl Slot {
    fn new(key: String) -> Self {
        Self {
            key,
            health: Breaker::default(),
            failed_with: None,
            answered_ms: None,
            models: BTreeMap::new(),
        }
    }

    fn is_due(&self, settings: &BreakerSettings, now_ms: u64) -> bool {
        is_due(&self.health, settings, now_ms)
    }

    fn admit(&mut self, settings: &KeySettings, model: &str, now_ms: u64) -> Result<KeyLease, u64> {
        let breaker = settings.breaker();
        let known = self.models.entry(model.to_owned()).or_default();
        if known.limited_until_ms > now_ms {
            return Err(known.limited_until_ms);
        }
        known.health.would_admit(&breaker, now_ms)?;
        let whole = self.health.admit(&breaker, now_ms)?;
        let for_model = match known.health.admit(&breaker, now_ms) {
            Ok(permit) => permit,
            Err(at) => {
                self.health.abandon(whole);
                return Err(at);
            }
        };
        Ok(KeyLease {
            key: self.key.clone(),
            model: model.to_owned(),
            whole: Some(whole),
            for_model: Some(for_model),
        })
    }

    fn state(&self, settings: &BreakerSettings, model: &str, now_ms: u64) -> KeyState {
        let known = self.models.get(model);
        let of_key = (&self.health, self.failed_with.unwrap_or(ErrorCategory::Authentication));
        let of_model = known.map(|known| (&known.health, ErrorCategory::Permission));
        for (breaker, category) in [Some(of_key), of_model].into_iter().flatten() {
            match breaker.state(now_ms) {
                BreakerState::Closed => {}
                BreakerState::Open { until_ms } => return KeyState::Failed { category, retest_ms: until_ms },
                BreakerState::HalfOpen { .. } if breaker.would_admit(settings, now_ms).is_err() => {
                    return KeyState::Retesting;
                }
                BreakerState::HalfOpen { .. } => return KeyState::Failed { category, retest_ms: now_ms },
            }
        }
        match known.map_or(0, |known| known.limited_until_ms) {
            until_ms if until_ms > now_ms => KeyState::Limited { until_ms },
            _ => KeyState::Ready,
        }
    }
}

/// Whether a breaker waits for its probe.
fn is_due(breaker: &Breaker, settings: &BreakerSettings, now_ms: u64) -> bool {
    matches!(breaker.state(now_ms), BreakerState::HalfOpen { .. })
        && breaker.would_admit(settings, now_ms).is_ok()
}

#[cfg(test)]
mod tests;
