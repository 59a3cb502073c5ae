//! When a step is sent.

use std::time::Duration;

use tokio::time::Instant;

/// Whether the demo models take their time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// Time to first token and tokens a second of each demo model, with a little unevenness.
    #[default]
    Realistic,
    /// No waiting, except where a [`crate::Behaviour`] asks for it by a number of its own.
    Instant,
}

/// Keeps a stream to its schedule: waits add up from the start, so that the rate does not drift with the timer's
/// granularity or with the time spent writing.
#[derive(Debug)]
pub(crate) struct Clock {
    due: Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { due: Instant::now() }
    }

    /// Waits until `after` past the previous step's time.
    pub(crate) async fn wait(&mut self, after: Duration) {
        if after.is_zero() {
            return;
        }
        self.due += after;
        tokio::time::sleep_until(self.due).await;
    }
}
