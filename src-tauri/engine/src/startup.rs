//! What the window learns when it opens, and what it may set.

use roundtable_domain::PicoUsd;
use roundtable_vault::KeyringStatus;

use crate::conversations::WINDOW_SETTINGS;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{AppError, KeyringView, Ready, Settings};

impl Settings {
    /// What cannot be kept: a zone nobody knows, a currency without a rate.
    fn check(&self) -> Result<(), EngineError> {
        self.alerts.check()?;
        if let Some(name) = self.time_zone.as_deref()
            && jiff::tz::TimeZone::get(name).is_err()
        {
            return Err(EngineError::BadSetting(format!(
                "\u{201c}{name}\u{201d} is no time zone; write it as Europe/Berlin, or leave it to the system"
            )));
        }
        let Some(currency) = &self.currency else { return Ok(()) };
        if currency.code.len() != 3 || !currency.code.bytes().all(|letter| letter.is_ascii_uppercase()) {
            return Err(EngineError::BadSetting(format!(
                "\u{201c}{}\u{201d} is no currency; write three letters, for example EUR",
                currency.code
            )));
        }
        let rate: Option<PicoUsd> = currency.per_usd.trim().parse().ok();
        if rate.is_none_or(|rate| rate <= PicoUsd::ZERO) {
            return Err(EngineError::BadSetting(format!(
                "\u{201c}{}\u{201d} is no rate; write how much of the currency a dollar is, for example 0.92",
                currency.per_usd
            )));
        }
        Ok(())
    }
}

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
            settings: self.given(self.settings().await?).await,
            notices,
        })
    }

    /// Remembers what the window has been given, for [`Self::merged`].
    async fn given(&self, settings: Settings) -> Settings {
        *self.inner.given_settings.lock().await = Some(settings.clone());
        settings
    }

    /// The window keeps all of its settings at once. Those it leaves as it was given them are taken as they are now: another process may
    /// have changed them meanwhile.
    async fn merged(&self, wanted: Settings) -> Result<Settings, EngineError> {
        let Some(given) = self.inner.given_settings.lock().await.clone() else { return Ok(wanted) };
        let as_value = |settings: &Settings| serde_json::to_value(settings).map_err(|_| EngineError::Closed);
        let (given, now, mut wanted) =
            (as_value(&given)?, as_value(&self.settings().await?)?, as_value(&wanted)?);
        for (name, value) in wanted.as_object_mut().into_iter().flatten() {
            if given.get(name) == Some(value)
                && let Some(now) = now.get(name)
            {
                *value = now.clone();
            }
        }
        serde_json::from_value(wanted).map_err(|_| EngineError::Closed)
    }

    /// Keeps what the user has set. Nothing is kept of settings that cannot be followed, for instance a port that is taken.
    pub async fn save_settings(&self, settings: Settings) -> Result<Settings, AppError> {
        let settings = self.merged(settings).await?;
        settings.check()?;
        let value = serde_json::to_value(&settings).map_err(|_| EngineError::Closed)?;
        let before = self.settings().await?.telemetry;
        let telemetry =
            self.prepare_telemetry(&before, &settings.telemetry).await.map_err(EngineError::from)?;
        let now = self.inner.clock.now();
        if let Err(error) = self.inner.store.settings().set(WINDOW_SETTINGS, &value, now).await {
            self.drop_telemetry(telemetry).await;
            return Err(EngineError::from(error).into());
        }
        self.adopt_telemetry(telemetry).await;
        Ok(self.given(settings).await)
    }
}
