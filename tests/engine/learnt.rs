//! What was learnt of providers, models and keys is known after a restart.

use roundtable_domain::RunState;
use roundtable_emulator::{Behaviour, Emulator, EmulatorOptions, Pace};
use roundtable_engine::view::{
    BreakerView, ModelStanding, MoneyChoice, NewProvider, Resume, RoomView, RoutingState, RunView,
};
use roundtable_engine::{Engine, Options, Process};
use roundtable_tests::{Room, Window, options};

/// The emulator refuses every key that begins with "bad".
const REFUSED: &str = "bad-key-0123456789abcdef-c3c3";
const GOOD: &str = "sk-second-0123456789abcdef-b2b2";

async fn emulator() -> Emulator {
    let options = EmulatorOptions { pace: Pace::Instant, ..EmulatorOptions::default() };
    Emulator::start(options).await.unwrap()
}

async fn add_provider(engine: &Engine, dialect: &str, base_url: String) {
    let provider = NewProvider {
        id: Some("house".to_owned()),
        name: "House".to_owned(),
        dialect: dialect.to_owned(),
        api: None,
        base_url,
        plain_http_confirmed: false,
    };
    engine.save_provider(provider).await.unwrap();
}

async fn ask(engine: &Engine) -> RunView {
    let conversation = engine.create_conversation(&["house/swift".to_owned()]).await.unwrap();
    let window = Window::default();
    let id = conversation.summary.id;
    let turn = engine.start_turn(id, "Hello", &[], &[], MoneyChoice::default(), window.sink()).await.unwrap();
    window.runs(&turn.runs).await.remove(0)
}

fn swift(state: &RoutingState) -> &ModelStanding {
    state.models.iter().find(|model| model.target == "house/swift").unwrap()
}

#[tokio::test]
async fn a_model_that_kept_failing_is_left_alone_after_a_restart_too_and_can_be_asked_anyway() {
    let (room, emulator) = (Room::new().await, emulator().await);
    add_provider(&room.engine, "ollama", emulator.base_url()).await;
    emulator.script_always("swift", Behaviour::Status500);
    for _ in 0..3 {
        assert_eq!(ask(&room.engine).await.state, RunState::Failed);
    }
    let open = |state: &RoutingState| match swift(state).breaker {
        BreakerView::Open { until } => until.0 - state.at.0,
        ref other => panic!("{other:?}"),
    };
    let left = open(&room.engine.routing_state().await.unwrap());
    room.engine.shutdown().await;
    let again = room.again().await;
    let still = open(&again.engine.routing_state().await.unwrap());
    assert!(still <= left && still > left - 20_000, "{left} ms were left, and {still} are");
    let asked = emulator.requests().len();
    let refused = ask(&again.engine).await;
    assert_eq!((refused.state, emulator.requests().len()), (RunState::Failed, asked), "nothing was sent");
    assert_eq!(refused.offers[0].resume, Resume::TryAnyway);
    again.engine.shutdown().await;
    // A command that is typed again finds out by itself.
    let command = Options { process: Process::CommandLine, ..options(room.path(), Pace::Instant) };
    let command = Engine::open(command).await.unwrap();
    emulator.script_always("swift", Behaviour::Normal);
    assert_eq!(ask(&command).await.state, RunState::Complete);
    command.shutdown().await;
    let later = room.again().await;
    assert!(open(&later.engine.routing_state().await.unwrap()) <= still, "and takes nothing from the window");
}

#[tokio::test]
async fn limits_and_refused_keys_are_known_before_the_first_call() {
    let (room, emulator) = (Room::new().await, emulator().await);
    add_provider(&room.engine, "openai", format!("{}/v1", emulator.base_url())).await;
    for (label, key) in [("a", REFUSED), ("b", GOOD)] {
        room.engine.add_key("house", label, key.to_owned().into()).await.unwrap();
    }
    let run = ask(&room.engine).await;
    assert_eq!((run.state, run.attempts), (RunState::Complete, 2), "{:?}", run.fault);
    room.engine.shutdown().await;
    let again = room.again().await;
    let state = again.engine.routing_state().await.unwrap();
    let limit = swift(&state).allowance.requests;
    // Each key has its own account, and the refusal had headers too.
    assert_eq!(limit, Some(RoomView { left: 20_000, limit: 20_000 }), "what headers said");
    let keys: Vec<_> = state.keys.iter().map(|key| (key.label.as_str(), key.state.as_str())).collect();
    assert_eq!(keys, [("a", "failed"), ("b", "ready")]);
    let wait = state.keys[0].until.unwrap().0 - state.at.0;
    assert!((1..=60_000).contains(&wait), "tried again when it would have been: {wait}");
}
