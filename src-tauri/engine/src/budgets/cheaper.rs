//! The search for models that cost less than the ones that do not fit, and can do the same.

use roundtable_domain::{ChatRequest, ModelRef};
use roundtable_ledger::WorstCall;
use tokio::sync::OnceCell;

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

/// Who could answer in the place of the lanes of a prompt; looked up when it is first asked for, and once for all of them.
pub(crate) struct Others<'a> {
    directory: &'a Directory,
    /// Those that the budgets name, in their order; `None`: they name nobody.
    named: Option<Vec<ModelRef>>,
    askable: OnceCell<Vec<ModelRef>>,
    demo: OnceCell<Vec<ModelRef>>,
}

impl<'a> Others<'a> {
    pub(crate) fn new(directory: &'a Directory, named: &[String]) -> Self {
        let models = named.iter().filter_map(|name| name.parse().ok()).collect();
        let named = (!named.is_empty()).then_some(models);
        Self { directory, named, askable: OnceCell::new(), demo: OnceCell::new() }
    }

    /// Demo models stand for demo models: they can be asked by name also where they are not offered.
    async fn of(&self, engine: &Engine, simulated: bool) -> Result<&[ModelRef], EngineError> {
        if let Some(named) = &self.named {
            return Ok(named);
        }
        let demo = self.directory.find(DEMO).filter(|_| simulated);
        let models = match demo {
            Some(setup) => self.demo.get_or_try_init(|| engine.models_to_ask(&setup)).await?,
            None => self.askable.get_or_try_init(|| engine.askable_models(self.directory)).await?,
        };
        Ok(models)
    }
}

impl Engine {
    /// Models that could answer in a lane's place for less: those that the budgets name, in their order; where they name none, the
    /// cheapest first.
    pub(crate) async fn cheaper_than(
        &self,
        others: &Others<'_>,
        lane: &LaneMoney,
        facts: &PromptFacts<'_>,
        choice: &MoneyChoice,
    ) -> Result<Vec<Payee>, EngineError> {
        let among = others.of(self, lane.payee.simulated).await?;
        let able = self.able_models(others.directory, among, facts).await?;
        let mut payees: Vec<Payee> = able
            .iter()
            .filter(|asked| asked.setup.is_demo() == lane.payee.simulated)
            .filter_map(|asked| self.payee(asked, lane, choice))
            .filter(|payee| payee.target() != lane.payee.target())
            .filter(|payee| lane.payee.worst.is_none_or(|worst| payee.worst.is_some_and(|less| less < worst)))
            .collect();
        if others.named.is_none() {
            payees.sort_by_key(|payee| (payee.worst, payee.target()));
        }
        payees.truncate(MOST);
        Ok(payees)
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
