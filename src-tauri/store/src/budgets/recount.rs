//! Counting from the books: for a budget that is new, or counts something else than before.

use roundtable_domain::BudgetId;
use roundtable_domain::budget::Window;
use sqlx::SqliteConnection;

use super::{NEVER, alerts, counts};
use crate::error::StoreError;
use crate::row::Columns as _;

/// The windows that count now, oldest first, the last one open.
pub(super) async fn standing(
    connection: &mut SqliteConnection,
    id: BudgetId,
) -> Result<Vec<Window>, StoreError> {
    let rows = sqlx::query(
        "SELECT k.starts_at AS bucket, k.ends_at, b.counts_from
         FROM budgets b JOIN budget_buckets k ON k.budget_id = b.id AND k.ends_at > b.counts_from
         WHERE b.id = ?1 ORDER BY k.starts_at",
    )
    .bind(id.to_string())
    .fetch_all(connection)
    .await?;
    rows.iter().map(super::row::read_window).collect()
}

/// What windows begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum From {
    /// What the books hold, by the time of the entries: each window up to the beginning of the next, the last one with everything
    /// that came later.
    Books,
    /// Nothing.
    Nothing,
}

/// Gives a budget these windows and no others.
pub(super) async fn replace(
    connection: &mut SqliteConnection,
    id: BudgetId,
    windows: &[Window],
    from: From,
) -> Result<(), StoreError> {
    let Some(open) = windows.last() else { return Ok(()) };
    sqlx::query("DELETE FROM budget_buckets WHERE budget_id = ?1")
        .bind(id.to_string())
        .execute(&mut *connection)
        .await?;
    alerts::forget(connection, id).await?;
    for (index, window) in windows.iter().enumerate() {
        let next = windows.get(index + 1).map(|next| next.starts_at.0);
        let until = match from {
            From::Books => next.unwrap_or(NEVER),
            From::Nothing => window.starts_at.0,
        };
        insert(connection, id, window, (until, next.is_none())).await?;
    }
    sqlx::query("UPDATE budgets SET bucket = ?2, counts_from = ?3 WHERE id = ?1")
        .bind(id.to_string())
        .bind(open.starts_at.0)
        .bind(open.counts_from.0)
        .execute(connection)
        .await?;
    Ok(())
}

async fn insert(
    connection: &mut SqliteConnection,
    id: BudgetId,
    window: &Window,
    (recounted_until, is_open): (i64, bool),
) -> Result<(), StoreError> {
    let last = newest_row(connection).await?;
    sqlx::query(concat!(
        "INSERT INTO budget_buckets (budget_id, starts_at, ends_at, spent_pico, calls, unpriced_calls, since_row, until_row,
                recounted_from, recounted_until)
         SELECT ?1, ?2, ?3, coalesce(sum(e.cost_pico), 0), count(*) FILTER (WHERE e.kind = 'call'),
                count(*) FILTER (WHERE e.kind = 'call' AND e.cost_pico IS NULL), ?5, ?6, ?2, ?4
         FROM budgets b JOIN ledger_entries e ON e.at >= ?2 AND e.at < ?4 AND ",
        counts!("e"),
        " WHERE b.id = ?1"
    ))
    .bind(id.to_string())
    .bind(window.starts_at.0)
    .bind(window.ends_at.map_or(NEVER, |at| at.0))
    .bind(recounted_until)
    .bind(last)
    .bind((!is_open).then_some(last))
    .execute(connection)
    .await?;
    Ok(())
}

async fn newest_row(connection: &mut SqliteConnection) -> Result<i64, StoreError> {
    let row = sqlx::query("SELECT coalesce(max(rowid), 0) AS newest FROM ledger_entries")
        .fetch_one(connection)
        .await?;
    row.int("newest")
}
