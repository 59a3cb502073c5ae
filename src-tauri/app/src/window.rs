//! The one window: its size, where it may go, and what happens when it closes.

use std::sync::atomic::{AtomicBool, Ordering};

use tauri::{AppHandle, Manager, RunEvent, WebviewUrl, WebviewWindowBuilder};

use crate::shell::Shell;

/// Set once everything in flight has been finished: the second request to exit is granted.
static FINISHED: AtomicBool = AtomicBool::new(false);

/// The window's name.
pub(crate) const MAIN: &str = "main";

/// Opens the window. It never leaves its own pages: a link opens in the system's browser (see `commands::links`).
pub(crate) fn open(app: &AppHandle) -> tauri::Result<()> {
    WebviewWindowBuilder::new(app, MAIN, WebviewUrl::default())
        .title("Roundtable")
        .inner_size(1360.0, 880.0)
        .min_inner_size(400.0, 480.0)
        // The shell's own handler would swallow files dropped on the page, which takes them as attachments.
        .disable_drag_drop_handler()
        .on_navigation(|url| {
            url.scheme() == "tauri"
                || url.host_str() == Some("tauri.localhost")
                || cfg!(dev) && url.host_str() == Some("localhost")
        })
        .build()?;
    Ok(())
}

/// Holds the exit back until answers in flight are saved.
pub(crate) fn on_event(app: &AppHandle, event: RunEvent) {
    if let RunEvent::ExitRequested { api, .. } = event
        && !FINISHED.load(Ordering::Acquire)
    {
        api.prevent_exit();
        let app = app.clone();
        tauri::async_runtime::spawn(async move {
            app.state::<Shell>().close().await;
            FINISHED.store(true, Ordering::Release);
            app.exit(0);
        });
    }
}
