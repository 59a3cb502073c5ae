//! Changes that followed advice, and advice that was turned down.

use roundtable_domain::UnixMs;
use roundtable_store::{AdviceChange, ChangeState, LeaseId};
use serde_json::json;

use crate::support::Room;

fn change(id: &str, advice: &str, at: i64) -> AdviceChange {
    AdviceChange {
        id: id.into(),
        advice: advice.into(),
        kind: "turn_on_cache".into(),
        subject: String::new(),
        title: json!({ "text": "Keep answers" }),
        step: json!({ "before": "off" }),
        state: ChangeState::Begun,
        owner: LeaseId::new("one"),
        automatic: true,
        at: UnixMs(at),
        undone_at: None,
    }
}

#[tokio::test]
async fn the_same_advice_is_followed_by_one_at_a_time() {
    let room = Room::new().await;
    let advice = room.store.advice();
    assert!(advice.begin(&change("a", "cache", 1)).await.unwrap());
    assert!(!advice.begin(&change("b", "cache", 2)).await.unwrap(), "somebody is at it");
    assert!(advice.begin(&change("c", "retry", 3)).await.unwrap(), "that is another one");
    let one = LeaseId::new("one");
    assert!(advice.move_on("a", ChangeState::Begun, ChangeState::Applied, &one, UnixMs(4)).await.unwrap());
    assert!(advice.begin(&change("d", "cache", 5)).await.unwrap(), "the first has come to its end");
    let changes = advice.changes(10).await.unwrap();
    let ids: Vec<&str> = changes.iter().map(|change| change.id.as_str()).collect();
    assert_eq!(ids, ["d", "c", "a"], "newest first");
    assert_eq!(changes[0], change("d", "cache", 5), "as it was written");
}

#[tokio::test]
async fn a_change_moves_on_only_from_where_it_is() {
    let room = Room::new().await;
    let advice = room.store.advice();
    advice.begin(&change("a", "cache", 1)).await.unwrap();
    let two = LeaseId::new("two");
    let to = |from, to| advice.move_on("a", from, to, &two, UnixMs(9));
    assert!(!to(ChangeState::Undoing, ChangeState::Undone).await.unwrap());
    assert!(to(ChangeState::Begun, ChangeState::Applied).await.unwrap());
    assert!(!to(ChangeState::Begun, ChangeState::Applied).await.unwrap());
    advice.forget("a").await.unwrap();
    assert!(to(ChangeState::Applied, ChangeState::Undoing).await.unwrap(), "what was made is not forgotten");
    assert!(to(ChangeState::Undoing, ChangeState::Undone).await.unwrap());
    let undone = advice.changes(1).await.unwrap().remove(0);
    assert_eq!((undone.undone_at, undone.owner), (Some(UnixMs(9)), two));
}

#[tokio::test]
async fn what_is_turned_down_is_so_once_and_until_it_is_taken_back() {
    let room = Room::new().await;
    let advice = room.store.advice();
    for _ in 0..2 {
        advice.dismiss("cache", true, UnixMs(1)).await.unwrap();
    }
    assert_eq!(advice.dismissed().await.unwrap(), ["cache"]);
    for _ in 0..2 {
        advice.dismiss("cache", false, UnixMs(2)).await.unwrap();
    }
    assert!(advice.dismissed().await.unwrap().is_empty());
}
