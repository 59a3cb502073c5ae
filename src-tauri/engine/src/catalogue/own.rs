//! Prices the user sets.

use roundtable_ledger::{OwnRates, day_of};
use roundtable_store::{CatalogueModel, CatalogueOrigin};
use serde_json::json;

use super::layers::OwnRow;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::providers::model_view;
use crate::view::{AppError, ModelView, OwnPrice};

impl Engine {
    /// Sets what the user pays for a model, from today on, or forgets it with `None`. What is booked already stays as it is.
    pub async fn set_own_price(&self, target: &str, price: Option<OwnPrice>) -> Result<ModelView, AppError> {
        Ok(self.keep_own_price(target, price).await?)
    }

    async fn keep_own_price(&self, target: &str, price: Option<OwnPrice>) -> Result<ModelView, EngineError> {
        let (setup, model) = self.directory().await?.resolve(target).map_err(EngineError::Provider)?;
        if setup.is_demo() {
            return Err(EngineError::BadSetting(
                "The prices of demo models are invented and stay as they are.".to_owned(),
            ));
        }
        let now = self.inner.clock.now();
        let room = self.inner.store.catalogue();
        match price {
            Some(price) => {
                let rates = OwnRates::parse(
                    &price.input,
                    &price.output,
                    price.cache_read.as_deref(),
                    price.cache_write.as_deref(),
                    &day_of(now),
                )
                .map_err(|error| EngineError::BadSetting(error.to_string()))?;
                let facts = json!(OwnRow { dialect: setup.dialect.id.to_owned(), rates });
                let row = CatalogueModel {
                    provider: setup.id.clone(),
                    model: model.model.clone(),
                    origin: CatalogueOrigin::Own,
                    facts,
                    updated_at: now,
                };
                room.put(&[row]).await?;
            }
            None => room.remove(&setup.id, &model.model, CatalogueOrigin::Own).await?,
        }
        self.reload_catalogue().await?;
        let (setup, model) = self.directory().await?.resolve(target).map_err(EngineError::Provider)?;
        let ready = !setup.needs_key() || self.find_key(&setup).await.is_ok_and(|key| key.is_some());
        let listed = self.inner.store.models().get(&setup.id, &model.model).await?.is_some();
        Ok(model_view(&setup, &model.model, setup.facts(&model.model), ready, listed))
    }
}
