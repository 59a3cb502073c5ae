//! What a lane will ask, worked out before anything is written or sent.

use futures_util::future::try_join_all;
use roundtable_domain::{
    ChatRequest, ErrorCategory, LaneId, Message, Params, PicoUsd, ProviderError, Timeouts, ToolChoice,
    ToolDefinition, TurnId,
};
use roundtable_ledger::{ModelFacts, PriceList, estimate_cost};
use roundtable_providers::{Timers, wire_for};
use roundtable_store::{Conversation, Lane, SharedFiles};

use super::fit::{longest_answer, prompt_limit, shorten, take_out_unreadable};
use crate::ask::Tools;
use crate::directory::{Directory, Setup};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::history::{LaneHistory, Reader, history_for};
use crate::keys::{FoundKey, missing_key};
use crate::notices::{self, say};
use crate::tokens::{self, Counting};
use crate::view::CountSource;

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
    pub(crate) timers: Timers,
    /// Tokens of the prompt as counted here.
    pub(crate) prompt_tokens: u64,
    /// The same by rule of thumb, where what is reported can be learnt from: text alone, and no tokenizer.
    pub(crate) learn_from: Option<u64>,
    /// What is set aside: `None` when the model is unpriced.
    pub(crate) reserve: Option<PicoUsd>,
    /// What is left out or changed, for people.
    pub(crate) notices: Vec<String>,
}

/// Why nothing is sent, and whom it would have gone to.
pub(crate) struct Refused {
    pub(crate) provider: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) error: ProviderError,
}

/// What the lanes of a turn have in common.
#[derive(Clone, Copy)]
pub(crate) struct Prompt<'a> {
    pub(crate) conversation: &'a Conversation,
    pub(crate) message: &'a Message,
    /// The turn that is answered again; `None` for a new one.
    pub(crate) before: Option<TurnId>,
    /// What may be called besides what the history calls.
    pub(crate) tools: &'a Tools,
    /// `None`: the profile in use.
    pub(crate) profile: Option<&'a str>,
    pub(crate) stream: bool,
    /// What was said about waiting for this call alone.
    pub(crate) timeouts: Timeouts,
}

impl Ready {
    pub(crate) fn is_simulated(&self) -> bool {
        self.asked.setup.is_demo()
    }
}

impl Asked {
    /// Nothing is sent to it, for this reason.
    fn refused(&self, error: ProviderError) -> Refused {
        Refused { provider: Some(self.setup.id.clone()), model: Some(self.model.clone()), error }
    }
}

/// The price an answer is charged at: that of the model that served it, where it is another than was asked for.
pub(crate) fn price_of<'a>(setup: &'a Setup, asked: &str, served: Option<&str>) -> Option<&'a PriceList> {
    setup.catalogue.price_served(setup.listed_at(), asked, served)
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

    /// Plans the answers of several lanes at once, in their order.
    pub(crate) async fn plan_lanes(
        &self,
        lanes: Vec<(Lane, Result<Asked, Refused>)>,
        prompt: Prompt<'_>,
    ) -> Result<Vec<Plan>, EngineError> {
        let files = SharedFiles::default();
        try_join_all(lanes.into_iter().map(|(lane, asked)| self.plan_lane(lane, asked, prompt, &files))).await
    }

    async fn plan_lane(
        &self,
        lane: Lane,
        asked: Result<Asked, Refused>,
        prompt: Prompt<'_>,
        files: &SharedFiles,
    ) -> Result<Plan, EngineError> {
        let ready = match asked {
            Ok(asked) => self.make_ready(&lane, asked, prompt, files).await?,
            Err(refused) => Err(refused),
        };
        // What a run is recorded with is what it is sent with.
        let params = ready.as_ref().map_or(lane.params, |ready| ready.request.params.clone());
        Ok(Plan { lane_id: lane.id, target: lane.target, params, ready })
    }

    async fn make_ready(
        &self,
        lane: &Lane,
        asked: Asked,
        prompt: Prompt<'_>,
        files: &SharedFiles,
    ) -> Result<Result<Ready, Refused>, EngineError> {
        let effective = self.effective_in(&asked.setup, &asked.model, &lane.params, prompt.profile).await?;
        if let Some(refusal) = effective.refusal {
            let error = ProviderError::local(ErrorCategory::InvalidRequest, asked.setup.id.as_str(), refusal);
            return Ok(Err(asked.refused(error)));
        }
        let stored = self.inner.store.lane_history_sharing(lane.id, prompt.before, files).await?;
        let reader = Reader { provider: &asked.setup.id, model: &asked.model, api: asked.setup.api };
        let mut history = history_for(prompt.conversation.system_prompt.as_deref(), &stored, reader);
        drop(stored);
        history.messages.push(prompt.message.clone());
        let timers = effective.timers(&prompt.timeouts);
        let counting = self.counting(&asked.setup, &asked.model).await;
        let (params, notices) = (effective.params, effective.notes);
        let draft = match fitting(&asked, &params, history, counting, notices) {
            Ok(draft) => draft,
            Err(refused) => return Ok(Err(refused)),
        };
        let request = ChatRequest {
            model: asked.model.clone(),
            messages: draft.messages,
            params,
            tool_choice: match (prompt.tools.definitions.is_empty(), draft.tools.is_empty()) {
                (false, _) => prompt.tools.choice.clone(),
                (true, false) => ToolChoice::None,
                (true, true) => ToolChoice::Auto,
            },
            tools: offered(prompt.tools, draft.tools),
            parallel_tools: prompt.tools.parallel,
            stream: prompt.stream,
        };
        let mut notices = draft.notices;
        omissions(&asked.setup, &request, &mut notices);
        let prompt_tokens = draft.tokens.saturating_add(counting.tools(&request.tools));
        let longest = longest_answer(&request.params, asked.setup.facts(&asked.model));
        let now = self.inner.clock.now();
        let reserve = price_of(&asked.setup, &asked.model, None)
            .and_then(|price| estimate_cost(price, prompt_tokens, longest, now).usd);
        let learn_from = (counting.source() != CountSource::Tokenizer && is_text(&request))
            .then(|| tokens::estimate_messages(&request.messages));
        Ok(Ok(Ready { asked, request, timers, prompt_tokens, learn_from, reserve, notices }))
    }
}

