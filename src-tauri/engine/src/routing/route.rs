//! From what a lane names to whom it is asked of, in which order, and why.
//!
//! One precedence: a pool before a group before an alias; `provider/model` is that model. `auto` is every pool, then every
//! group, then the default model, and without any routes every model that can be asked now.
//!
//! A model that is asked for by its own name is never judged: what keeps it from answering is its own clear error. Everything
//! else is: the user's rules apply first. Of a rule that holds, `to` counts for `auto` alone (who names a group wants that
//! group); what it keeps out, its priority and its strategy count for all.

mod expand;
mod order;

use roundtable_domain::{ModelRef, Notice, ProviderError, Target};
use roundtable_router::attempt::{Candidate, PlanSettings};
use roundtable_router::choose::{Needs, Situation, Verdict};
use roundtable_router::route::{EchelonSettings, Expansion};
use roundtable_router::trace::RouteTrace;
use roundtable_store::RoutePlace;

use super::facts::PromptFacts;
use super::possible::Possible;
use crate::directory::{Directory, Setup};
use crate::engine::Engine;
use crate::turn::{Asked, Refused};
use crate::view::RunRoute;
pub(super) use expand::lone;
use order::{nobody, order, settings};

/// More candidates than these are not looked at for one prompt.
pub(super) const MOST: usize = 50;

/// Why a route is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To be asked: a pool's turn goes on.
    Send,
    /// To be looked at.
    Look,
}

/// Whom a request is asked of, and why.
#[derive(Clone)]
pub(crate) struct Route {
    /// The choice, and later what came of it.
    pub(crate) trace: RouteTrace,
    /// In the order in which they are asked; never empty.
    pub(crate) candidates: Vec<Routed>,
    pub(crate) settings: PlanSettings,
    /// A model by its own name: there was nothing to choose.
    pub(crate) is_named: bool,
    /// What its answers are told of the files it went by.
    pub(crate) notices: Vec<Notice>,
}

/// A choice, and what it was made of.
struct Chosen {
    trace: RouteTrace,
    possibles: Vec<Possible>,
    expansion: Expansion,
    notices: Vec<Notice>,
}

/// One candidate with everything a call to it needs.
#[derive(Clone)]
pub(crate) struct Routed {
    pub(crate) asked: Asked,
    pub(crate) candidate: Candidate,
    /// What its rung says about calls.
    pub(crate) values: EchelonSettings,
    /// Where it stands.
    pub(crate) place: RoutePlace,
}

impl Engine {
    /// Whom a target means for a prompt, in order. The error says why nobody can be asked.
    pub(crate) async fn plan_route(
        &self,
        directory: &Directory,
        target: &str,
        facts: &PromptFacts<'_>,
        purpose: Purpose,
    ) -> Result<Route, Refused> {
        match target.parse() {
            Ok(named @ (Target::Route(_) | Target::Auto)) => {
                self.choose_route(directory, &named, facts, purpose).await
            }
            // A text that names nothing gets the directory's words.
            Ok(Target::Model(_)) | Err(_) => {
                Ok(self.route_to(self.ask_whom(directory, target).await?, target, facts))
            }
        }
    }

    /// The model that would be asked first for a target, as far as that can be told without a prompt.
    pub(crate) async fn foremost(
        &self,
        directory: &Directory,
        target: &str,
    ) -> Result<(Setup, ModelRef), ProviderError> {
        if matches!(target.parse(), Ok(Target::Model(_)) | Err(_)) {
            return directory.resolve(target);
        }
        let facts = PromptFacts::default();
        let route = self.plan_route(directory, target, &facts, Purpose::Look).await;
        let route = route.map_err(|refused| refused.error)?;
        match route.candidates.into_iter().next() {
            Some(Routed { asked, .. }) => {
                let model = ModelRef { provider: asked.setup.id.clone(), model: asked.model };
                Ok((asked.setup, model))
            }
            None => directory.resolve(target),
        }
    }

    /// The route to a model that was asked for by its own name.
    pub(crate) fn route_to(&self, asked: Asked, target: &str, facts: &PromptFacts<'_>) -> Route {
        self.tell_keys(&asked.model_ref().provider, &asked.keys);
        let reached = lone(asked.model_ref());
        let possible = Possible::unjudged(reached, asked, facts);
        let situation = self.situation(facts, Needs { input_tokens: facts.tokens, ..Needs::default() });
        let chosen = vec![possible.as_choice(self, &situation, None)];
        let trace = RouteTrace::choose(target.to_owned(), String::new(), Vec::new(), situation, chosen);
        Route {
            trace,
            candidates: possible.into_routed(None).into_iter().collect(),
            settings: PlanSettings::default(),
            is_named: true,
            notices: Vec::new(),
        }
    }

