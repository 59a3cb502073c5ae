//! Spans and metrics over OTLP, with the names of OpenTelemetry's conventions for generative models.
//! <https://github.com/open-telemetry/semantic-conventions-genai>
//!
//! The conventions are in development: newer drafts give each operation instruments of its own. What is sent are the names collectors and
//! dashboards know since 1.37 (`gen_ai.client.operation.duration`, `gen_ai.client.token.usage`). What is said of the time to
//! the first word has a name of ours, because the conventions' one counts to the first chunk, which may be a role or a keep-alive.

mod watched;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use opentelemetry::metrics::{Histogram, MeterProvider as _};
use opentelemetry::trace::{Span as _, SpanKind, Status, Tracer as _, TracerProvider as _};
use opentelemetry::{KeyValue, Value};
use opentelemetry_otlp::{ExporterBuildError, MetricExporter, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};

use crate::facts::{CallFacts, Operation};
use crate::prometheus::in_seconds;
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

/// What sends to a collector, in the background and in batches.
#[derive(Debug)]
pub struct Otlp {
    tracer: SdkTracer,
    spans: SdkTracerProvider,
    meters: SdkMeterProvider,
    duration: Histogram<f64>,
    tokens: Histogram<u64>,
    standing: Arc<Standing>,
}

impl Otlp {
    /// Sends to a collector's base address, for instance `http://localhost:4318`. Nothing is sent before the first call. Blocks for a
    /// moment: not to be called on a runtime's own thread.
    pub fn new(endpoint: &str, version: &str, now: Now) -> Result<Self, OtlpError> {
        let base = endpoint.trim_end_matches('/');
        let standing = Arc::new(Standing::new(now));
        let spans = SpanExporter::builder().with_http().with_endpoint(format!("{base}/v1/traces")).build()?;
        let metrics =
            MetricExporter::builder().with_http().with_endpoint(format!("{base}/v1/metrics")).build()?;
        let spans = Watched::new(spans, &standing);
        let metrics = Watched::new(metrics, &standing);
        let resource = Resource::builder_empty()
            .with_service_name("roundtable")
            .with_attribute(KeyValue::new("service.version", version.to_owned()))
            .build();
        let spans =
            SdkTracerProvider::builder().with_batch_exporter(spans).with_resource(resource.clone()).build();
        let meters =
            SdkMeterProvider::builder().with_periodic_exporter(metrics).with_resource(resource).build();
        Ok(Self::with(spans, meters, standing))
    }

    pub(crate) fn with(spans: SdkTracerProvider, meters: SdkMeterProvider, standing: Arc<Standing>) -> Self {
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
            standing,
        }
    }

    /// How sending has gone so far.
    pub fn standing(&self) -> ExportStanding {
        self.standing.now()
    }

    /// Tells of a call that has ended. Answers that needed no call are none.
    pub fn record(&self, call: &CallFacts) {
        if !call.is_call() {
            return;
        }
        let common = common(call);
        self.span(call, &common);
        if let Some(ms) = call.total_ms {
            let mut attributes = common.clone();
            attributes.extend(error_type(call));
            self.duration.record(in_seconds(ms), &attributes);
        }
        for (direction, count) in [("input", call.input_tokens), ("output", call.output_tokens)] {
            let Some(count) = count else { continue };
            let mut attributes = common.clone();
            attributes.push(KeyValue::new("gen_ai.token.type", direction));
            self.tokens.record(count, &attributes);
        }
    }

    fn span(&self, call: &CallFacts, common: &[KeyValue]) {
        let end = moment(call);
        let start = end.checked_sub(Duration::from_millis(call.total_ms.unwrap_or(0))).unwrap_or(end);
        let mut attributes = common.to_vec();
        attributes.extend(error_type(call));
        let counts = [
            ("gen_ai.usage.input_tokens", call.input_tokens),
            ("gen_ai.usage.output_tokens", call.output_tokens),
            ("roundtable.first_token_ms", call.ttft_ms),
        ];
        attributes
            .extend(counts.into_iter().filter_map(|(name, count)| Some(KeyValue::new(name, whole(count?)))));
        if call.operation == Operation::Chat {
            attributes.push(KeyValue::new("gen_ai.request.stream", true));
        }
        attributes.push(KeyValue::new("roundtable.kind", call.kind.clone()));
        attributes.push(KeyValue::new("roundtable.simulated", call.simulated));
        // Exact, as everywhere: a number would not be.
        attributes.extend(call.cost.map(|cost| KeyValue::new("roundtable.cost_usd", cost.to_string())));
        let mut span = self
            .tracer
            .span_builder(format!("{} {}", call.operation.as_str(), call.model))
            .with_kind(SpanKind::Client)
            .with_start_time(start)
            .with_attributes(attributes)
            .start(&self.tracer);
        if let Some(category) = call.category {
            span.set_status(Status::error(category.as_str()));
        }
        span.end_with_timestamp(end);
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
        KeyValue::new("gen_ai.provider.name", call.provider_name().to_owned()),
        KeyValue::new("gen_ai.request.model", call.model.clone()),
    ];
    attributes.extend(call.model_served.clone().map(|model| KeyValue::new("gen_ai.response.model", model)));
    attributes
}

fn error_type(call: &CallFacts) -> Option<KeyValue> {
    call.category.map(|category| KeyValue::new("error.type", category.as_str()))
}

fn whole(count: u64) -> Value {
    Value::I64(i64::try_from(count).unwrap_or(i64::MAX))
}

fn moment(call: &CallFacts) -> SystemTime {
    let ms = u64::try_from(call.ended_at.0).unwrap_or(0);
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(ms)).unwrap_or(SystemTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests;
