use roundtable_domain::{Provenance, RunState};
use roundtable_emulator::Behaviour;
use roundtable_engine::LedgerFilter;
use roundtable_engine::view::MoneyChoice;
use roundtable_tests::{Room, Window};

#[tokio::test]
async fn closing_in_the_middle_keeps_the_text_and_books_an_estimate() {
    let room = Room::new().await;
    let conversation = room.conversation(&["demo/swift"]).await;
    room.engine.emulator().await.unwrap().script("swift", vec![Behaviour::Stall { after_tokens: 25 }]);
    let window = Window::default();
    let turn = room
        .engine
        .start_turn(conversation.summary.id, "A long story", &[], &[], MoneyChoice::default(), window.sink())
        .await
        .unwrap();
    let id = turn.runs[0].id;
    window.until(|seen| seen.runs.get(&id).is_some_and(|run| run.text.len() > 40)).await;
    let shown = window.seen(|seen| seen.runs[&id].text.clone());
    let started = std::time::Instant::now();
    room.engine.shutdown().await;
    assert!(started.elapsed().as_secs() < 3, "closing takes at most two seconds");
    let later = room.again().await;
    let stored = later.engine.open_conversation(conversation.summary.id).await.unwrap();
    let run = &stored.turns[0].runs[0];
    assert_eq!(run.state, RunState::Interrupted);
    assert!(run.text.starts_with(&shown), "{} is not {shown}", run.text);
    assert_eq!(run.cost.as_ref().unwrap().provenance, Some(Provenance::Estimated));
}

#[tokio::test]
async fn what_a_killed_process_left_is_marked_and_booked_once() {
    // The child is this very test binary: it streams, tells how far it came, and is killed.
    if let Ok(folder) = std::env::var("ROUNDTABLE_TEST_CHILD") {
        stream_until_killed(folder.as_ref()).await;
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let seen = kill_in_mid_stream(folder.path());
    let engine = roundtable_engine::Engine::open(roundtable_tests::options(
        folder.path(),
        roundtable_engine::Pace::Instant,
    ))
    .await
    .unwrap();
    let list = engine.list_conversations().await.unwrap();
    let stored = engine.open_conversation(list[0].id).await.unwrap();
    let run = &stored.turns[0].runs[0];
    assert_eq!(run.state, RunState::Interrupted);
    assert!(run.text.len() >= seen, "{} of at least {seen} bytes survived", run.text.len());
    assert!(engine.ready().await.unwrap().notices[0].contains("interrupted"));
    let entries = engine.ledger_entries(&LedgerFilter::default(), 10).await.unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].cost.provenance, Some(Provenance::Estimated));
    engine.shutdown().await;
    let engine = roundtable_engine::Engine::open(roundtable_tests::options(
        folder.path(),
        roundtable_engine::Pace::Instant,
    ))
    .await
    .unwrap();
    assert_eq!(
        engine.ledger_entries(&LedgerFilter::default(), 10).await.unwrap().len(),
        1,
        "recovery is idempotent"
    );
}

async fn stream_until_killed(folder: &std::path::Path) {
    let engine =
        roundtable_engine::Engine::open(roundtable_tests::options(folder, roundtable_engine::Pace::Instant))
            .await
            .unwrap();
    let conversation = engine.create_conversation(&["demo/swift".to_owned()]).await.unwrap();
    let burst = Behaviour::Burst { tokens: 100_000, tokens_per_second: 200, token: "word".into() };
    engine.emulator().await.unwrap().script("swift", vec![burst]);
    let window = Window::default();
    let turn = engine
        .start_turn(conversation.summary.id, "go", &[], &[], MoneyChoice::default(), window.sink())
        .await
        .unwrap();
    let id = turn.runs[0].id;
    loop {
        // What is stored, as another reader of the file sees it, is what has to survive.
        let stored = engine.run_version(turn.id, turn.runs[0].lane_id, 1).await.unwrap().text.len();
        println!("stored {stored}");
        let target = window.seen(|seen| seen.runs.get(&id).map_or(0, |run| run.text.len())) + 200;
        window.until(|seen| seen.runs.get(&id).is_some_and(|run| run.text.len() > target)).await;
    }
}

/// Runs the child until it says that something is stored, kills it, and gives the bytes it had stored.
fn kill_in_mid_stream(folder: &std::path::Path) -> usize {
    use std::io::{BufRead, BufReader};
    let name = "recovery::what_a_killed_process_left_is_marked_and_booked_once";
    let mut child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env("ROUNDTABLE_TEST_CHILD", folder)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let stored = lines
        .map_while(Result::ok)
        .filter_map(|line| {
            line.split_once("stored ").and_then(|(_, bytes)| bytes.trim().parse::<usize>().ok())
        })
        .find(|stored| *stored > 300)
        .expect("the child stored something");
    child.kill().unwrap();
    child.wait().unwrap();
    stored
}

#[tokio::test]
async fn another_process_on_the_same_folder_leaves_our_answers_alone() {
    let room = Room::new().await;
    let conversation = room.conversation(&["demo/swift"]).await;
    room.engine.emulator().await.unwrap().script("swift", vec![Behaviour::Stall { after_tokens: 5 }]);
    let window = Window::default();
    let turn = room
        .engine
        .start_turn(conversation.summary.id, "Hello", &[], &[], MoneyChoice::default(), window.sink())
        .await
        .unwrap();
    let id = turn.runs[0].id;
    window.until(|seen| seen.runs.get(&id).is_some_and(|run| !run.text.is_empty())).await;
    let other = room.again().await;
    assert!(
        other.engine.ready().await.unwrap().notices.is_empty(),
        "a living process's answers are not recovered"
    );
    room.engine.stop_run(id);
    assert_eq!(window.runs(&turn.runs).await[0].state, RunState::Cancelled);
}
