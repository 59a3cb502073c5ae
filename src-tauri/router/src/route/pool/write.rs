//! From a pool to the value its file holds.

use super::super::fields::Word;
use super::super::yaml::{Entries, Value, seconds, texts, whole};
use super::{PollingPool, PoolFallback, PoolFallbackStrategy, RotationStrategy};

impl RotationStrategy {
    /// The word in the file.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, value)| *value == self).map_or("", |(word, _)| word)
    }
}

impl PoolFallbackStrategy {
    /// The word in the file.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, value)| *value == self).map_or("", |(word, _)| word)
    }
}

impl PollingPool {
    /// What its file holds: only what is stated.
    pub fn to_value(&self) -> Value {
        let mut entries = Entries::default();
        entries.add("description", self.description.clone().map(Value::Text));
        entries.add("task_groups", Some(texts(self.task_groups.iter().map(ToString::to_string))));
        entries.add("rotation_strategy", Some(Value::Text(self.rotation_strategy.as_str().to_owned())));
        if !self.weights.is_empty() {
            let weights = self.weights.iter().map(|(group, weight)| (group.to_string(), whole(*weight)));
            entries.add("weights", Some(Value::Map(weights.collect())));
        }
        entries.add("health_check_interval", self.health_check_interval_ms.map(seconds));
        entries.add("failure_threshold", self.failure_threshold.map(whole));
        entries.add("recovery_time", self.recovery_ms.map(seconds));
        entries.add("fallback_config", self.fallback.map(PoolFallback::to_value));
        entries.into_value()
    }
}

impl PoolFallback {
    fn to_value(self) -> Value {
        let mut entries = Entries::default();
        entries.add("strategy", Some(Value::Text(self.strategy.as_str().to_owned())));
        entries.add("max_instance_attempts", self.max_instance_attempts.map(whole));
        entries.into_value()
    }
}
