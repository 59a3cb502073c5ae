//! One of the processes of a storm: the test binary itself, asking all of its prompts at once until it is killed.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use futures_util::future::join_all;
use roundtable_domain::{ConversationId, LaneId};
use roundtable_engine::view::{AppError, MoneyChoice, TurnView};
use roundtable_engine::{Engine, EngineError};
use roundtable_store::StoreError;
use roundtable_tests::Window;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::dice::Dice;
use super::scene::{self, CAP, FOLDER, TAG, words};

/// Tells the child its orders, as JSON.
const CHILD: &str = "ROUNDTABLE_STORM_CHILD";

/// Prompts a process asks at once; some go to several lanes, so that two processes make about sixty-four requests.
pub const PROMPTS: u64 = 28;

/// What a process is told.
#[derive(Serialize, Deserialize)]
pub struct Orders {
    pub folder: PathBuf,
    pub base_url: String,
    pub seed: u64,
    /// Which of the storm's processes.
    pub number: u64,
    /// The conversation many ask in, with its lanes.
    pub conversation: ConversationId,
    pub lanes: Vec<LaneId>,
}

/// How far a process has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    Started,
    /// It has opened the folder, and so recovered what others left.
    Opened,
    /// It is done with everything it asked.
    Over,
    Gone,
}

/// A process as its parent sees it. Killed when dropped: one that outlives a failed assertion would wait for ever.
pub struct Process {
    child: Child,
    stage: watch::Receiver<Stage>,
}

impl Process {
    pub fn start(test: &str, orders: &Orders) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture"])
            .env(CHILD, serde_json::to_string(orders).unwrap())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (said, stage) = watch::channel(Stage::Started);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                // The test runner may have begun the line.
                if line.ends_with("told opened") {
                    said.send_replace(Stage::Opened);
                } else if line.ends_with("told over") {
                    said.send_replace(Stage::Over);
                }
            }
            said.send_replace(Stage::Gone);
        });
        Self { child, stage }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn stage(&self) -> Stage {
        *self.stage.borrow()
    }

    /// Kills it, as `kill -9` does.
    pub fn kill(mut self) {
        assert_ne!(self.stage(), Stage::Gone, "it ended before it was killed");
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It is gone already when everything went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What is asked, and what is done to it then.
struct Prompt {
    text: String,
    to: To,
    /// Its conversation has the tag, where it is one of its own.
    is_tagged: bool,
    cap: u32,
    /// Stopped at once, or when so many characters have come; `None`: never.
    stop: Option<usize>,
    /// Asked again when it is over.
    again: bool,
}

enum To {
    /// A conversation of its own with these lanes, in the folder or not.
    Own(Vec<&'static str>, bool),
    /// A lane of the one that all share.
    Shared(LaneId),
}

const TARGETS: [&str; 14] = [
    "openai/full",
    "openai/full",
    "openai/brief",
    "openai/brief",
    "openai/uncounted",
    "openai/ends",
    "openai/breaks",
    "openai/cut",
    "openai/endless",
    "anthropic/dear",
    "anthropic/drones",
    "climb",
    "climb",
    "stumble",
];

fn prompt(orders: &Orders, number: u64, dice: &mut Dice) -> Prompt {
    let to = match dice.roll(6) {
        0 => To::Shared(*dice.one_of(&orders.lanes)),
        1 => To::Own(vec![*dice.one_of(&TARGETS), *dice.one_of(&TARGETS)], dice.roll(2) == 0),
        2 => To::Own((0..3).map(|_| *dice.one_of(&TARGETS)).collect(), false),
        _ => To::Own(vec![*dice.one_of(&TARGETS)], dice.roll(3) == 0),
    };
    let stop = match dice.roll(6) {
        0 => Some(0),
        // The most of these are endless answers, which then hold more than they were asked for.
        1..4 => Some(400),
        _ => None,
    };
    Prompt {
        text: words(orders.number, number),
        to,
        is_tagged: dice.roll(3) == 0,
        cap: *dice.one_of(&[CAP, CAP, CAP * 2]),
        stop,
        again: dice.roll(5) == 0,
    }
}

/// The life of a child: asks everything at once, says how far it is, and waits to be killed.
async fn ask_until_killed(orders: Orders) {
    let engine = loop {
        match scene::try_open(&orders.folder, &orders.base_url).await {
            // Others write without a pause, and SQLite has no queue.
            Err(EngineError::Store(StoreError::Busy)) => {}
            opened => break opened.unwrap(),
        }
    };
    println!("told opened");
    let mut dice = Dice::new(orders.seed * 64 + orders.number);
    let conversation = orders.conversation;
    let asked = (0..PROMPTS).map(|number| {
        let prompt = prompt(&orders, number, &mut dice);
        let engine = engine.clone();
        tokio::spawn(async move { ask(&engine, conversation, prompt).await })
    });
    let asked: Vec<_> = asked.collect();
    join_all(asked).await.into_iter().for_each(Result::unwrap);
    println!("told over");
    std::future::pending::<()>().await;
}

async fn ask(engine: &Engine, shared: ConversationId, prompt: Prompt) {
    let money = MoneyChoice { cap_tokens: Some(prompt.cap), ..MoneyChoice::default() };
    let (conversation, lanes) = match prompt.to {
        To::Shared(lane) => (shared, vec![lane]),
        To::Own(targets, is_filed) => {
            let targets: Vec<String> = targets.into_iter().map(str::to_owned).collect();
            let Some(made) = unless_busy(engine.create_conversation(&targets).await) else { return };
            let id = made.summary.id;
            if is_filed && unless_busy(engine.set_conversation_folder(id, Some(FOLDER)).await).is_none() {
                return;
            }
            let tags = [TAG.to_owned()];
            if prompt.is_tagged && unless_busy(engine.set_conversation_tags(id, &tags).await).is_none() {
                return;
            }
            (id, vec![])
        }
    };
    let window = Window::default();
    let sent = engine.start_turn(conversation, &prompt.text, &[], &lanes, money.clone(), window.sink()).await;
    let turn = match sent {
        Ok(turn) => turn,
        // Of a lane that is shared another prompt may be under way, and others may write without a pause.
        Err(error) => {
            return assert!(["over_budget", "lane_busy", "busy"].contains(&&*error.code), "{error}");
        }
    };
    end(engine, &window, &turn, prompt.stop).await;
    if prompt.again {
        let window = Window::default();
        if engine.retry_run(turn.runs[0].id, money, window.sink()).await.is_ok() {
            window.until(|seen| seen.done).await;
        }
    }
}

/// What was done, or nothing where others write without a pause: `SQLite` has no queue.
fn unless_busy<T>(done: Result<T, AppError>) -> Option<T> {
    match done {
        Err(error) if error.code == "busy" => None,
        done => Some(done.unwrap()),
    }
}

async fn end(engine: &Engine, window: &Window, turn: &TurnView, stop: Option<usize>) {
    if let Some(characters) = stop {
        let is_long = |text: &str| text.chars().count() >= characters;
        window.until(|seen| seen.done || seen.runs.values().any(|run| is_long(&run.text))).await;
        engine.stop_turn(turn.id);
    }
    window.until(|seen| seen.done).await;
}

/// Whether this binary runs as a process of a storm; then it asks, and never comes back.
pub async fn is_child() -> bool {
    let Ok(orders) = std::env::var(CHILD) else { return false };
    ask_until_killed(serde_json::from_str(&orders).unwrap()).await;
    true
}
