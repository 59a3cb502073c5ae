//! Files as people write them, right and wrong: what is read, and what is said about the rest.

use super::*;
use crate::attempt::{AfterCommit, Resume};
use crate::route::{
    CircuitBreaker, Echelon, EchelonSettings, FallbackConfig, FallbackStrategy, GroupRef, PoolFallback,
    PoolFallbackStrategy, RotationStrategy,
};
use MistakeCode::{BadName, WrongType};

const CODING: &str = r#"# The coders.
description: "Code and reviews"   # shown in the list
echelon1:
  models: [demo/scholar, best]
  concurrency_limit: 10
  rpm_limit: 100
  tpm_limit: 200000
  priority: 1
  timeout: 30
  max_retries: 3
  temperature: 0.7
  max_tokens: 4000
echelon2:
  models:
    - demo/swift    # cheap
  timeout: 2.5
fallback_config:
  strategy: echelon_down
  fallback_groups: [writing, writing.echelon1]
  max_attempts: 5
  retry_delay: 0.5
  circuit_breaker:
    failure_threshold: 4
    recovery_time: 60
    half_open_requests: 2
  after_commit: continue
  last_resort: "Nobody is there. Try again later."
"#;

const WRITING: &str = "echelon1:\n  models: [demo/poet]\n";

const RING: &str = "task_groups: [coding.echelon1, writing]
rotation_strategy: weighted
weights: {writing: 3}
health_check_interval: 30
failure_threshold: 3
recovery_time: 60
fallback_config:
  strategy: instance_rotation
  max_instance_attempts: 2
";

fn model(text: &str) -> ModelRef {
    text.parse().unwrap()
}

fn read(files: &[(&str, &str)]) -> Loaded {
    let files: Vec<SourceFile<'_>> = files.iter().map(|(path, text)| SourceFile { path, text }).collect();
    load(&files, None)
}

/// The mistakes of one group's file, one a line, with a group `writing` beside it.
fn said_of_group(text: &str) -> Vec<String> {
    let loaded = read(&[("groups/coding.yaml", text), ("groups/writing.yaml", WRITING)]);
    loaded.mistakes.iter().map(ToString::to_string).collect()
}

fn said_of_pool(text: &str) -> Vec<String> {
    let loaded = read(&[("pools/ring.yaml", text), ("groups/writing.yaml", WRITING)]);
    loaded.mistakes.iter().map(ToString::to_string).collect()
}

#[test]
fn every_key_of_the_format_arrives() {
    let files = [
        ("groups/coding.yaml", CODING),
        ("groups/writing.yaml", WRITING),
        ("aliases.yaml", "best: demo/poet\n"),
    ];
    let loaded = read(&files);
    assert_eq!(loaded.mistakes, []);
    let expected = TaskGroup {
        name: "coding".into(),
        description: Some("Code and reviews".into()),
        echelons: vec![
            Echelon {
                number: 1,
                models: vec!["demo/scholar".into(), "best".into()],
                settings: EchelonSettings {
                    concurrency_limit: Some(10),
                    rpm_limit: Some(100),
                    tpm_limit: Some(200_000),
                    priority: Some(1),
                    timeout_ms: Some(30_000),
                    max_retries: Some(3),
                    temperature: Some(0.7),
                    max_tokens: Some(4_000),
                },
            },
            Echelon {
                number: 2,
                models: vec!["demo/swift".into()],
                settings: EchelonSettings { timeout_ms: Some(2_500), ..EchelonSettings::default() },
            },
        ],
        fallback: Some(FallbackConfig {
            strategy: FallbackStrategy::EchelonDown,
            fallback_groups: vec![GroupRef::whole("writing"), GroupRef::echelon("writing", 1)],
            max_attempts: Some(5),
            retry_delay_ms: Some(500),
            circuit_breaker: Some(CircuitBreaker {
                failure_threshold: Some(4),
                recovery_ms: Some(60_000),
                half_open_requests: Some(2),
            }),
            after_commit: Some(AfterCommit::Automatic(Resume::Continue)),
            last_resort: Some("Nobody is there. Try again later.".into()),
        }),
    };
    assert_eq!(loaded.routes.groups.get("coding"), Some(&expected));
    let breaker = expected.breaker();
    assert_eq!((breaker.failure_threshold, breaker.recovery_ms, breaker.half_open_requests), (4, 60_000, 2));
}

