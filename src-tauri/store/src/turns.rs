//! Turns: what the user said. They form a tree; for now every conversation is one path.

use roundtable_domain::{ConversationId, Part, TurnId, UnixMs};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::Store;
use crate::error::StoreError;
use crate::row::{Columns as _, json};

/// One message of the user.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    /// Which.
    pub id: TurnId,
    /// Where.
    pub conversation_id: ConversationId,
    /// The turn it follows; `None` for the first.
    pub parent_turn_id: Option<TurnId>,
    /// The text, exactly as written.
    pub text: String,
    /// What comes with the text (images, files), in order.
    pub parts: Vec<Part>,
    /// When.
    pub created_at: UnixMs,
}

/// The turns room. Get it from [`Store::turns`].
#[derive(Clone, Copy, Debug)]
pub struct Turns<'s>(pub(crate) &'s Store);

impl Turns<'_> {
    /// One turn.
    pub async fn get(self, id: TurnId) -> Result<Turn, StoreError> {
        let row = sqlx::query("SELECT * FROM turns WHERE id = ?1")
            .bind(id.to_string())
            .fetch_optional(&self.0.readers)
            .await?;
        read(&row.ok_or_else(|| StoreError::not_found("turn", id))?)
    }

    /// All turns of a conversation, oldest first.
    pub async fn list(self, conversation_id: ConversationId) -> Result<Vec<Turn>, StoreError> {
        list(&mut *self.0.readers.acquire().await?, conversation_id).await
    }

    /// The last turn of a conversation: the one the next turn follows.
    pub async fn tip(self, conversation_id: ConversationId) -> Result<Option<Turn>, StoreError> {
        tip(&mut *self.0.readers.acquire().await?, conversation_id).await
    }
}

pub(crate) async fn insert(connection: &mut SqliteConnection, turn: &Turn) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO turns (id, conversation_id, parent_turn_id, text, parts, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )
    .bind(turn.id.to_string())
    .bind(turn.conversation_id.to_string())
    .bind(turn.parent_turn_id.map(|id| id.to_string()))
    .bind(&turn.text)
    .bind(json(&turn.parts)?)
    .bind(turn.created_at.0)
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn list(
    connection: &mut SqliteConnection,
    conversation_id: ConversationId,
) -> Result<Vec<Turn>, StoreError> {
    let rows = sqlx::query("SELECT * FROM turns WHERE conversation_id = ?1 ORDER BY created_at, id")
        .bind(conversation_id.to_string())
        .fetch_all(connection)
        .await?;
    rows.iter().map(read).collect()
}

pub(crate) async fn tip(
    connection: &mut SqliteConnection,
    conversation_id: ConversationId,
) -> Result<Option<Turn>, StoreError> {
    let row = sqlx::query(
        "SELECT * FROM turns WHERE conversation_id = ?1 ORDER BY created_at DESC, id DESC LIMIT 1",
    )
    .bind(conversation_id.to_string())
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(read).transpose()
}

/// The path from the first turn down to `last`, `last` included.
pub(crate) async fn path_to(
    connection: &mut SqliteConnection,
    last: TurnId,
) -> Result<Vec<Turn>, StoreError> {
    let rows = sqlx::query(
        "WITH RECURSIVE path (id, depth) AS (
             SELECT ?1, 0
             UNION ALL
             SELECT t.parent_turn_id, p.depth + 1 FROM path p JOIN turns t ON t.id = p.id
             WHERE t.parent_turn_id IS NOT NULL)
         SELECT t.* FROM path p JOIN turns t ON t.id = p.id ORDER BY p.depth DESC",
    )
    .bind(last.to_string())
    .fetch_all(connection)
    .await?;
    rows.iter().map(read).collect()
}

fn read(row: &SqliteRow) -> Result<Turn, StoreError> {
    Ok(Turn {
        id: row.parsed("id")?,
        conversation_id: row.parsed("conversation_id")?,
        parent_turn_id: row.opt_parsed("parent_turn_id")?,
        text: row.text("text")?,
        parts: row.json("parts")?,
        created_at: row.time("created_at")?,
    })
}
