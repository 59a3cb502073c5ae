//! The money of a prompt in the making: each lane's cost and share, what it leaves of the budgets, and why it would be refused.

use roundtable_domain::{ChatRequest, Cost, Message, Part, PicoUsd};
use roundtable_ledger::estimate_cost;
use roundtable_store::BudgetRow;

use super::{Aimed, Draft, Previewed};
use crate::budgets::{
    Balance, Counted, LaneMoney, Others, Payee, Place, Reserve, answer_limit, is_governed, thinking,
    thinking_limit, worst_call,
};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::routing::{PromptFacts, Spoken};
use crate::tokens::MediaTokens;
use crate::turn::{name_of, price_of};
use crate::view::{CountSource, LanePreview, MoneyChoice, TurnPreview};

/// What a prompt comes under.
pub(super) struct Purse {
    pub(super) budgets: Vec<BudgetRow>,
    pub(super) place: Place,
    pub(super) choice: MoneyChoice,
}

impl Engine {
    /// What it would cost: an answer of the usual length, and the longest, which is what sending sets aside.
    pub(super) async fn price(
        &self,
        aimed: &Aimed<'_>,
        prompt: &Message,
        (tokens, media, source): (u64, MediaTokens, CountSource),
        purse: &Purse,
        sent: bool,
    ) -> Previewed {
        let (setup, model) = (&aimed.setup, aimed.model.as_str());
        let facts = setup.facts(model);
        let counted = self.counted(aimed, (tokens, media, source));
        let spent_on = purse.place.facts(&setup.id, model, None);
        let governed = is_governed(&purse.budgets, spent_on, &aimed.keys, setup.is_demo());
        let (asked_for, now) = (aimed.params.max_tokens, self.inner.clock.now());
        let longest = answer_limit(asked_for, facts, counted.likely(), &purse.choice, governed);
        let usual = self.usual_answer(&setup.id, model, longest).await;
        let price = price_of(setup, model, None).filter(|_| sent);
        let mut request = ChatRequest {
            model: aimed.model.clone(),
            messages: vec![prompt.clone()],
            params: aimed.params.clone(),
            ..ChatRequest::default()
        };
        if governed || purse.choice.cap_tokens.is_some() {
            request.thinking_limit = thinking_limit(setup, &request, longest);
        }
        let reserve = Reserve::new(price, worst_call(setup, &request, counted, longest, now));
        let expected = price.map(|price| estimate_cost(price, tokens, usual, now));
        let payee = Payee {
            provider: setup.id.clone(),
            model: aimed.model.clone(),
            name: name_of(facts, model).to_owned(),
            key_id: aimed.keys.first().copied().flatten(),
            simulated: setup.is_demo(),
            worst: reserve.worst,
        };
        let money = LaneMoney {
            asked_for,
            reasoning: thinking(&aimed.params, aimed.setup.facts(&aimed.model)),
            params: aimed.params.clone(),
            has_tools: counted.has_tools,
            ..LaneMoney::new(aimed.lane.id, payee, price, reserve)
        };
        Previewed {
            view: LanePreview {
                lane_id: aimed.lane.id,
                tokens,
                source: CountSource::Estimate,
                context_window: facts.and_then(|facts| facts.context_window),
                fits: true,
                expected_usd: expected.as_ref().and_then(exact),
                worst_usd: reserve.worst.map(|usd| usd.to_string()),
                expected_tokens: usual,
                share_percent: None,
                simulated: setup.is_demo(),
                notices: Vec::new(),
            },
            expected: expected.and_then(|cost| cost.usd),
            worst: reserve.worst,
            money: sent.then_some(money),
        }
    }

    fn counted(
        &self,
        aimed: &Aimed<'_>,
        (tokens, media, source): (u64, MediaTokens, CountSource),
    ) -> Counted {
        let has_tools = !aimed.history.tools.is_empty();
        let exceeded = self.inner.tokens.learned.unseen(&aimed.setup.id, &aimed.model);
        Counted { tokens, media, source, has_tools, exceeded }
    }