/// What is offered, and what earlier calls of the history need declared.
fn offered(tools: &Tools, mut declared: Vec<ToolDefinition>) -> Vec<ToolDefinition> {
    declared.retain(|old| tools.definitions.iter().all(|tool| tool.name != old.name));
    tools.definitions.iter().cloned().chain(declared).collect()
}

/// A request's messages, made to fit.
struct Draft {
    messages: Vec<Message>,
    tools: Vec<ToolDefinition>,
    tokens: u64,
    notices: Vec<String>,
}

/// Makes a history that ends with the prompt fit its model. What certainly does not fit is refused.
fn fitting(
    asked: &Asked,
    params: &Params,
    history: LaneHistory,
    counting: Counting<'_>,
    mut notices: Vec<String>,
) -> Result<Draft, Refused> {
    let facts = asked.setup.facts(&asked.model);
    let name = name_of(facts, &asked.model);
    let LaneHistory { mut messages, tools, taken_over } = history;
    if taken_over {
        say(&mut notices, notices::taken_over(name));
    }
    take_out_unreadable(&mut messages, facts, name, &mut notices);
    let (messages, fit) = shorten(messages, prompt_limit(params, facts), counting);
    if fit.left_out > 0 {
        say(&mut notices, notices::trimmed(fit.left_out, name));
    }
    if let Some(window) = facts.and_then(|facts| facts.context_window).filter(|_| !fit.fits) {
        if let Some(error) = too_long(&asked.setup, &asked.model, window, &messages) {
            return Err(asked.refused(error));
        }
        say(&mut notices, notices::tight(fit.total, window, name));
    }
    Ok(Draft { messages, tools, tokens: fit.total, notices })
}

/// What the wire will not carry of a request, in sentences.
pub(crate) fn omissions(setup: &Setup, request: &ChatRequest, notices: &mut Vec<String>) {
    let Some(wire) = wire_for(setup.api) else { return };
    let omitted = wire.omissions(&setup.endpoint(), request);
    for sentence in omitted.iter().filter_map(|omission| notices::omitted(omission, &setup.name)) {
        say(notices, sentence);
    }
}

fn is_text(request: &ChatRequest) -> bool {
    use roundtable_domain::history::{PartKind, with_part};
    request.tools.is_empty()
        && with_part(&request.messages, PartKind::Image).next().is_none()
        && with_part(&request.messages, PartKind::File).next().is_none()
}

/// What certainly does not fit is not sent: the words of the refusal name both numbers.
pub(crate) fn too_long(
    setup: &Setup,
    model: &str,
    window: u64,
    messages: &[Message],
) -> Option<ProviderError> {
    let least = tokens::at_least(messages);
    (least > window).then(|| {
        ProviderError::local(
            ErrorCategory::ContextLength,
            setup.id.as_str(),
            format!(
                "The prompt is at least {least} tokens long, and {model} reads {window}. Nothing was sent. Shorten it, or choose a \
                 model with a larger context."
            ),
        )
    })
}

/// What is known of a model, by its own name for people.
pub(crate) fn name_of<'a>(facts: Option<&'a ModelFacts>, model: &'a str) -> &'a str {
    facts.map_or(model, |facts| facts.name.as_str())
}
