//! What running a batch would cost: an answer of the usual length to each question, and the longest.

use std::collections::BTreeMap;

use roundtable_domain::{Message, PicoUsd, Role, RunState};
use roundtable_ledger::{PriceList, estimate_cost};
use serde::Serialize;

use super::error::BatchError;
use super::item::Item;
use super::plan::{BatchSettings, Planned};
use super::purse::Worst;
use super::results::Held;
use super::standing::{Due, Known};
use crate::directory::{Directory, Setup};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::tokens::Counting;
use crate::turn::{longest_answer, price_of};

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

/// A model that may be asked, and what it costs.
struct Aim<'e> {
    setup: Setup,
    counting: Counting<'e>,
    price: Option<PriceList>,
    usual: u64,
    longest: u64,
}

/// What one question would be.
#[derive(Clone, Copy)]
struct Priced {
    tokens: u64,
    expected: Option<PicoUsd>,
    worst: Worst,
    /// Nobody knows what it costs, and it is not on this machine.
    unpriced: bool,
}

/// What is known of a target: whom it may mean, first choice first, or why nobody.
type Aims<'e> = Result<Vec<Aim<'e>>, String>;

impl Engine {
    /// Prices every question that is to be asked.
    pub(super) async fn estimate_batch(
        &self,
        asked: Vec<(Item, Due)>,
        settings: &BatchSettings,
    ) -> Result<(Vec<Planned>, BatchEstimate), EngineError> {
        let directory = self.directory().await?;
        let mut aims: BTreeMap<String, Aims<'_>> = BTreeMap::new();
        let mut estimate = BatchEstimate::default();
        let mut planned = Vec::with_capacity(asked.len());
        for (item, due) in asked {
            let mut worst = Worst { simulated: false, usd: None };
            if due == Due::Ask {
                if !aims.contains_key(&item.target) {
                    let found = self.aims_of(&directory, &item.target, settings).await?;
                    aims.insert(item.target.clone(), found);
                }
                match aims.get(&item.target) {
                    Some(Ok(aims)) => {
                        let priced = self.price_question(aims, &item);
                        estimate.add(&item.target, priced);
                        worst = priced.worst;
                    }
                    Some(Err(reason)) => estimate.add_refused(&item.target, reason),
                    None => {}
                }
            }
            planned.push(Planned { item, due, worst });
        }
        Ok((planned, estimate))
    }

    /// Whom a target may mean. One that the command itself names has to mean something.
    async fn aims_of(
        &self,
        directory: &Directory,
        target: &str,
        settings: &BatchSettings,
    ) -> Result<Aims<'_>, EngineError> {
        let named = settings.targets.iter().any(|one| one == target);
        match self.aim(directory, target, settings).await? {
            Err(error) if named => Err(error),
            Err(error) => Ok(Err(error.to_string())),
            Ok(aim) => Ok(Ok(vec![aim])),
        }
    }

    async fn aim(
        &self,
        directory: &Directory,
        target: &str,
        settings: &BatchSettings,
    ) -> Result<Result<Aim<'_>, EngineError>, EngineError> {
        let (setup, model) = match directory.resolve(target) {
            Ok((setup, model)) => (setup, model.model),
            Err(error) => return Ok(Err(EngineError::Provider(error))),
        };
        let effective =
            self.effective_in(&setup, &model, &settings.params, settings.profile.as_deref()).await?;
        if let Some(refusal) = effective.refusal {
            return Ok(Err(EngineError::BadSetting(refusal)));
        }
        if let Err(error) = self.ask_key(&setup).await {
            return Ok(Err(EngineError::Provider(error)));
        }
        let longest = longest_answer(&effective.params, setup.facts(&model));
        Ok(Ok(Aim {
            counting: self.counting_exactly(&setup, &model).await,
            price: price_of(&setup, &model, None).cloned(),
            usual: self.usual_answer(&setup.id, &model, longest).await,
            longest,
            setup,
        }))
    }

    /// What a question would cost at the model that is asked first, and at worst at any of them.
    fn price_question(&self, aims: &[Aim<'_>], item: &Item) -> Priced {
        let now = self.inner.clock.now();
        let mut messages: Vec<Message> =
            item.system.iter().map(|system| Message::text(Role::System, system.as_str())).collect();
        messages.push(Message::text(Role::User, item.prompt.as_str()));
        let mut total: Option<Priced> = None;
        for aim in aims {
            let tokens = aim.counting.messages(&messages);
            let cost = |answer| {
                let price = aim.price.as_ref()?;
                estimate_cost(price, tokens, answer, now).usd
            };
            let (expected, worst) = (cost(aim.usual), cost(aim.longest));
            let free = aim.price.is_none() && aim.setup.is_local();
            let this = Priced {
                tokens,
                expected,
                worst: Worst { simulated: aim.setup.is_demo(), usd: worst },
                unpriced: worst.is_none() && !free,
            };
            total = Some(total.map_or(this, |first| first.or_dearer(this)));
        }
        total.unwrap_or(Priced {
            tokens: 0,
            expected: None,
            worst: Worst { simulated: false, usd: None },
            unpriced: true,
        })
    }
}

impl Priced {
    /// The first choice, with the worst case of both.
    fn or_dearer(self, other: Self) -> Self {
        let worst = Worst {
            simulated: self.worst.simulated && other.worst.simulated,
            usd: self.worst.usd.max(other.worst.usd),
        };
        Self { worst, unpriced: self.unpriced || other.unpriced, ..self }
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
