//! What people hear of without having asked: once, whichever process sees it first, and also what came about while nobody looked.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use roundtable_domain::UnixMs;
use roundtable_emulator::{Behaviour, Emulator, EmulatorOptions, Pace};
use roundtable_engine::view::{
    AlertKind, AlertLevel, AlertSettings, AlertView, BudgetDraft, BudgetPeriod, MoneyChoice, OnLimit,
    OwnPrice, RunView, Settings,
};
use roundtable_engine::{Clock, Engine, Options};
use roundtable_tests::months::{Months, open_books};
use roundtable_tests::{Window, options};
use tempfile::TempDir;
use tokio::sync::mpsc;

use crate::budgets::{SetClock, draft};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// Noon in UTC of a day soon after the prices of this program.
const NOON: i64 = 1_795_262_400_000;

const PROMPT: &str = "what nobody else should read";

/// A data folder whose `OpenAI` is an emulator, and a clock.
struct House {
    folder: TempDir,
    emulator: Emulator,
    clock: Arc<SetClock>,
}

impl House {
    async fn new() -> Self {
        let emulator =
            Emulator::start(EmulatorOptions { pace: Pace::Instant, ..Default::default() }).await.unwrap();
        let reply = Behaviour::Reply { text: "four words of answer".into(), reasoning: None };
        for model in ["gpt-4o", "gpt-4o-mini", "swift"] {
            emulator.script_always(model, reply.clone());
        }
        let folder = tempfile::tempdir().unwrap();
        Self { folder, emulator, clock: Arc::new(SetClock(AtomicI64::new(NOON))) }
    }

    /// A process on this folder.
    async fn engine(&self) -> Engine {
        let environment = HashMap::from([
            ("OPENAI_API_KEY".to_owned(), "sk-test-0123456789abcdef".to_owned()),
            ("OPENAI_BASE_URL".to_owned(), format!("{}/v1", self.emulator.base_url())),
        ]);
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let options = Options { environment, clock, ..options(self.folder.path(), Pace::Instant) };
        Engine::open(options).await.unwrap()
    }

    fn pass(&self, ms: i64) {
        self.clock.0.fetch_add(ms, Ordering::Relaxed);
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }
}

async fn ask(engine: &Engine, target: &str) -> RunView {
    let conversation = engine.create_conversation(&[target.to_owned()]).await.unwrap().summary.id;
    let window = Window::default();
    let turn = engine
        .start_turn(conversation, PROMPT, &[], &[], MoneyChoice::default(), window.sink())
        .await
        .unwrap();
    window.runs(&turn.runs).await.remove(0)
}

/// Invented money, of which the smallest answer is more than half.
fn small(limit: &str, on_limit: OnLimit, period: BudgetPeriod) -> BudgetDraft {
    BudgetDraft { period, ..draft(limit, on_limit) }
}

async fn watch(engine: &Engine) -> mpsc::UnboundedReceiver<AlertView> {
    let (heard, alerts) = mpsc::unbounded_channel();
    engine.watch_alerts(Box::new(move |alert| heard.send(alert).is_ok())).await.unwrap();
    alerts
}

async fn next(alerts: &mut mpsc::UnboundedReceiver<AlertView>) -> AlertView {
    tokio::time::timeout(Duration::from_secs(20), alerts.recv()).await.expect("an alert in time").unwrap()
}

/// The code and whether it is seen, the newest first.
fn codes(alerts: &[AlertView]) -> Vec<(&str, bool)> {
    alerts.iter().map(|alert| (alert.title.saying.code.as_str(), alert.seen)).collect()
}

fn of_kind(alerts: Vec<AlertView>, kind: AlertKind) -> Vec<AlertView> {
    alerts.into_iter().filter(|alert| alert.kind == kind).collect()
}

