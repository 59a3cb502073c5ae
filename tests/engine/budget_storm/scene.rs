//! Where a storm takes place: models that each do one thing, prices, groups, and budgets that overlap.

use std::collections::HashMap;
use std::path::Path;

use roundtable_domain::{ConversationId, LaneId, Params, PicoUsd};
use roundtable_emulator::{Behaviour, Emulator, EmulatorOptions, Pace, RetryAfter};
use roundtable_engine::view::{
    BudgetDraft, BudgetPeriod, BudgetScope, BudgetScopeKind, OnLimit, OwnPrice, ProviderSettings,
};
use roundtable_engine::{Engine, EngineError, Options};
use roundtable_tests::options;

use crate::budgets::{draft, usd};

/// The longest answer of a call that is answered in full, in tokens.
pub const CAP: u32 = 200;

/// How many such answers the budget for everything fits.
pub const FITTING: i64 = 10;

/// The folder some conversations stand in.
pub const FOLDER: &str = "work";

/// The tag some conversations have, in that folder or not.
pub const TAG: &str = "stormy";

/// How long a first word may take, in milliseconds: `silent` and `waits` are given up then.
const PATIENCE_MS: u64 = 700;

/// Whether a call that was received costs something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charge {
    Always,
    /// The beginning of its answer may be lost on the way.
    Maybe,
    Never,
}

/// A model, the dollars for a million tokens of prompt and of answer, and what it does with every request.
pub struct Model {
    pub target: &'static str,
    pub prices: (i64, i64),
    pub charge: Charge,
    does: Behaviour,
}

fn burst(tokens: u64, tokens_per_second: u32, token: &str) -> Behaviour {
    Behaviour::Burst { tokens, tokens_per_second, token: token.into() }
}

pub fn models() -> Vec<Model> {
    let model = |target, prices, charge, does| Model { target, prices, charge, does };
    let full = || burst(u64::from(CAP), 0, "word");
    // By our count a piece is a dozen tokens: soon it is far more than was asked for.
    let endless = || burst(100_000, 80, "天空为什么是蓝色的呢");
    let brief = Behaviour::Reply { text: "Scattering.".to_owned(), reasoning: None };
    vec![
        model("openai/full", (1, 15), Charge::Always, full()),
        model("openai/brief", (2, 12), Charge::Always, brief),
        model("openai/uncounted", (1, 15), Charge::Always, Behaviour::UsageMissing),
        model("openai/ends", (1, 15), Charge::Always, Behaviour::CleanEof { after_tokens: 5 }),
        model("openai/breaks", (1, 15), Charge::Always, Behaviour::ErrorMidStream { after_tokens: 5 }),
        model("openai/cut", (1, 15), Charge::Maybe, Behaviour::SocketCut { after_tokens: 5 }),
        model("openai/endless", (1, 9), Charge::Always, endless()),
        model("openai/silent", (8, 15), Charge::Always, Behaviour::NoReply),
        model("openai/fails", (3, 15), Charge::Never, Behaviour::Status503),
        model("openai/busy", (3, 15), Charge::Never, Behaviour::Status429(RetryAfter::Milliseconds(20))),
        model("anthropic/dear", (2, 30), Charge::Always, full()),
        model("anthropic/drones", (2, 10), Charge::Always, endless()),
        // Its first frame says what the prompt is charged at; a word never comes.
        model("anthropic/waits", (4, 8), Charge::Always, Behaviour::PingsForever { every_ms: 50 }),
    ]
}

const GROUPS: [(&str, &str); 2] = [
    (
        "climb",
        "echelon1:
  models: [openai/fails]
  max_retries: 1
echelon2:
  models: [anthropic/waits]
  max_retries: 0
echelon3:
  models: [openai/brief]
fallback_config:
  strategy: echelon_down
  max_attempts: 6
",
    ),
    (
        "stumble",
        "echelon1:
  models: [openai/busy]
  max_retries: 2
echelon2:
  models: [openai/silent]
  max_retries: 0
echelon3:
  models: [anthropic/dear]
fallback_config:
  strategy: echelon_down
  max_attempts: 6
",
    ),
];

/// One server plays all providers.
pub async fn emulator() -> Emulator {
    let options = EmulatorOptions { pace: Pace::Instant, ..EmulatorOptions::default() };
    let emulator = Emulator::start(options).await.unwrap();
    for model in models() {
        emulator.script_always(model.target.rsplit_once('/').unwrap().1, model.does);
    }
    emulator
}

