//! How models and providers have done: counted from calls, kept over restarts and deletions, invented ones apart.

use roundtable_domain::{ErrorCategory, RunState};
use roundtable_emulator::Behaviour;
use roundtable_engine::view::{MoneyChoice, RunView, StatisticsOf, StatisticsRow, StatisticsView};
use roundtable_tests::{Room, Window};

async fn ask(room: &Room, target: &str, behaviours: Vec<Behaviour>) -> RunView {
    let conversation = room.conversation(&[target]).await;
    if !behaviours.is_empty() {
        room.engine.emulator().await.unwrap().script("swift", behaviours);
    }
    let window = Window::default();
    let id = conversation.summary.id;
    let turn =
        room.engine.start_turn(id, "Hello", &[], &[], MoneyChoice::default(), window.sink()).await.unwrap();
    let run = window.runs(&turn.runs).await.remove(0);
    room.engine.delete_conversation(id).await.unwrap();
    run
}

fn row(view: &StatisticsView, of: StatisticsOf, name: &str) -> StatisticsRow {
    let found = view.rows.iter().find(|row| row.of == of && row.name == name);
    assert!(found.is_some(), "{name} among {:?}", view.rows);
    found.unwrap().clone()
}

/// The steps of a trend move with the clock.
fn without_trend(mut rows: Vec<StatisticsRow>) -> Vec<StatisticsRow> {
    for row in &mut rows {
        row.trend.clear();
    }
    rows
}

#[tokio::test]
async fn calls_are_counted_by_model_and_provider_and_outlive_their_conversations() {
    let room = Room::new().await;
    assert!(room.engine.statistics(24).await.unwrap().rows.is_empty());
    ask(&room, "demo/poet", Vec::new()).await;
    ask(&room, "demo/swift", Vec::new()).await;
    let retried = ask(&room, "demo/swift", vec![Behaviour::Status503]).await;
    assert_eq!((retried.state, retried.attempts), (RunState::Complete, 2));
    let failed = ask(&room, "demo/swift", vec![Behaviour::ContextLength]).await;
    assert_eq!(failed.state, RunState::Failed);

    let view = room.engine.statistics(24).await.unwrap();
    let swift = row(&view, StatisticsOf::Model, "demo/swift");
    assert_eq!((swift.requests, swift.succeeded, swift.cancelled, swift.simulated), (4, 2, 0, true));
    let errors: Vec<_> = swift.errors.iter().map(|error| (error.category, error.count)).collect();
    assert_eq!(errors, [(ErrorCategory::ContextLength, 1), (ErrorCategory::Unavailable, 1)]);
    assert!(swift.latency.is_some() && swift.ttft.is_some());
    assert!(swift.usd_per_request.is_some_and(|usd| usd != "0"), "what is invented has a price as well");
    assert!(swift.fallback_rate.abs() < f64::EPSILON, "the same model again is no fallback");
    assert_eq!(swift.trend.iter().map(|point| point.requests).sum::<u64>(), 4);
    assert_ne!(swift.label, swift.name, "its name for people");
    assert_eq!(row(&view, StatisticsOf::Model, "demo/poet").requests, 1);
    assert_eq!(row(&view, StatisticsOf::Provider, "demo").requests, 5);
    let names: Vec<&str> = view.rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["demo/swift", "demo/poet", "demo"], "models first, those asked most first");

    let again = room.again().await;
    let rows = again.engine.statistics(24).await.unwrap().rows;
    assert_eq!(without_trend(rows), without_trend(view.rows), "a restart changes nothing");
}

#[tokio::test]
async fn what_was_stopped_is_neither_good_nor_bad() {
    let room = Room::new().await;
    let conversation = room.conversation(&["demo/swift"]).await;
    let emulator = room.engine.emulator().await.unwrap();
    emulator.script("swift", vec![Behaviour::PingsForever { every_ms: 20 }]);
    let window = Window::default();
    let id = conversation.summary.id;
    let turn =
        room.engine.start_turn(id, "Hello", &[], &[], MoneyChoice::default(), window.sink()).await.unwrap();
    emulator.until(|requests| requests.len() == 1).await;
    room.engine.stop_turn(turn.id);
    window.runs(&turn.runs).await;
    let swift = row(&room.engine.statistics(1).await.unwrap(), StatisticsOf::Model, "demo/swift");
    assert_eq!((swift.requests, swift.succeeded, swift.cancelled), (1, 0, 1));
    assert!(swift.errors.is_empty() && swift.latency.is_none());
}

#[tokio::test]
async fn after_a_reset_it_is_counted_from_there_and_the_books_stay() {
    let room = Room::new().await;
    ask(&room, "demo/swift", Vec::new()).await;
    let booked = room.engine.ledger_totals(&roundtable_engine::LedgerFilter::default()).await.unwrap();
    assert_eq!(booked.simulated_calls, 1);
    let reset = room.engine.reset_statistics().await.unwrap();
    assert!(reset.rows.is_empty(), "{:?}", reset.rows);
    assert_eq!(room.engine.ledger_totals(&roundtable_engine::LedgerFilter::default()).await.unwrap(), booked);
    ask(&room, "demo/swift", Vec::new()).await;
    let view = room.engine.statistics(2_160).await.unwrap();
    assert_eq!(row(&view, StatisticsOf::Model, "demo/swift").requests, 1);
    assert_eq!(view.since, reset.since, "no further back than the reset");
}
