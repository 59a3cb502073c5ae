//! How models did, and what could be done better.

use roundtable_engine::view::{AnalysisView, AppError, FailedCall};
use tauri::{State, command};

use crate::shell::Shell;

#[command]
pub(crate) async fn analysis(shell: State<'_, Shell>, days: u32) -> Result<AnalysisView, AppError> {
    shell.engine().await?.analysis(days).await
}

#[command]
pub(crate) async fn analysis_csv(shell: State<'_, Shell>, days: u32) -> Result<String, AppError> {
    shell.engine().await?.analysis_csv(days).await
}

#[command]
pub(crate) async fn failed_calls(
    shell: State<'_, Shell>,
    target: String,
    days: u32,
) -> Result<Vec<FailedCall>, AppError> {
    shell.engine().await?.failed_calls(&target, days).await
}

#[command]
pub(crate) async fn apply_recommendation(
    shell: State<'_, Shell>,
    id: String,
    days: u32,
) -> Result<AnalysisView, AppError> {
    shell.engine().await?.apply_recommendation(&id, days).await
}

#[command]
pub(crate) async fn dismiss_recommendation(
    shell: State<'_, Shell>,
    id: String,
    dismissed: bool,
    days: u32,
) -> Result<AnalysisView, AppError> {
    shell.engine().await?.dismiss_recommendation(&id, dismissed, days).await
}

#[command]
pub(crate) async fn undo_change(
    shell: State<'_, Shell>,
    id: String,
    days: u32,
) -> Result<AnalysisView, AppError> {
    shell.engine().await?.undo_change(&id, days).await
}

#[command]
pub(crate) async fn set_automatic(
    shell: State<'_, Shell>,
    on: bool,
    days: u32,
) -> Result<AnalysisView, AppError> {
    shell.engine().await?.set_automatic(on, days).await
}
