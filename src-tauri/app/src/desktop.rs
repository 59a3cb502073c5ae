//! Alerts as notifications of the desktop, while the window is not in front. On Linux they go to `org.freedesktop.Notifications` on the
//! session's bus. Where nobody takes them, the log says so once, and the settings whenever they are looked at: the alert stands in the
//! window anyway.
//!
//! What a notification says is the window's: it has each sentence in the user's language and currency, and says it here of every alert
//! that it is told of ([`Wordings`]). One that says nothing in time, because it hangs or is being loaded, is not waited for: the host's own
//! English stands in for it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use notify_rust::Notification;
use roundtable_engine::Engine;
use roundtable_engine::view::{AlertLevel, AlertView};
use tauri::{AppHandle, Manager};
use tokio::sync::oneshot;

use crate::window::MAIN;

/// Who sends them, as desktops show it.
const NAME: &str = "Roundtable";

/// The icon the package installs under this name.
const ICON: &str = "roundtable";

/// After so long a click leads nowhere any more: a desktop that keeps notifications for good would keep a task for each.
const CLICKABLE_FOR: Duration = Duration::from_mins(30);

/// How long the window may take to say what an alert is called in its language.
const LONGEST_WORDING: Duration = Duration::from_secs(3);

/// A notification holds no more; desktops show less.
const LONGEST_TEXT: usize = 600;

/// What a notification says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wording {
    /// In a line.
    pub(crate) title: String,
    /// The numbers.
    pub(crate) body: String,
    /// What a click does.
    pub(crate) open: String,
}

impl Wording {
    /// The host's own words.
    fn own(alert: &AlertView) -> Self {
        let AlertView { title, body, .. } = alert;
        Self { title: title.text.clone(), body: body.text.clone(), open: "Open".to_owned() }
    }
}

/// Alerts that wait for the window's words.
#[derive(Default)]
pub(crate) struct Wordings(Mutex<HashMap<String, oneshot::Sender<Wording>>>);

impl Wordings {
    fn waiting(&self) -> MutexGuard<'_, HashMap<String, oneshot::Sender<Wording>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The window says what an alert is called. What nobody waits for is passed over.
    pub(crate) fn say(&self, id: &str, wording: Wording) {
        if let Some(waiting) = self.waiting().remove(id) {
            // Nobody waits any more.
            let _ = waiting.send(wording);
        }
    }

    /// From now on the window's words for this alert are waited for.
    fn expect(&self, id: &str) -> oneshot::Receiver<Wording> {
        let (said, heard) = oneshot::channel();
        self.waiting().insert(id.to_owned(), said);
        heard
    }

    /// The window's words, or in time the host's own.
    async fn heard(
        &self,
        alert: &AlertView,
        wording: oneshot::Receiver<Wording>,
        longest: Duration,
    ) -> Wording {
        let heard = tokio::time::timeout(longest, wording).await;
        self.waiting().remove(&alert.id);
        match heard {
            Ok(Ok(wording)) => wording,
            _ => Wording::own(alert),
        }
    }
}

/// Said once: nobody here shows notifications.
static NOBODY_SHOWS: AtomicBool = AtomicBool::new(false);

/// Shows alerts as they come about, until the program ends.
pub(crate) async fn follow(engine: &Engine, app: AppHandle, wordings: Arc<Wordings>) {
    let showing = engine.clone();
    let shown = engine.watch_alerts(Box::new(move |alert| {
        if worth_it(&alert) {
            // Before the window is told: it watches later.
            let wording = wordings.expect(&alert.id);
            let (engine, app, wordings) = (showing.clone(), app.clone(), Arc::clone(&wordings));
            tauri::async_runtime::spawn(async move {
                let wording = wordings.heard(&alert, wording, LONGEST_WORDING).await;
                show(engine, app, alert, wording).await;
            });
        }
        true
    }));
    if let Err(error) = shown.await {
        tracing::warn!(%error, "alerts are not shown on the desktop");
    }
}

/// What came along with louder news is none.
fn worth_it(alert: &AlertView) -> bool {
    alert.aloud && !alert.seen
}

async fn show(engine: Engine, app: AppHandle, alert: AlertView, wording: Wording) {
    let in_front = app.get_webview_window(MAIN).is_some_and(|window| window.is_focused().unwrap_or(false));
    if in_front || !engine.alerts_on_the_desktop().await {
        return;
    }
    let opened = send(alert.level, &wording, move || bring_to_front(&app)).await;
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

fn notification(level: AlertLevel, wording: &Wording) -> Notification {
    let Wording { title, body, open } = wording;
    let mut notification = Notification::new();
    notification.appname(NAME).icon(ICON).summary(&cut(title)).body(&plain(&cut(body)));
    // What desktops do with a click on the notification itself.
    notification.action("default", &cut(open));
    #[cfg(all(unix, not(target_os = "macos")))]
    if level == AlertLevel::Critical {
        notification.urgency(notify_rust::Urgency::Critical);
    }
    notification.finalize()
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST_TEXT).collect()
}

/// Desktops read a few tags in the text below the title; names of models may look like one.
fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Sends it; `opened` is called when it is clicked.
#[cfg(all(unix, not(target_os = "macos")))]
async fn send(
    level: AlertLevel,
    wording: &Wording,
    opened: impl FnOnce() + Send + 'static,
) -> Result<(), notify_rust::error::Error> {
    let sent = notification(level, wording).show_async().await?;
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
    level: AlertLevel,
    wording: &Wording,
    _opened: impl FnOnce() + Send + 'static,
) -> Result<(), notify_rust::error::Error> {
    let notification = notification(level, wording);
    match tauri::async_runtime::spawn_blocking(move || notification.show().map(|_| ())).await {
        Ok(sent) => sent,
        Err(error) => Err(error.to_string().into()),
    }
}

/// Whether anybody here shows notifications.
#[cfg(all(unix, not(target_os = "macos")))]
pub(crate) async fn is_shown_by_somebody() -> bool {
    let asked = tauri::async_runtime::spawn_blocking(|| notify_rust::get_server_information().is_ok());
    asked.await.unwrap_or(false)
}

/// Whether anybody here shows notifications: these desktops always do.
#[cfg(not(all(unix, not(target_os = "macos"))))]
#[expect(clippy::unused_async, reason = "as on the desktops that have to be asked")]
pub(crate) async fn is_shown_by_somebody() -> bool {
    true
}

#[cfg(all(unix, not(target_os = "macos")))]
#[cfg(test)]
mod tests;
