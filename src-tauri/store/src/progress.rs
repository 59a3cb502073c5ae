//! A run's way through the database: begun, checkpointed, finished. Each step is one transaction.

mod answer;
mod checkpoint;

use std::slice::from_ref;

use roundtable_domain::{TurnId, UnixMs};

use crate::Store;
use crate::attempts::{self, EndedAttempt, NewAttempt};
use crate::budgets::{Admission, Cause};
use crate::calls::{self, Call};
use crate::draft_files;
use crate::error::StoreError;
use crate::ledger::{self, LedgerEntry};
use crate::reservations::{self, NewReservation, Settle};
use crate::runs::{self, NewRun, RunChange};
use crate::traces::{self, NewTrace};
use crate::turns::{self, Turn};

pub use answer::FinishedRun;
pub use checkpoint::RunCheckpoint;

/// A turn with everything that must stand in the database before the first byte is sent.
#[derive(Clone, Debug, PartialEq)]
pub struct NewTurn {
    /// The user's message.
    pub turn: Turn,
    /// Its answers to be, in the order of the lanes.
    pub runs: Vec<NewRun>,
    /// What is set aside for them.
    pub reservations: Vec<NewReservation>,
    /// Their first calls, paid for by these reservations: written here so that sending costs one sync of the disk, not two.
    pub attempts: Vec<NewAttempt>,
    /// Why they are asked of whom.
    pub traces: Vec<NewTrace>,
}

/// The next version of an answer, with everything that must stand in the database before the first byte is sent.
#[derive(Clone, Debug, PartialEq)]
pub struct NewRetry {
    /// The version.
    pub run: NewRun,
    /// What is set aside for its first call.
    pub reservation: Option<NewReservation>,
    /// Its first call.
    pub attempt: Option<NewAttempt>,
    /// Why it is asked of whom.
    pub trace: Option<NewTrace>,
}

/// What [`Store::finish_run`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FinishOutcome {
    /// The answer was written. `false`: its conversation was deleted meanwhile, or it was final already. The entry and
    /// the settlements are written all the same.
    pub run_written: bool,
    /// The entry is new. `false`: there was none to write, or the attempt was booked already.
    pub entry_written: bool,
}

impl Store {
    /// Writes a turn, its runs and its reservations, empties the conversation's draft, its files included, and touches the
    /// conversation. All of it or nothing: after this the prompt is safe, and money is set aside before anything is sent.
    /// [`StoreError::OverBudget`] when the reservations together do not fit into every budget.
    pub async fn begin_turn(&self, new: &NewTurn, admission: &Admission) -> Result<(), StoreError> {
        let parts = turns::prepare(&new.turn.parts)?;
        let mut tx = self.begin().await?;
        let touched = sqlx::query(
            "UPDATE conversations SET draft = '', updated_at = max(updated_at, ?2), archived_at = NULL WHERE id = ?1",
        )
        .bind(new.turn.conversation_id.to_string())
        .bind(new.turn.created_at.0)
        .execute(&mut *tx)
        .await?;
        if touched.rows_affected() == 0 {
            return Err(StoreError::not_found("conversation", new.turn.conversation_id));
        }
        draft_files::clear(&mut tx, new.turn.conversation_id).await?;
        turns::insert(&mut tx, &new.turn, &parts).await?;
        runs::insert(&mut tx, &new.runs, Some(0..)).await?;
        let cause = Cause { turn_id: Some(new.turn.id), run_id: None };
        let reservations: Vec<_> = new.reservations.iter().collect();
        reservations::set_aside(&mut tx, &reservations, &new.attempts, admission, cause).await?;
        insert_attempts(&mut tx, &new.attempts, &reservations).await?;
        traces::write(&mut tx, &new.traces).await?;
        tx.commit().await
    }

    /// Begins the next version of a lane's answer to a turn that exists, and returns its number. Earlier versions stay.
    /// [`StoreError::OverBudget`] when its reservation does not fit into every budget.
    pub async fn begin_retry(&self, new: &NewRetry, admission: &Admission) -> Result<u32, StoreError> {
        let NewRetry { run, reservation, attempt, trace } = new;
        let mut tx = self.begin().await?;
        touch_conversation_of(&mut tx, run.turn_id, run.started_at).await?;
        let versions = runs::insert(&mut tx, from_ref(run), None).await?;
        let cause = Cause { turn_id: Some(run.turn_id), run_id: Some(run.id) };
        let reservations: Vec<_> = reservation.iter().collect();
        reservations::set_aside(&mut tx, &reservations, attempt.as_slice(), admission, cause).await?;
        insert_attempts(&mut tx, attempt.as_slice(), &reservations).await?;
        traces::write(&mut tx, trace.as_slice()).await?;
        tx.commit().await?;
        versions.first().copied().ok_or_else(|| StoreError::not_found("turn", run.turn_id))
    }

