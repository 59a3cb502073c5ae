use opentelemetry::trace::{SpanId, SpanKind, Status};
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData, ResourceMetrics, ScopeMetrics};
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, PeriodicReader};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SpanData};
use roundtable_domain::{ConversationId, ErrorCategory, RunId, RunState, TurnId, UnixMs};
use uuid::Uuid;

use super::*;
use crate::facts::tests::call;
use crate::facts::{InTurn, Operation, RequestFacts};

fn now() -> Now {
    Arc::new(|| UnixMs(7))
}

fn standings() -> [Arc<Standing>; 2] {
    [Arc::new(Standing::new(now())), Arc::new(Standing::new(now()))]
}

fn kept() -> (Otlp, InMemorySpanExporter, InMemoryMetricExporter) {
    let (spans, metrics) = (InMemorySpanExporter::default(), InMemoryMetricExporter::default());
    let tracers = SdkTracerProvider::builder().with_simple_exporter(spans.clone());
    let reader = PeriodicReader::builder(metrics.clone()).build();
    let meters = SdkMeterProvider::builder().with_reader(reader).build();
    (Otlp::with(tracers, meters, standings()), spans, metrics)
}

/// What is said with durations, of each kind of call once.
fn said_with_durations(calls: &[CallFacts]) -> Vec<Vec<KeyValue>> {
    let (otlp, _, metrics) = kept();
    for call in calls {
        otlp.record(call);
    }
    otlp.meters.force_flush().unwrap();
    let seen = metrics.get_finished_metrics().unwrap();
    let scopes = seen.iter().flat_map(ResourceMetrics::scope_metrics);
    let durations =
        scopes.flat_map(ScopeMetrics::metrics).find(|one| one.name() == "gen_ai.client.operation.duration");
    let AggregatedMetrics::F64(MetricData::Histogram(durations)) = durations.unwrap().data() else {
        panic!("durations are a histogram of seconds")
    };
    durations.data_points().map(|point| point.attributes().cloned().collect()).collect()
}

#[test]
fn invented_calls_are_told_apart_in_metrics_too() {
    let invented = CallFacts { simulated: true, ..call() };
    let said = said_with_durations(&[call(), invented]);
    let mut worlds: Vec<bool> = [true, false]
        .into_iter()
        .filter(|simulated| {
            let attribute = KeyValue::new("roundtable.simulated", *simulated);
            said.iter().any(|attributes| attributes.contains(&attribute))
        })
        .collect();
    worlds.sort_unstable();
    assert_eq!((said.len(), worlds), (2, vec![false, true]), "{said:?}");
}

fn told(calls: &[CallFacts]) -> (Vec<SpanData>, usize) {
    let (otlp, spans, metrics) = kept();
    for call in calls {
        otlp.record(call);
    }
    otlp.meters.force_flush().unwrap();
    let seen = metrics.get_finished_metrics().unwrap();
    let count =
        seen.iter().flat_map(ResourceMetrics::scope_metrics).map(|scope| scope.metrics().count()).sum();
    (spans.get_finished_spans().unwrap(), count)
}

fn of(span: &SpanData, name: &str) -> Option<String> {
    span.attributes.iter().find(|one| one.key.as_str() == name).map(|one| one.value.to_string())
}

