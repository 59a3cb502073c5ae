//! Calls as statistics and advice count them: many are read at once, so that nothing is read that nobody counts.

use futures_util::TryStreamExt as _;
use roundtable_domain::{ErrorCategory, PicoUsd, RunState, UnixMs};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::{Call, CallSource, Calls, Requested};
use crate::error::StoreError;
use crate::row::Columns as _;

/// A call that has ended, without what names it and without its answer. The fields are those of [`Call`].
#[expect(missing_docs, reason = "they are said at the fields of Call")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedCall {
    pub at: UnixMs,
    pub source: CallSource,
    pub kind: String,
    pub provider: String,
    pub model: String,
    pub key: Option<String>,
    pub group: Option<String>,
    pub echelon: Option<String>,
    pub pool: Option<String>,
    pub state: RunState,
    pub category: Option<ErrorCategory>,
    pub ttft_ms: Option<u64>,
    pub total_ms: Option<u64>,
    pub input_tokens: Option<u64>,
    pub output_tokens: Option<u64>,
    pub cost: Option<PicoUsd>,
    pub saved: Option<PicoUsd>,
    pub requested: Requested,
    pub simulated: bool,
}

impl From<Call> for CountedCall {
    fn from(call: Call) -> Self {
        Self {
            at: call.at,
            source: call.source,
            kind: call.kind,
            provider: call.provider,
            model: call.model,
            key: call.key,
            group: call.group,
            echelon: call.echelon,
            pool: call.pool,
            state: call.state,
            category: call.category,
            ttft_ms: call.ttft_ms,
            total_ms: call.total_ms,
            input_tokens: call.input_tokens,
            output_tokens: call.output_tokens,
            cost: call.cost,
            saved: call.saved,
            requested: call.requested,
            simulated: call.simulated,
        }
    }
}

impl Calls<'_> {
    /// Shows the calls that ended from `since` on and before `until`, in order of time, without holding them all. `most`: only so
    /// many, the latest; those that ended in one millisecond are not parted.
    pub async fn each(
        self,
        since: UnixMs,
        until: UnixMs,
        most: Option<u32>,
        mut see: impl FnMut(CountedCall) + Send,
    ) -> Result<(), StoreError> {
        let mut connection = self.0.readers.acquire().await?;
        let first = match most {
            Some(most) => nth_latest(&mut connection, since, until, most).await?.unwrap_or(since),
            None => since,
        };
        let mut rows = sqlx::query(
            "SELECT at, source, kind, provider, model, key_name, task_group, echelon, pool, state, category, ttft_ms, total_ms,
                    input_tokens, output_tokens, cost_pico, saved_pico, request, repeatable, asked, complexity, simulated
             FROM calls WHERE at >= ?1 AND at < ?2 ORDER BY at",
        )
        .bind(first.0)
        .bind(until.0)
        .fetch(&mut *connection);
        while let Some(row) = rows.try_next().await? {
            see(read(&row)?);
        }
        Ok(())
    }
}

/// When the `nth` latest call of a time ended, from 1; `None`: there are not so many.
async fn nth_latest(
    connection: &mut SqliteConnection,
    since: UnixMs,
    until: UnixMs,
    nth: u32,
) -> Result<Option<UnixMs>, StoreError> {
    let at: Option<i64> = sqlx::query_scalar(
        "SELECT at FROM calls WHERE at >= ?1 AND at < ?2 ORDER BY at DESC LIMIT 1 OFFSET ?3",
    )
    .bind(since.0)
    .bind(until.0)
    .bind(nth.saturating_sub(1))
    .fetch_optional(connection)
    .await?;
    Ok(at.map(UnixMs))
}

fn read(row: &SqliteRow) -> Result<CountedCall, StoreError> {
    Ok(CountedCall {
        at: row.time("at")?,
        source: row.word("source")?,
        kind: row.text("kind")?,
        provider: row.text("provider")?,
        model: row.text("model")?,
        key: row.opt_text("key_name")?,
        group: row.opt_text("task_group")?,
        echelon: row.opt_text("echelon")?,
        pool: row.opt_text("pool")?,
        state: row.state("state")?,
        category: row.opt_word("category")?,
        ttft_ms: row.opt_u64("ttft_ms")?,
        total_ms: row.opt_u64("total_ms")?,
        input_tokens: row.opt_u64("input_tokens")?,
        output_tokens: row.opt_u64("output_tokens")?,
        cost: row.opt_money("cost_pico")?,
        saved: row.opt_money("saved_pico")?,
        requested: Requested {
            key: row.opt_key("request")?,
            repeatable: row.flag("repeatable")?,
            asked: row.opt_text("asked")?,
            complexity: row.opt_text("complexity")?,
        },
        simulated: row.flag("simulated")?,
    })
}