#[test]
fn every_key_of_a_pool_arrives() {
    let loaded = read(&[
        ("pools/ring.yaml", RING),
        ("groups/coding.yaml", CODING),
        ("groups/writing.yml", WRITING),
        ("aliases.yaml", "best: demo/poet"),
    ]);
    assert_eq!(loaded.mistakes, []);
    let expected = PollingPool {
        name: "ring".into(),
        description: None,
        task_groups: vec![GroupRef::echelon("coding", 1), GroupRef::whole("writing")],
        rotation_strategy: RotationStrategy::Weighted,
        weights: [(GroupRef::whole("writing"), 3)].into(),
        health_check_interval_ms: Some(30_000),
        failure_threshold: Some(3),
        recovery_ms: Some(60_000),
        fallback: Some(PoolFallback {
            strategy: PoolFallbackStrategy::InstanceRotation,
            max_instance_attempts: Some(2),
        }),
    };
    assert_eq!(loaded.routes.pools.get("ring"), Some(&expected));
}

#[test]
fn what_was_read_is_written_and_read_again_as_the_same() {
    let first =
        read(&[("groups/coding.yaml", CODING), ("pools/ring.yaml", RING), ("groups/writing.yaml", WRITING)]);
    let group = first.routes.groups.get("coding").unwrap();
    let pool = first.routes.pools.get("ring").unwrap();
    let (coding, ring) = (group.to_value().to_yaml(), pool.to_value().to_yaml());
    let again = read(&[
        ("groups/coding.yaml", &coding),
        ("pools/ring.yaml", &ring),
        ("groups/writing.yaml", WRITING),
    ]);
    assert_eq!(again.routes, first.routes, "{coding}\n{ring}");
}

#[test]
fn every_strategy_of_the_format_is_known_by_its_word() {
    for word in ["echelon_down", "task_group_switch", "provider_failover"] {
        let text = format!("{WRITING}fallback_config:\n  strategy: {word}\n  fallback_groups: [writing]\n");
        let loaded = read(&[("groups/coding.yaml", &text), ("groups/writing.yaml", WRITING)]);
        assert_eq!(loaded.mistakes, [], "{word}");
        assert_eq!(loaded.routes.groups.get("coding").unwrap().strategy().as_str(), word);
    }
    for word in ["round_robin", "least_recently_used", "weighted", "random", "least_busy"] {
        let text = format!("task_groups: [writing]\nrotation_strategy: {word}\n");
        let loaded = read(&[("pools/ring.yaml", &text), ("groups/writing.yaml", WRITING)]);
        assert_eq!(loaded.mistakes, [], "{word}");
        assert_eq!(loaded.routes.pools.get("ring").unwrap().rotation_strategy.as_str(), word);
    }
    for word in ["instance_rotation", "simple_retry"] {
        let text = format!("task_groups: [writing]\nfallback_config: {{strategy: {word}}}\n");
        let loaded = read(&[("pools/ring.yaml", &text), ("groups/writing.yaml", WRITING)]);
        assert_eq!(loaded.routes.pools.get("ring").unwrap().fallback.unwrap().strategy.as_str(), word);
    }
}

#[test]
fn rungs_are_in_the_order_of_priority_then_number() {
    let text = "echelon3:\n  models: [demo/a]\n  priority: 1\nechelon2:\n  models: [demo/b]\nechelon1:\n  models: [demo/c]\n";
    let loaded = read(&[("groups/g.yaml", text)]);
    let numbers: Vec<u32> =
        loaded.routes.groups.get("g").unwrap().echelons.iter().map(|e| e.number).collect();
    assert_eq!(numbers, [1, 3, 2]);
}

