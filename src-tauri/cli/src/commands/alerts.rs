//! `alerts`: what people should hear of without having asked. And a word about those that a call has brought about.

use std::process::ExitCode;

use jiff::tz::TimeZone;
use roundtable_domain::UnixMs;
use roundtable_engine::view::{AlertKind, AlertLevel, AlertView, Saying};
use roundtable_engine::{AlertMark, Engine};
use serde::Serialize;
use serde_json::{Value, json};

use super::Context;
use crate::arguments::{Alerts, Format};
use crate::failure::Failure;
use crate::output;

/// The columns of `--format csv`, in the words of the JSON object.
const COLUMNS: [&str; 9] = ["id", "at", "kind", "level", "title", "body", "subject", "seen", "simulated"];

/// One line of `alerts --json`.
#[derive(Serialize)]
struct Row<'a> {
    #[serde(rename = "type")]
    kind_of_line: &'static str,
    id: &'a str,
    at: String,
    kind: AlertKind,
    level: AlertLevel,
    title: &'a str,
    title_saying: &'a Saying,
    body: &'a str,
    body_saying: &'a Saying,
    subject: &'a str,
    seen: bool,
    simulated: bool,
}

pub(crate) async fn run(context: &Context, arguments: Alerts) -> Result<ExitCode, Failure> {
    let format = if context.json { Format::Json } else { arguments.format };
    let engine = context.engine().await?;
    let outcome = act(&engine, &arguments, format).await;
    engine.shutdown().await;
    outcome
}

async fn act(engine: &Engine, arguments: &Alerts, format: Format) -> Result<ExitCode, Failure> {
    let mut alerts = engine.list_alerts().await?;
    if arguments.unseen {
        alerts.retain(|alert| !alert.seen);
    }
    show(&alerts, &engine.time_zone().await?, format)?;
    let shown: Vec<String> = alerts.into_iter().filter(|alert| !alert.seen).map(|alert| alert.id).collect();
    // Nothing named would be everything.
    if arguments.mark_seen && !shown.is_empty() {
        engine.see_alerts(&shown).await?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Says on standard error what has come about since, a line each: the alerts of a call that is over. Not where the output is JSON:
/// a script asks `alerts --json`.
pub(crate) async fn tell_since(context: &Context, engine: &Engine, mark: Option<AlertMark>) {
    // The call is over and its answer stands: alerts that cannot be read are no failure of it.
    let Some(mark) = mark else { return };
    let Ok(alerts) = engine.alerts_since(mark).await else { return };
    if !context.json {
        // What is only good to know calls nobody away from an answer.
        for alert in alerts.iter().filter(|alert| alert.aloud) {
            output::note(&format!("{}: {}. {}", loud(alert), alert.title.text, alert.body.text));
        }
    }
}

fn show(alerts: &[AlertView], zone: &TimeZone, format: Format) -> Result<(), Failure> {
    match format {
        Format::Json => alerts.iter().try_for_each(|alert| output::object(&Row::of(alert))),
        Format::Csv => {
            output::line(&COLUMNS.join(","))?;
            alerts.iter().try_for_each(|alert| output::line(&csv_line(&json!(Row::of(alert)))))
        }
        Format::Table if alerts.is_empty() => output::line("There are no alerts."),
        Format::Table => {
            let mut rows = vec![["WHEN", "", "WHAT", "", ""].map(str::to_owned).to_vec()];
            rows.extend(alerts.iter().map(|alert| cells(alert, zone)));
            output::table(&rows)
        }
    }
}

impl<'a> Row<'a> {
    fn of(alert: &'a AlertView) -> Self {
        Self {
            kind_of_line: "alert",
            id: &alert.id,
            at: time(alert.at),
            kind: alert.kind,
            level: alert.level,
            title: &alert.title.text,
            title_saying: &alert.title.saying,
            body: &alert.body.text,
            body_saying: &alert.body.saying,
            subject: &alert.subject,
            seen: alert.seen,
            simulated: alert.simulated,
        }
    }
}

fn csv_line(object: &Value) -> String {
    let cell = |column: &&str| match object.get(*column) {
        Some(Value::String(text)) => output::csv_cell(text),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    COLUMNS.iter().map(cell).collect::<Vec<_>>().join(",")
}

fn cells(alert: &AlertView, zone: &TimeZone) -> Vec<String> {
    let mut more = Vec::new();
    more.extend((!alert.seen).then_some("new"));
    more.extend(alert.simulated.then_some("simulated money"));
    vec![
        output::local(alert.at, zone),
        loud(alert).to_owned(),
        alert.title.text.clone(),
        alert.body.text.clone(),
        more.join(", "),
    ]
}

const fn loud(alert: &AlertView) -> &'static str {
    match alert.level {
        AlertLevel::Info => "note",
        AlertLevel::Warning => "warning",
        AlertLevel::Critical => "critical",
    }
}

/// RFC 3339, to the second.
fn time(at: UnixMs) -> String {
    jiff::Timestamp::from_millisecond(at.0).map_or_else(|_| at.0.to_string(), |time| format!("{time:.0}"))
}
