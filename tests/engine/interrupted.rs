//! What a process was doing when it was killed, beside a chain of fallbacks (`killed.rs`): going on from a part, a batch, a call of
//! tools. The child is this very test binary; it says when it has come to its point, and is killed there.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use roundtable_domain::{Params, PicoUsd, Provenance, RunState, Timeouts, WireApi};
use roundtable_emulator::Behaviour;
use roundtable_engine::view::{
    BudgetDraft, BudgetPeriod, MoneyChoice, NewProvider, OnLimit, OwnPrice, Resume, RunView,
};
use roundtable_engine::{BatchSettings, BatchStop, Engine, Filing, LedgerEntry, LedgerFilter, Options, Pace};
use roundtable_tests::{Window, options};
use serde_json::json;

use crate::batches::open_store;

/// Names the data folder to the child.
const CHILD: &str = "ROUNDTABLE_TEST_CHILD";

/// Names a server of the parent to the child.
const SERVER: &str = "ROUNDTABLE_TEST_SERVER";

async fn open(folder: &Path) -> Engine {
    Engine::open(options(folder, Pace::Instant)).await.unwrap()
}

/// Runs the child until it is at its point, and kills it there.
fn kill(test: &str, folder: &Path, server: &str) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("interrupted::{test}"), "--nocapture"])
        .env(CHILD, folder)
        .env(SERVER, server)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let is_there = lines.map_while(Result::ok).any(|line| line.contains("at the point"));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(is_there, "the child ended before it was at its point");
}

/// The life of a child that has come to its point.
async fn wait_to_be_killed() {
    println!("at the point");
    std::future::pending::<()>().await;
}

/// Waits until so much of a run's text is in the database.
async fn until_stored(engine: &Engine, run: &RunView, bytes: usize) {
    let mut tick = tokio::time::interval(std::time::Duration::from_millis(20));
    loop {
        tick.tick().await;
        let stored = engine.run_version(run.turn_id, run.lane_id, run.version).await.unwrap();
        if stored.text.len() >= bytes {
            return;
        }
    }
}

/// The only answer there is, in its latest version, and the books from the first entry on.
async fn found(folder: &Path) -> (RunView, Vec<LedgerEntry>) {
    let engine = open(folder).await;
    let list = engine.list_conversations().await.unwrap();
    let stored = engine.open_conversation(list[0].id).await.unwrap();
    let mut entries = engine.ledger_entries(&LedgerFilter::default(), 50).await.unwrap();
    entries.reverse();
    engine.shutdown().await;
    (stored.turns[0].runs[0].clone(), entries)
}

/// A provider of its own for a test.
async fn set_up(engine: &Engine, id: &str, api: WireApi, base_url: String) {
    let provider = NewProvider {
        id: Some(id.to_owned()),
        name: id.to_owned(),
        dialect: "custom".to_owned(),
        api: Some(api),
        base_url,
        plain_http_confirmed: false,
    };
    engine.save_provider(provider).await.unwrap();
}

fn sum(entries: &[LedgerEntry]) -> PicoUsd {
    entries.iter().fold(PicoUsd::ZERO, |sum, entry| sum.checked_add(entry.cost.usd.unwrap()).unwrap())
}

fn shown(run: &RunView) -> PicoUsd {
    run.cost.as_ref().unwrap().usd.as_ref().unwrap().parse().unwrap()
}

fn endless(tokens_per_second: u32) -> Behaviour {
    Behaviour::Burst { tokens: 1_000_000, tokens_per_second, token: "word".into() }
}

