//! Conversations and lanes, as the window asks for them.

mod filing;

use futures_util::future::try_join_all;
use roundtable_domain::{ConversationId, LaneId, Params, RunId, Target, TurnId};
use roundtable_store::{ContextMode, Lane, NewConversation, NewLane, RunSnapshot, TurnSnapshot};
use serde_json::Value;

use crate::attachments::{AttachmentError, MOST_FILES, attachment_view};
use crate::directory::{DEMO, Directory};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::fault::fault_of;
use crate::project::{run_view, spend, summary};
use crate::turn::{LiveTurns, TurnSink};
use crate::view::{
    AppError, Charged, ConversationSnapshot, ConversationSummary, LaneView, MoneyChoice, RunView, Settings,
    TargetView, TurnView,
};
pub(crate) use filing::in_one_line;
pub use filing::{Filing, FilingError};

/// More columns than this are not readable on any screen.
const MOST_LANES: usize = 8;

/// How many conversations the list shows.
const LIST_LENGTH: u32 = 1_000;

/// What the window has set, among the settings.
pub(crate) const WINDOW_SETTINGS: &str = "window";

impl Engine {
    /// The list, latest first, pinned on top.
    pub async fn list_conversations(&self) -> Result<Vec<ConversationSummary>, AppError> {
        let listings =
            self.inner.store.conversations().list(None, LIST_LENGTH).await.map_err(EngineError::from)?;
        let mut summaries: Vec<ConversationSummary> = listings.iter().map(summary).collect();
        summaries.sort_by_key(|summary| !summary.pinned);
        Ok(summaries)
    }

    /// A new conversation. Without targets it takes the settings' default, else the environment's, else the last
    /// conversation's, else the demo's.
    pub async fn create_conversation(&self, targets: &[String]) -> Result<ConversationSnapshot, AppError> {
        let targets = if targets.is_empty() { self.usual_targets().await? } else { targets.to_vec() };
        if targets.len() > MOST_LANES {
            return Err(EngineError::TooManyLanes(MOST_LANES).into());
        }
        let id = self.new_conversation(&targets, None).await?;
        self.open_conversation(id).await
    }

    pub(crate) async fn new_conversation(
        &self,
        targets: &[String],
        system_prompt: Option<String>,
    ) -> Result<ConversationId, EngineError> {
        let mut checked = Vec::with_capacity(targets.len());
        for target in targets {
            checked.push(self.checked_target(target).await?);
        }
        let targets = checked;
        self.new_conversation_unchecked(&targets, system_prompt, Filing::default()).await
    }

    /// As [`Self::new_conversation`], for targets that need not name a model: what they lack is the answer's to say.
    pub(crate) async fn new_conversation_unchecked(
        &self,
        targets: &[String],
        system_prompt: Option<String>,
        filing: Filing,
    ) -> Result<ConversationId, EngineError> {
        let filing = filing.tidied()?;
        let clock = &self.inner.clock;
        let lanes = targets.iter().map(|target| self.new_lane(target.clone())).collect();
        let conversation = NewConversation {
            id: ConversationId::from_uuid(clock.new_id()),
            title: String::new(),
            title_is_auto: true,
            context_mode: ContextMode::Lanes,
            system_prompt,
            lanes,
            folder: filing.folder,
            tags: filing.tags,
            created_at: clock.now(),
        };
        self.inner.store.conversations().create(&conversation).await?;
        Ok(conversation.id)
    }

    fn new_lane(&self, target: String) -> NewLane {
        NewLane { id: LaneId::from_uuid(self.inner.clock.new_id()), target, params: Params::default() }
    }

    async fn usual_targets(&self) -> Result<Vec<String>, EngineError> {
        let settings = self.settings().await?;
        if !settings.default_lanes.is_empty() {
            return Ok(settings.default_lanes);
        }
        // A default that is nowhere is told at the start; it keeps nobody from a conversation.
        if let Ok(Some(target)) = self.default_target().await {
            return Ok(vec![target]);
        }
        let last = self.inner.store.conversations().list(None, 1).await?;
        let targets = last.into_iter().next().map(|listing| listing.targets).unwrap_or_default();
        if !targets.is_empty() {
            return Ok(targets);
        }
        Ok(if self.is_demo_on().await? {
            roundtable_emulator::demo_models()
                .iter()
                .take(3)
                .map(|demo| format!("{DEMO}/{}", demo.id))
                .collect()
        } else {
            Vec::new()
        })
    }

