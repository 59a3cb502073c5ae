//! Steps of budgets. What budgets have spent says which are reached, so that none is missed: whoever booked, and however long
//! nobody looked.

use std::collections::HashMap;

use roundtable_domain::{BudgetId, PicoUsd, UnixMs};
use roundtable_ledger::budget::{compute_left, reached_steps, steps_of as steps_to_tell};
use roundtable_store::{Budget, BudgetRow, BudgetStanding, NewAlert, OnlyIf, ReachedStep};

use super::{Draft, sayings};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{AlertKind, AlertLevel};

/// Windows that were over longer ago are not looked at any more.
const OVER_FOR_MS: i64 = 35 * 24 * 60 * 60 * 1_000;

/// From here on the limit is reached.
pub(super) const FULL_PERCENT: u16 = 100;

impl Engine {
    /// Steps that were reached and that nobody has told of.
    pub(super) async fn reached_steps(&self) -> Result<Vec<NewAlert>, EngineError> {
        let rows = self.budgets_now().await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let now = self.inner.clock.now();
        let since = UnixMs(now.0.saturating_sub(OVER_FOR_MS));
        let standings = self.inner.store.budgets().standings(since).await?;
        let by_id: HashMap<BudgetId, &BudgetRow> = rows.iter().map(|row| (row.budget.id, row)).collect();
        let news = standings.iter().filter_map(|standing| {
            let row = by_id.get(&standing.budget_id)?;
            Some(steps_of(row, standing, now))
        });
        Ok(news.flatten().map(|draft| self.alert_of(draft)).collect())
    }
}

/// What a step is told by: with another limit the same step is another one.
pub(super) fn key(budget: &Budget, percent: u16, bucket: UnixMs) -> String {
    format!("{}:{percent}:{}:{}", budget.id, bucket.0, budget.limit.as_pico())
}

/// The steps of one window. When several are reached at once, the highest is the news.
fn steps_of(row: &BudgetRow, standing: &BudgetStanding, now: UnixMs) -> Vec<Draft> {
    let budget = &row.budget;
    // One that only warns and was kept without its limit among its steps warns all the same.
    let percents = steps_to_tell(budget.on_limit, budget.alert_percents.clone());
    let reached: Vec<u16> = reached_steps(budget.limit, standing.spent, &percents).collect();
    let highest = reached.iter().copied().max();
    let new = reached.iter().copied().filter(|percent| !standing.noted.contains(percent));
    new.map(|percent| {
        let full = percent >= FULL_PERCENT;
        let body = if standing.over_at.is_some() {
            sayings::budget_over(standing.spent, budget.limit)
        } else {
            let left = compute_left(budget.limit, standing.spent, PicoUsd::ZERO);
            sayings::budget_step_body(standing.spent, budget.limit, left, full.then_some(budget.on_limit))
        };
        let step = ReachedStep {
            budget_id: budget.id,
            percent,
            bucket: standing.bucket,
            counts_from: standing.counts_from,
            over: standing.over_at.is_some(),
        };
        Draft {
            key: key(budget, percent, standing.bucket),
            kind: AlertKind::BudgetStep,
            level: if full && budget.on_limit.refuses() && standing.over_at.is_none() {
                AlertLevel::Critical
            } else {
                AlertLevel::Warning
            },
            at: standing.over_at.map_or(now, |over| over.min(now)),
            subject: budget.id.to_string(),
            title: sayings::budget_step(&budget.name, percent),
            body,
            seen: Some(percent) != highest,
            simulated: budget.simulated,
            only_if: OnlyIf::Step(step),
        }
    })
    .collect()
}
