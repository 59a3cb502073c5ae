//! A process that is killed somewhere in a chain of fallbacks: whatever it was doing, the books add up afterwards.
//!
//! The child is this very test binary. It asks a ladder of three models, which the parent plays, and says what its window is
//! told; the parent kills it at a given point and opens its data folder.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

use roundtable_domain::{PicoUsd, RunState, WireApi};
use roundtable_emulator::{Behaviour, Emulator, EmulatorOptions, Pace, RetryAfter};
use roundtable_engine::view::{MoneyChoice, NewProvider, OwnPrice, RunEvent, RunView};
use roundtable_engine::{Clock, Engine, LedgerEntry, LedgerFilter, SystemClock};
use roundtable_store::{Attempt, OpenOptions, Reservation, Settlement, Store};
use roundtable_tests::options;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{Duration, timeout};

/// How long a child may take to come to its point.
const LONGEST: Duration = Duration::from_secs(30);

/// Names the data folder to the child.
const CHILD: &str = "ROUNDTABLE_TEST_CHILD";

/// The providers, each on a wire and a host of its own. Anthropic says with its first frame what the prompt is charged at.
const PROVIDERS: [(&str, WireApi, &str); 3] = [
    ("alpha", WireApi::OpenaiChat, "/v1"),
    ("beta", WireApi::AnthropicMessages, "/v1"),
    ("gamma", WireApi::Ollama, ""),
];

/// What each asks for a million tokens of a prompt and of an answer, in dollars.
const PRICES: [(i64, i64); 3] = [(3, 15), (7, 40), (2, 9)];

const MODEL: &str = "swift";

const CHAIN: &str = "echelon1:
  models: [alpha/swift]
  max_retries: 1
echelon2:
  models: [beta/swift]
echelon3:
  models: [gamma/swift]
fallback_config:
  strategy: echelon_down
  max_attempts: 6
";

/// When the child is killed.
enum Point {
    /// A provider has received so many requests.
    Arrived(usize, usize),
    /// The child's window was told something that begins so.
    Told(&'static str),
    /// The child's window was told so many things.
    Times(usize),
}

/// A point of the chain, and the calls as they have to stand in the database afterwards.
struct Case {
    name: &'static str,
    scripts: [Vec<Behaviour>; 3],
    point: Point,
    calls: &'static [&'static str],
}

fn cases() -> Vec<Case> {
    let again = || vec![Behaviour::Status500, Behaviour::Status500];
    let late = || vec![Behaviour::QuotaAfterRole];
    let silent = || vec![Behaviour::NoReply];
    let case = |name, scripts, point, calls| Case { name, scripts, point, calls };
    let patient = Behaviour::Status429(RetryAfter::Seconds(15));
    let endless = Behaviour::Burst { tokens: 100_000, tokens_per_second: 200, token: "word".into() };
    vec![
        case(
            "the first call is under way",
            [silent(), vec![], vec![]],
            Point::Arrived(0, 1),
            &["alpha interrupted booked"],
        ),
        case(
            "a wait before the same model is tried again",
            [vec![patient], vec![], vec![]],
            Point::Told("retrying"),
            &["alpha failed"],
        ),
        case(
            "it is tried again",
            [vec![Behaviour::Status500, Behaviour::NoReply], vec![], vec![]],
            Point::Arrived(0, 2),
            &["alpha failed", "alpha interrupted booked"],
        ),
        case(
            "the fallback is under way",
            [again(), silent(), vec![]],
            Point::Arrived(1, 1),
            &["alpha failed", "alpha failed", "beta interrupted booked"],
        ),
        case(
            "the fallback has begun and said nothing",
            [again(), vec![Behaviour::PingsForever { every_ms: 50 }], vec![]],
            Point::Told("state Preamble"),
            &["alpha failed", "alpha failed", "beta interrupted booked"],
        ),
        case(
            "the next fallback, after one that is charged although it failed",
            [again(), late(), silent()],
            Point::Arrived(2, 1),
            &["alpha failed", "alpha failed", "beta failed booked", "gamma interrupted booked"],
        ),
        case(
            "in the middle of the answer",
            [again(), late(), vec![endless]],
            Point::Told("much text"),
            &["alpha failed", "alpha failed", "beta failed booked", "gamma interrupted booked"],
        ),
        case(
            "the answer is there",
            [again(), late(), vec![]],
            Point::Told("finished"),
            &["alpha failed", "alpha failed", "beta failed booked", "gamma complete booked"],
        ),
    ]
}

