//! Runs: the answers. Rows are written by [`Store::begin_turn`], [`Store::checkpoint_runs`] and [`Store::finish_run`].

use roundtable_domain::{
    Cost, LaneId, Layout, Notice, Params, PicoUsd, ProviderError, RunId, RunState, TokenUsage, ToolCall,
    TurnId, UnixMs,
};
use serde_json::Value;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, SqliteConnection};

use crate::Store;
use crate::error::StoreError;
use crate::leases::LeaseId;
use crate::ledger::Source;
use crate::row::{Columns as _, json, opt_json};

/// One lane's answer to one turn, one version of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Which.
    pub id: RunId,
    /// The turn it answers.
    pub turn_id: TurnId,
    /// The lane it stands in.
    pub lane_id: LaneId,
    /// Where the lane stood when the turn began, from the left, from 0.
    pub lane_position: u32,
    /// From 1; a retry makes the next.
    pub version: u32,
    /// The process that writes it.
    pub lease_id: LeaseId,
    /// What was asked for.
    pub target: String,
    /// With what sampling and length.
    pub params: Params,
    /// Where it stands.
    pub state: RunState,
    /// Visible text so far: what was checkpointed while it runs, all of it when it is final.
    pub text: String,
    /// Reasoning so far.
    pub reasoning: String,
    /// A refusal that came in its own field.
    pub refusal: String,
    /// Calls the model asked for.
    pub tool_calls: Vec<ToolCall>,
    /// In which order it came, with the signed and encrypted pieces, valid at `provider` only; the column `opaque`.
    pub layout: Layout,
    /// What was left out or changed when it was sent, for people.
    pub notices: Vec<Notice>,
    /// Why it stopped, in the provider's words.
    pub finish_reason: Option<String>,
    /// The provider that answers, or was asked last.
    pub provider: Option<String>,
    /// The model asked for there.
    pub model_requested: Option<String>,
    /// The model that served it, in the provider's words.
    pub model_served: Option<String>,
    /// Tokens, inclusive; all `None` when nothing was reported.
    pub usage: TokenUsage,
    /// The usage object, verbatim.
    pub usage_raw: Option<Value>,
    /// What it cost; `None` while that is open, an unknown cost when it is known to be unknown.
    pub cost: Option<Cost>,
    /// Invented money.
    pub simulated: bool,
    /// What went wrong.
    pub error: Option<ProviderError>,
    /// From sending to the first semantic delta.
    pub ttft_ms: Option<u64>,
    /// From sending to the end.
    pub total_ms: Option<u64>,
    /// When it was sent.
    pub started_at: UnixMs,
    /// When it ended.
    pub finished_at: Option<UnixMs>,
    /// When its text was last saved on the way.
    pub checkpoint_at: Option<UnixMs>,
    /// When it was picked as the best of its turn.
    pub picked_at: Option<UnixMs>,
    /// Where the answer comes from: `model`, `cache`, `shared` or `last_resort`.
    pub source: String,
    /// What it would have cost, where no call was made for it.
    pub saved: Option<PicoUsd>,
    /// Who wrote which part, as the engine wrote it down; an empty list when one model wrote it all.
    pub segments: Value,
    /// What is offered about it, as the engine wrote it down.
    pub offers: Value,
    /// How it came to its model, as the engine wrote it down; `None` for a model that was asked for by its own name.
    pub route: Option<Value>,
    /// What its calls are made for.
    pub spend_source: Source,
    /// What the part it goes on from has cost, as the engine wrote it down; `None`: it began with nothing.
    pub begun_cost: Option<Value>,
}

/// What a run begins with, where it goes on from an earlier one.
#[derive(Clone, Debug, PartialEq)]
pub struct Beginning {
    /// The text that is there already.
    pub text: String,
    /// The reasoning that is there already.
    pub reasoning: String,
    /// Who wrote it.
    pub segments: Value,
    /// What it has cost, in a form of the engine's; `None`: nothing, or nobody knows.
    pub cost: Option<Value>,
}

/// What a further call changes of its run: another model may be asked, with other parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct RunChange {
    /// With what sampling and length it is asked.
    pub params: Params,
    /// What is left out or changed in sending it, for people.
    pub notices: Vec<Notice>,
    /// Invented money.
    pub simulated: bool,
    /// Who wrote which part.
    pub segments: Value,
    /// How it came to its model.
    pub route: Option<Value>,
}

