//! Everything the window can edit is written, read again and shown as it was. The views are spelt out in full, so that a new
//! field has to be thought of here.

use roundtable_router::route::{SourceFile, load};

use super::super::views::{group_view, pool_view, rule_view};
use super::*;
use crate::view::TimeOfDayView;

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn full_group() -> GroupView {
    GroupView {
        name: "full".into(),
        description: Some("# not a comment: \"text\"".into()),
        echelons: vec![EchelonView {
            number: 2,
            models: strings(&["a/b", "no", "über/größe"]),
            concurrency_limit: Some(3),
            rpm_limit: Some(60),
            tpm_limit: Some(4_000_000_000_000 / 4),
            priority: Some(0),
            timeout: Some(2.125),
            max_retries: Some(0),
            temperature: Some(0.7),
            max_tokens: Some(10),
        }],
        fallback_config: Some(GroupFallbackView {
            strategy: "provider_failover".into(),
            fallback_groups: strings(&["other.echelon3"]),
            max_attempts: Some(5),
            retry_delay: Some(0.5),
            circuit_breaker: Some(CircuitBreakerView {
                failure_threshold: Some(4),
                recovery_time: Some(60.0),
                half_open_requests: Some(2),
            }),
            after_commit: Some("regenerate".into()),
            last_resort: Some("Later.\nPerhaps: tomorrow.".into()),
        }),
    }
}

fn full_pool() -> PoolView {
    PoolView {
        name: "ring".into(),
        description: Some("yes".into()),
        task_groups: strings(&["full.echelon2", "full"]),
        rotation_strategy: "weighted".into(),
        weights: [("full".to_owned(), 7)].into(),
        health_check_interval: Some(0.0),
        failure_threshold: Some(3),
        recovery_time: Some(0.25),
        fallback_config: Some(PoolFallbackView {
            strategy: "simple_retry".into(),
            max_instance_attempts: Some(2),
        }),
    }
}

fn full_conditions() -> ConditionsView {
    ConditionsView {
        task: strings(&["code", "long_context"]),
        complexity: strings(&["simple"]),
        language: strings(&["en", "zh"]),
        min_tokens: Some(1),
        max_tokens: Some(9),
        attachments: strings(&["pdf", "none"]),
        keywords: strings(&["on", "工资", "a: b"]),
        regex: Some("^\\s*\"x\" # y".into()),
        tags: strings(&["private"]),
        time: Some(TimeOfDayView { from: "22:00".into(), to: "06:30".into() }),
        weekdays: strings(&["sunday"]),
        cost_so_far: Some(CostSoFarView {
            conversation_over: Some("0.5".into()),
            day_over: Some("20".into()),
            month_over: Some("0.000000000001".into()),
        }),
    }
}

fn full_rule() -> RuleView {
    RuleView {
        name: "all: of it".into(),
        enabled: false,
        when: full_conditions(),
        unless: full_conditions(),
        then: ActionView {
            to: Some("ring".into()),
            only: strings(&["*/b", "a/*"]),
            never: strings(&["c/*"]),
            local_only: true,
            priority: Some("speed".into()),
            strategy: Some("cost_optimised".into()),
            stop: true,
        },
    }
}

#[test]
fn every_field_survives_being_written_and_read() {
    let (group, pool, rule) = (full_group(), full_pool(), full_rule());
    let rules = Value::Map(vec![("rules".into(), Value::List(vec![rule_value(&rule)]))]);
    let aliases = aliases_value(&[AliasView { name: "no".into(), model: "a/b".into() }]);
    let texts = [
        ("groups/full.yaml", group_value(&group).to_yaml()),
        ("groups/other.yaml", "echelon3: {models: [a/b]}\n".to_owned()),
        ("pools/ring.yaml", pool_value(&pool).to_yaml()),
        ("aliases.yaml", aliases.to_yaml()),
        ("rules.yaml", rules.to_yaml()),
    ];
    let files: Vec<SourceFile<'_>> = texts.iter().map(|(path, text)| SourceFile { path, text }).collect();
    let loaded = load(&files, None);
    assert!(loaded.has_no_errors(), "{:#?}", loaded.mistakes);
    assert_eq!(loaded.routes.groups.get("full").map(group_view), Some(group));
    assert_eq!(loaded.routes.pools.get("ring").map(pool_view), Some(pool));
    assert_eq!(loaded.routes.aliases.get("no").map(ToString::to_string).as_deref(), Some("a/b"));
    assert_eq!(loaded.rules.rules().map(rule_view).collect::<Vec<_>>(), [rule]);
}

#[test]
fn what_is_not_said_is_not_written() {
    let echelon = EchelonView { number: 1, models: strings(&["a/b"]), ..EchelonView::default() };
    let group = GroupView {
        name: "g".into(),
        description: Some(" ".into()),
        echelons: vec![echelon],
        fallback_config: None,
    };
    assert_eq!(group_value(&group).to_yaml(), "echelon1:\n  models: [a/b]\n");
    let rule = RuleView { name: "r".into(), enabled: true, ..RuleView::default() };
    assert_eq!(rule_value(&rule).to_yaml(), "name: r\nthen: {}\n");
}