/// A process whose providers are at this address.
pub async fn try_open(folder: &Path, base_url: &str) -> Result<Engine, EngineError> {
    let key = "sk-0123456789abcdef".to_owned();
    let environment = HashMap::from([
        ("OPENAI_API_KEY".to_owned(), key.clone()),
        ("OPENAI_BASE_URL".to_owned(), format!("{base_url}/v1")),
        ("ANTHROPIC_API_KEY".to_owned(), key),
        ("ANTHROPIC_BASE_URL".to_owned(), base_url.to_owned()),
    ]);
    Engine::open(Options { environment, demo: false, ..options(folder, Pace::Instant) }).await
}

pub async fn open(folder: &Path, base_url: &str) -> Engine {
    try_open(folder, base_url).await.unwrap()
}

/// Groups, prices and timers. The process that sees the groups has to be opened after they are written.
pub async fn furnish(folder: &Path, base_url: &str) -> Engine {
    let groups = folder.join("config/groups");
    std::fs::create_dir_all(&groups).unwrap();
    for (name, text) in GROUPS {
        std::fs::write(groups.join(format!("{name}.yaml")), text).unwrap();
    }
    let engine = open(folder, base_url).await;
    for Model { target, prices: (input, output), .. } in models() {
        let (input, output) = (input.to_string(), output.to_string());
        let price = OwnPrice { input, output, cache_read: None, cache_write: None };
        engine.set_own_price(target, Some(price)).await.unwrap();
    }
    for provider in ["openai", "anthropic"] {
        let mut settings = ProviderSettings::default();
        settings.network.timeouts.first_delta_ms = Some(PATIENCE_MS);
        engine.save_provider_settings(provider, settings).await.unwrap();
    }
    engine
}

/// The words of a prompt; all of the same length, so that all are worth the same.
pub fn words(process: u64, number: u64) -> String {
    format!("Why is the sky blue? Prompt {process:02}-{number:03}.")
}

/// What an answer of this model in full length comes to at most.
pub async fn worst(engine: &Engine, target: &str) -> PicoUsd {
    let conversation = engine.create_conversation(&[target.to_owned()]).await.unwrap();
    let params = Params { max_tokens: Some(CAP), ..Params::default() };
    engine.set_lane_params(conversation.lanes[0].id, params).await.unwrap();
    let id = conversation.summary.id;
    let preview = engine.preview_turn(id, &words(0, 0), &[], &[], false).await.unwrap();
    usd(preview.lanes[0].worst_usd.as_ref().unwrap())
}

/// A budget that refuses, in real money.
pub fn stop(name: &str, limit: PicoUsd) -> BudgetDraft {
    BudgetDraft { name: name.to_owned(), simulated: false, ..draft(&limit.to_string(), OnLimit::Stop) }
}

fn scoped(kind: BudgetScopeKind, name: &str, limit: PicoUsd) -> BudgetDraft {
    BudgetDraft { scope: BudgetScope { kind, name: Some(name.to_owned()) }, ..stop(name, limit) }
}

pub fn times(amount: PicoUsd, count: i64) -> PicoUsd {
    PicoUsd::from_pico(amount.as_pico() * count)
}

/// Budgets that overlap in scopes and periods, one of them of a conversation that many ask in at once. Gives that one with its lanes.
pub async fn limit(engine: &Engine, worth: PicoUsd) -> (ConversationId, Vec<LaneId>) {
    let targets =
        ["openai/full", "openai/uncounted", "openai/endless", "anthropic/dear", "climb", "openai/brief"];
    let shared = engine.create_conversation(&targets.map(str::to_owned)).await.unwrap();
    let rolling = BudgetPeriod::Rolling { days: 3 };
    let drafts = [
        stop("all", times(worth, FITTING)),
        BudgetDraft { period: rolling, ..scoped(BudgetScopeKind::Model, "openai/full", times(worth, 5)) },
        BudgetDraft { period: rolling, ..scoped(BudgetScopeKind::Provider, "anthropic", times(worth, 6)) },
        scoped(BudgetScopeKind::Folder, FOLDER, times(worth, 4)),
        scoped(BudgetScopeKind::Conversation, &shared.summary.id.to_string(), times(worth, 3)),
        scoped(BudgetScopeKind::Tag, TAG, times(worth, 4)),
        scoped(BudgetScopeKind::Key, "env:ANTHROPIC_API_KEY", times(worth, 5)),
        scoped(BudgetScopeKind::Source, "chat", times(worth, FITTING)),
        BudgetDraft { on_limit: OnLimit::Warn, ..stop("warned of", worth) },
    ];
    for draft in drafts {
        engine.save_budget(draft, false).await.unwrap();
    }
    (shared.summary.id, shared.lanes.iter().map(|lane| lane.id).collect())
}
