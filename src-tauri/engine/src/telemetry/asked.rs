//! What is asked for, and by whom.

use roundtable_telemetry::Collector;
use url::Url;

use super::environment::Environment;
use super::words;
use crate::view::{Said, TelemetryFrom, TelemetrySettings};

/// One thing that may be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked<T> {
    pub(super) from: TelemetryFrom,
    /// `None`: not asked for, or in words that cannot be used.
    pub(super) value: Option<T>,
    /// What is wrong with the words.
    pub(super) problem: Option<Said>,
}

impl<T> Default for Asked<T> {
    fn default() -> Self {
        Self { from: TelemetryFrom::Nobody, value: None, problem: None }
    }
}

impl<T> Asked<T> {
    pub(super) fn of(from: TelemetryFrom, value: Result<T, Said>) -> Self {
        match value {
            Ok(value) => Self { from, value: Some(value), problem: None },
            Err(problem) => Self { from, value: None, problem: Some(problem) },
        }
    }

    /// The same with another value.
    pub(super) fn map(self, change: impl FnOnce(T) -> T) -> Self {
        Self { value: self.value.map(change), ..self }
    }

    /// This where it says anything, else the other.
    fn or(self, other: Self) -> Self {
        if self.from == TelemetryFrom::Nobody { other } else { self }
    }
}

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(super) page: Asked<u16>,
    pub(super) export: Asked<Collector>,
}

impl Wanted {
    /// By the settings.
    pub(super) fn by_settings(settings: &TelemetrySettings) -> Self {
        let from = TelemetryFrom::Settings;
        let page = settings.metrics_port.map(|port| match port {
            0 => Err(words::port_zero()),
            port => Ok(port),
        });
        let export = settings.otlp_endpoint.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let export = export.map(|text| match endpoint(text) {
            // What is kept on the disk holds no secrets.
            Some(url) if url.username().is_empty() && url.password().is_none() && url.query().is_none() => {
                Ok(Collector::at(text))
            }
            Some(_) => Err(words::endpoint_with_secrets()),
            None => Err(words::no_endpoint()),
        });
        Self {
            page: page.map(|port| Asked::of(from, port)).unwrap_or_default(),
            export: export.map(|text| Asked::of(from, text)).unwrap_or_default(),
        }
    }

    /// By the environment, and where it says nothing by the settings. A page that the settings ask for is served by the window alone.
    pub(super) fn of(environment: &Environment, settings: &TelemetrySettings, is_window: bool) -> Self {
        let Self { mut page, export } = Self::by_settings(settings);
        if !is_window {
            page.value = None;
        }
        let export = environment.apply(environment.export.clone().or(export));
        Self { page: environment.page.clone().or(page), export }
    }
}

pub(super) fn endpoint(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

/// Where telemetry goes, as it may be shown: what spans and metrics have in common, else the one of them that is sent.
pub(super) fn shown(collector: &Collector) -> Option<String> {
    let Collector { traces, metrics, .. } = collector;
    let whole = traces.as_deref().or(metrics.as_deref())?;
    let base = whole
        .strip_suffix("/v1/traces")
        .filter(|base| metrics.as_ref().is_none_or(|metrics| *metrics == format!("{base}/v1/metrics")));
    without_secrets(base.unwrap_or(whole))
}

/// An address as it may be shown.
pub(super) fn without_secrets(text: &str) -> Option<String> {
    let mut url = endpoint(text)?;
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    url.set_query(None);
    url.set_fragment(None);
    Some(url.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests;
