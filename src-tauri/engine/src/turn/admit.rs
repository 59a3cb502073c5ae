//! Keeping a prompt within the budgets: what does not fit goes to whoever else may answer, or is refused with the ways out.
//!
//! What is looked at here may have changed when it is written: then the database refuses, and it is looked at again.

use std::sync::Arc;

use roundtable_domain::{ErrorCategory, LaneId, ProviderError};
use roundtable_store::{OverBudget, Source, StoreError, Turn};

use super::course::{Move, NextCall};
use super::plan::{Instead, LaneToAsk, PlannedRun, Refused, price_of};
use super::prompt::Prompt;
use super::ready::name_of;
use super::record::Charged;
use super::run::Place;
use super::told;
use super::write::Begun;
use crate::alerts::InTheWay;
use crate::budgets::{Balance, Detour, LaneMoney, Others, Payee, as_refused, not_called, thinking};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::keys::FoundKey;
use crate::view::{BudgetStop, MoneyChoice};

/// How often it is looked at again because others were faster.
const MOST_LOOKS: u32 = 8;

/// What planning under budgets has come to.
enum Planned {
    /// It fits, as far as is known.
    Fits(Vec<PlannedRun>),
    /// It does unless these lanes go elsewhere.
    Detours(Vec<Detour>),
}

impl Engine {
    /// Plans the lanes of a new turn and writes them down together, within the budgets.
    pub(super) async fn begin_within_budgets(
        &self,
        turn: &Turn,
        mut lanes: Vec<LaneToAsk>,
        mut prompt: Prompt,
        source: Source,
    ) -> Result<Vec<Begun>, EngineError> {
        let admission = prompt.admission();
        let mut refused = None;
        for _ in 0..MOST_LOOKS {
            prompt.budgets = self.budgets_now().await?.into();
            match self.plan_within_budgets(&lanes, &prompt, None).await? {
                Planned::Detours(detours) => go_elsewhere(&mut lanes, detours, &prompt.money),
                Planned::Fits(plans) => {
                    let lanes: Vec<LaneMoney> = plans.iter().filter_map(PlannedRun::money).collect();
                    match self.write_turn(turn, plans, source, &admission).await {
                        Err(EngineError::Store(StoreError::OverBudget(over))) => {
                            refused = Some(refused_by_the_books(&prompt, *over, &lanes));
                        }
                        written => return written,
                    }
                }
            }
        }
        let refused = refused.unwrap_or(EngineError::LaneBusy);
        if let EngineError::OverBudget(stop) = &refused {
            self.kept_back(stop).await;
        }
        Err(refused)
    }

    /// A prompt is refused: it is told in the log, and where people see that a budget refuses calls.
    async fn kept_back(&self, stop: &BudgetStop) {
        told::kept_back(stop);
        self.tell_of_refusals(&InTheWay::of_prompt(stop)).await;
    }

    /// The same for further versions of lanes' answers. Those are written one by one: what does not fit any more when its turn has
    /// come is a version that says so.
    pub(super) async fn retry_within_budgets(
        &self,
        place: Place,
        mut lanes: Vec<LaneToAsk>,
        mut prompt: Prompt,
        begun_cost: Option<&Charged>,
    ) -> Result<Vec<Begun>, EngineError> {
        let admission = prompt.admission();
        for _ in 0..MOST_LOOKS {
            prompt.budgets = self.budgets_now().await?.into();
            let plans = match self.plan_within_budgets(&lanes, &prompt, Some(place.turn_id)).await? {
                Planned::Fits(plans) => plans,
                Planned::Detours(detours) => {
                    go_elsewhere(&mut lanes, detours, &prompt.money);
                    continue;
                }
            };
            let mut begun = Vec::with_capacity(plans.len());
            for plan in plans {
                let instead = plan.unsent();
                match self.write_retry(plan, place, begun_cost, &admission).await {
                    Err(EngineError::Store(StoreError::OverBudget(over))) => {
                        self.tell_of_refusals(&InTheWay::of_call(&over)).await;
                        let refused = instead.not_afforded(not_called(&over));
                        begun.push(self.write_retry(refused, place, begun_cost, &admission).await?);
                    }
                    written => begun.push(written?),
                }
            }
            return Ok(begun);
        }
        Err(EngineError::LaneBusy)
    }

