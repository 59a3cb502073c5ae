//! A budget's row, read and written, with its balance.

use roundtable_domain::budget::{OnLimit, Period, Scope, Window};
use roundtable_domain::{BudgetId, PicoUsd, UnixMs};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::{NEVER, booked, counts};
use crate::error::StoreError;
use crate::row::{Columns as _, json};

/// A budget as it is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Which.
    pub id: BudgetId,
    /// Its name for people; not empty.
    pub name: String,
    /// What it counts.
    pub scope: Scope,
    /// For how long.
    pub period: Period,
    /// How much; more than zero.
    pub limit: PicoUsd,
    /// At how many per cent of the limit there is an alert, ascending.
    pub alert_percents: Vec<u16>,
    /// What happens at the end.
    pub on_limit: OnLimit,
    /// Where [`OnLimit::Cheaper`] goes, best first.
    pub cheaper_targets: Vec<String>,
    /// Models without a price that may be asked under it, as `provider/model`.
    pub unpriced_allowed: Vec<String>,
    /// Counts invented money, and nothing else.
    pub simulated: bool,
    /// Out of force. It goes on counting.
    pub paused: bool,
}

impl Budget {
    /// Whether the other one counts the same entries, as far as that does not depend on the period.
    pub(super) fn counts_like(&self, other: &Self) -> bool {
        self.scope == other.scope && self.simulated == other.simulated
    }
}

/// A budget with its balance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetRow {
    /// As it is written down.
    pub budget: Budget,
    /// The window that is open.
    pub window: Window,
    /// Booked in the windows that count; one in credit counts as empty, also among others.
    pub settled: PicoUsd,
    /// Set aside for calls under way.
    pub reserved: PicoUsd,
    /// Calls booked in the windows that count.
    pub calls: u64,
    /// Those among them whose cost is unknown.
    pub unpriced_calls: u64,
    /// What was sent beyond the limit in the windows that count, because somebody said so: worst cases.
    pub overridden: PicoUsd,
    /// How often something was sent against it because somebody said so, ever.
    pub overrides: u32,
    /// The highest step of the alert that has been raised in the windows that count.
    pub alerted_percent: Option<u16>,
    /// When it was made.
    pub created_at: UnixMs,
    /// When it was last changed.
    pub updated_at: UnixMs,
}

impl BudgetRow {
    /// Pico-dollars spent and set aside, as admission counts them.
    pub fn used(&self) -> i128 {
        i128::from(self.settled.as_pico()) + i128::from(self.reserved.as_pico())
    }

    /// What is left; nothing when more is spent and set aside than the limit.
    pub fn left(&self) -> PicoUsd {
        let left = (i128::from(self.budget.limit.as_pico()) - self.used()).max(0);
        PicoUsd::from_pico_i128(left).unwrap_or(self.budget.limit)
    }
}

macro_rules! budgets_with_balance {
    ($where:literal) => {
        concat!(
            "SELECT b.*, k.ends_at AS ends_at, s.spent_pico, s.calls, s.unpriced_calls,
                    (SELECT coalesce(sum(r.amount_pico), 0) FROM reservations r INDEXED BY reservations_open
                     WHERE r.settled_at IS NULL AND ", counts!("r"), ") AS reserved_pico,
                    (SELECT coalesce(sum(o.over_pico), 0) FROM budget_overrides o
                     WHERE o.budget_id = b.id AND o.bucket >= b.counts_from) AS overridden_pico,
                    (SELECT count(*) FROM budget_overrides o WHERE o.budget_id = b.id) AS overrides,
                    (SELECT max(a.percent) FROM budget_alerts a
                     WHERE a.budget_id = b.id AND a.bucket >= b.counts_from) AS alerted_percent
             FROM budgets b
             JOIN budget_buckets k ON k.budget_id = b.id AND k.starts_at = b.bucket
             JOIN (SELECT c.id, ", booked!("d"), " AS spent_pico, sum(d.calls) AS calls,
                          sum(d.unpriced_calls) AS unpriced_calls
                   FROM budgets c JOIN budget_buckets d ON d.budget_id = c.id AND d.ends_at > c.counts_from
                   GROUP BY c.id) s ON s.id = b.id ",
            $where
        )
    };
}

