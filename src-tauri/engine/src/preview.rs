//! What sending now would mean, before it is sent: tokens, cost, and what a lane cannot carry.
//!
//! The numbers are made by the code that plans and reserves (`turn/plan.rs`, `turn/fit.rs`); only what a keystroke cannot change is
//! remembered between two of them: histories (`history/cache.rs`), files, and how long a model's answers usually are.

mod remembered;

use futures_util::future::try_join_all;
use roundtable_domain::history::plan_fit;
use roundtable_domain::{ChatRequest, ConversationId, LaneId, Message, Params, PicoUsd, Timeouts};
use roundtable_ledger::estimate_cost;
use roundtable_providers::{Timers, count_tokens};
use roundtable_store::Lane;

use crate::directory::{Directory, Setup};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::history::{KnownHistory, prompt_message, without_bytes};
use crate::notices::{self, say};
use crate::settings::Effective;
use crate::tokens::{self, Counting};
use crate::turn::{
    longest_answer, name_of, omissions, price_of, prompt_limit, take_out_unreadable, too_long,
};
use crate::view::{AppError, CountSource, LanePreview, TurnPreview};
pub(crate) use remembered::Remembered;

/// A prompt in the making.
#[derive(Clone, Copy)]
struct Draft<'a> {
    directory: &'a Directory,
    message: &'a Message,
    /// Ask providers that count for free.
    exact: bool,
}

/// A lane whose target means something.
struct Aimed<'a> {
    lane: &'a Lane,
    setup: Setup,
    model: String,
    params: Params,
    timers: Timers,
    history: &'a KnownHistory,
}

/// One lane, with its money before it is text.
struct Previewed {
    view: LanePreview,
    expected: Option<PicoUsd>,
    worst: Option<PicoUsd>,
    /// It would be sent at all.
    sent: bool,
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
        let draft = Draft { directory: &directory, message: &message, exact };
        Ok(sum(try_join_all(lanes.iter().map(|lane| self.preview_lane(lane, draft))).await?))
    }

    async fn preview_lane(&self, lane: &Lane, draft: Draft<'_>) -> Result<Previewed, EngineError> {
        let history = self.known_history(lane, draft.directory).await?;
        let (setup, model) = match self.foremost(draft.directory, &lane.target).await {
            Ok((setup, model)) => (setup, model.model),
            Err(error) => return Ok(Previewed::unreachable(lane, &history, draft.message, error.message)),
        };
        let effective = self.effective(&setup, &model, &lane.params).await?;
        let timers = effective.timers(&Timeouts::default());
        let Effective { params, refusal, notes, .. } = effective;
        let mut refusals: Vec<String> = refusal.into_iter().collect();
        refusals.extend(self.ask_key(&setup).await.err().map(|error| error.message));
        let aimed = Aimed { lane, setup, model, params, timers, history: &history };
        let mut notices = notes;
        for sentence in &history.notices {
            say(&mut notices, sentence.clone());
        }
        let prompt = aimed.prompt(draft.message, &mut notices);
        let counting = self.counting(&aimed.setup, &aimed.model).await;
        let (mut tokens, mut source, fits) = fit(&aimed, &prompt, counting, &mut refusals, &mut notices);
        if draft.exact
            && refusals.is_empty()
            && let Some(counted) = self.count_at_provider(&aimed, &prompt).await
        {
            (tokens, source) = (counted, CountSource::Provider);
        }
        let mut previewed = self.price(&aimed, tokens, refusals.is_empty()).await;
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
        let (endpoint, secret) = (setup.endpoint(), key.as_ref().map(|key| &key.secret));
        let counted =
            count_tokens(&self.inner.client, &endpoint, secret, &request, aimed.timers, &self.inner.closing)
                .await;
        match counted {
            Ok(tokens) => tokens,
            Err(error) => {
                tracing::info!(message = error.message, "the provider did not count");
                None
            }
        }
    }

    /// What it would cost: an answer of the usual length, and the longest, which is what sending reserves.
    async fn price(&self, aimed: &Aimed<'_>, tokens: u64, sent: bool) -> Previewed {
        let facts = aimed.setup.facts(&aimed.model);
        let longest = longest_answer(&aimed.params, facts);
        let usual = self.usual_answer(&aimed.setup.id, &aimed.model, longest).await;
        let now = self.inner.clock.now();
        let price = price_of(&aimed.setup, &aimed.model, None).filter(|_| sent);
        let cost = |answer| price.map(|price| estimate_cost(price, tokens, answer, now));
        let (expected, worst) = (cost(usual), cost(longest));
        let text = |cost: &Option<roundtable_domain::Cost>| {
            cost.as_ref()
                .and_then(|cost| cost.usd_exact.clone().or_else(|| cost.usd.map(|usd| usd.to_string())))
        };
        Previewed {
            view: LanePreview {
                lane_id: aimed.lane.id,
                tokens,
                source: CountSource::Estimate,
                context_window: facts.and_then(|facts| facts.context_window),
                fits: true,
                expected_usd: text(&expected),
                worst_usd: text(&worst),
                expected_tokens: usual,
                share_percent: None,
                simulated: aimed.setup.is_demo(),
                notices: Vec::new(),
            },
            expected: expected.and_then(|cost| cost.usd),
            worst: worst.and_then(|cost| cost.usd),
            sent,
        }
    }
}