#[tokio::test]
async fn a_part_that_was_gone_on_from_counts_into_the_cost_and_is_not_counted_again() {
    let name = "a_part_that_was_gone_on_from_counts_into_the_cost_and_is_not_counted_again";
    if let Ok(folder) = std::env::var(CHILD) {
        let engine = open(folder.as_ref()).await;
        let emulator = engine.emulator().await.unwrap();
        emulator.script("swift", vec![endless(4_000)]);
        emulator.script("poet", vec![endless(200)]);
        let conversation = engine.create_conversation(&["demo/swift".to_owned()]).await.unwrap();
        let window = Window::default();
        let id = conversation.summary.id;
        let turn =
            engine.start_turn(id, "A story", &[], &[], MoneyChoice::default(), window.sink()).await.unwrap();
        let run = turn.runs[0].id;
        window.until(|seen| seen.runs.get(&run).is_some_and(|run| run.text.len() > 20_000)).await;
        engine.stop_run(run);
        let stopped = window.runs(&turn.runs).await.remove(0);
        let next = Window::default();
        let run = engine
            .resume_run(run, Resume::Continue, "demo/poet", MoneyChoice::default(), next.sink())
            .await
            .unwrap();
        until_stored(&engine, &run, stopped.text.len() + 300).await;
        return wait_to_be_killed().await;
    }
    let folder = tempfile::tempdir().unwrap();
    kill(name, folder.path(), "");
    let (run, entries) = found(folder.path()).await;
    assert_eq!((run.state, run.version, run.segments.len()), (RunState::Interrupted, 2, 2));
    let models: Vec<&str> = entries.iter().map(|entry| entry.model_requested.as_str()).collect();
    assert_eq!(models, ["swift", "poet"]);
    assert_eq!(shown(&run), sum(&entries), "with what the part that was there has cost");
    let (first, second) = (&entries[0].usage, &entries[1].usage);
    assert!(first.output.unwrap() > 2_000 && second.output.unwrap() < 2_000, "{first:?} {second:?}");
    assert!(second.input.unwrap() > 2_000, "the part was sent along: {second:?}");
    assert_eq!(shown(&found(folder.path()).await.0), sum(&entries), "and it is recovered once");
}

#[tokio::test]
async fn a_call_whose_conversation_is_gone_too_is_booked_at_what_was_set_aside() {
    let name = "a_call_whose_conversation_is_gone_too_is_booked_at_what_was_set_aside";
    if let Ok(folder) = std::env::var(CHILD) {
        let engine = open(folder.as_ref()).await;
        engine.emulator().await.unwrap().script("swift", vec![endless(200)]);
        let id = engine.create_conversation(&["demo/swift".to_owned()]).await.unwrap().summary.id;
        let window = Window::default();
        let turn =
            engine.start_turn(id, "A story", &[], &[], MoneyChoice::default(), window.sink()).await.unwrap();
        until_stored(&engine, &turn.runs[0], 300).await;
        return wait_to_be_killed().await;
    }
    let folder = tempfile::tempdir().unwrap();
    kill(name, folder.path(), "");
    // Somebody deletes the conversation before anybody has recovered its answer.
    let store = open_store(folder.path()).await;
    let conversation = store.conversations().list(None, 1).await.unwrap().remove(0).conversation.id;
    store.conversations().delete(conversation).await.unwrap();
    let reserved = store.reservations().open().await.unwrap().remove(0).amount;
    assert!(reserved.is_some());
    store.close().await;
    for start in 1..=2 {
        let engine = open(folder.path()).await;
        let entries = engine.ledger_entries(&LedgerFilter::default(), 50).await.unwrap();
        let [entry] = entries.as_slice() else { panic!("start {start}: {entries:?}") };
        assert_eq!(
            (entry.source.as_str(), entry.cost.usd, entry.simulated),
            ("chat", reserved, true),
            "start {start}"
        );
        assert_eq!(entry.cost.provenance, Some(Provenance::Estimated));
        assert_eq!((entry.conversation_id, entry.model_requested.as_str()), (Some(conversation), "swift"));
        engine.shutdown().await;
    }
    let store = open_store(folder.path()).await;
    assert_eq!(store.reservations().open().await.unwrap(), [], "nothing stays set aside");
    store.close().await;
}

