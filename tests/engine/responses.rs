//! Answers that are given again, and identical requests that share a call: counted where it matters, at the server that is paid.

use roundtable_domain::{ErrorCategory, LaneId, Params, RunState};
use roundtable_emulator::Behaviour;
use roundtable_engine::LedgerFilter;
use roundtable_engine::view::{AnswerSource, MoneyChoice, RunView};
use roundtable_tests::{Room, Window};

/// Values that are meant to give the same answer each time.
fn fixed() -> Params {
    Params { temperature: Some(0.0), ..Params::default() }
}

/// One prompt in a conversation of its own.
async fn ask(room: &Room, targets: &[&str], params: &Params) -> Vec<RunView> {
    let (window, runs) = begin(room, targets, params).await;
    window.runs(&runs).await
}

async fn begin(room: &Room, targets: &[&str], params: &Params) -> (Window, Vec<RunView>) {
    let conversation = room.conversation(targets).await;
    let lanes: Vec<LaneId> = conversation.lanes.iter().map(|lane| lane.id).collect();
    for lane in lanes {
        room.engine.set_lane_params(lane, params.clone()).await.unwrap();
    }
    let window = Window::default();
    let id = conversation.summary.id;
    let turn = room
        .engine
        .start_turn(id, "What is a monad?", &[], &[], MoneyChoice::default(), window.sink())
        .await
        .unwrap();
    (window, turn.runs)
}

async fn sent(room: &Room) -> usize {
    room.engine.emulator().await.unwrap().requests().len()
}

/// Until what is kept stands in the database: it is written behind the answer.
async fn kept(room: &Room, entries: u32) {
    let waiting = async {
        while room.engine.response_cache().await.unwrap().entries != entries {
            tokio::task::yield_now().await;
        }
    };
    let in_time = tokio::time::timeout(std::time::Duration::from_secs(20), waiting).await;
    assert!(in_time.is_ok(), "{entries} answers were never kept");
}

#[tokio::test]
async fn the_same_request_is_answered_again_for_nothing_and_marked() {
    let room = Room::new().await;
    let first = ask(&room, &["demo/swift"], &fixed()).await.remove(0);
    assert_eq!((first.state, first.source, first.saved_usd), (RunState::Complete, AnswerSource::Model, None));
    kept(&room, 1).await;
    let booked = room.engine.ledger_totals(&LedgerFilter::default()).await.unwrap();

    let second = ask(&room, &["demo/swift"], &fixed()).await.remove(0);
    assert_eq!((second.state, second.source), (RunState::Complete, AnswerSource::Cache));
    assert_eq!((second.text, second.reasoning), (first.text, first.reasoning));
    assert_eq!(second.model_served, first.model_served, "the model that wrote it");
    assert_eq!(second.saved_usd, first.cost.and_then(|cost| cost.usd), "what it cost the first time");
    assert_eq!(sent(&room).await, 1, "nothing was sent");
    assert_eq!(
        room.engine.ledger_totals(&LedgerFilter::default()).await.unwrap(),
        booked,
        "nothing was booked"
    );

    let cache = room.engine.response_cache().await.unwrap();
    assert_eq!((cache.hits, cache.misses, cache.shared, cache.entries), (1, 1, 0, 1));
    assert_eq!(cache.saved_usd, "0", "invented money is not saved");
    let again = room.again().await;
    let third = ask(&again, &["demo/swift"], &fixed()).await.remove(0);
    assert_eq!(third.source, AnswerSource::Model, "another emulator is another endpoint");
}

#[tokio::test]
async fn what_is_meant_to_vary_is_asked_each_time_unless_somebody_wants_it_kept() {
    let room = Room::new().await;
    let varied = Params { temperature: Some(0.7), ..Params::default() };
    ask(&room, &["demo/swift"], &varied).await;
    ask(&room, &["demo/swift"], &varied).await;
    assert_eq!(sent(&room).await, 2);

    room.engine.set_response_cache("always", 1).await.unwrap();
    ask(&room, &["demo/swift"], &varied).await;
    kept(&room, 1).await;
    assert_eq!(ask(&room, &["demo/swift"], &varied).await.remove(0).source, AnswerSource::Cache);
    assert_eq!(
        ask(&room, &["demo/poet"], &varied).await.remove(0).source,
        AnswerSource::Model,
        "another model"
    );
    let warmer = Params { temperature: Some(0.8), ..Params::default() };
    assert_eq!(
        ask(&room, &["demo/swift"], &warmer).await.remove(0).source,
        AnswerSource::Model,
        "another value"
    );

    room.engine.set_response_cache("off", 1).await.unwrap();
    assert_eq!(ask(&room, &["demo/swift"], &varied).await.remove(0).source, AnswerSource::Model);
}