#[tokio::test]
async fn a_ledger_adds_up_wherever_a_chain_is_killed() {
    if let Ok(folder) = std::env::var(CHILD) {
        return ask_until_killed(folder.as_ref()).await;
    }
    for Case { name, scripts, point, calls } in cases() {
        let left = kill("a_ledger_adds_up_wherever_a_chain_is_killed", scripts, &point).await;
        assert_eq!(left.calls(), calls, "{name}");
        left.check(name);
    }
}

/// As many points as the window is told something, wherever they fall between the writes.
#[tokio::test]
async fn a_ledger_adds_up_after_any_number_of_news() {
    if let Ok(folder) = std::env::var(CHILD) {
        return ask_until_killed(folder.as_ref()).await;
    }
    for times in 1.. {
        let scripts = [
            vec![Behaviour::Status429(RetryAfter::Milliseconds(40)), Behaviour::Status500],
            vec![Behaviour::QuotaAfterRole],
            vec![Behaviour::Burst { tokens: 8, tokens_per_second: 60, token: "word".into() }],
        ];
        let name = "a_ledger_adds_up_after_any_number_of_news";
        let left = kill(name, scripts, &Point::Times(times)).await;
        left.check(&format!("after {times} news"));
        if left.is_over {
            assert!(times > 5, "only {times} news of a chain of four calls");
            return;
        }
    }
}

/// What a killed process has left, as the next one finds it.
struct Left {
    run: RunView,
    attempts: Vec<Attempt>,
    entries: Vec<LedgerEntry>,
    reservations: Vec<Reservation>,
    /// Questions that arrived at the providers.
    requests: usize,
    /// The same, opened once more.
    again: (Vec<LedgerEntry>, Vec<Reservation>),
    /// The child had come to its end before it was killed.
    is_over: bool,
}

impl Left {
    fn is_booked(&self, attempt: &Attempt) -> bool {
        self.entries.iter().any(|entry| entry.attempt_id == attempt.id)
    }

    fn calls(&self) -> Vec<String> {
        let call = |attempt: &Attempt| {
            let booked = if self.is_booked(attempt) { " booked" } else { "" };
            format!("{} {}{booked}", attempt.provider, attempt.state.as_str())
        };
        self.attempts.iter().map(call).collect()
    }

    /// What holds at every point.
    fn check(&self, name: &str) {
        assert!(self.run.state.is_final(), "{name}: it still runs");
        let sent = self.attempts.len();
        assert!(
            self.requests == sent || self.requests + 1 == sent,
            "{name}: {} requests, {sent} attempts: what is not written down is not sent",
            self.requests
        );
        let mut sum = PicoUsd::ZERO;
        for entry in &self.entries {
            let same = self.entries.iter().filter(|other| other.attempt_id == entry.attempt_id);
            assert_eq!(same.count(), 1, "{name}: a call is booked twice");
            assert!(self.attempts.iter().any(|attempt| attempt.id == entry.attempt_id), "{name}");
            assert_eq!(entry.cost.usd, Some(priced(entry)), "{name}: at the price of {}", entry.provider);
            sum = sum.checked_add(entry.cost.usd.unwrap()).unwrap();
        }
        for attempt in &self.attempts {
            // A call that was charged before it failed, one that answered, and one nobody knows the end of.
            let is_charged = match attempt.state {
                RunState::Failed => attempt.provider == "beta",
                _ => true,
            };
            assert_eq!(self.is_booked(attempt), is_charged, "{name}: {:?}", self.calls());
        }
        let shown = self.run.cost.as_ref().and_then(|cost| cost.usd.as_ref()).map(|usd| usd.parse().unwrap());
        // A run that had ended by itself without a charge says nothing of money; one that was cut off says that it cost nothing.
        let expected = (self.run.state == RunState::Interrupted || !self.entries.is_empty()).then_some(sum);
        assert_eq!(shown, expected, "{name}: {:?}", self.calls());
        for one in &self.reservations {
            let attempt = self.attempts.iter().find(|attempt| Some(attempt.id) == one.attempt_id);
            let is_booked = attempt.is_some_and(|attempt| self.is_booked(attempt));
            let settlement = one.settlement;
            assert_eq!(
                settlement.is_some_and(|how| how != Settlement::Released),
                is_booked,
                "{name}: {one:?}"
            );
            assert!(settlement.is_some(), "{name}: money stays set aside");
        }
        assert_eq!(self.again, (self.entries.clone(), self.reservations.clone()), "{name}: recovered twice");
    }
}

