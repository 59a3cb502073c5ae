//! Writing an answer that is final.

use roundtable_domain::{
    Cost, Layout, PicoUsd, Provenance, ProviderError, RunId, RunState, TokenUsage, ToolCall, UnixMs,
};
use serde_json::Value;
use sqlx::SqliteConnection;

use crate::attempts::EndedAttempt;
use crate::calls::Call;
use crate::error::StoreError;
use crate::ledger::LedgerEntry;
use crate::reservations::Settle;
use crate::row::{json, opt_integer, opt_json};

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
    /// In which order it came, with the signed and encrypted pieces; the column `opaque`.
    pub layout: Layout,
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
    /// What statistics keep of the last attempt, or of an answer that needed none; written once, also for a deleted conversation.
    pub call: Option<Call>,
    /// What becomes of the reservations still open.
    pub settle: Vec<Settle>,
    /// Where the answer comes from, in the words of [`crate::Run::source`].
    pub source: String,
    /// What it would have cost, where no call was made for it.
    pub saved: Option<PicoUsd>,
    /// Who wrote which part; an empty list when one model wrote it all.
    pub segments: Value,
    /// What is offered about it.
    pub offers: Value,
    /// How it came to its model.
    pub route: Option<Value>,
    /// Why it was answered by whom, as JSON; `None` leaves what was written when it began.
    pub trace: Option<String>,
}

/// Writes the answer whole and empties its deltas. `false` when there is no such run or it is final for good.
pub(super) async fn write(
    connection: &mut SqliteConnection,
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
                total_ms = ?27, finished_at = ?28, text_bytes = 0, reasoning_bytes = 0, source = ?29, saved_pico = ?30,
                segments = ?31, offers = ?32, route = ?33
         WHERE id = ?1 AND state IN ('connecting', 'preamble', 'committed', 'interrupted')",
    )
    .bind(&id)
    .bind(finished.state.as_str())
    .bind(&finished.text)
    .bind(&finished.reasoning)
    .bind(&finished.refusal)
    .bind(json(&finished.tool_calls)?)
    .bind(json(&finished.layout)?)
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
    .bind(cost.and_then(|cost| cost.provenance).map(Provenance::as_str))
    .bind(cost.and_then(|cost| cost.price_date.as_deref()))
    .bind(opt_json(finished.error.as_ref())?)
    .bind(opt_integer(finished.ttft_ms))
    .bind(opt_integer(finished.total_ms))
    .bind(finished.finished_at.0)
    .bind(&finished.source)
    .bind(finished.saved.map(PicoUsd::as_pico))
    .bind(json(&finished.segments)?)
    .bind(json(&finished.offers)?)
    .bind(opt_json(finished.route.as_ref())?)
    .execute(&mut *connection)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query("DELETE FROM run_deltas WHERE run_id = ?1").bind(&id).execute(connection).await?;
    Ok(true)
}
