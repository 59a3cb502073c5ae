//! Several keys of one provider, limits learnt from replies, the queue of a server of one's own, and what is shown of all that.

use std::time::{Duration, Instant};

use roundtable_domain::{RunState, UnixMs};
use roundtable_emulator::{Behaviour, Emulator, EmulatorOptions, Pace, RetryAfter};
use roundtable_engine::view::{
    HostStanding, KeyState, MoneyChoice, NewProvider, ProviderSettings, ProviderView, RoomView, RoutingState,
    RunView,
};
use roundtable_engine::{AskTarget, Question, Tools};
use roundtable_tests::{Room, Window};

const FIRST: &str = "sk-first-0123456789abcdef-a1a1";
const SECOND: &str = "sk-second-0123456789abcdef-b2b2";
/// The emulator refuses every key that begins with "bad".
const REFUSED: &str = "bad-key-0123456789abcdef-c3c3";

/// A room with one provider at an emulator of its own.
struct House {
    room: Room,
    emulator: Emulator,
    provider: ProviderView,
}

impl House {
    async fn of(dialect: &str, path: &str) -> Self {
        let room = Room::new().await;
        let options = EmulatorOptions { pace: Pace::Instant, ..EmulatorOptions::default() };
        let emulator = Emulator::start(options).await.unwrap();
        let provider = NewProvider {
            id: Some("house".to_owned()),
            name: "House".to_owned(),
            dialect: dialect.to_owned(),
            api: None,
            base_url: format!("{}{path}", emulator.base_url()),
            plain_http_confirmed: false,
        };
        let provider = room.engine.save_provider(provider).await.unwrap();
        Self { room, emulator, provider }
    }

    async fn add_key(&self, label: &str, key: &str) -> ProviderView {
        self.room.engine.add_key(&self.provider.id, label, key.to_owned().into()).await.unwrap().provider
    }

    async fn ask(&self) -> RunView {
        let conversation = self.room.conversation(&["house/swift"]).await;
        let window = Window::default();
        let id = conversation.summary.id;
        let turn = self
            .room
            .engine
            .start_turn(id, "Hello", &[], &[], MoneyChoice::default(), window.sink())
            .await
            .unwrap();
        window.runs(&turn.runs).await.remove(0)
    }

    async fn state(&self) -> RoutingState {
        self.room.engine.routing_state().await.unwrap()
    }

    async fn host(&self) -> HostStanding {
        self.state().await.hosts.into_iter().find(|host| host.providers == ["house"]).unwrap()
    }

    /// The key each prompt came with, by its last four letters.
    fn keys_seen(&self) -> Vec<String> {
        let prompts = self.emulator.requests().into_iter().filter(|request| request.method == "POST");
        prompts
            .filter_map(|request| {
                let sent = request.headers.get("authorization")?.clone();
                Some(sent.chars().skip(sent.chars().count() - 4).collect())
            })
            .collect()
    }
}

#[tokio::test]
async fn a_refused_key_gives_way_to_the_next_at_once_and_is_left_alone_from_then_on() {
    let house = House::of("openai", "/v1").await;
    house.add_key("", REFUSED).await;
    let provider = house.add_key("work", SECOND).await;
    let shown: Vec<_> = provider.keys.iter().map(|key| (key.label.as_str(), key.state)).collect();
    assert_eq!(shown, [("", KeyState::Refused), ("work", KeyState::Accepted)]);
    assert_eq!(provider.key.unwrap().id, provider.keys[0].id);

    let run = house.ask().await;
    assert_eq!((run.state, run.attempts), (RunState::Complete, 2), "{:?}", run.fault);
    assert_eq!(house.keys_seen(), ["c3c3", "b2b2"]);
    let state = house.state().await;
    let keys: Vec<_> = state.keys.iter().map(|key| (key.label.as_str(), key.state.as_str())).collect();
    assert_eq!(keys, [("bad…c3c3", "failed"), ("work", "ready")]);
    let wait = state.keys[0].until.unwrap().0 - state.at.0;
    assert!((50_000..=60_000).contains(&wait), "tried again after about a minute: {wait}");

    assert_eq!(house.ask().await.attempts, 1);
    assert_eq!(house.keys_seen(), ["c3c3", "b2b2", "b2b2"], "nobody asks again with the refused one");
}

