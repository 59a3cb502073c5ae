//! What a keystroke in the composer costs: the preview of eight lanes, each with a hundred turns behind it, under ten budgets.

use std::time::Instant;

use roundtable_domain::ConversationId;
use roundtable_emulator::Behaviour;
use roundtable_engine::view::{
    BudgetDraft, BudgetPeriod, BudgetScope, BudgetScopeKind, MoneyChoice, OnLimit, TurnBatch,
};
use roundtable_tests::Room;
use tokio::sync::oneshot;

use crate::figures::{Samples, aim, line, pair_ms};

const LANES: usize = 8;
const TURNS: usize = 100;
const BUDGETS: usize = 10;

/// The most a keystroke may cost, in microseconds.
const LONGEST_US: f64 = 20_000.0;

/// Types into a long conversation.
pub(crate) fn run(keystrokes: usize) {
    tokio::runtime::Runtime::new().unwrap().block_on(measure(keystrokes));
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
    let mut draft = String::new();
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
