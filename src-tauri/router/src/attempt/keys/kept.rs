//! What is known of keys, out of a ring and into one: for another life of the program.

use roundtable_domain::ErrorCategory;

use super::{KeyRing, Slot};

/// How a key failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::attempt) struct KeyFailure {
    /// What the provider said of the whole key; `None` where it only will not have a certain model.
    pub(in crate::attempt) category: Option<ErrorCategory>,
    /// When it is tried again, in milliseconds of the clock.
    pub(in crate::attempt) until_ms: u64,
    /// How often it has failed in a row.
    pub(in crate::attempt) times: u32,
}

impl KeyRing {
    /// The keys that failed: each with the model it failed for, or with none when it failed for all.
    pub(in crate::attempt) fn failures(
        &self,
        now_ms: u64,
    ) -> impl Iterator<Item = (&str, Option<&str>, KeyFailure)> {
        self.slots.iter().flat_map(move |slot| {
            let failure = |category, (until_ms, times)| KeyFailure { category, until_ms, times };
            let category = slot.failed_with.unwrap_or(ErrorCategory::Authentication);
            let whole = slot.health.opened(now_ms).map(|opened| (None, failure(Some(category), opened)));
            let of_models = slot.models.iter().filter_map(move |(model, known)| {
                Some((Some(model.as_str()), failure(None, known.health.opened(now_ms)?)))
            });
            whole.into_iter().chain(of_models).map(|(model, failure)| (slot.key.as_str(), model, failure))
        })
    }

    /// The keys that have to be patient with a model: until when, in milliseconds of the clock.
    pub(in crate::attempt) fn limited(&self, now_ms: u64) -> impl Iterator<Item = (&str, &str, u64)> {
        self.slots.iter().flat_map(move |slot| {
            let limited = slot.models.iter().map(|(model, known)| (model.as_str(), known.limited_until_ms));
            limited
                .filter(move |(_, until_ms)| *until_ms > now_ms)
                .map(|(model, until_ms)| (slot.key.as_str(), model, until_ms))
        })
    }

    /// A key failed so. It need not be set up any more: then [`KeyRing::set_keys`] drops it.
    pub(in crate::attempt) fn has_failed(&mut self, key: &str, model: Option<&str>, failure: KeyFailure) {
        let Some(slot) = self.known_mut(key) else { return };
        let KeyFailure { category, until_ms, times } = failure;
        if let Some(model) = model {
            slot.models.entry(model.to_owned()).or_default().health.reopen(until_ms, times);
        } else {
            slot.health.reopen(until_ms, times);
            slot.failed_with = category;
        }
    }

    /// A key has to be patient with a model.
    pub(in crate::attempt) fn is_limited(&mut self, key: &str, model: &str, until_ms: u64) {
        let Some(slot) = self.known_mut(key) else { return };
        let known = slot.models.entry(model.to_owned()).or_default();
        known.limited_until_ms = known.limited_until_ms.max(until_ms);
    }

    /// What is known of a key, if only that it is there.
    fn known_mut(&mut self, key: &str) -> Option<&mut Slot> {
        if !self.slots.iter().any(|slot| slot.key == key) {
            self.slots.push(Slot::new(key.to_owned()));
        }
        self.slots.iter_mut().find(|slot| slot.key == key)
    }
}
