//! Watching: who wants to hear of alerts is told of each that comes about from then on, whichever process raises it.
//!
//! The database is the bell. While somebody listens, the last alert's number and the last entry's row are looked at every two
//! seconds: two steps down a tree, whatever the size of the books. A hook of `SQLite` would hear of this process alone, and
//! `data_version` belongs to one connection, of which a pool has several.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use roundtable_domain::UnixMs;
use roundtable_ledger::SpikeFactor;
use roundtable_store::{Alert, AlertMarks};

use super::view_of;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::AlertView;

/// How long news may take.
const BETWEEN_LOOKS: Duration = Duration::from_secs(2);

/// Budgets may be changed without anything being booked.
const MOST_QUIET_LOOKS: u32 = 15;

/// More than these at once nobody reads one by one; the rest comes with the next look.
const MOST_AT_ONCE: u32 = 50;

/// Spikes are looked for no more often than this.
const BETWEEN_SPIKES_MS: i64 = 60_000;

/// Prices are compared, and what is old is forgotten, no more often than this, unless something has just changed prices.
const HOUR_MS: i64 = 3_600_000;

/// Where alerts go; false once nobody listens any more.
pub type AlertSink = Box<dyn FnMut(AlertView) -> bool + Send>;

/// Who watches, and when what was looked at last.
#[derive(Default)]
pub(crate) struct Lookout {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    watchers: Vec<Watcher>,
    /// A task tells them.
    telling: bool,
    spikes: Option<(UnixMs, i64, SpikeFactor)>,
    prices: Option<UnixMs>,
    /// How often prices have changed here.
    price_changes: u64,
}

/// A look at what is looked at hourly.
#[derive(Clone, Copy, Debug)]
pub(super) struct HourlyLook {
    at: UnixMs,
    change: u64,
}

struct Watcher {
    sink: AlertSink,
    /// The number of the last alert it knows of.
    after: i64,
}

impl Lookout {
    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether spikes are to be looked for now. `entries`: the last row of the books.
    pub(super) fn spikes_are_due(&self, now: UnixMs, entries: i64, factor: SpikeFactor) -> bool {
        self.with(|state| {
            state.spikes.is_none_or(|(at, last, by)| {
                let has_passed = now.0.saturating_sub(at.0) >= BETWEEN_SPIKES_MS || now < at;
                by != factor || (last != entries && has_passed)
            })
        })
    }

    /// Spikes were looked for: as of this moment, these books and this factor. A look that failed is not noted, and is due again.
    pub(super) fn spikes_were_looked_for(&self, now: UnixMs, entries: i64, factor: SpikeFactor) {
        self.with(|state| state.spikes = Some((now, entries, factor)));
    }

    /// Whether prices are to be compared and old alerts to be forgotten now. `None`: they are not; else what to note once that is done.
    pub(super) fn an_hour_is_over(&self, now: UnixMs) -> Option<HourlyLook> {
        self.with(|state| {
            let due = state.prices.is_none_or(|at| now.0.saturating_sub(at.0) >= HOUR_MS || now < at);
            due.then_some(HourlyLook { at: now, change: state.price_changes })
        })
    }

    /// That was done. Prices that changed meanwhile are due at once.
    pub(super) fn hourly_look_was_taken(&self, look: HourlyLook) {
        self.with(|state| {
            if state.price_changes == look.change {
                state.prices = Some(look.at);
            }
        });
    }

    /// Prices have changed: the next look compares them.
    pub(crate) fn compare_prices_soon(&self) {
        self.with(|state| {
            state.prices = None;
            state.price_changes += 1;
        });
    }

    /// Takes a watcher; true when somebody has to begin telling.
    fn add(&self, watcher: Watcher) -> bool {
        self.with(|state| {
            state.watchers.push(watcher);
            !std::mem::replace(&mut state.telling, true)
        })
    }

    /// The number after which something may be news to somebody; `None`, and the telling ends: nobody listens.
    fn behind(&self) -> Option<i64> {
        self.with(|state| {
            let behind = state.watchers.iter().map(|watcher| watcher.after).min();
            state.telling = behind.is_some();
            behind
        })
    }

