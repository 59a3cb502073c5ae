//! Opening, settings, and the one door to the system's browser.

use roundtable_engine::links;
use roundtable_engine::view::{AppError, Settings, Startup, TelemetryView};
use tauri::{State, command};

use crate::shell::Shell;

#[command]
pub(crate) async fn startup(shell: State<'_, Shell>) -> Result<Startup, AppError> {
    Ok(shell.startup().await)
}

#[command]
pub(crate) async fn set_database_aside(shell: State<'_, Shell>) -> Result<Startup, AppError> {
    shell.set_database_aside().await
}

#[command]
pub(crate) async fn save_settings(shell: State<'_, Shell>, settings: Settings) -> Result<Settings, AppError> {
    shell.engine().await?.save_settings(settings).await
}

#[command]
pub(crate) async fn telemetry_status(shell: State<'_, Shell>) -> Result<TelemetryView, AppError> {
    shell.engine().await?.telemetry_status().await
}

#[command]
pub(crate) async fn open_link(url: String) -> Result<(), AppError> {
    let url = links::check(&url)?;
    tauri_plugin_opener::open_url(url.as_str(), None::<&str>).map_err(|error| links::not_opened(&error))
}
