//! `batch`: a file of questions, a file of results, and what a kill, a stop and a cap leave of them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use insta::{assert_json_snapshot, assert_snapshot};
use roundtable_emulator::Behaviour;
use serde_json::{Value, json};

use crate::support::{Cli, KEY, Outcome, Server};

/// Longest wait for what has to happen.
const SOON: Duration = Duration::from_secs(20);

/// The binary, a model with a price whose provider the emulator stands for, and the files of a batch.
struct House {
    cli: Cli,
    server: Server,
}

impl House {
    fn new(questions: &str) -> Self {
        let server = Server::start();
        let base_url = format!("{}/v1", server.emulator.base_url());
        let cli = Cli::new().with("OPENAI_API_KEY", KEY).with("OPENAI_BASE_URL", &base_url);
        let price = ["models", "price", "set", "openai/swift", "--input", "1", "--output", "4"];
        assert_eq!(cli.run(&price).code, Some(0));
        let house = Self { cli, server };
        std::fs::write(house.file("questions.csv"), questions).unwrap();
        house
    }

    fn file(&self, name: &str) -> PathBuf {
        self.cli.folder.path().join(name)
    }

    fn words(&self, more: &[&str]) -> Vec<String> {
        let (questions, results) = (self.file("questions.csv"), self.file("results.jsonl"));
        let words = [
            "batch",
            questions.to_str().unwrap(),
            "--out",
            results.to_str().unwrap(),
            "--to",
            "openai/swift",
        ];
        words.iter().chain(more).map(|word| (*word).to_owned()).collect()
    }