#[tokio::test]
async fn of_a_history_that_was_shortened_only_what_was_sent_is_booked() {
    let name = "of_a_history_that_was_shortened_only_what_was_sent_is_booked";
    if let Ok(folder) = std::env::var(CHILD) {
        let engine = open(folder.as_ref()).await;
        let emulator = engine.emulator().await.unwrap();
        let brief = || Behaviour::Reply { text: "Yes.".to_owned(), reasoning: None };
        emulator.script("swift", vec![brief(), brief(), brief(), Behaviour::ContextLength, endless(200)]);
        let id = engine.create_conversation(&["demo/swift".to_owned()]).await.unwrap().summary.id;
        for number in 0..3 {
            let window = Window::default();
            let text = format!("{number}: {}", "a long story ".repeat(1_000));
            let money = MoneyChoice::default();
            let turn = engine.start_turn(id, &text, &[], &[], money, window.sink()).await.unwrap();
            window.runs(&turn.runs).await;
        }
        let (money, window) = (MoneyChoice::default(), Window::default());
        let turn = engine.start_turn(id, "And then?", &[], &[], money, window.sink()).await.unwrap();
        until_stored(&engine, &turn.runs[0], 300).await;
        return wait_to_be_killed().await;
    }
    let folder = tempfile::tempdir().unwrap();
    kill(name, folder.path(), "");
    let engine = open(folder.path()).await;
    let list = engine.list_conversations().await.unwrap();
    let run = engine.open_conversation(list[0].id).await.unwrap().turns.remove(3).runs.remove(0);
    let entries = engine.ledger_entries(&LedgerFilter::default(), 50).await.unwrap();
    engine.shutdown().await;
    let store = open_store(folder.path()).await;
    let attempts = store.attempts().list(run.id).await.unwrap();
    let reservations = store.reservations().list(run.id).await.unwrap();
    store.close().await;
    let (refused, sent) = (&attempts[0], &attempts[1]);
    assert_eq!(sent.kind, "trimmed");
    assert!(sent.prompt_tokens < refused.prompt_tokens, "{attempts:?}");
    let entry = entries.iter().find(|entry| entry.attempt_id == sent.id).unwrap();
    assert_eq!(entry.usage.input, sent.prompt_tokens, "as it was counted when it was sent");
    let reservation = reservations.iter().find(|one| one.attempt_id == Some(sent.id)).unwrap();
    assert!(entry.cost.usd <= reservation.amount, "{entry:?}");
    assert!(entries.iter().all(|entry| entry.attempt_id != refused.id), "a refusal is free");
}

