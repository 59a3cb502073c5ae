//! From what a lane names to whom it is asked of, in which order, and why.
//!
//! One precedence: a pool before a group before an alias; `provider/model` is that model. `auto` is every pool, then every
//! group, then the default model, and without any routes every model that can be asked now.
//!
//! A model that is asked for by its own name is never judged: what keeps it from answering is its own clear error. Everything
//! else is: the user's rules apply first. Of a rule that holds, `to` counts for `auto` alone (who names a group wants that
//! group); what it keeps out, its priority and its strategy count for all.

use std::sync::Arc;

use roundtable_domain::{ErrorCategory, ModelRef, ProviderError, Target};
use roundtable_router::attempt::{BudgetLimits, Candidate, PlanSettings, PoolUse};
use roundtable_router::choose::{Needs, Reason, Situation, Verdict};
use roundtable_router::route::{EchelonSettings, Expansion, Reached, Resolved, RouteCandidate};
use roundtable_router::trace::RouteTrace;
use roundtable_store::RoutePlace;

use super::facts::PromptFacts;
use super::folder::Config;
use super::possible::{Possible, pool_settings};
use crate::directory::{Directory, Setup};
use crate::engine::Engine;
use crate::turn::{Asked, Refused};
use crate::view::RunRoute;

/// More candidates than these are not looked at for one prompt.
pub(super) const MOST: usize = 50;

/// Calls for one request over a route whose group does not say.
const USUAL_ATTEMPTS: u32 = 6;

/// How often the same model of a route is tried again, where its rung does not say: somebody else can be asked instead.
const USUAL_RETRIES: u32 = 1;

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
}

/// A choice, and what it was made of.
struct Chosen {
    trace: RouteTrace,
    possibles: Vec<Possible>,
    expansion: Expansion,
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
        }
    }

    async fn choose_route(
        &self,
        directory: &Directory,
        target: &Target,
        facts: &PromptFacts<'_>,
        purpose: Purpose,
    ) -> Result<Route, Refused> {
        let Chosen { trace, possibles, expansion } = self.choose(directory, target, facts, purpose).await?;
        let order = order(&trace, &possibles);
        let candidates: Vec<Routed> = order
            .into_iter()
            .filter_map(|index| possibles.get(index).cloned())
            .filter_map(|possible| {
                possible.into_routed(expansion.pool.as_ref().map(|pool| pool.name.as_str()))
            })
            .collect();
        if candidates.is_empty() {
            return Err(nobody(&trace));
        }
        Ok(Route { settings: settings(&expansion), trace, candidates, is_named: false })
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
        let mut possibles = self.possibles(directory, &expansion.candidates, facts).await;
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
        let (asked, rules) = (target.to_string(), verdict.rules);
        let trace = RouteTrace::choose(asked, config.revision.clone(), rules, situation, choices);
        Ok(Chosen { trace, possibles, expansion })
    }

    /// The candidates behind a target.
    async fn expand(
        &self,
        directory: &Directory,
        config: &Arc<Config>,
        target: &Target,
        verdict: &Verdict,
    ) -> Result<Expansion, Refused> {
        let by_rule = match (target, &verdict.to) {
            // A rule that names what is not there is told where the files are checked; it sends nobody anywhere.
            (Target::Auto, Some(to)) => to.parse().ok().and_then(|to| config.routes.resolve(&to).ok()),
            _ => None,
        };
        let resolved = match by_rule {
            Some(resolved) => resolved,
            None => config.routes.resolve(target).map_err(|error| unknown(&error.to_string()))?,
        };
        let default: Option<ModelRef> = match resolved {
            Resolved::Auto => self.default_target().await.ok().flatten().and_then(|name| name.parse().ok()),
            _ => None,
        };
        let mut expansion = config.routes.expand(&resolved, default.as_ref());
        if expansion.candidates.is_empty() && resolved == Resolved::Auto {
            let models = self.askable_models(directory).await.map_err(|error| unknown(&error.to_string()))?;
            expansion.candidates = models.into_iter().map(lone).collect();
        }
        expansion.candidates.truncate(MOST);
        if expansion.candidates.is_empty() {
            let why = match resolved {
                Resolved::Auto => {
                    "There is no model that can be asked. Add a provider with a key.".to_owned()
                }
                _ => format!("No model of “{target}” is known here."),
            };
            return Err(unknown(&why));
        }
        Ok(expansion)
    }

    fn situation(&self, facts: &PromptFacts<'_>, needs: Needs) -> Situation {
        let clock = &self.inner.clock;
        let mut situation = Situation::new(facts.reading(), needs, clock.now(), clock.jitter());
        situation.previous = facts.previous.as_ref().map(|previous| previous.model.clone());
        situation
    }
}