/// A run to begin. It starts in [`RunState::Connecting`].
#[derive(Clone, Debug, PartialEq)]
pub struct NewRun {
    /// Which.
    pub id: RunId,
    /// The turn it answers.
    pub turn_id: TurnId,
    /// The lane it stands in.
    pub lane_id: LaneId,
    /// What is asked for.
    pub target: String,
    /// With what sampling and length.
    pub params: Params,
    /// The provider asked first, where that is known already.
    pub provider: Option<String>,
    /// The model asked for there.
    pub model_requested: Option<String>,
    /// What is left out or changed in sending it, for people.
    pub notices: Vec<Notice>,
    /// Invented money.
    pub simulated: bool,
    /// How it comes to its model; `None` for a model that is asked for by its own name.
    pub route: Option<Value>,
    /// What it goes on from.
    pub beginning: Option<Beginning>,
    /// What its calls are made for.
    pub spend_source: Source,
    /// This process.
    pub lease_id: LeaseId,
    /// Now.
    pub started_at: UnixMs,
}

/// The runs room. Get it from [`Store::runs`].
#[derive(Clone, Copy, Debug)]
pub struct Runs<'s>(pub(crate) &'s Store);

impl Runs<'_> {
    /// One run, with the text saved so far.
    pub async fn get(self, id: RunId) -> Result<Run, StoreError> {
        get(&mut *self.0.readers.acquire().await?, id).await
    }

    /// All versions of a lane's answer to a turn, oldest first.
    pub async fn versions(self, turn_id: TurnId, lane_id: LaneId) -> Result<Vec<Run>, StoreError> {
        let rows = sqlx::query("SELECT * FROM answers WHERE turn_id = ?1 AND lane_id = ?2 ORDER BY version")
            .bind(turn_id.to_string())
            .bind(lane_id.to_string())
            .fetch_all(&self.0.readers)
            .await?;
        rows.iter().map(read).collect()
    }

    /// The run that was begun last in any conversation.
    pub async fn latest(self) -> Result<Option<RunId>, StoreError> {
        // Ids sort by time, and unlike `started_at` they have an index.
        let row = sqlx::query("SELECT id FROM runs ORDER BY id DESC LIMIT 1")
            .fetch_optional(&self.0.readers)
            .await?;
        row.map(|row| row.parsed("id")).transpose()
    }

    /// Picks a run as the best of its turn, or unpicks it with `None`. The others lose the pick and nothing else.
    pub async fn set_picked(self, id: RunId, at: Option<UnixMs>) -> Result<(), StoreError> {
        let mut tx = self.0.begin().await?;
        if at.is_some() {
            sqlx::query(
                "UPDATE runs SET picked_at = NULL
                 WHERE turn_id = (SELECT turn_id FROM runs WHERE id = ?1) AND picked_at IS NOT NULL AND id <> ?1",
            )
            .bind(id.to_string())
            .execute(&mut *tx)
            .await?;
        }
        let done = sqlx::query("UPDATE runs SET picked_at = ?2 WHERE id = ?1")
            .bind(id.to_string())
            .bind(at.map(|at| at.0))
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::not_found("answer", id));
        }
        tx.commit().await
    }
}

/// Writes runs, each the next version of its lane's answer to its turn, and gives the versions as they come. `positions`: where their
/// lanes stand, for a turn that begins; without them they stand where the first version did.
pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    runs: &[NewRun],
    positions: Option<std::ops::RangeFrom<i64>>,
) -> Result<Vec<u32>, StoreError> {
    if runs.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows = Vec::with_capacity(runs.len());
    let mut positions = positions.into_iter().flatten();
    for run in runs {
        rows.push((run, positions.next(), Written::of(run)?));
    }
    let mut statement = QueryBuilder::new(
        "INSERT INTO runs (id, turn_id, lane_id, lane_position, version, lease_id, target, params, state, provider,
                           model_requested, simulated, started_at, notices, route, text, reasoning, segments, text_bytes,
                           reasoning_bytes, spend_source, begun_cost)
         SELECT v.column1, v.column2, v.column3,
                coalesce((SELECT lane_position FROM runs WHERE turn_id = v.column2 AND lane_id = v.column3 AND version = 1),
                         v.column4, (SELECT position FROM lanes WHERE id = v.column3), 0),
                coalesce((SELECT max(version) FROM runs WHERE turn_id = v.column2 AND lane_id = v.column3), 0) + 1,
                v.column5, v.column6, v.column7, 'connecting', v.column8, v.column9, v.column10, v.column11, v.column12,
                v.column13, v.column14, v.column15, v.column16, v.column17, v.column18, v.column19, v.column20
         FROM (",
    );
    statement.push_values(rows, |mut row, (run, position, written)| {
        row.push_bind(run.id.to_string())
            .push_bind(run.turn_id.to_string())
            .push_bind(run.lane_id.to_string())
            .push_bind(position)
            .push_bind(run.lease_id.as_str().to_owned())
            .push_bind(run.target.clone())
            .push_bind(written.params)
            .push_bind(run.provider.clone())
            .push_bind(run.model_requested.clone())
            .push_bind(run.simulated)
            .push_bind(run.started_at.0)
            .push_bind(written.notices)
            .push_bind(written.route)
            .push_bind(written.text.clone())
            .push_bind(written.reasoning.clone())
            .push_bind(written.segments)
            .push_bind(bytes(&written.text))
            .push_bind(bytes(&written.reasoning))
            .push_bind(run.spend_source.as_str())
            .push_bind(written.begun_cost);
    });
    statement.push(") v WHERE true RETURNING version");
    let versions: Vec<i64> = statement.build_query_scalar().fetch_all(connection).await?;
    let read = |version| u32::try_from(version).map_err(|error| StoreError::unreadable("version", error));
    versions.into_iter().map(read).collect()
}

