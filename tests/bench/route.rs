//! What a route adds to a prompt: a group of fifty models beside one of them asked for by its own name, through the real engine
//! with its database on this disk, until the request has arrived. What choosing alone costs is measured in
//! `src-tauri/router/benches/choose.rs`.

use std::time::Instant;

use roundtable_domain::{ConversationId, WireApi};
use roundtable_engine::Engine;
use roundtable_engine::view::{MoneyChoice, NewProvider, OwnPrice};
use roundtable_tests::options;

use crate::durable::until_done;
use crate::figures::{Samples, line, pair_ms};
use crate::peer::{ANSWER_TOKENS, numbered};
use crate::stopwatch::Stopwatch;

/// Models of the group.
const MODELS: usize = 50;

/// Turns of one conversation before the next one is begun, so that its history stays short.
const TURNS: usize = 6;

const PROMPT: &str =
    "Write a function that compares B-trees and LSM-trees for a ledger on one desktop machine.";

/// The ways, in turns, so that what disturbs one disturbs the other. The plain one comes twice: what it differs from itself is
/// noise.
const WAYS: [(&str, &str); 3] = [
    ("a model by its name", "bench/model-0"),
    ("a group of fifty", "fifty"),
    ("a model by its name, again", "bench/model-0"),
];

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn run(prompts: usize) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let groups = folder.path().join("config/groups");
    std::fs::create_dir_all(&groups).unwrap();
    let models: Vec<String> = (0..MODELS).map(|number| format!("bench/model-{number}")).collect();
    let group = format!("echelon1:\n  models: [{}]\n", models.join(", "));
    std::fs::write(groups.join("fifty.yaml"), group).unwrap();
    let engine = Engine::open(options(folder.path(), roundtable_engine::Pace::Instant)).await.unwrap();
    let server = Stopwatch::start(&numbered(ANSWER_TOKENS));
    add_provider(&engine, &server, &models).await;

    let mut seen = [Samples::default(), Samples::default(), Samples::default()];
    for _ in 0..prompts.div_ceil(TURNS) {
        let mut conversations = Vec::new();
        for (_, target) in WAYS {
            let conversation = engine.create_conversation(&[target.to_owned()]).await.unwrap();
            // The first of a conversation is not counted: it also writes the title.
            turn(&engine, &server, conversation.summary.id, &mut Samples::default()).await;
            conversations.push(conversation.summary.id);
        }
        for _ in 0..TURNS {
            for (conversation, samples) in conversations.iter().zip(&mut seen) {
                turn(&engine, &server, *conversation, samples).await;
            }
        }
    }
    for ((name, _), samples) in WAYS.iter().zip(&seen) {
        line(&format!("until the request arrives: {name}"), &pair_ms(samples.p50(), samples.p99()));
    }
    let [plain, route, again] = &seen;
    let added = |samples: &Samples| {
        let (p50, p99) = (samples.p50() - plain.p50(), samples.p99() - plain.p99());
        format!("{}   x{:.2}", pair_ms(p50, p99), samples.p50() / plain.p50())
    };
    line("added by the route", &added(route));
    line("added by nothing (noise)", &added(again));
    engine.shutdown().await;
}

/// Priced, so that costs are compared as well.
async fn add_provider(engine: &Engine, server: &Stopwatch, models: &[String]) {
    let provider = NewProvider {
        id: Some("bench".into()),
        name: "Bench".into(),
        dialect: "custom".into(),
        api: Some(WireApi::OpenaiChat),
        base_url: server.base_url.clone(),
        plain_http_confirmed: false,
    };
    engine.save_provider(provider).await.unwrap();
    for (number, model) in models.iter().enumerate() {
        let input = format!("{}.5", number % 9);
        let price = OwnPrice { input: input.clone(), output: input, cache_read: None, cache_write: None };
        engine.set_own_price(model, Some(price)).await.unwrap();
    }
}

async fn turn(engine: &Engine, server: &Stopwatch, conversation: ConversationId, samples: &mut Samples) {
    let (sink, done) = until_done();
    let called = Instant::now();
    engine.start_turn(conversation, PROMPT, &[], &[], MoneyChoice::default(), sink).await.unwrap();
    done.await.unwrap();
    samples.push(server.take(1)[0].arrived - called);
}
