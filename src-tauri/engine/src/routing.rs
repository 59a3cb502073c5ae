//! Routing in the running program: what a target means, who answers, under which limits, and why.
//!
//! The policy itself is `roundtable_router`'s, pure; here are its clock, its state and its facts. [`shared`] says where other
//! rooms plug in; [`folder`] is the user's files, [`edit`] changes them.

mod accounts;
mod edit;
mod error;
mod folder;
mod health;
mod known;
mod shared;
mod values;
mod views;

pub use error::ConfigError;
pub(crate) use folder::{Config, ConfigFolder};
pub(crate) use shared::{Router, guarded_name};
