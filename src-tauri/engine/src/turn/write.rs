//! Writing: a plan becomes rows in the database, and what the window sees of them.

use roundtable_domain::{AttemptId, ConversationId, Notice, ReservationId, RunId, RunState, TurnId, UnixMs};
use roundtable_store::{
    Admission, Beginning, NewAttempt, NewReservation, NewRetry, NewRun, NewTrace, NewTurn, RoutePlace,
    Source, SpentOn, Turn,
};
use tokio_util::sync::CancellationToken;

use super::course::{Move, NextCall};
use super::plan::{PlannedRun, Way};
use super::record::{Charged, json, word_of};
use super::run::Place;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::keys::FoundKey;
use crate::view::{AnswerSource, RunView, SegmentView};

/// One run that has been written to the database.
pub(super) struct Begun {
    pub(super) plan: PlannedRun,
    pub(super) run_id: RunId,
    pub(super) call: Option<FirstCall>,
    pub(super) view: RunView,
    pub(super) cancel: CancellationToken,
}

/// What stands in the database before a run's first request is sent: the money set aside, and the call it pays for.
pub(super) struct FirstCall {
    pub(super) reservation: NewReservation,
    pub(super) attempt: NewAttempt,
}

impl Engine {
    /// Writes a turn with its runs, reservations and first calls in one transaction. `source`: what the calls are made for.
    pub(super) async fn write_turn(
        &self,
        turn: &Turn,
        plans: Vec<PlannedRun>,
        source: Source,
        admission: &Admission,
    ) -> Result<Vec<Begun>, EngineError> {
        let mut runs = Vec::with_capacity(plans.len());
        let mut begun = Vec::with_capacity(plans.len());
        let mut traces = Vec::with_capacity(plans.len());
        for plan in plans {
            let run = self.new_run(&plan, turn.id, (source, None), turn.created_at);
            let call = self.first_call(&plan, run.id, (turn.conversation_id, source), turn.created_at);
            let view = Self::new_view(&plan, &run, 1, 1);
            traces.extend(plan.trace(run.id));
            begun.push(self.begun(plan, run.id, call, view));
            runs.push(run);
        }
        let calls = || begun.iter().filter_map(|one| one.call.as_ref());
        let new = NewTurn {
            turn: turn.clone(),
            runs,
            reservations: calls().map(|call| call.reservation.clone()).collect(),
            attempts: calls().map(|call| call.attempt.clone()).collect(),
            traces,
        };
        self.inner.store.begin_turn(&new, admission).await?;
        for run in &new.runs {
            self.inner.histories.forget(run.lane_id);
        }
        Ok(begun)
    }

    fn begun(&self, plan: PlannedRun, run_id: RunId, call: Option<FirstCall>, view: RunView) -> Begun {
        Begun { plan, run_id, call, view, cancel: self.inner.closing.child_token() }
    }

    fn new_run(
        &self,
        plan: &PlannedRun,
        turn_id: TurnId,
        (spend_source, begun_cost): (Source, Option<&Charged>),
        now: UnixMs,
    ) -> NewRun {
        let whom = plan.whom();
        NewRun {
            id: RunId::from_uuid(self.inner.clock.new_id()),
            turn_id,
            lane_id: plan.lane_id,
            target: plan.target.clone(),
            params: plan.params.clone(),
            provider: whom.provider,
            model_requested: whom.model,
            simulated: whom.simulated,
            lease_id: self.inner.lease_id.clone(),
            notices: plan.notices(),
            route: plan.way.as_ref().ok().and_then(Way::in_short).map(|route| json(&route)),
            beginning: plan.way.as_ref().ok().and_then(|way| {
                let partial = way.course.partial.as_ref()?;
                Some(Beginning {
                    text: partial.text.clone(),
                    reasoning: partial.reasoning.clone(),
                    segments: json(&way.segments()),
                    cost: begun_cost.map(json),
                })
            }),
            spend_source,
            started_at: now,
        }
    }

    fn first_call(
        &self,
        plan: &PlannedRun,
        run_id: RunId,
        purpose: (ConversationId, Source),
        now: UnixMs,
    ) -> Option<FirstCall> {
        let way = plan.way.as_ref().ok()?;
        let Move::Call(call) = &way.first else { return None };
        let reservation = self.new_reservation(call, run_id, purpose, now);
        let place = way.course.place(call.leave.candidate);
        let attempt = self.new_attempt(call, place, run_id, reservation.id);
        Some(FirstCall { reservation, attempt })
    }

    /// Money to set aside for one call. `purpose`: in which conversation, and what for.
    pub(super) fn new_reservation(
        &self,
        call: &NextCall,
        run_id: RunId,
        (conversation_id, source): (ConversationId, Source),
        now: UnixMs,
    ) -> NewReservation {
        let ready = &call.ready;
        NewReservation {
            id: ReservationId::from_uuid(self.inner.clock.new_id()),
            run_id,
            amount: ready.reserve.worst,
            spent_on: SpentOn {
                provider: ready.asked.setup.id.clone(),
                model: ready.asked.model.clone(),
                key_id: call.key.as_ref().and_then(FoundKey::booked_as),
                conversation_id: Some(conversation_id),
                source,
            },
            simulated: ready.is_simulated(),
            lease_id: self.inner.lease_id.clone(),
            created_at: now,
        }
    }

