//! A batch in words for people, and its objects for programs.

use std::path::Path;

use roundtable_domain::{PicoUsd, Provenance};
use roundtable_engine::{BatchEnd, BatchEstimate, BatchOutcome, BatchProgress, SpendTotals};
use roundtable_ledger::format_usd;
use serde::Serialize;
use serde_json::{Value, json};

/// What running the batch would mean, line by line.
pub(super) fn estimate(estimate: &BatchEstimate, most: Option<PicoUsd>) -> Vec<String> {
    let mut lines = vec![format!("{}; {}", count(estimate.questions, "question"), standing(estimate))];
    if estimate.lost > 0 {
        let lost = estimate.lost;
        lines.push(format!(
            "{lost} of them had results before; the file that held those is not here any more."
        ));
    }
    if estimate.interrupted > 0 {
        let interrupted = estimate.interrupted;
        lines.push(format!(
            "{interrupted} may have been paid when they were stopped; --again interrupted asks them again."
        ));
    }
    if estimate.to_ask > 0 {
        lines.push(format!("About {} tokens are sent. {}", estimate.input_tokens, money(estimate)));
    }
    if estimate.unpriced > 0 {
        let targets = estimate.unpriced_targets.join(", ");
        lines.push(format!("Nobody knows what {} of them cost: {targets} has no price.", estimate.unpriced));
    }
    for refused in &estimate.cannot_ask {
        lines.push(format!("{} will fail: {}: {}", refused.questions, refused.target, refused.reason));
    }
    if let Some(most) = most {
        lines.push(format!("It stops before it costs more than {}.", dollars(most)));
    }
    lines
}

fn standing(estimate: &BatchEstimate) -> String {
    let parts = [
        (estimate.answered, "answered already"),
        (estimate.to_write, "answered and to be written"),
        (estimate.failed, "failed (--again failed,truncated asks them again)"),
        (estimate.interrupted, "interrupted"),
        (estimate.to_ask, "to ask"),
    ];
    let told: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    told.join(", ")
}

fn money(estimate: &BatchEstimate) -> String {
    let mut parts = Vec::new();
    if estimate.worst_usd > PicoUsd::ZERO {
        let (expected, worst) = (estimated(estimate.expected_usd), dollars(estimate.worst_usd));
        parts.push(format!("Expected cost {expected}, at most {worst}."));
    }
    if estimate.simulated_worst_usd > PicoUsd::ZERO {
        let expected = estimated(estimate.simulated_expected_usd);
        let worst = dollars(estimate.simulated_worst_usd);
        parts.push(format!("Expected cost in simulated money {expected}, at most {worst}."));
    }
    parts.join(" ")
}

/// How far a batch is, beside its bar.
pub(super) fn progress(progress: &BatchProgress) -> String {
    let mut parts = vec![spent(&progress.spent)];
    if progress.failed > 0 {
        parts.push(format!("{} without a complete answer", progress.failed));
    }
    parts.join(", ")
}

/// What came of a batch, in one line.
pub(super) fn outcome(outcome: &BatchOutcome, results: &Path) -> String {
    let questions = outcome.complete + outcome.failed + outcome.interrupted + outcome.left;
    let (complete, asked, spent) = (outcome.complete, outcome.asked, spent(&outcome.spent));
    format!("{complete} of {questions} answered in {} ({asked} asked now); {spent}", results.display())
}

/// Why not every question has a complete answer, and what to do next; `None` when all have.
pub(super) fn incomplete(outcome: &BatchOutcome, most: Option<PicoUsd>) -> Option<String> {
    let mut parts = Vec::new();
    if outcome.left > 0 {
        let left = outcome.left;
        parts.push(match (outcome.end, most) {
            (BatchEnd::Capped, Some(most)) => format!(
                "{left} were not asked: the next might cost more than what is left of {}. The same command with a higher \
                 --max-cost goes on.",
                dollars(most)
            ),
            (BatchEnd::OverBudget, _) => format!(
                "{left} were not asked. {} The same command goes on once there is room.",
                outcome.over_budget.as_deref().unwrap_or_default()
            ),
            _ => format!("{left} have no result yet. The same command goes on."),
        });
    }
    if outcome.failed > 0 {
        parts.push(format!(
            "{} failed or broke off; their results say why. --again failed,truncated asks them again.",
            outcome.failed
        ));
    }
    if outcome.interrupted > 0 {
        parts.push(format!(
            "{} were stopped in flight and may have been paid. --again interrupted asks them again.",
            outcome.interrupted
        ));
    }
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// The object of the estimate.
#[derive(Serialize)]
pub(super) struct EstimateObject<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    estimate: &'a BatchEstimate,
}

impl<'a> EstimateObject<'a> {
    pub(super) fn of(estimate: &'a BatchEstimate) -> Self {
        Self { kind: "estimate", estimate }
    }
}

/// The object of the end.
pub(super) fn outcome_object(outcome: &BatchOutcome, results: &Path) -> Value {
    let end = match outcome.end {
        BatchEnd::Finished => "finished",
        BatchEnd::Capped => "capped",
        BatchEnd::OverBudget => "over_budget",
        BatchEnd::Stopped => "stopped",
    };
    json!({
        "type": "batch",
        "end": end,
        "results": results.display().to_string(),
        "asked": outcome.asked,
        "complete": outcome.complete,
        "failed": outcome.failed,
        "interrupted": outcome.interrupted,
        "left": outcome.left,
        "over_budget": outcome.over_budget,
        "spent_usd": outcome.spent.real,
        "unpriced_calls": outcome.spent.unpriced_calls,
        "estimated": outcome.spent.estimated,
        "simulated_spent_usd": outcome.spent.simulated,
    })
}

fn spent(totals: &SpendTotals) -> String {
    let mut parts = Vec::new();
    let provenance = if totals.estimated { Provenance::Estimated } else { Provenance::Computed };
    if totals.simulated_calls == 0 || totals.calls > 0 {
        parts.push(format!("{} spent", format_usd(Some(totals.real), Some(provenance))));
    }
    if totals.simulated_calls > 0 {
        parts.push(format!("{} of simulated money spent", dollars(totals.simulated)));
    }
    if totals.unpriced_calls > 0 {
        parts.push(format!("{} unpriced", count(totals.unpriced_calls.into(), "call")));
    }
    parts.join(", ")
}

fn dollars(amount: PicoUsd) -> String {
    format_usd(Some(amount), None)
}

fn estimated(amount: PicoUsd) -> String {
    format_usd(Some(amount), Some(Provenance::Estimated))
}

fn count(number: u64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
