//! A prompt over groups, pools and `auto`: who answers, what is told of it, and what the books hold.

use roundtable_domain::{Params, PicoUsd, RunState};
use roundtable_emulator::{Behaviour, RetryAfter};
use roundtable_engine::view::{AnswerSource, MoneyChoice, NewProvider, Resume, RunView};
use roundtable_engine::{AskTarget, LedgerFilter, Question, Tools};
use roundtable_tests::{Room, Window};

const CODING: &str = "\
echelon1:
  models: [demo/swift]
  max_retries: 0
echelon2:
  models: [demo/poet]
  temperature: 0.5
";

fn write(room: &Room, path: &str, text: &str) {
    let file = room.path().join("config").join(path);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, text).unwrap();
}

async fn room_with(files: &[(&str, &str)]) -> Room {
    let room = Room::new().await;
    for (path, text) in files {
        write(&room, path, text);
    }
    room
}

async fn ask(room: &Room, target: &str) -> RunView {
    ask_in(room, &[target]).await.remove(0)
}

async fn ask_in(room: &Room, targets: &[&str]) -> Vec<RunView> {
    let conversation = room.conversation(targets).await;
    let window = Window::default();
    let id = conversation.summary.id;
    let turn = room
        .engine
        .start_turn(id, "Write a function", &[], &[], MoneyChoice::default(), window.sink())
        .await
        .unwrap();
    let runs = window.runs(&turn.runs).await;
    // What a window has seen and what is stored are the same.
    let stored = room.engine.open_conversation(id).await.unwrap();
    for (seen, stored) in runs.iter().zip(&stored.turns.last().unwrap().runs) {
        assert_eq!(
            (&seen.text, &seen.route, &seen.segments),
            (&stored.text, &stored.route, &stored.segments)
        );
        assert_eq!((&seen.provider, &seen.model_requested), (&stored.provider, &stored.model_requested));
        assert_eq!((&seen.offers, seen.source), (&stored.offers, stored.source));
    }
    runs
}

async fn script(room: &Room, model: &str, behaviours: Vec<Behaviour>) {
    room.engine.emulator().await.unwrap().script(model, behaviours);
}

async fn script_always(room: &Room, model: &str, behaviour: Behaviour) {
    room.engine.emulator().await.unwrap().script_always(model, behaviour);
}

/// What a run shows and what the books hold of it agree, and nothing is set aside any more.
async fn books_agree(room: &Room, runs: &[&RunView]) {
    let entries = room.engine.ledger_entries(&LedgerFilter::default(), 100).await.unwrap();
    let booked: i64 = entries.iter().filter_map(|entry| entry.cost.usd).map(PicoUsd::as_pico).sum();
    let costs = runs.iter().filter_map(|run| run.cost.as_ref()?.usd.as_ref()?.parse::<PicoUsd>().ok());
    let shown: i64 = costs.map(PicoUsd::as_pico).sum();
    assert_eq!(shown, booked);
}

#[tokio::test]
async fn the_next_rung_answers_when_the_first_fails_and_the_label_says_so() {
    let room = room_with(&[("groups/coding.yaml", CODING)]).await;
    script_always(&room, "swift", Behaviour::Status503).await;
    let run = ask(&room, "coding").await;
    assert_eq!((run.state, run.attempts), (RunState::Complete, 2));
    assert_eq!((run.model_requested.as_str(), run.model_served.as_deref()), ("poet", Some("poet")));
    let route = run.route.clone().unwrap();
    assert_eq!((route.asked.as_str(), route.from.as_deref()), ("coding", Some("coding.echelon2")));
    assert!(route.fell_back && route.reason.starts_with("Fell back to demo/poet"), "{}", route.reason);
    assert_eq!(run.target, "coding", "the lane still names what was asked for");
    assert!(run.fault.is_none() && run.offers.is_empty() && run.segments.is_empty());
    books_agree(&room, &[&run]).await;
    let trace = room.engine.explain_run(run.id).await.unwrap().unwrap();
    let kinds: Vec<&str> = trace.attempts.iter().map(|attempt| attempt.kind.as_str()).collect();
    assert_eq!((kinds, trace.replays), (vec!["first", "fallback"], Some(true)));
}

