//! Keys: found for a call, stored, checked, removed. The key itself never leaves towards the window.

use roundtable_domain::{ErrorCategory, KeyId, ProviderError};
use roundtable_providers::{check_key, list_models};
use roundtable_store::{Key, StoredPlace};
use roundtable_vault::{KeySlot, Place, VaultError, mask};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::directory::Setup;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::fault::fault_of;
use crate::view::{AppError, Charged, KeyCheckView, KeyPlace, KeyState, KeyView, ProviderView};

/// A key for one call.
#[derive(Clone)]
pub(crate) struct FoundKey {
    /// `None` for one from the environment.
    pub(crate) id: Option<KeyId>,
    pub(crate) secret: SecretString,
    pub(crate) place: KeyPlace,
    /// The environment variable it came from.
    pub(crate) variable: Option<String>,
}

/// What is kept of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct LastCheck {
    state: KeyState,
    message: String,
}

impl Engine {
    /// The key for a call: the newest stored one that is bound to the provider's origin, else one from the environment that is
    /// meant for this origin.
    pub(crate) async fn find_key(&self, setup: &Setup) -> Result<Option<FoundKey>, ProviderError> {
        if setup.is_demo() {
            return Ok(Some(demo_key()));
        }
        let unreadable =
            |message: String| ProviderError::local(ErrorCategory::Authentication, setup.id.as_str(), message);
        let rows = self
            .inner
            .store
            .keys()
            .list(Some(&setup.id))
            .await
            .map_err(|error| unreadable(error.to_string()))?;
        let origin = setup.origin();
        for row in rows.into_iter().filter(|row| row.origin == origin) {
            match self.inner.vault.get(&slot(&row)).await {
                Ok(Some((secret, place))) => {
                    return Ok(Some(FoundKey {
                        id: Some(row.id),
                        secret,
                        place: key_place(place),
                        variable: None,
                    }));
                }
                Ok(None) => {}
                Err(error) => {
                    return Err(unreadable(format!("The key for {} cannot be read: {error}.", setup.name)));
                }
            }
        }
        Ok(self.environment_key(setup))
    }

    /// Whether a provider could be asked now, as far as its key goes.
    pub(crate) async fn ask_key(&self, setup: &Setup) -> Result<(), ProviderError> {
        if setup.needs_key() && self.find_key(setup).await?.is_none() {
            return Err(missing_key(setup));
        }
        Ok(())
    }

