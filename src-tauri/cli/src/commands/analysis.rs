//! `analysis` and `advice`: how models did, and what could be done better.

use std::process::ExitCode;

use jiff::tz::TimeZone;
use roundtable_domain::PicoUsd;
use roundtable_engine::Engine;
use roundtable_engine::view::{
    AnalysisView, AppliedChange, ChangedValue, FailedCall, ModelAnalysis, Recommendation, SuccessRate,
};
use roundtable_ledger::format_usd;
use serde::Serialize;

use super::Context;
use crate::arguments::{Advice, AdviceAction, Analysis, Format, Switch};
use crate::failure::Failure;
use crate::output;

/// The columns of `analysis --errors`.
const FAILED_COLUMNS: [&str; 6] = ["time", "category", "status", "code", "total_ms", "message"];

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
    let done = show(&engine, &arguments, format).await;
    engine.shutdown().await;
    done?;
    Ok(ExitCode::SUCCESS)
}

async fn show(engine: &Engine, arguments: &Analysis, format: Format) -> Result<(), Failure> {
    if let Some(model) = &arguments.errors {
        let calls = engine.failed_calls(model, arguments.days).await?;
        return failed_calls(&calls, model, format, &engine.time_zone().await?);
    }
    if format == Format::Csv {
        return output::piece(&engine.analysis_csv(arguments.days).await?);
    }
    let analysis = engine.analysis(arguments.days).await?;
    match format {
        Format::Json => {
            head("analysis", &analysis)?;
            lines("model", &analysis.models)?;
            lines("recommendation", &analysis.recommendations)?;
        }
        Format::Csv | Format::Table => {
            models(&analysis.models)?;
            if !analysis.recommendations.is_empty() {
                output::line("")?;
                recommendations(&analysis.recommendations)?;
            }
        }
    }
    Ok(())
}

/// The calls behind a count of failures, newest first.
fn failed_calls(calls: &[FailedCall], model: &str, format: Format, zone: &TimeZone) -> Result<(), Failure> {
    if format == Format::Json {
        return lines("failed_call", calls);
    }
    if calls.is_empty() && format == Format::Table {
        return output::line(&format!("No call of {model} failed in this time."));
    }
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let rows = calls.iter().map(|call| {
        vec![
            output::local(call.at, zone),
            call.category.as_str().to_owned(),
            call.status.map(|status| status.to_string()).unwrap_or_default(),
            text(call.code.as_deref()),
            call.total_ms.map(|ms| ms.to_string()).unwrap_or_default(),
            text(call.message.as_deref()),
        ]
    });
    if format == Format::Csv {
        output::line(&FAILED_COLUMNS.join(","))?;
        return rows
            .map(|row| row.iter().map(|cell| output::csv_cell(cell)).collect::<Vec<_>>().join(","))
            .try_for_each(|line| output::line(&line));
    }
    let heading = FAILED_COLUMNS.map(str::to_uppercase).to_vec();
    output::table(&std::iter::once(heading).chain(rows).collect::<Vec<_>>())
}

