//! The folder on a real disk: what is noticed, when, and what stays in use.

use std::fs;

use roundtable_domain::{NoticeSaying, Target};
use roundtable_router::route::Resolved;
use tempfile::TempDir;

use super::*;
use crate::notices::told;

const CODING: &str = "echelon1:\n  models: [demo/scholar]\n";

fn folder() -> (TempDir, ConfigFolder) {
    let folder = tempfile::tempdir().unwrap();
    let config = ConfigFolder::new(&DataDir::choose(Some(folder.path())).unwrap());
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

/// Another start of the program on the same data folder.
fn again(folder: &TempDir) -> ConfigFolder {
    ConfigFolder::new(&DataDir::choose(Some(folder.path())).unwrap())
}

const PRIVATE: &str = "rules:\n  - {name: private, then: {local_only: true}}\n";
const PRIVATE_WRONG: &str = "rules:\n  - {name: private, then: {local_onyl: true}}\n";

#[tokio::test(start_paused = true)]
async fn what_a_file_said_well_is_remembered_over_a_start_with_its_date() {
    let (keep, folder) = folder();
    write(&folder, "rules.yaml", PRIVATE);
    write(&folder, "groups/coding.yaml", CODING);
    let good = folder.current().await;
    write(&folder, "rules.yaml", PRIVATE_WRONG);
    let later = again(&keep);
    let config = later.current().await;
    assert_eq!(config.rules.rules().map(|rule| rule.then.local_only).collect::<Vec<_>>(), [true]);
    assert_eq!(config.keeps_back(&Target::Auto), None);
    let notices = config.notices(&config.routes.expand(&Resolved::Auto, None), true);
    let today = jiff::Zoned::now().date().to_string();
    let [notice] = notices.as_slice() else { panic!("{notices:?}") };
    assert!(
        notice.text.starts_with(&format!("rules.yaml is wrong at line 2; the version of {today}")),
        "{notice:?}"
    );
    assert!(notice.text.ends_with("is in force."), "{notice:?}");

    // The third start finds the same, and a file that is gone is forgotten at the fourth.
    assert_eq!(again(&keep).current().await.rules.rules().count(), 1);
    fs::remove_file(later.root().join("rules.yaml")).unwrap();
    assert_eq!(again(&keep).current().await.rules.rules().count(), 0);
    write(&later, "rules.yaml", PRIVATE_WRONG);
    let lost = again(&keep).current().await;
    assert!(lost.keeps_back(&Target::Auto).is_some(), "what was removed is not brought back");
    assert_eq!(lost.routes, good.routes);
}

#[tokio::test(start_paused = true)]
async fn without_a_good_version_nothing_goes_where_the_file_might_have_kept_it_back() {
    let (_keep, folder) = folder();
    write(&folder, "groups/home.yaml", "echelon1: {modles: [demo/swift]}\n");
    let route = |name: &str| Target::Route(name.into());
    let model = Target::Model("demo/swift".parse().unwrap());
    let only_home = folder.fresh().await;
    for target in [Target::Auto, route("home"), route("home.echelon1")] {
        let why = only_home.keeps_back(&target).unwrap();
        assert!(
            why.starts_with("groups/home.yaml is wrong at line 1: ") && why.contains("nothing was sent"),
            "{why}"
        );
    }
    assert_eq!((only_home.keeps_back(&model), only_home.keeps_back(&route("other"))), (None, None));

    write(&folder, "groups/coding.yaml", CODING);
    let with_coding = folder.fresh().await;
    assert_eq!(with_coding.keeps_back(&Target::Auto), None, "auto has a route that somebody wrote");
    let notices = |resolved: &Resolved, is_auto| {
        with_coding.notices(&with_coding.routes.expand(resolved, None), is_auto)
    };
    let lost = NoticeSaying::FileNotInForce { file: "groups/home.yaml".into(), line: Some(1) };
    assert_eq!(notices(&Resolved::Auto, true), [told(lost)]);
    let coding = with_coding.routes.resolve(&route("coding")).unwrap();
    assert_eq!(notices(&coding, false), [], "a group that has nothing to do with it is no news");

    write(&folder, "rules.yaml", PRIVATE_WRONG);
    let no_rules = folder.fresh().await;
    for target in [Target::Auto, route("coding"), route("other")] {
        let why = no_rules.keeps_back(&target).unwrap();
        assert!(why.starts_with("rules.yaml is wrong at line 2: there is no key \"local_onyl\""), "{why}");
    }
    write(&folder, "rules.yaml", PRIVATE);
    write(&folder, "rules.yml", PRIVATE_WRONG);
    assert_eq!(folder.fresh().await.keeps_back(&Target::Auto), None, "the first file of that name counts");
}

#[cfg(unix)]
#[tokio::test(start_paused = true)]
async fn rules_that_cannot_be_reached_are_not_taken_for_none() {
    let (keep, folder) = folder();
    write(&folder, "rules.yaml", PRIVATE);
    folder.current().await;
    // The drive it leads to is away.
    fs::remove_file(folder.root().join("rules.yaml")).unwrap();
    std::os::unix::fs::symlink(keep.path().join("away.yaml"), folder.root().join("rules.yaml")).unwrap();
    assert_eq!(folder.fresh().await.rules.rules().count(), 1);
    // The folder cannot be looked into.
    fs::remove_dir_all(folder.root()).unwrap();
    fs::write(folder.root(), "no folder").unwrap();
    let closed = again(&keep).current().await;
    assert_eq!(closed.rules.rules().count(), 1, "{:?}", said(&closed));
    // It can be again: seen without a change of any file's time.
    fs::remove_file(folder.root()).unwrap();
    write(&folder, "rules.yaml", "rules: []\n");
    assert_eq!(said(&*folder.fresh().await), [""; 0]);
}
