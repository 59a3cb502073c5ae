//! What the window learns when it opens, and what it may set.

use roundtable_vault::KeyringStatus;

use crate::conversations::WINDOW_SETTINGS;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{AppError, KeyringView, Ready, Settings};

impl Engine {
    /// Everything the window needs before it can show anything.
    pub async fn ready(&self) -> Result<Ready, AppError> {
        let mut notices = self.inner.notices.clone();
        notices.extend(self.default_target().await.err().map(|error| format!("{error}.")));
        Ok(Ready {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            data_dir: self.inner.data_dir.root().display().to_string(),
            demo: self.inner.demo,
            keyring: match self.inner.vault.keyring_status() {
                KeyringStatus::Available => KeyringView::Available,
                KeyringStatus::Locked => KeyringView::Locked,
                KeyringStatus::Absent { reason } => KeyringView::Absent { reason },
            },
            providers: self.list_providers().await?,
            settings: self.settings().await?,
            notices,
        })
    }

    /// Keeps what the user has set.
    pub async fn save_settings(&self, settings: Settings) -> Result<Settings, AppError> {
        let value = serde_json::to_value(&settings).map_err(|_| EngineError::Closed)?;
        let now = self.inner.clock.now();
        self.inner.store.settings().set(WINDOW_SETTINGS, &value, now).await.map_err(EngineError::from)?;
        Ok(settings)
    }
}
