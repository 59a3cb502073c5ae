//! Conversations, lanes, and what a screen is rebuilt from.

use roundtable_domain::{ConversationId, LaneId, Part, RunState, UnixMs};
use roundtable_store::{Admission, ContextMode, PageStart, StoreError};

use crate::support::{Room, begin, checkpoint, conversation, cost, finished, id, lane, new_retry, new_run};

#[tokio::test]
async fn a_conversation_is_made_with_its_lanes_and_changed_field_by_field() {
    let room = Room::new().await;
    let conversations = room.store.conversations();
    let (one, _) = conversation(&room.store, &["demo/swift", "demo/poet"], 5).await;
    conversations.rename(one, "better", false, UnixMs(6)).await.unwrap();
    conversations.set_draft(one, "half a", &[]).await.unwrap();
    conversations.set_system_prompt(one, Some("be brief")).await.unwrap();
    conversations.set_context_mode(one, ContextMode::Panel).await.unwrap();
    conversations.pin(one, Some(UnixMs(7))).await.unwrap();
    conversations.touch(one, UnixMs(3)).await.unwrap();
    let stored = conversations.get(one).await.unwrap();
    assert_eq!(
        (stored.title.as_str(), stored.title_is_auto, stored.draft.as_str()),
        ("better", false, "half a")
    );
    assert_eq!(
        (stored.system_prompt.as_deref(), stored.context_mode),
        (Some("be brief"), ContextMode::Panel)
    );
    assert_eq!((stored.pinned_at, stored.created_at), (Some(UnixMs(7)), UnixMs(5)));
    assert_eq!(stored.updated_at, UnixMs(6), "time never goes back");
    conversations.pin(one, None).await.unwrap();
    conversations.set_system_prompt(one, None).await.unwrap();
    let stored = conversations.get(one).await.unwrap();
    assert_eq!((stored.pinned_at, stored.system_prompt), (None, None));
    assert_eq!(conversations.listing(one).await.unwrap().targets, ["demo/swift", "demo/poet"]);
}

#[tokio::test]
async fn conversations_are_filed_and_the_names_in_use_are_found() {
    let room = Room::new().await;
    let conversations = room.store.conversations();
    let (one, _) = conversation(&room.store, &["demo/swift"], 5).await;
    let (other, _) = conversation(&room.store, &["demo/swift"], 6).await;
    let fresh = conversations.get(one).await.unwrap();
    assert_eq!((fresh.folder, fresh.tags), (None, vec![]), "filed nowhere at first");
    let tags = ["work".to_owned(), "Äpfel".to_owned()];
    conversations.set_folder(one, Some("Tax")).await.unwrap();
    conversations.set_tags(one, &tags).await.unwrap();
    conversations.set_folder(other, Some("house")).await.unwrap();
    conversations.set_tags(other, &["work".to_owned()]).await.unwrap();
    conversations.archive(other, Some(UnixMs(9))).await.unwrap();
    let listed = conversations.listing(one).await.unwrap().conversation;
    assert_eq!((listed.folder.as_deref(), listed.tags.as_slice()), (Some("Tax"), tags.as_slice()));
    assert_eq!(listed.updated_at, UnixMs(5), "filing does not count as something happening");
    let names = conversations.names_in_use().await.unwrap();
    assert_eq!(
        (names.folders, names.tags),
        (vec!["house".into(), "Tax".into()], vec!["work".into(), "Äpfel".into()])
    );
    conversations.set_folder(one, None).await.unwrap();
    conversations.set_tags(one, &[]).await.unwrap();
    let names = conversations.names_in_use().await.unwrap();
    assert_eq!((names.folders, names.tags), (vec!["house".to_owned()], vec!["work".to_owned()]));
}

