//! What was spent, and files the user saves of it.

use roundtable_domain::{LedgerEntryId, TurnId};
use roundtable_engine::view::{
    AppError, EntryPage, EntryView, FolderSpend, ReplayOf, ReplayView, Spend, SpendChoices, SpendFilter,
    SpendView,
};
use tauri::ipc::Request;
use tauri::{AppHandle, Manager as _, State, command};

use super::files::{bytes_of, name_of};
use crate::shell::Shell;

#[command]
pub(crate) async fn spend(shell: State<'_, Shell>, filter: SpendFilter) -> Result<SpendView, AppError> {
    shell.engine().await?.spend(&filter).await
}

#[command]
pub(crate) async fn spend_choices(shell: State<'_, Shell>) -> Result<SpendChoices, AppError> {
    shell.engine().await?.spend_choices().await
}

#[command]
pub(crate) async fn spend_entries(
    shell: State<'_, Shell>,
    filter: SpendFilter,
    cursor: Option<String>,
) -> Result<EntryPage, AppError> {
    shell.engine().await?.spend_entries(&filter, cursor.as_deref()).await
}

#[command]
pub(crate) async fn ledger_entry(
    shell: State<'_, Shell>,
    entry_id: LedgerEntryId,
) -> Result<EntryView, AppError> {
    shell.engine().await?.ledger_entry(entry_id).await
}

#[command]
pub(crate) async fn spend_csv(
    shell: State<'_, Shell>,
    filter: SpendFilter,
    what: String,
) -> Result<String, AppError> {
    shell.engine().await?.spend_csv(&filter, &what).await
}

#[command]
pub(crate) async fn replay_cost(
    shell: State<'_, Shell>,
    of: ReplayOf,
    targets: Vec<String>,
) -> Result<ReplayView, AppError> {
    shell.engine().await?.replay_cost(&of, &targets).await
}

#[command]
pub(crate) async fn folder_spend(shell: State<'_, Shell>) -> Result<Vec<FolderSpend>, AppError> {
    shell.engine().await?.folder_spend().await
}

#[command]
pub(crate) async fn turn_spend(shell: State<'_, Shell>, turn_id: TurnId) -> Result<Spend, AppError> {
    shell.engine().await?.turn_spend(turn_id).await
}

/// Into the downloads folder; where the system names none, into one of our own.
#[command]
pub(crate) async fn save_export(
    app: AppHandle,
    shell: State<'_, Shell>,
    request: Request<'_>,
) -> Result<String, AppError> {
    let folder = app.path().download_dir().ok();
    let (name, bytes) = (name_of(&request), bytes_of(request.body()));
    shell.engine().await?.save_export(folder, &name, bytes).await
}
