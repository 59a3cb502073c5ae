//! Eight lanes in one turn through the real engine and its database, into one channel, as the window would follow it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use roundtable_domain::{RunId, RunState, WireApi};
use roundtable_engine::view::{MoneyChoice, NewProvider, RunEvent, RunView, TurnBatch};
use roundtable_engine::{Engine, TurnSink};
use roundtable_tests::options;
use tokio::sync::Notify;

use crate::clock::process_cpu;
use crate::figures::{Samples, aim, line, micros};
use crate::peer::{FLOOD_TOKENS, Peer, STEADY_RATE, TOKEN, numbered};

pub(crate) const LANES: usize = 8;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn run(peer: &Peer, seconds: u64) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let engine = Engine::open(options(folder.path(), roundtable_engine::Pace::Instant)).await.unwrap();
    let provider = NewProvider {
        id: Some("bench".into()),
        name: "Bench".into(),
        dialect: "custom".into(),
        api: Some(WireApi::OpenaiChat),
        base_url: peer.base_url(WireApi::OpenaiChat),
        plain_http_confirmed: false,
    };
    engine.save_provider(provider).await.unwrap();
    engine.set_key("bench", "sk-bench-0123456789".to_owned().into()).await.unwrap();

    let steady = stream(&engine, "bench/steady", seconds * u64::from(STEADY_RATE)).await;
    steady.report(&format!("{LANES} lanes x {STEADY_RATE} tokens/s, {seconds} s"));
    steady.report_lag();
    let flood = stream(&engine, "bench/flood", FLOOD_TOKENS).await;
    flood.report(&format!("{LANES} lanes x {FLOOD_TOKENS} tokens as fast as they come"));
    engine.shutdown().await;
}

/// What one turn looked like from the window.
struct Turn {
    channel: Channel,
    tokens: u64,
    wall: Duration,
    cpu: Duration,
    wrong: usize,
}

async fn stream(engine: &Engine, target: &str, tokens: u64) -> Turn {
    let conversation = engine.create_conversation(&vec![target.to_owned(); LANES]).await.unwrap();
    let follower = Follower::default();
    let (started, cpu) = (Instant::now(), process_cpu());
    let turn = engine
        .start_turn(conversation.summary.id, "Count.", &[], &[], MoneyChoice::default(), follower.sink())
        .await
        .unwrap();
    follower.done.notified().await;
    let (wall, cpu) = (started.elapsed(), process_cpu().saturating_sub(cpu));
    let channel = std::mem::take(&mut *follower.channel.lock().unwrap());
    let stored = engine.open_conversation(conversation.summary.id).await.unwrap();
    let expected = numbered(tokens);
    let seen = turn.runs.iter().map(|run| channel.lanes[&run.id].text.as_str());
    let stored_runs: Vec<&RunView> = stored.turns.iter().flat_map(|turn| &turn.runs).collect();
    assert!(stored_runs.len() == LANES && stored_runs.iter().all(|run| run.state == RunState::Complete));
    let texts = seen.chain(stored_runs.iter().map(|run| run.text.as_str()));
    let wrong = texts.map(|text| differing(text, &expected)).sum();
    Turn { channel, tokens, wall, cpu, wrong }
}

/// Characters that are missing, too many or not where they belong.
pub(crate) fn differing(text: &str, expected: &str) -> usize {
    let pairs = text.chars().zip(expected.chars()).filter(|(one, other)| one != other).count();
    pairs + text.chars().count().abs_diff(expected.chars().count())
}

impl Turn {
    fn report(&self, name: &str) {
        let batches = self.channel.batches.len();
        let span =
            self.channel.batches.last().zip(self.channel.batches.first()).map(|(last, first)| *last - *first);
        let per_second = batches.saturating_sub(1) as f64 / span.unwrap_or_default().as_secs_f64();
        let tokens = (self.tokens * LANES as u64) as f64;
        println!("  {name}");
        line(
            "batches on the channel",
            &format!("{per_second:>8.1} /s   {} {batches} in all", aim(per_second <= 61.0, "60/s")),
        );
        let cpu = micros(self.cpu);
        line(
            "processor, the whole engine",
            &format!("{:>8.1} %    {:.2} us a token", 100.0 * cpu / micros(self.wall), cpu / tokens),
        );
        line("tokens through the channel", &format!("{:>8.0} /s", tokens / self.wall.as_secs_f64()));
        line(
            "characters dropped or out of order",
            &format!("{:>8}      {}", self.wrong, aim(self.wrong == 0, "0")),
        );
    }

    /// A token is due a fixed time after the one before. How much later it came than the luckiest of its lane is its wait,
    /// and the first of a batch has waited longest.
    fn report_lag(&self) {
        let mut lag = Samples::default();
        for lane in self.channel.lanes.values() {
            let gap = Duration::from_secs(1) / STEADY_RATE;
            let late = |number: u32, at: Duration| at.saturating_sub(gap * number);
            let best = lane.seen.iter().map(|seen| late(seen.last, seen.at)).min().unwrap_or_default();
            for seen in &lane.seen {
                lag.push(late(seen.first, seen.at).saturating_sub(best));
            }
        }
        let figures = format!(
            "p50 {:>5.1} ms   p99 {:>5.1} ms   (a frame is 16.7 ms)",
            lag.p50() / 1e3,
            lag.p99() / 1e3
        );
        line("the longest wait in a batch", &figures);
    }
}

#[derive(Default)]
struct Channel {
    batches: Vec<Instant>,
    lanes: HashMap<RunId, Lane>,
}

#[derive(Default)]
struct Lane {
    text: String,
    /// UTF-16 length of `text`; it is plain ASCII.
    length: u32,
    seen: Vec<Seen>,
}

/// What one batch brought of a lane: numbers of tokens.
struct Seen {
    first: u32,
    last: u32,
    at: Duration,
}

#[derive(Clone, Default)]
struct Follower {
    channel: Arc<Mutex<Channel>>,
    done: Arc<Notify>,
}

impl Follower {
    fn sink(&self) -> TurnSink {
        let follower = self.clone();
        let started = Instant::now();
        let mut next = 0;
        Box::new(move |batch| {
            assert_eq!(batch.seq, next, "a batch was lost or reordered");
            next += 1;
            follower.apply(batch, started.elapsed());
            true
        })
    }

    fn apply(&self, batch: TurnBatch, at: Duration) {
        let mut channel = self.channel.lock().unwrap();
        channel.batches.push(Instant::now());
        for event in batch.events {
            match event {
                RunEvent::Snapshot { run } => {
                    let length = u32::try_from(run.text.len()).unwrap();
                    channel.lanes.insert(run.id, Lane { text: run.text, length, seen: Vec::new() });
                }
                RunEvent::Text { run_id, offset, delta } => {
                    channel.lanes.get_mut(&run_id).unwrap().append(offset, &delta, at);
                }
                _ => {}
            }
        }
        if batch.done {
            self.done.notify_one();
        }
    }
}

impl Lane {
    fn append(&mut self, offset: u32, delta: &str, at: Duration) {
        assert_eq!(offset, self.length, "text was dropped or doubled");
        self.length += u32::try_from(delta.len()).unwrap();
        self.text.push_str(delta);
        let number = |word: &str| word.strip_prefix(TOKEN)?.parse().ok();
        let mut words = delta.split_whitespace();
        if let Some(first) = words.next().and_then(number) {
            let last = words.next_back().and_then(number).unwrap_or(first);
            self.seen.push(Seen { first, last, at });
        }
    }
}
