//! `config`, `route` and `routes`: what is said of the files of the config folder, and of whom a prompt would go to.

use std::collections::HashMap;
use std::fs;

use insta::assert_json_snapshot;
use roundtable_emulator::Behaviour;
use roundtable_engine::view::{MoneyChoice, TurnBatch};
use roundtable_engine::{DataDir, Engine, Options, Pace, Process};
use serde_json::{Value, json};

use crate::support::{Cli, Outcome, Server};

const CODING: &str = "# The coders.
description: Code
echelon1:
  models: [demo/scholar, openai/gpt-4o]
  rpm_limit: 60
echelon2:
  models: [cheap]
fallback_config:
  strategy: echelon_down
  after_commit: continue
";

const RULES: &str = "rules:
  - name: no secrets
    when: {keywords: [secret]}
    then: {never: [demo/scholar]}
";

fn write(cli: &Cli, path: &str, text: &str) {
    let path = cli.folder.path().join("config").join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A folder with a bit of everything.
fn furnished() -> Cli {
    let cli = Cli::new();
    write(&cli, "groups/coding.yaml", CODING);
    write(
        &cli,
        "pools/ring.yaml",
        "task_groups: [coding]\nrotation_strategy: weighted\nweights: {coding: 2}\n",
    );
    write(&cli, "aliases.yaml", "cheap: demo/swift\n");
    write(&cli, "rules.yaml", RULES);
    cli
}

/// What differs from one time or place to the next is replaced.
fn steady(cli: &Cli, outcome: &Outcome) -> Vec<Value> {
    let mut objects = outcome.objects();
    let folder = cli.folder.path().display().to_string();
    for object in &mut objects {
        steady_value(object, &folder);
    }
    objects
}

fn steady_value(value: &mut Value, folder: &str) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match name.as_str() {
                    "at" | "seed" | "revision" if !member.is_null() => *member = format!("[{name}]").into(),
                    _ => steady_value(member, folder),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| steady_value(item, folder)),
        Value::String(text) => *text = text.replace(folder, "[data]"),
        _ => {}
    }
}

#[test]
fn everything_in_force_is_listed() {
    let cli = furnished();
    assert_json_snapshot!("routes", steady(&cli, &cli.run(&["routes", "--json"])));
    let table = cli.run(&["routes"]).out;
    for line in ["coding.echelon2", "group, echelon_down", "pool, weighted", "rule 1: no secrets"] {
        assert!(table.contains(line), "{line}: {table}");
    }
    let empty = Cli::new();
    assert!(empty.run(&["routes"]).out.starts_with("There are no groups, pools or aliases in"));
    assert_eq!(empty.run(&["routes", "--json"]).out, "");
}

#[test]
fn a_folder_without_errors_passes_and_warnings_do_not_change_that() {
    let cli = furnished();
    let checked = cli.run(&["config", "check", "--json"]);
    assert_eq!(checked.code, Some(0), "{}{}", checked.out, checked.err);
    assert_json_snapshot!("config_check", steady(&cli, &checked));
    assert_eq!(Cli::new().run(&["config", "check"]).code, Some(0), "no folder is no mistake");
}

#[test]
fn each_mistake_is_a_line_an_editor_can_jump_to_and_errors_fail() {
    let cli = furnished();
    write(&cli, "groups/coding.yaml", "echelon1:\n  models: [demo/scholra]\n  rpm_limit: 0\n");
    write(&cli, "rules.yaml", "rules:\n  - {name: a, then: {to: codin}}\n");
    let checked = cli.run(&["config", "check"]);
    assert_eq!(checked.code, Some(1), "{}", checked.out);
    for line in [
        "groups/coding.yaml:2:12: warning: the model demo/scholra is not known",
        "groups/coding.yaml:3:14: error: rpm_limit has to be a whole number from 1",
        "pools/ring.yaml:1:15: error: the group \"coding\" cannot be used until",
        "rules.yaml:2:26: error: there is no pool, group or alias \"codin\"",
    ] {
        assert!(checked.out.lines().any(|said| said.starts_with(line)), "{line}\n{}", checked.out);
    }
    assert!(checked.err.contains("3 errors"), "{}", checked.err);
    let checked = cli.run(&["config", "check", "--json"]);
    assert_eq!((checked.code, checked.error()["code"].as_str()), (Some(1), Some("config")));
    assert_json_snapshot!("config_mistakes", steady(&cli, &checked));
}

