//! One budget per request: attempts, time and money, whatever is nested inside whatever.
//!
//! A pool of groups of echelons of models with several keys each is one plan with one budget, so the loops cannot multiply.
//! Going on to a key that was not yet tried in this request is not charged as an attempt: the number of keys bounds it.

use roundtable_domain::PicoUsd;
use serde::{Deserialize, Serialize};

/// How much one request may try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BudgetLimits {
    /// Attempts in all, the first included; at least 1.
    pub max_attempts: u32,
    /// All attempts and waits together, in milliseconds from the start.
    pub total_ms: u64,
    /// The longest single wait worth waiting, in milliseconds.
    pub longest_wait_ms: u64,
    /// What all attempts together may cost; `None` leaves it to the budgets in the books.
    pub money: Option<PicoUsd>,
    /// Whether a model without a price may be asked although `money` is limited. What it costs is not known then, which is
    /// not the same as nothing.
    pub allow_unpriced: bool,
}

impl Default for BudgetLimits {
    fn default() -> Self {
        Self {
            max_attempts: 3,
            total_ms: 600_000,
            longest_wait_ms: 20_000,
            money: None,
            allow_unpriced: false,
        }
    }
}

/// Why nothing more is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spent {
    /// All attempts are used.
    Attempts,
    /// The time is used up.
    Time,
    /// The next call could cost more than is left.
    Money,
    /// The next call's cost is not known, and the money is limited.
    Unpriced,
}

/// What one request has used of its limits.
#[derive(Clone, Debug)]
pub struct Budget {
    limits: BudgetLimits,
    started_ms: u64,
    attempts: u32,
    spent: PicoUsd,
    /// Set aside for the call under way.
    reserved: PicoUsd,
}

impl Budget {
    /// A budget that begins now.
    pub fn new(limits: BudgetLimits, now_ms: u64) -> Self {
        let (spent, reserved) = (PicoUsd::ZERO, PicoUsd::ZERO);
        Self { limits, started_ms: now_ms, attempts: 0, spent, reserved }
    }

    /// Its limits.
    pub fn limits(&self) -> &BudgetLimits {
        &self.limits
    }

    /// When its time is used up, in milliseconds of the clock.
    pub fn deadline_ms(&self) -> u64 {
        self.started_ms.saturating_add(self.limits.total_ms)
    }

    /// Attempts not yet used.
    pub fn attempts_left(&self) -> u32 {
        self.limits.max_attempts.max(1).saturating_sub(self.attempts)
    }

    /// What the calls so far have cost: what was stated, else what they were estimated at.
    pub fn spent(&self) -> PicoUsd {
        self.spent
    }

    /// Whether a call can be made now. `charged`: it counts as an attempt.
    pub fn check(&self, charged: bool, estimate: Option<PicoUsd>, now_ms: u64) -> Result<(), Spent> {
        if charged && self.attempts_left() == 0 {
            return Err(Spent::Attempts);
        }
        if now_ms >= self.deadline_ms() {
            return Err(Spent::Time);
        }
        let Some(limit) = self.limits.money else { return Ok(()) };
        match estimate {
            None if self.limits.allow_unpriced => Ok(()),
            None => Err(Spent::Unpriced),
            Some(estimate) => {
                let after = add(add(self.spent, self.reserved), estimate);
                if after <= limit { Ok(()) } else { Err(Spent::Money) }
            }
        }
    }

    /// A call begins.
    pub(super) fn begin(&mut self, charged: bool, estimate: Option<PicoUsd>) {
        self.attempts = self.attempts.saturating_add(u32::from(charged));
        self.reserved = add(self.reserved, estimate.unwrap_or(PicoUsd::ZERO));
    }

    /// A call has ended. A cost nobody stated counts as estimated: unknown is not nothing.
    pub(super) fn settle(&mut self, estimate: Option<PicoUsd>, cost: Option<PicoUsd>) {
        self.release(estimate);
        self.spent = add(self.spent, cost.or(estimate).unwrap_or(PicoUsd::ZERO));
    }

    /// A call was not made after all.
    pub(super) fn undo(&mut self, charged: bool, estimate: Option<PicoUsd>) {
        self.attempts = self.attempts.saturating_sub(u32::from(charged));
        self.release(estimate);
    }

    fn release(&mut self, estimate: Option<PicoUsd>) {
        let reserved = self.reserved.checked_sub(estimate.unwrap_or(PicoUsd::ZERO));
        self.reserved = reserved.unwrap_or(PicoUsd::ZERO).max(PicoUsd::ZERO);
    }
}

/// The sum; more than the books can hold is as much as they can.
fn add(one: PicoUsd, other: PicoUsd) -> PicoUsd {
    one.checked_add(other).unwrap_or(PicoUsd::from_pico(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CENT: PicoUsd = PicoUsd::from_pico(10_000_000_000);

    #[test]
    fn attempts_time_and_money_each_end_it() {
        let limits =
            BudgetLimits { max_attempts: 2, total_ms: 1_000, money: Some(CENT), ..BudgetLimits::default() };
        let mut budget = Budget::new(limits, 500);
        assert_eq!(budget.check(true, Some(CENT), 500), Ok(()));
        budget.begin(true, Some(CENT));
        assert_eq!(
            budget.check(true, Some(PicoUsd::from_pico(1)), 600),
            Err(Spent::Money),
            "reserved counts"
        );
        budget.settle(Some(CENT), Some(PicoUsd::ZERO));
        assert_eq!(budget.check(true, Some(CENT), 600), Ok(()), "it cost nothing in the end");
        assert_eq!(budget.check(true, None, 600), Err(Spent::Unpriced));
        budget.begin(true, Some(CENT));
        assert_eq!(budget.check(true, None, 600), Err(Spent::Attempts));
        assert_eq!(budget.check(false, Some(PicoUsd::ZERO), 1_500), Err(Spent::Time));
        budget.settle(Some(CENT), None);
        assert_eq!(budget.spent(), CENT, "a cost nobody stated counts as estimated");
    }

    #[test]
    fn a_call_that_was_not_made_leaves_no_trace() {
        let mut budget = Budget::new(BudgetLimits { money: Some(CENT), ..BudgetLimits::default() }, 0);
        budget.begin(true, Some(CENT));
        budget.undo(true, Some(CENT));
        assert_eq!((budget.attempts_left(), budget.check(true, Some(CENT), 0)), (3, Ok(())));
    }
}
