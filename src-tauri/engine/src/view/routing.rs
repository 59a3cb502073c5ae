//! Groups, pools, aliases and rules as the window shows and edits them. The key names of the files are kept; times are
//! seconds here as they are there.

use std::collections::BTreeMap;

use roundtable_domain::UnixMs;
use roundtable_router::choose::{Priority, Strategy};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::trace::WeightsView;

/// Everything in the routing folder.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RoutesView {
    /// Where the files are.
    pub folder: String,
    /// Changes with every change of a file; a trace names the one it was made with.
    pub revision: String,
    /// In order of their names.
    pub groups: Vec<GroupView>,
    /// In order of their names.
    pub pools: Vec<PoolView>,
    /// In order of their names.
    pub aliases: Vec<AliasView>,
    /// In the order in which they are asked.
    pub rules: Vec<RuleView>,
    /// How it is chosen where no rule says so.
    pub choice: ChoiceView,
    /// What is wrong in the files, and files that could not be used at all.
    pub mistakes: Vec<MistakeView>,
}

/// How it is chosen among those who could answer, where no rule says so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ChoiceView {
    /// `task_based`, `cost_optimised`, `performance_optimised` or `balanced`, as in rules.
    pub strategy: String,
    /// `cost`, `speed` or `quality`, as in rules.
    pub priority: String,
    /// The user's own weights, each from 0 to 1000 and one of them above 0: only their proportions matter. `None`: the
    /// strategy's.
    pub weights: Option<WeightsView>,
}

impl Default for ChoiceView {
    /// What holds where nobody has said anything.
    fn default() -> Self {
        let (strategy, priority) = (Strategy::default(), Priority::default());
        Self { strategy: strategy.as_str().to_owned(), priority: priority.as_str().to_owned(), weights: None }
    }
}

/// Something wrong in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct MistakeView {
    /// The file, as in `groups/coding.yaml`.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// From 1.
    pub column: u32,
    /// It keeps nothing from being used.
    pub warning: bool,
    /// A stable word.
    pub code: String,
    /// What is wrong and what would be right, ready to show.
    pub reason: String,
}

/// A task group: a ladder of echelons.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct GroupView {
    /// Its name, and its file's.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// In the order they are climbed down.
    pub echelons: Vec<EchelonView>,
    /// What happens when a rung fails.
    pub fallback_config: Option<GroupFallbackView>,
}

/// A rung.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct EchelonView {
    /// The N of `echelonN`, from 1.
    pub number: u32,
    /// `provider/model` or an alias.
    pub models: Vec<String>,
    /// Calls at once.
    #[ts(type = "number | null")]
    pub concurrency_limit: Option<u64>,
    /// Requests a minute.
    #[ts(type = "number | null")]
    pub rpm_limit: Option<u64>,
    /// Tokens a minute.
    #[ts(type = "number | null")]
    pub tpm_limit: Option<u64>,
    /// The lower, the earlier.
    pub priority: Option<u32>,
    /// The longest one attempt may take, in seconds.
    pub timeout: Option<f64>,
    /// How often the same model is tried again.
    pub max_retries: Option<u32>,
    /// From 0 to 2.
    pub temperature: Option<f64>,
    /// The longest answer, in tokens.
    pub max_tokens: Option<u32>,
}

/// `fallback_config` of a group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct GroupFallbackView {
    /// `echelon_down`, `task_group_switch` or `provider_failover`.
    pub strategy: String,
    /// Groups or echelons of groups.
    pub fallback_groups: Vec<String>,
    /// Calls for one request.
    pub max_attempts: Option<u32>,
    /// The base of the growing wait, in seconds.
    pub retry_delay: Option<f64>,
    /// When a model is left alone.
    pub circuit_breaker: Option<CircuitBreakerView>,
    /// What happens to a partial answer: `ask` (also when absent), `continue` or `regenerate`.
    pub after_commit: Option<String>,
    /// What is shown when nobody has answered. Marked as not from a model.
    pub last_resort: Option<String>,
}