    /// Plans lanes so that they fit. The error has the ways out.
    async fn plan_within_budgets(
        &self,
        lanes: &[LaneToAsk],
        prompt: &Prompt,
        before: Option<roundtable_domain::TurnId>,
    ) -> Result<Planned, EngineError> {
        let mut plans = self.plan_lanes(lanes.to_vec(), Arc::new(prompt.clone()), before).await?;
        let Some(refused) = self.refused(&plans, prompt, false).await? else {
            return Ok(Planned::Fits(plans));
        };
        // Found out before routes are gone through: they are gone afterwards.
        let (stop, detours) = refused;
        if self.go_through_routes(&mut plans, prompt).await? {
            return Ok(Planned::Fits(plans));
        }
        let has_gone = lanes.iter().any(|lane| lane.instead.is_some());
        match detours {
            Some(detours) if !has_gone => Ok(Planned::Detours(detours)),
            _ => {
                self.kept_back(&stop).await;
                Err(EngineError::OverBudget(Box::new(stop)))
            }
        }
    }

    /// Why these plans are not let through, and who may be asked instead, where somebody or the budgets say so; `None`: they fit.
    /// `at_a_glance`: without looking for cheaper models.
    async fn refused(
        &self,
        plans: &[PlannedRun],
        prompt: &Prompt,
        at_a_glance: bool,
    ) -> Result<Option<(BudgetStop, Option<Vec<Detour>>)>, EngineError> {
        if prompt.budgets.is_empty() {
            return Ok(None);
        }
        let mut lanes: Vec<(usize, LaneMoney)> =
            plans.iter().enumerate().filter_map(|(index, plan)| Some((index, plan.money()?))).collect();
        let money: Vec<LaneMoney> = lanes.iter().map(|(_, money)| money.clone()).collect();
        let in_the_way = balance(prompt, &money).in_the_way();
        if in_the_way.is_empty() {
            return Ok(None);
        }
        if !at_a_glance {
            let directory = self.directory().await?;
            let others = Others::new(&directory, &balance(prompt, &money).named_targets());
            for at in in_the_way {
                let Some((index, money)) = lanes.get_mut(at) else { continue };
                let way = plans.get(*index).and_then(|plan| plan.way.as_ref().ok());
                let Some(way) = way else { continue };
                let facts = way.course.facts();
                money.cheaper = self.cheaper_than(&others, money, &facts, &prompt.money).await?;
            }
        }
        let money: Vec<LaneMoney> = lanes.into_iter().map(|(_, money)| money).collect();
        let balance = balance(prompt, &money);
        let wanted = prompt.money.cheaper || balance.goes_cheaper();
        let detours = if wanted { balance.detours() } else { None };
        // Places are among those that would be sent; lanes that are refused for other reasons stand between them.
        let lane_of = |detour: Detour| {
            let lane_id = money.get(detour.lane)?.lane_id;
            let lane = plans.iter().position(|plan| plan.lane_id == lane_id)?;
            Some(Detour { lane, ..detour })
        };
        let detours = detours.map(|detours| detours.into_iter().filter_map(lane_of).collect());
        Ok(balance.stop().map(|stop| (stop, detours)))
    }

    /// Lets lanes that name a group, a pool or `auto` go on to their next candidates, the dearest first, until all fit.
    async fn go_through_routes(
        &self,
        plans: &mut [PlannedRun],
        prompt: &Prompt,
    ) -> Result<bool, EngineError> {
        loop {
            let Some((stop, _)) = self.refused(plans, prompt, true).await? else { return Ok(true) };
            let money: Vec<LaneMoney> = plans.iter().filter_map(PlannedRun::money).collect();
            let in_the_way: Vec<_> = balance(prompt, &money)
                .in_the_way()
                .into_iter()
                .filter_map(|index| money.get(index))
                .map(|lane| (lane.payee.worst.is_none(), lane.payee.worst, lane.lane_id))
                .collect();
            let why = crate::budgets::in_words(&stop);
            let next = plans
                .iter_mut()
                .filter(|plan| plan.has_choice())
                .filter_map(|plan| {
                    let (_, _, id) = in_the_way.iter().find(|(_, _, id)| *id == plan.lane_id)?;
                    let rank =
                        in_the_way.iter().filter(|other| other.2 == *id).map(|one| (one.0, one.1)).max();
                    Some((rank, plan))
                })
                .max_by_key(|(rank, _)| *rank);
            let Some((_, plan)) = next else { return Ok(false) };
            if !plan.pass_over(why).await {
                return Ok(false);
            }
        }
    }
}

