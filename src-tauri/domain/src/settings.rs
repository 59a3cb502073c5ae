//! Where an effective value comes from. The first that has the value wins, in the order of [`Layer`].

use serde::{Deserialize, Serialize};

/// Where a setting stands, from the strongest to the weakest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// Said for this lane or on this command line.
    User,
    /// An environment variable, for instance `LLM_DEFAULT_TEMPERATURE`.
    Environment,
    /// Set for the model.
    Model,
    /// Set for the provider.
    Provider,
    /// The active profile.
    Profile,
    /// Built in, or left to the provider.
    Default,
}
