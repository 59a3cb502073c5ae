//! What became of every call: one row each, which statistics and choosing are made of. Nothing points anywhere, so that deleting
//! a conversation never changes what is known of a model.

mod counted;

use roundtable_domain::{
    AttemptId, ConversationId, ErrorCategory, LedgerEntryId, PicoUsd, ProviderError, RunId, RunState, TurnId,
    UnixMs,
};
use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::Store;
use crate::error::StoreError;
use crate::responses::{self, ResponseKey};
use crate::row::{Columns as _, integer, opt_integer};
pub use counted::CountedCall;

/// Where an answer came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallSource {
    /// A call that was sent.
    #[default]
    Model,
    /// A kept answer: nothing was sent.
    Cache,
    /// The call of another request that was the same.
    Shared,
}

impl CallSource {
    /// The word used in SQL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Cache => "cache",
            Self::Shared => "shared",
        }
    }
}

/// What a call was about, as far as advice looks at it. Nothing of it is known of calls from before it was written down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requested {
    /// A hash of everything the answer depends on: the same request seen again has the same one. `None`: an answer that is never
    /// given again, or one that was asked for anew on purpose.
    pub key: Option<ResponseKey>,
    /// It was meant to give the same answer each time.
    pub repeatable: bool,
    /// What the lane names: a model, a group, a pool, `auto`.
    pub asked: Option<String>,
    /// How the prompt was read: `simple`, `moderate`, `complex`.
    pub complexity: Option<String>,
}

/// A call that has ended, or an answer that needed no call of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The attempt's id; a new one where there was no attempt. A call is counted once, however often its end is written.
    pub id: AttemptId,
    /// The run it was made for, which may be gone.
    pub run_id: Option<RunId>,
    /// When it ended.
    pub at: UnixMs,
    /// Where the answer came from.
    pub source: CallSource,
    /// How the call came about, in the router's word: `first`, `retry`, `next_key`, `fallback` and so on.
    pub kind: String,
    /// The provider's slug.
    pub provider: String,
    /// The model asked for.
    pub model: String,
    /// The model that served it, in the provider's words.
    pub model_served: Option<String>,
    /// The key's id, or `env:VARIABLE`; `None` where none is needed.
    pub key: Option<String>,
    /// The task group it was asked for.
    pub group: Option<String>,
    /// The rung of that group.
    pub echelon: Option<String>,
    /// The pool it was asked for.
    pub pool: Option<String>,
    /// How it ended; final.
    pub state: RunState,
    /// What failed.
    pub category: Option<ErrorCategory>,
    /// Waited before it, in milliseconds.
    pub wait_ms: u64,
    /// From sending to the first semantic delta, in milliseconds.
    pub ttft_ms: Option<u64>,
    /// From sending to the end, in milliseconds.
    pub total_ms: Option<u64>,
    /// Prompt tokens, inclusive.
    pub input_tokens: Option<u64>,
    /// Answer tokens, inclusive.
    pub output_tokens: Option<u64>,
    /// What is booked for it; `None`: nothing is, or its price is not known.
    pub cost: Option<PicoUsd>,
    /// What it would have cost, where nothing was sent; `None`: not known.
    pub saved: Option<PicoUsd>,
    /// The key under which its answer is looked for among the kept ones; `None` for a request that is never kept.
    pub response: Option<ResponseKey>,
    /// What it was about.
    pub requested: Requested,
    /// Invented money and speed.
    pub simulated: bool,
}

/// Which calls there are: it changes with every call that ends. What is purged is older than any window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallsMark(Option<i64>);

/// A call that failed, with what is still kept of it. Its error is gone with its conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct FailedCall {
    /// The attempt's id.
    pub id: AttemptId,
    /// When it ended.
    pub at: UnixMs,
    /// What failed.
    pub category: Option<ErrorCategory>,
    /// From sending to the end, in milliseconds.
    pub total_ms: Option<u64>,
    /// What the provider said.
    pub error: Option<ProviderError>,
    /// Where it was asked.
    pub conversation_id: Option<ConversationId>,
    /// The turn there.
    pub turn_id: Option<TurnId>,
    /// What was booked for it all the same.
    pub entry_id: Option<LedgerEntryId>,
}

