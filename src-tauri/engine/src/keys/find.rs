//! The keys a call can be made with.

use futures_util::future::join_all;
use roundtable_domain::{ErrorCategory, NoticeSaying, ProviderError};
use roundtable_store::Key;
use roundtable_vault::{Place, VaultError};
use secrecy::{ExposeSecret, SecretString};

use super::{FoundKey, key_place, slot};
use crate::directory::Setup;
use crate::engine::Engine;
use crate::notices;
use crate::view::KeyPlace;

/// A key as the vault has it: not at all, or where.
type Kept = Result<Option<(SecretString, Place)>, VaultError>;

impl Engine {
    /// Every key a call to this provider can be made with: the stored ones that are bound to its origin in the order in which
    /// they were added, then the environment's where that is meant for this origin. The same key twice counts once.
    ///
    /// Empty when there is none. An error when there are only some that cannot be read.
    pub(crate) async fn find_keys(&self, setup: &Setup) -> Result<Vec<FoundKey>, ProviderError> {
        if setup.is_demo() {
            return Ok(vec![demo_key()]);
        }
        let unreadable =
            |message: String| ProviderError::local(ErrorCategory::Authentication, setup.id.as_str(), message);
        let rows = self.key_rows(setup).await.map_err(|error| unreadable(error.to_string()))?;
        let kept: Vec<Kept> = join_all(rows.iter().map(|row| self.kept(row))).await;
        let mut keys: Vec<FoundKey> = Vec::with_capacity(rows.len() + 1);
        let mut failure = None;
        for (row, kept) in rows.iter().zip(kept) {
            match kept {
                Ok(Some((secret, place))) => {
                    let id = Some(row.id);
                    keys.push(FoundKey { id, secret, place: key_place(place), variable: None });
                }
                Ok(None) => {}
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        keys.extend(self.environment_key(setup).filter(|key| !holds(&keys, &key.secret)));
        match failure {
            Some(error) if keys.is_empty() => {
                Err(unreadable(format!("The key for {} cannot be read: {error}.", setup.name)))
            }
            _ => Ok(keys),
        }
    }

    /// The first of [`Self::find_keys`], where only one is needed.
    pub(crate) async fn find_key(&self, setup: &Setup) -> Result<Option<FoundKey>, ProviderError> {
        Ok(self.find_keys(setup).await?.into_iter().next())
    }

    /// Whether a provider could be asked now, as far as its key goes.
    pub(crate) async fn ask_key(&self, setup: &Setup) -> Result<(), ProviderError> {
        if setup.needs_key() && self.find_key(setup).await?.is_none() {
            return Err(missing_key(setup));
        }
        Ok(())
    }

    /// What is known of the keys that are bound to a provider's origin, in the order in which they were added.
    pub(super) async fn key_rows(&self, setup: &Setup) -> Result<Vec<Key>, roundtable_store::StoreError> {
        let origin = setup.origin();
        let newest_first = self.inner.store.keys().list(Some(&setup.id)).await?;
        Ok(newest_first.into_iter().rev().filter(|row| row.origin == origin).collect())
    }

    pub(super) async fn kept(&self, row: &Key) -> Kept {
        self.inner.vault.get(&slot(row)).await
    }

    pub(crate) fn environment_key(&self, setup: &Setup) -> Option<FoundKey> {
        if !self.may_use_environment(setup) {
            return None;
        }
        let (variable, secret) = self.inner.vault.from_environment(setup.dialect.env)?;
        Some(FoundKey { id: None, secret, place: KeyPlace::Environment, variable: Some(variable) })
    }

    /// Whether a key from the environment is meant for where this provider stands: its dialect's own address, or the one the
    /// environment names beside the key.
    fn may_use_environment(&self, setup: &Setup) -> bool {
        setup.is_at_home() || self.inner.environment.means(setup.dialect, &setup.origin())
    }
}

/// Whether this key is among these.
pub(super) fn holds(keys: &[FoundKey], secret: &SecretString) -> bool {
    keys.iter().any(|key| key.secret.expose_secret() == secret.expose_secret())
}

/// What the emulator is sent: like most of the servers it imitates it wants some key, and any will do.
fn demo_key() -> FoundKey {
    FoundKey { id: None, secret: SecretString::from("simulated"), place: KeyPlace::Session, variable: None }
}

/// Says where to put a key.
pub(crate) fn missing_key(setup: &Setup) -> ProviderError {
    let text = notices::english(&without_key(setup));
    ProviderError::local(ErrorCategory::Authentication, setup.id.as_str(), text)
}

/// That there is none, and what to do about it.
pub(crate) fn without_key(setup: &Setup) -> NoticeSaying {
    let variable = setup.dialect.env.first().filter(|_| setup.is_at_home() || setup.moved_by.is_some());
    let (provider, variable) = (setup.name.clone(), variable.map(|name| (*name).to_owned()));
    match setup.moved_by.as_ref() {
        None => NoticeSaying::KeyMissing { provider, variable },
        Some(moved_by) => NoticeSaying::KeyMissingElsewhere {
            provider,
            variable,
            moved_by: moved_by.clone(),
            address: setup.origin().as_str().to_owned(),
        },
    }
}
