use std::time::Duration;

use roundtable_domain::WireApi;
use roundtable_engine::SlowKeyring;
use roundtable_engine::view::{CountSource, MoneyChoice, NewProvider};
use roundtable_tests::{Room, Window};

async fn neighbour(room: &Room, name: &str, api: WireApi) -> String {
    let provider = NewProvider {
        id: None,
        name: name.to_owned(),
        dialect: "custom".to_owned(),
        api: Some(api),
        base_url: format!("{}/v1", room.engine.emulator().await.unwrap().base_url()),
        plain_http_confirmed: false,
    };
    room.engine.save_provider(provider).await.unwrap().id
}

#[tokio::test]
async fn a_preview_counts_and_prices_each_lane_and_never_mixes_invented_money_in() {
    let room = Room::new().await;
    let unpriced = format!("{}/swift", neighbour(&room, "Neighbour", WireApi::OpenaiChat).await);
    let conversation = room.conversation(&["demo/swift", &unpriced, "openai/gpt-4o"]).await;
    let preview = room
        .engine
        .preview_turn(conversation.summary.id, "Why is the sky blue?", &[], &[], false)
        .await
        .unwrap();
    let [demo, neighbour, absent] = preview.lanes.as_slice() else { panic!("three lanes") };
    assert!(demo.simulated && demo.tokens > 4 && demo.fits);
    // 4,096 tokens at 0.4 dollars a million are the longest answer of this model.
    let (expected, worst): (f64, f64) = (
        demo.expected_usd.as_ref().unwrap().parse().unwrap(),
        demo.worst_usd.as_ref().unwrap().parse().unwrap(),
    );
    assert!(worst > 0.001_638 && worst < 0.001_65 && expected < worst);
    assert_eq!((neighbour.expected_usd.as_ref(), neighbour.simulated), (None, false));
    assert!(!absent.notices.is_empty(), "a lane that cannot be asked says why");
    assert_eq!((preview.expected_usd.as_str(), preview.unpriced), ("0", 1));
    assert_eq!(Some(preview.simulated_expected_usd), demo.expected_usd, "invented money has its own sum");
    assert_eq!(Some(preview.simulated_worst_usd), demo.worst_usd);
    assert!(room.engine.emulator().await.unwrap().requests().is_empty(), "counting is local");
}

#[tokio::test]
async fn what_a_model_reports_is_learnt_and_survives_a_restart() {
    let room = Room::new().await;
    let conversation = room.conversation(&["demo/swift"]).await;
    let text = "The quick brown fox jumps over the lazy dog. ".repeat(20);
    let source = async |room: &Room| {
        let preview =
            room.engine.preview_turn(conversation.summary.id, &text, &[], &[], false).await.unwrap();
        preview.lanes[0].source
    };
    assert_eq!(source(&room).await, CountSource::Estimate);
    let window = Window::default();
    let turn = room
        .engine
        .start_turn(conversation.summary.id, &text, &[], &[], MoneyChoice::default(), window.sink())
        .await
        .unwrap();
    window.runs(&turn.runs).await;
    assert_eq!(source(&room).await, CountSource::Learned);
    assert_eq!(source(&room.again().await).await, CountSource::Learned);
}

#[tokio::test]
async fn a_provider_that_counts_for_free_is_asked_only_when_told_to() {
    let room = Room::new().await;
    let provider = neighbour(&room, "Counter", WireApi::AnthropicMessages).await;
    room.engine.set_key(&provider, "sk-ant-test-0123456789".to_owned().into()).await.unwrap();
    let target = format!("{provider}/swift");
    let conversation = room.conversation(&[&target]).await;
    let emulator = room.engine.emulator().await.unwrap();
    let ask = async |exact| {
        let preview =
            room.engine.preview_turn(conversation.summary.id, "Hello", &[], &[], exact).await.unwrap();
        preview.lanes[0].source
    };
    assert_eq!(ask(false).await, CountSource::Estimate);
    let counted = || emulator.requests().iter().filter(|one| one.path.ends_with("/count_tokens")).count();
    assert_eq!(counted(), 0);
    assert_eq!(ask(true).await, CountSource::Provider);
    assert_eq!(counted(), 1);
}

#[tokio::test]
async fn a_keystroke_asks_no_keyring_once_it_is_known_which_keys_are_there() {
    let keyring = SlowKeyring::new(Duration::ZERO).unwrap();
    let room = Room::with_keyring(&keyring).await;
    let mut targets = vec!["auto".to_owned()];
    for name in ["One", "Two"] {
        let provider = neighbour(&room, name, WireApi::OpenaiChat).await;
        room.engine.set_key(&provider, "sk-test-0123456789abcdef".to_owned().into()).await.unwrap();
        targets.push(format!("{provider}/swift"));
    }
    let targets: Vec<&str> = targets.iter().map(String::as_str).collect();
    let conversation = room.conversation(&targets).await.summary.id;
    let type_on = async |room: &Room, keyring: &SlowKeyring| {
        let mut asked = Vec::new();
        let mut draft = "Why is the sky blu".to_owned();
        for letter in "e??".chars() {
            draft.push(letter);
            let before = keyring.asked();
            let preview = room.engine.preview_turn(conversation, &draft, &[], &[], false).await.unwrap();
            asked.push(keyring.asked() - before);
            assert_eq!(preview.lanes.len(), 3);
        }
        asked
    };
    type_on(&room, &keyring).await;
    assert_eq!(type_on(&room, &keyring).await, [0, 0, 0], "it was read before");

    // Another machine's folder: keys that no keyring holds are looked for once, and nothing is written to find out why.
    let empty = SlowKeyring::new(Duration::ZERO).unwrap();
    let elsewhere = room.again_with_keyring(&empty).await;
    let [first, rest @ ..] = &*type_on(&elsewhere, &empty).await else { panic!("three keystrokes") };
    assert!(*first <= 2 && rest == [0, 0], "{first} and {rest:?}");
}
