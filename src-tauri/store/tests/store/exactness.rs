//! Whatever the order of events, an answer's text is what was sent.

use proptest::prelude::*;
use roundtable_domain::RunState;
use roundtable_store::{RunCheckpoint, StoreError};

use crate::support::{Begun, Room, begin, checkpoint, conversation, cost, finished};

const LANES: usize = 3;

#[derive(Clone, Debug)]
enum Step {
    /// Text and reasoning arrive in a lane.
    Arrive(usize, String, String),
    /// All lanes with news are checkpointed.
    Tick,
    /// The last tick is sent again, as after an error at commit.
    RepeatTick,
    /// A lane ends.
    Finish(usize),
    /// The process dies and another one takes over.
    Crash,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let piece = || proptest::string::string_regex("[a-zß\u{1F600}\0'\n]{0,12}").unwrap();
    let step = prop_oneof![
        6 => (0..LANES, piece(), piece()).prop_map(|(lane, text, reasoning)| Step::Arrive(lane, text, reasoning)),
        4 => Just(Step::Tick),
        1 => Just(Step::RepeatTick),
        1 => (0..LANES).prop_map(Step::Finish),
    ];
    (proptest::collection::vec(step, 1..25), any::<bool>()).prop_map(|(mut steps, crash)| {
        if crash {
            steps.push(Step::Crash);
        }
        steps
    })
}

/// What the engine knows of a run.
struct Lane {
    begun: Begun,
    text: String,
    reasoning: String,
    saved: (usize, usize),
    finished: bool,
}

impl Lane {
    fn news(&self) -> Option<RunCheckpoint> {
        let (text, reasoning) = (&self.text[self.saved.0..], &self.reasoning[self.saved.1..]);
        if self.finished || (text.is_empty() && reasoning.is_empty()) {
            return None;
        }
        let at = |offset: usize| u64::try_from(offset).unwrap();
        Some(checkpoint(self.begun.run, (at(self.saved.0), text), (at(self.saved.1), reasoning)))
    }
}

async fn play(steps: Vec<Step>) {
    let room = Room::new().await;
    let (conversation, ids) = conversation(&room.store, &["a/1", "a/2", "a/3"], 1).await;
    let begun = begin(&room.store, conversation, &ids, "hi", 2).await;
    let mut lanes: Vec<Lane> = begun
        .into_iter()
        .map(|begun| Lane {
            begun,
            text: String::new(),
            reasoning: String::new(),
            saved: (0, 0),
            finished: false,
        })
        .collect();
    let mut last_tick: Vec<RunCheckpoint> = Vec::new();
    for step in steps {
        match step {
            Step::Arrive(at, text, reasoning) => {
                if !lanes[at].finished {
                    lanes[at].text.push_str(&text);
                    lanes[at].reasoning.push_str(&reasoning);
                }
            }
            Step::Tick => {
                last_tick = lanes.iter().filter_map(Lane::news).collect();
                room.store.checkpoint_runs(&last_tick).await.unwrap();
                for lane in &mut lanes {
                    lane.saved = (lane.text.len(), lane.reasoning.len());
                }
            }
            Step::RepeatTick => {
                let live = last_tick
                    .iter()
                    .any(|one| lanes.iter().any(|lane| lane.begun.run == one.run_id && !lane.finished));
                let outcome = room.store.checkpoint_runs(&last_tick).await;
                assert_eq!(matches!(outcome, Err(StoreError::CheckpointGap { .. })), live, "{outcome:?}");
            }
            Step::Finish(at) => {
                let mut end = finished(&lanes[at].begun, &lanes[at].text, cost(1));
                end.reasoning = lanes[at].reasoning.clone();
                let outcome = room.store.finish_run(&end).await.unwrap();
                assert_eq!(outcome.run_written, !lanes[at].finished);
                lanes[at].finished = true;
            }
            Step::Crash => {
                room.store.recover(roundtable_domain::UnixMs(50), |_| false).await.unwrap();
            }
        }
        check(&room, &lanes).await;
    }
}

async fn check(room: &Room, lanes: &[Lane]) {
    for lane in lanes {
        let run = room.store.runs().get(lane.begun.run).await.unwrap();
        let (text, reasoning) =
            if lane.finished { (lane.text.len(), lane.reasoning.len()) } else { lane.saved };
        assert_eq!(run.text, lane.text[..text]);
        assert_eq!(run.reasoning, lane.reasoning[..reasoning]);
        assert_eq!(run.state == RunState::Complete, lane.finished);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn text_is_exact_under_any_interleaving(steps in steps()) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(play(steps));
    }
}
