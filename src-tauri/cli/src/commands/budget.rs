//! `budget`: what may be spent on what, in which time.

mod check;
mod overrides;

use std::process::ExitCode;

use jiff::tz::TimeZone;
use roundtable_domain::BudgetId;
use roundtable_engine::Engine;
use roundtable_engine::view::{
    AppError, BudgetDraft, BudgetPeriod, BudgetScope, BudgetScopeKind, BudgetView, OnLimit,
};
use roundtable_ledger::format_usd;
use serde::Serialize;
use serde_json::{Value, json};

use super::Context;
use crate::arguments::{Budget, BudgetAction, Format, NONE, SetBudget};
use crate::failure::Failure;
use crate::output;

/// The columns of `--format csv`, in the words of the JSON object.
const COLUMNS: [&str; 24] = [
    "id",
    "name",
    "scope",
    "period",
    "limit_usd",
    "spent_usd",
    "reserved_usd",
    "left_usd",
    "used_basis_points",
    "reached_percent",
    "forecast_usd",
    "overridden_usd",
    "unpriced_calls",
    "on_limit",
    "alert_percents",
    "period_start",
    "period_end",
    "simulated",
    "paused",
    "unused",
    "overrides",
    "scope_label",
    "cheaper_targets",
    "unpriced_allowed",
];

/// Where a new budget tells of itself, in per cent of its limit.
const USUAL_STEPS: [u16; 3] = [50, 80, 100];

pub(crate) async fn run(context: &Context, arguments: Budget) -> Result<ExitCode, Failure> {
    let format = if context.json { Format::Json } else { arguments.format };
    let engine = context.engine().await?;
    let outcome = act(&engine, arguments.action.unwrap_or(BudgetAction::List), format).await;
    engine.shutdown().await;
    outcome
}

async fn act(engine: &Engine, action: BudgetAction, format: Format) -> Result<ExitCode, Failure> {
    let budgets = match action {
        BudgetAction::List => engine.list_budgets().await?,
        BudgetAction::Set(set) => set_budget(engine, *set, format).await?,
        BudgetAction::Pause { budget } => set_paused(engine, &budget, true).await?,
        BudgetAction::Resume { budget } => set_paused(engine, &budget, false).await?,
        BudgetAction::Remove { budget } => {
            let id = find(&engine.list_budgets().await?, &budget)?.id;
            engine.remove_budget(id).await?
        }
        BudgetAction::Overrides { budget } => {
            overrides::show(&overrides::of(engine, &budget).await?, format)?;
            return Ok(ExitCode::SUCCESS);
        }
        BudgetAction::Check => {
            let check = engine.check_budgets().await?;
            return check::conclude(&check, format);
        }
    };
    show(&budgets, &engine.time_zone().await?, format)?;
    Ok(ExitCode::SUCCESS)
}

async fn set_budget(engine: &Engine, mut set: SetBudget, format: Format) -> Result<Vec<BudgetView>, Failure> {
    let known = engine.list_budgets().await?;
    if let Some(scope) = set.scope.take() {
        set.scope = Some(engine.find_scope(scope).await?);
    }
    let before = match &set.budget {
        Some(word) => Some(find(&known, word)?),
        None => repeated(&known, &set)?,
    };
    let changed = before.map(|one| one.id);
    let begin_anew = set.begin_anew;
    let budgets = engine.save_budget(drafted(before, set)?, begin_anew).await?;
    // One that is new is the last of them.
    let saved = changed.map_or(budgets.last(), |id| budgets.iter().find(|one| one.id == id));
    if let Some(word) = saved.filter(|one| one.unused && format != Format::Json).and_then(unused) {
        output::note(&word);
    }
    Ok(budgets)
}

async fn set_paused(engine: &Engine, word: &str, paused: bool) -> Result<Vec<BudgetView>, Failure> {
    let id = find(&engine.list_budgets().await?, word)?.id;
    Ok(engine.pause_budget(id, paused).await?)
}

/// The budget a repeated command has made: it changes that one, and makes nothing twice. What is not said does not matter, but a
/// budget without a name is one for everything, and of real money.
fn repeated<'b>(known: &'b [BudgetView], set: &SetBudget) -> Result<Option<&'b BudgetView>, Failure> {
    let usual = BudgetScope::default();
    let unnamed = set.name.is_none();
    let is_meant = |one: &&BudgetView| {
        let draft = &one.draft;
        let scope = set.scope.as_ref().or(unnamed.then_some(&usual));
        let simulated = set.simulated.or(unnamed.then_some(false));
        set.name.as_ref().is_none_or(|name| *name == draft.name)
            && scope.is_none_or(|scope| *scope == draft.scope)
            && set.period.is_none_or(|period| period == draft.period)
            && simulated.is_none_or(|simulated| simulated == draft.simulated)
    };
    let mut meant = known.iter().filter(is_meant);
    match (meant.next(), meant.next()) {
        (Some(_), Some(_)) => {
            Err(Failure::Usage("several budgets are like that; say which with --budget".to_owned()))
        }
        (found, _) => Ok(found),
    }
}

