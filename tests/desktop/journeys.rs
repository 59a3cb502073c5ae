use roundtable_emulator::{Behaviour, Emulator, EmulatorOptions, Pace};

use crate::window::Window;

const THREE_MODELS: [&str; 3] = ["swift", "thinker", "poet"];
const PROMPT: &str = "Compare B-trees and LSM-trees for a ledger.";

fn all(states: &[String], wish: &str) -> bool {
    !states.is_empty() && states.iter().all(|state| state == wish)
}

/// The words of a burst in the text of an answer, in the order they are shown.
fn words(answer: &str) -> Vec<String> {
    let is_burst = |word: &&str| word.strip_prefix('w').is_some_and(|number| number.parse::<u32>().is_ok());
    answer.split_whitespace().filter(is_burst).map(str::to_owned).collect()
}

async fn try_the_demo(window: &Window) {
    window.button("Try the demo models").await.click().await.unwrap();
    window.find("textarea[data-composer]").await;
}

#[tokio::test]
async fn a_stranger_without_a_key_compares_three_models_and_finds_all_of_it_again() {
    let folder = tempfile::tempdir().unwrap();
    let window = Window::open(folder.path()).await;
    window.button("Try the demo models").await;
    window.photograph("1-onboarding").await;
    try_the_demo(&window).await;
    window.photograph("2-empty").await;
    window.ask(PROMPT).await;
    let begun = |state: &String| state == "streaming" || state == "complete";
    window.until(|states| states.len() == 3 && states.iter().any(begun)).await;
    window.photograph("3-streaming").await;
    window.until(|states| states.len() == 3 && all(states, "complete")).await;
    window.photograph("4-complete").await;
    for lane in 0..3 {
        let answer = window.answer(lane).await;
        assert!(answer.contains('$') && answer.contains("tok"), "an answer shows its figures: {answer}");
    }
    let answer = window.answer(0).await;
    window.close().await;
    let window = Window::open(folder.path()).await;
    window.until(|states| states.len() == 3 && all(states, "complete")).await;
    assert_eq!(window.answer(0).await, answer, "everything is there");
    window.resize(700, 900).await;
    window.photograph("5-narrow").await;
}

#[tokio::test]
async fn one_lane_is_stopped_the_program_killed_and_every_word_is_there() {
    let emulator = Emulator::start(EmulatorOptions::default()).await.unwrap();
    // Long enough that no machine is too slow to stop it in the middle.
    for model in THREE_MODELS {
        let slow = Behaviour::Burst { tokens: 4000, tokens_per_second: 20, token: "w".into() };
        emulator.script_always(model, slow);
    }
    let folder = tempfile::tempdir().unwrap();
    let window = Window::open(folder.path()).await;
    window.add_provider(&emulator.base_url(), &THREE_MODELS).await;
    window.close().await;
    let window = Window::open(folder.path()).await;
    window.ask(PROMPT).await;
    window.until(|states| states.len() == 3 && all(states, "streaming")).await;
    window.button("Stop").await.click().await.unwrap();
    let states = window.until(|states| states.iter().any(|state| state == "stopped")).await;
    let lane = states.iter().position(|state| state == "streaming").unwrap();
    let mut seen = Vec::new();
    while seen.len() < 20 {
        seen = words(&window.answer(lane).await);
    }
    // What has been on screen for longer than a checkpoint's half second has to survive.
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    window.kill();
    let window = Window::open(folder.path()).await;
    let states = window.until(|states| states.len() == 3).await;
    window.photograph("6-after-kill").await;
    assert_eq!(states[lane], "interrupted", "{states:?}");
    assert!(states.contains(&"stopped".to_owned()), "{states:?}");
    let now = words(&window.answer(lane).await);
    assert!(now.starts_with(&seen), "lost after the kill: {seen:?}\nnow: {now:?}");
}

