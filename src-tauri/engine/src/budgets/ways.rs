//! The ways out where a prompt does not fit: fewer lanes, shorter answers, cheaper targets. Pure.

use roundtable_domain::budget::SpendFacts;
use roundtable_domain::{ConversationId, KeyId, LaneId, Params, PicoUsd, ReasoningEffort};
use roundtable_ledger::budget::{BudgetRoom, LaneNeed, cap_that_fits, lanes_that_fit};
use roundtable_ledger::{ModelFacts, PriceList, WorstCall, worst_cost};
use roundtable_store::{BudgetRow, Conversation, OverBudget, Source};

use super::fit::{Ask, demands, fits, refusals};
use super::reserve::Reserve;
use crate::view::{BudgetStop, CheaperLane, MoneyChoice, TightLane};

/// Shorter answers than this are of no use, in tokens.
const SHORTEST_ANSWER: u32 = 200;

/// Where a prompt is said and what for.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) conversation_id: Option<ConversationId>,
    pub(crate) folder: Option<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) source: Source,
}

impl Place {
    /// A chat in this conversation.
    pub(crate) fn of(conversation: &Conversation) -> Self {
        Self {
            conversation_id: Some(conversation.id),
            folder: conversation.folder.clone(),
            tags: conversation.tags.clone(),
            source: Source::Chat,
        }
    }

    /// What money spent here is spent on.
    pub(crate) fn facts<'a>(
        &'a self,
        provider: &'a str,
        model: &'a str,
        key_id: Option<KeyId>,
    ) -> SpendFacts<'a> {
        SpendFacts {
            provider,
            model,
            key_id,
            conversation_id: self.conversation_id,
            folder: self.folder.as_deref(),
            tags: &self.tags,
            source: self.source.as_str(),
        }
    }
}

/// A model that may be asked in a lane's place, or the one that would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Payee {
    pub(crate) provider: String,
    pub(crate) model: String,
    /// Its name for people.
    pub(crate) name: String,
    pub(crate) key_id: Option<KeyId>,
    /// Invented money.
    pub(crate) simulated: bool,
    /// The most it can cost; `None`: unpriced.
    pub(crate) worst: Option<PicoUsd>,
}

impl Payee {
    /// How it is asked for by name.
    pub(crate) fn target(&self) -> String {
        format!("{}/{}", self.provider, self.model)
    }

    fn ask<'a>(&'a self, place: &'a Place, worst: Option<PicoUsd>) -> Ask<'a> {
        let facts = place.facts(&self.provider, &self.model, self.key_id);
        Ask { facts, simulated: self.simulated, worst }
    }
}

/// One lane's money before it is sent.
#[derive(Clone, Debug)]
pub(crate) struct LaneMoney {
    pub(crate) lane_id: LaneId,
    pub(crate) payee: Payee,
    /// `None`: unpriced.
    pub(crate) price: Option<PriceList>,
    pub(crate) call: WorstCall,
    /// The longest answer somebody has asked for, in tokens.
    pub(crate) asked_for: Option<u32>,
    /// So many tokens of the answer may go into thinking before there is a word of it.
    pub(crate) reasoning: u32,
    /// Tools are offered.
    pub(crate) has_tools: bool,
    /// What is asked of whoever answers.
    pub(crate) params: Params,
    /// Cheaper models that can do it, the best first.
    pub(crate) cheaper: Vec<Payee>,
}

/// So many tokens of an answer may go into thinking before there is a word of it: what was ordered, else a rule of thumb by the effort
/// that was. A model that is known to think may do so unasked.
pub(crate) fn thinking(params: &Params, facts: Option<&ModelFacts>) -> u32 {
    if let Some(ordered) = params.reasoning_tokens {
        return ordered;
    }
    match params.reasoning_effort {
        Some(ReasoningEffort::Minimal) => 512,
        Some(ReasoningEffort::Low) => 1_024,
        Some(ReasoningEffort::Medium) => 2_048,
        Some(ReasoningEffort::High) => 4_096,
        Some(ReasoningEffort::Max) => 8_192,
        None if facts.is_some_and(|facts| facts.capabilities.reasoning == Some(true)) => 1_024,
        Some(ReasoningEffort::Off) | None => 0,
    }
}

