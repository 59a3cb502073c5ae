//! What is said where a budget is in the way: which, its numbers, and what to do.

use roundtable_domain::PicoUsd;
use roundtable_ledger::format_usd;
use roundtable_store::OverBudget;

use crate::view::{BudgetStop, TightBudget};

/// Why a prompt was not sent, in a few sentences.
pub(crate) fn in_words(stop: &BudgetStop) -> String {
    let budgets: Vec<String> = stop.budgets.iter().map(tight).collect();
    let mut ways = Vec::new();
    if !stop.lanes_that_fit.is_empty() && stop.lanes_that_fit.len() < stop.lanes.len() {
        ways.push(format!("ask {} of the {} models", stop.lanes_that_fit.len(), stop.lanes.len()));
    }
    if let Some(cap) = stop.cap_that_fits {
        ways.push(format!("limit the answers to {cap} tokens"));
    }
    if stop.cheaper_fits {
        ways.push("use a cheaper model".to_owned());
    }
    ways.push("allow it once, or change the budget".to_owned());
    format!("{} Nothing was sent. What helps: {}.", budgets.join(" "), ways.join("; "))
}

/// Why a further call was not made, for the fault of a run.
pub(crate) fn not_called(over: &OverBudget) -> String {
    let said: Vec<String> = over
        .budgets
        .iter()
        .map(|short| {
            if short.missing() == PicoUsd::ZERO {
                unpriced(&short.name)
            } else {
                full(&short.name, short.left(), short.limit, short.needed)
            }
        })
        .collect();
    format!(
        "{} The call was not made. Shorten the answer, choose a cheaper model, or change the budget, then retry.",
        said.join(" ")
    )
}

fn tight(budget: &TightBudget) -> String {
    let usd = |text: &str| text.parse::<PicoUsd>().unwrap_or(PicoUsd::ZERO);
    let (limit, needed) = (usd(&budget.limit_usd), usd(&budget.needed_usd));
    if usd(&budget.missing_usd) == PicoUsd::ZERO {
        return unpriced(&budget.name);
    }
    let left =
        roundtable_ledger::budget::compute_left(limit, usd(&budget.spent_usd), usd(&budget.reserved_usd));
    full(&budget.name, left, limit, needed)
}

fn full(name: &str, left: PicoUsd, limit: PicoUsd, needed: PicoUsd) -> String {
    let usd = |amount| format_usd(Some(amount), None);
    format!(
        "The budget \u{201c}{name}\u{201d} has {} left of {}, and this may cost {}.",
        usd(left),
        usd(limit),
        usd(needed)
    )
}

fn unpriced(name: &str) -> String {
    format!(
        "The budget \u{201c}{name}\u{201d} wants to know what a call costs, and this model has no price; set one, or allow it."
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::OnLimit;

    #[test]
    fn the_words_hold_the_budget_its_numbers_and_what_helps() {
        let budget = TightBudget {
            id: roundtable_domain::BudgetId::from_uuid(uuid::Uuid::nil()),
            name: "Lunch".to_owned(),
            on_limit: OnLimit::Stop,
            limit_usd: "1".to_owned(),
            spent_usd: "0.95".to_owned(),
            reserved_usd: "0.01".to_owned(),
            needed_usd: "0.06".to_owned(),
            missing_usd: "0.02".to_owned(),
            period_end: None,
            unpriced_lanes: Vec::new(),
        };
        let mut stop = BudgetStop {
            budgets: vec![budget],
            lanes: Vec::new(),
            lanes_that_fit: Vec::new(),
            cap_that_fits: Some(700),
            cheaper_fits: true,
        };
        assert_eq!(
            in_words(&stop),
            "The budget “Lunch” has $0.040 left of $1.00, and this may cost $0.060. Nothing was sent. What helps: limit the answers \
             to 700 tokens; use a cheaper model; allow it once, or change the budget."
        );
        stop.budgets[0].missing_usd = "0".to_owned();
        assert!(in_words(&stop).contains("no price"));
    }
}
