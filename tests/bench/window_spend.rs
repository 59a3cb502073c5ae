//! How long somebody waits for the Spend room in the real window: from the click to the frame after which figures and charts stand
//! on screen, over a year of a million entries. `scripts/bench` brings the display and builds the program.

use std::path::Path;
use std::time::Duration;

use serde_json::json;

use crate::dashboard::{FILTER_CHANGE, FIRST_PAINT, books, pair};
use crate::figures::{Samples, line};
use crate::window::Window;

/// How often the window is opened anew for each first look.
const OPENINGS: usize = 5;

/// A window that has just come is still busy with itself, and with putting this room up ahead; nobody is in another room that soon.
const SETTLING: Duration = Duration::from_secs(4);

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn run(changes: usize, entries: usize) {
    let temporary = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let folder = books(temporary.path(), entries).await;
    for (name, range) in [("a month", "month"), ("the year", "year")] {
        ask_for(&folder, range).await;
        let (mut pressed, mut pointed, mut whole) =
            (Samples::default(), Samples::default(), Samples::default());
        for _ in 0..OPENINGS {
            for (pointer, samples) in [(false, &mut pressed), (true, &mut pointed)] {
                let [seen, all] = first_look(&folder, pointer).await;
                samples.push(seen);
                whole.push(all);
            }
        }
        line(&format!("first paint, {name}, by a key"), &pair(&pressed, FIRST_PAINT));
        line(&format!("first paint, {name}, by the pointer"), &pair(&pointed, FIRST_PAINT));
        let (p50, p95) = (whole.p50() / 1e3, whole.quantile_us(0.95) / 1e3);
        line(&format!("all of the page, {name}"), &format!("p50 {p50:>7.1} ms   p95 {p95:>7.1} ms"));
    }
    change(&folder, changes).await;
}

/// A new window that has come to rest, then the room: how long until figures and the large chart stand, and until all of it does.
/// A pointer is over the button for a moment before it is pressed; a key is not.
async fn first_look(folder: &Path, pointer: bool) -> [Duration; 2] {
    let window = open(folder).await;
    let hover =
        if pointer { "button.dispatchEvent(new PointerEvent('pointerenter')); await rest(150);" } else { "" };
    let took = timed(
        &window,
        &format!(
            "const button = document.querySelector(\"button[data-room='spend']\"); {hover}
        begin(); button.click(); await stands(); await stands(true);"
        ),
    )
    .await;
    window.close().await;
    [took[0], took[1]]
}

/// What the room is to show when it is opened.
async fn ask_for(folder: &Path, range: &str) {
    let window = Window::open(folder).await;
    let filter = json!({"range": {"kind": range}, "step": "auto", "by": "provider", "measure": "cost", "providers": [], "models": [],
        "keys": [], "sources": [], "conversations": [], "folders": [], "tags": [], "simulated": false});
    window.set(json!({"onboarded": true, "spend_filter": filter})).await;
    window.close().await;
}

async fn open(folder: &Path) -> Window {
    let window = Window::open(folder).await;
    window.resize(1440, 900).await;
    window.find("button[data-room='spend']").await;
    tokio::time::sleep(SETTLING).await;
    window
}

/// Ranges and what is stacked, in no order, each from the change of the select to the frame that shows it.
async fn change(folder: &Path, changes: usize) {
    let window = open(folder).await;
    let script = "const button = document.querySelector(\"button[data-room='spend']\");
        begin(); button.click(); await stands();
        const pick = (select, value) => { select.value = value; select.dispatchEvent(new Event('change', { bubbles: true })); };
        const ranges = ['today', 'week', 'd7', 'month', 'd30', 'd90', 'year', 'all'];
        const bys = ['provider', 'model', 'source', 'key', 'conversation', 'folder', 'tag'];
        let seed = 7;
        const dice = (sides) => (seed = (seed * 1103515245 + 12345) % 2147483648) % sides;
        for (let at = 0; at < CHANGES; at += 1) {
            const of = (selector) => document.querySelector(selector);
            const range = dice(2) === 0;
            const select = of(range ? '.overview .range select' : \"[data-chart='series'] .by select\");
            const choices = (range ? ranges : bys).filter((one) => one !== select.value);
            begin(); pick(select, choices[dice(choices.length)]); await stands();
            await rest(500);
        }"
    .replace("CHANGES", &changes.to_string());
    let took = timed(&window, &script).await;
    let mut samples = Samples::default();
    for one in took.iter().skip(1) {
        samples.push(*one);
    }
    line(&format!("{changes} changes of the filter, on screen"), &pair(&samples, FILTER_CHANGE));
    window.close().await;
}

/// Runs steps in the page. `begin()` starts the watch; `stands()` reads it once figures and the large chart are there and the frame
/// that shows them has been handed over, `stands(true)` once all that lies below them is there too.
async fn timed(window: &Window, steps: &str) -> Vec<Duration> {
    let script = format!(
        "const done = arguments[0]; const took = []; let from = 0;
        const rest = (ms) => new Promise((then) => setTimeout(then, ms));
        const begin = () => {{ from = performance.now(); }};
        const inked = (canvas) => canvas.width > 0 && canvas.height > 0 && canvas.getContext('2d')
            .getImageData(0, canvas.height >> 1, canvas.width, 1).data.some((byte) => byte !== 0);
        const ready = (whole) => {{
            if (whole && document.querySelector(\".below[aria-busy='true']\") !== null) return false;
            const room = document.querySelector('.overview');
            const canvas = document.querySelector(\"[data-chart='series'] canvas\");
            const figures = document.querySelector('.figures');
            // A stretch of time without an entry has its figures and no chart.
            return room?.getAttribute('aria-busy') === 'false' && figures !== null && (canvas === null || inked(canvas));
        }};
        const frame = () => new Promise((then) => requestAnimationFrame(() => {{
            const channel = new MessageChannel(); channel.port1.onmessage = () => then(); channel.port2.postMessage(0);
        }}));
        const stands = async (whole = false) => {{
            // Reading ink back from a canvas takes as long as drawing it: that is the watch's own time.
            let at = 0;
            do {{ await frame(); at = performance.now(); }} while (!ready(whole));
            took.push(at - from);
        }};
        (async () => {{ {steps} }})().then(() => done(JSON.stringify(took)), (error) => done('failed: ' + error));"
    );
    let said = window.run_async(&script).await;
    assert!(!said.starts_with("failed"), "{said}");
    let took: Vec<f64> = serde_json::from_str(&said).unwrap();
    took.into_iter().map(|ms| Duration::from_secs_f64(ms / 1e3)).collect()
}
