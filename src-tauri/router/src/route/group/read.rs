//! From the tree of a file to a group.

use super::super::fields::{Fields, Word, report_unknown};
use super::super::mention::Mention;
use super::super::mistake::{MistakeCode, Report};
use super::super::name::{echelon_key, echelon_number};
use super::super::yaml::{Entry, Node};
use super::{
    CircuitBreaker, DAY_SECONDS, Echelon, EchelonSettings, FallbackConfig, FallbackStrategy, TaskGroup,
};
use crate::attempt::{AfterCommit, Resume};

/// The keys of a group's file beside its echelons.
const GROUP_KEYS: [&str; 2] = ["description", "fallback_config"];

/// The keys of an echelon.
const ECHELON_KEYS: [&str; 9] = [
    "models",
    "concurrency_limit",
    "rpm_limit",
    "tpm_limit",
    "priority",
    "timeout",
    "max_retries",
    "temperature",
    "max_tokens",
];

/// The keys of a group's `fallback_config`.
const FALLBACK_KEYS: [&str; 7] = [
    "strategy",
    "fallback_groups",
    "max_attempts",
    "retry_delay",
    "circuit_breaker",
    "after_commit",
    "last_resort",
];

/// The keys of `circuit_breaker`.
const BREAKER_KEYS: [&str; 3] = ["failure_threshold", "recovery_time", "half_open_requests"];

impl Word for FallbackStrategy {
    const ALL: &'static [(&'static str, Self)] = &[
        ("echelon_down", Self::EchelonDown),
        ("task_group_switch", Self::TaskGroupSwitch),
        ("provider_failover", Self::ProviderFailover),
    ];
}

impl Word for AfterCommit {
    const ALL: &'static [(&'static str, Self)] = &[
        ("ask", Self::Ask),
        ("continue", Self::Automatic(Resume::Continue)),
        ("regenerate", Self::Automatic(Resume::Regenerate)),
    ];
}

/// Reads a group. With an error in the report the group is not to be used.
pub(crate) fn read_group(
    name: &str,
    node: &Node,
    report: &mut Report,
    mentions: &mut Vec<Mention>,
) -> Option<TaskGroup> {
    let fields = Fields::of(node, "a task group", report)?;
    let mut echelons = Vec::new();
    for entry in fields.entries() {
        if let Some(number) = echelon_number(&entry.key) {
            echelons.extend(read_echelon(number, entry, report, mentions));
        } else if !GROUP_KEYS.contains(&entry.key.as_str()) {
            report_unknown_key(entry, report);
        }
    }
    if !fields.entries().iter().any(|entry| echelon_number(&entry.key).is_some()) {
        let reason = "a group needs at least one echelon: echelon1 with its models";
        report.error(fields.place, MistakeCode::Empty, reason);
    }
    echelons.sort_by_key(|echelon: &Echelon| {
        (echelon.settings.priority.unwrap_or(echelon.number), echelon.number)
    });
    let fallback = match fields.get("fallback_config") {
        Some(node) => read_fallback(node, report, mentions),
        None => None,
    };
    Some(TaskGroup {
        name: name.to_owned(),
        description: fields.text("description", report),
        echelons,
        fallback,
    })
}

/// `echelon` without a number, `echelon_1` and `Echelon1` are near every echelon; the number that was meant is kept.
fn report_unknown_key(entry: &Entry, report: &mut Report) {
    let digits: String = entry.key.chars().filter(char::is_ascii_digit).collect();
    let number = digits.parse().ok().filter(|number| *number > 0).unwrap_or(1);
    let echelon = echelon_key(number);
    let [description, fallback] = GROUP_KEYS;
    report_unknown(entry, &[&echelon, description, fallback], report);
}

fn read_echelon(
    number: u32,
    entry: &Entry,
    report: &mut Report,
    mentions: &mut Vec<Mention>,
) -> Option<Echelon> {
    let fields = Fields::of(&entry.value, "an echelon", report)?;
    fields.allow(&ECHELON_KEYS, report);
    let settings = EchelonSettings {
        concurrency_limit: fields.whole("concurrency_limit", 1..=100_000, report),
        rpm_limit: fields.whole("rpm_limit", 1..=100_000_000, report),
        tpm_limit: fields.whole("tpm_limit", 1..=1_000_000_000_000, report),
        priority: fields.count("priority", 0..=1_000_000, report),
        timeout_ms: fields.seconds("timeout", 0.001..=DAY_SECONDS, report),
        max_retries: fields.count("max_retries", 0..=100, report),
        temperature: fields.decimal("temperature", 0.0..=2.0, report),
        max_tokens: fields.count("max_tokens", 1..=100_000_000, report),
    };
    let listed = fields.get("models").is_some();
    let models = fields.texts("models", report);
    let empty = models.as_ref().is_some_and(Vec::is_empty);
    if !listed || empty {
        let reason = format!("{} has no models; list at least one, for example [demo/swift]", entry.key);
        let place = if listed { fields.place_of("models") } else { entry.key_place };
        report.error(place, MistakeCode::NoModels, reason);
    }
    let mut names = Vec::new();
    for (text, place) in models? {
        mentions.push(Mention::model(&text, place));
        names.push(text);
    }
    Some(Echelon { number, models: names, settings })
}

fn read_fallback(node: &Node, report: &mut Report, mentions: &mut Vec<Mention>) -> Option<FallbackConfig> {
    let fields = Fields::of(node, "fallback_config", report)?;
    fields.allow(&FALLBACK_KEYS, report);
    let strategy: FallbackStrategy = fields.word("strategy", report).unwrap_or_default();
    let fallback_groups = Mention::read_groups("fallback_groups", &fields, report, mentions);
    if strategy == FallbackStrategy::TaskGroupSwitch && fallback_groups.is_empty() {
        let reason =
            "task_group_switch needs fallback_groups to switch to; without them it goes down the echelons";
        report.warning(fields.place_of("strategy"), MistakeCode::NoEffect, reason);
    }
    Some(FallbackConfig {
        strategy,
        fallback_groups,
        max_attempts: fields.count("max_attempts", 1..=1_000, report),
        retry_delay_ms: fields.seconds("retry_delay", 0.0..=3_600.0, report),
        circuit_breaker: fields.get("circuit_breaker").and_then(|node| read_breaker(node, report)),
        after_commit: fields.word("after_commit", report),
        last_resort: read_last_resort(&fields, report),
    })
}

fn read_last_resort(fields: &Fields<'_>, report: &mut Report) -> Option<String> {
    let text = fields.text("last_resort", report)?;
    if text.trim().is_empty() {
        let reason =
            "last_resort is empty; write what is to be shown when nobody has answered, or leave it out";
        report.error(fields.place_of("last_resort"), MistakeCode::Empty, reason);
    }
    Some(text)
}

fn read_breaker(node: &Node, report: &mut Report) -> Option<CircuitBreaker> {
    let fields = Fields::of(node, "circuit_breaker", report)?;
    fields.allow(&BREAKER_KEYS, report);
    Some(CircuitBreaker {
        failure_threshold: fields.count("failure_threshold", 1..=10_000, report),
        recovery_ms: fields.seconds("recovery_time", 0.001..=DAY_SECONDS, report),
        half_open_requests: fields.count("half_open_requests", 1..=1_000, report),
    })
}
