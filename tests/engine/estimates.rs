//! What is estimated of calls whose usage nobody reported: it is held to what was set aside, and what may have been charged is not
//! forgotten.

use std::io::{Read, Write};
use std::net::TcpListener;

use roundtable_domain::{ErrorCategory, Params, PicoUsd, Provenance, RunState, Timeouts, WireApi};
use roundtable_emulator::{Behaviour, CapturedRequest};
use roundtable_engine::view::{BudgetDraft, MoneyChoice, NewProvider, OnLimit, OwnPrice, RunView};
use roundtable_engine::{AskTarget, Engine, Filing, LedgerEntry, LedgerFilter, Question, Tools};
use roundtable_store::{Reservation, Settlement};
use roundtable_tests::{Room, Window};
use serde_json::json;

use crate::batches::open_store;
use crate::budgets::usd;

/// A server that answers every question with this text and without usage, however short the answer was to be. Ends with the process.
pub(crate) fn says_too_much(text: &str) -> String {
    serve(frame(&json!({"role": "assistant", "content": text}), None) + &frame(&json!({}), Some("length")))
}

/// A server that answers every question with a word, and says that its prompt was so many tokens.
fn reports(prompt_tokens: u64) -> String {
    let usage =
        json!({"prompt_tokens": prompt_tokens, "completion_tokens": 1, "total_tokens": prompt_tokens + 1});
    let usage = json!({"id": "c", "model": "swift", "choices": [], "usage": usage});
    serve(
        frame(&json!({"role": "assistant", "content": "Yes."}), None)
            + &frame(&json!({}), Some("stop"))
            + &format!("data: {usage}\n\n"),
    )
}

fn frame(delta: &serde_json::Value, finish: Option<&str>) -> String {
    let choice = json!({"index": 0, "delta": delta, "finish_reason": finish});
    format!("data: {}\n\n", json!({"id": "c", "model": "swift", "choices": [choice]}))
}

fn serve(frames: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let body = frames + "data: [DONE]\n\n";
    let reply = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let reply = reply.clone();
            std::thread::spawn(move || {
                let mut buffer = vec![0; 65_536];
                let read = stream.read(&mut buffer).unwrap_or(0);
                let nothing = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                let said = if buffer[..read].starts_with(b"POST") { reply.as_str() } else { nothing };
                // Whoever hung up needs no answer.
                let _ = stream.write_all(said.as_bytes());
            });
        }
    });
    format!("http://{address}/v1")
}

/// A provider of Chat Completions whose model `swift` costs $1 and $10 a million tokens.
pub(crate) async fn set_up(engine: &Engine, base_url: String) {
    set_up_as(engine, base_url, "custom").await;
}

/// The same, that is spoken to in this dialect.
async fn set_up_as(engine: &Engine, base_url: String, dialect: &str) {
    let provider = NewProvider {
        id: Some("house".to_owned()),
        name: "House".to_owned(),
        dialect: dialect.to_owned(),
        api: Some(WireApi::OpenaiChat),
        base_url,
        plain_http_confirmed: false,
    };
    engine.save_provider(provider).await.unwrap();
    engine.set_key("house", "sk-0123456789abcdef".to_owned().into()).await.unwrap();
    let (input, output) = ("1".to_owned(), "10".to_owned());
    let price = OwnPrice { input, output, cache_read: None, cache_write: None };
    engine.set_own_price("house/swift", Some(price)).await.unwrap();
}

async fn ask(engine: &Engine, most: Option<u32>, patience: Option<u64>) -> RunView {
    let window = Window::default();
    let asking = engine.ask(question(most, patience), window.sink()).await.unwrap();
    window.runs(&asking.turn.runs).await.remove(0)
}

/// `most`: the longest answer, in tokens; `patience`: until its first word, in milliseconds.
pub(crate) fn question(most: Option<u32>, patience: Option<u64>) -> Question {
    Question {
        targets: vec![AskTarget::Named("house/swift".to_owned())],
        text: "Why is the sky blue?".to_owned(),
        attachments: Vec::new(),
        tools: Tools::default(),
        profile: None,
        system: None,
        params: Params { max_tokens: most, ..Params::default() },
        stream: true,
        retry: true,
        fresh: false,
        money: MoneyChoice::default(),
        filing: Filing::default(),
        timeouts: Timeouts { first_delta_ms: patience, ..Timeouts::default() },
    }
}

