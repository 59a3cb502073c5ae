//! What is told of a call or a budget: names and numbers.

use roundtable_domain::PicoUsd;
use roundtable_store::{Call, CallSource};
use roundtable_telemetry::{BudgetFacts, CallFacts, Operation};

use crate::view::BudgetView;

/// Of an answer.
pub(super) fn of_answer(call: &Call) -> CallFacts {
    CallFacts {
        operation: Operation::Chat,
        provider: call.provider.clone(),
        model: call.model.clone(),
        model_served: call.model_served.clone(),
        came_from: match call.source {
            CallSource::Model => "model",
            CallSource::Cache => "cache",
            CallSource::Shared => "shared",
        }
        .to_owned(),
        kind: call.kind.clone(),
        state: call.state,
        category: call.category,
        ended_at: call.at,
        ttft_ms: call.ttft_ms,
        total_ms: call.total_ms,
        input_tokens: call.input_tokens,
        output_tokens: call.output_tokens,
        cost: call.cost,
        simulated: call.simulated,
    }
}

/// Of a budget; `None` where an amount is no number, which does not happen.
pub(super) fn of_budget(view: &BudgetView) -> Option<BudgetFacts> {
    let pico = |usd: &str| usd.parse::<PicoUsd>().ok().map(PicoUsd::as_pico);
    Some(BudgetFacts {
        id: view.id.to_string(),
        limit_pico: pico(&view.draft.limit_usd)?,
        spent_pico: pico(&view.spent_usd)?,
        reserved_pico: pico(&view.reserved_usd)?,
        simulated: view.draft.simulated,
    })
}
