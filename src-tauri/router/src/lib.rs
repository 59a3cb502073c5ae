//! Pure routing policy: what happened so far goes in, the next attempt comes out.
//!
//! No IO, no clock and no randomness of its own: time and jitter are passed in, so every rule is a row of a table test and
//! every surprise can be replayed. Today it knows one target per lane and decides whether and when to try it again; task
//! groups, pools, breakers and limits are to join it here.

pub mod attempt;
mod breaker;
pub mod choose;
mod limits;
mod retry;
pub mod route;
pub mod trace;

pub use breaker::{Breaker, BreakerSettings, BreakerState, Outcome, Permit};
pub use limits::{Allowance, Full, Limiter, Limits, Ticket};
pub use retry::{GiveUp, Next, PastAttempt, Patience, Reaction, on_category, plan_next};
