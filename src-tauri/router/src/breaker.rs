//! Circuit breakers: a key, a model or a host that keeps failing is left alone for a while, then probed.
//!
//! A breaker is asked before a call ([`Breaker::admit`]) and told afterwards how it went ([`Breaker::record`]). Every change
//! of state begins a new epoch, and a permit remembers its own: a call that was sent before the breaker opened can neither
//! close it nor count twice, however late it comes back. Times are milliseconds of one monotonic clock, passed in.

use std::collections::VecDeque;

/// When a breaker opens and how it recovers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerSettings {
    /// So many failures in a row open it; 0 means that only the share of failures does.
    pub failure_threshold: u32,
    /// How long it stays open at first, in milliseconds; doubles with each failed recovery.
    pub recovery_ms: u64,
    /// The longest it stays open by itself, in milliseconds; a provider's Retry-After may be longer.
    pub longest_ms: u64,
    /// How many probes are let through at once while it is half open; all of them have to succeed.
    pub half_open_requests: u32,
    /// How far back the share of failures looks, in milliseconds.
    pub window_ms: u64,
    /// The fewest calls in that window a share is taken of.
    pub least_calls: u32,
    /// The share of failures that opens it, in percent.
    pub failure_percent: u32,
}

impl Default for BreakerSettings {
    fn default() -> Self {
        Self {
            failure_threshold: 5,
            recovery_ms: 30_000,
            longest_ms: 600_000,
            half_open_requests: 1,
            window_ms: 60_000,
            least_calls: 5,
            failure_percent: 50,
        }
    }
}

/// What a breaker stands at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerState {
    /// Calls go through.
    Closed,
    /// None do, until this time.
    Open {
        /// When probes may begin, in milliseconds.
        until_ms: u64,
    },
    /// Probes are under way.
    HalfOpen {
        /// Probes let through and not yet answered.
        pending: u32,
        /// Probes that succeeded.
        succeeded: u32,
    },
}

/// Leave to make one call. Give it back with [`Breaker::record`] or [`Breaker::abandon`], exactly once.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a permit that is not given back keeps its place among the probes"]
pub struct Permit {
    epoch: u64,
    probe: bool,
}

/// How a call went, as far as the health of its target is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It answered.
    Success,
    /// It failed in a way that says something about the target's health.
    Failure {
        /// What the provider said about waiting, in milliseconds from now.
        retry_after_ms: Option<u64>,
    },
}

/// One breaker.
#[derive(Clone, Debug)]
pub struct Breaker {
    state: BreakerState,
    epoch: u64,
    /// Failures in a row.
    streak: u32,
    /// Times it opened without having closed in between.
    reopened: u32,
    /// When calls ended in the window, and whether they failed.
    recent: VecDeque<(u64, bool)>,
}

impl Default for Breaker {
    fn default() -> Self {
        Self { state: BreakerState::Closed, epoch: 0, streak: 0, reopened: 0, recent: VecDeque::new() }
    }
}

impl Breaker {
    /// Where it stands now; an open breaker whose time has passed is as good as half open.
    pub fn state(&self, now_ms: u64) -> BreakerState {
        match self.state {
            BreakerState::Open { until_ms } if until_ms <= now_ms => {
                BreakerState::HalfOpen { pending: 0, succeeded: 0 }
            }
            state => state,
        }
    }

    /// Whether a call would be let through, without taking the place.
    pub fn would_admit(&self, settings: &BreakerSettings, now_ms: u64) -> Result<(), u64> {
        match self.state(now_ms) {
            BreakerState::Closed => Ok(()),
            BreakerState::Open { until_ms } => Err(until_ms),
            BreakerState::HalfOpen { pending, succeeded } => {
                if pending.saturating_add(succeeded) < settings.half_open_requests.max(1) {
                    Ok(())
                } else {
                    Err(now_ms)
                }
            }
        }
    }

    /// Asks leave for a call. The error is the time, in milliseconds, from which asking again makes sense; for a breaker
    /// whose probes are all under way that is now.
    pub fn admit(&mut self, settings: &BreakerSettings, now_ms: u64) -> Result<Permit, u64> {
        self.would_admit(settings, now_ms)?;
        if let BreakerState::HalfOpen { pending, succeeded } = self.state(now_ms) {
            if matches!(self.state, BreakerState::Open { .. }) {
                self.epoch = self.epoch.wrapping_add(1);
            }
            self.state = BreakerState::HalfOpen { pending: pending.saturating_add(1), succeeded };
            return Ok(Permit { epoch: self.epoch, probe: true });
        }
        Ok(Permit { epoch: self.epoch, probe: false })
    }

    /// Leave for one call whatever the breaker says: somebody pressed "try anyway". It counts as a probe.
    pub fn force(&mut self, now_ms: u64) -> Permit {
        match self.state(now_ms) {
            BreakerState::Closed => Permit { epoch: self.epoch, probe: false },
            state => {
                let (pending, succeeded) = match state {
                    BreakerState::HalfOpen { pending, succeeded } => (pending, succeeded),
                    _ => (0, 0),
                };
                if !matches!(self.state, BreakerState::HalfOpen { .. }) {
                    self.epoch = self.epoch.wrapping_add(1);
                }
                self.state = BreakerState::HalfOpen { pending: pending.saturating_add(1), succeeded };
                Permit { epoch: self.epoch, probe: true }
            }
        }
    }