    fn environment_key(&self, setup: &Setup) -> Option<FoundKey> {
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

    /// What the window may know of a provider's key.
    pub(crate) async fn key_view(&self, setup: &Setup) -> Result<Option<KeyView>, EngineError> {
        let origin = setup.origin();
        let rows = self.inner.store.keys().list(Some(&setup.id)).await?;
        let Some(row) = rows.into_iter().find(|row| row.origin == origin) else {
            return Ok(self.environment_key(setup).map(|found| environment_view(found, setup)));
        };
        let stored = self.inner.vault.get(&slot(&row)).await;
        let check: Option<LastCheck> =
            row.last_check.clone().and_then(|value| serde_json::from_value(value).ok());
        let (place, missing) = match &stored {
            Ok(Some((_, place))) => (key_place(*place), None),
            Ok(None) => (stored_place(row.place), Some(gone(row.place))),
            Err(error) => (stored_place(row.place), Some(format!("It cannot be read: {error}."))),
        };
        if missing.is_some()
            && let Some(found) = self.environment_key(setup)
        {
            return Ok(Some(environment_view(found, setup)));
        }
        let state = if missing.is_some() {
            KeyState::Missing
        } else {
            check.as_ref().map_or(KeyState::Unchecked, |check| check.state)
        };
        Ok(Some(KeyView {
            id: Some(row.id),
            mask: row.mask,
            place,
            variable: None,
            origin: row.origin.as_str().to_owned(),
            state,
            message: missing.or(check.map(|check| check.message)),
            checked_at: row.last_checked_at,
            label: row.label,
        }))
    }

    /// Stores a key (the one before it is removed) and asks the provider whether it works.
    pub async fn set_key(&self, provider_id: &str, secret: SecretString) -> Result<KeyCheckView, AppError> {
        let secret = SecretString::from(secret.expose_secret().trim().to_owned());
        if secret.expose_secret().is_empty() {
            return Err(EngineError::EmptyKey.into());
        }
        let setup = self.stored_setup(provider_id).await?;
        self.forget_keys(&setup).await?;
        self.store_key(&setup, secret).await?;
        self.check(&setup).await.map_err(AppError::from)
    }

    async fn store_key(&self, setup: &Setup, secret: SecretString) -> Result<(), EngineError> {
        let now = self.inner.clock.now();
        let shown = mask(&secret);
        let slot = KeySlot {
            provider: setup.id.clone(),
            key_id: KeyId::from_uuid(self.inner.clock.new_id()),
            origin: setup.origin(),
        };
        let place = match self.inner.vault.set(&slot, secret).await? {
            Place::Keyring => StoredPlace::Keyring,
            Place::Session | Place::Environment => StoredPlace::Session,
        };
        let row = Key {
            id: slot.key_id,
            provider: slot.provider,
            label: String::new(),
            mask: shown,
            origin: slot.origin,
            place,
            created_at: now,
            last_checked_at: None,
            last_check: None,
        };
        Ok(self.inner.store.keys().upsert(&row).await?)
    }

    /// Removes a provider's keys from keyring, memory and database.
    pub async fn remove_key(&self, provider_id: &str) -> Result<ProviderView, AppError> {
        let setup = self.stored_setup(provider_id).await?;
        self.forget_keys(&setup).await?;
        Ok(self.provider_view(&setup).await?)
    }

    pub(crate) async fn forget_keys(&self, setup: &Setup) -> Result<(), EngineError> {
        for row in self.inner.store.keys().list(Some(&setup.id)).await? {
            match self.inner.vault.delete(&slot(&row)).await {
                // A key that is there but cannot be removed stays known, so that it can be removed later.
                Err(error @ VaultError::Locked) => return Err(error.into()),
                Err(VaultError::Keyring(detail)) => {
                    tracing::warn!(detail, "a key was not removed from the keyring");
                }
                Ok(()) => {}
            }
            self.inner.store.keys().remove(row.id).await?;
        }
        Ok(())
    }

    /// Asks the provider's free endpoint whether the key works, and lists its models.
    pub async fn check_key(&self, provider_id: &str) -> Result<KeyCheckView, AppError> {
        let setup = self.stored_setup(provider_id).await?;
        self.check(&setup).await.map_err(AppError::from)
    }

    async fn check(&self, setup: &Setup) -> Result<KeyCheckView, EngineError> {
        let mut setup = setup.clone();
        if setup.is_demo() {
            setup.base_url = self.demo_url().await.map_err(EngineError::Provider)?;
        }
        let found = self.find_key(&setup).await.map_err(EngineError::Provider)?;
        let outcome = match self.ask_key(&setup).await {
            Ok(()) => self.ask_provider(&setup, found.as_ref()).await,
            Err(missing) => Err(missing),
        };
        let (state, message, fault) = match outcome {
            Ok(message) => (KeyState::Accepted, message, None),
            Err(error) => {
                let fault = fault_of(&error, &setup.name, Charged::No);
                (state_after(error.category), fault.message.clone(), Some(fault))
            }
        };
        if let Some(id) = found.and_then(|found| found.id) {
            let check = LastCheck { state, message: message.clone() };
            if let Ok(check) = serde_json::to_value(check) {
                self.inner.store.keys().set_check(id, &check, self.inner.clock.now()).await?;
            }
        }
        Ok(KeyCheckView { provider: self.provider_view(&setup).await?, message, fault })
    }

    /// Checks the key, then keeps the list of models; what works is said in words.
    async fn ask_provider(&self, setup: &Setup, key: Option<&FoundKey>) -> Result<String, ProviderError> {
        let endpoint = setup.endpoint();
        let secret = key.map(|key| &key.secret);
        let cancel = &self.inner.closing;
        check_key(&self.inner.client, &endpoint, secret, cancel).await?;
        let listed = match list_models(&self.inner.client, &endpoint, secret, cancel).await {
            Ok(listed) => listed,
            // The key works; some servers have no list.
            Err(error) if error.category != ErrorCategory::Authentication => {
                return Ok(format!("{} accepts it. It did not list its models.", setup.name));
            }
            Err(error) => return Err(error),
        };
        let count = listed.len();
        self.keep_listing(setup, listed).await;
        Ok(match count {
            1 => format!("{} answers and offers 1 model.", setup.name),
            _ => format!("{} answers and offers {count} models.", setup.name),
        })
    }
}

/// What the emulator is sent: like most of the servers it imitates it wants some key, and any will do.
fn demo_key() -> FoundKey {
    FoundKey { id: None, secret: SecretString::from("simulated"), place: KeyPlace::Session, variable: None }
}

/// Says where to put a key.
pub(crate) fn missing_key(setup: &Setup) -> ProviderError {
    let variable = setup.dialect.env.first().filter(|_| setup.is_at_home() || setup.moved_by.is_some());
    let variable = variable.map(|name| format!(", or set {name}")).unwrap_or_default();
    let moved = setup.moved_by.as_ref().map(|moved_by| {
        format!(
            " {moved_by} moves it to {}, and keys of another address are not sent there.",
            setup.origin().as_str()
        )
    });
    ProviderError::local(
        ErrorCategory::Authentication,
        setup.id.as_str(),
        format!(
            "There is no key for {} here. Add one in the settings{variable}.{}",
            setup.name,
            moved.unwrap_or_default()
        ),
    )
}

fn state_after(category: ErrorCategory) -> KeyState {
    match category {
        ErrorCategory::Authentication | ErrorCategory::Permission | ErrorCategory::QuotaExceeded => {
            KeyState::Refused
        }
        _ => KeyState::Unknown,
    }
}

fn slot(row: &Key) -> KeySlot {
    KeySlot { provider: row.provider.clone(), key_id: row.id, origin: row.origin.clone() }
}

fn environment_view(found: FoundKey, setup: &Setup) -> KeyView {
    KeyView {
        id: None,
        mask: mask(&found.secret),
        place: found.place,
        variable: found.variable,
        origin: setup.origin().as_str().to_owned(),
        state: KeyState::Unchecked,
        message: None,
        checked_at: None,
        label: String::new(),
    }
}

fn gone(place: StoredPlace) -> String {
    match place {
        StoredPlace::Keyring => "It is not in the keyring any more. Add it again.".to_owned(),
        StoredPlace::Session | StoredPlace::Vault => {
            "It was kept in memory only and is gone since the last start. Add it again.".to_owned()
        }
    }
}

const fn stored_place(place: StoredPlace) -> KeyPlace {
    match place {
        StoredPlace::Keyring => KeyPlace::Keyring,
        StoredPlace::Session | StoredPlace::Vault => KeyPlace::Session,
    }
}

const fn key_place(place: Place) -> KeyPlace {
    match place {
        Place::Keyring => KeyPlace::Keyring,
        Place::Session => KeyPlace::Session,
        Place::Environment => KeyPlace::Environment,
    }
}
