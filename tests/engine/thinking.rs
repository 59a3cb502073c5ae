//! Thinking that a server charges on top of the longest answer: it is set aside for, so that a limit holds there too.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use roundtable_domain::{Params, PicoUsd, Provenance, RunState, WireApi};
use roundtable_engine::view::{BudgetDraft, MoneyChoice, NewProvider, OnLimit};
use roundtable_engine::{AskTarget, EngineError, Filing, LedgerFilter, Question, Tools};
use roundtable_tests::{Room, Window};
use serde_json::{Value, json};

use crate::batches::open_store;

/// A model, how its server is spoken to, and what it thinks when nobody limits that, in tokens.
#[derive(Clone, Copy)]
struct Thinker {
    dialect: &'static str,
    model: &'static str,
    unlimited: u64,
}

/// Writes and thinks as long as it may.
fn serve(thinker: Thinker, sent: Arc<Mutex<Vec<Value>>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let sent = Arc::clone(&sent);
            std::thread::spawn(move || {
                let said = match received(&mut stream) {
                    Some(body) => {
                        let said = answer(thinker, &body);
                        sent.lock().unwrap().push(body);
                        said
                    }
                    None => {
                        "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned()
                    }
                };
                // Whoever hung up needs no answer.
                let _ = stream.write_all(said.as_bytes());
            });
        }
    });
    format!("http://{address}/v1")
}

/// The body of a question; `None` for anything else.
fn received(stream: &mut TcpStream) -> Option<Value> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4_096];
    loop {
        let read = stream.read(&mut buffer).ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes);
        if !text.starts_with("POST") {
            return None;
        }
        let body = text.split_once("\r\n\r\n").and_then(|(_, body)| serde_json::from_str(body).ok());
        if body.is_some() {
            return body;
        }
    }
}

