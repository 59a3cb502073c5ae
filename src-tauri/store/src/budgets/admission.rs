//! Admission: whether money may be set aside, decided in the transaction that sets it aside.
//!
//! The new reservations are inserted first and looked at together with all the others that are open; when they do not fit, the
//! transaction is dropped and nothing has happened.

use std::fmt;

use roundtable_domain::budget::{OnLimit, SpendFacts};
use roundtable_domain::{BudgetId, ConversationId, KeyId, PicoUsd, RunId, TurnId, UnixMs};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::alerts::{self, BudgetOverride, OverrideWhy};
use super::{NEVER, booked, counts};
use crate::error::StoreError;
use crate::ledger::Source;
use crate::reservations::NewReservation;
use crate::row::{Columns as _, json};

/// What money is set aside for: what budgets look at. Folder and tags are those of the conversation at that moment; the store
/// looks them up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpentOn {
    /// The provider's slug.
    pub provider: String,
    /// The model asked for there.
    pub model: String,
    /// The key that will be used; `None` for one from the environment, or none.
    pub key_id: Option<KeyId>,
    /// The conversation it is for.
    pub conversation_id: Option<ConversationId>,
    /// What the call is made for.
    pub source: Source,
}

impl SpentOn {
    /// The same in the words of [`roundtable_domain::budget::Scope::counts`].
    pub fn facts<'a>(&'a self, folder: Option<&'a str>, tags: &'a [String]) -> SpendFacts<'a> {
        SpendFacts {
            provider: &self.provider,
            model: &self.model,
            key_id: self.key_id,
            conversation_id: self.conversation_id,
            folder,
            tags,
            source: self.source.as_str(),
        }
    }
}

/// What somebody has decided about the money of a call. The default leaves everything to the budgets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Admission {
    /// Budgets that may be exceeded this once. Where one would have refused, it is recorded.
    pub overrides: Vec<BudgetId>,
    /// Models without a price may be asked this once. Where a budget would have refused, it is recorded.
    pub allow_unpriced: bool,
}

/// A budget and what new reservations ask of it. Indices are those of the reservations in the order they were given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortfall {
    /// Which budget.
    pub budget_id: BudgetId,
    /// Its name.
    pub name: String,
    /// What it does at the end.
    pub on_limit: OnLimit,
    /// How much it allows.
    pub limit: PicoUsd,
    /// Booked in the windows that count. A window in credit counts as empty: what is set aside may outlive it, and would then be more than
    /// the limit.
    pub settled: PicoUsd,
    /// Set aside for other calls.
    pub reserved: PicoUsd,
    /// The new reservations it counts, together.
    pub needed: PicoUsd,
    /// Which of the new reservations it counts.
    pub counted: Vec<usize>,
    /// Those among them without a price that it does not allow.
    pub unpriced: Vec<usize>,
    /// When its window ends.
    pub ends_at: Option<UnixMs>,
}

impl Shortfall {
    /// How much is missing; zero where it fits.
    pub fn missing(&self) -> PicoUsd {
        let sum =
            [self.settled, self.reserved, self.needed].into_iter().map(|part| i128::from(part.as_pico()));
        let missing = sum.sum::<i128>() - i128::from(self.limit.as_pico());
        // A call that costs nothing is not kept from a budget that is spent.
        let missing = if self.needed == PicoUsd::ZERO { 0 } else { missing.max(0) };
        PicoUsd::from_pico_i128(missing).unwrap_or(PicoUsd::from_pico(i64::MAX))
    }

    /// What is left before the new reservations; nothing when the limit is exceeded already.
    pub fn left(&self) -> PicoUsd {
        let used = i128::from(self.settled.as_pico()) + i128::from(self.reserved.as_pico());
        let left = (i128::from(self.limit.as_pico()) - used).max(0);
        PicoUsd::from_pico_i128(left).unwrap_or(self.limit)
    }
}

/// Why nothing was set aside, and nothing written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverBudget {
    /// The budgets in the way, the one that misses most first.
    pub budgets: Vec<Shortfall>,
    /// The other budgets in force that count some of it and would refuse: whatever is sent instead has to fit into them too.
    pub others: Vec<Shortfall>,
}

impl fmt::Display for OverBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this does not fit into ")?;
        for (index, shortfall) in self.budgets.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}the budget \"{}\"", shortfall.name)?;
            if shortfall.missing() > PicoUsd::ZERO {
                write!(
                    f,
                    " (${} is left of ${}, ${} is needed at worst)",
                    shortfall.left(),
                    shortfall.limit,
                    shortfall.needed
                )?;
            } else {
                f.write_str(" (a model without a price needs consent)")?;
            }
        }
        f.write_str("; nothing was sent")
    }
}

/// What the reservations belong to, for the record of an override.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cause {
    pub(crate) turn_id: Option<TurnId>,
    pub(crate) run_id: Option<RunId>,
}