    fn run(&self, more: &[&str]) -> Outcome {
        self.cli.run(&self.words(more).iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn start(&self, more: &[&str]) -> Child {
        self.cli.start(&self.words(more).iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn results(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.file("results.jsonl")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn states(&self) -> BTreeMap<String, u32> {
        let mut states = BTreeMap::new();
        for result in self.results() {
            *states.entry(result["state"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        states
    }

    /// How often each prompt reached the server.
    fn asked(&self) -> BTreeMap<String, u32> {
        let mut asked = BTreeMap::new();
        for request in self.server.emulator.requests() {
            if let Some(messages) = request.body["messages"].as_array() {
                let prompt = messages.last().unwrap()["content"].as_str().unwrap().to_owned();
                *asked.entry(prompt).or_default() += 1;
            }
        }
        asked
    }

    fn until_asked(&self, times: usize) {
        until(|| self.asked().values().sum::<u32>() as usize >= times, "the questions are asked");
    }
}

fn until(condition: impl Fn() -> bool, what: &str) {
    let since = Instant::now();
    while !condition() {
        assert!(since.elapsed() < SOON, "{what}");
        std::thread::yield_now();
    }
}

/// A table of that many different questions.
fn questions(count: usize) -> String {
    let rows = (1..=count).map(|number| format!("q{number},What is {number} plus one?\n"));
    std::iter::once("id,prompt\n".to_owned()).chain(rows).collect()
}

fn end(outcome: &Outcome) -> Value {
    outcome.of_type("batch").remove(0)
}

#[test]
fn a_file_is_asked_once_and_its_results_carry_what_the_questions_did() {
    let house = House::new(
        "id,prompt,system,topic\n1,\"Why is the sky blue?\",Be brief,nature\n2,\"Wozu, Tische?\",,\n",
    );
    let estimated = house.run(&["--json", "--dry-run", "--max-tokens", "50"]);
    assert_eq!(estimated.code, Some(0), "{}", estimated.err);
    assert!(!house.file("results.jsonl").exists() && house.asked().is_empty(), "nothing was asked");
    assert_json_snapshot!("estimate", estimated.of_type("estimate")[0]);

    let outcome = house.run(&["--json", "--max-tokens", "50", "--concurrency", "1"]);
    assert_eq!((outcome.code, outcome.err.as_str()), (Some(0), ""), "{}", outcome.out);
    let mut ended = end(&outcome);
    ended["results"] = "[path]".into();
    assert_json_snapshot!("end", ended);
    let system = &house.server.emulator.requests()[0].body["messages"][0];
    assert_eq!(*system, json!({"role": "system", "content": "Be brief"}));

    let again = house.run(&["--json", "--max-tokens", "50"]);
    assert_eq!((again.code, end(&again)["asked"].as_u64()), (Some(0), Some(0)), "{}", again.err);
    assert!(house.asked().values().all(|times| *times == 1) && house.results().len() == 2);
    let entries = house.cli.run(&["ledger", "--json"]).of_type("entry");
    assert!(entries.len() == 2 && entries.iter().all(|entry| entry["source"] == "batch"), "{entries:?}");
    check_result(&house, house.results().remove(0));
}

/// A result is what `ask --json` prints, and what belongs to the batch.
fn check_result(house: &House, mut result: Value) {
    let asked =
        house.cli.run(&["ask", "--json", "-m", "openai/swift", "--no-stream", "Another question"]).answer();
    let asked = asked.as_object().unwrap();
    let members = result.as_object_mut().unwrap();
    assert!(members["text"].as_str().unwrap().len() > 20 && members["usage"]["output"] == 50);
    assert!(asked.keys().all(|name| members.contains_key(name)), "{members:?}");
    members
        .retain(|name, _| matches!(name.as_str(), "type" | "target" | "state") || !asked.contains_key(name));
    assert_json_snapshot!("result", result);
}

#[test]
fn people_are_told_what_it_will_cost_and_what_came_of_it() {
    let house = House::new(&questions(3));
    // Whether the list of prices is old depends on the day.
    assert_eq!(house.cli.run(&["settings", "set", "alerts.prices", "off"]).code, Some(0));
    house.server.emulator.script("swift", vec![Behaviour::PromptBlocked]);
    let outcome = house.run(&["--concurrency", "1", "--max-tokens", "50"]);
    assert_eq!(outcome.code, Some(1));
    let folder = house.cli.folder.path().to_str().unwrap();
    assert_snapshot!(
        "for_people",
        format!("{}---\n{}", outcome.out, outcome.err).replace(folder, "[folder]")
    );
    let repaired = house.run(&["--again", "failed", "--max-tokens", "50"]);
    assert_eq!(repaired.code, Some(0), "{}", repaired.err);
    assert_eq!(house.states(), BTreeMap::from([("complete".to_owned(), 3)]));
}

#[test]
fn a_cap_is_kept_in_real_money_and_needs_a_price() {
    let house = House::new(&questions(12));
    let words = ["--json", "--max-tokens", "50", "--max-cost", "0.001"];
    let capped = house.run(&words);
    assert_eq!((capped.code, capped.error()["code"].as_str()), (Some(1), Some("batch_incomplete")));
    let ended = end(&capped);
    let spent: f64 = ended["spent_usd"].as_str().unwrap().parse().unwrap();
    assert_eq!(ended["end"], "capped");
    assert!(spent > 0.0 && spent <= 0.001 && ended["left"].as_u64().unwrap() > 0, "{ended}");
    let rest = house.run(&["--json", "--max-tokens", "50", "--max-cost", "1"]);
    assert_eq!((rest.code, &end(&rest)["complete"]), (Some(0), &json!(12)), "{}", rest.err);
    assert!(house.asked().values().all(|times| *times == 1));

    let (cli, questions) = (Cli::new().with("OPENAI_API_KEY", KEY), house.file("questions.csv"));
    let unpriced = ["--to", "openai/not-listed-yet", "--max-cost", "1", "--out", "/tmp/never-written.jsonl"];
    let refused = cli.run(&[&["batch", "--json", questions.to_str().unwrap()], &unpriced[..]].concat());
    assert_eq!(
        (refused.code, refused.error()["code"].as_str()),
        (Some(2), Some("bad_batch")),
        "{}",
        refused.err
    );
}

#[test]
fn wrong_files_are_refused_before_anything_is_sent() {
    let house = House::new("id,prompt\n1,\n");
    let refused = house.run(&["--json"]);
    assert_eq!((refused.code, refused.error()["code"].as_str()), (Some(2), Some("bad_batch")));
    assert!(refused.err.contains("line 2: there is no prompt"), "{}", refused.err);
    std::fs::write(house.file("questions.csv"), questions(2)).unwrap();
    std::fs::write(house.file("results.jsonl"), "my diary\n").unwrap();
    let foreign = house.run(&["--json"]);
    assert_eq!(foreign.code, Some(2), "{}", foreign.err);
    assert_eq!(std::fs::read_to_string(house.file("results.jsonl")).unwrap(), "my diary\n");
    let path = house.file("questions.csv");
    let path = path.to_str().unwrap();
    assert_eq!(house.cli.run(&["batch", path, "--out", path, "--to", "openai/swift"]).code, Some(2));
    assert_eq!(
        house.cli.run(&["batch", path, "--out", "/nowhere/at/all.jsonl", "--to", "openai/swift"]).code,
        Some(1)
    );
    assert!(house.asked().is_empty());
}

#[test]
fn a_killed_batch_goes_on_where_it_was_and_pays_nothing_twice() {
    const QUESTIONS: usize = 10;
    for kill_after in [1, 2, 4, 7, 10] {
        let house = House::new(&questions(QUESTIONS));
        house.server.emulator.script_always("swift", Behaviour::SlowTokens { ms_per_token: 1 });
        let mut child = house.start(&["--json", "--concurrency", "3"]);
        house.until_asked(kill_after);
        child.kill().unwrap();
        child.wait().unwrap();
        let sent: u32 = house.asked().values().sum();
        // A line that was cut in the middle, wherever.
        let written = std::fs::read(house.file("results.jsonl")).unwrap();
        let cut = written.len().saturating_sub(7 * kill_after);
        std::fs::write(house.file("results.jsonl"), &written[..cut]).unwrap();

        let resumed = house.run(&["--json", "--concurrency", "3"]);
        let ended = end(&resumed);
        assert_eq!(ended["left"], 0, "killed after {kill_after}: {ended} {}", resumed.err);
        let asked = house.asked();
        assert!(asked.values().all(|times| *times == 1), "killed after {kill_after}: {asked:?}");
        let interrupted = house.states().get("interrupted").copied().unwrap_or(0);
        // What was written down as sent may not have left any more.
        let unsent = u32::try_from(QUESTIONS - asked.len()).unwrap();
        assert!(unsent <= interrupted, "killed after {kill_after}: {asked:?}");
        assert_eq!(ended["asked"].as_u64().unwrap() + u64::from(sent + unsent), QUESTIONS as u64);
        let results = house.results();
        let mut keys: Vec<&str> = results.iter().map(|one| one["key"].as_str().unwrap()).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!((keys.len(), results.len()), (QUESTIONS, QUESTIONS), "no line is written twice");
        let states = house.states();
        assert!(interrupted <= 3 && states.get("complete") == Some(&(10 - interrupted)), "{states:?}");
        let books = house.cli.run(&["ledger", "--json", "--limit", "100"]);
        assert_eq!(books.of_type("entry").len(), QUESTIONS, "each call is booked once");
        assert_eq!(resumed.code, Some(i32::from(interrupted > 0)));

        let repaired = house.run(&["--json", "--again", "interrupted"]);
        assert_eq!((repaired.code, end(&repaired)["asked"].as_u64()), (Some(0), Some(interrupted.into())));
        assert_eq!(house.states(), BTreeMap::from([("complete".to_owned(), 10)]));
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_waits_for_answers_under_way_and_a_supervisor_stops_them() {
    for (signal, complete) in [("-INT", 2), ("-TERM", 0)] {
        let house = House::new(&questions(6));
        house.server.emulator.script_always("swift", Behaviour::SlowTokens { ms_per_token: 5 });
        let child = house.start(&["--json", "--concurrency", "2"]);
        house.until_asked(2);
        until(|| house.server.emulator.open_streams() == 2, "both answers have begun");
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        let outcome = Outcome::of(child);
        let ended = end(&outcome);
        assert_eq!((outcome.code, &ended["end"], &ended["asked"]), (Some(1), &json!("stopped"), &json!(2)));
        assert_eq!(ended["complete"], complete, "{signal}: {ended}");
        house.server.emulator.script_always("swift", Behaviour::Normal);
        let rest = house.run(&["--json"]);
        assert_eq!((&end(&rest)["left"], house.asked().len()), (&json!(0), 6), "{}", rest.err);
        assert!(house.asked().values().all(|times| *times <= 2));
        if signal == "-INT" {
            assert!(house.asked().values().all(|times| *times == 1), "nothing was paid twice");
        }
    }
}

#[test]
fn two_processes_do_not_write_the_same_results() {
    let house = House::new(&questions(2));
    house.server.emulator.script_always("swift", Behaviour::Stall { after_tokens: 2 });
    let mut child = house.start(&["--json"]);
    house.until_asked(2);
    let second = house.run(&["--json"]);
    assert_eq!((second.code, second.error()["code"].as_str()), (Some(1), Some("batch_results")));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(house.asked().values().sum::<u32>(), 2);
}

#[test]
fn a_batch_goes_over_a_budget_only_where_it_was_told_to() {
    let house = House::new("prompt\none\ntwo\n");
    let limit = ["budget", "set", "--limit", "0.000001", "--period", "total", "--name", "Lunch"];
    assert_eq!(house.cli.run(&limit).code, Some(0));
    let end = |more: &[&str]| {
        let outcome = house.run(&[&["--json", "--max-tokens", "50"], more].concat());
        let end = outcome.of_type("batch").remove(0);
        (outcome.code, end["end"].clone(), end["left"].clone())
    };
    assert_eq!(end(&[]), (Some(1), json!("over_budget"), json!(2)));
    assert_eq!(end(&["--over-budget", "Lunch"]), (Some(0), json!("finished"), json!(0)));
}
