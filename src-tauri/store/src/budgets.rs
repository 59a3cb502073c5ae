//! Budgets: what may be spent, what has been counted, and whether a call may be made.
//!
//! What a budget has spent is counted by a trigger on the ledger, so it is what the books hold whoever books. What is set aside is
//! the sum of the open reservations in its scope. [`admission`] decides, in the transaction that sets the money aside. Windows of
//! time are made by the ledger crate, which knows calendars and time zones; here they only ever move forward.

mod admission;
mod alerts;
mod check;
mod recount;
mod row;

use roundtable_domain::budget::Window;
use roundtable_domain::{BudgetId, UnixMs};
use sqlx::SqliteConnection;

use self::recount::From;
use crate::Store;
use crate::error::StoreError;
use crate::row::Columns as _;

pub use admission::{Admission, OverBudget, Shortfall, SpentOn};
pub use alerts::{AskedOverride, BudgetOverride, BudgetStanding, OverrideWhy, ReachedStep, RecordedOverride};
pub use check::{BooksCheck, BucketCheck};
pub use row::{Budget, BudgetRow};

pub(crate) use admission::{Cause, admit};
pub(crate) use alerts::note_step;

/// Whether the budget `b` counts a row of `ledger_entries` or `reservations`. The trigger on the ledger says the same of a new entry.
macro_rules! counts {
    ($row:literal) => {
        concat!(
            "(b.simulated = ",
            $row,
            ".simulated AND CASE b.scope
                 WHEN 'everything' THEN 1
                 WHEN 'provider' THEN b.scope_name = ",
            $row,
            ".provider
                 WHEN 'model' THEN b.scope_name = ",
            $row,
            ".provider || '/' || ",
            $row,
            ".model_requested
                 WHEN 'key' THEN b.scope_name = ",
            $row,
            ".key_id
                 WHEN 'conversation' THEN b.scope_name = ",
            $row,
            ".conversation_id
                 WHEN 'folder' THEN b.scope_name = ",
            $row,
            ".folder
                 WHEN 'tag' THEN EXISTS (SELECT 1 FROM json_each(",
            $row,
            ".tags) t WHERE t.value = b.scope_name)
                 WHEN 'source' THEN b.scope_name = ",
            $row,
            ".source
                 ELSE 0 END)"
        )
    };
}
pub(crate) use counts;

/// What the buckets of a budget have booked together, as far as it counts. A bucket in credit counts as empty: what it let through on
/// another day would outlive it. Admission, lists and alerts say it in these words, so that no two of them differ.
macro_rules! booked {
    ($bucket:literal) => {
        concat!("coalesce(sum(max(", $bucket, ".spent_pico, 0)), 0)")
    };
}
pub(crate) use booked;

/// The end of a window that has none, as it is stored.
pub(crate) const NEVER: i64 = i64::MAX;

/// The budgets room. Get it from [`Store::budgets`].
#[derive(Clone, Copy, Debug)]
pub struct Budgets<'s>(pub(crate) &'s Store);

