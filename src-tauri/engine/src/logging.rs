//! Logs: rotated daily, one week kept, a day's share bounded, free of prompts, answers and keys by what is logged in the first place. A panic
//! is logged by where it happened: what it says may hold what somebody wrote.

mod bounded;

use std::panic::PanicHookInfo;
use std::path::Path;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{Builder, Rotation};
use tracing_subscriber::EnvFilter;

use bounded::Bounded;

/// The variable that changes what is logged, for instance `debug` or `roundtable_engine=trace`.
const LOG_VARIABLE: &str = "ROUNDTABLE_LOG";

/// What is logged where nobody says otherwise.
const USUAL_FILTER: &str = "warn,roundtable=info,roundtable_engine=info";

/// How many days are kept at least.
const DAYS: usize = 7;

/// The most bytes a process writes on one day.
const MOST_A_DAY: u64 = 64 * 1024 * 1024;

const PREFIX: &str = "roundtable";
const SUFFIX: &str = "log";

/// Starts logging into the folder, once per process; later calls change nothing. Keep the guard: dropping it writes what
/// is still in memory. `None` when the folder cannot be written to or logging has started already.
#[must_use]
pub fn start(folder: &Path) -> Option<WorkerGuard> {
    start_with(folder, std::env::var(LOG_VARIABLE).ok().as_deref())
}

fn start_with(folder: &Path, asked: Option<&str>) -> Option<WorkerGuard> {
    let file = Builder::new()
        .rotation(Rotation::DAILY)
        // Who starts later on the same day makes room for a file that is there already.
        .max_log_files(DAYS + 1)
        .filename_prefix(PREFIX)
        .filename_suffix(SUFFIX)
        .build(folder)
        .ok()?;
    let (writer, guard) = tracing_appender::non_blocking(Bounded::new(file, MOST_A_DAY, today));
    tracing_subscriber::fmt()
        .with_env_filter(filter(asked))
        .with_writer(writer)
        .with_ansi(false)
        .try_init()
        .ok()?;
    log_panics();
    Some(guard)
}

/// What is asked for; what cannot be understood is not half understood.
fn filter(asked: Option<&str>) -> EnvFilter {
    let asked = asked.map(str::trim).filter(|asked| !asked.is_empty());
    asked.and_then(|asked| EnvFilter::try_new(asked).ok()).unwrap_or_else(|| EnvFilter::new(USUAL_FILTER))
}

/// The day in UTC, as the files are named by it.
fn today() -> i64 {
    jiff::Timestamp::now().as_second().div_euclid(24 * 60 * 60)
}

fn log_panics() {
    let others = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic: &PanicHookInfo<'_>| {
        let at = panic.location();
        tracing::error!(
            file = at.map(std::panic::Location::file),
            line = at.map(std::panic::Location::line),
            thread = std::thread::current().name(),
            "a panic"
        );
        others(panic);
    }));
}

#[cfg(test)]
mod tests;
