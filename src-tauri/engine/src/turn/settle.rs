//! What an attempt is booked at. Pure.

use roundtable_domain::{Answer, AnswerEnd, Cost, PicoUsd, TokenUsage, ToolCall, UnixMs};
use roundtable_ledger::{
    CostFlags, CostQuery, PriceList, PriceSource, compute_cost, estimate_cost, hold_estimate, settle_cut,
};
use roundtable_store::{Attempt, Run};

use super::call::Attempted;
use super::plan::price_of;
use super::segments::latest_part;
use crate::directory::Setup;
use crate::tokens::Counting;

/// What goes into the books for one attempt.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Booking {
    /// As reported, else as counted here.
    pub(crate) usage: TokenUsage,
    pub(crate) cost: Cost,
    pub(crate) price: Option<PriceList>,
}

/// What was known of a call before it was sent.
pub(crate) struct Expected<'a> {
    /// Tokens of its prompt.
    pub(crate) prompt_tokens: u64,
    /// The longest answer that was asked for, in tokens; `None`: nobody said.
    pub(crate) most_output: Option<u64>,
    /// What was set aside for it: an estimate is never more.
    pub(crate) reserved: Option<PicoUsd>,
    /// How its model counts.
    pub(crate) counting: Counting<'a>,
}

/// The booking of an attempt, or `None` when nothing is charged: it was refused, or never reached the provider.
///
/// A complete answer is booked at what the provider reported. A cut or cancelled one at the larger of that and the input
/// plus the output counted here, marked as estimated (DESIGN, invariants of money); one of which nothing came, at its prompt. What is
/// counted here is held to what was set aside, what was reported is not. `at` is when the request was made: some prices
/// depend on the hour.
pub(crate) fn book(
    setup: &Setup,
    model: &str,
    attempt: &Attempted,
    expected: &Expected<'_>,
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
    let counted = || expected.counted(answer);
    let estimate = |usage| hold_estimate(estimated(price, usage, at), expected.reserved);
    match reported {
        Some(cost) if attempt.end == AnswerEnd::Complete => {
            Some(Booking { usage: answer.usage.unwrap_or_default(), cost, price: price.cloned() })
        }
        Some(cost) => {
            let usage = larger(answer.usage.unwrap_or_default(), counted());
            Some(Booking { usage, cost: settle_cut(cost, estimate(usage)), price: price.cloned() })
        }
        None => {
            let usage = counted();
            Some(Booking { usage, cost: estimate(usage), price: price.cloned() })
        }
    }
}

/// A provider that had the whole request and refused nothing, that began to answer, or that reported usage, charges for it.
fn is_charged(attempt: &Attempted) -> bool {
    let answer = &attempt.answer;
    answer.usage_raw.is_some() || answer.has_content() || attempt.may_be_charged
}

impl Expected<'_> {
    fn counted(&self, answer: &Answer) -> TokenUsage {
        let texts = [answer.text.as_str(), &answer.refusal];
        self.usage(&texts, &answer.reasoning, &answer.tool_calls)
    }

    /// The prompt, and what was written here as its model counts, up to what it was allowed to write.
    fn usage(&self, texts: &[&str], reasoning: &str, calls: &[ToolCall]) -> TokenUsage {
        let count = |text: &str| self.counting.text(text);
        let most = self.most_output.unwrap_or(u64::MAX);
        let reasoning = count(reasoning);
        let called = calls.iter().map(|call| count(&call.name) + count(&call.arguments));
        let written = texts.iter().map(|text| count(text)).chain(called).sum::<u64>() + reasoning;
        TokenUsage {
            input: Some(self.prompt_tokens),
            output: Some(written.min(most)),
            cached_input: None,
            cache_write: None,
            reasoning: (reasoning > 0).then_some(reasoning.min(most)),
        }
    }
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

/// What the call under way when a process died is estimated to have cost: its prompt as it was counted, and what was saved of its answer.
pub(crate) fn estimate_interrupted(
    setup: &Setup,
    run: &Run,
    attempt: &Attempt,
    expected: &Expected<'_>,
) -> Booking {
    // The price belongs to the time of the request, not to that of its recovery.
    let at = attempt.started_at;
    let price = price_of(setup, &attempt.model_requested, run.model_served.as_deref());
    let (text, reasoning) = latest_part(run);
    let usage = larger(run.usage, expected.usage(&[text, &run.refusal], reasoning, &run.tool_calls));
    let cost = hold_estimate(estimated(price, usage, at), expected.reserved);
    Booking { usage, cost, price: price.cloned() }
}
