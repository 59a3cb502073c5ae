//! A request as one model is sent it: its history shortened to fit, its values held to what it takes, its money reckoned.

use roundtable_domain::history::{PartKind, with_part};
use roundtable_domain::{
    ChatRequest, ErrorCategory, Message, Notice, NoticeSaying, Params, ProviderError, ToolChoice,
    ToolDefinition,
};
use roundtable_ledger::ModelFacts;
use roundtable_providers::{ThinkingApart, Timers, wire_for};
use roundtable_store::{Lane, LaneTurn};

use super::fit::{prompt_limit, shorten, take_out_unreadable};
use super::plan::{Asked, Refused, price_of};
use super::prompt::{Partial, Prompt};
use crate::ask::Tools;
use crate::budgets::{Counted, Reserve, answer_limit, is_governed, thinking_limit, worst_call};
use crate::directory::Setup;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::history::{LaneHistory, Reader, history_for};
use crate::keys::FoundKey;
use crate::notices::{self, say};
use crate::routing::Routed;
use crate::settings::RungValues;
use crate::tokens::{self, Counting, MediaTokens};
use crate::view::CountSource;

/// Everything a request needs.
#[derive(Clone)]
pub(crate) struct Ready {
    pub(crate) asked: Asked,
    pub(crate) request: ChatRequest,
    pub(crate) timers: Timers,
    /// Tokens of the prompt as counted here.
    pub(crate) prompt_tokens: u64,
    /// What of them is no text.
    media: MediaTokens,
    /// The same by rule of thumb, where what is reported can be learnt from: text alone, and no tokenizer.
    pub(crate) learn_from: Option<u64>,
    /// What is set aside.
    pub(crate) reserve: Reserve,
    /// The longest answer somebody has asked for, in tokens.
    pub(crate) asked_for: Option<u32>,
    /// The most thinking somebody has asked for, in tokens: what is sent may be less, so that it fits into a limited answer.
    pub(crate) asked_to_think: Option<u32>,
    /// What is left out or changed, for people.
    pub(crate) notices: Vec<Notice>,
    /// Exchanges of the history that were left out to make it fit.
    pub(crate) left_out: usize,
}

impl Ready {
    pub(crate) fn is_simulated(&self) -> bool {
        self.asked.setup.is_demo()
    }

    /// What somebody has asked for, without the limits of budgets.
    pub(crate) fn params_asked_for(&self) -> Params {
        let (max_tokens, reasoning_tokens) = (self.asked_for, self.asked_to_think);
        Params { max_tokens, reasoning_tokens, ..self.request.params.clone() }
    }

    /// The most that is reckoned with where the answer is limited, in tokens, with what may be thought beside it; `None`: nothing limits
    /// it.
    pub(crate) fn most_output(&self) -> Option<u64> {
        let call = self.reserve.call;
        self.request.params.max_tokens.map(|_| call.answer.saturating_add(call.thinking))
    }
}

/// What is made ready.
#[derive(Clone, Copy)]
pub(crate) struct ToSend<'a> {
    pub(crate) lane: &'a Lane,
    pub(crate) prompt: &'a Prompt,
    pub(crate) history: &'a [LaneTurn],
    /// What an answer goes on from.
    pub(crate) partial: Option<&'a Partial>,
    /// The longest prompt there may be, in tokens; `None` leaves it to the model's window.
    pub(crate) at_most: Option<u64>,
}

