//! When to look whether a provider is well, on its free endpoints (lists of models).
//!
//! Real calls are the best look, so a look is due only when none has ended for an interval; a provider nobody uses is left
//! alone. Each look has its own jitter, so that many providers or many windows do not ask in step.

/// How often a provider is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HealthSettings {
    /// Between two looks, in milliseconds; 0 means never.
    pub interval_ms: u64,
    /// How much earlier or later than that, in percent of the interval.
    pub jitter_percent: u32,
    /// Without a call for so long, in milliseconds, it is left alone.
    pub idle_ms: u64,
}

impl Default for HealthSettings {
    fn default() -> Self {
        Self { interval_ms: 60_000, jitter_percent: 20, idle_ms: 900_000 }
    }
}

/// When one provider was last used and looked at.
#[derive(Clone, Copy, Debug, Default)]
pub struct HealthClock {
    /// When somebody last wanted it.
    wanted_ms: Option<u64>,
    /// When it last answered or failed, whoever asked.
    heard_ms: u64,
    /// Whether the last that was heard was good.
    well: Option<bool>,
    looking: bool,
    /// How this interval differs from others.
    jitter: u64,
}

impl HealthClock {
    /// Somebody wants to use it: a call is about to be made, or was turned away by its breaker. `jitter` is uniform over the
    /// whole `u64`.
    pub fn wanted(&mut self, settings: &HealthSettings, now_ms: u64, jitter: u64) {
        if self.wanted_ms.is_none_or(|at| now_ms.saturating_sub(at) >= settings.idle_ms) {
            // It was idle: the first look comes an interval after the first use, not at once.
            self.heard_ms = now_ms;
            self.jitter = jitter;
        }
        self.wanted_ms = Some(now_ms);
    }

    /// A call or a look has ended.
    pub fn heard(&mut self, well: bool, now_ms: u64, jitter: u64) {
        self.heard_ms = now_ms;
        self.well = Some(well);
        self.looking = false;
        self.jitter = jitter;
    }

    /// Begins a look if one is due. End it with [`HealthClock::heard`].
    pub fn look(&mut self, settings: &HealthSettings, now_ms: u64) -> bool {
        let due = !self.looking && self.next_ms(settings).is_some_and(|at| at <= now_ms);
        self.looking |= due;
        due
    }

    /// When the next look is due, in milliseconds of the clock; `None` while it is idle or looks are off.
    pub fn next_ms(&self, settings: &HealthSettings) -> Option<u64> {
        let wanted = self.wanted_ms?;
        let at = self.heard_ms.saturating_add(jittered(settings, self.jitter));
        (settings.interval_ms > 0 && at < wanted.saturating_add(settings.idle_ms)).then_some(at)
    }

    /// Whether the last that was heard was good; `None` before anything was.
    pub fn is_well(&self) -> Option<bool> {
        self.well
    }
}

/// The interval, at most so many percent shorter or longer.
fn jittered(settings: &HealthSettings, jitter: u64) -> u64 {
    let spread = settings.interval_ms.saturating_mul(u64::from(settings.jitter_percent.min(100))) / 100;
    let shift = jitter.checked_rem(spread.saturating_mul(2).saturating_add(1)).unwrap_or(0);
    settings.interval_ms.saturating_sub(spread).saturating_add(shift)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn steady() -> HealthSettings {
        HealthSettings { jitter_percent: 0, ..HealthSettings::default() }
    }

    #[test]
    fn a_look_is_due_an_interval_after_anything_was_heard() {
        let (settings, mut clock) = (steady(), HealthClock::default());
        assert_eq!((clock.next_ms(&settings), clock.is_well()), (None, None), "nobody has wanted it");
        clock.wanted(&settings, 1_000, 0);
        assert_eq!(clock.next_ms(&settings), Some(61_000));
        clock.heard(true, 5_000, 0);
        assert!(!clock.look(&settings, 64_999), "a real call was a look");
        assert!(clock.look(&settings, 65_000));
        assert!(!clock.look(&settings, 65_001), "one at a time");
        clock.heard(false, 66_000, 0);
        assert_eq!((clock.next_ms(&settings), clock.is_well()), (Some(126_000), Some(false)));
    }

    #[test]
    fn what_nobody_uses_is_left_alone_until_somebody_does() {
        let (settings, mut clock) = (steady(), HealthClock::default());
        clock.wanted(&settings, 0, 0);
        let mut looks = 0;
        for now in (0..10_000_000).step_by(1_000) {
            if clock.look(&settings, now) {
                looks += 1;
                clock.heard(true, now, 0);
            }
        }
        assert_eq!(looks, 14, "a quarter of an hour long, every minute");
        clock.wanted(&settings, 10_000_000, 0);
        assert!(!clock.look(&settings, 10_000_001));
        assert!(clock.look(&settings, 10_060_000));
        assert_eq!(clock.next_ms(&HealthSettings { interval_ms: 0, ..settings }), None);
        let often = HealthSettings { interval_ms: 5_000, ..settings };
        assert_eq!(clock.next_ms(&often), Some(10_005_000), "what the interval is, is asked when it counts");
    }

    proptest! {
        #[test]
        fn jitter_stays_within_its_share(jitter: u64, percent in 0_u32..200, interval in 1_u64..10_000_000) {
            let settings = HealthSettings { interval_ms: interval, jitter_percent: percent, ..HealthSettings::default() };
            let length = jittered(&settings, jitter);
            let spread = interval * u64::from(percent.min(100)) / 100;
            prop_assert!((interval - spread..=interval + spread).contains(&length));
        }
    }
}