/// What of a new run is written as JSON, and what it begins with.
struct Written {
    params: String,
    notices: String,
    route: Option<String>,
    text: String,
    reasoning: String,
    segments: String,
    begun_cost: Option<String>,
}

impl Written {
    fn of(run: &NewRun) -> Result<Self, StoreError> {
        let begun = run.beginning.as_ref();
        Ok(Self {
            params: json(&run.params)?,
            notices: json(&run.notices)?,
            route: opt_json(run.route.as_ref())?,
            text: begun.map(|begun| begun.text.clone()).unwrap_or_default(),
            reasoning: begun.map(|begun| begun.reasoning.clone()).unwrap_or_default(),
            segments: begun.map_or_else(|| Ok("[]".to_owned()), |begun| json(&begun.segments))?,
            begun_cost: opt_json(begun.and_then(|begun| begun.cost.as_ref()))?,
        })
    }
}

/// Writes what a further call changes of its run. The usage of the call before goes: it stands in the books.
pub(crate) async fn change(
    connection: &mut SqliteConnection,
    id: RunId,
    (provider, model): (&str, &str),
    change: &RunChange,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE runs SET provider = ?2, model_requested = ?3, model_served = NULL, params = ?4, notices = ?5, simulated = ?6,
                segments = ?7, route = ?8, usage_input = NULL, usage_output = NULL, usage_cached = NULL,
                usage_cache_write = NULL, usage_reasoning = NULL, usage_raw = NULL
         WHERE id = ?1",
    )
    .bind(id.to_string())
    .bind(provider)
    .bind(model)
    .bind(json(&change.params)?)
    .bind(json(&change.notices)?)
    .bind(change.simulated)
    .bind(json(&change.segments)?)
    .bind(opt_json(change.route.as_ref())?)
    .execute(connection)
    .await?;
    Ok(())
}

/// How many bytes of a text stand in the row already: checkpoints go on behind them.
fn bytes(text: &str) -> i64 {
    i64::try_from(text.len()).unwrap_or(i64::MAX)
}

pub(crate) async fn get(connection: &mut SqliteConnection, id: RunId) -> Result<Run, StoreError> {
    let row = sqlx::query("SELECT * FROM answers WHERE id = ?1")
        .bind(id.to_string())
        .fetch_optional(connection)
        .await?
        .ok_or_else(|| StoreError::not_found("answer", id))?;
    read(&row)
}

pub(crate) fn read(row: &SqliteRow) -> Result<Run, StoreError> {
    Ok(Run {
        id: row.parsed("id")?,
        turn_id: row.parsed("turn_id")?,
        lane_id: row.parsed("lane_id")?,
        lane_position: row.count("lane_position")?,
        version: row.count("version")?,
        lease_id: row.parsed("lease_id")?,
        target: row.text("target")?,
        params: row.json("params")?,
        state: row.state("state")?,
        text: row.text("text")?,
        reasoning: row.text("reasoning")?,
        refusal: row.text("refusal")?,
        tool_calls: row.json("tool_calls")?,
        layout: row.json("opaque")?,
        notices: row.json("notices")?,
        finish_reason: row.opt_text("finish_reason")?,
        provider: row.opt_text("provider")?,
        model_requested: row.opt_text("model_requested")?,
        model_served: row.opt_text("model_served")?,
        usage: row.usage()?,
        usage_raw: row.opt_json("usage_raw")?,
        cost: if row.flag("cost_known")? { Some(row.cost()?) } else { None },
        simulated: row.flag("simulated")?,
        error: row.opt_json("error")?,
        ttft_ms: row.opt_u64("ttft_ms")?,
        total_ms: row.opt_u64("total_ms")?,
        started_at: row.time("started_at")?,
        finished_at: row.opt_time("finished_at")?,
        checkpoint_at: row.opt_time("checkpoint_at")?,
        picked_at: row.opt_time("picked_at")?,
        source: row.text("source")?,
        saved: row.opt_int("saved_pico")?.map(PicoUsd::from_pico),
        segments: row.json("segments")?,
        offers: row.json("offers")?,
        route: row.opt_json("route")?,
        spend_source: row.word("spend_source")?,
        begun_cost: row.opt_json("begun_cost")?,
    })
}
