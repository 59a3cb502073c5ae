//! Budgets that hold: what does not fit is not sent, what is sent is what was set aside for, and every way out leads out.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::tz::TimeZone;
use roundtable_domain::{ErrorCategory, PicoUsd, RunState, UnixMs, WireApi};
use roundtable_emulator::Behaviour;
use roundtable_engine::view::{
    BudgetDraft, BudgetPeriod, BudgetScope, BudgetScopeKind, BudgetStop, BudgetView, MoneyChoice,
    NewProvider, OnLimit, OverrideReason, RunView, Settings,
};
use roundtable_engine::{Clock, Engine, Options, Pace, SystemClock};
use roundtable_tests::{Room, Window, options};
use serde_json::Value;

pub fn draft(limit: &str, on_limit: OnLimit) -> BudgetDraft {
    BudgetDraft {
        id: None,
        name: "Lunch".to_owned(),
        scope: BudgetScope::default(),
        period: BudgetPeriod::Total,
        limit_usd: limit.to_owned(),
        alert_percents: vec![50, 80, 100],
        on_limit,
        cheaper_targets: Vec::new(),
        unpriced_allowed: Vec::new(),
        simulated: true,
        paused: false,
    }
}

async fn budget(room: &Room, limit: &str, on_limit: OnLimit) -> BudgetView {
    room.engine.save_budget(draft(limit, on_limit), false).await.unwrap().remove(0)
}

pub async fn only(engine: &Engine) -> BudgetView {
    engine.list_budgets().await.unwrap().remove(0)
}

pub fn usd(text: &str) -> PicoUsd {
    text.parse().unwrap()
}

/// Answers of a word, so that what is spent is little beside what is set aside.
async fn brief(room: &Room) {
    let emulator = room.engine.emulator().await.unwrap();
    for model in ["scholar", "swift", "poet", "coder", "critic"] {
        let reply = Behaviour::Reply { text: "Scattering.".to_owned(), reasoning: None };
        emulator.script_always(model, reply);
    }
}

/// Asks these targets and waits for the answers.
async fn ask(room: &Room, targets: &[&str], money: MoneyChoice) -> Result<Vec<RunView>, Box<BudgetStop>> {
    let conversation = room.conversation(targets).await.summary.id;
    let window = Window::default();
    match room.engine.start_turn(conversation, "Why is the sky blue?", &[], &[], money, window.sink()).await {
        Ok(turn) => Ok(window.runs(&turn.runs).await),
        Err(error) => {
            assert_eq!(error.code, "over_budget", "{error}");
            let left = room.engine.open_conversation(conversation).await.unwrap();
            assert!(left.turns.is_empty(), "nothing is written");
            assert!(error.message.contains("“Lunch”"), "{}", error.message);
            Err(error.over_budget.unwrap())
        }
    }
}

/// The longest answers that were asked for, in the order of the requests.
async fn limits_sent(room: &Room) -> Vec<Option<u64>> {
    let requests = room.engine.emulator().await.unwrap().requests();
    let limit = |sent: &Value| sent["max_tokens"].as_u64().or_else(|| sent["max_completion_tokens"].as_u64());
    requests.iter().filter(|one| one.method == "POST").map(|one| limit(&one.body)).collect()
}

