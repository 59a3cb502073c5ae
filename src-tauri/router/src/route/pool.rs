//! Polling pools: a ring of models taken from groups, asked in turn (`pools/NAME.yaml`).

use std::collections::BTreeMap;

use super::fields::{Fields, Word};
use super::group::DAY_SECONDS;
use super::mention::Mention;
use super::mistake::{MistakeCode, Report, did_you_mean};
use super::name::GroupRef;
use super::yaml::{Content, Node};

mod write;

/// The keys of a pool's file.
const POOL_KEYS: [&str; 8] = [
    "description",
    "task_groups",
    "rotation_strategy",
    "weights",
    "health_check_interval",
    "failure_threshold",
    "recovery_time",
    "fallback_config",
];

/// The keys of a pool's `fallback_config`.
const FALLBACK_KEYS: [&str; 2] = ["strategy", "max_instance_attempts"];

/// A polling pool. Its name is its file's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PollingPool {
    /// The file's name without its ending.
    pub name: String,
    /// What it is for, shown to people.
    pub description: Option<String>,
    /// `task_groups`: where its models come from. Of a group as a whole the first rung joins the ring. Never empty.
    pub task_groups: Vec<GroupRef>,
    /// `rotation_strategy`.
    pub rotation_strategy: RotationStrategy,
    /// `weights`: shares for [`RotationStrategy::Weighted`], by the entry of `task_groups`; 1 where none is stated.
    pub weights: BTreeMap<GroupRef, u32>,
    /// `health_check_interval`, in milliseconds (in the file: seconds); 0 is never, none is left to the program.
    pub health_check_interval_ms: Option<u64>,
    /// `failure_threshold`: failures in a row that take a model out of the ring.
    pub failure_threshold: Option<u32>,
    /// `recovery_time`: for how long, in milliseconds (in the file: seconds).
    pub recovery_ms: Option<u64>,
    /// `fallback_config`.
    pub fallback: Option<PoolFallback>,
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RotationStrategy {
    /// `round_robin`: one after the other.
    #[default]
    RoundRobin,
    /// `least_recently_used`: whoever waited longest.
    LeastRecentlyUsed,
    /// `weighted`: by shares.
    Weighted,
    /// `random`.
    Random,
    /// `least_busy`: whoever has the fewest calls under way.
    LeastBusy,
}

/// `fallback_config` of a pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolFallback {
    /// `strategy`.
    pub strategy: PoolFallbackStrategy,
    /// `max_instance_attempts`: models (or calls of the one) tried for a request.
    pub max_instance_attempts: Option<u32>,
}

/// What a pool does when a call fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PoolFallbackStrategy {
    /// `instance_rotation`: the next model of the ring.
    #[default]
    InstanceRotation,
    /// `simple_retry`: the same model again.
    SimpleRetry,
}

impl Word for RotationStrategy {
    const ALL: &'static [(&'static str, Self)] = &[
        ("round_robin", Self::RoundRobin),
        ("least_recently_used", Self::LeastRecentlyUsed),
        ("weighted", Self::Weighted),
        ("random", Self::Random),
        ("least_busy", Self::LeastBusy),
    ];
}

impl Word for PoolFallbackStrategy {
    const ALL: &'static [(&'static str, Self)] =
        &[("instance_rotation", Self::InstanceRotation), ("simple_retry", Self::SimpleRetry)];
}

impl PollingPool {
    /// The share of an entry of `task_groups`.
    pub fn weight(&self, entry: &GroupRef) -> u32 {
        self.weights.get(entry).copied().unwrap_or(1)
    }
}

/// Reads a pool. With an error in the report the pool is not to be used.
pub(crate) fn read_pool(
    name: &str,
    node: &Node,
    report: &mut Report,
    mentions: &mut Vec<Mention>,
) -> Option<PollingPool> {
    let fields = Fields::of(node, "a pool", report)?;
    fields.allow(&POOL_KEYS, report);
    let task_groups = Mention::read_groups("task_groups", &fields, report, mentions);
    let listed = fields.get("task_groups").is_some();
    if !listed {
        let reason = "a pool needs task_groups: the groups or echelons its models come from";
        report.error(fields.place_of("task_groups"), MistakeCode::MissingKey, reason);
    } else if task_groups.is_empty() && !report.has_errors() {
        let reason = "task_groups is empty; name at least one group or echelon";
        report.error(fields.place_of("task_groups"), MistakeCode::Empty, reason);
    }
    let rotation_strategy: RotationStrategy = fields.word("rotation_strategy", report).unwrap_or_default();
    let weights = match fields.get("weights") {
        Some(node) => read_weights(node, &task_groups, report),
        None => BTreeMap::new(),
    };
    if !weights.is_empty() && rotation_strategy != RotationStrategy::Weighted {
        let reason = "weights count only with rotation_strategy: weighted";
        report.warning(fields.place_of("weights"), MistakeCode::NoEffect, reason);
    }
    Some(PollingPool {
        name: name.to_owned(),
        description: fields.text("description", report),
        task_groups,
        rotation_strategy,
        weights,
        health_check_interval_ms: fields.seconds("health_check_interval", 0.0..=DAY_SECONDS, report),
        failure_threshold: fields.count("failure_threshold", 1..=10_000, report),
        recovery_ms: fields.seconds("recovery_time", 0.001..=DAY_SECONDS, report),
        fallback: fields.get("fallback_config").and_then(|node| read_fallback(node, report)),
    })
}

fn read_weights(node: &Node, groups: &[GroupRef], report: &mut Report) -> BTreeMap<GroupRef, u32> {
    let Some(fields) = Fields::of(node, "weights", report) else { return BTreeMap::new() };
    let mut weights = BTreeMap::new();
    for entry in fields.entries() {
        let Some(group) = groups.iter().find(|group| group.to_string() == entry.key) else {
            let names: Vec<String> = groups.iter().map(ToString::to_string).collect();
            let hint = did_you_mean(&entry.key, names.iter().map(String::as_str));
            let reason = format!("\"{}\" is not among task_groups{hint}", entry.key);
            report.error(entry.key_place, MistakeCode::NotThere, reason);
            continue;
        };
        if matches!(entry.value.content, Content::Null) {
            let reason = format!("\"{}\" has no weight; write a whole number from 1", entry.key);
            report.error(entry.key_place, MistakeCode::WrongType, reason);
        }
        let weight = fields.count(&entry.key, 1..=1_000_000, report);
        weights.extend(weight.map(|weight| (group.clone(), weight)));
    }
    weights
}

fn read_fallback(node: &Node, report: &mut Report) -> Option<PoolFallback> {
    let fields = Fields::of(node, "fallback_config", report)?;
    fields.allow(&FALLBACK_KEYS, report);
    Some(PoolFallback {
        strategy: fields.word("strategy", report).unwrap_or_default(),
        max_instance_attempts: fields.count("max_instance_attempts", 1..=1_000, report),
    })
}
