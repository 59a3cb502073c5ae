//! Logs: rotated daily, one week kept, free of prompts, answers and keys by what is logged in the first place.

use std::path::Path;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{Builder, Rotation};
use tracing_subscriber::EnvFilter;

/// The variable that changes what is logged, for instance `debug` or `roundtable_engine=trace`.
const LOG_VARIABLE: &str = "ROUNDTABLE_LOG";

/// Starts logging into the folder, once per process; later calls change nothing. Keep the guard: dropping it writes what
/// is still in memory. `None` when the folder cannot be written to or logging has started already.
#[must_use]
pub fn start(folder: &Path) -> Option<WorkerGuard> {
    let file = Builder::new()
        .rotation(Rotation::DAILY)
        .max_log_files(7)
        .filename_prefix("roundtable")
        .filename_suffix("log")
        .build(folder)
        .ok()?;
    let (writer, guard) = tracing_appender::non_blocking(file);
    let filter = EnvFilter::try_from_env(LOG_VARIABLE)
        .unwrap_or_else(|_| EnvFilter::new("warn,roundtable=info,roundtable_engine=info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).with_ansi(false).try_init().ok()?;
    Some(guard)
}
