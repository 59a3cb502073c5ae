//! Conversations and the list of them.

use roundtable_domain::{ConversationId, UnixMs};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;

use crate::Store;
use crate::attachments;
use crate::draft_files;
use crate::error::StoreError;
use crate::lanes::{self, NewLane};
use crate::ledger::SpendTotals;
use crate::row::{Columns as _, json};

/// What a lane is sent of the conversation so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContextMode {
    /// Its own history.
    #[default]
    Lanes,
    /// The picked answers.
    Winner,
    /// All answers, labelled.
    Panel,
}

impl ContextMode {
    /// The word used in JSON and SQL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lanes => "lanes",
            Self::Winner => "winner",
            Self::Panel => "panel",
        }
    }
}

/// A conversation's own row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// Which.
    pub id: ConversationId,
    /// Empty until it has one.
    pub title: String,
    /// Whether the title may be replaced by a better automatic one.
    pub title_is_auto: bool,
    /// What lanes are sent.
    pub context_mode: ContextMode,
    /// Instructions above the conversation.
    pub system_prompt: Option<String>,
    /// When it was pinned; `None`: not pinned.
    pub pinned_at: Option<UnixMs>,
    /// When it was put away; `None`: in the list.
    pub archived_at: Option<UnixMs>,
    /// Text in the composer that was not sent.
    pub draft: String,
    /// The folder it lies in: a plain name; `None`: in none.
    pub folder: Option<String>,
    /// Its tags, distinct, in the user's order.
    pub tags: Vec<String>,
    /// When it was made.
    pub created_at: UnixMs,
    /// When something last happened in it.
    pub updated_at: UnixMs,
}

/// A conversation to make, with its lanes from the left.
#[derive(Clone, Debug, PartialEq)]
pub struct NewConversation {
    /// Which.
    pub id: ConversationId,
    /// May be empty.
    pub title: String,
    /// Whether the title may be replaced by a better automatic one.
    pub title_is_auto: bool,
    /// What lanes are sent.
    pub context_mode: ContextMode,
    /// Instructions above the conversation.
    pub system_prompt: Option<String>,
    /// Its lanes, from the left.
    pub lanes: Vec<NewLane>,
    /// The folder it lies in.
    pub folder: Option<String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Now.
    pub created_at: UnixMs,
}

/// A row of the conversation list.
#[derive(Clone, Debug, PartialEq)]
pub struct ConversationListing {
    /// The conversation.
    pub conversation: Conversation,
    /// What the ledger says it has cost so far.
    pub spend: SpendTotals,
    /// Runs that are not final.
    pub running: u32,
    /// Targets of its lanes, from the left, without removed lanes.
    pub targets: Vec<String>,
}

/// Names that conversations are sorted under, each once, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamesInUse {
    /// Of folders.
    pub folders: Vec<String>,
    /// Of tags, as they are written; two that differ in capitals are two.
    pub tags: Vec<String>,
}

/// Where a page of the list starts: after this row of the page before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageStart {
    /// `updated_at` of the last row seen.
    pub updated_at: UnixMs,
    /// Its id.
    pub id: ConversationId,
}

/// The conversations room. Get it from [`Store::conversations`].
#[derive(Clone, Copy, Debug)]
pub struct Conversations<'s>(pub(crate) &'s Store);

/// The list's columns for a page of conversations, with what is kept of their cost.
macro_rules! listing {
    ($page:literal) => {
        concat!(
            "WITH page AS (SELECT * FROM conversations c ",
            $page,
            ") SELECT page.*,
                (SELECT count(*) FROM runs r JOIN turns t ON t.id = r.turn_id
                 WHERE t.conversation_id = page.id AND r.state IN ('connecting', 'preamble', 'committed')) AS running,
                (SELECT json_group_array(l.target ORDER BY l.position) FROM lanes l
                 WHERE l.conversation_id = page.id AND l.removed_at IS NULL) AS targets,
                coalesce(s.real_pico, 0) AS real_pico, coalesce(s.simulated_pico, 0) AS simulated_pico,
                coalesce(s.calls, 0) AS calls, coalesce(s.simulated_calls, 0) AS simulated_calls,
                coalesce(s.unpriced_calls, 0) AS unpriced_calls, coalesce(s.estimated, 0) AS estimated,
                coalesce(s.at_least, 0) AS at_least
             FROM page LEFT JOIN conversation_totals s ON s.conversation_id = page.id
             ORDER BY page.updated_at DESC, page.id DESC"
        )
    };
}