#[tokio::test]
async fn what_a_rung_says_holds_below_what_the_lane_says() {
    let room = room_with(&[("groups/coding.yaml", CODING)]).await;
    script(&room, "swift", vec![Behaviour::Status503]).await;
    let conversation = room.conversation(&["coding"]).await;
    let ask = async |params: Params| {
        room.engine.set_lane_params(conversation.lanes[0].id, params).await.unwrap();
        let window = Window::default();
        let id = conversation.summary.id;
        let turn = room
            .engine
            .start_turn(id, "Hello", &[], &[], MoneyChoice::default(), window.sink())
            .await
            .unwrap();
        window.runs(&turn.runs).await
    };
    ask(Params::default()).await;
    script(&room, "swift", vec![Behaviour::Status503]).await;
    ask(Params { temperature: Some(0.9), ..Params::default() }).await;
    let requests = room.engine.emulator().await.unwrap().requests();
    let temperatures: Vec<Option<f64>> = requests
        .iter()
        .filter(|request| request.body["model"] == "poet")
        .map(|request| request.body["temperature"].as_f64())
        .collect();
    assert_eq!(temperatures, [Some(0.5), Some(0.9)]);
}

#[tokio::test]
async fn an_echelon_an_alias_and_auto_are_targets_and_what_names_nothing_is_refused() {
    let room = room_with(&[("groups/coding.yaml", CODING), ("aliases.yaml", "verse: demo/poet\n")]).await;
    let runs = ask_in(&room, &["coding.echelon2", "verse", "auto"]).await;
    let models: Vec<&str> = runs.iter().map(|run| run.model_requested.as_str()).collect();
    assert_eq!(models, ["poet", "poet", "swift"]);
    assert!(runs.iter().all(|run| run.state == RunState::Complete && run.route.is_some()));
    let conversation = room.conversation(&["coding"]).await;
    let lane = &conversation.lanes[0].resolved;
    assert_eq!((lane.model.as_str(), lane.route.as_deref()), ("swift", Some("coding")));
    let error = room.engine.add_lane(conversation.summary.id, "codign").await.unwrap_err();
    assert_eq!(error.code, "unknown_model");
    let preview = room.engine.preview_turn(conversation.summary.id, "Hi", &[], &[], false).await.unwrap();
    assert!(preview.lanes[0].worst_usd.is_some(), "{preview:?}");
}

#[tokio::test]
async fn auto_without_any_route_chooses_among_all_that_can_be_asked() {
    let room = Room::new().await;
    let run = ask(&room, "auto").await;
    assert_eq!((run.state, run.provider.as_str()), (RunState::Complete, "demo"));
    let trace = room.engine.explain_run(run.id).await.unwrap().unwrap();
    assert!(trace.candidates.len() >= 3, "{:?}", trace.candidates);
}

#[tokio::test]
async fn a_pool_goes_round_and_takes_out_who_keeps_failing() {
    let pool = "task_groups: [coding.echelon1, coding.echelon2]\nfailure_threshold: 1\n";
    let room = room_with(&[("groups/coding.yaml", CODING), ("pools/ring.yaml", pool)]).await;
    let mut asked = Vec::new();
    for _ in 0..4 {
        asked.push(ask(&room, "ring").await.model_requested);
    }
    assert_eq!(asked, ["swift", "poet", "swift", "poet"]);
    script(&room, "swift", vec![Behaviour::Status503]).await;
    let fell_back = ask(&room, "ring").await;
    assert_eq!((fell_back.model_requested.as_str(), fell_back.attempts), ("poet", 2));
    for _ in 0..2 {
        let run = ask(&room, "ring").await;
        assert_eq!((run.model_requested.as_str(), run.attempts), ("poet", 1), "swift is left alone");
    }
}

