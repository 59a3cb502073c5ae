//! Exporters that remember how sending went: what fails in the background would otherwise fail unseen.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use roundtable_domain::UnixMs;

/// What time it is.
pub type Now = Arc<dyn Fn() -> UnixMs + Send + Sync>;

/// How sending has gone so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportStanding {
    /// When something was last taken; `None`: nothing yet.
    pub sent_at: Option<UnixMs>,
    /// What last went wrong; `None`: nothing, or something was taken since.
    pub failure: Option<ExportFailure>,
}

/// Something that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportFailure {
    /// When.
    pub at: UnixMs,
    /// What the exporter says: a status or a fault of the network, no address.
    pub reason: String,
}

/// Shared by the exporters of one collector.
pub(crate) struct Standing {
    now: Now,
    standing: Mutex<ExportStanding>,
}

impl fmt::Debug for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Standing").field("standing", &self.standing).finish_non_exhaustive()
    }
}

impl Standing {
    pub(crate) fn new(now: Now) -> Self {
        Self { now, standing: Mutex::default() }
    }

    pub(crate) fn now(&self) -> ExportStanding {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn note(&self, result: &OTelSdkResult) {
        let at = (self.now)();
        let mut standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        match result {
            Ok(()) => *standing = ExportStanding { sent_at: Some(at), failure: None },
            Err(error) => {
                let reason = match error {
                    OTelSdkError::InternalFailure(reason) => reason.clone(),
                    other => other.to_string(),
                };
                // Once, and not with every batch that fails after it.
                if standing.failure.is_none() {
                    tracing::warn!(reason, "telemetry could not be sent");
                }
                standing.failure = Some(ExportFailure { at, reason });
            }
        }
    }
}

/// An exporter whose results are noted.
#[derive(Debug)]
pub(super) struct Watched<E> {
    exporter: E,
    standing: Arc<Standing>,
}

impl<E> Watched<E> {
    pub(super) fn new(exporter: E, standing: &Arc<Standing>) -> Self {
        Self { exporter, standing: Arc::clone(standing) }
    }
}

impl<E: SpanExporter> SpanExporter for Watched<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let result = self.exporter.export(batch).await;
        self.standing.note(&result);
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn shutdown(&self) -> OTelSdkResult {
        self.exporter.shutdown()
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

impl<E: PushMetricExporter> PushMetricExporter for Watched<E> {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        let result = self.exporter.export(metrics).await;
        self.standing.note(&result);
        result
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn temporality(&self) -> Temporality {
        self.exporter.temporality()
    }
}