#[tokio::test]
async fn a_folder_takes_another_name_with_all_that_lies_in_it() {
    let room = Room::new().await;
    let conversations = room.store.conversations();
    let (one, _) = conversation(&room.store, &["demo/swift"], 5).await;
    let (away, _) = conversation(&room.store, &["demo/swift"], 6).await;
    let (there, _) = conversation(&room.store, &["demo/swift"], 7).await;
    conversations.set_folder(one, Some("Tax")).await.unwrap();
    conversations.set_folder(away, Some("Tax")).await.unwrap();
    conversations.archive(away, Some(UnixMs(9))).await.unwrap();
    conversations.set_folder(there, Some("House")).await.unwrap();
    let folder_of = async |id| conversations.get(id).await.unwrap().folder;

    let moved = conversations.rename_folder("Tax", "Tax 2026").await.unwrap();
    let moved: Vec<_> =
        moved.iter().map(|row| (row.conversation.id, row.conversation.folder.as_deref())).collect();
    assert_eq!(moved, [(one, Some("Tax 2026"))], "what the list shows, under its new name");
    assert_eq!(folder_of(away).await.as_deref(), Some("Tax 2026"), "what is archived goes along");
    assert_eq!(folder_of(there).await.as_deref(), Some("House"), "others stay");
    let stored = conversations.get(one).await.unwrap();
    assert_eq!(stored.updated_at, UnixMs(5), "filing does not count as something happening");

    let joined = conversations.rename_folder("House", "Tax 2026").await.unwrap();
    assert_eq!(joined.len(), 1, "those that moved, not those that were there");
    assert_eq!(conversations.names_in_use().await.unwrap().folders, ["Tax 2026"]);
    let gone = conversations.rename_folder("House", "Home").await.err();
    assert!(matches!(gone, Some(StoreError::NotFound { what: "folder", .. })), "{gone:?}");
}

#[tokio::test]
async fn the_list_comes_in_pages_without_gaps_or_doubles() {
    let room = Room::new().await;
    let conversations = room.store.conversations();
    for number in 0..7 {
        conversation(&room.store, &["demo/swift"], number / 2).await; // pairs share their time
    }
    let (away, _) = conversation(&room.store, &[], 100).await;
    conversations.archive(away, Some(UnixMs(101))).await.unwrap();
    let mut seen: Vec<(UnixMs, ConversationId)> = Vec::new();
    loop {
        let after = seen.last().map(|(updated_at, id)| PageStart { updated_at: *updated_at, id: *id });
        let page = conversations.list(after, 2).await.unwrap();
        if page.is_empty() {
            break;
        }
        seen.extend(page.iter().map(|row| (row.conversation.updated_at, row.conversation.id)));
    }
    assert_eq!(seen.len(), 7, "the archived one is left out");
    assert!(seen.windows(2).all(|pair| pair[0] > pair[1]), "last touched first: {seen:?}");
    conversations.archive(away, None).await.unwrap();
    assert_eq!(conversations.list(None, 1).await.unwrap()[0].conversation.id, away);
}

#[tokio::test]
async fn what_is_not_there_is_said_by_name() {
    let room = Room::new().await;
    let nobody = id(ConversationId::from_uuid);
    let conversations = room.store.conversations();
    for outcome in [
        conversations.get(nobody).await.err(),
        conversations.listing(nobody).await.err(),
        conversations.rename(nobody, "x", true, UnixMs(1)).await.err(),
        conversations.set_draft(nobody, "x", &[]).await.err(),
        conversations.set_folder(nobody, None).await.err(),
        conversations.set_tags(nobody, &[]).await.err(),
        conversations.delete(nobody).await.err(),
        room.store.lanes().add(nobody, &lane("demo/swift"), UnixMs(1)).await.err(),
        room.store.conversation_snapshot(nobody).await.err(),
    ] {
        assert!(matches!(outcome, Some(StoreError::NotFound { what: "conversation", .. })), "{outcome:?}");
    }
    let lane = id(LaneId::from_uuid);
    assert!(matches!(room.store.lanes().get(lane).await, Err(StoreError::NotFound { what: "lane", .. })));
    assert!(room.store.lanes().set_target(lane, "demo/poet").await.is_err());
    assert!(room.store.lanes().remove(lane, UnixMs(1)).await.is_err());
}

#[tokio::test]
async fn hostile_text_is_text() {
    let room = Room::new().await;
    let (one, lanes) = conversation(&room.store, &["demo/swift"], 1).await;
    let text = "'; DROP TABLE runs; -- <script>alert(1)</script> ?1 \0 \u{202e} \u{1F469}\u{200D}\u{1F680} %s {}\r\n";
    let begun = begin(&room.store, one, &lanes, text, 2).await.remove(0);
    room.store.finish_run(&finished(&begun, text, cost(1))).await.unwrap();
    room.store.conversations().rename(one, text, false, UnixMs(3)).await.unwrap();
    let snapshot = room.store.conversation_snapshot(one).await.unwrap();
    assert_eq!(snapshot.listing.conversation.title, text);
    assert_eq!(
        (snapshot.turns[0].turn.text.as_str(), snapshot.turns[0].runs[0].run.text.as_str()),
        (text, text)
    );
}

