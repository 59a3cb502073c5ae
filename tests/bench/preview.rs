//! What a keystroke in the composer costs: the preview of eight lanes, each with a hundred turns behind it, under ten budgets; and of
//! eight that have to know whether a keyring holds their keys, also with a draft of 100 kB.

use std::time::{Duration, Instant};

use roundtable_domain::{ConversationId, WireApi};
use roundtable_emulator::Behaviour;
use roundtable_engine::SlowKeyring;
use roundtable_engine::view::{
    BudgetDraft, BudgetPeriod, BudgetScope, BudgetScopeKind, MoneyChoice, NewProvider, OnLimit, TurnBatch,
};
use roundtable_tests::Room;
use tokio::sync::oneshot;

use crate::figures::{Samples, aim, line, pair_ms};

const LANES: usize = 8;
const TURNS: usize = 100;
const BUDGETS: usize = 10;

/// How long a keyring takes to say anything: about what one behind D-Bus does.
const KEYRING_ANSWERS_AFTER: Duration = Duration::from_millis(3);

/// The length of a long draft, in bytes.
const LONG_DRAFT: usize = 100_000;

/// Half of the lanes with keys: a tokenizer, two models by name, and one that looks at every provider.
const WITH_KEYS: [&str; LANES / 2] = ["one/openai/gpt-4o", "two/swift", "three/poet", "auto"];

/// The most a keystroke may cost, in microseconds.
const LONGEST_US: f64 = 20_000.0;

/// Types into a long conversation.
pub(crate) fn run(keystrokes: usize) {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        measure(keystrokes).await;
        measure_with_keys(keystrokes).await;
    });
}

/// Types to models whose keys are in a keyring that is not fast.
async fn measure_with_keys(keystrokes: usize) {
    let keyring = SlowKeyring::new(KEYRING_ANSWERS_AFTER).unwrap();
    let room = Room::with_keyring(&keyring).await;
    let base_url = format!("{}/v1", room.engine.emulator().await.unwrap().base_url());
    for (id, dialect) in [("one", "openrouter"), ("two", "custom"), ("three", "custom")] {
        let provider = NewProvider {
            id: Some(id.to_owned()),
            name: id.to_owned(),
            dialect: dialect.to_owned(),
            api: Some(WireApi::OpenaiChat),
            base_url: base_url.clone(),
            plain_http_confirmed: false,
        };
        room.engine.save_provider(provider).await.unwrap();
        room.engine.set_key(id, format!("sk-0123456789abcdef-{id}").into()).await.unwrap();
    }
    let targets = [WITH_KEYS, WITH_KEYS].concat();
    let conversation = room.conversation(&targets).await.summary.id;
    // The tokenizer is loaded beside the work; from then on it counts.
    room.engine.count_text(WITH_KEYS[0], "Hello", false).await.unwrap();
    room.engine.save_budget(BudgetDraft { simulated: false, ..budget(0, "100") }, false).await.unwrap();
    type_on(&room, conversation, keystrokes, "with keys in a keyring, and auto").await;
    let long = "The quick brown fox jumps over the lazy dog. ".repeat(LONG_DRAFT / 45);
    type_after(&room, conversation, long, keystrokes, "the same after 100 kB").await;
    room.engine.shutdown().await;
}

async fn measure(keystrokes: usize) {
    let room = Room::new().await;
    let conversation = room.conversation(&["demo/scholar"; LANES]).await.summary.id;
    // A hundred turns of eight lanes have to stay below the two million tokens a minute that the emulator's headers name, and the
    // engine keeps to: else the last turns wait for the minute to pass.
    let text = "An answer of some length, as they are. ".repeat(2);
    let reply = Behaviour::Reply { text, reasoning: None };
    room.engine.emulator().await.unwrap().script_always("scholar", reply);
    for number in 0..TURNS {
        let (done, over) = oneshot::channel();
        let mut done = Some(done);
        let sink = Box::new(move |batch: TurnBatch| {
            if let Some(done) = done.take_if(|_| batch.done) {
                return done.send(()).is_ok();
            }
            true
        });
        let prompt = format!("Question {number}, of some length as well, about this and that.");
        room.engine.start_turn(conversation, &prompt, &[], &[], MoneyChoice::default(), sink).await.unwrap();
        over.await.unwrap();
    }
    for number in 0..BUDGETS {
        room.engine.save_budget(budget(number, "100"), false).await.unwrap();
    }
    type_on(&room, conversation, keystrokes, "under ten budgets that fit").await;
    room.engine.save_budget(budget(BUDGETS, "0.01"), false).await.unwrap();
    type_on(&room, conversation, keystrokes, "under one more that does not, with the ways out").await;
    room.engine.shutdown().await;
}

/// A budget in invented money: for everything, the provider, the model and a tag in turn.
fn budget(number: usize, limit: &str) -> BudgetDraft {
    let named = |kind, name: &str| BudgetScope { kind, name: Some(name.to_owned()) };
    BudgetDraft {
        id: None,
        name: format!("Budget {number}"),
        scope: match number % 4 {
            0 => BudgetScope::default(),
            1 => named(BudgetScopeKind::Provider, "demo"),
            2 => named(BudgetScopeKind::Model, "demo/scholar"),
            _ => named(BudgetScopeKind::Tag, "work"),
        },
        period: if number.is_multiple_of(2) { BudgetPeriod::Day } else { BudgetPeriod::Rolling { days: 30 } },
        limit_usd: limit.to_owned(),
        alert_percents: vec![50, 80, 100],
        on_limit: OnLimit::Stop,
        cheaper_targets: Vec::new(),
        unpriced_allowed: Vec::new(),
        simulated: true,
        paused: false,
    }
}

async fn type_on(room: &Room, conversation: ConversationId, keystrokes: usize, what: &str) {
    type_after(room, conversation, String::new(), keystrokes, what).await;
}

async fn type_after(
    room: &Room,
    conversation: ConversationId,
    mut draft: String,
    keystrokes: usize,
    what: &str,
) {
    let mut samples = Samples::default();
    for number in 0..keystrokes {
        draft.push(if number % 6 == 5 { ' ' } else { 'e' });
        let started = Instant::now();
        let preview = room.engine.preview_turn(conversation, &draft, &[], &[], false).await.unwrap();
        if number == 0 {
            line(&format!("the first, {what}"), &format!("{:.3} ms", started.elapsed().as_secs_f64() * 1e3));
        } else {
            samples.push(started.elapsed());
        }
        assert_eq!(preview.lanes.len(), LANES);
    }
    let figures = pair_ms(samples.p50(), samples.p99());
    line(
        &format!("every other, {what}"),
        &format!("{figures} {}", aim(samples.p99() < LONGEST_US, "< 20 ms")),
    );
}
