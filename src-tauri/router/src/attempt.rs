//! One request from its first attempt to its last: whom it goes to, with which key, when, and when to stop.
//!
//! - [`reactions`] and [`blame`] are the two tables everything follows: what a failure calls for, and whose health it is about.
//! - A [`Plan`] is one request over its [`Candidate`]s within one [`Budget`]; [`Plan::next`] says what to do next.
//! - [`Guards`] is what all requests share: breakers, limits and their queues, key rings, pools, the retry budget. A call is let
//!   through by all of them or by none, and its [`Lease`] goes back whole.
//! - [`HealthClock`] says when a provider is looked at without a call; [`cache_key()`] under which key an answer is kept.
//!
//! The caller's part: ask [`Plan::next`]; on an attempt, send it, say [`Guards::began`] at the first semantic delta and
//! [`Plan::ended`] at the end, whatever the end was; on a wait, sleep until its time or until [`Guards::heads`] names the plan;
//! say [`Plan::leave`] before a waiting plan is dropped.

mod backoff;
mod budget;
mod cache_key;
mod candidate;
mod guards;
mod health;
mod keys;
mod plan;
mod pools;
mod queue;
mod reaction;
mod storm;

pub use backoff::Backoff;
pub use budget::{Budget, BudgetLimits, Spent};
pub use cache_key::{CacheInput, CacheKey, NotCacheable, cache_key, check_answer, check_request};
pub use candidate::{Candidate, Refusal, Scope};
pub use guards::{Guards, Learnt, Lease, Lesson, has_changed, merged};
pub use health::{HealthClock, HealthSettings};
pub use keys::{KeyLease, KeyRing, KeySettings, KeyState, NoKey};
pub use plan::{
    AfterCommit, Attempt, Call, CallEnd, Committed, Failure, Kind, LastResort, Offer, Plan, PlanSettings,
    PoolUse, Resume, Step, Stop, StopReason, Wait, WaitReason,
};
pub use pools::{InstanceState, Pool, PoolSettings, Visit};
pub use queue::{FairQueue, predict_start_ms};
pub use reaction::{Blame, Reaction, blame, reactions};
pub use storm::{RetryBudget, RetryBudgetSettings};
