//! Checking: every bucket against the books, every open reservation against the process that made it.

use std::collections::HashSet;

use roundtable_domain::{BudgetId, PicoUsd, UnixMs};
use sqlx::sqlite::SqliteRow;

use super::{Budgets, counts};
use crate::error::StoreError;
use crate::leases::{self, LeaseId};
use crate::reservations::{self, Reservation};
use crate::row::Columns as _;

/// A bucket and what the books say it should hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketCheck {
    /// Whose it is.
    pub budget_id: BudgetId,
    /// That budget's name.
    pub name: String,
    /// When it begins.
    pub starts_at: UnixMs,
    /// It is the one that is open.
    pub is_open: bool,
    /// What it holds: money, calls, calls without a price.
    pub holds: (PicoUsd, u64, u64),
    /// What the entries of the books add up to.
    pub books: (PicoUsd, u64, u64),
}

impl BucketCheck {
    /// Whether both are the same.
    pub fn agrees(&self) -> bool {
        self.holds == self.books
    }
}

/// What a check has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BooksCheck {
    /// Every bucket there is, by budget and time.
    pub buckets: Vec<BucketCheck>,
    /// Open reservations of processes that are not there any more: recovery settles them.
    pub orphans: Vec<Reservation>,
    /// Open reservations of processes that are.
    pub under_way: usize,
}

impl BooksCheck {
    /// Every bucket agrees with the books and no reservation is orphaned.
    pub fn is_sound(&self) -> bool {
        self.orphans.is_empty() && self.buckets.iter().all(BucketCheck::agrees)
    }
}

impl Budgets<'_> {
    /// Adds up the books for every bucket and looks for reservations nobody will settle. Reads a snapshot; writes nothing.
    /// A process is there when it has a lease; whether it lives is found out by recovery, which removes the leases of the dead.
    pub async fn check(self) -> Result<BooksCheck, StoreError> {
        let mut tx = self.0.readers.begin().await?;
        let rows = sqlx::query(concat!(
            "SELECT b.id, b.name, b.bucket, k.starts_at, k.spent_pico, k.calls, k.unpriced_calls,
                    coalesce(sum(e.cost_pico), 0) AS books_pico, count(*) FILTER (WHERE e.kind = 'call') AS books_calls,
                    count(*) FILTER (WHERE e.kind = 'call' AND e.cost_pico IS NULL) AS books_unpriced
             FROM budgets b JOIN budget_buckets k ON k.budget_id = b.id
             LEFT JOIN ledger_entries e ON ",
            counts!("e"),
            "  AND ((e.rowid <= k.since_row AND e.at >= k.recounted_from AND e.at < k.recounted_until)
                    OR (e.rowid > k.since_row AND e.rowid <= coalesce(k.until_row, 9223372036854775807)))
             GROUP BY b.id, k.starts_at ORDER BY b.created_at, b.id, k.starts_at",
        ))
        .fetch_all(&mut *tx)
        .await?;
        let buckets = rows.iter().map(read).collect::<Result<_, _>>()?;
        let there: HashSet<LeaseId> =
            leases::list(&mut tx).await?.into_iter().map(|lease| lease.id).collect();
        let open = reservations::open(&mut tx).await?;
        let (under_way, orphans): (Vec<_>, Vec<_>) =
            open.into_iter().partition(|one| there.contains(&one.lease_id));
        tx.commit().await?;
        Ok(BooksCheck { buckets, orphans, under_way: under_way.len() })
    }
}

fn read(row: &SqliteRow) -> Result<BucketCheck, StoreError> {
    let starts_at = row.time("starts_at")?;
    let count = |column| row.opt_u64(column).map(Option::unwrap_or_default);
    Ok(BucketCheck {
        budget_id: row.parsed("id")?,
        name: row.text("name")?,
        starts_at,
        is_open: row.time("bucket")? == starts_at,
        holds: (row.money("spent_pico")?, count("calls")?, count("unpriced_calls")?),
        books: (row.money("books_pico")?, count("books_calls")?, count("books_unpriced")?),
    })
}
