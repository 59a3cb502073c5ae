use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use roundtable_domain::{UnixMs, WireApi};
use roundtable_emulator::Pace;
use roundtable_engine::view::{ModelView, NewProvider, PriceOrigin, ProviderView};
use roundtable_engine::{Clock, Engine, Options, SystemClock};
use roundtable_tests::options;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// 2026-09-01, when the catalogue's prices were fresh.
const NOW: i64 = 1_788_220_800_000;

/// A clock that stands until it is moved.
struct StandingClock(AtomicI64);

impl Clock for StandingClock {
    fn now(&self) -> UnixMs {
        UnixMs(self.0.load(Ordering::Relaxed))
    }

    fn new_id(&self) -> uuid::Uuid {
        SystemClock.new_id()
    }

    fn jitter(&self) -> u64 {
        SystemClock.jitter()
    }
}

/// A server that lists models and does nothing else.
struct Lister {
    base_url: String,
    asked: Arc<AtomicUsize>,
}

impl Lister {
    async fn new(models: Vec<Value>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let body = json!({"object": "list", "data": models}).to_string();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                let mut request = [0_u8; 4096];
                let _ = stream.read(&mut request).await;
                let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length:";
                let _ = stream.write_all(format!("{head} {}\r\n\r\n{body}", body.len()).as_bytes()).await;
            }
        });
        Self { base_url, asked }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

struct Registry {
    engine: Engine,
    clock: Arc<StandingClock>,
    _folder: TempDir,
}

impl Registry {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(StandingClock(AtomicI64::new(NOW)));
        let options = Options {
            clock: clock.clone(),
            environment: HashMap::new(),
            demo: false,
            ..options(folder.path(), Pace::Instant)
        };
        Self { engine: Engine::open(options).await.unwrap(), clock, _folder: folder }
    }

    async fn add(&self, dialect: &str, base_url: &str) -> ProviderView {
        let provider = NewProvider {
            id: None,
            name: String::new(),
            dialect: dialect.to_owned(),
            api: None,
            base_url: base_url.to_owned(),
            plain_http_confirmed: false,
        };
        self.engine.save_provider(provider).await.unwrap()
    }

    async fn model(&self, target: &str) -> ModelView {
        let models = self.engine.list_models().await.unwrap();
        models.into_iter().find(|model| model.target == target).unwrap()
    }

    /// Opens the list again until it shows what is waited for.
    async fn until(&self, shown: impl Fn(&[ModelView]) -> bool) {
        let waiting = async {
            while !shown(&self.engine.list_models().await.unwrap()) {
                tokio::task::yield_now().await;
            }
        };
        let in_time = tokio::time::timeout(Duration::from_secs(20), waiting).await;
        assert!(in_time.is_ok(), "the list never showed what was waited for");
    }
}

#[tokio::test]
async fn what_a_provider_lists_is_filled_up_by_the_catalogue_and_the_other_way_round() {
    let lister = Lister::new(vec![
        json!({"id": "gpt-4o-mini", "context_length": 5}),
        json!({"id": "house-model", "context_length": 12_345, "name": "House model"}),
        json!({"id": "text-embedding-3-small"}),
    ]);
    let lister = lister.await;
    let registry = Registry::new().await;
    registry.add("openai", &lister.base_url).await;
    registry.engine.refresh_models("openai").await.unwrap();

    let known = registry.model("openai/gpt-4o-mini").await;
    assert_eq!(
        (known.name.as_str(), known.context_window),
        ("GPT-4o mini", Some(128_000)),
        "the catalogue goes before"
    );
    assert_eq!((known.vision, known.tools, known.json_schema), (Some(true), Some(true), Some(true)));
    let price = known.price.unwrap();
    assert_eq!((price.input.as_str(), price.origin), ("0.15", PriceOrigin::BuiltIn));

    let own = registry.model("openai/house-model").await;
    assert_eq!(
        (own.name.as_str(), own.context_window),
        ("House model", Some(12_345)),
        "the provider's word fills the gap"
    );
    assert!(own.price.is_none() && own.tools.is_none() && own.listed, "what nobody knows stays unknown");

    let models = registry.engine.list_models().await.unwrap();
    assert!(
        models.iter().all(|model| !model.model.contains("embedding")),
        "an embedding model answers no prompt"
    );
    let counted = registry.engine.list_providers().await.unwrap().remove(0).models;
    assert_eq!(counted as usize, models.len());
}

