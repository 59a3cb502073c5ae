//! Turns: what the user said. They form a tree; for now every conversation is one path.

mod parts;

use roundtable_domain::{ConversationId, Part, TurnId, UnixMs};
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection as _, SqliteConnection};

use crate::Store;
use crate::attachments::Attachment;
use crate::error::StoreError;
use crate::row::{Columns as _, json};
pub use parts::SharedFiles;
use parts::StoredPart;
pub(crate) use parts::{Prepared, prepare};

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
    /// What comes with the text (images, files), in order. Files have their bytes where a turn is written or sent again
    /// ([`Turns::get`], [`Store::lane_history`]); where it is only shown they are left out, see
    /// [`crate::TurnSnapshot::attachments`].
    pub parts: Vec<Part>,
    /// When.
    pub created_at: UnixMs,
}

/// What was asked once, for looking back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastPrompt {
    /// Where.
    pub conversation_id: ConversationId,
    /// The text.
    pub text: String,
    /// The types of the files that came with it; `image/*` for a picture by its address.
    pub media_types: Vec<String>,
    /// The prompt with its history, in tokens, as its longest reader reported it; `None`: nobody did.
    pub tokens: Option<u64>,
    /// The tags its conversation has now.
    pub tags: Vec<String>,
    /// When.
    pub created_at: UnixMs,
}

/// The turns room. Get it from [`Store::turns`].
#[derive(Clone, Copy, Debug)]
pub struct Turns<'s>(pub(crate) &'s Store);

impl Turns<'_> {
    /// One turn, with the bytes of its files.
    pub async fn get(self, id: TurnId) -> Result<Turn, StoreError> {
        let mut reader = self.0.readers.acquire().await?;
        let mut tx = reader.begin().await?;
        let row = sqlx::query("SELECT * FROM turns WHERE id = ?1")
            .bind(id.to_string())
            .fetch_optional(&mut *tx)
            .await?
            .ok_or_else(|| StoreError::not_found("turn", id))?;
        let turn = read_whole(&mut tx, &row, &SharedFiles::default()).await?;
        tx.commit().await?;
        Ok(turn)
    }

    /// All turns of a conversation, oldest first, without their files.
    pub async fn list(self, conversation_id: ConversationId) -> Result<Vec<Turn>, StoreError> {
        let mut reader = self.0.readers.acquire().await?;
        Ok(list(&mut reader, conversation_id).await?.into_iter().map(|(turn, _)| turn).collect())
    }

    /// The latest prompts of all conversations, newest first, at most so many.
    pub async fn latest(self, limit: u32) -> Result<Vec<PastPrompt>, StoreError> {
        // Ids sort by time, and unlike `created_at` they have an index over all conversations.
        let rows = sqlx::query(
            "SELECT t.conversation_id, t.text, t.created_at, c.tags,
                    (SELECT max(r.usage_input) FROM runs r WHERE r.turn_id = t.id) AS tokens,
                    (SELECT json_group_array(coalesce(p.value ->> '$.media_type', 'image/*')) FROM json_each(t.parts) p
                     WHERE p.value ->> '$.type' IN ('image', 'file', 'image_url')) AS media_types
             FROM turns t JOIN conversations c ON c.id = t.conversation_id ORDER BY t.id DESC LIMIT ?1",
        )
        .bind(limit)
        .fetch_all(&self.0.readers)
        .await?;
        let prompt = |row: &SqliteRow| {
            Ok(PastPrompt {
                conversation_id: row.parsed("conversation_id")?,
                text: row.text("text")?,
                media_types: row.json("media_types")?,
                tokens: row.opt_u64("tokens")?,
                tags: row.json("tags")?,
                created_at: row.time("created_at")?,
            })
        };
        rows.iter().map(prompt).collect()
    }

    /// The last turn of a conversation: the one the next turn follows.
    pub async fn tip(self, conversation_id: ConversationId) -> Result<Option<TurnId>, StoreError> {
        tip(&mut *self.0.readers.acquire().await?, conversation_id).await
    }
}

pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    turn: &Turn,
    parts: &Prepared,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO turns (id, conversation_id, parent_turn_id, text, parts, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )
    .bind(turn.id.to_string())
    .bind(turn.conversation_id.to_string())
    .bind(turn.parent_turn_id.map(|id| id.to_string()))
    .bind(&turn.text)
    .bind(json(&parts.stored)?)
    .bind(turn.created_at.0)
    .execute(&mut *connection)
    .await?;
    parts::keep_files(connection, turn.id, parts, turn.created_at).await
}

/// All turns of a conversation with what is known of their files.
pub(crate) async fn list(
    connection: &mut SqliteConnection,
    conversation_id: ConversationId,
) -> Result<Vec<(Turn, Vec<Attachment>)>, StoreError> {
    let rows = sqlx::query("SELECT * FROM turns WHERE conversation_id = ?1 ORDER BY created_at, id")
        .bind(conversation_id.to_string())
        .fetch_all(&mut *connection)
        .await?;
    let mut turns = Vec::with_capacity(rows.len());
    for row in &rows {
        let (parts, files) = parts::describe(connection, row.json("parts")?).await?;
        turns.push((read(row, parts)?, files));
    }
    Ok(turns)
}

pub(crate) async fn tip(
    connection: &mut SqliteConnection,
    conversation_id: ConversationId,
) -> Result<Option<TurnId>, StoreError> {
    let row = sqlx::query(
        "SELECT id FROM turns WHERE conversation_id = ?1 ORDER BY created_at DESC, id DESC LIMIT 1",
    )
    .bind(conversation_id.to_string())
    .fetch_optional(connection)
    .await?;
    row.map(|row| row.parsed("id")).transpose()
}

/// The path from the first turn down to `last`, `last` included, with the bytes of all files.
pub(crate) async fn path_to(
    connection: &mut SqliteConnection,
    last: TurnId,
    files: &SharedFiles,
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
    .fetch_all(&mut *connection)
    .await?;
    let mut turns = Vec::with_capacity(rows.len());
    for row in &rows {
        turns.push(read_whole(connection, row, files).await?);
    }
    Ok(turns)
}

async fn read_whole(
    connection: &mut SqliteConnection,
    row: &SqliteRow,
    files: &SharedFiles,
) -> Result<Turn, StoreError> {
    let stored: Vec<StoredPart> = row.json("parts")?;
    read(row, files.give_back(connection, stored).await?)
}

fn read(row: &SqliteRow, parts: Vec<Part>) -> Result<Turn, StoreError> {
    Ok(Turn {
        id: row.parsed("id")?,
        conversation_id: row.parsed("conversation_id")?,
        parent_turn_id: row.opt_parsed("parent_turn_id")?,
        text: row.text("text")?,
        parts,
        created_at: row.time("created_at")?,
    })
}
