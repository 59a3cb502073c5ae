//! Reservations: money set aside before a call, and what became of it.

use roundtable_domain::{AttemptId, PicoUsd, ReservationId, RunId, UnixMs};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, SqliteConnection};

use crate::Store;
use crate::attempts::NewAttempt;
use crate::budgets::{self, Admission, Cause, SpentOn};
use crate::error::StoreError;
use crate::leases::LeaseId;
use crate::row::Columns as _;

/// What became of a reservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Settlement {
    /// The call was charged: an entry stands in the ledger.
    Settled,
    /// Nothing was sent, or nothing is charged.
    Released,
    /// Its owner died; an estimate stands in the ledger.
    Recovered,
}

impl Settlement {
    /// The word used in JSON and SQL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Settled => "settled",
            Self::Released => "released",
            Self::Recovered => "recovered",
        }
    }
}

/// Money set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// Which.
    pub id: ReservationId,
    /// The run it pays for.
    pub run_id: RunId,
    /// The attempt it pays for, once there is one.
    pub attempt_id: Option<AttemptId>,
    /// How much; `None` for an unpriced model.
    pub amount: Option<PicoUsd>,
    /// What it was set aside for; `None`: by a program that did not write it down yet.
    pub spent_on: Option<SpentOn>,
    /// Invented money.
    pub simulated: bool,
    /// The process that made it.
    pub lease_id: LeaseId,
    /// When it was made.
    pub created_at: UnixMs,
    /// When it was settled; `None` while it is open.
    pub settled_at: Option<UnixMs>,
    /// What became of it.
    pub settlement: Option<Settlement>,
}

/// Money to set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewReservation {
    /// Which.
    pub id: ReservationId,
    /// The run it pays for.
    pub run_id: RunId,
    /// How much; `None` for an unpriced model.
    pub amount: Option<PicoUsd>,
    /// What it is set aside for.
    pub spent_on: SpentOn,
    /// Invented money.
    pub simulated: bool,
    /// This process.
    pub lease_id: LeaseId,
    /// Now.
    pub created_at: UnixMs,
}

/// The end of a reservation. The first one counts; repeating it changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settle {
    /// Which.
    pub reservation_id: ReservationId,
    /// How.
    pub settlement: Settlement,
    /// Now.
    pub at: UnixMs,
}

/// The reservations room. Get it from [`Store::reservations`].
#[derive(Clone, Copy, Debug)]
pub struct Reservations<'s>(pub(crate) &'s Store);

impl Reservations<'_> {
    /// Sets money aside on its own, for a call that belongs to no turn. [`StoreError::OverBudget`] when it does not fit.
    /// `call`: the attempt it pays for, so that recovery books it when this process dies meanwhile.
    pub async fn reserve(
        self,
        new: &NewReservation,
        call: Option<AttemptId>,
        admission: &Admission,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.begin().await?;
        let cause = Cause { turn_id: None, run_id: Some(new.run_id) };
        set_aside(&mut tx, &[new], &[], admission, cause).await?;
        if let Some(call) = call {
            bind_attempt(&mut tx, new.id, call).await?;
        }
        tx.commit().await
    }

    /// Ends a reservation on its own, for instance when nothing was sent.
    pub async fn settle(self, settle: Settle) -> Result<(), StoreError> {
        let mut tx = self.0.begin().await?;
        self::settle(&mut tx, settle).await?;
        tx.commit().await
    }

    /// All reservations of a run, oldest first.
    pub async fn list(self, run_id: RunId) -> Result<Vec<Reservation>, StoreError> {
        let rows = sqlx::query("SELECT * FROM reservations WHERE run_id = ?1 ORDER BY created_at, id")
            .bind(run_id.to_string())
            .fetch_all(&self.0.readers)
            .await?;
        rows.iter().map(read).collect()
    }

    /// Everything set aside and not yet settled, oldest first.
    pub async fn open(self) -> Result<Vec<Reservation>, StoreError> {
        open(&mut *self.0.readers.acquire().await?).await
    }
}

