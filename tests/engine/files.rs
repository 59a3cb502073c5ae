use roundtable_domain::{NoticeSaying, WireApi};
use roundtable_engine::view::{AttachmentKind, MoneyChoice, NewProvider};
use roundtable_tests::{Room, Window};

/// The head of a PNG of 64 by 64.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x40\0\0\0\x40\x08\x06\0\0\0";

/// The emulator under another name, of whose models nothing is known.
async fn unknown_provider(room: &Room, api: WireApi) -> String {
    let base_url = format!("{}/v1", room.engine.emulator().await.unwrap().base_url());
    let provider = NewProvider {
        id: None,
        name: "Neighbour".to_owned(),
        dialect: "custom".to_owned(),
        api: Some(api),
        base_url,
        plain_http_confirmed: false,
    };
    room.engine.save_provider(provider).await.unwrap().id
}

#[tokio::test]
async fn a_file_of_text_is_read_out_to_every_model_and_again_on_a_retry() {
    let room = Room::new().await;
    let conversation = room.conversation(&["demo/swift"]).await;
    let id = conversation.summary.id;
    let file = room.engine.add_attachment("/home/me/notes.md", b"# Plan\n".to_vec()).await.unwrap();
    assert_eq!((file.name.as_str(), file.kind, file.bytes), ("notes.md", AttachmentKind::Text, 7));
    let window = Window::default();
    let files = [file.id.clone()];
    let turn = room
        .engine
        .start_turn(id, "Summarise", &files, &[], MoneyChoice::default(), window.sink())
        .await
        .unwrap();
    window.runs(&turn.runs).await;
    assert_eq!(turn.attachments, std::slice::from_ref(&file));
    let stored = room.engine.open_conversation(id).await.unwrap();
    assert_eq!(stored.turns[0].attachments, [file], "reopening shows the file");
    let window = Window::default();
    let again = room.engine.retry_turn(turn.id, false, MoneyChoice::default(), window.sink()).await.unwrap();
    window.runs(&again).await;
    let sent = room.engine.emulator().await.unwrap().requests();
    assert_eq!(sent.len(), 2);
    for request in sent {
        let words = request.body["messages"].to_string();
        assert!(words.contains("File “notes.md”") && words.contains("# Plan"), "{words}");
        assert!(words.contains("Summarise"));
    }
}

#[tokio::test]
async fn a_picture_goes_to_those_who_may_see_it_and_the_others_say_that_they_do_not() {
    let room = Room::new().await;
    let neighbour = unknown_provider(&room, WireApi::OpenaiChat).await;
    let seeing = format!("{neighbour}/swift");
    let conversation = room.conversation(&["demo/poet", &seeing]).await;
    let file = room.engine.add_attachment("photo.png", PICTURE.to_vec()).await.unwrap();
    assert_eq!((file.kind, file.media_type.as_str()), (AttachmentKind::Image, "image/png"));
    assert_eq!(room.engine.read_attachment(&file.id).await.unwrap(), PICTURE);
    let files = [file.id];
    let preview =
        room.engine.preview_turn(conversation.summary.id, "What is this?", &files, &[], false).await.unwrap();
    let window = Window::default();
    let turn = room
        .engine
        .start_turn(
            conversation.summary.id,
            "What is this?",
            &files,
            &[],
            MoneyChoice::default(),
            window.sink(),
        )
        .await
        .unwrap();
    let runs = window.runs(&turn.runs).await;
    let told = "Poet does not see pictures: one picture is left out.";
    assert_eq!(runs[0].notices[0].text, told);
    assert_eq!(runs[0].notices.len(), 1, "{:?}", runs[0].notices);
    let saying = NoticeSaying::PicturesUnseen { model: "Poet".into(), count: 1 };
    assert_eq!(runs[0].notices[0].saying, Some(saying), "for windows of any language");
    assert!(runs[1].notices.is_empty(), "{:?}", runs[1].notices);
    assert!(preview.lanes[0].notices.contains(&runs[0].notices[0]), "said before sending");
    let stored = room.engine.open_conversation(conversation.summary.id).await.unwrap();
    assert_eq!(stored.turns[0].runs[0].notices, runs[0].notices, "and kept");
    for request in room.engine.emulator().await.unwrap().requests() {
        let words = request.body["messages"].to_string();
        let seen = words.contains("data:image/png;base64,iVBORw0KGgo");
        assert_eq!(seen, request.body["model"] == "swift", "{words}");
        assert_eq!(words.contains("[Left out: photo.png]"), !seen, "{words}");
    }
}

#[tokio::test]
async fn a_prompt_may_be_a_file_alone_and_names_the_conversation() {
    let room = Room::new().await;
    let conversation = room.conversation(&["demo/swift"]).await;
    let file = room.engine.add_attachment("report.txt", b"All is well.".to_vec()).await.unwrap();
    let window = Window::default();
    let turn = room
        .engine
        .start_turn(conversation.summary.id, "", &[file.id], &[], MoneyChoice::default(), window.sink())
        .await
        .unwrap();
    window.runs(&turn.runs).await;
    let stored = room.engine.open_conversation(conversation.summary.id).await.unwrap();
    assert_eq!(stored.summary.title, "report.txt");
}

#[tokio::test]
async fn a_draft_is_there_again_with_its_files_until_it_is_sent() {
    let room = Room::new().await;
    let conversation = room.conversation(&["demo/swift"]).await.summary.id;
    let file = room.engine.add_attachment("report.txt", b"All is well.".to_vec()).await.unwrap();
    let ids = [file.id.clone()];
    room.engine.save_draft(conversation, "Half a", &ids).await.unwrap();
    let opened = room.engine.open_conversation(conversation).await.unwrap();
    assert_eq!((opened.draft.as_str(), opened.draft_attachments.as_slice()), ("Half a", [file].as_slice()));
    let window = Window::default();
    let turn = room
        .engine
        .start_turn(conversation, "Half a", &ids, &[], MoneyChoice::default(), window.sink())
        .await
        .unwrap();
    window.runs(&turn.runs).await;
    let sent = room.engine.open_conversation(conversation).await.unwrap();
    assert!(sent.draft.is_empty() && sent.draft_attachments.is_empty());
    let many = vec!["0".repeat(64); 21];
    assert_eq!(room.engine.save_draft(conversation, "", &many).await.unwrap_err().code, "bad_file");
}

#[tokio::test]
async fn what_no_model_reads_is_refused_and_a_file_that_is_gone_is_named() {
    let room = Room::new().await;
    let conversation = room.conversation(&["demo/swift"]).await;
    let error = room.engine.add_attachment("a.zip", b"PK\x03\x04rest".to_vec()).await.unwrap_err();
    assert_eq!(error.code, "bad_file");
    assert!(error.message.contains("application/zip"), "{}", error.message);
    let large = room.engine.add_attachment("a.txt", vec![b'a'; 1024 * 1024 + 1]).await.unwrap_err();
    assert!(large.message.contains("too large"), "{}", large.message);
    let gone = ["0".repeat(64)];
    let sink = Window::default().sink();
    let error = room
        .engine
        .start_turn(conversation.summary.id, "x", &gone, &[], MoneyChoice::default(), sink)
        .await
        .unwrap_err();
    assert_eq!(error.code, "not_found");
}