#[tokio::test]
async fn a_partial_answer_stays_and_others_are_offered_to_go_on() {
    let room = room_with(&[("groups/coding.yaml", CODING)]).await;
    script(&room, "swift", vec![Behaviour::SocketCut { after_tokens: 12 }]).await;
    let cut = ask(&room, "coding").await;
    assert_ne!(cut.state, RunState::Complete);
    assert!(!cut.text.is_empty() && cut.model_requested == "swift");
    let offered: Vec<(Resume, &str)> =
        cut.offers.iter().map(|offer| (offer.resume, offer.target.as_str())).collect();
    let expected = [
        (Resume::Continue, "demo/poet"),
        (Resume::Continue, "demo/swift"),
        (Resume::Regenerate, "demo/poet"),
        (Resume::Regenerate, "demo/swift"),
    ];
    assert_eq!(offered, expected);

    let window = Window::default();
    let next = room
        .engine
        .resume_run(cut.id, Resume::Continue, "demo/poet", MoneyChoice::default(), window.sink())
        .await
        .unwrap();
    assert_eq!((next.version, &next.text), (2, &cut.text), "it begins with what is there");
    let whole = window.runs(std::slice::from_ref(&next)).await.remove(0);
    assert_eq!(whole.state, RunState::Complete);
    assert!(whole.text.starts_with(&cut.text) && whole.text.len() > cut.text.len());
    let parts: Vec<(&str, u32)> =
        whole.segments.iter().map(|part| (part.model.as_str(), part.text_start)).collect();
    let length = u32::try_from(cut.text.encode_utf16().count()).unwrap();
    assert_eq!(parts, [("swift", 0), ("poet", length)]);
    let route = whole.route.clone().unwrap();
    assert_eq!((route.asked.as_str(), route.fell_back), ("coding", true));
    books_agree(&room, &[&whole]).await;
    let requests = room.engine.emulator().await.unwrap().requests();
    let sent = requests.last().unwrap().body.to_string();
    let told = serde_json::to_string(&cut.text).unwrap();
    assert!(sent.contains(told.trim_matches('"')), "it is sent the part it goes on from: {sent}");
    let first = room.engine.run_version(cut.turn_id, cut.lane_id, 1).await.unwrap();
    assert_eq!(first.text, cut.text, "the first version stays as it was");

    let window = Window::default();
    let anew = room
        .engine
        .resume_run(cut.id, Resume::Regenerate, "demo/poet", MoneyChoice::default(), window.sink())
        .await
        .unwrap();
    let anew = window.runs(&[anew]).await.remove(0);
    assert_eq!((anew.version, anew.state, anew.segments.len()), (3, RunState::Complete, 0));
    assert!(!anew.text.starts_with(&cut.text));
}

#[tokio::test]
async fn a_route_may_let_another_model_go_on_without_asking() {
    let group = format!("{CODING}fallback_config:\n  after_commit: continue\n");
    let room = room_with(&[("groups/coding.yaml", &group)]).await;
    script(&room, "swift", vec![Behaviour::SocketCut { after_tokens: 12 }]).await;
    let run = ask(&room, "coding").await;
    assert_eq!((run.state, run.version, run.attempts), (RunState::Complete, 1, 2));
    let models: Vec<&str> = run.segments.iter().map(|part| part.model.as_str()).collect();
    assert_eq!(models, ["swift", "poet"]);
    assert!(run.segments.iter().all(|part| part.usd.is_some()));
    books_agree(&room, &[&run]).await;
    let trace = room.engine.explain_run(run.id).await.unwrap().unwrap();
    assert_eq!(trace.attempts[1].kind, "continue");
}

#[tokio::test]
async fn a_route_may_let_another_model_begin_anew_without_asking() {
    let group = format!("{CODING}fallback_config:\n  after_commit: regenerate\n");
    let room = room_with(&[("groups/coding.yaml", &group)]).await;
    script(&room, "swift", vec![Behaviour::SocketCut { after_tokens: 12 }]).await;
    let conversation = room.conversation(&["coding"]).await;
    let window = Window::default();
    let id = conversation.summary.id;
    let turn =
        room.engine.start_turn(id, "Hello", &[], &[], MoneyChoice::default(), window.sink()).await.unwrap();
    window.until(|seen| seen.done).await;
    let stored = room.engine.open_conversation(id).await.unwrap();
    let latest = &stored.turns[0].runs[0];
    assert_eq!(
        (latest.version, latest.state, latest.model_requested.as_str()),
        (2, RunState::Complete, "poet")
    );
    assert_eq!(window.seen(|seen| seen.runs[&latest.id].text.clone()), latest.text);
    let first = room.engine.run_version(turn.id, latest.lane_id, 1).await.unwrap();
    assert!(first.state.is_final() && !first.text.is_empty());
    books_agree(&room, &[&first, latest]).await;
}

