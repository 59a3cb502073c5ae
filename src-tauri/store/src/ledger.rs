//! The books: append-only, one entry per (attempt, kind). Triggers in the schema enforce both.

mod entry;

use std::collections::HashMap;

use roundtable_domain::{AttemptId, ConversationId, PicoUsd, RunId, TurnId, UnixMs};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::Store;
use crate::error::StoreError;
use crate::row::Columns as _;

pub use entry::{EntryKind, LedgerEntry, Source};
pub(crate) use entry::{insert, read};

/// Which entries. `None` is all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerFilter {
    /// From this moment on.
    pub since: Option<UnixMs>,
    /// Before this moment.
    pub until: Option<UnixMs>,
    /// A conversation, which may be gone.
    pub conversation: Option<ConversationId>,
    /// Only simulated, or only real.
    pub simulated: Option<bool>,
}

/// Sums. Real and simulated money never mix.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpendTotals {
    /// Real money.
    pub real: PicoUsd,
    /// Invented money.
    pub simulated: PicoUsd,
    /// Real calls that are booked, priced or not.
    pub calls: u32,
    /// Simulated calls that are booked.
    pub simulated_calls: u32,
    /// Real calls whose cost is unknown, on top of `real`.
    pub unpriced_calls: u32,
    /// Part of `real` is estimated.
    pub estimated: bool,
    /// Fees outside tokens may come on top of `real`.
    pub at_least: bool,
}

impl SpendTotals {
    pub(crate) fn read(row: &SqliteRow) -> Result<Self, StoreError> {
        Ok(Self {
            real: row.money("real_pico")?,
            simulated: row.money("simulated_pico")?,
            calls: row.count("calls")?,
            simulated_calls: row.count("simulated_calls")?,
            unpriced_calls: row.count("unpriced_calls")?,
            estimated: row.flag("estimated")?,
            at_least: row.flag("at_least")?,
        })
    }
}

/// The sums of [`SpendTotals`] over entries named `e`; without any entry they are all zero.
macro_rules! spend_sums {
    () => {
        "coalesce(sum(e.cost_pico) FILTER (WHERE e.simulated = 0), 0) AS real_pico,
         coalesce(sum(e.cost_pico) FILTER (WHERE e.simulated = 1), 0) AS simulated_pico,
         count(*) FILTER (WHERE e.simulated = 0 AND e.kind = 'call') AS calls,
         count(*) FILTER (WHERE e.simulated = 1 AND e.kind = 'call') AS simulated_calls,
         count(*) FILTER (WHERE e.simulated = 0 AND e.kind = 'call' AND e.cost_pico IS NULL) AS unpriced_calls,
         coalesce(max(e.provenance = 'estimated') FILTER (WHERE e.simulated = 0), 0) AS estimated,
         coalesce(max(e.cost_at_least) FILTER (WHERE e.simulated = 0), 0) AS at_least"
    };
}
pub(crate) use spend_sums;

/// The ledger room. Get it from [`Store::ledger`].
#[derive(Clone, Copy, Debug)]
pub struct Ledger<'s>(pub(crate) &'s Store);

macro_rules! filtered {
    ($what:expr, $rest:literal) => {
        concat!(
            "SELECT ",
            $what,
            " FROM ledger_entries e
             WHERE (?1 IS NULL OR at >= ?1) AND (?2 IS NULL OR at < ?2)
               AND (?3 IS NULL OR conversation_id = ?3) AND (?4 IS NULL OR simulated = ?4) ",
            $rest
        )
    };
}

impl Ledger<'_> {
    /// Books an entry on its own (a call outside of any run). Returns whether it was new: booking a (attempt, kind) again
    /// keeps the first entry.
    pub async fn book(self, entry: &LedgerEntry) -> Result<bool, StoreError> {
        let mut tx = self.0.begin().await?;
        let new = insert(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(new)
    }

    /// Entries, newest first.
    pub async fn entries(self, filter: &LedgerFilter, limit: u32) -> Result<Vec<LedgerEntry>, StoreError> {
        let query = sqlx::query(filtered!("e.*", "ORDER BY at DESC, id DESC LIMIT ?5"));
        let rows = bind(query, filter).bind(limit).fetch_all(&self.0.readers).await?;
        rows.iter().map(read).collect()
    }

    /// Sums over the entries of a turn that is there.
    pub async fn turn_totals(self, turn_id: TurnId) -> Result<SpendTotals, StoreError> {
        let row = sqlx::query(concat!(
            "SELECT ",
            spend_sums!(),
            " FROM ledger_entries e
             WHERE e.conversation_id = (SELECT conversation_id FROM turns WHERE id = ?1) AND e.turn_id = ?1"
        ))
        .bind(turn_id.to_string())
        .fetch_one(&self.0.readers)
        .await?;
        SpendTotals::read(&row)
    }

    /// Sums over the entries.
    pub async fn totals(self, filter: &LedgerFilter) -> Result<SpendTotals, StoreError> {
        let query = sqlx::query(filtered!(spend_sums!(), ""));
        SpendTotals::read(&bind(query, filter).fetch_one(&self.0.readers).await?)
    }
}

/// What the calls of a run were booked at, in their order.
pub(crate) async fn entries_of_run(
    connection: &mut SqliteConnection,
    run_id: RunId,
) -> Result<Vec<LedgerEntry>, StoreError> {
    let rows = sqlx::query(
        "SELECT e.* FROM attempts a JOIN ledger_entries e ON e.attempt_id = a.id
         WHERE a.run_id = ?1 ORDER BY a.ordinal, e.at",
    )
    .bind(run_id.to_string())
    .fetch_all(connection)
    .await?;
    rows.iter().map(read).collect()
}

/// What each turn of a conversation was booked at; of a turn without an entry nothing.
pub(crate) async fn totals_of_turns(
    connection: &mut SqliteConnection,
    id: ConversationId,
) -> Result<HashMap<TurnId, SpendTotals>, StoreError> {
    let rows = sqlx::query(concat!(
        "SELECT e.turn_id, ",
        spend_sums!(),
        " FROM ledger_entries e WHERE e.conversation_id = ?1 AND e.turn_id IS NOT NULL GROUP BY e.turn_id"
    ))
    .bind(id.to_string())
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok((row.parsed("turn_id")?, SpendTotals::read(row)?))).collect()
}

/// Whether a call was made that is not in the books.
pub(crate) async fn is_unbooked(
    connection: &mut SqliteConnection,
    attempt_id: Option<AttemptId>,
) -> Result<bool, StoreError> {
    let Some(attempt_id) = attempt_id else { return Ok(false) };
    let booked = sqlx::query("SELECT 1 FROM ledger_entries WHERE attempt_id = ?1 AND kind = 'call'")
        .bind(attempt_id.to_string())
        .fetch_optional(connection)
        .await?;
    Ok(booked.is_none())
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>;

fn bind<'q>(query: Query<'q>, filter: &'q LedgerFilter) -> Query<'q> {
    query
        .bind(filter.since.map(|at| at.0))
        .bind(filter.until.map(|at| at.0))
        .bind(filter.conversation.map(|id| id.to_string()))
        .bind(filter.simulated)
}
