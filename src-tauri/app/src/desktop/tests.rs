//! Against a real session bus of their own, with a desktop on it that was made up, and without one.

use std::collections::{BTreeMap, HashMap};
use std::process::Command;
use std::sync::Arc;

use roundtable_domain::UnixMs;
use roundtable_engine::view::{AlertKind, Said, Saying};
use tokio::sync::{Notify, mpsc};
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedValue;

use super::*;

/// Set in the process that stands on a bus of its own.
const ON_A_BUS: &str = "ROUNDTABLE_TEST_BUS";

/// What a program sent to the desktop.
#[derive(Debug)]
struct Sent {
    app: String,
    summary: String,
    body: String,
    actions: Vec<String>,
    urgency: Option<u8>,
}

struct Desktop(mpsc::UnboundedSender<Sent>);

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Desktop {
    #[expect(clippy::too_many_arguments, reason = "the specification has as many")]
    fn notify(
        &self,
        app: String,
        replaces: u32,
        icon: String,
        summary: String,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        expires: i32,
    ) -> u32 {
        assert_eq!((replaces, icon.is_empty(), expires), (0, false, -1), "a notification of its own");
        drop(icon);
        let urgency = hints.into_iter().find(|(name, _)| name == "urgency");
        let urgency = urgency.and_then(|(_, hint)| u8::try_from(hint).ok());
        self.0.send(Sent { app, summary, body, actions, urgency }).unwrap();
        7
    }

    #[expect(clippy::unused_self, reason = "an interface is spoken to by its object")]
    fn get_server_information(&self) -> (&str, &str, &str, &str) {
        ("made up", "for a test", "1", "1.2")
    }

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, action: &str) -> zbus::Result<()>;
}

fn said(text: &str) -> Said {
    Said { text: text.to_owned(), saying: Saying { code: "any".to_owned(), values: BTreeMap::new() } }
}

fn alert(level: AlertLevel) -> AlertView {
    AlertView {
        id: "1".to_owned(),
        kind: AlertKind::BudgetStep,
        level,
        aloud: true,
        at: UnixMs(0),
        title: said("The budget \u{201c}R&D\u{201d} has reached 100 % of its limit"),
        body: said("<b>$10.50</b> of $10.00 are spent."),
        subject: String::new(),
        seen: false,
        simulated: false,
    }
}

/// Runs the test of this name in a process with a session bus of its own; false: this is that process.
fn on_a_bus(name: &str) -> bool {
    if std::env::var_os(ON_A_BUS).is_some() {
        return false;
    }
    let run = Command::new("dbus-run-session")
        .arg("--")
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", &format!("desktop::tests::{name}"), "--nocapture"])
        .env(ON_A_BUS, "1")
        .output();
    // Without a bus there is nothing to show; `scripts/test` says so where it is missing.
    let Ok(output) = run else { return true };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    true
}

#[test]
fn the_desktop_shows_what_was_sent_and_a_click_comes_back() {
    if on_a_bus("the_desktop_shows_what_was_sent_and_a_click_comes_back") {
        return;
    }
    tauri::async_runtime::block_on(async {
        let (sent, mut shown) = mpsc::unbounded_channel();
        let bus = zbus::connection::Builder::session()
            .unwrap()
            .name("org.freedesktop.Notifications")
            .unwrap()
            .serve_at("/org/freedesktop/Notifications", Desktop(sent))
            .unwrap()
            .build()
            .await
            .unwrap();
        let clicked = Arc::new(Notify::new());
        let told = Arc::clone(&clicked);
        assert!(is_shown_by_somebody().await);
        let wording = Wording::own(&alert(AlertLevel::Critical));
        send(AlertLevel::Critical, &wording, move || told.notify_one()).await.unwrap();
        let seen = shown.recv().await.unwrap();
        assert_eq!((seen.app.as_str(), seen.urgency), (NAME, Some(2)));
        assert_eq!(seen.summary, "The budget \u{201c}R&D\u{201d} has reached 100 % of its limit");
        assert_eq!(seen.body, "&lt;b&gt;$10.50&lt;/b&gt; of $10.00 are spent.", "no tag of ours");
        assert_eq!(seen.actions, ["default", "Open"]);
        let emitter = SignalEmitter::new(&bus, "/org/freedesktop/Notifications").unwrap();
        // Whoever listens asks the bus for the signal first; until it has, a click is not heard.
        let click = async {
            loop {
                Desktop::action_invoked(&emitter, 7, "default").await.unwrap();
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::select! {
            () = click => {}
            heard = tokio::time::timeout(Duration::from_secs(20), clicked.notified()) => heard.unwrap(),
        }
    });
}

#[test]
fn without_a_desktop_it_is_an_error_and_nothing_else() {
    if on_a_bus("without_a_desktop_it_is_an_error_and_nothing_else") {
        return;
    }
    let wording = Wording::own(&alert(AlertLevel::Warning));
    let sent = tauri::async_runtime::block_on(send(AlertLevel::Warning, &wording, || {}));
    assert!(!tauri::async_runtime::block_on(is_shown_by_somebody()), "the settings say so");
    assert!(sent.unwrap_err().to_string().contains("org.freedesktop.Notifications"));
}

#[test]
fn only_news_that_are_loud_enough_go_to_the_desktop() {
    assert!(!worth_it(&AlertView { aloud: false, ..alert(AlertLevel::Info) }));
    assert!(worth_it(&alert(AlertLevel::Info)) && worth_it(&alert(AlertLevel::Warning)));
    assert!(!worth_it(&AlertView { seen: true, ..alert(AlertLevel::Critical) }));
}

#[test]
fn a_notification_says_what_the_window_says_and_is_not_lost_where_it_says_nothing() {
    tauri::async_runtime::block_on(async {
        let wordings = Wordings::default();
        let alert = alert(AlertLevel::Warning);
        let chinese =
            Wording {
                title: "预算".to_owned(), body: "已用完。".to_owned(), open: "查看预算".to_owned()
            };
        wordings.say("another", chinese.clone());
        let expected = wordings.expect(&alert.id);
        wordings.say(&alert.id, chinese.clone());
        assert_eq!(wordings.heard(&alert, expected, LONGEST_WORDING).await, chinese);

        let expected = wordings.expect(&alert.id);
        assert_eq!(wordings.heard(&alert, expected, Duration::ZERO).await, Wording::own(&alert));
        wordings.say(&alert.id, chinese);
        assert!(wordings.waiting().is_empty(), "what comes late is kept for nobody");
    });
}
