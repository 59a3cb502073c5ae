//! What running a batch would cost: an answer of the usual length to each question, and the longest.

use roundtable_domain::{PicoUsd, RunState};
use serde::Serialize;

use super::error::BatchError;
use super::item::Item;
use super::plan::{BatchSettings, Planned};
use super::pricing::{Priced, Pricing};
use super::purse::Worst;
use super::results::Held;
use super::standing::{Due, Known};
use crate::engine::Engine;
use crate::error::EngineError;

/// What running a batch would mean.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct BatchEstimate {
    /// Questions, each counted once for every target.
    pub questions: u64,
    /// Those that will be asked.
    pub to_ask: u64,
    /// Those whose answer is here and only has to be written to the file.
    pub to_write: u64,
    /// Those whose complete answer stands in the file.
    pub answered: u64,
    /// Those that failed or broke off and are not asked again.
    pub failed: u64,
    /// Those that were stopped in flight, may have been paid, and are not asked again.
    pub interrupted: u64,
    /// Those that will be asked although they were answered before: the file with their results is not here.
    pub lost: u64,
    /// Results in the file that belong to none of these questions.
    pub others: u64,
    /// Tokens that are sent.
    pub input_tokens: u64,
    /// Real money for answers of the usual length, exact decimal dollars.
    pub expected_usd: PicoUsd,
    /// Real money for the longest answers, exact decimal dollars.
    pub worst_usd: PicoUsd,
    /// Invented money for answers of the usual length.
    pub simulated_expected_usd: PicoUsd,
    /// Invented money for the longest answers.
    pub simulated_worst_usd: PicoUsd,
    /// Real money the batch has cost so far.
    pub spent_usd: PicoUsd,
    /// Invented money it has cost so far.
    pub simulated_spent_usd: PicoUsd,
    /// Questions that will go to a model without a price.
    pub unpriced: u64,
    /// Targets without a price.
    pub unpriced_targets: Vec<String>,
    /// Targets that cannot be asked as things are; each of their questions will fail on its own.
    pub cannot_ask: Vec<CannotAsk>,
}

/// A target that cannot be asked as things are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CannotAsk {
    /// As it was named.
    pub target: String,
    /// How many questions are for it.
    pub questions: u64,
    /// What is missing, ready to show.
    pub reason: String,
}

impl Engine {
    /// Prices every question that is to be asked.
    pub(super) async fn estimate_batch(
        &self,
        asked: Vec<(Item, Due)>,
        settings: &BatchSettings,
    ) -> Result<(Vec<Planned>, BatchEstimate), EngineError> {
        let mut pricing = Pricing::new(self, settings).await?;
        let mut estimate = BatchEstimate::default();
        let mut planned = Vec::with_capacity(asked.len());
        for (item, due) in asked {
            let mut worst = Worst { simulated: false, usd: None };
            if due == Due::Ask {
                match pricing.price(&item).await? {
                    Ok(priced) => {
                        estimate.add(&item.target, priced);
                        worst = priced.worst;
                    }
                    Err(reason) => estimate.add_refused(&item.target, &reason),
                }
            }
            planned.push(Planned { item, due, worst });
        }
        Ok((planned, estimate))
    }
}

impl BatchEstimate {
    fn add(&mut self, target: &str, priced: Priced) {
        self.input_tokens = self.input_tokens.saturating_add(priced.tokens);
        let (expected, worst) = if priced.worst.simulated {
            (&mut self.simulated_expected_usd, &mut self.simulated_worst_usd)
        } else {
            (&mut self.expected_usd, &mut self.worst_usd)
        };
        *expected = plus(*expected, priced.expected);
        *worst = plus(*worst, priced.worst.usd);
        if priced.unpriced {
            self.unpriced += 1;
            if !self.unpriced_targets.iter().any(|one| one == target) {
                self.unpriced_targets.push(target.to_owned());
            }
        }
    }

    fn add_refused(&mut self, target: &str, reason: &str) {
        match self.cannot_ask.iter_mut().find(|one| one.target == target) {
            Some(known) => known.questions += 1,
            None => self.cannot_ask.push(CannotAsk {
                target: target.to_owned(),
                questions: 1,
                reason: reason.to_owned(),
            }),
        }
    }

    /// Counts what is due, what stands in the file, and what was spent.
    pub(super) fn count_files(&mut self, items: &[Planned], held: &Held, known: &Known) {
        for planned in items {
            self.questions += 1;
            match planned.due {
                Due::Ask => {
                    self.to_ask += 1;
                    let lost = !held.states.contains_key(&planned.item.key)
                        && known.put_away.contains(&planned.item.key);
                    self.lost += u64::from(lost);
                }
                Due::Write(..) => self.to_write += 1,
                Due::Nothing(RunState::Complete) => self.answered += 1,
                Due::Nothing(RunState::Interrupted | RunState::Cancelled) => self.interrupted += 1,
                Due::Nothing(_) => self.failed += 1,
            }
        }
        let ours = items.iter().filter(|planned| held.states.contains_key(&planned.item.key)).count();
        self.others = u64::try_from(held.states.len().saturating_sub(ours)).unwrap_or(u64::MAX);
        self.spent_usd = known.spent.real;
        self.simulated_spent_usd = known.spent.simulated;
    }

    /// A cap that cannot hold is none.
    pub(super) fn refuse_uncapped(&self, most: Option<PicoUsd>) -> Result<(), BatchError> {
        if most.is_some() && !self.unpriced_targets.is_empty() {
            return Err(BatchError::NoPrice(self.unpriced_targets.clone()));
        }
        Ok(())
    }
}

/// A sum that does not fit the books' numbers stays at the most they hold.
fn plus(sum: PicoUsd, more: Option<PicoUsd>) -> PicoUsd {
    let more = more.unwrap_or(PicoUsd::ZERO);
    sum.checked_add(more).unwrap_or(PicoUsd::from_pico(i64::MAX))
}
