//! Turns: from a prompt to stored answers.

mod checkpoint;
mod drive;
mod fit;
mod launch;
mod live;
mod plan;
mod registry;
mod run;
mod settle;
mod start;
mod write;

pub(crate) use checkpoint::keep_saving;
pub(crate) use fit::{longest_answer, prompt_limit, take_out_unreadable};
pub use live::TurnSink;
pub(crate) use plan::{Asked, name_of, omissions, price_of, too_long};
pub(crate) use registry::LiveTurns;
pub(crate) use settle::estimate_interrupted;
pub(crate) use start::{NewPrompt, Patient};
