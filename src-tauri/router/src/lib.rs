//! Pure routing policy: what happened so far goes in, the next attempt comes out.
//!
//! No IO, no clock and no randomness of its own: time and jitter are passed in, so every rule is a row of a table test and
//! every surprise can be replayed.
//!
//! - [`route`]: the files a person writes (groups, pools, aliases), what is wrong in them, and what a target means.
//! - [`choose`]: what a prompt needs, the user's rules, and the order in which candidates are worth trying; [`trace`] says why.
//! - [`attempt`]: one budget per request; whom to try next with which key, under [`Breaker`]s and [`Limiter`]s, and when to stop.

pub mod attempt;
mod breaker;
pub mod choose;
mod limits;
pub mod route;
pub mod trace;

pub use breaker::{Breaker, BreakerSettings, BreakerState, Outcome, Permit};
pub use limits::{Allowance, Full, Limiter, Limits, Ticket};
