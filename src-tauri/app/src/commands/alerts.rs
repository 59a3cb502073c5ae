//! What people should hear of without having asked.

use roundtable_engine::view::{AlertView, AppError};
use tauri::ipc::Channel;
use tauri::{State, command};

use crate::shell::Shell;

#[command]
pub(crate) async fn list_alerts(shell: State<'_, Shell>) -> Result<Vec<AlertView>, AppError> {
    shell.engine().await?.list_alerts().await
}

#[command]
pub(crate) async fn see_alerts(
    shell: State<'_, Shell>,
    ids: Vec<String>,
) -> Result<Vec<AlertView>, AppError> {
    shell.engine().await?.see_alerts(&ids).await
}

#[command]
pub(crate) async fn watch_alerts(
    shell: State<'_, Shell>,
    on_alert: Channel<AlertView>,
) -> Result<(), AppError> {
    shell.engine().await?.watch_alerts(Box::new(move |alert| on_alert.send(alert).is_ok())).await
}