    /// Nobody is told any more.
    fn let_go(&self) {
        let watchers = self.with(|state| {
            state.telling = false;
            std::mem::take(&mut state.watchers)
        });
        drop(watchers);
    }

    /// Tells each watcher what is news to it.
    fn tell(&self, alerts: &[Alert]) {
        self.with(|state| {
            state.watchers.retain_mut(|watcher| {
                alerts.iter().all(|alert| {
                    if alert.number <= watcher.after {
                        return true;
                    }
                    watcher.after = alert.number;
                    view_of(alert).is_none_or(|view| (watcher.sink)(view))
                })
            });
        });
    }
}

impl Engine {
    pub(super) async fn begin_watching(&self, sink: AlertSink) -> Result<(), EngineError> {
        let after = self.inner.store.alerts().marks().await?.alerts;
        if !self.inner.lookout.add(Watcher { sink, after }) {
            return Ok(());
        }
        // Not the engine itself: one that is let go is not kept alive by who watches it.
        let inner = Arc::downgrade(&self.inner);
        let closing = self.inner.closing.clone();
        self.inner.tasks.spawn(async move {
            let mut looked = Looked::default();
            loop {
                let Some(engine) = inner.upgrade().map(|inner| Self { inner }) else { return };
                let goes_on = engine.tell_watchers(&mut looked).await;
                drop(engine);
                if !goes_on {
                    return;
                }
                tokio::select! {
                    () = closing.cancelled() => break,
                    () = tokio::time::sleep(BETWEEN_LOOKS) => {}
                }
            }
            // A sink may hold the engine.
            if let Some(inner) = inner.upgrade() {
                inner.lookout.let_go();
            }
        });
        Ok(())
    }

    /// Looks whether anything has changed, and tells; false when nobody listens any more.
    async fn tell_watchers(&self, looked: &mut Looked) -> bool {
        let Some(behind) = self.inner.lookout.behind() else { return false };
        if let Err(error) = self.tell_from(behind, looked).await {
            tracing::warn!(%error, "nobody could be told of alerts");
        }
        true
    }

    async fn tell_from(&self, behind: i64, looked: &mut Looked) -> Result<(), EngineError> {
        let marks = self.inner.store.alerts().marks().await?;
        if looked.is_due(marks) {
            self.look_for_alerts().await;
        } else if marks.alerts <= behind {
            return Ok(());
        }
        let news = self.inner.store.alerts().after(behind, MOST_AT_ONCE).await?;
        self.inner.lookout.tell(&news);
        Ok(())
    }
}

/// How things stood at the last look.
#[derive(Default)]
struct Looked {
    entries: Option<i64>,
    quiet: u32,
}

impl Looked {
    fn is_due(&mut self, marks: AlertMarks) -> bool {
        let due = self.entries != Some(marks.entries) || self.quiet >= MOST_QUIET_LOOKS;
        self.entries = Some(marks.entries);
        self.quiet = if due { 0 } else { self.quiet + 1 };
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMs = UnixMs(1_000_000);

    #[test]
    fn a_look_that_fails_is_due_again() {
        let lookout = Lookout::default();
        let factor = SpikeFactor::LEAST;
        assert!(lookout.spikes_are_due(NOW, 7, factor));
        assert!(lookout.spikes_are_due(NOW, 7, factor), "nobody has noted that it was taken");
        lookout.spikes_were_looked_for(NOW, 7, factor);
        assert!(!lookout.spikes_are_due(NOW, 7, factor));
        assert!(lookout.spikes_are_due(UnixMs(NOW.0 + BETWEEN_SPIKES_MS), 8, factor));

        let look = lookout.an_hour_is_over(NOW).unwrap();
        assert!(lookout.an_hour_is_over(NOW).is_some());
        lookout.hourly_look_was_taken(look);
        assert!(lookout.an_hour_is_over(NOW).is_none());
        assert!(lookout.an_hour_is_over(UnixMs(NOW.0 + HOUR_MS)).is_some());
    }

    #[test]
    fn prices_that_change_while_they_are_compared_are_compared_again() {
        let lookout = Lookout::default();
        let look = lookout.an_hour_is_over(NOW).unwrap();
        lookout.compare_prices_soon();
        lookout.hourly_look_was_taken(look);
        assert!(lookout.an_hour_is_over(NOW).is_some());
    }
}