    /// Adds up the lanes and holds them against the budgets.
    pub(super) async fn sum(
        &self,
        lanes: Vec<Previewed>,
        draft: Draft<'_>,
        text: &str,
        parts: &[Part],
    ) -> Result<TurnPreview, EngineError> {
        let mut money: Vec<LaneMoney> = lanes.iter().filter_map(|lane| lane.money.clone()).collect();
        let mut preview = sum(lanes);
        if draft.purse.budgets.is_empty() {
            return Ok(preview);
        }
        let in_the_way = draft.purse.balance(&money).in_the_way();
        if !in_the_way.is_empty() {
            let others = Others::new(draft.directory, &draft.purse.balance(&money).named_targets());
            let spoken = Spoken::new(text, draft.message, parts);
            for index in in_the_way {
                let Some(lane) = money.get_mut(index) else { continue };
                let facts = PromptFacts {
                    text,
                    attachments: spoken.attachments.clone(),
                    tokens: lane.call.prompt,
                    tools: lane.has_tools,
                    max_output_tokens: lane.asked_for.map(u64::from),
                    conversation: draft.purse.place.conversation_id,
                    tags: &draft.purse.place.tags,
                    ..PromptFacts::default()
                };
                lane.cheaper = self.cheaper_than(&others, lane, &facts, &draft.purse.choice).await?;
            }
        }
        let balance = draft.purse.balance(&money);
        preview.tightest = balance.tightest();
        preview.stop = balance.stop();
        Ok(preview)
    }
}

impl Purse {
    fn balance<'a>(&'a self, lanes: &'a [LaneMoney]) -> Balance<'a> {
        Balance { rows: &self.budgets, place: &self.place, lanes, choice: &self.choice }
    }
}

fn exact(cost: &Cost) -> Option<String> {
    cost.usd_exact.clone().or_else(|| cost.usd.map(|usd| usd.to_string()))
}

/// Adds up what is real, and beside it what is invented. A sum that does not fit the books' numbers stays at the most they hold.
fn sum(mut lanes: Vec<Previewed>) -> TurnPreview {
    for simulated in [false, true] {
        share(&mut lanes, simulated);
    }
    let sent =
        |simulated| lanes.iter().filter(move |lane| lane.money.is_some() && lane.view.simulated == simulated);
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

/// Says what part of the worst case of all lanes that are paid in the same money each one is.
fn share(lanes: &mut [Previewed], simulated: bool) {
    let counts = |lane: &Previewed| lane.money.is_some() && lane.view.simulated == simulated;
    let worst = |lane: &Previewed| lane.worst.map(|worst| i128::from(worst.as_pico()));
    let all: i128 = lanes.iter().filter(|lane| counts(lane)).filter_map(worst).sum();
    for lane in lanes.iter_mut().filter(|lane| counts(lane)) {
        // Rounded half up; a part is never more than the whole.
        let percent = worst(lane).filter(|_| all > 0).map(|part| (part * 200 + all) / (all * 2));
        lane.view.share_percent = percent.and_then(|percent| u8::try_from(percent).ok());
    }
}

#[cfg(test)]
mod tests {
    use roundtable_domain::{LaneId, UnixMs};
    use roundtable_ledger::WorstCall;

    use super::*;

    fn lane(expected: Option<i64>, simulated: bool, sent: bool) -> Previewed {
        let lane_id = LaneId::from_uuid(uuid::Uuid::nil());
        let view = LanePreview {
            lane_id,
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
        let payee = Payee {
            provider: "p".to_owned(),
            model: "m".to_owned(),
            name: "m".to_owned(),
            key_id: None,
            simulated,
            worst: amount,
        };
        let call = WorstCall {
            prompt: 1,
            prompt_at_most: 1,
            answer: 1,
            thinking: 0,
            has_audio: false,
            at: UnixMs(0),
        };
        let money = LaneMoney::new(lane_id, payee, None, Reserve::new(None, call));
        Previewed { view, expected: amount, worst: amount, money: sent.then_some(money) }
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

    #[test]
    fn shares_are_parts_of_the_worst_case_in_the_same_money() {
        let preview = sum(vec![
            lane(Some(71), false, true),
            lane(Some(29), false, true),
            lane(Some(5), true, true),
            lane(Some(5), false, false),
            lane(None, false, true),
        ]);
        let shares: Vec<_> = preview.lanes.iter().map(|lane| lane.share_percent).collect();
        assert_eq!(shares, [Some(71), Some(29), Some(100), None, None]);
        let free = sum(vec![lane(Some(0), false, true)]);
        assert_eq!(free.lanes[0].share_percent, None, "nothing to share");
    }
}
