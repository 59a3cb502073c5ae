//! What sending now would mean, before it is sent: tokens, cost, and what a lane cannot carry.
//!
//! The numbers are made by the code that plans and reserves (`turn/plan.rs`, `turn/fit.rs`); only what a keystroke cannot change is
//! remembered between two of them: histories (`history/cache.rs`), files, and how long a model's answers usually are.

mod money;
mod remembered;

use std::collections::{BTreeSet, HashMap};

use futures_util::future::{join_all, try_join_all};
use roundtable_domain::history::plan_fit;
use roundtable_domain::{
    ChatRequest, ConversationId, KeyId, LaneId, Message, ModelRef, Notice, Params, PicoUsd, ProviderError,
    Timeouts,
};
use roundtable_providers::{Timers, count_tokens};
use roundtable_store::Lane;

use crate::budgets::{LaneMoney, Place};
use crate::directory::{Directory, Setup};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::history::{KnownHistory, prompt_message, without_bytes};
use crate::keys::{FoundKey, without_key};
use crate::notices::{self, say, told};
use crate::settings::Effective;
use crate::tokens::{self, Counting, MediaTokens};
use crate::turn::{name_of, omissions, prompt_limit, take_out_unreadable, too_long};
use crate::view::{AppError, CountSource, LanePreview, MoneyChoice, TurnPreview};
use money::Purse;
pub(crate) use remembered::Remembered;

/// A prompt in the making.
#[derive(Clone, Copy)]
struct Draft<'a> {
    directory: &'a Directory,
    message: &'a Message,
    /// Ask providers that count for free.
    exact: bool,
    purse: &'a Purse,
}

/// The model a target means.
type Aim = (Setup, ModelRef);

/// A lane whose target means something.
struct Aimed<'a> {
    lane: &'a Lane,
    setup: Setup,
    model: String,
    params: Params,
    timers: Timers,
    history: &'a KnownHistory,
    /// What the keys it may be asked with are booked under.
    keys: Vec<Option<KeyId>>,
}

/// One lane, with its money before it is text.
struct Previewed {
    view: LanePreview,
    expected: Option<PicoUsd>,
    worst: Option<PicoUsd>,
    /// What budgets see of it; `None`: it would not be sent at all.
    money: Option<LaneMoney>,
}

impl Engine {
    /// What sending this to the lanes (none named: all) would mean. Counts locally; `exact` also asks providers that count for
    /// free, which shows them the draft.
    pub async fn preview_turn(
        &self,
        conversation_id: ConversationId,
        text: &str,
        attachments: &[String],
        lane_ids: &[LaneId],
        exact: bool,
    ) -> Result<TurnPreview, AppError> {
        let directory = self.directory().await?;
        let lanes = self.lanes_to_ask(conversation_id, lane_ids).await?;
        let parts = self.remembered_parts(attachments).await?;
        let message = prompt_message(&parts, text);
        let conversation = self.inner.store.conversations().get(conversation_id).await;
        let conversation = conversation.map_err(EngineError::from)?;
        let purse = Purse {
            budgets: self.budgets_now().await?,
            place: Place::of(&conversation),
            choice: MoneyChoice::default(),
        };
        let draft = Draft { directory: &directory, message: &message, exact, purse: &purse };
        let aims = self.aims(&directory, &lanes).await;
        let previewed = lanes.iter().zip(aims).map(|(lane, aim)| self.preview_lane(lane, aim, draft));
        let lanes = try_join_all(previewed).await?;
        Ok(self.sum(lanes, draft, text, &parts).await?)
    }

    /// Whom each lane would ask first. Lanes that name the same target have it looked up once: `auto` looks at everybody.
    async fn aims(&self, directory: &Directory, lanes: &[Lane]) -> Vec<Result<Aim, ProviderError>> {
        let targets: BTreeSet<&str> = lanes.iter().map(|lane| lane.target.as_str()).collect();
        let found = targets.into_iter().map(async |target| (target, self.foremost(directory, target).await));
        let found: HashMap<&str, _> = join_all(found).await.into_iter().collect();
        lanes.iter().filter_map(|lane| found.get(lane.target.as_str()).cloned()).collect()
    }

