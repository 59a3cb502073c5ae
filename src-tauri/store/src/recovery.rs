//! Recovery: what a process that died has left behind.
//!
//! Two steps, each one transaction, each safe to repeat and to run in two processes at once:
//! 1. [`Store::recover`] marks runs whose owner is gone as interrupted, keeping every checkpointed byte, and returns them with
//!    their open reservations;
//! 2. the engine estimates what each attempt cost, and [`Store::settle_recovered`] books it and settles.
//!
//! If the program dies between the two, the next [`Store::recover`] returns the same runs again: those whose cost has not been
//! written, or whose reservations are still open.

use std::collections::{BTreeMap, HashSet};

use roundtable_domain::{ConversationId, Cost, PicoUsd, RunId, RunState, UnixMs};
use sqlx::SqliteConnection;

use crate::Store;
use crate::attempts::{self, Attempt};
use crate::error::StoreError;
use crate::leases::{self, Lease, LeaseId};
use crate::ledger::{self, LedgerEntry};
use crate::reservations::{self, Reservation, Settle};
use crate::row::{Columns as _, json};
use crate::runs::{self, Run};

/// A run whose process died.
#[derive(Clone, Debug, PartialEq)]
pub struct InterruptedRun {
    /// The run, with all text that was checkpointed.
    pub run: Run,
    /// Its conversation.
    pub conversation_id: ConversationId,
    /// Its attempts, in order.
    pub attempts: Vec<Attempt>,
    /// Its reservations that are still open: to be settled with [`Store::settle_recovered`].
    pub reservations: Vec<Reservation>,
    /// What is booked of its calls: it counts into what the answer has cost.
    pub booked: Vec<LedgerEntry>,
}

/// What was found at start.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recovered {
    /// Interrupted answers, oldest first.
    pub runs: Vec<InterruptedRun>,
    /// Open reservations of dead processes whose run is gone with its conversation or had ended, and that paid for nothing: no call
    /// was made, or it is booked.
    pub stray_reservations: Vec<Reservation>,
    /// Those among them that were made for a call which nobody has booked: it may have been charged.
    pub lost_calls: Vec<Reservation>,
    /// Leases of processes that are gone, now removed.
    pub dead_leases: Vec<Lease>,
}

/// The books of one recovered run.
#[derive(Clone, Debug, PartialEq)]
pub struct RecoveredSettlement {
    /// The run whose cost to write; `None` for a stray reservation.
    pub run_id: Option<RunId>,
    /// What it cost, as far as that can be told; `None` counts as unknown.
    pub cost: Option<Cost>,
    /// The entries of attempts that are not booked yet.
    pub entries: Vec<LedgerEntry>,
    /// What becomes of its reservations.
    pub settle: Vec<Settle>,
}

impl Store {
    /// Marks the runs of dead processes as interrupted and returns what has to be settled.
    ///
    /// `is_lease_alive` is asked once per lease row; a run whose lease has no row belongs to nobody. It runs inside the
    /// write transaction, so it must be quick (try a file lock), and it must say `true` for this process's own lease.
    pub async fn recover(
        &self,
        now: UnixMs,
        is_lease_alive: impl Fn(&Lease) -> bool + Send,
    ) -> Result<Recovered, StoreError> {
        let mut tx = self.begin().await?;
        let (alive, dead): (Vec<_>, Vec<_>) =
            leases::list(&mut tx).await?.into_iter().partition(|lease| is_lease_alive(lease));
        let alive: HashSet<LeaseId> = alive.into_iter().map(|lease| lease.id).collect();
        for lease in &dead {
            leases::delete(&mut tx, &lease.id).await?;
        }
        let mut found: BTreeMap<RunId, Vec<Reservation>> = BTreeMap::new();
        interrupt_runs(&mut tx, &alive, now).await?;
        for run_id in unsettled_runs(&mut tx).await? {
            found.entry(run_id).or_default();
        }
        let open = reservations::open(&mut tx).await?;
        for reservation in open.into_iter().filter(|open| !alive.contains(&open.lease_id)) {
            found.entry(reservation.run_id).or_default().push(reservation);
        }
        let mut recovered = Recovered { dead_leases: dead, ..Recovered::default() };
        for (run_id, reservations) in found {
            match interrupted_run(&mut tx, run_id).await? {
                Some((run, conversation_id)) if run.state == RunState::Interrupted => {
                    let attempts = attempts::list(&mut tx, run_id).await?;
                    let booked = ledger::entries_of_run(&mut tx, run_id).await?;
                    let found = InterruptedRun { run, conversation_id, attempts, reservations, booked };
                    recovered.runs.push(found);
                }
                _ => {
                    for reservation in reservations {
                        let is_lost = ledger::is_unbooked(&mut tx, reservation.attempt_id).await?;
                        let found = if is_lost {
                            &mut recovered.lost_calls
                        } else {
                            &mut recovered.stray_reservations
                        };
                        found.push(reservation);
                    }
                }
            }
        }
        tx.commit().await?;
        Ok(recovered)
    }