/// A moment so short before midnight that the calendar is looked at ten times a second.
fn before_midnight(folder: &Path) -> Options {
    let clock = crate::budgets::SetClock(AtomicI64::new(1_792_886_399_900));
    Options { clock: Arc::new(clock), ..options(folder, Pace::Instant) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_process_had_set_aside_is_settled_while_another_one_lives() {
    let name = "what_a_killed_process_had_set_aside_is_settled_while_another_one_lives";
    if let Ok(folder) = std::env::var(CHILD) {
        let engine = Engine::open(before_midnight(folder.as_ref())).await.unwrap();
        engine.emulator().await.unwrap().script("swift", vec![endless(200)]);
        let id = engine.create_conversation(&["demo/swift".to_owned()]).await.unwrap().summary.id;
        let window = Window::default();
        let turn =
            engine.start_turn(id, "A story", &[], &[], MoneyChoice::default(), window.sink()).await.unwrap();
        until_stored(&engine, &turn.runs[0], 300).await;
        return wait_to_be_killed().await;
    }
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(before_midnight(folder.path())).await.unwrap();
    let daily = BudgetDraft { period: BudgetPeriod::Day, ..crate::budgets::draft("100", OnLimit::Stop) };
    engine.save_budget(daily, false).await.unwrap();
    engine.shutdown().await;
    // A calendar that begins with a budget looks when its day is over.
    let engine = Engine::open(before_midnight(folder.path())).await.unwrap();
    // An answer of a process that lives, beside the one that dies.
    engine.emulator().await.unwrap().script("swift", vec![Behaviour::Stall { after_tokens: 5 }]);
    let own = engine.create_conversation(&["demo/swift".to_owned()]).await.unwrap().summary.id;
    let window = Window::default();
    let turn =
        engine.start_turn(own, "Hello", &[], &[], MoneyChoice::default(), window.sink()).await.unwrap();
    let id = turn.runs[0].id;
    window.until(|seen| seen.runs.get(&id).is_some_and(|run| !run.text.is_empty())).await;
    let alive = crate::budgets::only(&engine).await.reserved_usd;
    let path = folder.path().to_owned();
    tokio::task::spawn_blocking(move || kill(name, &path, "")).await.unwrap();
    let mut tick = tokio::time::interval(std::time::Duration::from_millis(20));
    let budget = loop {
        tick.tick().await;
        let budget = crate::budgets::only(&engine).await;
        if budget.reserved_usd == alive && budget.spent_usd != "0" {
            break budget;
        }
    };
    let entries = engine.ledger_entries(&LedgerFilter::default(), 50).await.unwrap();
    let [entry] = entries.as_slice() else { panic!("{entries:?}") };
    assert_eq!(entry.cost.provenance, Some(Provenance::Estimated));
    assert_eq!(budget.spent_usd, entry.cost.usd.unwrap().to_string());
    let list = engine.list_conversations().await.unwrap();
    let dead = list.iter().find(|one| one.id != own).unwrap().id;
    let run = engine.open_conversation(dead).await.unwrap().turns.remove(0).runs.remove(0);
    assert_eq!((run.state, shown(&run)), (RunState::Interrupted, entry.cost.usd.unwrap()));
    engine.stop_run(id);
    assert_eq!(window.runs(&turn.runs).await[0].state, RunState::Cancelled, "ours was left alone");
    engine.shutdown().await;
}

const GOES_ON: &str = "echelon1:
  models: [claude/swift]
echelon2:
  models: [demo/poet]
fallback_config:
  after_commit: continue
";

#[tokio::test]
async fn what_one_call_reported_is_not_taken_for_the_next_ones() {
    if let Ok(folder) = std::env::var(CHILD) {
        let engine = open(folder.as_ref()).await;
        let emulator = engine.emulator().await.unwrap();
        // It says with its first frame what the prompt is charged at.
        let base_url = format!("{}/v1", emulator.base_url());
        set_up(&engine, "claude", WireApi::AnthropicMessages, base_url).await;
        engine.set_key("claude", "sk-0123456789abcdef".to_owned().into()).await.unwrap();
        emulator.script("swift", vec![Behaviour::SocketCut { after_tokens: 60 }]);
        emulator.script("poet", vec![endless(200)]);
        let conversation = engine.create_conversation(&["chain".to_owned()]).await.unwrap();
        let window = Window::default();
        let id = conversation.summary.id;
        let turn = engine
            .start_turn(id, "A long story", &[], &[], MoneyChoice::default(), window.sink())
            .await
            .unwrap();
        until_stored(&engine, &turn.runs[0], 1_500).await;
        return wait_to_be_killed().await;
    }
    let folder = tempfile::tempdir().unwrap();
    let groups = folder.path().join("config/groups");
    std::fs::create_dir_all(&groups).unwrap();
    std::fs::write(groups.join("chain.yaml"), GOES_ON).unwrap();
    kill("what_one_call_reported_is_not_taken_for_the_next_ones", folder.path(), "");
    let (run, entries) = found(folder.path()).await;
    let models: Vec<&str> = entries.iter().map(|entry| entry.model_requested.as_str()).collect();
    assert_eq!((run.segments.len(), models), (2, vec!["swift", "poet"]));
    let (first, second) = (entries[0].usage.input.unwrap(), entries[1].usage.input.unwrap());
    assert!(second > first + 30, "the second was sent the part as well: {first} and {second}");
    assert!(!entries[0].simulated && entries[1].simulated);
    assert_eq!(shown(&run), entries[1].cost.usd.unwrap(), "real and invented money never mix");
}

#[tokio::test]
async fn what_a_killed_batch_was_asking_is_booked_as_the_batchs() {
    if let Ok(folder) = std::env::var(CHILD) {
        let folder: &Path = folder.as_ref();
        let engine = open(folder).await;
        let emulator = engine.emulator().await.unwrap();
        emulator.script("swift", vec![Behaviour::NoReply]);
        let settings = BatchSettings {
            questions: folder.join("questions.jsonl"),
            results: folder.join("results.jsonl"),
            targets: vec!["demo/swift".to_owned()],
            system: None,
            params: Params::default(),
            profile: None,
            retry: true,
            timeouts: Timeouts::default(),
            filing: Filing { folder: Some("Work".to_owned()), tags: Vec::new() },
            concurrency: NonZeroUsize::MIN,
            again: Vec::new(),
            most_usd: None,
            money: MoneyChoice::default(),
        };
        let plan = engine.plan_batch(settings).await.unwrap();
        let stop = BatchStop::default();
        let mut report = |_: &_| {};
        tokio::select! {
            _ = engine.run_batch(plan, |_| Ok(json!({})), &stop, &mut report) => panic!("it has no answer"),
            () = async {
                emulator.until(|requests| requests.iter().any(|one| one.method == "POST")).await;
                wait_to_be_killed().await;
            } => {}
        }
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("questions.jsonl"), r#"{"prompt": "Why?"}"#).unwrap();
    kill("what_a_killed_batch_was_asking_is_booked_as_the_batchs", folder.path(), "");
    let engine = open(folder.path()).await;
    let entries = engine.ledger_entries(&LedgerFilter::default(), 50).await.unwrap();
    let [entry] = entries.as_slice() else { panic!("{entries:?}") };
    assert_eq!((entry.source.as_str(), entry.cost.provenance), ("batch", Some(Provenance::Estimated)));
}

/// A server that takes every question and never answers. Tells when it was asked. Ends with the process.
fn takes_and_hangs() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            // Held open until the other side goes.
            std::thread::spawn(move || {
                let mut buffer = vec![0; 65_536];
                while stream.read(&mut buffer).is_ok_and(|read| read > 0) {}
            });
        }
    });
    format!("http://{address}/v1")
}

