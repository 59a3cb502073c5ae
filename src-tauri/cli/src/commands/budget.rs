//! `budget`: what may be spent on what, in which time.

use std::process::ExitCode;

use roundtable_domain::{BudgetId, UnixMs};
use roundtable_engine::view::{
    AppError, BudgetDraft, BudgetPeriod, BudgetScope, BudgetScopeKind, BudgetView, OnLimit,
};
use roundtable_engine::{BooksCheck, Engine};
use roundtable_ledger::format_usd;
use serde::Serialize;
use serde_json::{Value, json};

use super::Context;
use crate::arguments::{Budget, BudgetAction, Format, SetBudget};
use crate::failure::Failure;
use crate::output;

/// The columns of `--format csv`, in the words of the JSON object.
const COLUMNS: [&str; 19] = [
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
];

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
        BudgetAction::Set(set) => set_budget(engine, *set).await?,
        BudgetAction::Remove { budget } => {
            let id = find(&engine.list_budgets().await?, &budget)?.id;
            engine.remove_budget(id).await?
        }
        BudgetAction::Check => {
            let check = engine.check_budgets().await?;
            return conclude(&check, format);
        }
    };
    show(&budgets, format)?;
    Ok(ExitCode::SUCCESS)
}

async fn set_budget(engine: &Engine, set: SetBudget) -> Result<Vec<BudgetView>, Failure> {
    let known = engine.list_budgets().await?;
    let before = match &set.budget {
        Some(word) => Some(find(&known, word)?),
        // Repeating a command changes what it made, and makes nothing twice.
        None => known.iter().find(|one| {
            let draft = &one.draft;
            let same = draft.scope == set.scope && draft.period == set.period;
            same && draft.simulated == set.simulated
                && set.name.as_ref().is_none_or(|name| *name == draft.name)
        }),
    };
    let draft = BudgetDraft {
        id: before.map(|one| one.id),
        name: set.name.or_else(|| before.map(|one| one.draft.name.clone())).unwrap_or_default(),
        scope: set.scope,
        period: set.period,
        limit_usd: set.limit,
        alert_percents: set.alerts,
        on_limit: set.on_limit,
        cheaper_targets: set.cheaper_to,
        unpriced_allowed: set.unpriced,
        simulated: set.simulated,
        paused: set.paused,
    };
    Ok(engine.save_budget(draft, set.begin_anew).await?)
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
    unpriced_calls: u32,
    on_limit: OnLimit,
    alert_percents: &'b [u16],
    cheaper_targets: &'b [String],
    unpriced_allowed: &'b [String],
    period_start: String,
    period_end: Option<String>,
    simulated: bool,
    paused: bool,
}

impl<'b> Row<'b> {
    fn of(budget: &'b BudgetView) -> Self {
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
            unpriced_calls: budget.unpriced_calls,
            on_limit: draft.on_limit,
            alert_percents: &draft.alert_percents,
            cheaper_targets: &draft.cheaper_targets,
            unpriced_allowed: &draft.unpriced_allowed,
            period_start: time(budget.period_start),
            period_end: budget.period_end.map(time),
            simulated: draft.simulated,
            paused: draft.paused,
        }
    }
}

fn show(budgets: &[BudgetView], format: Format) -> Result<(), Failure> {
    match format {
        Format::Json => budgets.iter().try_for_each(|budget| output::object(&Row::of(budget))),
        Format::Csv => {
            output::line(&COLUMNS.join(","))?;
            budgets.iter().try_for_each(|budget| output::line(&csv_line(&json!(Row::of(budget)))))
        }
        Format::Table if budgets.is_empty() => output::line(
            "There are no budgets. Make one with: roundtable-cli budget set --limit 5 --period day",
        ),
        Format::Table => {
            let heading =
                ["NAME", "COUNTS", "PERIOD", "LIMIT", "SPENT", "SET ASIDE", "LEFT", "USED", "AT THE END", ""];
            let mut rows = vec![heading.map(str::to_owned).to_vec()];
            rows.extend(budgets.iter().map(cells));
            output::table(&rows)
        }
    }
}

fn csv_line(object: &Value) -> String {
    let cell = |column: &&str| match object.get(*column) {
        Some(Value::String(text)) => output::csv_cell(text),
        Some(Value::Array(items)) => {
            let items: Vec<String> = items.iter().map(ToString::to_string).collect();
            output::csv_cell(&items.join(","))
        }
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    };
    COLUMNS.iter().map(cell).collect::<Vec<_>>().join(",")
}

fn cells(budget: &BudgetView) -> Vec<String> {
    let draft = &budget.draft;
    let usd = |text: &str| format_usd(text.parse().ok(), None);
    let mut more = Vec::new();
    more.extend(draft.paused.then(|| "paused".to_owned()));
    more.extend(draft.simulated.then(|| "simulated money".to_owned()));
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
        usd(&draft.limit_usd),
        usd(&budget.spent_usd),
        usd(&budget.reserved_usd),
        usd(&budget.left_usd),
        format!("{} %", budget.used_basis_points / 100),
        on_limit_word(draft.on_limit).to_owned(),
        more.join(", "),
    ]
}

fn conclude(check: &BooksCheck, format: Format) -> Result<ExitCode, Failure> {
    let wrong = check.buckets.iter().filter(|bucket| !bucket.agrees());
    if format == Format::Table {
        for bucket in wrong {
            output::line(&format!(
                "{} from {} counts {} and the books say {}",
                bucket.name,
                time(bucket.starts_at),
                bucket.holds.0,
                bucket.books.0
            ))?;
        }
        let sound =
            if check.is_sound() { "The books agree with every budget." } else { "Something does not agree." };
        output::line(&format!(
            "{sound} {} periods looked at, {} calls under way, {} reservations without an owner.",
            check.buckets.len(),
            check.under_way,
            check.orphans.len()
        ))?;
    } else {
        output::object(&json!({
            "type": "check",
            "sound": check.is_sound(),
            "periods": check.buckets.len(),
            "wrong": wrong.map(|bucket| json!({
                "budget": bucket.name,
                "since": time(bucket.starts_at),
                "counted_usd": bucket.holds.0,
                "books_usd": bucket.books.0,
            })).collect::<Vec<_>>(),
            "under_way": check.under_way,
            "orphans": check.orphans.len(),
        }))?;
    }
    Ok(if check.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
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

/// RFC 3339, to the second.
fn time(at: UnixMs) -> String {
    jiff::Timestamp::from_millisecond(at.0).map_or_else(|_| at.0.to_string(), |time| format!("{time:.0}"))
}
