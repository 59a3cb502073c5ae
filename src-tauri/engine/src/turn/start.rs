//! Beginning: a prompt, or another try, becomes rows in the database and tasks in flight.

use std::sync::Arc;

use roundtable_domain::{
    AttemptId, ConversationId, LaneId, Message, Part, ReservationId, RunId, RunState, TurnId, UnixMs,
};
use roundtable_providers::Timers;
use roundtable_router::Patience;
use roundtable_store::{
    Conversation, FinishedRun, Lane, NewAttempt, NewReservation, NewRun, NewTurn, RunSnapshot, Source, Turn,
};
use tokio_util::sync::CancellationToken;

use super::live::{LiveTurn, TurnSink};
use super::plan::{Asked, Plan, Ready, Refused};
use super::run::Task;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::history::messages_of;
use crate::project::{Ending, finish_view};
use crate::view::{RunView, TurnBatch, TurnView};

/// The longest automatic title, in characters.
const LONGEST_TITLE: usize = 60;

/// What the user says.
pub(crate) struct NewPrompt {
    pub(crate) text: String,
    pub(crate) parts: Vec<Part>,
    pub(crate) source: Source,
    pub(crate) stream: bool,
}

/// How patiently a request is sent.
#[derive(Clone, Copy, Default)]
pub(crate) struct Patient {
    pub(crate) patience: Patience,
    pub(crate) timers: Timers,
}

/// One run that has been written to the database.
struct Begun {
    plan: Plan,
    run_id: RunId,
    call: Option<FirstCall>,
    view: RunView,
    cancel: CancellationToken,
}

/// What stands in the database before a run's first request is sent: the money set aside, and the call it pays for.
struct FirstCall {
    reservation: NewReservation,
    attempt: NewAttempt,
}

/// Where runs belong.
#[derive(Clone, Copy)]
struct Place {
    conversation_id: ConversationId,
    turn_id: TurnId,
    source: Source,
    patient: Patient,
}

impl Engine {
    /// Sends one prompt to lanes of a conversation; with no lane named, to all of them.
    pub async fn start_turn(
        &self,
        conversation_id: ConversationId,
        text: &str,
        lane_ids: &[LaneId],
        sink: TurnSink,
    ) -> Result<TurnView, crate::view::AppError> {
        let directory = self.directory().await?;
        let lanes = self.lanes_to_ask(conversation_id, lane_ids).await?;
        let mut asked = Vec::with_capacity(lanes.len());
        for lane in lanes {
            let whom = self.ask_whom(&directory, &lane.target).await;
            asked.push((lane, whom));
        }
        let prompt =
            NewPrompt { text: text.to_owned(), parts: Vec::new(), source: Source::Chat, stream: true };
        Ok(self.begin_turn(conversation_id, prompt, asked, Patient::default(), sink).await?)
    }

    async fn lanes_to_ask(&self, id: ConversationId, lane_ids: &[LaneId]) -> Result<Vec<Lane>, EngineError> {
        let mut lanes = self.inner.store.lanes().list(id).await?;
        if !lane_ids.is_empty() {
            lanes.retain(|lane| lane_ids.contains(&lane.id));
        }
        Ok(lanes)
    }