/// How kept answers have done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ResponseCounts {
    /// Runs answered by a kept answer.
    pub hits: u64,
    /// Runs that could have been, and were sent.
    pub misses: u64,
    /// Runs answered by another's call.
    pub shared: u64,
    /// Real money that was not spent, as far as known.
    pub saved: PicoUsd,
}

/// The calls room. Get it from [`Store::calls`].
#[derive(Clone, Copy, Debug)]
pub struct Calls<'s>(pub(crate) &'s Store);

impl Calls<'_> {
    /// Writes a call on its own. Those of a run are written with its end ([`Store::finish_run`], [`Store::end_attempt`]).
    pub async fn add(self, call: &Call) -> Result<(), StoreError> {
        let mut tx = self.0.begin().await?;
        insert(&mut tx, call).await?;
        tx.commit().await
    }

    /// How many tokens answers of a model usually have: the median of its last twenty complete ones, of two in the middle the longer,
    /// so that one that was very long moves nothing. Answers of deleted conversations are among them. `None` before the first.
    pub async fn usual_output(self, provider: &str, model: &str) -> Result<Option<u64>, StoreError> {
        let row = sqlx::query(
            "WITH latest AS (
                 SELECT output_tokens FROM calls
                 WHERE provider = ?1 AND model = ?2 AND source = 'model' AND state = 'complete' AND output_tokens IS NOT NULL
                 ORDER BY at DESC LIMIT 20)
             SELECT output_tokens AS tokens FROM latest ORDER BY output_tokens LIMIT 1 OFFSET (SELECT count(*) / 2 FROM latest)",
        )
        .bind(provider)
        .bind(model)
        .fetch_optional(&self.0.readers)
        .await?;
        row.as_ref().map_or(Ok(None), |row| row.opt_u64("tokens"))
    }

    /// Where the calls stand: another mark, other calls. Takes no longer with more of them.
    pub async fn mark(self) -> Result<CallsMark, StoreError> {
        let last = sqlx::query_scalar("SELECT max(rowid) FROM calls").fetch_one(&self.0.readers).await?;
        Ok(CallsMark(last))
    }

    /// The latest calls of a target (`provider/model`) that failed from `since` on, newest first. Either half may have slashes of its
    /// own: an address, a maker's name.
    pub async fn failed(self, target: &str, since: UnixMs, most: u32) -> Result<Vec<FailedCall>, StoreError> {
        let rows = sqlx::query(
            "SELECT c.id, c.at, c.category, c.total_ms, a.error, t.conversation_id, t.id AS turn_id, e.id AS entry_id
             FROM calls c LEFT JOIN attempts a ON a.id = c.id LEFT JOIN runs r ON r.id = c.run_id
                  LEFT JOIN turns t ON t.id = r.turn_id
                  LEFT JOIN ledger_entries e ON e.attempt_id = c.id AND e.kind = 'call'
             WHERE c.at >= ?1 AND c.provider || '/' || c.model = ?2 AND c.source = 'model'
                   AND c.state NOT IN ('complete', 'cancelled', 'interrupted')
             ORDER BY c.at DESC LIMIT ?3",
        )
        .bind(since.0)
        .bind(target)
        .bind(most)
        .fetch_all(&self.0.readers)
        .await?;
        rows.iter().map(read_failed).collect()
    }

    /// The model that served a name in the last call that said so, in the provider's words.
    pub async fn last_served(self, provider: &str, model: &str) -> Result<Option<String>, StoreError> {
        let served = sqlx::query_scalar(
            "SELECT model_served FROM calls
             WHERE provider = ?1 AND model = ?2 AND source = 'model' AND model_served IS NOT NULL
             ORDER BY at DESC LIMIT 1",
        )
        .bind(provider)
        .bind(model)
        .fetch_optional(&self.0.readers)
        .await?;
        Ok(served)
    }

    /// How kept answers have done since then. A run whose request was sent several times missed once.
    pub async fn response_counts(self, since: UnixMs) -> Result<ResponseCounts, StoreError> {
        let row = sqlx::query(
            "SELECT count(*) FILTER (WHERE source = 'cache') AS hits, count(*) FILTER (WHERE source = 'shared') AS shared,
                    count(DISTINCT CASE WHEN source = 'model' THEN coalesce(run_id, id) END) AS misses,
                    coalesce(sum(saved_pico) FILTER (WHERE simulated = 0), 0) AS saved_pico
             FROM calls WHERE at >= ?1 AND response IS NOT NULL",
        )
        .bind(since.0)
        .fetch_one(&self.0.readers)
        .await?;
        Ok(ResponseCounts {
            hits: row.opt_u64("hits")?.unwrap_or(0),
            misses: row.opt_u64("misses")?.unwrap_or(0),
            shared: row.opt_u64("shared")?.unwrap_or(0),
            saved: row.money("saved_pico")?,
        })
    }

    /// Removes calls that ended before then, and returns how many that were.
    pub async fn purge(self, before: UnixMs) -> Result<u64, StoreError> {
        let mut tx = self.0.begin().await?;
        let done = sqlx::query("DELETE FROM calls WHERE at < ?1").bind(before.0).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }
}

