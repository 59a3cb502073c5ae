//! From stored rows to what the window shows.

use roundtable_domain::{
    Cost, ErrorCategory, PicoUsd, ProviderError, RunState, TokenUsage, ToolCall, UnixMs,
};
use roundtable_store::{ConversationListing, FinishedRun, RunSnapshot, SpendTotals, StoreError};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::directory::Directory;
use crate::fault::fault_of;
use crate::view::{
    AnswerSource, Charged, ConversationSummary, CostView, FaultView, RunView, Spend, ToolCallView,
};

/// How a run ended, as far as the window shows it.
pub(crate) struct Ending {
    state: RunState,
    text: String,
    reasoning: String,
    refusal: String,
    tool_calls: Vec<ToolCall>,
    model_served: Option<String>,
    finish_reason: Option<String>,
    usage: TokenUsage,
    cost: Option<Cost>,
    error: Option<ProviderError>,
    ttft_ms: Option<u64>,
    total_ms: Option<u64>,
    finished_at: Option<UnixMs>,
    simulated: bool,
    provider: Option<String>,
    model_requested: Option<String>,
    source: String,
    saved: Option<PicoUsd>,
    segments: Value,
    offers: Value,
    route: Option<Value>,
}

impl Ending {
    pub(crate) fn of(run: FinishedRun, simulated: bool) -> Self {
        Self {
            state: run.state,
            text: run.text,
            reasoning: run.reasoning,
            refusal: run.refusal,
            tool_calls: run.tool_calls,
            model_served: run.model_served,
            finish_reason: run.finish_reason,
            usage: run.usage,
            cost: run.cost,
            error: run.error,
            ttft_ms: run.ttft_ms,
            total_ms: run.total_ms,
            finished_at: Some(run.finished_at),
            simulated,
            provider: run.provider,
            model_requested: run.model_requested,
            source: run.source,
            saved: run.saved,
            segments: run.segments,
            offers: run.offers,
            route: run.route,
        }
    }
}

/// Writes the end into a live view. `provider_name`: of the provider an error is about. `unsaved`: the end could not be written to the database.
pub(crate) fn finish_view(
    view: &mut RunView,
    ending: Ending,
    provider_name: &str,
    unsaved: Option<&StoreError>,
) {
    view.tokens_per_second = tokens_per_second(ending.usage, ending.ttft_ms, ending.total_ms);
    view.fault = match unsaved {
        Some(error) => Some(unsaved_fault(error, ending.cost.is_some())),
        None => fault(ending.error.as_ref(), ending.cost.as_ref(), provider_name),
    };
    view.state = ending.state;
    view.text = ending.text;
    view.reasoning = ending.reasoning;
    view.refusal = ending.refusal;
    view.tool_calls = ending.tool_calls.into_iter().map(tool_call_view).collect();
    view.model_served = ending.model_served;
    view.finish_reason = ending.finish_reason;
    view.usage = reported(ending.usage);
    view.cost = ending.cost.map(|cost| cost_view(cost, ending.simulated));
    view.ttft_ms = ending.ttft_ms;
    view.total_ms = ending.total_ms;
    view.finished_at = ending.finished_at;
    if let Some(provider) = ending.provider {
        view.provider = provider;
    }
    if let Some(model) = ending.model_requested {
        view.model_requested = model;
    }
    view.simulated = ending.simulated;
    view.source = source_view(&ending.source);
    view.saved_usd = ending.saved.map(|saved| saved.to_string());
    view.segments = as_written(ending.segments);
    view.offers = as_written(ending.offers);
    view.route = ending.route.and_then(|route| serde_json::from_value(route).ok());
    view.waiting = None;
}

/// A list of views as the engine wrote it down; one that a newer program wrote in another form is not shown.
fn as_written<T: DeserializeOwned>(value: Value) -> Vec<T> {
    serde_json::from_value(value).unwrap_or_default()
}

fn source_view(word: &str) -> AnswerSource {
    match word {
        "cache" => AnswerSource::Cache,
        "shared" => AnswerSource::Shared,
        "last_resort" => AnswerSource::LastResort,
        _ => AnswerSource::Model,
    }
}

