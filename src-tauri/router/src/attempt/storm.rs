//! The retries of all requests together: about one in five, so that a provider in trouble is not hit harder for it.
//!
//! Only going back to the *same* target is charged. Going on to another key or target sends each of them no more than one
//! call per request, however many fail; it is retrying in place that multiplies load.

/// What a retry costs, in thousandths.
const RETRY: u64 = 1_000;

/// How retries are rationed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryBudgetSettings {
    /// Retries earned by a request, in percent.
    pub percent: u32,
    /// Retries there are to begin with, and the most that quiet times bring back: a person who asks one question a minute
    /// is no storm.
    pub reserve: u32,
    /// How long a quiet time brings back one retry of the reserve, in milliseconds.
    pub regain_ms: u64,
    /// The most retries that can be saved up.
    pub most: u32,
}

impl Default for RetryBudgetSettings {
    fn default() -> Self {
        Self { percent: 20, reserve: 10, regain_ms: 6_000, most: 100 }
    }
}

/// The token bucket of retries.
#[derive(Clone, Debug)]
pub struct RetryBudget {
    settings: RetryBudgetSettings,
    /// In thousandths of a retry.
    balance: u64,
    regained_ms: u64,
}

impl RetryBudget {
    /// A full reserve.
    pub fn new(settings: RetryBudgetSettings) -> Self {
        Self { settings, balance: u64::from(settings.reserve) * RETRY, regained_ms: 0 }
    }

    /// A request has begun.
    pub fn deposit(&mut self) {
        let most = u64::from(self.settings.most.max(self.settings.reserve)) * RETRY;
        self.balance = (self.balance + u64::from(self.settings.percent) * RETRY / 100).min(most);
    }

    /// Takes one retry, if there is one.
    pub fn withdraw(&mut self, now_ms: u64) -> bool {
        self.regain(now_ms);
        let left = self.balance.checked_sub(RETRY);
        self.balance = left.unwrap_or(self.balance);
        left.is_some()
    }

    /// Whole retries left.
    pub fn left(&self) -> u64 {
        self.balance / RETRY
    }

    fn regain(&mut self, now_ms: u64) {
        let periods = now_ms.saturating_sub(self.regained_ms) / self.settings.regain_ms.max(1);
        self.regained_ms += periods * self.settings.regain_ms.max(1);
        let reserve = u64::from(self.settings.reserve) * RETRY;
        if self.balance < reserve {
            self.balance = self.balance.saturating_add(periods.saturating_mul(RETRY)).min(reserve);
        }
    }
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self::new(RetryBudgetSettings::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_lone_person_always_has_a_few_retries() {
        let mut budget = RetryBudget::default();
        assert_eq!((0..20).filter(|_| budget.withdraw(0)).count(), 10);
        assert!(!budget.withdraw(5_999));
        assert!(budget.withdraw(6_000), "one comes back with the time");
        assert!(!budget.withdraw(6_000));
        assert_eq!(
            (0..20).filter(|_| budget.withdraw(10_000_000)).count(),
            10,
            "never more than the reserve"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]
        /// However many fail, retries stay at a fifth of the requests beyond the reserve.
        #[test]
        fn a_storm_is_held_to_a_fifth(requests in 1_u32..2_000, hunger in 1_u32..6) {
            let mut budget = RetryBudget::default();
            let mut retried = 0;
            for _ in 0..requests {
                budget.deposit();
                retried += (0..hunger).filter(|_| budget.withdraw(0)).count();
            }
            prop_assert!(retried <= 10 + requests as usize / 5, "{retried} retries of {requests}");
            prop_assert!(retried >= (requests as usize / 5).min(10 + requests as usize / 5));
        }
    }
}
