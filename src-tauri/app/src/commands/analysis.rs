//! How models did, and what could be done better.

use roundtable_engine::view::{AnalysisView, AppError};
use tauri::{State, command};

use crate::shell::Shell;

#[command]
pub(crate) async fn analysis(shell: State<'_, Shell>, days: u32) -> Result<AnalysisView, AppError> {
    shell.engine().await?.analysis(days).await
}