/// Tokens of the request as it would be sent, how they are counted, and whether they fit.
fn fit(
    aimed: &Aimed<'_>,
    prompt: &Message,
    counting: Counting<'_>,
    refusals: &mut Vec<String>,
    notices: &mut Vec<String>,
) -> (u64, CountSource, bool) {
    let (setup, model, history) = (&aimed.setup, aimed.model.as_str(), aimed.history);
    let total = history.tokens.saturating_add(counting.message(prompt));
    let facts = setup.facts(model);
    let Some(limit) = prompt_limit(&aimed.params, facts).filter(|limit| total > *limit) else {
        return (total, counting.source(), true);
    };
    let messages: Vec<&Message> = history.messages.iter().chain([prompt]).collect();
    let fit = plan_fit(&messages, limit, |message| counting.message(message));
    if fit.left_out > 0 {
        say(notices, notices::trimmed(fit.left_out, name_of(facts, model)));
    }
    if let Some(window) = facts.and_then(|facts| facts.context_window).filter(|_| !fit.fits) {
        match too_long(setup, model, window, std::slice::from_ref(prompt)) {
            Some(error) => refusals.push(error.message),
            None => say(notices, notices::tight(fit.total, window, name_of(facts, model))),
        }
    }
    (fit.total, counting.source(), fit.fits)
}

impl Aimed<'_> {
    /// The prompt as this model is sent it, and what that leaves out.
    fn prompt(&self, message: &Message, notices: &mut Vec<String>) -> Message {
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
            notices: vec![why],
        };
        Self { view, expected: None, worst: None, sent: false }
    }
}

/// Adds up what is real, and beside it what is invented. A sum that does not fit the books' numbers stays at the most they hold.
fn sum(lanes: Vec<Previewed>) -> TurnPreview {
    let sent = |simulated| lanes.iter().filter(move |lane| lane.sent && lane.view.simulated == simulated);
    let real = || sent(false);
    let total = |simulated, amount: fn(&Previewed) -> Option<PicoUsd>| {
        let pico = sent(simulated).filter_map(amount).map(PicoUsd::as_pico).fold(0, i64::saturating_add);
        PicoUsd::from_pico(pico).to_string()
    };
    TurnPreview {
        expected_usd: total(false, |lane| lane.expected),
        worst_usd: total(false, |lane| lane.worst),
        simulated_expected_usd: total(true, |lane| lane.expected),
        simulated_worst_usd: total(true, |lane| lane.worst),
        unpriced: u32::try_from(real().filter(|lane| lane.worst.is_none()).count()).unwrap_or(u32::MAX),
        lanes: lanes.into_iter().map(|lane| lane.view).collect(),
        tightest: None,
        stop: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(expected: Option<i64>, simulated: bool, sent: bool) -> Previewed {
        let lane = LaneId::from_uuid(uuid::Uuid::nil());
        let view = LanePreview {
            lane_id: lane,
            tokens: 1,
            source: CountSource::Estimate,
            context_window: None,
            fits: true,
            expected_usd: None,
            worst_usd: None,
            expected_tokens: 0,
            share_percent: None,
            simulated,
            notices: Vec::new(),
        };
        let amount = expected.map(PicoUsd::from_pico);
        Previewed { view, expected: amount, worst: amount, sent }
    }

    #[test]
    fn sums_are_exact_and_hold_real_money_of_lanes_that_are_sent_only() {
        let preview = sum(vec![
            lane(Some(1_500_000_000), false, true),
            lane(Some(3), false, true),
            lane(Some(900_000_000_000), true, true),
            lane(Some(900_000_000_000), false, false),
            lane(None, false, true),
            lane(None, true, true),
        ]);
        assert_eq!(preview.expected_usd, "0.001500000003");
        assert_eq!(preview.simulated_expected_usd, "0.9", "invented money stands beside it");
        assert_eq!(preview.unpriced, 1, "a demo without a price is not unpriced money");
    }
}
