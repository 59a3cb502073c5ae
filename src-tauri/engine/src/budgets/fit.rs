//! What fits into which budgets. Pure; the database decides the same once more, in the transaction that sets the money aside.

use roundtable_domain::budget::SpendFacts;
use roundtable_domain::{BudgetId, PicoUsd};
use roundtable_store::BudgetRow;

use crate::view::{MoneyChoice, OnLimit, TightBudget, TightestBudget};

/// A call to be, as far as budgets look at it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask<'a> {
    /// What its money is for.
    pub(crate) facts: SpendFacts<'a>,
    /// Invented money.
    pub(crate) simulated: bool,
    /// The most it can cost; `None`: unpriced.
    pub(crate) worst: Option<PicoUsd>,
}

/// A budget and what calls ask of it.
#[derive(Clone, Debug)]
pub(crate) struct Demand<'b> {
    pub(crate) row: &'b BudgetRow,
    /// The calls it counts, by place among them.
    pub(crate) counted: Vec<usize>,
    /// Those among them without a price that it does not allow.
    pub(crate) unpriced: Vec<usize>,
    /// What they need together.
    pub(crate) needed: PicoUsd,
}

/// Whether a budget counts a call.
pub(crate) fn counts(row: &BudgetRow, ask: &Ask<'_>) -> bool {
    row.budget.simulated == ask.simulated && row.budget.scope.counts(&ask.facts)
}

/// Every budget in force that counts some of these calls.
pub(crate) fn demands<'b>(rows: &'b [BudgetRow], asks: &[Ask<'_>]) -> Vec<Demand<'b>> {
    let in_force = rows.iter().filter(|row| !row.budget.paused);
    let demand = |row: &'b BudgetRow| {
        let counted: Vec<usize> =
            asks.iter().enumerate().filter(|(_, ask)| counts(row, ask)).map(|(index, _)| index).collect();
        let of = |index: &usize| asks.get(*index);
        let needed = counted.iter().filter_map(of).filter_map(|ask| ask.worst);
        let needed = needed
            .fold(PicoUsd::ZERO, |sum, worst| sum.checked_add(worst).unwrap_or(PicoUsd::from_pico(i64::MAX)));
        let is_refused = |index: &usize| {
            of(index).is_some_and(|ask| {
                let name = format!("{}/{}", ask.facts.provider, ask.facts.model);
                ask.worst.is_none() && !row.budget.unpriced_allowed.contains(&name)
            })
        };
        let unpriced = counted.iter().copied().filter(is_refused).collect();
        (!counted.is_empty()).then_some(Demand { row, counted, unpriced, needed })
    };
    in_force.filter_map(demand).collect()
}

