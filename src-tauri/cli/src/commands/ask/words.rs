//! An answer and its failure in words for people.

use roundtable_domain::{ErrorCategory, RunState};
use roundtable_engine::Run;
use roundtable_engine::view::{Charged, FaultView, NextStep, RunView};
use roundtable_ledger::format_usd;

use crate::failure::FailedAnswer;

/// How to ask a server that has no name here.
const UNSAVED: &str = " To ask any server: --kind, --base-url and --model.";

/// What an answer holds besides its text: a refusal, calls of tools.
pub(super) fn beside_text(run: &Run) -> Vec<String> {
    let mut lines = Vec::new();
    if !run.refusal.is_empty() {
        lines.push(format!("[refused] {}", run.refusal));
    }
    lines.extend(run.tool_calls.iter().map(|call| format!("[calls {}] {}", call.name, call.arguments)));
    lines
}

/// Model, time, tokens and cost on one line.
pub(super) fn figures(run: &Run) -> String {
    let mut figures = vec![run.target.clone()];
    // Who answers for a route is never left to be guessed.
    let asked = run.provider.as_deref().zip(run.model_requested.as_deref());
    figures.extend(
        asked.map(|(provider, model)| format!("{provider}/{model}")).filter(|model| *model != run.target),
    );
    figures.extend(match run.source.as_str() {
        "cache" => Some("kept from earlier".to_owned()),
        "shared" => Some("shared with the same request".to_owned()),
        "last_resort" => Some("the route's own words, not from a model".to_owned()),
        _ => None,
    });
    if let Some(served) =
        run.model_served.as_ref().filter(|served| run.model_requested.as_ref() != Some(served))
    {
        figures.push(format!("served by {served}"));
    }
    if run.state != RunState::Complete {
        figures.push(run.state.as_str().to_owned());
    }
    figures.extend(run.ttft_ms.map(|ms| format!("first token after {ms} ms")));
    figures.extend(run.usage.input.map(|tokens| format!("{tokens} tokens in")));
    figures.extend(run.usage.output.map(|tokens| format!("{tokens} out")));
    figures.extend(run.cost.as_ref().map(|cost| format_usd(cost.usd, cost.provenance)));
    if run.simulated {
        figures.push("simulated".to_owned());
    }
    figures.join(" · ")
}

/// What to tell of an answer that did not complete. `view` is the run as the engine last told it; it holds no fault when the
/// answer was stopped.
pub(super) fn failed(lane: usize, run: &Run, view: Option<&RunView>) -> FailedAnswer {
    let fault = view.and_then(|view| view.fault.as_ref());
    let answer = |category: ErrorCategory, message: String| FailedAnswer {
        lane,
        target: run.target.clone(),
        category: category.as_str(),
        message,
        charged: charged(run, fault),
        retryable: fault.is_some_and(|fault| fault.next_steps.contains(&NextStep::Retry)),
        detail: fault.and_then(|fault| fault.detail.clone()),
    };
    match (fault, &run.error) {
        // A reply that could not be read: what was wrong with it is told in our own words, to the end.
        (Some(fault), Some(error)) if fault.category == ErrorCategory::WrongAddress => {
            FailedAnswer { detail: None, ..answer(fault.category, error.message.clone()) }
        }
        (Some(fault), _) => answer(fault.category, format!("{}{}", fault.message, what_next(run, fault))),
        (None, Some(error)) => answer(error.category, error.message.clone()),
        (None, None) => answer(ErrorCategory::Cancelled, "Stopped.".to_owned()),
    }
}

fn charged(run: &Run, fault: Option<&FaultView>) -> &'static str {
    match fault.map(|fault| fault.charged) {
        Some(Charged::No) => "no",
        Some(Charged::Yes) => "yes",
        // An answer that was stopped before anything was booked.
        None if run.cost.is_none() => "no",
        Some(Charged::Possibly) | None => "possibly",
    }
}

/// What the engine leaves to whoever shows the fault: the next step, in words of the command line.
fn what_next(run: &Run, fault: &FaultView) -> String {
    let provider = run.provider.as_deref().unwrap_or_default();
    match fault.category {
        // A wrong path answers like this far more often than a wrong request does.
        ErrorCategory::InvalidRequest if fault.status == Some(404) => {
            " Check the base URL, with its path (for example /v1).".to_owned()
        }
        ErrorCategory::Authentication | ErrorCategory::Permission if provider == "custom" => {
            " The key comes from the variable named with --key-env.".to_owned()
        }
        ErrorCategory::Authentication if fault.status.is_none() => {
            format!(" Here: roundtable-cli keys set {provider}.")
        }
        ErrorCategory::ModelNotFound if provider == "custom" => String::new(),
        ErrorCategory::ModelNotFound => match run.target.split_once('/') {
            Some(("custom", _)) => UNSAVED.to_owned(),
            Some((unknown, _)) if fault.status.is_none() => {
                format!(" To add it: roundtable-cli keys set {unknown}.")
            }
            _ => " What can be asked: roundtable-cli models.".to_owned(),
        },
        _ => String::new(),
    }
}