#[tokio::test]
async fn the_last_resort_is_shown_as_nobodys_and_never_booked() {
    let group = "\
echelon1: {models: [demo/swift], max_retries: 0}
fallback_config: {last_resort: Please call the desk.}
";
    let room = room_with(&[("groups/coding.yaml", group)]).await;
    script_always(&room, "swift", Behaviour::Status503).await;
    let run = ask(&room, "coding").await;
    assert_eq!((run.state, run.source), (RunState::Failed, AnswerSource::LastResort));
    assert_eq!((run.text.as_str(), run.cost.is_none()), ("Please call the desk.", true));
    assert!(run.fault.is_some(), "why there is no answer is said all the same");
    books_agree(&room, &[]).await;
}

#[tokio::test]
async fn a_model_that_is_left_alone_can_be_asked_anyway() {
    let room = Room::new().await;
    script(&room, "swift", vec![Behaviour::Status503; 5]).await;
    let conversation = room.conversation(&["demo/swift"]).await;
    let say = async |text: &str| {
        let window = Window::default();
        let id = conversation.summary.id;
        let turn =
            room.engine.start_turn(id, text, &[], &[], MoneyChoice::default(), window.sink()).await.unwrap();
        window.runs(&turn.runs).await.remove(0)
    };
    say("one").await;
    say("two").await;
    let alone = say("three").await;
    assert_eq!((alone.state, alone.cost.is_none()), (RunState::Failed, true));
    let offered: Vec<(Resume, &str)> =
        alone.offers.iter().map(|offer| (offer.resume, offer.target.as_str())).collect();
    assert_eq!(offered, [(Resume::TryAnyway, "demo/swift")]);
    let sent = room.engine.emulator().await.unwrap().requests().len();
    room.engine.emulator().await.unwrap().script("swift", vec![Behaviour::Normal; 2]);
    let window = Window::default();
    let next = room
        .engine
        .resume_run(alone.id, Resume::TryAnyway, "demo/swift", MoneyChoice::default(), window.sink())
        .await
        .unwrap();
    let next = window.runs(&[next]).await.remove(0);
    assert_eq!((next.state, next.version), (RunState::Complete, 2), "{:?}", next.fault);
    assert_eq!(room.engine.emulator().await.unwrap().requests().len(), sent + 1);
}

#[tokio::test]
async fn a_key_that_is_refused_gives_way_to_the_next_without_a_wait() {
    let room = Room::new().await;
    let emulator = room.engine.emulator().await.unwrap();
    let provider = NewProvider {
        id: None,
        name: "Afar".into(),
        dialect: "openai".into(),
        api: None,
        base_url: format!("{}/v1", emulator.base_url()),
        plain_http_confirmed: false,
    };
    let afar = room.engine.save_provider(provider).await.unwrap().id;
    for key in ["sk-first-0123456789abcdef", "sk-second-0123456789abcdef"] {
        room.engine.add_key(&afar, "", key.to_owned().into()).await.unwrap();
    }
    emulator.script("swift", vec![Behaviour::Unauthorized]);
    let run = ask(&room, &format!("{afar}/swift")).await;
    assert_eq!((run.state, run.attempts), (RunState::Complete, 2), "{:?}", run.fault);
    let trace = room.engine.explain_run(run.id).await.unwrap().unwrap();
    let kinds: Vec<&str> = trace.attempts.iter().map(|attempt| attempt.kind.as_str()).collect();
    assert_eq!(kinds, ["first", "next_key"]);
    assert!(trace.attempts.iter().all(|attempt| attempt.waited_ms == 0));
    let run = ask(&room, &format!("{afar}/swift")).await;
    assert_eq!(run.attempts, 1, "the key that works stays in use");
}

#[tokio::test]
async fn lanes_queue_for_a_rung_and_say_what_they_wait_for() {
    let group = "echelon1: {models: [demo/swift], concurrency_limit: 1}\n";
    let room = room_with(&[("groups/coding.yaml", group)]).await;
    script(&room, "swift", vec![Behaviour::Stall { after_tokens: 3 }]).await;
    let conversation = room.conversation(&["coding", "coding"]).await;
    let window = Window::default();
    let id = conversation.summary.id;
    let turn =
        room.engine.start_turn(id, "Hello", &[], &[], MoneyChoice::default(), window.sink()).await.unwrap();
    let (first, second) = (turn.runs[0].id, turn.runs[1].id);
    window.until(|seen| seen.runs.get(&second).is_some_and(|run| run.waiting.is_some())).await;
    window.until(|seen| seen.runs.get(&first).is_some_and(|run| !run.text.is_empty())).await;
    room.engine.stop_run(first);
    let runs = window.runs(&turn.runs).await;
    assert_eq!((runs[0].state, runs[1].state), (RunState::Cancelled, RunState::Complete));
    assert!(runs[1].waiting.is_none());
    books_agree(&room, &[&runs[0], &runs[1]]).await;
}

