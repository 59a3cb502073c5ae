//! Asking a provider's free endpoint whether a key works.

use roundtable_domain::{ErrorCategory, KeyId, ProviderError};
use roundtable_providers::{check_key, list_models};
use roundtable_store::Key;
use serde::{Deserialize, Serialize};

use super::{FoundKey, missing_key};
use crate::directory::Setup;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::fault::fault_of;
use crate::view::{AppError, Charged, FaultView, KeyCheckView, KeyState};

/// What is kept of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LastCheck {
    pub(super) state: KeyState,
    pub(super) message: String,
}

impl LastCheck {
    pub(super) fn of(row: &Key) -> Option<Self> {
        row.last_check.clone().and_then(|value| serde_json::from_value(value).ok())
    }
}

/// Whether a key was refused when it was last checked.
pub(crate) fn was_refused(row: &Key) -> bool {
    LastCheck::of(row).is_some_and(|check| check.state == KeyState::Refused)
}

/// What one key was told.
pub(crate) struct Checked {
    message: String,
    /// `None`: it works.
    pub(crate) fault: Option<FaultView>,
}

impl Engine {
    /// Asks the provider's free endpoint whether its keys work, each of them, and lists its models.
    pub async fn check_key(&self, provider_id: &str) -> Result<KeyCheckView, AppError> {
        let setup = self.at_work(self.stored_setup(provider_id).await?).await?;
        Ok(self.check_all(&setup).await?)
    }

    /// The demo stands where its emulator is.
    async fn at_work(&self, mut setup: Setup) -> Result<Setup, EngineError> {
        if setup.is_demo() {
            setup.base_url = self.demo_url().await.map_err(EngineError::Provider)?;
        }
        Ok(setup)
    }

    async fn check_all(&self, setup: &Setup) -> Result<KeyCheckView, EngineError> {
        let keys = self.find_keys(setup).await.map_err(EngineError::Provider)?;
        let mut told: Option<Checked> = None;
        for (place, key) in (1_usize..).zip(&keys) {
            let mut checked = self.check_with(setup, Some(key)).await?;
            if keys.len() > 1 && checked.fault.is_some() {
                checked.message = format!("Key {place} of {}: {}", keys.len(), checked.message);
            }
            // The first that does not work is what there is to tell.
            if told.as_ref().is_none_or(|told| told.fault.is_none() && checked.fault.is_some()) {
                told = Some(checked);
            }
        }
        let mut told = match told {
            Some(told) => told,
            None => self.check_with(setup, None).await?,
        };
        if keys.len() > 1 && told.fault.is_none() {
            told.message = format!("All {} keys work. {}", keys.len(), told.message);
        }
        self.told(setup, told).await
    }

    /// Checks one of the stored keys.
    pub(super) async fn check_one(&self, setup: &Setup, id: KeyId) -> Result<KeyCheckView, EngineError> {
        let keys = self.find_keys(setup).await.map_err(EngineError::Provider)?;
        let key = keys.iter().find(|key| key.id == Some(id));
        let checked = self.check_with(setup, key).await?;
        self.told(setup, checked).await
    }

    async fn told(&self, setup: &Setup, checked: Checked) -> Result<KeyCheckView, EngineError> {
        let Checked { message, fault } = checked;
        Ok(KeyCheckView { provider: self.provider_view(setup).await?, message, fault })
    }

    /// Checks with a key, or without one where none is needed, and keeps what was said of it.
    pub(crate) async fn check_with(
        &self,
        setup: &Setup,
        key: Option<&FoundKey>,
    ) -> Result<Checked, EngineError> {
        let outcome = match key {
            None if setup.needs_key() => Err(missing_key(setup)),
            _ => self.ask_provider(setup, key).await,
        };
        let (state, message, fault) = match outcome {
            Ok(message) => (KeyState::Accepted, message, None),
            Err(error) => {
                let fault = fault_of(&error, &setup.name, Charged::No);
                (state_after(error.category), fault.message.clone(), Some(fault))
            }
        };
        tracing::info!(
            provider = setup.id,
            with_key = key.is_some(),
            from_environment = key.is_some_and(|key| key.variable.is_some()),
            accepted = state == KeyState::Accepted,
            outcome = fault.as_ref().map(|fault| fault.category.as_str()),
            "a key was checked"
        );
        if let Some(key) = key.filter(|_| state == KeyState::Accepted) {
            // Calls that found it refused need not wait until it is looked at again.
            self.inner.router.with(|guards, now_ms| {
                if let Some(ring) = guards.ring_mut(&setup.id) {
                    ring.accepted(&key.name(), now_ms);
                }
            });
        }
        if let Some(id) = key.and_then(|key| key.id) {
            let check = LastCheck { state, message: message.clone() };
            if let Ok(check) = serde_json::to_value(check) {
                self.inner.store.keys().set_check(id, &check, self.inner.clock.now()).await?;
            }
        }
        Ok(Checked { message, fault })
    }

    /// Checks the key, then keeps the list of models; what works is said in words.
    async fn ask_provider(&self, setup: &Setup, key: Option<&FoundKey>) -> Result<String, ProviderError> {
        let endpoint = setup.endpoint();
        let secret = key.and_then(FoundKey::secret);
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

fn state_after(category: ErrorCategory) -> KeyState {
    match category {
        ErrorCategory::Authentication | ErrorCategory::Permission | ErrorCategory::QuotaExceeded => {
            KeyState::Refused
        }
        _ => KeyState::Unknown,
    }
}