    /// Everything one conversation shows; text in flight is newer than the database's.
    pub async fn open_conversation(&self, id: ConversationId) -> Result<ConversationSnapshot, AppError> {
        let directory = self.directory().await?;
        let snapshot = self.inner.store.conversation_snapshot(id).await.map_err(EngineError::from)?;
        let lanes = self.lane_views(&snapshot.lanes, &directory).await?;
        let live_turns = snapshot
            .turns
            .iter()
            .map(|one| one.turn.id)
            .filter(|id| self.inner.live.runs_of(*id).is_some())
            .collect();
        let turns =
            snapshot.turns.into_iter().map(|one| turn_view(one, &directory, &self.inner.live)).collect();
        Ok(ConversationSnapshot {
            summary: summary(&snapshot.listing),
            lanes,
            turns,
            draft: snapshot.listing.conversation.draft,
            draft_attachments: snapshot.draft_attachments.into_iter().map(attachment_view).collect(),
            live_turns,
        })
    }

    pub(crate) async fn summary_of(&self, id: ConversationId) -> Result<ConversationSummary, EngineError> {
        Ok(summary(&self.inner.store.conversations().listing(id).await?))
    }

    /// Gives a conversation a name of the user's.
    pub async fn rename_conversation(
        &self,
        id: ConversationId,
        title: &str,
    ) -> Result<ConversationSummary, AppError> {
        let title = title.trim();
        let now = self.inner.clock.now();
        // A title taken away is given again by the next prompt.
        self.inner
            .store
            .conversations()
            .rename(id, title, title.is_empty(), now)
            .await
            .map_err(EngineError::from)?;
        Ok(self.summary_of(id).await?)
    }

    /// Keeps it on top of the list, or not.
    pub async fn pin_conversation(
        &self,
        id: ConversationId,
        pinned: bool,
    ) -> Result<ConversationSummary, AppError> {
        let at = pinned.then(|| self.inner.clock.now());
        self.inner.store.conversations().pin(id, at).await.map_err(EngineError::from)?;
        Ok(self.summary_of(id).await?)
    }

    /// Deletes a conversation with its answers; what is in flight is stopped first. Spend stays in the books.
    pub async fn delete_conversation(&self, id: ConversationId) -> Result<(), AppError> {
        let turns = self.inner.store.turns().list(id).await.map_err(EngineError::from)?;
        for turn in turns {
            self.inner.live.stop_turn(turn.id);
        }
        // What was said in it is not given to another conversation afterwards.
        self.inner.store.responses().forget_of_conversation(id).await.map_err(EngineError::from)?;
        Ok(self.inner.store.conversations().delete(id).await.map_err(EngineError::from)?)
    }

    /// Keeps what stands in the composer: the text, and by their ids the files that go along. Files that are not kept any more
    /// are left out.
    pub async fn save_draft(
        &self,
        id: ConversationId,
        text: &str,
        attachments: &[String],
    ) -> Result<(), AppError> {
        if attachments.len() > MOST_FILES {
            return Err(EngineError::from(AttachmentError::TooMany).into());
        }
        let conversations = self.inner.store.conversations();
        Ok(conversations.set_draft(id, text, attachments).await.map_err(EngineError::from)?)
    }

    /// Adds a lane at the right.
    pub async fn add_lane(&self, id: ConversationId, target: &str) -> Result<LaneView, AppError> {
        let store = &self.inner.store;
        if store.lanes().list(id).await.map_err(EngineError::from)?.len() >= MOST_LANES {
            return Err(EngineError::TooManyLanes(MOST_LANES).into());
        }
        let lane = self.new_lane(self.checked_target(target).await?);
        let lane = store.lanes().add(id, &lane, self.inner.clock.now()).await.map_err(EngineError::from)?;
        Ok(self.lane_view(&lane, &self.directory().await?).await?)
    }

    /// Takes a lane out; its answers stay where they are. The last one stays.
    pub async fn remove_lane(&self, id: LaneId) -> Result<(), AppError> {
        let lanes = self.inner.store.lanes();
        let lane = lanes.get(id).await.map_err(EngineError::from)?;
        if lanes.list(lane.conversation_id).await.map_err(EngineError::from)?.len() <= 1 {
            return Err(EngineError::LastLane.into());
        }
        Ok(lanes.remove(id, self.inner.clock.now()).await.map_err(EngineError::from)?)
    }