#[tokio::test]
async fn asking_again_on_purpose_is_sent_and_its_answer_takes_the_place_of_the_kept_one() {
    let room = Room::new().await;
    let emulator = room.engine.emulator().await.unwrap();
    let reply = |text: &str| Behaviour::Reply { text: text.to_owned(), reasoning: None };
    emulator.script("swift", vec![reply("one"), reply("two")]);
    let first = ask(&room, &["demo/swift"], &fixed()).await.remove(0);
    kept(&room, 1).await;
    let window = Window::default();
    let begun = room.engine.retry_run(first.id, MoneyChoice::default(), window.sink()).await.unwrap();
    let second = window.runs(&[begun]).await.remove(0);
    assert_eq!((second.source, second.text.trim()), (AnswerSource::Model, "two"));
    let third = async {
        loop {
            let run = ask(&room, &["demo/swift"], &fixed()).await.remove(0);
            assert_eq!(run.source, AnswerSource::Cache);
            if run.text.trim() == "two" {
                return;
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), third).await.expect("the new answer is given");
}

#[tokio::test]
async fn what_is_forgotten_is_asked_again() {
    let room = Room::new().await;
    let maker = ask(&room, &["demo/swift"], &fixed()).await.remove(0);
    kept(&room, 1).await;
    let given = ask(&room, &["demo/swift"], &fixed()).await.remove(0);
    for run in [given.id, maker.id] {
        room.engine.forget_response(run).await.unwrap();
        kept(&room, 0).await;
        assert_eq!(ask(&room, &["demo/swift"], &fixed()).await.remove(0).source, AnswerSource::Model);
        kept(&room, 1).await;
        if run == given.id {
            // The answer behind the maker is another one by now: forgetting by its key still finds it.
            assert_eq!(room.engine.response_cache().await.unwrap().entries, 1);
        }
    }
    assert_eq!(room.engine.clear_responses().await.unwrap().entries, 0);
}

#[tokio::test]
async fn deleting_a_conversation_forgets_what_was_kept_of_it() {
    let room = Room::new().await;
    let conversation = room.conversation(&["demo/swift"]).await;
    room.engine.set_lane_params(conversation.lanes[0].id, fixed()).await.unwrap();
    let window = Window::default();
    let id = conversation.summary.id;
    let turn = room
        .engine
        .start_turn(id, "A secret", &[], &[], MoneyChoice::default(), window.sink())
        .await
        .unwrap();
    window.runs(&turn.runs).await;
    kept(&room, 1).await;
    room.engine.delete_conversation(id).await.unwrap();
    assert_eq!(room.engine.response_cache().await.unwrap().entries, 0);
}

#[tokio::test]
async fn an_answer_that_did_not_end_is_not_kept() {
    let room = Room::new().await;
    let emulator = room.engine.emulator().await.unwrap();
    for behaviour in [
        Behaviour::CleanEof { after_tokens: 5 },
        Behaviour::ErrorMidStream { after_tokens: 5 },
        Behaviour::ContentFilter { after_tokens: 5 },
    ] {
        emulator.script("swift", vec![behaviour.clone()]);
        ask(&room, &["demo/swift"], &fixed()).await;
        let next = ask(&room, &["demo/swift"], &fixed()).await.remove(0);
        assert_eq!((next.source, next.state), (AnswerSource::Model, RunState::Complete), "{behaviour:?}");
        kept(&room, 1).await;
        room.engine.clear_responses().await.unwrap();
    }
}

#[tokio::test]
async fn lanes_that_ask_the_same_share_one_call() {
    let room = Room::new().await;
    let runs = ask(&room, &["demo/swift", "demo/swift", "demo/swift"], &fixed()).await;
    let sources: Vec<AnswerSource> = runs.iter().map(|run| run.source).collect();
    assert_eq!(sources, [AnswerSource::Model, AnswerSource::Shared, AnswerSource::Shared]);
    assert!(runs.iter().all(|run| run.state == RunState::Complete && run.text == runs[0].text));
    assert_eq!(sent(&room).await, 1);
    let totals = room.engine.ledger_totals(&LedgerFilter::default()).await.unwrap();
    assert_eq!(totals.simulated_calls, 1, "one call, one entry");
    let apart = ask(&room, &["demo/swift", "demo/swift"], &Params::default()).await;
    assert!(apart.iter().all(|run| run.source == AnswerSource::Model), "two samples are what was asked for");
}

#[tokio::test]
async fn a_leaders_failure_is_its_own_and_the_next_one_asks() {
    let room = Room::new().await;
    room.engine.emulator().await.unwrap().script("swift", vec![Behaviour::ContextLength]);
    let runs = ask(&room, &["demo/swift", "demo/swift", "demo/swift"], &fixed()).await;
    let failed: Vec<&RunView> = runs.iter().filter(|run| run.state == RunState::Failed).collect();
    assert_eq!(failed.len(), 1, "nobody else fails with it");
    assert_eq!(failed[0].fault.as_ref().unwrap().category, ErrorCategory::ContextLength);
    assert_eq!(runs.iter().filter(|run| run.source == AnswerSource::Shared).count(), 1);
    assert_eq!(sent(&room).await, 2);
}

#[tokio::test]
async fn a_leader_that_is_stopped_hands_over() {
    let room = Room::new().await;
    let emulator = room.engine.emulator().await.unwrap();
    emulator.script("swift", vec![Behaviour::PingsForever { every_ms: 20 }]);
    let (window, runs) = begin(&room, &["demo/swift", "demo/swift"], &fixed()).await;
    emulator.until(|requests| requests.len() == 1).await;
    let leader = runs[0].id;
    room.engine.stop_run(leader);
    let ended = window.runs(&runs).await;
    assert_eq!(ended[0].state, RunState::Cancelled);
    assert_eq!((ended[1].state, ended[1].source), (RunState::Complete, AnswerSource::Model));
    assert_eq!(sent(&room).await, 2);
}

#[tokio::test]
async fn one_that_waits_can_be_stopped_and_the_other_goes_on() {
    let room = Room::realistic().await;
    let (window, runs) = begin(&room, &["demo/swift", "demo/swift"], &fixed()).await;
    room.engine.stop_run(runs[1].id);
    let ended = window.runs(&runs).await;
    assert_eq!((ended[0].state, ended[1].state), (RunState::Complete, RunState::Cancelled));
    assert_eq!(ended[1].cost, None, "nothing was sent for it");
}

/// A room with a group whose first rung always fails.
async fn falling_room() -> Room {
    let room = Room::new().await;
    let folder = room.path().join("config/groups");
    std::fs::create_dir_all(&folder).unwrap();
    let coding = "echelon1: {models: [demo/swift], max_retries: 0}\nechelon2: {models: [demo/poet]}\n";
    std::fs::write(folder.join("coding.yaml"), coding).unwrap();
    room.engine.emulator().await.unwrap().script_always("swift", Behaviour::Status503);
    room
}

#[tokio::test]
async fn a_fallbacks_answer_is_kept_and_found_under_its_own_request() {
    let room = falling_room().await;
    let first = ask(&room, &["coding"], &fixed()).await.remove(0);
    assert_eq!((first.source, first.model_requested.as_str()), (AnswerSource::Model, "poet"));
    kept(&room, 1).await;
    assert_eq!(sent(&room).await, 2);

    let again = ask(&room, &["coding"], &fixed()).await.remove(0);
    assert_eq!((again.state, again.source), (RunState::Complete, AnswerSource::Cache));
    assert_eq!((again.model_requested.as_str(), again.provider.as_str()), ("poet", "demo"));
    assert_eq!((&again.text, &again.model_served), (&first.text, &first.model_served));
    assert!(
        again.fault.is_none() && again.route.as_ref().is_some_and(|route| route.fell_back),
        "{:?}",
        again.route
    );
    assert_eq!(sent(&room).await, 3, "the first rung was asked, the second was not");
    let entries = room.engine.ledger_entries(&LedgerFilter::default(), 10).await.unwrap();
    assert_eq!(entries.len(), 1, "only the first answer of the second rung is booked");
    let trace = room.engine.explain_run(again.id).await.unwrap().unwrap();
    assert_eq!(trace.attempts.len(), 1, "the call that failed");
    assert_eq!(trace.end.unwrap().served.as_deref(), Some("demo/poet"));

    let direct = ask(&room, &["demo/poet"], &fixed()).await.remove(0);
    assert_eq!(direct.source, AnswerSource::Cache, "the same request, whoever makes it");
    let cache = room.engine.response_cache().await.unwrap();
    assert_eq!((cache.hits, cache.entries), (2, 1));
    let rows = room.engine.statistics(1).await.unwrap().rows;
    let poet = rows.iter().find(|row| row.name == "demo/poet").unwrap();
    assert_eq!(poet.requests, 1);
    assert!(
        (0.66..0.67).contains(&poet.cache_rate),
        "two answers of three needed no call: {}",
        poet.cache_rate
    );
}

#[tokio::test]
async fn lanes_that_fall_back_to_the_same_model_share_its_call() {
    let room = falling_room().await;
    let emulator = room.engine.emulator().await.unwrap();
    let runs = ask(&room, &["coding", "coding"], &fixed()).await;
    let mut sources: Vec<AnswerSource> = runs.iter().map(|run| run.source).collect();
    sources.sort_by_key(|source| *source != AnswerSource::Model);
    assert!(
        matches!(sources[..], [AnswerSource::Model, AnswerSource::Shared | AnswerSource::Cache]),
        "{sources:?}"
    );
    assert_eq!(runs[0].text, runs[1].text);
    let of_poet = emulator.requests().iter().filter(|request| request.body["model"] == "poet").count();
    assert_eq!(of_poet, 1, "one call for both");
}

#[tokio::test]
async fn a_fallback_that_is_shared_and_fails_is_asked_by_the_other() {
    let room = falling_room().await;
    let emulator = room.engine.emulator().await.unwrap();
    emulator.script("poet", vec![Behaviour::Status503]);
    let runs = ask(&room, &["coding", "coding"], &fixed()).await;
    let whole = runs.iter().filter(|run| run.state == RunState::Complete).count();
    assert!(whole >= 1, "a failure is nobody's but its own: {runs:?}");
}
