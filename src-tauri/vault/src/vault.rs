//! The vault: where a key goes and where it is found.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use roundtable_domain::{KeyId, Origin};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use crate::keyring::{self, Address, Keyring, KeyringStatus, Refusal};
use crate::known::{KeyMark, Known, KnownKeys};
use crate::rehearsal::SlowKeyring;

/// Where a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The operating system's keyring.
    Keyring,
    /// Memory of this process, gone when it ends.
    Session,
    /// An environment variable: read, never stored.
    Environment,
}

/// What opening needs to know.
pub struct VaultOptions {
    /// The name under which keys stand in the keyring: `roundtable`, or with a suffix for another data folder.
    pub service: String,
    /// Which keyring.
    pub keyring: KeyringUse,
    /// The environment, read once at the start.
    pub environment: HashMap<String, String>,
}

/// Which keyring keys are kept in.
#[derive(Clone, Debug)]
pub enum KeyringUse {
    /// None is ever touched.
    Off,
    /// This system's.
    System,
    /// One to rehearse with.
    Rehearsal(SlowKeyring),
}

impl From<bool> for KeyringUse {
    fn from(wanted: bool) -> Self {
        if wanted { Self::System } else { Self::Off }
    }
}

impl fmt::Debug for VaultOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VaultOptions")
            .field("service", &self.service)
            .field("keyring", &self.keyring)
            .finish_non_exhaustive()
    }
}

/// A place for one key. The origin is part of it: a key is found only for the origin it was stored for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeySlot {
    /// The provider's slug.
    pub provider: String,
    /// Which of its keys.
    pub key_id: KeyId,
    /// The only scheme, host and port it may be sent to.
    pub origin: Origin,
}

impl KeySlot {
    fn address(&self) -> Address {
        Address {
            user: format!("{} {} {}", self.provider, self.key_id, self.origin.as_str()),
            label: format!("Roundtable: key for {} ({})", self.provider, self.origin.as_str()),
        }
    }
}

/// What can go wrong with a key. Never holds one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The key may be in the keyring, but that is locked.
    #[error("the keyring is locked; unlock it and try again")]
    Locked,
    /// The keyring failed in some other way.
    #[error("the keyring failed: {0}")]
    Keyring(String),
}

/// The vault. Clones share it. Its `Debug` shows the keyring's status and nothing else.
#[derive(Clone)]
pub struct Vault(Arc<Inner>);

struct Inner {
    keyring: Keyring,
    session: Mutex<HashMap<KeySlot, SecretString>>,
    known: KnownKeys,
    environment: HashMap<String, SecretString>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("keyring", &self.keyring_status()).finish_non_exhaustive()
    }
}

impl Vault {
    /// Opens the vault and finds out whether the keyring works. Takes at most [`crate::PATIENCE`], and never fails: without a
    /// keyring, keys live in memory.
    pub async fn open(options: VaultOptions) -> Self {
        let keyring = match options.keyring {
            KeyringUse::Off => Keyring::none("it is switched off"),
            KeyringUse::System => Keyring::start(options.service, Box::new(keyring::connect)),
            KeyringUse::Rehearsal(keyring) => {
                Keyring::start(options.service, Box::new(move || Ok(Arc::new(keyring.clone()))))
            }
        };
        let vault = Self::with(keyring, options.environment);
        vault.recheck().await;
        vault
    }

    pub(crate) fn with(keyring: Keyring, environment: HashMap<String, String>) -> Self {
        let environment =
            environment.into_iter().map(|(name, value)| (name, SecretString::from(value))).collect();
        let known = KnownKeys::default();
        Self(Arc::new(Inner { keyring, session: Mutex::default(), known, environment }))
    }

    /// Whether the keyring can be used. While it cannot, [`Vault::get`] finds only this session's keys, so this tells "locked"
    /// from "gone". A keyring that is unlocked late becomes available by itself.
    pub fn keyring_status(&self) -> KeyringStatus {
        self.0.keyring.status()
    }

    /// Tries the keyring again, for instance after the user has unlocked it.
    pub async fn recheck(&self) -> KeyringStatus {
        let status = self.0.keyring.probe().await;
        self.0.known.forget_all();
        tracing::info!(?status, "keyring");
        status
    }

