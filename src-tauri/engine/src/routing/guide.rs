//! The guide: whom to ask for which kind of work, among all models that can be asked now.

use roundtable_router::choose::{Advice, Guide, Needs, Situation, UseCase, guide};

use super::facts::PromptFacts;
use super::route::lone;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{AdviceView, AppError};

impl Engine {
    /// For each kind of work whom to ask first, whom next and why, and who would be clearly cheaper. Nothing is sent.
    pub async fn guide(&self) -> Result<Vec<AdviceView>, AppError> {
        let Guide { advice } = self.advise().await?;
        Ok(advice.iter().map(advice_view).collect())
    }

    async fn advise(&self) -> Result<Guide, EngineError> {
        let directory = self.directory().await?;
        let models: Vec<_> = self.askable_models(&directory).await?.into_iter().map(lone).collect();
        let facts = PromptFacts::default();
        let possibles = self.possibles(&directory, &models, &facts).await;
        let clock = &self.inner.clock;
        // Advice does not change from one look to the next: equals are drawn with the same lot.
        let base = Situation::new(facts.reading(), Needs::default(), clock.now(), 0);
        Ok(guide(&base, |use_case: &UseCase| {
            let sized = possibles.iter().map(|one| one.sized(use_case.input_tokens, use_case.output_tokens));
            sized.map(|one| one.as_choice(self, &base, None)).collect()
        }))
    }
}

fn advice_view(advice: &Advice) -> AdviceView {
    let name = |model: &Option<roundtable_domain::ModelRef>| model.as_ref().map(ToString::to_string);
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