#[tokio::test]
async fn a_limited_key_gives_way_without_a_wait() {
    let house = House::of("openai", "/v1").await;
    house.add_key("a", FIRST).await;
    house.add_key("b", SECOND).await;
    house.emulator.script("swift", vec![Behaviour::Status429(RetryAfter::Seconds(30))]);
    let began = Instant::now();
    let run = house.ask().await;
    assert_eq!((run.state, run.attempts), (RunState::Complete, 2), "{:?}", run.fault);
    assert!(began.elapsed() < Duration::from_secs(15), "nobody waits for a key when there is another");
    assert_eq!(house.keys_seen(), ["a1a1", "b2b2"]);
    let limited = &house.state().await.keys[0];
    assert_eq!((limited.label.as_str(), limited.state.as_str()), ("a", "limited"));
}

#[tokio::test]
async fn one_of_several_keys_is_removed_and_the_same_is_not_added_twice() {
    let house = House::of("openai", "/v1").await;
    house.add_key("a", FIRST).await;
    let provider = house.add_key("  b  ", SECOND).await;
    assert_eq!(provider.keys[1].label, "b");
    let engine = &house.room.engine;
    let again = engine.add_key("house", "c", format!("{FIRST}\n").into()).await.unwrap_err();
    assert_eq!(again.code, "key_is_there");
    let first = provider.keys[0].id.unwrap();
    let left = engine.remove_one_key("house", first).await.unwrap();
    assert_eq!(left.keys.iter().map(|key| key.label.as_str()).collect::<Vec<_>>(), ["b"]);
    assert_eq!(engine.remove_one_key("house", first).await.unwrap_err().code, "unknown_key");
    assert_eq!(
        engine.remove_one_key("demo", left.keys[0].id.unwrap()).await.unwrap_err().code,
        "unknown_key"
    );
    house.ask().await;
    assert_eq!(house.keys_seen(), ["b2b2"]);

    let replaced = engine.set_key("house", FIRST.to_owned().into()).await.unwrap().provider;
    assert_eq!(replaced.keys.len(), 1, "setting a key replaces all that were there");
}

#[tokio::test]
async fn all_keys_are_checked_and_one_that_does_not_work_is_told_by_its_place() {
    let house = House::of("openai", "/v1").await;
    house.add_key("", FIRST).await;
    house.add_key("", SECOND).await;
    let check = house.room.engine.check_key("house").await.unwrap();
    assert!(check.fault.is_none() && check.message.starts_with("All 2 keys work."), "{}", check.message);
    house.add_key("", REFUSED).await;
    let check = house.room.engine.check_key("house").await.unwrap();
    assert!(check.fault.is_some() && check.message.starts_with("Key 3 of 3: "), "{}", check.message);
}

#[tokio::test]
async fn a_key_is_not_used_at_another_address() {
    let house = House::of("openai", "/v1").await;
    house.add_key("a", FIRST).await;
    house.add_key("b", SECOND).await;
    let moved = NewProvider {
        id: Some("house".to_owned()),
        name: "House".to_owned(),
        dialect: "openai".to_owned(),
        api: None,
        base_url: "https://elsewhere.example/v1".to_owned(),
        plain_http_confirmed: false,
    };
    let moved = house.room.engine.save_provider(moved).await.unwrap();
    assert_eq!((moved.keys, moved.key), (Vec::new(), None));
    assert_eq!(house.state().await.keys, []);
}

