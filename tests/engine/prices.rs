use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread::JoinHandle;

use roundtable_domain::Provenance;
use roundtable_emulator::{Behaviour, Emulator, EmulatorOptions, Pace};
use roundtable_engine::view::{MoneyChoice, NewProvider, OwnPrice, PriceOrigin, RunView};
use roundtable_engine::{Engine, LedgerFilter, Options};
use roundtable_tests::{Window, options};
use tempfile::TempDir;

/// An engine whose `OpenAI` is an emulator, and whose public price list is where the test says.
struct Shop {
    engine: Engine,
    folder: TempDir,
    emulator: Emulator,
    list: String,
}

impl Shop {
    async fn new(list: &str) -> Self {
        let emulator =
            Emulator::start(EmulatorOptions { pace: Pace::Instant, ..Default::default() }).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let engine = Self::open(&folder, &emulator, list).await;
        Self { engine, folder, emulator, list: list.to_owned() }
    }

    async fn open(folder: &TempDir, emulator: &Emulator, list: &str) -> Engine {
        let environment = HashMap::from([
            ("OPENAI_API_KEY".to_owned(), "sk-test-0123456789abcdef".to_owned()),
            ("OPENAI_BASE_URL".to_owned(), format!("{}/v1", emulator.base_url())),
            ("ROUNDTABLE_PRICE_LIST".to_owned(), list.to_owned()),
        ]);
        let options = Options { environment, demo: false, ..options(folder.path(), Pace::Instant) };
        Engine::open(options).await.unwrap()
    }

    /// The same folder in the next process.
    async fn again(self) -> Self {
        self.engine.shutdown().await;
        let engine = Self::open(&self.folder, &self.emulator, &self.list).await;
        Self { engine, ..self }
    }

    async fn ask(&self, target: &str) -> RunView {
        let conversation = self.engine.create_conversation(&[target.to_owned()]).await.unwrap();
        let window = Window::default();
        let turn = self
            .engine
            .start_turn(conversation.summary.id, "hi", &[], &[], MoneyChoice::default(), window.sink())
            .await
            .unwrap();
        window.runs(&turn.runs).await.remove(0)
    }

    async fn price(&self, target: &str) -> Option<(String, PriceOrigin)> {
        let models = self.engine.list_all_models().await.unwrap();
        let price = models.into_iter().find(|model| model.target == target)?.price?;
        Some((price.input, price.origin))
    }
}

/// A server on this machine that answers one request and ends.
fn serve_once(status: &str, body: &str) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/api.json", listener.local_addr().unwrap());
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let length = stream.read(&mut request).unwrap();
        stream.write_all(answer.as_bytes()).unwrap();
        String::from_utf8_lossy(&request[..length]).into_owned()
    });
    (address, server)
}

fn own(input: &str, output: &str) -> OwnPrice {
    OwnPrice { input: input.into(), output: output.into(), cache_read: None, cache_write: None }
}

const LIST: &str = r#"{"openai": {"models": {
    "gpt-4o": {"name": "GPT-4o", "cost": {"input": 2, "output": 8, "cache_read": 1}},
    "gpt-4o-mini": {"name": "GPT-4o mini", "cost": {"input": 150, "output": 600}},
    "gpt-99": {"name": "GPT-99", "limit": {"context": 9000000, "output": 1000}, "cost": {"input": 7, "output": 9}}}}}"#;

#[tokio::test]
async fn a_price_of_the_users_is_what_is_booked_and_what_is_booked_never_changes() {
    let shop = Shop::new("").await;
    let usage = Behaviour::Reply { text: "four words of answer".into(), reasoning: None };
    shop.emulator.script_always("swift", usage);
    let unpriced = shop.ask("openai/swift").await;
    assert_eq!(unpriced.cost.as_ref().and_then(|cost| cost.usd.clone()), None);

    let view = shop.engine.set_own_price("openai/swift", Some(own("1000", "2000"))).await.unwrap();
    let price = view.price.unwrap();
    assert_eq!(
        (price.input.as_str(), price.output.as_str(), price.origin),
        ("1000", "2000", PriceOrigin::Own)
    );
    let run = shop.ask("openai/swift").await;
    let cost = run.cost.clone().unwrap();
    assert_eq!(
        (cost.provenance, cost.price_date.as_deref()),
        (Some(Provenance::Computed), Some(price.date.as_str()))
    );
    assert!(cost.usd.is_some_and(|usd| usd.starts_with("0.0")));

    let entries = async |shop: &Shop| shop.engine.ledger_entries(&LedgerFilter::default(), 50).await.unwrap();
    let before = entries(&shop).await;
    shop.engine.set_own_price("openai/swift", Some(own("1", "1"))).await.unwrap();
    let cheap = shop.ask("openai/swift").await;
    let shop = shop.again().await;
    let after = entries(&shop).await;
    assert!(
        after.iter().filter(|entry| before.iter().any(|old| old.id == entry.id)).eq(before.iter()),
        "booked is booked"
    );
    assert_ne!(cheap.cost.unwrap().usd, run.cost.unwrap().usd);
    assert!(after.iter().any(|entry| entry.price.as_ref().is_some_and(|price| price["input"] == "1000")));
    assert!(
        after.iter().any(|entry| entry.price.as_ref().is_some_and(|price| price["input"] == "1")),
        "kept over a restart"
    );

    shop.engine.set_own_price("openai/swift", None).await.unwrap();
    assert_eq!(shop.ask("openai/swift").await.cost.and_then(|cost| cost.usd), None);
}

