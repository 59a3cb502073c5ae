//! The calendar of budgets: the user's time zone, and windows of time that are opened when their moment has come.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use roundtable_ledger::budget::next_window;
use roundtable_store::BudgetRow;

use crate::engine::Engine;
use crate::error::EngineError;

/// The longest time between two looks at the calendar: clocks and zones may be changed meanwhile.
const LONGEST_SLEEP: Duration = Duration::from_mins(1);

/// The shortest, so that a clock that stands still is no busy loop.
const SHORTEST_SLEEP: Duration = Duration::from_millis(50);

impl Engine {
    /// The zone days, weeks and months are counted in: the user's, else the system's.
    pub async fn time_zone(&self) -> Result<TimeZone, EngineError> {
        let named = self.settings().await?.time_zone;
        let zone = named.and_then(|name| match TimeZone::get(&name) {
            Ok(zone) => Some(zone),
            Err(error) => {
                tracing::warn!(%error, name, "the time zone of the settings is not known here");
                None
            }
        });
        Ok(zone.unwrap_or_else(|| self.inner.clock.time_zone()))
    }

    /// All budgets with their balances, at this moment: windows whose time has come are opened first.
    pub(crate) async fn budgets_now(&self) -> Result<Vec<BudgetRow>, EngineError> {
        let room = self.inner.store.budgets();
        let rows = room.list().await?;
        if rows.is_empty() {
            return Ok(rows);
        }
        let (zone, now) = (self.time_zone().await?, self.inner.clock.now());
        let next: Vec<_> = rows
            .iter()
            .filter_map(|row| {
                Some((row.budget.id, next_window(row.budget.period, &zone, now, Some(&row.window))?))
            })
            .collect();
        if next.is_empty() {
            return Ok(rows);
        }
        // Also where another process was first: its windows are in the list then.
        let opened = room.advance(&next).await?;
        tracing::debug!(budgets = opened.len(), "new periods have begun");
        Ok(room.list().await?)
    }

    /// Opens windows when their moment comes, also while nobody asks anything, so that what is booked then counts in the new one.
    pub(crate) fn keep_calendar(&self) {
        // Not the engine itself: one that is let go is not kept alive by its calendar.
        let inner = Arc::downgrade(&self.inner);
        let closing = self.inner.closing.clone();
        self.inner.tasks.spawn(async move {
            loop {
                let Some(engine) = inner.upgrade().map(|inner| Self { inner }) else { return };
                engine.recover_meanwhile().await;
                let sleep = engine.until_next_window().await;
                drop(engine);
                tokio::select! {
                    () = closing.cancelled() => return,
                    () = tokio::time::sleep(sleep) => {}
                }
            }
        });
    }

    async fn until_next_window(&self) -> Duration {
        let rows = match self.budgets_now().await {
            Ok(rows) => rows,
            Err(error) => {
                tracing::warn!(%error, "the budgets' calendar could not be looked at");
                return LONGEST_SLEEP;
            }
        };
        let now = self.inner.clock.now();
        let ends = rows.iter().filter_map(|row| row.window.ends_at);
        let soonest = ends.map(|end| end.since_ms(now)).min();
        let sleep = soonest.map_or(LONGEST_SLEEP, Duration::from_millis);
        sleep.clamp(SHORTEST_SLEEP, LONGEST_SLEEP)
    }
}
