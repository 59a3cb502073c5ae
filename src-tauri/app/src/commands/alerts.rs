//! What people should hear of without having asked.

use roundtable_engine::view::{AlertView, AppError};
use tauri::ipc::Channel;
use tauri::{State, command};

use crate::desktop::{self, Wording};
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

/// What an alert says in the window's language, for the desktop.
#[command]
#[expect(clippy::needless_pass_by_value, reason = "a command's arguments are its own")]
pub(crate) fn word_alert(shell: State<'_, Shell>, id: String, title: String, body: String, open: String) {
    shell.wordings().say(&id, Wording { title, body, open });
}

/// Whether anybody here shows notifications of the desktop.
#[command]
pub(crate) async fn notifications_are_shown() -> bool {
    desktop::is_shown_by_somebody().await
}
