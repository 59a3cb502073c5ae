//! What is known of the keyring's keys without reading them again: that they are there, never what they are.
//!
//! The window asks with every keystroke whether a lane could be sent. A keyring answers in milliseconds, one question after the other.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;

use crate::vault::KeySlot;

/// How long a key is held to be missing or out of reach: somebody may bring it back outside of this program.
const MISSING_FOR: Duration = Duration::from_secs(30);

/// Tells a key from others: two are the same where their marks are. It says nothing of the key, and nothing to another process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyMark(u64);

/// What came of the last look at a slot.
#[derive(Clone)]
pub(crate) enum Known {
    There(KeyMark),
    Missing,
    Failed(String),
}

#[derive(Default)]
pub(crate) struct KnownKeys {
    slots: Mutex<HashMap<KeySlot, (Known, Instant)>>,
    marks: RandomState,
}

impl KnownKeys {
    pub(crate) fn note(&self, slot: &KeySlot, known: Known) {
        self.slots().insert(slot.clone(), (known, Instant::now()));
    }

    pub(crate) fn get(&self, slot: &KeySlot) -> Option<Known> {
        let slots = self.slots();
        let (known, at) = slots.get(slot)?;
        let holds = matches!(known, Known::There(_)) || at.elapsed() < MISSING_FOR;
        holds.then(|| known.clone())
    }

    pub(crate) fn forget(&self, slot: &KeySlot) {
        self.slots().remove(slot);
    }

    pub(crate) fn forget_all(&self) {
        self.slots().clear();
    }

    pub(crate) fn mark(&self, secret: &SecretString) -> KeyMark {
        KeyMark(self.marks.hash_one(secret.expose_secret()))
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<KeySlot, (Known, Instant)>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
