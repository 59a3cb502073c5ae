use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use roundtable_domain::{Network, PicoUsd, Provenance, Timeouts, WireApi};
use roundtable_engine::LedgerFilter;
use roundtable_engine::view::{MoneyChoice, NewProvider, OwnPrice, ProviderSettings};
use roundtable_tests::Room;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A server of vectors: each text becomes its length and its first byte.
struct Vectors {
    base_url: String,
    texts: Arc<AtomicUsize>,
}

impl Vectors {
    async fn start() -> Self {
        Self::start_failing(0).await
    }

    /// Refuses so many requests before it answers.
    async fn start_failing(times: usize) -> Self {
        let refusals = Arc::new(AtomicUsize::new(times));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let texts = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&texts);
        // Ends with the test's runtime.
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (count, refusals) = (Arc::clone(&count), Arc::clone(&refusals));
                tokio::spawn(async move { answer(stream, &count, &refusals).await });
            }
        });
        Self { base_url, texts }
    }

    fn texts(&self) -> usize {
        self.texts.load(Ordering::SeqCst)
    }
}

async fn answer(stream: TcpStream, count: &AtomicUsize, refusals: &AtomicUsize) -> Option<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.ok()? == 0 {
                return None;
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
        let left = |count: usize| count.checked_sub(1);
        if refusals.fetch_update(Ordering::SeqCst, Ordering::SeqCst, left).is_ok() {
            let busy = b"HTTP/1.1 503 Busy\r\nretry-after-ms: 1\r\ncontent-length: 0\r\n\r\n";
            stream.write_all(busy).await.ok()?;
            continue;
        }
        let request: Value = serde_json::from_slice(&body).ok()?;
        let texts = request["input"].as_array()?;
        count.fetch_add(texts.len(), Ordering::SeqCst);
        let data: Vec<Value> = texts
            .iter()
            .enumerate()
            .map(|(index, text)| {
                let text = text.as_str().unwrap_or_default();
                json!({ "index": index, "embedding": [text.len(), text.as_bytes()[0]] })
            })
            .collect();
        let usage = json!({ "prompt_tokens": texts.len(), "total_tokens": texts.len() });
        let reply = json!({ "object": "list", "data": data, "model": "small", "usage": usage }).to_string();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            reply.len()
        );
        stream.write_all(head.as_bytes()).await.ok()?;
        stream.write_all(reply.as_bytes()).await.ok()?;
    }
}

fn texts(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[tokio::test]
async fn a_text_is_asked_once_paid_once_and_found_again_after_a_restart() {
    let room = Room::new().await;
    let server = Vectors::start().await;
    let provider = NewProvider {
        id: None,
        name: "Vectors".to_owned(),
        dialect: "custom".to_owned(),
        api: Some(WireApi::OpenaiChat),
        base_url: server.base_url.clone(),
        plain_http_confirmed: false,
    };
    let target = format!("{}/small", room.engine.save_provider(provider).await.unwrap().id);
    let first =
        room.engine.embed(&target, &texts(&["a", "bb", "a"]), None, &MoneyChoice::default()).await.unwrap();
    assert_eq!(
        first.iter().map(|vector| vector.to_vec()).collect::<Vec<_>>(),
        [[1.0, 97.0], [2.0, 98.0], [1.0, 97.0]]
    );
    assert_eq!(server.texts(), 2, "the same text is asked once");
    room.engine.embed(&target, &texts(&["bb", "ccc"]), None, &MoneyChoice::default()).await.unwrap();
    assert_eq!(server.texts(), 3, "only what is new is asked");
    let stats = room.engine.embedding_stats().await.unwrap();
    assert_eq!((stats.memory_hits, stats.stored_hits, stats.misses, stats.stored), (1, 0, 3, 3));
    let booked = room.engine.ledger_entries(&LedgerFilter::default(), 10).await.unwrap();
    assert_eq!(booked.len(), 2, "one entry a request");
    assert!(
        booked.iter().all(|entry| entry.usage.input.is_some() && entry.cost.usd.is_none()),
        "unpriced, not free"
    );

    let again = room.again().await;
    again.engine.embed(&target, &texts(&["ccc", "a"]), None, &MoneyChoice::default()).await.unwrap();
    assert_eq!(server.texts(), 3, "what is stored is not asked again");
    assert_eq!(again.engine.embedding_stats().await.unwrap().stored_hits, 2);
    again.engine.embed(&target, &texts(&["a"]), Some(2), &MoneyChoice::default()).await.unwrap();
    assert_eq!(server.texts(), 4, "other dimensions are another vector");
    assert_eq!(again.engine.clear_embeddings().await.unwrap().stored, 0);
    again.engine.embed(&target, &texts(&["a"]), None, &MoneyChoice::default()).await.unwrap();
    assert_eq!(server.texts(), 5);
}

#[tokio::test]
async fn a_busy_server_is_asked_again_and_paid_once() {
    let room = Room::new().await;
    let server = Vectors::start_failing(2).await;
    let provider = NewProvider {
        id: None,
        name: "Busy".to_owned(),
        dialect: "custom".to_owned(),
        api: Some(WireApi::OpenaiChat),
        base_url: server.base_url.clone(),
        plain_http_confirmed: false,
    };
    let target = format!("{}/small", room.engine.save_provider(provider).await.unwrap().id);
    let vectors = room.engine.embed(&target, &texts(&["bb"]), None, &MoneyChoice::default()).await.unwrap();
    assert_eq!((vectors[0].to_vec(), server.texts()), (vec![2.0, 98.0], 1));
    assert_eq!(room.engine.ledger_entries(&LedgerFilter::default(), 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_server_of_vectors_that_says_nothing_is_waited_for_as_long_as_the_settings_say() {
    let room = Room::new().await;
    // Connections are taken by the system and never answered.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let provider = NewProvider {
        id: None,
        name: "Silent".to_owned(),
        dialect: "custom".to_owned(),
        api: Some(WireApi::OpenaiChat),
        base_url: format!("http://{}/v1", silent.local_addr().unwrap()),
        plain_http_confirmed: false,
    };
    let id = room.engine.save_provider(provider).await.unwrap().id;
    let timeouts = Timeouts { first_delta_ms: Some(40), total_ms: Some(40), ..Timeouts::default() };
    let network = Network { timeouts, ..Network::default() };
    let settings = ProviderSettings { network, ..ProviderSettings::default() };
    room.engine.save_provider_settings(&id, settings).await.unwrap();
    let (input, output) = ("1".to_owned(), "0".to_owned());
    let price = OwnPrice { input, output, cache_read: None, cache_write: None };
    room.engine.set_own_price(&format!("{id}/small"), Some(price)).await.unwrap();
    let error = room
        .engine
        .embed(&format!("{id}/small"), &texts(&["a"]), None, &MoneyChoice::default())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("40 ms"), "{error}");
    let booked = room.engine.ledger_entries(&LedgerFilter::default(), 10).await.unwrap();
    assert!(!booked.is_empty(), "the texts had left whole: they may be charged");
    for entry in booked {
        assert_eq!(entry.cost.provenance, Some(Provenance::Estimated));
        assert!(entry.cost.usd.unwrap() > PicoUsd::ZERO && entry.usage.input.unwrap() > 0);
    }
}