    /// Stores a key, replacing the one in its slot: in the keyring, else in this process's memory. Says where it is.
    pub async fn set(&self, slot: &KeySlot, secret: SecretString) -> Result<Place, VaultError> {
        if self.keyring_status() == KeyringStatus::Available {
            match self.0.keyring.set(slot.address(), secret.clone()).await {
                Ok(()) => {
                    self.session().remove(slot);
                    self.0.known.note(slot, Known::There(self.mark(&secret)));
                    return Ok(Place::Keyring);
                }
                Err(Refusal::Failed(reason)) => {
                    tracing::warn!(reason, "the keyring took no key; it stays in memory");
                }
                Err(Refusal::Locked | Refusal::NoEntry) => {}
            }
        }
        self.0.known.forget(slot);
        self.session().insert(slot.clone(), secret);
        Ok(Place::Session)
    }

    /// Whether a key is in a slot, where, and by which mark: without asking the keyring where that is known from when it was stored, read
    /// or, a moment ago, not found. A key that somebody takes out of the keyring by hand is missed when it is read the next time.
    pub async fn look(&self, slot: &KeySlot) -> Result<Option<(KeyMark, Place)>, VaultError> {
        if let Some(secret) = self.session().get(slot) {
            return Ok(Some((self.mark(secret), Place::Session)));
        }
        if self.keyring_status() != KeyringStatus::Available {
            return Ok(None);
        }
        match self.0.known.get(slot) {
            Some(Known::There(mark)) => Ok(Some((mark, Place::Keyring))),
            Some(Known::Missing) => Ok(None),
            Some(Known::Failed(reason)) => Err(VaultError::Keyring(reason)),
            None => Ok(self.get(slot).await?.map(|(secret, place)| (self.mark(&secret), place))),
        }
    }

    /// What tells a key from others without being it.
    pub fn mark(&self, secret: &SecretString) -> KeyMark {
        self.0.known.mark(secret)
    }

    /// The key in a slot and where it was found. `None`: not there, or in a keyring that is locked
    /// (see [`Vault::keyring_status`]).
    pub async fn get(&self, slot: &KeySlot) -> Result<Option<(SecretString, Place)>, VaultError> {
        if let Some(secret) = self.session().get(slot) {
            return Ok(Some((secret.clone(), Place::Session)));
        }
        if self.keyring_status() != KeyringStatus::Available {
            return Ok(None);
        }
        match self.0.keyring.get(slot.address()).await {
            Ok(Some(secret)) => {
                self.0.known.note(slot, Known::There(self.mark(&secret)));
                Ok(Some((secret, Place::Keyring)))
            }
            Ok(None) => {
                self.0.known.note(slot, Known::Missing);
                Ok(None)
            }
            Err(Refusal::Locked | Refusal::NoEntry) => Ok(None),
            Err(Refusal::Failed(reason)) => {
                self.0.known.note(slot, Known::Failed(reason.clone()));
                Err(VaultError::Keyring(reason))
            }
        }
    }

    /// Deletes the key in a slot wherever it is. Deleting what is not there is no error; not being able to look is.
    pub async fn delete(&self, slot: &KeySlot) -> Result<(), VaultError> {
        let was_in_session = self.session().remove(slot).is_some();
        match self.keyring_status() {
            KeyringStatus::Available => {}
            KeyringStatus::Locked if !was_in_session => return Err(VaultError::Locked),
            KeyringStatus::Locked | KeyringStatus::Absent { .. } => return Ok(()),
        }
        let deleted = self.0.keyring.delete(slot.address()).await;
        self.0.known.forget(slot);
        match deleted {
            Ok(()) | Err(Refusal::NoEntry) => Ok(()),
            Err(Refusal::Locked) => Err(VaultError::Locked),
            Err(Refusal::Failed(reason)) => Err(VaultError::Keyring(reason)),
        }
    }

    /// The first of these environment variables that is set and not blank, and its value without surrounding blanks.
    pub fn from_environment(&self, names: &[&str]) -> Option<(String, SecretString)> {
        names.iter().find_map(|name| {
            let value = self.0.environment.get(*name)?.expose_secret().trim();
            (!value.is_empty()).then(|| ((*name).to_owned(), SecretString::from(value)))
        })
    }

    fn session(&self) -> MutexGuard<'_, HashMap<KeySlot, SecretString>> {
        self.0.session.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