async fn listed(engine: &Engine, kind: AlertKind) -> Vec<AlertView> {
    of_kind(engine.list_alerts().await.unwrap(), kind)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_tell_a_step_once_and_each_to_its_own_window() {
    let house = House::new().await;
    let (one, other) = (house.engine().await, house.engine().await);
    one.save_budget(small("0.0000001", OnLimit::Warn, BudgetPeriod::Total), false).await.unwrap();
    let (mut here, mut there) = (watch(&one).await, watch(&other).await);
    ask(&one, "demo/swift").await;
    let mut heard = Vec::new();
    for alerts in [&mut here, &mut there] {
        let told = [next(alerts).await, next(alerts).await, next(alerts).await];
        assert_eq!(told.iter().filter(|alert| !alert.seen).count(), 1, "the highest step is the news");
        heard.push(told);
    }
    assert_eq!(heard[0], heard[1], "the same alerts, whoever raised them");
    ask(&other, "demo/swift").await;
    let kept = one.list_alerts().await.unwrap();
    assert_eq!(kept.len(), 3, "no step is told twice: {kept:?}");
    assert!(here.try_recv().is_err() && there.try_recv().is_err());
    let text = serde_json::to_string(&kept).unwrap();
    assert!(!text.contains(PROMPT) && !text.contains("four words"), "nothing that was written is in it");
}

#[tokio::test]
async fn what_was_reached_while_nobody_looked_is_told_when_somebody_does() {
    let house = House::new().await;
    let engine = house.engine().await;
    engine.save_budget(small("0.0000001", OnLimit::Stop, BudgetPeriod::Day), false).await.unwrap();
    let refused = engine.create_conversation(&["demo/swift".to_owned()]).await.unwrap().summary.id;
    let window = Window::default();
    let id = engine.list_budgets().await.unwrap()[0].id;
    let money = MoneyChoice { override_budgets: vec![id], ..MoneyChoice::default() };
    let turn = engine.start_turn(refused, PROMPT, &[], &[], money, window.sink()).await.unwrap();
    window.runs(&turn.runs).await;
    // Gone without a look: as a process that was killed, or a command of a program without alerts.
    engine.shutdown().await;

    let engine = house.engine().await;
    let mut alerts = watch(&engine).await;
    let full = [next(&mut alerts).await, next(&mut alerts).await, next(&mut alerts).await];
    let news: Vec<&AlertView> = full.iter().filter(|alert| !alert.seen).collect();
    assert_eq!(news.len(), 1);
    assert_eq!((news[0].level, news[0].subject.clone()), (AlertLevel::Critical, id.to_string()));
    assert_eq!(news[0].body.saying.code, "alert_budget_full_stop");
    assert!(news[0].title.text.contains("“Lunch”") && news[0].simulated, "{:?}", news[0]);
    engine.shutdown().await;

    // The next day begins with nothing, and its own steps.
    house.pass(DAY);
    let engine = house.engine().await;
    assert_eq!(engine.list_alerts().await.unwrap().len(), 3);
    engine.shutdown().await;
}

#[tokio::test]
async fn a_period_that_is_over_is_told_of_as_such() {
    let house = House::new().await;
    let engine = house.engine().await;
    engine.save_budget(small("0.0000001", OnLimit::Warn, BudgetPeriod::Day), false).await.unwrap();
    ask(&engine, "demo/swift").await;
    engine.shutdown().await;
    house.pass(2 * DAY);
    let engine = house.engine().await;
    let told = engine.list_alerts().await.unwrap();
    assert_eq!(told.len(), 3);
    for alert in &told {
        assert_eq!(
            (alert.body.saying.code.as_str(), alert.level),
            ("alert_budget_over", AlertLevel::Warning)
        );
        assert_eq!(alert.at.0 % DAY, 0, "it is told by when the day ended");
    }
    assert_eq!(engine.list_alerts().await.unwrap(), told);
}

#[tokio::test]
async fn what_was_seen_stays_seen_for_every_process() {
    let house = House::new().await;
    let engine = house.engine().await;
    engine.save_budget(small("0.0000001", OnLimit::Warn, BudgetPeriod::Total), false).await.unwrap();
    ask(&engine, "demo/swift").await;
    let told = engine.list_alerts().await.unwrap();
    let news = told.iter().find(|alert| !alert.seen).unwrap();
    let seen = engine.see_alerts(&["no id at all".to_owned()]).await.unwrap();
    assert_eq!(seen, told, "what is no alert is none, and not all of them");
    let seen = engine.see_alerts(std::slice::from_ref(&news.id)).await.unwrap();
    assert!(seen.iter().all(|alert| alert.seen));
    let other = house.engine().await;
    assert_eq!(other.list_alerts().await.unwrap(), seen);

    let mark = other.mark_alerts().await.unwrap();
    let anew = small("0.0000002", OnLimit::Warn, BudgetPeriod::Total);
    let id = engine.list_budgets().await.unwrap()[0].id;
    engine.save_budget(BudgetDraft { id: Some(id), ..anew }, false).await.unwrap();
    let since = other.alerts_since(mark).await.unwrap();
    assert_eq!(since.len(), 1, "another limit has steps of its own: {since:?}");
    other.see_alerts(&[]).await.unwrap();
    assert!(engine.list_alerts().await.unwrap().iter().all(|alert| alert.seen), "none named is all");
}

/// Prices that are not those this program was built with.
const LIST: &str = r#"{"openai": {"models": {
    "gpt-4o": {"name": "GPT-4o", "cost": {"input": 3, "output": 12, "cache_read": 1.25}},
    "gpt-4o-mini": {"name": "GPT-4o mini", "cost": {"input": 0.3, "output": 0.9}}}}}"#;

