//! One row of the books, read and written.

use roundtable_domain::{
    AttemptId, ConversationId, Cost, KeyId, LaneId, LedgerEntryId, PicoUsd, RunId, TokenUsage, TurnId, UnixMs,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::error::StoreError;
use crate::row::{Columns as _, json, opt_integer, opt_json};

/// What an entry books.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// The cost of a call.
    Call,
    /// A correction of it, for instance when the provider's own figure came later.
    Adjustment,
}

/// What a call was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A turn in the window.
    Chat,
    /// The command line.
    Cli,
    /// Naming a conversation.
    Title,
    /// Judging answers.
    Judge,
    /// A request that came in through the gateway.
    Gateway,
    /// A batch.
    Batch,
    /// Turning texts into vectors.
    Embedding,
    /// A correction by a provider's invoice.
    Invoice,
}

impl EntryKind {
    /// The word used in JSON and SQL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Adjustment => "adjustment",
        }
    }
}

impl Source {
    /// Every purpose there is.
    pub const ALL: [Self; 8] = [
        Self::Chat,
        Self::Cli,
        Self::Batch,
        Self::Title,
        Self::Judge,
        Self::Gateway,
        Self::Embedding,
        Self::Invoice,
    ];

    /// The word used in JSON and SQL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Cli => "cli",
            Self::Title => "title",
            Self::Judge => "judge",
            Self::Gateway => "gateway",
            Self::Batch => "batch",
            Self::Embedding => "embedding",
            Self::Invoice => "invoice",
        }
    }
}

/// One row of the books. Never changed, never deleted.
#[derive(Clone, Debug, PartialEq)]
pub struct LedgerEntry {
    /// Which.
    pub id: LedgerEntryId,
    /// The call.
    pub attempt_id: AttemptId,
    /// What it books.
    pub kind: EntryKind,
    /// When.
    pub at: UnixMs,
    /// What for.
    pub source: Source,
    /// The conversation, which may be gone.
    pub conversation_id: Option<ConversationId>,
    /// The turn, which may be gone.
    pub turn_id: Option<TurnId>,
    /// The run, which may be gone.
    pub run_id: Option<RunId>,
    /// The lane, which may be gone.
    pub lane_id: Option<LaneId>,
    /// Who was called.
    pub provider: String,
    /// The model asked for.
    pub model_requested: String,
    /// The model that served it, in the provider's words; the one that is priced.
    pub model_served: Option<String>,
    /// The key used.
    pub key_id: Option<KeyId>,
    /// Tokens, inclusive.
    pub usage: TokenUsage,
    /// The usage object, verbatim.
    pub usage_raw: Option<Value>,
    /// The amount and how it is known. `usd: None` is unknown, which is not zero.
    pub cost: Cost,
    /// The price that was used.
    pub price: Option<Value>,
    /// Invented money: never counted with real spend.
    pub simulated: bool,
}

/// Books an entry; `false` when this (attempt, kind) is booked already. Folder and tags are those the reservation of the call was
/// made with, so that what was set aside in a budget's scope is booked in it too; of a call without one, those of the conversation.
pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    entry: &LedgerEntry,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "INSERT INTO ledger_entries (id, attempt_id, kind, at, source, conversation_id, turn_id, run_id, lane_id, provider,
                model_requested, model_served, key_id, usage_input, usage_output, usage_cached, usage_cache_write,
                usage_reasoning, usage_raw, cost_pico, cost_exact, cost_at_least, cost_lines, provenance, price_date,
                price, simulated, folder, tags)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23,
                ?24, ?25, ?26, ?27, f.folder, coalesce(f.tags, '[]')
         FROM (SELECT 1) LEFT JOIN (
             SELECT 0 AS rank, folder, tags FROM reservations WHERE attempt_id = ?2
             UNION ALL SELECT 1, folder, tags FROM conversations WHERE id = ?6 ORDER BY rank LIMIT 1) f ON 1",
    )
    .bind(entry.id.to_string())
    .bind(entry.attempt_id.to_string())
    .bind(entry.kind.as_str())
    .bind(entry.at.0)
    .bind(entry.source.as_str())
    .bind(entry.conversation_id.map(|id| id.to_string()))
    .bind(entry.turn_id.map(|id| id.to_string()))
    .bind(entry.run_id.map(|id| id.to_string()))
    .bind(entry.lane_id.map(|id| id.to_string()))
    .bind(&entry.provider)
    .bind(&entry.model_requested)
    .bind(&entry.model_served)
    .bind(entry.key_id.map(|id| id.to_string()))
    .bind(opt_integer(entry.usage.input))
    .bind(opt_integer(entry.usage.output))
    .bind(opt_integer(entry.usage.cached_input))
    .bind(opt_integer(entry.usage.cache_write))
    .bind(opt_integer(entry.usage.reasoning))
    .bind(opt_json(entry.usage_raw.as_ref())?)
    .bind(entry.cost.usd.map(PicoUsd::as_pico))
    .bind(&entry.cost.usd_exact)
    .bind(entry.cost.at_least)
    .bind(json(&entry.cost.lines)?)
    .bind(entry.cost.provenance.map(roundtable_domain::Provenance::as_str))
    .bind(&entry.cost.price_date)
    .bind(opt_json(entry.price.as_ref())?)
    .bind(entry.simulated)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

pub(crate) fn read(row: &SqliteRow) -> Result<LedgerEntry, StoreError> {
    Ok(LedgerEntry {
        id: row.parsed("id")?,
        attempt_id: row.parsed("attempt_id")?,
        kind: row.word("kind")?,
        at: row.time("at")?,
        source: row.word("source")?,
        conversation_id: row.opt_parsed("conversation_id")?,
        turn_id: row.opt_parsed("turn_id")?,
        run_id: row.opt_parsed("run_id")?,
        lane_id: row.opt_parsed("lane_id")?,
        provider: row.text("provider")?,
        model_requested: row.text("model_requested")?,
        model_served: row.opt_text("model_served")?,
        key_id: row.opt_parsed("key_id")?,
        usage: row.usage()?,
        usage_raw: row.opt_json("usage_raw")?,
        cost: row.cost()?,
        price: row.opt_json("price")?,
        simulated: row.flag("simulated")?,
    })
}
