//! What other programs may learn: asked for in the settings, in force at once, and told when it cannot be had.

use std::time::Duration;

use roundtable_domain::WireApi;
use roundtable_emulator::Behaviour;
use roundtable_engine::view::{MoneyChoice, NewProvider, Settings, TelemetryFrom, TelemetrySettings, Theme};
use roundtable_engine::{Engine, Options, Pace, Process};
use roundtable_tests::{Window, options};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

const PATIENCE: Duration = Duration::from_secs(20);

/// A port that nobody uses now.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn asking(metrics_port: Option<u16>, otlp_endpoint: Option<String>) -> Settings {
    Settings { telemetry: TelemetrySettings { metrics_port, otlp_endpoint }, ..Settings::default() }
}

/// The window opens the folder.
async fn open(folder: &std::path::Path, environment: &[(&str, &str)]) -> Engine {
    let mut options = options(folder, Pace::Instant);
    let variables = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    options.environment.extend(variables);
    Engine::open(options).await.unwrap()
}

/// The page's text; `None` when nobody serves it.
async fn page(port: u16) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
    let request = format!("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    Some(text)
}

async fn answer(engine: &Engine) {
    let conversation = engine.create_conversation(&["demo/swift".to_owned()]).await.unwrap().summary.id;
    let window = Window::default();
    let money = MoneyChoice::default();
    let turn = engine.start_turn(conversation, "Hello", &[], &[], money, window.sink()).await.unwrap();
    window.runs(&turn.runs).await;
}

#[tokio::test]
async fn the_settings_page_comes_and_goes_without_a_restart_and_is_there_after_one() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path(), &[]).await;
    answer(&engine).await;
    let (first, second) = (free_port(), free_port());
    engine.save_settings(asking(Some(first), None)).await.unwrap();
    let shown = engine.telemetry_status().await.unwrap().page;
    assert_eq!((shown.from, shown.port), (TelemetryFrom::Settings, Some(first)));
    assert_eq!(shown.address, Some(format!("http://127.0.0.1:{first}/metrics")));
    let text = page(first).await.unwrap();
    assert!(text.contains("roundtable_calls_total{"), "what was before it was asked for counts too: {text}");
    engine.save_settings(asking(Some(second), None)).await.unwrap();
    assert!(page(first).await.is_none(), "the old port is free again");
    assert!(page(second).await.is_some());
    engine.save_settings(asking(None, None)).await.unwrap();
    assert!(page(second).await.is_none());
    engine.save_settings(asking(Some(second), None)).await.unwrap();
    assert!(page(second).await.is_some(), "the port that was just left can be had again");
    engine.shutdown().await;
    assert!(page(second).await.is_none(), "it ends with the program");
    let engine = open(folder.path(), &[]).await;
    assert!(page(second).await.is_some());
    engine.shutdown().await;
}

#[tokio::test]
async fn what_cannot_be_had_is_refused_and_nothing_else_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path(), &[]).await;
    let (works, taken) = (free_port(), TcpListener::bind("127.0.0.1:0").await.unwrap());
    engine.save_settings(asking(Some(works), None)).await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let refused = engine.save_settings(Settings { theme: Theme::Dark, ..asking(Some(port), None) }).await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.code, "bad_metrics_port");
    assert!(refused.message.contains(&port.to_string()) && refused.message.contains("Choose another"));
    assert_eq!(refused.saying.unwrap().code, "telemetry_port_taken", "for a window in another language");
    for address in ["collector", "https://me:hunter2@collector.example"] {
        let asked = asking(Some(works), Some(address.to_owned()));
        let refused = engine.save_settings(asked).await.unwrap_err();
        assert_eq!(refused.code, "bad_otlp_endpoint");
        assert!(!refused.message.contains("hunter2"), "{}", refused.message);
    }
    assert!(page(works).await.is_some(), "what was in force still is");
    let kept = engine.ready().await.unwrap().settings;
    assert_eq!((kept.theme, kept.telemetry.metrics_port), (Theme::System, Some(works)), "all or nothing");

    // A port that was taken away meanwhile keeps nobody from changing something else.
    engine.shutdown().await;
    let taken = TcpListener::bind(("127.0.0.1", works)).await.unwrap();
    let engine = open(folder.path(), &[]).await;
    let failure = engine.telemetry_status().await.unwrap().page.failure.unwrap();
    assert_eq!(failure.what.saying.code, "telemetry_port_taken");
    engine.save_settings(Settings { theme: Theme::Dark, ..asking(Some(works), None) }).await.unwrap();
    drop(taken);
    engine.save_settings(Settings { theme: Theme::Light, ..asking(Some(works), None) }).await.unwrap();
    assert!(page(works).await.is_some(), "saving again tries again");
    assert_eq!(engine.telemetry_status().await.unwrap().page.failure, None);
    engine.shutdown().await;
}