#[tokio::test]
async fn without_a_listing_the_catalogue_stands_in_and_leaves_out_what_is_retired() {
    let registry = Registry::new().await;
    registry.add("anthropic", "").await;
    let models = registry.engine.list_models().await.unwrap();
    assert!(models.len() > 5 && models.iter().all(|model| !model.listed && !model.ready));
    let dated: Vec<&ModelView> = models.iter().filter(|model| model.retirement_date.is_some()).collect();
    assert!(dated.iter().all(|model| model.retirement_date.as_deref() > Some("2026-09-01")), "{dated:?}");
    registry.clock.0.store(NOW + 20 * 365 * DAY_MS, Ordering::Relaxed);
    let later = registry.engine.list_models().await.unwrap();
    assert_eq!(later.len(), models.len() - dated.len(), "announced ends come");
}

#[tokio::test]
async fn an_old_listing_is_refreshed_behind_the_list_and_a_fresh_one_is_left_alone() {
    let registry = Registry::new().await;
    let lister = Lister::new(vec![json!({"id": "one"})]).await;
    registry.add("lmstudio", &lister.base_url).await;
    assert!(registry.engine.list_models().await.unwrap().is_empty(), "nobody waits for the provider");
    registry.until(|models| models.len() == 1).await;
    assert_eq!(lister.asked(), 1);

    registry.clock.0.fetch_add(DAY_MS - 1, Ordering::Relaxed);
    registry.engine.list_models().await.unwrap();
    assert_eq!(lister.asked(), 1, "not yet a day old");
    registry.clock.0.fetch_add(DAY_MS, Ordering::Relaxed);
    let waiting = registry.until(|_| lister.asked() == 2);
    waiting.await;
    registry.engine.shutdown().await;
    assert_eq!(lister.asked(), 2, "once, however often the list is opened");
}

#[tokio::test]
async fn nobody_is_asked_without_the_key_it_wants() {
    let registry = Registry::new().await;
    let lister = Lister::new(vec![json!({"id": "one"})]).await;
    // Another address of this machine's is no local server: it stands for one that wants a key.
    let away = lister.base_url.replace("127.0.0.1", "localhost");
    let keyless = NewProvider {
        id: None,
        name: "Guarded".to_owned(),
        dialect: "openai".to_owned(),
        api: None,
        base_url: "https://guarded.example/v1".to_owned(),
        plain_http_confirmed: false,
    };
    registry.engine.save_provider(keyless).await.unwrap();
    registry.add("lmstudio", &away).await;
    registry.until(|models| models.iter().any(|model| model.listed)).await;
    let models = registry.engine.list_models().await.unwrap();
    assert!(
        models.iter().filter(|model| model.provider == "openai").all(|model| !model.listed && !model.ready)
    );
    assert_eq!(lister.asked(), 1);
}

#[tokio::test]
async fn a_moved_provider_forgets_what_it_listed_elsewhere() {
    let registry = Registry::new().await;
    let lister = Lister::new(vec![json!({"id": "old-model"})]).await;
    let added = registry.add("lmstudio", &lister.base_url).await;
    registry.engine.refresh_models(&added.id).await.unwrap();
    let moved = NewProvider {
        id: Some(added.id.clone()),
        name: added.name,
        dialect: "lmstudio".to_owned(),
        api: None,
        base_url: "http://127.0.0.1:9/v1".to_owned(),
        plain_http_confirmed: false,
    };
    assert_eq!(registry.engine.save_provider(moved).await.unwrap().models, 0);
}

#[tokio::test]
async fn a_server_of_ones_own_is_added_with_its_wire_and_a_short_name() {
    let registry = Registry::new().await;
    let own = NewProvider {
        id: None,
        name: "Our Gateway".to_owned(),
        dialect: "custom".to_owned(),
        api: Some(WireApi::AnthropicMessages),
        base_url: "https://gateway.example/v1".to_owned(),
        plain_http_confirmed: false,
    };
    let added = registry.engine.save_provider(own.clone()).await.unwrap();
    assert_eq!((added.id.as_str(), added.api), ("our-gateway", WireApi::AnthropicMessages));
    let odd = NewProvider { id: Some("Our/Gateway".to_owned()), ..own };
    assert_eq!(registry.engine.save_provider(odd).await.unwrap_err().code, "bad_setting");
}

#[tokio::test]
async fn a_list_of_many_models_is_there_at_once() {
    let many =
        (0..600).map(|number| json!({"id": format!("vendor/model-{number}"), "context_length": 8_192}));
    let lister = Lister::new(many.collect()).await;
    let registry = Registry::new().await;
    registry.add("openrouter", &lister.base_url).await;
    registry.engine.refresh_models("openrouter").await.unwrap();
    registry.engine.list_models().await.unwrap();
    let started = Instant::now();
    let models = registry.engine.list_models().await.unwrap();
    let took = started.elapsed();
    println!("{} models in {took:?}", models.len());
    assert_eq!(models.len(), 600);
    // Ten times what an optimised build may take: this one is not, and others run beside it.
    assert!(took < Duration::from_millis(200), "{took:?}");
}
