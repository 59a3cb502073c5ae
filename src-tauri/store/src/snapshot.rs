//! What a screen needs at once, read in one transaction: nothing is half old.

use roundtable_domain::ConversationId;
use sqlx::Connection as _;
use sqlx::sqlite::SqliteRow;

use crate::Store;
use crate::attachments::Attachment;
use crate::conversations::{self, ConversationListing};
use crate::draft_files;
use crate::error::StoreError;
use crate::lanes::{self, Lane};
use crate::ledger::{self, SpendTotals};
use crate::row::Columns as _;
use crate::runs::{self, Run};
use crate::turns::{self, Turn};

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
}

fn read_run(row: &SqliteRow) -> Result<RunSnapshot, StoreError> {
    Ok(RunSnapshot {
        run: runs::read(row)?,
        versions: row.count("versions")?,
        attempts: row.count("attempts")?,
    })
}
