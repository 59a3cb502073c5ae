//! Effective values and where they come from, profiles, and the state of the price list.

use roundtable_domain::{Layer, Network, Params, Timeouts};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// One value that will be used, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct EffectiveValue {
    /// The setting: a field of `Params` (`temperature`, `max_tokens`, ...) or of `Timeouts` (`connect_ms`, ...).
    pub name: String,
    /// The value as JSON text; `None`: the provider decides.
    pub value: Option<String>,
    /// Where it stands.
    pub layer: Layer,
    /// Which one there: the variable, model, provider or profile by name; empty for the others.
    pub origin: String,
    /// The least this model takes, where it is a number with a limit.
    pub minimum: Option<f64>,
    /// The most this model takes.
    pub maximum: Option<f64>,
    /// Why the value is not taken as it stands, ready to show; `None` when it is fine.
    pub problem: Option<String>,
}

/// A named set of values for a way of working.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Profile {
    /// For instance `draft`.
    pub id: String,
    /// For people.
    pub name: String,
    /// What it is for, in a line.
    pub description: String,
    /// Its values.
    pub params: Params,
    /// How long each phase of a call may take.
    #[serde(default)]
    #[ts(optional, as = "Option<Timeouts>")]
    pub timeouts: Timeouts,
    /// One of those every installation has; it can be changed, and removing it brings its first form back.
    pub built_in: bool,
    /// Whether it is in use.
    pub active: bool,
}

/// What is set for one provider beyond its address.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(export)]
pub struct ProviderSettings {
    /// Values for all of its models.
    pub params: Params,
    /// Headers sent with every request.
    pub extra_headers: Vec<(String, String)>,
    /// Proxy, certificates, timeouts, extra query.
    pub network: Network,
    /// Calls at once, from 1; absent: what is usual for its kind of server (one for most servers of a person's own, no limit for
    /// the others).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub calls_at_once: Option<u32>,
}

/// The state of the price list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CatalogueView {
    /// Models known.
    pub models: u32,
    /// Providers they are of.
    pub providers: u32,
    /// The date of the newest prices, `YYYY-MM-DD`.
    pub price_date: String,
    /// How old that is, in days.
    pub age_days: u32,
    /// Old enough that prices should be looked at.
    pub stale: bool,
    /// Models whose price the user has set.
    pub own_prices: u32,
    /// Models changed by the last update.
    pub updated: u32,
    /// The prices the last update has changed; the first 500 of them.
    pub changes: Vec<PriceChange>,
    /// Where updates come from, for people.
    pub source: String,
    /// Changes of the last update that were not taken over because they look wrong, until somebody decides.
    pub held_back: Vec<PriceChange>,
}

/// A price that differs from the one known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct PriceChange {
    /// `provider/model`, the provider by its dialect.
    pub target: String,
    /// What it is about, for instance `input`.
    pub field: String,
    /// Dollars per million tokens as known; `None`: not priced.
    pub before: Option<String>,
    /// Dollars per million tokens as offered.
    pub after: Option<String>,
    /// Why it was held back; empty for one that was taken over.
    pub reason: String,
}

/// A price the user sets, in dollars per million tokens, exact decimals; `None` leaves that kind as it was known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct OwnPrice {
    /// Prompt tokens.
    pub input: String,
    /// Answer tokens.
    pub output: String,
    /// Prompt tokens read from a cache.
    pub cache_read: Option<String>,
    /// Prompt tokens written to a cache.
    pub cache_write: Option<String>,
}

/// How the embedding cache has done since the program started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct EmbeddingStats {
    /// Found in memory.
    #[ts(type = "number")]
    pub memory_hits: u64,
    /// Found in the database.
    #[ts(type = "number")]
    pub stored_hits: u64,
    /// Asked of a provider.
    #[ts(type = "number")]
    pub misses: u64,
    /// Vectors in the database.
    #[ts(type = "number")]
    pub stored: u64,
    /// Their size.
    #[ts(type = "number")]
    pub stored_bytes: u64,
}