#[tokio::test]
async fn a_list_is_fetched_on_request_and_what_looks_wrong_waits() {
    let (address, server) = serve_once("200 OK", LIST);
    let shop = Shop::new(&address).await;
    let before = shop.engine.catalogue_status().await.unwrap();
    assert!(before.models >= 300 && before.providers >= 16 && before.source == address, "{before:?}");
    assert!(
        before.stale && before.held_back.is_empty(),
        "the built-in list is from another season: {before:?}"
    );

    let after = shop.engine.update_catalogue().await.unwrap();
    let request = server.join().unwrap().to_lowercase();
    assert!(
        request.starts_with("get /api.json") && !request.contains("authorization"),
        "no key goes along: {request}"
    );
    assert_eq!((after.updated, after.models, after.age_days, after.stale), (2, before.models + 1, 0, false));
    assert_eq!(shop.price("openai/gpt-4o").await, Some(("2".into(), PriceOrigin::Update)));
    assert_eq!(shop.price("openai/gpt-99").await, Some(("7".into(), PriceOrigin::Update)));
    assert_eq!(
        shop.price("openai/gpt-4o-mini").await,
        Some(("0.15".into(), PriceOrigin::BuiltIn)),
        "not a thousandfold"
    );
    let held: Vec<_> =
        after.held_back.iter().map(|held| (held.target.as_str(), held.field.as_str())).collect();
    assert_eq!(held, [("openai/gpt-4o-mini", "input"), ("openai/gpt-4o-mini", "output")]);
    assert!(after.held_back[0].reason.contains("1000 times"), "{:?}", after.held_back);

    let changes: Vec<_> = after
        .changes
        .iter()
        .map(|change| {
            (change.target.as_str(), change.field.as_str(), change.before.as_deref(), change.after.as_deref())
        })
        .collect();
    assert!(changes.contains(&("openai/gpt-4o", "input", Some("2.5"), Some("2"))), "{changes:?}");

    let shop = shop.again().await;
    assert_eq!(
        shop.price("openai/gpt-4o").await,
        Some(("2".into(), PriceOrigin::Update)),
        "kept over a restart"
    );
    assert_eq!(shop.engine.catalogue_status().await.unwrap().changes, after.changes);
    let accepted = shop.engine.accept_prices(&["openai/gpt-4o-mini".to_owned()]).await.unwrap();
    assert!(accepted.held_back.is_empty());
    assert_eq!(shop.price("openai/gpt-4o-mini").await, Some(("150".into(), PriceOrigin::Update)));
}

#[tokio::test]
async fn a_price_that_was_turned_down_is_not_asked_about_again_until_the_offer_changes() {
    let shop = Shop::new("").await;
    let file = shop.folder.path().join("prices.json");
    std::fs::write(&file, LIST).unwrap();
    let target = "openai/gpt-4o-mini".to_owned();
    assert!(!shop.engine.update_catalogue_from(&file).await.unwrap().held_back.is_empty());

    assert!(shop.engine.dismiss_prices(std::slice::from_ref(&target)).await.unwrap().held_back.is_empty());
    assert_eq!(
        shop.price(&target).await,
        Some(("0.15".into(), PriceOrigin::BuiltIn)),
        "the known price stays"
    );
    assert!(shop.engine.update_catalogue_from(&file).await.unwrap().held_back.is_empty(), "the same offer");

    std::fs::write(&file, LIST.replace("150", "140")).unwrap();
    let other = shop.engine.update_catalogue_from(&file).await.unwrap();
    assert!(other.held_back.iter().any(|held| held.target == target), "another offer: {other:?}");
}

