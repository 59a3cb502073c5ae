//! What one question costs, at whom it would be asked of today. Nothing is sent.

use std::collections::BTreeMap;

use roundtable_domain::{ErrorCategory, Message, PicoUsd, ProviderError, Role, Target};
use roundtable_ledger::{PriceList, estimate_cost};

use super::item::Item;
use super::plan::BatchSettings;
use super::purse::Worst;
use crate::budgets::answer_limit;
use crate::directory::Directory;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::routing::{PromptFacts, Purpose, Routed};
use crate::settings::RungValues;
use crate::tokens::{Counting, estimate_text};
use crate::turn::price_of;

/// For so many questions a route is looked up with their own words, which may ask every keyring; the rest are priced as the last of
/// them, and at worst as the dearest of all.
const MOST_LOOKED_UP: usize = 500;

/// What one question would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Priced {
    pub(super) tokens: u64,
    /// At the model that is asked first, for an answer of the usual length.
    pub(super) expected: Option<PicoUsd>,
    /// At the dearest of those that may be asked, for the longest answer.
    pub(super) worst: Worst,
    /// Nobody knows what it may cost, and it may leave this machine.
    pub(super) unpriced: bool,
}

/// Prices questions, remembering what is known of the models.
pub(super) struct Pricing<'e> {
    engine: &'e Engine,
    directory: Directory,
    settings: &'e BatchSettings,
    /// By name and rung: a rung may limit answers.
    aims: BTreeMap<AimKey, Option<Aim<'e>>>,
    targets: BTreeMap<String, Looked>,
}

type AimKey = (String, Option<String>);

/// A model that may be asked, and what it costs.
struct Aim<'e> {
    counting: Counting<'e>,
    price: Option<PriceList>,
    usual: u64,
    longest: u64,
    simulated: bool,
    /// It stands on this machine: without a price it costs nothing.
    local: bool,
}

/// What was found behind a target.
#[derive(Default)]
struct Looked {
    times: usize,
    /// Of the last time, first choice first; or why nobody can be asked.
    last: Option<Result<Vec<AimKey>, String>>,
    all: Vec<AimKey>,
}

impl<'e> Pricing<'e> {
    pub(super) async fn new(engine: &'e Engine, settings: &'e BatchSettings) -> Result<Self, EngineError> {
        let directory = engine.directory().await?;
        Ok(Self { engine, directory, settings, aims: BTreeMap::new(), targets: BTreeMap::new() })
    }

    /// What a question would be; the text says why it cannot be asked as things are. A target that the command itself names and
    /// that means nothing is an error.
    pub(super) async fn price(&mut self, item: &Item) -> Result<Result<Priced, String>, EngineError> {
        let mut looked = self.targets.remove(&item.target).unwrap_or_default();
        let by_name = matches!(item.target.parse(), Ok(Target::Model(_)) | Err(_));
        if looked.times < if by_name { 1 } else { MOST_LOOKED_UP } {
            looked.times += 1;
            looked.last = Some(self.look_up(item).await?);
        }
        let beyond = !by_name && looked.times >= MOST_LOOKED_UP;
        let priced = match &looked.last {
            Some(Ok(keys)) => {
                for key in keys {
                    if !looked.all.contains(key) {
                        looked.all.push(key.clone());
                    }
                }
                Ok(self.sum(item, keys, if beyond { &looked.all } else { &[] }))
            }
            Some(Err(reason)) => Err(reason.clone()),
            None => Err("nobody can be asked".to_owned()),
        };
        self.targets.insert(item.target.clone(), looked);
        Ok(priced)
    }

