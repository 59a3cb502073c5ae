//! What an attempt is booked at. Pure.

use roundtable_domain::{AnswerEnd, Cost, TokenUsage, ToolCall, UnixMs};
use roundtable_ledger::{
    CostFlags, CostQuery, PriceList, PriceSource, compute_cost, estimate_cost, settle_cut,
};
use roundtable_store::{Attempt, Run};

use super::call::Attempted;
use super::plan::price_of;
use super::segments::latest_part;
use crate::directory::Setup;
use crate::tokens;

/// What goes into the books for one attempt.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Booking {
    /// As reported, else as counted here.
    pub(crate) usage: TokenUsage,
    pub(crate) cost: Cost,
    pub(crate) price: Option<PriceList>,
}

/// The booking of an attempt, or `None` when nothing is charged: it was refused, or broke off before the provider began.
///
/// A complete answer is booked at what the provider reported. A cut or cancelled one at the larger of that and the input
/// plus the output counted here, marked as estimated (DESIGN, invariants of money). `at` is when the request was made: some prices
/// depend on the hour.
pub(crate) fn book(
    setup: &Setup,
    model: &str,
    attempt: &Attempted,
    prompt_tokens: u64,
    at: UnixMs,
) -> Option<Booking> {
    if !is_charged(attempt) {
        return None;
    }
    let answer = &attempt.answer;
    let served = answer.model_served.as_deref().unwrap_or(model);
    let price = price_of(setup, model, answer.model_served.as_deref());
    let flags = CostFlags { service_tier: answer.service_tier.clone(), ..CostFlags::default() };
    let reported = answer.usage_raw.as_ref().map(|raw| {
        compute_cost(&CostQuery {
            api: setup.api,
            provider: setup.dialect.id,
            model: served,
            usage_raw: Some(raw),
            price,
            flags: &flags,
            at,
            source: PriceSource { catalogue: &setup.catalogue, slug: &setup.id },
        })
    });
    let counted = || counted_usage(attempt, prompt_tokens);
    match reported {
        Some(cost) if attempt.end == AnswerEnd::Complete => {
            Some(Booking { usage: answer.usage.unwrap_or_default(), cost, price: price.cloned() })
        }
        Some(cost) => {
            let usage = larger(answer.usage.unwrap_or_default(), counted());
            Some(Booking {
                usage,
                cost: settle_cut(cost, estimated(price, usage, at)),
                price: price.cloned(),
            })
        }
        None => {
            let usage = counted();
            Some(Booking { usage, cost: estimated(price, usage, at), price: price.cloned() })
        }
    }
}

/// A provider that accepted the request and began to answer, or reported usage, charges for it.
fn is_charged(attempt: &Attempted) -> bool {
    let answer = &attempt.answer;
    answer.usage_raw.is_some()
        || answer.has_content()
        || (attempt.accepted && matches!(attempt.end, AnswerEnd::Complete | AnswerEnd::Cancelled))
}

fn counted_usage(attempt: &Attempted, prompt_tokens: u64) -> TokenUsage {
    let answer = &attempt.answer;
    let reasoning = tokens::estimate_text(&answer.reasoning);
    let output = tokens::estimate_text(&answer.text)
        + tokens::estimate_text(&answer.refusal)
        + reasoning
        + tokens_of_calls(&answer.tool_calls);
    TokenUsage {
        input: Some(prompt_tokens),
        output: Some(output),
        cached_input: None,
        cache_write: None,
        reasoning: (reasoning > 0).then_some(reasoning),
    }
}

fn tokens_of_calls(calls: &[ToolCall]) -> u64 {
    calls.iter().map(|call| tokens::estimate_text(&call.name) + tokens::estimate_text(&call.arguments)).sum()
}

fn larger(reported: TokenUsage, counted: TokenUsage) -> TokenUsage {
    TokenUsage {
        input: reported.input.or(counted.input),
        output: reported.output.max(counted.output),
        reasoning: reported.reasoning.max(counted.reasoning),
        ..reported
    }
}

fn estimated(price: Option<&PriceList>, usage: TokenUsage, at: UnixMs) -> Cost {
    match price {
        Some(price) => estimate_cost(price, usage.input.unwrap_or(0), usage.output.unwrap_or(0), at),
        None => Cost::unknown(),
    }
}

/// What the call under way when a process died is estimated to have cost: its prompt and what was saved of its answer.
pub(crate) fn estimate_interrupted(
    setup: &Setup,
    run: &Run,
    attempt: &Attempt,
    prompt_tokens: u64,
) -> Booking {
    // The price belongs to the time of the request, not to that of its recovery.
    let at = attempt.started_at;
    let price = price_of(setup, &attempt.model_requested, run.model_served.as_deref());
    let (text, reasoning) = latest_part(run);
    // What it went on from was sent along.
    let before = run.text.get(..run.text.len().saturating_sub(text.len())).unwrap_or_default();
    let prompt_tokens = prompt_tokens.saturating_add(tokens::estimate_text(before));
    let counted = TokenUsage {
        input: Some(prompt_tokens),
        output: Some(
            tokens::estimate_text(text)
                + tokens::estimate_text(reasoning)
                + tokens::estimate_text(&run.refusal)
                + tokens_of_calls(&run.tool_calls),
        ),
        ..TokenUsage::default()
    };
    let usage = larger(run.usage, counted);
    Booking { usage, cost: estimated(price, usage, at), price: price.cloned() }
}