#[tokio::test]
async fn lanes_keep_an_order_without_gaps() {
    let room = Room::new().await;
    let lanes = room.store.lanes();
    let (one, ids) = conversation(&room.store, &["a/1", "a/2", "a/3"], 1).await;
    let order = async || -> Vec<String> {
        let list = lanes.list(one).await.unwrap();
        assert!(list.iter().zip(0..).all(|(lane, position)| lane.position == position), "{list:?}");
        list.into_iter().map(|lane| lane.target).collect()
    };
    let fourth = lanes.add(one, &lane("a/4"), UnixMs(2)).await.unwrap();
    assert_eq!((fourth.position, order().await.len()), (3, 4));
    lanes.move_to(fourth.id, 0).await.unwrap();
    assert_eq!(order().await, ["a/4", "a/1", "a/2", "a/3"]);
    lanes.move_to(fourth.id, 99).await.unwrap();
    assert_eq!(order().await, ["a/1", "a/2", "a/3", "a/4"]);
    lanes.remove(ids[1], UnixMs(3)).await.unwrap();
    lanes.remove(ids[1], UnixMs(4)).await.unwrap();
    assert_eq!(order().await, ["a/1", "a/3", "a/4"]);
    assert_eq!(lanes.get(ids[1]).await.unwrap().removed_at, Some(UnixMs(3)));
    assert!(lanes.move_to(ids[1], 0).await.is_err(), "it is not in the row any more");

    lanes.set_target(ids[0], "b/9").await.unwrap();
    let params = roundtable_domain::Params { max_tokens: Some(9), ..Default::default() };
    lanes.set_params(ids[0], &params).await.unwrap();
    let first = lanes.get(ids[0]).await.unwrap();
    assert_eq!((first.target.as_str(), first.params), ("b/9", params));
}

#[tokio::test]
async fn a_snapshot_holds_the_latest_versions_in_the_order_of_the_lanes_at_the_time() {
    let room = Room::new().await;
    let (one, lanes) = conversation(&room.store, &["a/1", "a/2", "a/3"], 1).await;
    let first = begin(&room.store, one, &lanes, "first", 10).await;
    for begun in &first {
        room.store.finish_run(&finished(begun, "done", cost(10))).await.unwrap();
    }
    let retry = new_run(first[0].turn, lanes[0], 15);
    room.store.begin_retry(&new_retry(retry, None), &Admission::default()).await.unwrap();
    room.store.lanes().move_to(lanes[2], 0).await.unwrap();
    room.store.lanes().remove(lanes[1], UnixMs(16)).await.unwrap();
    let second = begin(&room.store, one, &[lanes[2], lanes[0]], "second", 20).await;
    room.store.checkpoint_runs(&[checkpoint(second[0].run, (0, "so far"), (0, "hm"))]).await.unwrap();

    let snapshot = room.store.conversation_snapshot(one).await.unwrap();
    assert_eq!(snapshot.lanes.iter().map(|lane| lane.id).collect::<Vec<_>>(), [lanes[2], lanes[0]]);
    assert_eq!((snapshot.listing.spend.real.as_pico(), snapshot.listing.running), (30, 3));
    let [before, now] = &snapshot.turns[..] else { panic!("{snapshot:?}") };
    assert_eq!((before.turn.text.as_str(), now.turn.text.as_str()), ("first", "second"));
    assert_eq!(now.turn.parent_turn_id, Some(before.turn.id));
    let seen: Vec<_> = before
        .runs
        .iter()
        .map(|run| (run.run.lane_id, run.run.version, run.versions, run.attempts))
        .collect();
    assert_eq!(
        seen,
        [(lanes[0], 2, 2, 0), (lanes[1], 1, 1, 1), (lanes[2], 1, 1, 1)],
        "the removed lane's answer stays"
    );
    assert_eq!(now.runs.iter().map(|run| run.run.lane_id).collect::<Vec<_>>(), [lanes[2], lanes[0]]);
    let live = &now.runs[0].run;
    assert_eq!(
        (live.text.as_str(), live.reasoning.as_str(), live.state),
        ("so far", "hm", RunState::Committed)
    );
}

