//! What is asked for comes into force: first made ready, then, once nothing can fail any more, exchanged.

use std::io::ErrorKind;
use std::sync::Arc;

use roundtable_telemetry::{Collector, Otlp, PageError};

use super::page::PageInForce;
use super::{Asked, Wanted, end, words};
use crate::engine::Engine;
use crate::view::{Said, TelemetryFailure, TelemetrySettings};

/// Why settings of telemetry were not saved. What was in force still is.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The port.
    #[error("{}", .0.text)]
    Port(Said),
    /// The address.
    #[error("{}", .0.text)]
    Endpoint(Said),
}

/// What becomes of one of them.
enum Exchange<T> {
    /// It goes on as it is.
    Keep,
    /// Another takes its place, or nobody.
    With(Option<T>),
    /// It cannot be had.
    Failed(Said),
}

impl<T> Exchange<T> {
    /// Nobody takes its place; because of what was asked for, if that is so.
    fn none(asked: Option<&Said>) -> Self {
        asked.map_or(Self::With(None), |problem| Self::Failed(problem.clone()))
    }
}

/// What was made ready.
pub(crate) struct Ready {
    wanted: Wanted,
    page: Exchange<PageInForce>,
    export: Exchange<(Collector, Arc<Otlp>)>,
}

impl Ready {
    /// Fails where something new was asked for that cannot be had. What was kept before stays kept: who changes something else need
    /// not mend it first.
    fn check(&self, before: &TelemetrySettings, after: &TelemetrySettings) -> Result<(), TelemetryError> {
        match (&self.page, &self.export) {
            (Exchange::Failed(said), _) if before.metrics_port != after.metrics_port => {
                Err(TelemetryError::Port(said.clone()))
            }
            (_, Exchange::Failed(said)) if before.otlp_endpoint != after.otlp_endpoint => {
                Err(TelemetryError::Endpoint(said.clone()))
            }
            _ => Ok(()),
        }
    }
}

/// Refuses words nobody could follow, also where the environment goes first for now.
fn check_words(before: &TelemetrySettings, after: &TelemetrySettings) -> Result<(), TelemetryError> {
    let Wanted { page, export } = Wanted::by_settings(after);
    match (page.problem, export.problem) {
        (Some(said), _) if before.metrics_port != after.metrics_port => Err(TelemetryError::Port(said)),
        (_, Some(said)) if before.otlp_endpoint != after.otlp_endpoint => Err(TelemetryError::Endpoint(said)),
        _ => Ok(()),
    }
}

impl Engine {
    /// Brings what environment and settings ask for into force when the engine opens. What fails is told, and nobody waits for it.
    pub(crate) async fn begin_telemetry(&self) {
        let settings = self.settings().await.unwrap_or_default().telemetry;
        let ready = self.ready_telemetry(&settings).await;
        self.adopt_telemetry(ready).await;
    }

    /// Makes ready what new settings ask for. Fails when that cannot be had; then nothing has changed.
    pub(crate) async fn prepare_telemetry(
        &self,
        before: &TelemetrySettings,
        after: &TelemetrySettings,
    ) -> Result<Ready, TelemetryError> {
        check_words(before, after)?;
        let ready = self.ready_telemetry(after).await;
        match ready.check(before, after) {
            Ok(()) => Ok(ready),
            Err(error) => {
                self.drop_telemetry(ready).await;
                Err(error)
            }
        }
    }

    /// Lets go of what was made ready.
    pub(crate) async fn drop_telemetry(&self, ready: Ready) {
        if let Exchange::With(Some(page)) = ready.page {
            page.end().await;
        }
        if let Exchange::With(Some((_, otlp))) = ready.export {
            self.inner.tasks.spawn(end(otlp));
        }
    }

    /// Puts what was made ready in force, and ends what was before.
    pub(crate) async fn adopt_telemetry(&self, ready: Ready) {
        let telemetry = &self.inner.telemetry;
        let at = (telemetry.now)();
        let failed = |what: Said| {
            tracing::warn!(code = what.saying.code, "telemetry that was asked for is missing");
            Some(TelemetryFailure { at, what })
        };
        let (page, export) = {
            let mut in_force = telemetry.in_force();
            in_force.wanted = ready.wanted;
            let page = match ready.page {
                Exchange::Keep => None,
                Exchange::With(page) => {
                    in_force.page_failure = None;
                    if let Some(page) = &page {
                        tracing::info!(address = %page.address, "metrics are served");
                    }
                    std::mem::replace(&mut in_force.page, page)
                }
                Exchange::Failed(what) => {
                    in_force.page_failure = failed(what);
                    in_force.page.take()
                }
            };
            let export = match ready.export {
                Exchange::Keep => None,
                Exchange::With(export) => {
                    in_force.export_failure = None;
                    if export.is_some() {
                        tracing::info!("telemetry is sent");
                    }
                    std::mem::replace(&mut in_force.export, export)
                }
                Exchange::Failed(what) => {
                    in_force.export_failure = failed(what);
                    in_force.export.take()
                }
            };
            (page, export)
        };
        if let Some(page) = page {
            page.end().await;
        }
        if let Some((_, otlp)) = export {
            self.inner.tasks.spawn(end(otlp));
        }
    }

    async fn ready_telemetry(&self, settings: &TelemetrySettings) -> Ready {
        let telemetry = &self.inner.telemetry;
        let wanted = Wanted::of(&telemetry.environment, settings, telemetry.is_window);
        let page = self.ready_page(&wanted.page).await;
        let export = self.ready_export(&wanted.export).await;
        Ready { wanted, page, export }
    }

    async fn ready_page(&self, asked: &Asked<u16>) -> Exchange<PageInForce> {
        let Some(port) = asked.value else { return Exchange::none(asked.problem.as_ref()) };
        if self.inner.telemetry.in_force().page.as_ref().is_some_and(|page| page.port == port) {
            return Exchange::Keep;
        }
        match self.serve_page(port).await {
            Ok(page) => Exchange::With(Some(page)),
            Err(PageError::Port { port, source }) => Exchange::Failed(match source.kind() {
                ErrorKind::AddrInUse => words::port_taken(port),
                _ => words::port_refused(port, &source.to_string()),
            }),
        }
    }

    async fn ready_export(&self, asked: &Asked<Collector>) -> Exchange<(Collector, Arc<Otlp>)> {
        let Some(collector) = asked.value.clone() else { return Exchange::none(asked.problem.as_ref()) };
        if self.inner.telemetry.in_force().export.as_ref().is_some_and(|(there, _)| *there == collector) {
            return Exchange::Keep;
        }
        let now = Arc::clone(&self.inner.telemetry.now);
        let made = tokio::task::spawn_blocking(move || {
            let made = Otlp::new(&collector, env!("CARGO_PKG_VERSION"), now);
            made.map(|otlp| (collector, Arc::new(otlp)))
        });
        match made.await {
            Ok(Ok(export)) => Exchange::With(Some(export)),
            Ok(Err(error)) => Exchange::Failed(words::not_ready(&error.to_string())),
            Err(error) => Exchange::Failed(words::not_ready(&error.to_string())),
        }
    }
}
