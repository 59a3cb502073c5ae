//! Saving a run on its way.

use roundtable_domain::{RunId, RunState, TokenUsage, ToolCall, UnixMs};
use serde_json::Value;
use sqlx::SqliteConnection;

use crate::error::StoreError;
use crate::row::{integer, opt_integer, opt_json};

/// What is new of a run since its last checkpoint.
#[derive(Clone, Debug, PartialEq)]
pub struct RunCheckpoint {
    /// Which.
    pub run_id: RunId,
    /// Where it stands; not final.
    pub state: RunState,
    /// Bytes of visible text that are stored already; `text` goes on from there.
    pub text_offset: u64,
    /// Visible text since then; may be empty.
    pub text: String,
    /// Bytes of reasoning that are stored already; `reasoning` goes on from there.
    pub reasoning_offset: u64,
    /// Reasoning since then; may be empty.
    pub reasoning: String,
    /// The refusal so far, whole; `None` when it has not changed.
    pub refusal: Option<String>,
    /// The tool calls so far, whole; `None` when they have not changed.
    pub tool_calls: Option<Vec<ToolCall>>,
    /// The model that serves it, once known.
    pub model_served: Option<String>,
    /// Usage so far, once known.
    pub usage: Option<TokenUsage>,
    /// The usage object so far, verbatim.
    pub usage_raw: Option<Value>,
    /// From sending to the first semantic delta, once known.
    pub ttft_ms: Option<u64>,
    /// Now.
    pub at: UnixMs,
}

pub(super) async fn write(
    connection: &mut SqliteConnection,
    checkpoint: &RunCheckpoint,
) -> Result<(), StoreError> {
    let id = checkpoint.run_id.to_string();
    let stored: Option<(i64, i64)> = sqlx::query_as(
        "SELECT text_bytes, reasoning_bytes FROM runs
         WHERE id = ?1 AND state IN ('connecting', 'preamble', 'committed')",
    )
    .bind(&id)
    .fetch_optional(&mut *connection)
    .await?;
    let Some((text_bytes, reasoning_bytes)) = stored else { return Ok(()) };
    expect_offset(checkpoint.run_id, text_bytes, checkpoint.text_offset)?;
    expect_offset(checkpoint.run_id, reasoning_bytes, checkpoint.reasoning_offset)?;
    if !(checkpoint.text.is_empty() && checkpoint.reasoning.is_empty()) {
        sqlx::query(
            "INSERT INTO run_deltas (run_id, seq, text, reasoning)
             SELECT ?1, coalesce(max(seq), 0) + 1, ?2, ?3 FROM run_deltas WHERE run_id = ?1",
        )
        .bind(&id)
        .bind(&checkpoint.text)
        .bind(&checkpoint.reasoning)
        .execute(&mut *connection)
        .await?;
    }
    sqlx::query(
        "UPDATE runs SET state = ?2, text_bytes = text_bytes + ?3, reasoning_bytes = reasoning_bytes + ?4,
                refusal = coalesce(?5, refusal), tool_calls = coalesce(?6, tool_calls),
                model_served = coalesce(?7, model_served), usage_input = coalesce(?8, usage_input),
                usage_output = coalesce(?9, usage_output), usage_cached = coalesce(?10, usage_cached),
                usage_cache_write = coalesce(?11, usage_cache_write),
                usage_reasoning = coalesce(?12, usage_reasoning), usage_raw = coalesce(?13, usage_raw),
                ttft_ms = coalesce(?14, ttft_ms), checkpoint_at = ?15
         WHERE id = ?1",
    )
    .bind(&id)
    .bind(checkpoint.state.as_str())
    .bind(length(&checkpoint.text))
    .bind(length(&checkpoint.reasoning))
    .bind(&checkpoint.refusal)
    .bind(opt_json(checkpoint.tool_calls.as_ref())?)
    .bind(&checkpoint.model_served)
    .bind(opt_integer(checkpoint.usage.and_then(|usage| usage.input)))
    .bind(opt_integer(checkpoint.usage.and_then(|usage| usage.output)))
    .bind(opt_integer(checkpoint.usage.and_then(|usage| usage.cached_input)))
    .bind(opt_integer(checkpoint.usage.and_then(|usage| usage.cache_write)))
    .bind(opt_integer(checkpoint.usage.and_then(|usage| usage.reasoning)))
    .bind(opt_json(checkpoint.usage_raw.as_ref())?)
    .bind(opt_integer(checkpoint.ttft_ms))
    .bind(checkpoint.at.0)
    .execute(connection)
    .await?;
    Ok(())
}

fn length(text: &str) -> i64 {
    i64::try_from(text.len()).unwrap_or(i64::MAX)
}

fn expect_offset(run_id: RunId, stored: i64, offset: u64) -> Result<(), StoreError> {
    if stored == integer(offset) {
        return Ok(());
    }
    Err(StoreError::CheckpointGap { run_id, stored: u64::try_from(stored).unwrap_or(0), offset })
}
