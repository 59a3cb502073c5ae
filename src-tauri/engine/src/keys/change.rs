//! Adding, replacing and removing keys.

use roundtable_domain::KeyId;
use roundtable_store::{Key, StoredPlace};
use roundtable_vault::{KeySlot, Place, VaultError, mask};
use secrecy::{ExposeSecret, SecretString};

use super::find::holds;
use super::slot;
use crate::directory::Setup;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{AppError, KeyCheckView, ProviderView};

/// A key's name for people has at most so many characters.
const LONGEST_LABEL: usize = 60;

impl Engine {
    /// Stores a key in place of all that were there, and asks the provider whether it works.
    pub async fn set_key(&self, provider_id: &str, secret: SecretString) -> Result<KeyCheckView, AppError> {
        let secret = trimmed(&secret)?;
        let setup = self.stored_setup(provider_id).await?;
        if setup.is_demo() {
            return Err(EngineError::DemoIsBuiltIn.into());
        }
        self.forget_keys(&setup).await?;
        let row = self.store_key(&setup, "", secret).await?;
        Ok(self.check_one(&setup, row.id).await?)
    }

    /// Stores a further key, used when those before it fail, and asks the provider whether it works. `label` is what the user
    /// calls it; it may be empty.
    pub async fn add_key(
        &self,
        provider_id: &str,
        label: &str,
        secret: SecretString,
    ) -> Result<KeyCheckView, AppError> {
        let secret = trimmed(&secret)?;
        let setup = self.stored_setup(provider_id).await?;
        if setup.is_demo() {
            return Err(EngineError::DemoIsBuiltIn.into());
        }
        // What cannot be read cannot be compared; two of the same do no harm.
        if holds(&self.find_keys(&setup).await.unwrap_or_default(), &secret) {
            return Err(EngineError::KeyIsThere(setup.name).into());
        }
        let row = self.store_key(&setup, label, secret).await?;
        Ok(self.check_one(&setup, row.id).await?)
    }

    async fn store_key(&self, setup: &Setup, label: &str, secret: SecretString) -> Result<Key, EngineError> {
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
            label: label.trim().chars().take(LONGEST_LABEL).collect(),
            mask: shown,
            origin: slot.origin,
            place,
            created_at: self.inner.clock.now(),
            last_checked_at: None,
            last_check: None,
        };
        self.inner.store.keys().upsert(&row).await?;
        Ok(row)
    }

    /// Removes a provider's keys from keyring, memory and database.
    pub async fn remove_key(&self, provider_id: &str) -> Result<ProviderView, AppError> {
        let setup = self.stored_setup(provider_id).await?;
        self.forget_keys(&setup).await?;
        Ok(self.provider_view(&setup).await?)
    }

    /// Removes one of a provider's keys from keyring, memory and database, also one that was bound to another origin.
    pub async fn remove_one_key(&self, provider_id: &str, key_id: KeyId) -> Result<ProviderView, AppError> {
        let setup = self.stored_setup(provider_id).await?;
        let row = self.inner.store.keys().get(key_id).await.map_err(EngineError::from)?;
        let row = row.filter(|row| row.provider == setup.id).ok_or_else(|| EngineError::UnknownKey {
            key: key_id.to_string(),
            provider: setup.name.clone(),
        })?;
        self.forget_key(&row).await?;
        Ok(self.provider_view(&setup).await?)
    }

    pub(crate) async fn forget_keys(&self, setup: &Setup) -> Result<(), EngineError> {
        for row in self.inner.store.keys().list(Some(&setup.id)).await? {
            self.forget_key(&row).await?;
        }
        Ok(())
    }

    async fn forget_key(&self, row: &Key) -> Result<(), EngineError> {
        match self.inner.vault.delete(&slot(row)).await {
            // A key that is there but cannot be removed stays known, so that it can be removed later.
            Err(error @ VaultError::Locked) => return Err(error.into()),
            Err(VaultError::Keyring(detail)) => {
                tracing::warn!(detail, "a key was not removed from the keyring");
            }
            Ok(()) => {}
        }
        Ok(self.inner.store.keys().remove(row.id).await?)
    }
}

fn trimmed(secret: &SecretString) -> Result<SecretString, EngineError> {
    match secret.expose_secret().trim() {
        "" => Err(EngineError::EmptyKey),
        key => Ok(SecretString::from(key.to_owned())),
    }
}
