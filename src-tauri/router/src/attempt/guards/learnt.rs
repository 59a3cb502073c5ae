//! What guards have learnt, for another life of the program.
//!
//! The clock of the guards begins anew with each start, so what is kept has times of the wall. A wall's clock can be set: what is
//! kept also says how long it had still to go, and after a clock was set back it goes for no longer than that.

use roundtable_domain::{ErrorCategory, UnixMs};
use serde::{Deserialize, Serialize};

use super::super::candidate::Scope;
use super::super::keys::{KeyFailure, KeyRing};
use super::super::pools::{Pool, PoolSettings};
use super::Guards;
use crate::limits::Limits;

/// Limits that nobody has spoken of for so long are not believed any more, in milliseconds: a week.
const LIMITS_BELIEVED_MS: u64 = 7 * 24 * 60 * 60 * 1_000;

/// Two times of the same thing differ by less: clocks do not go alike to the millisecond.
const SAME_TIME_MS: u64 = 2_000;

/// Something that was learnt of a scope, a key or an instance. The names are those the guards know; no key is in here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "lesson", rename_all = "snake_case")]
pub enum Lesson {
    /// It kept failing and is left alone.
    Failing {
        /// A model or a host.
        about: Scope,
        /// How often it was left alone in a row.
        times: u32,
    },
    /// Its provider asked for patience.
    Closed {
        /// A model or a host.
        about: Scope,
    },
    /// Limits that headers spoke of.
    Limits {
        /// An account, a model or both.
        about: Scope,
        /// Requests a minute.
        requests: Option<u64>,
        /// Tokens a minute.
        tokens: Option<u64>,
    },
    /// Nothing is left under a limit.
    Exhausted {
        /// An account, a model or both.
        about: Scope,
    },
    /// A key was refused or is out of credit.
    KeyFailed {
        /// The provider.
        provider: String,
        /// The key's name.
        key: String,
        /// The model it was refused for; `None`: for all.
        model: Option<String>,
        /// What the provider said of the whole key.
        category: Option<ErrorCategory>,
        /// How often in a row.
        times: u32,
    },
    /// A key has to be patient.
    KeyLimited {
        /// The provider.
        provider: String,
        /// The key's name.
        key: String,
        /// With this model.
        model: String,
    },
    /// A pool has taken an instance out.
    TakenOut {
        /// The pool.
        pool: String,
        /// The instance.
        instance: String,
        /// How often in a row.
        times: u32,
    },
}

/// A lesson and how long it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learnt {
    /// What was learnt.
    #[serde(flatten)]
    pub lesson: Lesson,
    /// Until when it holds, on the wall.
    pub until: UnixMs,
    /// How long that was when it was written down, in milliseconds.
    pub left_ms: u64,
}

impl Lesson {
    /// Whether both say the same of the same thing.
    fn is_about_the_same(&self, other: &Self) -> bool {
        use Lesson::{Closed, Exhausted, Failing, KeyFailed, KeyLimited, Limits, TakenOut};
        match (self, other) {
            (Failing { about: one, .. }, Failing { about: two, .. })
            | (Closed { about: one }, Closed { about: two })
            | (Limits { about: one, .. }, Limits { about: two, .. })
            | (Exhausted { about: one }, Exhausted { about: two }) => one == two,
            (
                KeyFailed { provider, key, model, .. },
                KeyFailed { provider: other_provider, key: other_key, model: other_model, .. },
            ) => (provider, key, model) == (other_provider, other_key, other_model),
            (TakenOut { pool, instance, .. }, TakenOut { pool: other_pool, instance: other, .. }) => {
                (pool, instance) == (other_pool, other)
            }
            (KeyLimited { .. }, KeyLimited { .. }) => self == other,
            _ => false,
        }
    }
}

impl Learnt {
    fn new(lesson: Lesson, until_ms: u64, now_ms: u64, wall: UnixMs) -> Self {
        let left_ms = until_ms.saturating_sub(now_ms);
        Self { lesson, until: later(wall, left_ms), left_ms }
    }

    /// How long it still holds, in milliseconds; `None` when it does not.
    fn left_ms(&self, wall: UnixMs) -> Option<u64> {
        let left = u64::try_from(self.until.0.saturating_sub(wall.0)).ok()?.min(self.left_ms);
        Some(left).filter(|left| *left > 0)
    }

    /// Whether both say the same of the same thing, for as long.
    fn is_same(&self, other: &Self) -> bool {
        let tolerance = match self.lesson {
            // What goes on being believed has a week from each moment on.
            Lesson::Limits { .. } => LIMITS_BELIEVED_MS / 7,
            _ => SAME_TIME_MS,
        };
        self.lesson == other.lesson && self.until.0.abs_diff(other.until.0) <= tolerance
    }
}

fn later(wall: UnixMs, ms: u64) -> UnixMs {
    UnixMs(wall.0.saturating_add(i64::try_from(ms).unwrap_or(i64::MAX)))
}

/// Whether what was learnt has changed since: something is new, holds for longer, or does not hold any more although its time is
/// not over. What has only run out is no change.
pub fn has_changed(before: &[Learnt], now: &[Learnt], wall: UnixMs) -> bool {
    let is_in = |one: &Learnt, others: &[Learnt]| others.iter().any(|other| one.is_same(other));
    now.iter().any(|one| !is_in(one, before))
        || before
            .iter()
            .any(|one| one.left_ms(wall).is_some_and(|left| left > SAME_TIME_MS) && !is_in(one, now))
}