fn asked(requests: &[CapturedRequest]) -> usize {
    requests.iter().filter(|one| one.method == "POST").count()
}

/// The books and what was set aside for the run, oldest first.
async fn books(room: &Room, run: &RunView) -> (Vec<LedgerEntry>, Vec<Reservation>) {
    let mut entries = room.engine.ledger_entries(&LedgerFilter::default(), 50).await.unwrap();
    entries.reverse();
    let store = open_store(room.path()).await;
    let reservations = store.reservations().list(run.id).await.unwrap();
    store.close().await;
    (entries, reservations)
}

#[tokio::test]
async fn an_answer_without_usage_is_estimated_at_no_more_than_was_asked_for() {
    let room = Room::new().await;
    // One token a character, as we count: a hundred times what is asked for.
    set_up(&room.engine, says_too_much(&"天空为何是蓝色".repeat(1_000))).await;
    let stop = BudgetDraft { simulated: false, ..crate::budgets::draft("0.002", OnLimit::Stop) };
    room.engine.save_budget(stop, false).await.unwrap();
    let run = ask(&room.engine, Some(70), None).await;
    assert_eq!((run.state, run.text.chars().count()), (RunState::Complete, 7_000));
    let (entries, reservations) = books(&room, &run).await;
    let cost = &entries[0].cost;
    assert_eq!((entries[0].usage.output, cost.provenance), (Some(70), Some(Provenance::Estimated)));
    assert!(cost.usd.unwrap() <= reservations[0].amount.unwrap(), "{cost:?} of {reservations:?}");
    let budget = crate::budgets::only(&room.engine).await;
    let within = usd(&budget.spent_usd) <= usd("0.002");
    assert!(within, "a guess of ours goes beyond no limit: {}", budget.spent_usd);
}

#[tokio::test]
async fn an_estimate_is_held_to_what_was_set_aside_and_says_so() {
    let room = Room::new().await;
    // Nobody limits the answer; what is set aside is for the usual longest one.
    set_up(&room.engine, says_too_much(&"天空为何是蓝色".repeat(1_000))).await;
    let run = ask(&room.engine, None, None).await;
    let (entries, reservations) = books(&room, &run).await;
    let entry = &entries[0];
    assert_eq!(entry.usage.output, Some(7_000), "what was counted is told as it is");
    assert_eq!(entry.cost.usd, reservations[0].amount);
    assert_eq!(entry.cost.provenance, Some(Provenance::Estimated));
    assert!(entry.cost.lines.iter().all(|line| line.usd.is_none()), "its lines come to more");
    assert_eq!(run.cost.unwrap().usd.unwrap().parse::<PicoUsd>().unwrap(), entry.cost.usd.unwrap());
}

#[tokio::test]
async fn a_prompt_that_left_whole_is_booked_where_our_timer_ends_the_wait() {
    let room = Room::new().await;
    let emulator = room.engine.emulator().await.unwrap();
    emulator.script_always("swift", Behaviour::NoReply);
    set_up(&room.engine, format!("{}/v1", emulator.base_url())).await;
    let run = ask(&room.engine, Some(70), Some(400)).await;
    assert_eq!(run.fault.as_ref().unwrap().category, ErrorCategory::Timeout);
    let (entries, reservations) = books(&room, &run).await;
    assert_eq!((entries.len(), reservations.len()), (3, 3), "each try may have been charged");
    for (entry, reservation) in entries.iter().zip(&reservations) {
        assert_eq!((entry.usage.output, entry.cost.provenance), (Some(0), Some(Provenance::Estimated)));
        assert!(entry.usage.input.unwrap() > 0 && entry.cost.usd.unwrap() > PicoUsd::ZERO);
        assert_eq!(reservation.settlement, Some(Settlement::Settled));
    }
    assert!(run.cost.is_some_and(|cost| cost.provenance == Some(Provenance::Estimated)), "it is told");
}