pub(super) async fn list(connection: &mut SqliteConnection) -> Result<Vec<BudgetRow>, StoreError> {
    let rows =
        sqlx::query(budgets_with_balance!("ORDER BY b.created_at, b.id")).fetch_all(connection).await?;
    rows.iter().map(read).collect()
}

pub(super) async fn find(
    connection: &mut SqliteConnection,
    id: BudgetId,
) -> Result<Option<BudgetRow>, StoreError> {
    let row = sqlx::query(budgets_with_balance!("WHERE b.id = ?1"))
        .bind(id.to_string())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(read).transpose()
}

/// Writes what a budget is. Which window is open is left alone where there is one.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    budget: &Budget,
    open: &Window,
    at: UnixMs,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO budgets (id, name, scope, scope_name, period, period_days, limit_pico, alert_percents, on_limit,
                cheaper_targets, unpriced_allowed, simulated, paused, bucket, counts_from, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?16)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, scope = excluded.scope, scope_name = excluded.scope_name,
                period = excluded.period, period_days = excluded.period_days, limit_pico = excluded.limit_pico,
                alert_percents = excluded.alert_percents, on_limit = excluded.on_limit,
                cheaper_targets = excluded.cheaper_targets, unpriced_allowed = excluded.unpriced_allowed,
                simulated = excluded.simulated, paused = excluded.paused,
                updated_at = max(updated_at, excluded.updated_at)",
    )
    .bind(budget.id.to_string())
    .bind(&budget.name)
    .bind(budget.scope.kind())
    .bind(budget.scope.name())
    .bind(budget.period.kind())
    .bind(budget.period.days())
    .bind(budget.limit.as_pico())
    .bind(json(&budget.alert_percents)?)
    .bind(budget.on_limit.as_str())
    .bind(json(&budget.cheaper_targets)?)
    .bind(json(&budget.unpriced_allowed)?)
    .bind(budget.simulated)
    .bind(budget.paused)
    .bind(open.starts_at.0)
    .bind(open.counts_from.0)
    .bind(at.0)
    .execute(connection)
    .await?;
    Ok(())
}

fn read(row: &SqliteRow) -> Result<BudgetRow, StoreError> {
    Ok(BudgetRow {
        budget: read_budget(row)?,
        window: read_window(row)?,
        settled: row.money("spent_pico")?,
        reserved: row.money("reserved_pico")?,
        calls: row.opt_u64("calls")?.unwrap_or(0),
        unpriced_calls: row.opt_u64("unpriced_calls")?.unwrap_or(0),
        overridden: row.money("overridden_pico")?,
        overrides: row.count("overrides")?,
        alerted_percent: small(row, "alerted_percent")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}

fn read_budget(row: &SqliteRow) -> Result<Budget, StoreError> {
    let scope = Scope::from_words(&row.text("scope")?, row.opt_text("scope_name")?.as_deref())
        .map_err(|error| StoreError::unreadable("scope", error))?;
    let period = row.text("period")?;
    let period = Period::from_words(&period, small(row, "period_days")?)
        .ok_or_else(|| StoreError::unreadable("period", period))?;
    Ok(Budget {
        id: row.parsed("id")?,
        name: row.text("name")?,
        scope,
        period,
        limit: row.money("limit_pico")?,
        alert_percents: row.json("alert_percents")?,
        on_limit: row.word("on_limit")?,
        cheaper_targets: row.json("cheaper_targets")?,
        unpriced_allowed: row.json("unpriced_allowed")?,
        simulated: row.flag("simulated")?,
        paused: row.flag("paused")?,
    })
}

/// The window that is open; its columns are `bucket`, `ends_at` and `counts_from`.
pub(super) fn read_window(row: &SqliteRow) -> Result<Window, StoreError> {
    Ok(Window {
        starts_at: row.time("bucket")?,
        ends_at: Some(row.time("ends_at")?).filter(|at| at.0 != NEVER),
        counts_from: row.time("counts_from")?,
    })
}

fn small(row: &SqliteRow, column: &str) -> Result<Option<u16>, StoreError> {
    row.opt_int(column)?
        .map(|number| u16::try_from(number).map_err(|error| StoreError::unreadable(column, error)))
        .transpose()
}
