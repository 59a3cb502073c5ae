//! placeholder header, to be completed with the engine
pub mod view;