#[tokio::test]
async fn what_does_not_fit_is_not_sent_and_every_way_out_leads_out() {
    let room = Room::new().await;
    brief(&room).await;
    let made = budget(&room, "0.05", OnLimit::Stop).await;
    let targets = ["demo/scholar", "demo/swift"];
    let stop = ask(&room, &targets, MoneyChoice::default()).await.unwrap_err();
    assert!(room.engine.emulator().await.unwrap().requests().is_empty(), "nothing is sent");
    assert_eq!(only(&room.engine).await, made, "nothing is set aside");
    assert_eq!(stop.budgets[0].id, made.id);
    assert_eq!(stop.lanes_that_fit, [stop.lanes[1].lane_id], "the cheap lane fits alone");
    let missing = usd(&stop.budgets[0].needed_usd).checked_sub(usd("0.05")).unwrap();
    assert_eq!(usd(&stop.budgets[0].missing_usd), missing);
    assert!(stop.cheaper_fits && stop.lanes[0].cheaper.is_some());

    let cap = stop.cap_that_fits.unwrap();
    assert!(cap >= 1_224, "the scholar thinks before it speaks: {cap} tokens leave room for words");
    let capped = MoneyChoice { cap_tokens: Some(cap), ..MoneyChoice::default() };
    let more = MoneyChoice { cap_tokens: Some(cap + 1), ..MoneyChoice::default() };
    assert!(ask(&room, &targets, more).await.is_err(), "it is the longest that fits");
    let runs = ask(&room, &targets, capped).await.unwrap();
    assert!(runs.iter().all(|run| run.state == RunState::Complete), "{runs:?}");
    assert_eq!(limits_sent(&room).await, [Some(u64::from(cap)); 2], "what is sent is what was set aside for");

    let cheaper = MoneyChoice { cheaper: true, ..MoneyChoice::default() };
    let runs = ask(&room, &["demo/scholar"], cheaper).await.unwrap();
    let route = runs[0].route.as_ref().unwrap();
    assert_eq!((route.asked.as_str(), route.fell_back), ("demo/scholar", true));
    assert!(runs[0].model_requested != "scholar" && route.reason.contains("budget"), "{}", route.reason);
    let trace = room.engine.explain_run(runs[0].id).await.unwrap().unwrap();
    assert!(trace.sentences[0].contains("budget"), "the trace says it too: {:?}", trace.sentences);

    let over = MoneyChoice { override_budgets: vec![made.id], ..MoneyChoice::default() };
    ask(&room, &["demo/scholar"], over).await.unwrap();
    let after = only(&room.engine).await;
    assert!(usd(&after.overridden_usd) > PicoUsd::ZERO, "it is written down");
    assert_eq!((after.reserved_usd.as_str(), after.overrides), ("0", 1));
    let record = room.engine.list_budget_overrides(made.id).await.unwrap().remove(0);
    assert_eq!((record.why, record.over_usd), (OverrideReason::Limit, after.overridden_usd));
    assert_eq!(record.question.as_deref(), Some("Why is the sky blue?"), "and it says which question it was");
    assert!(room.engine.check_budgets().await.unwrap().is_sound());
}

/// Saves a budget of this scope, and says what it counts; the error's words where it is refused.
async fn of_scope(room: &Room, kind: BudgetScopeKind, name: &str) -> Result<(String, bool), String> {
    let scope = BudgetScope { kind, name: Some(name.to_owned()) };
    let made = BudgetDraft { scope, ..draft("1", OnLimit::Stop) };
    let saved = room.engine.save_budget(made, false).await.map_err(|error| {
        assert_eq!(error.code, "bad_budget", "{error}");
        error.message
    })?;
    let last = saved.last().unwrap();
    Ok((last.draft.scope.name.clone().unwrap(), last.unused))
}