    /// Books what recovered runs are estimated to have cost and settles their reservations, all in one transaction.
    pub async fn settle_recovered(&self, settlements: &[RecoveredSettlement]) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for settlement in settlements {
            for entry in &settlement.entries {
                ledger::insert(&mut tx, entry).await?;
            }
            for settle in &settlement.settle {
                reservations::settle(&mut tx, *settle).await?;
            }
            if let Some(run_id) = settlement.run_id {
                write_cost(&mut tx, run_id, settlement.cost.as_ref().unwrap_or(&Cost::unknown())).await?;
            }
        }
        tx.commit().await
    }
}

/// Marks runs in flight whose lease is not alive, folds their checkpoints into the row, and ends their open attempts.
async fn interrupt_runs(
    connection: &mut SqliteConnection,
    alive: &HashSet<LeaseId>,
    now: UnixMs,
) -> Result<(), StoreError> {
    let rows = sqlx::query(
        "SELECT id, lease_id FROM runs WHERE state IN ('connecting', 'preamble', 'committed') ORDER BY id",
    )
    .fetch_all(&mut *connection)
    .await?;
    for row in rows {
        let lease_id: LeaseId = row.parsed("lease_id")?;
        if alive.contains(&lease_id) {
            continue;
        }
        let id = row.text("id")?;
        sqlx::query(
            "UPDATE runs SET state = 'interrupted', finished_at = ?2, text_bytes = 0, reasoning_bytes = 0,
                    text = (SELECT a.text FROM answers a WHERE a.id = runs.id),
                    reasoning = (SELECT a.reasoning FROM answers a WHERE a.id = runs.id)
             WHERE id = ?1",
        )
        .bind(&id)
        .bind(now.0)
        .execute(&mut *connection)
        .await?;
        sqlx::query("DELETE FROM run_deltas WHERE run_id = ?1").bind(&id).execute(&mut *connection).await?;
        sqlx::query(
            "UPDATE attempts SET state = 'interrupted', ended_at = ?2
             WHERE run_id = ?1 AND state IN ('connecting', 'preamble', 'committed')",
        )
        .bind(&id)
        .bind(now.0)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Interrupted runs whose cost nobody has written yet.
async fn unsettled_runs(connection: &mut SqliteConnection) -> Result<Vec<RunId>, StoreError> {
    let rows = sqlx::query("SELECT id FROM runs WHERE state = 'interrupted' AND cost_known = 0 ORDER BY id")
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| row.parsed("id")).collect()
}

async fn interrupted_run(
    connection: &mut SqliteConnection,
    run_id: RunId,
) -> Result<Option<(Run, ConversationId)>, StoreError> {
    let row = sqlx::query(
        "SELECT a.*, t.conversation_id FROM answers a JOIN turns t ON t.id = a.turn_id WHERE a.id = ?1",
    )
    .bind(run_id.to_string())
    .fetch_optional(connection)
    .await?;
    row.map(|row| Ok((runs::read(&row)?, row.parsed("conversation_id")?))).transpose()
}

async fn write_cost(connection: &mut SqliteConnection, run_id: RunId, cost: &Cost) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE runs SET cost_known = 1, cost_pico = ?2, cost_exact = ?3, cost_at_least = ?4, cost_lines = ?5,
                provenance = ?6, price_date = ?7
         WHERE id = ?1 AND state = 'interrupted'",
    )
    .bind(run_id.to_string())
    .bind(cost.usd.map(PicoUsd::as_pico))
    .bind(&cost.usd_exact)
    .bind(cost.at_least)
    .bind(json(&cost.lines)?)
    .bind(cost.provenance.map(roundtable_domain::Provenance::as_str))
    .bind(&cost.price_date)
    .execute(connection)
    .await?;
    Ok(())
}
