//! Analysis and advice on a real database: what is recommended, seen in force once it is followed, and taken back; and that nobody's own
//! change is ever overwritten.

use std::collections::HashMap;
use std::fs;

use roundtable_domain::{AttemptId, ErrorCategory, Params, PicoUsd, RunState, UnixMs, WireApi};
use roundtable_emulator::Pace;
use roundtable_engine::view::{
    AlertKind, AnalysisView, MoneyChoice, NewProvider, Recommendation, RecommendationKind, SuccessVerdict,
};
use roundtable_engine::{Engine, Options};
use roundtable_store::{AdviceChange, Call, CallSource, ChangeState, LeaseId, OpenOptions, Requested, Store};
use roundtable_tests::{Room, Window, options};
use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;

const HOUR_MS: i64 = 3_600_000;

const CODING: &str = "# The coders.
echelon1:
  models: [openai/gpt-4o, openai/gpt-4o-mini]   # the best first
  timeout: 20      # nobody waits longer
  max_retries: 0   # it costs too much
";

/// A folder with calls of the past hours and an engine over it: `OpenAI` has a key, nothing is ever sent.
struct Past {
    engine: Engine,
    folder: TempDir,
}

fn now() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(now.as_millis()).unwrap()
}

/// A good call of a second and a half, so many hours ago, at a tenth of a cent.
fn call(hours_ago: i64) -> Call {
    Call {
        id: AttemptId::from_uuid(Uuid::now_v7()),
        run_id: None,
        at: UnixMs(now() - hours_ago * HOUR_MS),
        source: CallSource::Model,
        kind: "first".into(),
        provider: "openai".into(),
        model: "gpt-4o".into(),
        model_served: None,
        key: Some("env:OPENAI_API_KEY".into()),
        group: None,
        echelon: None,
        pool: None,
        state: RunState::Complete,
        category: None,
        wait_ms: 0,
        ttft_ms: Some(500),
        total_ms: Some(1_500),
        input_tokens: Some(2_000),
        output_tokens: Some(500),
        cost: Some(PicoUsd::from_pico(10_000_000_000)),
        saved: None,
        response: None,
        requested: Requested::default(),
        simulated: false,
    }
}

fn failed(category: ErrorCategory, hours_ago: i64) -> Call {
    Call {
        state: RunState::Failed,
        category: Some(category),
        ttft_ms: None,
        output_tokens: None,
        cost: None,
        ..call(hours_ago)
    }
}

/// On the first rung of the coders.
fn coding(call: Call) -> Call {
    Call { group: Some("coding".into()), echelon: Some("echelon1".into()), ..call }
}

/// The same request each time, meant to give the same answer.
pub fn repeated(hours_ago: i64) -> Call {
    let requested = Requested { key: Some([9; 32]), repeatable: true, ..Requested::default() };
    Call { requested, ..call(hours_ago) }
}

fn times(count: i64, call: impl Fn(i64) -> Call) -> Vec<Call> {
    (1..=count).map(call).collect()
}

impl Past {
    async fn of(calls: Vec<Call>, files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join("config").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let engine = Self::open(&folder).await;
        let past = Self { engine, folder };
        past.add(calls).await;
        past
    }

    async fn open(folder: &TempDir) -> Engine {
        let environment = HashMap::from([("OPENAI_API_KEY".to_owned(), "sk-nobody".to_owned())]);
        let options = Options { environment, demo: false, ..options(folder.path(), Pace::Instant) };
        Engine::open(options).await.unwrap()
    }

    /// The same folder in another process, after this one has ended.
    async fn again(self) -> Self {
        self.engine.shutdown().await;
        Self { engine: Self::open(&self.folder).await, folder: self.folder }
    }

    async fn store(&self) -> Store {
        let data_dir = self.engine.data_dir();
        let options = OpenOptions { now: UnixMs(1), backup_dir: data_dir.backups() };
        Store::open(&data_dir.database(), options).await.unwrap()
    }

    async fn add(&self, calls: Vec<Call>) {
        let store = self.store().await;
        for call in &calls {
            store.calls().add(call).await.unwrap();
        }
        store.close().await;
    }

    async fn analysis(&self) -> AnalysisView {
        self.engine.analysis(30).await.unwrap()
    }

    async fn advice(&self, kind: RecommendationKind) -> Option<Recommendation> {
        self.analysis().await.recommendations.into_iter().find(|one| one.kind == kind)
    }

    async fn apply(&self, id: &str) -> AnalysisView {
        self.engine.apply_recommendation(id, 30).await.unwrap()
    }

    fn file(&self, path: &str) -> String {
        fs::read_to_string(self.folder.path().join("config").join(path)).unwrap()
    }