impl Engine {
    /// Makes a request ready for one candidate, or says why it cannot be sent to it.
    pub(crate) async fn make_ready(
        &self,
        routed: &Routed,
        to_send: ToSend<'_>,
    ) -> Result<Result<Ready, Refused>, EngineError> {
        let mut asked = routed.asked.clone();
        let ToSend { lane, prompt, history: stored, partial, at_most } = to_send;
        if asked.setup.is_demo() {
            match self.demo_url().await {
                Ok(url) => asked.setup.base_url = url,
                Err(error) => return Ok(Err(asked.refused(error))),
            }
        }
        let rung = routed.from().map(|origin| RungValues { origin, settings: routed.values });
        let effective = self
            .effective_on(&asked.setup, &asked.model, &lane.params, prompt.profile.as_deref(), rung.as_ref())
            .await?;
        if let Some(refusal) = effective.refusal {
            let error = ProviderError::local(ErrorCategory::InvalidRequest, asked.setup.id.as_str(), refusal);
            return Ok(Err(asked.refused(error)));
        }
        let timers = effective.timers(&prompt.patient.timeouts);
        let counting = self.counting(&asked.setup, &asked.model).await;
        let (params, notices) = (effective.params, effective.notes);
        let reader = Reader { provider: &asked.setup.id, model: &asked.model, api: asked.setup.api };
        let mut history = history_for(prompt.system.as_deref(), stored, reader);
        history.messages.push(prompt.message.clone());
        history.messages.extend(partial.iter().flat_map(|partial| partial.messages()));
        let draft = match fitting(&asked, &params, &prompt.tools, history, counting, at_most, notices) {
            Ok(draft) => draft,
            Err(refused) => return Ok(Err(refused)),
        };
        Ok(Ok(self.reckon(asked, draft, prompt, params, timers, counting)))
    }

    /// The request, counted and with its money.
    fn reckon(
        &self,
        asked: Asked,
        draft: Draft,
        prompt: &Prompt,
        params: Params,
        timers: Timers,
        counting: Counting<'_>,
    ) -> Ready {
        let mut request = ChatRequest {
            model: asked.model.clone(),
            messages: draft.messages,
            params,
            tool_choice: match (prompt.tools.definitions.is_empty(), draft.tools.is_empty()) {
                (false, _) => prompt.tools.choice.clone(),
                // Declared for the calls of the history alone.
                (true, false) => ToolChoice::None,
                (true, true) => ToolChoice::Auto,
            },
            tools: draft.tools,
            parallel_tools: prompt.tools.parallel,
            stream: prompt.stream,
            thinking_limit: None,
        };
        let (asked_for, asked_to_think) = (request.params.max_tokens, request.params.reasoning_tokens);
        let media = counting.media(&request.messages);
        let reserve = self.set_aside(&asked, &mut request, prompt, (draft.tokens, media), counting);
        let mut notices = draft.notices;
        omissions(&asked.setup, &request, &mut notices);
        let prompt_tokens = draft.tokens;
        let learn_from = (counting.source() != CountSource::Tokenizer && is_text(&request))
            .then(|| tokens::estimate_messages(&request.messages));
        let left_out = draft.left_out;
        Ready {
            asked,
            request,
            timers,
            prompt_tokens,
            media,
            learn_from,
            reserve,
            asked_for,
            asked_to_think,
            notices,
            left_out,
        }
    }
}

impl Engine {
    /// The same request under the budgets of this prompt.
    pub(crate) async fn reckoned_again(&self, ready: &Ready, prompt: &Prompt) -> Ready {
        let counting = self.counting(&ready.asked.setup, &ready.asked.model).await;
        let mut request = ready.request.clone();
        request.params = ready.params_asked_for();
        request.thinking_limit = None;
        let tokens = (ready.prompt_tokens, ready.media);
        let reserve = self.set_aside(&ready.asked, &mut request, prompt, tokens, counting);
        Ready { request, reserve, ..ready.clone() }
    }