#[test]
fn an_old_file_is_taken_over_once_and_kept() {
    let cli = Cli::new();
    let old = cli.folder.path().join("llm.yaml");
    fs::write(&old, "default_model: demo/scholar\nfallback_models: [demo/swift]\nretry_delay: 1\n").unwrap();
    let old = old.to_str().unwrap();
    let only_looked = cli.run(&["config", "migrate", old, "--validate-only", "--verbose"]);
    assert_eq!(only_looked.code, Some(0), "{}", only_looked.err);
    assert!(only_looked.out.contains("groups/llm.yaml: would be written"), "{}", only_looked.out);
    assert!(!cli.folder.path().join("config").exists());
    let migrated = cli.run(&["config", "migrate", old, "--json"]);
    assert_json_snapshot!("config_migrate", steady(&cli, &migrated));
    let again = cli.run(&["config", "migrate", old, "--json"]).objects().remove(0);
    let changes: Vec<&Value> =
        again["files"].as_array().unwrap().iter().map(|file| &file["change"]).collect();
    assert_eq!((changes, &again["backups"]), (vec![&json!("none"), &json!("none")], &json!([])));
    assert_eq!(cli.run(&["config", "check"]).code, Some(0));
    fs::write(old, "default_model: demo/scholar\nfallback: [demo/swift]\n").unwrap();
    let refused = cli.run(&["config", "migrate", old]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.out.starts_with("llm.yaml:2:1: error: there is no key \"fallback\""), "{}", refused.out);
    assert_eq!(cli.run(&["config", "migrate", "/nowhere/llm.yaml", "--json"]).error()["code"], "bad_file");
}

#[test]
fn a_dry_run_says_whom_a_prompt_would_go_to_and_why() {
    let cli = furnished();
    let words = ["route", "explain", "coding", "What", "is", "a", "monad?", "--json"];
    let explained = cli.run(&words);
    assert_eq!(explained.code, Some(0), "{}", explained.err);
    assert_json_snapshot!("route_explain", steady(&cli, &explained));
    let piped = cli.run_with_input(&["route", "explain", "coding", "-", "--json"], "a secret\n");
    let trace = piped.objects().remove(0);
    assert_eq!(
        (&trace["rules"], &trace["candidates"][0]["target"]),
        (&json!(["no secrets"]), &json!("demo/swift"))
    );
    let shown = cli.run(&["route", "explain", "coding", "Hello"]).out;
    assert!(shown.starts_with("demo/scholar from coding.echelon1 was chosen because"), "{shown}");
    assert!(
        shown.contains("no: its provider is not set up") && shown.contains("choosing again gives the same"),
        "{shown}"
    );
    let nowhere = cli.run(&["route", "explain", "codin", "Hello", "--json"]);
    assert!(nowhere.error()["message"].as_str().unwrap().contains("did you mean"), "{}", nowhere.err);
    assert_eq!(cli.run(&["route", "explain", "--json"]).code, Some(2));
}

#[test]
fn advice_is_given_for_every_kind_of_work() {
    let server = Server::start();
    let cli = Cli::new();
    let base_url = server.emulator.base_url();
    let words = ["providers", "add", "--id", "house", "--kind", "ollama", "--base-url", &base_url];
    assert_eq!(cli.run(&words).code, Some(0));
    let advice = cli.run(&["route", "guide", "--json"]).of_type("advice");
    let tasks: Vec<&str> = advice.iter().filter_map(|one| one["task"].as_str()).collect();
    let all = ["code", "creative", "analysis", "translation", "conversation", "long_context", "multimodal"];
    assert_eq!(tasks, all);
    assert!(cli.run(&["route", "guide"]).out.starts_with("WORK"));
}