/// The budget as it was, with what is said anew.
fn drafted(before: Option<&BudgetView>, set: SetBudget) -> Result<BudgetDraft, Failure> {
    let needed = |what: &str| Failure::Usage(format!("a new budget needs {what}"));
    let draft = match before {
        Some(before) => before.draft.clone(),
        None => BudgetDraft {
            id: None,
            name: String::new(),
            scope: BudgetScope::default(),
            period: set.period.ok_or_else(|| needed("--period: day, week, month, rolling:DAYS or total"))?,
            limit_usd: set.limit.clone().ok_or_else(|| needed("--limit, in dollars"))?,
            alert_percents: USUAL_STEPS.to_vec(),
            on_limit: OnLimit::Stop,
            cheaper_targets: Vec::new(),
            unpriced_allowed: Vec::new(),
            simulated: false,
            paused: false,
        },
    };
    Ok(BudgetDraft {
        id: draft.id,
        name: set.name.unwrap_or(draft.name),
        scope: set.scope.unwrap_or(draft.scope),
        period: set.period.unwrap_or(draft.period),
        limit_usd: set.limit.unwrap_or(draft.limit_usd),
        alert_percents: set.alerts.map_or(draft.alert_percents, |steps| steps.0),
        on_limit: set.on_limit.unwrap_or(draft.on_limit),
        cheaper_targets: models(set.cheaper_to, draft.cheaper_targets),
        unpriced_allowed: models(set.unpriced, draft.unpriced_allowed),
        simulated: set.simulated.unwrap_or(draft.simulated),
        paused: set.paused.unwrap_or(draft.paused),
    })
}

fn models(said: Vec<String>, before: Vec<String>) -> Vec<String> {
    match said.as_slice() {
        [] => before,
        [none] if none == NONE => Vec::new(),
        _ => said,
    }
}

/// What is said of a budget that counts nothing so far: its name may be mistyped.
fn unused(budget: &BudgetView) -> Option<String> {
    let BudgetScope { kind, name } = &budget.draft.scope;
    let (name, label) = (name.as_ref()?, &budget.scope_label);
    Some(match kind {
        BudgetScopeKind::Folder => format!("Nothing is filed in the folder “{name}” yet."),
        BudgetScopeKind::Tag => format!("No conversation has the tag “{name}” yet."),
        BudgetScopeKind::Source => format!("Nothing has been asked for the purpose “{name}” yet."),
        _ => format!("Nothing has been spent on {label} yet."),
    })
}

/// The budgets of these ids or names.
pub(crate) async fn named(engine: &Engine, words: &[String]) -> Result<Vec<BudgetId>, Failure> {
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let known = engine.list_budgets().await?;
    words.iter().map(|word| Ok(find(&known, word)?.id)).collect()
}

fn find<'b>(budgets: &'b [BudgetView], word: &str) -> Result<&'b BudgetView, Failure> {
    let by_id = budgets.iter().find(|budget| budget.id.to_string() == word);
    let mut by_name = budgets.iter().filter(|budget| budget.draft.name == word);
    match (by_id, by_name.next(), by_name.next()) {
        (Some(budget), ..) | (None, Some(budget), None) => Ok(budget),
        (None, Some(_), Some(_)) => {
            Err(Failure::Usage(format!("several budgets are called “{word}”; name one by its id")))
        }
        (None, None, _) => Err(Failure::Refused(AppError {
            code: "bad_budget".to_owned(),
            message: format!("There is no budget “{word}” here; `budget list` shows them."),
            saying: None,
            action: None,
            retryable: false,
            over_budget: None,
        })),
    }
}

/// One line of `budget list --json`.
#[derive(Serialize)]
struct Row<'b> {
    #[serde(rename = "type")]
    kind: &'static str,
    id: BudgetId,
    name: &'b str,
    scope: String,
    scope_label: &'b str,
    period: String,
    limit_usd: &'b str,
    spent_usd: &'b str,
    reserved_usd: &'b str,
    left_usd: &'b str,
    used_basis_points: u32,
    reached_percent: Option<u16>,
    forecast_usd: Option<&'b str>,
    overridden_usd: &'b str,
    overrides: u32,
    unpriced_calls: u32,
    on_limit: OnLimit,
    alert_percents: &'b [u16],
    cheaper_targets: &'b [String],
    unpriced_allowed: &'b [String],
    period_start: String,
    period_end: Option<String>,
    simulated: bool,
    paused: bool,
    unused: bool,
}

