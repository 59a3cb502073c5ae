//! `analysis` and `advice`: how models did, and what could be done better.

use std::process::ExitCode;

use roundtable_engine::Engine;
use roundtable_engine::view::{
    AnalysisView, AppliedChange, ModelAnalysis, Priority, Recommendation, SuccessRate, SuccessVerdict,
    TrendDirection,
};
use roundtable_ledger::format_usd;
use serde::Serialize;

use super::Context;
use crate::arguments::{Advice, AdviceAction, Analysis, Format, Switch};
use crate::failure::Failure;
use crate::output;

/// The columns of `analysis --format csv`.
const COLUMNS: [&str; 19] = [
    "target",
    "simulated",
    "requests",
    "succeeded",
    "cancelled",
    "average_ms",
    "p95_ms",
    "ttft_p50_ms",
    "trend",
    "change_percent",
    "success_rate",
    "success_least",
    "success_most",
    "verdict",
    "usd",
    "usd_per_request",
    "usd_per_1k_answer_tokens",
    "answers_per_usd",
    "errors",
];

/// The first line of `analysis --json` and `advice --json`.
#[derive(Serialize)]
struct Head {
    #[serde(rename = "type")]
    kind: &'static str,
    since: roundtable_domain::UnixMs,
    until: roundtable_domain::UnixMs,
    success_target: f64,
    automatic: bool,
}

/// Another line of it: a model, a recommendation or a change.
#[derive(Serialize)]
struct Line<'a, T> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    of: &'a T,
}