    async fn preview_lane(
        &self,
        lane: &Lane,
        aim: Result<Aim, ProviderError>,
        draft: Draft<'_>,
    ) -> Result<Previewed, EngineError> {
        let history = self.known_history(lane, draft.directory).await?;
        let (setup, ModelRef { model, .. }) = match aim {
            Ok(aim) => aim,
            Err(error) => return Ok(Previewed::unreachable(lane, &history, draft.message, error.message)),
        };
        let effective = self.effective(&setup, &model, &lane.params).await?;
        let timers = effective.timers(&Timeouts::default());
        let Effective { params, refusal, notes, .. } = effective;
        let mut refusals: Vec<Notice> = refusal.into_iter().map(Notice::from).collect();
        let keys = match self.look_for_keys(&setup).await {
            Ok(keys) => {
                let missing = (setup.needs_key() && keys.is_empty()).then(|| told(without_key(&setup)));
                refusals.extend(missing);
                keys.iter().map(FoundKey::booked_as).collect()
            }
            Err(error) => {
                refusals.extend(setup.needs_key().then(|| Notice::from(error.message)));
                Vec::new()
            }
        };
        let aimed = Aimed { lane, setup, model, params, timers, history: &history, keys };
        let mut notices = notes;
        for notice in &history.notices {
            say(&mut notices, notice.clone());
        }
        let prompt = aimed.prompt(draft.message, &mut notices);
        let counting = self.counting(&aimed.setup, &aimed.model).await;
        let (mut tokens, media, fits) = fit(&aimed, &prompt, counting, &mut refusals, &mut notices);
        let mut source = counting.source();
        if draft.exact
            && refusals.is_empty()
            && let Some(counted) = self.count_at_provider(&aimed, &prompt).await
        {
            // Sending sets aside by our own count: what is no text keeps its bound.
            (tokens, source) = (counted, CountSource::Provider);
        }
        let mut previewed =
            self.price(&aimed, &prompt, (tokens, media, source), draft.purse, refusals.is_empty()).await;
        refusals.append(&mut notices);
        previewed.view = LanePreview { source, fits, notices: refusals, ..previewed.view };
        Ok(previewed)
    }

    /// The count of the provider itself; `None` where it does not count for free or cannot be reached.
    async fn count_at_provider(&self, aimed: &Aimed<'_>, prompt: &Message) -> Option<u64> {
        let setup = &aimed.setup;
        let key = self.find_key(setup).await.ok()?;
        let request = ChatRequest {
            model: aimed.model.clone(),
            messages: aimed.history.messages.iter().chain([prompt]).cloned().collect(),
            tools: aimed.history.tools.clone(),
            params: aimed.params.clone(),
            ..ChatRequest::default()
        };
        let (endpoint, secret) = (setup.endpoint(), key.as_ref().and_then(FoundKey::secret));
        let counted =
            count_tokens(&self.inner.client, &endpoint, secret, &request, aimed.timers, &self.inner.closing)
                .await;
        match counted {
            Ok(tokens) => tokens,
            Err(error) => {
                let outcome = error.category.as_str();
                tracing::debug!(outcome, status = error.status, "the provider did not count");
                None
            }
        }
    }
}

/// Tokens of the request as it would be sent, what of them is no text, and whether they fit.
fn fit(
    aimed: &Aimed<'_>,
    prompt: &Message,
    counting: Counting<'_>,
    refusals: &mut Vec<Notice>,
    notices: &mut Vec<Notice>,
) -> (u64, MediaTokens, bool) {
    let (setup, model, history) = (&aimed.setup, aimed.model.as_str(), aimed.history);
    let total = history.tokens.saturating_add(counting.message(prompt));
    let facts = setup.facts(model);
    let messages: Vec<&Message> = history.messages.iter().chain([prompt]).collect();
    let Some(limit) = prompt_limit(&aimed.params, facts).filter(|limit| total > *limit) else {
        return (total, counting.media(messages), true);
    };
    let fit = plan_fit(&messages, limit, |message| counting.message(message));
    if fit.left_out > 0 {
        say(notices, notices::trimmed(fit.left_out, name_of(facts, model)));
    }
    if let Some(window) = facts.and_then(|facts| facts.context_window).filter(|_| !fit.fits) {
        match too_long(model, window, std::slice::from_ref(prompt)) {
            Some(saying) => refusals.push(told(saying)),
            None => say(notices, notices::tight(fit.total, window, name_of(facts, model))),
        }
    }
    let kept = messages.iter().zip(&fit.stays).filter(|(_, stays)| **stays).map(|(message, _)| *message);
    (fit.total, counting.media(kept), fit.fits)
}

impl Aimed<'_> {
    /// The prompt as this model is sent it, and what that leaves out.
    fn prompt(&self, message: &Message, notices: &mut Vec<Notice>) -> Message {
        let facts = self.setup.facts(&self.model);
        let mut prompt = [message.clone()];
        take_out_unreadable(&mut prompt, facts, name_of(facts, &self.model), notices);
        let request = ChatRequest {
            model: self.model.clone(),
            messages: without_bytes(&prompt),
            params: self.params.clone(),
            stream: true,
            ..ChatRequest::default()
        };
        omissions(&self.setup, &request, notices);
        let [prompt] = prompt;
        prompt
    }
}

impl Previewed {
    /// A lane whose target means nothing today.
    fn unreachable(lane: &Lane, history: &KnownHistory, prompt: &Message, why: String) -> Self {
        let tokens = history.tokens.saturating_add(tokens::estimate_messages(std::slice::from_ref(prompt)));
        let view = LanePreview {
            lane_id: lane.id,
            tokens,
            source: CountSource::Estimate,
            context_window: None,
            fits: true,
            expected_usd: None,
            worst_usd: None,
            expected_tokens: 0,
            share_percent: None,
            simulated: false,
            notices: vec![Notice::from(why)],
        };
        Self { view, expected: None, worst: None, money: None }
    }
}
