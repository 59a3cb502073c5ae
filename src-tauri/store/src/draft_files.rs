//! The files in a conversation's composer, beside the text of its draft.

use roundtable_domain::ConversationId;
use sqlx::SqliteConnection;

use crate::attachments::{self, Attachment};
use crate::error::StoreError;
use crate::row::json;

/// Replaces the files of a draft. Those that are not kept any more are left out: the text beside them is not to be lost over it.
pub(crate) async fn replace(
    connection: &mut SqliteConnection,
    conversation: ConversationId,
    ids: &[String],
) -> Result<(), StoreError> {
    clear(connection, conversation).await?;
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO draft_attachments (conversation_id, attachment, position)
         SELECT ?1, a.sha256, min(wanted.key) FROM json_each(?2) wanted JOIN attachments a ON a.sha256 = wanted.value
         GROUP BY a.sha256",
    )
    .bind(conversation.to_string())
    .bind(json(ids)?)
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn clear(
    connection: &mut SqliteConnection,
    conversation: ConversationId,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM draft_attachments WHERE conversation_id = ?1")
        .bind(conversation.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// What is known of a draft's files, in their order.
pub(crate) async fn list(
    connection: &mut SqliteConnection,
    conversation: ConversationId,
) -> Result<Vec<Attachment>, StoreError> {
    let rows = sqlx::query(
        "SELECT a.sha256, a.media_type, a.name, a.size, a.created_at
         FROM draft_attachments d JOIN attachments a ON a.sha256 = d.attachment
         WHERE d.conversation_id = ?1 ORDER BY d.position",
    )
    .bind(conversation.to_string())
    .fetch_all(connection)
    .await?;
    rows.iter().map(attachments::read).collect()
}