/// The same, and one of them for less.
const CHEAP: &str = r#"{"openai": {"models": {
    "gpt-4o": {"name": "GPT-4o", "cost": {"input": 2, "output": 8, "cache_read": 1.25}}}}}"#;

#[tokio::test]
async fn a_changed_price_is_news_where_the_model_is_in_use() {
    let house = House::new().await;
    let engine = house.engine().await;
    let run = ask(&engine, "openai/gpt-4o").await;
    assert!(listed(&engine, AlertKind::PriceChange).await.is_empty(), "a price that is seen first is none");
    let file = house.path().join("list.json");
    std::fs::write(&file, LIST).unwrap();
    engine.update_catalogue_from(&file).await.unwrap();
    let other = house.engine().await;
    let told = listed(&other, AlertKind::PriceChange).await;
    assert_eq!(codes(&told), [("alert_price_up", false)], "not of a model nobody uses: {told:?}");
    let values = &told[0].body.saying.values;
    assert_eq!((told[0].subject.as_str(), told[0].level), ("openai/gpt-4o", AlertLevel::Warning));
    assert_eq!((values["input_before"].as_str(), values["input_after"].as_str()), ("2.5", "3"));
    assert_eq!((values["output_before"].as_str(), values["output_after"].as_str()), ("10", "12"));
    assert_eq!(Some(&values["actual_usd"]), run.cost.unwrap().usd.as_ref(), "what the last 30 days cost");
    let replayed: f64 = values["replay_usd"].parse().unwrap();
    let actual: f64 = values["actual_usd"].parse().unwrap();
    assert!((replayed / actual - 1.2).abs() < 1e-9, "a fifth dearer in and out: {actual} {replayed}");

    engine.update_catalogue_from(&file).await.unwrap();
    assert_eq!(listed(&engine, AlertKind::PriceChange).await.len(), 1, "the same list again is no news");
    for (list, told) in [(CHEAP, "alert_price_down"), (LIST, "alert_price_up"), (CHEAP, "alert_price_down")] {
        house.pass(2 * HOUR);
        std::fs::write(&file, list).unwrap();
        engine.update_catalogue_from(&file).await.unwrap();
        let news = listed(&other, AlertKind::PriceChange).await.remove(0);
        assert_eq!(news.title.saying.code, told, "also what was told before");
        assert!(news.aloud && !news.seen, "a lower price is told by itself too: {news:?}");
    }
    assert_eq!(listed(&engine, AlertKind::PriceChange).await.len(), 4);
    let own = OwnPrice { input: "1".into(), output: "1".into(), cache_read: None, cache_write: None };
    engine.set_own_price("openai/gpt-4o", Some(own)).await.unwrap();
    house.pass(2 * HOUR);
    assert_eq!(
        listed(&engine, AlertKind::PriceChange).await.len(),
        4,
        "what the user has set is none to the user"
    );
    engine.set_own_price("openai/gpt-4o", None).await.unwrap();
    house.pass(2 * HOUR);
    assert_eq!(listed(&engine, AlertKind::PriceChange).await.len(), 4);
}

#[tokio::test]
async fn an_old_list_is_told_of_once_in_thirty_days_and_only_to_who_uses_it() {
    let house = House::new().await;
    let engine = house.engine().await;
    house.pass(100 * DAY);
    assert!(engine.list_alerts().await.unwrap().is_empty(), "nobody uses it");
    ask(&engine, "openai/gpt-4o").await;
    house.pass(2 * HOUR);
    let told = listed(&engine, AlertKind::StalePrices).await;
    assert_eq!((told.len(), told[0].level, told[0].aloud), (1, AlertLevel::Warning, true));
    house.pass(29 * DAY);
    ask(&engine, "openai/gpt-4o").await;
    assert_eq!(listed(&engine, AlertKind::StalePrices).await.len(), 1);
    let other = house.engine().await;
    house.pass(2 * DAY);
    let (here, there) = tokio::join!(engine.list_alerts(), other.list_alerts());
    here.unwrap();
    there.unwrap();
    assert_eq!(listed(&other, AlertKind::StalePrices).await.len(), 2, "of two processes one tells");

    let silent = Settings {
        alerts: AlertSettings { prices: false, ..AlertSettings::default() },
        ..Settings::default()
    };
    engine.save_settings(silent).await.unwrap();
    house.pass(31 * DAY);
    ask(&engine, "openai/gpt-4o").await;
    assert_eq!(listed(&engine, AlertKind::StalePrices).await.len(), 2, "nobody wants to hear of it");
}