#[tokio::test]
async fn a_lane_remembers_its_own_answers_picked_before_latest() {
    let room = Room::new().await;
    let (one, lanes) = conversation(&room.store, &["a/1", "a/2"], 1).await;
    let first = begin(&room.store, one, &lanes, "first", 10).await;
    room.store.finish_run(&finished(&first[0], "version one", cost(1))).await.unwrap();
    room.store.finish_run(&finished(&first[1], "the other lane", cost(1))).await.unwrap();
    let retry = new_run(first[0].turn, lanes[0], 15);
    room.store.begin_retry(&new_retry(retry, None), &Admission::default()).await.unwrap();
    let second = begin(&room.store, one, &lanes[..1], "second", 20).await;

    let told = async |lane: LaneId, before| -> Vec<(String, Option<String>)> {
        let history = room.store.lane_history(lane, before).await.unwrap();
        history.into_iter().map(|turn| (turn.turn.text, turn.answer.map(|run| run.text))).collect()
    };
    let some = |turn: &str, answer: &str| (turn.to_owned(), Some(answer.to_owned()));
    assert_eq!(
        told(lanes[0], None).await,
        [some("first", ""), some("second", "")],
        "the latest version has no text yet"
    );
    room.store.runs().set_picked(first[0].run, Some(UnixMs(30))).await.unwrap();
    assert_eq!(told(lanes[0], None).await, [some("first", "version one"), some("second", "")]);
    assert_eq!(told(lanes[1], None).await, [some("first", "the other lane"), ("second".to_owned(), None)]);
    assert_eq!(
        told(lanes[0], Some(second[0].turn)).await,
        [some("first", "version one")],
        "without the turn itself"
    );
    assert_eq!(told(lanes[0], Some(first[0].turn)).await, []);
}

#[tokio::test]
async fn a_branch_does_not_see_its_sibling() {
    let room = Room::new().await;
    let (one, lanes) = conversation(&room.store, &["a/1"], 1).await;
    let first = begin(&room.store, one, &lanes, "root", 10).await;
    begin(&room.store, one, &lanes, "left", 20).await;
    let right = roundtable_store::Turn {
        id: id(roundtable_domain::TurnId::from_uuid),
        conversation_id: one,
        parent_turn_id: Some(first[0].turn),
        text: "right".into(),
        parts: vec![Part::Text { text: "a file".into() }],
        created_at: UnixMs(30),
    };
    let turn = roundtable_store::NewTurn {
        turn: right.clone(),
        runs: vec![],
        reservations: vec![],
        attempts: vec![],
        traces: vec![],
    };
    room.store.begin_turn(&turn, &Admission::default()).await.unwrap();
    let history = room.store.lane_history(lanes[0], None).await.unwrap();
    assert_eq!(history.iter().map(|turn| turn.turn.text.as_str()).collect::<Vec<_>>(), ["root", "right"]);
    assert_eq!(room.store.turns().get(right.id).await.unwrap(), right);
    assert_eq!(room.store.turns().list(one).await.unwrap().len(), 3);
}

#[tokio::test]
async fn the_latest_prompts_come_newest_first_with_what_is_known_of_them() {
    let room = Room::new().await;
    let (one, lanes) = conversation(&room.store, &["a/1", "b/2"], 1).await;
    let first = begin(&room.store, one, &lanes, "first", 10).await;
    room.store.finish_run(&finished(&first[1], "hello", cost(7))).await.unwrap();
    let (other, _) = conversation(&room.store, &["a/1"], 1).await;
    let turn = roundtable_store::Turn {
        id: id(roundtable_domain::TurnId::from_uuid),
        conversation_id: other,
        parent_turn_id: None,
        text: "second".into(),
        parts: vec![
            Part::ImageUrl { url: "https://example.com/a.png".into() },
            Part::Text { text: "a file".into() },
        ],
        created_at: UnixMs(20),
    };
    let new = roundtable_store::NewTurn {
        turn,
        runs: vec![],
        reservations: vec![],
        attempts: vec![],
        traces: vec![],
    };
    room.store.begin_turn(&new, &Admission::default()).await.unwrap();
    let latest = room.store.turns().latest(10).await.unwrap();
    let told: Vec<_> = latest
        .iter()
        .map(|prompt| {
            (prompt.text.as_str(), prompt.media_types.join(" "), prompt.tokens, prompt.created_at.0)
        })
        .collect();
    let usage = finished(&first[1], "hello", cost(7)).usage.input;
    assert_eq!(told, [("second", "image/*".to_owned(), None, 20), ("first", String::new(), usage, 10)]);
    assert_eq!((latest[1].conversation_id, usage.is_some()), (one, true));
    assert_eq!(room.store.turns().latest(1).await.unwrap().len(), 1);
}