    /// Writes that a further call is about to be made, what is set aside for it and what it changes of its run. Returns its
    /// ordinal, from 1. [`StoreError::OverBudget`] when the reservation does not fit into every budget.
    pub async fn begin_attempt(
        &self,
        new: &NewAttempt,
        reservation: Option<&NewReservation>,
        change: Option<&RunChange>,
        admission: &Admission,
    ) -> Result<u32, StoreError> {
        let mut tx = self.begin().await?;
        let cause = Cause { turn_id: None, run_id: Some(new.run_id) };
        let reservations: Vec<_> = reservation.into_iter().collect();
        reservations::set_aside(&mut tx, &reservations, from_ref(new), admission, cause).await?;
        if let Some(change) = change {
            runs::change(&mut tx, new.run_id, (&new.provider, &new.model_requested), change).await?;
        }
        let ordinals = insert_attempts(&mut tx, from_ref(new), &reservations).await?;
        tx.commit().await?;
        ordinals.first().copied().ok_or_else(|| StoreError::not_found("answer", new.run_id))
    }

    /// Ends an attempt that is not the run's last: its row, its entry if it is charged, what statistics keep of it, its settlement.
    pub async fn end_attempt(
        &self,
        ended: &EndedAttempt,
        entry: Option<&LedgerEntry>,
        call: Option<&Call>,
        settle: Option<Settle>,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        attempts::end(&mut tx, ended).await?;
        if let Some(entry) = entry {
            ledger::insert(&mut tx, entry).await?;
        }
        if let Some(call) = call {
            calls::insert(&mut tx, call).await?;
        }
        if let Some(settle) = settle {
            reservations::settle(&mut tx, settle).await?;
        }
        tx.commit().await
    }

    /// Books a call that belongs to no run, or none when it was not charged, and settles what was set aside for it.
    pub async fn book_call(&self, entry: Option<&LedgerEntry>, settle: Settle) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        if let Some(entry) = entry {
            ledger::insert(&mut tx, entry).await?;
        }
        reservations::settle(&mut tx, settle).await?;
        tx.commit().await
    }

    /// Saves what is new of many runs in one transaction: one sync of the disk per tick, whatever the number of lanes.
    ///
    /// New text is appended (`run_deltas`), never rewritten, so a tick costs what it adds. A checkpoint that does not
    /// continue exactly what is stored fails the whole tick with [`StoreError::CheckpointGap`], and nothing is written. A
    /// tick whose outcome is not known (an error at commit) may be repeated: if it had been written, the gap error says how
    /// far. Runs that are final or deleted are passed over.
    pub async fn checkpoint_runs(&self, checkpoints: &[RunCheckpoint]) -> Result<(), StoreError> {
        if checkpoints.is_empty() {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        for checkpoint in checkpoints {
            checkpoint::write(&mut tx, checkpoint).await?;
        }
        tx.commit().await
    }

    /// Ends a run: the answer, its last attempt, the entry and the settlements, all in one transaction.
    ///
    /// Repeating it changes nothing: a final answer is not overwritten (one that another process took for interrupted is),
    /// an (attempt, kind) is booked once, a reservation is settled once. If the conversation was deleted meanwhile, the
    /// books are written all the same.
    pub async fn finish_run(&self, finished: &FinishedRun) -> Result<FinishOutcome, StoreError> {
        let mut tx = self.begin().await?;
        let run_written = answer::write(&mut tx, finished).await?;
        if let Some(attempt) = &finished.attempt {
            attempts::end(&mut tx, attempt).await?;
        }
        let entry_written = match &finished.entry {
            Some(entry) => ledger::insert(&mut tx, entry).await?,
            None => false,
        };
        if let Some(call) = &finished.call {
            calls::insert(&mut tx, call).await?;
        }
        for settle in &finished.settle {
            reservations::settle(&mut tx, *settle).await?;
        }
        if let Some(trace) = finished.trace.clone() {
            traces::write(&mut tx, &[NewTrace { run_id: finished.run_id, trace }]).await?;
        }
        tx.commit().await?;
        Ok(FinishOutcome { run_written, entry_written })
    }
}

/// Writes calls. `reserved`: what was set aside for them in this transaction, and knows of them.
async fn insert_attempts(
    connection: &mut sqlx::SqliteConnection,
    new: &[NewAttempt],
    reserved: &[&NewReservation],
) -> Result<Vec<u32>, StoreError> {
    let ordinals = attempts::insert(connection, new).await?;
    if let (Some(attempt), true) = (new.first(), ordinals.len() < new.len()) {
        return Err(StoreError::not_found("answer", attempt.run_id));
    }
    for attempt in new {
        let before = attempt.reservation_id.filter(|id| reserved.iter().all(|made| made.id != *id));
        if let Some(reservation) = before {
            reservations::bind_attempt(connection, reservation, attempt.id).await?;
        }
    }
    Ok(ordinals)
}

async fn touch_conversation_of(
    connection: &mut sqlx::SqliteConnection,
    turn_id: TurnId,
    at: UnixMs,
) -> Result<(), StoreError> {
    let touched = sqlx::query(
        "UPDATE conversations SET updated_at = max(updated_at, ?2)
         WHERE id = (SELECT conversation_id FROM turns WHERE id = ?1)",
    )
    .bind(turn_id.to_string())
    .bind(at.0)
    .execute(connection)
    .await?;
    if touched.rows_affected() == 0 {
        return Err(StoreError::not_found("turn", turn_id));
    }
    Ok(())
}