impl LaneMoney {
    pub(crate) fn new(lane_id: LaneId, payee: Payee, price: Option<&PriceList>, reserve: Reserve) -> Self {
        Self {
            lane_id,
            payee,
            price: price.cloned(),
            call: reserve.call,
            asked_for: None,
            reasoning: 0,
            has_tools: false,
            params: Params::default(),
            cheaper: Vec::new(),
        }
    }

    /// The worst case by the length of the answer; `None`: unpriced.
    fn worst_for(&self) -> Option<impl Fn(u32) -> PicoUsd> {
        let price = self.price.as_ref()?;
        Some(move |answer: u32| {
            let call = WorstCall { answer: u64::from(answer).min(self.call.answer), ..self.call };
            // What the books cannot hold fits nowhere.
            worst_cost(price, call).unwrap_or(PicoUsd::from_pico(i64::MAX))
        })
    }
}

/// A lane that goes to another model, by place among the lanes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Detour {
    pub(crate) lane: usize,
    pub(crate) payee: Payee,
}

/// The lanes of a prompt against the budgets.
#[derive(Clone, Copy)]
pub(crate) struct Balance<'a> {
    pub(crate) rows: &'a [BudgetRow],
    pub(crate) place: &'a Place,
    pub(crate) lanes: &'a [LaneMoney],
    pub(crate) choice: &'a MoneyChoice,
}