    async fn mode(&self) -> String {
        self.engine.response_cache().await.unwrap().mode
    }
}

/// Applied once, seen in force by `in_force`, told as a change, and taken back.
async fn there_and_back(past: &Past, advice: &Recommendation) {
    let applied = past.apply(&advice.id).await;
    assert!(
        applied.recommendations.iter().all(|one| one.id != advice.id),
        "what is followed is told no more"
    );
    assert_eq!(applied.changes.len(), 1);
    assert_eq!(
        (&applied.changes[0].recommendation, &applied.changes[0].change),
        (&advice.id, &advice.change)
    );
    assert!(applied.changes[0].cannot_undo.is_none() && !applied.changes[0].automatic);
    assert_eq!(past.apply(&advice.id).await.changes.len(), 1, "twice is once");
}

async fn take_back(past: &Past, advice: &Recommendation) {
    let change = past.analysis().await.changes.remove(0);
    let undone = past.engine.undo_change(&change.id, 30).await.unwrap();
    assert!(undone.changes[0].undone_at.is_some());
    assert!(undone.recommendations.iter().any(|one| one == advice), "it is as it was, and so is the advice");
    let again = past.engine.undo_change(&change.id, 30).await.unwrap_err();
    assert_eq!(again.code, "cannot_undo");
    assert_eq!(again.saying.unwrap().code, "change_taken_back");
}

#[tokio::test]
async fn models_are_told_with_their_success_and_their_cost() {
    let mut calls = times(40, call);
    calls.extend(times(10, |hours| failed(ErrorCategory::Unavailable, hours)));
    let past = Past::of(calls, &[]).await;
    let model = past.analysis().await.models.remove(0);
    assert_eq!((model.target.as_str(), model.requests, model.succeeded), ("openai/gpt-4o", 50, 40));
    assert_eq!(model.success.verdict, SuccessVerdict::Missed);
    assert_eq!((model.usd.as_deref(), model.usd_per_request.as_deref()), (Some("0.4"), Some("0.01")));
    assert_eq!(model.usd_per_1k_answer_tokens.as_deref(), Some("0.02"));
    assert_eq!(
        past.engine.analysis(1).await.unwrap().models[0].requests,
        33,
        "of the last day, its first hour aside"
    );
    let first = past.analysis().await.recommendations;
    assert_eq!(past.analysis().await.recommendations, first, "the same facts, the same advice");
}

#[tokio::test]
async fn keeping_answers_is_recommended_on_repeats_and_taken_back() {
    let past = Past::of(times(8, repeated), &[]).await;
    assert_eq!(past.advice(RecommendationKind::TurnOnCache).await, None, "they are kept as it is");
    past.engine.set_response_cache("off", 24).await.unwrap();
    let advice = past.advice(RecommendationKind::TurnOnCache).await.unwrap();
    assert!(advice.evidence[0].text.contains("7 of 8"), "{:?}", advice.evidence);
    there_and_back(&past, &advice).await;
    assert_eq!(past.mode().await, "deterministic");
    take_back(&past, &advice).await;
    assert_eq!(past.mode().await, "off");
}

#[tokio::test]
async fn a_rung_is_given_time_and_second_tries_and_its_comments_stay() {
    let mut calls: Vec<Call> = times(30, |hours| Call { total_ms: Some(18_000), ..coding(call(hours)) });
    calls.extend(times(6, |hours| Call {
        total_ms: Some(20_030),
        ..coding(failed(ErrorCategory::Timeout, hours))
    }));
    calls.extend(times(6, |hours| coding(failed(ErrorCategory::Unavailable, hours))));
    let past = Past::of(calls, &[("groups/coding.yaml", CODING)]).await;

    let timeout = past.advice(RecommendationKind::AdjustTimeout).await.unwrap();
    there_and_back(&past, &timeout).await;
    let text = past.file("groups/coding.yaml");
    assert!(text.contains("timeout: 40      # nobody waits longer"), "{text}");
    assert!(text.contains("# The coders.") && text.contains("# the best first"), "{text}");
    take_back(&past, &timeout).await;
    assert_eq!(past.file("groups/coding.yaml"), CODING, "to the letter");

    let retry = past.advice(RecommendationKind::EnableRetry).await.unwrap();
    let applied = past.apply(&retry.id).await;
    assert!(past.file("groups/coding.yaml").contains("max_retries: 1   # it costs too much"));
    past.engine.undo_change(&applied.changes[0].id, 30).await.unwrap();
    assert_eq!(past.file("groups/coding.yaml"), CODING);
}

