//! How models, providers, keys, groups and pools have done.

use roundtable_domain::{ErrorCategory, UnixMs};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a row of the statistics is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum StatisticsOf {
    /// `provider/model`.
    Model,
    /// A provider.
    Provider,
    /// A key.
    Key,
    /// A task group.
    Group,
    /// A polling pool.
    Pool,
}

/// Statistics over a window of time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct StatisticsView {
    /// From when on; the last reset, or the beginning of the window asked for.
    pub since: UnixMs,
    /// Until when.
    pub until: UnixMs,
    /// By kind, then by number of calls.
    pub rows: Vec<StatisticsRow>,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct StatisticsRow {
    /// About what kind of thing.
    pub of: StatisticsOf,
    /// Its name: `provider/model`, slug, key id, group, pool.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// Invented money and speed.
    pub simulated: bool,
    /// Calls made; those answered from the cache are not among them.
    #[ts(type = "number")]
    pub requests: u64,
    /// Calls that answered to the end.
    #[ts(type = "number")]
    pub succeeded: u64,
    /// Calls a person stopped: neither good nor bad.
    #[ts(type = "number")]
    pub cancelled: u64,
    /// Failures by category, the most frequent first.
    pub errors: Vec<ErrorCount>,
    /// From sending to the end, of those that answered.
    pub latency: Option<Spread>,
    /// From sending to the first semantic delta.
    pub ttft: Option<Spread>,
    /// Mean of answer tokens per second.
    pub tokens_per_second: Option<f64>,
    /// All of its known cost, exact decimal dollars.
    pub usd: String,
    /// Known cost per call, in dollars, to eight digits; `None`: of none is it known.
    pub usd_per_request: Option<String>,
    /// The share of calls that were made because another target had failed, from 0 to 1.
    pub fallback_rate: f64,
    /// The share of requests that needed no call of their own, because an answer was kept or shared, from 0 to 1.
    pub cache_rate: f64,
    /// What that saved, exact decimal dollars.
    pub saved_usd: String,
    /// Twelve equal steps of the window, oldest first.
    pub trend: Vec<TrendPoint>,
}

/// How often one kind of failure happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ErrorCount {
    /// Which.
    pub category: ErrorCategory,
    /// How often.
    #[ts(type = "number")]
    pub count: u64,
}

/// A distribution, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Spread {
    /// The mean.
    #[ts(type = "number")]
    pub average_ms: u64,
    /// The median.
    #[ts(type = "number")]
    pub p50_ms: u64,
    /// The 95th percentile.
    #[ts(type = "number")]
    pub p95_ms: u64,
    /// The 99th percentile.
    #[ts(type = "number")]
    pub p99_ms: u64,
}

/// One step of a trend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TrendPoint {
    /// Its beginning.
    pub at: UnixMs,
    /// Calls.
    #[ts(type = "number")]
    pub requests: u64,
    /// Of these, answered to the end.
    #[ts(type = "number")]
    pub succeeded: u64,
    /// Mean latency of these, in milliseconds.
    #[ts(type = "number | null")]
    pub average_ms: Option<u64>,
}

/// The cache of answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ResponseCacheView {
    /// `off`, `deterministic` (temperature 0 or a seed) or `always`.
    pub mode: String,
    /// How long an answer is kept, in hours.
    pub ttl_hours: u32,
    /// Answers kept.
    pub entries: u32,
    /// Their size.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Requests answered from it since the statistics were last reset, at most 90 days; so are the next three.
    #[ts(type = "number")]
    pub hits: u64,
    /// Requests that could have been and were sent.
    #[ts(type = "number")]
    pub misses: u64,
    /// Requests that shared a call under way.
    #[ts(type = "number")]
    pub shared: u64,
    /// What it saved in real money, exact decimal dollars.
    pub saved_usd: String,
}