/// `circuit_breaker` of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CircuitBreakerView {
    /// Failures in a row.
    pub failure_threshold: Option<u32>,
    /// How long it stays open at first, in seconds.
    pub recovery_time: Option<f64>,
    /// Probes at once.
    pub half_open_requests: Option<u32>,
}

/// A polling pool: a ring.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct PoolView {
    /// Its name, and its file's.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Groups or echelons.
    pub task_groups: Vec<String>,
    /// `round_robin`, `least_recently_used`, `weighted`, `random` or `least_busy`.
    pub rotation_strategy: String,
    /// Shares, by the entry of `task_groups`.
    pub weights: BTreeMap<String, u32>,
    /// In seconds; 0 is never.
    pub health_check_interval: Option<f64>,
    /// Failures in a row that take a model out of the ring.
    pub failure_threshold: Option<u32>,
    /// For how long, in seconds.
    pub recovery_time: Option<f64>,
    /// What happens when a call fails.
    pub fallback_config: Option<PoolFallbackView>,
}

/// `fallback_config` of a pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct PoolFallbackView {
    /// `instance_rotation` or `simple_retry`.
    pub strategy: String,
    /// Models tried for a request.
    pub max_instance_attempts: Option<u32>,
}

/// Another name for a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct AliasView {
    /// The name.
    pub name: String,
    /// `provider/model`.
    pub model: String,
}

/// A rule: on such a prompt, at such a moment, do this.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(export)]
pub struct RuleView {
    /// What it is called.
    pub name: String,
    /// Switched off rules are kept and skipped.
    pub enabled: bool,
    /// All of these have to hold.
    pub when: ConditionsView,
    /// Not if all of these hold; nothing here excepts nothing.
    pub unless: ConditionsView,
    /// What is to be done.
    pub then: ActionView,
}

/// Conditions of a rule; empty ones always hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(export)]
pub struct ConditionsView {
    /// Kinds of work: `code`, `creative`, `analysis`, `translation`, `conversation`, `long_context`, `multimodal`.
    pub task: Vec<String>,
    /// `simple`, `moderate`, `complex`.
    pub complexity: Vec<String>,
    /// ISO 639-1 codes.
    pub language: Vec<String>,
    /// At least so many tokens.
    #[ts(type = "number | null")]
    pub min_tokens: Option<u64>,
    /// At most so many tokens.
    #[ts(type = "number | null")]
    pub max_tokens: Option<u64>,
    /// `image`, `pdf`, `audio`, `text`, `any`, `none`.
    pub attachments: Vec<String>,
    /// Words or phrases.
    pub keywords: Vec<String>,
    /// A regular expression.
    pub regex: Option<String>,
    /// Tags of the conversation.
    pub tags: Vec<String>,
    /// A time of day.
    pub time: Option<TimeOfDayView>,
    /// `monday` to `sunday`.
    pub weekdays: Vec<String>,
    /// What has been spent.
    pub cost_so_far: Option<CostSoFarView>,
}

/// From and to, `HH:MM`; the end is outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TimeOfDayView {
    /// The beginning.
    pub from: String,
    /// The end.
    pub to: String,
}

/// Spending above any of these, in dollars (exact decimal).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(export)]
pub struct CostSoFarView {
    /// In the conversation.
    pub conversation_over: Option<String>,
    /// Today.
    pub day_over: Option<String>,
    /// This month.
    pub month_over: Option<String>,
}

/// What a rule does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(export)]
pub struct ActionView {
    /// Ask this model, `group.echelon`, group or pool.
    pub to: Option<String>,
    /// Only these models, with `*` for any text.
    pub only: Vec<String>,
    /// Never these models.
    pub never: Vec<String>,
    /// Nothing may leave the house.
    pub local_only: bool,
    /// `cost`, `speed` or `quality`.
    pub priority: Option<String>,
    /// `task_based`, `cost_optimised`, `performance_optimised` or `balanced`.
    pub strategy: Option<String>,
    /// Read no later rule.
    pub stop: bool,
}

/// What rules would have done with the prompts of the past.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct DryRunView {
    /// Prompts that were looked at.
    pub prompts: u32,
    /// Prompts for which no rule held.
    pub untouched: u32,
    /// For each rule, in order.
    pub rules: Vec<DryRunRuleView>,
    /// The latest prompts a rule held for, at most 50.
    pub examples: Vec<DryRunExample>,
    /// Why the rules cannot be tried.
    pub mistakes: Vec<MistakeView>,
}