/// Writes a call, if it is not there yet; one that a kept answer served counts as a use of it.
pub(crate) async fn insert(connection: &mut SqliteConnection, call: &Call) -> Result<(), StoreError> {
    let done = sqlx::query(
        "INSERT INTO calls (id, run_id, at, source, kind, provider, model, model_served, key_name, task_group, echelon, pool,
                state, category, wait_ms, ttft_ms, total_ms, input_tokens, output_tokens, cost_pico, saved_pico, response,
                simulated, request, repeatable, asked, complexity)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23,
                ?24, ?25, ?26, ?27)
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(call.id.to_string())
    .bind(call.run_id.map(|id| id.to_string()))
    .bind(call.at.0)
    .bind(call.source.as_str())
    .bind(&call.kind)
    .bind(&call.provider)
    .bind(&call.model)
    .bind(&call.model_served)
    .bind(&call.key)
    .bind(&call.group)
    .bind(&call.echelon)
    .bind(&call.pool)
    .bind(call.state.as_str())
    .bind(call.category.map(ErrorCategory::as_str))
    .bind(integer(call.wait_ms))
    .bind(opt_integer(call.ttft_ms))
    .bind(opt_integer(call.total_ms))
    .bind(opt_integer(call.input_tokens))
    .bind(opt_integer(call.output_tokens))
    .bind(call.cost.map(PicoUsd::as_pico))
    .bind(call.saved.map(PicoUsd::as_pico))
    .bind(call.response.as_ref().map(<[u8; 32]>::as_slice))
    .bind(call.simulated)
    .bind(call.requested.key.as_ref().map(<[u8; 32]>::as_slice))
    .bind(call.requested.repeatable)
    .bind(&call.requested.asked)
    .bind(&call.requested.complexity)
    .execute(&mut *connection)
    .await?;
    if let (CallSource::Cache, Some(key), 1) = (call.source, &call.response, done.rows_affected()) {
        responses::used(connection, key, call.at).await?;
    }
    Ok(())
}

fn read_failed(row: &SqliteRow) -> Result<FailedCall, StoreError> {
    Ok(FailedCall {
        id: row.parsed("id")?,
        at: row.time("at")?,
        category: row.opt_word("category")?,
        total_ms: row.opt_u64("total_ms")?,
        error: row.opt_json("error")?,
        conversation_id: row.opt_parsed("conversation_id")?,
        turn_id: row.opt_parsed("turn_id")?,
        entry_id: row.opt_parsed("entry_id")?,
    })
}
