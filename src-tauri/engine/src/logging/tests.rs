use std::path::Path;

use super::*;

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_week_is_kept_by_day_and_a_panic_is_in_it_without_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("logs");
    std::fs::create_dir(&logs).unwrap();
    for day in 1..=9 {
        std::fs::write(logs.join(format!("{PREFIX}.2026-01-0{day}.{SUFFIX}")), "old").unwrap();
    }
    std::fs::write(logs.join("somebody-elses.txt"), "stays").unwrap();
    let guard = start_with(&logs, None).unwrap();
    tracing::warn!("worth a look");
    tracing::info!(target: "roundtable_engine", "of ours");
    tracing::info!(target: "hyper", "of a library");
    tracing::debug!(target: "roundtable_engine", "of no use to most");
    let panicked = std::thread::Builder::new()
        .name("unlucky".to_owned())
        .spawn(|| panic!("with what somebody wrote"))
        .unwrap()
        .join();
    assert!(panicked.is_err());
    drop(guard);
    assert!(start_with(&logs, None).is_none(), "once per process");

    let names = files(&logs);
    let today = names.iter().find(|name| !name.contains("2026-01") && name.starts_with(PREFIX)).unwrap();
    assert_eq!(Path::new(today).extension().unwrap(), "log");
    assert_eq!(today.len(), "roundtable.2026-11-22.log".len(), "{today}");
    assert_eq!(names.iter().filter(|name| name.starts_with(PREFIX)).count(), DAYS, "{names:?}");
    assert!(names.contains(&"somebody-elses.txt".to_owned()), "only what is ours goes");
    let text = std::fs::read_to_string(logs.join(today)).unwrap();
    assert!(text.contains("worth a look") && text.contains("of ours"), "{text}");
    assert!(!text.contains("of a library") && !text.contains("of no use"), "{text}");
    assert!(
        text.contains("a panic") && text.contains("unlucky") && text.contains("logging/tests.rs"),
        "{text}"
    );
    assert!(!text.contains("somebody wrote"), "{text}");
}

#[test]
fn what_cannot_be_understood_is_not_half_understood() {
    assert_eq!(filter(Some("roundtable=debug")).to_string(), "roundtable=debug");
    for nothing in [None, Some("  "), Some("=====")] {
        assert_eq!(filter(nothing).to_string(), filter(Some(USUAL_FILTER)).to_string(), "{nothing:?}");
    }
}

#[test]
fn a_folder_that_cannot_be_written_to_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("logs");
    std::fs::write(&file, "in the way").unwrap();
    assert!(start_with(&file, None).is_none());
}
