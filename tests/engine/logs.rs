//! What the log may hold: ids, names, numbers and categories; nothing somebody wrote, and no key.

use std::io::Write;
use std::sync::{Arc, Mutex};

use roundtable_domain::WireApi;
use roundtable_emulator::Behaviour;
use roundtable_engine::view::{BudgetDraft, MoneyChoice, NewProvider, OnLimit, Settings};
use roundtable_engine::{BatchSettings, BatchStop, Engine, Options, Pace, RenderResult};
use roundtable_tests::{Window, options};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tracing_subscriber::fmt::format::FmtSpan;

/// Stands in everything somebody wrote.
const WRITTEN: &str = "zweiundvierzigst";

/// Stands in every key.
const KEY: &str = "sk-test-geheimnis0123456789";

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A server that refuses everything in the words it was asked with, as some do.
async fn echoes() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    // Ends with the test's runtime.
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut buffer = vec![0; 65_536];
                let _ = stream.read(&mut buffer).await;
                let body = format!(
                    r#"{{"error":{{"message":"what is {WRITTEN} with {KEY}?","type":"invalid_request_error","code":"bad"}}}}"#
                );
                let head = format!(
                    "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\nx-request-id: {WRITTEN}\r\n\
                     content-length: {}\r\nconnection: close\r\n\r\n",
                    body.len()
                );
                let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
            });
        }
    });
    format!("http://{address}/{WRITTEN}/v1")
}

fn provider(id: &str, base_url: String) -> NewProvider {
    NewProvider {
        id: Some(id.to_owned()),
        name: "Server".to_owned(),
        dialect: "custom".to_owned(),
        api: Some(WireApi::OpenaiChat),
        base_url,
        plain_http_confirmed: false,
    }
}

async fn ask(engine: &Engine, targets: &[&str], files: &[String]) {
    let targets: Vec<String> = targets.iter().map(|target| (*target).to_owned()).collect();
    let conversation = engine.create_conversation(&targets).await.unwrap().summary.id;
    engine.rename_conversation(conversation, &format!("About {WRITTEN}")).await.unwrap();
    engine.set_conversation_folder(conversation, Some(WRITTEN)).await.unwrap();
    engine.set_conversation_tags(conversation, &[WRITTEN.to_owned()]).await.unwrap();
    let prompt = format!("Tell me of {WRITTEN}.");
    engine.preview_turn(conversation, &prompt, files, &[], true).await.unwrap();
    let window = Window::default();
    let money = MoneyChoice::default();
    // What a budget keeps back is part of it.
    if let Ok(turn) = engine.start_turn(conversation, &prompt, files, &[], money, window.sink()).await {
        window.runs(&turn.runs).await;
        window.until(|seen| seen.done).await;
    }
}

async fn provoke(engine: &Engine) {
    let emulator = engine.emulator().await.unwrap();
    let reply = Behaviour::Reply {
        text: format!("Of {WRITTEN} I know much."),
        reasoning: Some(format!("{WRITTEN}, hm.")),
    };
    emulator.script_always("swift", reply);
    emulator.script("poet", vec![Behaviour::SocketCut { after_tokens: 3 }, Behaviour::NoReply]);
    engine.save_provider(provider("server", echoes().await)).await.unwrap();
    let mut settings = engine.provider_settings("server").await.unwrap();
    settings.extra_headers = vec![("x-team".to_owned(), WRITTEN.to_owned())];
    settings.network.query = vec![("team".to_owned(), WRITTEN.to_owned())];
    engine.save_provider_settings("server", settings).await.unwrap();
    drop(engine.set_key("server", KEY.to_owned().into()).await);
    let text = engine.add_attachment(&format!("{WRITTEN}.txt"), WRITTEN.as_bytes().to_vec()).await.unwrap();
    ask(engine, &["demo/swift", "server/m"], std::slice::from_ref(&text.id)).await;
    ask(engine, &["demo/scholar"], &[]).await;
    // Refusals quote what was written.
    drop(engine.create_conversation(&[WRITTEN.to_owned()]).await);
    drop(engine.save_settings(Settings { time_zone: Some(WRITTEN.to_owned()), ..Settings::default() }).await);
    drop(engine.embed("server/m", &[WRITTEN.to_owned()], None, &MoneyChoice::default()).await);
    let stop = BudgetDraft { name: WRITTEN.to_owned(), ..crate::budgets::draft("0.00000001", OnLimit::Stop) };
    engine.save_budget(stop, false).await.unwrap();
    ask(engine, &["demo/swift"], &[]).await;
    engine.list_alerts().await.unwrap();
    engine.analysis(30).await.unwrap();
    drop(engine.apply_recommendation(WRITTEN, 30).await);
    drop(engine.import_invoice(&format!("{WRITTEN}.csv"), &format!("{WRITTEN},{KEY}"), None).await);
}

/// A file of questions, asked in one go.
async fn ask_many(engine: &Engine, folder: &std::path::Path) {
    let questions = folder.join(format!("{WRITTEN}.csv"));
    std::fs::write(&questions, format!("prompt\nwhat is {WRITTEN}\nand {WRITTEN} again\n")).unwrap();
    let settings = BatchSettings {
        questions,
        results: folder.join(format!("{WRITTEN}.jsonl")),
        system: Some(WRITTEN.to_owned()),
        ..crate::batches::settings(folder, &["demo/swift"])
    };
    let plan = engine.plan_batch(settings).await.unwrap();
    let render: RenderResult = |_| Ok(serde_json::Value::Null);
    engine.run_batch(plan, render, &BatchStop::default(), &mut |_| {}).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_somebody_wrote_and_no_key_is_ever_logged() {
    let log = Log::default();
    let writer = log.clone();
    let everything = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::NEW | FmtSpan::CLOSE)
        .with_ansi(false)
        .with_writer(move || writer.clone());
    everything.init();
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("config/groups");
    std::fs::create_dir_all(&rules).unwrap();
    std::fs::write(rules.join("broken.yaml"), format!("echelon1:\n  api_key: {KEY}\n  {WRITTEN}: [a]\n"))
        .unwrap();
    for _ in ["the first start", "the second"] {
        let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let environment = [
            ("OPENAI_API_KEY".to_owned(), KEY.to_owned()),
            ("OTEL_EXPORTER_OTLP_ENDPOINT".to_owned(), format!("http://{gone}")),
            ("OTEL_RESOURCE_ATTRIBUTES".to_owned(), format!("team={WRITTEN}")),
        ]
        .into();
        let options = Options { environment, ..options(folder.path(), Pace::Instant) };
        let engine = Engine::open(options).await.unwrap();
        ask_many(&engine, folder.path()).await;
        provoke(&engine).await;
        engine.shutdown().await;
    }
    let text = log.text();
    for line in text.lines() {
        assert!(!line.contains(WRITTEN), "somebody wrote that: {line}");
        assert!(!line.contains("geheimnis"), "that is a key: {line}");
    }
    for expected in [
        "turn{turn_id=",
        "run{run_id=",
        "attempt{attempt_id=",
        "turn begun",
        "call ended",
        "answer ended",
        "outcome=\"complete\"",
        "outcome=\"invalid_request\"",
        "kept back by budgets",
        "database migrated",
        "config folder read",
        "opened",
        "closed",
    ] {
        assert!(text.contains(expected), "{expected} is not told of");
    }
    let nested = text
        .lines()
        .any(|line| line.contains("turn{") && line.contains(":run{") && line.contains(":attempt{"));
    assert!(nested, "turn > run > attempt");
}
