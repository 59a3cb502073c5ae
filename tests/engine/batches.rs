use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use roundtable_domain::{Params, PicoUsd, Timeouts, UnixMs};
use roundtable_emulator::Behaviour;
use roundtable_engine::view::MoneyChoice;
use roundtable_engine::{
    Again, AnswerRecord, BatchEnd, BatchOutcome, BatchProgress, BatchSettings, BatchStop, Engine,
    EngineError, LedgerFilter, Pace,
};
use roundtable_store::{OpenOptions, Store};
use roundtable_tests::Room;
use serde_json::{Value, json};

/// The files of a batch.
struct Files {
    folder: tempfile::TempDir,
}

impl Files {
    fn with(questions: &[&str]) -> Self {
        let files = Self { folder: tempfile::tempdir().unwrap() };
        write_questions(files.folder.path(), questions);
        files
    }

    fn settings(&self, targets: &[&str]) -> BatchSettings {
        settings(self.folder.path(), targets)
    }

    fn results(&self) -> Vec<Value> {
        results(self.folder.path())
    }
}

fn write_questions(folder: &Path, questions: &[&str]) {
    let lines: Vec<String> =
        questions.iter().map(|prompt| json!({"prompt": prompt, "note": "kept"}).to_string()).collect();
    std::fs::write(folder.join("questions.jsonl"), lines.join("\n")).unwrap();
}

pub fn settings(folder: &Path, targets: &[&str]) -> BatchSettings {
    BatchSettings {
        questions: folder.join("questions.jsonl"),
        results: folder.join("results.jsonl"),
        targets: targets.iter().map(|target| (*target).to_owned()).collect(),
        system: None,
        params: Params::default(),
        profile: None,
        retry: true,
        timeouts: Timeouts::default(),
        filing: roundtable_engine::Filing::default(),
        concurrency: NonZeroUsize::new(2).unwrap(),
        again: Vec::new(),
        most_usd: None,
        money: MoneyChoice::default(),
    }
}

