//! What providers have reported for prompts whose tokens were estimated first: the factor for the next estimate.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use roundtable_store::{TokenRatio, UnseenTokens};

/// A factor beyond this, either way, says more about the prompt (a hidden instruction, a cache) than about the tokenizer.
const FURTHEST: u64 = 4;

/// Fewer estimated tokens than this teach nothing: what every request carries unseen would outweigh the text.
const LEAST_TOKENS: u64 = 50;

/// More tokens than this beyond a count say something about one prompt, and nothing about the next.
const MOST_UNSEEN: u64 = 4_096;

/// What was reported over what was estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Factor {
    reported: u64,
    estimated: u64,
}

impl Factor {
    /// An estimate, corrected.
    pub(crate) fn apply(self, estimate: u64) -> u64 {
        let corrected = u128::from(estimate) * u128::from(self.reported) / u128::from(self.estimated.max(1));
        u64::try_from(corrected).unwrap_or(u64::MAX)
    }
}

/// Factors by provider and model.
#[derive(Default)]
pub(crate) struct LearnedFactors {
    sums: RwLock<HashMap<(String, String), Factor>>,
    /// The most tokens reported beyond what was counted: what a provider puts around every prompt.
    unseen: RwLock<HashMap<(String, String), u64>>,
}

impl LearnedFactors {
    /// Takes in what is stored.
    pub(crate) fn load(&self, rows: Vec<TokenRatio>, unseen: Vec<UnseenTokens>) {
        let mut sums = self.sums.write().unwrap_or_else(PoisonError::into_inner);
        for row in rows {
            let factor = Factor { reported: row.reported, estimated: row.estimated };
            sums.insert((row.provider, row.model), factor);
        }
        drop(sums);
        for UnseenTokens { provider, model, tokens } in unseen {
            self.note_unseen(provider, model, tokens);
        }
    }

    /// Learns from one prompt; false when it teaches nothing.
    pub(crate) fn learn(&self, provider: &str, model: &str, estimated: u64, reported: u64) -> bool {
        let plausible =
            reported <= estimated.saturating_mul(FURTHEST) && estimated <= reported.saturating_mul(FURTHEST);
        if estimated < LEAST_TOKENS || !plausible {
            return false;
        }
        let mut sums = self.sums.write().unwrap_or_else(PoisonError::into_inner);
        let sum = sums
            .entry((provider.to_owned(), model.to_owned()))
            .or_insert(Factor { reported: 0, estimated: 0 });
        sum.reported = sum.reported.saturating_add(reported);
        sum.estimated = sum.estimated.saturating_add(estimated);
        true
    }

    /// A prompt was reported as so many tokens, and had been counted as so many. Gives how many were beyond that where it is more than
    /// ever before.
    pub(crate) fn compare(&self, provider: &str, model: &str, counted: u64, reported: u64) -> Option<u64> {
        let beyond = reported.saturating_sub(counted);
        let is_news = beyond > 0
            && beyond <= MOST_UNSEEN
            && self.note_unseen(provider.to_owned(), model.to_owned(), beyond);
        is_news.then_some(beyond)
    }

    /// Whether it is more than was known.
    fn note_unseen(&self, provider: String, model: String, tokens: u64) -> bool {
        let mut unseen = self.unseen.write().unwrap_or_else(PoisonError::into_inner);
        let most = unseen.entry((provider, model)).or_insert(0);
        let is_more = tokens > *most;
        *most = tokens.max(*most);
        is_more
    }

    /// The most tokens a model has reported beyond what was counted.
    pub(crate) fn unseen(&self, provider: &str, model: &str) -> u64 {
        let unseen = self.unseen.read().unwrap_or_else(PoisonError::into_inner);
        unseen.get(&(provider.to_owned(), model.to_owned())).copied().unwrap_or(0)
    }

    /// The factor of a model, once it has reported anything.
    pub(crate) fn factor(&self, provider: &str, model: &str) -> Option<Factor> {
        let sums = self.sums.read().unwrap_or_else(PoisonError::into_inner);
        // A map keyed by two owned texts cannot be asked with borrowed ones; the clone is 50 ns.
        sums.get(&(provider.to_owned(), model.to_owned())).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimates_move_towards_what_is_reported() {
        let learned = LearnedFactors::default();
        assert_eq!(learned.factor("p", "m"), None);
        assert!(learned.learn("p", "m", 1_000, 1_500));
        assert_eq!(learned.factor("p", "m").unwrap().apply(200), 300);
        assert!(learned.learn("p", "m", 1_000, 500));
        assert_eq!(learned.factor("p", "m").unwrap().apply(200), 200);
        assert_eq!(learned.factor("p", "other"), None);
    }

    #[test]
    fn what_a_provider_adds_unseen_is_remembered_at_its_most() {
        let learned = LearnedFactors::default();
        assert_eq!(learned.unseen("p", "m"), 0);
        assert_eq!(learned.compare("p", "m", 7, 687), Some(680));
        assert_eq!(learned.compare("p", "m", 100, 120), None, "less than was known");
        assert_eq!(learned.compare("p", "m", 100, 90), None);
        assert_eq!(learned.compare("p", "m", 100, 90_000), None, "that was one prompt");
        assert_eq!((learned.unseen("p", "m"), learned.unseen("p", "other")), (680, 0));
    }

    #[test]
    fn tiny_and_implausible_reports_teach_nothing() {
        let learned = LearnedFactors::default();
        assert!(!learned.learn("p", "m", 10, 20));
        assert!(!learned.learn("p", "m", 1_000, 50_000));
        assert!(!learned.learn("p", "m", 1_000, 0));
        assert_eq!(learned.factor("p", "m"), None);
    }
}
