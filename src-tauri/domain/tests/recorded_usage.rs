//! The usage of every recorded exchange, read and compared. The recordings lie outside the checkout
//! (`ROUNDTABLE_CORPUS`, default `../shared/corpus`); without them the test says that it skips.

use std::path::PathBuf;

use roundtable_domain::WireApi;
use roundtable_domain::usage::{self, TokenUsage};
use serde_json::Value;

fn corpus() -> Option<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let path = std::env::var_os("ROUNDTABLE_CORPUS").map_or_else(beside, PathBuf::from).join("expected");
    path.is_dir().then_some(path)
}

#[test]
fn every_recorded_usage_reads_as_expected() {
    let Some(folder) = corpus() else {
        eprintln!("skipped: no recorded corpus (ROUNDTABLE_CORPUS)");
        return;
    };
    let mut read = 0;
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let case: Value = serde_json::from_slice(&std::fs::read(entry.unwrap().path()).unwrap()).unwrap();
        let Some(raw) = case.get("usage_raw").filter(|raw| raw.is_object()) else { continue };
        let api = WireApi::parse(case["api"].as_str().unwrap()).unwrap();
        let found = usage::read(api, case["provider"].as_str().unwrap(), raw).tokens;
        let expected = match &case["usage"] {
            Value::Null => TokenUsage::default(),
            counts => serde_json::from_value(counts.clone()).unwrap(),
        };
        read += 1;
        if found != expected {
            wrong.push(format!("{}: {found:?}, expected {expected:?}", case["id"]));
        }
    }
    assert!(read > 200, "only {read} recordings have a usage object");
    assert!(wrong.is_empty(), "{} of {read} differ:\n{}", wrong.len(), wrong.join("\n"));
}
