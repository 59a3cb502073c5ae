//! Money that is spent without any budget.

use super::super::sayings::said;
use super::{Advice, DOLLAR, Says, dollars};
use crate::view::{Priority, RecommendationKind};

/// Less in 30 days needs no budget; from the second on it is worth one soon.
const WORTH_A_BUDGET: i128 = 2 * DOLLAR;
const MUCH: i128 = 20 * DOLLAR;

/// Fewer calls are a try.
const FEWEST_CALLS: u64 = 20;

/// What was spent.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct BudgetFacts {
    /// There is a budget that is not paused.
    pub(in super::super) any: bool,
    pub(in super::super) calls: u64,
    pub(in super::super) days: u32,
    /// In pico-dollars: of the window, and in 30 days.
    pub(in super::super) cost: i128,
    pub(in super::super) monthly: i128,
}

/// Set a budget. How much is a person's to say; a monthly limit half as much again as what is spent is a beginning.
pub(in super::super) fn advise(facts: &BudgetFacts) -> Option<Advice> {
    if facts.any || facts.calls < FEWEST_CALLS || facts.monthly < WORTH_A_BUDGET {
        return None;
    }
    let limit = limit(facts.monthly).to_string();
    let (usd, days) = (dollars(facts.cost)?, facts.days.to_string());
    let advice = Says {
        kind: RecommendationKind::SetBudget,
        about: "everything".to_owned(),
        subject: String::new(),
        priority: if facts.monthly >= MUCH { Priority::Medium } else { Priority::Low },
        title: said(
            "advice_budget",
            &[("limit_usd", &limit)],
            format!("Set a budget, for instance ${limit} a month"),
        ),
        evidence: vec![said(
            "advice_budget_spent",
            &[("usd", &usd), ("days", &days)],
            format!("${usd} was spent in {days} days, and no budget holds."),
        )],
        effect: said(
            "advice_budget_effect",
            &[],
            "A mistake, a loop or a stolen key cannot spend more than it allows.",
        ),
        saves: None,
    };
    Some(advice.with(None, false))
}

/// Half as much again, in dollars people would write: fives, from a hundred on fifties.
fn limit(monthly: i128) -> i128 {
    let dollars = (monthly * 3 / 2 + DOLLAR - 1) / DOLLAR;
    let step = if dollars <= 100 { 5 } else { 50 };
    (dollars + step - 1) / step * step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_spends_without_a_budget_is_told_how_much() {
        let told = |any, calls, dollars: i128| {
            let monthly = dollars * DOLLAR;
            advise(&BudgetFacts { any, calls, days: 30, cost: monthly, monthly })
                .map(|advice| advice.shown.title.text)
        };
        assert_eq!(told(true, 100, 50), None);
        assert_eq!(told(false, 19, 50), None, "too few calls");
        assert_eq!(told(false, 100, 1), None, "a dollar a month");
        assert_eq!(told(false, 100, 7).as_deref(), Some("Set a budget, for instance $15 a month"));
        assert_eq!(told(false, 100, 100).as_deref(), Some("Set a budget, for instance $150 a month"));
    }
}
