//! Batches: what was begun is found again, and what it cost outlives the answers.

use roundtable_domain::{BatchId, PicoUsd, RunState, UnixMs};
use roundtable_store::{ContextMode, NewBatch, NewConversation};

use crate::support::{Room, begin, cost, finished, id, lane};

fn new_batch(results: &str, at: i64) -> NewBatch {
    NewBatch { id: id(BatchId::from_uuid), results: results.into(), at: UnixMs(at) }
}

fn new_conversation(at: i64) -> NewConversation {
    NewConversation {
        id: id(roundtable_domain::ConversationId::from_uuid),
        title: "a question".into(),
        title_is_auto: true,
        context_mode: ContextMode::Lanes,
        system_prompt: None,
        lanes: vec![lane("demo/swift")],
        folder: None,
        tags: vec![],
        created_at: UnixMs(at),
    }
}

#[tokio::test]
async fn a_file_of_results_has_one_batch_whatever_happens_in_between() {
    let room = Room::new().await;
    let batches = room.store.batches();
    let first = batches.open(&new_batch("/a/results.jsonl", 10)).await.unwrap();
    batches.finish(first.id, UnixMs(20)).await.unwrap();
    assert_eq!(batches.find("/a/results.jsonl").await.unwrap().unwrap().finished_at, Some(UnixMs(20)));
    let again = batches.open(&new_batch("/a/results.jsonl", 30)).await.unwrap();
    assert_eq!((again.id, again.finished_at, again.updated_at), (first.id, None, UnixMs(30)));
    let other = batches.open(&new_batch("/b/results.jsonl", 30)).await.unwrap();
    assert_ne!(other.id, first.id);
    assert!(batches.find("/c/results.jsonl").await.unwrap().is_none());
}

#[tokio::test]
async fn what_was_begun_is_found_with_its_answer_and_asking_again_takes_its_place() {
    let room = Room::new().await;
    let (store, batches) = (&room.store, room.store.batches());
    let batch = batches.open(&new_batch("/a/results.jsonl", 10)).await.unwrap();
    let (asked, unsent) = (new_conversation(11), new_conversation(12));
    batches.begin_item(batch.id, "asked", &asked).await.unwrap();
    batches.begin_item(batch.id, "unsent", &unsent).await.unwrap();
    let lanes = [asked.lanes[0].id];
    let begun = begin(store, asked.id, &lanes, "why", 13).await.remove(0);
    store.finish_run(&finished(&begun, "because", cost(700))).await.unwrap();

    let mut items = batches.items(batch.id).await.unwrap();
    items.sort_by(|one, other| one.key.cmp(&other.key));
    assert_eq!(items[0].run, Some((begun.run, RunState::Complete)));
    assert_eq!((items[1].run, items[1].kept), (None, true), "nothing was sent");

    let second = new_conversation(14);
    batches.begin_item(batch.id, "asked", &second).await.unwrap();
    assert!(store.conversations().get(asked.id).await.is_err(), "the earlier answer has gone");
    let items = batches.items(batch.id).await.unwrap();
    let again = items.iter().find(|item| item.key == "asked").unwrap();
    assert_eq!((again.round, again.conversation_id, again.run), (2, second.id, None));
    let spend = batches.spend(batch.id).await.unwrap();
    assert_eq!((spend.real, spend.calls), (PicoUsd::from_pico(700), 1), "the earlier asking was paid for");
}

#[tokio::test]
async fn a_finished_batch_leaves_no_conversation_and_keeps_its_spend() {
    let room = Room::new().await;
    let (store, batches) = (&room.store, room.store.batches());
    let batch = batches.open(&new_batch("/a/results.jsonl", 10)).await.unwrap();
    let asked = new_conversation(11);
    batches.begin_item(batch.id, "asked", &asked).await.unwrap();
    let begun = begin(store, asked.id, &[asked.lanes[0].id], "why", 13).await.remove(0);
    store.finish_run(&finished(&begun, "because", cost(700))).await.unwrap();
    batches.finish(batch.id, UnixMs(40)).await.unwrap();
    assert!(store.conversations().list(None, 10).await.unwrap().is_empty());
    let items = batches.items(batch.id).await.unwrap();
    assert_eq!((items[0].kept, items[0].run), (false, None));
    assert_eq!(batches.spend(batch.id).await.unwrap().real, PicoUsd::from_pico(700));
}

#[tokio::test]
async fn batches_nobody_goes_on_with_are_forgotten_with_their_answers() {
    let room = Room::new().await;
    let (store, batches) = (&room.store, room.store.batches());
    let old = batches.open(&new_batch("/a/results.jsonl", 10)).await.unwrap();
    let stale = new_conversation(11);
    batches.begin_item(old.id, "asked", &stale).await.unwrap();
    let fresh = batches.open(&new_batch("/b/results.jsonl", 10)).await.unwrap();
    let kept = new_conversation(60);
    batches.begin_item(fresh.id, "asked", &kept).await.unwrap();
    assert_eq!(batches.forget_unused(UnixMs(50)).await.unwrap(), 1);
    assert!(store.conversations().get(stale.id).await.is_err());
    assert!(store.conversations().get(kept.id).await.is_ok(), "what is in use stays");
    assert!(batches.begin_item(old.id, "asked", &new_conversation(70)).await.is_err(), "it is gone");
}
