//! Task groups: the models for one kind of work, on rungs from the first choice down (`groups/NAME.yaml`).

use crate::attempt::AfterCommit;
use crate::breaker::BreakerSettings;
use crate::limits::Limits;

use super::name::GroupRef;

mod read;
mod write;

pub(crate) use read::read_group;

/// The longest time a file can name, in seconds: a day.
pub(crate) const DAY_SECONDS: f64 = 86_400.0;

/// A task group. Its name is its file's.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskGroup {
    /// The file's name without its ending.
    pub name: String,
    /// What it is for, shown to people.
    pub description: Option<String>,
    /// The rungs in the order they are climbed down: by `priority` where one is stated, else by number. Never empty.
    pub echelons: Vec<Echelon>,
    /// What happens when a rung fails; none is [`FallbackStrategy::EchelonDown`] with nothing further.
    pub fallback: Option<FallbackConfig>,
}

/// A rung: models that stand for each other, and what holds for each of them here.
#[derive(Clone, Debug, PartialEq)]
pub struct Echelon {
    /// The N of `echelonN`, from 1.
    pub number: u32,
    /// `provider/model` or an alias, each once, in the file's order. Never empty.
    pub models: Vec<String>,
    /// What holds for a call to one of them.
    pub settings: EchelonSettings,
}

/// What a rung says about the calls it makes; what it does not say is left to the layers below it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct EchelonSettings {
    /// `concurrency_limit`: calls at once.
    pub concurrency_limit: Option<u64>,
    /// `rpm_limit`: requests a minute.
    pub rpm_limit: Option<u64>,
    /// `tpm_limit`: tokens a minute, of prompts and answers.
    pub tpm_limit: Option<u64>,
    /// `priority`: the lower, the earlier.
    pub priority: Option<u32>,
    /// `timeout`: the longest one attempt may take, in milliseconds (in the file: seconds).
    pub timeout_ms: Option<u64>,
    /// `max_retries`: how often the same model is tried again.
    pub max_retries: Option<u32>,
    /// `temperature`, from 0 to 2.
    pub temperature: Option<f64>,
    /// `max_tokens`: the longest answer.
    pub max_tokens: Option<u32>,
}

/// How a group goes on when a model or a rung cannot be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FallbackStrategy {
    /// `echelon_down`: the next rung of the group, then the fallback groups.
    #[default]
    EchelonDown,
    /// `task_group_switch`: the fallback groups, then the rungs that are left.
    TaskGroupSwitch,
    /// `provider_failover`: down the rungs, on each of them another provider before another model of the same one.
    ProviderFailover,
}

/// `fallback_config` of a group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FallbackConfig {
    /// `strategy`.
    pub strategy: FallbackStrategy,
    /// `fallback_groups`, in order.
    pub fallback_groups: Vec<GroupRef>,
    /// `max_attempts`: calls for one request over all models, the first one included.
    pub max_attempts: Option<u32>,
    /// `retry_delay`: the base of the growing wait, in milliseconds (in the file: seconds).
    pub retry_delay_ms: Option<u64>,
    /// `circuit_breaker`.
    pub circuit_breaker: Option<CircuitBreaker>,
    /// `after_commit`: what happens to a partial answer; none is [`AfterCommit::Ask`].
    pub after_commit: Option<AfterCommit>,
    /// `last_resort`: what is shown when nobody has answered, marked as not from a model.
    pub last_resort: Option<String>,
}

/// `circuit_breaker` of a group; what it does not say is [`BreakerSettings::default`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CircuitBreaker {
    /// `failure_threshold`: failures in a row.
    pub failure_threshold: Option<u32>,
    /// `recovery_time`: how long it stays open at first, in milliseconds (in the file: seconds).
    pub recovery_ms: Option<u64>,
    /// `half_open_requests`: probes at once.
    pub half_open_requests: Option<u32>,
}

impl TaskGroup {
    /// The rung with this number.
    pub fn echelon(&self, number: u32) -> Option<&Echelon> {
        self.echelons.iter().find(|echelon| echelon.number == number)
    }

    /// How it falls back.
    pub fn strategy(&self) -> FallbackStrategy {
        self.fallback.as_ref().map(|fallback| fallback.strategy).unwrap_or_default()
    }

    /// What its breakers are set to.
    pub fn breaker(&self) -> BreakerSettings {
        let stated = self.fallback.as_ref().and_then(|fallback| fallback.circuit_breaker);
        stated.unwrap_or_default().settings()
    }
}

impl EchelonSettings {
    /// The limits in the form the limiter takes.
    pub fn limits(&self) -> Limits {
        Limits { requests: self.rpm_limit, tokens: self.tpm_limit, concurrency: self.concurrency_limit }
    }
}

impl CircuitBreaker {
    /// The settings a breaker takes, with the defaults for what is not stated.
    pub fn settings(self) -> BreakerSettings {
        let usual = BreakerSettings::default();
        let recovery_ms = self.recovery_ms.unwrap_or(usual.recovery_ms);
        BreakerSettings {
            failure_threshold: self.failure_threshold.unwrap_or(usual.failure_threshold),
            recovery_ms,
            // A recovery time longer than the usual longest wait is meant as it stands.
            longest_ms: usual.longest_ms.max(recovery_ms),
            half_open_requests: self.half_open_requests.unwrap_or(usual.half_open_requests),
            ..usual
        }
    }
}
