//! Attempts: single calls to single providers. Written by [`Store::begin_attempt`] and [`Store::end_attempt`].

use roundtable_domain::{
    AttemptId, ErrorCategory, KeyId, ProviderError, ReservationId, RunId, RunState, UnixMs,
};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, SqliteConnection};

use crate::Store;
use crate::error::StoreError;
use crate::row::{Columns as _, integer, opt_integer, opt_json};

/// The rung of a group and the pool a call was made for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoutePlace {
    /// The group; `None` for a model that was asked for by itself.
    pub group: Option<String>,
    /// The number of the echelon.
    pub echelon: Option<u32>,
    /// The pool.
    pub pool: Option<String>,
}

/// One call.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// Which.
    pub id: AttemptId,
    /// The run it was made for.
    pub run_id: RunId,
    /// From 1, in order of time.
    pub ordinal: u32,
    /// Who was called.
    pub provider: String,
    /// The model asked for.
    pub model_requested: String,
    /// The model that served it, in the provider's words.
    pub model_served: Option<String>,
    /// The key used; `None` for one from the environment, or none.
    pub key_id: Option<KeyId>,
    /// Where it stands.
    pub state: RunState,
    /// What kind of failure.
    pub category: Option<ErrorCategory>,
    /// The failure, with the provider's own words.
    pub error: Option<ProviderError>,
    /// The provider's id of the request.
    pub request_id: Option<String>,
    /// The provider's id of the response.
    pub response_id: Option<String>,
    /// How it came about: `first`, `retry`, `next_key`, `fallback`, `trimmed`, `continue`, `regenerate` or `try_anyway`.
    pub kind: String,
    /// What it was made for.
    pub route: RoutePlace,
    /// How long we waited before it (back-off, rate limit).
    pub wait_ms: u64,
    /// The tokens its prompt was counted at; `None` for calls that are older than this column.
    pub prompt_tokens: Option<u64>,
    /// From sending to the first semantic delta.
    pub ttft_ms: Option<u64>,
    /// From sending to the end.
    pub total_ms: Option<u64>,
    /// When it was sent.
    pub started_at: UnixMs,
    /// When it ended.
    pub ended_at: Option<UnixMs>,
}

/// A call to begin.
#[derive(Clone, Debug, PartialEq)]
pub struct NewAttempt {
    /// Which.
    pub id: AttemptId,
    /// The run it is made for.
    pub run_id: RunId,
    /// Who is called.
    pub provider: String,
    /// The model asked for.
    pub model_requested: String,
    /// The key used; `None` for one from the environment, or none.
    pub key_id: Option<KeyId>,
    /// How it came about, in the words of [`Attempt::kind`].
    pub kind: String,
    /// What it is made for.
    pub route: RoutePlace,
    /// How long we waited before it.
    pub wait_ms: u64,
    /// The tokens its prompt was counted at, tools and all.
    pub prompt_tokens: Option<u64>,
    /// The reservation that pays for it, if it was made before.
    pub reservation_id: Option<ReservationId>,
    /// Now.
    pub started_at: UnixMs,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq)]
pub struct EndedAttempt {
    /// Which.
    pub id: AttemptId,
    /// How.
    pub state: RunState,
    /// The model that served it, in the provider's words.
    pub model_served: Option<String>,
    /// The failure.
    pub error: Option<ProviderError>,
    /// The provider's id of the request.
    pub request_id: Option<String>,
    /// The provider's id of the response.
    pub response_id: Option<String>,
    /// From sending to the first semantic delta.
    pub ttft_ms: Option<u64>,
    /// From sending to the end.
    pub total_ms: Option<u64>,
    /// Now.
    pub ended_at: UnixMs,
}

/// The attempts room. Get it from [`Store::attempts`].
#[derive(Clone, Copy, Debug)]
pub struct Attempts<'s>(pub(crate) &'s Store);

impl Attempts<'_> {
    /// The calls made for a run, in order.
    pub async fn list(self, run_id: RunId) -> Result<Vec<Attempt>, StoreError> {
        list(&mut *self.0.readers.acquire().await?, run_id).await
    }
}

