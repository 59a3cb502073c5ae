//! The states of a run.

use serde::{Deserialize, Serialize};

/// connecting → preamble → committed → complete | truncated | failed | cancelled, and interrupted after a crash.
///
/// The commit is the first semantic delta: text, reasoning or a tool call. Before it, retry and fallback are silent; after
/// it nothing is ever spliced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// The request is being sent; no reply yet.
    Connecting,
    /// The provider has replied, but nothing of meaning came yet.
    Preamble,
    /// Text, reasoning or a tool call is arriving.
    Committed,
    /// The protocol's terminal signal came.
    Complete,
    /// The stream ended without the terminal signal; the text stays.
    Truncated,
    /// It failed; text that came before stays.
    Failed,
    /// The user stopped it; the text stays.
    Cancelled,
    /// The program ended in the middle; the text up to the last checkpoint stays.
    Interrupted,
}

impl RunState {
    /// Whether nothing more will come.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Connecting | Self::Preamble | Self::Committed)
    }

    /// The word used in JSON, SQL and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Preamble => "preamble",
            Self::Committed => "committed",
            Self::Complete => "complete",
            Self::Truncated => "truncated",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Interrupted => "interrupted",
        }
    }

    /// The state of a stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "connecting" => Self::Connecting,
            "preamble" => Self::Preamble,
            "committed" => Self::Committed,
            "complete" => Self::Complete,
            "truncated" => Self::Truncated,
            "failed" => Self::Failed,
            "cancelled" => Self::Cancelled,
            "interrupted" => Self::Interrupted,
            _ => return None,
        })
    }
}
