//! From a group to the value its file holds.

use super::super::fields::Word;
use super::super::name::echelon_key;
use super::super::yaml::{Entries, Value, seconds, texts, whole};
use crate::attempt::AfterCommit;

use super::{CircuitBreaker, Echelon, EchelonSettings, FallbackConfig, FallbackStrategy, TaskGroup};

impl FallbackStrategy {
    /// The word in the file.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, value)| *value == self).map_or("", |(word, _)| word)
    }
}

impl AfterCommit {
    /// The word in the file.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, value)| *value == self).map_or("", |(word, _)| word)
    }
}

impl TaskGroup {
    /// What its file holds: only what is stated, echelons in the order of their numbers.
    pub fn to_value(&self) -> Value {
        let mut entries = Entries::default();
        entries.add("description", self.description.clone().map(Value::Text));
        let mut echelons: Vec<&Echelon> = self.echelons.iter().collect();
        echelons.sort_by_key(|echelon| echelon.number);
        for echelon in echelons {
            entries.add(&echelon_key(echelon.number), Some(echelon.to_value()));
        }
        entries.add("fallback_config", self.fallback.as_ref().map(FallbackConfig::to_value));
        entries.into_value()
    }
}

impl Echelon {
    fn to_value(&self) -> Value {
        let EchelonSettings {
            concurrency_limit,
            rpm_limit,
            tpm_limit,
            priority,
            timeout_ms,
            max_retries,
            temperature,
            max_tokens,
        } = self.settings;
        let mut entries = Entries::default();
        entries.add("models", Some(texts(self.models.iter().cloned())));
        entries.add("concurrency_limit", concurrency_limit.map(whole));
        entries.add("rpm_limit", rpm_limit.map(whole));
        entries.add("tpm_limit", tpm_limit.map(whole));
        entries.add("priority", priority.map(whole));
        entries.add("timeout", timeout_ms.map(seconds));
        entries.add("max_retries", max_retries.map(whole));
        entries.add("temperature", temperature.map(Value::Float));
        entries.add("max_tokens", max_tokens.map(whole));
        entries.into_value()
    }
}

impl FallbackConfig {
    fn to_value(&self) -> Value {
        let mut entries = Entries::default();
        entries.add("strategy", Some(Value::Text(self.strategy.as_str().to_owned())));
        if !self.fallback_groups.is_empty() {
            let groups = self.fallback_groups.iter().map(ToString::to_string);
            entries.add("fallback_groups", Some(texts(groups)));
        }
        entries.add("max_attempts", self.max_attempts.map(whole));
        entries.add("retry_delay", self.retry_delay_ms.map(seconds));
        entries.add("circuit_breaker", self.circuit_breaker.map(CircuitBreaker::to_value));
        let after_commit = self.after_commit.map(AfterCommit::as_str);
        entries.add("after_commit", after_commit.map(|word| Value::Text(word.to_owned())));
        entries.add("last_resort", self.last_resort.clone().map(Value::Text));
        entries.into_value()
    }
}

impl CircuitBreaker {
    fn to_value(self) -> Value {
        let mut entries = Entries::default();
        entries.add("failure_threshold", self.failure_threshold.map(whole));
        entries.add("recovery_time", self.recovery_ms.map(seconds));
        entries.add("half_open_requests", self.half_open_requests.map(whole));
        entries.into_value()
    }
}
