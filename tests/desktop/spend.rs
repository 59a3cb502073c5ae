//! The Spend room in the real window, over books as months of use leave them.

use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use roundtable_domain::UnixMs;
use roundtable_tests::months::{Months, open_books};
use roundtable_tests::root;
use serde_json::{Value, json};

use crate::window::Window;

/// The charts of the room, by what their tables are called.
const CHARTS: [&str; 3] = ["series", "hours", "models"];

async fn fill(folder: &Path) {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let now = UnixMs(i64::try_from(since.as_millis()).unwrap());
    let store = open_books(folder, now).await.unwrap();
    Months { entries: 9_000, days: 400, now, seed: 3 }.write(&store).await.unwrap();
    store.close().await;
}

/// A window in front of the Spend room, with these settings.
async fn look(folder: &Path, settings: Value) -> Window {
    let window = Window::open(folder).await;
    window.set(settings).await;
    window.close().await;
    let window = Window::open(folder).await;
    window.resize(1440, 900).await;
    window.find("button[data-room='spend']").await.click().await.unwrap();
    window
}

/// Waits until every chart of the room has drawn something.
async fn drawn(window: &Window) {
    for chart in CHARTS {
        window.find(&format!("[data-chart='{chart}'] canvas")).await;
    }
    window
        .run_async(
            "const done = arguments[0];
            const inked = (canvas) => canvas.width > 0 && canvas.getContext('2d')
                .getImageData(0, 0, canvas.width, canvas.height).data.some((byte) => byte !== 0);
            const look = () => {
                const room = document.querySelector('.overview');
                const below = document.querySelector('.overview .below');
                const canvases = [...document.querySelectorAll('[data-chart] canvas')];
                if ([room, below].every((part) => part?.getAttribute('aria-busy') === 'false') && canvases.length >= 3 && canvases.every(inked)) done('drawn');
                else setTimeout(look, 50);
            };
            look();",
        )
        .await;
}

/// Chooses a stretch of time as the select does.
async fn choose(window: &Window, range: &str) {
    window
        .run_async(&format!(
            "const done = arguments[0];
            const range = document.querySelector('.overview .range select');
            range.value = '{range}';
            range.dispatchEvent(new Event('change', {{ bubbles: true }}));
            setTimeout(() => done('chosen'), 100);"
        ))
        .await;
    drawn(window).await;
}

/// The sum of real money this year, as the command line says it.
fn sum_of_the_year(folder: &Path) -> String {
    let cli = std::env::var_os("ROUNDTABLE_APP")
        .map_or_else(|| root().join("target/debug/roundtable"), Into::into)
        .with_file_name("roundtable-cli");
    let output = Command::new(cli)
        .args(["ledger", "--range", "year", "--json", "--data-dir"])
        .arg(folder)
        .output()
        .expect("the command line is built beside the window");
    let said = String::from_utf8(output.stdout).unwrap();
    let totals: Vec<Value> = said
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .filter(|line: &Value| line["type"] == "totals")
        .collect();
    totals.first().and_then(|one| one["usd"].as_str()).expect("the command line states a sum").to_owned()
}

#[tokio::test]
async fn months_of_spend_are_drawn_and_say_what_the_command_line_says() {
    let folder = tempfile::tempdir().unwrap();
    let room = |range: Value, theme: &str, language: &str| {
        json!({"theme": theme, "language": language, "onboarded": true,
            "spend_filter": {"range": range, "step": "auto", "by": "provider", "measure": "cost", "providers": [], "models": [],
                "keys": [], "sources": [], "conversations": [], "folders": [], "tags": [], "simulated": false}})
    };
    let window = look(folder.path(), room(json!({"kind": "month"}), "light", "en")).await;
    window.find(".overview").await;
    window.photograph("spend-empty").await;
    window.close().await;
    fill(folder.path()).await;

    let window = look(folder.path(), room(json!({"kind": "year"}), "light", "en")).await;
    drawn(&window).await;
    window.photograph("spend-year-light").await;
    let sum = sum_of_the_year(folder.path());
    let exact = window
        .run_async(
            "arguments[0](JSON.stringify([...document.querySelectorAll('.figures *')].flatMap((one) =>
                [one.textContent, one.getAttribute('title') ?? '', one.getAttribute('aria-label') ?? ''])))",
        )
        .await;
    let (whole, _) = sum.split_once('.').unwrap_or((&sum, ""));
    assert!(exact.replace(',', "").contains(whole), "the window's figures name ${sum}: {exact}");
    for range in ["month", "d7", "today"] {
        choose(&window, range).await;
        window.photograph(&format!("spend-{range}-light")).await;
    }
    window.resize(620, 900).await;
    choose(&window, "d90").await;
    window.photograph("spend-narrow-light").await;
    window.close().await;

    let window = look(folder.path(), room(json!({"kind": "year"}), "dark", "en")).await;
    drawn(&window).await;
    window.photograph("spend-year-dark").await;
    choose(&window, "month").await;
    window.photograph("spend-month-dark").await;
    window.close().await;

    let window = look(folder.path(), room(json!({"kind": "month"}), "light", "zh")).await;
    drawn(&window).await;
    window.photograph("spend-month-chinese").await;
    window.close().await;
}