pub(crate) async fn advice(context: &Context, arguments: Advice) -> Result<ExitCode, Failure> {
    let format = if context.json { Format::Json } else { arguments.format };
    let engine = context.engine().await?;
    let outcome = act(&engine, arguments.action.unwrap_or(AdviceAction::List), arguments.days).await;
    engine.shutdown().await;
    let analysis = outcome?;
    match format {
        Format::Json => {
            head("advice", &analysis)?;
            lines("recommendation", &analysis.recommendations)?;
            lines("change", &analysis.changes)?;
        }
        Format::Csv => advice_csv(&analysis.recommendations)?,
        Format::Table => advice_table(&analysis)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn advice_csv(all: &[Recommendation]) -> Result<(), Failure> {
    output::line("id,kind,subject,priority,dismissed,title,effect,saves_usd")?;
    all.iter().try_for_each(|one| {
        let cells = [
            one.id.as_str(),
            one.kind.as_str(),
            &one.subject,
            one.priority.as_str(),
            if one.dismissed { "true" } else { "false" },
            &one.title.text,
            &one.effect.text,
            one.saves_usd.as_deref().unwrap_or_default(),
        ];
        output::line(&cells.map(output::csv_cell).join(","))
    })
}

fn advice_table(analysis: &AnalysisView) -> Result<(), Failure> {
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
    })
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
    // Of no answer is the cost known, or no call was charged: neither is nothing.
    let unknown = || if model.unpriced > 0 { "unpriced".to_owned() } else { dash() };
    let money =
        |usd: &Option<String>| usd.as_ref().map_or_else(unknown, |usd| format_usd(usd.parse().ok(), None));
    let change = |change: f64| format!(" {change:+.0} %");
    vec![
        format!("{}{}", model.target, if model.simulated { " (simulated)" } else { "" }),
        model.requests.to_string(),
        rate(model.success),
        model.success.verdict.as_str().to_owned(),
        model.latency.map_or_else(dash, |latency| output::seconds(latency.average_ms)),
        model.latency.map_or_else(dash, |latency| output::seconds(latency.p95_ms)),
        format!(
            "{}{}",
            model.trend.direction.as_str(),
            model.trend.change_percent.map(change).unwrap_or_default()
        ),
        money(&model.usd),
        money(&model.usd_per_request),
        money(&model.usd_per_1k_answer_tokens),
        model.answers_per_usd.map_or_else(dash, answers),
        errors(model),
    ]
}

fn errors(model: &ModelAnalysis) -> String {
    let errors: Vec<String> =
        model.errors.iter().map(|error| format!("{} {}", error.count, error.category.as_str())).collect();
    errors.join("; ")
}

/// How many answers a dollar buys; few of them to the tenth.
fn answers(count: f64) -> String {
    if count < 10.0 { format!("{count:.1} answers") } else { format!("{count:.0} answers") }
}

/// To a tenth, rounded down: 100 % is all of them and nothing less.
fn percent(rate: f64) -> String {
    // A hair is added before: 0.929 times a thousand is 928.9999….
    format!("{:.1} %", (rate * 1_000.0 + 1e-6).floor() / 10.0)
}

/// With what it may be by chance.
fn rate(success: SuccessRate) -> String {
    match (success.rate, success.least, success.most) {
        (Some(rate), Some(least), Some(most)) => {
            format!("{} ({}–{})", percent(rate), percent(least), percent(most))
        }
        _ => "–".to_owned(),
    }
}

fn recommendations(all: &[Recommendation]) -> Result<(), Failure> {
    for one in all {
        let mark = if one.dismissed { "turned down" } else { one.priority.as_str() };
        output::line(&format!("[{mark}] {}", one.title.text))?;
        output::line(&format!("    id: {}", one.id))?;
        one.evidence.iter().try_for_each(|said| output::line(&format!("    {}", said.text)))?;
        output::line(&format!("    {}", one.effect.text))?;
        let saves: Option<PicoUsd> = one.saves_usd.as_ref().and_then(|usd| usd.parse().ok());
        if let Some(usd) = saves.filter(|usd| *usd > PicoUsd::ZERO) {
            output::line(&format!("    saves about {} in 30 days", format_usd(Some(usd), None)))?;
        }
        one.change.iter().try_for_each(|change| output::line(&format!("    {}", changed(change))))?;
    }
    Ok(())
}

fn changed(change: &ChangedValue) -> String {
    format!("{}: {} → {}", change.place.text, change.before.text, change.after.text)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_never_all_where_one_is_missing() {
        let rates = [1.0, 0.9996, 0.99996, 0.929].map(percent);
        assert_eq!(rates, ["100.0 %", "99.9 %", "99.9 %", "92.9 %"]);
        assert_eq!([0.4, 9.96, 12.3].map(answers), ["0.4 answers", "10.0 answers", "12 answers"]);
    }
}
