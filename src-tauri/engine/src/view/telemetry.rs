//! What other programs may learn, and whether that works.

use roundtable_domain::UnixMs;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::analysis::Said;

/// Who asked for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum TelemetryFrom {
    /// Nobody.
    #[default]
    Nobody,
    /// The settings.
    Settings,
    /// The environment, which goes first: what the settings say waits until it says nothing.
    Environment,
}

/// Something that did not work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TelemetryFailure {
    /// When.
    pub at: UnixMs,
    /// What, and what to do.
    pub what: Said,
}

/// The page for Prometheus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct MetricsPage {
    /// Who asked for it.
    pub from: TelemetryFrom,
    /// The variable that goes before the settings.
    pub variable: String,
    /// The port that is asked for; 0 (by the environment alone) takes a free one. `None`: none, or what was asked for is no port.
    pub port: Option<u16>,
    /// Where it is served now, for instance `http://127.0.0.1:9464/metrics`; `None`: nowhere.
    pub address: Option<String>,
    /// Why it is not served.
    pub failure: Option<TelemetryFailure>,
}

/// What is sent to a collector over OTLP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TelemetryExport {
    /// Who asked for it.
    pub from: TelemetryFrom,
    /// The variable that goes before the settings.
    pub variable: String,
    /// The collector's address, without what may be secret in one; `None`: none, or what was asked for is no address.
    pub endpoint: Option<String>,
    /// When something was last taken by the collector; `None`: nothing yet.
    pub sent_at: Option<UnixMs>,
    /// What last went wrong; `None`: nothing, or something was taken since.
    pub failure: Option<TelemetryFailure>,
}

/// What other programs may learn, and whether that works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TelemetryView {
    /// The page for Prometheus.
    pub page: MetricsPage,
    /// What is sent to a collector.
    pub export: TelemetryExport,
}
