//! What the window edited, as the value its file is to hold.
//!
//! Nothing is checked here: the text that is made of it is read like any other file, so that a mistake is told in the same
//! words wherever it was made.

use roundtable_router::route::Value;

use crate::view::{
    ActionView, AliasView, ChoiceView, CircuitBreakerView, ConditionsView, CostSoFarView, EchelonView,
    GroupFallbackView, GroupView, PoolFallbackView, PoolView, RuleView,
};

/// The keys of a mapping that say something.
#[derive(Default)]
struct Keys(Vec<(String, Value)>);

impl Keys {
    fn add(&mut self, key: &str, value: Option<Value>) {
        self.0.extend(value.map(|value| (key.to_owned(), value)));
    }

    fn text(&mut self, key: &str, value: Option<&String>) {
        self.add(key, value.filter(|text| !text.trim().is_empty()).cloned().map(Value::Text));
    }

    fn texts(&mut self, key: &str, values: &[String]) {
        self.add(key, (!values.is_empty()).then(|| texts(values)));
    }

    fn whole(&mut self, key: &str, value: Option<impl Into<u64>>) {
        self.add(key, value.map(whole));
    }

    fn number(&mut self, key: &str, value: Option<f64>) {
        self.add(key, value.map(number));
    }

    /// Only where it is not the usual.
    fn flag(&mut self, key: &str, value: bool, usual: bool) {
        self.add(key, (value != usual).then_some(Value::Bool(value)));
    }

    fn mapping(&mut self, key: &str, value: Value) {
        let is_empty = matches!(&value, Value::Map(entries) if entries.is_empty());
        self.add(key, (!is_empty).then_some(value));
    }

    fn into_value(self) -> Value {
        Value::Map(self.0)
    }
}

pub(super) fn group_value(group: &GroupView) -> Value {
    let mut keys = Keys::default();
    keys.text("description", group.description.as_ref());
    let mut echelons: Vec<&EchelonView> = group.echelons.iter().collect();
    echelons.sort_by_key(|echelon| echelon.number);
    for echelon in echelons {
        keys.add(&format!("echelon{}", echelon.number), Some(echelon_value(echelon)));
    }
    keys.add("fallback_config", group.fallback_config.as_ref().map(group_fallback_value));
    keys.into_value()
}

fn echelon_value(echelon: &EchelonView) -> Value {
    let mut keys = Keys::default();
    keys.add("models", Some(texts(&echelon.models)));
    keys.whole("concurrency_limit", echelon.concurrency_limit);
    keys.whole("rpm_limit", echelon.rpm_limit);
    keys.whole("tpm_limit", echelon.tpm_limit);
    keys.whole("priority", echelon.priority);
    keys.number("timeout", echelon.timeout);
    keys.whole("max_retries", echelon.max_retries);
    keys.number("temperature", echelon.temperature);
    keys.whole("max_tokens", echelon.max_tokens);
    keys.into_value()
}

fn group_fallback_value(fallback: &GroupFallbackView) -> Value {
    let mut keys = Keys::default();
    keys.text("strategy", Some(&fallback.strategy));
    keys.texts("fallback_groups", &fallback.fallback_groups);
    keys.whole("max_attempts", fallback.max_attempts);
    keys.number("retry_delay", fallback.retry_delay);
    keys.add("circuit_breaker", fallback.circuit_breaker.as_ref().map(breaker_value));
    keys.text("after_commit", fallback.after_commit.as_ref());
    keys.text("last_resort", fallback.last_resort.as_ref());
    keys.into_value()
}

fn breaker_value(breaker: &CircuitBreakerView) -> Value {
    let mut keys = Keys::default();
    keys.whole("failure_threshold", breaker.failure_threshold);
    keys.number("recovery_time", breaker.recovery_time);
    keys.whole("half_open_requests", breaker.half_open_requests);
    keys.into_value()
}

pub(super) fn pool_value(pool: &PoolView) -> Value {
    let mut keys = Keys::default();
    keys.text("description", pool.description.as_ref());
    keys.add("task_groups", Some(texts(&pool.task_groups)));
    keys.text("rotation_strategy", Some(&pool.rotation_strategy));
    let weights = pool.weights.iter().map(|(group, weight)| (group.clone(), whole(*weight)));
    keys.mapping("weights", Value::Map(weights.collect()));
    keys.number("health_check_interval", pool.health_check_interval);
    keys.whole("failure_threshold", pool.failure_threshold);
    keys.number("recovery_time", pool.recovery_time);
    keys.add("fallback_config", pool.fallback_config.as_ref().map(pool_fallback_value));
    keys.into_value()
}

