//! The guide: whom to ask for which kind of work, among the models of the routes and all others that can be asked now.

use roundtable_domain::{ModelRef, Target};
use roundtable_router::choose::{
    Advice, Guide, Needs, Priority, Situation, Spent, Strategy, TaskKind, UseCase, choose, guide,
};
use roundtable_router::route::{Resolved, RouteCandidate};

use super::facts::PromptFacts;
use super::route::{MOST, Purpose, lone};
use crate::directory::Directory;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{AdviceView, AppError};

impl Engine {
    /// For each kind of work whom to ask first, whom next and why, and who would be clearly cheaper. Nothing is sent.
    pub async fn guide(&self) -> Result<Vec<AdviceView>, AppError> {
        let Guide { advice } = self.advise().await?;
        let mut views: Vec<AdviceView> = advice.iter().map(advice_view).collect();
        if views.iter().all(|view| view.primary.is_none()) {
            // Of each kind of work alone it would sound as if the models were at fault.
            for view in &mut views {
                "there is no model here that can be asked; add a provider with a key"
                    .clone_into(&mut view.reason);
            }
        }
        Ok(views)
    }

    async fn advise(&self) -> Result<Guide, EngineError> {
        let directory = self.directory().await?;
        let models = self.models_to_advise_on(&directory).await?;
        let facts = PromptFacts::default();
        let possibles = self.possibles(&directory, &models, &facts, Purpose::Look).await;
        let clock = &self.inner.clock;
        // Advice does not change from one look to the next: equals are drawn with the same lot.
        let mut base = Situation::new(facts.reading(), Needs::default(), clock.now(), 0);
        // Advice is by kind of work: of the standing wish it takes what counts most, not the weights for all work alike.
        base.priority = self.config().await.preference.priority.unwrap_or_default();
        Ok(guide(&base, |use_case: &UseCase| {
            let sized = possibles.iter().map(|one| one.sized(use_case.input_tokens, use_case.output_tokens));
            sized.map(|one| one.as_choice(self, &base, None)).collect()
        }))
    }
}

impl Engine {
    /// Those of groups and pools first, then whatever else can be asked, each once.
    async fn models_to_advise_on(&self, directory: &Directory) -> Result<Vec<RouteCandidate>, EngineError> {
        let routes = self.config().await.routes.expand(&Resolved::Auto, None).candidates;
        let mut models: Vec<ModelRef> = routes.into_iter().map(|candidate| candidate.model).collect();
        for model in self.askable_models(directory).await? {
            if !models.contains(&model) {
                models.push(model);
            }
        }
        models.truncate(MOST);
        Ok(models.into_iter().map(lone).collect())
    }
}

impl Engine {
    /// Who would answer a simple prompt of this size in a lane with `auto` if the price were looked at first; `None`: nobody, or a rule
    /// names somebody already.
    pub(crate) async fn frugal_choice(
        &self,
        input_tokens: u64,
        output_tokens: u64,
    ) -> Result<Option<ModelRef>, EngineError> {
        let (directory, config) = (self.directory().await?, self.config().await);
        let facts = PromptFacts { tokens: input_tokens, ..PromptFacts::default() };
        let at = self.inner.clock.now();
        let verdict = config.rules.judge(&facts.as_rules_see_it(facts.reading(), at, Spent::default()));
        if verdict.to.is_some() {
            return Ok(None);
        }
        let Ok(expansion) = self.expand(&directory, &config, &Target::Auto, &verdict).await else {
            return Ok(None);
        };
        let possibles = self.possibles(&directory, &expansion.candidates, &facts, Purpose::Look).await;
        let needs = Needs { input_tokens, output_tokens, ..Needs::default() };
        let mut situation = Situation::new(facts.reading(), needs, at, 0);
        verdict.amend(&mut situation);
        (situation.strategy, situation.priority) = (Strategy::CostOptimised, Priority::Cost);
        let sized = possibles.iter().map(|one| one.sized(input_tokens, output_tokens));
        let candidates: Vec<_> = sized.map(|one| one.as_choice(self, &situation, None)).collect();
        let chosen = choose(&situation, &candidates).chosen();
        Ok(chosen.and_then(|index| candidates.get(index)).map(|candidate| candidate.model.clone()))
    }

    /// Those the guide names for plain questions: whom to ask first, whom next, who would be cheaper.
    pub(crate) async fn advised_for_simple(&self) -> Result<Vec<ModelRef>, EngineError> {
        let Guide { advice } = self.advise().await?;
        let plain = advice.into_iter().find(|advice| advice.use_case.task == TaskKind::Conversation);
        Ok(plain.map_or_else(Vec::new, |advice| {
            let cheaper = advice.cheaper.map(|cheaper| cheaper.model);
            cheaper.into_iter().chain(advice.primary).chain(advice.fallback).collect()
        }))
    }
}

fn advice_view(advice: &Advice) -> AdviceView {
    let name = |model: &Option<ModelRef>| model.as_ref().map(ToString::to_string);
    let cheaper = advice.cheaper.as_ref();
    AdviceView {
        task: advice.use_case.task.as_str().to_owned(),
        primary: name(&advice.primary),
        fallback: name(&advice.fallback),
        reason: advice.reason.clone(),
        cheaper: cheaper.map(|cheaper| cheaper.model.to_string()),
        cheaper_reason: cheaper.map(|cheaper| {
            format!("such a prompt costs ${} there, {} % less", cheaper.usd, cheaper.saves_percent)
        }),
    }
}
