//! Budgets between how people write them down and how the books keep them.

use roundtable_domain::budget::{self, Period, Scope};
use roundtable_domain::{BudgetId, ModelRef, PicoUsd, UnixMs};
use roundtable_ledger::budget::{
    check_limit, check_name, check_steps, compute_basis_points, compute_forecast, default_name, highest_step,
    steps_of,
};
use roundtable_store::{Budget, BudgetRow};

use super::error::BudgetError;
use crate::keys::booked_name;
use crate::view::{BudgetDraft, BudgetPeriod, BudgetScope, BudgetScopeKind, BudgetView, OnLimit};

impl From<budget::OnLimit> for OnLimit {
    fn from(on_limit: budget::OnLimit) -> Self {
        match on_limit {
            budget::OnLimit::Warn => Self::Warn,
            budget::OnLimit::Ask => Self::Ask,
            budget::OnLimit::Cheaper => Self::Cheaper,
            budget::OnLimit::Stop => Self::Stop,
        }
    }
}

impl From<OnLimit> for budget::OnLimit {
    fn from(on_limit: OnLimit) -> Self {
        match on_limit {
            OnLimit::Warn => Self::Warn,
            OnLimit::Ask => Self::Ask,
            OnLimit::Cheaper => Self::Cheaper,
            OnLimit::Stop => Self::Stop,
        }
    }
}

const fn kind_word(kind: BudgetScopeKind) -> &'static str {
    match kind {
        BudgetScopeKind::Everything => "everything",
        BudgetScopeKind::Provider => "provider",
        BudgetScopeKind::Model => "model",
        BudgetScopeKind::Key => "key",
        BudgetScopeKind::Conversation => "conversation",
        BudgetScopeKind::Folder => "folder",
        BudgetScopeKind::Tag => "tag",
        BudgetScopeKind::Source => "source",
    }
}

pub(super) fn shown_scope(scope: &Scope) -> BudgetScope {
    let kind = match scope {
        Scope::Everything => BudgetScopeKind::Everything,
        Scope::Provider(_) => BudgetScopeKind::Provider,
        Scope::Model(_) => BudgetScopeKind::Model,
        Scope::Key(_) => BudgetScopeKind::Key,
        Scope::Conversation(_) => BudgetScopeKind::Conversation,
        Scope::Folder(_) => BudgetScopeKind::Folder,
        Scope::Tag(_) => BudgetScopeKind::Tag,
        Scope::Source(_) => BudgetScopeKind::Source,
    };
    BudgetScope { kind, name: scope.name() }
}

fn period_of(period: BudgetPeriod) -> Result<Period, BudgetError> {
    Ok(match period {
        BudgetPeriod::Day => Period::Day,
        BudgetPeriod::Week => Period::Week,
        BudgetPeriod::Month => Period::Month,
        BudgetPeriod::Rolling { days: days @ 1..=Period::MOST_DAYS } => Period::Rolling { days },
        BudgetPeriod::Rolling { days } => return Err(BudgetError::Days(days)),
        BudgetPeriod::Total => Period::Total,
    })
}

const fn shown_period(period: Period) -> BudgetPeriod {
    match period {
        Period::Day => BudgetPeriod::Day,
        Period::Week => BudgetPeriod::Week,
        Period::Month => BudgetPeriod::Month,
        Period::Rolling { days } => BudgetPeriod::Rolling { days },
        Period::Total => BudgetPeriod::Total,
    }
}

/// The budget a draft describes. `id`: of a new one; `scope`: what is meant by the draft's; `label`: what people call the thing it counts.
pub(super) fn budget_of(
    draft: BudgetDraft,
    id: BudgetId,
    scope: Scope,
    label: &str,
) -> Result<Budget, BudgetError> {
    let period = period_of(draft.period)?;
    let limit = draft.limit_usd.trim().trim_start_matches('$').parse();
    let limit = check_limit(limit.map_err(|_| BudgetError::Limit(draft.limit_usd))?)?;
    let on_limit = budget::OnLimit::from(draft.on_limit);
    let alert_percents = steps_of(on_limit, draft.alert_percents);
    check_steps(&alert_percents)?;
    let label = (scope != Scope::Everything).then_some(label);
    Ok(Budget {
        id: draft.id.unwrap_or(id),
        name: check_name(&draft.name)?.unwrap_or_else(|| default_name(&scope, label, period)),
        scope,
        period,
        limit,
        alert_percents,
        on_limit,
        cheaper_targets: models(draft.cheaper_targets)?,
        unpriced_allowed: models(draft.unpriced_allowed)?,
        simulated: draft.simulated,
        paused: draft.paused,
    })
}

/// What a budget counts, in the books' words.
pub(super) fn scope_of(scope: &BudgetScope) -> Result<Scope, BudgetError> {
    let name = scope.name.as_deref();
    let key = name.filter(|_| scope.kind == BudgetScopeKind::Key).map(booked_name);
    Ok(Scope::from_words(kind_word(scope.kind), key.as_deref().or(name))?)
}

/// Names of models, each once.
fn models(names: Vec<String>) -> Result<Vec<String>, BudgetError> {
    let mut models = Vec::with_capacity(names.len());
    for name in names {
        let name = name.trim().to_owned();
        checked_model(&name)?;
        if !models.contains(&name) {
            models.push(name);
        }
    }
    Ok(models)
}

fn checked_model(name: &str) -> Result<(), BudgetError> {
    name.parse::<ModelRef>().map(|_| ()).map_err(|_| BudgetError::Target(name.to_owned()))
}