#[tokio::test]
async fn vectors_that_were_under_way_are_booked_at_what_was_set_aside() {
    if let Ok(folder) = std::env::var(CHILD) {
        let engine = open(folder.as_ref()).await;
        set_up(&engine, "vectors", WireApi::OpenaiChat, std::env::var(SERVER).unwrap()).await;
        let (input, output) = ("1".to_owned(), "0".to_owned());
        let price = OwnPrice { input, output, cache_read: None, cache_write: None };
        engine.set_own_price("vectors/small", Some(price)).await.unwrap();
        let limit = crate::budgets::draft("1", OnLimit::Stop);
        engine.save_budget(BudgetDraft { simulated: false, ..limit }, false).await.unwrap();
        let texts = ["a text that somebody wrote".to_owned()];
        let money = MoneyChoice::default();
        let asking = engine.embed("vectors/small", &texts, None, &money);
        let mut tick = tokio::time::interval(std::time::Duration::from_millis(20));
        let under_way = async {
            while crate::budgets::only(&engine).await.reserved_usd == "0" {
                tick.tick().await;
            }
            wait_to_be_killed().await;
        };
        tokio::select! {
            _ = asking => panic!("it has no answer"),
            () = under_way => {}
        }
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let server = takes_and_hangs();
    kill("vectors_that_were_under_way_are_booked_at_what_was_set_aside", folder.path(), &server);
    for start in ["the first", "the second"] {
        let engine = open(folder.path()).await;
        let entries = engine.ledger_entries(&LedgerFilter::default(), 50).await.unwrap();
        let [entry] = entries.as_slice() else { panic!("{start}: {entries:?}") };
        assert_eq!((entry.source.as_str(), entry.model_requested.as_str()), ("embedding", "small"));
        assert_eq!(entry.cost.provenance, Some(Provenance::Estimated), "{start}");
        assert!(entry.cost.usd.unwrap() > PicoUsd::ZERO, "it may have been charged");
        let budget = crate::budgets::only(&engine).await;
        assert_eq!(budget.spent_usd, entry.cost.usd.unwrap().to_string(), "{start}: the budget knows");
        assert_eq!(budget.reserved_usd, "0", "nothing stays set aside for nobody");
        assert!(engine.check_budgets().await.unwrap().is_sound());
        engine.shutdown().await;
    }
}

/// Two calls of tools as Chat Completions streams them: the first whole, the second cut in its arguments, a third without any.
const CALLS: &str = concat!(
    r#"data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"Let me look."}}]}"#,
    "\n\n",
    r#"data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Lisbon\"}"}}]}}]}"#,
    "\n\n",
    r#"data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_b","type":"function","function":{"name":"diary","arguments":"{\"day\":\"Mon"}}]}}]}"#,
    "\n\n",
    r#"data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":2,"id":"call_c","type":"function","function":{"name":"time","arguments":""}}]}}]}"#,
    "\n\n",
);

/// A server that answers every question with [`CALLS`] and then says nothing more. Ends with the process.
fn calls_tools_and_hangs() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || {
                let mut buffer = vec![0; 65_536];
                let read = stream.read(&mut buffer).unwrap_or(0);
                let asks = buffer[..read].starts_with(b"POST");
                let reply = if asks {
                    let size = CALLS.len();
                    format!(
                        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n\
                         {size:x}\r\n{CALLS}\r\n"
                    )
                } else {
                    "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned()
                };
                // Whoever hung up needs no answer.
                let _ = stream.write_all(reply.as_bytes());
                // Held open until the other side goes.
                let _ = stream.read(&mut buffer);
            });
        }
    });
    format!("http://{address}/v1")
}