    /// One call.
    pub(super) fn new_attempt(
        &self,
        call: &NextCall,
        route: RoutePlace,
        run_id: RunId,
        reservation_id: ReservationId,
    ) -> NewAttempt {
        let asked = &call.ready.asked;
        NewAttempt {
            id: AttemptId::from_uuid(self.inner.clock.new_id()),
            run_id,
            provider: asked.setup.id.clone(),
            model_requested: asked.model.clone(),
            key_id: call.key.as_ref().and_then(FoundKey::booked_as),
            kind: word_of(call.leave.kind).to_owned(),
            route,
            wait_ms: call.leave.waited_ms,
            prompt_tokens: Some(call.ready.prompt_tokens),
            reservation_id: Some(reservation_id),
            started_at: self.inner.clock.now(),
        }
    }

    fn new_view(plan: &PlannedRun, run: &NewRun, version: u32, versions: u32) -> RunView {
        let whom = plan.whom();
        let way = plan.way.as_ref().ok();
        let partial = way.and_then(|way| way.course.partial.clone()).unwrap_or_default();
        RunView {
            id: run.id,
            turn_id: run.turn_id,
            lane_id: run.lane_id,
            version,
            versions,
            target: run.target.clone(),
            state: RunState::Connecting,
            text: partial.text,
            reasoning: partial.reasoning,
            refusal: String::new(),
            tool_calls: Vec::new(),
            notices: run.notices.clone(),
            provider: run.provider.clone().unwrap_or_default(),
            provider_name: whom.provider_name,
            model_requested: run.model_requested.clone().unwrap_or_else(|| run.target.clone()),
            model_served: None,
            simulated: run.simulated,
            finish_reason: None,
            usage: None,
            cost: None,
            ttft_ms: None,
            total_ms: None,
            tokens_per_second: None,
            started_at: run.started_at,
            finished_at: None,
            fault: None,
            attempts: 1,
            picked: false,
            route: way.and_then(Way::in_short),
            source: AnswerSource::Model,
            segments: way.map(Way::segments).unwrap_or_default(),
            offers: Vec::new(),
            waiting: None,
            saved_usd: None,
        }
    }

    /// Writes the next version of an answer. `begun_cost`: what the part that is gone on from has cost.
    pub(super) async fn write_retry(
        &self,
        plan: PlannedRun,
        place: Place,
        begun_cost: Option<&Charged>,
        admission: &Admission,
    ) -> Result<Begun, EngineError> {
        let now = self.inner.clock.now();
        let run = self.new_run(&plan, place.turn_id, (place.source, begun_cost), now);
        let call = self.first_call(&plan, run.id, (place.conversation_id, place.source), now);
        let new = NewRetry {
            run: run.clone(),
            reservation: call.as_ref().map(|call| call.reservation.clone()),
            attempt: call.as_ref().map(|call| call.attempt.clone()),
            trace: plan.trace(run.id),
        };
        let version = self.inner.store.begin_retry(&new, admission).await?;
        self.inner.histories.forget(run.lane_id);
        let view = Self::new_view(&plan, &run, version, version);
        Ok(self.begun(plan, run.id, call, view))
    }
}

/// Whom a run is asked of, as far as known.
#[derive(Clone, Debug, Default)]
pub(super) struct Whom {
    pub(super) provider: Option<String>,
    pub(super) model: Option<String>,
    pub(super) provider_name: String,
    pub(super) simulated: bool,
}

impl PlannedRun {
    fn notices(&self) -> Vec<Notice> {
        let ready = self.way.as_ref().ok().and_then(|way| way.course.foremost(&way.first));
        ready.map_or_else(Vec::new, |ready| ready.notices.clone())
    }

    pub(super) fn whom(&self) -> Whom {
        match &self.way {
            Ok(way) => way.course.whom(way.candidate()),
            Err(refused) => Whom {
                provider: refused.provider.clone(),
                model: refused.model.clone(),
                provider_name: refused.provider.clone().unwrap_or_default(),
                simulated: false,
            },
        }
    }

    /// Why it is asked of whom.
    fn trace(&self, run_id: RunId) -> Option<NewTrace> {
        let way = self.way.as_ref().ok()?;
        Some(NewTrace { run_id, trace: serde_json::to_string(&way.course.route.trace).ok()? })
    }
}

impl Way {
    /// Who is asked first.
    fn candidate(&self) -> usize {
        match &self.first {
            Move::Call(call) => call.leave.candidate,
            Move::Wait(wait) => wait.candidate,
            _ => 0,
        }
    }

    /// Who wrote what is there, and who begins to write.
    fn segments(&self) -> Vec<SegmentView> {
        match &self.first {
            Move::Call(call) => self.course.segments_with(call),
            _ => self.course.partial.as_ref().map(|partial| partial.segments.clone()).unwrap_or_default(),
        }
    }

    fn in_short(&self) -> Option<crate::view::RunRoute> {
        self.course.in_short(self.candidate())
    }
}
