//! How long the command line takes to start and list its models, and how large the programs are.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use roundtable_tests::root;

use crate::figures::{Samples, line, pair_ms};

/// Names the command line's program; without it the one of the release build is taken.
const PROGRAM: &str = "ROUNDTABLE_CLI";

pub(crate) fn run(starts: usize) {
    let cli =
        std::env::var_os(PROGRAM).map_or_else(|| root().join("target/release/roundtable-cli"), PathBuf::from);
    if !cli.exists() {
        line("roundtable-cli", "not built: scripts/bench builds it");
        return;
    }
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let first = start(&cli, &["models"], folder.path());
    line(
        "roundtable-cli models, on a new data folder",
        &format!("    {:>8.3} ms", first.as_secs_f64() * 1e3),
    );
    let mut floor = Samples::default();
    let mut models = Samples::default();
    for _ in 0..starts {
        floor.push(start(&cli, &["--version"], folder.path()));
        models.push(start(&cli, &["models"], folder.path()));
    }
    let ratio = models.p50() / floor.p50();
    line(
        "roundtable-cli models",
        &format!("{}   x{ratio:.1} of --version", pair_ms(models.p50(), models.p99())),
    );
    line("roundtable-cli --version", &pair_ms(floor.p50(), floor.p99()));
    for program in [cli.clone(), cli.with_file_name("roundtable")] {
        let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let size = std::fs::metadata(&program).map_or_else(
            |_| "not built".to_owned(),
            |found| format!("    {:>8.1} MiB", found.len() as f64 / 1_048_576.0),
        );
        line(&format!("size of {name}"), &size);
    }
}

fn start(program: &Path, arguments: &[&str], data_dir: &Path) -> Duration {
    let called = Instant::now();
    let status = Command::new(program)
        .args(arguments)
        .env("ROUNDTABLE_DATA_DIR", data_dir)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "{} {arguments:?}: {status}", program.display());
    called.elapsed()
}