#[tokio::test]
async fn calls_of_tools_survive_and_one_that_was_cut_is_nobodys_to_make() {
    if let Ok(folder) = std::env::var(CHILD) {
        let engine = open(folder.as_ref()).await;
        set_up(&engine, "house", WireApi::OpenaiChat, std::env::var(SERVER).unwrap()).await;
        let conversation = engine.create_conversation(&["house/m".to_owned()]).await.unwrap();
        let window = Window::default();
        let id = conversation.summary.id;
        let turn = engine
            .start_turn(id, "The weather?", &[], &[], MoneyChoice::default(), window.sink())
            .await
            .unwrap();
        let run = &turn.runs[0];
        let mut tick = tokio::time::interval(std::time::Duration::from_millis(20));
        loop {
            tick.tick().await;
            let stored = engine.run_version(run.turn_id, run.lane_id, 1).await.unwrap();
            if stored.tool_calls.len() > 1 {
                return wait_to_be_killed().await;
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let server = calls_tools_and_hangs();
    kill("calls_of_tools_survive_and_one_that_was_cut_is_nobodys_to_make", folder.path(), &server);
    let (run, entries) = found(folder.path()).await;
    assert_eq!((run.state, run.text.as_str()), (RunState::Interrupted, "Let me look."));
    let calls: Vec<_> =
        run.tool_calls.iter().map(|call| (call.name.as_str(), call.arguments.as_str())).collect();
    let cut = r#"{"day":"Mon"#;
    assert_eq!(
        calls,
        [("weather", r#"{"city":"Lisbon"}"#), ("diary", cut)],
        "one without arguments is not kept"
    );
    assert!(serde_json::from_str::<serde_json::Value>(cut).is_err(), "what was cut is no JSON");
    assert!(
        entries[0].usage.output.unwrap() > 10,
        "what was written of them is paid: {:?}",
        entries[0].usage
    );
    let engine = open(folder.path()).await;
    let again = engine
        .resume_run(run.id, Resume::Continue, "demo/swift", MoneyChoice::default(), Window::default().sink())
        .await;
    assert_eq!(again.unwrap_err().code, "nothing_to_go_on_from", "calls are not gone on from");
    // The next question carries the words of the answer and none of its calls.
    let list = engine.list_conversations().await.unwrap();
    let lane = engine.open_conversation(list[0].id).await.unwrap().lanes.remove(0);
    engine.set_lane_target(lane.id, "demo/swift").await.unwrap();
    let window = Window::default();
    let turn = engine
        .start_turn(list[0].id, "And now?", &[], &[], MoneyChoice::default(), window.sink())
        .await
        .unwrap();
    window.runs(&turn.runs).await;
    let asked = engine.emulator().await.unwrap().requests();
    let sent = &asked.iter().rfind(|request| request.method == "POST").unwrap().body;
    let sent = serde_json::to_string(sent).unwrap();
    assert!(sent.contains("Let me look.") && !sent.contains("Lisbon") && !sent.contains("diary"), "{sent}");
}
