//! Files are kept once, referred to, and go when nobody has them.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roundtable_domain::{Blob, ConversationId, LaneId, Part, TurnId, UnixMs};
use roundtable_store::{Admission, NewTurn, SharedFiles, Store, StoreError, Turn, attachment_id};

use crate::support::{Room, conversation, id, new_run};

const PICTURE: &[u8] = b"\x89PNG picture";

fn blob(bytes: &[u8], media_type: &str, name: &str) -> Blob {
    Blob { media_type: media_type.into(), base64: STANDARD.encode(bytes).into(), name: Some(name.into()) }
}

/// A turn with these parts, after the last one of the conversation.
async fn say(store: &Store, conversation: ConversationId, lane: LaneId, parts: Vec<Part>, at: i64) -> Turn {
    let turn = Turn {
        id: id(TurnId::from_uuid),
        conversation_id: conversation,
        parent_turn_id: store.turns().tip(conversation).await.unwrap(),
        text: "look".into(),
        parts,
        created_at: UnixMs(at),
    };
    let runs = vec![new_run(turn.id, lane, at)];
    store
        .begin_turn(
            &NewTurn { turn: turn.clone(), runs, reservations: vec![], attempts: vec![], traces: vec![] },
            &Admission::default(),
        )
        .await
        .unwrap();
    turn
}

async fn has(store: &Store, bytes: &[u8]) -> bool {
    !store.attachments().facts(&[attachment_id(bytes)]).await.unwrap().is_empty()
}