/// Looks whether reservations that have just been inserted fit into every budget in force. Records what is sent against one.
pub(crate) async fn admit(
    connection: &mut SqliteConnection,
    new: &[&NewReservation],
    admission: &Admission,
    cause: Cause,
) -> Result<(), StoreError> {
    let Some(first) = new.first() else { return Ok(()) };
    let asked = asked(connection, new).await?;
    let mut over = OverBudget { budgets: Vec::new(), others: Vec::new() };
    let mut consents = Vec::new();
    for (bucket, shortfall) in asked {
        let exceeds = shortfall.missing() > PicoUsd::ZERO;
        let refused = (exceeds && !admission.overrides.contains(&shortfall.budget_id))
            || (!shortfall.unpriced.is_empty() && !admission.allow_unpriced);
        if refused {
            over.budgets.push(shortfall);
            continue;
        }
        let consent = |why, over, unpriced_calls| BudgetOverride {
            budget_id: shortfall.budget_id,
            why,
            over,
            unpriced_calls,
            turn_id: cause.turn_id,
            run_id: cause.run_id,
            lease_id: first.lease_id.clone(),
            at: first.created_at,
        };
        if exceeds {
            let beyond = shortfall.missing().min(shortfall.needed);
            consents.push((bucket, consent(OverrideWhy::Limit, beyond, 0)));
        }
        if !shortfall.unpriced.is_empty() {
            let calls = u32::try_from(shortfall.unpriced.len()).unwrap_or(u32::MAX);
            consents.push((bucket, consent(OverrideWhy::Unpriced, PicoUsd::ZERO, calls)));
        }
        over.others.push(shortfall);
    }
    if !over.budgets.is_empty() {
        over.budgets.sort_by_key(|shortfall| std::cmp::Reverse(shortfall.missing()));
        return Err(StoreError::OverBudget(Box::new(over)));
    }
    for (bucket, consent) in &consents {
        alerts::record(connection, *bucket, consent).await?;
    }
    Ok(())
}

/// Every budget in force that refuses and counts some of the new reservations, with the bucket that is open.
async fn asked(
    connection: &mut SqliteConnection,
    new: &[&NewReservation],
) -> Result<Vec<(UnixMs, Shortfall)>, StoreError> {
    let ids: Vec<String> = new.iter().map(|one| one.id.to_string()).collect();
    let rows = sqlx::query(concat!(
        "WITH new AS MATERIALIZED (SELECT value AS id FROM json_each(?1))
         SELECT b.id, b.name, b.on_limit, b.limit_pico, b.bucket, b.unpriced_allowed,
                (SELECT k.ends_at FROM budget_buckets k WHERE k.budget_id = b.id AND k.starts_at = b.bucket) AS ends_at,
                (SELECT ",
        booked!("k"),
        " FROM budget_buckets k
                 WHERE k.budget_id = b.id AND k.ends_at > b.counts_from) AS settled_pico,
                coalesce(sum(r.amount_pico) FILTER (WHERE r.id NOT IN new), 0) AS reserved_pico,
                coalesce(sum(r.amount_pico) FILTER (WHERE r.id IN new), 0) AS needed_pico,
                json_group_array(r.id) FILTER (WHERE r.id IN new) AS counted
         FROM budgets b JOIN reservations r INDEXED BY reservations_open ON r.settled_at IS NULL AND ",
        counts!("r"),
        " WHERE b.paused = 0 AND b.on_limit <> 'warn'
         GROUP BY b.id HAVING count(*) FILTER (WHERE r.id IN new) > 0
         ORDER BY b.created_at, b.id"
    ))
    .bind(json(&ids)?)
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| read(row, new, &ids)).collect()
}

fn read(row: &SqliteRow, new: &[&NewReservation], ids: &[String]) -> Result<(UnixMs, Shortfall), StoreError> {
    let counted: Vec<String> = row.json("counted")?;
    let allowed: Vec<String> = row.json("unpriced_allowed")?;
    let counted: Vec<usize> =
        (0..ids.len()).filter(|index| ids.get(*index).is_some_and(|id| counted.contains(id))).collect();
    let is_refused = |reservation: &NewReservation| {
        let spent_on = &reservation.spent_on;
        reservation.amount.is_none()
            && !allowed.contains(&format!("{}/{}", spent_on.provider, spent_on.model))
    };
    let unpriced =
        counted.iter().copied().filter(|index| new.get(*index).is_some_and(|one| is_refused(one))).collect();
    let shortfall = Shortfall {
        budget_id: row.parsed("id")?,
        name: row.text("name")?,
        on_limit: row.word("on_limit")?,
        limit: row.money("limit_pico")?,
        settled: row.money("settled_pico")?,
        reserved: row.money("reserved_pico")?,
        needed: row.money("needed_pico")?,
        counted,
        unpriced,
        ends_at: Some(row.time("ends_at")?).filter(|at| at.0 != NEVER),
    };
    Ok((row.time("bucket")?, shortfall))
}
