use std::collections::HashMap;

use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use roundtable_domain::{LaneId, RunState, UnixMs};
use uuid::Uuid;

use super::channel::utf16_len;
use super::*;

fn run_view(id: u128) -> RunView {
    RunView {
        id: RunId::from_uuid(Uuid::from_u128(id)),
        turn_id: turn_id(),
        lane_id: LaneId::from_uuid(Uuid::from_u128(id)),
        version: 1,
        versions: 1,
        target: "demo/swift".into(),
        state: RunState::Connecting,
        text: String::new(),
        reasoning: String::new(),
        refusal: String::new(),
        tool_calls: Vec::new(),
        notices: Vec::new(),
        provider: "demo".into(),
        provider_name: "Demo".into(),
        model_requested: "swift".into(),
        model_served: None,
        simulated: true,
        finish_reason: None,
        usage: None,
        cost: None,
        ttft_ms: None,
        total_ms: None,
        tokens_per_second: None,
        started_at: UnixMs(0),
        finished_at: None,
        fault: None,
        attempts: 1,
        picked: false,
        route: None,
        source: crate::view::AnswerSource::Model,
        segments: Vec::new(),
        offers: Vec::new(),
        waiting: None,
        saved_usd: None,
    }
}

fn live_turn() -> LiveTurn {
    LiveTurn::new(turn_id(), Begun { at: UnixMs(0), id: Uuid::nil() })
}

fn turn_id() -> TurnId {
    TurnId::from_uuid(Uuid::from_u128(1))
}

/// A window that applies batches the way the real one does, and fails on any gap.
#[derive(Default)]
struct Window {
    texts: HashMap<RunId, String>,
    next_seq: u32,
    batches: usize,
    done: bool,
}

impl Window {
    fn apply(&mut self, batch: TurnBatch) {
        assert_eq!(batch.seq, self.next_seq, "a batch was lost or reordered");
        self.next_seq += 1;
        self.batches += 1;
        self.done |= batch.done;
        for event in batch.events {
            match event {
                RunEvent::Snapshot { run } | RunEvent::Finished { run } => {
                    self.texts.insert(run.id, run.text);
                }
                RunEvent::Text { run_id, offset, delta } => {
                    let text = self.texts.get_mut(&run_id).expect("a delta before its snapshot");
                    assert_eq!(utf16_len(text), offset, "text was dropped or doubled");
                    text.push_str(&delta);
                }
                _ => {}
            }
        }
    }
}

fn window() -> (Arc<Mutex<Window>>, TurnSink) {
    let window = Arc::new(Mutex::new(Window::default()));
    let sink_window = Arc::clone(&window);
    let sink = move |batch| {
        sink_window.lock().unwrap().apply(batch);
        true
    };
    (window, Box::new(sink))
}