#[tokio::test]
async fn a_prompt_that_left_whole_is_booked_where_the_user_stops_the_wait() {
    let room = Room::new().await;
    let emulator = room.engine.emulator().await.unwrap();
    emulator.script_always("swift", Behaviour::NoReply);
    set_up(&room.engine, format!("{}/v1", emulator.base_url())).await;
    let window = Window::default();
    let asking = room.engine.ask(question(Some(70), None), window.sink()).await.unwrap();
    // The emulator has read the whole of it, and not a byte comes back.
    emulator.until(|requests| asked(requests) == 1).await;
    room.engine.stop_run(asking.turn.runs[0].id);
    let run = window.runs(&asking.turn.runs).await.remove(0);
    assert_eq!((run.state, run.text.as_str()), (RunState::Cancelled, ""));
    let (entries, reservations) = books(&room, &run).await;
    assert_eq!((entries.len(), reservations.len()), (1, 1));
    let (entry, reservation) = (&entries[0], &reservations[0]);
    assert_eq!((entry.usage.output, entry.cost.provenance), (Some(0), Some(Provenance::Estimated)));
    let input = i64::try_from(entry.usage.input.unwrap()).unwrap();
    assert!(input > 0);
    assert_eq!(entry.cost.usd, Some(PicoUsd::from_pico(input * 1_000_000)), "at the full price for input");
    assert!(entry.cost.usd <= reservation.amount);
    assert_eq!(reservation.settlement, Some(Settlement::Settled));
    assert_eq!(run.cost.unwrap().usd.unwrap().parse::<PicoUsd>().unwrap(), entry.cost.usd.unwrap());
    assert_eq!(asked(&emulator.requests()), 1, "what was stopped is not asked again");
}

#[tokio::test]
async fn what_never_arrived_or_was_lost_before_any_head_is_free() {
    let room = Room::new().await;
    let emulator = room.engine.emulator().await.unwrap();
    emulator.script_always("swift", Behaviour::ClosedBeforeHeaders);
    for base_url in ["http://127.0.0.1:1/v1".to_owned(), format!("{}/v1", emulator.base_url())] {
        set_up(&room.engine, base_url.clone()).await;
        let run = ask(&room.engine, Some(70), None).await;
        assert_eq!(run.fault.as_ref().unwrap().category, ErrorCategory::Network, "{base_url}");
        let (entries, reservations) = books(&room, &run).await;
        assert!(entries.is_empty(), "{base_url}: {entries:?}");
        let free = reservations.iter().all(|one| one.settlement == Some(Settlement::Released));
        assert!(free && !reservations.is_empty(), "{base_url}: {reservations:?}");
    }
}

#[tokio::test]
async fn a_budget_that_is_made_during_a_turn_limits_its_further_calls() {
    let room = Room::new().await;
    let emulator = room.engine.emulator().await.unwrap();
    let brief = Behaviour::Reply { text: "Scattering.".to_owned(), reasoning: None };
    emulator.script("swift", vec![Behaviour::NoReply, brief]);
    set_up(&room.engine, format!("{}/v1", emulator.base_url())).await;
    let window = Window::default();
    let asking = room.engine.ask(question(None, Some(600)), window.sink()).await.unwrap();
    emulator.until(|requests| asked(requests) == 1).await;
    let stop = BudgetDraft { simulated: false, ..crate::budgets::draft("5", OnLimit::Stop) };
    room.engine.save_budget(stop, false).await.unwrap();
    let run = window.runs(&asking.turn.runs).await.remove(0);
    assert_eq!(run.state, RunState::Complete);
    let requests = emulator.requests();
    let sent = requests.iter().filter(|one| one.method == "POST");
    let limited: Vec<bool> = sent.map(|one| one.body["max_tokens"].is_u64()).collect();
    assert_eq!(limited, [false, true], "what is sent has the limit that money is set aside for");
}

