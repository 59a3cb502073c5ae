//! Values for one model, whatever lane it stands in.

use roundtable_domain::{ModelRef, Params, Target, Timeouts};
use roundtable_store::ModelSettings;

use super::limits::check_anywhere;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::AppError;

impl Engine {
    /// What is set for a model; nothing when nobody has.
    pub async fn model_params(&self, target: &str) -> Result<Params, AppError> {
        let model = model_of(target)?;
        Ok(self.stored_model_params(&model.provider, &model.model).await?)
    }

    /// Keeps values for a model; without any, its row goes.
    pub async fn save_model_params(&self, target: &str, params: Params) -> Result<Params, AppError> {
        let ModelRef { provider, model } = model_of(target)?;
        check_anywhere(&params, &Timeouts::default())?;
        let room = self.inner.store.model_settings();
        let kept = if params == Params::default() {
            room.remove(&provider, &model).await
        } else {
            let updated_at = self.inner.clock.now();
            room.set(&ModelSettings { provider, model, params: params.clone(), updated_at }).await
        };
        kept.map_err(EngineError::from)?;
        Ok(params)
    }

    pub(crate) async fn stored_model_params(
        &self,
        provider: &str,
        model: &str,
    ) -> Result<Params, EngineError> {
        Ok(self.inner.store.model_settings().get(provider, model).await?.unwrap_or_default())
    }
}

fn model_of(target: &str) -> Result<ModelRef, EngineError> {
    match target.parse() {
        Ok(Target::Model(model)) => Ok(model),
        Ok(Target::Route(_) | Target::Auto) | Err(_) => Err(EngineError::UnknownTarget(target.to_owned())),
    }
}