/// One rule in a dry run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct DryRunRuleView {
    /// Its name.
    pub name: String,
    /// Prompts for which it held.
    pub held: u32,
    /// Prompts for which an earlier rule was the last.
    pub hidden: u32,
}

/// A prompt of the past and what the rules say of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct DryRunExample {
    /// Its beginning, in one line.
    pub prompt: String,
    /// When it was sent.
    pub at: UnixMs,
    /// The rules that held.
    pub rules: Vec<String>,
    /// Whom they would ask.
    pub to: Option<String>,
}

/// Where everything stands that routing depends on, right now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RoutingState {
    /// When this was looked at.
    pub at: UnixMs,
    /// Every model of a group or pool, and every one asked since the start.
    pub models: Vec<ModelStanding>,
    /// Every host asked since the start.
    pub hosts: Vec<HostStanding>,
    /// Every key of every provider.
    pub keys: Vec<KeyStanding>,
    /// Rungs with limits.
    pub rungs: Vec<RungStanding>,
}

/// Where a breaker stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
#[ts(export)]
pub enum BreakerView {
    /// Calls go through.
    #[default]
    Closed,
    /// None goes through until then.
    Open {
        /// When probes may begin.
        until: UnixMs,
    },
    /// Probes find out whether it is well again.
    HalfOpen,
}

/// What is left of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RoomView {
    /// So much.
    #[ts(type = "number")]
    pub left: u64,
    /// Of so much.
    #[ts(type = "number")]
    pub limit: u64,
}

/// What is left under the limits of one model, account, rung or host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct AllowanceView {
    /// Requests of this minute.
    pub requests: Option<RoomView>,
    /// Tokens of this minute.
    pub tokens: Option<RoomView>,
    /// Calls at once.
    pub concurrency: Option<RoomView>,
    /// Requests that wait for a place.
    pub waiting: u32,
}

/// A model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ModelStanding {
    /// `provider/model`.
    pub target: String,
    /// Its breaker.
    pub breaker: BreakerView,
    /// What is left of its limits, as set and as learnt.
    pub allowance: AllowanceView,
    /// The provider asked for patience until then.
    pub closed_until: Option<UnixMs>,
    /// Why it cannot be asked at all, ready to show: no key, not set up.
    pub unavailable: Option<String>,
}

/// A host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct HostStanding {
    /// `https://host:port`.
    pub origin: String,
    /// Providers that are reached there, by slug.
    pub providers: Vec<String>,
    /// Its breaker.
    pub breaker: BreakerView,
    /// Whether the last that was heard was good.
    pub well: Option<bool>,
    /// When something was last heard.
    pub heard_at: Option<UnixMs>,
    /// When it is looked at next without a call; `None` while nobody uses it.
    pub next_look_at: Option<UnixMs>,
    /// Places and the queue of a local server.
    pub allowance: AllowanceView,
}

/// A key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct KeyStanding {
    /// The provider's slug.
    pub provider: String,
    /// Its id; for one from the environment the variable's name.
    pub key: String,
    /// What the user calls it, else its mask.
    pub label: String,
    /// `ready`, `limited`, `failed` or `retesting`.
    pub state: String,
    /// Until when, where it is not ready.
    pub until: Option<UnixMs>,
}

/// A rung of a group, over all its models.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RungStanding {
    /// `group.echelonN`.
    pub route: String,
    /// What is left.
    pub allowance: AllowanceView,
}

/// Whom to ask for what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct AdviceView {
    /// The kind of work, as in rules.
    pub task: String,
    /// Whom to ask; `None`: nobody here can.
    pub primary: Option<String>,
    /// Whom next.
    pub fallback: Option<String>,
    /// Why, ready to show.
    pub reason: String,
    /// Who is clearly cheaper.
    pub cheaper: Option<String>,
    /// What the cheaper one saves, ready to show.
    pub cheaper_reason: Option<String>,
}