#[tokio::test]
async fn a_providers_timer_is_shortened_where_calls_hang() {
    let provider = NewProvider {
        id: Some("alpha".into()),
        name: "Alpha".into(),
        dialect: "custom".into(),
        api: Some(WireApi::OpenaiChat),
        base_url: "http://127.0.0.1:9/v1".into(),
        plain_http_confirmed: false,
    };
    let alpha = |call: Call| Call { provider: "alpha".into(), model: "m".into(), key: None, ..call };
    let mut calls = times(40, |hours| alpha(call(hours)));
    calls.extend(times(6, |hours| Call {
        total_ms: Some(120_040),
        ..alpha(failed(ErrorCategory::Timeout, hours))
    }));
    let past = Past::of(calls, &[]).await;
    past.engine.save_provider(provider).await.unwrap();
    let set = async || past.engine.provider_settings("alpha").await.unwrap().network.timeouts.first_delta_ms;
    let advice = past.advice(RecommendationKind::AdjustTimeout).await.unwrap();
    there_and_back(&past, &advice).await;
    assert_eq!(set().await, Some(30_000));
    take_back(&past, &advice).await;
    assert_eq!(set().await, None, "as nobody had said anything");
}

#[tokio::test]
async fn simple_prompts_go_by_price_once_a_rule_says_so() {
    let simple = |hours| Call {
        requested: Requested {
            asked: Some("auto".into()),
            complexity: Some("simple".into()),
            ..Requested::default()
        },
        ..coding(call(hours))
    };
    let rules = "# Mine.\nrules:\n  - name: Never that one\n    then:\n      never: [openai/o1]\n";
    let past = Past::of(times(40, simple), &[("groups/coding.yaml", CODING), ("rules.yaml", rules)]).await;
    let advice = past.advice(RecommendationKind::CheaperForSimple).await.unwrap();
    assert!(advice.title.text.contains("mini"), "{}", advice.title.text);
    assert!(advice.saves_usd.is_some());
    there_and_back(&past, &advice).await;
    let text = past.file("rules.yaml");
    assert!(text.starts_with("# Mine.") && text.contains("complexity: [simple]"), "{text}");
    let routes = past.engine.routes().await.unwrap();
    assert_eq!(routes.rules.len(), 2);
    assert!(routes.mistakes.iter().all(|mistake| mistake.warning), "{:?}", routes.mistakes);
    take_back(&past, &advice).await;
    assert_eq!(past.file("rules.yaml"), rules);
}

/// Dear answers of two models to simple prompts, where lanes leave the choice to the rules.
async fn two_dear_models() -> Past {
    let simple = |model: &str, hours| Call {
        model: model.to_owned(),
        requested: Requested {
            asked: Some("auto".into()),
            complexity: Some("simple".into()),
            ..Requested::default()
        },
        ..coding(call(hours))
    };
    let mut calls = times(40, |hours| simple("gpt-4o", hours));
    calls.extend(times(40, |hours| simple("gpt-4-turbo", hours)));
    let past = Past::of(calls, &[("groups/coding.yaml", CODING)]).await;
    past.engine.set_automatic(true, 30).await.unwrap();
    past
}

#[tokio::test]
async fn a_rule_that_was_taken_back_does_not_come_back_by_another_model() {
    let past = two_dear_models().await;
    let all = past.analysis().await.recommendations;
    let told: Vec<_> = all.iter().filter(|one| one.kind == RecommendationKind::CheaperForSimple).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].evidence[0].saying.values["simple"], "80", "both models together");
    assert_eq!(past.engine.follow_safe_advice().await.unwrap(), 1);
    let change = past.analysis().await.changes.remove(0);
    past.engine.undo_change(&change.id, 30).await.unwrap();
    let without = past.engine.routes().await.unwrap().rules;
    assert_eq!(past.engine.follow_safe_advice().await.unwrap(), 0, "who took it back has the last word");
    assert_eq!(past.engine.routes().await.unwrap().rules, without);
}

#[tokio::test]
async fn a_change_that_was_made_and_taken_back_under_another_name_is_known() {
    let elsewhere = two_dear_models().await;
    elsewhere.engine.follow_safe_advice().await.unwrap();
    let store = elsewhere.store().await;
    let made = store.advice().changes(1).await.unwrap().remove(0);
    store.close().await;
    let past = two_dear_models().await;
    let store = past.store().await;
    let advice = "cheaper_for_simple:auto:openai/gpt-4o".to_owned();
    let renamed = AdviceChange { advice, state: ChangeState::Begun, ..made };
    store.advice().begin(&renamed).await.unwrap();
    for (from, to) in [
        (ChangeState::Begun, ChangeState::Applied),
        (ChangeState::Applied, ChangeState::Undoing),
        (ChangeState::Undoing, ChangeState::Undone),
    ] {
        let moved = store.advice().move_on(&renamed.id, from, to, &renamed.owner, UnixMs(now())).await;
        assert!(moved.unwrap());
    }
    store.close().await;
    assert_eq!(past.engine.follow_safe_advice().await.unwrap(), 0, "it would change the same");
}

