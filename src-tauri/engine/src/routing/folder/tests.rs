//! The folder on a real disk: what is noticed, when, and what stays in use.

use std::fs;

use roundtable_domain::Target;
use roundtable_router::route::Resolved;
use tempfile::TempDir;

use super::*;

const CODING: &str = "echelon1:\n  models: [demo/scholar]\n";

fn folder() -> (TempDir, ConfigFolder) {
    let folder = tempfile::tempdir().unwrap();
    let config = ConfigFolder::new(folder.path().join("config"));
    (folder, config)
}

fn write(folder: &ConfigFolder, path: &str, text: &str) {
    let path = folder.root().join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn said(config: &Config) -> Vec<String> {
    config.mistakes.iter().map(ToString::to_string).collect()
}

#[tokio::test(start_paused = true)]
async fn a_folder_that_is_not_there_says_nothing_and_is_not_made() {
    let (_keep, folder) = folder();
    let config = folder.current().await;
    assert!(config.routes.groups.is_empty() && config.mistakes.is_empty() && config.files.is_empty());
    assert!(!folder.root().exists());
}

#[tokio::test(start_paused = true)]
async fn a_change_is_seen_after_half_a_second_and_nobody_looks_more_often() {
    let (_keep, folder) = folder();
    let before = folder.current().await;
    write(&folder, "groups/coding.yaml", CODING);
    write(&folder, "rules.yaml", "rules:\n  - {name: a, then: {to: coding}}\n");
    tokio::time::advance(Duration::from_millis(499)).await;
    assert!(Arc::ptr_eq(&before, &folder.current().await), "looked at again too soon");
    tokio::time::advance(Duration::from_millis(1)).await;
    let after = folder.current().await;
    assert_eq!(after.routes.resolve(&Target::Route("coding".into())).unwrap().to_string(), "coding");
    assert_eq!((after.rules.rules().count(), said(&after)), (1, vec![]));
    assert_ne!(before.revision, after.revision);
    tokio::time::advance(Duration::from_secs(9)).await;
    assert!(Arc::ptr_eq(&after, &folder.current().await), "nothing changed, nothing is read");
}

#[tokio::test(start_paused = true)]
async fn a_file_that_became_wrong_keeps_what_it_said_and_says_so() {
    let (_keep, folder) = folder();
    write(&folder, "groups/coding.yaml", CODING);
    write(
        &folder,
        "groups/writing.yaml",
        "echelon1: {models: [demo/poet]}\nfallback_config: {fallback_groups: [coding]}\n",
    );
    let good = folder.current().await;
    write(&folder, "groups/coding.yaml", "echelon1:\n  modles: [demo/scholar]\n");
    let wrong = folder.fresh().await;
    assert_eq!(wrong.routes, good.routes, "the last good version is in use");
    assert_eq!(
        said(&wrong),
        [
            "groups/coding.yaml:1:1: error: echelon1 has no models; list at least one, for example [demo/swift]",
            "groups/coding.yaml:1:1: warning: what this file said before it became wrong stays in use until it is put right",
            "groups/coding.yaml:2:3: error: there is no key \"modles\" here; did you mean \"models\"?",
        ],
        "and the group that falls back to it is told nothing"
    );
    assert_ne!(good.revision, wrong.revision);
    write(&folder, "groups/coding.yaml", "echelon1:\n  models: [demo/swift]\n");
    let right = folder.fresh().await;
    assert_eq!(said(&right), [""; 0]);
    assert_ne!(right.routes, good.routes, "put right, it is used as it is");
}

#[tokio::test(start_paused = true)]
async fn a_file_that_was_never_right_is_left_out_and_one_that_is_gone_is_forgotten() {
    let (_keep, folder) = folder();
    write(&folder, "groups/coding.yaml", CODING);
    write(&folder, "pools/ring.yaml", "task_groups: nonsense\n");
    let config = folder.current().await;
    assert!(config.routes.pools.is_empty() && config.faulty.contains("pools/ring.yaml"));
    fs::remove_file(folder.root().join("groups/coding.yaml")).unwrap();
    fs::remove_file(folder.root().join("pools/ring.yaml")).unwrap();
    let config = folder.fresh().await;
    assert!(config.routes.groups.is_empty() && config.files.is_empty());
    assert_eq!(config.routes.resolve(&Target::Auto), Ok(Resolved::Auto));
}

#[tokio::test(start_paused = true)]
async fn broken_rules_do_not_open_what_the_rules_before_kept_shut() {
    let (_keep, folder) = folder();
    write(&folder, "rules.yaml", "rules:\n  - {name: private, then: {local_only: true}}\n");
    folder.current().await;
    write(&folder, "rules.yaml", "rules:\n  - {name: private, then: {local_onyl: true}}\n");
    let config = folder.fresh().await;
    assert!(config.rules.rules().all(|rule| rule.then.local_only), "{:?}", config.rules);
    assert_eq!(config.rules.rules().count(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_no_text_or_no_business_of_ours() {
    let (_keep, folder) = folder();
    write(&folder, "groups/.coding.yaml.swp", "x");
    write(&folder, "groups/.hidden.yaml", "x");
    write(&folder, "groups/coding.yaml~", "x");
    write(&folder, "groups/large.yaml", &" ".repeat((1 << 20) + 1));
    fs::write(folder.root().join("groups/bytes.yaml"), [0xFF, 0xFE, 0x00]).unwrap();
    fs::create_dir_all(folder.root().join("groups/a-folder.yaml")).unwrap();
    write(&folder, "notes.yaml", "x: y\n");
    assert_eq!(
        said(&*folder.current().await),
        [
            "groups/bytes.yaml:1:1: error: the file is no text in UTF-8",
            "groups/large.yaml:1:1: error: the file is larger than 1048576 bytes and is not read",
            "notes.yaml:1:1: warning: this is neither groups/NAME.yaml, pools/NAME.yaml, aliases.yaml, rules.yaml nor choice.yaml, and is not read",
        ]
    );
}
