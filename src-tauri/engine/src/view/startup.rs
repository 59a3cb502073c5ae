//! What the window learns when it opens.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::alert::AlertSettings;
use super::fault::AppError;
use super::provider::ProviderView;
use super::spend::SpendFilter;

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Theme {
    /// As the system is.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// The language of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Language {
    /// As the system is.
    #[default]
    System,
    /// English.
    En,
    /// Simplified Chinese.
    Zh,
}

/// What the user has set. Missing fields take their defaults.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(export)]
pub struct Settings {
    /// Light or dark.
    pub theme: Theme,
    /// The language of the window.
    pub language: Language,
    /// Targets of a new conversation's lanes, from the left; empty: the last conversation's.
    pub default_lanes: Vec<String>,
    /// Onboarding was finished or skipped.
    pub onboarded: bool,
    /// The time zone days, weeks and months of budgets and charts are counted in, by its IANA name; `None`: the system's.
    pub time_zone: Option<String>,
    /// How money is shown beside dollars; `None`: in dollars alone. The books stay in dollars.
    pub currency: Option<Currency>,
    /// What the Spend room was last asked for.
    pub spend_filter: SpendFilter,
    /// What to be told of.
    pub alerts: AlertSettings,
    /// What other programs may learn.
    pub telemetry: TelemetrySettings,
}

/// What other programs may learn of calls: names and numbers, never a prompt, an answer or a key. The environment goes first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(export)]
pub struct TelemetrySettings {
    /// The port on loopback where a page for Prometheus is served; `None`: nowhere.
    pub metrics_port: Option<u16>,
    /// Where spans and metrics are sent over OTLP, an http or https address; `None`: nowhere.
    pub otlp_endpoint: Option<String>,
}

/// A currency money is shown in, at a rate the user has set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Currency {
    /// Three letters, for instance `EUR`.
    pub code: String,
    /// How much of it a dollar is, an exact decimal number above zero.
    pub per_usd: String,
}

/// The state of the OS keyring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
#[ts(export)]
pub enum KeyringView {
    /// Keys are kept there.
    Available,
    /// It is there, but locked: keys are kept in memory until it is unlocked and the program restarted.
    Locked,
    /// There is none: keys are kept in memory.
    Absent {
        /// Why, in a few words.
        reason: String,
    },
}

/// The program is ready.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Ready {
    /// For instance `0.1.0`.
    pub version: String,
    /// Where all state is.
    pub data_dir: String,
    /// Started with `--demo`.
    pub demo: bool,
    /// Where keys go.
    pub keyring: KeyringView,
    /// Providers set up, the demo among them once it is on.
    pub providers: Vec<ProviderView>,
    /// What the user has set.
    pub settings: Settings,
    /// Things to tell once, for instance what recovery did.
    pub notices: Vec<String>,
}

/// Whether the program could start on its data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
#[ts(export)]
pub enum Startup {
    /// It could.
    Ready(Box<Ready>),
    /// It could not; nothing was changed. The window shows the error and its next step.
    Blocked {
        /// Why, with what to do next.
        error: Box<AppError>,
        /// Where the data is.
        data_dir: String,
    },
}
