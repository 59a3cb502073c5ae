//! Spans: a turn is a trace, its answers are spans in it, and their calls spans in those, retries and fallbacks side by side. A call that
//! was made for no turn is a trace of its own.
//!
//! A call ends before the answer it is for, and is told of then. So that it can name a parent nobody has told of yet, the ids of turns and
//! answers are made of their own: [`Ids`] gives a span the id that was chosen for it.

use std::cell::Cell;
use std::time::{Duration, SystemTime};

use opentelemetry::trace::{
    Span as _, SpanBuilder, SpanContext, SpanId, SpanKind, Status, TraceContextExt as _, TraceFlags, TraceId,
    TraceState, Tracer as _,
};
use opentelemetry::{Array, Context, KeyValue, StringValue, Value};
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator, SdkTracer};
use roundtable_domain::{ErrorCategory, FinishReason, RunState, UnixMs};
use uuid::Uuid;

use super::error_type;
use crate::facts::{CallFacts, Charge, InTurn, Operation, RequestFacts, RunFacts, TurnFacts};

thread_local! {
    /// The ids of the span that is being made on this thread.
    static CHOSEN: Cell<Option<(TraceId, SpanId)>> = const { Cell::new(None) };
}

/// Gives the ids that were chosen, else random ones.
#[derive(Debug, Default)]
pub(super) struct Ids(RandomIdGenerator);

impl IdGenerator for Ids {
    fn new_trace_id(&self) -> TraceId {
        CHOSEN.get().map_or_else(|| self.0.new_trace_id(), |(trace, _)| trace)
    }

    fn new_span_id(&self) -> SpanId {
        CHOSEN.get().map_or_else(|| self.0.new_span_id(), |(_, span)| span)
    }
}

/// What is told of one turn is one trace.
fn trace_of(turn: Uuid) -> TraceId {
    TraceId::from_bytes(turn.into_bytes())
}

/// The half of an id that is random.
fn span_of(id: Uuid) -> SpanId {
    SpanId::from_bytes(id.as_u64_pair().1.to_be_bytes())
}

/// Inside of the span with this id.
fn inside(trace: TraceId, span: SpanId) -> Context {
    let parent = SpanContext::new(trace, span, TraceFlags::SAMPLED, false, TraceState::default());
    Context::new().with_remote_span_context(parent)
}

pub(super) fn of_call(tracer: &SdkTracer, call: &CallFacts, common: &[KeyValue]) {
    let end = moment(call.ended_at);
    let start = end.checked_sub(Duration::from_millis(call.total_ms.unwrap_or(0))).unwrap_or(end);
    let mut attributes = common.to_vec();
    attributes.extend(error_type(call));
    attributes.extend(asked_with(call.operation, &call.request));
    attributes.extend(answered_with(call));
    attributes.push(KeyValue::new("roundtable.kind", call.kind.clone()));
    attributes.extend(call.within.iter().flat_map(in_turn));
    let parent = call.within.map_or_else(Context::new, |within| {
        inside(trace_of(within.turn.as_uuid()), span_of(within.run.as_uuid()))
    });
    let mut span = tracer
        .span_builder(format!("{} {}", call.operation.as_str(), call.model))
        .with_kind(SpanKind::Client)
        .with_start_time(start)
        .with_attributes(attributes)
        .start_with_context(tracer, &parent);
    if let Some(category) = call.failure() {
        span.set_status(Status::error(category.as_str()));
    }
    span.end_with_timestamp(end);
}

pub(super) fn of_run(tracer: &SdkTracer, run: &RunFacts) {
    let InTurn { turn, run: id, span: parent, .. } = run.within;
    let mut attributes = in_turn(&run.within).to_vec();
    attributes.push(KeyValue::new("roundtable.state", run.state.as_str()));
    attributes.push(KeyValue::new("roundtable.calls", i64::from(run.calls)));
    let failure = run.category.filter(|category| {
        *category != ErrorCategory::Cancelled
            && !matches!(run.state, RunState::Complete | RunState::Cancelled)
    });
    attributes.extend(failure.map(|category| KeyValue::new("error.type", category.as_str())));
    let trace = trace_of(turn.as_uuid());
    let span = tracer
        .span_builder("answer")
        .with_kind(SpanKind::Internal)
        .with_start_time(moment(run.started_at))
        .with_attributes(attributes);
    let ids = (trace, span_of(id.as_uuid()));
    let status = failure.map(|category| Status::error(category.as_str()));
    tell(tracer, span, &inside(trace, span_of(parent)), ids, status, run.ended_at);
}