/// Whole pico-dollars of the tokens that were booked, at the price of whoever was called.
fn priced(entry: &LedgerEntry) -> PicoUsd {
    let at = PROVIDERS.iter().position(|(id, ..)| *id == entry.provider).unwrap();
    let tokens = |count: Option<u64>| i64::try_from(count.unwrap()).unwrap();
    let (input, output) = PRICES[at];
    let (read, written) = (tokens(entry.usage.input), tokens(entry.usage.output));
    PicoUsd::from_pico((read * input + written * output) * 1_000_000)
}

async fn kill(test: &str, scripts: [Vec<Behaviour>; 3], point: &Point) -> Left {
    let folder = tempfile::tempdir().unwrap();
    let mut emulators = Vec::new();
    for script in scripts {
        let options = EmulatorOptions { pace: Pace::Instant, ..EmulatorOptions::default() };
        let emulator = Emulator::start(options).await.unwrap();
        emulator.script(MODEL, script);
        emulators.push(emulator);
    }
    set_up(folder.path(), &emulators).await;
    let (child, mut news) = start(test, folder.path());
    let mut child = KilledInTheEnd(child);
    let reached = timeout(LONGEST, reach(point, &emulators, &mut news)).await;
    let is_over = reached.expect("the child never came to its point");
    child.0.kill().unwrap();
    child.0.wait().unwrap();
    let (run, attempts, entries, reservations) = open(folder.path()).await;
    let (_, _, entries_again, reservations_again) = open(folder.path()).await;
    let requests = emulators.iter().map(|emulator| questions(&emulator.requests())).sum();
    let again = (entries_again, reservations_again);
    Left { run, attempts, entries, reservations, requests, again, is_over }
}

/// Waits for a point. Gives whether the child has come to its end with it.
async fn reach(point: &Point, emulators: &[Emulator], news: &mut UnboundedReceiver<String>) -> bool {
    match point {
        Point::Arrived(provider, times) => {
            emulators[*provider].until(|requests| questions(requests) == *times).await;
            false
        }
        Point::Told(beginning) => {
            until(news, |line| line.starts_with(beginning)).await;
            false
        }
        Point::Times(times) => {
            let mut left = *times;
            let last = until(news, |line| {
                left -= 1;
                left == 0 || line == "finished"
            });
            last.await == "finished"
        }
    }
}

/// A child that outlives a failed assertion would wait for ever.
struct KilledInTheEnd(Child);

