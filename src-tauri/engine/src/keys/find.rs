//! The keys a call can be made with.

use futures_util::future::join_all;
use roundtable_domain::{ErrorCategory, NoticeSaying, ProviderError};
use roundtable_store::Key;
use roundtable_vault::{KeyMark, Place, VaultError};
use secrecy::{ExposeSecret, SecretString};

use super::{FoundKey, key_place, slot};
use crate::directory::Setup;
use crate::engine::Engine;
use crate::notices;
use crate::view::KeyPlace;

/// A key as the vault has it: not at all, or where.
type Kept = Result<Option<(SecretString, Place)>, VaultError>;

/// What there is of it: its mark, itself where it was read, and where it is.
type Seen = Result<Option<(KeyMark, Option<SecretString>, Place)>, VaultError>;

/// What keys are wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    /// To be sent.
    Sent,
    /// To know that they are there.
    Known,
}

impl Engine {
    /// Every key a call to this provider can be made with: the stored ones that are bound to its origin in the order in which
    /// they were added, then the environment's where that is meant for this origin. The same key twice counts once.
    ///
    /// Empty when there is none. An error when there are only some that cannot be read.
    pub(crate) async fn find_keys(&self, setup: &Setup) -> Result<Vec<FoundKey>, ProviderError> {
        self.keys_for(setup, Wanted::Sent).await
    }

    /// The same keys to be named, not to be sent: nothing can be sent with them. The keyring is asked for each of them once, and not
    /// again while what it said holds; see [`roundtable_vault::Vault::look`].
    pub(crate) async fn look_for_keys(&self, setup: &Setup) -> Result<Vec<FoundKey>, ProviderError> {
        self.keys_for(setup, Wanted::Known).await
    }

    async fn keys_for(&self, setup: &Setup, wanted: Wanted) -> Result<Vec<FoundKey>, ProviderError> {
        if setup.is_demo() {
            return Ok(vec![demo_key()]);
        }
        let unreadable =
            |message: String| ProviderError::local(ErrorCategory::Authentication, setup.id.as_str(), message);
        let rows = self.key_rows(setup).await.map_err(|error| unreadable(error.to_string()))?;
        let seen: Vec<Seen> = join_all(rows.iter().map(|row| self.seen(row, wanted))).await;
        let mut keys: Vec<FoundKey> = Vec::with_capacity(rows.len() + 1);
        let mut marks = Vec::with_capacity(rows.len());
        let mut failure = None;
        for (row, seen) in rows.iter().zip(seen) {
            match seen {
                Ok(Some((mark, secret, place))) => {
                    let id = Some(row.id);
                    keys.push(FoundKey { id, secret, place: key_place(place), variable: None });
                    marks.push(mark);
                }
                Ok(None) => {}
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        let is_new = |key: &FoundKey| {
            key.secret().is_none_or(|secret| !marks.contains(&self.inner.vault.mark(secret)))
        };
        keys.extend(self.environment_key(setup).filter(is_new));
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
        if setup.needs_key() && self.look_for_keys(setup).await?.is_empty() {
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

    async fn seen(&self, row: &Key, wanted: Wanted) -> Seen {
        let vault = &self.inner.vault;
        Ok(match wanted {
            Wanted::Known => vault.look(&slot(row)).await?.map(|(mark, place)| (mark, None, place)),
            Wanted::Sent => {
                let kept = self.kept(row).await?;
                kept.map(|(secret, place)| (vault.mark(&secret), Some(secret), place))
            }
        })
    }

    pub(crate) fn environment_key(&self, setup: &Setup) -> Option<FoundKey> {
        if !self.may_use_environment(setup) {
            return None;
        }
        let (variable, secret) = self.inner.vault.from_environment(setup.dialect.env)?;
        Some(FoundKey::of_variable(secret, Some(variable)))
    }

    /// Whether a key from the environment is meant for where this provider stands: its dialect's own address, or the one the
    /// environment names beside the key.
    fn may_use_environment(&self, setup: &Setup) -> bool {
        setup.is_at_home() || self.inner.environment.means(setup.dialect, &setup.origin())
    }
}

/// Whether this key is among these.
pub(super) fn holds(keys: &[FoundKey], secret: &SecretString) -> bool {
    keys.iter().filter_map(FoundKey::secret).any(|key| key.expose_secret() == secret.expose_secret())
}

/// What the emulator is sent: like most of the servers it imitates it wants some key, and any will do.
fn demo_key() -> FoundKey {
    let secret = Some(SecretString::from("simulated"));
    FoundKey { id: None, secret, place: KeyPlace::Session, variable: None }
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
