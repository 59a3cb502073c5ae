//! Route traces: why a run was answered by whom, as the engine writes it down. One per run, gone with it.

use roundtable_domain::RunId;
use sqlx::SqliteConnection;

use crate::Store;
use crate::error::StoreError;
use crate::row::Columns as _;

/// A trace on its way into the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTrace {
    /// The run.
    pub run_id: RunId,
    /// JSON.
    pub trace: String,
}

/// The traces room. Get it from [`Store::traces`].
#[derive(Clone, Copy, Debug)]
pub struct Traces<'s>(pub(crate) &'s Store);

impl Traces<'_> {
    /// The trace of a run as it was written; `None` for runs from before there were any.
    pub async fn get(self, run_id: RunId) -> Result<Option<String>, StoreError> {
        let row = sqlx::query("SELECT trace FROM route_traces WHERE run_id = ?1")
            .bind(run_id.to_string())
            .fetch_optional(&self.0.readers)
            .await?;
        row.map(|row| row.text("trace")).transpose()
    }
}

/// Writes a trace, or writes it anew. Does nothing when its run is gone.
pub(crate) async fn write(connection: &mut SqliteConnection, new: &NewTrace) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO route_traces (run_id, trace) SELECT id, ?2 FROM runs WHERE id = ?1
         ON CONFLICT (run_id) DO UPDATE SET trace = excluded.trace",
    )
    .bind(new.run_id.to_string())
    .bind(&new.trace)
    .execute(connection)
    .await?;
    Ok(())
}
