//! What was saved is there after kill -9.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use roundtable_domain::{RunId, RunState, UnixMs};

use crate::support::{begin, checkpoint, conversation, open};

fn piece(number: usize) -> String {
    format!("Stück für Stück \u{1F9E9} {number}\n")
}

/// The text of the first `count` pieces.
fn text(count: usize) -> String {
    (0..count).map(piece).collect()
}

#[tokio::test]
async fn every_checkpoint_that_was_confirmed_survives_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roundtable.db");
    let mut writer = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "durability::writes_until_it_is_killed", "--ignored", "--nocapture"])
        .env("ROUNDTABLE_TEST_DATABASE", &path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = Vec::new();
    for line in BufReader::new(writer.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        said.extend(line.strip_prefix("saved ").map(str::to_owned));
        if said.len() == 40 {
            writer.kill().unwrap(); // SIGKILL
        }
    }
    writer.wait().unwrap();
    let last = said.last().unwrap();
    let (run, confirmed) = last.split_once(' ').unwrap();
    let (run, confirmed): (RunId, usize) = (run.parse().unwrap(), confirmed.parse().unwrap());
    assert!(confirmed >= 40);

    let store = open(&path).await;
    let recovered = store.recover(UnixMs(9), |_| false).await.unwrap();
    assert_eq!((recovered.runs[0].run.id, recovered.runs[0].run.state), (run, RunState::Interrupted));
    let saved = &recovered.runs[0].run.text;
    assert!(saved.starts_with(&text(confirmed)), "every confirmed byte is there");
    assert!(text(confirmed + 2).starts_with(saved.as_str()), "and nothing that was never sent");
    store.verify().await.unwrap();
}

#[tokio::test]
#[ignore = "run by every_checkpoint_that_was_confirmed_survives_kill_9, which kills it"]
async fn writes_until_it_is_killed() {
    let path = std::path::PathBuf::from(std::env::var_os("ROUNDTABLE_TEST_DATABASE").unwrap());
    let store = open(&path).await;
    let (conversation, lanes) = conversation(&store, &["demo/swift"], 1).await;
    let begun = begin(&store, conversation, &lanes, "hi", 2).await.remove(0);
    let mut offset = 0;
    for number in 0..1_000_000 {
        let piece = piece(number);
        store.checkpoint_runs(&[checkpoint(begun.run, (offset, &piece), (0, ""))]).await.unwrap();
        offset += u64::try_from(piece.len()).unwrap();
        println!("saved {} {}", begun.run, number + 1);
    }
}
