//! How everybody has done, and the cache of answers.

use roundtable_domain::RunId;
use roundtable_engine::view::{AppError, ResponseCacheView, StatisticsView};
use tauri::{State, command};

use crate::shell::Shell;

#[command]
pub(crate) async fn statistics(shell: State<'_, Shell>, hours: u32) -> Result<StatisticsView, AppError> {
    shell.engine().await?.statistics(hours).await
}

#[command]
pub(crate) async fn reset_statistics(shell: State<'_, Shell>) -> Result<StatisticsView, AppError> {
    shell.engine().await?.reset_statistics().await
}

#[command]
pub(crate) async fn response_cache(shell: State<'_, Shell>) -> Result<ResponseCacheView, AppError> {
    shell.engine().await?.response_cache().await
}

#[command]
pub(crate) async fn set_response_cache(
    shell: State<'_, Shell>,
    mode: String,
    ttl_hours: u32,
) -> Result<ResponseCacheView, AppError> {
    shell.engine().await?.set_response_cache(&mode, ttl_hours).await
}

#[command]
pub(crate) async fn clear_responses(shell: State<'_, Shell>) -> Result<ResponseCacheView, AppError> {
    shell.engine().await?.clear_responses().await
}

#[command]
pub(crate) async fn forget_response(
    shell: State<'_, Shell>,
    run_id: RunId,
) -> Result<ResponseCacheView, AppError> {
    shell.engine().await?.forget_response(run_id).await
}
