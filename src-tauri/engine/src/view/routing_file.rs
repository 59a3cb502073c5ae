//! A routing file as text, for mending it by hand in the window.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{MistakeView, RoutesView};

/// A file of the routing folder as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RoutingFileView {
    /// Its place in the folder, as in `groups/coding.yaml`.
    pub name: String,
    /// All of it.
    pub text: String,
    /// What is wrong in it.
    pub mistakes: Vec<MistakeView>,
}

/// What became of a text that was to replace a file's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RoutingFileOutcome {
    /// The folder with it; `None`: it was refused for its mistakes, and nothing was written.
    pub routes: Option<RoutesView>,
    /// What is wrong in the text, and what it would make wrong in other files.
    pub mistakes: Vec<MistakeView>,
}
