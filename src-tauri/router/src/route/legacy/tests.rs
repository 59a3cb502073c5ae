//! Old files, and what they become.

use super::*;
use crate::route::{SourceFile, load};

const OLD: &str = "# our models
default_model: openai/gpt-4o
fallback_models:
  - anthropic/claude-sonnet-4-5
  - demo/swift
fallback_enabled: true
max_retries: 3
retry_delay: 1.5
";

#[test]
fn the_old_form_becomes_rungs_and_a_pool() {
    let migration = migrate("llm.yaml", OLD, "default").unwrap();
    assert_eq!(migration.group.path, "groups/default.yaml");
    assert_eq!(
        migration.group.text,
        "# Made from llm.yaml. A lane or a command names it default, default.echelon1 or default-pool.
echelon1:
  models: [openai/gpt-4o]
  max_retries: 3
echelon2:
  models: [anthropic/claude-sonnet-4-5]
  max_retries: 3
echelon3:
  models: [demo/swift]
  max_retries: 3
fallback_config:
  strategy: echelon_down
  max_attempts: 12
  retry_delay: 1.5
"
    );
    assert_eq!(migration.pool.path, "pools/default-pool.yaml");
    assert_eq!(
        migration.pool.text,
        "# Made from llm.yaml.
task_groups: [default]
rotation_strategy: round_robin
fallback_config:
  strategy: instance_rotation
  max_instance_attempts: 3
"
    );
    assert_eq!(migrate("llm.yaml", OLD, "default"), Ok(migration), "the same every time");
}

#[test]
fn what_it_becomes_is_read_without_a_mistake_and_asks_the_same_models_in_the_same_order() {
    let migration = migrate("llm.yaml", OLD, "default").unwrap();
    let files =
        [&migration.group, &migration.pool].map(|file| SourceFile { path: &file.path, text: &file.text });
    let loaded = load(&files, None);
    assert_eq!(loaded.mistakes, []);
    for name in ["default", "default-pool"] {
        let resolved = loaded.routes.resolve(&name.parse().unwrap()).unwrap();
        let expansion = loaded.routes.expand(&resolved, None);
        let models: Vec<String> = expansion.candidates.iter().map(|c| c.model.to_string()).collect();
        assert_eq!(models, ["openai/gpt-4o", "anthropic/claude-sonnet-4-5", "demo/swift"], "{name}");
    }
}

#[test]
fn switched_off_fallback_stays_off() {
    let migration = migrate("llm.yaml", &OLD.replace("true", "false"), "default").unwrap();
    assert!(!migration.group.text.contains("echelon2"));
    assert!(migration.group.text.contains("# Not used, as fallback_enabled was false: demo/swift\n"));
    assert!(migration.group.text.contains("max_attempts: 4\n"));
    assert!(migration.notes.iter().any(|note| note.contains("demo/swift was never asked")));
}

#[test]
fn the_least_old_file_is_a_group_of_one() {
    let migration = migrate("llm.yaml", "default_model: best\nfallback_models: [best]\n", "old").unwrap();
    let text = migration.group.text.lines().skip(1).collect::<Vec<_>>().join("\n");
    assert_eq!(text, "echelon1:\n  models: [best]\nfallback_config:\n  strategy: echelon_down");
    assert!(migration.notes.iter().any(|note| note.contains("gets no second rung")));
}

#[test]
fn what_is_not_understood_is_refused_with_its_line() {
    let cases: &[(&str, &[&str])] = &[
        (
            "default_modle: a/b\n",
            &[
                "1:1: error: there is no default_model, so there is nothing to ask",
                "1:1: error: there is no key \"default_modle\" here; did you mean \"default_model\"?",
            ],
        ),
        (
            "default_model: a/b\nproviders:\n  openai: {}\n",
            &["2:1: error: there is no key \"providers\" here"],
        ),
        ("default_model: a/b\nmax_retries: many\n", &["2:14: error: max_retries has to be a whole number"]),
        ("default_model: a/b\nfallback_models: c/d\n", &["2:18: error: fallback_models has to be a list"]),
        (
            "default_model: a/b\nfallback_enabled: maybe\n",
            &["2:19: error: fallback_enabled has to be true or false"],
        ),
        (
            "default_model: a/b\nretry_delay: -1\n",
            &["2:14: error: retry_delay has to be a number from 0 to 3600"],
        ),
        ("default_model: [a/b]\n", &["1:16: error: default_model has to be text"]),
        (
            "default_model: a/b\ndefault_model: c/d\n",
            &["2:1: error: the key \"default_model\" is there twice"],
        ),
        ("- a\n", &["1:1: error: the old configuration is written as keys and values"]),
        ("", &["1:1: error: the old configuration is written as keys and values"]),
    ];
    for (text, expected) in cases {
        let mut said: Vec<String> =
            migrate("llm.yaml", text, "default").unwrap_err().iter().map(ToString::to_string).collect();
        said.sort();
        let mut expected: Vec<String> = expected.iter().map(|line| format!("llm.yaml:{line}")).collect();
        expected.sort();
        let same = said.len() == expected.len()
            && said.iter().zip(&expected).all(|(is, should)| is.starts_with(should));
        assert!(same, "{text}\n  said {said:#?}\n  not {expected:#?}");
    }
    let said = migrate("llm.yaml", OLD, "a.b").unwrap_err();
    assert!(said.iter().all(|mistake| mistake.code == MistakeCode::BadName), "{said:?}");
}