/// What several processes on one data folder have learnt: this one's own, and of what is written down what this one has neither
/// read nor written before. `known` is what it read and wrote: of that, its own word counts.
pub fn merged(own: Vec<Learnt>, written: Vec<Learnt>, known: &[Learnt], wall: UnixMs) -> Vec<Learnt> {
    let mut all = own;
    for one in written {
        let said = |others: &[Learnt]| others.iter().any(|other| other.lesson.is_about_the_same(&one.lesson));
        if one.left_ms(wall).is_some() && !said(&all) && !said(known) {
            all.push(one);
        }
    }
    all
}

impl Guards {
    /// Everything learnt that outlives the program, in an order of its own.
    pub fn learnt(&self, now_ms: u64, wall: UnixMs) -> Vec<Learnt> {
        let failing = self.breakers.iter().filter_map(|(about, breaker)| {
            let (until_ms, times) = breaker.opened(now_ms)?;
            Some((Lesson::Failing { about: about.clone(), times }, until_ms))
        });
        let closed = self.closed.iter().filter(|(_, until_ms)| **until_ms > now_ms);
        let closed = closed.map(|(about, until_ms)| (Lesson::Closed { about: about.clone() }, *until_ms));
        let limits = self.gates.iter().filter_map(|(about, gate)| {
            let (limits, until_ms) = gate.learnt()?;
            let Limits { requests, tokens, .. } = limits;
            let lesson = Lesson::Limits { about: about.clone(), requests, tokens };
            Some((lesson, until_ms.unwrap_or(now_ms.saturating_add(LIMITS_BELIEVED_MS))))
        });
        let exhausted = self.gates.iter().filter_map(|(about, gate)| {
            Some((Lesson::Exhausted { about: about.clone() }, gate.closed_until_ms(now_ms)?))
        });
        let pools = self.pools.iter().flat_map(|(pool, instances)| {
            instances.taken_out(now_ms).map(move |(instance, (until_ms, times))| {
                (Lesson::TakenOut { pool: pool.clone(), instance: instance.to_owned(), times }, until_ms)
            })
        });
        let keys = self.rings.iter().flat_map(|(provider, ring)| lessons_of_keys(provider, ring, now_ms));
        let all = failing.chain(closed).chain(limits).chain(exhausted).chain(pools).chain(keys);
        all.map(|(lesson, until_ms)| Learnt::new(lesson, until_ms, now_ms, wall)).collect()
    }

    /// Takes over what was learnt in another life of the program. What has run out is dropped, and nothing that was learnt since
    /// the start is weakened.
    pub fn remember(&mut self, learnt: &[Learnt], now_ms: u64, wall: UnixMs) {
        for one in learnt {
            if let Some(left_ms) = one.left_ms(wall) {
                self.take_over(&one.lesson, now_ms.saturating_add(left_ms), now_ms);
            }
        }
    }

    fn take_over(&mut self, lesson: &Lesson, until_ms: u64, now_ms: u64) {
        match lesson {
            Lesson::Failing { about, times } => {
                self.breakers.entry(about.clone()).or_default().reopen(until_ms, *times);
            }
            Lesson::Closed { about } => {
                let closed = self.closed.entry(about.clone()).or_default();
                *closed = until_ms.max(*closed);
            }
            Lesson::Limits { about, requests, tokens } => {
                let limits = Limits { requests: *requests, tokens: *tokens, concurrency: None };
                self.gates.entry(about.clone()).or_default().believe(limits, until_ms);
            }
            Lesson::Exhausted { about } => {
                self.exhausted(about.clone(), until_ms.saturating_sub(now_ms), now_ms);
            }
            Lesson::KeyFailed { provider, key, model, category, times } => {
                let failure = KeyFailure { category: *category, until_ms, times: *times };
                self.ring_of(provider).has_failed(key, model.as_deref(), failure);
            }
            Lesson::KeyLimited { provider, key, model } => {
                self.ring_of(provider).is_limited(key, model, until_ms);
            }
            Lesson::TakenOut { pool, instance, times } => {
                let pool = self.pools.entry(pool.clone());
                let pool = pool.or_insert_with(|| Pool::new(PoolSettings::default(), [("", 1); 0]));
                pool.take_out(instance, (until_ms, *times));
            }
        }
    }
}

fn lessons_of_keys(provider: &str, ring: &KeyRing, now_ms: u64) -> Vec<(Lesson, u64)> {
    let failed = ring.failures(now_ms).map(|(key, model, failure)| {
        let lesson = Lesson::KeyFailed {
            provider: provider.to_owned(),
            key: key.to_owned(),
            model: model.map(str::to_owned),
            category: failure.category,
            times: failure.times,
        };
        (lesson, failure.until_ms)
    });
    let limited = ring.limited(now_ms).map(|(key, model, until_ms)| {
        let (provider, key, model) = (provider.to_owned(), key.to_owned(), model.to_owned());
        (Lesson::KeyLimited { provider, key, model }, until_ms)
    });
    failed.chain(limited).collect()
}

#[cfg(test)]
mod tests;
