//! Lanes: the columns of a conversation. A removed lane keeps its row, because its answers point at it.

use roundtable_domain::{ConversationId, LaneId, Params, UnixMs};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::Store;
use crate::error::StoreError;
use crate::row::{Columns as _, json};

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    /// Which.
    pub id: LaneId,
    /// Whose.
    pub conversation_id: ConversationId,
    /// From the left, from 0, without gaps among the lanes that are not removed.
    pub position: u32,
    /// As the user chose it; see `roundtable_domain::Target`.
    pub target: String,
    /// Sampling and length.
    pub params: Params,
    /// When it was removed; its answers stay.
    pub removed_at: Option<UnixMs>,
    /// When it was made.
    pub created_at: UnixMs,
}

/// A column to add.
#[derive(Clone, Debug, PartialEq)]
pub struct NewLane {
    /// Which.
    pub id: LaneId,
    /// What it asks; not empty.
    pub target: String,
    /// Sampling and length.
    pub params: Params,
}

/// The lanes room. Get it from [`Store::lanes`].
#[derive(Clone, Copy, Debug)]
pub struct Lanes<'s>(pub(crate) &'s Store);

impl Lanes<'_> {
    /// Adds a lane at the right.
    pub async fn add(
        self,
        conversation_id: ConversationId,
        lane: &NewLane,
        at: UnixMs,
    ) -> Result<Lane, StoreError> {
        let mut tx = self.0.begin().await?;
        let position: i64 = sqlx::query_scalar(
            "SELECT count(l.id) FROM conversations c
             LEFT JOIN lanes l ON l.conversation_id = c.id AND l.removed_at IS NULL WHERE c.id = ?1 GROUP BY c.id",
        )
        .bind(conversation_id.to_string())
        .fetch_optional(&mut *tx)
        .await?
        .ok_or_else(|| StoreError::not_found("conversation", conversation_id))?;
        insert(&mut tx, conversation_id, lane, position, at).await?;
        let row = get(&mut tx, lane.id).await?;
        tx.commit().await?;
        Ok(row)
    }

    /// One lane, removed or not.
    pub async fn get(self, id: LaneId) -> Result<Lane, StoreError> {
        get(&mut *self.0.readers.acquire().await?, id).await
    }

    /// The lanes of a conversation from the left, without removed ones.
    pub async fn list(self, conversation_id: ConversationId) -> Result<Vec<Lane>, StoreError> {
        list(&mut *self.0.readers.acquire().await?, conversation_id).await
    }

    /// Takes a lane out of the conversation. Its answers stay, and the lanes right of it close the gap.
    pub async fn remove(self, id: LaneId, at: UnixMs) -> Result<(), StoreError> {
        let mut tx = self.0.begin().await?;
        let lane = get(&mut tx, id).await?;
        if lane.removed_at.is_none() {
            sqlx::query("UPDATE lanes SET removed_at = ?2 WHERE id = ?1")
                .bind(id.to_string())
                .bind(at.0)
                .execute(&mut *tx)
                .await?;
            let remaining = list(&mut tx, lane.conversation_id).await?;
            renumber(&mut tx, &remaining).await?;
        }
        tx.commit().await
    }

    /// Moves a lane so that it stands at `position`; beyond the end means the right end.
    pub async fn move_to(self, id: LaneId, position: u32) -> Result<(), StoreError> {
        let mut tx = self.0.begin().await?;
        let lane = get(&mut tx, id).await?;
        let mut lanes = list(&mut tx, lane.conversation_id).await?;
        let Some(from) = lanes.iter().position(|other| other.id == id) else {
            return Err(StoreError::not_found("lane", id));
        };
        let moved = lanes.remove(from);
        let to = usize::try_from(position).unwrap_or(usize::MAX).min(lanes.len());
        lanes.insert(to, moved);
        renumber(&mut tx, &lanes).await?;
        tx.commit().await
    }

    /// Points a lane at something else. Answers it already has keep their own target.
    pub async fn set_target(self, id: LaneId, target: &str) -> Result<(), StoreError> {
        let query = sqlx::query("UPDATE lanes SET target = ?2 WHERE id = ?1");
        self.0.change_one("lane", id, query.bind(id.to_string()).bind(target)).await
    }

    /// Sets sampling and length.
    pub async fn set_params(self, id: LaneId, params: &Params) -> Result<(), StoreError> {
        let query = sqlx::query("UPDATE lanes SET params = ?2 WHERE id = ?1");
        self.0.change_one("lane", id, query.bind(id.to_string()).bind(json(params)?)).await
    }
}

pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    conversation_id: ConversationId,
    lane: &NewLane,
    position: i64,
    at: UnixMs,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO lanes (id, conversation_id, position, target, params, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )
    .bind(lane.id.to_string())
    .bind(conversation_id.to_string())
    .bind(position)
    .bind(&lane.target)
    .bind(json(&lane.params)?)
    .bind(at.0)
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn get(connection: &mut SqliteConnection, id: LaneId) -> Result<Lane, StoreError> {
    let row = sqlx::query("SELECT * FROM lanes WHERE id = ?1")
        .bind(id.to_string())
        .fetch_optional(connection)
        .await?
        .ok_or_else(|| StoreError::not_found("lane", id))?;
    read(&row)
}

pub(crate) async fn list(
    connection: &mut SqliteConnection,
    conversation_id: ConversationId,
) -> Result<Vec<Lane>, StoreError> {
    let rows = sqlx::query(
        "SELECT * FROM lanes WHERE conversation_id = ?1 AND removed_at IS NULL ORDER BY position, created_at, id",
    )
    .bind(conversation_id.to_string())
    .fetch_all(connection)
    .await?;
    rows.iter().map(read).collect()
}

async fn renumber(connection: &mut SqliteConnection, lanes: &[Lane]) -> Result<(), StoreError> {
    for (position, lane) in (0_i64..).zip(lanes) {
        sqlx::query("UPDATE lanes SET position = ?2 WHERE id = ?1 AND position <> ?2")
            .bind(lane.id.to_string())
            .bind(position)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

fn read(row: &SqliteRow) -> Result<Lane, StoreError> {
    Ok(Lane {
        id: row.parsed("id")?,
        conversation_id: row.parsed("conversation_id")?,
        position: row.count("position")?,
        target: row.text("target")?,
        params: row.json("params")?,
        removed_at: row.opt_time("removed_at")?,
        created_at: row.time("created_at")?,
    })
}
