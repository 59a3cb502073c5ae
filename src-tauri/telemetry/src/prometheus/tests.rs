use roundtable_domain::{ErrorCategory, RunState, TokenUsage};

use super::*;
use crate::facts::tests::call;

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
        charge: Charge::Nothing,
        usage: TokenUsage::default(),
        ..call()
    };
    metrics.record(&failed);
    metrics.record(&CallFacts { charge: Charge::Unknown, ..call() });
    let whom = r#"{provider="work-openai",model="gpt-4o",simulated="false""#;
    for (name, rest, value) in [
        ("calls_total", r#",outcome="complete",kind="first",operation="chat"}"#, "3"),
        ("calls_total", r#",outcome="rate_limited",kind="retry",operation="chat"}"#, "1"),
        ("tokens_total", r#",direction="input"}"#, "3000"),
        ("cost_picodollars_total", "}", "7000000000"),
        ("unpriced_calls_total", "}", "1"),
        ("first_token_seconds_count", "}", "4"),
    ] {
        // What was refused is charged by nobody, and not a call without a price.
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

#[test]
fn every_metric_says_what_it_is() {
    let metrics = Metrics::default();
    metrics.record(&call());
    metrics.record(&CallFacts { came_from: "cache".to_owned(), ..call() });
    metrics.record(&CallFacts { charge: Charge::Unknown, ..call() });
    metrics.show_budgets(&[BudgetFacts {
        id: "a".to_owned(),
        limit_pico: 10,
        spent_pico: 4,
        reserved_pico: 1,
        simulated: false,
    }]);
    let text = metrics.text();
    let described = |line: &str, what: &str| -> Option<String> {
        let rest = line.strip_prefix(what)?.trim_start();
        rest.split_once(' ').filter(|(_, words)| !words.trim().is_empty()).map(|(name, _)| name.to_owned())
    };
    let helped: Vec<String> = text.lines().filter_map(|line| described(line, "# HELP")).collect();
    let typed: Vec<String> = text.lines().filter_map(|line| described(line, "# TYPE")).collect();
    assert_eq!(helped, typed, "a line of each");
    assert_eq!(helped.len(), 10);
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        assert!(helped.iter().any(|name| line.starts_with(name.as_str())), "{line} is of nothing described");
    }
    assert!(text.ends_with("# EOF\n"), "a page that breaks off is told from one that is whole");
}