/// A few words of answer come to about half a dollar.
async fn make_dear(engine: &Engine) {
    let dear =
        OwnPrice { input: "10000".into(), output: "60000".into(), cache_read: None, cache_write: None };
    engine.set_own_price("openai/swift", Some(dear)).await.unwrap();
}

#[tokio::test]
async fn a_day_far_above_the_usual_is_told_of_once() {
    let house = House::new().await;
    let engine = house.engine().await;
    make_dear(&engine).await;
    for _ in 0..8 {
        ask(&engine, "openai/swift").await;
        assert!(listed(&engine, AlertKind::Spike).await.is_empty(), "a day like the others");
        house.pass(DAY);
    }
    for _ in 0..4 {
        ask(&engine, "openai/swift").await;
    }
    house.pass(2 * HOUR);
    let told = listed(&engine, AlertKind::Spike).await;
    assert_eq!(
        codes(&told),
        [("alert_spike_model", false)],
        "the model, not its provider and everything: {told:?}"
    );
    assert_eq!((told[0].subject.as_str(), told[0].level), ("openai/swift", AlertLevel::Warning));
    assert_eq!(told[0].title.saying.values["times"], "4.0");
    ask(&engine, "openai/swift").await;
    house.pass(2 * HOUR);
    assert_eq!(listed(&engine, AlertKind::Spike).await.len(), 1, "once a day");
    for _ in 0..5 {
        ask(&engine, "openai/swift").await;
    }
    house.pass(2 * HOUR);
    let told = listed(&engine, AlertKind::Spike).await;
    assert_eq!(told.len(), 2, "and once more when money runs away: {told:?}");
    assert_eq!((told[0].level, told[0].seen), (AlertLevel::Critical, false));
    assert_eq!(told[0].title.saying.values["times"], "10.0", "it says how things stand now");
    ask(&engine, "openai/swift").await;
    house.pass(2 * HOUR);
    assert_eq!(listed(&engine, AlertKind::Spike).await.len(), 2);
}

#[tokio::test]
async fn a_spike_of_the_last_minute_of_a_day_is_told_on_the_next_one() {
    let house = House::new().await;
    let engine = house.engine().await;
    make_dear(&engine).await;
    for _ in 0..8 {
        ask(&engine, "openai/swift").await;
        house.pass(DAY);
    }
    // A minute before midnight a command is killed: nobody looks.
    house.pass(12 * HOUR - 60_000);
    for _ in 0..4 {
        ask(&engine, "openai/swift").await;
    }
    engine.shutdown().await;
    house.pass(HOUR);
    let engine = house.engine().await;
    let told = listed(&engine, AlertKind::Spike).await;
    assert_eq!(codes(&told), [("alert_past_spike_model", false)], "{told:?}");
    assert_eq!(told[0].title.saying.values["times"], "4.0");
    assert_eq!(told[0].at.0, NOON + 8 * DAY + 12 * HOUR - 1, "it belongs to the day it is about");
    house.pass(2 * HOUR);
    ask(&engine, "openai/swift").await;
    let other = house.engine().await;
    assert_eq!(listed(&other, AlertKind::Spike).await.len(), 1, "once");
}

#[tokio::test]
async fn a_spike_is_told_by_the_factor_that_is_set_and_not_where_nobody_wants_it() {
    let house = House::new().await;
    let engine = house.engine().await;
    let set =
        async |alerts: AlertSettings| engine.save_settings(Settings { alerts, ..Settings::default() }).await;
    for nonsense in [f64::NAN, f64::INFINITY, 0.0, -3.0, 1.49, 1_001.0] {
        let refused =
            set(AlertSettings { spike_factor: nonsense, ..AlertSettings::default() }).await.unwrap_err();
        assert_eq!(refused.code, "bad_setting", "{nonsense}: {refused}");
        assert!(refused.message.contains("1.5 to 1000"), "{refused}");
    }
    make_dear(&engine).await;
    for _ in 0..7 {
        ask(&engine, "openai/swift").await;
        house.pass(DAY);
    }
    set(AlertSettings { spikes: false, spike_factor: 1.5, ..AlertSettings::default() }).await.unwrap();
    for _ in 0..2 {
        ask(&engine, "openai/swift").await;
    }
    assert!(listed(&engine, AlertKind::Spike).await.is_empty(), "nobody wants to hear of it");
    set(AlertSettings { spike_factor: 2.5, ..AlertSettings::default() }).await.unwrap();
    assert!(listed(&engine, AlertKind::Spike).await.is_empty(), "twice is not two and a half times");
    set(AlertSettings { spike_factor: 2.0, ..AlertSettings::default() }).await.unwrap();
    assert_eq!(listed(&engine, AlertKind::Spike).await.len(), 1, "in force at once, with nothing new booked");
}

