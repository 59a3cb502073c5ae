//! `batch`: many questions of a file, and a file of their results.

mod bar;
mod words;

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::num::NonZeroUsize;
use std::pin::pin;
use std::process::ExitCode;

use roundtable_engine::view::MoneyChoice;
use roundtable_engine::{
    AnswerRecord, BatchEstimate, BatchOutcome, BatchPlan, BatchProgress, BatchSettings, BatchStop, Engine,
};
use serde_json::Value;

use self::bar::Bar;
use super::ask::{record::RunObject, request};
use super::{Context, alerts, budget, target_or_default};
use crate::arguments::Batch;
use crate::failure::Failure;
use crate::interrupt::{Stop, stop_asked};
use crate::output;

pub(crate) async fn run(context: &Context, arguments: Batch) -> Result<ExitCode, Failure> {
    let mut settings = settings(&arguments)?;
    let engine = context.observed_engine(&arguments.observed).await?;
    let before = engine.mark_alerts().await.ok();
    let done = async {
        let budgets = budget::named(&engine, &arguments.money.consent.over_budget).await?;
        settings.money = arguments.money.choice(budgets);
        if settings.targets.is_empty() && engine.default_target().await?.is_some() {
            settings.targets.push(target_or_default(&engine, None).await?);
        }
        batch(context, &engine, settings, &arguments).await
    };
    let done = done.await;
    alerts::tell_since(context, &engine, before).await;
    engine.shutdown().await;
    done
}

async fn batch(
    context: &Context,
    engine: &Engine,
    settings: BatchSettings,
    arguments: &Batch,
) -> Result<ExitCode, Failure> {
    let plan = engine.plan_batch(settings).await?;
    tell(context, &plan.estimate, arguments)?;
    if arguments.dry_run {
        return Ok(ExitCode::SUCCESS);
    }
    if plan.estimate.to_ask > 0 && !arguments.yes && !goes_on()? {
        output::note("Nothing was asked.");
        return Ok(ExitCode::FAILURE);
    }
    let outcome = run_until_stopped(context, engine, plan).await?;
    conclude(context, &outcome, arguments)
}

/// Runs the batch; Ctrl-C lets the answers under way end, a second one and a supervisor stop them.
async fn run_until_stopped(
    context: &Context,
    engine: &Engine,
    plan: BatchPlan,
) -> Result<BatchOutcome, Failure> {
    let stop = BatchStop::default();
    let bar = Bar::new(context.json, plan.estimate.questions);
    let mut report = |progress: &BatchProgress| bar.show(progress);
    let outcome = {
        let mut running = pin!(engine.run_batch(plan, rendered, &stop, &mut report));
        loop {
            tokio::select! {
                outcome = &mut running => break outcome,
                by = stop_asked() => {
                    if by == Stop::Supervisor || stop.drain.is_cancelled() {
                        stop.cancel.cancel();
                    }
                    if !stop.drain.is_cancelled() && !context.json {
                        bar.say("Nothing more is asked; the answers under way are waited for. Ctrl-C again stops them.");
                    }
                    stop.drain.cancel();
                }
            }
        }
    };
    bar.clear();
    Ok(outcome?)
}

/// An answer as `ask --json` prints it.
fn rendered(record: &AnswerRecord) -> serde_json::Result<Value> {
    serde_json::to_value(RunObject::of(record, &[]))
}

fn tell(context: &Context, estimate: &BatchEstimate, arguments: &Batch) -> Result<(), Failure> {
    if context.json {
        return output::object(&words::EstimateObject::of(estimate));
    }
    for line in words::estimate(estimate, arguments.max_cost) {
        output::note(&line);
    }
    Ok(())
}

/// Asks back, where somebody is there to answer.
fn goes_on() -> Result<bool, Failure> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Ok(true);
    }
    let mut asked = std::io::stderr().lock();
    asked.write_all(b"Go on? [y/N] ")?;
    asked.flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

fn conclude(context: &Context, outcome: &BatchOutcome, arguments: &Batch) -> Result<ExitCode, Failure> {
    if context.json {
        output::object(&words::outcome_object(outcome, &arguments.out))?;
    } else {
        output::line(&words::outcome(outcome, &arguments.out))?;
    }
    match words::incomplete(outcome, arguments.max_cost) {
        None => Ok(ExitCode::SUCCESS),
        Some(message) => Err(Failure::Batch { message, retryable: outcome.left > 0 }),
    }
}

fn settings(arguments: &Batch) -> Result<BatchSettings, Failure> {
    let named = arguments.to.iter().map(|target| target.trim()).filter(|target| !target.is_empty());
    let mut targets: Vec<String> = Vec::new();
    for target in named {
        // The same name twice is one target.
        if !targets.iter().any(|known| known == target) {
            targets.push(target.to_owned());
        }
    }
    Ok(BatchSettings {
        questions: arguments.questions.clone(),
        results: arguments.out.clone(),
        targets,
        system: arguments.system.clone(),
        params: request::params(&arguments.values)?,
        profile: arguments.sending.profile.clone(),
        retry: !arguments.sending.no_retry,
        timeouts: request::timeouts(arguments.sending.timeout),
        filing: arguments.filed.filing(),
        concurrency: NonZeroUsize::new(usize::from(arguments.concurrency)).unwrap_or(NonZeroUsize::MIN),
        again: arguments.again.iter().copied().map(Into::into).collect(),
        most_usd: arguments.max_cost,
        money: MoneyChoice::default(),
    })
}
