//! A run's way through the database: begun, checkpointed, finished. Each step is one transaction.

use roundtable_domain::{
    Cost, PicoUsd, ProviderError, RunId, RunState, TokenUsage, ToolCall, TurnId, UnixMs,
};
use serde_json::Value;

use crate::Store;
use crate::attempts::{self, EndedAttempt, NewAttempt};
use crate::error::StoreError;
use crate::ledger::{self, LedgerEntry};
use crate::reservations::{self, NewReservation, Settle};
use crate::row::{integer, json, opt_integer, opt_json};
use crate::runs::{self, NewRun};
use crate::turns::{self, Turn};

/// A turn with everything that must stand in the database before the first byte is sent.
#[derive(Clone, Debug, PartialEq)]
pub struct NewTurn {
    /// The user's message.
    pub turn: Turn,
    /// Its answers to be, in the order of the lanes.
    pub runs: Vec<NewRun>,
    /// What is set aside for them.
    pub reservations: Vec<NewReservation>,
}

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

/// The end of a run and all that goes with it.
#[derive(Clone, Debug, PartialEq)]
pub struct FinishedRun {
    /// Which.
    pub run_id: RunId,
    /// How; final.
    pub state: RunState,
    /// All of the visible text.
    pub text: String,
    /// All of the reasoning.
    pub reasoning: String,
    /// The refusal, where it came in its own field.
    pub refusal: String,
    /// Calls the model asked for.
    pub tool_calls: Vec<ToolCall>,
    /// Signed or encrypted reasoning, verbatim.
    pub opaque: Vec<Value>,
    /// Why it stopped, in the provider's words.
    pub finish_reason: Option<String>,
    /// The provider that answered, or was asked last.
    pub provider: Option<String>,
    /// The model asked for there.
    pub model_requested: Option<String>,
    /// The model that served it.
    pub model_served: Option<String>,
    /// Tokens, inclusive.
    pub usage: TokenUsage,
    /// The usage object, verbatim.
    pub usage_raw: Option<Value>,
    /// What all its attempts cost together; an unknown cost when that is not known, `None` when nothing was sent.
    pub cost: Option<Cost>,
    /// What went wrong.
    pub error: Option<ProviderError>,
    /// From sending to the first semantic delta.
    pub ttft_ms: Option<u64>,
    /// From sending to the end.
    pub total_ms: Option<u64>,
    /// Now.
    pub finished_at: UnixMs,
    /// The end of its last attempt; `None` when nothing was sent or that attempt was ended before.
    pub attempt: Option<EndedAttempt>,
    /// The last attempt's entry in the books.
    pub entry: Option<LedgerEntry>,
    /// What becomes of the reservations still open.
    pub settle: Vec<Settle>,
}

/// What [`Store::finish_run`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FinishOutcome {
    /// The answer was written. `false`: its conversation was deleted meanwhile, or it was final already. The entry and
    /// the settlements are written all the same.
    pub run_written: bool,
    /// The entry is new. `false`: there was none to write, or the attempt was booked already.
    pub entry_written: bool,
}

impl Store {
    /// Writes a turn, its runs and its reservations, empties the conversation's draft and touches the conversation. All of
    /// it or nothing: after this the prompt is safe, and money is set aside before anything is sent.
    pub async fn begin_turn(&self, new: &NewTurn) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let touched = sqlx::query(
            "UPDATE conversations SET draft = '', updated_at = max(updated_at, ?2), archived_at = NULL WHERE id = ?1",
        )
        .bind(new.turn.conversation_id.to_string())
        .bind(new.turn.created_at.0)
        .execute(&mut *tx)
        .await?;
        if touched.rows_affected() == 0 {
            return Err(StoreError::not_found("conversation", new.turn.conversation_id));
        }
        turns::insert(&mut tx, &new.turn).await?;
        for (position, run) in (0_i64..).zip(&new.runs) {
            runs::insert(&mut tx, run, Some(position)).await?;
        }
        for reservation in &new.reservations {
            reservations::insert(&mut tx, reservation).await?;
        }
        tx.commit().await
    }

    /// Begins the next version of a lane's answer to a turn that exists, and returns its number. Earlier versions stay.
    pub async fn begin_retry(
        &self,
        run: &NewRun,
        reservation: Option<&NewReservation>,
    ) -> Result<u32, StoreError> {
        let mut tx = self.begin().await?;
        touch_conversation_of(&mut tx, run.turn_id, run.started_at).await?;
        let version = runs::insert(&mut tx, run, None).await?;
        if let Some(reservation) = reservation {
            reservations::insert(&mut tx, reservation).await?;
        }
        tx.commit().await?;
        Ok(version)
    }

    /// Writes that a call is about to be made, and which reservation pays for it. Returns its ordinal, from 1.
    pub async fn begin_attempt(&self, new: &NewAttempt) -> Result<u32, StoreError> {
        let mut tx = self.begin().await?;
        let ordinal = attempts::insert(&mut tx, new)
            .await?
            .ok_or_else(|| StoreError::not_found("answer", new.run_id))?;
        if let Some(reservation) = new.reservation_id {
            reservations::bind_attempt(&mut tx, reservation, new.id).await?;
        }
        tx.commit().await?;
        Ok(ordinal)
    }

    /// Ends an attempt that is not the run's last: its row, its entry if it is charged, its settlement.
    pub async fn end_attempt(
        &self,
        ended: &EndedAttempt,
        entry: Option<&LedgerEntry>,
        settle: Option<Settle>,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        attempts::end(&mut tx, ended).await?;
        if let Some(entry) = entry {
            ledger::insert(&mut tx, entry).await?;
        }
        if let Some(settle) = settle {
            reservations::settle(&mut tx, settle).await?;
        }
        tx.commit().await
    }

    /// Saves what is new of many runs in one transaction: one sync of the disk per tick, whatever the number of lanes.
    ///
    /// New text is appended (`run_deltas`), never rewritten, so a tick costs what it adds. A checkpoint that does not
    /// continue exactly what is stored fails the whole tick with [`StoreError::CheckpointGap`], and nothing is written. A
    /// tick whose outcome is not known (an error at commit) may be repeated: if it had been written, the gap error says how
    /// far. Runs that are final or deleted are passed over.
    pub async fn checkpoint_runs(&self, checkpoints: &[RunCheckpoint]) -> Result<(), StoreError> {
        if checkpoints.is_empty() {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        for checkpoint in checkpoints {
            checkpoint_run(&mut tx, checkpoint).await?;
        }
        tx.commit().await
    }

    /// Ends a run: the answer, its last attempt, the entry and the settlements, all in one transaction.
    ///
    /// Repeating it changes nothing: a final answer is not overwritten (one that another process took for interrupted is),
    /// an (attempt, kind) is booked once, a reservation is settled once. If the conversation was deleted meanwhile, the
    /// books are written all the same.
    pub async fn finish_run(&self, finished: &FinishedRun) -> Result<FinishOutcome, StoreError> {
        let mut tx = self.begin().await?;
        let run_written = write_answer(&mut tx, finished).await?;
        if let Some(attempt) = &finished.attempt {
            attempts::end(&mut tx, attempt).await?;
        }
        let entry_written = match &finished.entry {
            Some(entry) => ledger::insert(&mut tx, entry).await?,
            None => false,
        };
        for settle in &finished.settle {
            reservations::settle(&mut tx, *settle).await?;
        }
        tx.commit().await?;
        Ok(FinishOutcome { run_written, entry_written })
    }
}

