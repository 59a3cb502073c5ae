//! What a screen needs at once, and what a lane has said so far. Each is read in one transaction: nothing is half old.

use std::collections::HashMap;

use roundtable_domain::{ConversationId, LaneId, TurnId};
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection as _, SqliteConnection};

use crate::Store;
use crate::attachments::Attachment;
use crate::conversations::{self, ConversationListing};
use crate::draft_files;
use crate::error::StoreError;
use crate::lanes::{self, Lane};
use crate::ledger::{self, SpendTotals};
use crate::row::Columns as _;
use crate::runs::{self, Run};
use crate::turns::{self, SharedFiles, Turn};

/// A conversation as a screen shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct ConversationSnapshot {
    /// The conversation and what it has cost.
    pub listing: ConversationListing,
    /// Its lanes from the left, without removed ones.
    pub lanes: Vec<Lane>,
    /// Its turns, oldest first.
    pub turns: Vec<TurnSnapshot>,
    /// What is known of the files in its composer, in their order.
    pub draft_attachments: Vec<Attachment>,
}

/// A turn and its answers.
#[derive(Clone, Debug, PartialEq)]
pub struct TurnSnapshot {
    /// The user's message, without its files.
    pub turn: Turn,
    /// What is known of its files, in their order.
    pub attachments: Vec<Attachment>,
    /// The latest version of each lane's answer, in the order of the lanes at the time; removed lanes included.
    pub runs: Vec<RunSnapshot>,
    /// What it was booked at.
    pub spend: SpendTotals,
}

/// An answer and what stands behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSnapshot {
    /// The latest version, with the text saved so far.
    pub run: Run,
    /// How many versions exist.
    pub versions: u32,
    /// Calls made for this version.
    pub attempts: u32,
}

/// A turn as one lane has lived it.
#[derive(Clone, Debug, PartialEq)]
pub struct LaneTurn {
    /// The user's message, with the bytes of its files.
    pub turn: Turn,
    /// The lane's answer: its picked version, else its latest. `None` when the lane did not take part.
    pub answer: Option<Run>,
}

impl Store {
    /// Everything a conversation's screen shows.
    pub async fn conversation_snapshot(
        &self,
        id: ConversationId,
    ) -> Result<ConversationSnapshot, StoreError> {
        let mut reader = self.readers.acquire().await?;
        let mut tx = reader.begin().await?;
        let listing = conversations::listing_of(&mut tx, id).await?;
        let lanes = lanes::list(&mut tx, id).await?;
        let turns = turns::list(&mut tx, id).await?;
        let draft_attachments = draft_files::list(&mut tx, id).await?;
        let mut spend = ledger::totals_of_turns(&mut tx, id).await?;
        let rows = sqlx::query(
            "SELECT a.*, (SELECT max(v.version) FROM runs v WHERE v.turn_id = a.turn_id AND v.lane_id = a.lane_id) AS versions,
                    (SELECT count(*) FROM attempts c WHERE c.run_id = a.id) AS attempts
             FROM turns t JOIN answers a ON a.turn_id = t.id
             WHERE t.conversation_id = ?1 AND NOT EXISTS (
                 SELECT 1 FROM runs n WHERE n.turn_id = a.turn_id AND n.lane_id = a.lane_id AND n.version > a.version)
             ORDER BY t.created_at, t.id, a.lane_position, a.id",
        )
        .bind(id.to_string())
        .fetch_all(&mut *tx)
        .await?;
        tx.commit().await?;
        let mut runs = rows.iter().map(read_run).collect::<Result<Vec<_>, _>>()?.into_iter().peekable();
        let turns = turns
            .into_iter()
            .map(|(turn, attachments)| {
                let mut answers = Vec::new();
                while let Some(run) = runs.next_if(|run| run.run.turn_id == turn.id) {
                    answers.push(run);
                }
                let spend = spend.remove(&turn.id).unwrap_or_default();
                TurnSnapshot { turn, attachments, runs: answers, spend }
            })
            .collect();
        Ok(ConversationSnapshot { listing, lanes, turns, draft_attachments })
    }

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
) -> Result<HashMap<TurnId, Run>, StoreError> {
    let rows = sqlx::query(
        "WITH RECURSIVE path (id) AS (
             SELECT ?1
             UNION ALL
             SELECT t.parent_turn_id FROM path p JOIN turns t ON t.id = p.id WHERE t.parent_turn_id IS NOT NULL)
         SELECT a.* FROM path p JOIN answers a ON a.turn_id = p.id AND a.lane_id = ?2
         WHERE NOT EXISTS (
             SELECT 1 FROM runs b WHERE b.turn_id = a.turn_id AND b.lane_id = a.lane_id
                AND (b.picked_at IS NOT NULL, b.version) > (a.picked_at IS NOT NULL, a.version))",
    )
    .bind(last.to_string())
    .bind(lane_id.to_string())
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| runs::read(row).map(|run| (run.turn_id, run))).collect()
}

fn read_run(row: &SqliteRow) -> Result<RunSnapshot, StoreError> {
    Ok(RunSnapshot {
        run: runs::read(row)?,
        versions: row.count("versions")?,
        attempts: row.count("attempts")?,
    })
}