/// The lanes of a prompt against its budgets.
pub(super) fn balance<'a>(prompt: &'a Prompt, lanes: &'a [LaneMoney]) -> Balance<'a> {
    Balance { rows: &prompt.budgets, place: &prompt.place, lanes, choice: &prompt.money }
}

/// The books have refused what seemed to fit: others were faster, again and again. It is told with the ways out all the same.
fn refused_by_the_books(prompt: &Prompt, over: OverBudget, lanes: &[LaneMoney]) -> EngineError {
    let rows = as_refused(&prompt.budgets, &over);
    let stop = Balance { rows: &rows, ..balance(prompt, lanes) }.stop();
    match stop {
        Some(stop) => EngineError::OverBudget(Box::new(stop)),
        None => StoreError::OverBudget(Box::new(over)).into(),
    }
}

/// Sends lanes to other models than they name.
fn go_elsewhere(lanes: &mut [LaneToAsk], detours: Vec<Detour>, money: &MoneyChoice) {
    for Detour { lane, payee } in detours {
        let Some(asked) = lanes.get_mut(lane) else { continue };
        asked.instead = Some(Instead::cheaper(&payee, &asked.lane.target, money));
    }
}

impl Instead {
    /// A model that costs less in place of what a lane names.
    pub(super) fn cheaper(payee: &Payee, named: &str, money: &MoneyChoice) -> Self {
        let why = if money.cheaper { "as you chose" } else { "as the budget says" };
        let name = &payee.name;
        Self {
            target: payee.target(),
            why: format!(
                "{name} answers instead of {named}, {why}: the budget has no room for the dearer one."
            ),
        }
    }
}

impl NextCall {
    /// The money of this call.
    pub(super) fn money(&self, lane_id: LaneId) -> LaneMoney {
        let ready = &self.ready;
        let (setup, model) = (&ready.asked.setup, ready.asked.model.as_str());
        let payee = Payee {
            provider: setup.id.clone(),
            model: ready.asked.model.clone(),
            name: name_of(setup.facts(model), model).to_owned(),
            key_id: self.key.as_ref().and_then(FoundKey::booked_as),
            simulated: ready.is_simulated(),
            worst: ready.reserve.worst,
        };
        let money = LaneMoney::new(lane_id, payee, price_of(setup, model, None), ready.reserve);
        LaneMoney {
            asked_for: ready.asked_for,
            reasoning: thinking(&ready.request.params, setup.facts(model)),
            has_tools: !ready.request.tools.is_empty(),
            params: ready.params_asked_for(),
            ..money
        }
    }
}

impl PlannedRun {
    /// The money of the call it begins with; `None`: it begins with none.
    fn money(&self) -> Option<LaneMoney> {
        let way = self.way.as_ref().ok()?;
        let Move::Call(call) = &way.first else { return None };
        Some(call.money(self.lane_id))
    }

    /// Whether somebody else of its route may be asked.
    fn has_choice(&self) -> bool {
        let way = self.way.as_ref().ok();
        way.is_some_and(|way| !way.course.route.is_named && matches!(way.first, Move::Call(_)))
    }

    /// Goes on to the next candidate of its route; false: there is none.
    async fn pass_over(&mut self, why: String) -> bool {
        let Ok(way) = &mut self.way else { return false };
        let Move::Call(call) = &way.first else { return false };
        way.course.not_afforded(call.leave.candidate, why);
        way.first = way.course.next().await;
        matches!(way.first, Move::Call(_))
    }

    /// The same run without anything to send.
    pub(super) fn unsent(&self) -> Unsent {
        let whom = self.whom();
        Unsent {
            provider: whom.provider,
            model: whom.model,
            plan: (self.lane_id, self.target.clone(), self.params.clone()),
        }
    }
}

/// A run that was not let through.
pub(super) struct Unsent {
    provider: Option<String>,
    model: Option<String>,
    plan: (LaneId, String, roundtable_domain::Params),
}

impl Unsent {
    pub(super) fn not_afforded(self, why: String) -> PlannedRun {
        let (lane_id, target, params) = self.plan;
        let provider = self.provider.as_deref().unwrap_or("roundtable");
        let error = ProviderError::local(ErrorCategory::OverBudget, provider, why);
        let refused = Refused { provider: self.provider.clone(), model: self.model, error };
        PlannedRun { lane_id, target, params, way: Err(refused) }
    }
}
