//! What a lane will ask, worked out before anything is written or sent.

use roundtable_domain::{ChatRequest, ErrorCategory, LaneId, Message, Params, PicoUsd, ProviderError};
use roundtable_ledger::{Catalogue, ModelFacts, PriceList, estimate_cost};

use crate::directory::{Directory, Setup};
use crate::engine::Engine;
use crate::keys::{FoundKey, missing_key};
use crate::tokens;

/// The answer length money is set aside for when neither the user nor the catalogue limits it, in tokens.
const USUAL_MAX_OUTPUT: u64 = 4_096;

/// Whom a lane asks.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) setup: Setup,
    pub(crate) model: String,
    pub(crate) key: Option<FoundKey>,
}

/// One answer to be, ready to be written and sent, or refused before.
pub(crate) struct Plan {
    pub(crate) lane_id: LaneId,
    pub(crate) target: String,
    pub(crate) params: Params,
    pub(crate) ready: Result<Ready, Refused>,
}

/// Everything a request needs.
pub(crate) struct Ready {
    pub(crate) asked: Asked,
    pub(crate) request: ChatRequest,
    /// Tokens of the prompt, estimated.
    pub(crate) prompt_tokens: u64,
    /// What is set aside: `None` when the model is unpriced.
    pub(crate) reserve: Option<PicoUsd>,
}

/// Why nothing is sent, and whom it would have gone to.
pub(crate) struct Refused {
    pub(crate) provider: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) error: ProviderError,
}

impl Ready {
    pub(crate) fn is_simulated(&self) -> bool {
        self.asked.setup.is_demo()
    }
}

/// The price an answer is charged at: that of the model that served it, where it is another than was asked for.
pub(crate) fn price_of(setup: &Setup, asked: &str, served: Option<&str>) -> Option<&'static PriceList> {
    Catalogue::builtin().price_served(setup.dialect.id, asked, served)
}

impl Engine {
    /// Finds out whom a target means and with which key; starts the emulator for a demo model.
    pub(crate) async fn ask_whom(&self, directory: &Directory, target: &str) -> Result<Asked, Refused> {
        let (mut setup, model) =
            directory.resolve(target).map_err(|error| Refused { provider: None, model: None, error })?;
        let refuse = |error| Refused {
            provider: Some(model.provider.clone()),
            model: Some(model.model.clone()),
            error,
        };
        if setup.is_demo() {
            setup.base_url = self.demo_url().await.map_err(refuse)?;
        }
        let key = self.find_key(&setup).await.map_err(refuse)?;
        if key.is_none() && setup.needs_key() {
            return Err(refuse(missing_key(&setup)));
        }
        Ok(Asked { setup, model: model.model.clone(), key })
    }

    /// Plans one lane's answer. `messages` end with the prompt.
    pub(crate) fn plan(
        &self,
        lane_id: LaneId,
        target: &str,
        params: &Params,
        asked: Result<Asked, Refused>,
        messages: Vec<Message>,
        stream: bool,
    ) -> Plan {
        let ready = asked.and_then(|asked| self.make_ready(asked, params, messages, stream));
        Plan { lane_id, target: target.to_owned(), params: params.clone(), ready }
    }

    fn make_ready(
        &self,
        asked: Asked,
        params: &Params,
        messages: Vec<Message>,
        stream: bool,
    ) -> Result<Ready, Refused> {
        let facts = asked.setup.facts(&asked.model);
        if let Some(error) = too_long(&asked, facts, &messages) {
            return Err(Refused { provider: Some(asked.setup.id.clone()), model: Some(asked.model), error });
        }
        let prompt_tokens = tokens::estimate_messages(&messages);
        let answer_tokens = params
            .max_tokens
            .map(u64::from)
            .or_else(|| facts.and_then(|facts| facts.max_output))
            .unwrap_or(USUAL_MAX_OUTPUT);
        let now = self.inner.clock.now();
        let reserve = price_of(&asked.setup, &asked.model, None)
            .and_then(|price| estimate_cost(price, prompt_tokens, answer_tokens, now).usd);
        let request = ChatRequest {
            model: asked.model.clone(),
            messages,
            params: params.clone(),
            tools: Vec::new(),
            stream,
            ..ChatRequest::default()
        };
        Ok(Ready { asked, request, prompt_tokens, reserve })
    }
}

/// What certainly does not fit is not sent: the words of the refusal name both numbers.
fn too_long(asked: &Asked, facts: Option<&ModelFacts>, messages: &[Message]) -> Option<ProviderError> {
    let window = facts?.context_window?;
    let least = tokens::at_least(messages);
    (least > window).then(|| {
        ProviderError::local(
            ErrorCategory::ContextLength,
            asked.setup.id.as_str(),
            format!(
                "The conversation is at least {least} tokens long, and {} reads {window}. Nothing was sent. Shorten the prompt, \
                 start a new conversation, or choose a model with a larger context.",
                asked.model
            ),
        )
    })
}
