//! How evenly the real window draws while eight lanes stream: the built program under `WebDriver`, its own `WebKit`, its own
//! engine and database, and the emulator in this process. `scripts/bench` brings the display and builds the program.

use roundtable_emulator::{Behaviour, Emulator, EmulatorOptions, Pace};
use serde::Deserialize;

use crate::fan_out::{LANES, differing};
use crate::figures::line;
use crate::peer::{STEADY_RATE, TOKEN, numbered};
use crate::window::Window;

/// The lanes still speak when the watching ends, however long it took to begin.
const SPARE_SECONDS: u64 = 6;

/// How long the window at rest is watched, for comparison.
const REST_SECONDS: u64 = 3;

const SIZE: (u32, u32) = (1440, 900);

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn run(seconds: u64) {
    let options = EmulatorOptions { pace: Pace::Instant, ..EmulatorOptions::default() };
    let emulator = Emulator::start(options).await.unwrap();
    let tokens = (seconds + SPARE_SECONDS) * u64::from(STEADY_RATE);
    let steady = Behaviour::Burst { tokens, tokens_per_second: STEADY_RATE, token: TOKEN.into() };
    emulator.script_always("steady", steady);
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let window = Window::open(folder.path()).await;
    window.add_provider(&emulator.base_url(), &["steady"; LANES]).await;
    window.close().await;

    let window = Window::open(folder.path()).await;
    window.resize(SIZE.0, SIZE.1).await;
    window.find("textarea[data-composer]").await;
    watch(&window, REST_SECONDS).await.report("at rest");
    window.ask("Count.").await;
    window.until(|states| states.len() == LANES && states.iter().all(|state| state == "streaming")).await;
    let frames = watch(&window, seconds).await;
    let streaming = window.states().await.iter().filter(|state| *state == "streaming").count();
    frames.report(&format!("{LANES} lanes x {STEADY_RATE} tokens/s"));
    line("lanes that still streamed at the end", &format!("    {streaming:>8}"));
    window.until(|states| states.iter().all(|state| state == "complete")).await;
    report_text(&window, &numbered(tokens)).await;
    window.close().await;
    emulator.shutdown().await;
}

/// Compares what is on screen with what was sent.
async fn report_text(window: &Window, sent: &str) {
    // Markdown drops the space after the last word.
    let sent = sent.trim_end();
    let shown: Vec<String> = serde_json::from_str(
        &window
            .run_async(
                "arguments[0](JSON.stringify([...document.querySelectorAll('.turn article .markdown')]
                    .map((answer) => answer.textContent.trimEnd())))",
            )
            .await,
    )
    .unwrap();
    assert_eq!(shown.len(), LANES, "every lane shows its answer");
    let wrong: usize = shown.iter().map(|text| differing(text, sent)).sum();
    line(
        "characters on screen",
        &format!("    {:>8}", shown.iter().map(|text| text.chars().count()).sum::<usize>()),
    );
    line("characters lost or out of order", &format!("    {wrong:>8}"));
    assert_eq!(wrong, 0, "the window shows what was sent");
}

/// Times between frames, in milliseconds.
#[derive(Deserialize)]
struct Frames {
    gaps: Vec<f64>,
}

async fn watch(window: &Window, seconds: u64) -> Frames {
    let script = format!(
        "const done = arguments[0]; const gaps = []; const started = performance.now(); let before = started;
        const frame = () => {{
            const now = performance.now();
            gaps.push(now - before);
            before = now;
            if (now - started < {seconds} * 1000) requestAnimationFrame(frame);
            else done(JSON.stringify({{ gaps: gaps.slice(1) }}));
        }};
        requestAnimationFrame(frame);"
    );
    serde_json::from_str(&window.run_async(&script).await).unwrap()
}

impl Frames {
    fn report(mut self, what: &str) {
        self.gaps.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| {
            let place = (self.gaps.len().saturating_sub(1) as f64 * share).round() as usize;
            self.gaps.get(place).copied().unwrap_or(f64::NAN)
        };
        let rate = 1e3 * self.gaps.len() as f64 / self.gaps.iter().sum::<f64>();
        line(&format!("frames, {what}"), &format!("    {rate:>8.1} /s"));
        line(
            "  between two frames",
            &format!(
                "p50 {:>8.1} ms   p95 {:>8.1} ms   p99 {:>8.1} ms   longest {:.1} ms",
                at(0.5),
                at(0.95),
                at(0.99),
                at(1.0)
            ),
        );
    }
}