#[tokio::test]
async fn alerts_are_kept_for_ninety_days() {
    let house = House::new().await;
    let engine = house.engine().await;
    engine.save_budget(small("0.0000001", OnLimit::Warn, BudgetPeriod::Total), false).await.unwrap();
    ask(&engine, "demo/swift").await;
    assert_eq!(engine.list_alerts().await.unwrap().len(), 3);
    house.pass(89 * DAY);
    assert_eq!(engine.list_alerts().await.unwrap().len(), 3);
    house.pass(2 * DAY);
    assert!(engine.list_alerts().await.unwrap().is_empty(), "and what is forgotten is not told again");
}

/// As many entries a day as a year of a million has.
#[tokio::test]
#[ignore = "measures, and takes minutes to write its books: cargo nextest run --run-ignored only --no-capture"]
async fn what_a_look_costs_over_the_books_of_a_busy_month() {
    let house = House::new().await;
    let engine = house.engine().await;
    let store = open_books(house.path(), UnixMs(NOON)).await.unwrap();
    let months = Months { entries: 80_000, days: 30, now: UnixMs(NOON), seed: 7 };
    months.write(&store).await.unwrap();
    engine.save_budget(small("1000", OnLimit::Warn, BudgetPeriod::Month), false).await.unwrap();
    for look in ["the first", "the next", "one that is not due"] {
        let begun = std::time::Instant::now();
        let told = engine.list_alerts().await.unwrap().len();
        println!("{look} look: {:?}, {told} alerts", begun.elapsed());
        if look == "the first" {
            ask(&engine, "openai/gpt-4o").await;
            house.pass(2 * HOUR);
        }
    }
}

#[tokio::test]
async fn a_budget_that_refuses_below_its_limit_says_so_once_in_each_period() {
    let house = House::new().await;
    let engine = house.engine().await;
    // Each answer is as long as it may be, and so costs nearly what was set aside for it.
    let full = Behaviour::Burst { tokens: 200, tokens_per_second: 0, token: "word".into() };
    house.emulator.script_always("gpt-4o-mini", full);
    let budget = small("0.0006", OnLimit::Stop, BudgetPeriod::Day);
    let made = BudgetDraft { simulated: false, alert_percents: vec![50, 80], ..budget };
    engine.save_budget(made, false).await.unwrap();
    let goes_through = async || {
        let target = "openai/gpt-4o-mini".to_owned();
        let conversation = engine.create_conversation(&[target]).await.unwrap().summary.id;
        let (window, money) =
            (Window::default(), MoneyChoice { cap_tokens: Some(200), ..MoneyChoice::default() });
        match engine.start_turn(conversation, PROMPT, &[], &[], money, window.sink()).await {
            Ok(turn) => window.runs(&turn.runs).await.len() == 1,
            Err(error) => {
                assert_eq!(error.code, "over_budget", "{error}");
                false
            }
        }
    };
    let told = async || {
        let mut steps = listed(&engine, AlertKind::BudgetStep).await;
        steps.retain(|alert| alert.title.saying.code == "alert_budget_refuses");
        steps
    };
    let mut sent = 0;
    while goes_through().await {
        assert!(told().await.is_empty(), "it has refused nothing yet");
        sent += 1;
    }
    assert!(sent >= 3, "{sent} were let through");
    let [refuses] = &*told().await else { panic!("it is told once: {:?}", told().await) };
    assert!(refuses.aloud && !refuses.seen && refuses.level == AlertLevel::Critical, "{refuses:?}");
    assert_eq!(refuses.body.saying.code, "alert_budget_refuses_stop");
    let dollars = |name: &str| refuses.body.saying.values[name].parse::<f64>().unwrap();
    assert!(dollars("spent_usd") < dollars("limit_usd"), "its limit is never quite reached");
    assert!(dollars("spent_usd") + dollars("needed_usd") > dollars("limit_usd"));
    assert!(!goes_through().await);
    assert_eq!(told().await.len(), 1, "once in a period");

    house.pass(DAY);
    while goes_through().await {}
    assert_eq!(told().await.len(), 2, "another day, another refusal");
}
