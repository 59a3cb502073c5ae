//! Writing: a plan becomes rows in the database, and what the window sees of them.

use roundtable_domain::{AttemptId, ReservationId, RunId, RunState, TurnId, UnixMs};
use roundtable_store::{NewAttempt, NewReservation, NewRetry, NewRun, NewTurn, RoutePlace, Turn};
use tokio_util::sync::CancellationToken;

use super::plan::{Plan, Ready};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{AnswerSource, RunView};

/// One run that has been written to the database.
pub(super) struct Begun {
    pub(super) plan: Plan,
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
    /// Writes a turn with its runs, reservations and first calls in one transaction.
    pub(super) async fn write_turn(&self, turn: &Turn, plans: Vec<Plan>) -> Result<Vec<Begun>, EngineError> {
        let mut runs = Vec::with_capacity(plans.len());
        let mut begun = Vec::with_capacity(plans.len());
        for plan in plans {
            let run = self.new_run(&plan, turn.id, turn.created_at);
            let call = self.first_call(&plan, run.id, turn.created_at);
            let view = Self::new_view(&plan, &run, 1, 1);
            begun.push(self.begun(plan, run.id, call, view));
            runs.push(run);
        }
        let calls = || begun.iter().filter_map(|one| one.call.as_ref());
        let new = NewTurn {
            turn: turn.clone(),
            runs,
            reservations: calls().map(|call| call.reservation.clone()).collect(),
            attempts: calls().map(|call| call.attempt.clone()).collect(),
            traces: Vec::new(),
        };
        self.inner.store.begin_turn(&new).await?;
        self.inner.histories.forget();
        Ok(begun)
    }

    fn begun(&self, plan: Plan, run_id: RunId, call: Option<FirstCall>, view: RunView) -> Begun {
        Begun { plan, run_id, call, view, cancel: self.inner.closing.child_token() }
    }

    fn new_run(&self, plan: &Plan, turn_id: TurnId, now: UnixMs) -> NewRun {
        let (provider, model_requested, simulated) = plan.whom();
        NewRun {
            id: RunId::from_uuid(self.inner.clock.new_id()),
            turn_id,
            lane_id: plan.lane_id,
            target: plan.target.clone(),
            params: plan.params.clone(),
            provider,
            model_requested,
            simulated,
            lease_id: self.inner.lease_id.clone(),
            notices: plan.notices(),
            route: None,
            beginning: None,
            started_at: now,
        }
    }

    fn first_call(&self, plan: &Plan, run_id: RunId, now: UnixMs) -> Option<FirstCall> {
        let ready = plan.ready.as_ref().ok()?;
        let reservation = self.new_reservation(ready, run_id, now);
        let attempt = self.new_attempt(ready, run_id, reservation.id, 0);
        Some(FirstCall { reservation, attempt })
    }

    /// Money to set aside for one call.
    pub(super) fn new_reservation(&self, ready: &Ready, run_id: RunId, now: UnixMs) -> NewReservation {
        NewReservation {
            id: ReservationId::from_uuid(self.inner.clock.new_id()),
            run_id,
            amount: ready.reserve,
            simulated: ready.is_simulated(),
            lease_id: self.inner.lease_id.clone(),
            created_at: now,
        }
    }

    /// One call, `wait_ms` after the one before.
    pub(super) fn new_attempt(
        &self,
        ready: &Ready,
        run_id: RunId,
        reservation_id: ReservationId,
        wait_ms: u64,
    ) -> NewAttempt {
        let asked = &ready.asked;
        NewAttempt {
            id: AttemptId::from_uuid(self.inner.clock.new_id()),
            run_id,
            provider: asked.setup.id.clone(),
            model_requested: asked.model.clone(),
            key_id: asked.key.as_ref().and_then(|key| key.id),
            kind: "first".to_owned(),
            route: RoutePlace::default(),
            wait_ms,
            reservation_id: Some(reservation_id),
            started_at: self.inner.clock.now(),
        }
    }

    fn new_view(plan: &Plan, run: &NewRun, version: u32, versions: u32) -> RunView {
        let provider_name = match &plan.ready {
            Ok(ready) => ready.asked.setup.name.clone(),
            Err(refused) => refused.provider.clone().unwrap_or_default(),
        };
        RunView {
            id: run.id,
            turn_id: run.turn_id,
            lane_id: run.lane_id,
            version,
            versions,
            target: run.target.clone(),
            state: RunState::Connecting,
            text: String::new(),
            reasoning: String::new(),
            refusal: String::new(),
            tool_calls: Vec::new(),
            notices: run.notices.clone(),
            provider: run.provider.clone().unwrap_or_default(),
            provider_name,
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
            route: None,
            source: AnswerSource::Model,
            segments: Vec::new(),
            offers: Vec::new(),
            waiting: None,
            saved_usd: None,
        }
    }

    /// Writes the next version of an answer.
    pub(super) async fn write_retry(&self, plan: Plan, turn_id: TurnId) -> Result<Begun, EngineError> {
        let now = self.inner.clock.now();
        let run = self.new_run(&plan, turn_id, now);
        let call = self.first_call(&plan, run.id, now);
        let new = NewRetry {
            run: run.clone(),
            reservation: call.as_ref().map(|call| call.reservation.clone()),
            attempt: call.as_ref().map(|call| call.attempt.clone()),
            trace: None,
        };
        let version = self.inner.store.begin_retry(&new).await?;
        self.inner.histories.forget();
        let view = Self::new_view(&plan, &run, version, version);
        Ok(self.begun(plan, run.id, call, view))
    }
}

impl Plan {
    fn notices(&self) -> Vec<String> {
        self.ready.as_ref().map_or_else(|_| Vec::new(), |ready| ready.notices.clone())
    }

    /// Provider, model and whether it is simulated, as far as known.
    fn whom(&self) -> (Option<String>, Option<String>, bool) {
        match &self.ready {
            Ok(ready) => {
                (Some(ready.asked.setup.id.clone()), Some(ready.asked.model.clone()), ready.is_simulated())
            }
            Err(refused) => (refused.provider.clone(), refused.model.clone(), false),
        }
    }
}
