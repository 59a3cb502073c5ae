//! What other programs may learn of ours: a page for Prometheus on loopback, spans and metrics for a collector. Each only where
//! the environment or the settings ask for it; the environment goes first, and a change of the settings is in force at once.
//!
//! The page that the settings ask for is the window's: a command that ran at the same time would take its port.

mod asked;
mod change;
mod environment;
mod facts;
mod page;
mod words;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use roundtable_telemetry::{CallFacts, Collector, Metrics, Now, Otlp, RunFacts, TurnFacts};

use crate::engine::Engine;
use crate::view::{AppError, MetricsPage, TelemetryExport, TelemetryFailure, TelemetryView};
use asked::{Asked, Wanted};
pub use change::TelemetryError;
pub(crate) use environment::Environment;
use environment::METRICS_PORT;
use page::PageInForce;

/// Where facts about calls go.
pub(crate) struct Telemetry {
    /// What the environment asks for.
    environment: Environment,
    /// Whether the settings' page is served by this process.
    is_window: bool,
    now: Now,
    /// Counted from the start, so that a page that is asked for later shows it all.
    metrics: Arc<Metrics>,
    in_force: Mutex<InForce>,
}

/// What is served and sent now.
#[derive(Default)]
struct InForce {
    wanted: Wanted,
    page: Option<PageInForce>,
    page_failure: Option<TelemetryFailure>,
    export: Option<(Collector, Arc<Otlp>)>,
    export_failure: Option<TelemetryFailure>,
}

impl Telemetry {
    /// Knows what the environment asks for; serves and sends nothing yet.
    pub(crate) fn new(environment: Environment, is_window: bool, now: Now) -> Self {
        Self { environment, is_window, now, metrics: Arc::default(), in_force: Mutex::default() }
    }

    fn in_force(&self) -> MutexGuard<'_, InForce> {
        self.in_force.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells of a call that has ended.
    pub(crate) fn tell(&self, facts: &CallFacts) {
        self.metrics.record(facts);
        if let Some(otlp) = self.otlp() {
            otlp.record(facts);
        }
    }

    /// Tells of an answer that has ended.
    pub(crate) fn tell_run(&self, facts: impl FnOnce() -> RunFacts) {
        if let Some(otlp) = self.otlp() {
            otlp.record_run(&facts());
        }
    }

    /// Tells of a turn that has ended.
    pub(crate) fn tell_turn(&self, facts: impl FnOnce() -> TurnFacts) {
        if let Some(otlp) = self.otlp() {
            otlp.record_turn(&facts());
        }
    }

    fn otlp(&self) -> Option<Arc<Otlp>> {
        self.in_force().export.as_ref().map(|(_, otlp)| Arc::clone(otlp))
    }

    /// Sends what is still to be sent; at most two seconds.
    pub(crate) async fn shutdown(&self) {
        let Some((_, otlp)) = self.in_force().export.take() else { return };
        end(otlp).await;
    }

    fn view(&self) -> TelemetryView {
        let in_force = self.in_force();
        let Wanted { page, export } = &in_force.wanted;
        let standing = in_force.export.as_ref().map(|(_, otlp)| otlp.standing()).unwrap_or_default();
        let failed = standing
            .failure
            .map(|failure| TelemetryFailure { at: failure.at, what: words::not_sent(&failure.reason) });
        TelemetryView {
            page: MetricsPage {
                from: page.from,
                variable: METRICS_PORT.to_owned(),
                port: page.value,
                address: in_force.page.as_ref().map(|page| format!("http://{}/metrics", page.address)),
                failure: in_force.page_failure.clone(),
            },
            export: TelemetryExport {
                from: export.from,
                variable: self.environment.export_variable.to_owned(),
                endpoint: export.value.as_ref().and_then(asked::shown),
                sent_at: standing.sent_at,
                failure: in_force.export_failure.clone().or(failed),
            },
        }
    }
}

/// Sends what is left and ends an exporter, on a thread that may wait.
async fn end(otlp: Arc<Otlp>) {
    if let Err(error) = tokio::task::spawn_blocking(move || otlp.shutdown()).await {
        tracing::warn!(%error, "the last telemetry could not be sent");
    }
}

impl Engine {
    /// Where telemetry is asked for, and whether it works.
    #[expect(clippy::unused_async, reason = "as all calls of the window")]
    pub async fn telemetry_status(&self) -> Result<TelemetryView, AppError> {
        Ok(self.inner.telemetry.view())
    }
}