#[test]
fn a_call_is_a_span_in_the_words_of_the_conventions() {
    let failed = CallFacts { category: Some(ErrorCategory::RateLimited), state: RunState::Failed, ..call() };
    let (spans, metrics) = told(&[call(), failed]);
    assert_eq!((spans.len(), metrics), (2, 2), "two spans; durations and tokens");
    let span = &spans[0];
    assert_eq!(span.name, "chat gpt-4o");
    assert_eq!(span.span_kind, SpanKind::Client);
    for (name, value) in [
        ("gen_ai.provider.name", "openai"),
        ("roundtable.provider", "work-openai"),
        ("gen_ai.response.model", "gpt-4o-2024-08-06"),
        ("gen_ai.response.id", "chatcmpl-7"),
        ("gen_ai.response.finish_reasons", "[\"stop\"]"),
        ("gen_ai.request.stream", "true"),
        ("gen_ai.request.temperature", "0.5"),
        ("gen_ai.usage.output_tokens", "100"),
        ("gen_ai.usage.cache_read.input_tokens", "400"),
        ("server.address", "api.openai.com"),
        ("server.port", "443"),
        ("roundtable.cost_usd", "0.0035"),
    ] {
        assert_eq!(of(span, name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(span.end_time.duration_since(span.start_time).unwrap(), Duration::from_secs(2));
    assert_eq!(of(span, "error.type"), None);
    assert_eq!(of(&spans[1], "error.type").as_deref(), Some("rate_limited"));
    assert_eq!(spans[1].status, Status::error("rate_limited"));
}

#[test]
fn what_was_not_streamed_is_not_said_to_be_and_what_the_user_stopped_has_not_failed() {
    let plain = CallFacts { request: RequestFacts::default(), ..call() };
    let stopped =
        CallFacts { category: Some(ErrorCategory::Cancelled), state: RunState::Cancelled, ..call() };
    let (spans, _) = told(&[plain, stopped]);
    assert_eq!(of(&spans[0], "gen_ai.request.stream").as_deref(), Some("false"));
    assert_eq!((&spans[1].status, of(&spans[1], "error.type")), (&Status::Unset, None));
    assert_eq!(of(&spans[1], "roundtable.state").as_deref(), Some("cancelled"));
}

#[test]
fn a_turn_is_one_trace_with_its_answers_and_their_calls_inside() {
    let (otlp, exporter, _) = kept();
    let turn = TurnId::from_uuid(Uuid::now_v7());
    let conversation = ConversationId::from_uuid(Uuid::now_v7());
    let mut parents = Vec::new();
    for span in [Uuid::now_v7(), Uuid::now_v7()] {
        let run = RunId::from_uuid(Uuid::now_v7());
        let within = InTurn { conversation, turn, span, run };
        for kind in ["first", "retry"] {
            otlp.record(&CallFacts { kind: kind.to_owned(), within: Some(within), ..call() });
        }
        let at = UnixMs(1_790_553_600_000);
        let ended = (at, RunState::Complete);
        otlp.record_run(&RunFacts {
            within,
            started_at: UnixMs(at.0 - 5_000),
            ended_at: ended.0,
            state: ended.1,
            category: None,
            calls: 2,
        });
        otlp.record_turn(&TurnFacts {
            conversation,
            turn,
            span,
            source: "chat",
            started_at: UnixMs(at.0 - 6_000),
            ended_at: at,
            runs: 1,
        });
    }
    let spans = exporter.get_finished_spans().unwrap();
    assert!(spans.iter().all(|span| span.span_context.trace_id() == spans[0].span_context.trace_id()));
    for told in spans.chunks(4) {
        let [first, retry, answer, whole] = told else {
            unreachable!("two calls, an answer and a turn each")
        };
        let id = |span: &SpanData| span.span_context.span_id();
        assert_eq!((first.parent_span_id, retry.parent_span_id), (id(answer), id(answer)));
        assert_eq!((answer.parent_span_id, whole.parent_span_id), (id(whole), SpanId::INVALID));
        assert_ne!(id(first), id(retry));
        assert_eq!(of(first, "gen_ai.conversation.id"), Some(conversation.to_string()));
        parents.push(id(whole));
    }
    assert_ne!(parents[0], parents[1], "a turn that is taken up again is told of by itself");
}

#[test]
fn the_program_is_called_what_the_environment_says() {
    let service = |collector: &Collector| {
        let resource = collector.resource("1.2.3");
        let get =
            |name: &'static str| resource.get(&opentelemetry::Key::new(name)).map(|value| value.to_string());
        (get("service.name"), get("service.version"), get("team"))
    };
    let some = |text: &str| Some(text.to_owned());
    let plain = Collector::at("http://localhost:4318/");
    assert_eq!(plain.traces, some("http://localhost:4318/v1/traces"));
    assert_eq!(service(&plain), (some("roundtable"), some("1.2.3"), None));
    let resource =
        vec![("service.name".to_owned(), "desk".to_owned()), ("team".to_owned(), "red".to_owned())];
    let described = Collector { resource, ..plain };
    assert_eq!(service(&described), (some("desk"), some("1.2.3"), some("red")));
    let named = Collector { service_name: some("table"), ..described };
    assert_eq!(service(&named).0, some("table"), "its own variable goes first");
}

#[test]
fn an_answer_without_a_call_is_no_span() {
    let (spans, _) = told(&[CallFacts { came_from: "cache".to_owned(), ..call() }]);
    assert!(spans.is_empty());
}

#[test]
fn vectors_are_an_operation_of_their_own() {
    let usage = roundtable_domain::TokenUsage { output: None, ..call().usage };
    let (spans, _) = told(&[CallFacts { operation: Operation::Embeddings, usage, ..call() }]);
    assert_eq!(spans[0].name, "embeddings gpt-4o");
    let has = |name: &str| spans[0].attributes.iter().any(|one| one.key.as_str() == name);
    assert!(has("gen_ai.usage.input_tokens"));
    assert!(!has("gen_ai.usage.output_tokens") && !has("gen_ai.request.stream"), "vectors are no text");
}

#[test]
fn what_was_not_taken_is_remembered_until_something_is() {
    use std::net::TcpListener;
    // A port that nobody listens on any more.
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let otlp = Otlp::new(&Collector::at(&format!("http://{gone}")), "0", now()).unwrap();
    assert_eq!(otlp.standing(), ExportStanding::default(), "nothing was sent yet");
    otlp.record(&call());
    assert!(otlp.spans.force_flush().is_err());
    let failure = otlp.standing().failure.unwrap();
    assert_eq!(failure.at, UnixMs(7));
    assert!(!failure.reason.contains("127.0.0.1"), "an address may hold what is secret: {}", failure.reason);
    let [spans, metrics] = &otlp.standings;
    metrics.note(&Ok(()));
    assert_eq!(otlp.standing().failure, Some(failure), "that metrics are taken says nothing of spans");
    spans.note(&Ok(()));
    assert_eq!(otlp.standing(), ExportStanding { sent_at: Some(UnixMs(7)), failure: None });
}
