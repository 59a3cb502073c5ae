//! The four timers of an attempt (DESIGN, invariants of streams).

use tokio::time::{Duration, Instant};

use roundtable_domain::{ErrorCategory, ProviderError, Timeouts};

use crate::network::LONGEST_MS;

/// How long each phase of an attempt may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timers {
    /// Until the connection stands.
    pub connect_ms: u64,
    /// From sending to the first semantic delta: text, reasoning, a refusal or a tool call. Not applied to whole replies,
    /// which have no first delta.
    pub first_delta_ms: u64,
    /// Between semantic deltas. Keep-alives and role-only frames do not reset it.
    pub idle_ms: u64,
    /// The whole attempt.
    pub total_ms: u64,
}

impl Default for Timers {
    fn default() -> Self {
        // Reasoning models stay silent for a minute and more before their first delta.
        Self { connect_ms: 10_000, first_delta_ms: 120_000, idle_ms: 60_000, total_ms: 600_000 }
    }
}

impl Timers {
    /// These timers with those that are set in their place.
    #[must_use]
    pub fn with(self, set: &Timeouts) -> Self {
        let or = |set: Option<u64>, own: u64| set.unwrap_or(own).min(LONGEST_MS);
        Self {
            connect_ms: or(set.connect_ms, self.connect_ms),
            first_delta_ms: or(set.first_delta_ms, self.first_delta_ms),
            idle_ms: or(set.idle_ms, self.idle_ms),
            total_ms: or(set.total_ms, self.total_ms),
        }
    }
}

/// A time for people.
pub(crate) fn time(ms: u64) -> String {
    if ms.is_multiple_of(1000) { format!("{} s", ms / 1000) } else { format!("{ms} ms") }
}

/// Once the model has said why it stopped, how long the rest (usage, the terminal signal, the end of file) may take,
/// counted from the last bytes. After it the answer is judged by what is there.
const AFTERMATH_MS: u64 = 5_000;

/// Which deadline is the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expiry {
    /// No semantic delta in time.
    FirstDelta,
    /// A pause between semantic deltas.
    Idle,
    /// The whole attempt.
    Total,
    /// Nothing more after the model had finished: no failure.
    Aftermath,
}

/// The running clocks of one attempt.
#[derive(Debug)]
pub(crate) struct Clocks {
    timers: Timers,
    streaming: bool,
    started: Instant,
    last_delta: Option<Instant>,
    /// The last bytes after the model had finished.
    finished: Option<Instant>,
}

impl Clocks {
    pub fn start(timers: Timers, streaming: bool) -> Self {
        Self { timers, streaming, started: Instant::now(), last_delta: None, finished: None }
    }

    pub fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    pub fn semantic_delta(&mut self) {
        self.last_delta = Some(Instant::now());
    }

    pub fn bytes_after_finish(&mut self) {
        self.finished = Some(Instant::now());
    }

    /// The next deadline, and what it means when it passes.
    pub fn deadline(&self) -> (Instant, Expiry) {
        let after = |start: Instant, ms: u64| start + Duration::from_millis(ms);
        let total = (after(self.started, self.timers.total_ms), Expiry::Total);
        let next = match (self.finished, self.last_delta) {
            (Some(finished), _) => (after(finished, AFTERMATH_MS), Expiry::Aftermath),
            (None, Some(delta)) => (after(delta, self.timers.idle_ms), Expiry::Idle),
            (None, None) if self.streaming => {
                (after(self.started, self.timers.first_delta_ms), Expiry::FirstDelta)
            }
            (None, None) => total,
        };
        if next.0 < total.0 { next } else { total }
    }

    /// The error of a passed deadline.
    pub fn expired(&self, provider: &str, expiry: Expiry) -> ProviderError {
        let message = match expiry {
            Expiry::FirstDelta => format!(
                "No answer began within {} (first-delta timer). The provider may be overloaded; try again, or raise the timer \
                 for slow models.",
                time(self.timers.first_delta_ms)
            ),
            Expiry::Idle => format!(
                "The answer stopped coming for {} (idle timer); what came so far is kept.",
                time(self.timers.idle_ms)
            ),
            Expiry::Total | Expiry::Aftermath => format!(
                "The answer took longer than {} (total timer); what came so far is kept.",
                time(self.timers.total_ms)
            ),
        };
        ProviderError::local(ErrorCategory::Timeout, provider, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_takes_the_place_of_its_timer_alone() {
        let set = Timeouts { idle_ms: Some(5), total_ms: Some(u64::MAX), ..Timeouts::default() };
        let timers = Timers::default().with(&set);
        assert_eq!((timers.connect_ms, timers.idle_ms), (Timers::default().connect_ms, 5));
        let clocks = Clocks::start(timers, true);
        assert_eq!(clocks.deadline().1, Expiry::FirstDelta, "even an endless total overflows nothing");
    }
}