    /// What is set aside for a request. Where a budget may refuse it or somebody has limited it, the longest answer that is reckoned
    /// with is the one that is asked for.
    fn set_aside(
        &self,
        asked: &Asked,
        request: &mut ChatRequest,
        prompt: &Prompt,
        (tokens, media): (u64, MediaTokens),
        counting: Counting<'_>,
    ) -> Reserve {
        let (provider, model) = (asked.setup.id.as_str(), asked.model.as_str());
        let counted = Counted {
            tokens,
            media,
            source: counting.source(),
            has_tools: !request.tools.is_empty(),
            exceeded: self.inner.tokens.learned.unseen(provider, model),
        };
        let keys: Vec<_> = asked.keys.iter().map(FoundKey::booked_as).collect();
        let spent_on = prompt.place.facts(provider, model, None);
        let governed = is_governed(&prompt.budgets, spent_on, &keys, asked.setup.is_demo());
        let asked_for = request.params.max_tokens;
        let facts = asked.setup.facts(model);
        let longest = answer_limit(asked_for, facts, counted.likely(), &prompt.money, governed);
        if governed || prompt.money.cap_tokens.is_some() {
            let limit = u32::try_from(longest).unwrap_or(u32::MAX);
            request.params.max_tokens = Some(limit);
            request.thinking_limit = thinking_limit(&asked.setup, request, longest);
            if asked.setup.dialect.thinking_apart(asked.setup.api, request) == ThinkingApart::Nothing {
                // Who has to think longer than it may answer would say nothing.
                let reasoning = &mut request.params.reasoning_tokens;
                *reasoning = reasoning.map(|tokens| if tokens >= limit { limit / 2 } else { tokens });
            }
        }
        let call = worst_call(&asked.setup, request, counted, longest, self.inner.clock.now());
        Reserve::new(price_of(&asked.setup, model, None), call)
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
    /// Everything that is declared.
    tools: Vec<ToolDefinition>,
    /// Messages and tools together.
    tokens: u64,
    notices: Vec<Notice>,
    left_out: usize,
}

/// Makes a history that ends with the prompt fit its model. What certainly does not fit is refused.
fn fitting(
    asked: &Asked,
    params: &Params,
    tools: &Tools,
    history: LaneHistory,
    counting: Counting<'_>,
    at_most: Option<u64>,
    mut notices: Vec<Notice>,
) -> Result<Draft, Refused> {
    let facts = asked.setup.facts(&asked.model);
    let name = name_of(facts, &asked.model);
    let LaneHistory { mut messages, tools: declared, taken_over } = history;
    let tools = offered(tools, declared);
    let tool_tokens = counting.tools(&tools);
    if taken_over {
        say(&mut notices, notices::taken_over(name));
    }
    take_out_unreadable(&mut messages, facts, name, &mut notices);
    let limit = [prompt_limit(params, facts), at_most].into_iter().flatten().min();
    // The definitions stand in the window too, and cannot be shortened.
    let room = limit.map(|limit| limit.saturating_sub(tool_tokens));
    let (messages, fit) = shorten(messages, room, counting);
    let tokens = fit.total.saturating_add(tool_tokens);
    if fit.left_out > 0 {
        say(&mut notices, notices::trimmed(fit.left_out, name));
    }
    if let Some(window) = facts.and_then(|facts| facts.context_window).filter(|_| !fit.fits) {
        if let Some(saying) = too_long(&asked.model, window, &messages) {
            let (provider, text) = (asked.setup.id.as_str(), notices::english(&saying));
            let error = ProviderError::local(ErrorCategory::ContextLength, provider, text);
            return Err(asked.refused(error));
        }
        say(&mut notices, notices::tight(tokens, window, name));
    }
    Ok(Draft { messages, tools, tokens, notices, left_out: fit.left_out })
}

/// What the wire will not carry of a request.
pub(crate) fn omissions(setup: &Setup, request: &ChatRequest, notices: &mut Vec<Notice>) {
    let Some(wire) = wire_for(setup.api) else { return };
    let omitted = wire.omissions(&setup.endpoint(), request);
    for notice in omitted.iter().filter_map(|omission| notices::omitted(omission, &setup.name)) {
        say(notices, notice);
    }
}

fn is_text(request: &ChatRequest) -> bool {
    request.tools.is_empty()
        && with_part(&request.messages, PartKind::Image).next().is_none()
        && with_part(&request.messages, PartKind::File).next().is_none()
}

/// What certainly does not fit is not sent: the words of the refusal name both numbers.
pub(crate) fn too_long(model: &str, window: u64, messages: &[Message]) -> Option<NoticeSaying> {
    let tokens = tokens::at_least(messages);
    (tokens > window).then(|| NoticeSaying::PromptTooLong { model: model.to_owned(), tokens, window })
}

/// What is known of a model, by its own name for people.
pub(crate) fn name_of<'a>(facts: Option<&'a ModelFacts>, model: &'a str) -> &'a str {
    facts.map_or(model, |facts| facts.name.as_str())
}
