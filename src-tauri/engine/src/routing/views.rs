//! Routes and rules as the window sees them.

use roundtable_router::choose::{Action, Conditions, CostSoFar, Preference, Rule, TimeOfDay};
use roundtable_router::route::{
    CircuitBreaker, Echelon, FallbackConfig, Mistake, PollingPool, PoolFallback, Severity, TaskGroup,
};
use serde::Serialize;

use super::Config;
use super::explain::weights_view;
use crate::view::{
    ActionView, AliasView, ChoiceView, CircuitBreakerView, ConditionsView, CostSoFarView, EchelonView,
    GroupFallbackView, GroupView, MistakeView, PoolFallbackView, PoolView, RoutesView, RuleView,
    TimeOfDayView,
};

/// Everything in the folder.
pub(super) fn routes_view(folder: &std::path::Path, config: &Config, mistakes: &[Mistake]) -> RoutesView {
    RoutesView {
        folder: folder.display().to_string(),
        revision: config.revision.clone(),
        groups: config.routes.groups.values().map(group_view).collect(),
        pools: config.routes.pools.values().map(pool_view).collect(),
        aliases: config
            .routes
            .aliases
            .iter()
            .map(|(name, model)| AliasView { name: name.to_owned(), model: model.to_string() })
            .collect(),
        rules: config.rules.rules().map(rule_view).collect(),
        choice: choice_view(&config.preference),
        mistakes: mistakes.iter().map(mistake_view).collect(),
    }
}

fn choice_view(preference: &Preference) -> ChoiceView {
    ChoiceView {
        strategy: preference.strategy.unwrap_or_default().as_str().to_owned(),
        priority: preference.priority.unwrap_or_default().as_str().to_owned(),
        weights: preference.weights.map(weights_view),
    }
}

pub(super) fn mistake_view(mistake: &Mistake) -> MistakeView {
    MistakeView {
        file: mistake.file.clone(),
        line: mistake.line,
        column: mistake.column,
        warning: mistake.severity == Severity::Warning,
        code: mistake.code.as_str().to_owned(),
        reason: mistake.reason.clone(),
    }
}

pub(super) fn group_view(group: &TaskGroup) -> GroupView {
    GroupView {
        name: group.name.clone(),
        description: group.description.clone(),
        echelons: group.echelons.iter().map(echelon_view).collect(),
        fallback_config: group.fallback.as_ref().map(group_fallback_view),
    }
}

fn echelon_view(echelon: &Echelon) -> EchelonView {
    let settings = echelon.settings;
    EchelonView {
        number: echelon.number,
        models: echelon.models.clone(),
        concurrency_limit: settings.concurrency_limit,
        rpm_limit: settings.rpm_limit,
        tpm_limit: settings.tpm_limit,
        priority: settings.priority,
        timeout: settings.timeout_ms.map(seconds),
        max_retries: settings.max_retries,
        temperature: settings.temperature,
        max_tokens: settings.max_tokens,
    }
}

fn group_fallback_view(fallback: &FallbackConfig) -> GroupFallbackView {
    GroupFallbackView {
        strategy: fallback.strategy.as_str().to_owned(),
        fallback_groups: fallback.fallback_groups.iter().map(ToString::to_string).collect(),
        max_attempts: fallback.max_attempts,
        retry_delay: fallback.retry_delay_ms.map(seconds),
        circuit_breaker: fallback.circuit_breaker.map(breaker_view),
        after_commit: fallback.after_commit.map(|after| after.as_str().to_owned()),
        last_resort: fallback.last_resort.clone(),
    }
}

fn breaker_view(breaker: CircuitBreaker) -> CircuitBreakerView {
    CircuitBreakerView {
        failure_threshold: breaker.failure_threshold,
        recovery_time: breaker.recovery_ms.map(seconds),
        half_open_requests: breaker.half_open_requests,
    }
}

pub(super) fn pool_view(pool: &PollingPool) -> PoolView {
    PoolView {
        name: pool.name.clone(),
        description: pool.description.clone(),
        task_groups: pool.task_groups.iter().map(ToString::to_string).collect(),
        rotation_strategy: pool.rotation_strategy.as_str().to_owned(),
        weights: pool.weights.iter().map(|(group, weight)| (group.to_string(), *weight)).collect(),
        health_check_interval: pool.health_check_interval_ms.map(seconds),
        failure_threshold: pool.failure_threshold,
        recovery_time: pool.recovery_ms.map(seconds),
        fallback_config: pool.fallback.map(pool_fallback_view),
    }
}

fn pool_fallback_view(fallback: PoolFallback) -> PoolFallbackView {
    PoolFallbackView {
        strategy: fallback.strategy.as_str().to_owned(),
        max_instance_attempts: fallback.max_instance_attempts,
    }
}

pub(super) fn rule_view(rule: &Rule) -> RuleView {
    RuleView {
        name: rule.name.clone(),
        enabled: rule.enabled,
        when: conditions_view(&rule.when),
        unless: conditions_view(&rule.unless),
        then: action_view(&rule.then),
    }
}

fn conditions_view(conditions: &Conditions) -> ConditionsView {
    let time = |time: &TimeOfDay| TimeOfDayView { from: time.from.clone(), to: time.to.clone() };
    ConditionsView {
        task: words(&conditions.task),
        complexity: words(&conditions.complexity),
        language: words(&conditions.language),
        min_tokens: conditions.min_tokens,
        max_tokens: conditions.max_tokens,
        attachments: words(&conditions.attachments),
        keywords: conditions.keywords.clone(),
        regex: conditions.regex.clone(),
        tags: conditions.tags.clone(),
        time: conditions.time.as_ref().map(time),
        weekdays: words(&conditions.weekdays),
        cost_so_far: conditions.cost_so_far.map(cost_view),
    }
}

fn cost_view(cost: CostSoFar) -> CostSoFarView {
    let usd = |amount: Option<roundtable_domain::PicoUsd>| amount.map(|amount| amount.to_string());
    CostSoFarView {
        conversation_over: usd(cost.conversation_over),
        day_over: usd(cost.day_over),
        month_over: usd(cost.month_over),
    }
}

fn action_view(action: &Action) -> ActionView {
    ActionView {
        to: action.to.clone(),
        only: action.only.clone(),
        never: action.never.clone(),
        local_only: action.local_only,
        priority: action.priority.map(|priority| priority.as_str().to_owned()),
        strategy: action.strategy.map(|strategy| strategy.as_str().to_owned()),
        stop: action.stop,
    }
}

/// The words of the file for values of a fixed set.
pub(super) fn words<T: Serialize>(values: &[T]) -> Vec<String> {
    let word = |value: &T| match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Some(word),
        _ => None,
    };
    values.iter().filter_map(word).collect()
}

#[expect(clippy::cast_precision_loss, reason = "a day in milliseconds is far below 2^53")]
fn seconds(ms: u64) -> f64 {
    ms as f64 / 1_000.0
}
