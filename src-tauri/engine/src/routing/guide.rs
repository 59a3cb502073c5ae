//! The guide: whom to ask for which kind of work, among the models of the routes and all others that can be asked now.

use roundtable_domain::ModelRef;
use roundtable_router::choose::{Advice, Guide, Needs, Situation, UseCase, guide};
use roundtable_router::route::{Resolved, RouteCandidate};

use super::facts::PromptFacts;
use super::route::{MOST, lone};
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
        let possibles = self.possibles(&directory, &models, &facts).await;
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