pub(crate) async fn list(
    connection: &mut SqliteConnection,
    run_id: RunId,
) -> Result<Vec<Attempt>, StoreError> {
    let rows = sqlx::query("SELECT * FROM attempts WHERE run_id = ?1 ORDER BY ordinal")
        .bind(run_id.to_string())
        .fetch_all(connection)
        .await?;
    rows.iter().map(read).collect()
}

/// Writes that calls are about to be made, each for another run, and gives their ordinals as they come. A call whose run is gone is
/// passed over.
pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    attempts: &[NewAttempt],
) -> Result<Vec<u32>, StoreError> {
    if attempts.is_empty() {
        return Ok(Vec::new());
    }
    let mut statement = QueryBuilder::new(
        "INSERT INTO attempts (id, run_id, ordinal, provider, model_requested, key_id, state, wait_ms, started_at, kind,
                               route_group, route_echelon, route_pool, prompt_tokens)
         SELECT v.column1, r.id, coalesce((SELECT max(ordinal) FROM attempts WHERE run_id = r.id), 0) + 1, v.column3,
                v.column4, v.column5, 'connecting', v.column6, v.column7, v.column8, v.column9, v.column10, v.column11,
                v.column12
         FROM (",
    );
    statement.push_values(attempts, |mut row, attempt| {
        row.push_bind(attempt.id.to_string())
            .push_bind(attempt.run_id.to_string())
            .push_bind(attempt.provider.clone())
            .push_bind(attempt.model_requested.clone())
            .push_bind(attempt.key_id.map(|id| id.to_string()))
            .push_bind(integer(attempt.wait_ms))
            .push_bind(attempt.started_at.0)
            .push_bind(attempt.kind.clone())
            .push_bind(attempt.route.group.clone())
            .push_bind(attempt.route.echelon)
            .push_bind(attempt.route.pool.clone())
            .push_bind(opt_integer(attempt.prompt_tokens));
    });
    statement.push(") v JOIN runs r ON r.id = v.column2 RETURNING ordinal");
    let ordinals: Vec<i64> = statement.build_query_scalar().fetch_all(connection).await?;
    let read = |number| u32::try_from(number).map_err(|error| StoreError::unreadable("ordinal", error));
    ordinals.into_iter().map(read).collect()
}

/// Writes how an attempt ended. Does nothing when its conversation has been deleted.
pub(crate) async fn end(connection: &mut SqliteConnection, ended: &EndedAttempt) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE attempts SET state = ?2, model_served = coalesce(?3, model_served), category = ?4, error = ?5,
                request_id = ?6, response_id = ?7, ttft_ms = ?8, total_ms = ?9, ended_at = ?10
         WHERE id = ?1",
    )
    .bind(ended.id.to_string())
    .bind(ended.state.as_str())
    .bind(&ended.model_served)
    .bind(ended.error.as_ref().map(|error| error.category.as_str()))
    .bind(opt_json(ended.error.as_ref())?)
    .bind(&ended.request_id)
    .bind(&ended.response_id)
    .bind(opt_integer(ended.ttft_ms))
    .bind(opt_integer(ended.total_ms))
    .bind(ended.ended_at.0)
    .execute(connection)
    .await?;
    Ok(())
}

fn read(row: &SqliteRow) -> Result<Attempt, StoreError> {
    Ok(Attempt {
        id: row.parsed("id")?,
        run_id: row.parsed("run_id")?,
        ordinal: row.count("ordinal")?,
        provider: row.text("provider")?,
        model_requested: row.text("model_requested")?,
        model_served: row.opt_text("model_served")?,
        key_id: row.opt_parsed("key_id")?,
        state: row.state("state")?,
        category: row.opt_word("category")?,
        error: row.opt_json("error")?,
        request_id: row.opt_text("request_id")?,
        response_id: row.opt_text("response_id")?,
        kind: row.text("kind")?,
        route: RoutePlace {
            group: row.opt_text("route_group")?,
            echelon: row.opt_u64("route_echelon")?.and_then(|number| u32::try_from(number).ok()),
            pool: row.opt_text("route_pool")?,
        },
        wait_ms: row.opt_u64("wait_ms")?.unwrap_or(0),
        prompt_tokens: row.opt_u64("prompt_tokens")?,
        ttft_ms: row.opt_u64("ttft_ms")?,
        total_ms: row.opt_u64("total_ms")?,
        started_at: row.time("started_at")?,
        ended_at: row.opt_time("ended_at")?,
    })
}
