//! The search for models that cost less than the ones that do not fit, and can do the same.

use roundtable_domain::ChatRequest;
use roundtable_ledger::WorstCall;

use super::reserve::{Counted, Reserve, answer_limit, thinking_apart, thinking_limit};
use super::ways::{LaneMoney, Payee};
use crate::directory::{DEMO, Directory};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::keys::FoundKey;
use crate::routing::PromptFacts;
use crate::tokens::MediaTokens;
use crate::turn::{Asked, name_of, price_of};
use crate::view::{CountSource, MoneyChoice};

/// So many are looked at for one lane.
const MOST: usize = 8;

impl Engine {
    /// Models that could answer in a lane's place for less: those that the budgets name, in their order; where they name none, the
    /// cheapest first.
    pub(crate) async fn cheaper_than(
        &self,
        directory: &Directory,
        lane: &LaneMoney,
        named: &[String],
        facts: &PromptFacts<'_>,
        choice: &MoneyChoice,
    ) -> Result<Vec<Payee>, EngineError> {
        let demo = if lane.payee.simulated { self.demo_targets(directory).await? } else { Vec::new() };
        let among = if named.is_empty() { demo.as_slice() } else { named };
        let able = self.able_models(directory, among, facts).await?;
        let mut payees: Vec<Payee> = able
            .iter()
            .filter(|asked| asked.setup.is_demo() == lane.payee.simulated)
            .filter_map(|asked| self.payee(asked, lane, choice))
            .filter(|payee| payee.target() != lane.payee.target())
            .filter(|payee| lane.payee.worst.is_none_or(|worst| payee.worst.is_some_and(|less| less < worst)))
            .collect();
        if named.is_empty() {
            payees.sort_by_key(|payee| (payee.worst, payee.target()));
        }
        payees.truncate(MOST);
        Ok(payees)
    }

    /// The demo models, which can be asked by name also where they are not offered.
    async fn demo_targets(&self, directory: &Directory) -> Result<Vec<String>, EngineError> {
        let Some(setup) = directory.find(DEMO) else { return Ok(Vec::new()) };
        let models = self.chat_models(&setup).await?;
        Ok(models.into_iter().map(|model| format!("{DEMO}/{model}")).collect())
    }

    /// What a model would cost in a lane's place; `None`: unpriced, and so not known to be cheaper.
    fn payee(&self, asked: &Asked, lane: &LaneMoney, choice: &MoneyChoice) -> Option<Payee> {
        let (setup, model) = (&asked.setup, asked.model.as_str());
        let price = price_of(setup, model, None)?;
        let facts = setup.facts(model);
        // It was counted for another model.
        let counted = Counted {
            tokens: lane.call.prompt,
            media: MediaTokens::default(),
            source: CountSource::Estimate,
            has_tools: lane.has_tools,
            exceeded: self.inner.tokens.learned.unseen(&setup.id, model),
        };
        let answer = answer_limit(lane.asked_for, facts, counted.likely(), choice, true);
        let mut request =
            ChatRequest { model: asked.model.clone(), params: lane.params.clone(), ..ChatRequest::default() };
        request.thinking_limit = thinking_limit(setup, &request, answer);
        let thinking = thinking_apart(setup, &request, counted.tokens, answer);
        // What of it is no text is bounded as for that other model; whoever is asked in the end is reckoned anew.
        let window = facts.and_then(|facts| facts.context_window);
        let prompt_at_most = counted.at_most(window).max(lane.call.prompt_at_most);
        let call = WorstCall { prompt_at_most, answer, thinking, ..lane.call };
        Some(Payee {
            provider: setup.id.clone(),
            model: asked.model.clone(),
            name: name_of(facts, model).to_owned(),
            key_id: asked.keys.first().and_then(FoundKey::booked_as),
            simulated: setup.is_demo(),
            worst: Some(Reserve::new(Some(price), call).worst?),
        })
    }
}
