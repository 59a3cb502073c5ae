use std::path::Path;

use roundtable_emulator::{Behaviour, Emulator, EmulatorOptions, Pace};
use serde_json::json;
use thirtyfour::Key;

use crate::window::Window;

/// A ladder whose first rung is ill, whose second breaks off, and whose third is well.
const LADDER: &str = "description: Whoever is well\n\
    echelon1:\n  models: [afar/swift]\n  max_retries: 0\n\
    echelon2:\n  models: [afar/poet]\n  max_retries: 0\n\
    echelon3:\n  models: [afar/thinker]\n";

/// Opens a window on a folder with this ladder and a conversation whose one lane names it.
async fn open_on_a_ladder(folder: &Path, emulator: &Emulator) -> Window {
    let groups = folder.join("config/groups");
    std::fs::create_dir_all(&groups).unwrap();
    std::fs::write(groups.join("ladder.yaml"), LADDER).unwrap();
    let window = Window::open(folder).await;
    window.add_provider(&emulator.base_url(), &["swift"]).await;
    window.invoke("create_conversation", json!({"targets": ["ladder"]})).await;
    window.close().await;
    Window::open(folder).await
}

#[tokio::test]
async fn a_group_falls_back_says_why_and_lets_another_go_on_with_what_broke_off() {
    let emulator =
        Emulator::start(EmulatorOptions { pace: Pace::Instant, ..EmulatorOptions::default() }).await.unwrap();
    let reply = |text: &str| Behaviour::Reply { text: text.into(), reasoning: None };
    emulator.script_always("swift", Behaviour::Status503);
    emulator.script("poet", vec![reply("A railing."), Behaviour::SocketCut { after_tokens: 5 }]);
    emulator.script_always("thinker", reply("and that is the end of it."));
    let folder = tempfile::tempdir().unwrap();
    let window = open_on_a_ladder(folder.path(), &emulator).await;

    window.ask("What does a path deserve?").await;
    window.until(|states| states == ["complete"]).await;
    let answer = window.answer(0).await;
    assert!(answer.contains("A railing.") && answer.contains("poet"), "{answer}");
    assert!(answer.contains("ladder.echelon2") && answer.contains("fallback"), "{answer}");
    window.button("Through ladder.echelon2: why this model").await.click().await.unwrap();
    let sheet = window.find("[role='dialog'] table").await;
    window.photograph("8-why").await;
    let candidates = sheet.text().await.unwrap();
    assert!(candidates.contains("swift") && candidates.contains("thinker"), "{candidates}");
    let why = window.find("[role='dialog']").await.text().await.unwrap();
    assert!(why.contains("Fell back to afar/poet because afar/swift had a fault."), "{why}");
    assert!(why.contains("The same facts lead to the same choice."), "{why}");
    window.find("[role='dialog']").await.send_keys(Key::Escape + "").await.unwrap();

    window.ask("And a road?").await;
    let ended = |states: &[String]| states.iter().all(|state| state == "truncated" || state == "failed");
    window.until(|states| !states.is_empty() && ended(states)).await;
    window.photograph("9-broken").await;
    let partial = window.find(".turn:last-of-type article .body").await.text().await.unwrap();
    window.button("Continue with thinker").await.click().await.unwrap();
    window.until(|states| states == ["complete"]).await;
    window.photograph("10-gone-on").await;
    let answer = window.answer(0).await;
    assert!(answer.contains("poet begins") && answer.contains("thinker goes on"), "{answer}");
    assert!(answer.contains("and that is the end of it."), "{answer}");
    for line in partial.lines() {
        assert!(answer.contains(line), "what had come stays: {line}\n{answer}");
    }
}