#[tokio::test]
async fn what_a_reply_says_about_limits_is_shown_and_counted() {
    let house = House::of("openai", "/v1").await;
    house.add_key("a", FIRST).await;
    let run = house.ask().await;
    assert_eq!(run.state, RunState::Complete);
    let state = house.state().await;
    let model = state.models.iter().find(|model| model.target == "house/swift").unwrap();
    assert_eq!(model.allowance.requests, Some(RoomView { left: 9_999, limit: 10_000 }));
    let tokens = model.allowance.tokens.unwrap();
    assert!(tokens.limit == 2_000_000 && tokens.left < 2_000_000, "{tokens:?}");
    assert_eq!((model.allowance.waiting, model.closed_until, &model.unavailable), (0, None, &None));
}

#[tokio::test]
async fn calls_to_a_server_of_ones_own_queue_for_it_one_after_the_other() {
    let house = House::of("ollama", "").await;
    house.emulator.script_always("swift", Behaviour::Stall { after_tokens: 3 });
    let targets = vec![AskTarget::Named("house/swift".to_owned()); 3];
    let question = Question {
        targets,
        text: "Hello".to_owned(),
        attachments: Vec::new(),
        tools: Tools::default(),
        profile: None,
        system: None,
        params: roundtable_domain::Params::default(),
        stream: true,
        retry: false,
        fresh: false,
        timeouts: roundtable_domain::Timeouts::default(),
        money: MoneyChoice::default(),
        filing: roundtable_engine::Filing::default(),
    };
    let window = Window::default();
    let asking = house.room.engine.ask(question, window.sink()).await.unwrap();
    let runs: Vec<_> = asking.turn.runs.iter().map(|run| run.id).collect();
    let waiting =
        |seen: &roundtable_tests::Seen| seen.runs.values().filter(|run| run.waiting.is_some()).count();
    window.until(|seen| waiting(seen) == 2).await;
    for left in [2, 1, 0] {
        let answering = |seen: &roundtable_tests::Seen| {
            seen.runs.values().filter(|run| run.state == RunState::Committed).map(|run| run.id).next()
        };
        window.until(|seen| answering(seen).is_some()).await;
        let allowance = house.host().await.allowance;
        assert_eq!(allowance.concurrency, Some(RoomView { left: 0, limit: 1 }));
        assert_eq!(allowance.waiting, left, "who waits can be seen");
        assert_eq!(house.emulator.open_streams(), 1, "the server works on one at a time");
        let run = window.seen(answering).unwrap();
        house.room.engine.stop_run(run);
        window.until(|seen| seen.runs[&run].state == RunState::Cancelled).await;
    }
    window.until(|seen| runs.iter().all(|run| seen.runs[run].state == RunState::Cancelled)).await;
    assert_eq!(house.host().await.allowance.concurrency, Some(RoomView { left: 1, limit: 1 }));
}

#[tokio::test]
async fn how_many_calls_a_host_works_on_at_once_can_be_set_for_any_provider() {
    let house = House::of("openai", "/v1").await;
    house.add_key("a", FIRST).await;
    let none = ProviderSettings { calls_at_once: Some(0), ..ProviderSettings::default() };
    assert_eq!(
        house.room.engine.save_provider_settings("house", none).await.unwrap_err().code,
        "bad_setting"
    );
    let three = ProviderSettings { calls_at_once: Some(3), ..ProviderSettings::default() };
    let kept = house.room.engine.save_provider_settings("house", three).await.unwrap();
    assert_eq!(kept.calls_at_once, Some(3));
    house.ask().await;
    assert_eq!(house.host().await.allowance.concurrency, Some(RoomView { left: 3, limit: 3 }));
    house.room.engine.save_provider_settings("house", ProviderSettings::default()).await.unwrap();
    assert_eq!(house.host().await.allowance.concurrency, None, "at once, not after the next start");
}

