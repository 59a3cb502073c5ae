//! The demo: the built-in emulator, started when the first demo model is asked.

use roundtable_domain::{ErrorCategory, ProviderError};
use roundtable_emulator::{Emulator, EmulatorOptions};
use serde_json::json;
use url::Url;

use crate::directory::DEMO;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{AppError, ProviderView};

/// Whether the demo is on, among the settings.
const SETTING: &str = "demo";

impl Engine {
    /// Turns the demo models on. Idempotent.
    pub async fn start_demo(&self) -> Result<ProviderView, AppError> {
        self.set_demo(true).await?;
        let setup = self
            .directory()
            .await?
            .find(DEMO)
            .ok_or_else(|| EngineError::UnknownProvider(DEMO.to_owned()))?;
        Ok(self.provider_view(&setup).await?)
    }

    pub(crate) async fn set_demo(&self, on: bool) -> Result<(), EngineError> {
        Ok(self.inner.store.settings().set(SETTING, &json!(on), self.inner.clock.now()).await?)
    }

    /// Whether demo models are offered in the window. They can be asked by name all the same.
    pub(crate) async fn is_demo_on(&self) -> Result<bool, EngineError> {
        Ok(self.inner.demo || self.inner.store.settings().get(SETTING).await? == Some(json!(true)))
    }

    /// Where the emulator is; starts it.
    pub(crate) async fn demo_url(&self) -> Result<Url, ProviderError> {
        let failed = |detail: String| {
            let message = format!("The demo models could not be started: {detail}");
            ProviderError::local(ErrorCategory::Unavailable, DEMO, message)
        };
        let options = EmulatorOptions { pace: self.inner.demo_pace, ..EmulatorOptions::default() };
        let emulator = self
            .inner
            .emulator
            .get_or_try_init(|| Emulator::start(options))
            .await
            .map_err(|error| failed(error.to_string()))?;
        format!("{}/v1", emulator.base_url())
            .parse()
            .map_err(|error: url::ParseError| failed(error.to_string()))
    }

    /// The running emulator, for tests that script its faults.
    pub async fn emulator(&self) -> Result<&Emulator, AppError> {
        self.demo_url().await.map_err(EngineError::Provider)?;
        self.inner.emulator.get().ok_or_else(|| EngineError::Closed.into())
    }
}