#[tokio::test]
async fn thinking_that_a_budget_has_shortened_is_ordered_whole_again_when_the_budget_is_gone() {
    let room = Room::new().await;
    let emulator = room.engine.emulator().await.unwrap();
    let brief = Behaviour::Reply { text: "Scattering.".to_owned(), reasoning: None };
    emulator.script("swift", vec![Behaviour::NoReply, brief]);
    set_up_as(&room.engine, format!("{}/v1", emulator.base_url()), "openrouter").await;
    let stop = BudgetDraft { simulated: false, ..crate::budgets::draft("5", OnLimit::Stop) };
    let budget = room.engine.save_budget(stop, false).await.unwrap().remove(0);
    let window = Window::default();
    let mut thinking = question(None, Some(600));
    thinking.params.reasoning_tokens = Some(20_000);
    let asking = room.engine.ask(thinking, window.sink()).await.unwrap();
    emulator.until(|requests| asked(requests) == 1).await;
    room.engine.remove_budget(budget.id).await.unwrap();
    let run = window.runs(&asking.turn.runs).await.remove(0);
    assert_eq!(run.state, RunState::Complete);
    let requests = emulator.requests();
    let sent: Vec<_> = requests
        .iter()
        .filter(|one| one.method == "POST")
        .map(|one| (one.body["max_tokens"].as_u64(), one.body["reasoning"]["max_tokens"].as_u64()))
        .collect();
    assert_eq!(sent, [(Some(4_096), Some(2_048)), (None, Some(20_000))]);
}

/// A hundred pages whose objects are packed, as every newer program writes them: 300 bytes of which none says "page".
fn packed_pdf() -> Vec<u8> {
    const PAGES: [u8; 76] = [
        0x78, 0xda, 0xb3, 0xb1, 0xd1, 0x0f, 0xa9, 0x2c, 0x48, 0xd5, 0x0f, 0x48, 0x4c, 0x4f, 0x2d, 0xd6, 0x77,
        0xce, 0x2f, 0xcd, 0x2b, 0x51, 0x30, 0x34, 0x30, 0xd0, 0xf7, 0xce, 0x4c, 0x29, 0x8e, 0x8e, 0xb5, 0xb3,
        0x53, 0xb0, 0x41, 0x52, 0x00, 0x24, 0x8a, 0x52, 0x41, 0x0a, 0x14, 0x0c, 0x14, 0x82, 0x46, 0xe5, 0x46,
        0xe5, 0x46, 0xe5, 0x46, 0xe5, 0x46, 0xe5, 0x46, 0xe5, 0x46, 0xe5, 0x46, 0xe5, 0x46, 0xe5, 0x46, 0xe5,
        0x86, 0x81, 0x1c, 0x00, 0x6d, 0x2a, 0x42, 0x61,
    ];
    let head = b"%PDF-1.7\n1 0 obj\n<</Type/ObjStm/N 101/First 0/Filter/FlateDecode/Length 76>>\nstream\n";
    [head.as_slice(), &PAGES, b"\nendstream\nendobj\n%%EOF\n"].concat()
}

#[tokio::test]
async fn a_file_that_is_charged_as_far_more_than_it_looks_does_not_get_past_a_budget() {
    let room = Room::new().await;
    // A quarter of a million tokens, $0.25, of a file that would be one page by its length.
    set_up(&room.engine, reports(250_000)).await;
    let file = room.engine.add_attachment("report.pdf", packed_pdf()).await.unwrap().id;
    let asking = async |limit: &str| {
        let stop = BudgetDraft { simulated: false, ..crate::budgets::draft(limit, OnLimit::Stop) };
        let id = room.engine.list_budgets().await.unwrap().first().map(|budget| budget.id);
        room.engine.save_budget(BudgetDraft { id, ..stop }, false).await.unwrap();
        let window = Window::default();
        let question = Question { attachments: vec![file.clone()], ..question(Some(70), None) };
        let asking = room.engine.ask(question, window.sink()).await?;
        Ok::<_, roundtable_engine::view::AppError>(window.runs(&asking.turn.runs).await.remove(0))
    };
    assert_eq!(asking("0.2").await.unwrap_err().code, "over_budget", "what it may come to does not fit");
    let run = asking("2").await.unwrap();
    let (entries, reservations) = books(&room, &run).await;
    assert_eq!(
        (entries.len(), entries[0].usage.input),
        (1, Some(250_000)),
        "it is booked as it was reported"
    );
    assert!(entries[0].cost.usd <= reservations[0].amount, "{:?}, {:?}", entries[0].cost, reservations[0]);
    let budget = crate::budgets::only(&room.engine).await;
    assert!(usd(&budget.spent_usd) <= usd(&budget.draft.limit_usd), "{budget:?}");
}