#[tokio::test]
async fn a_scope_that_names_nothing_is_refused_or_said_and_one_in_other_capitals_is_found() {
    use BudgetScopeKind::{Conversation, Folder, Key, Model, Provider, Source, Tag};
    let room = Room::new().await;
    let ok = |name: &str, unused| Ok((name.to_owned(), unused));
    assert_eq!(of_scope(&room, Provider, "DEMO").await, ok("demo", true));
    assert_eq!(of_scope(&room, Provider, "OpenAI").await, ok("openai", true), "before its first key");
    assert!(of_scope(&room, Provider, "opnai").await.unwrap_err().contains("did you mean \"openai\""));
    assert_eq!(of_scope(&room, Model, "Demo/Swift").await, ok("demo/swift", true));
    assert_eq!(of_scope(&room, Model, "demo/unlisted").await, ok("demo/unlisted", true), "lists are old");
    assert!(of_scope(&room, Model, "nobody/gpt").await.unwrap_err().contains("no provider"));
    assert!(of_scope(&room, Model, "swift").await.unwrap_err().contains("demo/swift"));
    assert!(of_scope(&room, Source, "chats").await.unwrap_err().contains("did you mean \"chat\""));
    assert_eq!(of_scope(&room, Source, "Chat").await, ok("chat", true));
    assert!(of_scope(&room, Key, "env:OPENAI_KEY").await.unwrap_err().contains("env:OPENAI_API_KEY"));
    assert!(of_scope(&room, Key, "0190a000-0000-7000-8000-000000000000").await.is_err());
    assert!(of_scope(&room, Conversation, "0190a000-0000-7000-8000-000000000000").await.is_err());
    assert_eq!(of_scope(&room, Folder, "Wrok").await, ok("Wrok", true), "what will be filed there counts");
    assert_eq!(of_scope(&room, Tag, "later").await, ok("later", true));

    let conversation = room.conversation(&["demo/swift"]).await.summary.id;
    room.engine.set_conversation_folder(conversation, Some("Work")).await.unwrap();
    assert_eq!(of_scope(&room, Folder, " work ").await, ok("Work", false));
    ask(&room, &["demo/swift"], MoneyChoice::default()).await.unwrap();
    let budgets = room.engine.list_budgets().await.unwrap();
    let unused = |name: &str| {
        budgets.iter().find(|one| one.draft.scope.name.as_deref() == Some(name)).map(|one| one.unused)
    };
    assert_eq!([unused("demo"), unused("demo/swift"), unused("chat")], [Some(false); 3]);
    assert_eq!([unused("openai"), unused("Wrok"), unused("demo/unlisted")], [Some(true); 3]);

    // What is counted already may be gone: its limit can be changed all the same.
    room.engine.delete_conversation(conversation).await.unwrap();
    let gone = budgets.iter().find(|one| one.draft.scope.name.as_deref() == Some("Work")).unwrap();
    let more = BudgetDraft { limit_usd: "2".to_owned(), ..gone.draft.clone() };
    room.engine.save_budget(more, false).await.unwrap();
}

#[tokio::test]
async fn a_limit_is_sent_only_where_a_budget_may_refuse() {
    let room = Room::new().await;
    ask(&room, &["demo/swift"], MoneyChoice::default()).await.unwrap();
    budget(&room, "1", OnLimit::Warn).await;
    ask(&room, &["demo/swift"], MoneyChoice::default()).await.unwrap();
    room.engine.save_budget(draft("1", OnLimit::Stop), false).await.unwrap();
    ask(&room, &["demo/swift"], MoneyChoice::default()).await.unwrap();
    assert_eq!(limits_sent(&room).await, [None, None, Some(4_096)]);
}

#[tokio::test]
async fn a_lane_goes_to_a_cheaper_model_by_itself_where_the_budget_says_so() {
    let room = Room::new().await;
    let cheaper = BudgetDraft {
        cheaper_targets: vec!["demo/scholar".to_owned(), "demo/poet".to_owned(), "demo/swift".to_owned()],
        ..draft("0.03", OnLimit::Cheaper)
    };
    room.engine.save_budget(cheaper, false).await.unwrap();
    let runs = ask(&room, &["demo/scholar"], MoneyChoice::default()).await.unwrap();
    assert_eq!(runs[0].model_requested, "poet", "the best that fits, in the order of the budget");
    assert!(runs[0].route.as_ref().unwrap().reason.contains("as the budget says"));
}

const LADDER: &str = "echelon1:
  models: [FIRST]
  max_retries: 0
echelon2:
  models: [SECOND]
fallback_config:
  strategy: echelon_down
  max_attempts: 6
";

fn ladder(room: &Room, first: &str, second: &str) {
    let groups = room.path().join("config/groups");
    std::fs::create_dir_all(&groups).unwrap();
    let text = LADDER.replace("FIRST", first).replace("SECOND", second);
    std::fs::write(groups.join("ladder.yaml"), text).unwrap();
}

#[tokio::test]
async fn a_route_passes_over_whoever_does_not_fit() {
    let room = Room::new().await;
    ladder(&room, "demo/scholar", "demo/swift");
    budget(&room, "0.01", OnLimit::Stop).await;
    let runs = ask(&room, &["ladder"], MoneyChoice::default()).await.unwrap();
    assert_eq!((runs[0].state, runs[0].model_requested.as_str()), (RunState::Complete, "swift"));
}