#[tokio::test]
async fn a_provider_with_a_key_works_like_the_demo_and_its_key_is_in_the_keyring() {
    let emulator =
        Emulator::start(EmulatorOptions { pace: Pace::Instant, ..EmulatorOptions::default() }).await.unwrap();
    emulator
        .script_always("swift", Behaviour::Reply { text: "Hello from **afar**.".into(), reasoning: None });
    let folder = tempfile::tempdir().unwrap();
    let window = Window::open(folder.path()).await;
    let added = window
        .run_async(&format!(
            "const done = arguments[0]; const invoke = window.__TAURI_INTERNALS__.invoke; (async () => {{
                const provider = {{ id: null, name: 'Afar', dialect: 'openai', api: null, base_url: '{}/v1', plain_http_confirmed: false }};
                const saved = await invoke('save_provider', {{ provider }});
                const checked = await invoke('set_key', {{ providerId: saved.id, secret: 'sk-desktop-secret-0123456789' }});
                const opened = await invoke('create_conversation', {{ targets: [saved.id + '/swift'] }});
                return JSON.stringify({{ key: checked.provider.key, fault: checked.fault, id: opened.summary.id }});
            }})().then(done, (error) => done('failed: ' + JSON.stringify(error)))",
            emulator.base_url()
        ))
        .await;
    assert!(added.contains("\"state\":\"accepted\"") && added.contains("\"fault\":null"), "{added}");
    assert!(!added.contains("desktop-secret"), "the key never comes back: {added}");
    if std::env::var_os("ROUNDTABLE_NO_KEYRING").is_none() {
        assert!(added.contains("\"place\":\"keyring\""), "{added}");
    }
    window.close().await;
    let window = Window::open(folder.path()).await;
    window.ask("Hello").await;
    window.until(|states| all(states, "complete")).await;
    assert!(window.answer(0).await.contains("Hello from afar."));
    let request = emulator.requests().pop().unwrap();
    assert_eq!(request.headers["authorization"], "Bearer sk-desktop-secret-0123456789");
}

#[tokio::test]
async fn hostile_answers_and_scripts_get_nowhere() {
    let hostile = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script> \
                   ![pixel](https://tracker.example/p.png) [click](javascript:document.title='owned') `<b>code</b>`";
    let emulator =
        Emulator::start(EmulatorOptions { pace: Pace::Instant, ..EmulatorOptions::default() }).await.unwrap();
    emulator.script_always("swift", Behaviour::Reply { text: hostile.into(), reasoning: None });
    let folder = tempfile::tempdir().unwrap();
    let window = Window::open(folder.path()).await;
    window.add_provider(&emulator.base_url(), &["swift"]).await;
    window.close().await;
    let window = Window::open(folder.path()).await;
    window.ask("Be <b>hostile</b> <script>alert(1)</script>").await;
    window.until(|states| all(states, "complete")).await;
    let report = window
        .run_async(
            "const done = arguments[0]; const out = {}; (async () => {
                out.title = document.title;
                out.images = document.querySelectorAll('article img').length;
                out.scripts = document.querySelectorAll('article script, .turn script').length;
                try { await fetch('https://example.com/'); out.fetch = 'allowed'; } catch { out.fetch = 'refused'; }
                try { eval('1'); out.eval = 'allowed'; } catch { out.eval = 'refused'; }
                for (const command of ['plugin:event|listen', 'plugin:opener|open_url', 'plugin:window|close', 'plugin:fs|read_file']) {
                    try { await window.__TAURI_INTERNALS__.invoke(command, {}); out[command] = 'allowed'; }
                    catch { out[command] = 'refused'; }
                }
                try { await window.__TAURI_INTERNALS__.invoke('open_link', { url: 'file:///etc/passwd' }); out.link = 'allowed'; }
                catch { out.link = 'refused'; }
                return JSON.stringify(out);
            })().then(done, (error) => done('failed: ' + error))",
        )
        .await;
    let report: serde_json::Value = serde_json::from_str(&report).expect(&report);
    assert_ne!(report["title"], "owned");
    assert_eq!((&report["images"], &report["scripts"]), (&0.into(), &0.into()), "{report}");
    for refused in [
        "fetch",
        "eval",
        "plugin:event|listen",
        "plugin:opener|open_url",
        "plugin:window|close",
        "plugin:fs|read_file",
        "link",
    ] {
        assert_eq!(report[refused], "refused", "{refused}: {report}");
    }
    assert!(
        window.text().await.contains("<script>alert(1)</script>"),
        "a prompt with markup is shown as it was written"
    );
}

#[tokio::test]
async fn a_damaged_database_is_told_and_set_aside_by_its_button() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("roundtable.db"), vec![b'x'; 8_192]).unwrap();
    let window = Window::open(folder.path()).await;
    window.button("Set").await;
    window.photograph("7-damaged").await;
    window.button("Set").await.click().await.unwrap();
    window.button("Try the demo models").await;
    let aside = std::fs::read_dir(folder.path()).unwrap().filter_map(Result::ok).any(|entry| {
        entry.metadata().is_ok_and(|facts| facts.len() == 8_192) && entry.file_name() != "roundtable.db"
    });
    assert!(aside, "the damaged file is kept");
}