pub(crate) async fn run(context: &Context, arguments: Analysis) -> Result<ExitCode, Failure> {
    let format = if context.json { Format::Json } else { arguments.format };
    let engine = context.engine().await?;
    let analysis = engine.analysis(arguments.days).await;
    engine.shutdown().await;
    let analysis = analysis?;
    match format {
        Format::Json => {
            head("analysis", &analysis)?;
            lines("model", &analysis.models)?;
            lines("recommendation", &analysis.recommendations)?;
        }
        Format::Csv => csv(&analysis.models)?,
        Format::Table => {
            models(&analysis.models)?;
            if !analysis.recommendations.is_empty() {
                output::line("")?;
                recommendations(&analysis.recommendations)?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn advice(context: &Context, arguments: Advice) -> Result<ExitCode, Failure> {
    let engine = context.engine().await?;
    let outcome = act(&engine, arguments.action.unwrap_or(AdviceAction::List), arguments.days).await;
    engine.shutdown().await;
    let analysis = outcome?;
    if context.json {
        head("advice", &analysis)?;
        lines("recommendation", &analysis.recommendations)?;
        lines("change", &analysis.changes)?;
        return Ok(ExitCode::SUCCESS);
    }
    if analysis.recommendations.is_empty() {
        output::line("Nothing to recommend: too little was seen, or all is well.")?;
    } else {
        recommendations(&analysis.recommendations)?;
    }
    if !analysis.changes.is_empty() {
        output::line("")?;
        analysis.changes.iter().try_for_each(change)?;
    }
    output::line(if analysis.automatic {
        "\nSafe recommendations are followed without asking."
    } else {
        "\nNothing is followed without asking."
    })?;
    Ok(ExitCode::SUCCESS)
}

async fn act(engine: &Engine, action: AdviceAction, days: u32) -> Result<AnalysisView, Failure> {
    Ok(match action {
        AdviceAction::List => engine.analysis(days).await?,
        AdviceAction::Apply { id } => engine.apply_recommendation(&id, days).await?,
        AdviceAction::Undo { id } => engine.undo_change(&id, days).await?,
        AdviceAction::Dismiss { id } => engine.dismiss_recommendation(&id, true, days).await?,
        AdviceAction::Restore { id } => engine.dismiss_recommendation(&id, false, days).await?,
        AdviceAction::Auto { switch } => engine.set_automatic(switch == Switch::On, days).await?,
    })
}

fn head(kind: &'static str, analysis: &AnalysisView) -> Result<(), Failure> {
    output::object(&Head {
        kind,
        since: analysis.since,
        until: analysis.until,
        success_target: analysis.success_target,
        automatic: analysis.automatic,
    })
}

fn lines<T: Serialize>(kind: &'static str, all: &[T]) -> Result<(), Failure> {
    all.iter().try_for_each(|of| output::object(&Line { kind, of }))
}

fn csv(models: &[ModelAnalysis]) -> Result<(), Failure> {
    output::line(&COLUMNS.join(","))?;
    for model in models {
        let cells = csv_cells(model);
        output::line(&cells.iter().map(|cell| output::csv_cell(cell)).collect::<Vec<_>>().join(","))?;
    }
    Ok(())
}

fn csv_cells(model: &ModelAnalysis) -> [String; 19] {
    let number = |value: Option<u64>| value.map(|value| value.to_string()).unwrap_or_default();
    let ratio = |value: Option<f64>| value.map(|value| format!("{value:.4}")).unwrap_or_default();
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    [
        model.target.clone(),
        model.simulated.to_string(),
        model.requests.to_string(),
        model.succeeded.to_string(),
        model.cancelled.to_string(),
        number(model.latency.map(|latency| latency.average_ms)),
        number(model.latency.map(|latency| latency.p95_ms)),
        number(model.ttft.map(|ttft| ttft.p50_ms)),
        trend_word(model.trend.direction).to_owned(),
        model.trend.change_percent.map(|change| change.to_string()).unwrap_or_default(),
        ratio(model.success.rate),
        ratio(model.success.least),
        ratio(model.success.most),
        verdict_word(model.success.verdict).to_owned(),
        model.usd.clone(),
        text(&model.usd_per_request),
        text(&model.usd_per_1k_answer_tokens),
        ratio(model.answers_per_usd),
        errors(model),
    ]
}

fn models(models: &[ModelAnalysis]) -> Result<(), Failure> {
    if models.is_empty() {
        return output::line("Nothing was asked in this time.");
    }
    let heading = [
        "MODEL",
        "CALLS",
        "ANSWERED",
        "OF 99 %",
        "AVERAGE",
        "P95",
        "TREND",
        "COST",
        "A CALL",
        "1K TOKENS",
        "A DOLLAR",
        "ERRORS",
    ];
    let mut table = vec![heading.map(str::to_owned).to_vec()];
    table.extend(models.iter().map(cells));
    output::table(&table)
}

fn cells(model: &ModelAnalysis) -> Vec<String> {
    let dash = || "–".to_owned();
    let money =
        |usd: &Option<String>| usd.as_ref().map_or_else(dash, |usd| format_usd(usd.parse().ok(), None));
    let change = |change: f64| format!(" {change:+.0} %");
    vec![
        format!("{}{}", model.target, if model.simulated { " (simulated)" } else { "" }),
        model.requests.to_string(),
        rate(model.success),
        verdict_word(model.success.verdict).to_owned(),
        model.latency.map_or_else(dash, |latency| seconds(latency.average_ms)),
        model.latency.map_or_else(dash, |latency| seconds(latency.p95_ms)),
        format!(
            "{}{}",
            trend_word(model.trend.direction),
            model.trend.change_percent.map(change).unwrap_or_default()
        ),
        // Of none is it known: that is not nothing.
        model.usd_per_request.as_ref().map_or_else(dash, |_| format_usd(model.usd.parse().ok(), None)),
        money(&model.usd_per_request),
        money(&model.usd_per_1k_answer_tokens),
        model.answers_per_usd.map_or_else(dash, |answers| format!("{answers:.0} answers")),
        errors(model),
    ]
}

fn errors(model: &ModelAnalysis) -> String {
    let errors: Vec<String> =
        model.errors.iter().map(|error| format!("{} {}", error.count, error.category.as_str())).collect();
    errors.join("; ")
}

/// With what it may be by chance.
fn rate(success: SuccessRate) -> String {
    let percent = |rate: f64| format!("{:.1} %", rate * 100.0);
    match (success.rate, success.least, success.most) {
        (Some(rate), Some(least), Some(most)) => {
            format!("{} ({}–{})", percent(rate), percent(least), percent(most))
        }
        _ => "–".to_owned(),
    }
}

const fn trend_word(direction: TrendDirection) -> &'static str {
    match direction {
        TrendDirection::Faster => "faster",
        TrendDirection::Steady => "steady",
        TrendDirection::Slower => "slower",
        TrendDirection::Unknown => "unknown",
    }
}

const fn verdict_word(verdict: SuccessVerdict) -> &'static str {
    match verdict {
        SuccessVerdict::Met => "met",
        SuccessVerdict::Unsure => "unsure",
        SuccessVerdict::Missed => "missed",
        SuccessVerdict::Unknown => "unknown",
    }
}

fn seconds(ms: u64) -> String {
    format!("{}.{:02} s", ms / 1_000, ms % 1_000 / 10)
}

fn recommendations(all: &[Recommendation]) -> Result<(), Failure> {
    for one in all {
        let mark = match one.priority {
            _ if one.dismissed => "turned down",
            Priority::High => "high",
            Priority::Medium => "medium",
            Priority::Low => "low",
        };
        output::line(&format!("[{mark}] {}", one.title.text))?;
        output::line(&format!("    id: {}", one.id))?;
        one.evidence.iter().try_for_each(|said| output::line(&format!("    {}", said.text)))?;
        output::line(&format!("    {}", one.effect.text))?;
        if let Some(usd) = &one.saves_usd {
            output::line(&format!("    saves about {} in 30 days", format_usd(usd.parse().ok(), None)))?;
        }
        one.change.iter().try_for_each(|change| output::line(&format!("    {}", changed(change))))?;
    }
    Ok(())
}

fn changed(change: &roundtable_engine::view::ChangedValue) -> String {
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "not set".to_owned());
    format!("{}: {} → {}", change.place, value(&change.before), value(&change.after))
}

fn change(change: &AppliedChange) -> Result<(), Failure> {
    let how = match (change.undone_at, change.automatic) {
        (Some(_), _) => "taken back",
        (None, true) => "followed without asking",
        (None, false) => "followed",
    };
    output::line(&format!("[{how}] {}", change.title.text))?;
    output::line(&format!("    id: {}", change.id))?;
    change.change.iter().try_for_each(|one| output::line(&format!("    {}", changed(one))))?;
    change.cannot_undo.iter().try_for_each(|why| output::line(&format!("    {}", why.text)))
}
