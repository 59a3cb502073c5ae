//! Which answers are kept, and for how long.

use std::sync::{Mutex, PoisonError};

use roundtable_domain::UnixMs;
use roundtable_store::{Store, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::error::EngineError;

/// Where the rules stand among the settings.
const SETTING: &str = "responses";

/// As long as calls are remembered: who was given an answer is known no longer.
const MOST_HOURS: u32 = 90 * 24;

const HOUR_MS: i64 = 3_600_000;

/// Which requests may be answered by what is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mode {
    /// None.
    Off,
    /// Those meant to give the same answer each time: temperature 0, or a seed.
    #[default]
    Deterministic,
    /// All that depend on nothing outside themselves.
    Always,
}

impl Mode {
    pub(super) const ALL: [Self; 3] = [Self::Off, Self::Deterministic, Self::Always];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Deterministic => "deterministic",
            Self::Always => "always",
        }
    }
}

/// The rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Rules {
    pub(super) mode: Mode,
    pub(super) ttl_hours: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self { mode: Mode::default(), ttl_hours: 24 }
    }
}

impl Rules {
    pub(super) fn checked(mode: &str, ttl_hours: u32) -> Result<Self, EngineError> {
        let Some(mode) = Mode::ALL.into_iter().find(|known| known.as_str() == mode) else {
            return Err(EngineError::BadSetting(format!(
                "“{mode}” is no way to keep answers; choose off, deterministic or always"
            )));
        };
        if !(1..=MOST_HOURS).contains(&ttl_hours) {
            return Err(EngineError::BadSetting(format!(
                "answers are kept for 1 to {MOST_HOURS} hours, not for {ttl_hours}"
            )));
        }
        Ok(Self { mode, ttl_hours })
    }

    fn ttl_ms(self) -> i64 {
        i64::from(self.ttl_hours).saturating_mul(HOUR_MS)
    }

    /// What was made before is too old now, however long it was meant to be kept.
    pub(super) fn made_after(self, now: UnixMs) -> UnixMs {
        UnixMs(now.0.saturating_sub(self.ttl_ms()))
    }

    pub(super) fn expires_at(self, now: UnixMs) -> UnixMs {
        UnixMs(now.0.saturating_add(self.ttl_ms()))
    }
}

/// The rules as set, read once.
#[derive(Default)]
pub(super) struct RulesInForce(Mutex<Option<Rules>>);

impl RulesInForce {
    fn known(&self) -> Option<Rules> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn know(&self, rules: Rules) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(rules);
    }

    pub(super) async fn get(&self, store: &Store) -> Result<Rules, StoreError> {
        if let Some(rules) = self.known() {
            return Ok(rules);
        }
        self.fresh(store).await
    }

    /// As they stand in the database, where another process may have set them; they hold here from then on.
    pub(super) async fn fresh(&self, store: &Store) -> Result<Rules, StoreError> {
        let stored = store.settings().get(SETTING).await?;
        // What another version has written and this one does not understand is as if nothing was set.
        let rules = stored.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default();
        self.know(rules);
        Ok(rules)
    }

    pub(super) async fn set(&self, store: &Store, rules: Rules, at: UnixMs) -> Result<(), StoreError> {
        let value = json!({ "mode": rules.mode, "ttl_hours": rules.ttl_hours });
        store.settings().set(SETTING, &value, at).await?;
        self.know(rules);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_set_is_refused_with_what_could() {
        assert_eq!(Rules::checked("always", 1).unwrap(), Rules { mode: Mode::Always, ttl_hours: 1 });
        for (mode, hours, says) in
            [("sometimes", 1, "deterministic"), ("off", 0, "1 to 2160"), ("off", 2_161, "2161")]
        {
            let said = Rules::checked(mode, hours).unwrap_err().to_string();
            assert!(said.contains(says), "{said}");
        }
    }

    #[test]
    fn a_shorter_time_holds_for_what_is_kept_already() {
        let now = UnixMs(100 * HOUR_MS);
        let rules = Rules { ttl_hours: 2, ..Rules::default() };
        assert_eq!(
            (rules.made_after(now), rules.expires_at(now)),
            (UnixMs(98 * HOUR_MS), UnixMs(102 * HOUR_MS))
        );
    }
}