impl Budgets<'_> {
    /// All budgets with their balances, oldest first. One query over what is open, not over the books.
    pub async fn list(self) -> Result<Vec<BudgetRow>, StoreError> {
        row::list(&mut *self.0.readers.acquire().await?).await
    }

    /// Budgets that count one thing of which neither the books nor the conversations know anything. Deleted conversations are known.
    pub async fn unused(self) -> Result<Vec<BudgetId>, StoreError> {
        let rows = sqlx::query(
            "SELECT b.id FROM budgets b
             WHERE b.scope NOT IN ('everything', 'conversation')
               AND NOT EXISTS (
                   SELECT 1 FROM spend_subjects s WHERE s.booked = 1 AND s.simulated = b.simulated AND CASE b.scope
                       WHEN 'provider' THEN b.scope_name = s.provider
                       WHEN 'model' THEN b.scope_name = s.provider || '/' || s.model
                       WHEN 'key' THEN b.scope_name = s.key_id
                       WHEN 'folder' THEN b.scope_name = s.folder
                       WHEN 'tag' THEN EXISTS (SELECT 1 FROM json_each(s.tags) t WHERE t.value = b.scope_name)
                       WHEN 'source' THEN b.scope_name = s.source
                       ELSE 0 END)
               AND NOT (b.scope = 'folder' AND EXISTS (SELECT 1 FROM conversations c WHERE c.folder = b.scope_name))
               AND NOT (b.scope = 'tag' AND EXISTS (
                   SELECT 1 FROM conversations c, json_each(c.tags) t WHERE c.tags <> '[]' AND t.value = b.scope_name))",
        )
        .fetch_all(&self.0.readers)
        .await?;
        rows.iter().map(|row| row.parsed("id")).collect()
    }

    /// Makes a budget, or changes the one with this id.
    ///
    /// `windows` are those its period has now, oldest first, the last one open (`ledger::budget::opening_windows`). They are used
    /// for a new budget and for another period; otherwise the windows that are open stay open. Whenever what is counted changes,
    /// the windows are counted from the books in the same transaction. To `begin_anew` takes the windows given
    /// (`ledger::budget::window_anew`) with nothing in them. `NotFound` is returned without a window; a budget that was removed
    /// meanwhile is made again.
    pub async fn save(
        self,
        budget: &Budget,
        windows: &[Window],
        begin_anew: bool,
        at: UnixMs,
    ) -> Result<(), StoreError> {
        let Some(open) = windows.last() else {
            return Err(StoreError::not_found("window of budget", budget.id));
        };
        let mut tx = self.0.begin().await?;
        let before = row::find(&mut tx, budget.id).await?;
        row::write(&mut tx, budget, open, at).await?;
        let kept = before.filter(|before| !begin_anew && before.budget.period == budget.period);
        match kept {
            Some(before) if before.budget.counts_like(budget) => {
                if before.budget.limit != budget.limit
                    || before.budget.alert_percents != budget.alert_percents
                {
                    alerts::forget(&mut tx, budget.id).await?;
                }
            }
            Some(_) => {
                let standing = recount::standing(&mut tx, budget.id).await?;
                recount::replace(&mut tx, budget.id, &standing, From::Books).await?;
            }
            None if begin_anew => recount::replace(&mut tx, budget.id, windows, From::Nothing).await?,
            None => recount::replace(&mut tx, budget.id, windows, From::Books).await?,
        }
        tx.commit().await
    }

    /// Takes a budget out of force, or puts it back, and changes nothing else of it: whoever says so has read the rest some time ago.
    pub async fn set_paused(self, id: BudgetId, paused: bool, at: UnixMs) -> Result<(), StoreError> {
        let query = sqlx::query("UPDATE budgets SET paused = ?2, updated_at = ?3 WHERE id = ?1");
        self.0.change_one("budget", id, query.bind(id.to_string()).bind(paused).bind(at.0)).await
    }

    /// Removes a budget. What it counted stays in the books, what was sent against it stays on record.
    pub async fn remove(self, id: BudgetId) -> Result<(), StoreError> {
        let query = sqlx::query("DELETE FROM budgets WHERE id = ?1");
        self.0.change_one("budget", id, query.bind(id.to_string())).await
    }

    /// Opens the next windows. One that does not begin where or after the open one ends is passed over, so that of two processes
    /// only the first opens it and no stretch of time is ever opened twice. Returns the budgets whose window was opened here.
    pub async fn advance(self, updates: &[(BudgetId, Window)]) -> Result<Vec<BudgetId>, StoreError> {
        if updates.is_empty() {
            return Ok(Vec::new());
        }
        let mut tx = self.0.begin().await?;
        let mut opened = Vec::new();
        for (id, window) in updates {
            if open_next(&mut tx, *id, window).await? {
                opened.push(*id);
            }
        }
        tx.commit().await?;
        Ok(opened)
    }
}

async fn open_next(
    connection: &mut SqliteConnection,
    id: BudgetId,
    window: &Window,
) -> Result<bool, StoreError> {
    let closed = sqlx::query(
        "UPDATE budget_buckets SET until_row = (SELECT coalesce(max(rowid), 0) FROM ledger_entries)
         WHERE budget_id = ?1 AND starts_at = (SELECT bucket FROM budgets WHERE id = ?1) AND until_row IS NULL
           AND ends_at <= ?2",
    )
    .bind(id.to_string())
    .bind(window.starts_at.0)
    .execute(&mut *connection)
    .await?;
    if closed.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query(
        "INSERT INTO budget_buckets (budget_id, starts_at, ends_at, since_row)
         VALUES (?1, ?2, ?3, (SELECT coalesce(max(rowid), 0) FROM ledger_entries))",
    )
    .bind(id.to_string())
    .bind(window.starts_at.0)
    .bind(window.ends_at.map_or(NEVER, |at| at.0))
    .execute(&mut *connection)
    .await?;
    sqlx::query("UPDATE budgets SET bucket = ?2, counts_from = max(counts_from, ?3) WHERE id = ?1")
        .bind(id.to_string())
        .bind(window.starts_at.0)
        .bind(window.counts_from.0)
        .execute(connection)
        .await?;
    Ok(true)
}