#[tokio::test]
async fn a_rule_that_was_turned_down_is_not_made_for_any_model() {
    let past = two_dear_models().await;
    let advice = past.advice(RecommendationKind::CheaperForSimple).await.unwrap();
    past.engine.dismiss_recommendation(&advice.id, true, 30).await.unwrap();
    assert_eq!(past.engine.follow_safe_advice().await.unwrap(), 0);
    assert!(past.engine.routes().await.unwrap().rules.is_empty());
}

#[tokio::test]
async fn a_key_that_is_gone_from_the_environment_needs_no_looking_at() {
    let refused = |_| failed(ErrorCategory::Authentication, 0);
    let gone = |hours| Call { key: Some("env:ANTHROPIC_API_KEY".into()), ..refused(hours) };
    let past = Past::of(times(4, gone), &[]).await;
    assert_eq!(past.advice(RecommendationKind::CheckKey).await, None);
    past.add(times(4, refused)).await;
    assert_eq!(past.advice(RecommendationKind::CheckKey).await.unwrap().subject, "env:OPENAI_API_KEY");
}

#[tokio::test]
async fn what_failed_by_the_keys_fault_asks_for_no_second_model() {
    let mut calls = times(40, call);
    calls.extend(times(30, |hours| failed(ErrorCategory::Authentication, hours)));
    let past = Past::of(calls, &[]).await;
    past.add(times(5, |_| failed(ErrorCategory::Unavailable, 100))).await;
    let told = past.advice(RecommendationKind::AddFallback).await.unwrap();
    assert_eq!(told.evidence[0].saying.values["calls"], "45", "those of the key are not among them");
}

#[tokio::test]
async fn a_change_by_hand_is_never_taken_back() {
    let past = Past::of(times(8, repeated), &[]).await;
    past.engine.set_response_cache("off", 24).await.unwrap();
    let advice = past.advice(RecommendationKind::TurnOnCache).await.unwrap();
    past.apply(&advice.id).await;
    past.engine.set_response_cache("always", 24).await.unwrap();
    let change = past.analysis().await.changes.remove(0);
    let why = change.cannot_undo.unwrap();
    assert_eq!(why.place.saying.code, "place_kept_answers");
    assert_eq!(why.found.unwrap().saying.values["mode"], "always");
    let refused = past.engine.undo_change(&change.id, 30).await.unwrap_err();
    assert_eq!(refused.code, "cannot_undo");
    let saying = refused.saying.unwrap();
    assert_eq!(saying.code, "change_overtaken");
    assert_eq!(saying.values["place_code"], "place_kept_answers");
    assert_eq!(saying.values["found_mode"], "always", "for windows of any language");
    assert_eq!(past.mode().await, "always", "and nothing is lost");
    past.engine.set_response_cache("deterministic", 24).await.unwrap();
    assert!(past.analysis().await.changes[0].cannot_undo.is_none(), "it stands as it was applied again");
}

#[tokio::test]
async fn what_is_turned_down_stays_so_and_comes_last() {
    let mut calls = times(8, repeated);
    calls.extend(times(4, |_| failed(ErrorCategory::Authentication, 0)));
    let past = Past::of(calls, &[]).await;
    past.engine.set_response_cache("off", 24).await.unwrap();
    let first = past.analysis().await.recommendations.remove(0);
    assert_eq!(first.kind, RecommendationKind::CheckKey, "the most urgent first");
    let refused = past.engine.apply_recommendation(&first.id, 30).await.unwrap_err();
    assert_eq!(refused.code, "advice", "a person has to do it");
    let view = past.engine.dismiss_recommendation(&first.id, true, 30).await.unwrap();
    let last = view.recommendations.last().unwrap();
    assert!(last.id == first.id && last.dismissed);
    let past = past.again().await;
    assert!(past.analysis().await.recommendations.last().unwrap().dismissed, "in the next process too");
    let view = past.engine.dismiss_recommendation(&first.id, false, 30).await.unwrap();
    assert!(view.recommendations.iter().all(|one| !one.dismissed));
    assert_eq!(
        past.engine.apply_recommendation("turn_on_cache:never", 30).await.unwrap_err().code,
        "not_found"
    );
}

