//! Turns: from a prompt to stored answers.

mod checkpoint;
mod drive;
mod live;
mod plan;
mod registry;
mod run;
mod settle;
mod start;

pub(crate) use checkpoint::keep_saving;
pub use live::TurnSink;
pub(crate) use plan::Asked;
pub(crate) use registry::LiveTurns;
pub(crate) use settle::estimate_interrupted;
pub(crate) use start::{NewPrompt, Patient};
