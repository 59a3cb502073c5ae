//! The `run` object of `ask --json` (described in `docs/cli.md`, snapshot-tested).

use roundtable_domain::{FinishReason, ProviderError, TokenUsage, ToolCall};
use roundtable_engine::{AnswerRecord, Attempt};
use serde::Serialize;
use serde_json::Value;

/// One lane's answer, whole.
#[derive(Serialize)]
pub(in crate::commands) struct RunObject<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    target: &'a str,
    provider: Option<&'a str>,
    model_requested: Option<&'a str>,
    model_served: Option<&'a str>,
    state: &'static str,
    text: &'a str,
    reasoning_text: &'a str,
    refusal_text: &'a str,
    tool_calls: Vec<CallObject<'a>>,
    finish_reason: Option<FinishReason>,
    finish_reason_raw: Option<&'a str>,
    usage: TokenUsage,
    usage_raw: Option<&'a Value>,
    cost: CostObject,
    simulated: bool,
    source: &'a str,
    saved_usd: Option<String>,
    route: Option<&'a Value>,
    segments: &'a Value,
    ttft_ms: Option<u64>,
    total_ms: Option<u64>,
    attempts: Vec<AttemptObject<'a>>,
    error: Option<ErrorObject<'a>>,
    notices: Vec<&'a str>,
}

/// A call the model asked for. `arguments` is JSON; a string where the model's text is not JSON (then `valid` is false).
#[derive(Serialize)]
struct CallObject<'a> {
    id: Option<&'a str>,
    name: &'a str,
    arguments: Value,
    arguments_valid: bool,
}

#[derive(Serialize)]
struct CostObject {
    usd: Option<String>,
    provenance: Option<&'static str>,
    price_date: Option<String>,
    at_least: bool,
}

#[derive(Serialize)]
struct AttemptObject<'a> {
    ordinal: u32,
    kind: &'a str,
    provider: &'a str,
    model_requested: &'a str,
    model_served: Option<&'a str>,
    state: &'static str,
    wait_ms: u64,
    ttft_ms: Option<u64>,
    total_ms: Option<u64>,
    request_id: Option<&'a str>,
    error: Option<ErrorObject<'a>>,
}

/// `type`, `code`, `message` and `detail` as the provider sent them; `explanation` is ours, where it sent no message.
#[derive(Serialize)]
struct ErrorObject<'a> {
    category: &'static str,
    status: Option<u16>,
    #[serde(rename = "type")]
    kind: Option<&'a str>,
    code: Option<&'a Value>,
    message: Option<&'a str>,
    param: Option<&'a str>,
    retry_after_ms: Option<u64>,
    request_id: Option<&'a str>,
    detail: Option<&'a str>,
    explanation: Option<&'a str>,
}

impl<'a> RunObject<'a> {
    /// `notices`: what was said of the question before any lane was asked.
    pub(in crate::commands) fn of(record: &'a AnswerRecord, notices: &'a [String]) -> Self {
        let run = &record.run;
        let said = notices.iter().map(String::as_str);
        let finish_reason =
            run.finish_reason.as_deref().map(|word| FinishReason::of(word, !run.tool_calls.is_empty()));
        Self {
            kind: "run",
            target: &run.target,
            provider: run.provider.as_deref(),
            model_requested: run.model_requested.as_deref(),
            model_served: run.model_served.as_deref(),
            state: run.state.as_str(),
            text: &run.text,
            reasoning_text: &run.reasoning,
            refusal_text: &run.refusal,
            tool_calls: run.tool_calls.iter().map(call).collect(),
            finish_reason,
            finish_reason_raw: run.finish_reason.as_deref(),
            usage: run.usage,
            usage_raw: run.usage_raw.as_ref(),
            cost: cost(record),
            simulated: run.simulated,
            source: &run.source,
            saved_usd: run.saved.map(|saved| saved.to_string()),
            route: run.route.as_ref(),
            segments: &run.segments,
            ttft_ms: run.ttft_ms,
            total_ms: run.total_ms,
            attempts: record.attempts.iter().map(attempt).collect(),
            error: run.error.as_ref().map(error),
            notices: said.chain(run.notices.iter().map(|notice| notice.text.as_str())).collect(),
        }
    }
}

fn cost(record: &AnswerRecord) -> CostObject {
    let cost = record.run.cost.as_ref();
    CostObject {
        usd: cost.and_then(|cost| cost.usd_exact.clone().or_else(|| cost.usd.map(|usd| usd.to_string()))),
        provenance: cost.and_then(|cost| cost.provenance).map(roundtable_domain::Provenance::as_str),
        price_date: cost.and_then(|cost| cost.price_date.clone()),
        at_least: cost.is_some_and(|cost| cost.at_least),
    }
}

fn call(call: &ToolCall) -> CallObject<'_> {
    let parsed = call.parsed_arguments();
    CallObject {
        id: call.id.as_deref(),
        name: &call.name,
        arguments_valid: parsed.is_some(),
        arguments: parsed.unwrap_or_else(|| Value::String(call.arguments.clone())),
    }
}

fn attempt(attempt: &Attempt) -> AttemptObject<'_> {
    AttemptObject {
        ordinal: attempt.ordinal,
        kind: &attempt.kind,
        provider: &attempt.provider,
        model_requested: &attempt.model_requested,
        model_served: attempt.model_served.as_deref(),
        state: attempt.state.as_str(),
        wait_ms: attempt.wait_ms,
        ttft_ms: attempt.ttft_ms,
        total_ms: attempt.total_ms,
        request_id: attempt.request_id.as_deref(),
        error: attempt.error.as_ref().map(error),
    }
}

fn error(error: &ProviderError) -> ErrorObject<'_> {
    ErrorObject {
        category: error.category.as_str(),
        status: error.status,
        kind: error.kind.as_deref(),
        code: error.code.as_ref(),
        message: error.provider_message(),
        param: error.param.as_deref(),
        retry_after_ms: error.retry_after_ms,
        request_id: error.request_id.as_deref(),
        detail: error.detail.as_deref(),
        explanation: error.message_is_ours.then_some(error.message.as_str()),
    }
}
