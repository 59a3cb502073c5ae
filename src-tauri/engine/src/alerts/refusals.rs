//! Budgets that refuse calls. Admission keeps what is spent and set aside within the limit, so that calls are refused a little below it
//! and what is spent hardly ever reaches it: the refusal is what there is to tell, in place of the step of 100 %.

use roundtable_domain::{BudgetId, PicoUsd};
use roundtable_store::{BudgetRow, NewAlert, OnlyIf, OverBudget, ReachedStep, Shortfall};

use super::steps::FULL_PERCENT;
use super::{Draft, log, sayings};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{AlertKind, AlertLevel, BudgetStop, TightBudget};

/// A budget that was in the way, with what it had then.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InTheWay {
    id: BudgetId,
    limit: PicoUsd,
    spent: PicoUsd,
    needed: PicoUsd,
}

impl InTheWay {
    /// The budgets in the way of a prompt.
    pub(crate) fn of_prompt(stop: &BudgetStop) -> Vec<Self> {
        let usd = |text: &str| text.parse::<PicoUsd>().unwrap_or(PicoUsd::ZERO);
        let of = |tight: &TightBudget| Self {
            id: tight.id,
            limit: usd(&tight.limit_usd),
            spent: usd(&tight.spent_usd),
            needed: usd(&tight.needed_usd),
        };
        stop.budgets.iter().map(of).collect()
    }

    /// The budgets in the way of a call, by the books.
    pub(crate) fn of_call(over: &OverBudget) -> Vec<Self> {
        let of = |short: &Shortfall| Self {
            id: short.budget_id,
            limit: short.limit,
            spent: short.settled,
            needed: short.needed,
        };
        over.budgets.iter().map(of).collect()
    }

    /// Whether it is what was spent that is in the way: not other calls under way, which end, nor that it asks for more than there ever
    /// is, which the refusal itself says.
    fn is_spent(self) -> bool {
        let [limit, spent, needed] =
            [self.limit, self.spent, self.needed].map(|amount| i128::from(amount.as_pico()));
        needed > 0 && needed <= limit && spent + needed > limit
    }
}

impl Engine {
    /// Tells that budgets refuse calls, each once in its period. What fails here is in the log and nowhere else: the call is refused.
    pub(crate) async fn tell_of_refusals(&self, in_the_way: &[InTheWay]) {
        let spent: Vec<InTheWay> = in_the_way.iter().copied().filter(|one| one.is_spent()).collect();
        if !spent.is_empty() {
            log(self.raise_refusals(&spent).await, "nobody could be told that a budget refuses calls");
        }
    }

    async fn raise_refusals(&self, spent: &[InTheWay]) -> Result<(), EngineError> {
        let rows = self.inner.store.budgets().list().await?;
        let alert = |one: &InTheWay| {
            let row = rows.iter().find(|row| row.budget.id == one.id)?;
            Some(self.refusal_alert(row, *one))
        };
        let alerts: Vec<NewAlert> = spent.iter().filter_map(alert).collect();
        self.raise(&alerts).await
    }

    fn refusal_alert(&self, row: &BudgetRow, refusal: InTheWay) -> NewAlert {
        let (budget, window) = (&row.budget, &row.window);
        self.alert_of(Draft {
            key: super::steps::key(budget, FULL_PERCENT, window.starts_at),
            kind: AlertKind::BudgetStep,
            level: AlertLevel::Critical,
            at: self.inner.clock.now(),
            subject: budget.id.to_string(),
            title: sayings::budget_refuses(&budget.name),
            body: sayings::budget_refuses_body(refusal.spent, refusal.limit, refusal.needed, budget.on_limit),
            seen: false,
            simulated: budget.simulated,
            only_if: OnlyIf::Step(ReachedStep {
                budget_id: budget.id,
                percent: FULL_PERCENT,
                bucket: window.starts_at,
                counts_from: window.counts_from,
                over: false,
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_spent_is_told() {
        let is_spent = |limit: &str, spent: &str, needed: &str| {
            let usd = |text: &str| text.parse().unwrap();
            let id = BudgetId::from_uuid(uuid::Uuid::nil());
            InTheWay { id, limit: usd(limit), spent: usd(spent), needed: usd(needed) }.is_spent()
        };
        assert!(is_spent("1", "0.93", "0.08"));
        assert!(is_spent("1", "1.2", "0.0001"));
        assert!(!is_spent("1", "0.93", "0.07"), "others under way are in the way");
        assert!(!is_spent("1", "0", "5"), "it would never fit");
        assert!(!is_spent("1", "2", "0"), "a model without a price is");
    }
}