    async fn choose_route(
        &self,
        directory: &Directory,
        target: &Target,
        facts: &PromptFacts<'_>,
        purpose: Purpose,
    ) -> Result<Route, Refused> {
        let Chosen { trace, possibles, expansion, notices } =
            self.choose(directory, target, facts, purpose).await?;
        let order = order(&trace, &possibles);
        let candidates: Vec<Routed> = order
            .into_iter()
            .filter_map(|index| possibles.get(index).cloned())
            .filter_map(|possible| {
                possible.into_routed(expansion.pool.as_ref().map(|pool| pool.name.as_str()))
            })
            .collect();
        let first = candidates.first().map(|one| &one.asked);
        tracing::debug!(
            asked = %target,
            looked_at = possibles.len(),
            left = candidates.len(),
            provider = first.map(|first| first.setup.id.as_str()),
            model = first.map(|first| first.model.as_str()),
            pool = expansion.pool.as_ref().map(|pool| pool.name.as_str()),
            "route chosen"
        );
        if candidates.is_empty() {
            return Err(nobody(&trace));
        }
        Ok(Route { settings: settings(&expansion), trace, candidates, is_named: false, notices })
    }

    /// What would be chosen for a target, also where nobody is left. The error says why it names nobody at all.
    pub(super) async fn look_at_route(
        &self,
        directory: &Directory,
        target: &str,
        facts: &PromptFacts<'_>,
    ) -> Result<RouteTrace, Refused> {
        match target.parse() {
            Ok(named @ (Target::Route(_) | Target::Auto)) => {
                Ok(self.choose(directory, &named, facts, Purpose::Look).await?.trace)
            }
            Ok(Target::Model(_)) | Err(_) => {
                Ok(self.route_to(self.ask_whom(directory, target).await?, target, facts).trace)
            }
        }
    }

    async fn choose(
        &self,
        directory: &Directory,
        target: &Target,
        facts: &PromptFacts<'_>,
        purpose: Purpose,
    ) -> Result<Chosen, Refused> {
        let config = self.inner.config.current().await;
        let at = self.inner.clock.now();
        let reading = facts.reading();
        let verdict = if config.rules.rules().next().is_none() {
            Verdict::default()
        } else {
            let spent = self.spent(facts.conversation, at).await;
            config.rules.judge(&facts.as_rules_see_it(reading, at, spent))
        };
        let expansion = self.expand(directory, &config, target, &verdict).await?;
        let mut possibles = self.possibles(directory, &expansion.candidates, facts, purpose).await;
        let turns = self.take_turn(&expansion, &mut possibles, purpose);
        let mut situation = self.situation(facts, facts.needs());
        config.preference.amend(&mut situation);
        verdict.amend(&mut situation);
        situation.needs.longest_wait_ms = Some(PlanSettings::default().longest_queue_ms);
        let choices = possibles
            .iter()
            .enumerate()
            .map(|(index, one)| {
                one.as_choice(self, &situation, turns.as_ref().map(|turns| turns.rank(index, one)))
            })
            .collect();
        let notices = config.notices(&expansion, *target == Target::Auto);
        let (asked, rules) = (target.to_string(), verdict.rules);
        let trace = RouteTrace::choose(asked, config.revision.clone(), rules, situation, choices);
        Ok(Chosen { trace, possibles, expansion, notices })
    }

    pub(super) fn situation(&self, facts: &PromptFacts<'_>, needs: Needs) -> Situation {
        let clock = &self.inner.clock;
        let mut situation = Situation::new(facts.reading(), needs, clock.now(), clock.jitter());
        situation.previous = facts.previous.as_ref().map(|previous| previous.model.clone());
        situation
    }
}

impl Route {
    /// How its model was chosen, once this candidate is asked; `None` for a model by its own name. `failed`: somebody was
    /// asked before it.
    pub(crate) fn in_short(&self, candidate: usize) -> Option<RunRoute> {
        if self.is_named {
            return None;
        }
        let explanation = self.trace.explain();
        let fell_back = candidate > 0;
        let fallback = explanation.attempts.into_iter().next_back().filter(|_| fell_back);
        let told = fallback.unwrap_or(explanation.chosen);
        Some(RunRoute {
            asked: self.trace.asked.clone(),
            from: self.candidates.get(candidate).and_then(Routed::from),
            fell_back,
            reason: told.text,
            saying: told.saying.map(Box::new),
        })
    }
}

impl Routed {
    /// `group.echelonN`.
    pub(crate) fn from(&self) -> Option<String> {
        let RoutePlace { group, echelon, .. } = &self.place;
        Some(format!("{}.echelon{}", group.as_ref()?, echelon.as_ref()?))
    }
}