#[tokio::test]
async fn a_fallback_that_does_not_fit_is_not_made_and_the_fault_says_why() {
    let room = Room::new().await;
    ladder(&room, "demo/swift", "demo/scholar");
    budget(&room, "0.01", OnLimit::Stop).await;
    room.engine.emulator().await.unwrap().script_always("swift", Behaviour::Status503);
    let runs = ask(&room, &["ladder"], MoneyChoice::default()).await.unwrap();
    let fault = runs[0].fault.as_ref().unwrap();
    assert_eq!((runs[0].state, fault.category), (RunState::Failed, ErrorCategory::OverBudget));
    assert!(fault.message.contains("“Lunch”") && fault.message.contains("$0.010"), "{}", fault.message);
    assert!(fault.message.contains("Before that"), "and what failed before: {}", fault.message);
    assert!(limits_sent(&room).await.len() == 1, "the dear one was not asked");
    assert_eq!(only(&room.engine).await.reserved_usd, "0");
}

/// What is asked of a ladder whose first rung fails and whose second is too dear for the only budget.
async fn fall_from_the_ladder(on_limit: OnLimit, money: MoneyChoice) -> (Room, RunView) {
    let room = Room::new().await;
    brief(&room).await;
    ladder(&room, "demo/swift", "demo/scholar");
    let cheaper_targets = vec!["demo/coder".to_owned(), "demo/poet".to_owned()];
    let draft = BudgetDraft { cheaper_targets, ..draft("0.03", on_limit) };
    room.engine.save_budget(draft, false).await.unwrap();
    room.engine.emulator().await.unwrap().script_always("swift", Behaviour::Status503);
    let run = ask(&room, &["ladder"], money).await.unwrap().remove(0);
    assert_eq!(only(&room.engine).await.reserved_usd, "0");
    (room, run)
}

#[tokio::test]
async fn a_fallback_that_does_not_fit_goes_to_a_cheaper_model_where_the_budget_says_so() {
    let (room, run) = fall_from_the_ladder(OnLimit::Cheaper, MoneyChoice::default()).await;
    assert_eq!(
        (run.state, run.model_requested.as_str()),
        (RunState::Complete, "poet"),
        "coder is too dear as well"
    );
    let route = run.route.unwrap();
    assert!(route.fell_back && route.reason.contains("as the budget says"), "{}", route.reason);
    assert_eq!(
        (run.attempts, limits_sent(&room).await.len()),
        (2, 2),
        "the one that failed, and the cheaper one"
    );
    let trace = room.engine.explain_run(run.id).await.unwrap().unwrap();
    assert_eq!(trace.attempts.len(), 2, "what failed before it is told");
}

#[tokio::test]
async fn a_fallback_that_does_not_fit_goes_to_a_cheaper_model_where_somebody_chose_that() {
    let chosen = MoneyChoice { cheaper: true, ..MoneyChoice::default() };
    let (_, run) = fall_from_the_ladder(OnLimit::Stop, chosen).await;
    assert_eq!((run.state, run.model_requested.as_str()), (RunState::Complete, "poet"));
    assert!(run.route.unwrap().reason.contains("as you chose"));
    let (_, run) = fall_from_the_ladder(OnLimit::Stop, MoneyChoice::default()).await;
    assert_eq!(run.fault.unwrap().category, ErrorCategory::OverBudget, "nobody has said so");
}

