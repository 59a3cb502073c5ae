//! What people should hear of without having asked.

use roundtable_domain::UnixMs;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::analysis::Said;

/// What an alert is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum AlertKind {
    /// A step of a budget was reached.
    BudgetStep,
    /// Far more was spent than usual.
    Spike,
    /// The price of a model in use has changed.
    PriceChange,
    /// The price list is old.
    StalePrices,
    /// A recommendation was applied without asking.
    AutomaticChange,
}

/// How loud it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum AlertLevel {
    /// Good to know.
    Info,
    /// Worth a look.
    Warning,
    /// Something stops, or money runs away.
    Critical,
}

/// One alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct AlertView {
    /// Which.
    pub id: String,
    /// What it is about.
    pub kind: AlertKind,
    /// How loud.
    pub level: AlertLevel,
    /// It is told by itself, by a toast and on the desktop, and does not only stand in the list.
    pub aloud: bool,
    /// When it came about.
    pub at: UnixMs,
    /// In a line.
    pub title: Said,
    /// The numbers.
    pub body: Said,
    /// What it is about: a budget's id, `provider/model`, a change's id, or empty.
    pub subject: String,
    /// Somebody has seen it.
    pub seen: bool,
    /// Invented money.
    pub simulated: bool,
}

/// What people want to hear of, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(export)]
pub struct AlertSettings {
    /// As notifications of the desktop too, while the window is not in front.
    pub desktop: bool,
    /// When far more is spent than usual.
    pub spikes: bool,
    /// When the price of a model in use changes, and when the list is old.
    pub prices: bool,
    /// From how many times the usual on a day counts as a spike; at least 1.5.
    pub spike_factor: f64,
}

impl Default for AlertSettings {
    fn default() -> Self {
        Self { desktop: true, spikes: true, prices: true, spike_factor: 3.0 }
    }
}