fn pool_fallback_value(fallback: &PoolFallbackView) -> Value {
    let mut keys = Keys::default();
    keys.text("strategy", Some(&fallback.strategy));
    keys.whole("max_instance_attempts", fallback.max_instance_attempts);
    keys.into_value()
}

pub(super) fn aliases_value(aliases: &[AliasView]) -> Value {
    let alias = |alias: &AliasView| (alias.name.clone(), Value::Text(alias.model.clone()));
    Value::Map(aliases.iter().map(alias).collect())
}

pub(super) fn choice_value(choice: &ChoiceView) -> Value {
    let mut keys = Keys::default();
    keys.text("strategy", Some(&choice.strategy));
    keys.text("priority", Some(&choice.priority));
    keys.add(
        "weights",
        choice.weights.map(|weights| {
            let mut keys = Keys::default();
            keys.number("performance", Some(weights.performance));
            keys.number("cost", Some(weights.cost));
            keys.number("load", Some(weights.load));
            keys.number("capability", Some(weights.capability));
            keys.into_value()
        }),
    );
    keys.into_value()
}

pub(super) fn rule_value(rule: &RuleView) -> Value {
    let mut keys = Keys::default();
    keys.add("name", Some(Value::Text(rule.name.clone())));
    keys.flag("enabled", rule.enabled, true);
    keys.mapping("when", conditions_value(&rule.when));
    keys.mapping("unless", conditions_value(&rule.unless));
    keys.add("then", Some(action_value(&rule.then)));
    keys.into_value()
}

fn conditions_value(conditions: &ConditionsView) -> Value {
    let mut keys = Keys::default();
    keys.texts("task", &conditions.task);
    keys.texts("complexity", &conditions.complexity);
    keys.texts("language", &conditions.language);
    keys.whole("min_tokens", conditions.min_tokens);
    keys.whole("max_tokens", conditions.max_tokens);
    keys.texts("attachments", &conditions.attachments);
    keys.texts("keywords", &conditions.keywords);
    keys.add("regex", conditions.regex.clone().filter(|regex| !regex.is_empty()).map(Value::Text));
    keys.texts("tags", &conditions.tags);
    keys.add(
        "time",
        conditions.time.as_ref().map(|time| {
            let side = |key: &str, text: &String| (key.to_owned(), Value::Text(text.clone()));
            Value::Map(vec![side("from", &time.from), side("to", &time.to)])
        }),
    );
    keys.texts("weekdays", &conditions.weekdays);
    keys.add("cost_so_far", conditions.cost_so_far.as_ref().map(cost_value));
    keys.into_value()
}

fn cost_value(cost: &CostSoFarView) -> Value {
    let mut keys = Keys::default();
    let amount = |text: &Option<String>| text.as_ref().filter(|text| !text.trim().is_empty()).map(dollars);
    keys.add("conversation_over", amount(&cost.conversation_over));
    keys.add("day_over", amount(&cost.day_over));
    keys.add("month_over", amount(&cost.month_over));
    keys.into_value()
}

/// A number where that says the same, so that a file that says `0.5` goes on saying so; else the text.
fn dollars(text: &String) -> Value {
    let whole = text.parse().ok().filter(|number: &i64| number.to_string() == *text).map(Value::Whole);
    let float = || text.parse().ok().filter(|number: &f64| number.to_string() == *text).map(Value::Float);
    whole.or_else(float).unwrap_or_else(|| Value::Text(text.clone()))
}

fn action_value(action: &ActionView) -> Value {
    let mut keys = Keys::default();
    keys.text("to", action.to.as_ref());
    keys.texts("only", &action.only);
    keys.texts("never", &action.never);
    keys.flag("local_only", action.local_only, false);
    keys.text("priority", action.priority.as_ref());
    keys.text("strategy", action.strategy.as_ref());
    keys.flag("stop", action.stop, false);
    keys.into_value()
}

fn texts(texts: &[String]) -> Value {
    Value::List(texts.iter().cloned().map(Value::Text).collect())
}

/// No limit of a file is above `i64::MAX`: what is, is refused when the text is read.
fn whole(number: impl Into<u64>) -> Value {
    Value::Whole(i64::try_from(number.into()).unwrap_or(i64::MAX))
}

/// Without a point where none is needed.
fn number(number: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "whole and small, which is asked before")]
    if number.fract() == 0.0 && number.abs() < 1e15 {
        return Value::Whole(number as i64);
    }
    Value::Float(number)
}

#[cfg(test)]
mod tests;
