//! One cell of the table, played: two emulators, an engine on a folder of its own, one question, and everything that can be
//! known of it afterwards.

use std::sync::Arc;

use roundtable_domain::{Params, Timeouts, UnixMs, WireApi};
use roundtable_emulator::{Behaviour, Emulator, EmulatorOptions, Pace};
use roundtable_engine::view::{MoneyChoice, NewProvider, OwnPrice, RunView, TraceView};
use roundtable_engine::{
    AskTarget, Attempt, Clock, Engine, LedgerEntry, LedgerFilter, Options, Question, SystemClock, Tools,
};
use roundtable_store::{OpenOptions, Reservation, Store};
use roundtable_tests::{Window, options};
use serde_json::Value;
use uuid::Uuid;

use super::faults::Fault;

/// What the first model says when it is well.
pub const FIRST_TEXT: &str = "The first model is well.";
/// What the second model says.
pub const SECOND_TEXT: &str = "The second one answers.";
/// The longest answer, in tokens: what the first model says by itself is longer, so a slow answer has so many.
pub const LONGEST: u32 = 12;
/// How long nothing may come, in milliseconds. Only the pings ever reach it.
const PATIENCE_MS: u64 = 900;
/// How long a whole answer may take: longer than a slow one does.
const WHOLE_PATIENCE_MS: u64 = 1_800;

/// The provider and the model that has the fault, and the ones that are well.
pub const FIRST: (&str, &str) = ("first", "swift");
pub const SECOND: (&str, &str) = ("second", "poet");

/// Dollars per million tokens, of prompts and of answers: two models that cannot be mistaken for each other in the books.
pub const FIRST_PRICE: (i64, i64) = (3, 15);
pub const SECOND_PRICE: (i64, i64) = (7, 40);

/// Two rungs. The first is tried again once, so that trying again and going on are both seen.
const LADDER: &str = "echelon1:
  models: [first/swift]
  max_retries: 1
echelon2:
  models: [second/poet]
fallback_config:
  strategy: echelon_down
  max_attempts: 4
";

/// The wires, in the order of the table. The second model of a ladder speaks the next one, so that a fallback crosses wires.
pub const WIRES: [WireApi; 6] = [
    WireApi::OpenaiChat,
    WireApi::OpenaiResponses,
    WireApi::OpenaiCompletions,
    WireApi::AnthropicMessages,
    WireApi::Gemini,
    WireApi::Ollama,
];

/// How the question is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// One model, which has the fault once.
    Retry,
    /// A ladder of two models, of which the first always has the fault.
    Fallback,
    /// One model, which always has the fault.
    Single,
    /// The ladder, whose file says that another model goes on where one breaks off.
    GoesOn,
    /// One model, which always has the fault, asked for its answer in one piece.
    Whole,
}

impl Way {
    /// The file of the group.
    fn ladder(self) -> Option<String> {
        match self {
            Self::Retry | Self::Single | Self::Whole => None,
            Self::Fallback => Some(LADDER.to_owned()),
            Self::GoesOn => Some(format!("{LADDER}  after_commit: continue\n")),
        }
    }
}

/// Everything that can be known of it.
pub struct Seen {
    pub run: RunView,
    pub attempts: Vec<Attempt>,
    /// Oldest first.
    pub entries: Vec<LedgerEntry>,
    pub reservations: Vec<Reservation>,
    pub trace: TraceView,
    /// The bodies of the questions that arrived at the first and the second provider.
    pub requests: (Vec<Value>, Vec<Value>),
}

/// The machine's clock without chance: no wait is longer than it has to be.
struct Certain;

impl Clock for Certain {
    fn now(&self) -> UnixMs {
        SystemClock.now()
    }

    fn new_id(&self) -> Uuid {
        SystemClock.new_id()
    }

    fn jitter(&self) -> u64 {
        0
    }
}

