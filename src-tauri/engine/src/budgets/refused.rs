//! What the books say when they refuse by themselves, in the shape of every other refusal.

use roundtable_domain::PicoUsd;
use roundtable_store::{OverBudget, Shortfall};

use crate::view::{BudgetStop, OnLimit, TightBudget};

/// Nothing but the budgets is known here: what is refused is no lane of a prompt.
impl From<&OverBudget> for BudgetStop {
    fn from(over: &OverBudget) -> Self {
        Self {
            budgets: over.budgets.iter().map(tight).collect(),
            lanes: Vec::new(),
            lanes_that_fit: Vec::new(),
            cap_that_fits: None,
            cheaper_fits: false,
        }
    }
}

fn tight(short: &Shortfall) -> TightBudget {
    let usd = |amount: PicoUsd| amount.to_string();
    TightBudget {
        id: short.budget_id,
        name: short.name.clone(),
        on_limit: OnLimit::from(short.on_limit),
        limit_usd: usd(short.limit),
        spent_usd: usd(short.settled),
        reserved_usd: usd(short.reserved),
        needed_usd: usd(short.needed),
        missing_usd: usd(short.missing()),
        period_end: short.ends_at,
        unpriced_lanes: Vec::new(),
    }
}