#[tokio::test]
async fn the_same_bytes_are_kept_once_under_their_first_name() {
    let room = Room::new().await;
    let files = room.store.attachments();
    let first = files.put(PICTURE, "a.png", "image/png", UnixMs(5)).await.unwrap();
    // The digest of FIPS 180-4's own example, so that ids mean what the documentation says they mean.
    assert_eq!(attachment_id(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!((first.id.as_str(), first.bytes), (attachment_id(PICTURE).as_str(), 12));
    let again = files.put(PICTURE, "b.png", "image/x-png", UnixMs(9)).await.unwrap();
    assert_eq!(
        (again.name.as_str(), again.media_type.as_str(), again.created_at),
        ("a.png", "image/png", UnixMs(9))
    );
    assert_eq!(files.get(&first.id).await.unwrap(), (again.clone(), PICTURE.to_vec()));

    let empty = files.put(b"", "empty.txt", "text/plain", UnixMs(9)).await.unwrap();
    let wanted = [empty.id.clone(), "0".repeat(64), first.id];
    assert_eq!(
        files.facts(&wanted).await.unwrap(),
        [empty, again],
        "in the order asked for, unknown ones left out"
    );
    assert!(matches!(files.get("no-such-file").await, Err(StoreError::NotFound { what: "file", .. })));
}

#[tokio::test]
async fn what_is_sent_again_has_the_bytes_and_what_is_shown_has_the_facts() {
    let room = Room::new().await;
    let (conversation, lanes) = conversation(&room.store, &["a/1"], 1).await;
    let parts = vec![
        Part::Image { blob: blob(PICTURE, "image/png", "a.png") },
        Part::Text { text: "between".into() },
        Part::File { blob: blob(b"%PDF", "application/pdf", "b.pdf") },
        Part::ImageUrl { url: "https://example.com/c.png".into() },
        Part::File { blob: Blob { name: None, ..blob(PICTURE, "application/octet-stream", "") } },
    ];
    let turn = say(&room.store, conversation, lanes[0], parts, 10).await;
    assert_eq!(room.store.turns().get(turn.id).await.unwrap(), turn, "a retry sends what was sent");
    let history = room.store.lane_history(lanes[0], None).await.unwrap();
    assert_eq!(history[0].turn, turn);

    let shown = room.store.conversation_snapshot(conversation).await.unwrap().turns.remove(0);
    let rest =
        [Part::Text { text: "between".into() }, Part::ImageUrl { url: "https://example.com/c.png".into() }];
    assert_eq!(shown.turn.parts, rest);
    let facts: Vec<_> = shown
        .attachments
        .iter()
        .map(|file| (file.name.as_str(), file.media_type.as_str(), file.bytes))
        .collect();
    assert_eq!(
        facts,
        [("a.png", "image/png", 12), ("b.pdf", "application/pdf", 4), ("", "application/octet-stream", 12)],
        "each turn keeps its own names for the same bytes"
    );
}

#[tokio::test]
async fn eight_lanes_that_are_sent_a_file_hold_it_once() {
    let room = Room::new().await;
    let (conversation, lanes) = conversation(&room.store, &["a/1"; 8], 1).await;
    // 27,962,028 characters of base64: eight copies would be 224 MB.
    let picture = vec![0x41; 20 * 1024 * 1024];
    say(
        &room.store,
        conversation,
        lanes[0],
        vec![Part::Image { blob: blob(&picture, "image/png", "a") }],
        10,
    )
    .await;
    let files = SharedFiles::default();
    let history =
        async |lane: usize| room.store.lane_history_sharing(lanes[lane], None, &files).await.unwrap();
    // As the engine asks: at once. Here in pairs.
    let mut histories = Vec::new();
    for pair in 0..4 {
        let (left, right) = tokio::join!(history(2 * pair), history(2 * pair + 1));
        histories.extend([left, right]);
    }
    drop(files);
    let base64 = |turn: &mut Turn| match turn.parts.remove(0) {
        Part::Image { blob } => blob.base64,
        other => panic!("a picture was kept, not {other:?}"),
    };
    let held: Vec<Arc<str>> = histories.iter_mut().map(|lane| base64(&mut lane[0].turn)).collect();
    assert_eq!(held[0].len(), 27_962_028);
    assert!(held.iter().all(|one| Arc::ptr_eq(one, &held[0])), "one text for all lanes");
    assert_eq!(Arc::strong_count(&held[0]), 8, "and nobody else keeps it");
}

#[tokio::test]
async fn no_base64_stands_in_a_turn() {
    let room = Room::new().await;
    let (conversation, lanes) = conversation(&room.store, &["a/1"], 1).await;
    let large = vec![0x41; 200_000];
    for at in [10, 20, 30] {
        say(
            &room.store,
            conversation,
            lanes[0],
            vec![Part::Image { blob: blob(&large, "image/png", "a") }],
            at,
        )
        .await;
    }
    let size = async |room: Room| {
        room.store.close().await;
        std::fs::metadata(room.file()).unwrap().len()
    };
    let file = size(room).await - size(Room::new().await).await;
    assert!(file < 300_000, "three turns with one picture of 200 kB take {file} bytes");
}

#[tokio::test]
async fn a_file_goes_with_the_last_conversation_that_has_it() {
    let room = Room::new().await;
    let (one, one_lanes) = conversation(&room.store, &["a/1"], 1).await;
    let (two, two_lanes) = conversation(&room.store, &["a/1"], 2).await;
    let shared = || Part::Image { blob: blob(PICTURE, "image/png", "a.png") };
    let own = Part::File { blob: blob(b"%PDF", "application/pdf", "b.pdf") };
    say(&room.store, one, one_lanes[0], vec![shared(), own], 10).await;
    say(&room.store, two, two_lanes[0], vec![shared()], 11).await;
    room.store.conversations().delete(one).await.unwrap();
    assert!(has(&room.store, PICTURE).await && !has(&room.store, b"%PDF").await);
    room.store.conversations().delete(two).await.unwrap();
    assert!(!has(&room.store, PICTURE).await);
    assert!(matches!(room.store.conversations().delete(two).await, Err(StoreError::NotFound { .. })));
}

#[tokio::test]
async fn the_files_of_a_draft_stay_in_their_order_until_the_turn_begins() {
    let room = Room::new().await;
    let (conversation, lanes) = conversation(&room.store, &["a/1"], 1).await;
    let files = room.store.attachments();
    let first = files.put(PICTURE, "a.png", "image/png", UnixMs(100)).await.unwrap();
    let second = files.put(b"b", "b.txt", "text/plain", UnixMs(100)).await.unwrap();
    let conversations = room.store.conversations();
    let gone = "0".repeat(64);
    let draft = [second.id.clone(), gone, first.id.clone(), second.id.clone()];
    conversations.set_draft(conversation, "look", &draft).await.unwrap();
    let kept = room.store.conversation_snapshot(conversation).await.unwrap();
    assert_eq!(kept.listing.conversation.draft, "look", "a file that is gone takes no text with it");
    assert_eq!(kept.draft_attachments, [second, first]);
    assert_eq!(files.remove_unused(UnixMs(500)).await.unwrap(), 0, "a draft uses its files");

    let picture = Part::Image { blob: blob(PICTURE, "image/png", "a.png") };
    say(&room.store, conversation, lanes[0], vec![picture], 600).await;
    assert!(room.store.conversation_snapshot(conversation).await.unwrap().draft_attachments.is_empty());
    assert_eq!(files.remove_unused(UnixMs(700)).await.unwrap(), 1, "what was not sent after all may go");
    assert!(has(&room.store, PICTURE).await);
}

#[tokio::test]
async fn a_deleted_conversation_takes_the_files_of_its_draft_with_it_but_not_another_draft_s() {
    let room = Room::new().await;
    let (one, one_lanes) = conversation(&room.store, &["a/1"], 1).await;
    let (two, _) = conversation(&room.store, &["a/1"], 2).await;
    let own = room.store.attachments().put(b"own", "o", "text/plain", UnixMs(1)).await.unwrap();
    let picture = Part::Image { blob: blob(PICTURE, "image/png", "a.png") };
    say(&room.store, one, one_lanes[0], vec![picture], 10).await;
    let conversations = room.store.conversations();
    conversations.set_draft(one, "", &[own.id]).await.unwrap();
    conversations.set_draft(two, "", &[attachment_id(PICTURE)]).await.unwrap();
    conversations.delete(one).await.unwrap();
    assert!(has(&room.store, PICTURE).await && !has(&room.store, b"own").await);
    conversations.delete(two).await.unwrap();
    assert!(!has(&room.store, PICTURE).await);
}

#[tokio::test]
async fn what_nobody_used_goes_after_its_grace() {
    let room = Room::new().await;
    let (conversation, lanes) = conversation(&room.store, &["a/1"], 1).await;
    let files = room.store.attachments();
    files.put(b"forgotten", "f", "text/plain", UnixMs(100)).await.unwrap();
    files.put(b"in a composer", "c", "text/plain", UnixMs(900)).await.unwrap();
    files.put(PICTURE, "a.png", "image/png", UnixMs(100)).await.unwrap();
    say(
        &room.store,
        conversation,
        lanes[0],
        vec![Part::Image { blob: blob(PICTURE, "image/png", "a.png") }],
        150,
    )
    .await;
    assert_eq!(files.remove_unused(UnixMs(500)).await.unwrap(), 1);
    assert!(!has(&room.store, b"forgotten").await);
    assert!(has(&room.store, b"in a composer").await && has(&room.store, PICTURE).await);
}
