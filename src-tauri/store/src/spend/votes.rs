//! Which model was picked over which. A trigger of the schema writes it down when an answer is picked.

use roundtable_domain::{TurnId, UnixMs};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::SpendRoom;
use crate::error::StoreError;
use crate::row::{Columns as _, json};

/// A model that took part in a turn in which one of several was picked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vote {
    /// The turn, which may be gone.
    pub turn_id: TurnId,
    /// The provider's slug.
    pub provider: String,
    /// The model that was asked for.
    pub model: String,
    /// Invented answers.
    pub simulated: bool,
    /// When it was asked.
    pub at: UnixMs,
    /// Its answer was picked.
    pub picked: bool,
}

/// How often a model was picked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoteCount {
    /// The provider's slug.
    pub provider: String,
    /// The model that was asked for.
    pub model: String,
    /// Turns in which its answer was picked.
    pub picks: u64,
    /// Turns with a pick in which it took part.
    pub comparisons: u64,
}

impl SpendRoom<'_> {
    /// How often models were picked in a time.
    pub async fn votes(
        self,
        from: UnixMs,
        until: UnixMs,
        simulated: bool,
    ) -> Result<Vec<VoteCount>, StoreError> {
        let rows = sqlx::query(
            "SELECT provider, model, sum(picked) AS picks, count(*) AS comparisons FROM turn_votes
             WHERE at >= ?1 AND at < ?2 AND simulated = ?3 GROUP BY provider, model",
        )
        .bind(from.0)
        .bind(until.0)
        .bind(simulated)
        .fetch_all(&self.0.readers)
        .await?;
        rows.iter().map(read).collect()
    }

    /// As [`Self::votes`], in the turns of these conversations that are still there.
    pub async fn votes_of(
        self,
        conversations: &[String],
        from: UnixMs,
        until: UnixMs,
        simulated: bool,
    ) -> Result<Vec<VoteCount>, StoreError> {
        let rows = sqlx::query(
            "SELECT v.provider, v.model, sum(v.picked) AS picks, count(*) AS comparisons
             FROM turns t JOIN turn_votes v ON v.turn_id = t.id
             WHERE t.conversation_id IN (SELECT value FROM json_each(?1)) AND v.at >= ?2 AND v.at < ?3 AND v.simulated = ?4
             GROUP BY v.provider, v.model",
        )
        .bind(json(conversations)?)
        .bind(from.0)
        .bind(until.0)
        .bind(simulated)
        .fetch_all(&self.0.readers)
        .await?;
        rows.iter().map(read).collect()
    }
}

fn read(row: &SqliteRow) -> Result<VoteCount, StoreError> {
    Ok(VoteCount {
        provider: row.text("provider")?,
        model: row.text("model")?,
        picks: row.opt_u64("picks")?.unwrap_or(0),
        comparisons: row.opt_u64("comparisons")?.unwrap_or(0),
    })
}

/// Writes a vote on its own; those of turns that are here are written by the schema.
pub(crate) async fn insert(connection: &mut SqliteConnection, vote: &Vote) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO turn_votes (turn_id, provider, model, simulated, at, picked) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT DO NOTHING",
    )
    .bind(vote.turn_id.to_string())
    .bind(&vote.provider)
    .bind(&vote.model)
    .bind(vote.simulated)
    .bind(vote.at.0)
    .bind(vote.picked)
    .execute(connection)
    .await?;
    Ok(())
}