    /// Writes the prompt, the runs and the reservations in one transaction, then sends.
    pub(crate) async fn begin_turn(
        &self,
        conversation_id: ConversationId,
        prompt: NewPrompt,
        lanes: Vec<(Lane, Result<Asked, Refused>)>,
        patient: Patient,
        sink: TurnSink,
    ) -> Result<TurnView, EngineError> {
        if prompt.text.trim().is_empty() && prompt.parts.is_empty() {
            return Err(EngineError::EmptyPrompt);
        }
        if lanes.is_empty() {
            return Err(EngineError::NoLanes);
        }
        if lanes.iter().any(|(lane, _)| self.inner.live.is_busy(lane.id)) {
            return Err(EngineError::LaneBusy);
        }
        let store = &self.inner.store;
        let conversation = store.conversations().get(conversation_id).await?;
        let now = self.inner.clock.now();
        let turn = Turn {
            id: TurnId::from_uuid(self.inner.clock.new_id()),
            conversation_id,
            parent_turn_id: store.turns().tip(conversation_id).await?,
            text: prompt.text,
            parts: prompt.parts,
            created_at: now,
        };
        let message = crate::history::user_message(&turn);
        let mut plans = Vec::with_capacity(lanes.len());
        for (lane, asked) in lanes {
            let messages = self.messages_for(&conversation, lane.id, None, message.clone()).await?;
            plans.push(self.plan(lane.id, &lane.target, &lane.params, asked, messages, prompt.stream));
        }
        let place = Place { conversation_id, turn_id: turn.id, source: prompt.source, patient };
        let begun = self.write_turn(&turn, plans).await?;
        self.name_after(&conversation, &turn.text, now).await;
        let mut view = TurnView {
            id: turn.id,
            parent_turn_id: turn.parent_turn_id,
            text: turn.text,
            attachments: Vec::new(),
            created_at: now,
            runs: Vec::new(),
        };
        view.runs = self.launch(place, begun, sink).await;
        Ok(view)
    }

    async fn messages_for(
        &self,
        conversation: &Conversation,
        lane_id: LaneId,
        before: Option<TurnId>,
        prompt: Message,
    ) -> Result<Vec<Message>, EngineError> {
        let history = self.inner.store.lane_history(lane_id, before).await?;
        Ok(messages_of(conversation.system_prompt.as_deref(), &history, Some(prompt)))
    }