/// Sets money aside for all of these, where every budget in force allows it. `calls`: those of them that pay for a call which is
/// written in the same transaction know it from the beginning.
pub(crate) async fn set_aside(
    connection: &mut SqliteConnection,
    new: &[&NewReservation],
    calls: &[NewAttempt],
    admission: &Admission,
    cause: Cause,
) -> Result<(), StoreError> {
    if new.is_empty() {
        return Ok(());
    }
    insert(connection, new, calls).await?;
    budgets::admit(connection, new, admission, cause).await
}

/// One statement for all: each is a hop to the database's thread and back.
async fn insert(
    connection: &mut SqliteConnection,
    new: &[&NewReservation],
    calls: &[NewAttempt],
) -> Result<(), StoreError> {
    let mut statement = QueryBuilder::new(
        "INSERT INTO reservations (id, run_id, attempt_id, amount_pico, simulated, lease_id, created_at, provider,
                                   model_requested, key_id, conversation_id, source, folder, tags)
         SELECT v.column1, v.column2, v.column3, v.column4, v.column5, v.column6, v.column7, v.column8, v.column9,
                v.column10, v.column11, v.column12, c.folder, coalesce(c.tags, '[]')
         FROM (",
    );
    statement.push_values(new, |mut row, new| {
        let call = calls.iter().find(|call| call.reservation_id == Some(new.id));
        row.push_bind(new.id.to_string())
            .push_bind(new.run_id.to_string())
            .push_bind(call.map(|call| call.id.to_string()))
            .push_bind(new.amount.map(PicoUsd::as_pico))
            .push_bind(new.simulated)
            .push_bind(new.lease_id.as_str().to_owned())
            .push_bind(new.created_at.0)
            .push_bind(new.spent_on.provider.clone())
            .push_bind(new.spent_on.model.clone())
            .push_bind(new.spent_on.key_id.map(|id| id.to_string()))
            .push_bind(new.spent_on.conversation_id.map(|id| id.to_string()))
            .push_bind(new.spent_on.source.as_str());
    });
    statement.push(") v LEFT JOIN conversations c ON c.id = v.column11");
    statement.build().execute(connection).await?;
    Ok(())
}

pub(crate) async fn bind_attempt(
    connection: &mut SqliteConnection,
    id: ReservationId,
    attempt_id: AttemptId,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE reservations SET attempt_id = ?2 WHERE id = ?1 AND settled_at IS NULL")
        .bind(id.to_string())
        .bind(attempt_id.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) async fn settle(connection: &mut SqliteConnection, settle: Settle) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE reservations SET settled_at = ?2, settlement = ?3 WHERE id = ?1 AND settled_at IS NULL",
    )
    .bind(settle.reservation_id.to_string())
    .bind(settle.at.0)
    .bind(settle.settlement.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn open(connection: &mut SqliteConnection) -> Result<Vec<Reservation>, StoreError> {
    let rows = sqlx::query("SELECT * FROM reservations WHERE settled_at IS NULL ORDER BY created_at, id")
        .fetch_all(connection)
        .await?;
    rows.iter().map(read).collect()
}

fn read(row: &SqliteRow) -> Result<Reservation, StoreError> {
    Ok(Reservation {
        id: row.parsed("id")?,
        run_id: row.parsed("run_id")?,
        attempt_id: row.opt_parsed("attempt_id")?,
        amount: row.opt_money("amount_pico")?,
        spent_on: spent_on(row)?,
        simulated: row.flag("simulated")?,
        lease_id: row.parsed("lease_id")?,
        created_at: row.time("created_at")?,
        settled_at: row.opt_time("settled_at")?,
        settlement: row.opt_word("settlement")?,
    })
}

fn spent_on(row: &SqliteRow) -> Result<Option<SpentOn>, StoreError> {
    let (provider, model) = (row.opt_text("provider")?, row.opt_text("model_requested")?);
    let Some((provider, model)) = provider.zip(model) else { return Ok(None) };
    Ok(Some(SpentOn {
        provider,
        model,
        key_id: row.opt_parsed("key_id")?,
        conversation_id: row.opt_parsed("conversation_id")?,
        source: row.word("source")?,
    }))
}
