//! Route traces: why a run was answered by whom, as the engine writes it down. One per run, gone with it.

use roundtable_domain::RunId;
use sqlx::{QueryBuilder, SqliteConnection};

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

/// Writes traces, or writes them anew. A trace whose run is gone is passed over.
pub(crate) async fn write(connection: &mut SqliteConnection, new: &[NewTrace]) -> Result<(), StoreError> {
    if new.is_empty() {
        return Ok(());
    }
    let mut statement =
        QueryBuilder::new("INSERT INTO route_traces (run_id, trace) SELECT r.id, v.column2 FROM (");
    statement.push_values(new, |mut row, new| {
        row.push_bind(new.run_id.to_string()).push_bind(new.trace.clone());
    });
    statement.push(") v JOIN runs r ON r.id = v.column1 WHERE true ON CONFLICT (run_id) DO UPDATE SET trace = excluded.trace");
    statement.build().execute(connection).await?;
    Ok(())
}
