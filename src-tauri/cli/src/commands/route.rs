//! `route`: whom a prompt would go to and why, why an answer came from whom, and whom to ask for what.

use std::process::ExitCode;

use roundtable_domain::RunId;
use roundtable_engine::Engine;
use roundtable_engine::view::{AdviceView, TraceAttempt, TraceCandidate, TraceView};
use serde::Serialize;

use super::Context;
use crate::arguments::{Explain, Route, RouteAction};
use crate::failure::Failure;
use crate::{output, prompt};

/// One line of `--json`.
#[derive(Serialize)]
struct Line<'a, T> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    value: &'a T,
}

pub(crate) async fn run(context: &Context, arguments: Route) -> Result<ExitCode, Failure> {
    match arguments.action {
        RouteAction::Explain(arguments) => {
            let text =
                if arguments.words.is_empty() { String::new() } else { prompt::text(&arguments.words)? };
            let engine = context.engine().await?;
            let trace = explain(&engine, &arguments, &text).await;
            engine.shutdown().await;
            show_trace(context, &trace?)?;
        }
        RouteAction::Guide => {
            let engine = context.engine().await?;
            let advice = engine.guide().await;
            engine.shutdown().await;
            show_guide(context, &advice?)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn explain(engine: &Engine, arguments: &Explain, text: &str) -> Result<TraceView, Failure> {
    let Some(run) = &arguments.run else {
        let target = arguments.target.as_deref().unwrap_or("auto");
        return Ok(engine.simulate_route(target, text).await?);
    };
    let id = if run == "latest" { engine.latest_run().await? } else { Some(parsed(run)?) };
    let nothing = || Failure::Usage("no conversation has an answer yet".to_owned());
    let trace = engine.explain_run(id.ok_or_else(nothing)?).await?;
    trace.ok_or_else(|| {
        Failure::Usage(format!(
            "the run {run} has no trace: it is from before there were any, or was never sent"
        ))
    })
}

fn parsed(run: &str) -> Result<RunId, Failure> {
    let wrong =
        || Failure::Usage(format!("“{run}” is not the id of a run; it looks like a UUID, or is “latest”"));
    run.parse().map_err(|_| wrong())
}

fn show_trace(context: &Context, trace: &TraceView) -> Result<(), Failure> {
    if context.json {
        return output::object(&Line { kind: "trace", value: trace });
    }
    trace.sentences.iter().try_for_each(|sentence| output::line(sentence))?;
    output::line("")?;
    let heading = ["MODEL", "FROM", "SCORE", "SPEED", "PRICE", "LOAD", "FIT", "USD", ""];
    let heading = heading.map(str::to_owned).to_vec();
    let rows: Vec<_> = std::iter::once(heading).chain(trace.candidates.iter().map(candidate_row)).collect();
    output::table(&rows)?;
    output::line("")?;
    if !trace.attempts.is_empty() {
        let heading = ["CALL", "MODEL", "KEY", "WAITED", "TOOK", "FAILURE", "USD"];
        let heading = heading.map(str::to_owned).to_vec();
        let rows: Vec<_> = std::iter::once(heading).chain(trace.attempts.iter().map(attempt_row)).collect();
        output::table(&rows)?;
        output::line("")?;
    }
    output::line(&facts(trace))
}

/// What the choice looked at, in one line.
fn facts(trace: &TraceView) -> String {
    let mut facts = vec![
        format!("{} {}", trace.complexity, trace.task.replace('_', " ")),
        format!("{} tokens", trace.input_tokens),
        format!("strategy {}, priority {}", trace.strategy, trace.priority),
    ];
    facts.extend(trace.language.as_ref().map(|language| format!("language {language}")));
    facts.push(format!("seed {}", trace.seed));
    if !trace.revision.is_empty() {
        facts.push(format!("revision {}", trace.revision));
    }
    facts.push(
        match trace.replays {
            Some(true) => "choosing again gives the same",
            Some(false) => "choosing again gives another choice",
            None => "of a form this program does not replay",
        }
        .to_owned(),
    );
    facts.join("; ")
}

fn candidate_row(candidate: &TraceCandidate) -> Vec<String> {
    let part = |value: fn(&roundtable_engine::view::ScoreView) -> f64| {
        candidate.score.as_ref().map(|score| format!("{:.3}", value(score))).unwrap_or_default()
    };
    vec![
        candidate.target.clone(),
        candidate.route.clone().unwrap_or_default(),
        part(|score| score.total),
        part(|score| score.performance),
        part(|score| score.cost),
        part(|score| score.load),
        part(|score| score.capability),
        candidate.usd.clone().unwrap_or_else(|| "unpriced".to_owned()),
        candidate.excluded_reason.as_ref().map(|reason| format!("no: {reason}")).unwrap_or_default(),
    ]
}

fn attempt_row(attempt: &TraceAttempt) -> Vec<String> {
    vec![
        attempt.kind.clone(),
        attempt.target.clone(),
        attempt.key.clone().unwrap_or_default(),
        format!("{} ms", attempt.waited_ms),
        format!("{} ms", attempt.took_ms),
        attempt.failure.map(|failure| failure.as_str().to_owned()).unwrap_or_default(),
        attempt.usd.clone().unwrap_or_default(),
    ]
}

fn show_guide(context: &Context, advice: &[AdviceView]) -> Result<(), Failure> {
    if context.json {
        return advice.iter().try_for_each(|value| output::object(&Line { kind: "advice", value }));
    }
    let heading = ["WORK", "ASK", "THEN", "CHEAPER", "WHY"].map(str::to_owned).to_vec();
    let row = |advice: &AdviceView| {
        let name = |model: &Option<String>| model.clone().unwrap_or_default();
        let task = advice.task.replace('_', " ");
        vec![
            task,
            name(&advice.primary),
            name(&advice.fallback),
            name(&advice.cheaper),
            advice.reason.clone(),
        ]
    };
    let rows: Vec<_> = std::iter::once(heading).chain(advice.iter().map(row)).collect();
    output::table(&rows)
}