#[tokio::test]
async fn an_answer_that_cannot_be_afforded_anew_is_a_version_that_says_so() {
    let room = Room::new().await;
    ladder(&room, "demo/swift", "demo/scholar");
    let file = room.path().join("config/groups/ladder.yaml");
    let group = format!("{}  after_commit: regenerate\n", std::fs::read_to_string(&file).unwrap());
    std::fs::write(file, group).unwrap();
    budget(&room, "0.01", OnLimit::Stop).await;
    let emulator = room.engine.emulator().await.unwrap();
    emulator.script_always("swift", Behaviour::SocketCut { after_tokens: 12 });
    let conversation = room.conversation(&["ladder"]).await.summary.id;
    let window = Window::default();
    let money = MoneyChoice::default();
    let turn = room.engine.start_turn(conversation, "Hello", &[], &[], money, window.sink()).await.unwrap();
    window.until(|seen| seen.done).await;
    let latest = room.engine.open_conversation(conversation).await.unwrap().turns.remove(0).runs.remove(0);
    assert_eq!((latest.version, latest.state), (2, RunState::Failed), "it was begun anew by itself");
    let fault = latest.fault.unwrap();
    assert_eq!(fault.category, ErrorCategory::OverBudget);
    assert!(fault.message.contains("“Lunch”"), "{}", fault.message);
    let first = room.engine.run_version(turn.id, latest.lane_id, 1).await.unwrap();
    assert!(!first.text.is_empty(), "what was written is kept");
    assert!(limits_sent(&room).await.len() == 1 && only(&room.engine).await.reserved_usd == "0");
}

#[tokio::test]
async fn a_retry_of_several_answers_fits_as_a_whole_or_is_not_sent() {
    let room = Room::new().await;
    let conversation = room.conversation(&["demo/poet", "demo/poet"]).await.summary.id;
    let window = Window::default();
    let first =
        room.engine.start_turn(conversation, "Hello", &[], &[], MoneyChoice::default(), window.sink());
    let turn = first.await.unwrap();
    window.runs(&turn.runs).await;
    // The longest answer of one is 0.0205 dollars.
    budget(&room, "0.03", OnLimit::Stop).await;
    let again = |lanes: Window| {
        let sink = lanes.sink();
        room.engine.retry_turn(turn.id, false, MoneyChoice::default(), sink)
    };
    let error = again(Window::default()).await.unwrap_err();
    assert_eq!((error.code.as_str(), error.over_budget.unwrap().lanes_that_fit.len()), ("over_budget", 1));
    let one = Window::default();
    let run = room.engine.retry_run(turn.runs[0].id, MoneyChoice::default(), one.sink()).await.unwrap();
    assert_eq!(one.runs(&[run]).await[0].state, RunState::Complete);
}

#[tokio::test]
async fn a_model_without_a_price_needs_consent() {
    let room = Room::new().await;
    let provider = NewProvider {
        id: None,
        name: "Neighbour".to_owned(),
        dialect: "custom".to_owned(),
        api: Some(WireApi::OpenaiChat),
        base_url: format!("{}/v1", room.engine.emulator().await.unwrap().base_url()),
        plain_http_confirmed: false,
    };
    let provider = room.engine.save_provider(provider).await.unwrap().id;
    room.engine.set_key(&provider, "sk-0123456789abcdef".to_owned().into()).await.unwrap();
    let target = format!("{provider}/swift");
    let real = BudgetDraft { simulated: false, ..draft("5", OnLimit::Stop) };
    room.engine.save_budget(real.clone(), false).await.unwrap();
    let stop = ask(&room, &[&target], MoneyChoice::default()).await.unwrap_err();
    assert_eq!(stop.budgets[0].unpriced_lanes, [stop.lanes[0].lane_id]);
    assert_eq!((stop.budgets[0].missing_usd.as_str(), stop.lanes[0].worst_usd.as_ref()), ("0", None));
    let allowed = MoneyChoice { allow_unpriced: true, ..MoneyChoice::default() };
    let runs = ask(&room, &[&target], allowed).await.unwrap();
    assert_eq!(runs[0].state, RunState::Complete, "{runs:?}");
    assert_eq!(only(&room.engine).await.unpriced_calls, 1);
    let id = Some(only(&room.engine).await.id);
    let known = BudgetDraft { id, unpriced_allowed: vec![target.clone()], ..real };
    room.engine.save_budget(known, false).await.unwrap();
    ask(&room, &[&target], MoneyChoice::default()).await.unwrap();
}