#[tokio::test]
async fn one_that_waits_for_a_place_can_be_stopped_and_nothing_was_sent_for_it() {
    let group = "echelon1: {models: [demo/swift], concurrency_limit: 1}\n";
    let room = room_with(&[("groups/coding.yaml", group)]).await;
    script(&room, "swift", vec![Behaviour::Stall { after_tokens: 3 }]).await;
    let conversation = room.conversation(&["coding", "coding"]).await;
    let window = Window::default();
    let id = conversation.summary.id;
    let turn =
        room.engine.start_turn(id, "Hello", &[], &[], MoneyChoice::default(), window.sink()).await.unwrap();
    window.until(|seen| seen.runs.get(&turn.runs[1].id).is_some_and(|run| run.waiting.is_some())).await;
    room.engine.stop_turn(turn.id);
    let runs = window.runs(&turn.runs).await;
    assert!(runs.iter().all(|run| run.state == RunState::Cancelled));
    assert!(runs[1].cost.is_none() && runs[1].waiting.is_none());
}

#[tokio::test]
async fn a_long_retry_after_moves_on_to_who_can_answer_now() {
    let room = room_with(&[("groups/coding.yaml", CODING)]).await;
    script(&room, "swift", vec![Behaviour::Status429(RetryAfter::Seconds(120))]).await;
    let started = std::time::Instant::now();
    let run = ask(&room, "coding").await;
    assert_eq!((run.state, run.model_requested.as_str()), (RunState::Complete, "poet"));
    assert!(started.elapsed().as_secs() < 20, "nobody waited two minutes");
}

#[tokio::test]
async fn rules_send_auto_where_they_say_and_keep_models_out_of_groups() {
    let rules = "\
rules:
  - name: functions
    when: {keywords: [function]}
    then: {to: demo/scholar, never: [demo/swift]}
";
    let room = room_with(&[("groups/coding.yaml", CODING), ("rules.yaml", rules)]).await;
    let runs = ask_in(&room, &["auto", "coding", "demo/swift"]).await;
    let models: Vec<&str> = runs.iter().map(|run| run.model_requested.as_str()).collect();
    assert_eq!(models, ["scholar", "poet", "swift"], "a model by its own name is never judged");
}

#[tokio::test]
async fn the_command_line_asks_routes_and_once_is_once() {
    let room = room_with(&[("groups/coding.yaml", CODING)]).await;
    script(&room, "swift", vec![Behaviour::Status503]).await;
    let question = |retry| Question {
        targets: vec![AskTarget::Named("coding".into())],
        text: "Hello".into(),
        attachments: Vec::new(),
        tools: Tools::default(),
        profile: None,
        system: None,
        params: Params::default(),
        stream: true,
        retry,
        fresh: false,
        timeouts: roundtable_domain::Timeouts::default(),
        money: MoneyChoice::default(),
        filing: roundtable_engine::Filing::default(),
    };
    for (retry, state) in [(false, RunState::Failed), (true, RunState::Complete)] {
        let window = Window::default();
        let asking = room.engine.ask(question(retry), window.sink()).await.unwrap();
        window.until(|seen| seen.done).await;
        let record = room.engine.answers(&asking).await.unwrap().remove(0);
        assert_eq!((record.run.state, record.attempts.len()), (state, 1));
    }
}

const AT_HOME: &str = "rules:\n  - {name: at home, then: {never: [demo/poet]}}\n";
const BROKEN: &str = "rules:\n  - {name: at home, then: {nevr: [demo/poet]}}\n";