/// One mistake a case: the file, and how what is said about it begins.
const GROUP_MISTAKES: &[(&str, &str)] = &[
    (
        "echelon1:\n  models: [demo/a]\n  rpm_limt: 5\n",
        "3:3: error: there is no key \"rpm_limt\" here; did you mean \"rpm_limit\"?",
    ),
    (
        "echelon1:\n  models: [demo/a]\n  rpmLimit: 5\n",
        "3:3: error: there is no key \"rpmLimit\" here; did you mean \"rpm_limit\"?",
    ),
    (
        "echelon1:\n  models: [demo/a]\nechelon_2:\n  models: [demo/a]\n",
        "3:1: error: there is no key \"echelon_2\" here; did you mean \"echelon2\"?",
    ),
    (
        "echelon1:\n  models: [demo/a]\nowner: me\n",
        "3:1: error: there is no key \"owner\" here; there are echelon1, description, fallback_config",
    ),
    ("echelon1:\n  models: demo/a\n", "2:11: error: models has to be a list, here is text; write [demo/a]"),
    (
        "echelon1:\n  models: []\n",
        "2:3: error: echelon1 has no models; list at least one, for example [demo/swift]",
    ),
    (
        "echelon1:\n  timeout: 3\n",
        "1:1: error: echelon1 has no models; list at least one, for example [demo/swift]",
    ),
    (
        "echelon1: [demo/a]\n",
        "1:11: error: an echelon is written as keys and values, one a line; here is a list",
    ),
    (
        "echelon1:\n  models: [demo/a, demo/b, demo/a]\n",
        "2:28: error: \"demo/a\" is in models twice, first in line 2",
    ),
    (
        "echelon1:\n  models: [demo/a]\n  rpm_limit: 0\n",
        "3:14: error: rpm_limit has to be a whole number from 1 to 100000000, not 0; leave the key out for no limit",
    ),
    (
        "echelon1:\n  models: [demo/a]\n  rpm_limit: -5\n",
        "3:14: error: rpm_limit has to be a whole number from 1 to 100000000, not -5",
    ),
    (
        "echelon1:\n  models: [demo/a]\n  max_retries: 2.5\n",
        "3:16: error: max_retries has to be a whole number from 0 to 100, not 2.5",
    ),
    (
        "echelon1:\n  models: [demo/a]\n  timeout: \"30\"\n",
        "3:12: error: timeout has to be a number from 0.001 to 86400; here is text; remove the quotes",
    ),
    (
        "echelon1:\n  models: [demo/a]\n  timeout: soon\n",
        "3:12: error: timeout has to be a number from 0.001 to 86400; here is text",
    ),
    (
        "echelon1:\n  models: [demo/a]\n  temperature: 2.1\n",
        "3:16: error: temperature has to be a number from 0 to 2, not 2.1",
    ),
    (
        "description: 5\nechelon1:\n  models: [demo/a]\n",
        "1:14: error: description has to be text; here is a number; put it in quotes if it is meant as text",
    ),
    (
        "description: nothing yet\n",
        "1:1: error: a group needs at least one echelon: echelon1 with its models",
    ),
    (
        "# nothing yet\n",
        "1:1: error: a task group is written as keys and values, one a line; here is nothing",
    ),
    (
        "echelon1:\n  models: [demo/a]\nfallback_config:\n  strategy: echelon_dwn\n",
        "4:13: error: strategy has no \"echelon_dwn\"; it is one of echelon_down, task_group_switch, provider_failover; did you mean \"echelon_down\"?",
    ),
    (
        "echelon1:\n  models: [demo/a]\nfallback_config:\n  fallback_groups: [writng]\n",
        "4:21: error: there is no group \"writng\"; did you mean \"writing\"?",
    ),
    (
        "echelon1:\n  models: [demo/a]\nfallback_config:\n  fallback_groups: [writing.echelon2]\n",
        "4:21: error: the group \"writing\" has no echelon2; it has echelon1",
    ),
    (
        "echelon1:\n  models: [demo/a]\nfallback_config:\n  fallback_groups:\n    - writing.second\n",
        "5:7: error: \"second\" is no echelon; echelons are echelon1, echelon2 and so on",
    ),
    (
        "echelon1:\n  models: [demo/a]\nfallback_config:\n  fallback_groups: [coding]\n",
        "4:21: error: groups fall back to each other in a circle: coding -> coding; name an echelon, coding.echelonN, or leave one out",
    ),
    (
        "echelon1:\n  models: [demo/a]\nfallback_config:\n  strategy: task_group_switch\n",
        "4:3: warning: task_group_switch needs fallback_groups to switch to; without them it goes down the echelons",
    ),
    (
        "echelon1:\n  models: [swift]\n",
        "2:12: warning: \"swift\" is neither provider/model nor an alias, and is passed over",
    ),
    (
        "echelon1:\n  models: [demo/a]\nechelon1:\n  models: [demo/b]\n",
        "3:1: error: the key \"echelon1\" is there twice; keep one of them",
    ),
    ("echelon1:\n  models: [demo/a\n", "2:11: error: this is not YAML: unclosed bracket"),
    ("echelon1:\n\tmodels: [demo/a]\n", "2:2: error: this is not YAML: tabs disallowed"),
    ("echelon1:\n  models: [demo/a]\n---\nechelon1: {}\n", "4:1: error: one document a file"),
];