/// When a budget's period ends for people: a rolling one moves on by itself.
pub(crate) fn shown_end(row: &BudgetRow) -> Option<UnixMs> {
    let rolls = matches!(row.budget.period, Period::Rolling { .. });
    row.window.ends_at.filter(|_| !rolls)
}

/// A budget as it stands. `label`: what people call the thing it counts; `unused`: nothing has been booked or filed under it.
pub(super) fn view(row: BudgetRow, label: String, unused: bool, now: UnixMs) -> BudgetView {
    let limit = row.budget.limit;
    let used = row.settled.checked_add(row.reserved).unwrap_or(PicoUsd::from_pico(i64::MAX));
    BudgetView {
        id: row.budget.id,
        scope_label: label,
        unused,
        period_start: row.window.counts_from,
        period_end: shown_end(&row),
        spent_usd: row.settled.to_string(),
        reserved_usd: row.reserved.to_string(),
        left_usd: row.left().to_string(),
        used_basis_points: compute_basis_points(limit, used),
        reached_percent: highest_step(limit, row.settled, &row.budget.alert_percents),
        unpriced_calls: u32::try_from(row.unpriced_calls).unwrap_or(u32::MAX),
        forecast_usd: compute_forecast(row.settled, row.calls, &row.window, now).map(|usd| usd.to_string()),
        overridden_usd: row.overridden.to_string(),
        overrides: row.overrides,
        draft: draft_of(row.budget),
    }
}

fn draft_of(budget: Budget) -> BudgetDraft {
    BudgetDraft {
        id: Some(budget.id),
        name: budget.name,
        scope: shown_scope(&budget.scope),
        period: shown_period(budget.period),
        limit_usd: budget.limit.to_string(),
        alert_percents: budget.alert_percents,
        on_limit: budget.on_limit.into(),
        cheaper_targets: budget.cheaper_targets,
        unpriced_allowed: budget.unpriced_allowed,
        simulated: budget.simulated,
        paused: budget.paused,
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::budget;
    use super::*;

    fn draft(scope: BudgetScopeKind, name: Option<&str>, limit: &str) -> BudgetDraft {
        BudgetDraft {
            id: None,
            name: " ".to_owned(),
            scope: BudgetScope { kind: scope, name: name.map(str::to_owned) },
            period: BudgetPeriod::Rolling { days: 30 },
            limit_usd: limit.to_owned(),
            alert_percents: vec![50, 100],
            on_limit: OnLimit::Stop,
            cheaper_targets: vec![" demo/swift ".to_owned()],
            unpriced_allowed: Vec::new(),
            simulated: false,
            paused: false,
        }
    }

    fn saved(draft: BudgetDraft) -> Result<Budget, BudgetError> {
        let scope = scope_of(&draft.scope)?;
        budget_of(draft, BudgetId::from_uuid(uuid::Uuid::from_u128(1)), scope, "OpenAI")
    }

    #[test]
    fn a_budget_is_tidied_and_named() {
        let made = saved(draft(BudgetScopeKind::Provider, Some("openai"), " $5.50")).unwrap();
        assert_eq!((made.name.as_str(), made.limit.to_string().as_str()), ("OpenAI in 30 days", "5.5"));
        assert_eq!(made.cheaper_targets, ["demo/swift"]);
        assert_eq!(
            saved(draft(BudgetScopeKind::Everything, None, "1")).unwrap().name,
            "everything in 30 days"
        );
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_the_word_that_does_not() {
        let refused = |draft| saved(draft).unwrap_err().to_string();
        for limit in ["0", "-1", "five", ""] {
            assert!(refused(draft(BudgetScopeKind::Everything, None, limit)).contains("limit"), "{limit}");
        }
        assert!(refused(draft(BudgetScopeKind::Folder, None, "1")).contains("folder"));
        assert!(refused(draft(BudgetScopeKind::Key, Some("no id"), "1")).contains("id of a key"));
        let usual = || draft(BudgetScopeKind::Everything, None, "1");
        assert!(
            refused(BudgetDraft { period: BudgetPeriod::Rolling { days: 0 }, ..usual() }).contains("days")
        );
        assert!(refused(BudgetDraft { alert_percents: vec![0], ..usual() }).contains("alert"));
    }

    #[test]
    fn a_budget_that_only_warns_warns_at_its_limit_whatever_else_it_tells() {
        let steps = |on_limit, alert_percents| {
            let usual = draft(BudgetScopeKind::Everything, None, "1");
            saved(BudgetDraft { alert_percents, on_limit, ..usual }).unwrap().alert_percents
        };
        assert_eq!(steps(OnLimit::Warn, vec![50]), [50, 100]);
        assert_eq!(steps(OnLimit::Warn, vec![]), [100]);
        assert_eq!(steps(OnLimit::Warn, vec![80, 120]), [80, 100, 120]);
        assert_eq!(steps(OnLimit::Stop, vec![50]), [50], "one that refuses is heard of by itself");
    }

    #[test]
    fn a_view_knows_how_much_is_used_and_which_step_is_reached() {
        let row = budget("all", Scope::Everything, "10", ("4.9", "0.7"));
        let shown = view(row.clone(), "all".to_owned(), false, UnixMs(500));
        assert_eq!((shown.used_basis_points, shown.left_usd.as_str()), (5_600, "4.4"));
        assert_eq!(shown.reached_percent, None, "what is only set aside has not been spent");
        assert_eq!(shown.period_end, Some(UnixMs(86_400_000)));
        let mut rolls = row;
        rolls.budget.period = Period::Rolling { days: 3 };
        assert_eq!(
            view(rolls, "all".to_owned(), false, UnixMs(500)).period_end,
            None,
            "it moves on by itself"
        );
    }
}