#[tokio::test]
async fn a_list_that_does_not_come_or_is_none_changes_nothing_and_says_why() {
    for (status, body, words) in [
        ("404 Not Found", "{}", "404"),
        ("200 OK", "<html>", "not a list"),
        ("302 Found", LIST, "302"),
        ("200 OK", r#"{"a": {}}"#, "neither"),
    ] {
        let (address, server) = serve_once(status, body);
        let shop = Shop::new(&address).await;
        let error = shop.engine.update_catalogue().await.unwrap_err();
        assert!(error.message.contains(words) && error.message.contains("stay in use"), "{error:?}");
        assert_eq!(shop.engine.catalogue_status().await.unwrap().updated, 0);
        server.join().unwrap();
    }
    let shop = Shop::new("http://prices.example/api.json").await;
    assert!(shop.engine.update_catalogue().await.is_err(), "plain http is for this machine only");
}

#[tokio::test]
async fn a_list_in_a_file_is_taken_over_like_one_from_the_web() {
    let shop = Shop::new("").await;
    let file = shop.folder.path().join("prices.json");
    std::fs::write(&file, LIST).unwrap();
    let status = shop.engine.update_catalogue_from(&file).await.unwrap();
    assert_eq!(status.updated, 2);
    assert!(status.source.ends_with("prices.json"));
    assert_eq!(
        shop.engine.update_catalogue_from(&file).await.unwrap().updated,
        0,
        "the same again is nothing new"
    );
    assert_eq!(shop.price("openai/gpt-99").await, Some(("7".into(), PriceOrigin::Update)));
    assert!(shop.engine.update_catalogue_from(&file.with_extension("missing")).await.is_err());
}

#[tokio::test]
async fn a_price_nobody_can_pay_is_refused_in_words() {
    let shop = Shop::new("").await;
    for (price, words) in [
        (Some(own("-1", "1")), "negative"),
        (Some(own("x", "1")), "not a price"),
        (Some(own("0.0000001", "1")), "six decimals"),
    ] {
        let error = shop.engine.set_own_price("openai/gpt-4o", price).await.unwrap_err();
        assert!(error.message.contains(words), "{error:?}");
    }
    assert!(
        shop.engine.set_own_price("demo/swift", Some(own("1", "1"))).await.is_err(),
        "invented prices stay"
    );
    assert!(shop.engine.set_own_price("nowhere/model", Some(own("1", "1"))).await.is_err());
    assert_eq!(shop.price("openai/gpt-4o").await, Some(("2.5".into(), PriceOrigin::BuiltIn)));
}

#[tokio::test]
async fn what_a_provider_lists_as_its_price_holds_where_no_list_has_one_also_after_a_restart() {
    let listing = r#"{"data":[
        {"id":"acme/new-1","name":"Acme: New 1","context_length":131072,
         "architecture":{"input_modalities":["text"],"output_modalities":["text"]},
         "pricing":{"prompt":"0.00000015","completion":"0.0000006","request":"0","input_cache_read":"0.000000075"}},
        {"id":"acme/slip","architecture":{"input_modalities":["text"],"output_modalities":["text"]},
         "pricing":{"prompt":"0.15","completion":"0.6"}}]}"#;
    let (address, server) = serve_once("200 OK", listing);
    let shop = Shop::new("http://127.0.0.1:9/none.json").await;
    let provider = NewProvider {
        id: None,
        name: "Router".to_owned(),
        dialect: "openrouter".to_owned(),
        api: None,
        base_url: address.replace("/api.json", "/v1"),
        plain_http_confirmed: false,
    };
    let id = shop.engine.save_provider(provider).await.unwrap().id;
    let (new, slip) = (format!("{id}/acme/new-1"), format!("{id}/acme/slip"));
    let models = shop.engine.refresh_models(&id).await.unwrap();
    assert!(server.join().unwrap().starts_with("GET /v1/models"));
    let shown = models.iter().find(|model| model.target == new).unwrap();
    assert_eq!((shown.name.as_str(), shown.context_window), ("Acme: New 1", Some(131_072)));
    assert_eq!(shop.price(&new).await, Some(("0.15".to_owned(), PriceOrigin::Listed)));
    assert_eq!(shop.price(&slip).await, None, "150,000 dollars a million is no price");
    let shop = shop.again().await;
    assert_eq!(shop.price(&new).await, Some(("0.15".to_owned(), PriceOrigin::Listed)));
    let conversation = shop.engine.create_conversation(&[new]).await.unwrap().summary.id;
    let preview = shop.engine.preview_turn(conversation, "hi", &[], &[], false).await.unwrap();
    assert_eq!(preview.unpriced, 0);
    assert!(preview.lanes[0].worst_usd.is_some(), "what is set aside is priced by it");
}