pub(super) fn of_turn(tracer: &SdkTracer, turn: &TurnFacts) {
    let span = tracer
        .span_builder("turn")
        .with_kind(SpanKind::Internal)
        .with_start_time(moment(turn.started_at))
        .with_attributes([
            KeyValue::new("gen_ai.conversation.id", turn.conversation.to_string()),
            KeyValue::new("roundtable.turn.id", turn.turn.to_string()),
            KeyValue::new("roundtable.source", turn.source),
            KeyValue::new("roundtable.answers", whole(turn.runs.try_into().unwrap_or(u64::MAX))),
        ]);
    tell(
        tracer,
        span,
        &Context::new(),
        (trace_of(turn.turn.as_uuid()), span_of(turn.span)),
        None,
        turn.ended_at,
    );
}

/// Tells of a span with the ids that were chosen for it.
fn tell(
    tracer: &SdkTracer,
    span: SpanBuilder,
    parent: &Context,
    ids: (TraceId, SpanId),
    status: Option<Status>,
    end: UnixMs,
) {
    CHOSEN.set(Some(ids));
    let mut span = span.start_with_context(tracer, parent);
    CHOSEN.set(None);
    if let Some(status) = status {
        span.set_status(status);
    }
    span.end_with_timestamp(moment(end));
}

fn in_turn(within: &InTurn) -> [KeyValue; 3] {
    [
        KeyValue::new("gen_ai.conversation.id", within.conversation.to_string()),
        KeyValue::new("roundtable.turn.id", within.turn.to_string()),
        KeyValue::new("roundtable.run.id", within.run.to_string()),
    ]
}

fn asked_with(operation: Operation, request: &RequestFacts) -> Vec<KeyValue> {
    if operation != Operation::Chat {
        return Vec::new();
    }
    let mut attributes = vec![KeyValue::new("gen_ai.request.stream", request.stream)];
    let numbers = [
        ("gen_ai.request.temperature", request.temperature),
        ("gen_ai.request.top_p", request.top_p),
        ("gen_ai.request.presence_penalty", request.presence_penalty),
        ("gen_ai.request.frequency_penalty", request.frequency_penalty),
        ("gen_ai.request.top_k", request.top_k.map(f64::from)),
    ];
    attributes.extend(numbers.into_iter().filter_map(|(name, number)| Some(KeyValue::new(name, number?))));
    let counts = [
        ("gen_ai.request.max_tokens", request.max_tokens.map(i64::from)),
        ("gen_ai.request.seed", request.seed),
    ];
    attributes.extend(counts.into_iter().filter_map(|(name, count)| Some(KeyValue::new(name, count?))));
    attributes
}

fn answered_with(call: &CallFacts) -> Vec<KeyValue> {
    let usage = call.usage;
    let counts = [
        ("gen_ai.usage.input_tokens", usage.input),
        ("gen_ai.usage.output_tokens", usage.output),
        ("gen_ai.usage.cache_read.input_tokens", usage.cached_input),
        ("gen_ai.usage.cache_creation.input_tokens", usage.cache_write),
        ("gen_ai.usage.reasoning.output_tokens", usage.reasoning),
        ("roundtable.first_token_ms", call.ttft_ms),
    ];
    let mut attributes: Vec<KeyValue> =
        counts.into_iter().filter_map(|(name, count)| Some(KeyValue::new(name, whole(count?)))).collect();
    attributes.extend(call.response_id.clone().map(|id| KeyValue::new("gen_ai.response.id", id)));
    attributes.extend(call.finish_reason.map(|reason| {
        let reasons = vec![StringValue::from(word_of(reason))];
        KeyValue::new("gen_ai.response.finish_reasons", Value::Array(Array::String(reasons)))
    }));
    attributes.push(KeyValue::new("roundtable.state", call.state.as_str()));
    // Exact, as everywhere: a number would not be.
    if let Charge::Known(cost) = call.charge {
        attributes.push(KeyValue::new("roundtable.cost_usd", cost.to_string()));
    }
    attributes
}

const fn word_of(reason: FinishReason) -> &'static str {
    match reason {
        FinishReason::Stop => "stop",
        FinishReason::Length => "length",
        FinishReason::ToolCalls => "tool_calls",
        FinishReason::ContentFilter => "content_filter",
        FinishReason::Error => "error",
        FinishReason::Other => "other",
    }
}

fn whole(count: u64) -> Value {
    Value::I64(i64::try_from(count).unwrap_or(i64::MAX))
}

fn moment(at: UnixMs) -> SystemTime {
    let ms = u64::try_from(at.0).unwrap_or(0);
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(ms)).unwrap_or(SystemTime::UNIX_EPOCH)
}