    /// Swaps a lane's model. Its history stays its own.
    pub async fn set_lane_target(&self, id: LaneId, target: &str) -> Result<LaneView, AppError> {
        let target = self.checked_target(target).await?;
        self.inner.store.lanes().set_target(id, &target).await.map_err(EngineError::from)?;
        self.lane(id).await
    }

    /// Sets a lane's sampling and length.
    pub async fn set_lane_params(&self, id: LaneId, params: Params) -> Result<LaneView, AppError> {
        self.inner.store.lanes().set_params(id, &params).await.map_err(EngineError::from)?;
        self.lane(id).await
    }

    async fn lane(&self, id: LaneId) -> Result<LaneView, AppError> {
        let lane = self.inner.store.lanes().get(id).await.map_err(EngineError::from)?;
        Ok(self.lane_view(&lane, &self.directory().await?).await?)
    }

    /// Moves a lane; gives all lanes in their new order.
    pub async fn move_lane(&self, id: LaneId, position: u32) -> Result<Vec<LaneView>, AppError> {
        let lanes = self.inner.store.lanes();
        lanes.move_to(id, position).await.map_err(EngineError::from)?;
        let lane = lanes.get(id).await.map_err(EngineError::from)?;
        let all = lanes.list(lane.conversation_id).await.map_err(EngineError::from)?;
        Ok(self.lane_views(&all, &self.directory().await?).await?)
    }

    /// Their histories are read side by side.
    async fn lane_views(&self, lanes: &[Lane], directory: &Directory) -> Result<Vec<LaneView>, EngineError> {
        try_join_all(lanes.iter().map(|lane| self.lane_view(lane, directory))).await
    }

    async fn lane_view(&self, lane: &Lane, directory: &Directory) -> Result<LaneView, EngineError> {
        let history = self.known_history(lane, directory).await?;
        Ok(LaneView {
            id: lane.id,
            position: lane.position,
            target: lane.target.clone(),
            resolved: self.target_view(&lane.target, directory).await,
            params: lane.params.clone(),
            history_messages: u32::try_from(history.messages.len()).unwrap_or(u32::MAX),
            history_tokens: history.tokens,
        })
    }

    async fn target_view(&self, target: &str, directory: &Directory) -> TargetView {
        let route = is_route(target).then(|| target.to_owned());
        let (setup, model) = match self.foremost(directory, target).await {
            Ok(found) => found,
            Err(error) => {
                let (provider, model) = target.split_once('/').unwrap_or(("", target));
                let provider_name = directory.name_of(provider);
                return TargetView {
                    provider: provider.to_owned(),
                    model: model.to_owned(),
                    model_name: model.to_owned(),
                    route,
                    simulated: false,
                    context_window: None,
                    unavailable: Some(fault_of(&error, &provider_name, Charged::No)),
                    provider_name,
                };
            }
        };
        let facts = setup.facts(&model.model);
        let unavailable = match self.ask_key(&setup).await {
            Ok(()) => None,
            Err(error) => Some(fault_of(&error, &setup.name, Charged::No)),
        };
        TargetView {
            provider_name: setup.name.clone(),
            model_name: facts.map_or_else(|| model.model.clone(), |facts| facts.name.clone()),
            route,
            simulated: setup.is_demo(),
            context_window: facts.and_then(|facts| facts.context_window),
            unavailable,
            provider: setup.id,
            model: model.model,
        }
    }

    /// New version of one answer.
    pub async fn retry_run(
        &self,
        run_id: RunId,
        money: MoneyChoice,
        sink: TurnSink,
    ) -> Result<RunView, AppError> {
        let run = self.inner.store.runs().get(run_id).await.map_err(EngineError::from)?;
        let snapshot = RunSnapshot { versions: run.version, attempts: 1, run };
        let views = Box::pin(self.begin_retries(vec![snapshot], money, sink)).await?;
        views.into_iter().next().ok_or_else(|| EngineError::NothingToRetry.into())
    }

