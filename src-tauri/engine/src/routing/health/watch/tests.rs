use std::sync::mpsc;
use std::time::Duration;

use roundtable_domain::ModelRef;
use roundtable_emulator::{Emulator, EmulatorOptions, Pace};

use super::*;
use crate::routing::desk::Desk;
use crate::view::{NewProvider, RoutingState};

const KEY: &str = "sk-0123456789abcdef";

/// A clock that stands still until it is set forward: while a blocking task is under way, the runtime does not do that by itself,
/// however long a database or a socket takes.
struct StillClock {
    _end: mpsc::Sender<()>,
}

impl StillClock {
    fn stop() -> Self {
        let (end, ended) = mpsc::channel::<()>();
        tokio::task::spawn_blocking(move || ended.recv());
        tokio::time::pause();
        Self { _end: end }
    }

    async fn forward(&self, seconds: u64) {
        tokio::time::advance(Duration::from_secs(seconds)).await;
    }
}

/// An engine with one provider at an emulator.
struct House {
    desk: Desk,
    setup: Setup,
    port: u16,
}

impl House {
    async fn new(files: &[(&str, &str)]) -> (Self, Emulator) {
        let desk = Desk::new(files).await;
        let emulator = emulator(0).await;
        let provider = NewProvider {
            id: Some("house".to_owned()),
            name: "House".to_owned(),
            dialect: "openai".to_owned(),
            api: None,
            base_url: format!("{}/v1", emulator.base_url()),
            plain_http_confirmed: false,
        };
        desk.engine.save_provider(provider).await.unwrap();
        desk.engine.set_key("house", KEY.to_owned().into()).await.unwrap();
        let setup = desk.engine.directory().await.unwrap().find("house").unwrap();
        let port = setup.base_url.port().unwrap();
        (Self { desk, setup, port }, emulator)
    }

    fn engine(&self) -> &Engine {
        &self.desk.engine
    }

    /// Somebody plans a call.
    fn want(&self, pool: Option<&str>) {
        let model: ModelRef = "house/swift".parse().unwrap();
        let mut candidate = Candidate::new(model, self.setup.origin().as_str());
        candidate.instance = pool.map(|_| "house/swift".to_owned());
        self.engine().introduce(&self.setup, &candidate, pool);
    }

    /// A call has ended.
    fn hear(&self, failed: Option<ErrorCategory>) {
        self.engine().inner.router.heard(self.setup.origin().as_str(), failed, 0);
    }

    /// What is shown, once it is so.
    async fn until(&self, what: &str, is_so: impl Fn(&RoutingState) -> bool) -> RoutingState {
        let began = std::time::Instant::now();
        loop {
            let state = self.engine().routing_state().await.unwrap();
            if is_so(&state) {
                return state;
            }
            assert!(began.elapsed() < Duration::from_secs(20), "never so: {what}: {state:?}");
            tokio::task::yield_now().await;
        }
    }
}

async fn emulator(port: u16) -> Emulator {
    let options = EmulatorOptions { port, pace: Pace::Instant, ..EmulatorOptions::default() };
    Emulator::start(options).await.unwrap()
}

fn looks(emulator: &Emulator) -> usize {
    emulator.requests().iter().filter(|request| request.method == "GET").count()
}

/// In how many milliseconds the host is looked at next.
fn next_look_ms(state: &RoutingState) -> Option<i64> {
    Some(state.hosts.first()?.next_look_at?.0 - state.at.0)
}

#[tokio::test]
async fn a_host_that_is_ill_is_looked_at_until_it_is_well_and_then_left_alone() {
    let (house, first) = House::new(&[]).await;
    house.want(None);
    first.shutdown().await;
    house.hear(Some(ErrorCategory::Network));
    let clock = StillClock::stop();
    let state = house.until("ill", |state| next_look_ms(state).is_some()).await;
    let next = next_look_ms(&state).unwrap();
    assert!((47_000..=60_000).contains(&next), "in about a minute: {next}");

    clock.forward(61).await;
    house.until("ill again", |state| next_look_ms(state).is_some_and(|next| next > 30_000)).await;
    let second = emulator(house.port).await;
    clock.forward(40).await;
    house.until("still ill", |state| state.hosts[0].well == Some(false)).await;
    assert_eq!(looks(&second), 0, "not yet");
    clock.forward(35).await;
    let state = house.until("well", |state| state.hosts[0].well == Some(true)).await;
    assert_eq!((looks(&second), next_look_ms(&state)), (1, None), "who answers is left alone");
    let asked = second.requests().into_iter().next().unwrap();
    assert_eq!(
        (asked.method.as_str(), asked.path.as_str()),
        ("GET", "/v1/models"),
        "nothing that costs money"
    );
    house.engine().shutdown().await;
}