#[tokio::test]
async fn the_state_names_what_files_speak_of_before_anybody_asks_and_why_it_cannot_be_asked() {
    let room = Room::new().await;
    let groups = room.path().join("config/groups");
    std::fs::create_dir_all(&groups).unwrap();
    let text = "echelon1:\n  models: [demo/swift, openai/gpt-5]\n  rpm_limit: 30\nechelon2:\n  models: [demo/poet]\n";
    std::fs::write(groups.join("writing.yaml"), text).unwrap();
    let state = room.engine.routing_state().await.unwrap();
    let models: Vec<_> =
        state.models.iter().map(|one| (one.target.as_str(), one.unavailable.is_some())).collect();
    assert_eq!(models, [("demo/poet", false), ("demo/swift", false), ("openai/gpt-5", true)]);
    assert_eq!((state.hosts.len(), state.keys.len()), (0, 0));
    let rungs: Vec<_> =
        state.rungs.iter().map(|rung| (rung.route.as_str(), rung.allowance.requests)).collect();
    assert_eq!(
        rungs,
        [("writing.echelon1", Some(RoomView { left: 30, limit: 30 }))],
        "rungs without limits have nothing to show"
    );
    assert!(state.at > UnixMs(0));
}

#[tokio::test]
async fn a_refusal_teaches_by_its_headers_and_a_retry_after_is_when() {
    let house = House::of("openai", "/v1").await;
    house.add_key("a", FIRST).await;
    house.add_key("b", SECOND).await;
    // Of sixty a minute none is left, and all are back in two minutes: the next one in two seconds.
    house.emulator.script("swift", vec![Behaviour::Status429(RetryAfter::Exhausted(120))]);
    let run = house.ask().await;
    assert_eq!((run.state, run.attempts), (RunState::Complete, 2), "{:?}", run.fault);
    assert_eq!(house.keys_seen(), ["a1a1", "b2b2"]);
    let state = house.state().await;
    let swift = state.models.iter().find(|model| model.target == "house/swift").unwrap();
    let limit = swift.allowance.requests.unwrap().limit;
    assert_eq!(limit, 60 + 10_000, "what the refused key was told, and what the other was");
    assert!(swift.allowance.requests.unwrap().left < 10_000, "nothing is left of the first");
}

#[tokio::test]
async fn a_model_is_as_busy_as_the_best_of_its_keys_and_as_its_server() {
    let house = House::of("openai", "/v1").await;
    let groups = house.room.path().join("config/groups");
    std::fs::create_dir_all(&groups).unwrap();
    std::fs::write(groups.join("one.yaml"), "echelon1: {models: [house/swift]}\n").unwrap();
    house.add_key("a", FIRST).await;
    house.add_key("b", SECOND).await;
    house.emulator.script("swift", vec![Behaviour::Status429(RetryAfter::Exhausted(600))]);
    assert_eq!(house.ask().await.attempts, 2);
    let load = async || {
        let trace = house.room.engine.simulate_route("one", "Hello").await.unwrap();
        trace.candidates[0].score.unwrap().load
    };
    assert!(load().await > 0.9, "the first key is used up, the second is not: {}", load().await);

    // Its server has one place, and somebody is in it.
    let settings = ProviderSettings { calls_at_once: Some(1), ..ProviderSettings::default() };
    house.room.engine.save_provider_settings("house", settings).await.unwrap();
    house.emulator.script("swift", vec![Behaviour::Stall { after_tokens: 3 }]);
    let conversation = house.room.conversation(&["house/swift"]).await;
    let (window, id) = (Window::default(), conversation.summary.id);
    let turn = house
        .room
        .engine
        .start_turn(id, "Hello", &[], &[], MoneyChoice::default(), window.sink())
        .await
        .unwrap();
    let run = turn.runs[0].id;
    window.until(|seen| seen.runs.get(&run).is_some_and(|run| !run.text.is_empty())).await;
    assert!(load().await < 0.1, "there is no place: {}", load().await);
    house.room.engine.stop_run(run);
    window.runs(&turn.runs).await;
    assert!(load().await > 0.5, "it is free again: {}", load().await);
}