#[tokio::test]
async fn a_preview_knows_the_tightest_budget_the_shares_and_what_would_stop_it() {
    let room = Room::new().await;
    let conversation = room.conversation(&["demo/scholar", "demo/swift"]).await.summary.id;
    let preview = async || {
        room.engine.preview_turn(conversation, "Why is the sky blue?", &[], &[], false).await.unwrap()
    };
    assert_eq!(preview().await.tightest, None);
    budget(&room, "0.01", OnLimit::Stop).await;
    let tight = preview().await;
    let shares: Vec<_> = tight.lanes.iter().map(|lane| lane.share_percent).collect();
    assert_eq!(shares, [Some(100), Some(0)]);
    assert!(tight.lanes.iter().all(|lane| lane.expected_tokens > 0));
    let tightest = tight.tightest.unwrap();
    assert_eq!((tightest.name.as_str(), tightest.left_usd.as_str(), tightest.fits), ("Lunch", "0.01", false));
    let (shown, told) =
        (tight.stop.unwrap(), ask(&room, &["demo/scholar", "demo/swift"], MoneyChoice::default()).await);
    let told = told.unwrap_err();
    let numbers = |stop: &BudgetStop| (stop.budgets.clone(), stop.cap_that_fits, stop.cheaper_fits);
    assert_eq!(numbers(&shown), numbers(&told), "the composer shows what sending says");
}

/// A clock that is set, in UTC.
pub(crate) struct SetClock(pub(crate) AtomicI64);

impl Clock for SetClock {
    fn now(&self) -> UnixMs {
        UnixMs(self.0.load(Ordering::Relaxed))
    }

    fn time_zone(&self) -> TimeZone {
        TimeZone::UTC
    }

    fn new_id(&self) -> uuid::Uuid {
        SystemClock.new_id()
    }

    fn jitter(&self) -> u64 {
        SystemClock.jitter()
    }
}

#[tokio::test]
async fn no_change_of_the_clock_or_the_zone_opens_a_period_again() {
    const HOUR: i64 = 3_600_000;
    // 2026-10-24, the day before Berlin's clocks go back, at noon in UTC.
    let noon = 1_792_843_200_000;
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(SetClock(AtomicI64::new(noon)));
    let told = Arc::clone(&clock) as Arc<dyn Clock>;
    let engine =
        Engine::open(Options { clock: told, ..options(folder.path(), Pace::Instant) }).await.unwrap();
    let day = BudgetDraft { period: BudgetPeriod::Day, ..draft("0.01", OnLimit::Stop) };
    engine.save_budget(day, false).await.unwrap();
    let conversation = engine.create_conversation(&["demo/swift".to_owned()]).await.unwrap().summary.id;
    let ask = async || {
        let window = Window::default();
        let money = MoneyChoice::default();
        let turn = engine.start_turn(conversation, "Hello", &[], &[], money, window.sink()).await.unwrap();
        window.runs(&turn.runs).await;
        usd(&only(&engine).await.spent_usd)
    };
    let spent = ask().await;
    assert!(spent > PicoUsd::ZERO);
    let at = async |moment: i64| {
        clock.0.store(moment, Ordering::Relaxed);
        let view = only(&engine).await;
        (usd(&view.spent_usd), view.period_start)
    };
    let first = at(noon).await;
    for moment in [noon - 24 * HOUR, noon - 1_000 * HOUR, noon + HOUR, noon] {
        assert_eq!(at(moment).await, first, "set to {moment}");
    }
    for zone in ["Pacific/Auckland", "Europe/Berlin", "America/Los_Angeles"] {
        let settings = Settings { time_zone: Some(zone.to_owned()), ..Settings::default() };
        engine.save_settings(settings).await.unwrap();
        assert_eq!(at(noon).await, first, "in {zone}");
    }
    let berlin = Settings { time_zone: Some("Europe/Berlin".to_owned()), ..Settings::default() };
    engine.save_settings(berlin).await.unwrap();
    // The window that was open ended at midnight in UTC; the next ends at Berlin's.
    let (next, begun) = at(noon + 24 * HOUR).await;
    assert_eq!(next, PicoUsd::ZERO);
    let more = ask().await;
    assert_eq!(at(noon).await, (more, begun), "a day set back is still the new period");
    assert!(more > PicoUsd::ZERO, "and what was spent in it stays");
    let wrong = Settings { time_zone: Some("Mars/Olympus".to_owned()), ..Settings::default() };
    assert_eq!(engine.save_settings(wrong).await.unwrap_err().code, "bad_setting");
    assert!(engine.check_budgets().await.unwrap().is_sound());
    engine.shutdown().await;
}