#[tokio::test]
async fn looks_are_the_probes_of_a_breaker() {
    let (house, emulator) = House::new(&[]).await;
    let before = looks(&emulator);
    house.want(None);
    let (router, origin) = (&house.engine().inner.router, house.setup.origin());
    for _ in 0..5 {
        router.with(|guards, now_ms| {
            let permit = guards.probe_host(origin.as_str(), now_ms).unwrap();
            guards.probed_host(origin.as_str(), permit, false, now_ms);
        });
    }
    house.hear(Some(ErrorCategory::Network));
    let clock = StillClock::stop();
    let closed = |state: &RoutingState| state.hosts[0].breaker == crate::view::BreakerView::Closed;
    assert!(!closed(&house.until("ill", |state| next_look_ms(state).is_some()).await));
    clock.forward(75).await;
    house.until("closed by the look", closed).await;
    assert_eq!(looks(&emulator), before + 1);
    house.engine().shutdown().await;
}

#[tokio::test]
async fn a_refused_key_is_tried_again_on_a_free_endpoint() {
    let (house, emulator) = House::new(&[]).await;
    let found = house.engine().find_keys(&house.setup).await.unwrap();
    let router = &house.engine().inner.router;
    router.set_keys("house", found.iter().map(FoundKey::name));
    house.want(None);
    let clock = StillClock::stop();
    router.with(|guards, now_ms| {
        let ring = guards.ring_mut("house").unwrap();
        let lease = ring.pick("swift", &BTreeSet::new(), now_ms).unwrap();
        ring.record(lease, Some((ErrorCategory::Authentication, None)), now_ms);
    });
    house.hear(Some(ErrorCategory::Authentication));
    let before = looks(&emulator);
    house.until("failed", |state| state.keys[0].state == "failed").await;
    clock.forward(55).await;
    house.until("still failed", |state| state.keys[0].state == "failed").await;
    assert_eq!(looks(&emulator), before);
    clock.forward(6).await;
    house.until("ready", |state| state.keys[0].state == "ready").await;
    assert!(looks(&emulator) > before, "a free endpoint was asked");
    house.engine().shutdown().await;
}

#[tokio::test]
async fn hosts_of_a_pool_are_looked_at_at_its_interval_until_nobody_wants_them() {
    let (house, emulator) = House::new(&[
        ("groups/all.yaml", "echelon1:\n  models: [house/swift]\n"),
        (
            "pools/ring.yaml",
            "task_groups: [all]\nrotation_strategy: round_robin\nhealth_check_interval: 60\n",
        ),
    ])
    .await;
    let before = looks(&emulator);
    let clock = StillClock::stop();
    house.want(Some("ring"));
    for round in 1..=3 {
        let state = house.until("planned", |state| next_look_ms(state).is_some_and(|next| next > 0)).await;
        assert!((47_000..=73_000).contains(&next_look_ms(&state).unwrap()), "about a minute: {state:?}");
        clock.forward(75).await;
        emulator
            .until(|requests| requests.iter().filter(|one| one.method == "GET").count() == before + round)
            .await;
        house.until("heard", |state| next_look_ms(state).is_some_and(|next| next > 0)).await;
    }
    clock.forward(20 * 60).await;
    house.until("idle", |state| next_look_ms(state).is_none()).await;
    assert_eq!(looks(&emulator), before + 3, "what nobody uses is left alone");
    house.engine().shutdown().await;
}

#[tokio::test]
async fn the_emulator_and_what_is_not_set_up_here_are_not_watched() {
    let (house, _emulator) = House::new(&[]).await;
    let mut candidate = Candidate::new("house@elsewhere/swift".parse().unwrap(), "https://elsewhere.example");
    house.engine().introduce(&house.setup, &candidate, None);
    let demo = house.engine().directory().await.unwrap().find(crate::directory::DEMO).unwrap();
    candidate.model = "demo/swift".parse().unwrap();
    house.engine().introduce(&demo, &candidate, None);
    assert_eq!(house.engine().routing_state().await.unwrap().hosts, []);
    assert!(!house.engine().inner.router.looks().is_watched.load(Ordering::Relaxed), "no task for nothing");
    house.engine().shutdown().await;
}

#[tokio::test]
async fn an_engine_that_is_let_go_is_not_kept_alive_by_its_watch() {
    let (house, _emulator) = House::new(&[]).await;
    house.want(None);
    let inner = Arc::downgrade(&house.engine().inner);
    house.until("watched", |state| state.hosts.len() == 1).await;
    drop(house);
    let began = std::time::Instant::now();
    while inner.strong_count() > 0 {
        assert!(began.elapsed() < Duration::from_secs(20), "it lives on");
        tokio::task::yield_now().await;
    }
}
