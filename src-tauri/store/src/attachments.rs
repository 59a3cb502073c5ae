//! Files that go along with prompts, by their content: the same bytes are kept once.

use roundtable_domain::{ConversationId, UnixMs};
use sha2::{Digest as _, Sha256};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::Store;
use crate::error::StoreError;
use crate::row::{Columns as _, json};

/// What is known of a kept file without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// The SHA-256 of its bytes, in lower-case hexadecimal.
    pub id: String,
    /// For instance `image/png`.
    pub media_type: String,
    /// Its name where it came from first.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// When it was last handed over.
    pub created_at: UnixMs,
}

/// The attachments room. Get it from [`Store::attachments`].
#[derive(Clone, Copy, Debug)]
pub struct Attachments<'s>(pub(crate) &'s Store);

impl Attachments<'_> {
    /// Keeps a file and says what it is known as. Bytes that are here already keep their first name and type; their day of
    /// grace before [`Self::remove_unused`] begins anew.
    pub async fn put(
        self,
        bytes: &[u8],
        name: &str,
        media_type: &str,
        at: UnixMs,
    ) -> Result<Attachment, StoreError> {
        let id = attachment_id(bytes);
        let mut tx = self.0.begin().await?;
        insert(&mut tx, &id, bytes, name, media_type, at).await?;
        let row = sqlx::query(
            "UPDATE attachments SET created_at = max(created_at, ?2) WHERE sha256 = ?1
             RETURNING sha256, media_type, name, size, created_at",
        )
        .bind(&id)
        .bind(at.0)
        .fetch_one(&mut *tx)
        .await?;
        tx.commit().await?;
        read(&row)
    }

    /// A file and its bytes.
    pub async fn get(self, id: &str) -> Result<(Attachment, Vec<u8>), StoreError> {
        let row = sqlx::query("SELECT * FROM attachments WHERE sha256 = ?1")
            .bind(id)
            .fetch_optional(&self.0.readers)
            .await?
            .ok_or_else(|| StoreError::not_found("file", id))?;
        Ok((read(&row)?, row.bytes("bytes")?))
    }

    /// What is known of files, in the order asked for; those that are not here are left out.
    pub async fn facts(self, ids: &[String]) -> Result<Vec<Attachment>, StoreError> {
        let rows = sqlx::query(
            "SELECT a.sha256, a.media_type, a.name, a.size, a.created_at
             FROM json_each(?1) wanted JOIN attachments a ON a.sha256 = wanted.value ORDER BY wanted.key",
        )
        .bind(json(ids)?)
        .fetch_all(&self.0.readers)
        .await?;
        rows.iter().map(read).collect()
    }

    /// Removes files that no turn and no draft has and that were last handed over before `before`, and returns how many. A
    /// day's grace leaves those alone that are on their way into a draft or a prompt.
    pub async fn remove_unused(self, before: UnixMs) -> Result<u64, StoreError> {
        let mut tx = self.0.begin().await?;
        let done = sqlx::query(
            "DELETE FROM attachments WHERE created_at < ?1
             AND NOT EXISTS (SELECT 1 FROM attachment_uses u WHERE u.attachment = attachments.sha256)",
        )
        .bind(before.0)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }
}

/// What a file is known as: the SHA-256 of its bytes, in lower-case hexadecimal.
pub fn attachment_id(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut id = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        // Writing to a string cannot fail.
        let _ = write!(id, "{byte:02x}");
    }
    id
}

pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    id: &str,
    bytes: &[u8],
    name: &str,
    media_type: &str,
    at: UnixMs,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO attachments (sha256, media_type, name, size, created_at, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (sha256) DO NOTHING",
    )
    .bind(id)
    .bind(media_type)
    .bind(name)
    .bind(i64::try_from(bytes.len()).unwrap_or(i64::MAX))
    .bind(at.0)
    .bind(bytes)
    .execute(connection)
    .await?;
    Ok(())
}

/// The files of a conversation's turns and draft that no other conversation has. They may go with it.
pub(crate) async fn only_used_by(
    connection: &mut SqliteConnection,
    conversation: ConversationId,
) -> Result<Vec<String>, StoreError> {
    Ok(sqlx::query_scalar(
        "SELECT DISTINCT mine.attachment FROM attachment_uses mine
         WHERE mine.conversation_id = ?1 AND NOT EXISTS (
             SELECT 1 FROM attachment_uses other
             WHERE other.attachment = mine.attachment AND other.conversation_id <> ?1)",
    )
    .bind(conversation.to_string())
    .fetch_all(connection)
    .await?)
}

pub(crate) async fn remove(connection: &mut SqliteConnection, ids: &[String]) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM attachments WHERE sha256 IN (SELECT value FROM json_each(?1))")
        .bind(json(ids)?)
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) fn read(row: &SqliteRow) -> Result<Attachment, StoreError> {
    Ok(Attachment {
        id: row.text("sha256")?,
        media_type: row.text("media_type")?,
        name: row.text("name")?,
        bytes: row.opt_u64("size")?.unwrap_or(0),
        created_at: row.time("created_at")?,
    })
}