/// Whoever changes a budget's period while the clock is wrong gets no period twice: neither then, nor once the clock is right.
#[tokio::test]
async fn another_period_on_a_clock_that_was_set_back_opens_nothing_again() {
    const HOUR: i64 = 3_600_000;
    let noon = 1_792_843_200_000;
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(SetClock(AtomicI64::new(noon)));
    let told = Arc::clone(&clock) as Arc<dyn Clock>;
    let engine =
        Engine::open(Options { clock: told, ..options(folder.path(), Pace::Instant) }).await.unwrap();
    let conversation = engine.create_conversation(&["demo/swift".to_owned()]).await.unwrap().summary.id;
    let window = Window::default();
    let money = MoneyChoice::default();
    let turn = engine.start_turn(conversation, "Hello", &[], &[], money, window.sink()).await.unwrap();
    window.runs(&turn.runs).await;
    let day = BudgetDraft { period: BudgetPeriod::Day, ..draft("1", OnLimit::Stop) };
    let made = engine.save_budget(day, false).await.unwrap().remove(0);
    let spent = made.spent_usd.clone();
    assert_ne!(spent, "0");
    let periods = [
        BudgetPeriod::Day,
        BudgetPeriod::Week,
        BudgetPeriod::Rolling { days: 3 },
        BudgetPeriod::Month,
        BudgetPeriod::Total,
    ];
    for back in [HOUR, 24 * HOUR, 1_000 * HOUR] {
        for (first, then) in periods.into_iter().flat_map(|first| periods.map(|then| (first, then))) {
            let what = format!("{first:?}, then {then:?}, set back by {} hours", back / HOUR);
            let change = async |moment: i64, period| {
                clock.0.store(moment, Ordering::Relaxed);
                let draft = BudgetDraft { period, id: Some(made.id), ..made.draft.clone() };
                engine.save_budget(draft, false).await.unwrap().remove(0).spent_usd
            };
            assert_eq!(change(noon, first).await, spent, "{what}: to begin with");
            assert_eq!(change(noon - back, then).await, spent, "{what}");
            assert_eq!(change(noon - back, first).await, spent, "{what}: and back again");
            assert_eq!(change(noon - back, then).await, spent, "{what}: once more");
            clock.0.store(noon + HOUR, Ordering::Relaxed);
            assert_eq!(only(&engine).await.spent_usd, spent, "{what}: and the clock is right again");
        }
    }
    assert!(engine.check_budgets().await.unwrap().is_sound());
    clock.0.store(noon + 24 * HOUR, Ordering::Relaxed);
    let draft = BudgetDraft { period: BudgetPeriod::Day, id: Some(made.id), ..made.draft };
    engine.save_budget(draft, false).await.unwrap();
    assert_eq!(only(&engine).await.spent_usd, "0", "a day that has come is a new one");
    engine.shutdown().await;
}

#[tokio::test]
async fn a_budget_counts_what_was_booked_already_unless_it_begins_anew() {
    let room = Room::new().await;
    ask(&room, &["demo/swift"], MoneyChoice::default()).await.unwrap();
    let counted = budget(&room, "1", OnLimit::Stop).await;
    assert!(usd(&counted.spent_usd) > PicoUsd::ZERO);
    let draft = BudgetDraft { id: Some(counted.id), ..counted.draft };
    let anew = room.engine.save_budget(draft, true).await.unwrap().remove(0);
    assert_eq!((anew.spent_usd.as_str(), anew.id), ("0", counted.id));
    let provider = BudgetDraft {
        name: String::new(),
        scope: BudgetScope { kind: BudgetScopeKind::Provider, name: Some("demo".to_owned()) },
        ..self::draft("2", OnLimit::Warn)
    };
    let both = room.engine.save_budget(provider, false).await.unwrap();
    assert_eq!((both.len(), both[1].spent_usd.as_str()), (2, counted.spent_usd.as_str()));
    let left = room.engine.remove_budget(both[1].id).await.unwrap();
    assert_eq!(left.len(), 1);
}
