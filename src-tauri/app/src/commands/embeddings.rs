//! The cache of embeddings: how it has done, and emptying it.

use roundtable_engine::view::{AppError, EmbeddingStats};
use tauri::{State, command};

use crate::shell::Shell;

#[command]
pub(crate) async fn embedding_stats(shell: State<'_, Shell>) -> Result<EmbeddingStats, AppError> {
    shell.engine().await?.embedding_stats().await
}

#[command]
pub(crate) async fn clear_embeddings(shell: State<'_, Shell>) -> Result<EmbeddingStats, AppError> {
    shell.engine().await?.clear_embeddings().await
}
