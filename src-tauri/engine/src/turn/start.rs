//! Beginning: a prompt, or another try, becomes rows in the database and tasks in flight.

use roundtable_domain::{ConversationId, LaneId, Part, TurnId, UnixMs};
use roundtable_store::{Attachment, Conversation, Lane, RunSnapshot, Source, SpendTotals, Turn};

use super::live::TurnSink;
use super::plan::LaneToAsk;
use super::prompt::{Patient, Prompt};
use super::record::Charged;
use super::run::Place;
use crate::ask::Tools;
use crate::attachments::attachment_view;
use crate::budgets;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::project::spend;
use crate::view::{AppError, MoneyChoice, RunView, TurnView};

/// The longest automatic title, in characters.
const LONGEST_TITLE: usize = 60;

/// What the user says.
pub(crate) struct NewPrompt {
    pub(crate) text: String,
    pub(crate) parts: Vec<Part>,
    /// What is known of the files among the parts, for the window.
    pub(crate) attachments: Vec<Attachment>,
    pub(crate) tools: Tools,
    /// `None`: the profile in use.
    pub(crate) profile: Option<String>,
    pub(crate) source: Source,
    pub(crate) stream: bool,
    /// Send it also where the same answer is kept.
    pub(crate) fresh: bool,
    /// What somebody has decided about its money.
    pub(crate) money: MoneyChoice,
}

impl Engine {
    /// Sends one prompt with its files to lanes of a conversation; with no lane named, to all of them.
    pub async fn start_turn(
        &self,
        conversation_id: ConversationId,
        text: &str,
        attachments: &[String],
        lane_ids: &[LaneId],
        money: MoneyChoice,
        sink: TurnSink,
    ) -> Result<TurnView, AppError> {
        let lanes = self.lanes_to_ask(conversation_id, lane_ids).await?;
        let asked = lanes.into_iter().map(LaneToAsk::from).collect();
        let known = self.inner.store.attachments().facts(attachments).await.map_err(EngineError::from)?;
        let prompt = NewPrompt {
            text: text.to_owned(),
            parts: self.parts_of(attachments).await?,
            attachments: known,
            tools: Tools::default(),
            profile: None,
            source: Source::Chat,
            stream: true,
            fresh: false,
            money,
        };
        Ok(self.begin_turn(conversation_id, prompt, asked, Patient::default(), sink).await?)
    }

    pub(crate) async fn lanes_to_ask(
        &self,
        id: ConversationId,
        lane_ids: &[LaneId],
    ) -> Result<Vec<Lane>, EngineError> {
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
        lanes: Vec<LaneToAsk>,
        patient: Patient,
        sink: TurnSink,
    ) -> Result<TurnView, EngineError> {
        if prompt.text.trim().is_empty() && prompt.parts.is_empty() {
            return Err(EngineError::EmptyPrompt);
        }
        if lanes.is_empty() {
            return Err(EngineError::NoLanes);
        }
        if lanes.iter().any(|one| self.inner.live.is_busy(one.lane.id)) {
            return Err(EngineError::LaneBusy);
        }
        let store = &self.inner.store;
        let (conversations, turns) = (store.conversations(), store.turns());
        let (conversation, tip) =
            tokio::try_join!(conversations.get(conversation_id), turns.tip(conversation_id))?;
        let now = self.inner.clock.now();
        let turn = Turn {
            id: TurnId::from_uuid(self.inner.clock.new_id()),
            conversation_id,
            parent_turn_id: tip,
            text: prompt.text,
            parts: prompt.parts,
            created_at: now,
        };
        let words = Prompt {
            place: budgets::Place { source: prompt.source, ..budgets::Place::of(&conversation) },
            tools: prompt.tools,
            profile: prompt.profile,
            stream: prompt.stream,
            fresh: prompt.fresh,
            money: prompt.money,
            patient,
            ..Prompt::of_turn(&conversation, &turn)
        };
        let begun = self.begin_within_budgets(&turn, lanes, words, prompt.source).await?;
        let place = Place { conversation_id, turn_id: turn.id, source: prompt.source };
        let runs = self.launch(place, begun, None, sink).await;
        // A commit of its own, which no request has to wait for.
        self.name_after(&conversation, &turn.text, &prompt.attachments, now).await;
        Ok(TurnView {
            id: turn.id,
            parent_turn_id: turn.parent_turn_id,
            text: turn.text,
            attachments: prompt.attachments.into_iter().map(attachment_view).collect(),
            created_at: now,
            runs,
            spend: spend(&SpendTotals::default()),
        })
    }

    /// An untitled conversation is named after its first prompt, or the first file when that has no words.
    async fn name_after(
        &self,
        conversation: &Conversation,
        prompt: &str,
        attachments: &[Attachment],
        now: UnixMs,
    ) {
        if !conversation.title.is_empty() {
            return;
        }
        let mut line = prompt.split_whitespace().collect::<Vec<_>>().join(" ");
        if line.is_empty() {
            line = attachments.first().map(|file| file.name.clone()).unwrap_or_default();
        }
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
        money: MoneyChoice,
        sink: TurnSink,
    ) -> Result<Vec<RunView>, EngineError> {
        let Some(first) = runs.first() else { return Err(EngineError::NothingToRetry) };
        let turn_id = first.run.turn_id;
        let mut lanes = Vec::with_capacity(runs.len());
        for RunSnapshot { run, .. } in runs {
            lanes.push(self.inner.store.lanes().get(run.lane_id).await?.into());
        }
        self.begin_versions(turn_id, lanes, None, money, sink).await
    }

    /// Makes a new version of these lanes' answers to a turn. `begun_cost`: what the part that is gone on from has cost.
    pub(super) async fn begin_versions(
        &self,
        turn_id: TurnId,
        lanes: Vec<LaneToAsk>,
        begun_cost: Option<Charged>,
        money: MoneyChoice,
        sink: TurnSink,
    ) -> Result<Vec<RunView>, EngineError> {
        if lanes.iter().any(|one| self.inner.live.is_busy(one.lane.id)) {
            return Err(EngineError::LaneBusy);
        }
        let store = &self.inner.store;
        let turn = store.turns().get(turn_id).await?;
        let conversation = store.conversations().get(turn.conversation_id).await?;
        // Whoever asks again wants another answer, not the one that is kept.
        let prompt = Prompt { fresh: true, money, ..Prompt::of_turn(&conversation, &turn) };
        let place = Place { conversation_id: turn.conversation_id, turn_id: turn.id, source: Source::Chat };
        let begun = Box::pin(self.retry_within_budgets(place, lanes, prompt, begun_cost.as_ref())).await?;
        Ok(self.launch(place, begun, begun_cost, sink).await)
    }
}