impl<'a> Balance<'a> {
    fn asks(&self) -> Vec<Ask<'a>> {
        self.lanes.iter().map(|lane| lane.payee.ask(self.place, lane.payee.worst)).collect()
    }

    fn fits(&self, asks: &[Ask<'_>]) -> bool {
        fits(self.rows, asks, self.choice)
    }

    /// The budgets that count these lanes, the tightest of them.
    pub(crate) fn tightest(&self) -> Option<crate::view::TightestBudget> {
        super::fit::tightest(self.rows, &self.asks())
    }

    /// Lanes that a budget in the way counts, by place.
    pub(crate) fn in_the_way(&self) -> Vec<usize> {
        let asks = self.asks();
        let mut lanes: Vec<usize> =
            refusals(self.rows, &asks, self.choice).into_iter().flat_map(|demand| demand.counted).collect();
        lanes.sort_unstable();
        lanes.dedup();
        lanes
    }

    /// Where the budgets in the way say to go instead, best first.
    pub(crate) fn named_targets(&self) -> Vec<String> {
        let mut targets: Vec<String> = Vec::new();
        for demand in refusals(self.rows, &self.asks(), self.choice) {
            let named = demand.row.budget.cheaper_targets.iter();
            targets.extend(named.filter(|name| !targets.contains(name)).cloned().collect::<Vec<_>>());
        }
        targets
    }

    /// Whether every budget in the way says to go to a cheaper model by itself.
    pub(crate) fn goes_cheaper(&self) -> bool {
        let asks = self.asks();
        let refused = refusals(self.rows, &asks, self.choice);
        let cheaper = |demand: &super::fit::Demand<'_>| {
            demand.row.budget.on_limit == roundtable_domain::budget::OnLimit::Cheaper
        };
        !refused.is_empty() && refused.iter().all(cheaper)
    }

    /// Why nothing is sent, with the ways out; `None`: it fits.
    pub(crate) fn stop(&self) -> Option<BudgetStop> {
        let asks = self.asks();
        let refused = refusals(self.rows, &asks, self.choice);
        if refused.is_empty() {
            return None;
        }
        let lane = |index: usize| self.lanes.get(index).map(|lane| lane.lane_id);
        let detours = self.detours();
        Some(BudgetStop {
            budgets: refused.iter().map(|demand| demand.view(lane)).collect(),
            lanes: self
                .lanes
                .iter()
                .enumerate()
                .map(|(index, one)| tight(index, one, detours.as_deref()))
                .collect(),
            lanes_that_fit: self.lanes_that_fit(),
            cap_that_fits: self.cap_that_fits(),
            cheaper_fits: detours.is_some(),
        })
    }

    /// What is left of every budget that may refuse, and the lanes it counts.
    fn rooms(&self) -> Vec<BudgetRoom> {
        let overridden = |row: &BudgetRow| self.choice.override_budgets.contains(&row.budget.id);
        demands(self.rows, &self.asks())
            .into_iter()
            .filter(|demand| demand.row.budget.on_limit.refuses() && !overridden(demand.row))
            .map(|demand| BudgetRoom { left: demand.row.left(), lanes: demand.counted })
            .collect()
    }

    /// Runs `look` over what each lane needs.
    fn with_needs<T>(&self, look: impl FnOnce(&[LaneNeed<'_>]) -> T) -> T {
        let asks = self.asks();
        let refused = refusals(self.rows, &asks, self.choice);
        let worst: Vec<_> = self.lanes.iter().map(LaneMoney::worst_for).collect();
        let need = |(index, lane): (usize, &'a LaneMoney)| LaneNeed {
            worst: worst.get(index).and_then(Option::as_ref).map(|worst| worst as &dyn Fn(u32) -> PicoUsd),
            max_tokens: u32::try_from(lane.call.answer).unwrap_or(u32::MAX),
            is_barred: !self.choice.allow_unpriced
                && refused.iter().any(|demand| demand.unpriced.contains(&index)),
        };
        look(&self.lanes.iter().enumerate().map(need).collect::<Vec<_>>())
    }

    fn lanes_that_fit(&self) -> Vec<LaneId> {
        let chosen = self.with_needs(|needs| lanes_that_fit(&self.rooms(), needs));
        chosen.into_iter().filter_map(|index| self.lanes.get(index)).map(|lane| lane.lane_id).collect()
    }

    /// The longest answers with which all lanes fit.
    fn cap_that_fits(&self) -> Option<u32> {
        let reasoning = self.lanes.iter().map(|lane| lane.reasoning).max().unwrap_or(0);
        let least = reasoning.saturating_add(SHORTEST_ANSWER);
        self.with_needs(|needs| cap_that_fits(&self.rooms(), needs, least))
    }

    /// The lanes that have to go to a cheaper model so that all fit; `None`: not even that helps.
    pub(crate) fn detours(&self) -> Option<Vec<Detour>> {
        let mut asks = self.asks();
        let mut order = self.in_the_way();
        order.sort_by_key(|index| {
            let worst = self.lanes.get(*index).and_then(|lane| lane.payee.worst);
            // What is unpriced first, then the dearest.
            (worst.is_some(), std::cmp::Reverse(worst))
        });
        let mut detours: Vec<Detour> = Vec::new();
        for lane in order {
            let Some(options) = self.lanes.get(lane).map(|one| &one.cheaper) else { continue };
            for payee in options {
                let Some(ask) = asks.get_mut(lane) else { continue };
                *ask = payee.ask(self.place, payee.worst);
                detours.retain(|detour| detour.lane != lane);
                detours.push(Detour { lane, payee: payee.clone() });
                if self.fits(&asks) {
                    detours.sort_by_key(|detour| detour.lane);
                    return Some(detours);
                }
            }
        }
        None
    }
}

/// The budgets as the books had them when they refused: others were faster than the look at them.
pub(crate) fn as_refused(rows: &[BudgetRow], over: &OverBudget) -> Vec<BudgetRow> {
    let found = |row: &BudgetRow| {
        let all = over.budgets.iter().chain(&over.others);
        let short = all.into_iter().find(|short| short.budget_id == row.budget.id);
        let (settled, reserved) =
            short.map_or((row.settled, row.reserved), |short| (short.settled, short.reserved));
        BudgetRow { settled, reserved, ..row.clone() }
    };
    rows.iter().map(found).collect()
}

/// One lane, with the cheaper model it would go to.
fn tight(index: usize, lane: &LaneMoney, detours: Option<&[Detour]>) -> TightLane {
    let taken = detours.into_iter().flatten().find(|detour| detour.lane == index);
    let cheaper = taken.map(|detour| &detour.payee).or_else(|| lane.cheaper.first());
    let cheaper = cheaper.and_then(|payee| {
        Some(CheaperLane {
            target: payee.target(),
            model_name: payee.name.clone(),
            worst_usd: payee.worst?.to_string(),
        })
    });
    TightLane {
        lane_id: lane.lane_id,
        target: lane.payee.target(),
        model_name: lane.payee.name.clone(),
        input_usd: lane.worst_for().map(|worst| worst(0).to_string()),
        worst_usd: lane.payee.worst.map(|usd| usd.to_string()),
        max_tokens: u32::try_from(lane.call.answer).unwrap_or(u32::MAX),
        cheaper,
    }
}

#[cfg(test)]
mod tests {
    use roundtable_domain::UnixMs;
    use roundtable_domain::budget::{OnLimit, Scope};
    use uuid::Uuid;

    use roundtable_store::Shortfall;

    use super::super::samples::{budget, usd};
    use super::*;

    const PLACE: Place =
        Place { conversation_id: None, folder: None, tags: Vec::new(), source: Source::Chat };

    fn payee(name: &str, worst: Option<PicoUsd>) -> Payee {
        let (provider, model) = name.split_once('/').unwrap();
        let owned = str::to_owned;
        Payee {
            provider: owned(provider),
            model: owned(model),
            name: owned(model),
            key_id: None,
            simulated: false,
            worst,
        }
    }

    /// A lane of a thousand tokens of prompt at a dollar a million, and of an answer at ten.
    fn lane(number: u128, name: &str, answer: u64) -> LaneMoney {
        let price: PriceList = serde_json::from_str(r#"{"input":"1","output":"10"}"#).unwrap();
        let call = WorstCall {
            prompt: 1_000,
            prompt_at_most: 1_000,
            answer,
            thinking: 0,
            has_audio: false,
            at: UnixMs(0),
        };
        let reserve = Reserve::new(Some(&price), call);
        LaneMoney::new(
            LaneId::from_uuid(Uuid::from_u128(number)),
            payee(name, reserve.worst),
            Some(&price),
            reserve,
        )
    }

    fn cheaper(lane: LaneMoney, options: &[(&str, &str)]) -> LaneMoney {
        let cheaper = options.iter().map(|(name, worst)| payee(name, Some(usd(worst)))).collect();
        LaneMoney { cheaper, ..lane }
    }

    fn stop(rows: &[BudgetRow], lanes: &[LaneMoney]) -> Option<BudgetStop> {
        Balance { rows, place: &PLACE, lanes, choice: &MoneyChoice::default() }.stop()
    }

    #[test]
    fn the_lanes_that_fit_and_the_cap_that_fits_are_named() {
        let rows = [budget("all", Scope::Everything, "0.05", ("0", "0"))];
        // $0.041, $0.021 and $0.011.
        let lanes = [lane(1, "a/x", 4_000), lane(2, "a/y", 2_000), lane(3, "a/z", 1_000)];
        let stop = stop(&rows, &lanes).unwrap();
        assert_eq!(stop.lanes_that_fit, [lanes[1].lane_id, lanes[2].lane_id]);
        // Three prompts are $0.003; at 1,850 tokens the answers are twice 0.0185 and once 0.01.
        assert_eq!(stop.cap_that_fits, Some(1_850));
        assert!(!stop.cheaper_fits);
        assert_eq!(stop.budgets[0].needed_usd, "0.073");
        assert_eq!(stop.budgets[0].missing_usd, "0.023");
        assert_eq!(stop.lanes[0].input_usd.as_deref(), Some("0.001"));
    }

    #[test]
    fn answers_too_short_to_be_of_use_are_not_offered() {
        let rows = [budget("all", Scope::Everything, "0.0029", ("0", "0"))];
        assert_eq!(stop(&rows, &[lane(1, "a/x", 4_000)]).unwrap().cap_that_fits, None);
        let thinks = LaneMoney { reasoning: 3_000, ..lane(1, "a/x", 4_000) };
        let rows = [budget("all", Scope::Everything, "0.03", ("0", "0"))];
        assert_eq!(stop(&rows, &[thinks]).unwrap().cap_that_fits, None, "it would only think");
    }

    #[test]
    fn a_model_that_thinks_is_left_room_for_words() {
        let mut knows = ModelFacts::default();
        knows.capabilities.reasoning = Some(true);
        let says = |effort| Params { reasoning_effort: effort, ..Params::default() };
        assert_eq!(thinking(&says(None), None), 0);
        assert_eq!(thinking(&says(None), Some(&knows)), 1_024, "it may think unasked");
        assert_eq!(thinking(&says(Some(ReasoningEffort::Off)), Some(&knows)), 0);
        assert_eq!(thinking(&says(Some(ReasoningEffort::High)), None), 4_096);
        let ordered = Params { reasoning_tokens: Some(7), ..says(Some(ReasoningEffort::High)) };
        assert_eq!(thinking(&ordered, Some(&knows)), 7, "an order goes before a rule of thumb");
    }

    #[test]
    fn what_others_were_faster_with_is_told_with_the_figures_of_the_books_and_ways_out() {
        let row = budget("all", Scope::Everything, "0.05", ("0", "0"));
        let lanes = [lane(1, "a/x", 4_000), lane(2, "a/z", 100)];
        let choice = MoneyChoice::default();
        let fit = Balance { rows: std::slice::from_ref(&row), place: &PLACE, lanes: &lanes, choice: &choice };
        assert_eq!(fit.stop(), None, "as far as was known");
        let short = Shortfall {
            budget_id: row.budget.id,
            name: "all".to_owned(),
            on_limit: OnLimit::Stop,
            limit: row.budget.limit,
            settled: usd("0.03"),
            reserved: usd("0.01"),
            needed: usd("0.043"),
            counted: vec![0, 1],
            unpriced: Vec::new(),
            ends_at: None,
        };
        let over = OverBudget { budgets: vec![short], others: Vec::new() };
        let rows = as_refused(std::slice::from_ref(&row), &over);
        let stop = Balance { rows: &rows, place: &PLACE, lanes: &lanes, choice: &choice }.stop().unwrap();
        assert_eq!(
            (stop.budgets[0].spent_usd.as_str(), stop.budgets[0].reserved_usd.as_str()),
            ("0.03", "0.01")
        );
        assert_eq!(stop.lanes_that_fit, [lanes[1].lane_id]);
        assert_eq!(
            stop.cap_that_fits,
            Some(700),
            "of $0.01, the prompts take $0.002 and the short answer $0.001"
        );
    }

    #[test]
    fn only_lanes_that_have_to_go_to_a_cheaper_model() {
        let rows = [budget("all", Scope::Everything, "0.05", ("0", "0"))];
        let lanes = [
            cheaper(lane(1, "a/x", 4_000), &[("b/dear", "0.03"), ("b/cheap", "0.001")]),
            cheaper(lane(2, "a/y", 2_000), &[("b/cheap", "0.001")]),
        ];
        let choice = MoneyChoice::default();
        let balance = Balance { rows: &rows, place: &PLACE, lanes: &lanes, choice: &choice };
        let detours = balance.detours().unwrap();
        assert_eq!(detours.len(), 1, "the dearest lane alone is enough");
        assert_eq!((detours[0].lane, detours[0].payee.target().as_str()), (0, "b/cheap"));
        let stop = balance.stop().unwrap();
        assert!(stop.cheaper_fits);
        assert_eq!(stop.lanes[0].cheaper.as_ref().unwrap().target, "b/cheap");
    }

    #[test]
    fn a_cheaper_model_of_another_provider_comes_under_that_ones_budgets() {
        let rows = [
            budget("a", Scope::Provider("a".to_owned()), "0.01", ("0", "0")),
            budget("b", Scope::Provider("b".to_owned()), "1", ("0.9999", "0")),
        ];
        let full = cheaper(lane(1, "a/x", 4_000), &[("b/cheap", "0.001")]);
        assert!(!stop(&rows, std::slice::from_ref(&full)).unwrap().cheaper_fits);
        assert!(stop(&rows[..1], &[full]).unwrap().cheaper_fits);
    }

    #[test]
    fn a_lane_goes_by_itself_only_where_every_budget_in_the_way_says_so() {
        let mut cheap = budget("cheap", Scope::Everything, "0.01", ("0", "0"));
        cheap.budget.on_limit = OnLimit::Cheaper;
        let stops = budget("stop", Scope::Everything, "0.01", ("0", "0"));
        let (lanes, choice) = ([lane(1, "a/x", 4_000)], MoneyChoice::default());
        let goes = |rows: &[BudgetRow]| {
            Balance { rows, place: &PLACE, lanes: &lanes, choice: &choice }.goes_cheaper()
        };
        assert!(goes(&[cheap.clone()]));
        assert!(!goes(&[cheap, stops]));
        assert!(!goes(&[]));
    }

    #[test]
    fn a_model_without_a_price_is_named_and_gives_way_first() {
        let rows = [budget("all", Scope::Everything, "1", ("0", "0"))];
        let unpriced = LaneMoney { price: None, payee: payee("a/x", None), ..lane(1, "a/x", 4_000) };
        let lanes = [cheaper(unpriced, &[("b/cheap", "0.001")]), lane(2, "a/y", 100)];
        let stop = stop(&rows, &lanes).unwrap();
        assert_eq!(stop.budgets[0].unpriced_lanes, [lanes[0].lane_id]);
        assert_eq!((stop.budgets[0].missing_usd.as_str(), stop.cap_that_fits), ("0", None));
        assert_eq!(stop.lanes_that_fit, [lanes[1].lane_id]);
        assert!(stop.cheaper_fits);
    }
}
