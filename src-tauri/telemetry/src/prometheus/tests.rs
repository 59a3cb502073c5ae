use roundtable_domain::{ErrorCategory, RunState, UnixMs};

use super::*;
use crate::facts::Operation;

fn call() -> CallFacts {
    CallFacts {
        operation: Operation::Chat,
        provider: "openai".to_owned(),
        model: "gpt-4o".to_owned(),
        model_served: Some("gpt-4o-2024-08-06".to_owned()),
        came_from: "model".to_owned(),
        kind: "first".to_owned(),
        state: RunState::Complete,
        category: None,
        ended_at: UnixMs(1_790_553_600_000),
        ttft_ms: Some(250),
        total_ms: Some(2_000),
        input_tokens: Some(1_000),
        output_tokens: Some(100),
        cost: Some("0.0035".parse().unwrap()),
        simulated: false,
    }
}

fn line(metrics: &Metrics, begins: &str) -> Option<String> {
    metrics.text().lines().find(|line| line.starts_with(begins)).map(str::to_owned)
}

#[test]
fn calls_tokens_and_money_are_counted_exactly() {
    let metrics = Metrics::default();
    metrics.record(&call());
    metrics.record(&call());
    let failed = CallFacts {
        state: RunState::Failed,
        category: Some(ErrorCategory::RateLimited),
        kind: "retry".to_owned(),
        cost: None,
        ..call()
    };
    metrics.record(&failed);
    let whom = r#"{provider="openai",model="gpt-4o",simulated="false""#;
    for (name, rest, value) in [
        ("calls_total", r#",outcome="complete",kind="first",operation="chat"}"#, "2"),
        ("calls_total", r#",outcome="rate_limited",kind="retry",operation="chat"}"#, "1"),
        ("tokens_total", r#",direction="input"}"#, "3000"),
        ("cost_picodollars_total", "}", "7000000000"),
        ("unpriced_calls_total", "}", "1"),
        ("first_token_seconds_count", "}", "3"),
    ] {
        let begins = format!("roundtable_{name}{whom}{rest}");
        assert_eq!(line(&metrics, &begins), Some(format!("{begins} {value}")), "{}", metrics.text());
    }
}

#[test]
fn an_answer_without_a_call_is_no_call() {
    let metrics = Metrics::default();
    metrics.record(&CallFacts { came_from: "cache".to_owned(), ..call() });
    assert!(line(&metrics, "roundtable_answers_without_call_total{source=\"cache\"} 1").is_some());
    assert_eq!(line(&metrics, "roundtable_calls_total"), None);
}

#[test]
fn a_budget_that_is_gone_is_not_shown_any_more() {
    let metrics = Metrics::default();
    let budget = |id: &str| BudgetFacts {
        id: id.to_owned(),
        limit_pico: 10,
        spent_pico: 4,
        reserved_pico: 1,
        simulated: false,
    };
    metrics.show_budgets(&[budget("a"), budget("b")]);
    metrics.show_budgets(&[budget("b")]);
    assert_eq!(line(&metrics, "roundtable_budget_spent_picodollars{budget=\"a\""), None);
    assert_eq!(
        line(&metrics, "roundtable_budget_spent_picodollars{budget=\"b\"").as_deref(),
        Some("roundtable_budget_spent_picodollars{budget=\"b\",simulated=\"false\"} 4")
    );
}
