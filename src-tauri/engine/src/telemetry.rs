//! What other programs may learn of ours, each way only where the environment asks for it: a page for Prometheus on loopback
//! (`ROUNDTABLE_METRICS_PORT`), spans and metrics for a collector (`OTEL_EXPORTER_OTLP_ENDPOINT`).

use std::collections::HashMap;
use std::sync::Arc;

use roundtable_domain::PicoUsd;
use roundtable_store::{Call, CallSource};
use roundtable_telemetry::{BudgetFacts, CallFacts, Metrics, Operation, Otlp, Page, serve};

use crate::engine::Engine;
use crate::view::BudgetView;

/// The variable that names the port of the page; 0 takes a free one, which stands in the log.
const METRICS_PORT: &str = "ROUNDTABLE_METRICS_PORT";

/// The variable that names a collector, as in every program that speaks OTLP.
const OTLP_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

/// Where facts about calls go.
#[derive(Debug, Default)]
pub(crate) struct Telemetry {
    page: Option<(u16, Arc<Metrics>)>,
    otlp: Option<Arc<Otlp>>,
}

impl Telemetry {
    /// What the environment asks for. What cannot be done is logged and left: nobody's answer waits for telemetry.
    pub(crate) fn new(environment: &HashMap<String, String>) -> Self {
        let named =
            |name: &str| environment.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
        let page = named(METRICS_PORT).and_then(|text| {
            let port = text.parse().ok();
            if port.is_none() {
                tracing::warn!("{METRICS_PORT} is no port; metrics are not served");
            }
            Some((port?, Arc::default()))
        });
        let otlp = named(OTLP_ENDPOINT).and_then(|endpoint| {
            Otlp::new(endpoint, env!("CARGO_PKG_VERSION"))
                .map_err(|error| tracing::warn!(%error, "no telemetry is sent"))
                .ok()
        });
        Self { page, otlp: otlp.map(Arc::new) }
    }

    /// Tells of a call that has ended.
    pub(crate) fn record(&self, call: &Call) {
        if self.page.is_none() && self.otlp.is_none() {
            return;
        }
        let facts = facts(call);
        if let Some((_, metrics)) = &self.page {
            metrics.record(&facts);
        }
        if let Some(otlp) = &self.otlp {
            otlp.record(&facts);
        }
    }

    /// Sends what is still to be sent; at most two seconds.
    pub(crate) async fn shutdown(&self) {
        let Some(otlp) = self.otlp.clone() else { return };
        if let Err(error) = tokio::task::spawn_blocking(move || otlp.shutdown()).await {
            tracing::warn!(%error, "the last telemetry could not be sent");
        }
    }
}

impl Engine {
    /// Serves the page for Prometheus while the engine lives, where it is asked for.
    pub(crate) async fn serve_metrics(&self) {
        let Some((port, metrics)) = self.inner.telemetry.page.clone() else { return };
        let inner = Arc::downgrade(&self.inner);
        let page: Page = Arc::new(move || {
            let (inner, metrics) = (inner.clone(), Arc::clone(&metrics));
            Box::pin(async move {
                if let Some(inner) = inner.upgrade() {
                    match (Self { inner }).list_budgets().await {
                        Ok(budgets) => {
                            metrics.show_budgets(&budgets.iter().filter_map(budget).collect::<Vec<_>>());
                        }
                        Err(error) => tracing::warn!(%error, "budgets are missing among the metrics"),
                    }
                }
                metrics.text()
            })
        });
        match serve(port, page, self.inner.closing.clone()).await {
            Ok((address, serving)) => {
                tracing::info!(%address, "metrics are served");
                self.inner.tasks.spawn(serving);
            }
            Err(error) => tracing::warn!(%error, "metrics are not served"),
        }
    }
}

fn facts(call: &Call) -> CallFacts {
    CallFacts {
        operation: Operation::Chat,
        provider: call.provider.clone(),
        model: call.model.clone(),
        model_served: call.model_served.clone(),
        came_from: match call.source {
            CallSource::Model => "model",
            CallSource::Cache => "cache",
            CallSource::Shared => "shared",
        }
        .to_owned(),
        kind: call.kind.clone(),
        state: call.state,
        category: call.category,
        ended_at: call.at,
        ttft_ms: call.ttft_ms,
        total_ms: call.total_ms,
        input_tokens: call.input_tokens,
        output_tokens: call.output_tokens,
        cost: call.cost,
        simulated: call.simulated,
    }
}

fn budget(view: &BudgetView) -> Option<BudgetFacts> {
    let pico = |usd: &str| usd.parse::<PicoUsd>().ok().map(PicoUsd::as_pico);
    Some(BudgetFacts {
        id: view.id.to_string(),
        limit_pico: pico(&view.draft.limit_usd)?,
        spent_pico: pico(&view.spent_usd)?,
        reserved_pico: pico(&view.reserved_usd)?,
        simulated: view.draft.simulated,
    })
}