impl Conversations<'_> {
    /// Makes a conversation and its lanes in one transaction.
    pub async fn create(self, new: &NewConversation) -> Result<(), StoreError> {
        let mut tx = self.0.begin().await?;
        insert(&mut tx, new).await?;
        tx.commit().await
    }

    /// One conversation.
    pub async fn get(self, id: ConversationId) -> Result<Conversation, StoreError> {
        let row = sqlx::query("SELECT * FROM conversations WHERE id = ?1")
            .bind(id.to_string())
            .fetch_optional(&self.0.readers)
            .await?;
        read(&row.ok_or_else(|| StoreError::not_found("conversation", id))?)
    }

    /// One conversation as the list shows it.
    pub async fn listing(self, id: ConversationId) -> Result<ConversationListing, StoreError> {
        listing_of(&mut *self.0.readers.acquire().await?, id).await
    }

    /// A page of the list, last touched first, archived ones left out. `after` is the last row of the page before.
    pub async fn list(
        self,
        after: Option<PageStart>,
        limit: u32,
    ) -> Result<Vec<ConversationListing>, StoreError> {
        let rows = sqlx::query(listing!(
            "WHERE c.archived_at IS NULL AND (?1 IS NULL OR (c.updated_at, c.id) < (?1, ?2))
             ORDER BY c.updated_at DESC, c.id DESC LIMIT ?3"
        ))
        .bind(after.map(|start| start.updated_at.0))
        .bind(after.map(|start| start.id.to_string()))
        .bind(limit)
        .fetch_all(&self.0.readers)
        .await?;
        rows.iter().map(read_listing).collect()
    }

    /// Sets the title.
    pub async fn rename(
        self,
        id: ConversationId,
        title: &str,
        is_auto: bool,
        at: UnixMs,
    ) -> Result<(), StoreError> {
        let query = sqlx::query(
            "UPDATE conversations SET title = ?2, title_is_auto = ?3, updated_at = max(updated_at, ?4) WHERE id = ?1",
        );
        self.0
            .change_one("conversation", id, query.bind(id.to_string()).bind(title).bind(is_auto).bind(at.0))
            .await
    }

    /// Keeps what is in the composer, text and files in their order; files that are not kept any more are left out. Does not
    /// count as something happening: the list keeps its order.
    pub async fn set_draft(
        self,
        id: ConversationId,
        draft: &str,
        files: &[String],
    ) -> Result<(), StoreError> {
        let mut tx = self.0.begin().await?;
        let done = sqlx::query("UPDATE conversations SET draft = ?2 WHERE id = ?1")
            .bind(id.to_string())
            .bind(draft)
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::not_found("conversation", id));
        }
        draft_files::replace(&mut tx, id, files).await?;
        tx.commit().await
    }

    /// Sets the instructions above the conversation.
    pub async fn set_system_prompt(self, id: ConversationId, prompt: Option<&str>) -> Result<(), StoreError> {
        let query = sqlx::query("UPDATE conversations SET system_prompt = ?2 WHERE id = ?1");
        self.0.change_one("conversation", id, query.bind(id.to_string()).bind(prompt)).await
    }

    /// Sets what lanes are sent.
    pub async fn set_context_mode(self, id: ConversationId, mode: ContextMode) -> Result<(), StoreError> {
        let query = sqlx::query("UPDATE conversations SET context_mode = ?2 WHERE id = ?1");
        self.0.change_one("conversation", id, query.bind(id.to_string()).bind(mode.as_str())).await
    }

    /// Lays it into a folder, or into none with `None`. What the name may be is for the caller to check.
    pub async fn set_folder(self, id: ConversationId, folder: Option<&str>) -> Result<(), StoreError> {
        let query = sqlx::query("UPDATE conversations SET folder = ?2 WHERE id = ?1");
        self.0.change_one("conversation", id, query.bind(id.to_string()).bind(folder)).await
    }

    /// Gives a folder another name, for all that lies in it, what is archived too; what lies in a folder of the new name is
    /// joined. Those of the list that it moved. What was booked keeps the name it was booked under.
    pub async fn rename_folder(self, old: &str, new: &str) -> Result<Vec<ConversationListing>, StoreError> {
        let mut tx = self.0.begin().await?;
        let moved: Vec<String> =
            sqlx::query_scalar("UPDATE conversations SET folder = ?2 WHERE folder = ?1 RETURNING id")
                .bind(old)
                .bind(new)
                .fetch_all(&mut *tx)
                .await?;
        if moved.is_empty() {
            return Err(StoreError::not_found("folder", old));
        }
        let rows = sqlx::query(listing!(
            "WHERE c.archived_at IS NULL AND c.id IN (SELECT value FROM json_each(?1))"
        ))
        .bind(json(&moved)?)
        .fetch_all(&mut *tx)
        .await?;
        let listings = rows.iter().map(read_listing).collect::<Result<_, _>>()?;
        tx.commit().await?;
        Ok(listings)
    }

    /// Sets its tags. What they may be is for the caller to check.
    pub async fn set_tags(self, id: ConversationId, tags: &[String]) -> Result<(), StoreError> {
        let query = sqlx::query("UPDATE conversations SET tags = ?2 WHERE id = ?1");
        self.0.change_one("conversation", id, query.bind(id.to_string()).bind(json(tags)?)).await
    }

    /// All folders and tags in use, of archived conversations too.
    pub async fn names_in_use(self) -> Result<NamesInUse, StoreError> {
        let mut reader = self.0.readers.acquire().await?;
        let folders = "SELECT DISTINCT folder FROM conversations WHERE folder IS NOT NULL ORDER BY lower(folder), folder";
        let tags = "SELECT DISTINCT t.value FROM conversations c, json_each(c.tags) t WHERE c.tags <> '[]'
                    ORDER BY lower(t.value), t.value";
        Ok(NamesInUse {
            folders: sqlx::query_scalar(folders).fetch_all(&mut *reader).await?,
            tags: sqlx::query_scalar(tags).fetch_all(&mut *reader).await?,
        })
    }

    /// What the conversations that stand in each folder now have cost, wherever they stood then; of a folder without an entry nothing.
    pub async fn folder_totals(self) -> Result<Vec<(String, SpendTotals)>, StoreError> {
        let rows = sqlx::query(
            "SELECT c.folder, sum(s.real_pico) AS real_pico, sum(s.simulated_pico) AS simulated_pico, sum(s.calls) AS calls,
                    sum(s.simulated_calls) AS simulated_calls, sum(s.unpriced_calls) AS unpriced_calls,
                    max(s.estimated) AS estimated, max(s.at_least) AS at_least
             FROM conversations c JOIN conversation_totals s ON s.conversation_id = c.id
             WHERE c.folder IS NOT NULL AND c.archived_at IS NULL GROUP BY c.folder",
        )
        .fetch_all(&self.0.readers)
        .await?;
        rows.iter().map(|row| Ok((row.text("folder")?, SpendTotals::read(row)?))).collect()
    }

    /// Pins it, or unpins it with `None`.
    pub async fn pin(self, id: ConversationId, at: Option<UnixMs>) -> Result<(), StoreError> {
        let query = sqlx::query("UPDATE conversations SET pinned_at = ?2 WHERE id = ?1");
        self.0.change_one("conversation", id, query.bind(id.to_string()).bind(at.map(|at| at.0))).await
    }

    /// Puts it away, or back into the list with `None`.
    pub async fn archive(self, id: ConversationId, at: Option<UnixMs>) -> Result<(), StoreError> {
        let query = sqlx::query("UPDATE conversations SET archived_at = ?2 WHERE id = ?1");
        self.0.change_one("conversation", id, query.bind(id.to_string()).bind(at.map(|at| at.0))).await
    }

    /// Marks that something happened in it. Time never goes back.
    pub async fn touch(self, id: ConversationId, at: UnixMs) -> Result<(), StoreError> {
        let query = sqlx::query("UPDATE conversations SET updated_at = max(updated_at, ?2) WHERE id = ?1");
        self.0.change_one("conversation", id, query.bind(id.to_string()).bind(at.0)).await
    }

    /// Deletes it with its lanes, turns, answers and the files only it has. What it has cost stays in the ledger.
    pub async fn delete(self, id: ConversationId) -> Result<(), StoreError> {
        let mut tx = self.0.begin().await?;
        let files = attachments::only_used_by(&mut tx, id).await?;
        let done = sqlx::query("DELETE FROM conversations WHERE id = ?1")
            .bind(id.to_string())
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::not_found("conversation", id));
        }
        if !files.is_empty() {
            attachments::remove(&mut tx, &files).await?;
        }
        tx.commit().await
    }
}