#[tokio::test]
async fn the_environment_goes_before_the_settings_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path(), &[("ROUNDTABLE_METRICS_PORT", "0")]).await;
    let settings = free_port();
    engine.save_settings(asking(Some(settings), None)).await.unwrap();
    assert!(page(settings).await.is_none());
    let shown = engine.telemetry_status().await.unwrap().page;
    assert_eq!((shown.from, shown.port), (TelemetryFrom::Environment, Some(0)));
    let address = shown.address.unwrap();
    let port = address.strip_prefix("http://127.0.0.1:").unwrap().strip_suffix("/metrics").unwrap();
    assert!(page(port.parse().unwrap()).await.is_some());
    engine.shutdown().await;
}

/// A collector: gives the path and body of each request.
async fn collector() -> (String, mpsc::UnboundedReceiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (tell, told) = mpsc::unbounded_channel();
    // Ends with the test's runtime.
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(take(stream, tell.clone()));
        }
    });
    (address, told)
}

async fn take(stream: TcpStream, tell: mpsc::UnboundedSender<(String, Vec<u8>)>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let (mut path, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            if path.is_empty() {
                path = line.split(' ').nth(1)?.to_owned();
            }
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.ok()?;
        tell.send((path, body)).ok()?;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.ok()?;
    }
}

/// Whether a collector is sent spans with this name.
async fn sent(told: &mut mpsc::UnboundedReceiver<(String, Vec<u8>)>, name: &str) -> bool {
    let seen = tokio::time::timeout(PATIENCE, async {
        while let Some((path, body)) = told.recv().await {
            if path == "/v1/traces" && String::from_utf8_lossy(&body).contains(name) {
                return true;
            }
        }
        false
    });
    seen.await.unwrap_or(false)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_exporter_is_exchanged_and_what_it_was_told_is_sent_before() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path(), &[]).await;
    let (first, mut told_first) = collector().await;
    let (second, mut told_second) = collector().await;
    engine.save_settings(asking(None, Some(first.clone()))).await.unwrap();
    let shown = engine.telemetry_status().await.unwrap().export;
    assert_eq!((shown.from, shown.endpoint), (TelemetryFrom::Settings, Some(first)));
    answer(&engine).await;
    engine.save_settings(asking(None, Some(second))).await.unwrap();
    assert!(sent(&mut told_first, "chat swift").await);
    let provider = NewProvider {
        id: None,
        name: "Vectors".to_owned(),
        dialect: "custom".to_owned(),
        api: Some(WireApi::OpenaiChat),
        base_url: format!("http://127.0.0.1:{}/v1", free_port()),
        plain_http_confirmed: false,
    };
    let target = format!("{}/small", engine.save_provider(provider).await.unwrap().id);
    engine.embed(&target, &["a text".to_owned()], None, &MoneyChoice::default()).await.unwrap_err();
    engine.save_settings(asking(None, None)).await.unwrap();
    assert!(sent(&mut told_second, "embeddings small").await, "vectors are told of, and what failed too");
    assert_eq!(engine.telemetry_status().await.unwrap().export.endpoint, None);
    engine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_exports_and_leaves_the_settings_port_to_the_window() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { process: Process::CommandLine, ..options(folder.path(), Pace::Instant) };
    let engine = Engine::open(options).await.unwrap();
    let (address, mut told) = collector().await;
    let port = free_port();
    engine.save_settings(asking(Some(port), Some(address))).await.unwrap();
    assert!(page(port).await.is_none(), "its port would be missing when the window opens");
    answer(&engine).await;
    engine.shutdown().await;
    assert!(sent(&mut told, "chat swift").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_turn_is_sent_as_one_trace_and_a_refused_call_is_no_call_without_a_price() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path(), &[("ROUNDTABLE_METRICS_PORT", "0")]).await;
    let (address, mut told) = collector().await;
    engine.save_settings(asking(None, Some(address))).await.unwrap();
    engine.emulator().await.unwrap().script("swift", vec![Behaviour::Status402]);
    answer(&engine).await;
    let shown = engine.telemetry_status().await.unwrap().page.address.unwrap();
    let port = shown.strip_prefix("http://127.0.0.1:").unwrap().strip_suffix("/metrics").unwrap();
    let text = page(port.parse().unwrap()).await.unwrap();
    assert!(text.contains("outcome=\"quota_exceeded\""), "{text}");
    assert!(!text.contains("roundtable_unpriced_calls_total{"), "nobody charges for a refusal: {text}");
    engine.shutdown().await;
    let mut spans = String::new();
    while let Ok((path, body)) = told.try_recv() {
        if path == "/v1/traces" {
            spans.push_str(&String::from_utf8_lossy(&body));
        }
    }
    for name in ["turn", "answer", "chat swift", "gen_ai.conversation.id", "roundtable.run.id"] {
        assert!(spans.contains(name), "{name} is missing");
    }
}