/// A stored run.
pub(crate) fn run_view(snapshot: RunSnapshot, directory: &Directory) -> RunView {
    let RunSnapshot { run, versions, attempts } = snapshot;
    let provider = run.provider.clone().unwrap_or_default();
    let provider_name = directory.name_of(&provider);
    RunView {
        id: run.id,
        turn_id: run.turn_id,
        lane_id: run.lane_id,
        version: run.version,
        versions,
        target: run.target.clone(),
        state: run.state,
        tokens_per_second: tokens_per_second(run.usage, run.ttft_ms, run.total_ms),
        fault: fault(
            run.error.as_ref(),
            run.cost.as_ref(),
            &whose(run.error.as_ref(), directory, &provider_name),
        ),
        provider,
        provider_name,
        text: run.text,
        reasoning: run.reasoning,
        refusal: run.refusal,
        tool_calls: run.tool_calls.into_iter().map(tool_call_view).collect(),
        notices: run.notices,
        model_requested: run.model_requested.unwrap_or(run.target),
        model_served: run.model_served,
        simulated: run.simulated,
        finish_reason: run.finish_reason,
        usage: reported(run.usage),
        cost: run.cost.map(|cost| cost_view(cost, run.simulated)),
        ttft_ms: run.ttft_ms,
        total_ms: run.total_ms,
        started_at: run.started_at,
        finished_at: run.finished_at,
        attempts,
        picked: run.picked_at.is_some(),
        route: run.route.and_then(|route| serde_json::from_value(route).ok()),
        source: source_view(&run.source),
        segments: as_written(run.segments),
        offers: as_written(run.offers),
        waiting: None,
        saved_usd: run.saved.map(|saved| saved.to_string()),
    }
}

/// The name of the provider an error is about: with several asked it need not be the last.
fn whose(error: Option<&ProviderError>, directory: &Directory, last: &str) -> String {
    error
        .and_then(|error| directory.find(&error.provider))
        .map_or_else(|| last.to_owned(), |setup| setup.name)
}

fn tool_call_view(call: ToolCall) -> ToolCallView {
    ToolCallView { name: call.name, arguments: call.arguments }
}

fn fault(error: Option<&ProviderError>, cost: Option<&Cost>, provider_name: &str) -> Option<FaultView> {
    error.map(|error| fault_of(error, provider_name, charged(cost)))
}

fn charged(cost: Option<&Cost>) -> Charged {
    use roundtable_domain::Provenance::{Computed, Reported};
    match cost {
        None => Charged::No,
        Some(Cost { usd: Some(_), provenance: Some(Reported | Computed), .. }) => Charged::Yes,
        Some(_) => Charged::Possibly,
    }
}

fn unsaved_fault(error: &StoreError, charged: bool) -> FaultView {
    let message = format!(
        "The answer is complete here but could not be saved: {error}. Copy it before you close the window."
    );
    let error = ProviderError::local(ErrorCategory::Unavailable, "roundtable", message);
    fault_of(&error, "Roundtable", if charged { Charged::Yes } else { Charged::No })
}

fn reported(usage: TokenUsage) -> Option<TokenUsage> {
    (usage != TokenUsage::default()).then_some(usage)
}

fn cost_view(cost: Cost, simulated: bool) -> CostView {
    CostView {
        usd: cost.usd_exact.or_else(|| cost.usd.map(|usd| usd.to_string())),
        provenance: cost.provenance,
        price_date: cost.price_date,
        at_least: cost.at_least,
        simulated,
        lines: cost.lines,
    }
}

/// Answer tokens per second from the first semantic delta to the end; not told for answers too short to mean anything.
#[expect(clippy::cast_precision_loss, reason = "a speed for people; counts are far below 2^52")]
fn tokens_per_second(usage: TokenUsage, ttft_ms: Option<u64>, total_ms: Option<u64>) -> Option<f64> {
    let (tokens, streamed_ms) = (usage.output?, total_ms?.checked_sub(ttft_ms?)?);
    (tokens > 1 && streamed_ms >= 50).then(|| (tokens as f64) * 1_000.0 / (streamed_ms as f64))
}

/// A row of the conversation list.
pub(crate) fn summary(listing: &ConversationListing) -> ConversationSummary {
    let conversation = &listing.conversation;
    // Whom a route asks is found out when it is asked.
    let provider = |target: &String| Some(target.split_once('/')?.0.to_owned());
    ConversationSummary {
        id: conversation.id,
        title: conversation.title.clone(),
        created_at: conversation.created_at,
        updated_at: conversation.updated_at,
        pinned: conversation.pinned_at.is_some(),
        folder: conversation.folder.clone(),
        tags: conversation.tags.clone(),
        spend: spend(&listing.spend),
        running: listing.running,
        providers: listing.targets.iter().filter_map(provider).collect(),
    }
}

pub(crate) fn spend(totals: &SpendTotals) -> Spend {
    Spend {
        usd: totals.real.to_string(),
        simulated_usd: totals.simulated.to_string(),
        estimated: totals.estimated,
        at_least: totals.at_least,
        unpriced_calls: totals.unpriced_calls,
        calls: totals.calls,
        simulated_calls: totals.simulated_calls,
    }
}