#[tokio::test]
async fn rules_that_are_wrong_at_the_start_hold_as_they_were_and_the_answer_says_so() {
    let room = room_with(&[("groups/coding.yaml", CODING), ("rules.yaml", AT_HOME)]).await;
    script_always(&room, "swift", Behaviour::Status503).await;
    assert_eq!(ask(&room, "coding").await.state, RunState::Failed, "the rule keeps the second rung out");
    write(&room, "rules.yaml", BROKEN);
    let later = room.again().await;
    script_always(&later, "swift", Behaviour::Status503).await;
    let run = ask(&later, "coding").await;
    assert_eq!(run.state, RunState::Failed, "it still does: {}", run.text);
    let [notice] = run.notices.as_slice() else { panic!("{:?}", run.notices) };
    assert!(notice.text.starts_with("rules.yaml is wrong at line 2; the version of 2"), "{notice:?}");
    let named = ask(&later, "demo/poet").await;
    assert_eq!((named.state, named.notices.len()), (RunState::Complete, 0), "rules do not touch it");
}

#[tokio::test]
async fn rules_nobody_ever_read_well_keep_everything_back_and_nothing_is_sent() {
    let room = room_with(&[("groups/coding.yaml", CODING), ("rules.yaml", BROKEN)]).await;
    for target in ["coding", "coding.echelon2", "auto"] {
        let run = ask(&room, target).await;
        let fault = run.fault.unwrap();
        assert_eq!(run.state, RunState::Failed, "{target}");
        assert!(fault.message.contains("rules.yaml is wrong at line 2"), "{}", fault.message);
        assert!(fault.message.contains("nothing was sent"), "{}", fault.message);
    }
    assert_eq!(room.engine.emulator().await.unwrap().requests().len(), 0);
    assert_eq!(ask(&room, "demo/swift").await.state, RunState::Complete);
    write(&room, "rules.yaml", AT_HOME);
    let later = room.again().await;
    assert_eq!(ask(&later, "coding").await.state, RunState::Complete, "put right, it is in force");
}

#[tokio::test]
async fn a_rule_that_sends_home_sends_nobody_elsewhere_while_home_cannot_be_read() {
    let rules = "rules:\n  - {name: home, then: {to: home}}\n";
    let wrong = "echelon1: {modles: [demo/swift]}\n";
    let files = [("groups/coding.yaml", CODING), ("groups/home.yaml", wrong), ("rules.yaml", rules)];
    let room = room_with(&files).await;
    let run = ask(&room, "auto").await;
    let message = run.fault.unwrap().message;
    assert!(message.contains("groups/home.yaml is wrong at line 1"), "{message}");
    assert_eq!(room.engine.emulator().await.unwrap().requests().len(), 0);
    assert_eq!(ask(&room, "coding").await.notices, [], "a file of no concern is not mentioned");
}

#[tokio::test]
async fn whose_answers_are_picked_counts_when_models_are_chosen() {
    let room = room_with(&[("groups/two.yaml", "echelon1: {models: [demo/swift, demo/poet]}\n")]).await;
    let capability = async |model: &str| {
        let trace = room.engine.simulate_route("two", "Write a poem").await.unwrap();
        let one = trace.candidates.into_iter().find(|one| one.target == model).unwrap();
        (one.score.unwrap().capability, one.picked, one.compared)
    };
    let before = capability("demo/poet").await;
    assert_eq!((before.1, before.2), (0, 0));
    let mut conversation = None;
    for _ in 0..5 {
        let runs = ask_in(&room, &["demo/swift", "demo/poet"]).await;
        let poet = runs.iter().find(|run| run.model_requested == "poet").unwrap().id;
        room.engine.pick_run(poet, true).await.unwrap();
        conversation = Some(poet);
    }
    let (poet, swift) = (capability("demo/poet").await, capability("demo/swift").await);
    assert_eq!(((poet.1, poet.2), (swift.1, swift.2)), ((5, 5), (0, 5)));
    assert!(poet.0 > swift.0, "{poet:?} {swift:?}");
    // A pick that is taken back is none.
    room.engine.pick_run(conversation.unwrap(), false).await.unwrap();
    assert_eq!(capability("demo/poet").await.2, 4);
    // The next start knows it too, and a reset forgets it.
    let later = room.again().await;
    later.engine.reset_statistics().await.unwrap();
    let trace = later.engine.simulate_route("two", "Write a poem").await.unwrap();
    assert!(trace.candidates.iter().all(|one| one.compared == 0));
}