#[tokio::test]
async fn safe_advice_is_followed_without_asking_only_where_that_is_switched_on_and_once() {
    let past = Past::of(times(8, repeated), &[]).await;
    past.engine.set_response_cache("off", 24).await.unwrap();
    assert_eq!(past.engine.follow_safe_advice().await.unwrap(), 0, "nobody has switched it on");
    assert!(past.engine.set_automatic(true, 30).await.unwrap().automatic);
    assert_eq!(past.engine.follow_safe_advice().await.unwrap(), 1);
    assert_eq!(past.mode().await, "deterministic");
    let change = past.analysis().await.changes.remove(0);
    assert!(change.automatic);
    let alerts = past.engine.list_alerts().await.unwrap();
    assert!(
        alerts.iter().any(|alert| alert.kind == AlertKind::AutomaticChange && alert.subject == change.id)
    );
    past.engine.undo_change(&change.id, 30).await.unwrap();
    assert_eq!(past.engine.follow_safe_advice().await.unwrap(), 0, "who took it back has the last word");
    assert_eq!(past.mode().await, "off");
}

/// What a process that was killed has left, over a cache of this mode.
async fn left_behind(state: ChangeState, mode: &str) -> AnalysisView {
    let past = Past::of(times(8, repeated), &[]).await;
    past.engine.set_response_cache(mode, 24).await.unwrap();
    let store = past.store().await;
    let change = AdviceChange {
        id: "a-change".into(),
        advice: "turn_on_cache:deterministic".into(),
        kind: "turn_on_cache".into(),
        subject: String::new(),
        title: json!({ "text": "Keep answers", "saying": { "code": "advice_cache_deterministic", "values": {} } }),
        step: json!({ "what": "response_cache", "before": "off", "after": "deterministic", "ttl_hours": 24 }),
        state,
        owner: LeaseId::new("killed"),
        automatic: false,
        at: UnixMs(now()),
        undone_at: None,
    };
    assert!(store.advice().begin(&change).await.unwrap());
    store.close().await;
    let view = past.analysis().await;
    if view.changes.is_empty() {
        assert_eq!(past.apply("turn_on_cache:deterministic").await.changes.len(), 1, "the way is free");
    }
    view
}

#[tokio::test]
async fn a_kill_in_between_leaves_what_is_true() {
    let never_made = left_behind(ChangeState::Begun, "off").await;
    assert!(never_made.changes.is_empty() && !never_made.recommendations.is_empty());
    let made = left_behind(ChangeState::Begun, "deterministic").await;
    assert!(made.changes[0].undone_at.is_none() && made.changes[0].cannot_undo.is_none());
    let taken_back = left_behind(ChangeState::Undoing, "off").await;
    assert!(taken_back.changes[0].undone_at.is_some());
    let still_there = left_behind(ChangeState::Undoing, "deterministic").await;
    assert!(still_there.changes[0].undone_at.is_none());
}

#[tokio::test]
async fn the_same_request_is_known_again_while_nothing_is_kept() {
    let room = Room::new().await;
    room.engine.set_response_cache("off", 24).await.unwrap();
    let fixed = Params { temperature: Some(0.0), ..Params::default() };
    for _ in 0..7 {
        let conversation = room.conversation(&["demo/swift"]).await;
        room.engine.set_lane_params(conversation.lanes[0].id, fixed.clone()).await.unwrap();
        let window = Window::default();
        let id = conversation.summary.id;
        let turn = room
            .engine
            .start_turn(id, "Hello", &[], &[], MoneyChoice::default(), window.sink())
            .await
            .unwrap();
        window.runs(&turn.runs).await;
    }
    let advice = room.engine.analysis(1).await.unwrap().recommendations;
    let told = advice.iter().find(|one| one.kind == RecommendationKind::TurnOnCache).unwrap();
    assert!(told.evidence[0].text.contains("6 of 7"), "{:?}", told.evidence);
    assert_eq!(
        told.evidence.last().unwrap().saying.code,
        "advice_demo",
        "the demo's money is invented, and it says so"
    );
}

#[tokio::test]
async fn invented_calls_are_no_evidence_where_somebody_real_can_be_asked() {
    let demo = |hours| Call {
        provider: "demo".into(),
        model: "swift".into(),
        key: None,
        simulated: true,
        ..repeated(hours)
    };
    let past = Past::of(times(30, demo), &[]).await;
    past.engine.set_response_cache("off", 24).await.unwrap();
    let view = past.analysis().await;
    assert_eq!((view.models.len(), view.recommendations.len()), (1, 0), "{:?}", view.recommendations);
}
