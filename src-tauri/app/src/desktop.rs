//! Alerts as notifications of the desktop, while the window is not in front. On Linux they go to `org.freedesktop.Notifications` on the
//! session's bus. Where nobody takes them, the log says so once, and that is all: the alert stands in the window anyway.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use notify_rust::Notification;
use roundtable_engine::Engine;
use roundtable_engine::view::{AlertLevel, AlertView};
use tauri::{AppHandle, Manager};

use crate::window::MAIN;

/// Who sends them, as desktops show it.
const NAME: &str = "Roundtable";

/// The icon the package installs under this name.
const ICON: &str = "roundtable";

/// After so long a click leads nowhere any more: a desktop that keeps notifications for good would keep a task for each.
const CLICKABLE_FOR: Duration = Duration::from_mins(30);

/// Said once: nobody here shows notifications.
static NOBODY_SHOWS: AtomicBool = AtomicBool::new(false);

/// Shows alerts as they come about, until the program ends.
pub(crate) async fn follow(engine: &Engine, app: AppHandle) {
    let showing = engine.clone();
    let shown = engine.watch_alerts(Box::new(move |alert| {
        if worth_it(&alert) {
            tauri::async_runtime::spawn(show(showing.clone(), app.clone(), alert));
        }
        true
    }));
    if let Err(error) = shown.await {
        tracing::warn!(%error, "alerts are not shown on the desktop");
    }
}

/// What is only good to know does not call anybody away from something else, and what came along with louder news is none.
fn worth_it(alert: &AlertView) -> bool {
    alert.level >= AlertLevel::Warning && !alert.seen
}

async fn show(engine: Engine, app: AppHandle, alert: AlertView) {
    let in_front = app.get_webview_window(MAIN).is_some_and(|window| window.is_focused().unwrap_or(false));
    if in_front || !engine.alerts_on_the_desktop().await {
        return;
    }
    let opened = send(&alert, move || bring_to_front(&app)).await;
    if let Err(error) = opened
        && !NOBODY_SHOWS.swap(true, Ordering::Relaxed)
    {
        tracing::info!(%error, "there is nobody here who shows notifications");
    }
}

fn bring_to_front(app: &AppHandle) {
    let Some(window) = app.get_webview_window(MAIN) else { return };
    let fronted = window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus());
    if let Err(error) = fronted {
        tracing::warn!(%error, "the window stays behind");
    }
}

fn notification(alert: &AlertView) -> Notification {
    let mut notification = Notification::new();
    notification.appname(NAME).icon(ICON).summary(&alert.title.text).body(&plain(&alert.body.text));
    // What desktops do with a click on the notification itself.
    notification.action("default", "Open");
    #[cfg(all(unix, not(target_os = "macos")))]
    if alert.level == AlertLevel::Critical {
        notification.urgency(notify_rust::Urgency::Critical);
    }
    notification.finalize()
}

/// Desktops read a few tags in the text below the title; names of models may look like one.
fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Sends it; `opened` is called when it is clicked.
#[cfg(all(unix, not(target_os = "macos")))]
async fn send(
    alert: &AlertView,
    opened: impl FnOnce() + Send + 'static,
) -> Result<(), notify_rust::error::Error> {
    let sent = notification(alert).show_async().await?;
    tauri::async_runtime::spawn(async move {
        let clicked = sent.wait_for_action_async(|response| {
            if *response == notify_rust::NotificationResponse::Default {
                opened();
            }
        });
        // Nobody has clicked: there is nothing to say about that.
        let _ = tokio::time::timeout(CLICKABLE_FOR, clicked).await;
    });
    Ok(())
}

/// Sends it. These desktops bring the program to the front themselves.
#[cfg(not(all(unix, not(target_os = "macos"))))]
async fn send(
    alert: &AlertView,
    _opened: impl FnOnce() + Send + 'static,
) -> Result<(), notify_rust::error::Error> {
    let notification = notification(alert);
    match tauri::async_runtime::spawn_blocking(move || notification.show().map(|_| ())).await {
        Ok(sent) => sent,
        Err(error) => Err(error.to_string().into()),
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
#[cfg(test)]
mod tests;