impl Drop for KilledInTheEnd {
    fn drop(&mut self) {
        // It is gone already when everything went well.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Requests that ask a model something; looks at models are none.
fn questions(requests: &[roundtable_emulator::CapturedRequest]) -> usize {
    requests.iter().filter(|request| request.method == "POST" && request.path != "/api/show").count()
}

async fn until(news: &mut UnboundedReceiver<String>, mut wanted: impl FnMut(&str) -> bool) -> String {
    loop {
        let line = news.recv().await.expect("the child ended before it was killed");
        if wanted(&line) {
            return line;
        }
    }
}

async fn set_up(folder: &Path, emulators: &[Emulator]) {
    let groups = folder.join("config/groups");
    std::fs::create_dir_all(&groups).unwrap();
    std::fs::write(groups.join("chain.yaml"), CHAIN).unwrap();
    let engine = Engine::open(options(folder, Pace::Instant)).await.unwrap();
    for (((id, api, path), (input, output)), emulator) in PROVIDERS.into_iter().zip(PRICES).zip(emulators) {
        let provider = NewProvider {
            id: Some(id.to_owned()),
            name: id.to_owned(),
            dialect: "custom".to_owned(),
            api: Some(api),
            base_url: format!("{}{path}", emulator.base_url()),
            plain_http_confirmed: false,
        };
        engine.save_provider(provider).await.unwrap();
        let (input, output) = (input.to_string(), output.to_string());
        let price = OwnPrice { input, output, cache_read: None, cache_write: None };
        engine.set_own_price(&format!("{id}/{MODEL}"), Some(price)).await.unwrap();
    }
    engine.shutdown().await;
}

/// Everything that is in the folder of one question, opened by a new process.
async fn open(folder: &Path) -> (RunView, Vec<Attempt>, Vec<LedgerEntry>, Vec<Reservation>) {
    let engine = Engine::open(options(folder, Pace::Instant)).await.unwrap();
    let list = engine.list_conversations().await.unwrap();
    let stored = engine.open_conversation(list[0].id).await.unwrap();
    let run = stored.turns[0].runs[0].clone();
    let entries = engine.ledger_entries(&LedgerFilter::default(), 50).await.unwrap();
    let open = OpenOptions { now: SystemClock.now(), backup_dir: engine.data_dir().backups() };
    let store = Store::open(&engine.data_dir().database(), open).await.unwrap();
    let attempts = store.attempts().list(run.id).await.unwrap();
    let reservations = store.reservations().list(run.id).await.unwrap();
    store.close().await;
    engine.shutdown().await;
    (run, attempts, entries, reservations)
}

/// The child, and what it says.
fn start(test: &str, folder: &Path) -> (Child, UnboundedReceiver<String>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("killed::{test}"), "--nocapture"])
        .env(CHILD, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (sender, receiver) = unbounded_channel();
    thread::spawn(move || {
        let news = lines.map_while(Result::ok);
        for line in news.filter_map(|line| line.split_once("told ").map(|(_, what)| what.to_owned())) {
            // Nobody listens any more once the child is to be killed.
            let _ = sender.send(line);
        }
    });
    (child, receiver)
}

/// The life of the child: asks, says what its window is told, and waits to be killed.
async fn ask_until_killed(folder: &Path) {
    let engine = Engine::open(options(folder, Pace::Instant)).await.unwrap();
    for (id, ..) in PROVIDERS {
        engine.set_key(id, "sk-0123456789abcdef".to_owned().into()).await.unwrap();
    }
    let conversation = engine.create_conversation(&["chain".to_owned()]).await.unwrap();
    let mut length = 0;
    let sink = move |batch: roundtable_engine::view::TurnBatch| {
        for event in batch.events {
            let news = match event {
                RunEvent::Snapshot { run: RunView { state, .. } } | RunEvent::State { state, .. } => {
                    format!("state {state:?}")
                }
                RunEvent::Retrying { attempt, .. } => format!("retrying {attempt}"),
                RunEvent::Waiting { .. } => "waiting".to_owned(),
                RunEvent::Text { delta, .. } => {
                    length += delta.len();
                    if length > 1_000 { "much text" } else { "text" }.to_owned()
                }
                RunEvent::Finished { .. } => "finished".to_owned(),
                RunEvent::Reasoning { .. } | RunEvent::ToolCalls { .. } => continue,
            };
            println!("told {news}");
        }
        true
    };
    let id = conversation.summary.id;
    engine
        .start_turn(id, "Why is the sky blue?", &[], &[], MoneyChoice::default(), Box::new(sink))
        .await
        .unwrap();
    std::future::pending::<()>().await;
}