/// Asks a group in the window's way, so that the answer stays, and gives the run.
fn answered(cli: &Cli, target: &str) -> String {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = DataDir::choose(Some(cli.folder.path())).unwrap();
        let options = Options {
            demo: true,
            demo_pace: Pace::Instant,
            keyring: false.into(),
            environment: HashMap::new(),
            logging: false,
            ..Options::new(folder, Process::Window)
        };
        let engine = Engine::open(options).await.unwrap();
        engine.emulator().await.unwrap().script_always("scholar", Behaviour::Status500);
        let conversation = engine.create_conversation(&[target.to_owned()]).await.unwrap();
        let (sender, over) = tokio::sync::oneshot::channel();
        let mut sender = Some(sender);
        let sink = Box::new(move |batch: TurnBatch| {
            if batch.done {
                sender.take().unwrap().send(()).unwrap();
            }
            true
        });
        let id = conversation.summary.id;
        let turn =
            engine.start_turn(id, "What is a monad?", &[], &[], MoneyChoice::default(), sink).await.unwrap();
        over.await.unwrap();
        engine.shutdown().await;
        turn.runs[0].id.to_string()
    })
}

#[test]
fn why_an_answer_came_from_whom_is_told_of_a_run_that_is_there() {
    let cli = furnished();
    let run = answered(&cli, "coding");
    let explained = cli.run(&["route", "explain", "--run", &run, "--json"]);
    assert_eq!(explained.code, Some(0), "{}", explained.err);
    let trace = explained.objects().remove(0);
    assert_eq!(
        (&trace["type"], &trace["asked"], &trace["replays"]),
        (&json!("trace"), &json!("coding"), &json!(true))
    );
    let calls: Vec<_> = trace["attempts"].as_array().unwrap().iter().collect();
    let (first, last) = (calls[0], calls[calls.len() - 1]);
    assert_eq!((&first["target"], &first["kind"]), (&json!("demo/scholar"), &json!("first")));
    assert!(first["failure"].is_string() && last["failure"].is_null(), "{trace}");
    assert_eq!((&last["target"], &last["kind"]), (&json!("demo/swift"), &json!("fallback")));
    assert_eq!((&trace["end"]["state"], &trace["end"]["source"]), (&json!("complete"), &json!("model")));
    let text = explained.out;
    assert!(!text.contains("monad"), "no prompt text: {text}");
    let latest = cli.run(&["route", "explain", "--run", "latest", "--json"]);
    assert_eq!(latest.objects().remove(0), trace);
    let shown = cli.run(&["route", "explain", "--run", &run]).out;
    assert!(shown.starts_with("demo/scholar from coding.echelon1 was chosen"), "{shown}");
    for words in ["CALL", "fallback", "choosing again gives the same"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
}

const TAGGED: &str = "rules:
  - name: private stays here
    when: {tags: [Private]}
    then: {never: [demo/scholar]}
";

#[test]
fn rules_see_the_tags_of_a_question() {
    let cli = furnished();
    write(&cli, "rules.yaml", TAGGED);
    assert_eq!(cli.run(&["config", "check"]).code, Some(0));
    let asked = |more: &[&str]| {
        let words = [&["ask", "--json", "--to", "coding", "What is a monad?"], more].concat();
        let asked = cli.run(&words);
        assert_eq!(asked.code, Some(0), "{}", asked.err);
        asked.answer()["target"].clone()
    };
    let by = |more: &[&str]| {
        let words = [&["ask", "--json", "--to", "coding", "What is a monad?"], more].concat();
        cli.run(&words).answer()["model_served"].clone()
    };
    assert_eq!(asked(&["--tag", "work"]), "coding");
    assert!(by(&["--tag", "work", "--folder", "Tax"]).as_str().unwrap().contains("scholar"));
    assert!(by(&["--tag", "work", "--tag", " private "]).as_str().unwrap().contains("swift"));
    let long = "x".repeat(41);
    let refused = cli.run(&["ask", "--json", "--to", "coding", "--tag", &long, "Hello"]);
    assert_eq!((refused.code, refused.error()["code"].as_str()), (Some(1), Some("bad_name")));
}

#[test]
fn a_run_that_is_not_there_is_said_to_be_so() {
    let cli = Cli::new();
    let gone = cli.run(&["route", "explain", "--run", "0190a000-0000-7000-8000-000000000000", "--json"]);
    assert_eq!((gone.code, gone.error()["code"].as_str()), (Some(1), Some("not_found")));
    assert_eq!(cli.run(&["route", "explain", "--run", "nonsense", "--json"]).code, Some(2));
    assert_eq!(cli.run(&["route", "explain", "--run", "latest", "--json"]).code, Some(2), "there is none");
}
