//! The Spend room over a year of a million entries: what the first look takes, what a change of the filter takes, and whether the
//! memory of the process stays what it was.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use roundtable_domain::UnixMs;
use roundtable_engine::view::{SpendBy, SpendFilter, SpendMeasure, SpendRange, SpendStep};
use roundtable_engine::{DataDir, Engine, Options, Process};
use roundtable_tests::months::{Dice, Months, open_books};

use crate::figures::{Samples, aim, line};

/// A folder that `months` has filled already; without it a new one is filled, and removed again.
const BOOKS_VARIABLE: &str = "ROUNDTABLE_BENCH_BOOKS";

/// The most the data of the first paint may take, and that of a changed filter.
pub(crate) const FIRST_PAINT: Duration = Duration::from_millis(200);
pub(crate) const FILTER_CHANGE: Duration = Duration::from_millis(150);

/// `months FOLDER [--entries N] [--days N] [--seed N]`: fills a data folder to look at.
pub(crate) fn fill(words: &[String]) {
    let mut months = Months { now: now(), ..Months::default() };
    let mut folder = None;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut number = || words.next().and_then(|number| number.parse::<u64>().ok()).unwrap();
        match word.as_str() {
            "--entries" => months.entries = usize::try_from(number()).unwrap(),
            "--days" => months.days = u32::try_from(number()).unwrap(),
            "--seed" => months.seed = number(),
            path => folder = Some(PathBuf::from(path)),
        }
    }
    let folder = folder.unwrap_or_else(|| PathBuf::from("books"));
    tokio::runtime::Runtime::new().unwrap().block_on(write(&folder, months));
}

fn now() -> UnixMs {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    UnixMs(i64::try_from(since.as_millis()).unwrap())
}

async fn write(folder: &Path, months: Months) {
    std::fs::create_dir_all(folder).unwrap();
    let started = Instant::now();
    let store = open_books(folder, months.now).await.unwrap();
    let entries = months.write(&store).await.unwrap();
    store.close().await;
    let took = started.elapsed();
    line("entries of the books", &format!("{entries} over {} days", months.days));
    let each = took.as_secs_f64() * 1e6 / entries.max(1) as f64;
    line("written in", &format!("{:.1} s, {each:.0} us an entry with its call", took.as_secs_f64()));
    let size = std::fs::metadata(folder.join("roundtable.db")).map_or(0, |facts| facts.len());
    line("size of the database", &format!("{} MiB", size / 1_048_576));
}

/// The books to look at: those of `ROUNDTABLE_BENCH_BOOKS`, or new ones in this folder.
pub(crate) async fn books(temporary: &Path, entries: usize) -> PathBuf {
    let folder = std::env::var_os(BOOKS_VARIABLE).map_or_else(|| temporary.to_owned(), PathBuf::from);
    if !folder.join("roundtable.db").exists() {
        write(&folder, Months { now: now(), entries, ..Months::default() }).await;
    }
    folder
}

/// Looks at the books, again and again.
pub(crate) fn run(changes: usize, entries: usize) {
    let temporary = tempfile::tempdir().unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let folder = books(temporary.path(), entries).await;
        measure(&folder, changes).await;
    });
}

async fn measure(folder: &Path, changes: usize) {
    let opened = Instant::now();
    let engine = open(folder).await;
    line("opening the engine", &format!("{:.1} ms", opened.elapsed().as_secs_f64() * 1e3));
    let month = SpendFilter::default();
    let cold = first_paint(&engine, &month).await;
    line("first paint, the first time", &of_time(cold, FIRST_PAINT));
    let mut warm = Samples::default();
    for _ in 0..20 {
        warm.push(first_paint(&engine, &month).await);
    }
    line("first paint, a month", &pair(&warm, FIRST_PAINT));
    let year = SpendFilter { range: SpendRange::Year, ..month.clone() };
    let mut whole = Samples::default();
    for _ in 0..10 {
        whole.push(first_paint(&engine, &year).await);
    }
    line("first paint, the year", &pair(&whole, FIRST_PAINT));
    let all = named_filters(&engine).await;
    for (name, filter) in &all {
        let mut samples = Samples::default();
        for _ in 0..8 {
            samples.push(time(&engine, filter).await);
        }
        line(name, &pair(&samples, FILTER_CHANGE));
    }
    let mut dice = Dice::new(7);
    let before = resident_kib();
    let mut samples = Samples::default();
    let mut highest = before;
    for _ in 0..changes {
        let filter = changed(&mut dice, &all);
        samples.push(time(&engine, &filter).await);
        highest = highest.max(resident_kib());
    }
    line(&format!("{changes} changes of the filter"), &pair(&samples, FILTER_CHANGE));
    let after = resident_kib();
    line(
        "memory before, after, at most",
        &format!("{} / {} / {} MiB", before / 1_024, after / 1_024, highest / 1_024),
    );
    let started = Instant::now();
    let page = engine.spend_entries(&all[0].1, None).await.unwrap();
    line(
        "a page of entries",
        &format!("{:.1} ms ({})", started.elapsed().as_secs_f64() * 1e3, page.entries.len()),
    );
    engine.shutdown().await;
}

