//! What is told of a budget: its id and numbers.

use roundtable_domain::PicoUsd;
use roundtable_telemetry::BudgetFacts;

use crate::view::BudgetView;

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