fn results(folder: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join("results.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn states(results: &[Value]) -> HashMap<&str, u32> {
    let mut states = HashMap::new();
    for result in results {
        *states.entry(result["state"].as_str().unwrap()).or_default() += 1;
    }
    states
}

#[expect(clippy::unnecessary_wraps, reason = "a batch takes what may fail")]
fn rendered(record: &AnswerRecord) -> serde_json::Result<Value> {
    Ok(json!({"text": record.run.text}))
}

async fn run(engine: &Engine, settings: BatchSettings) -> BatchOutcome {
    let plan = engine.plan_batch(settings).await.unwrap();
    engine.run_batch(plan, rendered, &BatchStop::default(), &mut |_| {}).await.unwrap()
}

/// How often each prompt was asked.
async fn asked(engine: &Engine) -> HashMap<String, u32> {
    let mut asked = HashMap::new();
    for request in engine.emulator().await.unwrap().requests() {
        if let Some(messages) = request.body["messages"].as_array() {
            let prompt = messages.last().unwrap()["content"].as_str().unwrap().to_owned();
            *asked.entry(prompt).or_default() += 1;
        }
    }
    asked
}

#[tokio::test]
async fn every_question_goes_to_every_target_once_and_leaves_only_its_result_and_the_books() {
    let room = Room::new().await;
    let files = Files::with(&["one", "two", "three"]);
    let outcome = run(&room.engine, files.settings(&["demo/swift", "demo/poet"])).await;
    assert_eq!((outcome.end, outcome.asked, outcome.complete, outcome.left), (BatchEnd::Finished, 6, 6, 0));
    let results = files.results();
    assert_eq!(states(&results), HashMap::from([("complete", 6)]));
    assert!(
        results
            .iter()
            .all(|one| one["fields"]["note"] == "kept" && !one["text"].as_str().unwrap().is_empty())
    );
    assert_eq!(
        asked(&room.engine).await,
        HashMap::from(["one", "two", "three"].map(|one| (one.to_owned(), 2)))
    );
    assert!(room.engine.list_conversations().await.unwrap().is_empty());

    let again = run(&room.engine, files.settings(&["demo/swift", "demo/poet"])).await;
    assert_eq!((again.asked, again.complete), (0, 6), "what is answered is not asked again");
    assert_eq!(files.results().len(), 6);
    let totals = room.engine.ledger_totals(&LedgerFilter::default()).await.unwrap();
    assert_eq!((totals.simulated_calls, totals.simulated), (6, outcome.spent.simulated));
}

#[tokio::test]
async fn a_failure_stays_with_its_question() {
    let room = Room::new().await;
    let files = Files::with(&["one", "two", "three", "four"]);
    room.engine.emulator().await.unwrap().script(
        "swift",
        vec![Behaviour::Normal, Behaviour::PromptBlocked, Behaviour::CleanEof { after_tokens: 3 }],
    );
    let mut settings = files.settings(&["demo/swift"]);
    settings.concurrency = NonZeroUsize::MIN;
    let outcome = run(&room.engine, settings.clone()).await;
    assert_eq!((outcome.end, outcome.complete, outcome.failed, outcome.left), (BatchEnd::Finished, 2, 2, 0));
    assert_eq!(states(&files.results()), HashMap::from([("complete", 2), ("failed", 1), ("truncated", 1)]));

    let plan = room.engine.plan_batch(settings.clone()).await.unwrap();
    assert_eq!((plan.estimate.failed, plan.estimate.to_ask), (2, 0), "failed is a result");
    drop(plan);
    settings.again = vec![Again::Failed, Again::Truncated];
    let outcome = run(&room.engine, settings).await;
    assert_eq!((outcome.asked, outcome.complete, outcome.failed), (2, 4, 0));
    assert_eq!(states(&files.results()), HashMap::from([("complete", 4)]), "one line for each question");
}

#[tokio::test]
async fn a_row_that_nobody_can_answer_fails_alone_and_a_command_that_nobody_can_answer_is_refused() {
    let room = Room::new().await;
    let files = Files::with(&["one"]);
    let mixed = "{\"prompt\":\"one\"}\n{\"prompt\":\"two\",\"to\":\"nobody/nothing\"}\n";
    std::fs::write(files.folder.path().join("questions.jsonl"), mixed).unwrap();
    let plan = room.engine.plan_batch(files.settings(&["demo/swift"])).await.unwrap();
    assert_eq!(plan.estimate.cannot_ask[0].target, "nobody/nothing");
    drop(plan);
    let outcome = run(&room.engine, files.settings(&["demo/swift"])).await;
    assert_eq!((outcome.complete, outcome.failed, outcome.left), (1, 1, 0));
    let refused = room.engine.plan_batch(files.settings(&["nobody/nothing"])).await.unwrap_err();
    assert!(matches!(refused, EngineError::Provider(_)), "{refused}");
    let whom = room.engine.plan_batch(files.settings(&[])).await.unwrap_err();
    assert!(whom.to_string().contains("line 1: it says not whom to ask"), "{whom}");
}

#[tokio::test]
async fn the_cap_holds_beside_everything_under_way_and_a_higher_one_goes_on() {
    let room = Room::new().await;
    let questions: Vec<String> = (0..20).map(|number| format!("Question {number}")).collect();
    let files = Files::with(&questions.iter().map(String::as_str).collect::<Vec<_>>());
    let mut settings = files.settings(&["demo/swift"]);
    settings.params.max_tokens = Some(40);
    settings.concurrency = NonZeroUsize::new(8).unwrap();
    let plan = room.engine.plan_batch(settings.clone()).await.unwrap();
    let whole = plan.estimate.simulated_worst_usd;
    assert!(whole > PicoUsd::ZERO && plan.estimate.simulated_expected_usd <= whole);
    drop(plan);
    let third = PicoUsd::from_pico(whole.as_pico() / 3);
    let capped = run(&room.engine, BatchSettings { most_usd: Some(third), ..settings.clone() }).await;
    assert_eq!(capped.end, BatchEnd::Capped);
    assert!(capped.left > 0 && capped.complete > 0 && capped.spent.simulated <= third, "{capped:?}");
    let rest = run(&room.engine, BatchSettings { most_usd: Some(whole), ..settings }).await;
    assert_eq!((rest.end, rest.complete, rest.asked), (BatchEnd::Finished, 20, capped.left));
    assert!(asked(&room.engine).await.values().all(|times| *times == 1));
}

#[tokio::test]
async fn nothing_more_is_asked_after_a_stop_and_what_is_under_way_ends_as_it_was_told() {
    let room = Room::new().await;
    let emulator = room.engine.emulator().await.unwrap();
    for cancel in [false, true] {
        let files = Files::with(&["one", "two", "three", "four"]);
        emulator.script_always("swift", Behaviour::SlowTokens { ms_per_token: 2 });
        let stop = BatchStop::default();
        let plan = room.engine.plan_batch(files.settings(&["demo/swift"])).await.unwrap();
        let mut seen = BatchProgress::default();
        let when_two_are_under_way = &mut |progress: &BatchProgress| {
            if progress.under_way == 2 {
                stop.drain.cancel();
                if cancel {
                    stop.cancel.cancel();
                }
            }
            seen = progress.clone();
        };
        let outcome = room.engine.run_batch(plan, rendered, &stop, when_two_are_under_way).await.unwrap();
        assert_eq!((outcome.end, outcome.asked, seen.under_way), (BatchEnd::Stopped, 2, 0));
        assert_eq!(outcome.complete, if cancel { 0 } else { 2 }, "{outcome:?}");
        emulator.script_always("swift", Behaviour::Normal);
        let rest = run(
            &room.engine,
            BatchSettings { again: vec![Again::Interrupted], ..files.settings(&["demo/swift"]) },
        );
        let rest = rest.await;
        assert_eq!((rest.end, rest.complete), (BatchEnd::Finished, 4));
        assert_eq!(states(&files.results()), HashMap::from([("complete", 4)]));
    }
}

#[tokio::test]
async fn one_file_of_results_has_one_writer() {
    let room = Room::new().await;
    let files = Files::with(&["one"]);
    let plan = room.engine.plan_batch(files.settings(&["demo/swift"])).await.unwrap();
    let other = room.again().await;
    let refused = other.engine.plan_batch(files.settings(&["demo/swift"])).await.unwrap_err();
    assert_eq!(refused.code(), "batch_results", "{refused}");
    drop(plan);
    assert!(other.engine.plan_batch(files.settings(&["demo/swift"])).await.is_ok());
}

#[tokio::test]
async fn results_that_are_gone_are_written_again_as_long_as_the_batch_is_not_finished() {
    let room = Room::new().await;
    let files = Files::with(&["one", "two", "three"]);
    let stop = BatchStop::default();
    let plan = room.engine.plan_batch(files.settings(&["demo/swift"])).await.unwrap();
    let report = &mut |progress: &BatchProgress| {
        if progress.done == 1 {
            stop.drain.cancel();
        }
    };
    let stopped = room.engine.run_batch(plan, rendered, &stop, report).await.unwrap();
    assert!(stopped.left > 0);
    std::fs::remove_file(files.folder.path().join("results.jsonl")).unwrap();
    let plan = room.engine.plan_batch(files.settings(&["demo/swift"])).await.unwrap();
    assert_eq!((plan.estimate.to_write, plan.estimate.to_ask), (stopped.complete, stopped.left));
    let outcome = room.engine.run_batch(plan, rendered, &BatchStop::default(), &mut |_| {}).await.unwrap();
    assert_eq!((outcome.end, outcome.complete), (BatchEnd::Finished, 3));
    assert!(asked(&room.engine).await.values().all(|times| *times == 1), "nothing was paid twice");

    std::fs::remove_file(files.folder.path().join("results.jsonl")).unwrap();
    let plan = room.engine.plan_batch(files.settings(&["demo/swift"])).await.unwrap();
    assert_eq!(
        (plan.estimate.lost, plan.estimate.to_ask),
        (3, 3),
        "a finished batch begins anew, and it is said"
    );
}

#[tokio::test]
async fn what_a_killed_batch_had_in_flight_is_written_with_its_text_and_booked_once() {
    if let Ok(folder) = std::env::var("ROUNDTABLE_TEST_BATCH") {
        ask_until_killed(folder.as_ref()).await;
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    write_questions(folder.path(), &["one", "two", "three", "four"]);
    let stored = kill_in_mid_batch(folder.path());
    let data = folder.path().join("data");
    let engine = Engine::open(roundtable_tests::options(&data, Pace::Instant)).await.unwrap();
    let plan = engine.plan_batch(settings(folder.path(), &["demo/swift"])).await.unwrap();
    let estimate = plan.estimate.clone();
    assert_eq!((estimate.answered, estimate.to_write, estimate.to_ask), (1, 2, 1), "{estimate:?}");
    let outcome = engine.run_batch(plan, rendered, &BatchStop::default(), &mut |_| {}).await.unwrap();
    assert_eq!((outcome.asked, outcome.complete, outcome.interrupted, outcome.left), (1, 2, 2, 0));
    let results = results(folder.path());
    assert_eq!(states(&results), HashMap::from([("complete", 2), ("interrupted", 2)]));
    let partial = results.iter().filter(|one| one["state"] == "interrupted");
    let longest = partial.map(|one| one["text"].as_str().unwrap().len()).max().unwrap();
    assert!(longest >= stored, "{longest} of at least {stored} bytes survived");
    let entries = engine.ledger_entries(&LedgerFilter::default(), 100).await.unwrap();
    assert_eq!(entries.len(), 4, "each call stands in the books once");
    engine.shutdown().await;
    assert!(open_reservations(&data).await.is_empty());

    let engine = Engine::open(roundtable_tests::options(&data, Pace::Instant)).await.unwrap();
    let again = BatchSettings { again: vec![Again::Interrupted], ..settings(folder.path(), &["demo/swift"]) };
    let outcome = run(&engine, again).await;
    assert_eq!((outcome.asked, outcome.complete), (2, 4));
    assert_eq!(outcome.spent.simulated_calls, 6, "what was paid before is still counted");
    engine.shutdown().await;
}

/// The database alone: nothing is recovered.
pub(crate) async fn open_store(data: &Path) -> Store {
    let options = OpenOptions { now: UnixMs(0), backup_dir: data.join("backups") };
    Store::open(&database(data), options).await.unwrap()
}

fn database(data: &Path) -> PathBuf {
    roundtable_engine::DataDir::choose(Some(data)).unwrap().database()
}

async fn open_reservations(data: &Path) -> Vec<roundtable_store::Reservation> {
    let store = open_store(data).await;
    let open = store.reservations().open().await.unwrap();
    store.close().await;
    open
}

/// One question is answered, two hang in the middle of their answers, one is never asked.
async fn ask_until_killed(folder: &Path) {
    let data = folder.join("data");
    let engine = Engine::open(roundtable_tests::options(&data, Pace::Instant)).await.unwrap();
    let hang = Behaviour::Stall { after_tokens: 40 };
    engine.emulator().await.unwrap().script("swift", vec![Behaviour::Normal, hang.clone(), hang]);
    let plan = engine.plan_batch(settings(folder, &["demo/swift"])).await.unwrap();
    let stop = BatchStop::default();
    let running = async { engine.run_batch(plan, rendered, &stop, &mut |_| {}).await.map(|_| ()) };
    let telling = async {
        let store = open_store(&data).await;
        let path = std::fs::canonicalize(folder).unwrap().join("results.jsonl");
        loop {
            // What is stored, as another reader of the file sees it, is what has to survive.
            let mut stored = Vec::new();
            if let Some(batch) = store.batches().find(&path.to_string_lossy()).await.unwrap() {
                for item in store.batches().items(batch.id).await.unwrap() {
                    if let Some((id, _)) = item.run {
                        stored.push(store.runs().get(id).await.unwrap().text.len());
                    }
                }
            }
            stored.sort_unstable();
            println!("stored {} {}", stored.len(), stored.first().unwrap_or(&0));
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        ended = running => ended.unwrap(),
        () = telling => {}
    }
}

/// Runs the child until all three answers have text, kills it, and gives the bytes the shortest had.
fn kill_in_mid_batch(folder: &Path) -> usize {
    use std::io::{BufRead, BufReader};
    let name = "batches::what_a_killed_batch_had_in_flight_is_written_with_its_text_and_booked_once";
    let mut child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env("ROUNDTABLE_TEST_BATCH", folder)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let told = |line: String| {
        let (runs, bytes) = line.split_once("stored ")?.1.trim().split_once(' ')?;
        Some((runs.parse::<usize>().ok()?, bytes.parse::<usize>().ok()?))
    };
    let all_have_text = |(runs, bytes): &(usize, usize)| *runs == 3 && *bytes > 40;
    let stored = lines.map_while(Result::ok).filter_map(told).find(all_have_text);
    child.kill().unwrap();
    child.wait().unwrap();
    stored.expect("the child stored three answers").1
}

#[tokio::test]
async fn a_group_answers_a_batch_with_its_fallback_and_within_its_cap() {
    let room = Room::new().await;
    let groups = room.path().join("config/groups");
    std::fs::create_dir_all(&groups).unwrap();
    let group = "echelon1:\n  models: [demo/swift]\n  max_retries: 0\nechelon2:\n  models: [demo/scholar]\n";
    std::fs::write(groups.join("team.yaml"), group).unwrap();
    let emulator = room.engine.emulator().await.unwrap();
    emulator.script("swift", vec![Behaviour::Normal, Behaviour::Status500]);
    let files = Files::with(&["one", "two", "three"]);
    let mut settings = files.settings(&["team"]);
    settings.concurrency = NonZeroUsize::MIN;
    settings.params.max_tokens = Some(60);
    let plan = room.engine.plan_batch(settings.clone()).await.unwrap();
    let whole = plan.estimate.simulated_worst_usd;
    drop(plan);
    let alone = room.engine.plan_batch(BatchSettings {
        targets: vec!["demo/swift".to_owned()],
        results: files.folder.path().join("others.jsonl"),
        ..settings.clone()
    });
    let cheaper = alone.await.unwrap().estimate.simulated_worst_usd;
    assert!(cheaper < whole, "the worst is that of the dearest model it may come to");
    let outcome = run(&room.engine, BatchSettings { most_usd: Some(whole), ..settings }).await;
    assert_eq!((outcome.end, outcome.complete), (BatchEnd::Finished, 3), "{outcome:?}");
    assert!(outcome.spent.simulated <= whole);
    let models: Vec<String> = emulator
        .requests()
        .iter()
        .filter_map(|request| Some(request.body["model"].as_str()?.to_owned()))
        .collect();
    assert_eq!(models, ["swift", "swift", "scholar", "swift"], "the next rung answers one question");
}

#[tokio::test]
async fn equal_rows_are_questions_of_their_own() {
    let room = Room::new().await;
    let files = Files::with(&["one", "one", "one"]);
    let outcome = run(&room.engine, files.settings(&["demo/swift"])).await;
    assert_eq!((outcome.complete, files.results().len()), (3, 3));
    assert_eq!(
        asked(&room.engine).await,
        HashMap::from([("one".to_owned(), 3)]),
        "who asks thrice wants three answers"
    );
}

#[tokio::test]
async fn a_batch_stops_at_a_budget_and_goes_on_once_there_is_room() {
    let room = Room::new().await;
    let questions = ["one", "two", "three", "four", "five", "six"];
    let files = Files::with(&questions);
    let reply = Behaviour::Reply { text: "An answer of some length. ".repeat(20), reasoning: None };
    room.engine.emulator().await.unwrap().script_always("poet", reply);
    // The longest answer of one question is about 0.0206 dollars, a real one a twentieth of that.
    let tight = crate::budgets::draft("0.0215", roundtable_engine::view::OnLimit::Stop);
    let made = room.engine.save_budget(tight.clone(), false).await.unwrap().remove(0);
    let outcome = run(&room.engine, files.settings(&["demo/poet"])).await;
    assert_eq!(outcome.end, BatchEnd::OverBudget, "{outcome:?}");
    assert!(outcome.asked > 0 && outcome.left > 0 && outcome.failed == 0, "{outcome:?}");
    assert!(outcome.over_budget.as_ref().unwrap().contains("Lunch"), "{outcome:?}");
    assert!(room.engine.list_conversations().await.unwrap().is_empty(), "what waits stands in no list");
    assert!(room.engine.check_budgets().await.unwrap().is_sound());

    let roomy =
        roundtable_engine::view::BudgetDraft { id: Some(made.id), limit_usd: "1".to_owned(), ..tight };
    room.engine.save_budget(roomy, false).await.unwrap();
    let rest = run(&room.engine, files.settings(&["demo/poet"])).await;
    assert_eq!((rest.end, rest.complete, rest.left), (BatchEnd::Finished, 6, 0));
    let each = questions.map(|one| (one.to_owned(), 1));
    assert_eq!(asked(&room.engine).await, HashMap::from(each), "no question is paid twice");
}

/// The ways out that are told to whoever asks one question are there for many.
#[tokio::test]
async fn what_somebody_decides_about_money_holds_for_every_question_of_a_batch() {
    let room = Room::new().await;
    let files = Files::with(&["one", "two", "three"]);
    let tight = crate::budgets::draft("0.0001", roundtable_engine::view::OnLimit::Stop);
    let made = room.engine.save_budget(tight, false).await.unwrap().remove(0);
    let settings = files.settings(&["demo/poet"]);
    let kept_back = run(&room.engine, settings.clone()).await;
    assert_eq!((kept_back.end, kept_back.left), (BatchEnd::OverBudget, 3));

    let worst = async |money: MoneyChoice| {
        let plan = room.engine.plan_batch(BatchSettings { money, ..settings.clone() }).await.unwrap();
        plan.estimate.simulated_worst_usd
    };
    let cap = MoneyChoice { cap_tokens: Some(20), ..MoneyChoice::default() };
    assert!(worst(cap).await < worst(MoneyChoice::default()).await, "shorter answers cost less at worst");

    let money = MoneyChoice { override_budgets: vec![made.id], ..MoneyChoice::default() };
    let outcome = run(&room.engine, BatchSettings { money, ..settings }).await;
    assert_eq!((outcome.end, outcome.complete), (BatchEnd::Finished, 3), "the same questions go on");
    assert_eq!(crate::budgets::only(&room.engine).await.overrides, 3, "and each of them is written down");
}