/// The budgets that would refuse these calls, the one that misses most first.
pub(crate) fn refusals<'b>(rows: &'b [BudgetRow], asks: &[Ask<'_>], choice: &MoneyChoice) -> Vec<Demand<'b>> {
    let mut refused: Vec<Demand<'b>> =
        demands(rows, asks).into_iter().filter(|demand| demand.is_refused(choice)).collect();
    refused.sort_by_key(|demand| std::cmp::Reverse(demand.missing()));
    refused
}

/// Whether these calls would be let through.
pub(crate) fn fits(rows: &[BudgetRow], asks: &[Ask<'_>], choice: &MoneyChoice) -> bool {
    demands(rows, asks).iter().all(|demand| !demand.is_refused(choice))
}

/// The budget with the least room for these calls: the one that misses most, else one that wants to know a price, else the one that
/// has least left after them.
pub(crate) fn tightest(rows: &[BudgetRow], asks: &[Ask<'_>]) -> Option<TightestBudget> {
    let after = |demand: &Demand<'_>| i128::from(demand.left().as_pico()) - demand.asked();
    let rank = |demand: &Demand<'_>| (demand.fits(), after(demand), demand.left());
    let tightest = demands(rows, asks).into_iter().min_by_key(rank)?;
    let budget = &tightest.row.budget;
    Some(TightestBudget {
        id: budget.id,
        name: budget.name.clone(),
        on_limit: OnLimit::from(budget.on_limit),
        limit_usd: budget.limit.to_string(),
        left_usd: tightest.left().to_string(),
        fits: tightest.fits(),
        simulated: budget.simulated,
    })
}

impl Demand<'_> {
    fn is_refused(&self, choice: &MoneyChoice) -> bool {
        let exceeds = self.missing() > PicoUsd::ZERO && !choice.override_budgets.contains(&self.id());
        let unpriced = !self.unpriced.is_empty() && !choice.allow_unpriced;
        self.row.budget.on_limit.refuses() && (exceeds || unpriced)
    }

    /// Whether there is room for these calls, and nothing that would have to be let through.
    fn fits(&self) -> bool {
        let priced = self.unpriced.is_empty() || !self.row.budget.on_limit.refuses();
        self.missing() == PicoUsd::ZERO && priced
    }

    pub(crate) fn id(&self) -> BudgetId {
        self.row.budget.id
    }

    /// What is left before these calls.
    fn left(&self) -> PicoUsd {
        self.row.left()
    }

    fn asked(&self) -> i128 {
        i128::from(self.needed.as_pico())
    }

    /// How much is missing; zero where it fits. A call that costs nothing is not kept from a budget that is spent.
    pub(crate) fn missing(&self) -> PicoUsd {
        if self.needed == PicoUsd::ZERO {
            return PicoUsd::ZERO;
        }
        let missing = (self.row.used() + self.asked() - i128::from(self.row.budget.limit.as_pico())).max(0);
        PicoUsd::from_pico_i128(missing).unwrap_or(PicoUsd::from_pico(i64::MAX))
    }

    /// The same for people. `lane`: the lane of a call.
    pub(crate) fn view(&self, lane: impl Fn(usize) -> Option<roundtable_domain::LaneId>) -> TightBudget {
        let row = self.row;
        TightBudget {
            id: row.budget.id,
            name: row.budget.name.clone(),
            on_limit: OnLimit::from(row.budget.on_limit),
            limit_usd: row.budget.limit.to_string(),
            spent_usd: row.settled.to_string(),
            reserved_usd: row.reserved.to_string(),
            needed_usd: self.needed.to_string(),
            missing_usd: self.missing().to_string(),
            period_end: super::draft::shown_end(row),
            unpriced_lanes: self.unpriced.iter().filter_map(|index| lane(*index)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use roundtable_domain::budget::{OnLimit as Limit, Scope};

    use super::super::samples::{budget, usd};
    use super::*;

    fn ask<'a>(provider: &'a str, worst: Option<&str>) -> Ask<'a> {
        let facts = SpendFacts { provider, model: "m", source: "chat", ..SpendFacts::default() };
        Ask { facts, simulated: false, worst: worst.map(usd) }
    }

    #[test]
    fn what_is_spent_set_aside_and_asked_has_to_fit_together() {
        let rows = [budget("all", Scope::Everything, "1", ("0.5", "0.2"))];
        let none = MoneyChoice::default();
        assert!(fits(&rows, &[ask("a", Some("0.1")), ask("b", Some("0.2"))], &none));
        let asks = [ask("a", Some("0.1")), ask("b", Some("0.200000000001"))];
        let refused = refusals(&rows, &asks, &none);
        assert_eq!(refused[0].missing().to_string(), "0.000000000001");
        let overridden = MoneyChoice { override_budgets: vec![rows[0].budget.id], ..MoneyChoice::default() };
        assert!(fits(&rows, &asks, &overridden));
    }

    #[test]
    fn budgets_that_warn_or_pause_refuse_nothing_and_a_scope_counts_its_own() {
        let mut warns = budget("warn", Scope::Everything, "1", ("9", "0"));
        warns.budget.on_limit = Limit::Warn;
        let mut pauses = budget("pause", Scope::Everything, "1", ("9", "0"));
        pauses.budget.paused = true;
        let other = budget("other", Scope::Provider("b".to_owned()), "1", ("9", "0"));
        let rows = [warns, pauses, other];
        assert!(fits(&rows, &[ask("a", Some("5"))], &MoneyChoice::default()));
        assert!(!fits(&rows, &[ask("b", Some("5"))], &MoneyChoice::default()));
        let invented = Ask { simulated: true, ..ask("b", Some("5")) };
        assert!(fits(&rows, &[invented], &MoneyChoice::default()), "invented money is another world");
    }

    #[test]
    fn a_model_without_a_price_needs_consent_and_one_that_costs_nothing_needs_no_room() {
        let rows = [budget("all", Scope::Everything, "1", ("2", "0"))];
        assert!(fits(&rows, &[ask("a", Some("0"))], &MoneyChoice::default()));
        let unpriced = [ask("a", None)];
        assert!(!fits(&rows, &unpriced, &MoneyChoice::default()));
        assert!(fits(&rows, &unpriced, &MoneyChoice { allow_unpriced: true, ..MoneyChoice::default() }));
        let mut allows = rows.clone();
        allows[0].budget.unpriced_allowed = vec!["a/m".to_owned()];
        assert!(fits(&allows, &unpriced, &MoneyChoice::default()));
    }

    #[test]
    fn the_tightest_is_the_one_that_has_least_left_afterwards() {
        let rows = [
            budget("roomy", Scope::Everything, "10", ("1", "0")),
            budget("small", Scope::Provider("a".to_owned()), "2", ("1", "0.5")),
            budget("elsewhere", Scope::Provider("z".to_owned()), "0.1", ("0", "0")),
        ];
        let tight = tightest(&rows, &[ask("a", Some("0.3"))]).unwrap();
        assert_eq!((tight.name.as_str(), tight.left_usd.as_str(), tight.fits), ("small", "0.5", true));
        assert!(!tightest(&rows, &[ask("a", Some("0.6"))]).unwrap().fits);
        assert_eq!(tightest(&rows[2..], &[ask("a", Some("0.6"))]).map(|tight| tight.name), None);
    }

    #[test]
    fn a_lane_without_a_price_does_not_fit_where_a_price_is_wanted() {
        let mut warns = budget("warns", Scope::Everything, "2", ("1.99", "0"));
        warns.budget.on_limit = Limit::Warn;
        let stops = budget("stops", Scope::Everything, "10", ("0", "0"));
        let asks = [ask("a", None), ask("b", Some("0.001"))];
        let alone = tightest(std::slice::from_ref(&warns), &asks).unwrap();
        assert!(alone.fits, "one that warns wants no price");
        let tight = tightest(&[warns, stops], &asks).unwrap();
        assert_eq!((tight.name.as_str(), tight.fits), ("stops", false), "what refuses is the tightest");
    }
}
