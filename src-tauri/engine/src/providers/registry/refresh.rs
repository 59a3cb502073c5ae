//! Listings: asked for, kept, and asked for again when they are old.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use roundtable_domain::UnixMs;
use roundtable_providers::{ListedModel, list_models};
use serde_json::Value;

use super::{Known, models_of};
use crate::directory::Setup;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::keys::FoundKey;
use crate::view::{AppError, ModelView};

/// A listing older than this is asked for again.
const FRESH_MS: i64 = 24 * 60 * 60 * 1_000;

/// A provider whose list could not be had is left alone for as long.
const PAUSE_MS: i64 = 10 * 60 * 1_000;

/// When each provider was last asked behind the user's back.
#[derive(Debug, Default)]
pub(crate) struct Refreshes(Mutex<HashMap<String, UnixMs>>);

impl Refreshes {
    /// Whether a provider may be asked now; it then counts as asked.
    fn begin(&self, provider: &str, now: UnixMs) -> bool {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.get(provider).is_some_and(|at| now.0 - at.0 < PAUSE_MS) {
            return false;
        }
        asked.insert(provider.to_owned(), now);
        true
    }
}

impl Engine {
    /// Asks providers for their models again whose listing is old, without anybody waiting. Only those that can be asked:
    /// a provider without its key would refuse, and a question without one tells it nothing it should know.
    pub(super) fn refresh_old_listings(&self, known: &[Known]) {
        let now = self.inner.clock.now();
        for one in known.iter().filter(|one| one.ready && !one.setup.is_demo()) {
            let old = one.listed_at.is_none_or(|at| now.0 - at.0 > FRESH_MS);
            if !old || self.inner.closing.is_cancelled() || !self.inner.refreshes.begin(&one.setup.id, now) {
                continue;
            }
            let (engine, id) = (self.clone(), one.setup.id.clone());
            self.inner.tasks.spawn(async move {
                if let Err(error) = engine.refresh_models(&id).await {
                    tracing::info!(provider = id, code = error.code, "the models were not listed");
                }
            });
        }
    }

    /// Asks a provider for its models and keeps them.
    pub async fn refresh_models(&self, provider_id: &str) -> Result<Vec<ModelView>, AppError> {
        let setup = self.stored_setup(provider_id).await?;
        if !setup.is_demo() {
            let key = self.find_key(&setup).await.map_err(EngineError::Provider)?;
            let secret = key.as_ref().and_then(FoundKey::secret);
            let listed =
                list_models(&self.inner.client, &setup.endpoint(), secret, &self.inner.closing).await;
            self.keep_listing(&setup, listed.map_err(EngineError::Provider)?).await;
        }
        // With the prices the list states.
        let setup = self.stored_setup(provider_id).await?;
        let rows = self.inner.store.models().list(Some(&setup.id)).await.map_err(EngineError::from)?;
        Ok(models_of(&setup, &rows, self.is_ready(&setup).await, &self.today()))
    }

    /// Keeps what a provider listed. Failing costs nothing but the list.
    pub(crate) async fn keep_listing(&self, setup: &Setup, listed: Vec<ListedModel>) {
        if setup.is_demo() {
            return;
        }
        let row = |model: ListedModel| {
            let facts = serde_json::to_value(&model).unwrap_or(Value::Null);
            (model.id, facts)
        };
        let rows: Vec<(String, Value)> = listed.into_iter().map(row).collect();
        let kept = self.inner.store.models().replace(&setup.id, &rows, self.inner.clock.now()).await;
        if let Err(error) = kept {
            tracing::warn!(%error, provider = setup.id, "the list of models was not kept");
            return;
        }
        if let Err(error) = self.reload_catalogue().await {
            tracing::warn!(%error, provider = setup.id, "the prices of the list were not taken over");
        }
        self.inner.lookout.compare_prices_soon();
    }
}
