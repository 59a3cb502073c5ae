//! Files of what was spent: what is not known is empty, and times are those of the user's clock.

use std::sync::Arc;

use jiff::tz::{TimeZone, offset};
use roundtable_domain::{UnixMs, WireApi};
use roundtable_engine::view::{NewProvider, OwnPrice, SpendBy, SpendFilter, SpendRange, SpendStep};
use roundtable_engine::{AskTarget, Clock, Engine, Options, Question, SystemClock};
use roundtable_tests::{Room, Window, options};
use uuid::Uuid;

use crate::estimates;

/// The machine's clock, in a zone that has an offset and no name.
struct Nameless;

impl Clock for Nameless {
    fn now(&self) -> UnixMs {
        SystemClock.now()
    }

    fn time_zone(&self) -> TimeZone {
        TimeZone::fixed(offset(5).saturating_add(jiff::SignedDuration::from_mins(30)))
    }

    fn new_id(&self) -> Uuid {
        SystemClock.new_id()
    }

    fn jitter(&self) -> u64 {
        SystemClock.jitter()
    }
}

fn all(by: SpendBy) -> SpendFilter {
    SpendFilter { range: SpendRange::All, by, ..SpendFilter::default() }
}

/// The lines of a file below its heading.
async fn lines(room: &Room, filter: &SpendFilter, what: &str) -> Vec<String> {
    let csv = room.engine.spend_csv(filter, what).await.unwrap();
    csv.lines().skip(1).map(str::to_owned).collect()
}

async fn ask(room: &Room) {
    let window = Window::default();
    let asking = room.engine.ask(estimates::question(Some(70), None), window.sink()).await.unwrap();
    window.runs(&asking.turn.runs).await;
}

#[tokio::test]
async fn what_nobody_knows_the_price_of_is_not_free() {
    let room = Room::new().await;
    let emulator = room.engine.emulator().await.unwrap();
    estimates::set_up(&room.engine, format!("{}/v1", emulator.base_url())).await;
    room.engine.set_own_price("house/swift", None).await.unwrap();
    ask(&room).await;
    let filter = all(SpendBy::Model);
    let view = room.engine.spend(&filter).await.unwrap();
    let [hour] = view.hours.as_slice() else { panic!("one call: {:?}", view.hours) };
    assert_eq!((hour.requests, hour.unpriced, hour.known_usd()), (1, 1, None));
    assert_eq!(view.ranking[0].sums.known_usd(), None);
    let hours = lines(&room, &filter, "hours").await;
    assert_eq!(hours, [format!("{},{},,1,1", hour.weekday, hour.hour)]);
    let ranking = lines(&room, &filter, "ranking").await;
    assert!(ranking[0].starts_with("house/swift,swift,,0,1,1,"), "{ranking:?}");

    let free = OwnPrice { input: "0".into(), output: "0".into(), cache_read: None, cache_write: None };
    room.engine.set_own_price("house/swift", Some(free)).await.unwrap();
    ask(&room).await;
    let hours = room.engine.spend(&filter).await.unwrap().hours;
    let known: Vec<Option<&str>> = hours.iter().map(|hour| hour.known_usd()).collect();
    assert!(known.contains(&Some("0")), "one of them is known to be free: {hours:?}");
    room.engine.shutdown().await;
}

#[tokio::test]
async fn a_zone_without_a_name_is_the_zone_of_every_file() {
    let folder = tempfile::tempdir().unwrap();
    let usual = options(folder.path(), roundtable_emulator::Pace::Instant);
    let engine = Engine::open(Options { clock: Arc::new(Nameless), ..usual }).await.unwrap();
    let filter = SpendFilter { step: SpendStep::Day, range: SpendRange::Today, ..SpendFilter::default() };
    let view = engine.spend(&filter).await.unwrap();
    assert_eq!(view.zone, "+05:30");
    let series = engine.spend_csv(&filter, "series").await.unwrap();
    let days: Vec<&str> = series.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
    assert_eq!(days.len(), 1);
    assert!(days[0].ends_with("T00:00:00+05:30"), "a day begins with midnight there: {days:?}");
    engine.shutdown().await;
}

/// `OpenRouter` calls the model of another provider by that provider's name.
#[tokio::test]
async fn a_model_that_is_named_with_its_provider_is_no_other_providers() {
    let room = Room::new().await;
    let emulator = room.engine.emulator().await.unwrap();
    estimates::set_up(&room.engine, format!("{}/v1", emulator.base_url())).await;
    let gateway = NewProvider {
        id: Some("gateway".to_owned()),
        name: "Gateway".to_owned(),
        dialect: "custom".to_owned(),
        api: Some(WireApi::OpenaiChat),
        base_url: format!("{}/v1", emulator.base_url()),
        plain_http_confirmed: false,
    };
    room.engine.save_provider(gateway).await.unwrap();
    room.engine.set_key("gateway", "sk-0123456789abcdef".to_owned().into()).await.unwrap();
    let window = Window::default();
    for target in ["gateway/house/swift", "house/swift"] {
        let targets = vec![AskTarget::Named(target.to_owned())];
        let question = Question { targets, ..estimates::question(Some(70), None) };
        let asking = room.engine.ask(question, window.sink()).await.unwrap();
        window.runs(&asking.turn.runs).await;
    }
    let booked = async |name: &str| room.engine.booked_models(name).await.unwrap();
    assert_eq!(booked("house/swift").await, ["house/swift"], "not the gateway's of that name");
    assert_eq!(booked("gateway/house/swift").await, ["gateway/house/swift"]);
    assert_eq!(booked("swift").await, ["house/swift"], "a bare name");
    assert_eq!(booked("nobody").await, ["nobody"]);
    room.engine.shutdown().await;
}
