//! `ask`: one prompt to one or several models.

mod along;
pub(super) mod record;
pub(super) mod request;
mod watch;
mod words;

use std::process::ExitCode;

use roundtable_domain::RunState;
use roundtable_engine::{AnswerRecord, AskTarget, Engine, Question, UnsavedEndpoint};
use secrecy::SecretString;

use self::record::RunObject;
use self::watch::Watch;
use super::{Context, alerts, budget, no_model, target_or_default};
use crate::arguments::{Along, Ask};
use crate::failure::Failure;
use crate::interrupt::asked_to_stop;
use crate::{output, prompt};

pub(crate) async fn run(context: &Context, arguments: Ask) -> Result<ExitCode, Failure> {
    let question = question(&arguments)?;
    let engine = context.observed_engine(&arguments.observed).await?;
    let before = engine.mark_alerts().await.ok();
    let outcome = match budget::named(&engine, &arguments.money.consent.over_budget).await {
        Ok(budgets) => {
            let money = arguments.money.choice(budgets);
            ask(context, &engine, Question { money, ..question }, &arguments.along).await
        }
        Err(failure) => Err(failure),
    };
    alerts::tell_since(context, &engine, before).await;
    engine.shutdown().await;
    outcome
}

async fn ask(
    context: &Context,
    engine: &Engine,
    mut question: Question,
    along: &Along,
) -> Result<ExitCode, Failure> {
    if question.targets.is_empty() {
        question.targets.push(AskTarget::Named(target_or_default(engine, None).await?));
    }
    let kept = along::keep(engine, along, &question.targets).await?;
    question.attachments = kept.ids;
    let (watch, sink) = Watch::new(context.json, question.targets.len(), question.stream);
    let asking = engine.ask(question, sink).await?;
    let mut watch = watch.of(&asking, &kept.notices);
    let watched = tokio::select! {
        watched = watch.until_over() => watched.map(|()| Over::Answered),
        () = asked_to_stop() => Ok(Over::Stopped),
    };
    if !matches!(watched, Ok(Over::Answered)) {
        engine.stop_asking(&asking);
        watch.drain().await;
    }
    let records = engine.answers(&asking).await?;
    engine.forget(asking).await?;
    let complete = records.iter().all(|record| record.run.state == RunState::Complete);
    match watched.and_then(|_| show(context, &watch, &records, &kept.notices)) {
        Err(Failure::OutputClosed { .. }) => return Err(Failure::OutputClosed { complete }),
        shown => shown?,
    }
    if complete { Ok(ExitCode::SUCCESS) } else { Err(Failure::Answers(watch.failed(&records))) }
}

/// Why nothing more is watched.
enum Over {
    Answered,
    Stopped,
}

fn show(
    context: &Context,
    watch: &Watch,
    records: &[AnswerRecord],
    notices: &[String],
) -> Result<(), Failure> {
    for (lane, record) in records.iter().enumerate() {
        if context.json {
            output::object(&RunObject::of(record, notices))?;
        } else {
            watch.show(lane, record)?;
        }
    }
    Ok(())
}

/// The question without what goes along, which the engine keeps.
fn question(arguments: &Ask) -> Result<Question, Failure> {
    Ok(Question {
        targets: targets(arguments)?,
        text: prompt::text(&arguments.prompt)?,
        attachments: Vec::new(),
        tools: request::tools(&arguments.along)?,
        profile: arguments.sending.profile.clone(),
        system: arguments.system.clone(),
        params: request::params(&arguments.values)?,
        stream: !arguments.no_stream,
        retry: !arguments.sending.no_retry,
        fresh: arguments.fresh,
        timeouts: request::timeouts(arguments.sending.timeout),
        money: arguments.money.choice(Vec::new()),
        filing: arguments.filed.filing(),
    })
}

/// Whom the command line names; nobody when it leaves that to the environment.
fn targets(arguments: &Ask) -> Result<Vec<AskTarget>, Failure> {
    let (Some(kind), Some(base_url)) = (arguments.kind, &arguments.base_url) else {
        return Ok(arguments.models.iter().chain(&arguments.to).cloned().map(AskTarget::Named).collect());
    };
    if arguments.models.is_empty() {
        return Err(no_model());
    }
    let key = arguments.key_env.as_deref().map(key_from).transpose()?;
    let unsaved = |model: &String| {
        AskTarget::Unsaved(UnsavedEndpoint {
            api: kind.into(),
            base_url: base_url.clone(),
            model: model.clone(),
            key: key.clone(),
            key_variable: arguments.key_env.clone(),
        })
    };
    Ok(arguments.models.iter().map(unsaved).collect())
}

fn key_from(variable: &str) -> Result<SecretString, Failure> {
    match std::env::var(variable) {
        Ok(key) if !key.trim().is_empty() => Ok(SecretString::from(key.trim().to_owned())),
        _ => Err(Failure::Usage(format!("the environment variable {variable} is not set or empty"))),
    }
}
