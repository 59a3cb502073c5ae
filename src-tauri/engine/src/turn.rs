//! Turns: from a prompt to stored answers.

mod live;

pub use live::TurnSink;
