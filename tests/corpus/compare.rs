//! What we understood beside what the corpus says there is, field by field.

use std::fmt::Debug;
use std::time::Duration;

use roundtable_domain::{Answer, ProviderError, TokenUsage, ToolCall, usage};
use serde_json::{Map, Value};

use crate::exchange::{Exchange, ExpectedCall};

/// The fields in which an answer differs.
#[derive(Default)]
pub struct Differences(pub Vec<String>);

impl Differences {
    fn check<T: PartialEq + Debug>(&mut self, field: &str, ours: &T, expected: &T) {
        if ours != expected {
            self.0.push(format!("{field}: got {}, expected {}", short(ours), short(expected)));
        }
    }
}

/// Compares the answer of a successful reply.
pub fn answer(exchange: &Exchange, ours: &Answer) -> Differences {
    let expected = &exchange.expected;
    let mut differences = Differences::default();
    let d = &mut differences;
    d.check("text", &ours.text, &expected.text);
    d.check("reasoning_text", &ours.reasoning, &expected.reasoning_text);
    d.check("refusal_text", &ours.refusal, &expected.refusal_text);
    d.check("finish_reason", &ours.finish_reason, &expected.finish_reason);
    d.check("stop_sequence", &ours.stop_sequence, &expected.stop_sequence);
    d.check("model", &ours.model_served, &expected.model);
    d.check("response_id", &ours.response_id, &expected.response_id);
    d.check("other_parts", &ours.other_parts, &expected.other_parts);
    d.check("usage_raw", &ours.usage_raw, &expected.usage_raw);
    tool_calls(d, &ours.tool_calls, &expected.tool_calls);
    usage(d, exchange, ours);
    if let Some(complete) = expected.stream_complete {
        // `response.failed` is a terminal signal too: such a stream is complete, and an error all the same.
        d.check("stream_complete", &ours.completed, &complete);
    }
    if let Some(count) = expected.choices_count {
        // One choice is the rule, and none is a reply without an answer; only more than one is worth an event.
        d.check("choices_count", &ours.choices.max(1), &count.max(1));
    }
    if expected.mid_stream_error {
        d.check("mid_stream_error", &ours.error.is_some(), &true);
    }
    match (&ours.error, &expected.error) {
        (Some(ours), Some(expected)) => error_fields(d, ours, expected),
        (ours, expected) => d.check("has error", &ours.is_some(), &expected.is_some()),
    }
    differences
}

/// Compares the error of a refused reply.
pub fn error(exchange: &Exchange, ours: &ProviderError) -> Differences {
    let mut differences = Differences::default();
    match &exchange.expected.error {
        Some(expected) => error_fields(&mut differences, ours, expected),
        None => differences.0.push("expected no error".to_owned()),
    }
    differences
}

fn tool_calls(d: &mut Differences, ours: &[ToolCall], expected: &[ExpectedCall]) {
    d.check("tool_calls.len", &ours.len(), &expected.len());
    for (ours, expected) in ours.iter().zip(expected) {
        tool_call(d, ours, expected);
    }
}

/// `field_notes`: canonical arguments have sorted keys and no spaces, which is the same as equal JSON; arguments that
/// are not JSON are compared as text.
fn tool_call(d: &mut Differences, ours: &ToolCall, expected: &ExpectedCall) {
    let field = |name: &str| format!("tool_calls[{}].{name}", expected.name);
    d.check(&field("name"), &ours.name, &expected.name);
    // An empty id is none.
    d.check(&field("id"), &ours.id.as_deref(), &expected.id.as_deref().filter(|id| !id.is_empty()));
    d.check(&field("arguments_empty"), &ours.arguments.trim().is_empty(), &expected.arguments_empty);
    let parsed = ours.parsed_arguments();
    d.check(&field("arguments_valid"), &parsed.is_some(), &expected.arguments_valid);
    let expected_json = Some(&expected.arguments_json).filter(|_| expected.arguments_valid);
    let expected_json = expected_json.map(|text| serde_json::from_str::<Value>(text).unwrap());
    match (parsed, expected_json) {
        (Some(ours), Some(expected)) => d.check(&field("arguments_json"), &ours, &expected),
        _ => d.check(&field("arguments_json"), &ours.arguments, &expected.arguments_json),
    }
}

/// All counts unknown is the same as no usage; further fields of the corpus say how the sums came about.
fn usage(d: &mut Differences, exchange: &Exchange, ours: &Answer) {
    let tokens = ours.usage.unwrap_or_default();
    let Some(expected) = &exchange.expected.usage else {
        return d.check("usage", &tokens, &TokenUsage::default());
    };
    let number = |name: &str| expected.get(name).and_then(Value::as_u64);
    d.check("usage.input", &tokens.input, &number("input"));
    d.check("usage.output", &tokens.output, &number("output"));
    d.check("usage.cached_input", &tokens.cached_input, &number("cached_input"));
    d.check("usage.cache_write", &tokens.cache_write, &number("cache_write"));
    d.check("usage.reasoning", &tokens.reasoning, &number("reasoning"));
    let Some(raw) = &ours.usage_raw else { return };
    let reading = usage::read(exchange.wire_api(), &exchange.provider, raw);
    if let Some(kept) = number("cache_write_1h") {
        let billed: u64 = reading.billed.iter().map(|billed| billed.written_1h).sum();
        d.check("usage.cache_write_1h", &billed, &kept);
    }
    if let Some(outside) = expected.get("reasoning_was_outside_completion_tokens") {
        d.check("usage.reasoning_was_outside", &Value::Bool(reading.reasoning_was_outside), outside);
    }
}

fn error_fields(d: &mut Differences, ours: &ProviderError, expected: &Map<String, Value>) {
    let text = |name: &str| expected.get(name).and_then(Value::as_str).map(str::to_owned);
    let status = expected.get("status").and_then(Value::as_u64);
    d.check("error.status", &ours.status.map(u64::from), &status);
    d.check("error.type", &ours.kind, &text("type"));
    d.check("error.code", &ours.code, &expected.get("code").filter(|code| !code.is_null()).cloned());
    if let Some(message) = text("message") {
        d.check("error.message", &ours.message, &message);
    }
    for (name, ours) in [("param", &ours.param), ("request_id", &ours.request_id)] {
        if let Some(expected) = text(name) {
            d.check(&format!("error.{name}"), ours, &Some(expected));
        }
    }
    if let Some(wait_ms) = expected_wait_ms(expected) {
        d.check("error.retry_after_ms", &ours.retry_after_ms, &Some(wait_ms));
    }
}

/// The wait an error states: `retry-after-ms`, `retry-after` in seconds, or Gemini's `34.4s`.
fn expected_wait_ms(expected: &Map<String, Value>) -> Option<u64> {
    let number = |name: &str| expected.get(name)?.as_str()?.trim_end_matches('s').parse::<f64>().ok();
    let seconds = || number("retry_after").or_else(|| number("retry_delay"));
    let wait = number("retry_after_ms").map(|milliseconds| milliseconds / 1000.0).or_else(seconds)?;
    let wait_ms = Duration::try_from_secs_f64(wait).ok()?.as_millis();
    u64::try_from(wait_ms).ok().filter(|wait_ms| *wait_ms > 0)
}

fn short(value: &impl Debug) -> String {
    let text = format!("{value:?}");
    let head: String = text.chars().take(160).collect();
    if head.len() < text.len() { format!("{head}… ({} characters)", text.chars().count()) } else { text }
}