/// A model that stands on no rung.
pub(super) fn lone(model: ModelRef) -> RouteCandidate {
    RouteCandidate {
        model,
        rung: None,
        tier: 0,
        reached: Reached::Asked,
        weight: 1,
        settings: EchelonSettings::default(),
        breaker: roundtable_router::BreakerSettings::default(),
    }
}

/// The order in which they are asked: the ranked, then those who only cannot be asked at this moment. When everybody is too
/// small for the history, the largest are asked with a shorter one.
fn order(trace: &RouteTrace, possibles: &[Possible]) -> Vec<usize> {
    let mut order: Vec<usize> = trace.choice.order().collect();
    let later = trace.choice.excluded.iter().filter(|excluded| match excluded.reason {
        Reason::BreakerOpen { .. } | Reason::WaitTooLong { .. } => true,
        Reason::NoKey | Reason::QuotaExceeded => {
            possibles.get(excluded.candidate).is_some_and(Possible::has_keys)
        }
        _ => false,
    });
    order.extend(later.map(|excluded| excluded.candidate));
    if order.is_empty() {
        let mut small: Vec<(u64, usize)> = trace
            .choice
            .excluded
            .iter()
            .filter_map(|excluded| match excluded.reason {
                Reason::ContextTooSmall { window, .. } => Some((window, excluded.candidate)),
                _ => None,
            })
            .collect();
        small.sort_by_key(|(window, _)| std::cmp::Reverse(*window));
        order.extend(small.into_iter().map(|(_, candidate)| candidate));
    }
    order
}

/// How a request over a route is tried.
fn settings(expansion: &Expansion) -> PlanSettings {
    let usual = PlanSettings::default();
    let group = expansion.group.clone().unwrap_or_default();
    let mut backoff = usual.backoff;
    backoff.base_ms = group.retry_delay_ms.unwrap_or(backoff.base_ms);
    backoff.cap_ms = backoff.cap_ms.max(backoff.base_ms);
    PlanSettings {
        budget: BudgetLimits { max_attempts: group.max_attempts.unwrap_or(USUAL_ATTEMPTS), ..usual.budget },
        backoff,
        max_retries: USUAL_RETRIES,
        strategy: group.strategy,
        pool: expansion.pool.as_ref().map(|pool| {
            let settings = pool_settings(pool);
            PoolUse {
                name: pool.name.clone(),
                fallback: settings.fallback,
                max_instance_attempts: settings.max_instance_attempts,
            }
        }),
        after_commit: group.after_commit,
        last_resort: group.last_resort,
        ..usual
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
        Some(RunRoute {
            asked: self.trace.asked.clone(),
            from: self.candidates.get(candidate).and_then(Routed::from),
            fell_back,
            reason: fallback.unwrap_or(explanation.chosen),
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

fn unknown(why: &str) -> Refused {
    let error = ProviderError::local(ErrorCategory::ModelNotFound, "roundtable", capitalised(why));
    Refused { provider: None, model: None, error }
}

/// Nobody can answer: who was looked at, and why not.
fn nobody(trace: &RouteTrace) -> Refused {
    let explanation = trace.explain();
    let all = |is: fn(&Reason) -> bool| trace.choice.excluded.iter().all(|excluded| is(&excluded.reason));
    let category = if all(|reason| matches!(reason, Reason::NoKey | Reason::NotSetUp)) {
        ErrorCategory::Authentication
    } else if all(|reason| matches!(reason, Reason::ContextTooSmall { .. })) {
        ErrorCategory::ContextLength
    } else {
        ErrorCategory::InvalidRequest
    };
    let mut sentences = vec![explanation.chosen];
    sentences.extend(explanation.excluded);
    let error = ProviderError::local(category, "roundtable", sentences.join(" "));
    Refused { provider: None, model: None, error }
}

/// A message as a sentence.
fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let end = if text.ends_with('.') { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}
