//! What a lane has said so far: what every request of it begins with, and every preview counts. Long conversations have hundreds of
//! answers in each of eight lanes, so no more of an answer is read than goes into a request.

use std::collections::HashMap;

use roundtable_domain::{LaneId, Layout, RunId, RunState, TokenUsage, ToolCall, TurnId, UnixMs};
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection as _, SqliteConnection};

use crate::Store;
use crate::error::StoreError;
use crate::lanes;
use crate::row::Columns as _;
use crate::turns::{self, SharedFiles, Turn};

/// A turn as one lane has lived it.
#[derive(Clone, Debug, PartialEq)]
pub struct LaneTurn {
    /// The user's message, with the bytes of its files.
    pub turn: Turn,
    /// The lane's answer: its picked version, else its latest. `None` when the lane did not take part.
    pub answer: Option<PastAnswer>,
}

/// What a later request needs of an answer; the whole of it is a [`crate::Run`], whose words these are.
#[derive(Clone, Debug, PartialEq)]
pub struct PastAnswer {
    /// Which run.
    pub id: RunId,
    /// Where it stands.
    pub state: RunState,
    /// Visible text so far.
    pub text: String,
    /// Reasoning so far.
    pub reasoning: String,
    /// A refusal that came in its own field.
    pub refusal: String,
    /// Calls the model asked for.
    pub tool_calls: Vec<ToolCall>,
    /// In which order it came, with the signed and encrypted pieces, valid at `provider` only.
    pub layout: Layout,
    /// The provider that gave it.
    pub provider: Option<String>,
    /// The model asked for there.
    pub model_requested: Option<String>,
    /// Where it comes from: `model`, `cache`, `shared` or `last_resort`.
    pub source: String,
    /// More than one model wrote it.
    pub several_wrote: bool,
    /// Tokens, inclusive.
    pub usage: TokenUsage,
    /// When it ended.
    pub finished_at: Option<UnixMs>,
}

impl Store {
    /// What a lane has said so far, oldest first: the turns on the way to `before` without `before` itself, or to the last
    /// turn of the conversation, that one included. Which answers are fit to be sent again is for the caller to say.
    pub async fn lane_history(
        &self,
        lane_id: LaneId,
        before: Option<TurnId>,
    ) -> Result<Vec<LaneTurn>, StoreError> {
        self.lane_history_sharing(lane_id, before, &SharedFiles::default()).await
    }

    /// As [`Self::lane_history`], for lanes that are sent the same files: those that share `files` hold each once.
    pub async fn lane_history_sharing(
        &self,
        lane_id: LaneId,
        before: Option<TurnId>,
        files: &SharedFiles,
    ) -> Result<Vec<LaneTurn>, StoreError> {
        let mut reader = self.readers.acquire().await?;
        let mut tx = reader.begin().await?;
        let lane = lanes::get(&mut tx, lane_id).await?;
        let last = match before {
            Some(turn_id) => Some(turn_id),
            None => turns::tip(&mut tx, lane.conversation_id).await?,
        };
        let mut path = match last {
            Some(last) => turns::path_to(&mut tx, last, files).await?,
            None => Vec::new(),
        };
        if before.is_some() {
            path.pop();
        }
        let mut answers = match path.last() {
            Some(last) => answers_on_path(&mut tx, lane_id, last.id).await?,
            None => HashMap::new(),
        };
        let history =
            path.into_iter().map(|turn| LaneTurn { answer: answers.remove(&turn.id), turn }).collect();
        tx.commit().await?;
        Ok(history)
    }
}

/// One lane's answers on the way to a turn, that turn included: of each turn the picked version, else the latest.
async fn answers_on_path(
    connection: &mut SqliteConnection,
    lane_id: LaneId,
    last: TurnId,
) -> Result<HashMap<TurnId, PastAnswer>, StoreError> {
    let rows = sqlx::query(
        "WITH RECURSIVE path (id) AS (
             SELECT ?1
             UNION ALL
             SELECT t.parent_turn_id FROM path p JOIN turns t ON t.id = p.id WHERE t.parent_turn_id IS NOT NULL)
         SELECT a.turn_id, a.id, a.state, a.text, a.reasoning, a.refusal, a.tool_calls, a.opaque, a.provider, a.model_requested,
                a.source, a.segments <> '[]' AS several_wrote, a.usage_input, a.usage_output, a.usage_cached,
                a.usage_cache_write, a.usage_reasoning, a.finished_at
         FROM path p JOIN answers a ON a.turn_id = p.id AND a.lane_id = ?2
         WHERE NOT EXISTS (
             SELECT 1 FROM runs b WHERE b.turn_id = a.turn_id AND b.lane_id = a.lane_id
                AND (b.picked_at IS NOT NULL, b.version) > (a.picked_at IS NOT NULL, a.version))",
    )
    .bind(last.to_string())
    .bind(lane_id.to_string())
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok((row.parsed("turn_id")?, read(row)?))).collect()
}

fn read(row: &SqliteRow) -> Result<PastAnswer, StoreError> {
    Ok(PastAnswer {
        id: row.parsed("id")?,
        state: row.state("state")?,
        text: row.text("text")?,
        reasoning: row.text("reasoning")?,
        refusal: row.text("refusal")?,
        tool_calls: row.json("tool_calls")?,
        layout: row.json("opaque")?,
        provider: row.opt_text("provider")?,
        model_requested: row.opt_text("model_requested")?,
        source: row.text("source")?,
        several_wrote: row.flag("several_wrote")?,
        usage: row.usage()?,
        finished_at: row.opt_time("finished_at")?,
    })
}