async fn open(folder: &Path) -> Engine {
    let data_dir = DataDir::choose(Some(folder)).unwrap();
    let options = Options {
        keyring: false.into(),
        environment: std::collections::HashMap::new(),
        logging: false,
        ..Options::new(data_dir, Process::CommandLine)
    };
    Engine::open(options).await.unwrap()
}

/// Everything the room needs before it can show anything, asked for at once as the window does.
async fn first_paint(engine: &Engine, filter: &SpendFilter) -> Duration {
    let started = Instant::now();
    let (view, choices) = tokio::join!(engine.spend(filter), engine.spend_choices());
    let took = started.elapsed();
    assert!(view.unwrap().figures.range.requests > 0 && choices.unwrap().has_real);
    took
}

async fn time(engine: &Engine, filter: &SpendFilter) -> Duration {
    let started = Instant::now();
    engine.spend(filter).await.unwrap();
    started.elapsed()
}

/// The filters people use, the dearest among them.
async fn named_filters(engine: &Engine) -> Vec<(String, SpendFilter)> {
    let choices = engine.spend_choices().await.unwrap();
    let year = SpendFilter { range: SpendRange::Days { days: 365 }, ..SpendFilter::default() };
    let name = |names: &[roundtable_engine::view::SpendName]| {
        names.first().map(|one| one.name.clone()).into_iter().collect()
    };
    let of = |words: &str, filter: SpendFilter| (words.to_owned(), filter);
    vec![
        of("a year", year.clone()),
        of("a year in days", SpendFilter { step: SpendStep::Day, ..year.clone() }),
        of("a year by model", SpendFilter { by: SpendBy::Model, ..year.clone() }),
        of("a year by conversation", SpendFilter { by: SpendBy::Conversation, ..year.clone() }),
        of(
            "a year by tag, tokens",
            SpendFilter { by: SpendBy::Tag, measure: SpendMeasure::Tokens, ..year.clone() },
        ),
        of("a year of one provider", SpendFilter { providers: name(&choices.providers), ..year.clone() }),
        of(
            "a year of one tag by model",
            SpendFilter { tags: name(&choices.tags), by: SpendBy::Model, ..year.clone() },
        ),
        of(
            "all of it by folder",
            SpendFilter { range: SpendRange::All, by: SpendBy::Folder, ..year.clone() },
        ),
        of(
            "a week in hours",
            SpendFilter { range: SpendRange::Days { days: 7 }, step: SpendStep::Hour, ..year.clone() },
        ),
        of("today", SpendFilter { range: SpendRange::Today, ..year }),
    ]
}

/// Any of them, changed somewhere.
fn changed(dice: &mut Dice, all: &[(String, SpendFilter)]) -> SpendFilter {
    let (_, filter) = dice.one_of(all);
    let by = [
        SpendBy::Provider,
        SpendBy::Model,
        SpendBy::Key,
        SpendBy::Source,
        SpendBy::Conversation,
        SpendBy::Folder,
        SpendBy::Tag,
    ];
    let measures = [SpendMeasure::Cost, SpendMeasure::Tokens, SpendMeasure::Requests, SpendMeasure::Latency];
    SpendFilter { by: *dice.one_of(&by), measure: *dice.one_of(&measures), ..filter.clone() }
}

/// A median and a 95th percentile, and whether it is as fast as was aimed at.
pub(crate) fn pair(samples: &Samples, most: Duration) -> String {
    let (p50, p95) = (samples.p50() / 1e3, samples.quantile_us(0.95) / 1e3);
    let most_ms = most.as_secs_f64() * 1e3;
    format!("p50 {p50:>7.1} ms   p95 {p95:>7.1} ms {}", aim(p95 <= most_ms, &format!("{most_ms:.0} ms")))
}

fn of_time(took: Duration, most: Duration) -> String {
    let (took, most) = (took.as_secs_f64() * 1e3, most.as_secs_f64() * 1e3);
    format!("{took:.1} ms {}", aim(took <= most, &format!("{most:.0} ms")))
}

/// What the process holds in memory; 0 where the system does not say.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
