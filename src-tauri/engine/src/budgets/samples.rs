//! Budgets for tests.

use roundtable_domain::budget::{OnLimit, Period, Scope, Window};
use roundtable_domain::{BudgetId, PicoUsd, UnixMs};
use roundtable_store::{Budget, BudgetRow};
use uuid::Uuid;

pub(super) fn usd(text: &str) -> PicoUsd {
    text.parse().unwrap()
}

/// A budget that stops, with what is booked and what is set aside.
pub(super) fn budget(name: &str, scope: Scope, limit: &str, (settled, reserved): (&str, &str)) -> BudgetRow {
    let id = name.bytes().fold(0_u128, |id, byte| id * 256 + u128::from(byte));
    BudgetRow {
        budget: Budget {
            id: BudgetId::from_uuid(Uuid::from_u128(id)),
            name: name.to_owned(),
            scope,
            period: Period::Day,
            limit: usd(limit),
            alert_percents: vec![50, 80, 100],
            on_limit: OnLimit::Stop,
            cheaper_targets: Vec::new(),
            unpriced_allowed: Vec::new(),
            simulated: false,
            paused: false,
        },
        window: Window { starts_at: UnixMs(0), ends_at: Some(UnixMs(86_400_000)), counts_from: UnixMs(0) },
        settled: usd(settled),
        reserved: usd(reserved),
        calls: 0,
        unpriced_calls: 0,
        overridden: PicoUsd::ZERO,
        overrides: 0,
        alerted_percent: None,
        created_at: UnixMs(0),
        updated_at: UnixMs(0),
    }
}