fn answer(thinker: Thinker, body: &Value) -> String {
    let most = ["max_completion_tokens", "max_tokens"].iter().find_map(|name| body[name].as_u64()).unwrap();
    let thought = body["thinking_budget"].as_u64().unwrap_or(thinker.unlimited);
    let (prompt, inside) = (30, thinker.dialect != "xai");
    let usage = json!({
        "prompt_tokens": prompt,
        "completion_tokens": if inside { most + thought } else { most },
        "completion_tokens_details": {"reasoning_tokens": thought},
        "total_tokens": prompt + most + thought,
    });
    let frame = |delta: Value, finish: Option<&str>| {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": finish});
        format!("data: {}\n\n", json!({"id": "c", "model": thinker.model, "choices": [choice]}))
    };
    let body = frame(json!({"role": "assistant", "content": "Scattering."}), None)
        + &frame(json!({}), Some("length"))
        + &format!("data: {}\n\n", json!({"id": "c", "model": thinker.model, "choices": [], "usage": usage}))
        + "data: [DONE]\n\n";
    let length = body.len();
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

/// What came of one question.
struct Came {
    sent: Value,
    reserved: PicoUsd,
    booked: PicoUsd,
    output: u64,
    spent: PicoUsd,
}

/// Asks once under a budget of so many dollars.
async fn ask(thinker: Thinker, params: Params, limit: &str) -> Result<Came, EngineError> {
    let room = Room::new().await;
    let bodies = Arc::default();
    let provider = NewProvider {
        id: Some("house".to_owned()),
        name: "House".to_owned(),
        dialect: thinker.dialect.to_owned(),
        api: Some(WireApi::OpenaiChat),
        base_url: serve(thinker, Arc::clone(&bodies)),
        plain_http_confirmed: false,
    };
    room.engine.save_provider(provider).await.unwrap();
    room.engine.set_key("house", "sk-0123456789abcdef".to_owned().into()).await.unwrap();
    let stop = BudgetDraft { simulated: false, ..crate::budgets::draft(limit, OnLimit::Stop) };
    room.engine.save_budget(stop, false).await.unwrap();
    let window = Window::default();
    let question = Question {
        targets: vec![AskTarget::Named(format!("house/{}", thinker.model))],
        text: "Why is the sky blue?".to_owned(),
        attachments: Vec::new(),
        tools: Tools::default(),
        profile: None,
        system: None,
        params,
        stream: true,
        retry: true,
        fresh: false,
        money: MoneyChoice::default(),
        filing: Filing::default(),
        timeouts: roundtable_domain::Timeouts::default(),
    };
    let asking = room.engine.ask(question, window.sink()).await?;
    let run = window.runs(&asking.turn.runs).await.remove(0);
    assert_eq!(run.state, RunState::Complete, "{run:?}");
    let entry = room.engine.ledger_entries(&LedgerFilter::default(), 9).await.unwrap().remove(0);
    assert_eq!(entry.cost.provenance, Some(Provenance::Computed), "what was reported is booked as it is");
    let store = open_store(room.path()).await;
    let reserved = store.reservations().list(run.id).await.unwrap().remove(0).amount.unwrap();
    store.close().await;
    let budget = crate::budgets::usd(&crate::budgets::only(&room.engine).await.spent_usd);
    Ok(Came {
        sent: bodies.lock().unwrap().remove(0),
        reserved,
        booked: entry.cost.usd.unwrap(),
        output: entry.usage.output.unwrap(),
        spent: budget,
    })
}

/// A budget of just what is set aside lets the call through and holds; one of a pico-dollar less refuses it.
async fn holds(thinker: Thinker, params: &Params) -> Came {
    let free = ask(thinker, params.clone(), "9").await.unwrap();
    assert!(free.booked <= free.reserved, "{} of {}", free.booked, free.reserved);
    let tight = ask(thinker, params.clone(), &free.reserved.to_string()).await.unwrap();
    assert_eq!((tight.reserved, &tight.sent["max_tokens"]), (free.reserved, &free.sent["max_tokens"]));
    assert!(tight.spent <= free.reserved, "{} is above the limit", tight.spent);
    let less = PicoUsd::from_pico(free.reserved.as_pico() - 1).to_string();
    assert!(matches!(ask(thinker, params.clone(), &less).await, Err(EngineError::OverBudget(_))));
    tight
}

#[tokio::test]
async fn what_xai_thinks_beside_its_limit_is_set_aside_up_to_what_the_model_may_write() {
    // Its list says 30,000 tokens at $2.50 a million, and prompts at $1.25.
    let grok = Thinker { dialect: "xai", model: "grok-4.3", unlimited: 30_000 };
    let came = holds(grok, &Params { max_tokens: Some(100), ..Params::default() }).await;
    assert_eq!(came.sent["max_completion_tokens"], 100, "what is sent is what is reckoned with");
    assert_eq!(came.output, 30_100);
    let written = PicoUsd::from_pico(30_100 * 2_500_000);
    assert!(came.booked > written && came.reserved > written, "{} of {}", came.booked, came.reserved);
}

#[tokio::test]
async fn dashscope_is_told_how_long_to_think_and_no_more_than_that_is_set_aside() {
    // $0.40 a million tokens of prompt, and $4 of an answer that was thought about.
    let qwen = Thinker { dialect: "qwen", model: "qwen-plus-2025-07-14", unlimited: 81_920 };
    let came = holds(qwen, &Params { max_tokens: Some(500), ..Params::default() }).await;
    assert_eq!((&came.sent["max_tokens"], &came.sent["thinking_budget"]), (&json!(500), &json!(500)));
    assert_eq!(came.sent.get("enable_thinking"), None, "whether it thinks is its own business");
    assert_eq!(came.output, 1_000);
    let ordered = Params { max_tokens: Some(500), reasoning_tokens: Some(2_000), ..Params::default() };
    let came = holds(qwen, &ordered).await;
    assert_eq!((&came.sent["max_tokens"], &came.sent["thinking_budget"]), (&json!(500), &json!(2_000)));
    assert_eq!((&came.sent["enable_thinking"], came.output), (&json!(true), 2_500));
}