#[test]
fn each_mistake_in_a_group_is_said_with_its_line_and_reason() {
    for (text, expected) in GROUP_MISTAKES {
        let said = said_of_group(text);
        let expected = format!("groups/coding.yaml:{expected}");
        assert!(
            said.len() == 1 && said.iter().all(|line| line.starts_with(&expected)),
            "{text}\n  said {said:#?}\n  not {expected}"
        );
    }
}

/// As [`GROUP_MISTAKES`], for pools.
const POOL_MISTAKES: &[(&str, &str)] = &[
    (
        "rotation_strategy: random\n",
        "1:1: error: a pool needs task_groups: the groups or echelons its models come from",
    ),
    ("task_groups: []\n", "1:1: error: task_groups is empty; name at least one group or echelon"),
    (
        "task_groups: [writing]\nrotation_strategy: roundrobin\n",
        "2:20: error: rotation_strategy has no \"roundrobin\"; it is one of round_robin, least_recently_used, weighted, random, least_busy; did you mean \"round_robin\"?",
    ),
    (
        "task_groups: [writing]\nhealth_check_interval: often\n",
        "2:24: error: health_check_interval has to be a number from 0 to 86400; here is text",
    ),
    (
        "task_groups: [writing]\nfallback_config:\n  strategy: echelon_down\n",
        "3:13: error: strategy has no \"echelon_down\"; it is one of instance_rotation, simple_retry",
    ),
    (
        "task_groups: [writing]\nweights: {writing: 2}\n",
        "2:1: warning: weights count only with rotation_strategy: weighted",
    ),
    (
        "task_groups: [writing]\nrotation_strategy: weighted\nweights:\n  writng: 2\n",
        "4:3: error: \"writng\" is not among task_groups; did you mean \"writing\"?",
    ),
    (
        "task_groups: [writing, writing]\n",
        "1:24: error: \"writing\" is in task_groups twice, first in line 1",
    ),
    (
        "task_groups: [ring]\n",
        "1:15: error: \"ring\" is a pool; only groups and their echelons can be named here",
    ),
];

#[test]
fn each_mistake_in_a_pool_is_said_with_its_line_and_reason() {
    for (text, expected) in POOL_MISTAKES {
        let said = said_of_pool(text);
        let expected = format!("pools/ring.yaml:{expected}");
        assert!(
            said.len() == 1 && said.iter().all(|line| line.starts_with(&expected)),
            "{text}\n  said {said:#?}\n  not {expected}"
        );
    }
}

#[test]
fn a_file_is_told_all_its_mistakes_at_once_in_the_order_of_its_lines() {
    let text = "echelon1:\n  models: []\n  rpm_limit: x\nechelonX:\n  models: [a/b]\nfallback_config:\n  fallback_groups: [nowhere]\n";
    let lines: Vec<u32> =
        read(&[("groups/coding.yaml", text)]).mistakes.iter().map(|mistake| mistake.line).collect();
    assert_eq!(lines, [2, 3, 4, 7]);
}

#[test]
fn circles_are_said_in_every_file_that_is_part_of_one() {
    let group =
        |to: &str| format!("echelon1:\n  models: [demo/a]\nfallback_config:\n  fallback_groups: [{to}]\n");
    let loaded = read(&[
        ("groups/a.yaml", &group("b")),
        ("groups/b.yaml", &group("c, a.echelon1")),
        ("groups/c.yaml", &group("a")),
        ("groups/d.yaml", &group("a")),
    ]);
    let said: Vec<(&str, MistakeCode)> =
        loaded.mistakes.iter().map(|mistake| (mistake.file.as_str(), mistake.code)).collect();
    let circle = |file| (file, MistakeCode::Cycle);
    assert_eq!(said, [circle("groups/a.yaml"), circle("groups/b.yaml"), circle("groups/c.yaml")]);
    assert!(loaded.mistakes.iter().any(|mistake| mistake.reason.contains("a -> b -> c -> a")));
    assert_eq!(loaded.routes.groups.len(), 4, "groups stay usable: the way through them ends by itself");
}

#[test]
fn a_file_with_an_error_is_left_out_and_the_others_stay() {
    let loaded = read(&[
        ("groups/bad.yaml", "echelon1: 5\n"),
        ("groups/good.yaml", "echelon1:\n  models: [a/b]\nfallback_config:\n  fallback_groups: [bad]\n"),
    ]);
    assert_eq!(loaded.routes.groups.keys().collect::<Vec<_>>(), ["good"]);
    assert!(!loaded.has_no_errors());
    let reason = &loaded.mistakes.last().unwrap().reason;
    assert_eq!(reason, "the group \"bad\" cannot be used until the mistakes in its own file are put right");
}