    /// Says how a call went.
    #[expect(clippy::needless_pass_by_value, reason = "a permit is given back once, and gone with it")]
    pub fn record(&mut self, settings: &BreakerSettings, permit: Permit, outcome: Outcome, now_ms: u64) {
        let Permit { epoch, probe } = permit;
        match (outcome, epoch == self.epoch) {
            (Outcome::Success, true) if probe => self.probe_succeeded(settings),
            (Outcome::Success, true) => {
                self.streak = 0;
                self.remember(settings, now_ms, false);
            }
            // Sent before the breaker opened: it says nothing about how things stand now.
            (Outcome::Success, false) => {}
            (Outcome::Failure { retry_after_ms }, true) if probe => {
                self.open(settings, retry_after_ms, now_ms);
            }
            (Outcome::Failure { retry_after_ms }, true) => {
                self.streak = self.streak.saturating_add(1);
                self.remember(settings, now_ms, true);
                if self.is_failing(settings) {
                    self.open(settings, retry_after_ms, now_ms);
                }
            }
            (Outcome::Failure { retry_after_ms }, false) => self.extend(retry_after_ms, now_ms),
        }
    }

    /// The call was not made, or was stopped before it said anything about the target.
    #[expect(clippy::needless_pass_by_value, reason = "a permit is given back once, and gone with it")]
    pub fn abandon(&mut self, permit: Permit) {
        let Permit { epoch, probe } = permit;
        if let BreakerState::HalfOpen { pending, succeeded } = self.state
            && probe
            && epoch == self.epoch
        {
            self.state = BreakerState::HalfOpen { pending: pending.saturating_sub(1), succeeded };
        }
    }

    /// Until when it is open, and how often it was opened without having closed in between; `None` when calls or probes go through.
    pub(crate) fn opened(&self, now_ms: u64) -> Option<(u64, u32)> {
        match self.state(now_ms) {
            BreakerState::Open { until_ms } => Some((until_ms, self.reopened)),
            _ => None,
        }
    }

    /// Opens it as [`Self::opened`] said that it was, in another life of the program. It never opens for a shorter time.
    pub(crate) fn reopen(&mut self, until_ms: u64, reopened: u32) {
        if matches!(self.state, BreakerState::Open { until_ms: known } if known >= until_ms) {
            return;
        }
        let epoch = self.epoch.wrapping_add(1);
        *self = Self { state: BreakerState::Open { until_ms }, epoch, reopened, ..Self::default() };
    }

    fn probe_succeeded(&mut self, settings: &BreakerSettings) {
        let BreakerState::HalfOpen { pending, succeeded } = self.state else { return };
        let succeeded = succeeded.saturating_add(1);
        if succeeded >= settings.half_open_requests.max(1) {
            *self = Self { epoch: self.epoch.wrapping_add(1), ..Self::default() };
        } else {
            self.state = BreakerState::HalfOpen { pending: pending.saturating_sub(1), succeeded };
        }
    }

    fn remember(&mut self, settings: &BreakerSettings, now_ms: u64, failed: bool) {
        self.recent.push_back((now_ms, failed));
        let since = now_ms.saturating_sub(settings.window_ms);
        while self.recent.front().is_some_and(|(at, _)| *at < since) || self.recent.len() > 1_000 {
            self.recent.pop_front();
        }
    }

    fn is_failing(&self, settings: &BreakerSettings) -> bool {
        if settings.failure_threshold > 0 && self.streak >= settings.failure_threshold {
            return true;
        }
        let calls = self.recent.len();
        let failed = self.recent.iter().filter(|(_, failed)| *failed).count();
        calls >= usize::try_from(settings.least_calls.max(1)).unwrap_or(usize::MAX)
            && failed.saturating_mul(100)
                >= calls.saturating_mul(usize::try_from(settings.failure_percent).unwrap_or(usize::MAX))
    }

    /// Opens until the latest of: what stood, the backoff, what the provider asks for.
    fn open(&mut self, settings: &BreakerSettings, retry_after_ms: Option<u64>, now_ms: u64) {
        let backoff = settings
            .recovery_ms
            .saturating_mul(1_u64 << self.reopened.min(20))
            .min(settings.longest_ms.max(settings.recovery_ms));
        let until_ms = now_ms.saturating_add(backoff.max(retry_after_ms.unwrap_or(0)));
        self.state = BreakerState::Open { until_ms };
        self.epoch = self.epoch.wrapping_add(1);
        self.reopened = self.reopened.saturating_add(1);
        self.streak = 0;
        self.recent.clear();
    }

    /// A late failure cannot open a breaker, but an open one respects its Retry-After.
    fn extend(&mut self, retry_after_ms: Option<u64>, now_ms: u64) {
        if let (BreakerState::Open { until_ms }, Some(wait)) = (self.state, retry_after_ms) {
            self.state = BreakerState::Open { until_ms: until_ms.max(now_ms.saturating_add(wait)) };
        }
    }
}

#[cfg(test)]
mod tests;
