//! The settings of the whole program by name, as text, for the command line: what figures, alerts and telemetry go by. They are the same
//! the window shows, and held to the same checks when they are saved.

use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{AlertSettings, AppError, Currency, Settings, TelemetryFrom, TelemetryView};

/// A setting of the whole program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingName {
    /// The time zone days, weeks and months are counted in.
    TimeZone,
    /// The currency money is shown in by the window, and how much of it a dollar is: `EUR:0.92`.
    Currency,
    /// Alerts as notifications of the desktop: `on` or `off`.
    AlertsDesktop,
    /// Alerts of far more spend than usual: `on` or `off`.
    AlertsSpikes,
    /// Alerts of prices: `on` or `off`.
    AlertsPrices,
    /// From how many times the usual on a day is a spike.
    AlertsSpikeFactor,
    /// The port on loopback where the window serves a page for Prometheus.
    TelemetryMetricsPort,
    /// Where spans and metrics are sent over OTLP.
    TelemetryOtlpEndpoint,
}

/// Who says what a setting is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingOrigin {
    /// Somebody has set it.
    Settings,
    /// This variable of the environment, which goes before what is set.
    Environment(String),
    /// Nobody.
    Default,
}

/// A setting as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedSetting {
    /// Which.
    pub name: SettingName,
    /// What is set, else the default; `None`: nothing, which for a time zone is the system's.
    pub value: Option<String>,
    /// Who says so.
    pub origin: SettingOrigin,
}

impl SettingName {
    /// All of them, in the order they are shown.
    pub const ALL: [Self; 8] = [
        Self::TimeZone,
        Self::Currency,
        Self::AlertsDesktop,
        Self::AlertsSpikes,
        Self::AlertsPrices,
        Self::AlertsSpikeFactor,
        Self::TelemetryMetricsPort,
        Self::TelemetryOtlpEndpoint,
    ];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TimeZone => "time-zone",
            Self::Currency => "currency",
            Self::AlertsDesktop => "alerts.desktop",
            Self::AlertsSpikes => "alerts.spikes",
            Self::AlertsPrices => "alerts.prices",
            Self::AlertsSpikeFactor => "alerts.spike-factor",
            Self::TelemetryMetricsPort => "telemetry.metrics-port",
            Self::TelemetryOtlpEndpoint => "telemetry.otlp-endpoint",
        }
    }

    fn read(self, settings: &Settings) -> Option<String> {
        let switch = |on: bool| Some(if on { "on" } else { "off" }.to_owned());
        let Settings { time_zone, currency, alerts, telemetry, .. } = settings;
        match self {
            Self::TimeZone => time_zone.clone(),
            Self::Currency => currency.as_ref().map(|set| format!("{}:{}", set.code, set.per_usd)),
            Self::AlertsDesktop => switch(alerts.desktop),
            Self::AlertsSpikes => switch(alerts.spikes),
            Self::AlertsPrices => switch(alerts.prices),
            Self::AlertsSpikeFactor => Some(alerts.spike_factor.to_string()),
            Self::TelemetryMetricsPort => telemetry.metrics_port.map(|port| port.to_string()),
            Self::TelemetryOtlpEndpoint => telemetry.otlp_endpoint.clone(),
        }
    }

    fn write(self, settings: &mut Settings, text: &str) -> Result<(), EngineError> {
        let text = text.trim();
        let refused = |takes: &str| {
            EngineError::BadSetting(format!(
                "\u{201c}{}\u{201d} takes {takes}, not \u{201c}{text}\u{201d}",
                self.as_str()
            ))
        };
        let switch = || match text {
            "on" => Ok(true),
            "off" => Ok(false),
            _ => Err(refused("on or off")),
        };
        match self {
            Self::TimeZone => settings.time_zone = Some(text.to_owned()),
            Self::Currency => {
                let (code, per_usd) =
                    text.split_once(':').ok_or_else(|| refused("a currency and its rate, as EUR:0.92"))?;
                let currency = Currency { code: code.to_ascii_uppercase(), per_usd: per_usd.to_owned() };
                settings.currency = Some(currency);
            }
            Self::AlertsDesktop => settings.alerts.desktop = switch()?,
            Self::AlertsSpikes => settings.alerts.spikes = switch()?,
            Self::AlertsPrices => settings.alerts.prices = switch()?,
            Self::AlertsSpikeFactor => {
                settings.alerts.spike_factor = text.parse().map_err(|_| refused("a number"))?;
            }
            Self::TelemetryMetricsPort => {
                let port = text.parse().map_err(|_| refused("a port"))?;
                settings.telemetry.metrics_port = Some(port);
            }
            Self::TelemetryOtlpEndpoint => settings.telemetry.otlp_endpoint = Some(text.to_owned()),
        }
        Ok(())
    }

    fn reset(self, settings: &mut Settings) {
        let usual = AlertSettings::default();
        match self {
            Self::TimeZone => settings.time_zone = None,
            Self::Currency => settings.currency = None,
            Self::AlertsDesktop => settings.alerts.desktop = usual.desktop,
            Self::AlertsSpikes => settings.alerts.spikes = usual.spikes,
            Self::AlertsPrices => settings.alerts.prices = usual.prices,
            Self::AlertsSpikeFactor => settings.alerts.spike_factor = usual.spike_factor,
            Self::TelemetryMetricsPort => settings.telemetry.metrics_port = None,
            Self::TelemetryOtlpEndpoint => settings.telemetry.otlp_endpoint = None,
        }
    }
}

