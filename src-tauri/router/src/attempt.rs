//! One request from its first attempt to its last.

mod backoff;
mod budget;
mod cache_key;
mod health;
mod keys;
mod pools;
mod queue;
mod reaction;
mod storm;

pub use backoff::Backoff;
pub use budget::{Budget, BudgetLimits, Spent};
pub use cache_key::{CacheInput, CacheKey, NotCacheable, cache_key, check_answer, check_request};
pub use health::{HealthClock, HealthSettings};
pub use keys::{KeyLease, KeyRing, KeySettings, KeyState, NoKey};
pub use pools::{InstanceState, Pool, PoolSettings, Visit};
pub use queue::{FairQueue, predict_start_ms};
pub use reaction::{Blame, Reaction, blame, reactions};
pub use storm::{RetryBudget, RetryBudgetSettings};
