//! Budgets: what may be spent on what, in which time.

use roundtable_domain::BudgetId;
use roundtable_engine::view::{AppError, BudgetDraft, BudgetOverrideView, BudgetView};
use tauri::{State, command};

use crate::shell::Shell;

#[command]
pub(crate) async fn list_budgets(shell: State<'_, Shell>) -> Result<Vec<BudgetView>, AppError> {
    shell.engine().await?.list_budgets().await
}

#[command]
pub(crate) async fn save_budget(
    shell: State<'_, Shell>,
    draft: BudgetDraft,
    begin_anew: bool,
) -> Result<Vec<BudgetView>, AppError> {
    shell.engine().await?.save_budget(draft, begin_anew).await
}

#[command]
pub(crate) async fn pause_budget(
    shell: State<'_, Shell>,
    budget_id: BudgetId,
    paused: bool,
) -> Result<Vec<BudgetView>, AppError> {
    shell.engine().await?.pause_budget(budget_id, paused).await
}

#[command]
pub(crate) async fn remove_budget(
    shell: State<'_, Shell>,
    budget_id: BudgetId,
) -> Result<Vec<BudgetView>, AppError> {
    shell.engine().await?.remove_budget(budget_id).await
}

#[command]
pub(crate) async fn list_budget_overrides(
    shell: State<'_, Shell>,
    budget_id: BudgetId,
) -> Result<Vec<BudgetOverrideView>, AppError> {
    shell.engine().await?.list_budget_overrides(budget_id).await
}