#[tokio::test(start_paused = true)]
async fn eight_fast_runs_need_sixty_batches_a_second_and_lose_nothing() {
    let turn = Arc::new(live_turn());
    for id in 0..8 {
        turn.add_run(run_view(id), CancellationToken::new());
    }
    let (window, sink) = window();
    turn.add_channel(sink);
    let pump = tokio::spawn({
        let turn = Arc::clone(&turn);
        async move { turn.pump(|| true).await }
    });
    let mut expected = String::new();
    // One second of 8 lanes at 1,000 tokens a second each.
    for token in 0..1_000 {
        let piece = format!("é{token} ");
        expected.push_str(&piece);
        for id in 0..8 {
            turn.update(RunId::from_uuid(Uuid::from_u128(id)), |run| run.append_text(&piece));
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    for id in 0..8 {
        turn.update(RunId::from_uuid(Uuid::from_u128(id)), |run| run.view().state = RunState::Complete);
    }
    pump.await.unwrap();
    let window = window.lock().unwrap();
    assert!(window.done);
    assert_eq!(window.texts.len(), 8);
    assert!(window.texts.values().all(|text| *text == expected));
    assert!(window.batches <= 63, "{} batches in one second", window.batches);
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_comes_late_starts_with_what_is_there() {
    let turn = live_turn();
    turn.add_run(run_view(1), CancellationToken::new());
    let id = RunId::from_uuid(Uuid::from_u128(1));
    turn.update(id, |run| run.append_text("already here"));
    let (first, sink) = window();
    turn.add_channel(sink);
    turn.send(false);
    let (late, sink) = window();
    turn.add_channel(sink);
    turn.update(id, |run| run.append_text(", and more"));
    turn.send(false);
    for seen in [first, late] {
        assert_eq!(seen.lock().unwrap().texts[&id], "already here, and more");
    }
}

#[test]
fn a_window_that_went_away_is_forgotten() {
    let turn = live_turn();
    turn.add_run(run_view(1), CancellationToken::new());
    turn.add_channel(Box::new(|_| false));
    turn.send(false);
    assert!(turn.lock().channels.is_empty());
}

proptest! {
    #[test]
    fn any_text_in_any_pieces_arrives_whole(pieces in prop::collection::vec((".{0,40}", any::<bool>()), 0..40)) {
        let turn = live_turn();
        turn.add_run(run_view(1), CancellationToken::new());
        let id = RunId::from_uuid(Uuid::from_u128(1));
        let (window, sink) = window();
        turn.add_channel(sink);
        let mut expected = String::new();
        for (piece, frame_ends) in pieces {
            turn.update(id, |run| run.append_text(&piece));
            expected.push_str(&piece);
            if frame_ends {
                turn.send(false);
            }
        }
        turn.send(false);
        prop_assert_eq!(&window.lock().unwrap().texts[&id], &expected);
    }
}

#[test]
fn a_long_text_is_cut_between_characters() {
    let turn = live_turn();
    turn.add_run(run_view(1), CancellationToken::new());
    let id = RunId::from_uuid(Uuid::from_u128(1));
    let (window, sink) = window();
    turn.add_channel(sink);
    turn.send(false);
    let text = "漢字🙂".repeat(20_000);
    turn.update(id, |run| run.append_text(&text));
    turn.send(false);
    assert_eq!(window.lock().unwrap().texts[&id], text);
}

/// The events of one batch, by their kinds.
fn kinds(batches: &Arc<Mutex<Vec<TurnBatch>>>) -> Vec<&'static str> {
    let mut batches = batches.lock().expect("nobody panicked");
    let events = batches.drain(..).flat_map(|batch| batch.events);
    events
        .map(|event| match event {
            RunEvent::Snapshot { .. } => "snapshot",
            RunEvent::State { .. } => "state",
            RunEvent::Text { .. } => "text",
            RunEvent::Waiting { waiting: Some(_), .. } => "waiting",
            RunEvent::Waiting { waiting: None, .. } => "waits no more",
            RunEvent::Retrying { .. } => "retrying",
            _ => "other",
        })
        .collect()
}

#[test]
fn another_model_is_told_as_a_whole_and_text_goes_on_behind_it() {
    let turn = live_turn();
    let begun = RunView { text: "Half an".into(), ..run_view(2) };
    let id = begun.id;
    turn.add_run(begun, CancellationToken::new());
    turn.for_each_unsaved(|_| panic!("what a run goes on from stands in its row already"));
    let batches: Arc<Mutex<Vec<TurnBatch>>> = Arc::default();
    let kept = Arc::clone(&batches);
    turn.add_channel(Box::new(move |batch| {
        kept.lock().expect("nobody panicked").push(batch);
        true
    }));
    turn.send(false);
    assert_eq!(kinds(&batches), ["snapshot"]);
    turn.update(id, |run| {
        run.view().provider = "afar".into();
        run.append_text(" answer");
        run.restate();
    });
    turn.send(false);
    assert_eq!(kinds(&batches), ["snapshot"], "the text is in it");
    turn.update(id, |run| run.append_text("."));
    turn.send(false);
    assert_eq!(kinds(&batches), ["text"]);
}

#[test]
fn a_wait_is_told_once_and_its_end_too() {
    let turn = live_turn();
    let view = run_view(2);
    let id = view.id;
    turn.add_run(view, CancellationToken::new());
    let batches: Arc<Mutex<Vec<TurnBatch>>> = Arc::default();
    let kept = Arc::clone(&batches);
    turn.add_channel(Box::new(move |batch| {
        kept.lock().expect("nobody panicked").push(batch);
        true
    }));
    turn.send(false);
    kinds(&batches);
    let wait = WaitView { reason: "place".into(), until: UnixMs(9), text: "Waiting.".into(), saying: None };
    for _ in 0..3 {
        turn.update(id, |run| run.waiting(Some(wait.clone())));
        turn.send(false);
    }
    assert_eq!(kinds(&batches), ["waiting"]);
    turn.update(id, |run| run.waiting(None));
    turn.send(false);
    assert_eq!(kinds(&batches), ["waits no more"]);
}

#[test]
fn calls_of_tools_are_checkpointed_with_their_ids_once_their_arguments_come() {
    let turn = live_turn();
    let view = run_view(3);
    let id = view.id;
    turn.add_run(view, CancellationToken::new());
    let unsaved = || {
        let mut found = None;
        turn.for_each_unsaved(|unsaved| {
            found = Some((
                unsaved
                    .tool_calls
                    .map(|calls| calls.into_iter().map(|call| (call.id, call.arguments)).collect::<Vec<_>>()),
                unsaved.all,
            ));
        });
        found
    };
    turn.update(id, |run| {
        run.begin_tool_call(0, Some("a"), "weather");
        run.begin_tool_call(1, None, "time");
        run.append_arguments(0, r#"{"city""#);
    });
    let (calls, all) = unsaved().unwrap();
    assert_eq!(calls.unwrap(), [(Some("a".to_owned()), r#"{"city""#.to_owned())], "one has none yet");
    turn.set_stored(id, all);
    assert!(unsaved().is_none(), "nothing is written twice");
    turn.update(id, |run| run.append_text("Well"));
    assert_eq!(unsaved().unwrap().0, None, "text alone does not write the calls again");
    turn.update(id, |run| run.append_arguments(1, "{}"));
    assert_eq!(unsaved().unwrap().0.unwrap()[1], (None, "{}".to_owned()));
}
