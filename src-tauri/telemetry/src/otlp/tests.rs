use opentelemetry_sdk::metrics::{InMemoryMetricExporter, PeriodicReader};
use opentelemetry_sdk::trace::InMemorySpanExporter;
use roundtable_domain::{ErrorCategory, RunState, UnixMs};

use super::*;
use crate::facts::Operation;

fn call() -> CallFacts {
    CallFacts {
        operation: Operation::Chat,
        provider: "mistral".to_owned(),
        model: "mistral-large".to_owned(),
        model_served: Some("mistral-large-2411".to_owned()),
        came_from: "model".to_owned(),
        kind: "fallback".to_owned(),
        state: RunState::Complete,
        category: None,
        ended_at: UnixMs(1_790_553_600_000),
        ttft_ms: Some(250),
        total_ms: Some(2_000),
        input_tokens: Some(1_000),
        output_tokens: Some(100),
        cost: Some("0.0035".parse().unwrap()),
        simulated: false,
    }
}

fn told(calls: &[CallFacts]) -> (Vec<opentelemetry_sdk::trace::SpanData>, usize) {
    let spans = InMemorySpanExporter::default();
    let metrics = InMemoryMetricExporter::default();
    let tracers = SdkTracerProvider::builder().with_simple_exporter(spans.clone()).build();
    let reader = PeriodicReader::builder(metrics.clone()).build();
    let meters = SdkMeterProvider::builder().with_reader(reader).build();
    let otlp = Otlp::with(tracers, meters, Arc::new(Standing::new(Arc::new(|| UnixMs(0)))));
    for call in calls {
        otlp.record(call);
    }
    otlp.meters.force_flush().unwrap();
    let seen = metrics.get_finished_metrics().unwrap();
    let count = seen
        .iter()
        .flat_map(opentelemetry_sdk::metrics::data::ResourceMetrics::scope_metrics)
        .map(|scope| scope.metrics().count())
        .sum();
    (spans.get_finished_spans().unwrap(), count)
}

#[test]
fn a_call_is_a_span_in_the_words_of_the_conventions() {
    let failed = CallFacts { category: Some(ErrorCategory::RateLimited), state: RunState::Failed, ..call() };
    let (spans, metrics) = told(&[call(), failed]);
    assert_eq!((spans.len(), metrics), (2, 2), "two spans; durations and tokens");
    let span = &spans[0];
    let of = |name: &str| {
        span.attributes.iter().find(|one| one.key.as_str() == name).map(|one| one.value.to_string())
    };
    assert_eq!(span.name, "chat mistral-large");
    assert_eq!(span.span_kind, SpanKind::Client);
    assert_eq!(of("gen_ai.provider.name").as_deref(), Some("mistral_ai"));
    assert_eq!(of("gen_ai.response.model").as_deref(), Some("mistral-large-2411"));
    assert_eq!(of("gen_ai.usage.output_tokens").as_deref(), Some("100"));
    assert_eq!(of("roundtable.cost_usd").as_deref(), Some("0.0035"));
    assert_eq!(span.end_time.duration_since(span.start_time).unwrap(), Duration::from_secs(2));
    assert_eq!(of("error.type"), None);
    let error = spans[1].attributes.iter().find(|one| one.key.as_str() == "error.type").unwrap();
    assert_eq!(error.value.to_string(), "rate_limited");
    assert_eq!(spans[1].status, Status::error("rate_limited"));
}

#[test]
fn an_answer_without_a_call_is_no_span() {
    let (spans, _) = told(&[CallFacts { came_from: "cache".to_owned(), ..call() }]);
    assert!(spans.is_empty());
}

#[test]
fn vectors_are_an_operation_of_their_own() {
    let (spans, _) = told(&[CallFacts { operation: Operation::Embeddings, output_tokens: None, ..call() }]);
    assert_eq!(spans[0].name, "embeddings mistral-large");
    let has = |name: &str| spans[0].attributes.iter().any(|one| one.key.as_str() == name);
    assert!(has("gen_ai.usage.input_tokens"));
    assert!(!has("gen_ai.usage.output_tokens") && !has("gen_ai.request.stream"), "vectors are no text");
}

#[test]
fn what_was_not_taken_is_remembered_until_something_is() {
    use std::net::TcpListener;
    // A port that nobody listens on any more.
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let otlp = Otlp::new(&format!("http://{gone}"), "0", Arc::new(|| UnixMs(7))).unwrap();
    assert_eq!(otlp.standing(), ExportStanding::default(), "nothing was sent yet");
    otlp.record(&call());
    assert!(otlp.spans.force_flush().is_err());
    let failure = otlp.standing().failure.unwrap();
    assert_eq!(failure.at, UnixMs(7));
    assert!(!failure.reason.contains("127.0.0.1"), "an address may hold what is secret: {}", failure.reason);
    otlp.standing.note(&Ok(()));
    assert_eq!(otlp.standing(), ExportStanding { sent_at: Some(UnixMs(7)), failure: None });
}