/// Inserts a conversation and its lanes.
pub(crate) async fn insert(
    connection: &mut sqlx::SqliteConnection,
    new: &NewConversation,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO conversations (id, title, title_is_auto, context_mode, system_prompt, folder, tags, created_at,
                                    updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)",
    )
    .bind(new.id.to_string())
    .bind(&new.title)
    .bind(new.title_is_auto)
    .bind(new.context_mode.as_str())
    .bind(&new.system_prompt)
    .bind(&new.folder)
    .bind(json(&new.tags)?)
    .bind(new.created_at.0)
    .execute(&mut *connection)
    .await?;
    for (position, lane) in (0_i64..).zip(&new.lanes) {
        lanes::insert(connection, new.id, lane, position, new.created_at).await?;
    }
    Ok(())
}

pub(crate) async fn listing_of(
    connection: &mut sqlx::SqliteConnection,
    id: ConversationId,
) -> Result<ConversationListing, StoreError> {
    let row =
        sqlx::query(listing!("WHERE c.id = ?1")).bind(id.to_string()).fetch_optional(connection).await?;
    read_listing(&row.ok_or_else(|| StoreError::not_found("conversation", id))?)
}

fn read(row: &SqliteRow) -> Result<Conversation, StoreError> {
    Ok(Conversation {
        id: row.parsed("id")?,
        title: row.text("title")?,
        title_is_auto: row.flag("title_is_auto")?,
        context_mode: row.word("context_mode")?,
        system_prompt: row.opt_text("system_prompt")?,
        pinned_at: row.opt_time("pinned_at")?,
        archived_at: row.opt_time("archived_at")?,
        draft: row.text("draft")?,
        folder: row.opt_text("folder")?,
        tags: row.json("tags")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}

fn read_listing(row: &SqliteRow) -> Result<ConversationListing, StoreError> {
    Ok(ConversationListing {
        conversation: read(row)?,
        spend: SpendTotals::read(row)?,
        running: row.count("running")?,
        targets: row.json("targets")?,
    })
}
