//! Spans and metrics over OTLP, with the names of OpenTelemetry's conventions for generative models.
//! <https://github.com/open-telemetry/semantic-conventions-genai>
//!
//! The conventions are in development: newer drafts give each operation instruments of its own. What is sent are the names collectors and
//! dashboards know since 1.37 (`gen_ai.client.operation.duration`, `gen_ai.client.token.usage`). What is said of the time to
//! the first word has a name of ours, because the conventions' one counts to the first chunk, which may be a role or a keep-alive.

mod spans;
mod watched;

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Histogram, MeterProvider as _};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{ExporterBuildError, MetricExporter, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider, TracerProviderBuilder};

use crate::facts::{CallFacts, RunFacts, TurnFacts};
use crate::prometheus::in_seconds;
use spans::Ids;
pub use watched::{ExportFailure, ExportStanding, Now};
use watched::{Standing, Watched};

/// The boundaries the conventions ask for, in seconds.
const DURATION: [f64; 14] =
    [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];

/// The boundaries the conventions ask for, in tokens.
const TOKENS: [f64; 14] = [
    1.0,
    4.0,
    16.0,
    64.0,
    256.0,
    1024.0,
    4096.0,
    16384.0,
    65536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];

/// How long is waited for what is still to be sent when the program ends.
const LAST_EXPORT: Duration = Duration::from_secs(2);

/// Why nothing can be exported.
#[derive(Debug, thiserror::Error)]
pub enum OtlpError {
    /// The address, or what sends there.
    #[error("telemetry cannot be sent there: {0}")]
    Exporter(#[from] ExporterBuildError),
}

/// Where telemetry goes, and as what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Collector {
    /// The whole address spans are sent to; `None`: they are not sent.
    pub traces: Option<String>,
    /// The whole address metrics are sent to; `None`: they are not sent.
    pub metrics: Option<String>,
    /// What the program is called there; `None`: `roundtable`.
    pub service_name: Option<String>,
    /// What else is said of the program with everything.
    pub resource: Vec<(String, String)>,
}

impl Collector {
    /// A collector's base address, for instance `http://localhost:4318`: both go to where they usually do below it.
    pub fn at(base: &str) -> Self {
        let base = base.trim_end_matches('/');
        Self {
            traces: Some(format!("{base}/v1/traces")),
            metrics: Some(format!("{base}/v1/metrics")),
            ..Self::default()
        }
    }

    fn resource(&self, version: &str) -> Resource {
        let own = self.resource.iter().map(|(name, value)| KeyValue::new(name.clone(), value.clone()));
        let named =
            self.resource.iter().find(|(name, _)| name == "service.name").map(|(_, name)| name.clone());
        let name = self.service_name.clone().or(named).unwrap_or_else(|| "roundtable".to_owned());
        Resource::builder_empty()
            .with_attribute(KeyValue::new("service.version", version.to_owned()))
            .with_attributes(own)
            .with_service_name(name)
            .build()
    }
}

/// What sends to a collector, in the background and in batches.
#[derive(Debug)]
pub struct Otlp {
    tracer: SdkTracer,
    spans: SdkTracerProvider,
    meters: SdkMeterProvider,
    duration: Histogram<f64>,
    tokens: Histogram<u64>,
    /// Spans and metrics have a standing of their own each: where a collector takes the one and not the other, that stays so.
    standings: [Arc<Standing>; 2],
}

impl Otlp {
    /// Sends to a collector. Nothing is sent before the first call. Blocks for a moment: not to be called on a runtime's own thread.
    pub fn new(collector: &Collector, version: &str, now: Now) -> Result<Self, OtlpError> {
        let standings = [Arc::new(Standing::new(Arc::clone(&now))), Arc::new(Standing::new(now))];
        let [of_spans, of_metrics] = &standings;
        let resource = collector.resource(version);
        let mut spans = SdkTracerProvider::builder().with_resource(resource.clone());
        if let Some(endpoint) = &collector.traces {
            let exporter = SpanExporter::builder().with_http().with_endpoint(endpoint).build()?;
            spans = spans.with_batch_exporter(Watched::new(exporter, of_spans));
        }
        let mut meters = SdkMeterProvider::builder().with_resource(resource);
        if let Some(endpoint) = &collector.metrics {
            let exporter = MetricExporter::builder().with_http().with_endpoint(endpoint).build()?;
            meters = meters.with_periodic_exporter(Watched::new(exporter, of_metrics));
        }
        Ok(Self::with(spans, meters.build(), standings))
    }