async fn touch_conversation_of(
    connection: &mut sqlx::SqliteConnection,
    turn_id: TurnId,
    at: UnixMs,
) -> Result<(), StoreError> {
    let touched = sqlx::query(
        "UPDATE conversations SET updated_at = max(updated_at, ?2)
         WHERE id = (SELECT conversation_id FROM turns WHERE id = ?1)",
    )
    .bind(turn_id.to_string())
    .bind(at.0)
    .execute(connection)
    .await?;
    if touched.rows_affected() == 0 {
        return Err(StoreError::not_found("turn", turn_id));
    }
    Ok(())
}

async fn checkpoint_run(
    connection: &mut sqlx::SqliteConnection,
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

/// Writes the answer whole and empties its deltas. `false` when there is no such run or it is final for good.
async fn write_answer(
    connection: &mut sqlx::SqliteConnection,
    finished: &FinishedRun,
) -> Result<bool, StoreError> {
    let id = finished.run_id.to_string();
    let cost = finished.cost.as_ref();
    let done = sqlx::query(
        "UPDATE runs SET state = ?2, text = ?3, reasoning = ?4, refusal = ?5, tool_calls = ?6, opaque = ?7,
                finish_reason = ?8, provider = coalesce(?9, provider), model_requested = coalesce(?10, model_requested),
                model_served = ?11, usage_input = ?12, usage_output = ?13, usage_cached = ?14, usage_cache_write = ?15,
                usage_reasoning = ?16, usage_raw = ?17, cost_known = ?18, cost_pico = ?19, cost_exact = ?20,
                cost_at_least = ?21, cost_lines = ?22, provenance = ?23, price_date = ?24, error = ?25, ttft_ms = ?26,
                total_ms = ?27, finished_at = ?28, text_bytes = 0, reasoning_bytes = 0
         WHERE id = ?1 AND state IN ('connecting', 'preamble', 'committed', 'interrupted')",
    )
    .bind(&id)
    .bind(finished.state.as_str())
    .bind(&finished.text)
    .bind(&finished.reasoning)
    .bind(&finished.refusal)
    .bind(json(&finished.tool_calls)?)
    .bind(json(&finished.opaque)?)
    .bind(&finished.finish_reason)
    .bind(&finished.provider)
    .bind(&finished.model_requested)
    .bind(&finished.model_served)
    .bind(opt_integer(finished.usage.input))
    .bind(opt_integer(finished.usage.output))
    .bind(opt_integer(finished.usage.cached_input))
    .bind(opt_integer(finished.usage.cache_write))
    .bind(opt_integer(finished.usage.reasoning))
    .bind(opt_json(finished.usage_raw.as_ref())?)
    .bind(cost.is_some())
    .bind(cost.and_then(|cost| cost.usd).map(PicoUsd::as_pico))
    .bind(cost.and_then(|cost| cost.usd_exact.as_deref()))
    .bind(cost.is_some_and(|cost| cost.at_least))
    .bind(json(cost.map_or(&[][..], |cost| &cost.lines))?)
    .bind(cost.and_then(|cost| cost.provenance).map(roundtable_domain::Provenance::as_str))
    .bind(cost.and_then(|cost| cost.price_date.as_deref()))
    .bind(opt_json(finished.error.as_ref())?)
    .bind(opt_integer(finished.ttft_ms))
    .bind(opt_integer(finished.total_ms))
    .bind(finished.finished_at.0)
    .execute(&mut *connection)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query("DELETE FROM run_deltas WHERE run_id = ?1").bind(&id).execute(connection).await?;
    Ok(true)
}