#[test]
fn unknown_models_are_warnings_and_the_group_is_used() {
    let known: BTreeSet<ModelRef> = [model("demo/swift"), model("demo/poet")].into();
    let files = [
        SourceFile { path: "groups/g.yaml", text: "echelon1:\n  models: [demo/swft, far/away, short]\n" },
        SourceFile { path: "aliases.yaml", text: "short: demo/poet\ngone: demo/scholar\n" },
    ];
    let loaded = load(&files, Some(&known));
    let said: Vec<String> = loaded.mistakes.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "groups/g.yaml:2:12: warning: the model demo/swft is not known (yet); where its provider is set up it is asked as it stands; did you mean \"demo/swift\"?",
            "groups/g.yaml:2:23: warning: the model far/away is not known (yet); where its provider is set up it is asked as it stands",
            "aliases.yaml:2:7: warning: the model demo/scholar is not known (yet); where its provider is set up it is asked as it stands",
        ]
    );
    assert!(loaded.has_no_errors());
    assert!(loaded.routes.groups.contains_key("g"));
}

#[test]
fn aliases_are_checked_one_by_one() {
    let text = "gpt-4.1: openai/gpt-4.1\nauto: a/b\na/b: c/d\nchain: gpt-4.1\nempty:\nnumber: 5\n";
    let loaded = read(&[("aliases.yaml", text)]);
    let lines: Vec<(u32, MistakeCode)> = loaded.mistakes.iter().map(|m| (m.line, m.code)).collect();
    assert_eq!(lines, [(2, BadName), (3, BadName), (4, BadName), (5, WrongType), (6, WrongType)]);
    assert_eq!(loaded.routes.aliases.iter().collect::<Vec<_>>(), [("gpt-4.1", &model("openai/gpt-4.1"))]);
    assert_eq!(read(&[("aliases.yaml", "# none yet\n")]).mistakes, []);
}

#[test]
fn names_that_hide_others_and_files_that_are_no_routes_are_said() {
    let loaded = read(&[
        ("pools/fast.yaml", "task_groups: [fast]\n"),
        ("groups/fast.yaml", WRITING),
        ("groups/fast.yml", WRITING),
        ("aliases.yaml", "fast: demo/swift\n"),
        ("groups/a.b.yaml", WRITING),
        ("notes.yaml", "x: 1\n"),
        ("groups/read.me", ""),
    ]);
    let said: Vec<(&str, MistakeCode, Severity)> =
        loaded.mistakes.iter().map(|m| (m.file.as_str(), m.code, m.severity)).collect();
    assert_eq!(
        said,
        [
            ("groups/fast.yaml", MistakeCode::Hidden, Severity::Warning),
            ("groups/fast.yml", MistakeCode::Duplicate, Severity::Error),
            ("aliases.yaml", MistakeCode::Hidden, Severity::Warning),
            ("groups/a.b.yaml", BadName, Severity::Error),
            ("notes.yaml", MistakeCode::UnexpectedFile, Severity::Warning),
            ("groups/read.me", MistakeCode::UnexpectedFile, Severity::Warning),
        ]
    );
}

#[test]
fn line_ends_marks_and_forms_of_yaml_make_no_difference() {
    let plain = read(&[("groups/coding.yaml", CODING)]).routes;
    for text in [CODING.replace('\n', "\r\n"), format!("\u{feff}{CODING}"), format!("---\n{CODING}...\n")] {
        assert_eq!(read(&[("groups/coding.yaml", &text)]).routes, plain);
    }
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(1000))]

    /// Whatever is in a file, reading it ends, and says something whenever it gives nothing.
    #[test]
    fn no_text_breaks_the_reading(text in "(\\PC|\n|  |: |- |\\[|\\]|echelon1|models|demo/a|fallback_config|strategy|#){0,40}") {
        let loaded = read(&[("groups/g.yaml", &text)]);
        proptest::prop_assert!(loaded.routes.groups.contains_key("g") || !loaded.has_no_errors());
        for mistake in loaded.mistakes {
            let lines = u32::try_from(text.lines().count()).unwrap();
            proptest::prop_assert!((1..=lines + 1).contains(&mistake.line), "{mistake}");
        }
    }
}