    /// New versions of all answers of a turn, or of those that did not complete.
    pub async fn retry_turn(
        &self,
        turn_id: TurnId,
        failed_only: bool,
        money: MoneyChoice,
        sink: TurnSink,
    ) -> Result<Vec<RunView>, AppError> {
        let turn = self.inner.store.turns().get(turn_id).await.map_err(EngineError::from)?;
        let snapshot =
            self.inner.store.conversation_snapshot(turn.conversation_id).await.map_err(EngineError::from)?;
        let lanes: Vec<LaneId> = snapshot.lanes.iter().map(|lane| lane.id).collect();
        let runs = snapshot
            .turns
            .into_iter()
            .filter(|one| one.turn.id == turn_id)
            .flat_map(|one| one.runs)
            .filter(|one| lanes.contains(&one.run.lane_id))
            .filter(|one| !failed_only || one.run.state != roundtable_domain::RunState::Complete)
            .collect();
        Ok(Box::pin(self.begin_retries(runs, money, sink)).await?)
    }

    /// Stops one answer; its text stays.
    pub fn stop_run(&self, run_id: RunId) {
        self.inner.live.stop_run(run_id);
    }

    /// Stops all answers of a turn.
    pub fn stop_turn(&self, turn_id: TurnId) {
        self.inner.live.stop_turn(turn_id);
    }

    /// One version of an answer.
    pub async fn run_version(
        &self,
        turn_id: TurnId,
        lane_id: LaneId,
        version: u32,
    ) -> Result<RunView, AppError> {
        let versions = self.inner.store.runs().versions(turn_id, lane_id).await.map_err(EngineError::from)?;
        let count = u32::try_from(versions.len()).unwrap_or(u32::MAX);
        let run = versions.into_iter().find(|run| run.version == version);
        let run = run.ok_or(EngineError::NothingToRetry)?;
        let attempts = self.inner.store.attempts().list(run.id).await.map_err(EngineError::from)?.len();
        let snapshot =
            RunSnapshot { run, versions: count, attempts: u32::try_from(attempts).unwrap_or(u32::MAX) };
        Ok(run_view(snapshot, &self.directory().await?))
    }

    /// Marks an answer as the best of its turn, or takes the mark back.
    pub async fn pick_run(&self, run_id: RunId, picked: bool) -> Result<RunView, AppError> {
        let at = picked.then(|| self.inner.clock.now());
        self.inner.store.runs().set_picked(run_id, at).await.map_err(EngineError::from)?;
        // It may have been another lane's answer until now.
        self.inner.histories.forget_all();
        if let Err(error) = self.load_picks().await {
            // Choosing knows it at the next start.
            tracing::warn!(%error, "picked answers could not be counted");
        }
        let run = self.inner.store.runs().get(run_id).await.map_err(EngineError::from)?;
        self.run_version(run.turn_id, run.lane_id, run.version).await
    }

    /// A target that names something: a model, or a group, an echelon, a pool or an alias of the routing folder, or `auto`.
    async fn checked_target(&self, target: &str) -> Result<String, EngineError> {
        let target = target.trim();
        let unknown = || EngineError::UnknownTarget(target.to_owned());
        match target.parse().map_err(|_| unknown())? {
            Target::Model(_) | Target::Auto => Ok(target.to_owned()),
            named @ Target::Route(_) => {
                let config = self.inner.config.current().await;
                config.routes.resolve(&named).map(|_| target.to_owned()).map_err(|_| unknown())
            }
        }
    }

    /// What the user has set.
    pub(crate) async fn settings(&self) -> Result<Settings, EngineError> {
        let stored: Option<Value> = self.inner.store.settings().get(WINDOW_SETTINGS).await?;
        Ok(stored.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default())
    }
}

/// Whether a target is no model by its own name.
fn is_route(target: &str) -> bool {
    matches!(target.parse(), Ok(Target::Route(_) | Target::Auto))
}

/// A turn as stored, with what is in flight on top.
fn turn_view(snapshot: TurnSnapshot, directory: &Directory, live: &LiveTurns) -> TurnView {
    let mut runs: Vec<RunView> = snapshot.runs.into_iter().map(|run| run_view(run, directory)).collect();
    for fresh in live.runs_of(snapshot.turn.id).unwrap_or_default() {
        if let Some(stale) = runs.iter_mut().find(|run| run.id == fresh.id) {
            *stale = fresh;
        }
    }
    TurnView {
        id: snapshot.turn.id,
        parent_turn_id: snapshot.turn.parent_turn_id,
        text: snapshot.turn.text,
        attachments: snapshot.attachments.into_iter().map(attachment_view).collect(),
        created_at: snapshot.turn.created_at,
        runs,
        spend: spend(&snapshot.spend),
    }
}