impl<'b> Row<'b> {
    fn of(budget: &'b BudgetView, zone: &TimeZone) -> Self {
        let draft = &budget.draft;
        Self {
            kind: "budget",
            id: budget.id,
            name: &draft.name,
            scope: scope_word(&draft.scope),
            scope_label: &budget.scope_label,
            period: period_word(draft.period),
            limit_usd: &draft.limit_usd,
            spent_usd: &budget.spent_usd,
            reserved_usd: &budget.reserved_usd,
            left_usd: &budget.left_usd,
            used_basis_points: budget.used_basis_points,
            reached_percent: budget.reached_percent,
            forecast_usd: budget.forecast_usd.as_deref(),
            overridden_usd: &budget.overridden_usd,
            overrides: budget.overrides,
            unpriced_calls: budget.unpriced_calls,
            on_limit: draft.on_limit,
            alert_percents: &draft.alert_percents,
            cheaper_targets: &draft.cheaper_targets,
            unpriced_allowed: &draft.unpriced_allowed,
            period_start: output::local(budget.period_start, zone),
            period_end: budget.period_end.map(|end| output::local(end, zone)),
            simulated: draft.simulated,
            paused: draft.paused,
            unused: budget.unused,
        }
    }
}

/// Times are those of the user's zone, in which periods begin and end.
fn show(budgets: &[BudgetView], zone: &TimeZone, format: Format) -> Result<(), Failure> {
    match format {
        Format::Json => budgets.iter().try_for_each(|budget| output::object(&Row::of(budget, zone))),
        Format::Csv => {
            output::line(&COLUMNS.join(","))?;
            budgets
                .iter()
                .try_for_each(|budget| output::line(&csv_line(&COLUMNS, &json!(Row::of(budget, zone)))))
        }
        Format::Table if budgets.is_empty() => output::line(
            "There are no budgets. Make one with: roundtable-cli budget set --limit 5 --period day",
        ),
        Format::Table => {
            let heading = [
                "NAME",
                "COUNTS",
                "PERIOD",
                "ENDS",
                "LIMIT",
                "SPENT",
                "SET ASIDE",
                "LEFT",
                "USED",
                "AT THE END",
                "",
            ];
            let mut rows = vec![heading.map(str::to_owned).to_vec()];
            rows.extend(budgets.iter().map(|budget| cells(budget, zone)));
            output::table(&rows)
        }
    }
}

/// The values of an object in the order of the heading.
fn csv_line(columns: &[&str], object: &Value) -> String {
    let cell = |column: &&str| match object.get(*column) {
        Some(Value::String(text)) => output::csv_cell(text),
        Some(Value::Array(items)) => {
            let text = |item: &Value| item.as_str().map_or_else(|| item.to_string(), str::to_owned);
            let items: Vec<String> = items.iter().map(text).collect();
            output::csv_cell(&items.join(","))
        }
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    };
    columns.iter().map(cell).collect::<Vec<_>>().join(",")
}

fn cells(budget: &BudgetView, zone: &TimeZone) -> Vec<String> {
    let draft = &budget.draft;
    let usd = |text: &str| format_usd(text.parse().ok(), None);
    let mut more = Vec::new();
    more.extend(draft.paused.then(|| "paused".to_owned()));
    more.extend(draft.simulated.then(|| "simulated money".to_owned()));
    more.extend(budget.unused.then(|| "not used yet".to_owned()));
    if draft.on_limit == OnLimit::Warn {
        let steps: Vec<String> = draft.alert_percents.iter().map(ToString::to_string).collect();
        more.push(format!("warns at {} %", steps.join(", ")));
    }
    if budget.unpriced_calls > 0 {
        more.push(format!("{} unpriced", budget.unpriced_calls));
    }
    if budget.overridden_usd != "0" {
        more.push(format!("{} allowed beyond it", usd(&budget.overridden_usd)));
    }
    vec![
        draft.name.clone(),
        budget.scope_label.clone(),
        period_word(draft.period),
        budget.period_end.map_or_else(|| "–".to_owned(), |end| output::local(end, zone)),
        usd(&draft.limit_usd),
        usd(&budget.spent_usd),
        usd(&budget.reserved_usd),
        usd(&budget.left_usd),
        format!("{} %", budget.used_basis_points / 100),
        on_limit_word(draft.on_limit).to_owned(),
        more.join(", "),
    ]
}

fn scope_word(scope: &BudgetScope) -> String {
    let kind = match scope.kind {
        BudgetScopeKind::Everything => "everything",
        BudgetScopeKind::Provider => "provider",
        BudgetScopeKind::Model => "model",
        BudgetScopeKind::Key => "key",
        BudgetScopeKind::Conversation => "conversation",
        BudgetScopeKind::Folder => "folder",
        BudgetScopeKind::Tag => "tag",
        BudgetScopeKind::Source => "source",
    };
    scope.name.as_ref().map_or_else(|| kind.to_owned(), |name| format!("{kind}:{name}"))
}

fn period_word(period: BudgetPeriod) -> String {
    match period {
        BudgetPeriod::Day => "day".to_owned(),
        BudgetPeriod::Week => "week".to_owned(),
        BudgetPeriod::Month => "month".to_owned(),
        BudgetPeriod::Rolling { days } => format!("rolling:{days}"),
        BudgetPeriod::Total => "total".to_owned(),
    }
}

const fn on_limit_word(on_limit: OnLimit) -> &'static str {
    match on_limit {
        OnLimit::Warn => "warn",
        OnLimit::Ask => "ask",
        OnLimit::Cheaper => "cheaper",
        OnLimit::Stop => "stop",
    }
}
