//! Histories that are known: a keystroke in the composer must not read a hundred turns per lane from the database.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use moka::sync::Cache;
use roundtable_domain::{Blob, ChatRequest, LaneId, Message, Notice, Part, ToolDefinition, WireApi};
use roundtable_store::Lane;

use super::{LaneHistory, Reader, history_for};
use crate::directory::Directory;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::notices::{self, say};
use crate::turn::{name_of, omissions, take_out_unreadable};
use crate::view::CountSource;

/// Lanes remembered: a few conversations' worth.
const LANES: u64 = 64;

/// How long at most: what else a history depends on (a model's facts, another process) changes rarely.
const LIFE: Duration = Duration::from_mins(1);

/// What every lane would be sent before the prompt.
pub(crate) struct KnownHistories {
    changes: Changes,
    lanes: Cache<LaneId, Arc<KnownHistory>>,
}

/// Counts the moments at which histories may have changed. A counter is of all lanes whose ids end alike: one of them may be read
/// once too often, none too seldom.
struct Changes([AtomicU64; 1 << u8::BITS]);

impl Changes {
    fn of(&self, lane: LaneId) -> &AtomicU64 {
        let [.., end] = lane.as_uuid().into_bytes();
        &self.0[usize::from(end)]
    }
}

/// One lane's history, counted.
pub(crate) struct KnownHistory {
    changes: u64,
    target: String,
    source: CountSource,
    pub(crate) messages: Vec<Message>,
    pub(crate) tools: Vec<ToolDefinition>,
    pub(crate) tokens: u64,
    /// What of it would be left out or changed.
    pub(crate) notices: Vec<Notice>,
}

impl Default for KnownHistories {
    fn default() -> Self {
        let lanes = Cache::builder().max_capacity(LANES).time_to_live(LIFE).build();
        Self { changes: Changes(std::array::from_fn(|_| AtomicU64::new(0))), lanes }
    }
}

impl KnownHistories {
    /// A lane's history has changed. Called after the change is written.
    pub(crate) fn forget(&self, lane: LaneId) {
        self.changes.of(lane).fetch_add(1, Ordering::AcqRel);
    }

    /// Any history may have changed. Called after the change is written.
    pub(crate) fn forget_all(&self) {
        for counter in &self.changes.0 {
            counter.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// Whether somebody has looked at it of late, who may do so again.
    fn is_looked_at(&self, lane: LaneId) -> bool {
        self.lanes.contains_key(&lane)
    }
}

impl Engine {
    /// Reads the history of a lane whose answer has ended, so that the next keystroke need not; where nobody types, nothing is read.
    pub(crate) fn read_history_ahead(&self, lane: LaneId) {
        if !self.inner.histories.is_looked_at(lane) {
            return;
        }
        let engine = self.clone();
        self.inner.tasks.spawn(async move {
            let read = async {
                let lane = engine.inner.store.lanes().get(lane).await?;
                engine.known_history(&lane, &engine.directory().await?).await
            };
            if let Err(error) = read.await {
                tracing::debug!(%error, "a history could not be read ahead");
            }
        });
    }

    /// What a lane would be sent before the prompt.
    pub(crate) async fn known_history(
        &self,
        lane: &Lane,
        directory: &Directory,
    ) -> Result<Arc<KnownHistory>, EngineError> {
        let asked = self.foremost(directory, &lane.target).await.ok();
        let known = &self.inner.histories;
        let changes = known.changes.of(lane.id).load(Ordering::Acquire);
        let source = match &asked {
            Some((setup, model)) => self.counting(setup, &model.model).await.source(),
            None => CountSource::Estimate,
        };
        if let Some(history) = known.lanes.get(&lane.id)
            && history.changes == changes
            && history.target == lane.target
            && history.source == source
        {
            return Ok(history);
        }
        let stored = self.inner.store.lane_history(lane.id, None).await?;
        let system = self.inner.store.conversations().get(lane.conversation_id).await?.system_prompt;
        let reader = match &asked {
            Some((setup, model)) => Reader { provider: &setup.id, model: &model.model, api: setup.api },
            // Nobody's: only the words are read.
            None => Reader { provider: "", model: "", api: WireApi::OpenaiChat },
        };
        let LaneHistory { mut messages, tools, taken_over } = history_for(system.as_deref(), &stored, reader);
        let mut said = Vec::new();
        let tokens = match &asked {
            Some((setup, model)) => {
                let facts = setup.facts(&model.model);
                if taken_over {
                    say(&mut said, notices::taken_over(name_of(facts, &model.model)));
                }
                take_out_unreadable(&mut messages, facts, name_of(facts, &model.model), &mut said);
                let request = ChatRequest {
                    model: model.model.clone(),
                    messages: without_bytes(&messages),
                    tools: tools.clone(),
                    stream: true,
                    ..ChatRequest::default()
                };
                omissions(setup, &request, &mut said);
                self.counting(setup, &model.model).await.messages(&messages)
            }
            None => crate::tokens::estimate_messages(&messages),
        };
        let history = Arc::new(KnownHistory {
            changes,
            target: lane.target.clone(),
            source,
            messages,
            tools,
            tokens,
            notices: said,
        });
        known.lanes.insert(lane.id, Arc::clone(&history));
        Ok(history)
    }
}

/// Messages as a wire has to see them to say what it will leave out: a file's type decides that, never its bytes.
pub(crate) fn without_bytes(messages: &[Message]) -> Vec<Message> {
    let bare = |blob: &Blob| Blob {
        media_type: blob.media_type.clone(),
        base64: "".into(),
        name: blob.name.clone(),
    };
    messages
        .iter()
        .map(|message| Message {
            role: message.role,
            parts: message
                .parts
                .iter()
                .map(|part| match part {
                    Part::Image { blob } => Part::Image { blob: bare(blob) },
                    Part::File { blob } => Part::File { blob: bare(blob) },
                    other => other.clone(),
                })
                .collect(),
        })
        .collect()
}