    async fn write_turn(&self, turn: &Turn, plans: Vec<Plan>) -> Result<Vec<Begun>, EngineError> {
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
        };
        self.inner.store.begin_turn(&new).await?;
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
            notices: Vec::new(),
            simulated,
            lease_id: self.inner.lease_id.clone(),
            notices: Vec::new(),
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
            notices: Vec::new(),
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
        }
    }

    /// Brings runs to life: those that are ready get a task, those refused end at once, in place.
    async fn launch(&self, place: Place, begun: Vec<Begun>, sink: TurnSink) -> Vec<RunView> {
        let views: Vec<RunView> = begun.iter().map(|one| one.view.clone()).collect();
        let runs = begun.iter().map(|one| (one.view.clone(), one.cancel.clone()));
        let joined = self.inner.live.join(place.turn_id, runs, sink);
        for one in begun {
            match (one.plan.ready, one.call) {
                (Ok(ready), Some(call)) => {
                    let task = Task {
                        engine: self.clone(),
                        live: Arc::clone(&joined.turn),
                        run_id: one.run_id,
                        turn_id: place.turn_id,
                        conversation_id: place.conversation_id,
                        lane_id: one.plan.lane_id,
                        source: place.source,
                        patience: place.patient.patience,
                        timers: place.patient.timers,
                        ready,
                        reservation_id: call.reservation.id,
                        first_attempt: call.attempt.id,
                        cancel: one.cancel,
                    };
                    self.inner.tasks.spawn(task.run());
                }
                (Err(refused), _) => self.refuse(&joined.turn, one.run_id, refused).await,
                // Every plan that is ready has a call.
                (Ok(_), None) => {}
            }
        }
        if joined.is_new {
            let live = Arc::clone(&self.inner.live);
            let turn = joined.turn;
            self.inner.tasks.spawn(async move { turn.pump(|| live.retire(place.turn_id)).await });
        }
        views
    }

    /// Ends a run for which nothing is sent.
    async fn refuse(&self, live: &LiveTurn, run_id: RunId, refused: Refused) {
        let now = self.inner.clock.now();
        let finished = FinishedRun {
            run_id,
            state: RunState::Failed,
            text: String::new(),
            reasoning: String::new(),
            refusal: String::new(),
            tool_calls: Vec::new(),
            opaque: Vec::new(),
            finish_reason: None,
            provider: refused.provider,
            model_requested: refused.model,
            model_served: None,
            usage: roundtable_domain::TokenUsage::default(),
            usage_raw: None,
            cost: None,
            error: Some(refused.error),
            ttft_ms: None,
            total_ms: None,
            finished_at: now,
            attempt: None,
            entry: None,
            settle: Vec::new(),
        };
        let unsaved = self.inner.store.finish_run(&finished).await.err();
        live.update(run_id, |run| {
            let name = run.peek().provider_name.clone();
            finish_view(run.view(), Ending::of(finished, false), &name, unsaved.as_ref());
        });
    }

    /// An untitled conversation is named after its first prompt.
    async fn name_after(&self, conversation: &Conversation, prompt: &str, now: UnixMs) {
        if !conversation.title.is_empty() {
            return;
        }
        let line = prompt.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut title: String = line.chars().take(LONGEST_TITLE).collect();
        if line.chars().count() > LONGEST_TITLE {
            title.push('…');
        }
        if let Err(error) = self.inner.store.conversations().rename(conversation.id, &title, true, now).await
        {
            tracing::warn!(%error, "the conversation could not be named");
        }
    }

    /// Makes a new version of each of these answers. They belong to one turn.
    pub(crate) async fn begin_retries(
        &self,
        runs: Vec<RunSnapshot>,
        sink: TurnSink,
    ) -> Result<Vec<RunView>, EngineError> {
        let Some(first) = runs.first() else { return Err(EngineError::NothingToRetry) };
        let store = &self.inner.store;
        let turn = store.turns().get(first.run.turn_id).await?;
        let conversation = store.conversations().get(turn.conversation_id).await?;
        let directory = self.directory().await?;
        let mut begun = Vec::with_capacity(runs.len());
        for RunSnapshot { run, .. } in runs {
            if self.inner.live.is_busy(run.lane_id) {
                return Err(EngineError::LaneBusy);
            }
            let lane = store.lanes().get(run.lane_id).await?;
            let messages = self
                .messages_for(&conversation, lane.id, Some(turn.id), crate::history::user_message(&turn))
                .await?;
            let asked = self.ask_whom(&directory, &lane.target).await;
            let plan = self.plan(lane.id, &lane.target, &lane.params, asked, messages, true);
            begun.push(self.write_retry(plan, turn.id).await?);
        }
        let place = Place {
            conversation_id: turn.conversation_id,
            turn_id: turn.id,
            source: Source::Chat,
            patient: Patient::default(),
        };
        Ok(self.launch(place, begun, sink).await)
    }

    async fn write_retry(&self, plan: Plan, turn_id: TurnId) -> Result<Begun, EngineError> {
        let now = self.inner.clock.now();
        let run = self.new_run(&plan, turn_id, now);
        let call = self.first_call(&plan, run.id, now);
        let (reservation, attempt) =
            (call.as_ref().map(|call| &call.reservation), call.as_ref().map(|call| &call.attempt));
        let version = self.inner.store.begin_retry(&run, reservation, attempt).await?;
        let view = Self::new_view(&plan, &run, version, version);
        Ok(self.begun(plan, run.id, call, view))
    }

    /// Follows a turn. One that has ended gets a single batch with its answers.
    pub async fn watch_turn(&self, turn_id: TurnId, sink: TurnSink) -> Result<(), crate::view::AppError> {
        let Err(mut sink) = self.inner.live.watch(turn_id, sink) else { return Ok(()) };
        let directory = self.directory().await?;
        let turn = self.inner.store.turns().get(turn_id).await.map_err(EngineError::from)?;
        let snapshot =
            self.inner.store.conversation_snapshot(turn.conversation_id).await.map_err(EngineError::from)?;
        let runs = snapshot.turns.into_iter().filter(|one| one.turn.id == turn_id).flat_map(|one| one.runs);
        let events = runs
            .map(|run| crate::view::RunEvent::Finished { run: crate::project::run_view(run, &directory) })
            .collect();
        sink(TurnBatch { turn_id, seq: 0, events, done: true });
        Ok(())
    }
}

impl Plan {
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