    pub(crate) fn with(
        spans: TracerProviderBuilder,
        meters: SdkMeterProvider,
        standings: [Arc<Standing>; 2],
    ) -> Self {
        let spans = spans.with_id_generator(Ids::default()).build();
        let meter = meters.meter("roundtable");
        Self {
            tracer: spans.tracer("roundtable"),
            duration: meter
                .f64_histogram("gen_ai.client.operation.duration")
                .with_unit("s")
                .with_boundaries(DURATION.to_vec())
                .build(),
            tokens: meter
                .u64_histogram("gen_ai.client.token.usage")
                .with_unit("{token}")
                .with_boundaries(TOKENS.to_vec())
                .build(),
            spans,
            meters,
            standings,
        }
    }

    /// How sending has gone so far: what last went wrong with the one or the other stands until that one is taken.
    pub fn standing(&self) -> ExportStanding {
        let [spans, metrics] = self.standings.each_ref().map(|standing| standing.now());
        ExportStanding {
            sent_at: spans.sent_at.max(metrics.sent_at),
            failure: spans.failure.or(metrics.failure),
        }
    }

    /// Tells of a call that has ended.
    pub fn record(&self, call: &CallFacts) {
        if !call.is_call() {
            return;
        }
        let common = common(call);
        spans::of_call(&self.tracer, call, &common);
        self.measure(call, &common);
    }

    /// Tells of an answer that has ended.
    pub fn record_run(&self, run: &RunFacts) {
        spans::of_run(&self.tracer, run);
    }

    /// Tells of a turn that has ended.
    pub fn record_turn(&self, turn: &TurnFacts) {
        spans::of_turn(&self.tracer, turn);
    }

    fn measure(&self, call: &CallFacts, common: &[KeyValue]) {
        if let Some(ms) = call.total_ms {
            let mut attributes = common.to_vec();
            attributes.extend(error_type(call));
            self.duration.record(in_seconds(ms), &attributes);
        }
        for (direction, count) in [("input", call.usage.input), ("output", call.usage.output)] {
            let Some(count) = count else { continue };
            let mut attributes = common.to_vec();
            attributes.push(KeyValue::new("gen_ai.token.type", direction));
            self.tokens.record(count, &attributes);
        }
    }

    /// Sends what is still to be sent, and waits for it a short while. Blocks: not to be called on a runtime's own thread.
    pub fn shutdown(&self) {
        let spans = self.spans.shutdown_with_timeout(LAST_EXPORT);
        let meters = self.meters.shutdown_with_timeout(LAST_EXPORT);
        for error in [spans.err(), meters.err()].into_iter().flatten() {
            tracing::warn!(%error, "the last telemetry could not be sent");
        }
    }
}

fn common(call: &CallFacts) -> Vec<KeyValue> {
    let mut attributes = vec![
        KeyValue::new("gen_ai.operation.name", call.operation.as_str()),
        KeyValue::new("gen_ai.provider.name", call.server.provider_name().to_owned()),
        KeyValue::new("gen_ai.request.model", call.model.clone()),
        KeyValue::new("roundtable.provider", call.server.slug.clone()),
        KeyValue::new("roundtable.simulated", call.simulated),
    ];
    attributes.extend(call.model_served.clone().map(|model| KeyValue::new("gen_ai.response.model", model)));
    if let Some(address) = call.server.address.clone() {
        attributes.push(KeyValue::new("server.address", address));
        attributes.extend(call.server.port.map(|port| KeyValue::new("server.port", i64::from(port))));
    }
    attributes
}

fn error_type(call: &CallFacts) -> Option<KeyValue> {
    call.failure().map(|category| KeyValue::new("error.type", category.as_str()))
}

#[cfg(test)]
mod tests;