    /// Whom a question would be asked of, in order.
    async fn look_up(&mut self, item: &Item) -> Result<Result<Vec<AimKey>, String>, EngineError> {
        let settings = self.settings;
        let facts = PromptFacts {
            tokens: estimate_text(&item.prompt) + item.system.as_deref().map_or(0, estimate_text),
            json_schema: matches!(
                settings.params.response_format,
                roundtable_domain::ResponseFormat::JsonSchema { .. }
            ),
            max_output_tokens: settings.params.max_tokens.map(u64::from),
            ..PromptFacts::of_text(&item.prompt, Vec::new())
        };
        let route = self.engine.plan_route(&self.directory, &item.target, &facts, Purpose::Look).await;
        let route = match route {
            Ok(route) => route,
            Err(refused) => return self.refused(item, refused.error),
        };
        // No request makes more calls than these, and none that costs more than the dearest of them: see `Patient::most`.
        let most_calls = usize::try_from(route.settings.budget.max_attempts).unwrap_or(usize::MAX).max(1);
        let (mut keys, mut refusal) = (Vec::new(), None);
        for routed in route.candidates.iter().take(most_calls) {
            let key = (routed.asked.target(), routed.from());
            if !self.aims.contains_key(&key) {
                let aim = self.aim(routed).await?;
                refusal = refusal.or(aim.as_ref().err().cloned());
                self.aims.insert(key.clone(), aim.ok());
            }
            if self.aims.get(&key).is_some_and(Option::is_some) {
                keys.push(key);
            }
        }
        if keys.is_empty() {
            let reason = refusal.unwrap_or_else(|| "no model of it takes these values".to_owned());
            return if self.is_commanded(item) {
                Err(EngineError::BadSetting(reason))
            } else {
                Ok(Err(reason))
            };
        }
        Ok(Ok(keys))
    }

    /// Nobody can be asked. What only this question lacks stays with it.
    fn refused(&self, item: &Item, error: ProviderError) -> Result<Result<Vec<AimKey>, String>, EngineError> {
        let of_question =
            matches!(error.category, ErrorCategory::ContextLength | ErrorCategory::InvalidRequest);
        if self.is_commanded(item) && !of_question {
            return Err(EngineError::Provider(error));
        }
        Ok(Err(error.message))
    }

    fn is_commanded(&self, item: &Item) -> bool {
        self.settings.targets.contains(&item.target)
    }

    /// A model and what it costs; the text says which value it does not take.
    async fn aim(&self, routed: &Routed) -> Result<Result<Aim<'e>, String>, EngineError> {
        let (setup, model) = (&routed.asked.setup, routed.asked.model.as_str());
        let rung = routed.from().map(|origin| RungValues { origin, settings: routed.values });
        let (params, profile) = (&self.settings.params, self.settings.profile.as_deref());
        let effective = self.engine.effective_on(setup, model, params, profile, rung.as_ref()).await?;
        if let Some(refusal) = effective.refusal {
            return Ok(Err(refusal));
        }
        let facts = setup.facts(model);
        let longest = answer_limit(effective.params.max_tokens, facts, 0, &self.settings.money, false);
        Ok(Ok(Aim {
            counting: self.engine.counting_exactly(setup, model).await,
            price: price_of(setup, model, None).cloned(),
            usual: self.engine.usual_answer(&setup.id, model, longest).await,
            longest,
            simulated: setup.is_demo(),
            local: setup.is_local(),
        }))
    }

    /// The first choice's price, with the worst case of all that may be asked.
    fn sum(&self, item: &Item, choices: &[AimKey], others: &[AimKey]) -> Priced {
        let mut messages: Vec<Message> =
            item.system.iter().map(|system| Message::text(Role::System, system.as_str())).collect();
        messages.push(Message::text(Role::User, item.prompt.as_str()));
        let known = |key: &AimKey| self.aims.get(key).and_then(Option::as_ref);
        let prices = choices.iter().chain(others).filter_map(known).map(|aim| self.at(aim, &messages));
        let nobody = Priced {
            tokens: 0,
            expected: None,
            worst: Worst { simulated: false, usd: None },
            unpriced: true,
        };
        prices.reduce(Priced::or_dearer).unwrap_or(nobody)
    }

    fn at(&self, aim: &Aim<'_>, messages: &[Message]) -> Priced {
        let now = self.engine.inner.clock.now();
        let tokens = aim.counting.messages(messages);
        let cost = |answer| estimate_cost(aim.price.as_ref()?, tokens, answer, now).usd;
        let worst = cost(aim.longest);
        Priced {
            tokens,
            expected: cost(aim.usual),
            worst: Worst { simulated: aim.simulated, usd: worst },
            unpriced: worst.is_none() && !aim.local,
        }
    }
}

impl Priced {
    /// The first choice, with the worst case of both. Where real money may be spent, it counts as real.
    fn or_dearer(self, other: Self) -> Self {
        let worst = Worst {
            simulated: self.worst.simulated && other.worst.simulated,
            usd: self.worst.usd.max(other.worst.usd),
        };
        Self { worst, unpriced: self.unpriced || other.unpriced, ..self }
    }
}