/// Plays one cell.
pub async fn play(wire: usize, fault: &Fault, way: Way) -> Seen {
    let emulators = (emulator().await, emulator().await);
    let well = |text: &str| Behaviour::Reply { text: text.to_owned(), reasoning: None };
    emulators.0.script_always(FIRST.1, well(FIRST_TEXT));
    emulators.1.script_always(SECOND.1, well(SECOND_TEXT));
    match way {
        Way::Retry => emulators.0.script(FIRST.1, vec![(fault.behaviour)()]),
        Way::Fallback | Way::Single | Way::GoesOn | Way::Whole => {
            emulators.0.script_always(FIRST.1, (fault.behaviour)());
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let ladder = way.ladder();
    if let Some(ladder) = &ladder {
        let groups = folder.path().join("config/groups");
        std::fs::create_dir_all(&groups).unwrap();
        std::fs::write(groups.join("ladder.yaml"), ladder).unwrap();
    }
    let options = Options { clock: Arc::new(Certain), ..options(folder.path(), Pace::Instant) };
    let engine = Engine::open(options).await.unwrap();
    set_up(&engine, FIRST, WIRES[wire], &emulators.0, FIRST_PRICE).await;
    set_up(&engine, SECOND, WIRES[(wire + 1) % WIRES.len()], &emulators.1, SECOND_PRICE).await;
    let target = if ladder.is_some() { "ladder".to_owned() } else { format!("{}/{}", FIRST.0, FIRST.1) };
    let (run, attempts) = ask(&engine, target, way).await;
    let trace = engine.explain_run(run.id).await.unwrap().expect("every run has its trace");
    let mut entries = engine.ledger_entries(&LedgerFilter::default(), 50).await.unwrap();
    entries.reverse();
    let open = OpenOptions { now: SystemClock.now(), backup_dir: engine.data_dir().backups() };
    let store = Store::open(&engine.data_dir().database(), open).await.unwrap();
    let reservations = store.reservations().list(run.id).await.unwrap();
    store.close().await;
    engine.shutdown().await;
    let requests = (asked(&emulators.0), asked(&emulators.1));
    Seen { run, attempts, entries, reservations, trace, requests }
}

async fn emulator() -> Emulator {
    Emulator::start(EmulatorOptions { pace: Pace::Instant, ..EmulatorOptions::default() }).await.unwrap()
}

async fn set_up(
    engine: &Engine,
    (id, model): (&str, &str),
    api: WireApi,
    emulator: &Emulator,
    price: (i64, i64),
) {
    let path = match api {
        WireApi::Ollama => "",
        WireApi::Gemini => "/v1beta",
        _ => "/v1",
    };
    let provider = NewProvider {
        id: Some(id.to_owned()),
        name: id.to_owned(),
        dialect: "custom".to_owned(),
        api: Some(api),
        base_url: format!("{}{path}", emulator.base_url()),
        plain_http_confirmed: false,
    };
    engine.save_provider(provider).await.unwrap();
    engine.set_key(id, "sk-0123456789abcdef".to_owned().into()).await.unwrap();
    let price = OwnPrice {
        input: price.0.to_string(),
        output: price.1.to_string(),
        cache_read: None,
        cache_write: None,
    };
    engine.set_own_price(&format!("{id}/{model}"), Some(price)).await.unwrap();
}

async fn ask(engine: &Engine, target: String, way: Way) -> (RunView, Vec<Attempt>) {
    let question = Question {
        targets: vec![AskTarget::Named(target)],
        text: "Why is the sky blue?".to_owned(),
        attachments: Vec::new(),
        tools: Tools::default(),
        profile: None,
        system: None,
        params: Params { max_tokens: Some(LONGEST), ..Params::default() },
        stream: way != Way::Whole,
        retry: true,
        fresh: false,
        money: MoneyChoice::default(),
        filing: roundtable_engine::Filing::default(),
        timeouts: Timeouts {
            first_delta_ms: Some(PATIENCE_MS),
            // What comes in one piece has no first word to wait for.
            total_ms: (way == Way::Whole).then_some(WHOLE_PATIENCE_MS),
            ..Timeouts::default()
        },
    };
    let window = Window::default();
    let asking = engine.ask(question, window.sink()).await.unwrap();
    let run = window.runs(&asking.turn.runs).await.remove(0);
    let attempts = engine.answers(&asking).await.unwrap().remove(0).attempts;
    (run, attempts)
}

/// Questions that arrived; looks at models are none.
fn asked(emulator: &Emulator) -> Vec<Value> {
    let requests = emulator.requests().into_iter();
    let questions = requests.filter(|request| request.method == "POST" && request.path != "/api/show");
    questions.map(|request| request.body).collect()
}
