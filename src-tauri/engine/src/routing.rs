//! Routing in the running program: what a target means, who answers, under which limits, and why.
//!
//! The policy itself is `roundtable_router`'s, pure; here are its clock, its state and its facts. [`shared`] says where other
//! rooms plug in; [`folder`] is the user's files, [`edit`] changes them.

mod able;
mod accounts;
mod askable;
#[cfg(test)]
mod desk;
mod dry_run;
mod edit;
mod error;
mod explain;
mod facts;
mod folder;
mod guide;
mod health;
mod known;
mod learnt;
mod leased;
mod migrate;
mod possible;
mod route;
mod shared;
mod standing;
mod values;
mod views;

pub use error::ConfigError;
pub(crate) use facts::{PromptFacts, Spoken};
pub(crate) use folder::{Config, ConfigFolder};
pub(crate) use learnt::LearntKeeper;
pub(crate) use leased::{LeasedPlan, Leave, Next};
pub use migrate::{ConfigMigration, FileChange, MigratedFile, MigrationOptions};
pub(crate) use route::{Purpose, Route, Routed};
pub(crate) use shared::{Router, guarded_name};