impl Engine {
    /// Every setting of the whole program, and who says so.
    pub async fn named_settings(&self) -> Result<Vec<NamedSetting>, AppError> {
        let settings = self.settings().await?;
        let usual = Settings::default();
        let TelemetryView { page, export } = self.telemetry_status().await?;
        let said = |from, variable: &str, value: Option<String>| {
            (from == TelemetryFrom::Environment).then(|| (variable.to_owned(), value))
        };
        let named = |name: SettingName| {
            let by_environment = match name {
                SettingName::TelemetryMetricsPort => {
                    said(page.from, &page.variable, page.port.map(|port| port.to_string()))
                }
                SettingName::TelemetryOtlpEndpoint => {
                    said(export.from, &export.variable, export.endpoint.clone())
                }
                _ => None,
            };
            if let Some((variable, value)) = by_environment {
                return NamedSetting { name, value, origin: SettingOrigin::Environment(variable) };
            }
            let value = name.read(&settings);
            let is_usual = value == name.read(&usual);
            let origin = if is_usual { SettingOrigin::Default } else { SettingOrigin::Settings };
            NamedSetting { name, value, origin }
        };
        Ok(SettingName::ALL.into_iter().map(named).collect())
    }

    /// Sets one of them, or with `None` leaves it to the default again. What the window would not keep is refused.
    pub async fn set_named(&self, name: SettingName, text: Option<&str>) -> Result<(), AppError> {
        let mut settings = self.settings().await?;
        match text {
            Some(text) => name.write(&mut settings, text)?,
            None => name.reset(&mut settings),
        }
        self.save_settings(settings).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_can_be_taken_back() {
        let usual = Settings::default();
        for (name, text) in SettingName::ALL.into_iter().zip([
            "Europe/Berlin",
            "EUR:0.92",
            "off",
            "off",
            "off",
            "2.5",
            "9464",
            "http://127.0.0.1:4318",
        ]) {
            let mut settings = Settings::default();
            name.write(&mut settings, text).unwrap();
            assert_eq!(name.read(&settings).as_deref(), Some(text));
            assert_ne!(settings, usual, "{}", name.as_str());
            name.reset(&mut settings);
            assert_eq!(settings, usual, "{}", name.as_str());
        }
    }

    #[test]
    fn what_is_no_value_is_refused_by_name() {
        for (name, text) in [
            (SettingName::Currency, "EUR"),
            (SettingName::AlertsDesktop, "yes"),
            (SettingName::AlertsSpikeFactor, "much"),
            (SettingName::TelemetryMetricsPort, "99999"),
        ] {
            let error = name.write(&mut Settings::default(), text).unwrap_err().to_string();
            assert!(error.contains(name.as_str()) && error.contains(text), "{error}");
        }
    }
}
